/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/cleanup.h"
#include "format/record.h"

#define KIND "test: 1"
#define FIELDS                                           \
	"\"controller\": \"Agency A\", "                     \
	"\"contact\": \"a@example.org\", "                   \
	"\"data-protection-officer\": \"dpo@example.org\", " \
	"\"purposes\": \"\\\"incident\\\" \\\\ response\", " \
	"\"data-subjects\": \"users\", "                     \
	"\"data-categories\": \"addresses\", "               \
	"\"approximate-number\": \"100\", "                  \
	"\"recipients\": \"Agency B\", "                     \
	"\"third-country\": \"US\", "                        \
	"\"legal-basis\": \"eu-gdpr:A6-1-e\", "              \
	"\"retention\": \"P1Y\""
#define OPTIONAL                                      \
	", \"transfer-mechanism\": \"eu-gdpr:A49-1-d\", " \
	"\"transfer-reference\": \"MoU 7\", "             \
	"\"derogation-reason\": \"imminent danger\", "    \
	"\"article-9-basis\": \"eu-gdpr:A9-2-g\", "       \
	"\"article-10-basis\": \"law 12\", "              \
	"\"re-identification-key-holder\": \"Agence A, b\xc3\xbcro\""
#define WITH_ID "{\"id\": \"r-1\", " FIELDS "}"

/* --- a document of one record: { "record": … } --- */

struct reading {
	struct record record;
	enum record_form form;
};

static int read_record(struct yaml *yaml, void *into, struct err *err)
{
	struct reading *reading = into;
	return record_read(yaml, &reading->record, reading->form, err);
}

static int read_text(struct reading *out, const char *text, struct err *err)
{
	static const struct yaml_field fields[] = {{"record", YAML_REQUIRED, read_record}};
	auto_yaml *yaml = NULL;
	auto_buf document = {0};
	if (buf_printf(&document, err, KIND "\nrecord: %s\n", text) != 0 ||
		yaml_open(&yaml, document.data, document.len, KIND, ERR_DOCUMENT, err) != 0)
		return -1;
	return yaml_read_document(yaml, fields, COUNT(fields), out, err);
}

/* A failure leaves nothing behind to free. */
static int read_changed(const char *old, const char *new_text, struct err *err)
{
	struct reading reading = {.form = RECORD_WITH_ID};
	auto_buf text = {0};
	unit_replace(&text, WITH_ID, old, new_text);
	int rc = read_text(&reading, text.data, err);
	if (rc != 0) {
		assert_string_equal(reading.record.id, "");
		for (unsigned i = 0; i < RECORD_FIELD_COUNT; i++)
			assert_null(reading.record.texts[i]);
	}
	record_clear(&reading.record);
	return rc;
}

/* --- tests --- */

static void check_same_back(const char *text)
{
	struct reading reading = {.form = RECORD_WITH_ID};
	auto_buf out = {0};
	expect_ok(read_text(&reading, text, err));
	expect_ok(record_put(&out, &reading.record, err));
	assert_string_equal(out.data, text);
	record_clear(&reading.record);
	assert_null(reading.record.texts[0]);
}

static void test_same_back(void **state)
{
	check_same_back(WITH_ID);
	check_same_back("{\"id\": \"r-1\", " FIELDS OPTIONAL "}");
}

static void test_texts(void **state)
{
	struct reading reading = {.form = RECORD_WITH_ID};
	expect_ok(read_text(&reading, WITH_ID, err));
	assert_string_equal(reading.record.id, "r-1");
	assert_string_equal(reading.record.texts[RECORD_CONTROLLER], "Agency A");
	assert_string_equal(reading.record.texts[RECORD_PURPOSES], "\"incident\" \\ response");
	assert_string_equal(reading.record.texts[RECORD_RETENTION], "P1Y");
	assert_null(reading.record.texts[RECORD_KEY_HOLDER]);
	record_clear(&reading.record);
}

/* Label files: the id is the key that the record stands under. */
static void test_without_id(void **state)
{
	struct reading reading = {.form = RECORD_WITHOUT_ID};
	expect_ok(read_text(&reading, "{" FIELDS "}", err));
	assert_string_equal(reading.record.id, "");
	assert_string_equal(reading.record.texts[RECORD_CONTACT], "a@example.org");
	record_clear(&reading.record);
	expect_failure(read_text(&reading, WITH_ID, err), ERR_DOCUMENT, "unknown key \"id\"", "id");
}

