/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/gpg_internal.h"

#include "base/cancel.h"

#include <locale.h>
#include <string.h>
#include <time.h>

/* --- starting --- */

/* pinentry-curses draws on the terminal that the agent is told of; GPGME tells it only when standard output is one, and
 * ours is where results go. Set before threads start. */
static void name_terminal(void)
{
	if (getenv("GPG_TTY") != NULL)
		return;
	static const int fds[] = {STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO};
	char name[256];
	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
		if (ttyname_r(fds[i], name, sizeof name) == 0) {
			(void)setenv("GPG_TTY", name, 0);
			return;
		}
}

int gpg_library_init(struct err *err)
{
	/* Without gpgconf GPGME starts no program but the one that we name. */
	(void)gpgme_set_global_flag("disable-gpgconf", "1");
	if (gpgme_check_version("1.14.0") == NULL)
		return err_set(err, ERR_GNUPG, "GPGME is older than 1.14.0");
	if (gpg_home_find_tools(err) < 0)
		return -1;
	name_terminal();
	char version[64];
	return gpg_version(version, sizeof version, err);
}

static bool is_at_least(const char *version, unsigned long major, unsigned long minor)
{
	char *end;
	unsigned long a = strtoul(version, &end, 10);
	unsigned long b = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return a > major || (a == major && b >= minor);
}

static gpgme_error_t read_engine_info(gpgme_engine_info_t *out)
{
	gpgme_error_t cause = gpgme_get_engine_info(out);
	while (cause == 0 && *out != NULL && (*out)->protocol != GPGME_PROTOCOL_OpenPGP)
		*out = (*out)->next;
	return cause;
}

int gpg_version(char *out, size_t size, struct err *err)
{
	gpgme_engine_info_t info = NULL;
	gpgme_error_t cause = read_engine_info(&info);
	/* Setting the tool makes GPGME ask for its version once more: only where it found another by itself. */
	if (cause == 0 && (info == NULL || info->file_name == NULL || strcmp(info->file_name, gpg_home_tool()) != 0))
		cause = gpgme_set_engine_info(GPGME_PROTOCOL_OpenPGP, gpg_home_tool(), NULL);
	if (cause == 0)
		cause = read_engine_info(&info);
	if (cause != 0 || info == NULL || info->version == NULL) {
		(void)err_set(err, ERR_GNUPG, "%s does not work", gpg_home_tool());
		return err_hint(err, "try: %s --version", gpg_home_tool());
	}
	if (!is_at_least(info->version, 2, 2)) {
		(void)err_set(err, ERR_GNUPG, "%s is version %s; valise needs 2.2 or newer", gpg_home_tool(), info->version);
		return err_hint(err, "install GnuPG 2.2 or newer: apt-get install gnupg");
	}
	(void)snprintf(out, size, "%s", info->version);
	return 0;
}

/* --- passphrases --- */

/* GPGME asks again after a wrong passphrase; saying the same once more would not end. A smart card's daemon asks anew
 * without telling that it was wrong, and the third wrong PIN locks the card: so it is said once for a key in an
 * operation, and never again after that was in vain. */
static gpgme_error_t give_passphrase(void *hook, const char *hint, const char *info, int prev_was_bad, int fd)
{
	struct gpg *gpg = hook;
	(void)hint;
	if (info == NULL)
		info = "";
	gpg->given_in_vain |= prev_was_bad || (gpg->was_given && strcmp(info, gpg->given_for) == 0);
	if (gpg->given_in_vain || gpg->passphrase.given == NULL)
		return gpgme_error(GPG_ERR_CANCELED);
	gpg->was_given = snprintf(gpg->given_for, sizeof gpg->given_for, "%s", info) < (int)sizeof gpg->given_for;
	const struct secret *given = gpg->passphrase.given;
	if (gpgme_io_writen(fd, given->bytes, given->len) != 0 || gpgme_io_writen(fd, "\n", 1) != 0)
		return gpgme_error_from_syserror();
	return 0;
}

