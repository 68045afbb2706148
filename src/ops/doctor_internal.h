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

/* The machine around the station. */
void doctor_examine_gnupg(struct examination *ex, bool *out_usable);
void doctor_examine_memory(struct examination *ex);
void doctor_examine_swap(struct examination *ex);

#endif
