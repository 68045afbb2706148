/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_PROGRESS_H
#define VALISE_CLI_PROGRESS_H

#include "base/progress.h"
#include "cli/terminal.h"

/* The bar on standard error: only at a terminal, and only for work that takes longer than a second. */
struct progress_bar {
	struct terminal *terminal;
	bool enabled, shown;
	double started, phase_started, drawn; /* seconds of the monotonic clock */
	uint64_t phase_from;                  /* bytes done when the phase was first heard of */
	char phase[32];
};

void progress_bar_init(struct progress_bar *bar, struct terminal *terminal, bool enabled);
/* Call before anything else is printed; does nothing where no bar stands there. */
void progress_bar_wipe(struct progress_bar *bar);
/* What the jobs get. Borrows bar. */
struct progress progress_bar_hook(struct progress_bar *bar);

/* One line of at most columns characters, for the tests also. */
void progress_format(char *out, size_t size, unsigned columns, const char *what, uint64_t done, uint64_t total,
					 double rate_bytes_s);

#endif