static gpgme_error_t set_passphrase_mode(struct gpg *gpg)
{
	switch (gpg->passphrase.mode) {
	case GPG_PASSPHRASE_GIVEN:
		gpgme_set_passphrase_cb(gpg->ctx, give_passphrase, gpg);
		return gpgme_set_pinentry_mode(gpg->ctx, GPGME_PINENTRY_MODE_LOOPBACK);
	case GPG_PASSPHRASE_ASK:
		return gpgme_set_pinentry_mode(gpg->ctx, GPGME_PINENTRY_MODE_DEFAULT);
	case GPG_PASSPHRASE_NEVER:
		break;
	}
	return gpgme_set_pinentry_mode(gpg->ctx, GPGME_PINENTRY_MODE_ERROR);
}

/* --- opening --- */

static gpgme_error_t set_up_context(struct gpg *gpg)
{
	gpgme_error_t cause = gpgme_new(&gpg->ctx);
	if (cause == 0)
		cause = gpgme_set_protocol(gpg->ctx, GPGME_PROTOCOL_OpenPGP);
	if (cause == 0)
		cause = gpgme_ctx_set_engine_info(gpg->ctx, GPGME_PROTOCOL_OpenPGP, gpg_home_tool(), gpg->home.path);
	if (cause == 0)
		cause = set_passphrase_mode(gpg);
	if (cause != 0)
		return cause;
	gpgme_set_armor(gpg->ctx, 0);
	gpgme_set_textmode(gpg->ctx, 0);
	gpgme_set_offline(gpg->ctx, 1);
	const char *locale = setlocale(LC_CTYPE, NULL);
	return gpgme_set_locale(gpg->ctx, LC_CTYPE, locale != NULL ? locale : "C");
}

int gpg_open_context(struct gpg **out, struct gpg_home *home, const struct gpg_passphrase *passphrase, struct err *err)
{
	*out = NULL;
	struct gpg *gpg = calloc(1, sizeof *gpg);
	if (gpg == NULL) {
		gpg_home_remove(home);
		return err_set(err, ERR_MEMORY, "out of memory");
	}
	gpg->home = *home;
	*home = (struct gpg_home){0};
	gpg->passphrase = passphrase != NULL ? *passphrase : (struct gpg_passphrase){.mode = GPG_PASSPHRASE_NEVER};
	gpgme_error_t cause = set_up_context(gpg);
	if (cause != 0) {
		(void)gpg_fail(gpg, err, ERR_GNUPG, cause, "cannot start gpg");
		gpg_close(gpg);
		return -1;
	}
	*out = gpg;
	return 0;
}

int gpg_open_throwaway(struct gpg **out, struct err *err)
{
	struct gpg_home home;
	*out = NULL;
	if (gpg_home_make_throwaway(&home, err) < 0)
		return -1;
	return gpg_open_context(out, &home, NULL, err);
}

int gpg_open_station(struct gpg **out, const char *gnupg_dir, const struct gpg_passphrase *passphrase, struct err *err)
{
	struct gpg_home home;
	*out = NULL;
	if (gpg_home_make_station(&home, gnupg_dir, err) < 0 || gpg_open_context(out, &home, passphrase, err) < 0)
		return -1;
	(*out)->may_ask = true;
	return 0;
}

void gpg_close(struct gpg *gpg)
{
	if (gpg == NULL)
		return;
	if (gpg->ctx != NULL)
		gpgme_release(gpg->ctx);
	gpg_home_remove(&gpg->home);
	gpg_forget(gpg);
	free(gpg);
}

/* --- failing --- */

/* No daemon, no reader, no card, another one, or one that somebody else holds (seen as "no such device"). */
static bool is_about_card(gpgme_err_code_t code)
{
	switch (code) {
	case GPG_ERR_NO_SCDAEMON:
	case GPG_ERR_SCDAEMON:
	case GPG_ERR_CARD:
	case GPG_ERR_CARD_NOT_PRESENT:
	case GPG_ERR_CARD_REMOVED:
	case GPG_ERR_CARD_RESET:
	case GPG_ERR_CARD_NOT_INITIALIZED:
	case GPG_ERR_INV_CARD:
	case GPG_ERR_WRONG_CARD:
	case GPG_ERR_PIN_BLOCKED:
	case GPG_ERR_ENODEV:
		return true;
	default:
		return false;
	}
}

