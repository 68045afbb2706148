/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/sniff_text.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { MAIL_LINES_MAX = 200 };

/* --- text or not --- */

/* BEL to CR without VT, and ESC: what terminals and line ends need. */
static bool is_foreign_control(unsigned char c)
{
	return c < 0x20 && (c < 7 || c > 13 || c == 11) && c != 0x1B;
}

/* Eight at a time: every byte at least 0x20 is the usual case. The trick leaves false alarms, never false silence. */
static bool may_have_control(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;
	memcpy(&word, p, sizeof word);
	return ((word - ones * 0x20) & ~word & (ones * 0x80)) != 0;
}

bool sniff_is_text(const void *head, size_t len)
{
	const char *p = head, *end = p + len;
	while (p < end) {
		const char *next = end - p >= 8 ? p + 8 : end;
		if (next == p + 8 && !may_have_control(p)) {
			p = next;
			continue;
		}
		for (; p < next; p++)
			if (is_foreign_control((unsigned char)*p))
				return false;
	}
	return true;
}

/* With its mark, or ASCII letters with a zero beside each. */
static bool is_utf16(const char *head, size_t len)
{
	if (len >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0))
		return len < 4 || memcmp(head + 2, "\0\0", 2) != 0;
	const size_t n = len < 64 ? len / 2 : 32;
	for (size_t zero = 0; zero < 2 && n >= 4; zero++) {
		size_t i = 0;
		while (i < n && head[2 * i + zero] == '\0' && head[2 * i + 1 - zero] != '\0' &&
			   (head[2 * i + 1 - zero] & 0x80) == 0 && !is_foreign_control((unsigned char)head[2 * i + 1 - zero]))
			i++;
		if (i == n)
			return true;
	}
	return false;
}

/* --- kinds of text --- */

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		p++;
	return p;
}

static bool starts(const char *p, const char *end, const char *with)
{
	return (size_t)(end - p) >= strlen(with) && strncasecmp(p, with, strlen(with)) == 0;
}

static bool sniff_script(struct sniffed *out, const char *p, const char *end)
{
	static const struct {
		const char *word, *type;
	} kinds[] = {{"python", "text/x-script.python"}, {"perl", "text/x-perl"}, {"ruby", "text/x-ruby"},
				 {"node", "text/javascript"},        {"php", "text/x-php"},   {"sh", "text/x-shellscript"}};
	if (!starts(p, end, "#!"))
		return starts(p, end, "<?php") ? (*out = (struct sniffed){FORM_SCRIPT, "text/x-php"}, true) : false;
	const size_t left = (size_t)(end - p);
	const char *line_end = memchr(p, '\n', left < 256 ? left : 256);
	const size_t line = line_end != NULL ? (size_t)(line_end - p) : left < 256 ? left : 256;
	/* "#![…" begins modules of some languages that no shell runs. */
	if (memchr(p, '/', line) == NULL)
		return false;
	*out = (struct sniffed){FORM_SCRIPT, "text/x-script"};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (memmem(p, line, kinds[i].word, strlen(kinds[i].word)) != NULL) {
			out->type = kinds[i].type;
			break;
		}
	return true;
}

/* Only a look: an object whose first key stands there, or an array whose first value may be one. */
static bool looks_like_json(const char *p, const char *end)
{
	if (p == end || (*p != '{' && *p != '['))
		return false;
	const bool object = *p == '{';
	p = skip_space(p + 1, end);
	if (p == end)
		return true;
	if (object)
		return *p == '"' || *p == '}';
	return strchr("[{]\"-0123456789", *p) != NULL || starts(p, end, "true") || starts(p, end, "false") ||
		   starts(p, end, "null");
}

static const char *skip_comments(const char *p, const char *end)
{
	while (starts(p, end, "<!--")) {
		const char *close = memmem(p, (size_t)(end - p), "-->", 3);
		if (close == NULL)
			return end;
		p = skip_space(close + 3, end);
	}
	return p;
}

