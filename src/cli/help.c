/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

enum { HELP_COLUMNS = 79, OPTION_COLUMN = 26 };

/* Words after a head, the later lines indented by the same width. */
static void print_folded(FILE *to, const char *head, const char *text)
{
	size_t indent = strlen(head), column = indent;
	(void)fputs(head, to);
	while (*text != '\0') {
		/* An option and its value, or whatever stands in brackets, stay together. */
		size_t len = 0, depth = 0;
		for (; text[len] != '\0' && (text[len] != ' ' || depth > 0); len++)
			depth += (text[len] == '[') - (size_t)(text[len] == ']');
		if (column + 1 + len > HELP_COLUMNS && column > indent) {
			(void)fprintf(to, "\n%*s", (int)indent, "");
			column = indent;
		}
		(void)fprintf(to, " %.*s", (int)len, text);
		column += 1 + len;
		text += len;
		text += strspn(text, " ");
	}
	(void)fputc('\n', to);
}

static void print_option(FILE *to, const struct option *option)
{
	char head[64];
	const char *value = option->value != NULL ? option->value : "";
	int len = option->letter != '\0'
				  ? snprintf(head, sizeof head, "  -%c, --%s %s", option->letter, option->name, value)
				  : snprintf(head, sizeof head, "  --%s %s", option->name, value);
	if (len < OPTION_COLUMN - 1)
		(void)fprintf(to, "%-*s%s\n", OPTION_COLUMN, head, option->help);
	else
		(void)fprintf(to, "%s\n%*s%s\n", head, OPTION_COLUMN, "", option->help);
}

static void print_options(FILE *to, const struct option *options)
{
	for (const struct option *option = options; option->name != NULL; option++)
		if (option->help != NULL)
			print_option(to, option);
}

void help_overview(FILE *to)
{
	(void)fputs("usage: valise [global options] VERB ...\n\n"
				"Carries reports between organisations whose networks must not touch: packs\n"
				"them into a signed and encrypted bundle, proves on the way that it is whole,\n"
				"and unpacks it on the other side.\n\nverbs:\n",
				to);
	for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
		char name[64];
		verb_format_name(name, sizeof name, verb);
		(void)fprintf(to, "  %-16s  %s\n", name, verb->summary);
	}
	(void)fputs("\nglobal options:\n", to);
	print_options(to, global_options);
	(void)fputs("\nvalise VERB --help tells more; so does man valise.\n", to);
}

static void print_usage(FILE *to, const char *lead, const struct verb *verb)
{
	char name[64], head[96];
	verb_format_name(name, sizeof name, verb);
	(void)snprintf(head, sizeof head, "%s valise %s", lead, name);
	print_folded(to, head, verb->synopsis);
}

void help_verb(FILE *to, const struct verb *verb)
{
	print_usage(to, "usage:", verb);
	(void)fprintf(to, "\n%c%s.\n", verb->summary[0] - 'a' + 'A', verb->summary + 1);
	if (verb->help != NULL)
		(void)fprintf(to, "\n%s", verb->help);
	if (verb->options->name != NULL)
		(void)fputs("\noptions:\n", to);
	print_options(to, verb->options);
	(void)fputs("\nglobal options: see valise --help\n", to);
	if (verb->page != NULL)
		(void)fprintf(to, "manual: man %s\n", verb->page);
}

void help_group(FILE *to, const char *name)
{
	const char *lead = "usage:";
	for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
		if (strcmp(verb->name, name) != 0)
			continue;
		print_usage(to, lead, verb);
		lead = "      ";
	}
	(void)fputc('\n', to);
	for (const struct verb *verb = verbs; verb->name != NULL; verb++)
		if (strcmp(verb->name, name) == 0)
			(void)fprintf(to, "  %-8s %s\n", verb->sub != NULL ? verb->sub : "", verb->summary);
	(void)fprintf(to, "\nvalise %s VERB --help tells more.\n", name);
}
