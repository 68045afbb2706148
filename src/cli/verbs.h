/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_VERBS_H
#define VALISE_CLI_VERBS_H

#include "cli/cli.h"

/* Every verb in one table, which dispatches and prints the help. */

enum verb_needs { NEEDS_NOTHING, NEEDS_GPG };
enum { WORDS_ANY = 100000 };

struct verb {
	const char *name, *sub; /* "partner", "add"; sub is NULL for most */
	const char *synopsis;   /* behind the verb, for the help */
	const char *summary;    /* one line of the overview */
	const char *help;       /* paragraphs, at most 79 columns; NULL for none */
	const char *page;       /* "valise-pack(1)"; NULL for none */
	const struct option *options;
	enum verb_needs needs;
	unsigned words_min, words_max; /* how many words may follow */
	const char *words;             /* what they are, for the error: "a PATH" */
	/* Returns 0, or -1 with err; then err's code decides the exit status. */
	int (*run)(struct cli *cli, struct options *options, struct err *err);
};

extern const struct verb verbs[]; /* ends with name NULL */
extern const struct option global_options[];

/* The verb of words[count]; *out_words: how many of them it took. errors: ERR_USAGE with the nearest verb as hint. */
int verb_find(const struct verb **out, const char *const words[], unsigned count, unsigned *out_words, struct err *err);

bool verb_is_group(const char *name); /* "partner" */

/* "partner add" */
void verb_format_name(char *out, size_t size, const struct verb *verb);

/* One file each. */
int verb_init(struct cli *cli, struct options *options, struct err *err);
int verb_card(struct cli *cli, struct options *options, struct err *err);
int verb_partner_add(struct cli *cli, struct options *options, struct err *err);
int verb_partner_list(struct cli *cli, struct options *options, struct err *err);
int verb_partner_show(struct cli *cli, struct options *options, struct err *err);
int verb_partner_set(struct cli *cli, struct options *options, struct err *err);
int verb_partner_renew(struct cli *cli, struct options *options, struct err *err);
int verb_partner_revoke(struct cli *cli, struct options *options, struct err *err);
int verb_partner_remove(struct cli *cli, struct options *options, struct err *err);
int verb_registry_sign(struct cli *cli, struct options *options, struct err *err);
int verb_registry_export(struct cli *cli, struct options *options, struct err *err);
int verb_registry_import(struct cli *cli, struct options *options, struct err *err);
int verb_registry_diff(struct cli *cli, struct options *options, struct err *err);
int verb_registry_verify(struct cli *cli, struct options *options, struct err *err);
int verb_registry_history(struct cli *cli, struct options *options, struct err *err);
int verb_partner_secret(struct cli *cli, struct options *options, struct err *err);
int verb_pack(struct cli *cli, struct options *options, struct err *err);
int verb_approve(struct cli *cli, struct options *options, struct err *err);
int verb_verify(struct cli *cli, struct options *options, struct err *err);
int verb_copy(struct cli *cli, struct options *options, struct err *err);
int verb_list(struct cli *cli, struct options *options, struct err *err);
int verb_unpack(struct cli *cli, struct options *options, struct err *err);
int verb_repair(struct cli *cli, struct options *options, struct err *err);
int verb_label(struct cli *cli, struct options *options, struct err *err);
int verb_scheme_sign(struct cli *cli, struct options *options, struct err *err);
int verb_scheme_list(struct cli *cli, struct options *options, struct err *err);
int verb_scheme_show(struct cli *cli, struct options *options, struct err *err);
int verb_scheme_check(struct cli *cli, struct options *options, struct err *err);
int verb_scheme_import(struct cli *cli, struct options *options, struct err *err);
int verb_ledger_list(struct cli *cli, struct options *options, struct err *err);
int verb_ledger_void(struct cli *cli, struct options *options, struct err *err);
int verb_doctor(struct cli *cli, struct options *options, struct err *err);
int verb_backup(struct cli *cli, struct options *options, struct err *err);
int verb_restore(struct cli *cli, struct options *options, struct err *err);
int verb_help(struct cli *cli, struct options *options, struct err *err);

extern const struct option verb_init_options[], verb_card_options[], verb_partner_add_options[], verb_pack_options[],
	verb_approve_options[], verb_verify_options[], verb_copy_options[], verb_unpack_options[], verb_repair_options[],
	verb_ledger_void_options[], verb_scheme_import_options[], verb_label_options[], verb_backup_options[],
	verb_partner_list_options[], verb_partner_set_options[], verb_partner_renew_options[],
	verb_partner_revoke_options[], verb_partner_remove_options[], verb_partner_secret_options[],
	verb_registry_sign_options[], verb_registry_export_options[], verb_registry_import_options[],
	verb_registry_look_options[], no_options[];

#endif
