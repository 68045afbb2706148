/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_MEDIA_PACED_H
#define VALISE_MEDIA_PACED_H

#include "base/err.h"

#include <stdint.h>

/* How what is written to a file there has to be written: by medium_wants_proof(). Where it travels it goes there in
 * order, as file systems without holes fill every gap first or refuse it, at the pace of the medium, and is read back.
 */
enum paced_care { CARE_STAYS, CARE_TRAVELS };

/* Writing at the pace of the medium. What is written goes into memory first, as much as a fifth of it, and a progress
 * bar would be done long before the stick is. So the file is pushed out in windows: one is written to the medium while
 * the next is filled, and whoever is two windows ahead waits. What is on the medium leaves the memory, which others
 * need. */
enum { PACED_WINDOW = 8 << 20 };

struct paced {
	int fd;         /* borrowed */
	uint64_t begun; /* of what is before this the writing to the medium has begun */
	uint64_t done;  /* what is before this was waited for, and left the memory */
};

static inline struct paced paced_begin(int fd)
{
	return (struct paced){.fd = fd};
}
/* All bytes before `end` were handed to the kernel. errors: ERR_IO, ERR_NO_SPACE: what the medium answered. */
int paced_reach(struct paced *paced, uint64_t end, struct err *err);
/* All of it is on the medium, as far as that says so. errors: as above. */
int paced_finish(const struct paced *paced, struct err *err);

/* For those who write a file from several threads, each its own run of it, one behind the other: begins to push
 * out [at, at + len), and waits for what lies two windows before. errors: as above. */
int paced_run(int fd, uint64_t at, uint64_t len, struct err *err);

/* For those who do not keep pace: lets the medium begin with [at, at + len) now, else all of it waits for the sync at
 * the end. Where that is not possible nothing is lost. */
void paced_start(int fd, uint64_t at, uint64_t len);

/* Zeros, [at, at + len), behind what is there: for what is written out of order later. errors: as above. */
int paced_zeros(struct paced *paced, uint64_t at, uint64_t len, struct err *err);

/* For those who write here and there, within what is there: `more` bytes were handed to the kernel. Once a window is
 * full it waits for the last one, and begins to push this one out. errors: as above. */
struct paced_places {
	int fd; /* borrowed */
	uint64_t since;
};
int paced_wrote(struct paced_places *places, uint64_t more, struct err *err);

#endif
