/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/partner_secret.h"

#include "base/io.h"
#include "base/words.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/verbs.h"

#include <string.h>

/* Words in secret memory: they are wiped, and on a screen in no buffer of stdio. With --json they stand in the answer,
 * which is built and written like any other. */
enum { TYPED_MAX = 4096, WORDS_A_ROW = 4, ROWS_TEXT_MAX = 2 * WORDS_TEXT_MAX };

const struct option verb_partner_secret_options[] = {
	{.name = "yes", .help = "remove: do not ask"},
	OPTION_END,
};

/* --- what is told of a secret --- */

static void report_fact(struct cli *cli, const struct screen *screen, const struct secret_fact *fact)
{
	report_rowf(screen, "secret", "%s, number %u%s", fact->ref.id_hex, fact->ref.number,
				fact->packs ? ", packed with" : ", for reading only");
	report_row(screen, "check value", styled(&cli->terminal, screen, STYLE_BOLD, fact->check));
}

static struct json *fact_json(const struct secret_fact *fact)
{
	struct json *json = json_object_new();
	json_set_text(json, "id", fact->ref.id_hex);
	json_set_int(json, "number", fact->ref.number);
	json_set_text(json, "check", fact->check);
	json_set_bool(json, "packs", fact->packs);
	return json;
}

/* --- new --- */

/* Rows of four, each with the number of its first word: whoever types them sees where he is. */
static size_t format_rows(char out[static ROWS_TEXT_MAX], const char *words)
{
	size_t len = 0;
	for (unsigned n = 0; *words != '\0'; n++) {
		size_t word = strcspn(words, " ");
		if (n % WORDS_A_ROW == 0)
			len += (size_t)sprintf(out + len, "%s%2u ", n > 0 ? "\n" : "", n + 1);
		out[len++] = ' ';
		memcpy(out + len, words, word);
		len += word;
		words += word + (words[word] == ' ');
	}
	out[len++] = '\n';
	return len;
}

static int print_words(struct cli *cli, const char *words, struct err *err)
{
	auto_secret *rows = NULL;
	if (secret_new(&rows, ROWS_TEXT_MAX, err) < 0)
		return -1;
	size_t len = format_rows((char *)rows->bytes, words);
	(void)fflush(cli->terminal.out.file);
	return io_write_all(fileno(cli->terminal.out.file), rows->bytes, len, err);
}

static int tell_new(struct cli *cli, const char *alias, const struct secret *secret, const struct secret_fact *fact,
					struct err *err)
{
	auto_secret *words = NULL;
	if (secret_new(&words, WORDS_TEXT_MAX, err) < 0)
		return -1;
	words_format((char *)words->bytes, secret->bytes, secret->len);
	if (cli->json != NULL) {
		struct json *json = fact_json(fact);
		json_set_text(json, "words", (char *)words->bytes);
		json_set(cli->json, "secret", json);
		return 0;
	}
	say(cli, "A new pre-shared secret with %s. Its words are shown this once:\n", safe(&cli->terminal, alias));
	if (print_words(cli, (char *)words->bytes, err) < 0)
		return -1;
	if (cli->verbosity == QUIET)
		return 0;
	report_fact(cli, &cli->terminal.err, fact);
	say(cli,
		"Have another courier than that of the bundles carry the words, on paper, to be typed there with\n"
		"  valise partner secret add ALIAS\n"
		"Compare the check value by phone, then destroy the paper. Every bundle for %s needs it from now on.\n",
		safe(&cli->terminal, alias));
	return 0;
}

static int run_new(struct cli *cli, struct session *session, const char *alias, struct err *err)
{
	auto_secret *secret = NULL;
	struct secret_fact fact;
	if (partner_secret_new(session, alias, &secret, &fact, err) < 0)
		return -1;
	if (tell_new(cli, alias, secret, &fact, err) == 0)
		return 0;
	partner_secret_take_back(session, &fact);
	return -1;
}

/* --- add --- */

/* A line at a terminal, or all that comes where nobody sits there. */
static int read_some(struct secret *into, size_t *len, bool line, bool *end, struct err *err)
{
	for (;;) {
		unsigned char byte;
		int n = input_byte(STDIN_FILENO, &byte, err);
		if (n < 0)
			return -1;
		*end = n == 0;
		if (n == 0 || (line && byte == '\n'))
			break;
		if (*len + 2 > TYPED_MAX || byte == '\0')
			return err_set(err, ERR_USAGE, "what was typed is more than the 33 words of a secret");
		into->bytes[(*len)++] = byte;
	}
	into->bytes[(*len)++] = ' ';
	into->bytes[*len] = '\0';
	return 0;
}

static int ask_words(struct cli *cli, struct secret *into, struct err *err)
{
	size_t len = 0;
	bool end = false;
	if (!cli->terminal.can_ask)
		return read_some(into, &len, false, &end, err);
	(void)fputs("Type the 33 words, as many a line as you like; numbers and punctuation do not matter:\n",
				cli->terminal.err.file);
	while (!end && words_count((char *)into->bytes) < WORDS_COUNT_MAX) {
		size_t before = len;
		(void)fputs("> ", cli->terminal.err.file);
		(void)fflush(cli->terminal.err.file);
		if (read_some(into, &len, true, &end, err) < 0)
			return -1;
		if (len == before + 1)
			break; /* an empty line: no more will come */
	}
	return 0;
}

