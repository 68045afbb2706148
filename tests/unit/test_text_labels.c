/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "inspect/text_labels.h"

static struct scheme_set schemes;
static struct text_labels *labels;

static const char secret_scheme[] = "valise-scheme: 1\n"
									"id: \"levels\"\nversion: \"1\"\ntitle: \"Levels\"\nexclusive: true\n"
									"required: false\nceiling: true\ncombine: \"max\"\nlabels:\n"
									"  - id: \"restricted\"\n    rank: 1\n    text: \"RESTREINT UE/EU RESTRICTED\"\n"
									"    aliases: [\"R-UE/EU-R\"]\n"
									"  - id: \"sensitive\"\n    rank: 2\n    text: \"OFFICIAL-SENSITIVE\"\n"
									"  - id: \"cui\"\n    rank: 3\n    text: \"CUI\"\n"
									"  - id: \"cui-cti\"\n    rank: 4\n    text: \"CUI//SP-CTI\"\n"
									"  - id: \"secret\"\n    rank: 5\n    text: \"SECRET\"\n"
									"  - id: \"noforn\"\n    rank: 6\n    text: \"NOFORN\"\n"
									"  - id: \"top\"\n    rank: 7\n    text: \"TR\xc3\x88S SECRET\"\n";

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	if (scheme_set_load_shipped(&schemes, NULL, &err) < 0 ||
		scheme_set_add(&schemes, secret_scheme, strlen(secret_scheme), NULL, &err) < 0 ||
		text_labels_new(&labels, &schemes, &err) < 0) {
		print_error("%s\n", err.message);
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	text_labels_free(labels);
	scheme_set_clear(&schemes);
	return 0;
}

static struct inspection found;

/* "tlp/red@line 1=TLP:RED; …" */
static void tell(struct buf *out)
{
	expect_ok(buf_append_str(out, "", err));
	for (uint32_t i = 0; i < found.finding_count; i++) {
		char id[LABEL_ID_MAX + 1];
		label_format_id(id, found.findings[i].label);
		expect_ok(
			buf_printf(out, err, "%s%s@%s=%s", i > 0 ? "; " : "", id, found.findings[i].where, found.findings[i].said));
	}
}

static void expect_found(const char *text, const char *want)
{
	auto_buf told = {0};
	size_t len = strlen(text);
	auto_free char *exact = malloc(len + 1); /* so that a byte too far is noticed */
	assert_non_null(exact);
	memcpy(exact, text, len);
	found = (struct inspection){0};
	text_labels_find(labels, exact, len, (struct text_place){.kind = PLACE_LINE}, &found);
	tell(&told);
	if (strcmp(told.data, want) != 0)
		fail_msg("%s:\nwanted %s\ngot    %s", text, want, told.data);
}

