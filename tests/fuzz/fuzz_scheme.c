/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scheme.h"

#include "fuzz.h"

#include <stdio.h>
#include <string.h>

FUZZ_INITIALIZE

/* What the program shows a person to type must be taken for the same label when it is typed. */
static void check_typed(const struct scheme_set *set, struct label_ref ref)
{
	struct err err = ERR_INIT;
	struct label_ref again;
	char typed[SCHEME_TEXT_MAX + 1], id[LABEL_ID_MAX + 1];
	label_format_typed(typed, set, ref);
	label_format_id(id, ref);
	if (label_resolve(&again, set, typed, &err) != 0 || again.label != ref.label || again.legacy != NULL)
		abort();
	if (!label_find(&again, set, id) || again.label != ref.label)
		abort();
}

static void check_words(const struct scheme_set *set, struct label_ref ref)
{
	struct label_ref again;
	for (uint32_t i = 0; i < ref.label->tags.count; i++)
		if (!label_find_tag(&again, set, ref.label->tags.items[i]) || again.label != ref.label)
			abort();
	for (uint32_t i = 0; i < ref.label->stix.count; i++)
		if (!label_find_stix(&again, set, ref.label->stix.items[i]) || again.label != ref.label)
			abort();
}

/* The input as a word that somebody types. */
static void check_any_word(const struct scheme_set *set, const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct label_ref ref;
	char word[512];
	size_t len = size < sizeof word ? size : sizeof word - 1;
	memcpy(word, data, len);
	word[len] = '\0';
	fuzz_check(label_resolve(&ref, set, word, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT, circle = ERR_INIT;
	auto_schemes set = {0};
	if (size == 0)
		return 0;
	int rc = scheme_set_add(&set, (const char *)data, size, NULL, &err);
	fuzz_check(rc, &err);
	if (rc != 0)
		return 0;
	fuzz_check(scheme_set_check(&set, &circle), &circle);
	for (size_t i = 0; set.count > 0 && i < set.schemes[0].label_count; i++) {
		struct label_ref ref = {.scheme = &set.schemes[0], .label = &set.schemes[0].labels[i]};
		check_typed(&set, ref);
		check_words(&set, ref);
	}
	check_any_word(&set, data, size);
	return 0;
}
