/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_BASE_ERR_H
#define VALISE_BASE_ERR_H

#include <stdarg.h>

/* Every way to fail, in one table: code, name (stable: `--json` and the manual), exit status, meaning.
 * The exit statuses have names of their own: err_exit_name(). */
#define ERR_CODES(X)                                                                                        \
	X(OK, "ok", 0, "done, or verified")                                                                     \
	X(INTERNAL, "internal", 1, "a bug in valise")                                                           \
	X(MEMORY, "memory", 1, "out of memory")                                                                 \
	X(USAGE, "usage", 2, "the command line is wrong")                                                       \
	X(UNSIGNED, "unsigned", 3, "no signature of the sender that counts")                                    \
	X(BAD_SIGNATURE, "bad-signature", 3, "a signature does not match the waybill")                          \
	X(UNKNOWN_SIGNER, "unknown-signer", 3, "nobody in the registry signed")                                 \
	X(UNFIT_SIGNER, "unfit-signer", 3, "the signer's key is revoked, expired, or lacks the role")           \
	X(SIGNATURE_TIME, "signature-time", 3, "signed outside the waybill's own time window")                  \
	X(APPROVALS, "approvals", 3, "fewer people signed than are demanded")                                   \
	X(KEY_CHECK, "key-check", 3, "whoever wrote the waybill did not know the bundle key")                   \
	X(FINGERPRINT, "fingerprint", 3, "a fingerprint is not the one that was confirmed")                     \
	X(CERTIFICATE, "certificate", 3, "a certificate is not what the registry or card says")                 \
	X(REGISTRY_SIGNATURES, "registry-signatures", 3, "fewer administrators signed a registry than must")    \
	X(REGISTRY_ROLLBACK, "registry-rollback", 3, "a registry that is older than one held before")           \
	X(REGISTRY_FORK, "registry-fork", 3, "a registry that does not follow the one held")                    \
	X(REGISTRY_DOMAIN, "registry-domain", 3, "a registry of other administrators than those followed here") \
	X(TRUNCATED, "truncated", 4, "the file ends too early")                                                 \
	X(DAMAGED, "damaged", 4, "bytes are not as signed")                                                     \
	X(CHUNKS_MISSING, "chunks-missing", 4, "chunks of the payload are in none of the files given")          \
	X(FOREIGN_VOLUME, "foreign-volume", 4, "a file is not of the same bundle as the others")                \
	X(UNLABELLED, "unlabelled", 5, "a file carries no label of a required scheme")                          \
	X(LABEL, "label", 5, "a label is unknown, misspelt, or contradicts another")                            \
	X(CEILING, "ceiling", 5, "a label stands above what a partner or station may hold")                     \
	X(RECIPIENT, "recipient", 5, "this partner may not receive this")                                       \
	X(EXPIRED, "expired", 5, "a not-after has passed")                                                      \
	X(CLOCK, "clock", 5, "this clock stands before times that are known to have passed")                    \
	X(REPLAY, "replay", 5, "this bundle was received before")                                               \
	X(EQUIVOCATION, "equivocation", 5, "the sender gave one bundle id to two different bundles")            \
	X(UNDERSTATED, "understated", 5, "a file says more inside than its label")                              \
	X(DOWNGRADE, "downgrade", 5, "the same bytes were known under a higher label")                          \
	X(RELEASE, "release", 5, "not releasable to a recipient's jurisdiction")                                \
	X(PERSONAL_DATA, "personal-data", 5, "personal data without what their transfer needs")                 \
	X(REQUIREMENT, "requirement", 5, "a label asks for a fact that is missing")                             \
	X(TYPE, "type", 5, "a media type that this station does not allow")                                     \
	X(CONTENT, "content", 5, "something in the folder may not be packed")                                   \
	X(GOVERNED, "governed", 5, "administrators elsewhere keep the partners of this station")                \
	X(DECLINED, "declined", 5, "a person answered no")                                                      \
	X(NOT_FOR_US, "not-for-us", 6, "this station is not a recipient")                                       \
	X(KEY_UNAVAILABLE, "key-unavailable", 6, "the secret key or its passphrase is not available")           \
	X(SECRET_UNAVAILABLE, "secret-unavailable", 6, "the channel's pre-shared secret is not here")           \
	X(IO, "io", 7, "cannot read or write")                                                                  \
	X(NO_SPACE, "no-space", 7, "the file system is full")                                                   \
	X(EXISTS, "exists", 7, "the destination exists already")                                                \
	X(CHANGED, "changed", 7, "a source file changed while it was read")                                     \
	X(BUSY, "busy", 7, "another valise works on this station")                                              \
	X(NOT_A_BUNDLE, "not-a-bundle", 8, "not a bundle at all")                                               \
	X(VERSION, "version", 8, "made by a version that this one does not know")                               \
	X(CONTAINER, "container", 8, "the container is not in the one form that is allowed")                    \
	X(SIGNATURE_PACKET, "signature-packet", 8, "a signature file is not one plain signature")               \
	X(WAYBILL, "waybill", 8, "the waybill breaks the rules of valise-format(5)")                            \
	X(SUMS, "sums", 8, "the signed list of digests breaks the rules of valise-format(5)")                   \
	X(SLOT, "slot", 8, "a key slot breaks the rules of valise-format(5)")                                   \
	X(MANIFEST, "manifest", 8, "the manifest breaks the rules of valise-format(5)")                         \
	X(CHUNK, "chunk", 8, "a chunk does not decrypt or decompress as it must")                               \
	X(PAYLOAD, "payload", 8, "the archive is not what the manifest lists")                                  \
	X(DOCUMENT, "document", 8, "a card or other document breaks its rules")                                 \
	X(BACKUP, "backup", 8, "not a backup, or one that breaks its rules")                                    \
	X(PARITY, "parity", 8, "not a parity file, or one that breaks its rules")                               \
	X(LIMIT, "limit", 8, "a limit of the format is exceeded")                                               \
	X(NO_STATION, "no-station", 9, "there is no station here")                                              \
	X(STATION, "station", 9, "station.yaml is missing or wrong")                                            \
	X(REGISTRY, "registry", 9, "the registry is missing or wrong")                                          \
	X(PARTNER, "partner", 9, "no such partner, or it lacks what is needed")                                 \
	X(SCHEME, "scheme", 9, "a classification scheme is missing or wrong")                                   \
	X(LABEL_FILE, "label-file", 9, "a label file is missing or wrong")                                      \
	X(LEDGER, "ledger", 9, "the ledger cannot be used")                                                     \
	X(GNUPG, "gnupg", 9, "gpg is missing or does not work")                                                 \
	X(ATTENTION, "attention", 10, "done, but something needs a person")                                     \
	X(CANCELLED, "cancelled", 130, "interrupted; nothing left behind")

