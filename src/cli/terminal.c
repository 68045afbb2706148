/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include "base/text.h"
#include "cli/input.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WRAP_COLUMNS_MAX = 100, WRAP_COLUMNS_MIN = 40 };

/* --- set up --- */

static bool locale_is_utf8(void)
{
	/* The program's own locale is always C.UTF-8; what the person's terminal shows is told by the environment. */
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
	}
	return false;
}

static bool colour_wanted(enum colour_mode mode, bool is_terminal)
{
	if (mode != COLOUR_AUTO)
		return mode == COLOUR_ALWAYS;
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool dumb = term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
	return is_terminal && !dumb && (no_color == NULL || no_color[0] == '\0');
}

static void screen_init(struct screen *screen, FILE *file, enum colour_mode mode)
{
	struct winsize size = {0};
	screen->file = file;
	screen->is_terminal = isatty(fileno(file)) == 1;
	screen->colour = colour_wanted(mode, screen->is_terminal);
	screen->columns = 80;
	if (screen->is_terminal && ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col >= WRAP_COLUMNS_MIN)
		screen->columns = size.ws_col;
}

void terminal_init(struct terminal *terminal, enum colour_mode mode)
{
	*terminal = (struct terminal){.utf8 = locale_is_utf8()};
	screen_init(&terminal->out, stdout, mode);
	screen_init(&terminal->err, stderr, mode);
	terminal->can_ask = isatty(STDIN_FILENO) == 1 && terminal->err.is_terminal;
}

void terminal_clear(struct terminal *terminal)
{
	for (unsigned i = 0; i < TERMINAL_RING; i++)
		buf_clear(&terminal->ring[i]);
}

/* --- text --- */

static struct buf *ring_next(struct terminal *terminal)
{
	struct buf *buf = &terminal->ring[terminal->ring_at++ % TERMINAL_RING];
	buf->len = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
	return buf;
}

static const char *ring_text(const struct buf *buf, int rc)
{
	if (rc < 0)
		return "(out of memory)";
	return buf->data != NULL ? buf->data : "";
}

const char *safe(struct terminal *terminal, const char *foreign)
{
	struct err ignored = ERR_INIT;
	struct buf *buf = ring_next(terminal);
	return ring_text(buf, text_escape(buf, foreign, strlen(foreign), &ignored));
}

const char *ring_keep(struct terminal *terminal, const char *text)
{
	struct err ignored = ERR_INIT;
	struct buf *buf = ring_next(terminal);
	return ring_text(buf, buf_append_str(buf, text, &ignored));
}

const char *styled(struct terminal *terminal, const struct screen *screen, enum style style, const char *text)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = NULL,  [STYLE_GOOD] = "1;32", [STYLE_BAD] = "1;31",
		[STYLE_WARN] = "1;33", [STYLE_BOLD] = "1",    [STYLE_DIM] = "2",
	};
	if (!screen->colour || codes[style] == NULL)
		return text;
	struct err ignored = ERR_INIT;
	struct buf *buf = ring_next(terminal);
	return ring_text(buf, buf_printf(buf, &ignored, "\033[%sm%s\033[0m", codes[style], text));
}

/* The nearest colour of the cube that 256-colour terminals share; 24-bit colour is not to be counted on. */
static unsigned xterm_colour(const unsigned char rgb[static 3])
{
	static const int levels[] = {0, 95, 135, 175, 215, 255};
	unsigned index = 0;
	for (int channel = 0; channel < 3; channel++) {
		unsigned nearest = 0;
		for (unsigned i = 1; i < 6; i++)
			if (abs(levels[i] - rgb[channel]) < abs(levels[nearest] - rgb[channel]))
				nearest = i;
		index = index * 6 + nearest;
	}
	return 16 + index;
}

const char *painted(struct terminal *terminal, const struct screen *screen, const unsigned char colour[static 3],
					const unsigned char background[static 3], const char *text)
{
	if (!screen->colour)
		return text;
	struct err ignored = ERR_INIT;
	struct buf *buf = ring_next(terminal);
	return ring_text(buf, buf_printf(buf, &ignored, "\033[1;38;5;%u;48;5;%um%s\033[0m", xterm_colour(colour),
									 xterm_colour(background), text));
}

