/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/failure.h"

#include "cli/verbs.h"

#include <string.h>

const char *failure_advice(enum err_code code)
{
	static const char *const advice[ERR_CODE_COUNT] = {
		[ERR_INTERNAL] = "this is a bug in valise: report it with the command line",
		[ERR_MEMORY] = "close other programs, then try again",
		[ERR_UNSIGNED] = "do not use this bundle; ask the sender to seal it anew",
		[ERR_BAD_SIGNATURE] = "do not use this bundle; tell the sender that somebody changed it",
		[ERR_UNKNOWN_SIGNER] = "ask the sender for a card, check it by phone, then: valise partner add",
		[ERR_UNFIT_SIGNER] = "ask the sender for a new card or key; see valise partner show",
		[ERR_SIGNATURE_TIME] = "check the clock of this machine; else ask the sender to seal it anew",
		[ERR_APPROVALS] = "send it back to the sender, for the signatures that are missing",
		[ERR_KEY_CHECK] = "do not use this bundle; tell the sender that somebody re-signed it",
		[ERR_FINGERPRINT] = "ask the partner to read the fingerprint out by phone, and type it again",
		[ERR_CERTIFICATE] = "ask the partner for a new card",
		[ERR_TRUNCATED] = "copy the file again from the medium; else ask for it again",
		[ERR_DAMAGED] = "copy the file again from the medium; else ask for it again",
		[ERR_CHUNKS_MISSING] = "fetch the other volumes of this bundle",
		[ERR_FOREIGN_VOLUME] = "give the files of one bundle; valise verify sorts those of several",
		[ERR_UNLABELLED] = "say how it is classified, for example: --label TLP:AMBER --label PD:NONE",
		[ERR_CEILING] = "leave these files out, or have the administrator raise the ceiling",
		[ERR_EXPIRED] = "ask the sender for a new bundle; unpack has --override expired --reason TEXT",
		[ERR_CLOCK] = "set the clock of this machine; unpack has --override clock --reason TEXT",
		[ERR_REPLAY] = "it is unpacked already (valise ledger list); to do so once more: --again",
		[ERR_EQUIVOCATION] = "keep both bundles and ask the sender, by phone, what happened",
		[ERR_LABEL] = "valise scheme list shows the schemes, valise scheme show ID their labels",
		[ERR_UNDERSTATED] = "label it as high as it says, or have its author change what it says",
		[ERR_DOWNGRADE] = "ask the originator for an authorisation; see valise-label(1)",
		[ERR_RELEASE] = "see releasable-to in valise-labels(5)",
		[ERR_PERSONAL_DATA] = "see PERSONAL DATA in valise-labels(5)",
		[ERR_REQUIREMENT] = "say it in the label file; see valise-labels(5)",
		[ERR_TYPE] = "take the file out, or see pack-types and unpack-types in valise-station(5)",
		[ERR_LABEL_FILE] = "see LABEL FILE in valise-labels(5)",
		[ERR_IO] = "check that the place is there, and that this user may read and write there",
		[ERR_NOT_FOR_US] = "pass it on to whom it is for",
		[ERR_KEY_UNAVAILABLE] = "give the passphrase at a terminal, or with --passphrase-fd N",
		[ERR_NO_SPACE] = "free some space there, or choose another place",
		[ERR_EXISTS] = "choose another name, or move what is there away",
		[ERR_CHANGED] = "wait until nobody writes there, then try again",
		[ERR_BUSY] = "wait until the other one is done, then try again",
		[ERR_NOT_A_BUNDLE] = "check the name of the file",
		[ERR_VERSION] = "update valise on this machine, or ask the sender to",
		[ERR_NO_STATION] = "make one with: valise init --name NAME --organisation ORG",
		[ERR_STATION] = "see valise doctor, and valise-station(5)",
		[ERR_REGISTRY] = "see valise doctor, and valise-station(5)",
		[ERR_PARTNER] = "see who is known with: valise partner list",
		[ERR_SCHEME] = "see valise doctor",
		[ERR_LEDGER] = "see valise doctor",
		[ERR_GNUPG] = "see valise doctor",
		[ERR_CANCELLED] = "nothing was left behind; the same command starts anew",
	};
	if (advice[code] != NULL)
		return advice[code];
	/* All else of this status is a bundle or card that breaks its rules: the sender's to mend. */
	return err_exit_status(code) == 8 ? "do not use it; tell the sender what stands above" : "";
}

static void format_try(char *out, size_t size, const struct cli *cli)
{
	char name[64] = "";
	if (cli->verb != NULL)
		verb_format_name(name, sizeof name, cli->verb);
	else if (cli->group != NULL)
		(void)snprintf(name, sizeof name, "%s", cli->group);
	(void)snprintf(out, size, "try: valise %s%s--help", name, name[0] != '\0' ? " " : "");
}

static const char *hint_of(const struct err *err)
{
	return err->hint[0] != '\0' ? err->hint : failure_advice(err->code);
}

void failure_print(struct cli *cli, const struct err *err)
{
	struct terminal *terminal = &cli->terminal;
	const char *arrow = terminal->utf8 ? "\xE2\x86\x92" : "hint:";
	FILE *to = terminal->err.file;
	(void)fprintf(to, "%s %s\n", styled(terminal, &terminal->err, STYLE_BAD, "valise:"), safe(terminal, err->message));
	if (hint_of(err)[0] != '\0')
		(void)fprintf(to, "  %s %s\n", arrow, safe(terminal, hint_of(err)));
	if (err->code == ERR_USAGE) {
		char try[128];
		format_try(try, sizeof try, cli);
		(void)fprintf(to, "  %s %s\n", arrow, try);
	}
}

struct json *failure_json(const struct cli *cli, const struct err *err)
{
	struct json *json = json_object_new();
	char hint[ERR_HINT_MAX + 160], try[128] = "";
	if (err->code == ERR_USAGE)
		format_try(try, sizeof try, cli);
	(void)snprintf(hint, sizeof hint, "%s%s%s", hint_of(err), hint_of(err)[0] != '\0' && try[0] != '\0' ? "; " : "",
				   try);
	json_set_text(json, "code", err_name(err->code));
	json_set_int(json, "exit", err_exit_status(err->code));
	json_set_text(json, "message", err->message);
	json_set_text(json, "hint", hint);
	return json;
}
