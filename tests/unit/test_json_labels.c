/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/io.h"
#include "inspect/inspect_internal.h"

#define MD "marking-definition--"
#define RED MD "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
#define GREEN MD "34098fce-860f-48ae-8e50-ebd3cc5e41da"
#define OWN MD "00000000-0000-4000-8000-000000000001"

static struct scheme_set schemes;
static struct json_labels *labels;

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	return scheme_set_load_shipped(&schemes, NULL, &err) < 0 || json_labels_new(&labels, &schemes, &err) < 0;
}

static int tear_down(void **state)
{
	json_labels_free(labels);
	scheme_set_clear(&schemes);
	return 0;
}

static int read_in_pieces(struct inspection *out, const char *text, size_t len, size_t step, struct err *err)
{
	*out = (struct inspection){0};
	json_labels_begin(labels, out);
	for (size_t at = 0; at < len; at += step) {
		const size_t piece_len = len - at < step ? len - at : step;
		auto_free char *piece = malloc(piece_len);
		assert_non_null(piece);
		memcpy(piece, text + at, piece_len);
		if (json_labels_feed(labels, piece, piece_len, err) < 0)
			return -1;
	}
	return json_labels_end(labels, err);
}

/* "tlp/red@line 1: …=RED; …", whole and in pieces. */
static void expect_found(const char *text, const char *want)
{
	static struct inspection found;
	for (size_t step = 1; step <= strlen(text) + 1; step += step < 4 ? 1 : strlen(text)) {
		auto_buf told = {0};
		expect_ok(buf_append_str(&told, "", err));
		expect_ok(read_in_pieces(&found, text, strlen(text), step, err));
		for (uint32_t i = 0; i < found.finding_count; i++) {
			char id[LABEL_ID_MAX + 1];
			label_format_id(id, found.findings[i].label);
			expect_ok(buf_printf(&told, err, "%s%s@%s=%s", i > 0 ? "; " : "", id, found.findings[i].where,
								 found.findings[i].said));
		}
		if (found.more_findings)
			expect_ok(buf_append_str(&told, " more", err));
		if (strcmp(told.data, want) != 0)
			fail_msg("%s:\nwanted %s\ngot    %s", text, want, told.data);
	}
}

static void csaf_labels_are_found(void **state)
{
	expect_found("{\"document\":{\"distribution\":{\n\"tlp\":{\"label\":\"WHITE\",\"url\":\"\"}}}}",
				 "tlp/clear@line 2: document.distribution.tlp.label=WHITE");
	expect_found("\xef\xbb\xbf{\"document\":{\"title\":\"x\",\"distribution\":{\"text\":\"\",\"tlp\":{\"l\\u0061bel\":"
				 "\"AMBER+STRICT\"}}}}",
				 "tlp/amber-strict@line 1: document.distribution.tlp.label=AMBER+STRICT");
	/* several advisories in one file */
	expect_found("[{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"GREEN\"}}}},\n"
				 "{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"RED\"}}}}]",
				 "tlp/green@line 1: document.distribution.tlp.label=GREEN; "
				 "tlp/red@line 2: document.distribution.tlp.label=RED");
}

