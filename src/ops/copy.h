/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_COPY_H
#define VALISE_OPS_COPY_H

#include "keyring/trust.h"
#include "media/direct.h"
#include "media/medium.h"
#include "ops/parity.h"
#include "ops/session.h"

/* Bundles, as they are, onto another medium, read back from there before they get their names. Needs public keys only,
 * and those only to tell who sealed them: what nobody here can judge is copied as well, and told. */

enum copy_waits { COPY_WAITS_LEAVING, COPY_WAITS_RETURN };

struct copy_request {
	const char *home; /* --home or NULL */
	const char *const *sources;
	unsigned count;
	const char *folder;
	bool split;                /* the sources are the files of one bundle, whose chunks are dealt out anew: */
	uint64_t volume_bytes;     /* as volume_size_parse() gave it */
	struct parity_wish parity; /* of these: parity files are made for what is new */
	bool replug;               /* wait until the medium was out and is back, and read once more */
	/* Told when the waiting begins, and again once it is out; may be NULL. */
	void (*wait)(void *ctx, enum copy_waits what, const struct medium *medium);
	void *wait_ctx;
	const struct progress *progress; /* may be NULL */
};

enum copy_how {
	COPY_NEW,
	COPY_RESUMED,     /* part of it was there, of an attempt before */
	COPY_THERE_BEFORE /* all of it was there under its name; it was read */
};

struct copied {
	char *source, *path; /* owned; path NULL until it is there */
	bool is_bundle;      /* else a parity file, which no signature covers: it came out as it went in, or was made */
	bool judged;         /* that its sender signed was checked, and counts here; else nobody here knows the sender */
	struct trust_verdict verdict; /* partner pointers are NULL: names are copied */
	struct fingerprint from;
	struct uuid bundle;
	struct digest digest; /* of the waybill; of a file beside, of all of it */
	struct digest cover;  /* of waybill and signatures, as bundle_read_back() takes it */
	enum copy_how how;
	uint64_t bytes, kept; /* kept: need not be written */
	enum direct_way way;
};

enum copy_replugged {
	REPLUG_NOT_ASKED,
	REPLUG_WAS_OUT,    /* it is another appearance of the disk: it was without power */
	REPLUG_NOT_PROVEN, /* it was unmounted and mounted; the kernel saw no disk leave, or does not tell */
};

struct copy_report {
	struct copied *items; /* owned; those that were reached, the last one perhaps not done */
	unsigned count;
	struct medium medium; /* where they went, as it was before */
	enum copy_replugged replugged;
	struct notices notices;
};
void copy_report_clear(struct copy_report *report);
#define auto_copy_report AUTO(copy_report_clear) struct copy_report

/* Nothing is overwritten. After a failure no half file has a final name. What the medium said to have of the one that
 * was under way stays as NAME.part, unless a person stopped it, or what came back was wrong: the same request goes on
 * from there. Every outcome is noted in the ledger, where there is one.
 * What lies beside is carried where it is a parity file, as its header and length tell; else a notice tells of it.
 * errors: those of verify but of a sender that is not known here; ERR_APPROVALS for one that waits; ERR_EXISTS where
 * something else has the name; ERR_NO_SPACE, ERR_IO, ERR_BUSY, ERR_CANCELLED; ERR_USAGE where --replug makes no
 * sense, or a name gives none for media; ERR_PARITY where a source is named as a parity file and is none. */
int copy_bundles(const struct copy_request *request, struct copy_report *out, struct err *err);

/* A name for media, [a-z0-9._-], of any: in lower case, "-" for what else there is. out: malloc'd.
 * errors: ERR_USAGE where nothing remains, ERR_MEMORY. */
int copy_name(char **out, const char *path, struct err *err);

#endif
