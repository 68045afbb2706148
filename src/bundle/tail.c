/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/tail.h"

#include "bundle/bundle_internal.h"

#include <string.h>

/* --- making --- */

int tail_format(struct buf *out, const struct trailer *trailer, const struct bundle_seal *seals, unsigned count,
				struct err *err)
{
	static const unsigned char end[USTAR_END];
	struct trailer places = *trailer;
	char name[USTAR_NAME_MAX + 1], text[MEMBER_TRAILER_BYTES];
	const size_t before = out->len;
	if (count == 0 || count > MEMBER_SIGNATURES_MAX)
		return err_set(err, ERR_INTERNAL, "a bundle with %u signatures", count);
	for (unsigned i = 0; i < count; i++) {
		if (i > 0 && strcmp(seals[i - 1].name.hex, seals[i].name.hex) >= 0)
			return err_set(err, ERR_INTERNAL, "signatures out of order");
		member_signature_name(name, &seals[i].name);
		if (ustar_append(out, name, seals[i].bytes, seals[i].len, err) < 0)
			return -1;
	}
	places.trailer = places.signatures + (out->len - before);
	trailer_format(text, &places);
	return ustar_append(out, "trailer", text, sizeof text, err) < 0 || buf_append(out, end, sizeof end, err) < 0 ? -1
																												 : 0;
}

/* --- growing --- */

void bundle_tail_clear(struct bundle_tail *tail)
{
	buf_clear(&tail->old);
	buf_clear(&tail->grown);
	buf_clear(&tail->bytes);
	*tail = (struct bundle_tail){0};
}

/* All that is there, and the new one in its place: the order is that of the names. */
static int gather(const struct bundle_verified *bundle, const struct bundle_seal *more, struct bundle_tail *out,
				  struct err *err)
{
	const struct container *c = bundle->parts[0].container;
	size_t at[MEMBER_SIGNATURES_MAX + 1];
	unsigned i = 0;
	bool placed = false;
	/* One buffer that may move while it grows: pointers come last. */
	while (i < c->signature_count || !placed) {
		int order = placed ? 1 : i == c->signature_count ? -1 : strcmp(more->name.hex, c->signers[i].hex);
		if (out->count == MEMBER_SIGNATURES_MAX)
			return err_set(err, ERR_LIMIT, "the bundle has %d signatures already", MEMBER_SIGNATURES_MAX);
		at[out->count] = out->bytes.len;
		out->seals[out->count].name = order > 0 ? c->signers[i] : more->name;
		if ((order > 0 ? member_read(bundle->parts[0].fd, c->signatures[i], &out->bytes, err)
					   : buf_append(&out->bytes, more->bytes, more->len, err)) < 0)
			return -1;
		placed |= order <= 0;
		i += order >= 0;
		out->count++;
	}
	at[out->count] = out->bytes.len;
	for (i = 0; i < out->count; i++) {
		out->seals[i].bytes = (const unsigned char *)out->bytes.data + at[i];
		out->seals[i].len = at[i + 1] - at[i];
	}
	return 0;
}

int bundle_tail_grow(const struct bundle_verified *bundle, const struct bundle_seal *more, struct bundle_tail *out,
					 struct err *err)
{
	const struct container *c = bundle->parts[0].container;
	const struct member whole = {.offset = c->found.signatures, .size = c->bytes - c->found.signatures};
	*out = (struct bundle_tail){.waybill = c->found.waybill, .from = c->found.signatures};
	return member_read(bundle->parts[0].fd, whole, &out->old, err) < 0 || gather(bundle, more, out, err) < 0 ||
				   tail_format(&out->grown, &c->found, out->seals, out->count, err) < 0
			   ? -1
			   : 0;
}