enum err_code {
#define X(code, name, exit, text) ERR_##code,
	ERR_CODES(X)
#undef X
		ERR_CODE_COUNT
};

enum { ERR_MESSAGE_MAX = 1024, ERR_HINT_MAX = 512 };

/* Caller-owned, of fixed size: an error survives running out of memory.
 * Texts may hold foreign bytes; only the command layer prints them, escaped. */
struct err {
	enum err_code code; /* ERR_OK: nothing failed yet */
	int saved_errno;    /* 0 where none was involved */
	char message[ERR_MESSAGE_MAX];
	char hint[ERR_HINT_MAX]; /* what to do next; "" for none */
};

#define ERR_INIT       \
	{                  \
		.code = ERR_OK \
	}

/* Record a failure. Always returns -1, so that callers write `return err_set(err, …)`.
 * A failure that is already recorded is kept: the first cause wins. */
[[gnu::format(printf, 3, 4)]] int err_set(struct err *err, enum err_code code, const char *fmt, ...);

/* The same for a failed system call: appends strerror(errno) and turns ENOSPC, EDQUOT, EEXIST and ENOMEM into their own
 * codes. */
[[gnu::format(printf, 2, 3)]] int err_sys(struct err *err, const char *fmt, ...);

/* Put context in front of the recorded message ("reports/a.txt: " …). Never changes the code. Returns -1. */
[[gnu::format(printf, 2, 3)]] int err_wrap(struct err *err, const char *fmt, ...);

/* What the person may do next; replaces an earlier hint. Returns -1. */
[[gnu::format(printf, 2, 3)]] int err_hint(struct err *err, const char *fmt, ...);

/* Replace the code where a layer knows better what the failure means (a document that is a waybill). Returns -1. */
int err_recode(struct err *err, enum err_code code);

const char *err_name(enum err_code code);    /* "key-check" */
int err_exit_status(enum err_code code);     /* 3 */
const char *err_meaning(enum err_code code); /* one line */
const char *err_exit_name(int exit_status);  /* "untrusted" */

#endif
