/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_internal.h"

#include <string.h>

static int fail_parse(const json_error_t *error, struct err *err)
{
	if (json_error_code(error) == json_error_out_of_memory)
		return err_set(err, ERR_MEMORY, "out of memory");
	/* Jansson quotes what stands there: foreign text, for the command layer to escape. */
	return err_set(err, ERR_DOCUMENT, "line %d, column %d: %s", error->line, error->column, error->text);
}

int json_parse(struct json **out, const char *bytes, size_t len, struct err *err)
{
	json_error_t error;
	*out = NULL;
	json_t *value = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
	if (value == NULL)
		return fail_parse(&error, err);
	*out = json_wrap(value);
	return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

struct json_ref json_top(const struct json *json)
{
	return (struct json_ref){json->value};
}

struct json_ref json_get(struct json_ref object, const char *key)
{
	return (struct json_ref){json_object_get(object.value, key)};
}

struct json_ref json_at(struct json_ref array, size_t number)
{
	return (struct json_ref){json_array_get(array.value, number)};
}

size_t json_count(struct json_ref array)
{
	return json_array_size(array.value);
}

int64_t json_int(struct json_ref number, int64_t otherwise)
{
	return json_is_integer((const json_t *)number.value) ? json_integer_value(number.value) : otherwise;
}

const char *json_text(struct json_ref text)
{
	const char *bytes = json_string_value(text.value);
	return bytes != NULL && strlen(bytes) == json_string_length(text.value) ? bytes : NULL;
}
