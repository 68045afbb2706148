/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "ops/equivalence_file.h"
#include "ops/scheme_files.h"
#include "policy/scheme_parse.h"

#include <string.h>

const struct option verb_scheme_import_options[] = {
	{.name = "as", .value = "ID", .help = "what the scheme is called here; else by its namespace"},
	{.name = "ranks", .value = "FILE", .help = "an overlay that says which label is higher"},
	{.name = "as-set", .help = "the labels have no order"},
	{.name = "overlay", .help = "write an overlay to fill in, not a scheme"},
	{.name = "output", .letter = 'o', .value = "FILE", .help = "write it there, not into the station's home"},
	OPTION_END,
};

/* --- a station, or none: the shipped schemes are there without one --- */

static int open_station(struct cli *cli, struct station *station, bool *found, struct err *err)
{
	auto_free char *path = NULL;
	struct err why = ERR_INIT;
	*found = station_home_path(&path, cli->home, &why) == 0 && station_open(station, path, &why) == 0;
	if (*found || (why.code == ERR_NO_STATION && cli->home == NULL))
		return 0;
	*err = why;
	return -1;
}

static int load(struct cli *cli, struct scheme_files *out, struct err *err)
{
	auto_station station = {.home_fd = -1};
	bool found;
	if (open_station(cli, &station, &found, err) < 0)
		return -1;
	if (!found)
		detail(cli, "There is no station here: these are the schemes that valise comes with.\n");
	return scheme_files_load(out, found ? &station : NULL, err);
}

static const char *state_of(const struct scheme_file *file)
{
	return !file->is_enabled ? "disabled" : file->scheme.restricted ? "accredited" : "enabled";
}

/* --- JSON --- */

static struct json *words_json(const struct label_words *words)
{
	struct json *array = json_array_new();
	for (uint32_t i = 0; i < words->count; i++)
		json_add_text(array, words->items[i]);
	return array;
}

static void add_constraints_json(struct json *json, const struct label *label)
{
	struct json *kinds = json_array_new(), *needs = json_array_new(), *implies = json_array_new();
	for (unsigned i = 0; i < PARTY_KIND_COUNT; i++)
		if (label->kinds & 1u << i)
			json_add_text(kinds, party_kind_names[i]);
	for (unsigned i = 0; i < NEED_COUNT; i++)
		if (label->needs & 1u << i)
			json_add_text(needs, label_need_names[i]);
	for (uint32_t i = 0; i < label->implies_count; i++)
		json_add_text(implies, label->implies[i]);
	json_set(json, "recipient-kinds", kinds);
	json_set_text(json, "recipients", label_audience_names[label->audience]);
	json_set(json, "needs", needs);
	json_set(json, "implies", implies);
}

static void set_colour(struct json *json, const char *key, const unsigned char colour[static 3])
{
	char text[sizeof "#RRGGBB"];
	(void)snprintf(text, sizeof text, "#%02X%02X%02X", colour[0], colour[1], colour[2]);
	json_set_text(json, key, text);
}

static struct json *label_json(const struct scheme *scheme, const struct label *label)
{
	struct json *json = json_object_new();
	char id[LABEL_ID_MAX + 1];
	label_format_id(id, (struct label_ref){.scheme = scheme, .label = label});
	json_set_text(json, "id", id);
	json_set_text(json, "text", label->text);
	if (label->rank >= 0)
		json_set_int(json, "rank", label->rank);
	json_set_text(json, "rule", label->rule[0] != '\0' ? label->rule : NULL);
	if (label->has_colour) {
		set_colour(json, "colour", label->colour);
		set_colour(json, "background", label->background);
	}
	add_constraints_json(json, label);
	json_set(json, "aliases", words_json(&label->aliases));
	json_set(json, "tags", words_json(&label->tags));
	return json;
}

