/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HOUR_S = 3600, MINUTE_S = 60 };

[[gnu::format(printf, 1, 2)]] static struct phrase phrase(const char *fmt, ...)
{
	struct phrase out;
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(out.text, sizeof out.text, fmt, args);
	va_end(args);
	return out;
}

struct phrase show_count(uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
	struct phrase out = {""};
	char *at = out.text;
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

struct phrase show_size(uint64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	if (bytes < 1000)
		return phrase("%u byte%s", (unsigned)bytes, bytes == 1 ? "" : "s");
	double value = (double)bytes / 1000;
	size_t unit = 0;
	for (; value >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++)
		value /= 1000;
	int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	return phrase("%.*f %s", decimals, value, units[unit]);
}

struct phrase show_bytes(uint64_t bytes)
{
	if (bytes < 1000)
		return show_size(bytes);
	return phrase("%s bytes (%s)", show_count(bytes).text, show_size(bytes).text);
}

struct phrase show_number_of(uint64_t n, const char *thing)
{
	return phrase("%s %s%s", show_count(n).text, thing, n == 1 ? "" : "s");
}

struct phrase show_duration(int64_t seconds)
{
	if (seconds < 0)
		seconds = -seconds;
	if (seconds >= 2 * (int64_t)DAY_S)
		return show_number_of((uint64_t)((seconds + DAY_S / 2) / DAY_S), "day");
	if (seconds >= 2 * HOUR_S)
		return show_number_of((uint64_t)((seconds + HOUR_S / 2) / HOUR_S), "hour");
	if (seconds >= 2 * MINUTE_S)
		return show_number_of((uint64_t)((seconds + MINUTE_S / 2) / MINUTE_S), "minute");
	return show_number_of((uint64_t)seconds, "second");
}

struct phrase show_expiry(int64_t end, int64_t now)
{
	struct phrase left = show_duration(end - now);
	return end >= now ? phrase("expires in %s", left.text) : phrase("expired %s ago", left.text);
}

struct phrase show_time(int64_t time)
{
	char iso[UTC_TEXT + 1];
	utc_format(iso, time);
	return phrase("%.10s %.8s UTC", iso, iso + 11);
}

struct phrase show_day(int64_t time)
{
	char iso[UTC_TEXT + 1];
	utc_format(iso, time);
	return phrase("%.10s", iso);
}

int days_parse(uint32_t *out, const char *option, const char *text, uint32_t max, struct err *err)
{
	size_t len = strlen(text);
	uint64_t unit = 1, count = 0;
	if (len > 0 && (text[len - 1] == 'd' || text[len - 1] == 'w'))
		unit = text[--len] == 'w' ? 7 : 1;
	if (text_parse_u64(&count, text, len, max) && count > 0 && count * unit <= max) {
		*out = (uint32_t)(count * unit);
		return 0;
	}
	(void)err_set(err, ERR_USAGE, "%s %s: not a number of days from 1 to %u", option, text, (unsigned)max);
	return err_hint(err, "type for example %s 90d, or %s 12w", option, option);
}
