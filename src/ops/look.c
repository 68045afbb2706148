/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/look_internal.h"

#include "base/pool.h"
#include "ops/expiry.h"
#include "ops/registry_state.h"

/* A courier's laptop may have no station: then nobody is known, and that is told. One that was named must be there. */
static int open_session(struct look *look, const char *home, int64_t now, struct err *err)
{
	const struct gpg_passphrase never = {.mode = GPG_PASSPHRASE_NEVER};
	struct err own = ERR_INIT;
	int64_t latest = 0;
	if (session_open(&look->session, home, SESSION_LEDGER_READ, &never, &own) < 0) {
		if (home != NULL || own.code != ERR_NO_STATION) {
			*err = own;
			return -1;
		}
		notice_add(&look->notices,
				   "there is no station here, so that nobody is known: of each bundle only the keys are told "
				   "that are said to have signed it (a courier's station: valise init --verify-only)");
		return 0;
	}
	look->have_session = true;
	if (ledger_latest_seen(look->session.ledger, &latest, err) < 0)
		return -1;
	clock_tell(&look->notices, now, latest);
	registry_state_tell_life(&look->notices, &look->session.registry, now);
	return 0;
}

static int walk_places(struct looking *looking, const struct look_request *request, struct err *err)
{
	const struct look_visitor visitor = {.visit = look_visit, .ctx = looking};
	for (unsigned i = 0; i < request->place_count; i++)
		if (look_walk(request->places[i], &visitor, &looking->out->tally, err) < 0)
			return -1;
	return 0;
}

int look_at(const struct look_request *request, const struct progress *progress, struct look *out, struct err *err)
{
	struct looking looking = {.out = out, .request = request, .progress = progress, .now = utc_now()};
	*out = (struct look){.session.lock_fd = -1};
	if (open_session(out, request->home, looking.now, err) < 0)
		return -1;
	int rc = walk_places(&looking, request, err) < 0 || look_wait(&looking, err) < 0 ? -1 : 0;
	pool_free(looking.pool);
	return rc < 0 ? -1 : look_make_sets(out, err);
}

void look_clear(struct look *look)
{
	for (uint32_t i = 0; i < look->file_count; i++)
		look_file_clear(&look->files[i]);
	free(look->files);
	free(look->sets);
	notices_clear(&look->notices);
	session_close(&look->session);
	*look = (struct look){.session.lock_fd = -1};
}

struct look_party look_party_of(const struct look *look, const struct fingerprint *fpr)
{
	if (!look->have_session)
		return (struct look_party){"", "", "", false};
	const struct station_doc *self = &look->session.station.doc;
	if (station_doc_has_key(self, fpr))
		return (struct look_party){"", self->party.name, self->party.organisation, true};
	const struct partner *partner = registry_find(&look->session.registry, fpr);
	return partner != NULL
			   ? (struct look_party){partner->alias, partner->party.name, partner->party.organisation, false}
			   : (struct look_party){"", "", "", false};
}

uint32_t look_count_attention(const struct look *look)
{
	uint32_t count = look_tally_is_partial(&look->tally) || look->too_many;
	for (uint32_t i = 0; i < look->set_count; i++)
		count += look->sets[i].state >= LOOK_UNREADABLE || look->sets[i].equivocation;
	return count;
}
