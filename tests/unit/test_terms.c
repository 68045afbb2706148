/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "format/manifest.h"
#include "policy/terms.h"

enum { USES = TERM_MECHANISM + 1 };

static void terms_are_found_for_their_use(void **state)
{
	static const struct {
		const char *id;
		enum term_use use;
		bool found, derogation, private_only;
	} rows[] = {
		{"eu-gdpr:A6-1-e", TERM_BASIS, true, false, false},
		{"eu-gdpr:A6-1-e", TERM_MECHANISM, false, false, false},
		{"eu-gdpr:A9-2-j", TERM_ARTICLE_9, true, false, false},
		{"eu-gdpr:A9-2-j", TERM_BASIS, false, false, false},
		{"gdpr:10-law", TERM_ARTICLE_10, true, false, false},
		{"eudpr:11-authority", TERM_ARTICLE_10, true, false, false},
		{"eudpr:48-3-b", TERM_MECHANISM, true, false, false},
		{"eu-gdpr:A49-2", TERM_MECHANISM, true, true, false},
		{"eudpr:50-1-g", TERM_MECHANISM, true, true, false},
		{"gdpr:45-3-dpf", TERM_MECHANISM, true, false, true},
		{"eudpr:47-1-dpf", TERM_MECHANISM, true, false, true},
		{"eu-gdpr:A45-3", TERM_MECHANISM, true, false, false},
		{"EU-GDPR:A6-1-E", TERM_BASIS, false, false, false},
		{"eu-gdpr:A6", TERM_BASIS, false, false, false},
		{"eu-gdpr:A6-1-e ", TERM_BASIS, false, false, false},
		{"", TERM_BASIS, false, false, false},
		{"https://w3id.org/dpv/legal/eu/gdpr#A6-1-e", TERM_BASIS, false, false, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct term *term = term_find(rows[i].id, rows[i].use);
		if ((term != NULL) != rows[i].found)
			fail_msg("%s: %sfound", rows[i].id, term != NULL ? "" : "not ");
		if (term != NULL && (term->derogation != rows[i].derogation || term->private_only != rows[i].private_only))
			fail_msg("%s: wrong flags", rows[i].id);
	}
}

/* Each once, with all its words, and short enough for where it is written down. */
static void the_table_is_sound(void **state)
{
	for (unsigned use = 0; use < USES; use++) {
		const struct term *term;
		size_t n = 0;
		for (; (term = term_get((enum term_use)use, n)) != NULL; n++) {
			assert_int_equal(term->use, use);
			if (term_find(term->id, term->use) != term)
				fail_msg("%s stands there twice", term->id);
			assert_true(strlen(term->id) <= TERM_MAX && term->text[0] != '\0' && strchr(term->source, '.') != NULL);
			assert_true(use == TERM_MECHANISM || (!term->derogation && !term->private_only && !term->adequacy));
			assert_true(strncmp(term->id, "eu-gdpr:", 8) == 0 || strncmp(term->id, "gdpr:", 5) == 0 ||
						strncmp(term->id, "eudpr:", 6) == 0);
		}
		assert_true(n > 0);
	}
}

/* What the vocabulary itself holds for these uses, by its own numbering: a term that is missing here is refused. */
static void the_vocabulary_is_there(void **state)
{
	static const struct {
		const char *stem, *letters;
		enum term_use use;
	} rows[] = {
		{"eu-gdpr:A6-1-", "abcdef", TERM_BASIS},         {"eudpr:5-1-", "abcde", TERM_BASIS},
		{"eu-gdpr:A9-2-", "abcdefghij", TERM_ARTICLE_9}, {"eudpr:10-2-", "abcdefghij", TERM_ARTICLE_9},
		{"eu-gdpr:A46-2-", "abcdef", TERM_MECHANISM},    {"eu-gdpr:A46-3-", "ab", TERM_MECHANISM},
		{"eu-gdpr:A49-1-", "abcdefg", TERM_MECHANISM},   {"eudpr:48-2-", "abcd", TERM_MECHANISM},
		{"eudpr:48-3-", "ab", TERM_MECHANISM},           {"eudpr:50-1-", "abcdefg", TERM_MECHANISM},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		for (const char *letter = rows[i].letters; *letter != '\0'; letter++) {
			char id[TERM_MAX + 1];
			(void)snprintf(id, sizeof id, "%s%c", rows[i].stem, *letter);
			if (term_find(id, rows[i].use) == NULL)
				fail_msg("%s is missing", id);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_are_found_for_their_use),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(the_vocabulary_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
