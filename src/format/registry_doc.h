/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_FORMAT_REGISTRY_DOC_H
#define VALISE_FORMAT_REGISTRY_DOC_H

#include "base/buf.h"
#include "base/ident.h"
#include "format/card.h"
#include "format/manifest.h"

#include <stdint.h>

enum {
	REGISTRY_BYTES_MAX = 16 << 20,
	REGISTRY_PARTNERS_MAX = 10000,
	REGISTRY_SERIAL_MAX = 1000000000,
	REGISTRY_ADMINISTRATORS_MAX = 16,
	ALIAS_MAX = 63,
	CEILINGS_MAX = 32,
	COMMUNITIES_MAX = 16,
	COMMUNITY_MAX = 63,
	MECHANISMS_MAX = 16,
	MECHANISM_REFERENCE_MAX = 256,
	REVOKED_REASON_MAX = 256,
	FORMER_KEYS_MAX = 8,
	ROLE_SEND = 1 << 0,    /* its seal counts here */
	ROLE_RECEIVE = 1 << 1, /* we may pack to it */
	ROLE_CARRY = 1 << 2,
	ROLE_APPROVE = 1 << 3,
	ROLE_ADMINISTER = 1 << 4,
	ROLES_ALL = ROLE_SEND | ROLE_RECEIVE | ROLE_CARRY | ROLE_APPROVE | ROLE_ADMINISTER,
};
#define REGISTRY_KIND "valise-registry: 1"
#define ROLE_NAMES "send,receive,carry,approve,administer"

/* Highest labels that somebody may hold, as "scheme/id", one for an ordered scheme. */
struct ceilings {
	char labels[CEILINGS_MAX][LABEL_ID_MAX + 1];
	uint32_t count;
};

/* Circles that somebody belongs to, "first", "wa-2023": [a-z0-9][a-z0-9-]*. */
struct communities {
	char items[COMMUNITIES_MAX][COMMUNITY_MAX + 1];
	uint32_t count;
};

/* By what personal data may go to a partner in a third country. */
struct mechanism {
	char term[TERM_MAX + 1]; /* "eu-gdpr:A46-3-b", of policy/terms.h */
	char reference[MECHANISM_REFERENCE_MAX + 1];
};
struct mechanisms {
	struct mechanism items[MECHANISMS_MAX];
	uint32_t count;
};

enum sector { SECTOR_PUBLIC, SECTOR_PRIVATE, SECTOR_COUNT };
extern const char *const sector_names[SECTOR_COUNT]; /* "public", "private" */

/* A key that a partner had before, see format/rotation.h. */
struct former_key {
	struct fingerprint fingerprint;
	struct digest certificate; /* sha256 of keys/<FPR>.pgp */
	int64_t until;             /* its signatures count until then */
	int64_t revoked;           /* when the trust in it was taken back; 0: not */
	char revoked_reason[REVOKED_REASON_MAX + 1];
};

/* Until when the present key can do its work, as its certificate said when it was taken in. For lists and reminders,
 * which need not ask gpg about thousands of certificates. Nobody is trusted for it: whoever packs, verifies or unpacks
 * asks the certificate itself. */
struct key_ends {
	bool known;              /* false in registries that were written before there was such a field */
	bool revoked;            /* by its owner */
	int64_t signs, encrypts; /* 0: no end; -1: no key in force can */
};

struct partner {
	char alias[ALIAS_MAX + 1]; /* [a-z0-9][a-z0-9-]* */
	struct fingerprint fingerprint;
	struct party party;
	char person[PARTY_NAME_MAX + 1]; /* who is behind the key; distinct people are counted by this */
	unsigned roles;
	uint32_t approvals;              /* demanded of this sender, at least 1 */
	struct ceilings *ceilings;       /* owned; NULL for none */
	struct communities *communities; /* likewise */
	struct mechanisms *mechanisms;   /* likewise */
	enum sector sector;              /* public where nobody said otherwise: the stricter one */
	int64_t added, valid_until;      /* 0: no end */
	int64_t revoked;                 /* when an administrator took the trust back; 0: not */
	char *revoked_reason;            /* owned; NULL for none */
	struct digest certificate;       /* sha256 of keys/<FPR>.pgp */
	struct key_ends ends;
	struct former_key *former; /* owned, the oldest first */
	uint32_t former_count;
};
/* NULL where it is none of its former keys. */
const struct former_key *partner_former(const struct partner *partner, const struct fingerprint *fpr);
/* All keys of a partner: 0 is the present one. */
struct partner_key { /* borrowed from the partner */
	const char *alias;
	const struct fingerprint *fingerprint;
	const struct digest *certificate;
};
struct partner_key partner_key_at(const struct partner *partner, uint32_t number);
struct partner_key partner_key_of(const struct partner *partner, const struct fingerprint *fpr); /* partner_has_key() */
static inline uint32_t partner_key_count(const struct partner *partner)
{
	return 1 + partner->former_count;
}
/* The present one or a former one. */
bool partner_has_key(const struct partner *partner, const struct fingerprint *fpr);

/* registry.yaml (valise-station(5), REGISTRY). */
struct registry_doc {
	struct uuid domain;
	uint64_t serial;
	struct digest previous; /* zeros for the first */
	int64_t created, not_after;
	uint32_t administrators_needed; /* distinct people with the role administer who must sign it; 0: nobody signs */
	struct partner *partners;       /* owned, sorted by alias */
	uint32_t count;
};

void registry_doc_clear(struct registry_doc *doc);
void partner_clear(struct partner *partner); /* what it owns */
/* out: partner_clear(). errors: ERR_MEMORY. */
int partner_copy(struct partner *out, const struct partner *partner, struct err *err);

/* errors: ERR_REGISTRY with line and column, ERR_VERSION, ERR_MEMORY. Refuses two partners of one alias or one
 * fingerprint. */
int registry_doc_parse(struct registry_doc *out, const char *bytes, size_t len, struct err *err);
/* The one form that signatures are made over; parses back to doc. errors: ERR_MEMORY. */
int registry_doc_format(struct buf *out, const struct registry_doc *doc, struct err *err);

/* Parts of bytes that registry_doc_format() made and registry_doc_parse() took whole before: thousands of partners are
 * not parsed anew for each bundle. The caller knows them by their digest; of others these say nothing.
 * out: without partners. */
int registry_doc_parse_head(struct registry_doc *out, const char *bytes, size_t len, struct err *err);
/* Each partner in turn, none of them kept: thousands need no more memory than one. each() returns -1, with err set, to
 * stop. */
typedef int registry_doc_each_fn(void *ctx, const struct partner *partner, struct err *err);
int registry_doc_each(const char *bytes, size_t len, registry_doc_each_fn *each, void *ctx, struct err *err);
/* out: partner_clear(). 1; 0 where there is none; -1. */
int registry_doc_find_alias(struct partner *out, const char *bytes, size_t len, const char *alias, struct err *err);
int registry_doc_find_fingerprint(struct partner *out, const char *bytes, size_t len, const struct fingerprint *fpr,
								  struct err *err);

/* Whether its signature under the registry can count. */
static inline bool partner_is_administrator(const struct partner *partner)
{
	return (partner->roles & ROLE_ADMINISTER) != 0 && partner->revoked == 0;
}

bool alias_is_valid(const char *alias);
/* "send,receive" to bits; false where a word is unknown. "" is 0. */
bool roles_parse(unsigned *out, const char *text);
void roles_format(char *out, size_t size, unsigned roles);

#endif
