/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/json_bytes.h"
#include "base/json_scan.h"

/* --- what is told, as one line of text --- */

struct told {
	struct json_scan *scan;
	struct buf text;
	bool stop_at_text;
};

static int tell(struct told *told, const char *what, unsigned depth, unsigned key, const struct json_scan_text *text,
				struct err *err)
{
	unsigned line, column;
	json_scan_where(told->scan, &line, &column);
	int rc = buf_printf(&told->text, err, "%s%u@%u:%u", what, depth, line, column);
	if (rc == 0 && key != JSON_SCAN_NO_KEY)
		rc = buf_printf(&told->text, err, "#%u", key);
	if (rc == 0 && text != NULL) {
		assert_int_equal(text->bytes[text->len], '\0');
		rc = buf_printf(&told->text, err, "=%.*s%s", (int)text->len, text->bytes, text->cut ? "…" : "");
	}
	return rc == 0 ? buf_append_str(&told->text, " ", err) : -1;
}

static int on_begin(void *ctx, unsigned depth, bool is_object, struct err *err)
{
	struct told *told = ctx;
	assert_int_equal(json_scan_is_object(told->scan, depth), is_object);
	return tell(told, is_object ? "{" : "[", depth, JSON_SCAN_NO_KEY, NULL, err);
}

static int on_end(void *ctx, unsigned depth, bool is_object, struct err *err)
{
	return tell(ctx, is_object ? "}" : "]", depth, JSON_SCAN_NO_KEY, NULL, err);
}

static int on_key(void *ctx, unsigned depth, unsigned key, const struct json_scan_text *text, struct err *err)
{
	struct told *told = ctx;
	assert_int_equal(json_scan_key_at(told->scan, depth), key);
	return tell(told, "k", depth, key, text, err);
}

static int on_string(void *ctx, unsigned depth, unsigned key, const struct json_scan_text *text, struct err *err)
{
	struct told *told = ctx;
	if (told->stop_at_text)
		return err_set(err, ERR_CONTENT, "stopped");
	return tell(told, "s", depth, key, text, err);
}

static const struct json_scan_events all = {.begin = on_begin, .end = on_end, .key = on_key, .string = on_string};

/* In pieces of step bytes, each in memory of its own so that a sanitizer sees a look beyond. 0: whole. */
static int scan_in_pieces(struct told *told, const struct json_scan_events *events, const char *text, size_t len,
						  size_t step, struct err *err)
{
	struct json_scan_events own = *events;
	own.ctx = told;
	json_scan_begin(told->scan, &own);
	if (step == 0)
		step = len + 1;
	for (size_t at = 0; at < len; at += step) {
		const size_t piece_len = len - at < step ? len - at : step;
		auto_free char *piece = malloc(piece_len);
		assert_non_null(piece);
		memcpy(piece, text + at, piece_len);
		if (json_scan_feed(told->scan, piece, piece_len, err) < 0)
			return -1;
	}
	return json_scan_end(told->scan, err);
}

/* However it is cut, the same is told, and the same goes wrong in the same place. */
static int scan(struct buf *out, const struct json_scan_events *events, const char *text, size_t len,
				struct err *out_err)
{
	struct told told = {0};
	struct err first = ERR_INIT;
	expect_ok(json_scan_new(&told.scan, err));
	int rc = scan_in_pieces(&told, events, text, len, 0, &first);
	for (size_t step = 1; step < 40 && step < len; step += step < 9 ? 1 : 7) {
		struct err second = ERR_INIT;
		struct told again = {.scan = told.scan};
		assert_int_equal(scan_in_pieces(&again, events, text, len, step, &second), rc);
		assert_string_equal(second.message, first.message);
		assert_string_equal(again.text.data != NULL ? again.text.data : "",
							told.text.data != NULL ? told.text.data : "");
		buf_clear(&again.text);
	}
	json_scan_free(told.scan);
	*out = told.text;
	if (rc < 0)
		*out_err = first;
	return rc;
}

static void expect_told_by(const struct json_scan_events *events, const char *text, size_t len, const char *want)
{
	auto_buf told = {0};
	expect_ok(scan(&told, events, text, len, err));
	assert_string_equal(told.data != NULL ? told.data : "", want);
}

#define expect_told(text, want) expect_told_by(&all, text, sizeof(text) - 1, want)

static void everything_is_told_with_its_place(void **state)
{
	expect_told("{\"a\": [1, \"b\", {\"c\":\ttrue}],\r\n  \"d\":null}",
				"{0@1:1 k0@1:2=a [1@1:7 s2@1:11=b {2@1:16 k2@1:17=c }2@1:26 ]1@1:27 k0@2:3=d }0@2:11 ");
	expect_told("\"top\"", "s0@1:1=top ");
	expect_told(" \n\t [ ] ", "[0@2:3 ]0@2:5 ");
	expect_told("{}", "{0@1:1 }0@1:2 ");
	expect_told("-0.5e+10\n", "");
	expect_told("0", "");
	expect_told("false", "");
}

