/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "base/nearest.h"

#include <string.h>

enum { WORD_MAX = 32, CANDIDATES_MAX = 64 };

void options_clear(struct options *options)
{
	free(options->given);
	free(options->words);
	*options = (struct options){0};
}

/* --- parsing --- */

struct line {
	struct options *out;
	const struct option *const *tables;
	int argc, at;
	char *const *argv;
	bool strict;
};

static const struct option *find_long(const struct line *line, const char *name, size_t len)
{
	for (const struct option *const *table = line->tables; *table != NULL; table++)
		for (const struct option *option = *table; option->name != NULL; option++)
			if (strlen(option->name) == len && memcmp(option->name, name, len) == 0)
				return option;
	return NULL;
}

static const struct option *find_letter(const struct line *line, char letter)
{
	for (const struct option *const *table = line->tables; *table != NULL; table++)
		for (const struct option *option = *table; option->name != NULL; option++)
			if (option->letter == letter && letter != '\0')
				return option;
	return NULL;
}

static int fail_unknown(const struct line *line, const char *name, size_t len, struct err *err)
{
	const char *candidates[CANDIDATES_MAX + 1] = {NULL};
	unsigned count = 0;
	for (const struct option *const *table = line->tables; *table != NULL; table++)
		for (const struct option *option = *table; option->name != NULL && count < CANDIDATES_MAX; option++)
			candidates[count++] = option->name;
	char typed[WORD_MAX + 1];
	(void)snprintf(typed, sizeof typed, "%.*s", (int)(len > WORD_MAX ? WORD_MAX : len), name);
	(void)err_set(err, ERR_USAGE, "unknown option --%.*s", (int)len, name);
	const char *nearest = nearest_word(typed, candidates);
	return nearest != NULL ? err_hint(err, "did you mean --%s?", nearest) : -1;
}

static int take_option(struct line *line, const struct option *option, const char *value, struct err *err)
{
	if (line->strict && option->times == OPTION_ONCE && value != NULL && options_has(line->out, option->name))
		return err_set(err, ERR_USAGE, "--%s is given twice", option->name);
	line->out->given[line->out->given_count++] = (struct option_given){option, value};
	return 0;
}

/* The value of an option that has none attached: the next word. One that looks like an option is rather a forgotten
 * value. */
static const char *next_value(struct line *line)
{
	if (line->at + 1 >= line->argc)
		return NULL;
	const char *next = line->argv[line->at + 1];
	if (next[0] == '-' && next[1] == '-')
		return NULL;
	line->at++;
	return next;
}

static int parse_valued(struct line *line, const struct option *option, const char *attached, struct err *err)
{
	const char *value = attached != NULL ? attached : next_value(line);
	if (value != NULL)
		return take_option(line, option, value, err);
	if (!line->strict)
		return 0;
	(void)err_set(err, ERR_USAGE, "--%s needs a value", option->name);
	return err_hint(err, "type --%s %s", option->name, option->value);
}

static int parse_long(struct line *line, const char *word, struct err *err)
{
	const char *equals = strchr(word, '=');
	size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
	const struct option *option = find_long(line, word, len);
	if (option == NULL)
		return line->strict ? fail_unknown(line, word, len, err) : 0;
	if (option->value != NULL)
		return parse_valued(line, option, equals != NULL ? equals + 1 : NULL, err);
	if (equals != NULL && line->strict)
		return err_set(err, ERR_USAGE, "--%s takes no value", option->name);
	return take_option(line, option, NULL, err);
}

static int parse_letter(struct line *line, const char *word, struct err *err)
{
	const struct option *option = find_letter(line, word[1]);
	if (option != NULL && option->value != NULL)
		return parse_valued(line, option, word[2] != '\0' ? word + 2 : NULL, err);
	if (option != NULL && word[2] == '\0')
		return take_option(line, option, NULL, err);
	return line->strict ? err_set(err, ERR_USAGE, "unknown option %s", word) : 0;
}

static int parse_line(struct line *line, struct err *err)
{
	bool options_end = false;
	for (; line->at < line->argc; line->at++) {
		const char *word = line->argv[line->at];
		int rc = 0;
		if (options_end || word[0] != '-' || word[1] == '\0')
			line->out->words[line->out->word_count++] = word;
		else if (strcmp(word, "--") == 0)
			options_end = true;
		else if (word[1] == '-')
			rc = parse_long(line, word + 2, err);
		else
			rc = parse_letter(line, word, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int parse_with(struct line *line, struct err *err)
{
	struct options *out = line->out;
	*out = (struct options){0};
	size_t room = (size_t)line->argc + 1;
	out->given = calloc(room, sizeof *out->given);
	out->words = calloc(room, sizeof *out->words);
	int rc = out->given == NULL || out->words == NULL ? err_set(err, ERR_MEMORY, "out of memory")
													  : parse_line(line, err);
	if (rc < 0)
		options_clear(out);
	return rc;
}

int options_parse(struct options *out, const struct option *const tables[], int argc, char *const argv[],
				  struct err *err)
{
	struct line line = {.out = out, .tables = tables, .argc = argc, .argv = argv, .strict = true};
	return parse_with(&line, err);
}

int options_scan(struct options *out, const struct option *const tables[], int argc, char *const argv[],
				 struct err *err)
{
	struct line line = {.out = out, .tables = tables, .argc = argc, .argv = argv};
	return parse_with(&line, err);
}

/* --- asking --- */

static const struct option_given *find_given(const struct options *options, const char *name)
{
	for (unsigned i = options->given_count; i > 0; i--)
		if (strcmp(options->given[i - 1].option->name, name) == 0)
			return &options->given[i - 1];
	return NULL;
}

bool options_has(const struct options *options, const char *name)
{
	return find_given(options, name) != NULL;
}

const char *options_get(const struct options *options, const char *name)
{
	const struct option_given *given = find_given(options, name);
	return given != NULL ? given->value : NULL;
}

int options_gather(const struct options *options, const char *name, const char ***out, unsigned *out_count,
				   struct err *err)
{
	*out = NULL;
	*out_count = 0;
	const char **values = calloc((size_t)options->given_count + 1, sizeof *values);
	if (values == NULL)
		return err_set(err, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; i < options->given_count; i++)
		if (strcmp(options->given[i].option->name, name) == 0)
			values[(*out_count)++] = options->given[i].value;
	*out = values;
	return 0;
}

void options_shift(struct options *options, unsigned words)
{
	if (words > options->word_count)
		words = options->word_count;
	options->word_count -= words;
	memmove(options->words, options->words + words, options->word_count * sizeof *options->words);
}