static struct json *scheme_json(const struct scheme_file *file)
{
	const struct scheme *scheme = &file->scheme;
	struct json *json = json_object_new();
	json_set_text(json, "id", scheme->id);
	json_set_text(json, "version", scheme->version);
	json_set_text(json, "title", scheme->title);
	json_set_text(json, "state", state_of(file));
	json_set_text(json, "accreditation", scheme->accreditation[0] != '\0' ? scheme->accreditation : NULL);
	json_set_bool(json, "shipped", file->is_shipped);
	json_set_bool(json, "exclusive", scheme->exclusive);
	json_set_bool(json, "required", scheme->required);
	json_set_bool(json, "ceiling", scheme->ceiling);
	json_set_text(json, "combine", scheme_combine_names[scheme->combine]);
	json_set_digest(json, "semantics", &scheme->semantics);
	return json;
}

static struct json *scheme_with_labels_json(const struct scheme_file *file)
{
	struct json *json = scheme_json(file), *labels = json_array_new();
	for (size_t i = 0; i < file->scheme.label_count; i++)
		json_add(labels, label_json(&file->scheme, &file->scheme.labels[i]));
	json_set(json, "labels", labels);
	return json;
}

/* --- list --- */

static void list_row(struct cli *cli, struct table *table, const struct scheme_file *file)
{
	const struct scheme *scheme = &file->scheme;
	table_add(table, STYLE_PLAIN, safe(&cli->terminal, scheme->id));
	table_add(table, STYLE_PLAIN, safe(&cli->terminal, scheme->version));
	table_add(table, file->is_enabled ? STYLE_GOOD : STYLE_DIM, state_of(file));
	table_add(table, STYLE_PLAIN, scheme->required ? "required" : "optional");
	table_add(table, STYLE_PLAIN, file->is_shipped ? "valise" : "this station");
	table_printf(table, STYLE_PLAIN, "%zu", scheme->label_count);
	table_add(table, STYLE_PLAIN, safe(&cli->terminal, scheme->title));
}

int verb_scheme_list(struct cli *cli, struct options *options, struct err *err)
{
	static const char *const heading[] = {"ID", "VERSION", "STATE", "EACH FILE", "FROM", "LABELS", "TITLE"};
	auto_scheme_files files = {0};
	auto_table table = {0};
	(void)options;
	if (load(cli, &files, err) < 0)
		return -1;
	if (cli->json != NULL) {
		struct json *array = json_array_new();
		for (uint32_t i = 0; i < files.count; i++)
			json_add(array, scheme_json(&files.items[i]));
		json_set(cli->json, "schemes", array);
		return 0;
	}
	table_init(&table, sizeof heading / sizeof *heading);
	for (size_t i = 0; i < sizeof heading / sizeof *heading; i++)
		table_add(&table, STYLE_BOLD, heading[i]);
	for (uint32_t i = 0; i < files.count; i++)
		list_row(cli, &table, &files.items[i]);
	return table_print(&table, &cli->terminal, &cli->terminal.out) == 0 ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

/* --- show --- */

/* What a label asks, on one line: "recipients: persons only; needs a registration number". */
static void constraints_text(char *out, size_t size, const struct label *label)
{
	size_t used = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < PARTY_KIND_COUNT; i++)
		if ((label->kinds & 1u << i) && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", or " : "only to a ",
									 party_kind_names[i]);
	if (label->audience != AUDIENCE_ANY && used < size)
		used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? "; " : "",
								 label->audience == AUDIENCE_COMMUNITY ? "only within a community that is shared"
																	   : "only to one organisation");
	for (unsigned i = 0; i < NEED_COUNT; i++)
		if ((label->needs & 1u << i) && used < size)
			used += (size_t)snprintf(out + used, size - used, "%sneeds %s", used > 0 ? "; " : "", label_need_names[i]);
	for (uint32_t i = 0; i < label->implies_count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%swith %s or higher", used > 0 ? "; " : "",
								 label->implies[i]);
}

