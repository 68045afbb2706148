/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/registry_view.h"

#include "cli/partner_view.h"
#include "cli/report.h"
#include "cli/show.h"
#include "ops/partner_change.h"
#include "ops/registry_diff.h"

#include <string.h>

void registry_tell_draft(struct cli *cli, const struct session *session)
{
	if (!session->registry.is_draft || cli->verbosity == QUIET)
		return;
	say(cli, "%s: this is a draft of number %llu. It takes force when it is signed: valise registry sign\n",
		styled(&cli->terminal, &cli->terminal.err, STYLE_WARN, "Not in force yet"),
		(unsigned long long)session->registry.doc.serial);
}

/* --- what differs --- */

struct showing {
	struct cli *cli;
	const struct session *session;
	const struct screen *screen;
	const struct registry_candidate *candidate;
	bool administrators; /* which partners this round is of: those first who may sign the registry */
	unsigned needed;     /* how many people must sign from now on */
	unsigned count;
	struct json *added, *changed, *removed; /* for JSON */
};

/* --- what becomes of certificates --- */

static void show_end(const struct showing *s, const char *what, int64_t before, int64_t after)
{
	if (before == after)
		return;
	if (after < 0)
		report_rowf(s->screen, "certificate", "no key of it can %s any more", what);
	else
		report_rowf(s->screen, "certificate", "the key to %s now ends: %s", what,
					after == 0 ? "never" : show_day(after).text);
}

static void show_subkeys(const struct showing *s, unsigned count, const char *what)
{
	if (count > 0)
		report_rowf(s->screen, "certificate", "%s%s", what, count > 1 ? " (several)" : "");
}

static bool says_the_same(const struct certificate_change *c)
{
	return !c->was_unusable && c->before.revoked == c->after.revoked && c->before.signs == c->after.signs &&
		   c->before.encrypts == c->after.encrypts && c->new_signing + c->new_encrypting + c->revoked == 0;
}

static void show_certificate(const struct showing *s, const struct certificate_change *c)
{
	if (says_the_same(c))
		report_row(s->screen, "certificate", "other bytes, which say the same");
	if (c->was_unusable)
		report_row(s->screen, "certificate", "the one that is held cannot be used; this one can");
	if (c->after.revoked && !c->before.revoked)
		report_row_styled(s->screen, "certificate",
						  styled(&s->cli->terminal, s->screen, STYLE_BAD, "the key is now REVOKED by its owner"));
	if (!c->after.revoked && !c->was_unusable) {
		show_end(s, "sign", c->before.signs, c->after.signs);
		show_end(s, "encrypt to", c->before.encrypts, c->after.encrypts);
	}
	show_subkeys(s, c->new_signing, "new signing subkey");
	show_subkeys(s, c->new_encrypting, "new encryption subkey");
	show_subkeys(s, c->revoked, "a subkey is now REVOKED");
}

static void show_certificates(const struct showing *s, const struct partner *partner)
{
	for (uint32_t k = 0; k < partner_key_count(partner); k++) {
		const struct fingerprint *key = partner_key_at(partner, k).fingerprint;
		const struct certificate_change *change = certificate_changes_find(&s->candidate->certificates, key);
		if (change != NULL && k > 0)
			report_row(s->screen, "former key", fingerprint_text(s->cli, key));
		if (change != NULL)
			show_certificate(s, change);
	}
}

static void put_end(struct json *json, const char *key, int64_t end)
{
	json_set_time(json, key, end > 0 ? end : 0);
}

static struct json *certificates_json(const struct showing *s, const struct partner *partner)
{
	struct json *array = json_array_new();
	for (uint32_t k = 0; k < partner_key_count(partner); k++) {
		const struct fingerprint *key = partner_key_at(partner, k).fingerprint;
		const struct certificate_change *c = certificate_changes_find(&s->candidate->certificates, key);
		if (c == NULL)
			continue;
		struct json *json = json_object_new();
		json_set_text(json, "fingerprint", key->hex);
		json_set_bool(json, "revoked", c->after.revoked);
		json_set_bool(json, "can-sign", c->after.signs >= 0);
		put_end(json, "signs-until", c->after.signs);
		json_set_bool(json, "can-encrypt", c->after.encrypts >= 0);
		put_end(json, "encrypts-until", c->after.encrypts);
		json_set_int(json, "new-signing", c->new_signing);
		json_set_int(json, "new-encryption", c->new_encrypting);
		json_set_int(json, "revoked-subkeys", c->revoked);
		json_add(array, json);
	}
	return array;
}

