/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_NUMBERING_H
#define VALISE_BASE_NUMBERING_H

#include "base/cleanup.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Numbers for runs of words, from 0 in the order in which they first come: equal runs have equal numbers. So what
 * depends on a run alone is worked out once. Zero-initialised is empty. */
struct numbering {
	uint32_t count;  /* of different runs */
	uint32_t *words; /* all runs, one behind the other */
	size_t word_count, word_room;
	size_t *ends;    /* of run i in words */
	uint32_t *slots; /* open addressing: a run's number + 1; 0 is free */
	uint32_t slot_count;
};

/* *out the run's number; it is new where that was numbering->count before. errors: ERR_MEMORY. */
int numbering_find(struct numbering *numbering, const uint32_t *words, uint32_t count, uint32_t *out, struct err *err);
void numbering_clear(struct numbering *numbering);
#define auto_numbering AUTO(numbering_clear) struct numbering

#endif
