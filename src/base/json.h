/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_JSON_H
#define VALISE_BASE_JSON_H

#include "base/cleanup.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Jansson's door. Values are owned by whoever made them until they are added somewhere. Running out of memory anywhere
 * makes json_write() fail; nothing else needs checking. Text that is not UTF-8 is stored escaped (text_escape). */
struct json;

struct json *json_object_new(void);
struct json *json_array_new(void);
void json_free(struct json *json);

static inline void cleanup_json(struct json **j)
{
	json_free(*j);
}
#define auto_json AUTO(cleanup_json) struct json

void json_set_text(struct json *object, const char *key, const char *text); /* NULL becomes null */
void json_set_int(struct json *object, const char *key, int64_t value);
void json_set_bool(struct json *object, const char *key, bool value);
void json_set(struct json *object, const char *key, struct json *value); /* takes value */
void json_add(struct json *array, struct json *value);                   /* takes value */
void json_add_text(struct json *array, const char *text);

/* One object, indented by two, in the order of insertion, LF at the end. 0, or -1. */
int json_write(const struct json *json, FILE *to);

/* --- reading, for small documents that others wrote --- */

/* in: bytes[len] borrowed, UTF-8. out: *out owned, json_free(). errors: ERR_DOCUMENT as "line 3, column 7: …": no JSON,
 * a key twice in one object, nested deeper than 2,048; ERR_MEMORY. */
int json_parse(struct json **out, const char *bytes, size_t len, struct err *err);

/* A value inside, borrowed; what is not there or of another type is "none", and so is all that is asked of it. */
struct json_ref {
	const void *value;
};
struct json_ref json_top(const struct json *json);
struct json_ref json_get(struct json_ref object, const char *key);
struct json_ref json_at(struct json_ref array, size_t number);
size_t json_count(struct json_ref array);
int64_t json_int(struct json_ref number, int64_t otherwise);
const char *json_text(struct json_ref text); /* NULL where it is no text, or holds U+0000 */

#endif
