/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_CLI_TABLE_H
#define VALISE_CLI_TABLE_H

#include "cli/terminal.h"

/* Rows of cells that align by what a terminal shows, not by bytes. The first row is the heading. Cells are copied.
 * Out of memory: the table prints what it has, and table_print() says -1. */
enum { TABLE_COLUMNS_MAX = 12 };

struct table_cell {
	char *text;
	enum style style;
};

struct table {
	unsigned columns;
	struct table_cell *cells; /* owned, row by row */
	size_t count, room;
	bool last_below; /* where a terminal is too narrow for a row, its last cell stands on lines of its own below */
	bool failed;
};

void table_init(struct table *table, unsigned columns);
void table_clear(struct table *table);
#define auto_table AUTO(table_clear) struct table

/* in: text that is safe already. Cells follow one another from left to right, row by row. */
void table_add(struct table *table, enum style style, const char *text);
[[gnu::format(printf, 3, 4)]] void table_printf(struct table *table, enum style style, const char *fmt, ...);

int table_print(const struct table *table, struct terminal *terminal, const struct screen *screen);

#endif
