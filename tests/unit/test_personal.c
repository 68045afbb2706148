/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_fixture.h"

#include "policy/personal.h"

/* --- the record --- */

static void records_are_complete(void **state)
{
	enum { NONE = 0, KEY = 1 << NEED_KEY_HOLDER, A9 = 1 << NEED_ARTICLE_9, A10 = 1 << NEED_ARTICLE_10 };
	static const struct {
		enum record_field field;
		const char *text; /* NULL: not there */
		unsigned needs;
		const char *message, *hint; /* pieces; NULL: it is fine */
	} rows[] = {
		{RECORD_CONTROLLER, "Agency A", NONE, NULL, NULL},
		{RECORD_CONTROLLER, NULL, NONE, "\"incidents\" does not say controller (GDPR Art. 30(1)(a);", "controller: \""},
		{RECORD_CONTACT, "", NONE, "does not say contact", "contact: \""},
		{RECORD_DPO, "   ", NONE, "does not say data-protection-officer", "data-protection-officer"},
		{RECORD_PURPOSES, NULL, NONE, "does not say purposes (GDPR Art. 30(1)(b); Regulation (EU) 2018/1725",
		 "purposes"},
		{RECORD_SUBJECTS, NULL, NONE, "data-subjects", "data-subjects"},
		{RECORD_CATEGORIES, NULL, NONE, "data-categories", "data-categories"},
		{RECORD_RECIPIENTS, NULL, NONE, "recipients (GDPR Art. 30(1)(d)", "recipients"},
		{RECORD_THIRD_COUNTRY, NULL, NONE, "third-country (GDPR Art. 30(1)(e)", "third-country"},
		{RECORD_NUMBER, NULL, NONE, "does not say approximate-number", "approximate-number"},
		{RECORD_NUMBER, "0", NONE, NULL, NULL},
		{RECORD_NUMBER, "about 100", NONE, "approximate-number must be a number in digits, not \"about 100\"",
		 "correct"},
		{RECORD_NUMBER, "-5", NONE, "in digits", "correct"},
		{RECORD_NUMBER, "1e3", NONE, "in digits", "correct"},
		{RECORD_NUMBER, "99999999999999999999", NONE, "in digits", "correct"},
		{RECORD_RETENTION, NULL, NONE, "does not say retention (GDPR Art. 30(1)(f)", "retention"},
		{RECORD_RETENTION, "6 months", NONE, "retention must be a duration (P6M) or a day", "correct retention"},
		{RECORD_BASIS, NULL, NONE, "does not say legal-basis (GDPR Art. 6(1)", "legal-basis"},
		{RECORD_BASIS, "public interest", NONE, "there is no legal-basis \"public interest\"", "eu-gdpr:A6-1-a"},
		{RECORD_BASIS, "eu-gdpr:A9-2-a", NONE, "no legal-basis \"eu-gdpr:A9-2-a\"", "eu-gdpr:A6-1-a"},
		{RECORD_BASIS, "eu-gdpr:a6-1-e", NONE, "no legal-basis", NULL},
		{RECORD_BASIS, "eudpr:5-1-a", NONE, NULL, NULL},
		{RECORD_MECHANISM, NULL, KEY | A9 | A10, NULL, NULL},
		{RECORD_KEY_HOLDER, NULL, NONE, NULL, NULL},
		{RECORD_KEY_HOLDER, NULL, KEY, "re-identification-key-holder (GDPR Art. 4(5)", "re-identification-key-holder"},
		{RECORD_ARTICLE_9, NULL, A10, NULL, NULL},
		{RECORD_ARTICLE_9, NULL, A9, "does not say article-9-basis (GDPR Art. 9(2);", "article-9-basis"},
		{RECORD_ARTICLE_9, "eu-gdpr:A6-1-e", A9, "no article-9-basis \"eu-gdpr:A6-1-e\"", "eu-gdpr:A9-2-a"},
		{RECORD_ARTICLE_9, "eudpr:10-2-g", A9, NULL, NULL},
		{RECORD_ARTICLE_10, NULL, A9, NULL, NULL},
		{RECORD_ARTICLE_10, NULL, A10, "does not say article-10-basis (GDPR Art. 10;", "article-10-basis"},
		{RECORD_ARTICLE_10, "eu-gdpr:A9-2-g", A10, "no article-10-basis", "gdpr:10-authority"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_fixture f;
		struct err err = ERR_INIT;
		policy_fixture_init(&f);
		fixture_set_record(&f);
		f.record.texts[rows[i].field] = (char *)rows[i].text;
		int rc = policy_check_record(&f.record, rows[i].needs, &err);
		const bool fine = rows[i].message == NULL;
		if (rc != (fine ? 0 : -1) || err.code != (fine ? ERR_OK : ERR_PERSONAL_DATA) ||
			(!fine && strstr(err.message, rows[i].message) == NULL) ||
			(rows[i].hint != NULL && strstr(err.hint, rows[i].hint) == NULL))
			fail_msg("row %zu: got \"%s\", hint \"%s\"", i, err.message, err.hint);
	}
}

static void long_texts_leave_the_message_whole(void **state)
{
	auto_fixture f;
	char text[RECORD_TEXT_MAX + 1];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	policy_fixture_init(&f);
	fixture_set_record(&f);
	f.record.texts[RECORD_BASIS] = text;
	expect_failure(policy_check_record(&f.record, 0, err), ERR_PERSONAL_DATA, "(GDPR Art. 6(1)", "long");
}

static void retention_is_a_duration_or_a_day(void **state)
{
	static const char *const good[] = {"P6M", "P1Y",  "P10D",       "P4W",        "PT36H",      "P1Y2M10DT2H30M",
									   "P0D", "PT5S", "2027-12-31", "2028-02-29", "9999-12-31", "P1YT1M"};
	static const char *const bad[] = {"",
									  "P",
									  "6M",
									  "P6",
									  "PT",
									  "P1D2M",
									  "P1M1M",
									  "P1W2D",
									  "P1DT",
									  "p6m",
									  "P6M ",
									  " P6M",
									  "P-6M",
									  "P6.5M",
									  "2027-02-29",
									  "2027-13-01",
									  "2027-1-1",
									  "27-12-31",
									  "2027-12-31T00:00:00Z",
									  "P6Mx",
									  "P1Y2W",
									  "PT1M1H",
									  "2027/12/31"};
	for (size_t i = 0; i < COUNT(good); i++)
		if (!policy_is_retention(good[i]))
			fail_msg("\"%s\" is one", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (policy_is_retention(bad[i]))
			fail_msg("\"%s\" is none", bad[i]);
}

/* --- third countries --- */

static void countries_are_third_or_not(void **state)
{
	static const struct {
		const char *from, *to;
		bool third;
	} rows[] = {
		{"BE", "BE", false}, {"BE", "NL", false}, {"BE", "NO", false}, {"EU", "IS", false}, {"LI", "EU", false},
		{"BE", "US", true},  {"US", "BE", true},  {"US", "US", false}, {"BE", "CH", true},  {"BE", "GB", true},
		{"BE", "", true},    {"", "BE", true},    {"", "", true},      {"US", "GB", true},  {"BE", "be", true},
		{"BE", "T ", true},  {"BE", " B", true},  {"BE", "E ", true},  {"BE", "B", true},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (policy_is_third_country(rows[i].from, rows[i].to) != rows[i].third)
			fail_msg("%s to %s", rows[i].from, rows[i].to);
	assert_false(policy_is_third_country("HR", "SK"));
}

struct transfer_row {
	const char *name;
	const char *mechanism, *reference, *reason; /* of the record; NULL: not there */
	const char *permitted;                      /* in the partner's entry */
	const char *from, *to;
	enum sector sector;
	const char *message, *hint; /* pieces; NULL: it may go */
};

static void judge_transfer(const struct transfer_row *row)
{
	auto_fixture f;
	struct err err = ERR_INIT;
	policy_fixture_init(&f);
	fixture_set_record(&f);
	f.record.texts[RECORD_MECHANISM] = (char *)row->mechanism;
	f.record.texts[RECORD_REFERENCE] = (char *)row->reference;
	f.record.texts[RECORD_DEROGATION_REASON] = (char *)row->reason;
	fixture_mechanisms(&f, 1, row->permitted);
	(void)strcpy(f.parties[0].party.jurisdiction, row->from);
	(void)strcpy(f.parties[1].party.jurisdiction, row->to);
	f.recipients[0].sector = row->sector;
	int rc = policy_check_transfer(&f.record, &f.about.station, &f.recipients[0], &err);
	const bool fine = row->message == NULL;
	if (rc != (fine ? 0 : -1) || err.code != (fine ? ERR_OK : ERR_PERSONAL_DATA) ||
		(!fine && strstr(err.message, row->message) == NULL) ||
		(row->hint != NULL && strstr(err.hint, row->hint) == NULL))
		fail_msg("%s: got \"%s\", hint \"%s\"", row->name, err.message, err.hint);
}

#define ARRANGEMENT "eu-gdpr:A46-3-b"
#define PUBLIC SECTOR_PUBLIC
#define PRIVATE SECTOR_PRIVATE

static void transfers_have_their_mechanism(void **state)
{
	static const struct transfer_row rows[] = {
		{"all there", ARRANGEMENT, "2024/7", NULL, ARRANGEMENT, "BE", "US", PUBLIC, NULL, NULL},
		{"of the Union", "eudpr:48-3-b", "EDPS 12", NULL, "eudpr:47-1 eudpr:48-3-b", "EU", "US", PUBLIC, NULL, NULL},
		{"no third country", NULL, NULL, NULL, "", "BE", "NL", PUBLIC, NULL, NULL},
		{"no mechanism", NULL, "2024/7", NULL, ARRANGEMENT, "BE", "US", PUBLIC,
		 "agency-b is in a third country (US), and the processing record \"incidents\" does not say transfer-mechanism "
		 "(GDPR Art. 44 to 49",
		 "transfer-mechanism: \"…\"; permitted for agency-b: " ARRANGEMENT},
		{"none permitted either", NULL, NULL, NULL, "", "BE", "US", PUBLIC, "transfer-mechanism", "none is permitted"},
		{"station unknown", NULL, NULL, NULL, "", "", "US", PUBLIC, "this station does not say its own jurisdiction",
		 "fill `jurisdiction` in station.yaml"},
		{"partner unknown", NULL, NULL, NULL, "", "BE", "", PUBLIC,
		 "agency-b counts as in a third country, since nobody said its jurisdiction",
		 "fill `jurisdiction` in the partner's"},
		{"partner unknown, and papers", ARRANGEMENT, "2024/7", NULL, ARRANGEMENT, "BE", "", PUBLIC, NULL, NULL},
		{"unknown term", "handshake", "2024/7", NULL, "handshake", "BE", "US", PUBLIC,
		 "no transfer-mechanism \"handshake\"", "eu-gdpr:A45-3"},
		{"a basis is no mechanism", "eu-gdpr:A6-1-e", "2024/7", NULL, "eu-gdpr:A6-1-e", "BE", "US", PUBLIC,
		 "no transfer-mechanism", NULL},
		{"no reference", ARRANGEMENT, NULL, NULL, ARRANGEMENT, "BE", "US", PUBLIC, "does not say transfer-reference",
		 "transfer-reference: \""},
		{"not permitted", ARRANGEMENT, "2024/7", NULL, "eu-gdpr:A46-2-a", "BE", "US", PUBLIC,
		 ARRANGEMENT " (administrative arrangement, authorised, GDPR Art. 46(3)(b)) is not permitted in the entry of "
					 "agency-b",
		 "administrator of the registry permit it for agency-b"},
		{"the other law's term", ARRANGEMENT, "2024/7", NULL, "eudpr:48-3-b", "BE", "US", PUBLIC, "not permitted",
		 NULL},
		{"framework, public body", "gdpr:45-3-dpf", "list", NULL, "gdpr:45-3-dpf", "BE", "US", PUBLIC,
		 "covers certified companies in the United States, and agency-b is a public body", "fill another"},
		{"framework, Union", "eudpr:47-1-dpf", "list", NULL, "eudpr:47-1-dpf", "EU", "US", PUBLIC, "is a public body",
		 "fill another"},
		{"framework, company", "gdpr:45-3-dpf", "list", NULL, "gdpr:45-3-dpf", "BE", "US", PRIVATE, NULL, NULL},
		{"framework, elsewhere", "gdpr:45-3-dpf", "list", NULL, "gdpr:45-3-dpf", "BE", "CA", PRIVATE,
		 "is for recipients in US, and agency-b is not known to be one", "fill another"},
		{"framework, nobody knows where", "gdpr:45-3-dpf", "list", NULL, "gdpr:45-3-dpf", "BE", "", PRIVATE,
		 "not known to be one", NULL},
		{"framework under the general word", "eu-gdpr:A45-3", "2023/1795", NULL, "eu-gdpr:A45-3", "BE", "US", PUBLIC,
		 "is a public body", "fill another"},
		{"adequacy elsewhere", "eu-gdpr:A45-3", "2019/419", NULL, "eu-gdpr:A45-3", "BE", "JP", PUBLIC, NULL, NULL},
		{"derogation", "eu-gdpr:A49-1-d", "case 3", "an attack is under way", "eu-gdpr:A49-1-d", "BE", "US", PUBLIC,
		 NULL, NULL},
		{"derogation without reason", "eu-gdpr:A49-1-d", "case 3", NULL, "eu-gdpr:A49-1-d", "BE", "US", PUBLIC,
		 "does not say derogation-reason (GDPR Art. 49(1) and (6)", "derogation-reason: \""},
		{"derogation with an empty reason", "eudpr:50-1-d", "case 3", " ", "eudpr:50-1-d", "EU", "US", PUBLIC,
		 "does not say derogation-reason", NULL},
		{"derogation not permitted", "eu-gdpr:A49-1-d", "case 3", "urgent", ARRANGEMENT, "BE", "US", PUBLIC,
		 "not permitted", NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		judge_transfer(&rows[i]);
}

static void a_partner_without_entry_gets_nothing(void **state)
{
	auto_fixture f;
	const struct policy_party nobody = {.name = "somebody"};
	policy_fixture_init(&f);
	fixture_set_record(&f);
	expect_failure(policy_check_transfer(&f.record, &f.about.station, &nobody, err), ERR_PERSONAL_DATA,
				   "not permitted in the entry of somebody", "nobody");
}

static int start_library(void **state)
{
	struct err err = ERR_INIT;
	return hash_library_init(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_complete),
		cmocka_unit_test(long_texts_leave_the_message_whole),
		cmocka_unit_test(retention_is_a_duration_or_a_day),
		cmocka_unit_test(countries_are_third_or_not),
		cmocka_unit_test(transfers_have_their_mechanism),
		cmocka_unit_test(a_partner_without_entry_gets_nothing),
	};
	return cmocka_run_group_tests(tests, start_library, NULL);
}
