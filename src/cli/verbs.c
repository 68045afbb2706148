/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

#include "base/nearest.h"

#include <string.h>

enum { NAMES_MAX = 48 };

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

/* The order is that of the overview. Verbs to come find their place here; until then they are unknown. */
const struct verb verbs[] = {
	{
		.name = "init",
		.synopsis = "--name NAME --organisation ORG [options] | --rotate",
		.summary = "make this machine a station, or give it another key",
		.help = "The home folder appears whole or not at all. Unless --no-passphrase is given,\n"
				"the new key is protected by a passphrase that you are asked for.\n",
		.page = "valise-init",
		.options = verb_init_options,
		.needs = NEEDS_GPG,
		.run = verb_init,
	},
	{
		.name = "card",
		.synopsis = "[--rotation] [-o FILE]",
		.summary = "write this station's public card, to give to partners",
		.help = "The card goes to standard output unless -o names a file. Read the fingerprint\n"
				"out to your partner by phone: whoever carries the card could change it.\n",
		.page = "valise-partner",
		.options = verb_card_options,
		.needs = NEEDS_GPG,
		.run = verb_card,
	},
	{
		.name = "partner",
		.sub = "add",
		.synopsis = "CARD --as ALIAS --fingerprint FPR [options]",
		.summary = "take in a partner's card, once its fingerprint is confirmed",
		.help = "FPR is the fingerprint that the partner read out, in full; spaces and lower\n"
				"case are fine. Without it you are asked for it, at a terminal.\n",
		.page = "valise-partner",
		.options = verb_partner_add_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = 1,
		.words = "a CARD, the file that the partner gave you",
		.run = verb_partner_add,
	},
	{
		.name = "partner",
		.sub = "list",
		.synopsis = "[--expiring 60d]",
		.summary = "show all partners and how long their keys are good",
		.help = "With --expiring only those whose key or entry ends within that time, or is\n"
				"over; then the exit status is 10 where there is one, else 0: for cron.\n",
		.page = "valise-partner",
		.options = verb_partner_list_options,
		.needs = NEEDS_GPG,
		.run = verb_partner_list,
	},
	{
		.name = "partner",
		.sub = "show",
		.synopsis = "ALIAS",
		.summary = "show all that is known of one partner",
		.page = "valise-partner",
		.options = no_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = 1,
		.words = "an ALIAS; valise partner list shows them",
		.run = verb_partner_show,
	},
	{
		.name = "partner",
		.sub = "set",
		.synopsis = "ALIAS [options]",
		.summary = "change what a partner may do, hold, and until when",
		.help = "Changes what is named and nothing else. A list replaces the one that was\n"
				"there; the one word none empties it: --ceiling none.\n",
		.page = "valise-partner",
		.options = verb_partner_set_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = 1,
		.words = "an ALIAS; valise partner list shows them",
		.run = verb_partner_set,
	},
	{
		.name = "partner",
		.sub = "renew",
		.synopsis = "ALIAS FILE",
		.summary = "take in a partner's renewed certificate, or its next key",
		.help = "FILE is a card, a certificate, a revocation or a rotation. New ends, subkeys and\n"
				"revocations come in; what is known is never lost. The key itself proves them,\n"
				"and the old key a new one, so no fingerprint is typed.\n",
		.page = "valise-partner",
		.options = verb_partner_renew_options,
		.needs = NEEDS_GPG,
		.words_min = 2,
		.words_max = 2,
		.words = "an ALIAS and a FILE: a card, certificate, revocation or rotation",
		.run = verb_partner_renew,
	},
	{
		.name = "partner",
		.sub = "revoke",
		.synopsis = "ALIAS [--certificate FILE] [--reason TEXT]",
		.summary = "take back the trust in a partner's key, for good",
		.help = "With a revocation certificate of the key; without one the registry alone says\n"
				"so, for a partner who cannot make one.\n",
		.page = "valise-partner",
		.options = verb_partner_revoke_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = 1,
		.words = "an ALIAS; valise partner list shows them",
		.run = verb_partner_revoke,
	},
	{
		.name = "partner",
		.sub = "remove",
		.synopsis = "ALIAS [--yes]",
		.summary = "take a partner out of the registry",
		.help = "Its bundles no longer verify here, also those that were received. At a terminal\n"
				"you are asked first.\n",
		.page = "valise-partner",
		.options = verb_partner_remove_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = 1,
		.words = "an ALIAS; valise partner list shows them",
		.run = verb_partner_remove,
	},
	{
		.name = "partner",
		.sub = "secret",
		.synopsis = "new|add|show-check|remove ALIAS [ID]",
		.summary = "a secret shared with a partner beforehand, that bundles need too",
		.help = "new shows its words once, for another courier to carry; add reads the words from\n"
				"the terminal or standard input; show-check shows what both sides compare;\n"
				"remove forgets one, by ID where there are several.\n",
		.page = "valise-partner",
		.options = verb_partner_secret_options,
		.needs = NEEDS_GPG,
		.words_min = 2,
		.words_max = 3,
		.words = "new, add, show-check or remove, and an ALIAS",
		.run = verb_partner_secret,
	},
	{
		.name = "registry",
		.sub = "sign",
		.synopsis = "[--found ALIAS] [--needed N] [--yes] | [--fingerprint FPR] [--yes] FILE",
		.summary = "sign what changes among the partners",
		.help = "Shows what would change, asks, and signs it. Without FILE: the draft that\n"
				"partner add, set, renew, revoke and remove have prepared here, or the\n"
				"registry as it is for another year. It takes force once enough administrators\n"
				"signed; until then, valise registry export writes it to a file for the others,\n"
				"who sign that FILE. --found makes this station's own list of partners into\n"
				"one that administrators sign.\n",
		.page = "valise-registry(1)",
		.options = verb_registry_sign_options,
		.needs = NEEDS_GPG,
		.words_max = 1,
		.words = "at most one FILE",
		.run = verb_registry_sign,
	},
	{
		.name = "registry",
		.sub = "export",
		.synopsis = "-o FILE",
		.summary = "write the signed registry to a file for other stations",
		.help = "One file that crosses the gap: the registry, its signatures, and the partners'\n"
				"certificates. Where a draft waits for signatures, the draft is written.\n",
		.page = "valise-registry(1)",
		.options = verb_registry_export_options,
		.words = "no words",
		.run = verb_registry_export,
	},
	{
		.name = "registry",
		.sub = "import",
		.synopsis = "[--fingerprint FPR] [--yes] FILE",
		.summary = "take in a registry that administrators signed",
		.help = "Takes it whole or not at all, after showing what would change. It must be\n"
				"signed by enough administrators of the registry that is held, be of the same\n"
				"domain, and newer than any that was ever held here. The first is known by the\n"
				"fingerprint of an administrator, who reads it out: --fingerprint.\n",
		.page = "valise-registry(1)",
		.options = verb_registry_import_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = 1,
		.words = "one FILE",
		.run = verb_registry_import,
	},
	{
		.name = "registry",
		.sub = "diff",
		.synopsis = "[--fingerprint FPR] [FILE]",
		.summary = "show what a draft or a file would change",
		.page = "valise-registry(1)",
		.options = verb_registry_look_options,
		.needs = NEEDS_GPG,
		.words_max = 1,
		.words = "at most one FILE",
		.run = verb_registry_diff,
	},
	{
		.name = "registry",
		.sub = "verify",
		.synopsis = "[--fingerprint FPR] [FILE]",
		.summary = "check signatures and certificates of a registry",
		.help = "Of the registry that is held, or of an exported FILE as import would.\n",
		.page = "valise-registry(1)",
		.options = verb_registry_look_options,
		.needs = NEEDS_GPG,
		.words_max = 1,
		.words = "at most one FILE",
		.run = verb_registry_verify,
	},
	{
		.name = "registry",
		.sub = "history",
		.synopsis = "",
		.summary = "which registries this station has held",
		.page = "valise-registry(1)",
		.options = no_options,
		.words = "no words",
		.run = verb_registry_history,
	},
	{
		.name = "pack",
		.synopsis = "--to ALIAS[,ALIAS...] [options] PATH...",
		.summary = "seal files and folders into a bundle for partners",
		.help = "Each PATH is stored under its last component. At a terminal what will leave is\n"
				"shown first, and you are asked. The path of the bundle goes to standard output.\n",
		.page = "valise-pack",
		.options = verb_pack_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = WORDS_ANY,
		.words = "a PATH, the folder or file to pack",
		.run = verb_pack,
	},
	{
		.name = "verify",
		.synopsis = "[--card CARD --fingerprint FPR] BUNDLE...",
		.summary = "prove that a bundle is authentic and whole",
		.help = "Needs public keys only, and shows nothing of what is inside. With --card no\n"
				"station is needed: the one sender of that card is believed.\n",
		.page = "valise-verify",
		.options = verb_verify_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = WORDS_ANY,
		.words = "a BUNDLE, the file to verify",
		.run = verb_verify,
	},
	{
		.name = "list",
		.synopsis = "BUNDLE",
		.summary = "show what is inside a bundle; for its recipients",
		.help = "Reads the manifest and not the payload, so it is fast for any size. The verdict\n"
				"on the bundle goes to standard error, the list to standard output.\n",
		.page = "valise-list",
		.options = no_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = 1,
		.words = "a BUNDLE, the file to look into",
		.run = verb_list,
	},
	{
		.name = "unpack",
		.synopsis = "[options] BUNDLE [PATH...]",
		.summary = "verify, check and unpack a bundle into a new folder",
		.help = "The folder appears whole or not at all. With PATHs only these files, or folders\n"
				"with all below them, are unpacked, and the bundle does not count as received.\n",
		.page = "valise-unpack",
		.options = verb_unpack_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = WORDS_ANY,
		.words = "a BUNDLE, the file to unpack",
		.run = verb_unpack,
	},
	{
		.name = "label",
		.synopsis = "DIR | --check PATH... | --authorise PATH...",
		.summary = "say how the files of a folder are classified",
		.help = "With DIR alone, at a terminal, asks questions and writes the label file.\n"
				"--check shows what each file would carry, why, and what stops it.\n"
				"--authorise signs that files may go under lower labels than before.\n",
		.page = "valise-label",
		.options = verb_label_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = WORDS_ANY,
		.words = "a DIR, the folder to label",
		.run = verb_label,
	},
	{
		.name = "scheme",
		.sub = "list",
		.synopsis = "",
		.summary = "show the classification schemes, also those not enabled",
		.page = "valise-scheme",
		.options = no_options,
		.run = verb_scheme_list,
	},
	{
		.name = "scheme",
		.sub = "show",
		.synopsis = "ID",
		.summary = "show a scheme's labels in their colours, with ranks and rules",
		.page = "valise-scheme",
		.options = no_options,
		.words_min = 1,
		.words_max = 1,
		.words = "an ID; valise scheme list shows them",
		.run = verb_scheme_show,
	},
	{
		.name = "scheme",
		.sub = "check",
		.synopsis = "FILE...",
		.summary = "check scheme files; an error names line and column",
		.page = "valise-scheme",
		.options = no_options,
		.words_min = 1,
		.words_max = WORDS_ANY,
		.words = "a FILE, the scheme to check",
		.run = verb_scheme_check,
	},
	{
		.name = "scheme",
		.sub = "import",
		.synopsis = "[options] FILE",
		.summary = "take in a MISP taxonomy (machinetag.json) as a scheme",
		.help = "A taxonomy does not say which label is higher. Say it with --ranks, or that\n"
				"there is no order with --as-set; --overlay makes a file to fill in.\n",
		.page = "valise-scheme",
		.options = verb_scheme_import_options,
		.words_min = 1,
		.words_max = 1,
		.words = "a FILE, the taxonomy",
		.run = verb_scheme_import,
	},
	{
		.name = "scheme",
		.sub = "sign",
		.synopsis = "FILE",
		.summary = "put a table of equivalent labels in force, signed",
		.help = "A table without a signature is signed with this station's key; one that an\n"
				"administrator signed is checked and taken as it is.\n",
		.page = "valise-scheme",
		.options = no_options,
		.needs = NEEDS_GPG,
		.words_min = 1,
		.words_max = 1,
		.words = "a FILE, the table of equivalences",
		.run = verb_scheme_sign,
	},
	{
		.name = "ledger",
		.sub = "list",
		.synopsis = "",
		.summary = "show what this station sent, received and refused",
		.page = "valise-ledger",
		.options = no_options,
		.run = verb_ledger_list,
	},
	{
		.name = "ledger",
		.sub = "void",
		.synopsis = "ID --reason TEXT",
		.summary = "record that a bundle was never sent",
		.help = "ID is the bundle's id, or at least its first 8 characters. The next bundle for\n"
				"the same recipients tells them, so that they do not wait for it.\n",
		.page = "valise-ledger",
		.options = verb_ledger_void_options,
		.words_min = 1,
		.words_max = 1,
		.words = "an ID; valise ledger list shows them",
		.run = verb_ledger_void,
	},
	{
		.name = "doctor",
		.synopsis = "",
		.summary = "check whether this station is fit for work",
		.help = "Changes nothing. Exit status 0: all is well; 10: something needs a person;\n"
				"9: something is broken.\n",
		.page = "valise-doctor",
		.options = no_options,
		.needs = NEEDS_NOTHING, /* a missing gpg is one of its findings */
		.run = verb_doctor,
	},
	{
		.name = "help",
		.synopsis = "[VERB]",
		.summary = "show the overview, or the help of a verb",
		.page = "valise",
		.options = no_options,
		.words_max = 2,
		.run = verb_help,
	},
	{.name = NULL},
};

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
