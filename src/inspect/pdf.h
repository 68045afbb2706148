/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_INSPECT_PDF_H
#define VALISE_INSPECT_PDF_H

#include "inspect/text_labels.h"

/* Labels on the first two pages, read by pdftotext: a program of its own, which gets the file as its input, writes to a
 * pipe, and is held to limits of time, memory and output. What hinders it stands in out->not_read.
 * in: fd: the whole file, its offset is moved; tool: path of pdftotext, NULL: where it usually is.
 * errors: ERR_CANCELLED, ERR_MEMORY, ERR_IO where no process or pipe can be had. */
int pdf_labels(const struct text_labels *labels, int fd, const char *tool, struct inspection *out, struct err *err);

#endif
