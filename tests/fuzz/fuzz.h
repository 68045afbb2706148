/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_TESTS_FUZZ_H
#define VALISE_TESTS_FUZZ_H

#include "base/err.h"
#include "base/hash.h"
#include "base/secret.h"

#include <locale.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* libFuzzer's entry points. A harness feeds one parser; what it must never do is end by a signal, leak, or say yes to
 * something that it then writes differently. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define FUZZ_INITIALIZE                                                   \
	int LLVMFuzzerInitialize(int *argc, char ***argv)                     \
	{                                                                     \
		struct err err = ERR_INIT;                                        \
		(void)argc, (void)argv;                                           \
		(void)setlocale(LC_CTYPE, "C.UTF-8");                             \
		if (hash_library_init(&err) < 0 || secret_library_init(&err) < 0) \
			abort();                                                      \
		return 0;                                                         \
	}

/* A parser fails with a code and a reason, or not at all. */
static inline void fuzz_check(int rc, const struct err *err)
{
	if ((rc < 0) != (err->code != ERR_OK) || (rc < 0 && err->message[0] == '\0') || err->code == ERR_INTERNAL)
		abort();
}

#endif
