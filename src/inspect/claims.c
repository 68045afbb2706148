/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/claims.h"

#include <string.h>
#include <strings.h>

enum { EXTENSION_MAX = 11 };
#define OOXML "application/vnd.openxmlformats-officedocument."
#define ODF "application/vnd.oasis.opendocument."
#define TEXTS "text/ message/rfc822 application/mbox application/json application/xml image/svg+xml"

/* Programs hide behind these names; what stands in no row claims nothing. */
static const struct claim claims[] = {
	{"txt text log md markdown rst asc adoc", "text/plain", TEXTS, CLAIM_PLAIN},
	{"csv tsv", "text/csv", "text/plain text/tab-separated-values application/csv", CLAIM_PLAIN},
	{"yaml yml toml ini conf cfg sql tex diff patch", "text/plain", TEXTS, CLAIM_PLAIN},
	{"yar yara rules sigma ioc", "text/plain", TEXTS, CLAIM_PLAIN},
	{"sh bash py pl rb js ps1 bat cmd vbs php lua c h cpp java go rs", "text/plain", TEXTS, CLAIM_SCRIPT},
	{"json", "application/json", NULL, CLAIM_PLAIN},
	{"jsonl ndjson", "application/x-ndjson", "text/plain application/json", CLAIM_PLAIN},
	{"html htm xhtml", "text/html", "application/xhtml+xml text/xml text/plain", CLAIM_PLAIN},
	{"xml xsd xsl rss", "text/xml", "application/xml application/xhtml+xml text/html image/svg+xml text/plain",
	 CLAIM_PLAIN},
	{"eml", "message/rfc822", "text/plain", CLAIM_PLAIN},
	{"mbox", "application/mbox", "message/rfc822 text/plain", CLAIM_PLAIN},
	{"rtf", "text/rtf", "application/rtf", CLAIM_PLAIN},
	{"pdf", "application/pdf", NULL, CLAIM_PLAIN},
	{"ps eps", "application/postscript", "image/x-eps", CLAIM_PLAIN},
	{"docx docm dotx", OOXML "wordprocessingml.document", "application/zip", CLAIM_PLAIN},
	{"xlsx xlsm xltx", OOXML "spreadsheetml.sheet", "application/zip", CLAIM_PLAIN},
	{"pptx pptm ppsx", OOXML "presentationml.presentation", "application/zip", CLAIM_PLAIN},
	{"odt ott", ODF "text", ODF "text-template", CLAIM_PLAIN},
	{"ods ots", ODF "spreadsheet", ODF "spreadsheet-template", CLAIM_PLAIN},
	{"odp otp", ODF "presentation", ODF "presentation-template", CLAIM_PLAIN},
	{"odg", ODF "graphics", NULL, CLAIM_PLAIN},
	{"doc dot", "application/msword", "application/x-ole-storage application/CDFV2 text/rtf", CLAIM_PLAIN},
	{"xls xlt", "application/vnd.ms-excel", "application/x-ole-storage application/CDFV2", CLAIM_PLAIN},
	{"ppt pps", "application/vnd.ms-powerpoint", "application/x-ole-storage application/CDFV2", CLAIM_PLAIN},
	{"msg", "application/vnd.ms-outlook", "application/x-ole-storage application/CDFV2", CLAIM_PLAIN},
	{"png", "image/png", NULL, CLAIM_PLAIN},
	{"jpg jpeg", "image/jpeg", NULL, CLAIM_PLAIN},
	{"gif", "image/gif", NULL, CLAIM_PLAIN},
	{"tif tiff", "image/tiff", NULL, CLAIM_ASK},
	{"webp", "image/webp", NULL, CLAIM_PLAIN},
	{"bmp", "image/bmp", "image/x-ms-bmp", CLAIM_ASK},
	{"svg", "image/svg+xml", "text/xml", CLAIM_PLAIN},
	{"ico", "image/vnd.microsoft.icon", "image/x-icon", CLAIM_ASK},
	{"heic", "image/heic", "image/heif video/mp4", CLAIM_ASK},
	{"mp3", "audio/mpeg", NULL, CLAIM_ASK},
	{"mp4 m4v", "video/mp4", "video/x-m4v video/quicktime", CLAIM_ASK},
	{"mov", "video/quicktime", "video/mp4", CLAIM_ASK},
	{"m4a", "audio/mp4", "audio/x-m4a video/mp4", CLAIM_ASK},
	{"avi", "video/x-msvideo", NULL, CLAIM_ASK},
	{"mkv webm", "video/x-matroska", "video/webm", CLAIM_ASK},
	{"mpg mpeg", "video/mpeg", NULL, CLAIM_ASK},
	{"ogg oga ogv opus", "application/ogg", "audio/ogg video/ogg", CLAIM_PLAIN},
	{"wav", "audio/x-wav", NULL, CLAIM_ASK},
	{"flac", "audio/flac", NULL, CLAIM_PLAIN},
	{"zip", "application/zip", "application/java-archive application/epub+zip " OOXML " " ODF, CLAIM_PLAIN},
	{"jar", "application/java-archive", "application/zip", CLAIM_PLAIN},
	{"epub", "application/epub+zip", NULL, CLAIM_PLAIN},
	{"gz tgz", "application/gzip", NULL, CLAIM_PLAIN},
	{"bz2 tbz", "application/x-bzip2", NULL, CLAIM_PLAIN},
	{"xz txz", "application/x-xz", NULL, CLAIM_PLAIN},
	{"zst", "application/zstd", NULL, CLAIM_PLAIN},
	{"7z", "application/x-7z-compressed", NULL, CLAIM_PLAIN},
	{"rar", "application/x-rar", NULL, CLAIM_PLAIN},
	{"tar", "application/x-tar", NULL, CLAIM_ASK},
	{"iso", "application/x-iso9660-image", "application/octet-stream", CLAIM_PLAIN},
	{"deb", "application/vnd.debian.binary-package", NULL, CLAIM_PLAIN},
	{"exe dll sys scr", "application/x-dosexec", "application/vnd.microsoft.portable-executable", CLAIM_ASK},
	{"class", "application/x-java-applet", NULL, CLAIM_PLAIN},
	{"sqlite sqlite3", "application/vnd.sqlite3", "application/x-sqlite3", CLAIM_PLAIN},
	{"pcap cap", "application/vnd.tcpdump.pcap", "application/x-pcapng", CLAIM_ASK},
	{"pcapng", "application/x-pcapng", "application/vnd.tcpdump.pcap", CLAIM_PLAIN},
	{"evtx", "application/x-ms-evtx", NULL, CLAIM_PLAIN},
};

