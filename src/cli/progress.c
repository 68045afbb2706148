/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include "cli/show.h"

#include <string.h>
#include <time.h>

enum { BAR_CELLS = 16, LINE_MAX_BYTES = 256 };

static double seconds_now(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_bar_init(struct progress_bar *bar, struct terminal *terminal, bool enabled)
{
	const char *term = getenv("TERM");
	bool dumb = term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
	*bar = (struct progress_bar){
		.terminal = terminal,
		.enabled = enabled && terminal->err.is_terminal && !dumb,
		.started = seconds_now(),
	};
}

void progress_bar_wipe(struct progress_bar *bar)
{
	if (!bar->shown)
		return;
	(void)fputs("\r\033[K", bar->terminal->err.file);
	(void)fflush(bar->terminal->err.file);
	bar->shown = false;
}

static void format_bar(char out[static BAR_CELLS + 1], double share)
{
	unsigned filled = (unsigned)(share * BAR_CELLS);
	for (unsigned i = 0; i < BAR_CELLS; i++)
		out[i] = i < filled ? '#' : '.';
	out[BAR_CELLS] = '\0';
}

static void format_left(char *out, size_t size, uint64_t left, double rate)
{
	double seconds = rate > 0 ? (double)left / rate : 0;
	if (rate <= 0 || seconds > 360000)
		(void)snprintf(out, size, "%s", "");
	else if (left == 0)
		(void)snprintf(out, size, "  finishing");
	else if (seconds < 120)
		(void)snprintf(out, size, "  %d s left", (int)seconds + 1);
	else if (seconds < 7200)
		(void)snprintf(out, size, "  %d min left", (int)(seconds / 60) + 1);
	else
		(void)snprintf(out, size, "  %d h left", (int)(seconds / 3600) + 1);
}

void progress_format(char *out, size_t size, unsigned columns, const char *what, uint64_t done, uint64_t total,
					 double rate_bytes_s)
{
	char bar[BAR_CELLS + 1], left[128];
	if (done > total)
		done = total;
	double share = total > 0 ? (double)done / (double)total : 0;
	format_bar(bar, share);
	format_left(left, sizeof left, total - done, rate_bytes_s);
	(void)snprintf(out, size, "%s [%s] %3d %%  %s of %s  %s/s%s", what, bar, (int)(share * 100), show_size(done).text,
				   show_size(total).text, show_size((uint64_t)rate_bytes_s).text, left);
	/* A line that wraps cannot be wiped. All of it is ASCII. */
	if (strlen(out) >= columns && columns < size)
		out[columns - 1] = '\0';
}

static void start_phase(struct progress_bar *bar, const char *what, uint64_t done, double now)
{
	(void)snprintf(bar->phase, sizeof bar->phase, "%s", what);
	bar->phase_started = now;
	bar->phase_from = done;
}

static void on_update(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct progress_bar *bar = ctx;
	double now = seconds_now();
	if (strcmp(bar->phase, what) != 0)
		start_phase(bar, what, done, now);
	if (now - bar->started < 1 || now - bar->drawn < 0.1 || total == 0)
		return;
	double elapsed = now - bar->phase_started;
	double rate = elapsed > 0.2 && done > bar->phase_from ? (double)(done - bar->phase_from) / elapsed : 0;
	char line[LINE_MAX_BYTES];
	progress_format(line, sizeof line, bar->terminal->err.columns, what, done, total, rate);
	(void)fprintf(bar->terminal->err.file, "\r%s\033[K", line);
	(void)fflush(bar->terminal->err.file);
	bar->shown = true;
	bar->drawn = now;
}

struct progress progress_bar_hook(struct progress_bar *bar)
{
	return (struct progress){.update = bar->enabled ? on_update : NULL, .ctx = bar};
}
