/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output: whole texts, and tables as Go's tabwriter lays them out. */
#ifndef TARE_SRC_OUTPUT_H
#define TARE_SRC_OUTPUT_H

#include "base/buf.h"

/* Writes all of the buffer; 0 or -errno with the trail set. */
int out_buf(const struct buf *b);

/*
 * Appends rows of `cols` cells each (row-major): columns at least 12 wide,
 * three blanks apart, the last one not padded. Widths count characters.
 */
void out_table(struct buf *b, const char *const *cells, size_t rows,
	       size_t cols);

#endif
