/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/backup.h"

#include "base/io.h"
#include "keyring/gpg_symmetric.h"
#include "keyring/registry_change.h"
#include "media/output.h"
#include "ops/backup_archive.h"
#include "ops/backup_gather.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

void backup_result_clear(struct backup_result *result)
{
	free(result->path);
	notices_clear(&result->notices);
	*result = (struct backup_result){0};
}

int backup_read(int fd, const struct secret *passphrase, const struct backup_taker *taker,
				const struct progress *progress, const char *what, struct backup_doc *out, struct err *err)
{
	struct stat st;
	auto_backup_sink *sink = NULL;
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at the backup");
	if (backup_sink_new(&sink, taker, progress, what, (uint64_t)st.st_size, err) < 0 ||
		gpg_symmetric_open(fd, passphrase, backup_sink_write, sink, err) < 0)
		return -1;
	return backup_sink_finish(sink, out, err);
}

/* --- while nobody changes the station --- */

struct job {
	const struct backup_request *request;
	struct session session; /* its station alone, and the lock of a packing job */
	int registry_lock;
	struct backup_home home;
	struct backup_doc doc;
	struct output *output;
};

static void job_clear(struct job *job)
{
	output_free(job->output);
	backup_doc_clear(&job->doc);
	backup_home_clear(&job->home);
	cleanup_fd(&job->registry_lock);
	session_close(&job->session);
}

/* Neither packing nor a change of partners in between. Who cannot write to the home has no need to keep others off. */
static int lock_station(struct job *job, struct err *err)
{
	if (faccessat(job->session.station.home_fd, ".", W_OK, AT_EACCESS) < 0)
		return 0;
	if (session_lock(&job->session, err) < 0)
		return -1;
	job->registry_lock = registry_lock(&job->session.station, err);
	return job->registry_lock < 0 ? -1 : 0;
}

static int refuse_inside(const struct job *job, struct err *err)
{
	auto_free char *home = realpath(job->session.station.home, NULL);
	const char *path = output_final_path(job->output);
	if (home == NULL)
		return err_sys(err, "cannot find %s", job->session.station.home);
	size_t len = strlen(home);
	if (strncmp(path, home, len) != 0 || path[len] != '/')
		return 0;
	(void)err_set(err, ERR_USAGE, "a backup inside of the home that it is of would be lost with it");
	return err_hint(err, "write it to another place, best to another medium");
}

static int open_station(struct job *job, struct err *err)
{
	struct station *station = &job->session.station;
	auto_free char *path = NULL;
	if (station_home_path(&path, job->request->home, err) < 0 || station_open(station, path, err) < 0 ||
		output_open(&job->output, job->request->output, OUTPUT_FILE, err) < 0 || refuse_inside(job, err) < 0)
		return -1;
	job->home.home = station->home;
	job->home.home_fd = station->home_fd;
	return lock_station(job, err);
}

static int gather(struct job *job, struct err *err)
{
	struct backup_doc *doc = &job->doc;
	const struct station_doc *station = &job->session.station.doc;
	doc->created = utc_now();
	doc->fingerprint = station->fingerprint;
	(void)snprintf(doc->tool, sizeof doc->tool, "valise %s", VALISE_VERSION);
	(void)snprintf(doc->name, sizeof doc->name, "%s", station->party.name);
	(void)snprintf(doc->organisation, sizeof doc->organisation, "%s", station->party.organisation);
	return backup_copy_ledger(&job->home, err) < 0 ? -1 : backup_gather(doc, &job->home, err);
}

/* --- writing and reading back --- */

static int write_archive(struct job *job, struct err *err)
{
	auto_backup_source *source = NULL;
	if (backup_source_new(&source, &job->doc, backup_open, &job->home, job->request->progress, err) < 0 ||
		output_check_space(job->output, backup_source_bytes(source), err) < 0 ||
		gpg_symmetric_seal(output_fd(job->output), job->request->passphrase, backup_source_read, source, err) < 0)
		return -1;
	return output_sync(job->output, err);
}

static int compare_lists(const struct backup_doc *a, const struct backup_doc *b, struct err *err)
{
	auto_buf one = {0}, other = {0};
	if (backup_doc_format(&one, a, err) < 0 || backup_doc_format(&other, b, err) < 0)
		return -1;
	if (one.len == other.len && memcmp(one.data, other.data, one.len) == 0)
		return 0;
	return err_set(err, ERR_DAMAGED, "what was read back is not what was written");
}

/* As restoring would read it, from the medium as far as the system lets us. */
static int read_back(struct job *job, struct err *err)
{
	const struct backup_taker nobody = {0};
	auto_backup_doc back = {0};
	int fd = output_fd(job->output);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (gpg_symmetric_check(fd, err) < 0 ||
		backup_read(fd, job->request->passphrase, &nobody, job->request->progress, "checking", &back, err) < 0 ||
		compare_lists(&job->doc, &back, err) < 0) {
		(void)err_wrap(err, "the backup was written, but cannot be read back: ");
		return err->code == ERR_CANCELLED ? -1 : err_hint(err, "try again, on another medium");
	}
	return 0;
}

/* --- the end --- */

static int fill_result(struct backup_result *out, const struct job *job, struct err *err)
{
	struct stat st;
	if (fstat(output_fd(job->output), &st) < 0)
		return err_sys(err, "cannot look at the backup");
	out->bytes = (uint64_t)st.st_size;
	out->created = job->doc.created;
	for (uint32_t i = 0; i < job->doc.count; i++)
		out->files += job->doc.entries[i].type != ENTRY_FOLDER;
	out->path = strdup(output_final_path(job->output));
	return out->path != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

/* The backup is there, whatever becomes of this. */
static void note_backup(struct backup_result *out, const struct job *job)
{
	struct err err = ERR_INIT;
	auto_ledger *ledger = NULL;
	if (ledger_open(&ledger, job->home.home, LEDGER_WRITE, &err) < 0 ||
		ledger_note(ledger, "backup", ERR_OK, NULL, NULL, NULL, out->path, &err) < 0)
		notice_add(&out->notices, "the ledger does not record this backup: %s", err.message);
}

static int check_passphrase(const struct secret *passphrase, struct err *err)
{
	if (passphrase->len >= BACKUP_PASSPHRASE_MIN)
		return 0;
	(void)err_set(err, ERR_USAGE, "the passphrase is shorter than %d bytes", BACKUP_PASSPHRASE_MIN);
	return err_hint(err, "whoever finds the file may try for years: five or more words picked by dice are good");
}

static int make(struct backup_result *out, struct job *job, struct err *err)
{
	if (check_passphrase(job->request->passphrase, err) < 0 || open_station(job, err) < 0 ||
		station_facts_read(&out->facts, job->home.home, err) < 0 || gather(job, err) < 0 ||
		write_archive(job, err) < 0 || read_back(job, err) < 0 || fill_result(out, job, err) < 0 ||
		output_commit(job->output, err) < 0)
		return -1;
	note_backup(out, job);
	return 0;
}

int backup_make(struct backup_result *out, const struct backup_request *request, struct err *err)
{
	AUTO(job_clear)
	struct job job = {.request = request, .session = {.lock_fd = -1}, .registry_lock = -1, .home = {.ledger_fd = -1}};
	*out = (struct backup_result){0};
	if (make(out, &job, err) == 0)
		return 0;
	backup_result_clear(out);
	return -1;
}