/* One line's worth from the front of text: bytes up to a space where there is one, else as many characters as fit. */
static size_t wrap_take(const char *text, size_t room)
{
	size_t width = 0, at = 0, space = 0;
	while (text[at] != '\0') {
		size_t next = at + 1;
		while (((unsigned char)text[next] & 0xC0) == 0x80)
			next++;
		char one[8] = "";
		memcpy(one, text + at, next - at < sizeof one ? next - at : sizeof one - 1);
		width += text_width(one);
		if (width > room)
			return space > 0 ? space : at > 0 ? at : next;
		if (text[at] == ' ')
			space = at;
		at = next;
	}
	return at;
}

void screen_wrap(const struct screen *screen, unsigned column, unsigned indent, const char *text)
{
	unsigned columns = screen->columns < WRAP_COLUMNS_MAX ? screen->columns : WRAP_COLUMNS_MAX;
	for (;;) {
		size_t take = wrap_take(text, columns > column + 8 ? columns - column : 8);
		(void)fprintf(screen->file, "%.*s\n", (int)take, text);
		text += take;
		text += strspn(text, " ");
		if (*text == '\0')
			return;
		(void)fprintf(screen->file, "%*s", (int)indent, "");
		column = indent;
	}
}

/* --- questions --- */

static int read_line(char *out, size_t size, struct err *err)
{
	size_t len = 0;
	for (;;) {
		char byte;
		int n = input_byte(STDIN_FILENO, &byte, err);
		if (n < 0)
			return -1;
		if (n == 0)
			return err_set(err, ERR_DECLINED, "no answer: nothing was done");
		if (byte == '\n')
			break;
		if (len + 1 < size)
			out[len] = byte;
		len++;
	}
	out[len < size ? len : size - 1] = '\0';
	return len < size ? 0 : err_set(err, ERR_USAGE, "the answer is too long");
}

int terminal_ask(struct terminal *terminal, const char *question, char *out, size_t size, struct err *err)
{
	(void)fflush(stdout);
	(void)fprintf(terminal->err.file, "%s ", question);
	(void)fflush(terminal->err.file);
	int rc = read_line(out, size, err);
	if (rc < 0)
		(void)fputc('\n', terminal->err.file);
	return rc;
}

int terminal_confirm(struct terminal *terminal, const char *question, struct err *err)
{
	char answer[16];
	if (terminal_ask(terminal, question, answer, sizeof answer, err) < 0)
		return -1;
	if (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0)
		return 0;
	return err_set(err, ERR_DECLINED, "not confirmed: nothing was done");
}

/* --- the controlling terminal --- */

/* /dev/tty means nothing to an agent in a session of its own: it needs the device's name, which the kernel tells as a
 * number. */
static bool controlling_tty_name(char *out, size_t size)
{
	char line[1024];
	FILE *file = fopen("/proc/self/stat", "re");
	size_t len = file != NULL ? fread(line, 1, sizeof line - 1, file) : 0;
	if (file != NULL)
		(void)fclose(file);
	line[len] = '\0';
	const char *end_of_name = strrchr(line, ')');
	int number = 0;
	if (end_of_name == NULL || sscanf(end_of_name + 1, " %*c %*d %*d %*d %d", &number) != 1 || number == 0)
		return false;
	unsigned device = (unsigned)number, major = (device >> 8) & 0xFFF;
	unsigned minor = (device & 0xFF) | ((device >> 12) & 0xFFF00);
	if (major >= 136 && major <= 143)
		(void)snprintf(out, size, "/dev/pts/%u", (major - 136) * 256 + minor);
	else if (major == 4 && minor < 64)
		(void)snprintf(out, size, "/dev/tty%u", minor);
	else if (major == 4)
		(void)snprintf(out, size, "/dev/ttyS%u", minor - 64);
	else
		return false;
	return true;
}

bool terminal_export_tty(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		(void)close(fd);
	if (fd < 0 && isatty(STDIN_FILENO) != 1)
		return false;
	char name[64];
	if (getenv("GPG_TTY") == NULL && ttyname_r(STDIN_FILENO, name, sizeof name) != 0 &&
		ttyname_r(STDERR_FILENO, name, sizeof name) != 0 && !controlling_tty_name(name, sizeof name))
		return true;
	if (getenv("GPG_TTY") == NULL)
		(void)setenv("GPG_TTY", name, 1);
	return true;
}
