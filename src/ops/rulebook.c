/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/rulebook.h"

#include <string.h>

/* What resolving needs at hand. */
struct resolving {
	struct rulebook *book;
	const struct session *session;
	struct notices *notices;
	unsigned legacy;        /* how many earlier words were met */
	const char *originator; /* resolved last: a folder of one partner's names him in every rule */
	struct fingerprint originator_is;
};
enum { LEGACY_TOLD_MAX = 20 };

/* --- words --- */

/* A failure at a place of the file. */
static int at_place(const struct rulebook *book, const struct label_place *place, struct err *err)
{
	return err_wrap(err, "%s: line %u, column %u: ", book->name, place->line, place->column);
}

static struct label_place place_of(const struct label_place *places, uint32_t n)
{
	return places != NULL ? places[n] : (struct label_place){0};
}

static void tell_legacy(struct resolving *r, const struct label_place *place, const char *word, struct label_ref ref)
{
	if (ref.legacy == NULL || r->legacy++ >= LEGACY_TOLD_MAX)
		return;
	notice_add(r->notices, "%s: line %u: %s is %s: taken as %s", r->book->name, place->line, word,
			   ref.legacy->note[0] != '\0' ? ref.legacy->note : "an earlier word", ref.label->text);
}

/* Two labels of one scheme in one breath are a mistake where a file can carry only one of them. */
static int check_exclusive(const struct rulebook_say *say, uint32_t at, char *const *words, struct err *err)
{
	const struct label_ref ref = say->labels[at];
	for (uint32_t i = 0; i < at; i++) {
		if (say->labels[i].label == ref.label)
			return err_set(err, ERR_LABEL, "\"%s\" and \"%s\" are the same label", words[i], words[at]);
		if (say->labels[i].scheme != ref.scheme || !ref.scheme->exclusive)
			continue;
		(void)err_set(err, ERR_LABEL, "\"%s\" and \"%s\" contradict each other", words[i], words[at]);
		return err_hint(err, "keep one of them: a file has one label of %s", ref.scheme->title);
	}
	return 0;
}

static int resolve_labels(struct resolving *r, struct rulebook_say *out, const struct label_say *say, struct err *err)
{
	if (say->label_count == 0)
		return 0;
	out->labels = calloc(say->label_count, sizeof *out->labels);
	if (out->labels == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < say->label_count; i++) {
		const struct label_place place = place_of(say->label_places, i);
		if (label_resolve(&out->labels[i], &r->session->schemes, say->labels[i], err) < 0 ||
			check_exclusive(out, i, say->labels, err) < 0)
			return at_place(r->book, &place, err);
		tell_legacy(r, &place, say->labels[i], out->labels[i]);
		out->schemes |= scheme_bit(&r->session->schemes, out->labels[i].scheme);
	}
	return 0;
}

static int find_originator(struct resolving *r, const struct label_say *say, struct err *err)
{
	const char *word = say->originator;
	struct fingerprint *out = &r->originator_is;
	const struct partner *partner = registry_find_alias(&r->session->registry, word);
	*out = (struct fingerprint){.hex = ""};
	if (strcmp(word, "self") == 0)
		return 0;
	if (partner != NULL) {
		*out = partner->fingerprint;
		return 0;
	}
	if (!fingerprint_parse(out, word, strlen(word))) {
		(void)err_set(err, ERR_LABEL_FILE, "no partner is called \"%s\"", word);
		(void)err_hint(err, "`valise partner list` shows who is known; or write a fingerprint, or \"self\"");
		return at_place(r->book, &say->originator_place, err);
	}
	if (station_doc_has_key(&r->session->station.doc, out))
		*out = (struct fingerprint){.hex = ""};
	else if (registry_find(&r->session->registry, out) == NULL)
		notice_add(r->notices, "%s: line %u: no partner has the fingerprint %s of the originator", r->book->name,
				   say->originator_place.line, out->hex);
	return 0;
}

static int resolve_originator(struct resolving *r, struct rulebook_say *out, const struct label_say *say,
							  struct err *err)
{
	if (say->originator == NULL)
		return 0;
	if ((r->originator == NULL || strcmp(r->originator, say->originator) != 0) && find_originator(r, say, err) < 0)
		return -1;
	r->originator = say->originator;
	out->originator = r->originator_is;
	return 0;
}

