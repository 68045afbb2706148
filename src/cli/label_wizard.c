/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/label_wizard.h"

#include "base/array.h"
#include "base/text.h"
#include "cli/report.h"
#include "cli/show.h"
#include "policy/personal.h"
#include "policy/terms.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Answers go into a label file; all it holds is malloc'd, as label_file_clear() expects. */
struct wizard {
	struct cli *cli;
	const struct session *session;
	const struct label_look *look;
	struct label_file *file;
	struct label_count *counts; /* owned: what the files say inside */
	size_t count_len;
	unsigned needs; /* of the labels chosen: 1 << enum label_need */
};

enum { ANSWER_MAX = MANIFEST_PURPOSE_MAX + 64 }; /* the longest is the purpose */

static const struct screen *screen_of(const struct wizard *w)
{
	return &w->cli->terminal.err;
}

static const char *drawn(struct wizard *w, const struct label *label)
{
	struct terminal *terminal = &w->cli->terminal;
	const char *text = safe(terminal, label->text);
	return label->has_colour ? painted(terminal, screen_of(w), label->colour, label->background, text) : text;
}

/* --- what the files say --- */

static void show_counts(struct wizard *w)
{
	const struct manifest *manifest = &w->look->manifest;
	FILE *to = screen_of(w)->file;
	(void)fprintf(to, "%s, %s.\n", show_number_of(manifest->files, "file").text, show_size(manifest->bytes).text);
	if (w->count_len == 0) {
		(void)fputs("None of them says inside how it is classified.\n", to);
		return;
	}
	(void)fputs("Inside, they say:\n", to);
	for (size_t i = 0; i < w->count_len; i++) {
		const struct detected_label *first = &w->look->detected.labels[w->counts[i].first];
		(void)fprintf(to, "  %s  %s, such as %s (%s)\n", drawn(w, w->counts[i].label.label),
					  show_number_of(w->counts[i].files, "file").text,
					  safe(&w->cli->terminal, manifest->entries[first->entry].path),
					  safe(&w->cli->terminal, first->finding.where));
	}
}

/* The highest that any file says of a scheme; NULL: none says anything. */
static const struct label *highest_said(const struct wizard *w, const struct scheme *scheme)
{
	const struct label *highest = NULL;
	for (size_t i = 0; i < w->count_len; i++)
		if (w->counts[i].label.scheme == scheme && (highest == NULL || w->counts[i].label.label->rank > highest->rank))
			highest = w->counts[i].label.label;
	return highest;
}

/* --- lists of words --- */

