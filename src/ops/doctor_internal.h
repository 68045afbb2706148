/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_DOCTOR_INTERNAL_H
#define VALISE_OPS_DOCTOR_INTERNAL_H

#include "ops/doctor.h"
#include "ops/session.h"

#include <stdbool.h>

/* Findings as they are gathered; running out of memory is kept until the end. */
struct examination {
	struct findings *out;
	bool out_of_memory;
};

/* advice: "" where nothing is to do. */
[[gnu::format(printf, 5, 6)]] void finding_add(struct examination *ex, enum finding_level level, const char *topic,
											   const char *advice, const char *fmt, ...);
/* A failure of something that was tried. */
void finding_add_err(struct examination *ex, enum finding_level level, const char *topic, const struct err *err);

/* Labels. */
bool doctor_examine_schemes(struct examination *ex, struct session *session); /* whether they can be used */
void doctor_examine_partner_ceilings(struct examination *ex, const struct session *session,
									 const struct partner *partner);
void doctor_examine_equivalence(struct examination *ex, struct session *session);
void doctor_examine_inspection(struct examination *ex, const struct session *session);

/* The home: who may look into it, room, what killed commands left. */
void doctor_examine_home(struct examination *ex, const struct station *station);
void doctor_examine_leftovers(struct examination *ex, const struct registry *registry); /* those of its changes */

/* GnuPG: the program and its helpers; the station's settings of it. */
void doctor_examine_gnupg(struct examination *ex, bool *out_usable);
void doctor_examine_settings(struct examination *ex, const struct station *station);
/* What is wrong with a version ("2.2.35") as its makers published it, in a few words; NULL where nothing is known. */
const char *doctor_gpg_fault(const char *version);
/* A line of settings, without comment, blanks around it and LF, or "" for none. out[size]. */
void doctor_setting(const char *line, char *out, size_t size);

/* The machine around the station. */
void doctor_examine_memory(struct examination *ex);
void doctor_examine_core_dumps(struct examination *ex);
void doctor_examine_swap(struct examination *ex);
void doctor_examine_entropy(struct examination *ex);

#endif
