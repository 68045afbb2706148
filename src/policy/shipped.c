/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/shipped.h"

/* The assembler takes the files as they are: what a person reads in manifests/ is what the program stands on, with no
 * generated copy between that could be stale. Paths are relative to the top of the sources, where make runs. */
#define SHIP(name)                                           \
	__asm__(".pushsection .rodata\n"                         \
			".global shipped_" #name "_start\n"              \
			".hidden shipped_" #name "_start\n"              \
			".global shipped_" #name "_end\n"                \
			".hidden shipped_" #name "_end\n"                \
			"shipped_" #name "_start:\n"                     \
			".incbin \"manifests/schemes/" #name ".yaml\"\n" \
			"shipped_" #name "_end:\n"                       \
			".popsection\n");                                \
	extern const char shipped_##name##_start[], shipped_##name##_end[]

SHIP(pap);
SHIP(pd);
SHIP(tlp);

static const struct {
	const char *name, *start, *end;
} shipped[] = {
	{"pap.yaml", shipped_pap_start, shipped_pap_end},
	{"pd.yaml", shipped_pd_start, shipped_pd_end},
	{"tlp.yaml", shipped_tlp_start, shipped_tlp_end},
};

_Bool shipped_scheme_get(size_t n, struct shipped_scheme *out)
{
	if (n >= sizeof shipped / sizeof *shipped)
		return 0;
	out->name = shipped[n].name;
	out->bytes = shipped[n].start;
	out->len = (size_t)(shipped[n].end - shipped[n].start);
	return 1;
}