static void show_label(struct cli *cli, const struct screen *screen, const struct label *label)
{
	char constraints[512];
	const char *text = safe(&cli->terminal, label->text);
	if (label->has_colour)
		text = painted(&cli->terminal, screen, label->colour, label->background, text);
	if (label->rank >= 0)
		(void)fprintf(screen->file, "%8lld  %s\n", (long long)label->rank, text);
	else
		(void)fprintf(screen->file, "%8s  %s\n", "-", text);
	if (label->rule[0] != '\0')
		report_row(screen, "", safe(&cli->terminal, label->rule));
	constraints_text(constraints, sizeof constraints, label);
	if (constraints[0] != '\0')
		report_row(screen, "", safe(&cli->terminal, constraints));
	for (uint32_t i = 0; i < label->aliases.count; i++)
		report_rowf(screen, "", "also written %s", safe(&cli->terminal, label->aliases.items[i]));
}

static void show_legacy(struct cli *cli, const struct screen *screen, const struct scheme *scheme)
{
	for (size_t i = 0; i < scheme->legacy_count; i++) {
		const struct label_legacy *word = &scheme->legacy[i];
		const struct label *label = word->means[0] != '\0' ? scheme_find_label(scheme, word->means) : NULL;
		report_rowf(screen, i == 0 ? "earlier words" : "", "%s: %s%s", safe(&cli->terminal, word->text),
					word->action == LEGACY_REFUSE ? "refused" : "taken, with a warning, as ",
					word->action == LEGACY_REFUSE || label == NULL ? "" : safe(&cli->terminal, label->text));
	}
}

static void show_scheme(struct cli *cli, const struct scheme_file *file)
{
	const struct screen *screen = &cli->terminal.out;
	const struct scheme *scheme = &file->scheme;
	char digest[DIGEST_HEX + 1];
	digest_format(digest, &scheme->semantics);
	report_rowf(screen, "scheme", "%s, version %s", safe(&cli->terminal, scheme->id),
				safe(&cli->terminal, scheme->version));
	report_row(screen, "title", safe(&cli->terminal, scheme->title));
	if (scheme->authority[0] != '\0')
		report_rowf(screen, "authority", "%s%s%s", safe(&cli->terminal, scheme->authority),
					scheme->reference[0] != '\0' ? ", " : "", safe(&cli->terminal, scheme->reference));
	report_rowf(screen, "state", "%s%s%s", state_of(file), scheme->accreditation[0] != '\0' ? ": " : "",
				safe(&cli->terminal, scheme->accreditation));
	if (!file->is_enabled)
		report_rowf(screen, "", "to use it, name its paper in station.yaml: accreditations: {%s: \"…\"}", scheme->id);
	report_rowf(screen, "each file", "%s, %s", scheme->required ? "must have a label of it" : "may have a label of it",
				scheme->exclusive ? "and not more than one" : "or several");
	report_rowf(screen, "a bundle", "counts as %s",
				scheme->combine == COMBINE_MAX     ? "the highest of its files"
				: scheme->combine == COMBINE_UNION ? "all that its files carry"
												   : "what its files have in common");
	report_row(screen, "ceilings", scheme->ceiling ? "yes" : "none: whoever may have the file may have its label");
	report_row(screen, "digest", digest);
	(void)fprintf(screen->file, "%s\n", styled(&cli->terminal, screen, STYLE_BOLD, "    RANK  LABEL"));
	for (size_t i = 0; i < scheme->label_count; i++)
		show_label(cli, screen, &scheme->labels[i]);
	show_legacy(cli, screen, scheme);
}

static int fail_unknown(const struct scheme_files *files, const char *id, struct err *err)
{
	char ids[ERR_HINT_MAX - 32] = "";
	size_t used = 0;
	for (uint32_t i = 0; i < files->count && used < sizeof ids; i++)
		used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%s", i > 0 ? ", " : "", files->items[i].scheme.id);
	(void)err_set(err, ERR_SCHEME, "there is no scheme \"%s\" here", id);
	return err_hint(err, "there are %s", ids);
}

int verb_scheme_show(struct cli *cli, struct options *options, struct err *err)
{
	auto_scheme_files files = {0};
	if (load(cli, &files, err) < 0)
		return -1;
	const struct scheme_file *file = scheme_files_find(&files, options->words[0]);
	if (file == NULL)
		return fail_unknown(&files, options->words[0], err);
	if (cli->json != NULL)
		json_set(cli->json, "scheme", scheme_with_labels_json(file));
	else
		show_scheme(cli, file);
	return 0;
}

