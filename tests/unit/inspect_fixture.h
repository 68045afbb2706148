/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_TESTS_INSPECT_FIXTURE_H
#define VALISE_TESTS_INSPECT_FIXTURE_H

/* Stand-ins for what other modules define, so that a reader is tested alone. Weak: the real ones win. */
#include "base/io.h"
#include "inspect/inspect_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

[[gnu::weak]] void inspection_add(struct inspection *out, struct label_ref label, const char *where, const char *said)
{
	for (uint32_t i = 0; i < out->finding_count; i++)
		if (out->findings[i].label.label == label.label)
			return;
	if (out->finding_count == FINDINGS_MAX) {
		out->more_findings = true;
		return;
	}
	struct finding *finding = &out->findings[out->finding_count++];
	finding->label = label;
	(void)snprintf(finding->where, sizeof finding->where, "%s", where);
	(void)snprintf(finding->said, sizeof finding->said, "%s", said);
}

static inline bool fixture_find(struct label_ref *out, const struct scheme_set *set, const char *scheme,
								const char *word)
{
	char id[LABEL_ID_MAX + 1];
	if (strcasecmp(word, "white") == 0)
		word = "clear";
	if (strcasecmp(word, "amber+strict") == 0)
		word = "amber-strict";
	(void)snprintf(id, sizeof id, "%s/%s", scheme, word);
	for (char *p = id; *p != '\0'; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	return label_find(out, set, id);
}

[[gnu::weak]] bool label_find_tag(struct label_ref *out, const struct scheme_set *set, const char *tag)
{
	if (strncasecmp(tag, "tlp:", 4) == 0)
		return fixture_find(out, set, "tlp", tag + 4);
	return strncasecmp(tag, "pap:", 4) == 0 && fixture_find(out, set, "pap", tag + 4);
}

[[gnu::weak]] bool label_find_stix(struct label_ref *out, const struct scheme_set *set, const char *id)
{
	static const char *const known[][2] = {
		{"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", "clear"},
		{"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"},
		{"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", "amber"},
		{"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"},
		{"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "amber-strict"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i][0], id) == 0)
			return fixture_find(out, set, "tlp", known[i][1]);
	return false;
}

struct inspector {
	struct json_labels *json;
	char bytes[256 << 10];
};

[[gnu::weak]] int inspector_new(struct inspector **out, const struct scheme_set *schemes, enum inspect_types types,
								struct err *err)
{
	*out = calloc(1, sizeof **out);
	return *out == NULL ? err_set(err, ERR_MEMORY, "out of memory") : json_labels_new(&(*out)->json, schemes, err);
}

[[gnu::weak]] void inspector_free(struct inspector *inspector)
{
	if (inspector != NULL)
		json_labels_free(inspector->json);
	free(inspector);
}

[[gnu::weak]] int inspect_type(struct inspector *inspector, const void *head, size_t len, char *out, struct err *err)
{
	(void)inspector, (void)err;
	(void)strcpy(out, len > 0 && *(const char *)head == '{' ? "application/json" : "text/plain");
	return 0;
}

static inline bool fixture_ends(const char *name, const char *with)
{
	return strlen(name) >= strlen(with) && strcmp(name + strlen(name) - strlen(with), with) == 0;
}

[[gnu::weak]] int inspect_file(struct inspector *inspector, int fd, const char *name, uint64_t size,
							   struct inspection *out, struct err *err)
{
	char *bytes = inspector->bytes;
	const bool json = fixture_ends(name, ".json");
	uint64_t seen = 0;
	ssize_t len;
	*out = (struct inspection){.not_whole = size > INSPECT_BYTES_MAX};
	json_labels_begin(inspector->json, out);
	while (seen < INSPECT_BYTES_MAX && (len = io_read_up_to(fd, bytes, sizeof inspector->bytes, err)) > 0) {
		if (seen == 0)
			(void)inspect_type(inspector, bytes, (size_t)len, out->media_type, err);
		seen += (uint64_t)len;
		if (json && json_labels_feed(inspector->json, bytes, (size_t)len, err) < 0)
			return -1;
	}
	if (fixture_ends(name, ".png"))
		(void)strcpy(out->named_type, "image/png");
	return json ? json_labels_end(inspector->json, err) : 0;
}

#endif
