/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/shipped.h"

#include "base/io.h"

#include <stdio.h>

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

const struct shipped_file shipped_files[SHIPPED_FILES] = {
	{"gpg.conf", shipped_gpg_conf, &shipped_gpg_conf_len},
	{"gpg-agent.conf", shipped_gpg_agent_conf, &shipped_gpg_agent_conf_len},
};

int shipped_write(int home_fd, struct err *err)
{
	char name[32];
	for (size_t i = 0; i < SHIPPED_FILES; i++) {
		(void)snprintf(name, sizeof name, "gnupg/%s", shipped_files[i].name);
		if (io_replace_file(home_fd, name, shipped_files[i].text, *shipped_files[i].len, 0600, err) < 0)
			return -1;
	}
	return 0;
}