static unsigned facts_of(const struct label_say *say)
{
	return (unsigned)(say->caveat_count > 0) << FACT_CAVEATS |
		   (unsigned)(say->releasable_count > 0) << FACT_RELEASABLE |
		   (unsigned)(say->originator != NULL) << FACT_ORIGINATOR |
		   (unsigned)(say->registration != NULL) << FACT_REGISTRATION | (unsigned)(say->copy != NULL) << FACT_COPY |
		   (unsigned)(say->record != NULL) << FACT_RECORD | (unsigned)(say->expires != 0) << FACT_EXPIRES |
		   (unsigned)(say->not_inspected != NULL) << FACT_NOT_INSPECTED;
}

static int resolve_say(struct resolving *r, struct rulebook_say *out, const struct label_say *say, struct err *err)
{
	out->facts = facts_of(say);
	return resolve_labels(r, out, say, err) < 0 || resolve_originator(r, out, say, err) < 0 ? -1 : 0;
}

static int resolve_rules(struct resolving *r, struct err *err)
{
	struct rulebook *book = r->book;
	book->rules = calloc((size_t)book->file.rule_count + 1, sizeof *book->rules);
	if (book->rules == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (resolve_say(r, &book->otherwise, &book->file.otherwise, err) < 0)
		return -1;
	for (uint32_t i = 0; i < book->file.rule_count; i++)
		if (resolve_say(r, &book->rules[i], &book->file.rules[i].say, err) < 0)
			return -1;
	if (r->legacy > LEGACY_TOLD_MAX)
		notice_add(r->notices, "%s: and %u more words of earlier versions", book->name, r->legacy - LEGACY_TOLD_MAX);
	return 0;
}

static int resolve_detected(struct resolving *r, struct err *err)
{
	const struct label_file *file = &r->book->file;
	const struct scheme_set *schemes = &r->session->schemes;
	for (uint32_t i = 0; i < file->detected_count; i++) {
		const struct label_place place = place_of(file->detected_places, i);
		const struct scheme *scheme = scheme_find(schemes, file->detected[i]);
		if (scheme == NULL) {
			(void)err_set(err, ERR_LABEL, "there is no scheme \"%s\" here", file->detected[i]);
			(void)err_hint(err, "`valise scheme list` shows the schemes; \"tlp\" is one");
			return at_place(r->book, &place, err);
		}
		r->book->detected |= scheme_bit(&r->session->schemes, scheme);
	}
	return 0;
}

/* --- handling: the outside shows no marking --- */

static bool is_word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Whether word stands in text, in any case, and not as a part of another word. */
static bool holds_word(const char *text, const char *word)
{
	const size_t len = strlen(word);
	for (const char *at = text; len > 0 && (at = strcasestr(at, word)) != NULL; at++)
		if ((at == text || !is_word_char(at[-1])) && !is_word_char(at[len]))
			return true;
	return false;
}

static const char *label_in(const char *text, const struct scheme *scheme)
{
	for (size_t i = 0; i < scheme->label_count; i++) {
		const struct label *label = &scheme->labels[i];
		if (holds_word(text, label->text))
			return label->text;
		for (uint32_t j = 0; j < label->aliases.count; j++)
			if (holds_word(text, label->aliases.items[j]))
				return label->aliases.items[j];
	}
	for (size_t i = 0; i < scheme->legacy_count; i++)
		if (holds_word(text, scheme->legacy[i].text))
			return scheme->legacy[i].text;
	return NULL;
}

static int check_handling(struct resolving *r, struct err *err)
{
	const struct label_file *file = &r->book->file;
	for (size_t i = 0; file->handling != NULL && i < r->session->schemes.count; i++) {
		const char *label = label_in(file->handling, &r->session->schemes.schemes[i]);
		if (label == NULL)
			continue;
		(void)err_set(err, ERR_LABEL_FILE, "\"handling\" holds the label %s, and stands outside of the encryption",
					  label);
		(void)err_hint(err, "take the label out: tell the courier what to do, not what it is");
		return at_place(r->book, &file->handling_place, err);
	}
	return 0;
}

/* --- patterns --- */

/* Plain paths first; by pattern; by number. */
static int by_pattern(const void *a, const void *b, void *ctx)
{
	const struct label_rule *rules = ctx;
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const bool x_wild = glob_has_wildcard(rules[x].pattern), y_wild = glob_has_wildcard(rules[y].pattern);
	if (x_wild != y_wild)
		return x_wild - y_wild;
	const int order = strcmp(rules[x].pattern, rules[y].pattern);
	return order != 0 ? order : (x > y) - (x < y);
}

static int sort_patterns(struct rulebook *book, struct err *err)
{
	const uint32_t count = book->file.rule_count;
	book->order = calloc((size_t)count + 1, sizeof *book->order);
	book->patterns = calloc((size_t)count + 1, sizeof *book->patterns);
	if (book->order == NULL || book->patterns == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < count; i++)
		book->order[i] = i;
	if (count > 1)
		qsort_r(book->order, count, sizeof *book->order, by_pattern, book->file.rules);
	for (uint32_t i = 0; i < count; i++) {
		const char *pattern = book->file.rules[book->order[i]].pattern;
		if (i == 0 || strcmp(book->patterns[book->pattern_count - 1].glob.pattern, pattern) != 0) {
			struct rulebook_pattern *added = &book->patterns[book->pattern_count++];
			added->first = i;
			glob_prepare(&added->glob, pattern);
			book->plain_count += !glob_has_wildcard(pattern);
		}
		book->patterns[book->pattern_count - 1].count++;
	}
	return 0;
}

/* The plain pattern that is these bytes; plain_count where there is none. */
static uint32_t find_plain(const struct rulebook *book, const char *text, size_t len)
{
	uint32_t low = 0, high = book->plain_count;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const char *pattern = book->patterns[middle].glob.pattern;
		int order = strncmp(pattern, text, len);
		if (order == 0)
			order = pattern[len] != '\0';
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return book->plain_count;
}

/* The plain patterns that match: the path itself, its last component, each folder above with its slash. */
static uint32_t match_plain(const struct rulebook *book, const char *path, size_t len, size_t name_at,
							uint32_t out[static RULEBOOK_MATCHES_MAX])
{
	uint32_t count = 0, found;
	if ((found = find_plain(book, path + name_at, len - name_at)) < book->plain_count)
		out[count++] = found;
	if (name_at > 0 && (found = find_plain(book, path, len)) < book->plain_count)
		out[count++] = found;
	for (size_t i = 0; i < name_at && count < RULEBOOK_MATCHES_MAX - LABEL_PATTERNS_MAX; i++)
		if (path[i] == '/' && (found = find_plain(book, path, i + 1)) < book->plain_count)
			out[count++] = found;
	return count;
}

uint32_t rulebook_match(struct rulebook *book, const char *path, uint32_t out[static RULEBOOK_MATCHES_MAX])
{
	const size_t len = strlen(path);
	const char *slash = strrchr(path, '/');
	const size_t name_at = slash != NULL ? (size_t)(slash + 1 - path) : 0;
	uint32_t count = book->plain_count > 0 ? match_plain(book, path, len, name_at, out) : 0;
	for (uint32_t i = book->plain_count; i < book->pattern_count; i++)
		if (glob_matches(&book->patterns[i].glob, path, len, name_at))
			out[count++] = i;
	for (uint32_t i = 0; i < count; i++)
		book->patterns[out[i]].matched = true;
	return count;
}

/* --- making --- */

int rulebook_make(struct rulebook *out, struct label_file *file, const char *name, const struct session *session,
				  struct notices *notices, struct err *err)
{
	struct resolving r = {.book = out, .session = session, .notices = notices};
	*out = (struct rulebook){.file = *file};
	*file = (struct label_file){0};
	if (name != NULL && (out->name = strdup(name)) == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	return resolve_rules(&r, err) < 0 || resolve_detected(&r, err) < 0 || check_handling(&r, err) < 0 ||
				   sort_patterns(out, err) < 0
			   ? -1
			   : 0;
}

void rulebook_clear(struct rulebook *book)
{
	for (uint32_t i = 0; book->rules != NULL && i < book->file.rule_count; i++)
		free(book->rules[i].labels);
	free(book->rules);
	free(book->otherwise.labels);
	free(book->order);
	free(book->patterns);
	free(book->name);
	label_file_clear(&book->file);
	*book = (struct rulebook){0};
}
