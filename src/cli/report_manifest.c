/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_manifest.h"

#include "base/text.h"
#include "cli/show.h"

#include <string.h>

enum { LABELS_SHOWN_MAX = 16, LABELS_COLUMNS_MAX = 40 };

/* --- markings --- */

static const char *marking_text(struct cli *cli, const struct screen *screen, const struct scheme_set *schemes,
								const struct manifest_marking *marking)
{
	char ids[LABELS_SHOWN_MAX][LABEL_ID_MAX + 1];
	uint32_t count = marking->count < LABELS_SHOWN_MAX ? marking->count : LABELS_SHOWN_MAX;
	for (uint32_t i = 0; i < count; i++)
		memcpy(ids[i], marking->labels[i].id, sizeof ids[i]);
	return labels_text(cli, screen, schemes, (const char(*)[LABEL_ID_MAX + 1]) ids, count);
}

/* Measured without colours, which take no room. */
static size_t marking_width(struct cli *cli, const struct scheme_set *schemes, const struct manifest_marking *marking)
{
	const struct screen plain = {.colour = false};
	return text_width(marking_text(cli, &plain, schemes, marking));
}

static size_t labels_column(struct cli *cli, const struct scheme_set *schemes, const struct manifest *manifest)
{
	size_t widest = strlen("LABELS");
	for (uint32_t i = 0; i < manifest->marking_count; i++) {
		size_t width = marking_width(cli, schemes, &manifest->markings[i]);
		if (width > widest && width <= LABELS_COLUMNS_MAX)
			widest = width;
	}
	return widest;
}

/* --- entries --- */

static void report_entry(struct cli *cli, const struct screen *screen, const struct scheme_set *schemes,
						 const struct manifest *manifest, const struct manifest_entry *entry, size_t column)
{
	bool folder = entry->type == ENTRY_FOLDER, marked = !folder && entry->marking < manifest->marking_count;
	const struct manifest_marking *marking = marked ? &manifest->markings[entry->marking] : NULL;
	size_t width = marked ? marking_width(cli, schemes, marking) : 0;
	(void)fprintf(screen->file, "%10s  %.16s  ", folder ? "-" : show_size(entry->size).text,
				  show_time(entry->mtime).text);
	(void)fprintf(screen->file, "%s%*s  ", marked ? marking_text(cli, screen, schemes, marking) : "",
				  width < column ? (int)(column - width) : 0, "");
	(void)fprintf(screen->file, "%s%s%s\n", safe(&cli->terminal, entry->path), folder ? "/" : "",
				  entry->type == ENTRY_EXECUTABLE ? "*" : "");
}

/* --- facts beside the labels --- */

static void report_fact(struct cli *cli, const struct screen *screen, const char *key, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	(void)fprintf(screen->file, "%30s%s: %s\n", "", key, safe(&cli->terminal, value));
}

static void report_facts(struct cli *cli, const struct screen *screen, const struct manifest_marking *marking)
{
	char list[RELEASABLE_MAX * 4 + 1] = "";
	for (uint32_t i = 0; i < marking->releasable_count; i++)
		(void)snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? ", " : "",
					   marking->releasable[i]);
	report_fact(cli, screen, "releasable to", list);
	for (uint32_t i = 0; i < marking->caveat_count; i++)
		report_fact(cli, screen, "caveat", marking->caveats[i]);
	for (uint32_t i = 0; i < marking->handle_as_count; i++)
		report_fact(cli, screen, "handle as", marking->handle_as[i]);
	report_fact(cli, screen, "originator", marking->originator.hex);
	report_fact(cli, screen, "registration", marking->registration);
	report_fact(cli, screen, "copy", marking->copy);
	report_fact(cli, screen, "processing record", marking->record);
	if (marking->expires != 0)
		report_fact(cli, screen, "label good until", show_time(marking->expires).text);
}

void report_entries(struct cli *cli, const struct screen *screen, const struct scheme_set *schemes,
					const struct manifest *manifest)
{
	size_t column = labels_column(cli, schemes, manifest);
	char heading[128];
	(void)snprintf(heading, sizeof heading, "%10s  %-16s  %-*s  %s", "SIZE", "CHANGED (UTC)", (int)column, "LABELS",
				   "PATH");
	(void)fprintf(screen->file, "%s\n", styled(&cli->terminal, screen, STYLE_BOLD, heading));
	for (uint32_t i = 0; i < manifest->entry_count; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		report_entry(cli, screen, schemes, manifest, entry, column);
		if (entry->type != ENTRY_FOLDER && entry->marking < manifest->marking_count)
			report_facts(cli, screen, &manifest->markings[entry->marking]);
	}
}

/* --- JSON --- */

static struct json *marking_json(const struct manifest_marking *marking)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < marking->count; i++) {
		struct json *json = json_object_new();
		json_set_text(json, "label", marking->labels[i].id);
		json_set_text(json, "origin", label_origin_name(marking->labels[i].origin));
		json_add(array, json);
	}
	return array;
}

static void add_facts_json(struct json *json, const struct manifest_marking *marking)
{
	struct json *releasable = json_array_new(), *caveats = json_array_new();
	for (uint32_t i = 0; i < marking->releasable_count; i++)
		json_add_text(releasable, marking->releasable[i]);
	for (uint32_t i = 0; i < marking->caveat_count; i++)
		json_add_text(caveats, marking->caveats[i]);
	json_set(json, "releasable-to", releasable);
	json_set(json, "caveats", caveats);
	json_set_labels(json, "handle-as", (const char(*)[LABEL_ID_MAX + 1]) marking->handle_as, marking->handle_as_count);
	json_set_text(json, "originator", marking->originator.hex[0] != '\0' ? marking->originator.hex : NULL);
	json_set_text(json, "registration", marking->registration);
	json_set_text(json, "copy", marking->copy);
	json_set_text(json, "record", marking->record);
	json_set_time(json, "label-expires", marking->expires);
}

static struct json *entry_json(const struct manifest *manifest, const struct manifest_entry *entry)
{
	static const char *const types[] = {
		[ENTRY_FOLDER] = "folder", [ENTRY_FILE] = "file", [ENTRY_EXECUTABLE] = "executable"};
	struct json *json = json_object_new();
	char modified[UTC_TEXT + 1];
	utc_format(modified, entry->mtime);
	json_set_text(json, "path", entry->path);
	json_set_text(json, "type", types[entry->type]);
	json_set_text(json, "modified", modified);
	if (entry->type == ENTRY_FOLDER)
		return json;
	json_set_int(json, "size", (int64_t)entry->size);
	if (!digest_is_zero(&entry->sha256))
		json_set_digest(json, "sha256", &entry->sha256);
	json_set_text(json, "media-type",
				  entry->media_type != NULL && entry->media_type[0] != '\0' ? entry->media_type : NULL);
	if (entry->marking < manifest->marking_count) {
		json_set(json, "labels", marking_json(&manifest->markings[entry->marking]));
		add_facts_json(json, &manifest->markings[entry->marking]);
	}
	return json;
}

struct json *entries_json(const struct manifest *manifest)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < manifest->entry_count; i++)
		json_add(array, entry_json(manifest, &manifest->entries[i]));
	return array;
}
