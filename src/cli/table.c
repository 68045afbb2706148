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

static void measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
	memset(widths, 0, TABLE_COLUMNS_MAX * sizeof *widths);
	for (size_t i = 0; i < table->count; i++) {
		size_t width = text_width(table->cells[i].text);
		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
}

int table_print(const struct table *table, struct terminal *terminal, const struct screen *screen)
{
	size_t widths[TABLE_COLUMNS_MAX];
	measure(table, widths);
	for (size_t i = 0; i < table->count; i++) {
		const struct table_cell *cell = &table->cells[i];
		size_t column = i % table->columns, width = text_width(cell->text);
		bool last = column + 1 == table->columns;
		enum style style = i < table->columns ? STYLE_BOLD : cell->style;
		/* The padding stands outside of the colour, and never at the end of a line. */
		(void)fprintf(screen->file, "%s%*s", styled(terminal, screen, style, cell->text),
					  last ? 0 : (int)(widths[column] - width + 2), "");
		if (last)
			(void)fputc('\n', screen->file);
	}
	return table->failed ? -1 : 0;
}