static bool is_html(const char *p, const char *end)
{
	static const char *const tags[] = {"html", "head", "title", "body", "script", "style", "meta"};
	if (starts(p, end, "<!doctype"))
		return starts(skip_space(p + 9, end), end, "html");
	for (size_t i = 0; i < sizeof tags / sizeof tags[0] && p < end && *p == '<'; i++) {
		const char *behind = p + 1 + strlen(tags[i]);
		if (starts(p + 1, end, tags[i]) && (behind >= end || strchr(" \t\r\n>/", *behind) != NULL))
			return true;
	}
	return false;
}

static bool sniff_markup(struct sniffed *out, const char *p, const char *end)
{
	const bool xml = starts(p, end, "<?xml");
	if (xml) {
		const char *close = memmem(p, (size_t)(end - p), "?>", 2);
		p = close != NULL ? skip_space(close + 2, end) : end;
	}
	p = skip_comments(p, end);
	*out = (struct sniffed){FORM_HTML, xml ? "application/xhtml+xml" : "text/html"};
	if (is_html(p, end))
		return true;
	*out = (struct sniffed){FORM_XML, "text/xml"};
	if (starts(p, end, "<svg") || starts(p, end, "<!doctype svg")) {
		out->type = "image/svg+xml";
		return true;
	}
	return xml;
}

/* --- e-mail: lines of headers, some of them those that mail has --- */

/* How much a header's name speaks for mail: 2 for those that nothing else has. */
static int mail_weight(const char *name, size_t len)
{
	static const struct {
		const char *name;
		int weight;
	} names[] = {{"Return-Path", 2},  {"Received", 2}, {"Delivered-To", 2}, {"Message-ID", 2}, {"MIME-Version", 2},
				 {"From", 1},         {"To", 1},       {"Date", 1},         {"Subject", 1},    {"Cc", 1},
				 {"Content-Type", 1}, {"Sender", 1},   {"Reply-To", 1}};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i].name) == len && strncasecmp(names[i].name, name, len) == 0)
			return names[i].weight;
	return 0;
}

static size_t header_name(const char *p, const char *end)
{
	const char *from = p;
	while (p<end && * p> ' ' && *p < 0x7F && *p != ':')
		p++;
	return p < end && *p == ':' ? (size_t)(p - from) : 0;
}

static bool is_mail(const char *p, const char *end)
{
	int weight = 0;
	for (int i = 0; i < MAIL_LINES_MAX && p < end && *p != '\n' && *p != '\r'; i++) {
		const size_t name = header_name(p, end);
		if (name == 0 && (i == 0 || (*p != ' ' && *p != '\t')))
			return false;
		weight += name > 0 ? mail_weight(p, name) : 0;
		const char *line_end = memchr(p, '\n', (size_t)(end - p));
		p = line_end != NULL ? line_end + 1 : end;
	}
	return weight >= 3;
}

static bool sniff_mail(struct sniffed *out, const char *p, const char *end)
{
	*out = (struct sniffed){FORM_MAIL, "message/rfc822"};
	if (!starts(p, end, "From "))
		return is_mail(p, end);
	const char *line_end = memchr(p, '\n', (size_t)(end - p));
	out->type = "application/mbox";
	return line_end != NULL && is_mail(line_end + 1, end);
}

bool sniff_text(struct sniffed *out, const char *head, size_t len, bool whole)
{
	const char *p = head, *end = head + len;
	(void)whole;
	*out = (struct sniffed){FORM_UTF16, "text/plain"};
	if (is_utf16(head, len))
		return true;
	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	/* Whoever reads it as JSON finds control characters by himself; most of what is packed is JSON. */
	*out = (struct sniffed){FORM_JSON, "application/json"};
	if (looks_like_json(skip_space(p, end), end))
		return true;
	if (!sniff_is_text(head, len))
		return false;
	if (sniff_mail(out, p, end) || sniff_script(out, p, end))
		return true;
	p = skip_space(p, end);
	if (!sniff_markup(out, p, end))
		*out = (struct sniffed){FORM_TEXT, "text/plain"};
	return true;
}