static void the_same_words_elsewhere_say_nothing(void **state)
{
	static const char *const rows[] = {
		"{\"label\":\"RED\"}",
		"{\"document\":{\"tlp\":{\"label\":\"RED\"}}}",
		"{\"document\":{\"distribution\":{\"tlp\":\"RED\"}}}",
		"{\"document\":{\"distribution\":{\"tlp\":{\"label\":[\"RED\"]}}}}",
		"{\"document\":{\"distribution\":{\"tlp\":{\"x\":{\"label\":\"RED\"}}}}}",
		"{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"PURPLE\"}}}}",
		"{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"RED\\u0000\"}}}}",
		"{\"document\":{\"distribution\":{\"tlp\":{\"Label\":\"RED\"}}}}",
		"{\"name\":\"tlp:red\"}",
		"{\"text\":\"TLP:RED\"}",
		"{\"x\":{\"tlp\":\"red\"}}",
		"{\"tlp\":[\"red\"]}",
		"{\"id\":\"" RED "\"}",
		"{\"labels\":{\"x\":\"tlp:red\"}}",
		"[\"" RED "\"]",
		"\"tlp:red\"",
		"17",
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_found(rows[i], "");
}

static void stix_references_are_found(void **state)
{
	expect_found("{\"type\":\"bundle\",\"objects\":[\n{\"object_marking_refs\":[\"" GREEN "\"]},\n"
				 "{\"object_marking_refs\":[\"x\",\"" GREEN "\"],\"granular_markings\":[{\"selectors\":[\"a\"],\n"
				 "\"marking_ref\":\"" RED "\"}]}]}",
				 "tlp/green@line 2: objects[].object_marking_refs=" GREEN
				 "; tlp/red@line 4: objects[].granular_markings[].marking_ref=" RED);
	expect_found("{\"object_marking_refs\":[\"" RED "\"]}", "tlp/red@line 1: object_marking_refs=" RED);
	expect_found("{\"granular_markings\":[{\"marking_ref\":\"" RED "\"}]}",
				 "tlp/red@line 1: granular_markings[].marking_ref=" RED);
	expect_found("{\"labels\":[\"x\",\"tlp:amber\"]}", "tlp/amber@line 1: labels[]=tlp:amber");
}

static void definitions_of_the_file_s_own_count_where_they_are_referred_to(void **state)
{
#define DEFINES(id, how) "{\"type\":\"marking-definition\",\"id\":\"" id "\"," how "}"
#define REFERS "{\"object_marking_refs\":[\"" OWN "\"]}"
	static const char *const ways[] = {
		DEFINES(OWN, "\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"red\"}"),
		DEFINES(OWN, "\"extensions\":{\"extension-definition--1\":{\"extension_type\":\"x\",\"tlp_2_0\":\"red\"}}"),
		DEFINES(OWN, "\"name\":\"TLP:RED\""),
		"{\"definition\":{\"tlp\":\"red\"},\"id\":\"" OWN "\"}",
	};
	for (size_t i = 0; i < COUNT(ways); i++) {
		auto_buf behind = {0}, before = {0}, alone = {0};
		expect_ok(buf_printf(&behind, err, "{\"objects\":[\n" REFERS ",\n%s]}", ways[i]));
		expect_found(behind.data, "tlp/red@line 2: objects[].object_marking_refs=TLP:RED");
		expect_ok(buf_printf(&before, err, "{\"objects\":[%s,\n" REFERS "]}", ways[i]));
		expect_found(before.data, "tlp/red@line 2: objects[].object_marking_refs=TLP:RED");
		expect_ok(buf_printf(&alone, err, "{\"objects\":[%s]}", ways[i]));
		expect_found(alone.data, "");
	}
	/* it may not talk a known id down */
	expect_found("[{\"object_marking_refs\":[\"" RED "\"]}," DEFINES(RED, "\"definition\":{\"tlp\":\"green\"}") "]",
				 "tlp/red@line 1: object_marking_refs=" RED "; tlp/green@line 1: object_marking_refs=TLP:GREEN");
	/* two words: both count */
	expect_found("[" REFERS "," DEFINES(OWN, "\"definition\":{\"tlp\":\"green\"},\"name\":\"TLP:RED\"") "]",
				 "tlp/green@line 1: object_marking_refs=TLP:GREEN; tlp/red@line 1: object_marking_refs=TLP:RED");
	expect_found(
		"[" REFERS "," DEFINES(OWN, "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"x\"}") "]", "");
	/* nothing of one file is left for the next */
	expect_found("[" DEFINES(OWN, "\"name\":\"TLP:RED\"") "]", "");
	expect_found("[" REFERS "]", "");
}

static void misp_tags_are_found(void **state)
{
	expect_found("{\"Event\":{\"Tag\":[{\"colour\":\"#ff\",\"name\":\"tlp:amber\"},{\"name\":\"type:OSINT\"}],\n"
				 "\"Attribute\":[{\"Tag\":[{\"name\":\"TLP:RED\"},{\"name\":\"PAP:GREEN\"}]}]}}",
				 "tlp/amber@line 1: Tag[].name=tlp:amber; tlp/red@line 2: Tag[].name=TLP:RED; "
				 "pap/green@line 2: Tag[].name=PAP:GREEN");
	expect_found("{\"EventTag\":[{\"Tag\":{\"name\":\"tlp:green\"}}]}", "tlp/green@line 1: Tag[].name=tlp:green");
	expect_found("{\"tlp\":\"amber\"}", "tlp/amber@line 1: tlp=amber");
	expect_found("{\"TLP\":\"TLP:AMBER\"}", "tlp/amber@line 1: tlp=TLP:AMBER");
}

static void a_key_that_stands_twice_is_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"RED\",\n\"label\":\"GREEN\"}}}}",
		 "line 2, column 1: the key \"label\" stands here a second time"},
		{"{\"document\":{\"distribution\":{\"tlp\":{\"label\":\"RED\",\"\\u006cabel\":\"GREEN\"}}}}",
		 "line 1, column 51: the key \"label\""},
		{"{\"document\":{\"distribution\":{\"tlp\":{},\"tlp\":{}}}}", "line 1, column 39: the key \"tlp\""},
		{"{\"document\":{\"distribution\":0,\"distribution\":0}}", "the key \"distribution\""},
		{"{\"document\":0,\"document\":0}", "the key \"document\""},
		{"[{\"document\":0,\"document\":0}]", "the key \"document\""},
		{"{\"x\":[{\"object_marking_refs\":[],\"object_marking_refs\":[]}]}", "the key \"object_marking_refs\""},
		{"{\"marking_ref\":1,\"marking_ref\":2}", "the key \"marking_ref\""},
		{"{\"Event\":{\"Tag\":[],\"Tag\":[]}}", "the key \"Tag\""},
		{"{\"Tag\":[{\"name\":\"a\",\"name\":\"b\"}]}", "the key \"name\""},
		{"{\"tlp\":\"a\",\"tlp\":\"b\"}", "the key \"tlp\""},
		{"[{\"name\":\"TLP:RED\",\"name\":\"x\",\"id\":\"" OWN "\"}]", "line 1, column 20: the key \"name\""},
		{"[{\"id\":\"x\",\"id\":\"" OWN "\"}]", "line 1, column 12: the key \"id\""},
	};
	static struct inspection found;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err twice = ERR_INIT;
		expect_failure(read_in_pieces(&found, rows[i].text, strlen(rows[i].text), 1000, err), ERR_CONTENT,
					   rows[i].message, rows[i].text);
		assert_int_equal(read_in_pieces(&found, rows[i].text, strlen(rows[i].text), 3, &twice), -1);
		assert_non_null(strstr(twice.message, rows[i].message));
		assert_non_null(strstr(twice.hint, "delete"));
	}
	/* no label is at stake */
	expect_found(
		"{\"x\":{\"document\":0,\"document\":0},\"label\":0,\"label\":0,\"name\":1,\"name\":2,\"id\":3,\"id\":4}", "");
	expect_found("[{\"Tag\":[]},{\"Tag\":[]}]", "");
}

