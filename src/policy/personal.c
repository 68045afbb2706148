/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/personal.h"

#include "base/text.h"
#include "policy/rule_view.h"
#include "policy/terms.h"

#include <string.h>

#define EUDPR "Regulation (EU) 2018/1725 Art. "

static const char *const sources[RECORD_FIELD_COUNT] = {
	[RECORD_CONTROLLER] = "GDPR Art. 30(1)(a); " EUDPR "31(1)(a)",
	[RECORD_CONTACT] = "GDPR Art. 30(1)(a); " EUDPR "31(1)(a)",
	[RECORD_DPO] = "GDPR Art. 30(1)(a); " EUDPR "31(1)(a)",
	[RECORD_PURPOSES] = "GDPR Art. 30(1)(b); " EUDPR "31(1)(b)",
	[RECORD_SUBJECTS] = "GDPR Art. 30(1)(c); " EUDPR "31(1)(c)",
	[RECORD_CATEGORIES] = "GDPR Art. 30(1)(c); " EUDPR "31(1)(c)",
	[RECORD_NUMBER] = "GDPR Art. 30(1)(c); " EUDPR "31(1)(c)",
	[RECORD_RECIPIENTS] = "GDPR Art. 30(1)(d); " EUDPR "31(1)(d)",
	[RECORD_THIRD_COUNTRY] = "GDPR Art. 30(1)(e); " EUDPR "31(1)(e)",
	[RECORD_BASIS] = "GDPR Art. 6(1); " EUDPR "5(1)",
	[RECORD_RETENTION] = "GDPR Art. 30(1)(f); " EUDPR "31(1)(f)",
	[RECORD_MECHANISM] = "GDPR Art. 44 to 49; " EUDPR "46 to 50",
	[RECORD_REFERENCE] = "GDPR Art. 30(1)(e); " EUDPR "31(1)(e)",
	[RECORD_DEROGATION_REASON] = "GDPR Art. 49(1) and (6); " EUDPR "50(1)",
	[RECORD_ARTICLE_9] = "GDPR Art. 9(2); " EUDPR "10(2)",
	[RECORD_ARTICLE_10] = "GDPR Art. 10; " EUDPR "11",
	[RECORD_KEY_HOLDER] = "GDPR Art. 4(5); " EUDPR "3(6)",
};

static bool has(const struct record *record, enum record_field field)
{
	const char *text = record->texts[field];
	return text != NULL && text[strspn(text, " ")] != '\0';
}

static void list_terms(enum term_use use, struct rule_words *out)
{
	const struct term *term;
	for (size_t n = 0; (term = term_get(use, n)) != NULL; n++) {
		if (out->used + strlen(term->id) + sizeof ", …" > sizeof out->text / 2) {
			rule_words_add(out, ", …");
			return;
		}
		rule_words_list(out, term->id);
	}
}

static int fail_missing(const struct record *record, enum record_field field, struct err *err)
{
	(void)err_set(err, ERR_PERSONAL_DATA, "the processing record \"%s\" does not say %s (%s)", record->id,
				  record_keys[field], sources[field]);
	return err_hint(err, "fill it in the record of the label file: %s: \"…\"", record_keys[field]);
}

static int fail_form(const struct record *record, enum record_field field, const char *wanted, struct err *err)
{
	(void)err_set(err, ERR_PERSONAL_DATA, "the processing record \"%s\": %s must be %s, not \"%.64s\" (%s)", record->id,
				  record_keys[field], wanted, record->texts[field], sources[field]);
	return err_hint(err, "correct %s in the record of the label file", record_keys[field]);
}

static int fail_term(const struct record *record, enum record_field field, enum term_use use, struct err *err)
{
	struct rule_words known = {0};
	list_terms(use, &known);
	(void)err_set(err, ERR_PERSONAL_DATA, "the processing record \"%s\": there is no %s \"%.64s\" (%s)", record->id,
				  record_keys[field], record->texts[field], sources[field]);
	return err_hint(err, "write one of the terms of valise-labels(5) for %s: %s", record_keys[field], known.text);
}

/* --- the record --- */

static const char *skip_digits(const char *text)
{
	return text + strspn(text, "0123456789");
}

/* Numbers, each before its letter, letters in this order and none twice. *count: how many. */
static const char *skip_parts(const char *text, const char *letters, unsigned *count)
{
	*count = 0;
	for (;;) {
		const char *end = skip_digits(text);
		const char *letter = end == text || *end == '\0' ? NULL : strchr(letters, *end);
		if (letter == NULL)
			return text;
		letters = letter + 1;
		text = end + 1;
		(*count)++;
	}
}