/* --- partner by partner --- */

static bool is_about_administrator(const struct registry_difference *d)
{
	return (d->before != NULL && partner_is_administrator(d->before)) ||
		   (d->after != NULL && partner_is_administrator(d->after));
}

static void show_heading(const struct showing *s, const struct registry_difference *d, const struct partner *partner)
{
	static const struct {
		enum style style;
		const char *word;
	} kinds[] = {[PARTNER_ADDED] = {STYLE_GOOD, "+ new"},
				 [PARTNER_CHANGED] = {STYLE_WARN, "~ changed"},
				 [PARTNER_GONE] = {STYLE_BAD, "- gone"}};
	struct terminal *terminal = &s->cli->terminal;
	(void)fprintf(s->screen->file, "%s  %s  %s\n",
				  styled(terminal, s->screen, kinds[d->kind].style, kinds[d->kind].word),
				  safe(terminal, partner->alias), party_text(s->cli, partner->party.name, partner->party.organisation));
}

static void show_administrator(const struct showing *s, const struct registry_difference *d)
{
	if (!is_about_administrator(d))
		return;
	const bool may = d->after != NULL && partner_is_administrator(d->after);
	(void)fprintf(s->screen->file, "  %s: %s; %u must sign\n",
				  styled(&s->cli->terminal, s->screen, STYLE_WARN, may ? "ADMINISTRATOR" : "NO ADMINISTRATOR ANY MORE"),
				  may ? "may sign the registry" : "could sign the registry", s->needed);
}

static void show_moved(const struct showing *s, const struct registry_difference *d)
{
	if (d->moved == NULL)
		return;
	report_row(s->screen, "key taken over", fingerprint_text(s->cli, d->moved));
	report_rowf(s->screen, "", "it was a key of %s, %s", d->moved_from->alias,
				party_text(s->cli, d->moved_from->party.name, d->moved_from->party.organisation));
}

/* By the person signatures are counted: who signs must see it, also where it stays. */
static void show_change(const struct showing *s, const struct registry_difference *d)
{
	if (s->needed > 1 && (d->fields & PARTNER_PERSON) == 0)
		report_row(s->screen, "person", safe(&s->cli->terminal, d->after->person));
	partner_show_changes(s->cli, s->screen, s->session, d->before, d->after);
	show_certificates(s, d->after);
}

static int show_one(void *ctx, const struct registry_difference *d, struct err *err)
{
	struct showing *s = ctx;
	const struct partner *partner = d->after != NULL ? d->after : d->before;
	if (is_about_administrator(d) != s->administrators)
		return 0;
	s->count++;
	show_heading(s, d, partner);
	show_administrator(s, d);
	show_moved(s, d);
	if (d->kind == PARTNER_ADDED)
		partner_show_entry(s->cli, s->screen, s->session, partner);
	else if (d->kind == PARTNER_CHANGED)
		show_change(s, d);
	return 0;
}

/* Administrators first: they decide what comes next. */
static int show_all(struct showing *s, const struct registry_doc *old, const struct registry_doc *new,
					registry_diff_fn *each, struct err *err)
{
	s->needed = new->administrators_needed;
	s->administrators = true;
	if (registry_diff(old, new, each, s, err) < 0)
		return -1;
	s->administrators = false;
	return registry_diff(old, new, each, s, err);
}

static unsigned show_needed(struct cli *cli, const struct screen *screen, const struct registry_doc *old,
							const struct registry_doc *new)
{
	if (old->administrators_needed == new->administrators_needed)
		return 0;
	(void)fprintf(screen->file, "%s  administrators who must sign: %u %s %u\n",
				  styled(&cli->terminal, screen, STYLE_WARN, "~ changed"), (unsigned)old->administrators_needed,
				  cli->terminal.utf8 ? "\xE2\x86\x92" : "->", (unsigned)new->administrators_needed);
	return 1;
}

int registry_show_difference(struct cli *cli, const struct session *session, const struct registry_candidate *candidate,
							 unsigned *out_count, struct err *err)
{
	const struct screen *screen = &cli->terminal.err;
	struct showing showing = {.cli = cli, .session = session, .screen = screen, .candidate = candidate};
	const struct registry_doc *old = registry_whole(&session->registry, err),
							  *new = registry_whole(&candidate->fresh, err);
	if (old == NULL || new == NULL || show_all(&showing, old, new, show_one, err) < 0)
		return -1;
	*out_count = showing.count + show_needed(cli, screen, old, new);
	return 0;
}

