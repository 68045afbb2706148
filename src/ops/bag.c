/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8493, section 2: bagit.txt has two lines; each manifest line is digest, two spaces, path, in which CR, LF and the
 * percent sign alone are percent-encoded; bag-info.txt is "Name: text" lines. */
#include "ops/bag.h"

#include "ops/pen.h"

#include <string.h>

#define BAG_DECLARATION "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

static void put_path(struct pen *pen, const char *path)
{
	while (*path != '\0') {
		size_t len = strcspn(path, "%\r\n");
		pen_bytes(pen, path, len);
		path += len;
		if (*path != '\0')
			pen_printf(pen, "%%%02X", (unsigned)(unsigned char)*path++);
	}
}

static void put_line(struct pen *pen, const struct digest *digest, const char *folder, const char *path)
{
	char hex[DIGEST_HEX + 1];
	digest_format(hex, digest);
	pen_bytes(pen, hex, DIGEST_HEX);
	pen_str(pen, "  ");
	pen_str(pen, folder);
	put_path(pen, path);
	pen_str(pen, "\n");
}

static void put_element(struct pen *pen, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	pen_printf(pen, "%s: ", name);
	pen_plain(pen, text);
	pen_str(pen, "\n");
}

static int write_declaration(int dir_fd, struct digest *digest, struct err *err)
{
	auto_pen pen = {.fd = -1};
	if (pen_open(&pen, dir_fd, "bagit.txt", err) < 0)
		return -1;
	pen_str(&pen, BAG_DECLARATION);
	return pen_close(&pen, digest);
}

static int write_info(int dir_fd, const struct bag_facts *facts, struct digest *digest, struct err *err)
{
	auto_pen pen = {.fd = -1};
	char day[UTC_TEXT + 1];
	if (pen_open(&pen, dir_fd, "bag-info.txt", err) < 0)
		return -1;
	utc_format(day, facts->date);
	day[strlen("2026-11-23")] = '\0';
	put_element(&pen, "Source-Organization", facts->organisation);
	put_element(&pen, "Bagging-Date", day);
	put_element(&pen, "External-Identifier", facts->identifier);
	put_element(&pen, "Internal-Sender-Description", facts->description);
	put_element(&pen, "Bag-Software-Agent", "valise " VALISE_VERSION);
	pen_printf(&pen, "Payload-Oxum: %llu.%llu\n", (unsigned long long)facts->manifest->bytes,
			   (unsigned long long)facts->manifest->files);
	return pen_close(&pen, digest);
}

static int write_manifest(int dir_fd, const struct manifest *manifest, struct digest *digest, struct err *err)
{
	auto_pen pen = {.fd = -1};
	if (pen_open(&pen, dir_fd, "manifest-sha256.txt", err) < 0)
		return -1;
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		if (manifest->entries[i].type != ENTRY_FOLDER)
			put_line(&pen, &manifest->entries[i].sha256, BAG_PAYLOAD "/", manifest->entries[i].path);
	return pen_close(&pen, digest);
}

static int write_tag_manifest(int dir_fd, const struct bag_facts *facts, const struct bag_tag_file *own, unsigned count,
							  struct err *err)
{
	auto_pen pen = {.fd = -1};
	if (pen_open(&pen, dir_fd, "tagmanifest-sha256.txt", err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		put_line(&pen, &own[i].sha256, "", own[i].name);
	for (unsigned i = 0; i < facts->tag_file_count; i++)
		put_line(&pen, &facts->tag_files[i].sha256, "", facts->tag_files[i].name);
	return pen_close(&pen, NULL);
}

int bag_write(int dir_fd, const struct bag_facts *facts, struct err *err)
{
	struct bag_tag_file own[] = {{.name = "bagit.txt"}, {.name = "bag-info.txt"}, {.name = "manifest-sha256.txt"}};
	return write_declaration(dir_fd, &own[0].sha256, err) < 0 || write_info(dir_fd, facts, &own[1].sha256, err) < 0 ||
				   write_manifest(dir_fd, facts->manifest, &own[2].sha256, err) < 0 ||
				   write_tag_manifest(dir_fd, facts, own, sizeof own / sizeof own[0], err) < 0
			   ? -1
			   : 0;
}
