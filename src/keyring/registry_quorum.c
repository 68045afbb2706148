/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/registry_quorum.h"

#include "policy/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- people --- */

static int count_people(struct registry_quorum *quorum, struct err *err)
{
	const char *names[REGISTRY_SIGNATURES_MAX];
	unsigned count = 0;
	for (unsigned i = 0; i < quorum->count; i++)
		if (quorum->signers[i].standing == SIGNER_COUNTS)
			names[count++] = signer_person(&quorum->signers[i]);
	return policy_count_people(names, count, &quorum->people, err);
}

/* When an administrator's signature ceases to count: the earlier end of entry and key, as the registry tells them. 0:
 * at no time that is known; -1: it does not count at all. */
static int64_t end_of(const struct partner *partner)
{
	const struct key_ends *ends = &partner->ends;
	if (!partner_is_administrator(partner) || (ends->known && (ends->revoked || ends->signs < 0)))
		return -1;
	return earlier_end(partner->valid_until, ends->known ? ends->signs : 0);
}

/* As how many people those count whose key is good at this time. */
static int count_good(const struct registry_doc *doc, int64_t time, unsigned *out, struct err *err)
{
	unsigned count = 0;
	auto_free const char **names = calloc(doc->count + (size_t)1, sizeof *names);
	if (names == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < doc->count; i++) {
		const int64_t end = end_of(&doc->partners[i]);
		if (end == 0 || end > time)
			names[count++] = doc->partners[i].person;
	}
	return policy_count_people(names, count, out, err);
}

int registry_check_administrators(const struct registry_doc *doc, struct err *err)
{
	unsigned people = 0;
	if (doc->administrators_needed == 0)
		return 0;
	if (count_good(doc, doc->created, &people, err) < 0)
		return -1;
	if (people >= doc->administrators_needed)
		return 0;
	(void)err_set(err, ERR_REGISTRY, "%u administrators must sign, and it names %u whose key is in force",
				  (unsigned)doc->administrators_needed, people);
	return err_hint(err, "give more people the role administer first, or have fewer of them sign: "
						 "valise registry sign --needed N");
}

int registry_find_weakest(const struct registry_doc *doc, const struct partner **out, int64_t *out_end, struct err *err)
{
	*out = NULL;
	*out_end = doc->not_after;
	for (uint32_t i = 0; i < doc->count; i++) {
		const int64_t end = end_of(&doc->partners[i]);
		unsigned people = doc->administrators_needed;
		if (end <= 0 || end > *out_end)
			continue;
		if (count_good(doc, end, &people, err) < 0)
			return -1;
		if (people >= doc->administrators_needed)
			continue;
		*out = &doc->partners[i];
		*out_end = end;
	}
	return 0;
}

/* --- judging --- */

static int fail_bad(const struct signer *signer, struct err *err)
{
	(void)err_set(err, ERR_BAD_SIGNATURE, "the signature of %s does not match the registry", signer->name);
	return err_hint(err, "it was altered after it was signed: ask the administrator for it anew");
}

/* Whether the certificate is the very one that the registry speaks of: gpg is what does not take it. */
static bool is_as_taken_in(const struct registry *registry, const struct signer *signer)
{
	auto_buf bytes = {0};
	struct err ignored = ERR_INIT;
	return registry != NULL && signer->partner != NULL &&
		   registry_key_certificate(registry, signer->partner, &signer->fingerprint, &bytes, &ignored) == 0;
}

/* A certificate that gpg does not take makes its partner's signature worth nothing, and not the whole file. One that
 * somebody changed in the home is another matter. */
static int let_be(struct registry_quorum *out, const struct registry *registry, struct signer *signer,
				  const struct err *fault, struct err *err)
{
	signer->standing = SIGNER_UNFIT;
	if ((fault->code == ERR_CERTIFICATE || fault->code == ERR_FINGERPRINT) && is_as_taken_in(registry, signer)) {
		memcpy(out->unusable, signer->name, sizeof out->unusable);
		return 0;
	}
	*err = *fault;
	return err_wrap(err, "signatures/%s.sig: ", signer->fingerprint.hex);
}

static int judge(const struct trust_anchor *anchor, unsigned role, const struct registry_file *file, int64_t now,
				 struct registry_quorum *out, struct err *err)
{
	out->count = file->signature_count;
	for (unsigned i = 0; i < file->signature_count; i++) {
		const struct registry_part *part = &file->signatures[i];
		const struct trust_signature signature = {
			.name = part->name, .bytes = (const unsigned char *)part->bytes, .len = part->len};
		struct signer *signer = &out->signers[i];
		struct err fault = ERR_INIT;
		*signer = (struct signer){.fingerprint = part->name};
		if (trust_judge_signature(anchor, &signature, role, file->registry, file->registry_len, now, signer, &fault) <
				0 &&
			let_be(out, anchor->registry, signer, &fault, err) < 0)
			return -1;
		if (signer->standing == SIGNER_BAD)
			return fail_bad(signer, err);
	}
	return count_people(out, err);
}

int registry_judge(const struct registry *administrators, const struct registry_file *file, int64_t now,
				   struct registry_quorum *out, struct err *err)
{
	const struct trust_anchor anchor = {.registry = administrators, .self = TRUST_SELF_AS_PARTNER};
	*out = (struct registry_quorum){.needed = administrators->doc.administrators_needed};
	if (judge(&anchor, ROLE_ADMINISTER, file, now, out, err) < 0)
		return -1;
	for (unsigned i = 0; i < out->count; i++)
		out->signers[i].partner = NULL; /* names were copied; the registry may go */
	return 0;
}

int registry_judge_by_card(const struct card *card, const struct registry_file *file, int64_t now,
						   struct registry_quorum *out, struct err *err)
{
	const struct trust_anchor anchor = {.card = card};
	*out = (struct registry_quorum){.needed = 1};
	return judge(&anchor, ROLE_SEND, file, now, out, err);
}

int registry_judge_times(struct registry_quorum *quorum, const struct registry_doc *doc, int64_t now, struct err *err)
{
	for (unsigned i = 0; i < quorum->count; i++) {
		struct signer *signer = &quorum->signers[i];
		if (signer->standing == SIGNER_COUNTS && !signer_is_inside(signer, doc->created, doc->not_after, now))
			signer->standing = SIGNER_TIME;
	}
	return count_people(quorum, err);
}

void registry_quorum_names(const struct registry_quorum *quorum, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < quorum->count && used < size; i++) {
		if (quorum->signers[i].standing != SIGNER_COUNTS)
			continue;
		int n = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", quorum->signers[i].name);
		used += n > 0 ? (size_t)n : 0;
	}
}

int registry_check_quorum(const struct registry_quorum *quorum, const char *whose, struct err *err)
{
	char names[ERR_MESSAGE_MAX / 2];
	if (quorum->people >= quorum->needed)
		return 0;
	registry_quorum_names(quorum, names, sizeof names);
	(void)err_set(err, ERR_REGISTRY_SIGNATURES, "%u of the %u administrators %s who must sign this registry did: %s",
				  quorum->people, quorum->needed, whose, names[0] != '\0' ? names : "nobody");
	if (quorum->unusable[0] != '\0')
		return err_hint(err,
						"%s signed too, but gpg does not take the certificate that the registry has for that key: "
						"an administrator takes the newest in with valise partner renew",
						quorum->unusable);
	return err_hint(err, "have another administrator sign it: valise registry sign FILE");
}