static int json_one(void *ctx, const struct registry_difference *d, struct err *err)
{
	const struct showing *s = ctx;
	const struct partner *partner = d->after != NULL ? d->after : d->before;
	if (is_about_administrator(d) != s->administrators)
		return 0;
	struct json *json = partner_entry_json(partner);
	json_set_bool(json, "administrator", d->after != NULL && partner_is_administrator(d->after));
	json_set_text(json, "key-from", d->moved_from != NULL ? d->moved_from->alias : NULL);
	if (d->kind == PARTNER_CHANGED) {
		json_set(json, "fields", partner_changes_json(d->before, d->after));
		json_set(json, "certificates", certificates_json(s, partner));
	}
	json_add(d->kind == PARTNER_ADDED ? s->added : d->kind == PARTNER_CHANGED ? s->changed : s->removed, json);
	return 0;
}

int registry_difference_json(struct cli *cli, const struct registry *held, const struct registry_candidate *candidate,
							 struct err *err)
{
	const struct registry *fresh = &candidate->fresh;
	struct showing showing = {.cli = cli,
							  .candidate = candidate,
							  .added = json_array_new(),
							  .changed = json_array_new(),
							  .removed = json_array_new()};
	struct json *difference = json_object_new();
	const struct registry_doc *old = registry_whole(held, err), *new = registry_whole(fresh, err);
	int rc = old == NULL || new == NULL ? -1 : show_all(&showing, old, new, json_one, err);
	json_set(difference, "added", showing.added);
	json_set(difference, "changed", showing.changed);
	json_set(difference, "removed", showing.removed);
	if (rc == 0) {
		json_set_int(difference, "needed-before", old->administrators_needed);
		json_set_int(difference, "needed", new->administrators_needed);
	}
	json_set(cli->json, "difference", difference);
	return rc;
}

/* --- the head --- */

const char *registry_signers_text(struct cli *cli, const struct registry_quorum *quorum)
{
	char names[REGISTRY_SIGNATURES_MAX * (PARTY_NAME_MAX + 2)];
	registry_quorum_names(quorum, names, sizeof names);
	return names[0] != '\0' ? safe(&cli->terminal, names) : "nobody";
}

void registry_show_head(struct cli *cli, const struct screen *screen, const struct registry *registry,
						const struct registry_quorum *quorum)
{
	const struct registry_doc *doc = &registry->doc;
	report_rowf(screen, "number", "%llu", (unsigned long long)doc->serial);
	report_row(screen, "domain", doc->domain.text);
	report_row(screen, "made", show_time(doc->created).text);
	report_rowf(screen, "not after", "%s, %s", show_time(doc->not_after).text,
				show_expiry(doc->not_after, utc_now()).text);
	if (doc->administrators_needed == 0)
		report_row(screen, "kept by", "this station itself");
	else
		report_rowf(screen, "signed by", "%s (%u of %u)", registry_signers_text(cli, quorum), quorum->people,
					(unsigned)doc->administrators_needed);
}

static struct json *signers_to_json(const struct registry_quorum *quorum)
{
	struct json *array = json_array_new();
	for (unsigned i = 0; i < quorum->count; i++) {
		const struct signer *signer = &quorum->signers[i];
		struct json *json = json_object_new();
		json_set_text(json, "fingerprint", signer->fingerprint.hex);
		json_set_text(json, "name", signer->name[0] != '\0' ? signer->name : NULL);
		json_set_bool(json, "counts", signer->standing == SIGNER_COUNTS);
		json_set_time(json, "time", signer->created);
		json_add(array, json);
	}
	return array;
}

void registry_head_to_json(struct json *json, const struct registry *registry, const struct registry_quorum *quorum)
{
	const struct registry_doc *doc = &registry->doc;
	json_set_int(json, "serial", (int64_t)doc->serial);
	json_set_text(json, "domain", doc->domain.text);
	json_set_digest(json, "digest", &registry->digest);
	json_set_time(json, "created", doc->created);
	json_set_time(json, "not-after", doc->not_after);
	json_set_int(json, "needed", doc->administrators_needed);
	json_set_int(json, "signed", quorum->people);
	json_set(json, "signers", signers_to_json(quorum));
}