static int read_secret(struct cli *cli, struct secret **out, struct err *err)
{
	auto_secret *typed = NULL;
	size_t len = 0;
	if (secret_new(&typed, TYPED_MAX, err) < 0 || secret_new(out, WORDS_BYTES_MAX, err) < 0 ||
		ask_words(cli, typed, err) < 0)
		return -1;
	if (words_count((char *)typed->bytes) == WORDS_COUNT_MAX)
		return words_parse((*out)->bytes, &len, (char *)typed->bytes, err);
	(void)err_set(err, ERR_USAGE, "a secret has %d words, and these are %zu", WORDS_COUNT_MAX,
				  words_count((char *)typed->bytes));
	return err_hint(err, "type all of them, at a terminal or on standard input; the last one is a check of the others");
}

static int run_add(struct cli *cli, struct session *session, const char *alias, struct err *err)
{
	auto_secret *secret = NULL;
	struct secret_fact fact;
	if (read_secret(cli, &secret, err) < 0 || partner_secret_add(session, alias, secret, &fact, err) < 0)
		return -1;
	if (cli->json != NULL) {
		json_set(cli->json, "secret", fact_json(&fact));
		return 0;
	}
	if (cli->verbosity == QUIET)
		return 0;
	say(cli, "%s: a pre-shared secret with %s.\n", styled(&cli->terminal, &cli->terminal.err, STYLE_GOOD, "Taken in"),
		safe(&cli->terminal, alias));
	report_fact(cli, &cli->terminal.err, &fact);
	say(cli, "Compare the check value with the one at the other station, then destroy the paper.\n");
	return 0;
}

/* --- show-check --- */

static int run_show_check(struct cli *cli, struct session *session, const char *alias, struct err *err)
{
	auto_secret_facts facts = {0};
	if (partner_secret_check(session, alias, &facts, err) < 0)
		return -1;
	struct json *array = cli->json != NULL ? json_array_new() : NULL;
	for (unsigned i = 0; i < facts.count; i++)
		if (array != NULL)
			json_add(array, fact_json(&facts.items[i]));
		else
			report_fact(cli, &cli->terminal.out, &facts.items[i]);
	if (array != NULL)
		json_set(cli->json, "secrets", array);
	return 0;
}

/* --- remove --- */

static int confirm_remove(struct cli *cli, const struct options *options, const struct secret_ref *ref, bool last,
						  struct err *err)
{
	if (options_has(options, "yes") || !cli->terminal.can_ask)
		return 0;
	say(cli, "Bundles under way that need the secret %s can never be opened here once it is gone.\n", ref->id_hex);
	if (last)
		say(cli, "It is the last one: bundles for %s will be sealed without.\n",
			safe(&cli->terminal, options->words[1]));
	return terminal_confirm(&cli->terminal, "Remove it? [y/N]", err);
}

static int run_remove(struct cli *cli, struct session *session, const struct options *options, struct err *err)
{
	struct secret_ref ref;
	bool last = false;
	const char *id = options->word_count > 2 ? options->words[2] : NULL;
	if (partner_secret_find(session, options->words[1], id, &ref, &last, err) < 0 ||
		confirm_remove(cli, options, &ref, last, err) < 0 || partner_secret_remove(session, &ref, err) < 0)
		return -1;
	if (cli->json != NULL)
		json_set_text(cli->json, "removed", ref.id_hex);
	say(cli, "Removed the secret %s%s.\n", ref.id_hex,
		last ? ", the last with this partner: bundles are sealed without one from now on" : "");
	return 0;
}

/* --- the verb --- */

int verb_partner_secret(struct cli *cli, struct options *options, struct err *err)
{
	static const char *const actions[] = {"new", "add", "show-check", "remove", NULL};
	auto_session session = {.lock_fd = -1};
	const char *action = options->words[0], *alias = options->words[1];
	unsigned n = 0;
	while (actions[n] != NULL && strcmp(actions[n], action) != 0)
		n++;
	if (actions[n] == NULL || (n < 3 && (options->word_count > 2 || options_has(options, "yes")))) {
		(void)err_set(err, ERR_USAGE, "partner secret needs new, add or show-check and an ALIAS, or remove ALIAS [ID]");
		return err_hint(err, "valise partner secret --help");
	}
	if (session_open(&session, cli->home, SESSION_LEDGER_READ, &cli->passphrase, err) < 0)
		return -1;
	switch (n) {
	case 0:
		return run_new(cli, &session, alias, err);
	case 1:
		return run_add(cli, &session, alias, err);
	case 2:
		return run_show_check(cli, &session, alias, err);
	default:
		return run_remove(cli, &session, options, err);
	}
}
