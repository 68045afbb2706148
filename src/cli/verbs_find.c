/* SPDX-License-Identifier: Apache-2.0 */
/* Looking verbs up in the table, and what to say where there is none; the options of all of them. */
#include "cli/verbs.h"

#include "base/nearest.h"

#include <string.h>

const struct option no_options[] = {OPTION_END};

const struct option global_options[] = {
	{.name = "home", .value = "DIR", .help = "the station's home, else $VALISE_HOME"},
	{.name = "json", .help = "one JSON object on standard output"},
	{.name = "quiet", .help = "say nothing but results and errors"},
	{.name = "verbose", .help = "say more"},
	{.name = "color", .value = "WHEN", .help = "auto, always or never"},
	{.name = "passphrase-fd", .value = "N", .help = "read the passphrase from descriptor N"},
	{.name = "version", .help = "print the version"},
	{.name = "help", .letter = 'h', .help = "print this, or the help of a verb"},
	OPTION_END,
};

enum { NAMES_MAX = 48 };

void verb_format_name(char *out, size_t size, const struct verb *verb)
{
	(void)snprintf(out, size, "%s%s%s", verb->name, verb->sub != NULL ? " " : "", verb->sub != NULL ? verb->sub : "");
}

static bool is_first_of_name(const struct verb *verb)
{
	return verb == verbs || strcmp(verb[-1].name, verb->name) != 0;
}

bool verb_is_group(const char *name)
{
	for (const struct verb *verb = verbs; verb->name != NULL; verb++)
		if (strcmp(verb->name, name) == 0)
			return verb->sub != NULL;
	return false;
}

static int fail_unknown(const char *typed, struct err *err)
{
	const char *names[NAMES_MAX + 1] = {NULL};
	unsigned count = 0;
	for (const struct verb *verb = verbs; verb->name != NULL && count < NAMES_MAX; verb++)
		if (is_first_of_name(verb))
			names[count++] = verb->name;
	(void)err_set(err, ERR_USAGE, "unknown verb \"%s\"", typed);
	const char *nearest = nearest_word(typed, names);
	return nearest != NULL ? err_hint(err, "did you mean valise %s?", nearest) : -1;
}

static int fail_in_group(const char *name, const char *typed, struct err *err)
{
	const char *subs[NAMES_MAX + 1] = {NULL};
	unsigned count = 0;
	char list[128] = "";
	for (const struct verb *verb = verbs; verb->name != NULL && count < NAMES_MAX; verb++) {
		if (strcmp(verb->name, name) != 0)
			continue;
		size_t len = strlen(list);
		(void)snprintf(list + len, sizeof list - len, "%s%s", len > 0 ? ", " : "", verb->sub);
		subs[count++] = verb->sub;
	}
	if (typed == NULL)
		return err_set(err, ERR_USAGE, "valise %s needs one of: %s", name, list);
	(void)err_set(err, ERR_USAGE, "unknown verb \"%s %s\"; there are: %s", name, typed, list);
	const char *nearest = nearest_word(typed, subs);
	return nearest != NULL ? err_hint(err, "did you mean valise %s %s?", name, nearest) : -1;
}

int verb_find(const struct verb **out, const char *const words[], unsigned count, unsigned *out_words, struct err *err)
{
	if (count == 0)
		return err_set(err, ERR_USAGE, "no verb is given");
	const char *name = words[0], *sub = count > 1 ? words[1] : NULL;
	for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
		if (strcmp(verb->name, name) != 0 || (verb->sub != NULL && (sub == NULL || strcmp(verb->sub, sub) != 0)))
			continue;
		*out = verb;
		*out_words = verb->sub != NULL ? 2 : 1;
		return 0;
	}
	return verb_is_group(name) ? fail_in_group(name, sub, err) : fail_unknown(name, err);
}
