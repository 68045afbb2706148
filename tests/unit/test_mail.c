/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "inspect/mail.h"

#include <stdlib.h>

static struct scheme_set schemes;
static struct text_labels *labels;

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	(void)state;
	return scheme_set_load_shipped(&schemes, NULL, &err) < 0 || text_labels_new(&labels, &schemes, &err) < 0;
}

static int tear_down(void **state)
{
	(void)state;
	text_labels_free(labels);
	scheme_set_clear(&schemes);
	return 0;
}

static struct inspection found;

static void look(const char *text, size_t len)
{
	char *exact = malloc(len > 0 ? len : 1);
	assert_non_null(exact);
	memcpy(exact, text, len);
	found = (struct inspection){0};
	expect_ok(mail_labels(labels, exact, len, &found, err));
	free(exact);
}

static void expect_found(const char *text, const char *want)
{
	auto_buf told = {0};
	look(text, strlen(text));
	expect_ok(buf_append_str(&told, "", err));
	for (uint32_t i = 0; i < found.finding_count; i++)
		expect_ok(buf_printf(&told, err, "%s%s@%s", i > 0 ? "; " : "", found.findings[i].label.label->text,
							 found.findings[i].where));
	if (found.not_read[0] != '\0')
		expect_ok(buf_printf(&told, err, " (%s)", found.not_read));
	if (strcmp(told.data, want) != 0)
		fail_msg("%s:\nwanted %s\ngot    %s", text, want, told.data);
}

#define MIXED "From: a\nContent-Type: multipart/mixed; boundary=\"B\"\n\npreamble TLP:GREEN\n--B\n"

static const char *const mails[][2] = {
	{"From: a\nSubject: [TLP:RED] x\n\nhi", "TLP:RED@header Subject"},
	{"From: a\r\nSubject: x\r\n TLP:RED\r\n\r\nhi", "TLP:RED@header Subject"},
	{"From: a\nX-TLP: AMBER\n\nTLP:RED", "TLP:AMBER@header X-TLP; TLP:RED@body"},
	{"Subject: =?utf-8?B?VExQOlJFRA==?=\n\n", "TLP:RED@header Subject"},
	{"Subject: =?UTF-8?q?TLP=3ARED_x?=\n\n", "TLP:RED@header Subject"},
	{"Subject: =?utf-8?Q?TLP:?= =?utf-8?Q?RED?=\n\n", "TLP:RED@header Subject"},
	{"Subject: =?utf-8?X?TLP:RED?= =?\n\n", "TLP:RED@header Subject"},
	{"Content-Transfer-Encoding: base64\n\nVExQ\nOlJF\nRA==\n", "TLP:RED@body"},
	{"Content-Transfer-Encoding: quoted-printable\n\nTLP:=\nRED TLP=3AGREEN=", "TLP:RED@body; TLP:GREEN@body"},
	{"Content-Type: text/html\n\n<b>TLP</b>&#58;<i>RED</i>", "TLP:RED@body"},
	{"Content-Type: TEXT/HTML; charset=utf-8\nContent-Transfer-Encoding: base64\n\nVExQOjxiPlJFRDwvYj4=",
	 "TLP:RED@body"},
	{MIXED "\nTLP:RED\n--B--\nTLP:AMBER", "TLP:RED@body"},
	{MIXED "Content-Type: text/html\n\n<p>TLP:RED\n--B\nContent-Type: image/png\n\nTLP:GREEN\n--B--",
	 "TLP:RED@body (its attachments are not looked into)"},
	{MIXED "Content-Type: message/rfc822\n\nSubject: TLP:RED\n\nTLP:AMBER\n--B--",
	 "TLP:RED@header Subject; TLP:AMBER@body"},
	{MIXED "Content-Type: multipart/alternative; boundary=C\n\n--C\n\nTLP:RED\n--C--\n--B\n\nPAP:RED\n",
	 "TLP:RED@body; PAP:RED@body"},
	{"From a@b\nFrom: a\n\nTLP:RED\n\nFrom c@d\nSubject: TLP:AMBER\n\n",
	 "TLP:RED@body (only the first message of the mailbox is looked at)"},
	{"Content-Transfer-Encoding: base64\n\nSGk=\nIFRMUDpSRUQ=\n", "TLP:RED@body"},
	{"Content-Type: text/plain; charset=UTF-16\n\nx", " (text in UTF-16 or UTF-7 is not decoded)"},
	{"Subject: TLP:RED", "TLP:RED@header Subject"},
	{"", ""},
	{"\n", ""},
};

static void headers_and_bodies(void **state)
{
	for (size_t i = 0; i < COUNT(mails); i++)
		expect_found(mails[i][0], mails[i][1]);
}

/* Cut anywhere and with bytes exchanged: it ends, within its bounds. */
static void hostile_mail(void **state)
{
	for (size_t i = 0; i < COUNT(mails); i++)
		for (size_t len = 0; len <= strlen(mails[i][0]); len++) {
			char copy[512];
			memcpy(copy, mails[i][0], len);
			look(copy, len);
			if (len > 0)
				copy[len * 7 % len] = "\n=?-:\"\0 "[len % 8];
			look(copy, len);
		}
}

static void nested_without_end(void **state)
{
	auto_buf mail = {0};
	for (int i = 0; i < 500; i++)
		expect_ok(buf_append_str(&mail, "Content-Type: multipart/mixed; boundary=B\n\n--B\n", err));
	expect_ok(buf_append_str(&mail, "\nTLP:RED\n", err));
	look(mail.data, mail.len);
	mail.len = 0;
	for (int i = 0; i < 8000; i++)
		expect_ok(buf_append_str(&mail, i == 0 ? "Content-Type: multipart/x; boundary=-\n\n" : "---\n-", err));
	look(mail.data, mail.len);
	mail.len = 0;
	expect_ok(buf_append_str(&mail, "Subject: ", err));
	for (int i = 0; i < 8000; i++)
		expect_ok(buf_append_str(&mail, "=?a?b?", err));
	look(mail.data, mail.len);
	assert_int_equal(found.finding_count, 0);
}

/* As long as it was, not twice that. */
static void attribute_of_line_feeds(void **state)
{
	auto_buf mail = {0};
	expect_ok(buf_append_str(&mail, "Content-Type: text/html\n\n<meta content=\"", err));
	for (int i = 0; i < 60000; i++)
		expect_ok(buf_append(&mail, "\n", 1, err));
	expect_ok(buf_append_str(&mail, "\">", err));
	look(mail.data, mail.len);
	assert_int_equal(found.finding_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_and_bodies),
		cmocka_unit_test(hostile_mail),
		cmocka_unit_test(nested_without_end),
		cmocka_unit_test(attribute_of_line_feeds),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
