/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void table_init(struct table *table, unsigned columns)
{
	*table = (struct table){.columns = columns < TABLE_COLUMNS_MAX ? columns : TABLE_COLUMNS_MAX};
}

void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct table){0};
}

static bool table_grow(struct table *table)
{
	if (table->count < table->room)
		return true;
	size_t room = table->room > 0 ? table->room * 2 : 64;
	struct table_cell *cells = reallocarray(table->cells, room, sizeof *cells);
	if (cells == NULL)
		return false;
	table->cells = cells;
	table->room = room;
	return true;
}

void table_add(struct table *table, enum style style, const char *text)
{
	struct table_cell cell = {.text = table_grow(table) ? strdup(text) : NULL, .style = style};
	if (cell.text == NULL)
		table->failed = true;
	else
		table->cells[table->count++] = cell;
}

void table_printf(struct table *table, enum style style, const char *fmt, ...)
{
	char text[512];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	table_add(table, style, text);
}

/* --- fitting a terminal --- */

enum { COLUMN_GAP = 2, COLUMN_LEAST = 8, BELOW_INDENT = 4 };

/* Whether a line of a cell may end before this byte. Days stay whole. */
static bool may_break(const char *at)
{
	const char byte = at[-1];
	return byte == ' ' || byte == ',' || (byte == '-' && (*at < '0' || *at > '9')) || byte == '+' || byte == '/';
}

static size_t character(const char *text, size_t *out_width)
{
	char one[8] = "";
	size_t len = 1;
	while (((unsigned char)text[len] & 0xC0) == 0x80)
		len++;
	memcpy(one, text, len < sizeof one ? len : sizeof one - 1);
	*out_width = text_width(one);
	return len;
}

/* One line's worth from the front of a cell: bytes up to where it may break, else as many characters as fit. */
static size_t take_line(const char *text, size_t room)
{
	size_t shown = 0, at = 0, stop = 0;
	while (text[at] != '\0') {
		size_t width, len = character(text + at, &width);
		shown += width;
		if (shown > room && text[at] != ' ')
			return stop > 0 ? stop : at > 0 ? at : len;
		at += len;
		if (may_break(text + at))
			stop = at;
	}
	return at;
}

/* What shows of a cell's widest piece that does not break. */
static size_t widest_piece(const char *text)
{
	size_t widest = 0, shown = 0;
	while (*text != '\0') {
		size_t width, len = character(text, &width);
		shown += *text != ' ' ? width : 0;
		widest = shown > widest ? shown : widest;
		text += len;
		shown = may_break(text) ? 0 : shown;
	}
	return widest;
}