static bool is_duration(const char *text)
{
	unsigned days, times = 0;
	if (*text != 'P')
		return false;
	text = skip_parts(text + 1, "YMD", &days);
	if (days == 0 && (text = skip_parts(text, "W", &days), days > 0))
		return *text == '\0';
	if (*text == 'T') {
		text = skip_parts(text + 1, "HMS", &times);
		if (times == 0)
			return false;
	}
	return days + times > 0 && *text == '\0';
}

/* A day that there is: the time parser knows the calendar. */
static bool is_day(const char *text)
{
	char time[UTC_TEXT + 1];
	int64_t parsed;
	if (strlen(text) != sizeof "YYYY-MM-DD" - 1)
		return false;
	memcpy(time, text, sizeof "YYYY-MM-DD" - 1);
	memcpy(time + sizeof "YYYY-MM-DD" - 1, "T00:00:00Z", sizeof "T00:00:00Z");
	return utc_parse(&parsed, time, UTC_TEXT);
}

bool policy_is_retention(const char *text)
{
	return is_duration(text) || is_day(text);
}

static int check_term(const struct record *record, enum record_field field, enum term_use use, struct err *err)
{
	if (!has(record, field))
		return fail_missing(record, field, err);
	return term_find(record->texts[field], use) != NULL ? 0 : fail_term(record, field, use, err);
}

static int check_forms(const struct record *record, struct err *err)
{
	uint64_t number;
	const char *text = record->texts[RECORD_NUMBER];
	if (!text_parse_u64(&number, text, strlen(text), INT64_MAX))
		return fail_form(record, RECORD_NUMBER, "a number in digits", err);
	if (!policy_is_retention(record->texts[RECORD_RETENTION]))
		return fail_form(record, RECORD_RETENTION, "a duration (P6M) or a day (2027-12-31)", err);
	return check_term(record, RECORD_BASIS, TERM_BASIS, err);
}

int policy_check_record(const struct record *record, unsigned needs, struct err *err)
{
	static const bool always[RECORD_FIELD_COUNT] = {
#define X(name, key, presence) [RECORD_##name] = (presence) == YAML_REQUIRED,
		RECORD_FIELDS(X)
#undef X
	};
	for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++)
		if (always[i] && !has(record, (enum record_field)i))
			return fail_missing(record, (enum record_field)i, err);
	if (check_forms(record, err) != 0)
		return -1;
	if ((needs & 1 << NEED_KEY_HOLDER) != 0 && !has(record, RECORD_KEY_HOLDER))
		return fail_missing(record, RECORD_KEY_HOLDER, err);
	if ((needs & 1 << NEED_ARTICLE_9) != 0 && check_term(record, RECORD_ARTICLE_9, TERM_ARTICLE_9, err) != 0)
		return -1;
	if ((needs & 1 << NEED_ARTICLE_10) != 0 && check_term(record, RECORD_ARTICLE_10, TERM_ARTICLE_10, err) != 0)
		return -1;
	return 0;
}

/* --- third countries --- */

static bool is_in_eea(const char *code)
{
	static const char members[] =
		"AT BE BG CY CZ DE DK EE ES EU FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE "
		"SI SK";
	if (strlen(code) != 2)
		return false;
	for (size_t i = 0; i < sizeof members - 1; i += 3)
		if (memcmp(members + i, code, 2) == 0)
			return true;
	return false;
}

bool policy_is_third_country(const char *from, const char *to)
{
	if (from[0] == '\0' || to[0] == '\0')
		return true;
	return strcmp(from, to) != 0 && !(is_in_eea(from) && is_in_eea(to));
}

/* "agency-b is in a third country (US)". */
static const char *describe(const struct policy_party *from, const struct policy_party *to, struct rule_words *out)
{
	const char *theirs = rule_jurisdiction(to);
	if (theirs[0] == '\0')
		rule_words_add(out, "%s counts as in a third country, since nobody said its jurisdiction", to->name);
	else if (rule_jurisdiction(from)[0] == '\0')
		rule_words_add(out, "%s (%s) counts as in a third country, since %s does not say its own jurisdiction",
					   to->name, theirs, from->name);
	else
		rule_words_add(out, "%s is in a third country (%s)", to->name, theirs);
	return out->text;
}