static void columns_are_characters(void **state)
{
	expect_told("{\"\u0434\u2028\U0001f512\":\"\"}", "{0@1:1 k0@1:2=\u0434\u2028\U0001f512 s1@1:8= }0@1:10 ");
	expect_told("\xef\xbb\xbf[\"x\"]", "[0@1:1 s1@1:2=x ]0@1:5 ");
	expect_told("\xef\xbb\xbf\n[\"x\"]", "[0@2:1 s1@2:2=x ]0@2:5 ");
}

static void escapes_are_decoded(void **state)
{
	expect_told("\"l\\u0061bel\"", "s0@1:1=label ");
	expect_told("{\"l\\u0061bel\":0}", "{0@1:1 k0@1:2=label }0@1:16 ");
	expect_told("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s0@1:1=\"\\/\b\f\n\r\t ");
	expect_told("\"\\u00e9\\u20AC\\ud83d\\udd12\"", "s0@1:1=\u00e9\u20ac\U0001f512 ");
	/* half pairs: the grammar has them; no label has */
	expect_told("\"\\ud83d\"", "s0@1:1=\ufffd ");
	expect_told("\"\\ud83d!\\udd12\"", "s0@1:1=\ufffd!\ufffd ");
	expect_told("\"\\ud83d\\n\\ud83d\\ud83d\\udd12\"", "s0@1:1=\ufffd\n\ufffd\U0001f512 ");
	/* U+0000 would end a C string early */
	expect_told_by(&all, "\"a\"", 3, "s0@1:1=a ");
	auto_buf told = {0};
	expect_ok(scan(&told, &all, "\"red\\u0000x\"", 12, err));
	assert_memory_equal(told.data, "s0@1:1=red", 10);
	assert_non_null(memmem(told.data, told.len, "…", 3));
}

static void long_texts_are_cut(void **state)
{
	for (size_t len = JSON_SCAN_TEXT_MAX - 1; len <= JSON_SCAN_TEXT_MAX + 1; len++) {
		auto_buf text = {0}, told = {0};
		expect_ok(buf_append_str(&text, "[\"", err));
		for (size_t i = 0; i < len; i++)
			expect_ok(buf_append_str(&text, "x", err));
		expect_ok(buf_append_str(&text, "\",\"y\"]", err));
		expect_ok(scan(&told, &all, text.data, text.len, err));
		assert_int_equal(strstr(told.data, "…") != NULL, len > JSON_SCAN_TEXT_MAX);
		assert_non_null(strstr(told.data, "=y "));
	}
}

static void only_keys_that_matter_are_told(void **state)
{
	static const char *const keys[] = {"Tag", "name", "a"};
	struct json_scan_events some = all;
	some.begin = some.end = NULL;
	some.keys = keys;
	some.key_count = COUNT(keys);
	const char text[] =
		"{\"x\":\"1\",\"a\":\"2\",\"b\":{\"n\\u0061me\":\"3\"},\"Tag\":[\"4\",[\"5\"],{\"x\":\"6\"},\"7\"],"
		"\"nam\":\"8\",\"names\":\"9\",\"\":\"10\"}";
	expect_told_by(&some, text, sizeof text - 1,
				   "k0@1:10#2=a s1@1:14#2=2 k1@1:23#1=name s2@1:35#1=3 k0@1:40#0=Tag s2@1:47#0=4 s3@1:52#0=5 "
				   "s2@1:67#0=7 ");
}

/* --- what is refused --- */

struct bad {
	const char *text, *message, *hint;
};

static void expect_refused(const char *text, size_t len, const char *message, const char *hint)
{
	auto_buf told = {0};
	struct err err = ERR_INIT;
	if (scan(&told, &all, text, len, &err) == 0)
		fail_msg("%s: was taken", text);
	assert_int_equal(err.code, ERR_DOCUMENT);
	if (strncmp(err.message, message, strlen(message)) != 0 || strstr(err.hint, hint) == NULL)
		fail_msg("%s: wanted \"%s\" (%s), got \"%s\" (%s)", text, message, hint, err.message, err.hint);
}