static void measure(const struct table *table, size_t (*measured)(const char *text), size_t widths[TABLE_COLUMNS_MAX])
{
	memset(widths, 0, TABLE_COLUMNS_MAX * sizeof *widths);
	for (size_t i = 0; i < table->count; i++) {
		size_t width = measured(table->cells[i].text);
		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
}

static size_t whole_width(const size_t widths[TABLE_COLUMNS_MAX], unsigned columns)
{
	size_t sum = 0;
	for (unsigned i = 0; i < columns; i++)
		sum += widths[i] + (i > 0 ? COLUMN_GAP : 0);
	return sum;
}

/* The widest gives first. */
static void shrink(size_t widths[TABLE_COLUMNS_MAX], const size_t least[TABLE_COLUMNS_MAX], unsigned columns,
				   size_t room)
{
	while (whole_width(widths, columns) > room) {
		unsigned widest = columns;
		for (unsigned i = 0; i < columns; i++)
			if (widths[i] > least[i] && (widest == columns || widths[i] > widths[widest]))
				widest = i;
		if (widest == columns)
			return;
		widths[widest]--;
	}
}

/* Cells that are too wide for a terminal go on below, where they may break; within a word where nothing else helps.
 * What goes to a file or another program has one line a row. out: how many columns stand beside each other. */
static unsigned fit(const struct table *table, const struct screen *screen, size_t widths[TABLE_COLUMNS_MAX])
{
	size_t least[TABLE_COLUMNS_MAX];
	unsigned columns = table->columns;
	measure(table, text_width, widths);
	if (!screen->is_terminal)
		return columns;
	if (table->last_below && whole_width(widths, columns) > screen->columns) {
		columns--;
		widths[columns] = screen->columns > 2 * BELOW_INDENT ? screen->columns - BELOW_INDENT : BELOW_INDENT;
	}
	measure(table, widest_piece, least);
	shrink(widths, least, columns, screen->columns);
	for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
		least[i] = COLUMN_LEAST;
	shrink(widths, least, columns, screen->columns);
	return columns;
}

/* --- printing --- */

struct row_printer {
	const struct table *table;
	struct terminal *terminal;
	const struct screen *screen;
	const size_t *widths;
	unsigned beside;                     /* columns that stand beside each other */
	const char *rest[TABLE_COLUMNS_MAX]; /* of each cell, what is not printed yet */
	size_t first;                        /* number of the row's first cell */
};

static enum style style_of(const struct row_printer *row, unsigned column)
{
	return row->first < row->table->columns ? STYLE_BOLD : row->table->cells[row->first + column].style;
}

/* out: what it shows. */
static int print_piece(struct row_printer *row, unsigned column, size_t *out_shown)
{
	size_t len = take_line(row->rest[column], row->widths[column]);
	const char *text = row->rest[column];
	row->rest[column] += len;
	row->rest[column] += strspn(row->rest[column], " ");
	while (len > 0 && text[len - 1] == ' ')
		len--;
	auto_free char *piece = strndup(text, len);
	if (piece == NULL)
		return -1;
	*out_shown = text_width(piece);
	(void)fputs(styled(row->terminal, row->screen, style_of(row, column), piece), row->screen->file);
	return 0;
}

/* One line of a row. The padding stands outside of the colour, and never at the end of a line. more: whether there is
 * another one. */
static int print_line(struct row_printer *row, bool *more)
{
	size_t padding = 0;
	*more = false;
	for (unsigned i = 0; i < row->beside; i++) {
		size_t shown = 0;
		if (row->rest[i][0] != '\0') {
			(void)fprintf(row->screen->file, "%*s", (int)padding, "");
			padding = 0;
			if (print_piece(row, i, &shown) < 0)
				return -1;
		}
		padding += row->widths[i] - (shown < row->widths[i] ? shown : row->widths[i]) + COLUMN_GAP;
		*more |= row->rest[i][0] != '\0';
	}
	(void)fputc('\n', row->screen->file);
	return 0;
}

static int print_below(struct row_printer *row)
{
	size_t shown = 0;
	while (row->rest[row->beside][0] != '\0') {
		(void)fprintf(row->screen->file, "%*s", BELOW_INDENT, "");
		if (print_piece(row, row->beside, &shown) < 0)
			return -1;
		(void)fputc('\n', row->screen->file);
	}
	return 0;
}

static int print_row(struct row_printer *row)
{
	bool more = false;
	for (unsigned i = 0; i < row->table->columns; i++) {
		row->rest[i] = row->table->cells[row->first + i].text;
		more |= i < row->beside && row->rest[i][0] != '\0';
	}
	while (more)
		if (print_line(row, &more) < 0)
			return -1;
	return row->beside < row->table->columns ? print_below(row) : 0;
}

int table_print(const struct table *table, struct terminal *terminal, const struct screen *screen)
{
	size_t widths[TABLE_COLUMNS_MAX];
	const unsigned beside = fit(table, screen, widths);
	struct row_printer row = {
		.table = table, .terminal = terminal, .screen = screen, .widths = widths, .beside = beside};
	for (; row.first + table->columns <= table->count; row.first += table->columns)
		if (print_row(&row) < 0)
			return -1;
	return table->failed ? -1 : 0;
}
