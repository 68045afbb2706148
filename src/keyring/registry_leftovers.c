/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/io.h"
#include "format/pgp.h"
#include "keyring/registry_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A certificate that waits is spoken of by the registry in force, where a command was killed before it took its place,
 * or by the draft. One that neither speaks of came with a change or an import that never was. */

struct lookout {
	const struct registry *registry;
	struct registry draft; /* owned */
	int keys_fd;
	unsigned count;
};

/* FPR.next, FPR.registry.import, …: whose; false for any other name. */
static bool parse_waiting(struct fingerprint *out, const char *name)
{
	const char *suffix = strrchr(name, '.');
	const size_t len = strcspn(name, ".");
	return suffix != NULL && (strcmp(suffix, ".next") == 0 || strcmp(suffix, ".import") == 0) &&
		   fingerprint_parse(out, name, len);
}

static bool speaks_of(const struct registry *registry, const struct fingerprint *fpr, const struct digest *digest)
{
	const struct partner *partner = registry_find(registry, fpr);
	return partner != NULL && digest_equal(partner_key_of(partner, fpr).certificate, digest);
}

/* One that cannot be read is let be: what is not known is no leftover. */
static void look_at(struct lookout *lookout, const char *name)
{
	auto_buf bytes = {0};
	struct err ignored = ERR_INIT;
	struct fingerprint fpr;
	struct digest digest;
	if (!parse_waiting(&fpr, name) || io_read_file(&bytes, lookout->keys_fd, name, PGP_CERT_MAX, &ignored) < 0)
		return;
	hash_bytes(&digest, bytes.data, bytes.len);
	lookout->count += !speaks_of(lookout->registry, &fpr, &digest) && !speaks_of(&lookout->draft, &fpr, &digest);
}

static int look_at_all(struct lookout *lookout, struct err *err)
{
	const struct station *station = lookout->registry->station;
	if (registry_read(&lookout->draft, station, REGISTRY_DRAFT_NAME, NULL, err) < 0)
		return -1;
	lookout->keys_fd = openat(station->home_fd, "keys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = lookout->keys_fd >= 0 ? fdopendir(lookout->keys_fd) : NULL;
	if (dir == NULL) {
		if (lookout->keys_fd >= 0)
			(void)close(lookout->keys_fd);
		return err_sys(err, "cannot read %s/keys", station->home);
	}
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		look_at(lookout, entry->d_name);
	(void)closedir(dir);
	return 0;
}

int registry_count_leftovers(const struct registry *registry, unsigned *out, struct err *err)
{
	struct lookout lookout = {.registry = registry, .keys_fd = -1};
	int rc = look_at_all(&lookout, err);
	registry_close(&lookout.draft);
	*out = lookout.count;
	return rc;
}