static void words_with_a_colon(void **state)
{
	static const char *const cases[][2] = {
		{"TLP:RED", "tlp/red@line 1=TLP:RED"},
		{"# Title\n\nTLP:GREEN\n", "tlp/green@line 3=TLP:GREEN"},
		{"tlp: amber", "tlp/amber@line 1=tlp: amber"},
		{"---\ntitle: x\ntlp: \"amber+strict\"\n---\n", "tlp/amber-strict@line 3=tlp: \"amber+strict"},
		{"TLP : AMBER + STRICT.", "tlp/amber-strict@line 1=TLP : AMBER + STRICT"},
		{"TLP:AMBER STRICT", "tlp/amber-strict@line 1=TLP:AMBER STRICT"},
		{"TLP:AMBER-STRICT", "tlp/amber-strict@line 1=TLP:AMBER-STRICT"},
		{"TLP:AMBER+STRICT", "tlp/amber-strict@line 1=TLP:AMBER+STRICT"},
		{"TLP\xc2\xa0: \xe2\x80\xafRED", "tlp/red@line 1=TLP\xc2\xa0: \xe2\x80\xafRED"},
		{"**TLP:** `AMBER`", "tlp/amber@line 1=TLP:** `AMBER"},
		{"TLP\\:AMBER\\+STRICT", "tlp/amber-strict@line 1=TLP\\:AMBER\\+STRICT"},
		{"\"tlp\": \"red\"", "tlp/red@line 1=tlp\": \"red"},
		{"[TLP:RED]", "tlp/red@line 1=TLP:RED"},
		{"TLP:\nRED", "tlp/red@line 1=TLP:\nRED"},
		{"TLP:WHITE", "tlp/clear@line 1=TLP:WHITE"},
		{"\xe6\x9c\xac"
		 "TLP:AMBER\xe3\x81\xa7\xe3\x81\x99",
		 "tlp/amber@line 1=TLP:AMBER"},
		{"12:30 at 10:15: TLP:RED", "tlp/red@line 1=TLP:RED"},
		{"TLP:RED\nTLP:RED\n", "tlp/red@line 1=TLP:RED"},
		{"X-TLP: RED", "tlp/red@line 1=TLP: RED"},
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_found(cases[i][0], cases[i][1]);
	expect_found("TLP:RED PAP:AMBER\nPD:PERSONAL", "tlp/red@line 1=TLP:RED; pap/amber@line 1=PAP:AMBER; "
												   "pd/personal@line 2=PD:PERSONAL");
}

static void words_that_are_none(void **state)
{
	static const char *const cases[] = {
		"",
		":",
		"TLP",
		"TLP:",
		"TLP:AMBERISH",
		"TLP:REDACTED",
		"TLP AMBER",
		"TLP-AMBER",
		"XTLP:RED",
		"TLP:\n\nRED",
		"TLP:UNCLEAR",
		"TLP:EX:CHR",
		"tlp::red",
		"TLP:PURPLE",
		"AMBER",
		"TLP\xef\xbc\x9aRED",
		"PD:PERSONALISED",
		"TLP:1",
		"::::::::",
		"TLP:\xff\xfe",
		"TLP: TLP: TLP:",
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_found(cases[i], "");
}

static void words_in_lines_of_their_own(void **state)
{
	static const char *const cases[][2] = {
		{"SECRET", "levels/secret@line 1=SECRET"},
		{"\n\n  ** SECRET **\nx", "levels/secret@line 3=SECRET"},
		{"# SECRET #\r\n", "levels/secret@line 1=SECRET"},
		{"Classification: SECRET", "levels/secret@line 1=SECRET"},
		{"Security classification : OFFICIAL-SENSITIVE", "levels/sensitive@line 1=OFFICIAL-SENSITIVE"},
		{"SECRET//NOFORN", "levels/secret@line 1=SECRET; levels/noforn@line 1=NOFORN"},
		{"//SECRET//REL TO USA, FVEY", "levels/secret@line 1=SECRET"},
		{"CUI//SP-CTI//NOFORN",
		 "levels/cui@line 1=CUI; levels/cui-cti@line 1=CUI//SP-CTI; levels/noforn@line 1=NOFORN"},
		{"CUI//SP-CTI", "levels/cui-cti@line 1=CUI//SP-CTI"},
		{"RESTREINT UE/EU RESTRICTED", "levels/restricted@line 1=RESTREINT UE/EU RESTRICTED"},
		{"RESTREINT  UE / EU RESTRICTED", "levels/restricted@line 1=RESTREINT UE/EU RESTRICTED"},
		{"R-UE/EU-R", "levels/restricted@line 1=R-UE/EU-R"},
		{"TR\xc3\x88S SECRET", "levels/top@line 1=TR\xc3\x88S SECRET"},
		{"\xe2\x80\x93 SECRET \xe2\x80\x93", "levels/secret@line 1=SECRET"},
		{"| SECRET |", "levels/secret@line 1=SECRET"},
		{"Secret", ""},
		{"a SECRET plan", ""},
		{"SECRET PLANS", ""},
		{"SECRETS", ""},
		{"PRESECRET", ""},
		{"Status: SECRET", ""},
		{"NOTHING//SECRET", ""},
		{"////", ""},
		{"CUI////////", "levels/cui@line 1=CUI"},
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_found(cases[i][0], cases[i][1]);
}

static void pages_and_names(void **state)
{
	auto_buf told = {0};
	const char *text = "one\ftwo\n\fTLP:RED\nx";
	found = (struct inspection){0};
	text_labels_find(labels, text, strlen(text), (struct text_place){.kind = PLACE_PAGE}, &found);
	text_labels_find(labels, "PAP:RED", 7, (struct text_place){PLACE_NAME, "word/header1.xml"}, &found);
	tell(&told);
	assert_string_equal(told.data, "tlp/red@page 3=TLP:RED; pap/red@word/header1.xml=PAP:RED");
}

static void what_is_said_is_cut(void **state)
{
	char text[200] = "TLP:";
	memset(text + 4, ' ', 12);
	memcpy(text + 16, "RED", 3);
	expect_found(text, "tlp/red@line 1=TLP:            RED");
	memset(text + 4, ' ', 100);
	memcpy(text + 104, "RED", 4);
	expect_found(text, ""); /* too far away */
}

/* Each byte of a label replaced by each other byte, and each length: never beyond its end. */
static void any_bytes(void **state)
{
	static const char text[] = "a \xc2\xa0TLP\xe2\x80\xaf:\xc2\xa0 AMBER + STRICT//SECRET\n//CUI//SP-CTI/X";
	for (size_t len = 0; len < sizeof text; len++)
		for (int byte = 0; byte < 256; byte++) {
			auto_free char *copy = malloc(len + 1);
			assert_non_null(copy);
			memcpy(copy, text, len);
			copy = realloc(copy, len > 0 ? len : 1);
			if (len > 0)
				copy[(size_t)byte % len] = (char)byte;
			found = (struct inspection){0};
			text_labels_find(labels, copy, len, (struct text_place){.kind = PLACE_LINE}, &found);
			assert_true(found.finding_count <= 4);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_with_a_colon),          cmocka_unit_test(words_that_are_none),
		cmocka_unit_test(words_in_lines_of_their_own), cmocka_unit_test(pages_and_names),
		cmocka_unit_test(what_is_said_is_cut),         cmocka_unit_test(any_bytes),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
