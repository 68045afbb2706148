/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_OPS_SCHEME_FILES_H
#define VALISE_OPS_SCHEME_FILES_H

#include "ops/session.h"

/* The scheme files of a station, the shipped ones and those in schemes/ of its home, also the ones that are not
 * enabled. */
struct scheme_file {
	struct scheme scheme;
	char *name;      /* "tlp.yaml" */
	bool is_shipped; /* else it lies in the home */
	bool is_enabled;
};
struct scheme_files {
	struct scheme_file *items; /* owned, by id */
	uint32_t count;
};
void scheme_files_clear(struct scheme_files *files);
#define auto_scheme_files AUTO(scheme_files_clear) struct scheme_files

/* in: station NULL: the shipped ones alone. errors: ERR_SCHEME with file, line and column; ERR_IO, ERR_MEMORY. */
int scheme_files_load(struct scheme_files *out, const struct station *station, struct err *err);
const struct scheme_file *scheme_files_find(const struct scheme_files *files, const char *id);

/* One file, as it would be taken in. errors: ERR_SCHEME with file, line and column, ERR_VERSION, ERR_IO. */
int scheme_file_check(const char *path, struct scheme *out, struct err *err);

struct scheme_import {
	const char *path;   /* machinetag.json */
	const char *id;     /* NULL: from the namespace */
	const char *ranks;  /* path of a rank overlay; NULL: none */
	bool as_set;        /* without order */
	bool overlay_only;  /* make an overlay to be filled in, not a scheme */
	const char *output; /* a file; NULL: schemes/ID.yaml of the home */
};
struct scheme_imported {
	char *path;      /* owned; NULL where it is in text */
	struct buf text; /* the overlay, where there is no output */
	char id[LABEL_ID_MAX + 1];
	uint32_t labels, rules_left_out;
};
void scheme_imported_clear(struct scheme_imported *imported);
#define auto_scheme_imported AUTO(scheme_imported_clear) struct scheme_imported

/* Take in a MISP taxonomy: the file is there whole or not at all. station may be NULL with an output.
 * errors: ERR_USAGE where neither ranks nor as_set is given; ERR_DOCUMENT, ERR_SCHEME; ERR_EXISTS. */
int scheme_import(const struct station *station, const struct scheme_import *request, struct scheme_imported *out,
				  struct err *err);

#endif
