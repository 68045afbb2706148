/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/sniff.h"

#include "inspect/sniff_text.h"

#include <stdint.h>
#include <string.h>

#define OOXML "application/vnd.openxmlformats-officedocument."

/* Fixed bytes at a fixed place. Longer ones stand before shorter ones that they begin with. Names of types are
 * IANA's, and libmagic's where it has none. */
static const struct {
	uint16_t at, len;
	const char *bytes, *type;
	enum form form;
} signatures[] = {
	{0, 5, "%PDF-", "application/pdf", FORM_PDF},
	{0, 8, "\x89PNG\r\n\x1a\n", "image/png", FORM_BINARY},
	{0, 3, "\xff\xd8\xff", "image/jpeg", FORM_BINARY},
	{0, 6, "GIF87a", "image/gif", FORM_BINARY},
	{0, 6, "GIF89a", "image/gif", FORM_BINARY},
	{0, 4, "II*\0", "image/tiff", FORM_BINARY},
	{0, 4, "MM\0*", "image/tiff", FORM_BINARY},
	{0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", FORM_OLE},
	{0, 2, "\x1f\x8b", "application/gzip", FORM_ARCHIVE},
	{4, 6, "1AY&SY", "application/x-bzip2", FORM_ARCHIVE},
	{0, 6,
	 "\xfd"
	 "7zXZ\0",
	 "application/x-xz", FORM_ARCHIVE},
	{0, 4, "\x28\xb5\x2f\xfd", "application/zstd", FORM_ARCHIVE},
	{0, 4, "\x04\x22\x4d\x18", "application/x-lz4", FORM_ARCHIVE},
	{0, 6, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", FORM_ARCHIVE},
	{0, 6, "Rar!\x1a\x07", "application/x-rar", FORM_ARCHIVE},
	{0, 4, "MSCF", "application/vnd.ms-cab-compressed", FORM_ARCHIVE},
	{0, 21, "!<arch>\ndebian-binary", "application/vnd.debian.binary-package", FORM_ARCHIVE},
	{0, 8, "!<arch>\n", "application/x-archive", FORM_ARCHIVE},
	{257, 5, "ustar", "application/x-tar", FORM_ARCHIVE},
	{0, 16, "SQLite format 3\0", "application/vnd.sqlite3", FORM_BINARY},
	{0, 4, "\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap", FORM_BINARY},
	{0, 4, "\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap", FORM_BINARY},
	{0, 4, "\x4d\x3c\xb2\xa1", "application/vnd.tcpdump.pcap", FORM_BINARY},
	{0, 4, "\xa1\xb2\x3c\x4d", "application/vnd.tcpdump.pcap", FORM_BINARY},
	{0, 4, "\x0a\x0d\x0d\x0a", "application/x-pcapng", FORM_BINARY},
	{0, 8, "ElfFile\0", "application/x-ms-evtx", FORM_BINARY},
	{0, 4, "\xfe\xed\xfa\xce", "application/x-mach-binary", FORM_BINARY},
	{0, 4, "\xfe\xed\xfa\xcf", "application/x-mach-binary", FORM_BINARY},
	{0, 4, "\xce\xfa\xed\xfe", "application/x-mach-binary", FORM_BINARY},
	{0, 4, "\xcf\xfa\xed\xfe", "application/x-mach-binary", FORM_BINARY},
	{0, 4, "\0asm", "application/wasm", FORM_BINARY},
	{0, 8, "\x4c\0\0\0\x01\x14\x02\0", "application/x-ms-shortcut", FORM_BINARY},
	{0, 3, "ID3", "audio/mpeg", FORM_BINARY},
	{0, 4, "OggS", "application/ogg", FORM_BINARY},
	{0, 4, "fLaC", "audio/flac", FORM_BINARY},
	{0, 4, "\x1a\x45\xdf\xa3", "video/x-matroska", FORM_BINARY},
	{4, 6, "ftypqt", "video/quicktime", FORM_BINARY},
	{4, 7, "ftypM4A", "audio/mp4", FORM_BINARY},
	{4, 8, "ftypheic", "image/heic", FORM_BINARY},
	{4, 8, "ftypavif", "image/avif", FORM_BINARY},
	{4, 4, "ftyp", "video/mp4", FORM_BINARY},
	{8, 4, "WEBP", "image/webp", FORM_BINARY},
	{8, 4, "WAVE", "audio/x-wav", FORM_BINARY},
	{8, 4, "AVI ", "video/x-msvideo", FORM_BINARY},
	{0, 5, "{\\rtf", "text/rtf", FORM_TEXT},
	{0, 4, "%!PS", "application/postscript", FORM_TEXT},
};

static bool has(const char *head, size_t len, size_t at, const char *bytes, size_t n)
{
	return len >= at + n && memcmp(head + at, bytes, n) == 0;
}

static unsigned u16le(const char *p)
{
	return (unsigned)(unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8;
}

static unsigned u32be(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 24 | (unsigned)(unsigned char)p[1] << 16 |
		   (unsigned)(unsigned char)p[2] << 8 | (unsigned)(unsigned char)p[3];
}

static bool sniff_signature(struct sniffed *out, const char *head, size_t len)
{
	for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
		if (!has(head, len, signatures[i].at, signatures[i].bytes, signatures[i].len))
			continue;
		if (signatures[i].at == 8 && !has(head, len, 0, "RIFF", 4))
			continue;
		if (signatures[i].form == FORM_ARCHIVE && signatures[i].at == 4 && !has(head, len, 0, "BZh", 3))
			continue;
		*out = (struct sniffed){signatures[i].form, signatures[i].type};
		return true;
	}
	return false;
}

/* --- programs --- */

static bool sniff_program(struct sniffed *out, const char *head, size_t len)
{
	static const char *const elf_types[] = {"application/x-elf", "application/x-object", "application/x-executable",
											"application/x-sharedlib", "application/x-coredump"};
	out->form = FORM_BINARY;
	if (has(head, len, 0,
			"\x7f"
			"ELF",
			4)) {
		/* The fifth byte tells which end of the type comes first. */
		unsigned kind = len < 18 ? 0 : head[5] == 2 ? (unsigned char)head[17] : u16le(head + 16);
		out->type = elf_types[kind < 5 ? kind : 0];
		return true;
	}
	if (has(head, len, 0, "\xca\xfe\xba\xbe", 4) && len >= 8) {
		/* Java's versions begin at 45; no program was ever built for as many machines in one. */
		out->type = u32be(head + 4) < 40 ? "application/x-mach-binary" : "application/x-java-applet";
		return true;
	}
	out->type = "application/x-dosexec";
	return has(head, len, 0, "MZ", 2) && len >= 64 && !sniff_is_text(head, 64);
}

static bool sniff_bitmap(struct sniffed *out, const char *head, size_t len)
{
	*out = (struct sniffed){FORM_BINARY, "image/bmp"};
	return has(head, len, 0, "BM", 2) && has(head, len, 6, "\0\0\0\0", 4) && len >= 18 && u16le(head + 14) >= 12 &&
		   u16le(head + 14) <= 124;
}

/* --- zip and what is one --- */

/* The first member, stored as it is, says it; behind its name and what writers add to it. */
static const char *odf_type(const char *head, size_t len)
{
	const size_t at = len >= 30 ? 38 + (size_t)u16le(head + 28) : 0;
	static const char *const types[] = {
		"application/vnd.oasis.opendocument.text-template", "application/vnd.oasis.opendocument.text",
		"application/vnd.oasis.opendocument.spreadsheet",   "application/vnd.oasis.opendocument.presentation",
		"application/vnd.oasis.opendocument.graphics",
	};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (has(head, len, at, types[i], strlen(types[i])))
			return types[i];
	return NULL;
}

/* By the names of the members whose headers lie in the head. */
static const char *ooxml_type(const char *head, size_t len)
{
	static const struct {
		const char *folder, *type;
	} kinds[] = {{"word/", OOXML "wordprocessingml.document"},
				 {"xl/", OOXML "spreadsheetml.sheet"},
				 {"ppt/", OOXML "presentationml.presentation"}};
	for (const char *p = head, *end = head + len; (p = memmem(p, (size_t)(end - p), "PK\3\4", 4)) != NULL; p += 4)
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
			if (has(p, (size_t)(end - p), 30, kinds[i].folder, strlen(kinds[i].folder)))
				return kinds[i].type;
	return NULL;
}

static bool sniff_zip(struct sniffed *out, const char *head, size_t len)
{
	const char *type = NULL;
	*out = (struct sniffed){FORM_ZIP, "application/zip"};
	if (!has(head, len, 0, "PK\3\4", 4))
		return has(head, len, 0, "PK\5\6", 4) || has(head, len, 0, "PK\7\10PK", 6);
	if (has(head, len, 30, "mimetypeapplication/epub+zip", 28))
		out->type = "application/epub+zip";
	else if (has(head, len, 30, "mimetype", 8) && (type = odf_type(head, len)) != NULL)
		*out = (struct sniffed){FORM_OFFICE, type};
	else if (has(head, len, 30, "META-INF/", 9))
		out->type = "application/java-archive";
	else if ((has(head, len, 30, "[Content_Types].xml", 19) || has(head, len, 30, "_rels/", 6) ||
			  has(head, len, 30, "docProps/", 9)) &&
			 (type = ooxml_type(head, len)) != NULL)
		*out = (struct sniffed){FORM_OFFICE, type};
	return true;
}

/* Some writers put other bytes before it; readers search the first kilobyte. */
static bool sniff_late_pdf(struct sniffed *out, const char *head, size_t len)
{
	*out = (struct sniffed){FORM_PDF, "application/pdf"};
	return memmem(head, len < 1024 ? len : 1024, "%PDF-", 5) != NULL;
}

struct sniffed sniff(const void *head, size_t len, bool whole)
{
	struct sniffed out;
	if (len == 0)
		return (struct sniffed){FORM_EMPTY, "inode/x-empty"};
	if (sniff_signature(&out, head, len) || sniff_zip(&out, head, len) || sniff_program(&out, head, len) ||
		sniff_bitmap(&out, head, len) || sniff_text(&out, head, len, whole) || sniff_late_pdf(&out, head, len))
		return out;
	return (struct sniffed){FORM_UNKNOWN, "application/octet-stream"};
}