/* One of the words between blanks; a word that ends with '/' or '.' stands for all that begin with it. */
static bool is_listed(const char *words, const char *word)
{
	const size_t len = strlen(word);
	for (const char *p = words; *p != '\0';) {
		const size_t n = strcspn(p, " ");
		const bool open = n > 0 && (p[n - 1] == '/' || p[n - 1] == '.');
		if ((n == len || (open && n < len)) && strncasecmp(p, word, n) == 0)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

/* Whether a lower-case word is one of those. For each file it is asked of every row: no call is worth making here. */
static bool has_word(const char *words, const char *word, size_t len)
{
	for (const char *p = words; *p != '\0';) {
		size_t n = 0;
		while (n < len && p[n] == word[n])
			n++;
		if (n == len && (p[n] == ' ' || p[n] == '\0'))
			return true;
		while (*p != '\0' && *p++ != ' ')
			;
	}
	return false;
}

const struct claim *claim_find(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path, *dot = strrchr(name, '.');
	/* ".log" is a hidden file without extension */
	if (dot == NULL || dot == name || strlen(dot) > EXTENSION_MAX + 1 || dot[1] == '\0')
		return NULL;
	char extension[EXTENSION_MAX];
	const size_t len = strlen(dot + 1);
	for (size_t i = 0; i < len; i++)
		extension[i] = (char)(dot[i + 1] >= 'A' && dot[i + 1] <= 'Z' ? dot[i + 1] + ('a' - 'A') : dot[i + 1]);
	for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
		if (has_word(claims[i].extensions, extension, len))
			return &claims[i];
	return NULL;
}

bool claim_holds(const struct claim *claim, const char *type)
{
	return claim_is(claim, type) || (claim->also != NULL && is_listed(claim->also, type));
}

bool claim_holds_form(const struct claim *claim, struct sniffed sniffed)
{
	if (sniffed.form == FORM_EMPTY)
		return true;
	if (sniffed.form == FORM_SCRIPT && claim->kind != CLAIM_SCRIPT)
		return false;
	return claim_holds(claim, sniffed.type);
}

bool claim_is(const struct claim *claim, const char *type)
{
	return claim != NULL && strcasecmp(claim->type, type) == 0;
}
