/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/secrets.h"

#include "base/array.h"
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define SECRETS_DIR "secrets"

enum { FILE_MAX = 16 << 10, NAME_MAX_LEN = FINGERPRINT_MAX + 1 + 4 + 1 + 16 + 4 + 1 };

void secret_refs_clear(struct secret_refs *refs)
{
	free(refs->items);
	*refs = (struct secret_refs){0};
}

/* --- names --- */

static void format_name(char out[static NAME_MAX_LEN], const struct secret_ref *ref)
{
	(void)snprintf(out, NAME_MAX_LEN, "%s-%04u-%s.pgp", ref->partner.hex, ref->number, ref->id_hex);
}

static bool parse_name(struct secret_ref *out, const char *name)
{
	char again[NAME_MAX_LEN];
	size_t len = strcspn(name, "-");
	*out = (struct secret_ref){0};
	if (!fingerprint_parse(&out->partner, name, len) || strlen(name + len) != 1 + 4 + 1 + 16 + 4 ||
		!hex_decode(out->id, SECRET_ID_BYTES, name + len + 6, 16))
		return false;
	for (size_t i = len + 1; i < len + 5; i++)
		out->number = 10 * out->number + (unsigned)(unsigned char)name[i] - '0';
	hex_encode(out->id_hex, out->id, SECRET_ID_BYTES);
	format_name(again, out);
	return strcmp(again, name) == 0;
}

static int compare_refs(const void *a, const void *b)
{
	const struct secret_ref *first = a, *second = b;
	int by_partner = strcmp(first->partner.hex, second->partner.hex);
	if (by_partner != 0)
		return by_partner;
	return first->number != second->number ? (first->number > second->number) - (first->number < second->number)
										   : strcmp(first->id_hex, second->id_hex);
}

/* --- listing --- */