static void faults_name_line_column_and_what_to_write(void **state)
{
	static const struct bad rows[] = {
		{"", "line 1, column 1: there is nothing in it", "{}"},
		{" \n ", "line 2, column 2: there is nothing in it", "{}"},
		{"\xef\xbb\xbf", "line 1, column 1: there is nothing", ""},
		{"[1,\n 2,\n]", "line 3, column 1: a comma stands before the end", "delete that comma"},
		{"{\"a\":1,}", "line 1, column 8: a comma stands before the end", "delete that comma"},
		{"[,1]", "line 1, column 2: no value stands", "null"},
		{"{\"a\":}", "line 1, column 6: no value stands", ""},
		{"[1}", "line 1, column 3: neither a comma nor the right end", "comma"},
		{"{\"a\":1]", "line 1, column 7: neither a comma", ""},
		{"[\"a\" \"b\"]", "line 1, column 6: neither a comma", ""},
		{"{'a':1}", "line 1, column 2: a text does not stand in double quotes", "\"text\""},
		{"['a']", "line 1, column 2: a text does not stand in double quotes", "\"text\""},
		{"{a:1}", "line 1, column 2: no key stands", "double quotes"},
		{"{\"a\" 1}", "line 1, column 6: no colon stands", "\"key\": value"},
		{"{\"a\":1} x", "line 1, column 9: something stands behind the end", "delete"},
		{"{}{}", "line 1, column 3: something stands behind the end", ""},
		{"// x\n1", "line 1, column 1: no value stands", ""},
		{"01", "line 1, column 2: this is not how a number is written", "zero"},
		{"-", "line 1, column 2: the file ends too early", ""},
		{"1.", "line 1, column 3: the file ends too early", ""},
		{"[1.]", "line 1, column 4: this is not how a number", "2.5"},
		{"[.5]", "line 1, column 2: this is not how a number", ""},
		{"[+1]", "line 1, column 2: this is not how a number", "plus"},
		{"[-a]", "line 1, column 3: this is not how a number", ""},
		{"[1e]", "line 1, column 4: this is not how a number", "1e9"},
		{"[1e5.2]", "line 1, column 5: this is not how a number", ""},
		{"[1.5.2]", "line 1, column 5: this is not how a number", ""},
		{"[1-2]", "line 1, column 3: this is not how a number", ""},
		{"[NaN]", "line 1, column 2: there is no such word", "null"},
		{"[True]", "line 1, column 2: there is no such word", "small letters"},
		{"[nul]", "line 1, column 5: there is no such word", ""},
		{"tru", "line 1, column 4: the file ends too early", ""},
		{"truex", "line 1, column 5: something stands behind", ""},
		{"[\"a\nb\"]", "line 1, column 4: a line break", "\\n"},
		{"[\"a\tb\"]", "line 1, column 4: a line break", "\\t"},
		{"[\"a\\x41\"]", "line 1, column 5: this character cannot stand behind a backslash", "\\\\"},
		{"[\"\\u00g0\"]", "line 1, column 7: four hexadecimal digits", "\\u0041"},
		{"[1,\n\"abc", "line 2, column 1: the text that begins here has no end", "quote"},
		{"\"abc\\", "line 1, column 1: the text that begins here has no end", "quote"},
		{"\"\\u12", "line 1, column 1: the text that begins here", ""},
		{"{\"a\":[1", "line 1, column 8: the file ends too early", "]"},
		{"\xef\xbbx", "line 1, column ", "UTF-8"},
		{"\xff\xfe{", "line 1, column 1: this looks like UTF-16", "UTF-8"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_refused(rows[i].text, strlen(rows[i].text), rows[i].message, rows[i].hint);
	expect_refused("{\0}", 3, "line 1, column 2: no key", "");
	expect_refused("\0{", 2, "line 1, column 1: this looks like UTF-16", "");
	expect_refused("\"a\0\"", 4, "line 1, column 3: a line break or another control", "");
	expect_refused("[nu\0l]", 6, "line 1, column 4: there is no such word", "");
	expect_refused("[1\0]", 4, "line 1, column 3: ", "");
}

static void bad_utf8_is_refused(void **state)
{
	static const char *const rows[] = {"\x80",
									   "\xc0\x80",
									   "\xc1\xbf",
									   "\xe0\x9f\xbf",
									   "\xed\xa0\x80",
									   "\xf0\x8f\xbf\xbf",
									   "\xf4\x90\x80\x80",
									   "\xf5\x80\x80\x80",
									   "\xff",
									   "\xc3(",
									   "\xe2\x82\"",
									   "\xd0\xd0"};
	for (size_t i = 0; i < COUNT(rows); i++) {
		auto_buf text = {0};
		expect_ok(buf_printf(&text, err, "[\"%s\"]", rows[i]));
		expect_refused(text.data, text.len, "line 1, column 3: these bytes are no UTF-8", "UTF-8");
	}
	expect_told("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
				"s0@1:1=\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf ");
}

static void depth_is_bounded(void **state)
{
	for (int depth = JSON_SCAN_DEPTH_MAX; depth <= 10000; depth += 10000 - JSON_SCAN_DEPTH_MAX) {
		auto_buf text = {0};
		struct json_scan_events none = {0};
		auto_json_scan *scan = NULL;
		expect_ok(json_scan_new(&scan, err));
		for (int i = 0; i < depth; i++)
			expect_ok(buf_append_str(&text, i % 2 ? "{\"a\":" : "[", err));
		expect_ok(buf_append_str(&text, "0", err));
		for (int i = depth; i-- > 0;)
			expect_ok(buf_append_str(&text, i % 2 ? "}" : "]", err));
		json_scan_begin(scan, &none);
		if (depth == JSON_SCAN_DEPTH_MAX) {
			expect_ok(json_scan_feed(scan, text.data, text.len, err));
			expect_ok(json_scan_end(scan, err));
		} else {
			expect_failure(json_scan_feed(scan, text.data, text.len, err), ERR_DOCUMENT,
						   "line 1, column 1537: objects and arrays are nested deeper", "depth");
		}
	}
}

static void a_text_of_any_length_takes_no_memory(void **state)
{
	enum { PIECE = 1 << 20, PIECES = 256 };
	struct json_scan_events none = {0};
	auto_json_scan *scan = NULL;
	auto_free char *piece = malloc(PIECE);
	assert_non_null(piece);
	memset(piece, 'x', PIECE);
	expect_ok(json_scan_new(&scan, err));
	json_scan_begin(scan, &none);
	expect_ok(json_scan_feed(scan, "\n\"", 2, err));
	for (int i = 0; i < PIECES; i++)
		expect_ok(json_scan_feed(scan, piece, PIECE, err));
	expect_failure(json_scan_end(scan, err), ERR_DOCUMENT, "line 2, column 1: the text that begins here", "end");
}

static void what_an_event_sets_ends_it(void **state)
{
	struct told told = {.stop_at_text = true};
	struct json_scan_events own = all;
	own.ctx = &told;
	expect_ok(json_scan_new(&told.scan, err));
	json_scan_begin(told.scan, &own);
	expect_failure(json_scan_feed(told.scan, "[1,\"a\",}", 8, err), ERR_CONTENT, "stopped", "event");
	told.stop_at_text = false;
	json_scan_begin(told.scan, &own); /* and it can be used again */
	expect_ok(json_scan_feed(told.scan, "[]", 2, err));
	expect_ok(json_scan_end(told.scan, err));
	json_scan_free(told.scan);
	buf_clear(&told.text);
}

/* --- runs of bytes: every form agrees with the plain one --- */

static void runs_end_where_they_must(void **state)
{
	enum { LEN = 70 };
	auto_free char *bytes = malloc(LEN);
	assert_non_null(bytes);
	for (int c = 0; c < 256; c++) {
		for (int at = 0; at < LEN; at++) {
			memset(bytes, 'a', LEN);
			bytes[at] = (char)c;
			const char *plain = json_is_plain((char)c) ? bytes + LEN : bytes + at;
			assert_ptr_equal(json_plain_end(bytes, bytes + LEN), plain);
			assert_ptr_equal(json_plain_end_portable(bytes, bytes + LEN), plain);
			memset(bytes, at % 3 ? ' ' : '\n', LEN);
			bytes[at] = (char)c;
			const char *blank = json_is_blank((char)c) ? bytes + LEN : bytes + at;
			assert_ptr_equal(json_blank_end(bytes, bytes + LEN), blank);
			assert_ptr_equal(json_blank_end_portable(bytes, bytes + LEN), blank);
		}
	}
}

static void counts_are_right(void **state)
{
	enum { LEN = 9000 };
	auto_free char *bytes = malloc(LEN);
	assert_non_null(bytes);
	size_t lines = 0, characters = 0;
	uint32_t random = 1;
	for (int i = 0; i < LEN; i++) {
		random = random * 1103515245 + 12345;
		bytes[i] = (char)(random >> 24);
		if (random >> 20 & 1)
			bytes[i] = '\n';
		lines += bytes[i] == '\n';
		characters += ((unsigned char)bytes[i] & 0xc0) != 0x80;
		if (i % 7 == 0 || i < 40) {
			assert_int_equal(json_count(bytes, bytes + i + 1, '\n'), lines);
			assert_int_equal(json_count(bytes, bytes + i + 1, 0), characters);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_told_with_its_place),
		cmocka_unit_test(columns_are_characters),
		cmocka_unit_test(escapes_are_decoded),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(only_keys_that_matter_are_told),
		cmocka_unit_test(faults_name_line_column_and_what_to_write),
		cmocka_unit_test(bad_utf8_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(a_text_of_any_length_takes_no_memory),
		cmocka_unit_test(what_an_event_sets_ends_it),
		cmocka_unit_test(runs_end_where_they_must),
		cmocka_unit_test(counts_are_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