/* Where the jurisdiction is not known, that comes first: filling it may be all that is needed. */
static int hint_transfer(const struct policy_party *from, const struct policy_party *to, const char *what,
						 struct err *err)
{
	const char *first = "";
	if (rule_jurisdiction(from)[0] == '\0')
		first = "fill `jurisdiction` in station.yaml; else ";
	else if (rule_jurisdiction(to)[0] == '\0')
		first = "have the administrator fill `jurisdiction` in the partner's entry of the registry; else ";
	return err_hint(err, "%s%s", first, what);
}

static int fail_no_mechanism(const struct record *record, const struct policy_party *from,
							 const struct policy_party *to, struct err *err)
{
	struct rule_words where = {0}, permitted = {0}, hint = {0};
	for (uint32_t i = 0; to->mechanisms != NULL && i < to->mechanisms->count; i++)
		rule_words_list(&permitted, to->mechanisms->items[i].term);
	(void)err_set(err, ERR_PERSONAL_DATA, "%s, and the processing record \"%s\" does not say transfer-mechanism (%s)",
				  describe(from, to, &where), record->id, sources[RECORD_MECHANISM]);
	if (permitted.used > 0)
		rule_words_add(&hint,
					   "fill it in the record of the label file: transfer-mechanism: \"…\"; permitted for %s: %s",
					   to->name, permitted.text);
	else
		rule_words_add(&hint,
					   "fill it in the record of the label file: transfer-mechanism: \"…\"; for %s none is "
					   "permitted in the registry yet",
					   to->name);
	return hint_transfer(from, to, hint.text, err);
}

static bool is_permitted(const struct policy_party *to, const char *term)
{
	for (uint32_t i = 0; to->mechanisms != NULL && i < to->mechanisms->count; i++)
		if (strcmp(to->mechanisms->items[i].term, term) == 0)
			return true;
	return false;
}

static int fail_not_permitted(const struct policy_party *to, const struct term *term, struct err *err)
{
	(void)err_set(err, ERR_PERSONAL_DATA, "%s (%s, %s) is not permitted in the entry of %s", term->id, term->text,
				  term->source, to->name);
	return err_hint(err,
					"have the administrator of the registry permit it for %s with its reference, or fill another "
					"transfer-mechanism",
					to->name);
}

/* The only decision on the United States as a whole is the framework for companies that signed up to it. */
static int check_fit(const struct term *term, const struct policy_party *to, struct err *err)
{
	const bool is_us = strcmp(rule_jurisdiction(to), "US") == 0;
	const bool companies_only = term->private_only || (term->adequacy && is_us);
	if (term->only != NULL && strcmp(rule_jurisdiction(to), term->only) != 0)
		(void)err_set(err, ERR_PERSONAL_DATA, "%s (%s, %s) is for recipients in %s, and %s is not known to be one",
					  term->id, term->text, term->source, term->only, to->name);
	else if (companies_only && to->sector == SECTOR_PUBLIC)
		(void)err_set(err, ERR_PERSONAL_DATA,
					  "%s (%s, %s) covers certified companies in the United States, and %s is a public body", term->id,
					  term->text, term->source, to->name);
	else
		return 0;
	return err_hint(err,
					"fill another transfer-mechanism: between public bodies a legal instrument (eu-gdpr:A46-2-a) or "
					"an administrative arrangement (eu-gdpr:A46-3-b, eudpr:48-3-b)");
}

int policy_check_transfer(const struct record *record, const struct policy_party *from, const struct policy_party *to,
						  struct err *err)
{
	if (!policy_is_third_country(rule_jurisdiction(from), rule_jurisdiction(to)))
		return 0;
	if (!has(record, RECORD_MECHANISM))
		return fail_no_mechanism(record, from, to, err);
	const struct term *term = term_find(record->texts[RECORD_MECHANISM], TERM_MECHANISM);
	if (term == NULL)
		return fail_term(record, RECORD_MECHANISM, TERM_MECHANISM, err);
	if (check_fit(term, to, err) != 0)
		return -1;
	if (!has(record, RECORD_REFERENCE))
		return fail_missing(record, RECORD_REFERENCE, err);
	if (!is_permitted(to, term->id))
		return fail_not_permitted(to, term, err);
	if (term->derogation && !has(record, RECORD_DEROGATION_REASON))
		return fail_missing(record, RECORD_DEROGATION_REASON, err);
	return 0;
}