bool gpg_is_about_secret(gpgme_err_code_t code)
{
	switch (code) {
	case GPG_ERR_NO_SECKEY:
	case GPG_ERR_UNUSABLE_SECKEY:
	case GPG_ERR_BAD_PASSPHRASE:
	case GPG_ERR_NO_PASSPHRASE:
	case GPG_ERR_CANCELED:
	case GPG_ERR_FULLY_CANCELED:
	case GPG_ERR_TIMEOUT:
	case GPG_ERR_NO_PIN_ENTRY:
	case GPG_ERR_PIN_ENTRY:
	case GPG_ERR_BAD_PIN:
	case GPG_ERR_NO_AGENT:
	case GPG_ERR_AGENT:
		return true;
	default:
		return is_about_card(code);
	}
}

static const char *passphrase_hint(const struct gpg *gpg, gpgme_err_code_t code)
{
	if (code == GPG_ERR_PIN_BLOCKED)
		return "the card is locked after too many wrong PINs: gpg --card-edit, passwd, unblocks it";
	if (is_about_card(code))
		return "put in the smart card or token; if it is in, end other programs that hold it: gpgconf --kill scdaemon; "
			   "see Smart cards in valise-init(1)";
	switch (gpg->passphrase.mode) {
	case GPG_PASSPHRASE_GIVEN:
		return "check the passphrase or PIN that --passphrase-fd gives, and that a smart card is in its reader";
	case GPG_PASSPHRASE_NEVER:
		return "run this at a terminal, or give the passphrase with --passphrase-fd N";
	case GPG_PASSPHRASE_ASK:
		break;
	}
	return "try again; valise doctor looks for what is wrong with the key";
}

int gpg_fail(struct gpg *gpg, struct err *err, enum err_code code, gpgme_error_t cause, const char *fmt, ...)
{
	char what[256], why[256];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	(void)gpgme_strerror_r(cause, why, sizeof why);
	gpgme_err_code_t number = gpgme_err_code(cause);

	bool person_cancelled = (number == GPG_ERR_CANCELED || number == GPG_ERR_FULLY_CANCELED) &&
							gpg->passphrase.mode == GPG_PASSPHRASE_ASK;
	if (cancel_requested() || person_cancelled)
		return err_set(err, ERR_CANCELLED, "%s: cancelled", what);
	if (number == GPG_ERR_ENOMEM)
		return err_set(err, ERR_MEMORY, "out of memory");
	if (gpg->may_ask && gpg_is_about_secret(number)) {
		(void)err_set(err, ERR_KEY_UNAVAILABLE, "%s: %s", what, why);
		return err_hint(err, "%s", passphrase_hint(gpg, number));
	}
	return err_set(err, code, "%s: %s", what, why);
}

/* --- running --- */

/* GPGME's own wait goes on after a signal, and a person may never answer. */
static gpgme_error_t wait_for_person(struct gpg *gpg)
{
	gpgme_error_t status = 0;
	while (gpgme_wait(gpg->ctx, &status, 0) == NULL) {
		if (status != 0)
			return status;
		if (cancel_requested()) {
			(void)gpgme_cancel(gpg->ctx);
			return gpgme_error(GPG_ERR_CANCELED);
		}
		(void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
	return status;
}

gpgme_error_t gpg_run(struct gpg *gpg, gpgme_error_t (*start)(struct gpg *gpg, void *arg), void *arg)
{
	gpgme_error_t status = 0;
	gpg->was_given = false;
	gpgme_error_t cause = start(gpg, arg);
	if (cause != 0)
		return cause;
	gpg->home.agent_used = gpg->may_ask;
	if (gpg->passphrase.mode != GPG_PASSPHRASE_ASK)
		return gpgme_wait(gpg->ctx, &status, 1) != NULL ? status : gpgme_error(GPG_ERR_GENERAL);
	status = wait_for_person(gpg);
	gpg->home.ask_broken |= status != 0;
	return status;
}

/* --- data --- */

int gpg_data_borrow(gpgme_data_t *out, const void *bytes, size_t len, struct err *err)
{
	gpgme_error_t cause = gpgme_data_new_from_mem(out, bytes, len, 0);
	return cause == 0 ? 0 : err_set(err, ERR_MEMORY, "out of memory");
}

int gpg_data_take(gpgme_data_t *data, struct buf *out, struct err *err)
{
	size_t len = 0;
	char *bytes = gpgme_data_release_and_get_mem(steal(data), &len);
	int rc = buf_append(out, bytes, len, err);
	gpgme_free(bytes);
	return rc;
}
