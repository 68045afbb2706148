/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "inspect/markup.h"

#include <stdlib.h>

/* Form feeds are shown as '|'. */
static void text_without_tags(void **state)
{
	static const struct {
		enum markup kind;
		const char *in, *want;
	} cases[] = {
		{MARKUP_HTML, "<p>TLP:<b>RED</b></p>", "|TLP:RED|"},
		{MARKUP_HTML, "a<br/>b<wbr>c", "a|bc"},
		{MARKUP_HTML, "TLP&#58;RED TLP&#x3a;RED TLP&colon;RED", "TLP:RED TLP:RED TLP:RED"},
		{MARKUP_HTML, "&amp;&lt;&nope;&;&#;&#x;&#0;&#12;& &#1114112;", "&<&nope;&;&#;&#x;&#0;&#12;& &#1114112;"},
		{MARKUP_HTML, "TR&Egrave;S&#8364;&#x1F600;", "TR\xc3\x88S\xe2\x82\xac\xf0\x9f\x98\x80"},
		{MARKUP_HTML, "a<!-- TLP:RED\n -->b", "a\nb"},
		{MARKUP_HTML, "a<script>x<y\nTLP:RED</script>b", "a|\n|b"},
		{MARKUP_HTML, "a<style>TLP:RED", "a|"},
		{MARKUP_HTML, "<meta name=\"tlp\" content='red'>", "|tlp:red|"},
		{MARKUP_HTML, "<meta content=TLP:RED>", "|TLP:RED|"},
		{MARKUP_HTML, "<img src=x.png alt=\"TLP:RED\">", "|TLP:RED|"},
		{MARKUP_HTML, "<img alt=\"a\nb\"\n>", "|a\nb|\n"},
		{MARKUP_HTML, "<a title=\"x>y\">z</a>", "z"},
		{MARKUP_HTML, "<!-->a<!--->b<!-- x --!>c<!-- -- -->d", "abcd"},
		{MARKUP_HTML, "<p =\">a<p b==\">c", "|a|c"},
		{MARKUP_HTML, "<script src=\"x\"/>a", "|a"},
		{MARKUP_HTML, "&nbspx&NewLine;y&ZeroWidthSpace;", "\xc2\xa0x y\xe2\x80\x8b"},
		{MARKUP_HTML, "1 < 2 <3 <", "1 < 2 <3 <"},
		{MARKUP_HTML, "<", "<"},
		{MARKUP_HTML, "<!", ""},
		{MARKUP_HTML, "&#10;x", " x"},
		{MARKUP_XML, "<a>TLP:</a><b>RED</b><![CDATA[x]]>",
		 "|TLP:|"
		 "|RED|x]]>"},
		{MARKUP_PARAGRAPHS, "<w:p><w:r><w:t>TLP:</w:t></w:r><w:r><w:t>RED</w:t></w:r></w:p>", "|TLP:RED|"},
		{MARKUP_PARAGRAPHS, "<text:p>A<text:s/>B<text:line-break/>C</text:p>", "|A B|C|"},
		{MARKUP_PROPERTIES, "<property name=\"TLP\"><vt:lpwstr>RED</vt:lpwstr></property>", "|TLP:|RED||"},
		{MARKUP_PROPERTIES, "<meta:user-defined meta:name=\"TLP\">RED</meta:user-defined>", "|TLP:RED|"},
		{MARKUP_SHEET, "<oddHeader>&amp;C&amp;12TLP:RED&amp;R&amp;P</oddHeader>", "|||TLP:RED|||"},
		{MARKUP_SHEET, "R&amp;D", "R|"},
		{MARKUP_SHEET, "A &amp; B&amp", "A & B&amp"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[256];
		bool cut = true;
		size_t len = markup_to_text(out, sizeof out, cases[i].in, strlen(cases[i].in), cases[i].kind, &cut);
		assert_false(cut);
		assert_true(len <= strlen(cases[i].in));
		for (size_t j = 0; j < len; j++)
			out[j] = out[j] == '\f' ? '|' : out[j];
		out[len] = '\0';
		if (strcmp(out, cases[i].want) != 0)
			fail_msg("%s:\nwanted %s\ngot    %s", cases[i].in, cases[i].want, out);
	}
}

/* Never longer than it was, whatever it is: pieces of markup in any order, into exactly as much room. */
static void never_longer(void **state)
{
	static const char *const pieces[] = {"<",      ">",         "&",         ";",      "#",        "x",     "meta",
										 " name=", " content=", "\"",        "'",      "\n",       "<!--",  "-->",
										 "<p>",    "&#9;",      "&#xFFFF;",  "/",      "<img",     " alt=", "=",
										 "script", "</script",  "&#1114111", "&amp;C", "<property"};
	unsigned seed = 1;
	for (int round = 0; round < 20000; round++) {
		char in[400];
		size_t len = 0;
		for (int i = 0; i < 16; i++) {
			seed = seed * 1103515245u + 12345u;
			const char *piece = pieces[seed / 65536 % COUNT(pieces)];
			memcpy(in + len, piece, strlen(piece));
			len += strlen(piece);
		}
		char *exact = malloc(len), *out = malloc(len);
		assert_true(exact != NULL && out != NULL);
		memcpy(exact, in, len);
		bool cut = false;
		assert_true(markup_to_text(out, len, exact, len, (enum markup)(round % 5), &cut) <= len);
		assert_false(cut);
		const size_t room = (size_t)round % len;
		assert_true(markup_to_text(out, room, exact, len, (enum markup)(round % 5), &cut) <= room);
		free(exact);
		free(out);
	}
}

/* Lines of an attribute are told once: as long as it was, not twice that. */
static void attributes_of_line_feeds(void **state)
{
	static const struct {
		enum markup kind;
		const char *head;
	} cases[] = {{MARKUP_HTML, "<meta content=\""},
				 {MARKUP_HTML, "<meta name=\""},
				 {MARKUP_HTML, "<img alt=\""},
				 {MARKUP_PROPERTIES, "<property name=\""},
				 {MARKUP_PROPERTIES, "<meta:x meta:name=\""}};
	enum { LINES = 1 << 20 };
	for (size_t i = 0; i < COUNT(cases); i++) {
		const size_t head = strlen(cases[i].head), len = head + LINES;
		char *in = malloc(len), *out = malloc(len);
		bool cut = true;
		assert_true(in != NULL && out != NULL);
		memcpy(in, cases[i].head, head);
		memset(in + head, '\n', LINES);
		size_t text = markup_to_text(out, len, in, len, cases[i].kind, &cut);
		assert_int_equal(text, LINES + 2); /* what parts words stands around them */
		assert_false(cut);
		assert_int_equal(markup_to_text(out, 1000, in, len, cases[i].kind, &cut), 1000);
		assert_true(cut);
		free(in);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_without_tags),
		cmocka_unit_test(never_longer),
		cmocka_unit_test(attributes_of_line_feeds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