/* Once: the label file refuses a word that is there twice. */
static int append(char ***list, uint32_t *count, const char *text, struct err *err)
{
	for (uint32_t i = 0; i < *count; i++)
		if (strcmp((*list)[i], text) == 0)
			return 0;
	char **grown = array_grow(*list, *count, sizeof *grown, err);
	if (grown == NULL)
		return -1;
	*list = grown;
	grown[*count] = strdup(text);
	if (grown[*count] == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	(*count)++;
	return 0;
}

static int choose(struct wizard *w, const struct scheme *scheme, const struct label *label, struct err *err)
{
	char typed[SCHEME_TEXT_MAX + 1];
	label_format_typed(typed, &w->session->schemes, (struct label_ref){.scheme = scheme, .label = label});
	w->needs |= label->needs;
	return append(&w->file->otherwise.labels, &w->file->otherwise.label_count, typed, err);
}

/* --- questions --- */

static int ask(struct wizard *w, const char *question, char *out, size_t size, struct err *err)
{
	return terminal_ask(&w->cli->terminal, question, out, size, err);
}

/* Nothing is yes. */
static int ask_yes(struct wizard *w, const char *question, bool *out, struct err *err)
{
	for (;;) {
		char answer[ANSWER_MAX];
		if (ask(w, question, answer, sizeof answer, err) < 0)
			return -1;
		*out = answer[0] == '\0' || strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
		if (*out || strcasecmp(answer, "n") == 0 || strcasecmp(answer, "no") == 0)
			return 0;
		say(w->cli, "Type y or n.\n");
	}
}

static void show_labels(struct wizard *w, const struct scheme *scheme)
{
	const struct screen *screen = screen_of(w);
	for (size_t i = 0; i < scheme->label_count; i++) {
		const struct label *label = &scheme->labels[i];
		(void)fprintf(screen->file, "  %2zu  %s\n", i + 1, drawn(w, label));
		if (label->rule[0] != '\0') {
			(void)fprintf(screen->file, "      ");
			screen_wrap(screen, 6, 6, safe(&w->cli->terminal, label->rule));
		}
	}
}

/* A number of the list, or a label as it is typed elsewhere; NULL, with the reason told, where it is neither. */
static const struct label *understand(struct wizard *w, const struct scheme *scheme, const char *answer)
{
	struct err why = ERR_INIT;
	struct label_ref ref;
	char *end;
	unsigned long number = strtoul(answer, &end, 10);
	if (answer[0] != '\0' && *end == '\0' && number >= 1 && number <= scheme->label_count)
		return &scheme->labels[number - 1];
	if (label_resolve(&ref, &w->session->schemes, answer, &why) == 0 && ref.scheme == scheme)
		return ref.label;
	say(w->cli, "That is none of them. Type a number from 1 to %zu, or the label itself%s%s.\n", scheme->label_count,
		why.hint[0] != '\0' ? ": " : "", safe(&w->cli->terminal, why.hint));
	return NULL;
}

/* One label, again and again until there is one. proposed is taken for an empty answer; NULL: no answer, no label. */
static int ask_label(struct wizard *w, const struct scheme *scheme, const struct label *proposed,
					 const struct label **out, struct err *err)
{
	char question[SCHEME_TEXT_MAX + 32], answer[ANSWER_MAX];
	(void)snprintf(question, sizeof question, proposed != NULL ? "Number or label [%s]:" : "Number or label:",
				   proposed != NULL ? proposed->text : "");
	for (*out = NULL; *out == NULL;) {
		if (ask(w, question, answer, sizeof answer, err) < 0)
			return -1;
		*out = answer[0] == '\0' ? proposed : understand(w, scheme, answer);
	}
	return 0;
}

/* What a file says inside would be refused under a lower label. */
static bool is_too_low(struct wizard *w, const struct label *chosen, const struct label *said)
{
	if (chosen->rank >= said->rank)
		return false;
	say(w->cli, "Some of them say %s inside, and may not be labelled lower.\n", safe(&w->cli->terminal, said->text));
	return true;
}

static int ask_required(struct wizard *w, const struct scheme *scheme, struct err *err)
{
	const struct label *proposed = highest_said(w, scheme), *chosen;
	bool own = false;
	(void)fprintf(screen_of(w)->file, "\n%s\n", safe(&w->cli->terminal, scheme->title));
	if (proposed != NULL) {
		if (ask_yes(w, "Where a file says its label itself, shall that count? [Y/n]", &own, err) < 0 ||
			(own && append(&w->file->detected, &w->file->detected_count, scheme->id, err) < 0))
			return -1;
	}
	say(w->cli, own ? "And the files that do not say it:\n" : "How are the files labelled?\n");
	show_labels(w, scheme);
	do {
		if (ask_label(w, scheme, proposed, &chosen, err) < 0)
			return -1;
	} while (!own && proposed != NULL && is_too_low(w, chosen, proposed));
	return choose(w, scheme, chosen, err);
}

/* Any number of labels of a set, on one line. */
static int ask_set(struct wizard *w, const struct scheme *scheme, struct err *err)
{
	char answer[ANSWER_MAX];
	(void)fprintf(screen_of(w)->file, "\n%s\n", safe(&w->cli->terminal, scheme->title));
	show_labels(w, scheme);
	for (bool good = false; !good;) {
		const struct label *chosen[LABELS_PER_SCHEME_MAX];
		size_t count = 0;
		if (ask(w, "Numbers, with a space between them; nothing for none:", answer, sizeof answer, err) < 0)
			return -1;
		good = true;
		char *rest = NULL;
		for (char *word = strtok_r(answer, " ,", &rest); good && word != NULL; word = strtok_r(NULL, " ,", &rest)) {
			chosen[count] = understand(w, scheme, word);
			good = chosen[count] != NULL && ++count < LABELS_PER_SCHEME_MAX;
		}
		for (size_t i = 0; good && i < count; i++)
			if (choose(w, scheme, chosen[i], err) < 0)
				return -1;
	}
	return 0;
}

/* Labels of another scheme that those of this one imply: categories of personal data go with the state. */
static bool concerns_chosen(const struct wizard *w, const struct scheme *scheme)
{
	struct label_ref implied, chosen;
	struct err why = ERR_INIT;
	if (scheme->labels[0].implies_count == 0)
		return false;
	if (!label_find(&implied, &w->session->schemes, scheme->labels[0].implies[0]))
		return false;
	for (uint32_t i = 0; i < w->file->otherwise.label_count; i++)
		if (label_resolve(&chosen, &w->session->schemes, w->file->otherwise.labels[i], &why) == 0 &&
			chosen.scheme == implied.scheme && chosen.label->rank >= implied.label->rank)
			return true;
	return false;
}

static int ask_optional(struct wizard *w, const struct scheme *scheme, struct err *err)
{
	if (scheme->combine == COMBINE_UNION && concerns_chosen(w, scheme))
		return ask_set(w, scheme, err);
	if (scheme->combine == COMBINE_UNION || highest_said(w, scheme) == NULL)
		return 0;
	return ask_required(w, scheme, err);
}

/* --- the processing record --- */

static const char *const record_questions[RECORD_FIELD_COUNT] = {
	[RECORD_CONTROLLER] = "Controller (who decides on the processing):",
	[RECORD_CONTACT] = "Its contact:",
	[RECORD_DPO] = "Data protection officer:",
	[RECORD_PURPOSES] = "Purposes of the processing:",
	[RECORD_SUBJECTS] = "Categories of data subjects (employees, victims, …):",
	[RECORD_CATEGORIES] = "Categories of data (names, IP addresses, …):",
	[RECORD_NUMBER] = "Approximate number of people:",
	[RECORD_RECIPIENTS] = "Categories of recipients:",
	[RECORD_THIRD_COUNTRY] = "Third country it goes to, or none:",
	[RECORD_BASIS] = "Legal basis, such as eu-gdpr:A6-1-e (valise-labels(5) lists them):",
	[RECORD_RETENTION] = "Kept how long, as P6M, P2Y or 2027-12-31:",
	[RECORD_MECHANISM] = "Transfer mechanism, such as eu-gdpr:A46-3-b (nothing: no third country):",
	[RECORD_REFERENCE] = "Reference of that mechanism (the agreement, its number and date):",
	[RECORD_DEROGATION_REASON] = "Where it is a derogation, the reason (nothing: it is none):",
	[RECORD_ARTICLE_9] = "Basis for special categories, such as eu-gdpr:A9-2-g:",
	[RECORD_ARTICLE_10] = "Basis for data on convictions, such as eu-gdpr:A10:",
	[RECORD_KEY_HOLDER] = "Who holds what re-identifies the people:",
};

static bool is_asked(const struct wizard *w, const struct record *record, enum record_field field)
{
	switch (field) {
	case RECORD_ARTICLE_9:
		return (w->needs & 1u << NEED_ARTICLE_9) != 0;
	case RECORD_ARTICLE_10:
		return (w->needs & 1u << NEED_ARTICLE_10) != 0;
	case RECORD_KEY_HOLDER:
		return (w->needs & 1u << NEED_KEY_HOLDER) != 0;
	case RECORD_REFERENCE:
	case RECORD_DEROGATION_REASON:
		return record->texts[RECORD_MECHANISM] != NULL;
	default:
		return true;
	}
}

static bool may_be_empty(enum record_field field)
{
	return field == RECORD_MECHANISM || field == RECORD_DEROGATION_REASON;
}

/* What is wrong with an answer, by the rules that will judge it; NULL: nothing. */
static const char *fault_of(enum record_field field, const char *answer)
{
	static const char no_term[] = "is no term of that kind; valise-labels(5), PERSONAL DATA, lists them";
	if (answer[0] == '\0')
		return may_be_empty(field) ? NULL : "must be said: without it the data may not be sent";
	switch (field) {
	case RECORD_NUMBER:
		return answer[strspn(answer, "0123456789")] == '\0' ? NULL : "must be a number, in digits";
	case RECORD_RETENTION:
		return policy_is_retention(answer) ? NULL : "must be a duration as P6M, P2Y, P30D, or a day as 2027-12-31";
	case RECORD_BASIS:
		return term_find(answer, TERM_BASIS) != NULL ? NULL : no_term;
	case RECORD_MECHANISM:
		return term_find(answer, TERM_MECHANISM) != NULL ? NULL : no_term;
	case RECORD_ARTICLE_9:
		return term_find(answer, TERM_ARTICLE_9) != NULL ? NULL : no_term;
	case RECORD_ARTICLE_10:
		return term_find(answer, TERM_ARTICLE_10) != NULL ? NULL : no_term;
	default:
		return text_is_plain(answer, strlen(answer)) ? NULL : "may hold no control or invisible characters";
	}
}

static int ask_field(struct wizard *w, struct record *record, enum record_field field, struct err *err)
{
	char answer[RECORD_TEXT_MAX + 1] = "";
	for (const char *fault = ""; fault != NULL;) {
		if (ask(w, record_questions[field], answer, sizeof answer, err) < 0)
			return -1;
		fault = fault_of(field, answer);
		if (fault != NULL)
			say(w->cli, "This %s.\n", fault);
	}
	if (answer[0] == '\0')
		return 0;
	record->texts[field] = strdup(answer);
	return record->texts[field] != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int ask_record(struct wizard *w, struct err *err)
{
	static const char id[] = "record-1";
	struct label_file *file = w->file;
	if ((w->needs & 1u << NEED_RECORD) == 0)
		return 0;
	say(w->cli, "\nPersonal data need their processing record (GDPR Art. 30, Regulation 2018/1725 Art. 31).\n");
	file->records = calloc(1, sizeof *file->records);
	file->otherwise.record = strdup(id);
	if (file->records == NULL || file->otherwise.record == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	file->record_count = 1;
	memcpy(file->records[0].id, id, sizeof id);
	for (unsigned field = 0; field < RECORD_FIELD_COUNT; field++)
		if (is_asked(w, &file->records[0], (enum record_field)field) &&
			ask_field(w, &file->records[0], (enum record_field)field, err) < 0)
			return -1;
	return 0;
}

/* --- the whole --- */

enum need_of_text { TEXT_NEEDED, TEXT_OPTIONAL };

/* Text of at most max bytes that the label file can hold; *out malloc'd, NULL where nothing was said. */
static int ask_text(struct wizard *w, const char *question, size_t max, enum need_of_text need, char **out,
					struct err *err)
{
	char answer[ANSWER_MAX];
	for (;;) {
		if (ask(w, question, answer, max + 1, err) < 0)
			return -1;
		if (answer[0] == '\0' && need == TEXT_OPTIONAL)
			return 0;
		if (answer[0] != '\0' && text_is_plain(answer, strlen(answer)))
			break;
		say(w->cli, "This %s.\n", answer[0] == '\0' ? "must be said" : "may hold no control or invisible characters");
	}
	*out = strdup(answer);
	return *out != NULL ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

static int ask_numbers(struct wizard *w, struct err *err)
{
	struct label_say *say = &w->file->otherwise;
	if ((w->needs & 1u << NEED_REGISTRATION) != 0 &&
		ask_text(w, "Registration number:", NUMBER_MAX, TEXT_NEEDED, &say->registration, err) < 0)
		return -1;
	if ((w->needs & 1u << NEED_COPY) == 0)
		return 0;
	return ask_text(w, "Copy number:", NUMBER_MAX, TEXT_NEEDED, &say->copy, err);
}

static int ask_purpose(struct wizard *w, struct err *err)
{
	return ask_text(w, "\nWhat is it for? The recipients read it; nothing to leave it open:", MANIFEST_PURPOSE_MAX,
					TEXT_OPTIONAL, &w->file->purpose, err);
}

static int ask_all(struct wizard *w, struct err *err)
{
	const struct scheme_set *schemes = &w->session->schemes;
	for (size_t i = schemes->count; i-- > 0;) /* tlp comes before pd so, which people expect */
		if (schemes->schemes[i].required && ask_required(w, &schemes->schemes[i], err) < 0)
			return -1;
	for (size_t i = 0; i < schemes->count; i++)
		if (!schemes->schemes[i].required && ask_optional(w, &schemes->schemes[i], err) < 0)
			return -1;
	return ask_numbers(w, err) < 0 || ask_record(w, err) < 0 || ask_purpose(w, err) < 0 ? -1 : 0;
}

int label_wizard(struct cli *cli, const struct session *session, const struct label_look *look, struct label_file *out,
				 struct err *err)
{
	struct wizard w = {.cli = cli, .session = session, .look = look, .file = out};
	*out = (struct label_file){0};
	if (label_count(look, &w.counts, &w.count_len, err) < 0)
		return -1;
	show_counts(&w);
	int rc = ask_all(&w, err);
	free(w.counts);
	if (rc < 0)
		label_file_clear(out);
	return rc;
}
