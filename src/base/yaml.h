/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_YAML_H
#define VALISE_BASE_YAML_H

#include "base/buf.h"
#include "base/err.h"
#include "base/ident.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libyaml's door: the one strict loader (valise-format(5), STRICT YAML), and the writer.
 *
 * Reading is by pull and by table: the caller says which keys a mapping may have and what reads each value. Nothing is
 * kept that the caller does not take, so a manifest of any length needs no tree. Every error carries line and column,
 * as "line 4, column 7: …", and the error code given to yaml_open(). */
struct yaml;

enum { YAML_DEPTH_MAX = 16 };

/* in: bytes borrowed until yaml_close(); kind is the first line without LF ("valise-waybill: 1"), compared byte for
 * byte before anything is parsed. A leading comment is not allowed before it. out: *out owned, yaml_close(); positioned
 * inside the document's top mapping, behind the kind. errors: ERR_VERSION where the name of the kind is right and its
 * number is not; code for all else; ERR_MEMORY. */
int yaml_open(struct yaml **out, const char *bytes, size_t len, const char *kind, enum err_code code, struct err *err);
void yaml_close(struct yaml *yaml);

static inline void cleanup_yaml(struct yaml **y)
{
	yaml_close(*y);
}
#define auto_yaml AUTO(cleanup_yaml) struct yaml

/* One key that a mapping may hold. read() is called with the value up next and must consume exactly it. */
struct yaml_field {
	const char *key;
	enum { YAML_OPTIONAL, YAML_REQUIRED } presence;
	int (*read)(struct yaml *yaml, void *into, struct err *err);
};

/* Read the rest of the document's top mapping by table, to the end of the document. At most 64 fields. Refuses unknown,
 * doubled and missing keys. into is handed to each read(). */
int yaml_read_document(struct yaml *yaml, const struct yaml_field *fields, size_t count, void *into, struct err *err);

/* The value up next is a mapping with these fields. */
int yaml_read_map(struct yaml *yaml, const struct yaml_field *fields, size_t count, void *into, struct err *err);

/* The value up next is a mapping with keys of the caller's kind (ceilings by scheme): each() gets the key,
 * NUL-terminated and valid during the call, and reads the value. Doubled keys are the caller's to notice. */
int yaml_read_pairs(struct yaml *yaml, int (*each)(struct yaml *, const char *key, void *into, struct err *),
					void *into, struct err *err);

/* The value up next is a sequence: each() is called with every item up next and must consume exactly it. */
int yaml_read_seq(struct yaml *yaml, int (*each)(struct yaml *, void *into, struct err *), void *into, struct err *err);

/* For rows of fixed columns: enter a sequence, read its items one by one, demand its end. */
int yaml_seq_begin(struct yaml *yaml, struct err *err);
int yaml_seq_end(struct yaml *yaml, struct err *err);

/* A scalar. *out is NUL-terminated, without NUL inside, and valid until the next call on this yaml.
 * errors: the open code where it is no scalar, shorter than min or longer than max bytes. */
int yaml_read_text(struct yaml *yaml, const char **out, size_t *out_len, size_t min, size_t max, struct err *err);
/* The same, copied: out[size], so at most size - 1 bytes. */
int yaml_read_into(struct yaml *yaml, char *out, size_t size, size_t min, struct err *err);
int yaml_read_plain_into(struct yaml *yaml, char *out, size_t size, size_t min,
						 struct err *err);                                                 /* also text_is_plain() */
int yaml_read_dup(struct yaml *yaml, char **out, size_t min, size_t max, struct err *err); /* malloc'd */
int yaml_read_u64(struct yaml *yaml, uint64_t *out, uint64_t min, uint64_t max, struct err *err);
int yaml_read_i64(struct yaml *yaml, int64_t *out, int64_t limit, struct err *err); /* |*out| <= limit */
int yaml_read_bool(struct yaml *yaml, bool *out, struct err *err);                  /* true, false */
int yaml_read_fingerprint(struct yaml *yaml, struct fingerprint *out, struct err *err);
int yaml_read_digest(struct yaml *yaml, struct digest *out, struct err *err);
int yaml_read_uuid(struct yaml *yaml, struct uuid *out, struct err *err);
int yaml_read_utc(struct yaml *yaml, int64_t *out, struct err *err);
/* One of names[count]; *out its index. The error lists what is allowed. */
int yaml_read_choice(struct yaml *yaml, const char *const names[], size_t count, unsigned *out, struct err *err);

/* Where the value read last stands, for what can be judged only later. */
void yaml_place(const struct yaml *yaml, unsigned *out_line, unsigned *out_column);

/* A failure at the value read last, with its line and column in front. Returns -1. */
[[gnu::format(printf, 3, 4)]] int yaml_fail(struct yaml *yaml, struct err *err, const char *fmt, ...);
/* The same, saying which key it is: "line 4, column 7: "to" names nobody". fmt begins with the verb. */
[[gnu::format(printf, 3, 4)]] int yaml_fail_value(struct yaml *yaml, struct err *err, const char *fmt, ...);

/* --- writing: into a buf, double-quoted always --- */

/* "…" with the escapes that a double-quoted scalar needs. in: valid UTF-8. */
int yaml_put_quoted(struct buf *out, const char *text, struct err *err);
/* key: "text"\n behind indent spaces; times and digests in the form that yaml_read_utc() and yaml_read_digest() take */
int yaml_put_pair(struct buf *out, unsigned indent, const char *key, const char *text, struct err *err);
int yaml_put_utc(struct buf *out, unsigned indent, const char *key, int64_t time, struct err *err);
int yaml_put_digest(struct buf *out, unsigned indent, const char *key, const struct digest *digest, struct err *err);

#endif