static int append(struct secret_refs *out, const struct secret_ref *ref, struct err *err)
{
	struct secret_ref *grown = array_grow(out->items, out->count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	out->items = grown;
	out->items[out->count++] = *ref;
	return 0;
}

/* A name that is not understood is no reason to go without: then a bundle would be sealed with less than was agreed. */
static int list_one(struct secret_refs *out, const char *name, struct err *err)
{
	struct secret_ref ref;
	if (name[0] == '.') /* and the temporary file of a command that was killed */
		return 0;
	if (parse_name(&ref, name))
		return append(out, &ref, err);
	(void)err_set(err, ERR_STATION, SECRETS_DIR "/%s in the station's home is no name of a pre-shared secret", name);
	return err_hint(err, "move it away, or give it back the name that it had");
}

static int list_folder(struct secret_refs *out, DIR *dir, struct err *err)
{
	for (struct dirent *entry; errno = 0, (entry = readdir(dir)) != NULL;)
		if (list_one(out, entry->d_name, err) < 0)
			return -1;
	return errno == 0 ? 0 : err_sys(err, "cannot read " SECRETS_DIR " in the station's home");
}

int secrets_list(struct secret_refs *out, const struct station *station, struct err *err)
{
	auto_secret_refs refs = {0};
	*out = (struct secret_refs){0};
	int fd = openat(station->home_fd, SECRETS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, "cannot open " SECRETS_DIR " in the station's home");
	DIR *dir = fdopendir(fd);
	if (dir == NULL) {
		(void)close(fd);
		return err_sys(err, "cannot read " SECRETS_DIR " in the station's home");
	}
	int rc = list_folder(&refs, dir, err);
	(void)closedir(dir);
	if (rc < 0)
		return -1;
	if (refs.count > 1)
		qsort(refs.items, refs.count, sizeof *refs.items, compare_refs);
	*out = refs;
	refs = (struct secret_refs){0};
	return 0;
}

const struct secret_ref *secrets_newest(const struct secret_refs *refs, const struct fingerprint *partner)
{
	const struct secret_ref *newest = NULL;
	for (unsigned i = 0; i < refs->count; i++)
		if (fingerprint_equal(&refs->items[i].partner, partner))
			newest = &refs->items[i];
	return newest;
}

const struct secret_ref *secrets_for(const struct secret_refs *refs, const struct partner *partner)
{
	const struct secret_ref *found = secrets_newest(refs, &partner->fingerprint);
	for (uint32_t i = partner->former_count; i > 0 && found == NULL; i--)
		found = secrets_newest(refs, &partner->former[i - 1].fingerprint);
	return found;
}

static int append_of_key(struct secret_refs *out, const struct secret_refs *refs, const struct fingerprint *key,
						 struct err *err)
{
	for (unsigned i = 0; i < refs->count; i++)
		if (fingerprint_equal(&refs->items[i].partner, key) && append(out, &refs->items[i], err) < 0)
			return -1;
	return 0;
}

int secrets_of(struct secret_refs *out, const struct secret_refs *refs, const struct partner *partner, struct err *err)
{
	auto_secret_refs of = {0};
	*out = (struct secret_refs){0};
	for (uint32_t i = 0; i < partner->former_count; i++) /* the oldest first */
		if (append_of_key(&of, refs, &partner->former[i].fingerprint, err) < 0)
			return -1;
	if (append_of_key(&of, refs, &partner->fingerprint, err) < 0)
		return -1;
	*out = of;
	of = (struct secret_refs){0};
	return 0;
}

const struct secret_ref *secrets_find(const struct secret_refs *refs, const unsigned char id[static SECRET_ID_BYTES])
{
	for (unsigned i = 0; i < refs->count; i++)
		if (memcmp(refs->items[i].id, id, SECRET_ID_BYTES) == 0)
			return &refs->items[i];
	return NULL;
}

/* --- opening --- */

int secrets_open(struct secret **out, const struct station *station, const struct secret_ref *ref, struct gpg *gpg,
				 struct err *err)
{
	char path[sizeof SECRETS_DIR + NAME_MAX_LEN], name[NAME_MAX_LEN];
	auto_buf sealed = {0};
	auto_secret *text = NULL;
	*out = NULL;
	format_name(name, ref);
	(void)snprintf(path, sizeof path, SECRETS_DIR "/%s", name);
	if (io_read_file(&sealed, station->home_fd, path, FILE_MAX, err) < 0)
		return -1;
	if (gpg_decrypt(gpg, sealed.data, sealed.len, channel_secret_text_len(&ref->partner), &text, err) < 0) {
		if (err->code == ERR_SLOT)
			(void)err_recode(err, ERR_STATION);
		return err_wrap(err, "the pre-shared secret %s: ", ref->id_hex);
	}
	return channel_secret_parse(out, text, &ref->partner, ref->id, err) < 0 ? err_wrap(err, "%s: ", path) : 0;
}

/* --- keeping --- */

static int seal(struct buf *out, const struct station *station, const struct secret *text, struct err *err)
{
	auto_buf certificate = {0};
	auto_gpg *gpg = NULL;
	if (station_certificate(station, &certificate, err) < 0 || gpg_open_throwaway(&gpg, err) < 0 ||
		gpg_import(gpg, certificate.data, certificate.len, &station->doc.fingerprint, err) < 0)
		return -1;
	if (gpg_encrypt(gpg, &station->doc.fingerprint, text, out, err) == 0)
		return 0;
	if (err->code == ERR_RECIPIENT) {
		(void)err_recode(err, ERR_STATION);
		return err_hint(err, "the secret would be protected by this station's own key: renew that first");
	}
	return -1;
}

static int open_folder(const struct station *station, struct err *err)
{
	if (mkdirat(station->home_fd, SECRETS_DIR, 0700) < 0 && errno != EEXIST)
		return err_sys(err, "cannot make " SECRETS_DIR " in the station's home");
	int fd = openat(station->home_fd, SECRETS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 ? fd : err_sys(err, "cannot open " SECRETS_DIR " in the station's home");
}

static int choose_ref(struct secret_ref *out, const struct station *station, const struct fingerprint *partner,
					  const struct secret *secret, struct err *err)
{
	auto_secret_refs refs = {0};
	if (secrets_list(&refs, station, err) < 0)
		return -1;
	const struct secret_ref *newest = secrets_newest(&refs, partner);
	*out = (struct secret_ref){.partner = *partner, .number = newest != NULL ? newest->number + 1 : 1};
	channel_secret_id(out->id, secret);
	hex_encode(out->id_hex, out->id, SECRET_ID_BYTES);
	if (secrets_find(&refs, out->id) != NULL)
		return err_set(err, ERR_EXISTS, "this secret is kept here already, its id is %s", out->id_hex);
	if (out->number > SECRET_NUMBER_MAX)
		return err_set(err, ERR_LIMIT, "more than %d secrets with one partner", SECRET_NUMBER_MAX);
	return 0;
}

int secrets_add(const struct station *station, const struct fingerprint *partner, const struct secret *secret,
				struct secret_ref *out, struct err *err)
{
	char name[NAME_MAX_LEN];
	auto_secret *text = NULL;
	auto_buf sealed = {0};
	if (choose_ref(out, station, partner, secret, err) < 0 || channel_secret_format(&text, secret, partner, err) < 0 ||
		seal(&sealed, station, text, err) < 0)
		return -1;
	auto_fd int fd = open_folder(station, err);
	format_name(name, out);
	return fd < 0 ? -1 : io_replace_file(fd, name, sealed.data, sealed.len, 0600, err);
}

int secrets_remove(const struct station *station, const struct secret_ref *ref, struct err *err)
{
	char name[NAME_MAX_LEN];
	format_name(name, ref);
	auto_fd int fd = open_folder(station, err);
	if (fd < 0)
		return -1;
	if (unlinkat(fd, name, 0) < 0)
		return err_sys(err, "cannot remove " SECRETS_DIR "/%s", name);
	return io_sync_dir(fd, err);
}
