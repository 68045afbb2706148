/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/shipped.h"

/* The assembler takes the files as they are: what a person reads in manifests/ is what the program stands on, with no
 * generated copy between that could be stale. Paths are relative to the top of the sources, where make runs. */
#define SHIP(name, file)                                    \
	__asm__(".pushsection .rodata\n"                        \
			".global shipped_" #name "_start\n"             \
			".hidden shipped_" #name "_start\n"             \
			".global shipped_" #name "_end\n"               \
			".hidden shipped_" #name "_end\n"               \
			"shipped_" #name "_start:\n"                    \
			".incbin \"manifests/schemes/" file ".yaml\"\n" \
			"shipped_" #name "_end:\n"                      \
			".popsection\n");                               \
	extern const char shipped_##name##_start[], shipped_##name##_end[]

SHIP(cui, "cui");
SHIP(eu, "eu");
SHIP(limite, "limite");
SHIP(nato, "nato");
SHIP(pap, "pap");
SHIP(pd, "pd");
SHIP(pdcat, "pdcat");
SHIP(tlp, "tlp");
SHIP(uk, "uk");
SHIP(uk_marks, "uk-marks");
SHIP(us, "us");

static const struct {
	const char *name, *start, *end;
} shipped[] = {
	{"cui.yaml", shipped_cui_start, shipped_cui_end},
	{"eu.yaml", shipped_eu_start, shipped_eu_end},
	{"limite.yaml", shipped_limite_start, shipped_limite_end},
	{"nato.yaml", shipped_nato_start, shipped_nato_end},
	{"pap.yaml", shipped_pap_start, shipped_pap_end},
	{"pd.yaml", shipped_pd_start, shipped_pd_end},
	{"pdcat.yaml", shipped_pdcat_start, shipped_pdcat_end},
	{"tlp.yaml", shipped_tlp_start, shipped_tlp_end},
	{"uk.yaml", shipped_uk_start, shipped_uk_end},
	{"uk-marks.yaml", shipped_uk_marks_start, shipped_uk_marks_end},
	{"us.yaml", shipped_us_start, shipped_us_end},
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
