/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/archive_out.h"

#include "format/pax.h"
#include "format/ustar.h"

static const unsigned char zeros[64 << 10];

static int put(struct archive_out *archive, const void *bytes, size_t len, struct err *err)
{
	archive->position += len;
	return writer_payload(archive->writer, bytes, len, err);
}

int archive_out_begin(struct archive_out *archive, struct manifest_entry *entry, struct err *err)
{
	unsigned char header[PAX_HEADER_MAX];
	size_t len = pax_header_build(header, entry);
	entry->offset = archive->position;
	archive->size = archive->left = entry->size;
	return put(archive, header, len, err);
}

int archive_out_bytes(struct archive_out *archive, const void *bytes, size_t len, struct err *err)
{
	if (len > archive->left)
		return err_set(err, ERR_CHANGED, "it grew while it was read");
	archive->left -= len;
	return put(archive, bytes, len, err);
}

int archive_out_end(struct archive_out *archive, struct err *err)
{
	if (archive->left > 0)
		return err_set(err, ERR_CHANGED, "it became shorter while it was read");
	return put(archive, zeros, ustar_padding(archive->size), err);
}

int archive_out_close(struct archive_out *archive, uint64_t (*padded_length)(uint64_t), struct err *err)
{
	if (put(archive, zeros, USTAR_END, err) < 0)
		return -1;
	uint64_t target = padded_length != NULL ? padded_length(archive->position) : archive->position;
	while (archive->position < target) {
		uint64_t left = target - archive->position;
		if (put(archive, zeros, left < sizeof zeros ? (size_t)left : sizeof zeros, err) < 0)
			return -1;
	}
	return 0;
}