/* What programs write in other cases and with blanks, and known ids behind many unknown ones. */
static void words_and_ids_in_other_spellings(void **state)
{
	auto_buf text = {0};
	expect_found("[{\"tlp\":\"RED\"}]", "tlp/red@line 1: tlp=RED");
	expect_found("{\"Tlp\":\" RED \"}", "tlp/red@line 1: tlp= RED ");
	expect_found("{\"Tag\":[{\"name\":\"TLP:Red \"}]}", "tlp/red@line 1: Tag[].name=TLP:Red");
	expect_found("{\"object_marking_refs\":[\"marking-definition--E828B379-4E03-4974-9AC4-E53A884C97C1\"]}",
				 "tlp/red@line 1: object_marking_refs=marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1");
	expect_ok(buf_append_str(&text, "{\"object_marking_refs\":[", err));
	for (int i = 0; i < 300; i++)
		expect_ok(buf_printf(&text, err, "\"" MD "%08x-0000-4000-8000-000000000000\",", (unsigned)i));
	expect_ok(buf_append_str(&text, "\"" RED "\"]}", err));
	expect_found(text.data, "tlp/red@line 1: object_marking_refs=" RED " more");
	struct inspection found = {0};
	expect_ok(read_in_pieces(&found, text.data, text.len, 1000, err));
	assert_string_equal(found.not_read, "it refers to more than 256 marking ids that no scheme knows");
}

