/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_REPORT_H
#define VALISE_CLI_REPORT_H

#include "cli/cli.h"
#include "keyring/trust.h"
#include "media/medium.h"
#include "ops/receive.h"
#include "ops/session.h"
#include "policy/scheme.h"

/* What several verbs say in the same words. Returned text is safe and lives as that of safe(). */

enum { ROW_INDENT = 16 }; /* where values begin */

/* "  key         value", the value wrapped; the further values of one key get "" as key. value is safe already. */
void report_row(const struct screen *screen, const char *key, const char *value);
[[gnu::format(printf, 3, 4)]] void report_rowf(const struct screen *screen, const char *key, const char *fmt, ...);
/* The same for one line that may hold colours. */
void report_row_styled(const struct screen *screen, const char *key, const char *value);

/* "Alice Example (Agency A)"; "unknown key" for nobody. */
const char *party_text(struct cli *cli, const char *name, const char *organisation);
/* Someone's words, in quotation marks. */
const char *quoted(struct cli *cli, const char *foreign);
/* The row of the words that stand on the waybill, outside of the encryption; nothing where there are none. */
void report_handling(struct cli *cli, const struct screen *screen, const char *handling);
const char *fingerprint_text(struct cli *cli, const struct fingerprint *fpr); /* in groups of four */
/* The rows of a fingerprint that somebody will read out: its digits, and the same as words. */
void report_fingerprint(struct cli *cli, const struct screen *screen, const struct fingerprint *fpr);

/* A label's display text in its scheme's colours ("tlp/amber" becomes TLP:AMBER), and several with a space between. */
const char *label_text(struct cli *cli, const struct screen *screen, const struct scheme_set *schemes, const char *id);
const char *labels_text(struct cli *cli, const struct screen *screen, const struct scheme_set *schemes,
						const char (*ids)[LABEL_ID_MAX + 1], uint32_t count);

/* Notices, to standard error; as JSON, an array of text. */
void report_notices(struct cli *cli, const struct notices *notices);
struct json *notices_json(const struct notices *notices);

/* JSON of things that many documents have. */
void json_set_time(struct json *object, const char *key, int64_t time);                  /* UTC; null for 0 */
void json_set_digest(struct json *object, const char *key, const struct digest *digest); /* null for zeros */
void json_set_labels(struct json *object, const char *key, const char (*ids)[LABEL_ID_MAX + 1], uint32_t count);
void json_set_fingerprint(struct json *object, const struct fingerprint *fpr); /* also "words"; null for "" */
struct json *party_json(const struct fingerprint *fpr, const char *name, const char *organisation);
struct json *medium_json(const struct medium *medium);
void json_set_sequence(struct json *object, uint64_t sequence); /* null for 0, which none is */

/* --- who signed --- */

/* Rows "signed by" and "approvals". */
void report_signers(struct cli *cli, const struct screen *screen, const struct trust_verdict *verdict);
struct json *signers_json(const struct trust_verdict *verdict);
const char *signer_standing_word(enum signer_standing standing); /* "counts", as in JSON */
/* "Alice Example (Agency A)", by the names that the registry gave the sender; as JSON, a party. */
const char *sender_text(struct cli *cli, const struct trust_verdict *verdict, const struct fingerprint *from);
struct json *sender_json(const struct trust_verdict *verdict, const struct fingerprint *from);

/* --- a bundle that was opened: what list and unpack share --- */

/* The verdict and what goes with it, to standard error. ending: "; the payload was not read" */
void report_received(struct cli *cli, const struct session *session, const struct received *received,
					 const char *ending);
/* Into cli->json: bundle, digest, from, signers, sequence, gap, marks, purpose, … */
void received_to_json(struct json *json, const struct received *received);

#endif