/* --- check --- */

int verb_scheme_check(struct cli *cli, struct options *options, struct err *err)
{
	struct json *array = cli->json != NULL ? json_array_new() : NULL;
	int rc = 0;
	for (unsigned i = 0; rc == 0 && i < options->word_count; i++) {
		AUTO(scheme_clear) struct scheme scheme = {0};
		rc = scheme_file_check(options->words[i], &scheme, err);
		if (rc == 0 && array != NULL)
			json_add_text(array, options->words[i]);
		if (rc == 0)
			result(cli, "%s: good: scheme %s, version %s, %s\n", safe(&cli->terminal, options->words[i]), scheme.id,
				   safe(&cli->terminal, scheme.version), show_number_of(scheme.label_count, "label").text);
	}
	if (array != NULL)
		json_set(cli->json, "good", array);
	return rc;
}

/* --- import --- */

static void tell_imported(struct cli *cli, const struct scheme_import *request, const struct scheme_imported *done)
{
	if (cli->json != NULL) {
		json_set_text(cli->json, "path", done->path);
		json_set_text(cli->json, "scheme", done->id);
		json_set_int(cli->json, "labels", done->labels);
		json_set_int(cli->json, "rules-left-out", done->rules_left_out);
		return;
	}
	if (done->path == NULL)
		(void)fwrite(done->text.data, 1, done->text.len, cli->terminal.out.file);
	else
		result_path(cli, done->path);
	if (done->rules_left_out > 0 && !request->overlay_only)
		say(cli, "Of %s the description is too long for a scheme and was left out.\n",
			show_number_of(done->rules_left_out, "label").text);
	if (request->overlay_only)
		say(cli, "Fill in the ranks, then: valise scheme import --ranks FILE %s\n",
			safe(&cli->terminal, request->path));
	else if (request->output == NULL)
		say(cli, "Its labels can be used from now on: valise scheme show %s\n", done->id);
}

int verb_scheme_import(struct cli *cli, struct options *options, struct err *err)
{
	auto_station station = {.home_fd = -1};
	auto_scheme_imported done = {0};
	bool found = false;
	const struct scheme_import request = {
		.path = options->words[0],
		.id = options_get(options, "as"),
		.ranks = options_get(options, "ranks"),
		.as_set = options_has(options, "as-set"),
		.overlay_only = options_has(options, "overlay"),
		.output = options_get(options, "output"),
	};
	if ((request.ranks != NULL) + request.as_set + request.overlay_only > 1)
		return err_set(err, ERR_USAGE, "--ranks, --as-set and --overlay exclude one another");
	bool needs_home = request.output == NULL && !request.overlay_only;
	if (needs_home) {
		auto_free char *path = NULL;
		if (station_home_path(&path, cli->home, err) < 0 || station_open(&station, path, err) < 0)
			return -1;
		found = true;
	}
	if (scheme_import(found ? &station : NULL, &request, &done, err) < 0)
		return -1;
	tell_imported(cli, &request, &done);
	return 0;
}

/* --- sign --- */

int verb_scheme_sign(struct cli *cli, struct options *options, struct err *err)
{
	auto_session session = {.lock_fd = -1};
	struct equivalence_installed done;
	/* The table of the home is not loaded: so a bad one does not stop its own replacement. */
	if (session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0 ||
		equivalence_install(&session, options->words[0], &done, err) < 0)
		return -1;
	if (cli->json != NULL) {
		json_set_int(cli->json, "entries", done.entries);
		json_set(cli->json, "signer", party_json(&done.signer.fingerprint, done.signer.name, done.signer.organisation));
		return 0;
	}
	result(cli, "In force: %s, signed by %s.\n", show_number_of(done.entries, "equivalence").text,
		   party_text(cli, done.signer.name, done.signer.organisation));
	return 0;
}