static void broken_json_is_told_with_what_to_write(void **state)
{
	static struct inspection found;
	struct err broken = ERR_INIT;
	const char text[] = "{\n \"a\": 1,\n}";
	assert_int_equal(read_in_pieces(&found, text, sizeof text - 1, 1000, &broken), -1);
	assert_int_equal(broken.code, ERR_CONTENT);
	assert_string_equal(broken.message, "line 3, column 1: a comma stands before the end");
	assert_string_equal(
		broken.hint,
		"delete that comma; where it must stay as it is: not-inspected: \"REASON\" in .valise-labels.yaml");
	expect_failure(read_in_pieces(&found, "{\"a\":", 5, 1000, err), ERR_CONTENT, "the file ends too early", "end");
}

static void a_file_that_was_not_read_whole_may_end_anywhere(void **state)
{
	static struct inspection found;
	const char text[] = "{\"objects\":[{\"id\":\"" OWN "\",\"name\":\"TLP:RED\"},{\"object_marking_refs\":[\"" OWN
						"\",\"x";
	found = (struct inspection){.not_whole = true};
	json_labels_begin(labels, &found);
	expect_ok(json_labels_feed(labels, text, sizeof text - 1, err));
	expect_ok(json_labels_end(labels, err));
	assert_int_equal(found.finding_count, 1);
}

/* Far more than any file has: fixed memory, told as "more", and quick. */
static void floods_are_bounded(void **state)
{
	static struct inspection found;
	auto_buf text = {0};
	expect_ok(buf_append_str(&text, "{\"objects\":[{\"object_marking_refs\":[\"" RED "\"", err));
	for (int i = 0; i < 5000; i++)
		expect_ok(buf_printf(&text, err, ",\"" MD "%08x-0000-4000-8000-000000000000\"", (unsigned)i));
	expect_ok(buf_append_str(&text, "]}", err));
	for (int i = 0; i < 5000; i++)
		expect_ok(buf_printf(&text, err, ",{\"id\":\"" MD "%08x-0000-4000-8000-000000000000\",\"name\":\"TLP:GREEN\"}",
							 (unsigned)i));
	expect_ok(buf_append_str(&text, "]}", err));
	expect_ok(read_in_pieces(&found, text.data, text.len, 4096, err));
	assert_int_equal(found.finding_count, 2);
	assert_true(found.more_findings);
	/* an id that is too long to be kept */
	text.len = 0;
	expect_ok(buf_printf(&text, err, "{\"marking_ref\":\"" MD "%0100d\"}", 0));
	expect_found(text.data, " more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csaf_labels_are_found),
		cmocka_unit_test(the_same_words_elsewhere_say_nothing),
		cmocka_unit_test(stix_references_are_found),
		cmocka_unit_test(definitions_of_the_file_s_own_count_where_they_are_referred_to),
		cmocka_unit_test(misp_tags_are_found),
		cmocka_unit_test(a_key_that_stands_twice_is_refused),
		cmocka_unit_test(words_and_ids_in_other_spellings),
		cmocka_unit_test(broken_json_is_told_with_what_to_write),
		cmocka_unit_test(a_file_that_was_not_read_whole_may_end_anywhere),
		cmocka_unit_test(floods_are_bounded),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
