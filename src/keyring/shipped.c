/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/shipped.h"

/* The assembler copies the files in; a change of theirs needs this file to be compiled again. */
#define SHIP(symbol, path)                            \
	__asm__(".pushsection .rodata\n"                  \
			".global " #symbol "\n"                   \
			".type " #symbol ", %object\n"            \
			".balign 16\n" #symbol ":\n"              \
			".incbin \"" path "\"\n"                  \
			".L" #symbol "_end:\n"                    \
			".byte 0\n"                               \
			".size " #symbol ", . - " #symbol "\n"    \
			".global " #symbol "_len\n"               \
			".type " #symbol "_len, %object\n"        \
			".balign 8\n" #symbol "_len:\n"           \
			".quad .L" #symbol "_end - " #symbol "\n" \
			".size " #symbol "_len, 8\n"              \
			".popsection\n")

SHIP(shipped_gpg_conf, "keys/gpg.conf");
SHIP(shipped_gpg_agent_conf, "keys/gpg-agent.conf");
