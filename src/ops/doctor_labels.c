/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the round that looks at labels: schemes, what the station's documents say about them, and whether files
 * can be read for those that stand inside. */
#include "ops/doctor_internal.h"

#include "inspect/inspect.h"
#include "ops/equivalence_file.h"
#include "ops/partner.h"
#include "ops/scheme_files.h"
#include "policy/equivalence.h"
#include "policy/rules.h"

/* --- schemes --- */

/* A paper for a scheme that is not there enables nothing: most likely its id is misspelt. */
static void examine_accreditations(struct examination *ex, const struct station *station)
{
	const struct accreditations *all = &station->doc.accreditations;
	struct err err = ERR_INIT;
	auto_scheme_files files = {.items = NULL};
	if (all->count == 0)
		return;
	if (scheme_files_load(&files, station, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "schemes", &err);
		return;
	}
	for (uint32_t i = 0; i < all->count; i++)
		if (scheme_files_find(&files, all->items[i].scheme) == NULL)
			finding_add(ex, FINDING_ATTENTION, "schemes",
						"mend accreditations in station.yaml; valise scheme list shows the ids",
						"there is an accreditation for the scheme \"%s\", and no such scheme", all->items[i].scheme);
}

/* A rule that names no label stops all work: better found here. */
static void examine_approvals(struct examination *ex, const struct session *session)
{
	const struct manifest nothing = {.entry_count = 0};
	struct policy_demand ignored;
	struct err err = ERR_INIT;
	if (policy_demand_approvals(&session->schemes, &session->station.doc.approvals, &nothing, &ignored, &err) < 0)
		finding_add_err(ex, FINDING_BROKEN, "approvals", &err);
}

bool doctor_examine_schemes(struct examination *ex, struct session *session)
{
	struct err err = ERR_INIT;
	if (session_load_schemes(&session->schemes, &session->station, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "schemes", &err);
		return false;
	}
	finding_add(ex, FINDING_OK, "schemes", "", "%zu classification schemes", session->schemes.count);
	examine_accreditations(ex, &session->station);
	struct ceilings ceilings = session->station.doc.ceilings;
	if (policy_normalise_ceilings(&session->schemes, &ceilings, &err) < 0)
		finding_add(ex, FINDING_BROKEN, "ceilings", "mend ceilings in station.yaml", "%s", err.message);
	examine_approvals(ex, session);
	return true;
}

void doctor_examine_partner_ceilings(struct examination *ex, const struct session *session,
									 const struct partner *partner)
{
	struct err err = ERR_INIT;
	if (partner->ceilings == NULL || session->schemes.count == 0)
		return;
	struct ceilings ceilings = *partner->ceilings;
	if (policy_normalise_ceilings(&session->schemes, &ceilings, &err) < 0)
		finding_add(ex, FINDING_ATTENTION, "partners", "until that is mended, nothing can be packed for this partner",
					"the ceilings of %s: %s", partner->alias, err.message);
}

/* --- the table of equivalences --- */

static void examine_entries(struct examination *ex, const struct equivalence_doc *table, int64_t now)
{
	const struct equivalence *first = NULL;
	unsigned ended = 0;
	for (uint32_t i = 0; i < table->count; i++)
		if (table->items[i].until != 0 && table->items[i].until <= now) {
			first = ended++ == 0 ? &table->items[i] : first;
		}
	if (ended > 0)
		finding_add(ex, FINDING_ATTENTION, "equivalence", "have the administrator renew the table, or leave them out",
					"%u of %u entries have ended, the first from %s to %s", ended, (unsigned)table->count, first->from,
					first->to);
	else
		finding_add(ex, FINDING_OK, "equivalence", "", "%u entries, all in force or to come", (unsigned)table->count);
}

/* From that day on the table stops all work here. */
static void examine_signer(struct examination *ex, const struct signer *signer, int64_t now)
{
	const int64_t end = signer_counts_until(signer);
	if (end <= 0 || end >= now + KEY_SOON_DAYS * (int64_t)DAY_S)
		return;
	finding_add(ex, FINDING_ATTENTION, "equivalence",
				"sign the table anew before, with a key that stays in force: valise scheme sign FILE",
				"the signature of %s under %s counts %lld more days; then nothing is packed or unpacked", signer->name,
				EQUIVALENCE_FILE, (long long)((end - now) / DAY_S));
}

void doctor_examine_equivalence(struct examination *ex, struct session *session)
{
	struct err err = ERR_INIT;
	struct signer signer;
	const int64_t now = utc_now();
	auto_equivalence_doc table = {.items = NULL};
	if (equivalence_load_signed(&table, session, now, &signer, &err) < 0) {
		finding_add_err(ex, FINDING_BROKEN, "equivalence", &err);
		return;
	}
	if (table.created == 0) /* there is none, and none is needed */
		return;
	examine_entries(ex, &table, now);
	examine_signer(ex, &signer, now);
	if (equivalence_check(&table, &session->schemes, &err) < 0)
		finding_add_err(ex, FINDING_ATTENTION, "equivalence", &err);
}

/* --- looking into files --- */

/* libmagic is asked for every file where types are restricted, and only for odd ones elsewhere. */
static void examine_types(struct examination *ex, const struct session *session)
{
	const struct station_doc *doc = &session->station.doc;
	const bool needed = doc->pack_types.count > 0 || doc->unpack_types.count > 0;
	struct err err = ERR_INIT;
	auto_inspector *inspector = NULL;
	if (inspector_new(&inspector, &session->schemes, INSPECT_TYPES_FULL, &err) == 0)
		finding_add(ex, FINDING_OK, "media types", "", "libmagic has its database");
	else if (needed)
		finding_add(ex, FINDING_BROKEN, "media types", err.hint, "types of files are restricted here: %s", err.message);
	else
		finding_add(ex, FINDING_ATTENTION, "media types", err.hint, "uncommon types are not known: %s", err.message);
}

void doctor_examine_inspection(struct examination *ex, const struct session *session)
{
	examine_types(ex, session);
	if (inspect_reads_pdf())
		finding_add(ex, FINDING_OK, "pdf", "", "pdftotext is there");
	else
		finding_add(ex, FINDING_ATTENTION, "pdf", "install it: apt-get install poppler-utils",
					"no pdftotext: labels inside of PDF files are not seen; pack tells it each time");
}
