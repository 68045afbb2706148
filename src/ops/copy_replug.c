/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/copy_internal.h"

#include "base/path.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* What a medium's controller remembers is gone once it was without power. So it is taken out, put back, and all that
 * was copied is read once more, with what was remembered here and not with what lay beside it. */

int copy_check_replug(const struct medium *medium, struct err *err)
{
	if (medium->point[0] == '/' && medium->point[1] != '\0')
		return 0;
	(void)err_set(err, ERR_USAGE, "--replug: the copies do not go to a medium that can be taken out");
	return err_hint(err, "leave --replug out, or name a folder on a stick or card that is mounted");
}

struct waiting {
	const struct copy_request *request;
	const struct medium *before;
	const char *first;  /* the path of the first copy */
	const char *inside; /* the same from the medium's top on */
	int watch;
};

static void waiting_clear(const struct waiting *waiting)
{
	if (waiting->watch >= 0)
		(void)close(waiting->watch);
}

static void tell(const struct waiting *waiting, enum copy_waits what)
{
	if (waiting->request->wait != NULL)
		waiting->request->wait(waiting->request->wait_ctx, what, waiting->before);
}

/* Another mounting of it: taken out and put back while nobody looked counts as well. */
static bool is_another(const struct medium *before, const struct medium *now)
{
	return now->mount != before->mount || now->disk != before->disk;
}

static bool is_out(const struct waiting *waiting)
{
	struct err ignored = ERR_INIT;
	auto_medium now = {0};
	return medium_look_at(&now, waiting->before->point, &ignored) < 0 || is_another(waiting->before, &now);
}

static int wait_until_out(struct waiting *waiting, struct err *err)
{
	tell(waiting, COPY_WAITS_LEAVING);
	while (!is_out(waiting))
		if (media_wait_change(&waiting->watch, err) < 0)
			return -1;
	return 0;
}

/* Whether the copy is below this point now. out: *out_point malloc'd. */
static bool is_at(const struct waiting *waiting, const char *point, char **out_point)
{
	struct stat st;
	struct err ignored = ERR_INIT;
	auto_free char *path = NULL;
	if (path_join(&path, point, waiting->inside, &ignored) < 0 || lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	*out_point = strdup(point);
	return *out_point != NULL;
}

/* Where it was, or where it is mounted now: systems that mount by themselves may choose another place. */
static bool is_back(const struct waiting *waiting, char **out_point)
{
	struct err ignored = ERR_INIT;
	auto_media media = {0};
	if (is_at(waiting, waiting->before->point, out_point))
		return true;
	if (media_find(&media, &ignored) < 0)
		return false;
	for (size_t i = 0; i < media.count; i++)
		if (is_at(waiting, media.items[i].point, out_point))
			return true;
	return false;
}

static int wait_until_back(struct waiting *waiting, char **out_point, struct err *err)
{
	tell(waiting, COPY_WAITS_RETURN);
	while (!is_back(waiting, out_point))
		if (media_wait_change(&waiting->watch, err) < 0)
			return -1;
	return 0;
}

static int read_again(struct copied *item, const struct waiting *waiting, const char *point, struct err *err)
{
	auto_free char *path = NULL;
	if (path_join(&path, point, item->path + (waiting->inside - waiting->first), err) < 0)
		return -1;
	auto_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open %s, which was there before the medium was taken out", path);
	return copy_read_back(item, fd, path, NULL, waiting->request->progress, err);
}

/* All copies lie in one folder, below the point where their medium is mounted. */
static const char *below_point(const char *path, const char *point)
{
	const char *inside = path + strlen(point);
	while (*inside == '/')
		inside++;
	return inside;
}

int copy_replug(struct copy_job *job, struct copy_report *out, struct err *err)
{
	const struct copy_request *request = job->request;
	const char *first = out->items[0].path;
	AUTO(waiting_clear)
	struct waiting waiting = {.request = request,
							  .before = &out->medium,
							  .first = first,
							  .inside = below_point(first, out->medium.point),
							  .watch = -1};
	auto_free char *point = NULL;
	auto_medium now = {0};
	/* The watch begins before the first look: what changes between the two is told. */
	if (media_wait_change(&waiting.watch, err) < 0 || wait_until_out(&waiting, err) < 0 ||
		wait_until_back(&waiting, &point, err) < 0 || medium_look_at(&now, point, err) < 0)
		return -1;
	for (unsigned i = 0; i < out->count; i++)
		if (read_again(&out->items[i], &waiting, point, err) < 0) {
			copy_note_outcome(job, &out->items[i], &out->notices, err);
			return -1;
		}
	out->replugged = now.disk != 0 && now.disk != out->medium.disk ? REPLUG_WAS_OUT : REPLUG_NOT_PROVEN;
	return 0;
}
