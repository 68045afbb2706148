/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars of a fixed form. Every scalar is text until one of these has looked at it: YAML's own types are never asked.
 */
#include "base/text.h"
#include "base/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int yaml_read_plain_into(struct yaml *yaml, char *out, size_t size, size_t min, struct err *err)
{
	if (yaml_read_into(yaml, out, size, min, err) != 0)
		return -1;
	if (!text_is_plain(out, strlen(out)))
		return yaml_fail_value(yaml, err, "holds a control or invisible character");
	return 0;
}

int yaml_read_dup(struct yaml *yaml, char **out, size_t min, size_t max, struct err *err)
{
	const char *text;
	size_t len;
	*out = NULL;
	if (yaml_read_text(yaml, &text, &len, min, max, err) != 0)
		return -1;
	*out = strdup(text);
	return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}
/* Any length that a value of fixed form could have; what it is is the next one's to say. */
static int read_word(struct yaml *yaml, const char **out, size_t *out_len, struct err *err)
{
	return yaml_read_text(yaml, out, out_len, 0, SIZE_MAX, err);
}

int yaml_read_u64(struct yaml *yaml, uint64_t *out, uint64_t min, uint64_t max, struct err *err)
{
	const char *text;
	size_t len;
	uint64_t value;
	if (read_word(yaml, &text, &len, err) != 0)
		return -1;
	if (!text_parse_u64(&value, text, len, UINT64_MAX))
		return yaml_fail_value(yaml, err, "must be a whole number, written in plain digits");
	if (value < min || value > max)
		return yaml_fail_value(yaml, err, "must be between %llu and %llu", (unsigned long long)min,
							   (unsigned long long)max);
	*out = value;
	return 0;
}

int yaml_read_i64(struct yaml *yaml, int64_t *out, int64_t limit, struct err *err)
{
	const char *text;
	size_t len;
	if (read_word(yaml, &text, &len, err) != 0)
		return -1;
	if (!text_parse_i64(out, text, len, limit))
		return yaml_fail_value(yaml, err, "must be between %lld and %lld", -(long long)limit, (long long)limit);
	return 0;
}

int yaml_read_bool(struct yaml *yaml, bool *out, struct err *err)
{
	static const char *const words[] = {"false", "true"};
	unsigned which;
	if (yaml_read_choice(yaml, words, 2, &which, err) != 0)
		return -1;
	*out = which == 1;
	return 0;
}

int yaml_read_fingerprint(struct yaml *yaml, struct fingerprint *out, struct err *err)
{
	const char *text;
	size_t len;
	if (read_word(yaml, &text, &len, err) != 0)
		return -1;
	if (!fingerprint_parse(out, text, len))
		return yaml_fail_value(yaml, err, "must be a fingerprint: 40 or 64 upper-case hexadecimal digits");
	return 0;
}

int yaml_read_digest(struct yaml *yaml, struct digest *out, struct err *err)
{
	const char *text;
	size_t len;
	if (read_word(yaml, &text, &len, err) != 0)
		return -1;
	if (!digest_parse(out, text, len))
		return yaml_fail_value(yaml, err, "must be 64 lower-case hexadecimal digits");
	return 0;
}

int yaml_read_uuid(struct yaml *yaml, struct uuid *out, struct err *err)
{
	const char *text;
	size_t len;
	if (read_word(yaml, &text, &len, err) != 0)
		return -1;
	if (!uuid_parse(out, text, len))
		return yaml_fail_value(yaml, err, "must be a lower-case UUID of version 4");
	return 0;
}

int yaml_read_utc(struct yaml *yaml, int64_t *out, struct err *err)
{
	const char *text;
	size_t len;
	if (read_word(yaml, &text, &len, err) != 0)
		return -1;
	if (!utc_parse(out, text, len))
		return yaml_fail_value(yaml, err, "must be a time like 2026-11-23T18:12:00Z");
	return 0;
}

int yaml_read_choice(struct yaml *yaml, const char *const names[], size_t count, unsigned *out, struct err *err)
{
	const char *text;
	size_t len;
	if (read_word(yaml, &text, &len, err) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = i;
			return 0;
		}
	}
	char allowed[200] = "";
	for (size_t i = 0, used = 0; i < count && used < sizeof allowed; i++) {
		int n = snprintf(allowed + used, sizeof allowed - used, "%s%s", i > 0 ? ", " : "", names[i]);
		used += n > 0 ? (size_t)n : 0;
	}
	return yaml_fail_value(yaml, err, "must be one of: %s", allowed);
}
