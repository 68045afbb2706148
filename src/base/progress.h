/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_PROGRESS_H
#define VALISE_BASE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/* How a job tells how far it is. Called from one thread, many times a second; the command layer decides what to show.
 * A NULL function is silence. */
struct progress {
	void (*update)(void *ctx, const char *what, uint64_t done_bytes, uint64_t total_bytes);
	void *ctx;
};

static inline void progress_update(const struct progress *p, const char *what, uint64_t done, uint64_t total)
{
	if (p != NULL && p->update != NULL)
		p->update(p->ctx, what, done, total);
}

#endif