static void test_any_order(void **state)
{
	expect_ok(read_changed("\"retention\": \"P1Y\"}", "\"retention\": 'P1Y'}", err));
	expect_ok(
		read_changed("\"id\": \"r-1\", \"controller\": \"Agency A\"", "\"controller\": \"A\", \"id\": \"r-1\"", err));
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new_text, *piece;
	} rows[] = {
		{WITH_ID, "\"r-1\"", "\"record\" must be a mapping"},
		{WITH_ID, "[]", "\"record\" must be a mapping"},
		{"\"id\": \"r-1\", ", "", "\"id\" is missing"},
		{"\"r-1\"", "\"R1\"", "\"id\" must be of a to z"},
		{"\"r-1\"", "\"r_1\"", "\"id\" must be of a to z"},
		{"\"r-1\"", "\"-\"", "\"id\" must be of a to z"},
		{"\"r-1\"", "\"\"", "\"id\" must have 1 to 63 bytes"},
		{"\"r-1\"", "\"0123456789012345678901234567890123456789012345678901234567890123\"", "1 to 63 bytes"},
		{"\"r-1\"", "[]", "\"id\" must be text"},
		{"\"controller\": \"Agency A\", ", "", "\"controller\" is missing"},
		{"\"legal-basis\": \"eu-gdpr:A6-1-e\", ", "", "\"legal-basis\" is missing"},
		{"\"Agency A\"", "\"\"", "\"controller\" must have 1 to 1024 bytes"},
		{"\"Agency A\"", "\"a\\nb\"", "\"controller\" holds a control"},
		{"\"Agency A\"", "\"a\\u200bb\"", "\"controller\" holds a control"},
		{"\"Agency A\"", "\"a\\0b\"", "U+0000"},
		{"\"Agency A\"", "{}", "\"controller\" must be text"},
		{"\"Agency A\"", "", "\"controller\" has no value"},
		{"\"P1Y\"", "\"P1Y\", \"colour\": \"red\"", "unknown key \"colour\""},
		{"\"P1Y\"", "\"P1Y\", \"contact\": \"b\"", "\"contact\" stands here a second time"},
		{"\"P1Y\"", "\"P1Y\", \"transfer-mechanism\": \"\"", "\"transfer-mechanism\" must have 1 to 1024 bytes"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_failure(read_changed(rows[i].old, rows[i].new_text, err), ERR_DOCUMENT, rows[i].piece, rows[i].new_text);
	expect_failure(read_changed("\"Agency A\"", "\"\"", err), ERR_DOCUMENT, "line 2, column 37", "the place");
}

static void test_longest_text(void **state)
{
	char text[RECORD_TEXT_MAX + 4] = "\"";
	memset(text + 1, 'x', RECORD_TEXT_MAX);
	memcpy(text + 1 + RECORD_TEXT_MAX, "\"", 2);
	expect_ok(read_changed("\"Agency A\"", text, err));
	memcpy(text + 1 + RECORD_TEXT_MAX, "x\"", 3);
	expect_failure(read_changed("\"Agency A\"", text, err), ERR_DOCUMENT, "1 to 1024 bytes", "one more");
}

static void test_ids(void **state)
{
	assert_true(record_id_is_valid("r1"));
	assert_true(record_id_is_valid("0-"));
	assert_true(record_id_is_valid("012345678901234567890123456789012345678901234567890123456789012"));
	assert_false(record_id_is_valid("0123456789012345678901234567890123456789012345678901234567890123"));
	assert_false(record_id_is_valid(""));
	assert_false(record_id_is_valid("-r"));
	assert_false(record_id_is_valid("R"));
	assert_false(record_id_is_valid("a b"));
	assert_false(record_id_is_valid("a/b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_back), cmocka_unit_test(test_texts),   cmocka_unit_test(test_without_id),
		cmocka_unit_test(test_any_order), cmocka_unit_test(test_refused), cmocka_unit_test(test_longest_text),
		cmocka_unit_test(test_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
