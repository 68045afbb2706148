/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_internal.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct json *json_wrap(json_t *value)
{
	struct json *json = malloc(sizeof *json);
	if (json == NULL || value == NULL) {
		free(json);
		json_decref(value);
		return NULL;
	}
	*json = (struct json){.value = value};
	return json;
}

struct json *json_object_new(void)
{
	return json_wrap(json_object());
}

struct json *json_array_new(void)
{
	return json_wrap(json_array());
}

void json_free(struct json *json)
{
	if (json == NULL)
		return;
	json_decref(json->value);
	free(json);
}

/* Jansson takes value in every case and fails on NULL, which is what a failed allocation left. */
static void set_value(struct json *object, const char *key, json_t *value)
{
	if (object == NULL)
		json_decref(value);
	else if (json_object_set_new(object->value, key, value) != 0)
		object->failed = true;
}

static void add_value(struct json *array, json_t *value)
{
	if (array == NULL)
		json_decref(value);
	else if (json_array_append_new(array->value, value) != 0)
		array->failed = true;
}

static json_t *text_value(const char *text)
{
	size_t len = strlen(text);
	if (text_is_utf8(text, len))
		return json_stringn(text, len);
	auto_buf escaped = {0};
	struct err err = ERR_INIT;
	if (text_escape(&escaped, text, len, &err) != 0)
		return NULL;
	return json_stringn(escaped.data, escaped.len);
}

void json_set_text(struct json *object, const char *key, const char *text)
{
	set_value(object, key, text != NULL ? text_value(text) : json_null());
}

void json_set_int(struct json *object, const char *key, int64_t value)
{
	set_value(object, key, json_integer(value));
}

void json_set_bool(struct json *object, const char *key, bool value)
{
	set_value(object, key, json_boolean(value));
}

/* What is inside value, which is used up; *failed where it was incomplete. */
static json_t *unwrap(struct json *value, bool *failed)
{
	if (value == NULL) {
		*failed = true;
		return NULL;
	}
	json_t *inside = value->value;
	*failed = *failed || value->failed;
	free(value);
	return inside;
}

void json_set(struct json *object, const char *key, struct json *value)
{
	bool failed = false;
	json_t *inside = unwrap(value, &failed);
	set_value(object, key, inside);
	if (object != NULL && failed)
		object->failed = true;
}

void json_add(struct json *array, struct json *value)
{
	bool failed = false;
	json_t *inside = unwrap(value, &failed);
	add_value(array, inside);
	if (array != NULL && failed)
		array->failed = true;
}

void json_add_text(struct json *array, const char *text)
{
	add_value(array, text != NULL ? text_value(text) : json_null());
}

/* ASCII only: what a terminal must not get to see (bidi controls, C1) arrives as \uXXXX, and a program loses nothing.
 */
int json_write(const struct json *json, FILE *to)
{
	if (json == NULL || json->failed || json_dumpf(json->value, to, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)
		return -1;
	return fputc('\n', to) == EOF ? -1 : 0;
}
