/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *meaning;
	int exit_status;
} err_table[] = {
#define X(code, name, exit, text) [ERR_##code] = {name, text, exit},
	ERR_CODES(X)
#undef X
};

const char *err_name(enum err_code code)
{
	return err_table[code].name;
}

int err_exit_status(enum err_code code)
{
	return err_table[code].exit_status;
}

const char *err_meaning(enum err_code code)
{
	return err_table[code].meaning;
}

const char *err_exit_name(int exit_status)
{
	static const char *const names[] = {"ok",     "internal", "usage",  "untrusted", "damaged",  "refused",
										"no-key", "io",       "format", "config",    "attention"};
	if (exit_status >= 0 && (size_t)exit_status < sizeof names / sizeof names[0])
		return names[exit_status];
	return exit_status == 130 ? "cancelled" : "unknown";
}

static void err_record(struct err *err, enum err_code code, int saved_errno, const char *fmt, va_list args)
{
	if (err->code != ERR_OK)
		return;
	err->code = code;
	err->saved_errno = saved_errno;
	(void)vsnprintf(err->message, sizeof err->message, fmt, args);
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	err_record(err, code, 0, fmt, args);
	va_end(args);
	return -1;
}

static enum err_code err_code_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_NO_SPACE;
	case EEXIST:
		return ERR_EXISTS;
	case ENOMEM:
		return ERR_MEMORY;
	default:
		return ERR_IO;
	}
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int number = errno;
	va_list args;
	if (err->code != ERR_OK)
		return -1;
	va_start(args, fmt);
	err_record(err, err_code_of_errno(number), number, fmt, args);
	va_end(args);
	size_t len = strlen(err->message);
	(void)snprintf(err->message + len, sizeof err->message - len, ": %s", strerror(number));
	if (err->code == ERR_NO_SPACE)
		return err_hint(err, "free some space there, or choose another place");
	if (number == EROFS)
		return err_hint(err, "look for a switch on the stick or card that protects it, or take another place");
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char context[ERR_MESSAGE_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(context, sizeof context, fmt, args);
	va_end(args);

	size_t room = sizeof err->message - 1, head = strlen(context);
	if (head > room / 2)
		head = room / 2;
	size_t tail = strlen(err->message);
	if (tail > room - head)
		tail = room - head;
	memmove(err->message + head, err->message, tail);
	memcpy(err->message, context, head);
	err->message[head + tail] = '\0';
	return -1;
}

int err_hint(struct err *err, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(err->hint, sizeof err->hint, fmt, args);
	va_end(args);
	return -1;
}

int err_recode(struct err *err, enum err_code code)
{
	err->code = code;
	return -1;
}
