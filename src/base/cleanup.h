/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_CLEANUP_H
#define VALISE_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Resources are declared with auto_*, released at the end of their scope, and handed over with steal_*(). */

#define AUTO(fn) [[gnu::cleanup(fn)]]

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void cleanup_file(FILE **f)
{
	if (*f != NULL)
		(void)fclose(*f);
}

#define auto_free AUTO(cleanup_free)
#define auto_fd AUTO(cleanup_fd)
#define auto_file AUTO(cleanup_file)

static inline int steal_fd(int *fd)
{
	int held = *fd;
	*fd = -1;
	return held;
}

/* steal(&p): the pointer, leaving NULL behind. */
#define steal(pp)                                     \
	({                                                \
		__typeof__(pp) steal_from = (pp);             \
		__typeof__(*steal_from) stolen = *steal_from; \
		*steal_from = NULL;                           \
		stolen;                                       \
	})

#endif
