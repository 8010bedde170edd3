/* SPDX-License-Identifier: Apache-2.0 */
#include "src/output.h"

#include <unistd.h>

#include "base/err.h"
#include "base/io.h"

#define MIN_WIDTH 12
#define PADDING 3

int out_buf(const struct buf *b)
{
	int r = buf_error(b);

	if (r >= 0)
		r = io_write_all(STDOUT_FILENO, buf_str(b), b->len);
	return r < 0 ? err_set(r, "write the output") : 0;
}

/* Characters: bytes that do not continue one. */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static size_t column_width(const char *const *cells, size_t rows, size_t cols,
			   size_t col)
{
	size_t w = MIN_WIDTH;

	for (size_t i = 0; i < rows; i++)
		w = MAX(w, width(cells[i * cols + col]) + PADDING);
	return w;
}

void out_table(struct buf *b, const char *const *cells, size_t rows, size_t cols)
{
	size_t *widths = calloc(cols, sizeof(*widths));

	if (!widths) {
		b->err = -ENOMEM;
		return;
	}
	for (size_t c = 0; c + 1 < cols; c++)
		widths[c] = column_width(cells, rows, cols, c);
	for (size_t i = 0; i < rows * cols; i++) {
		const char *text = cells[i];

		buf_puts(b, text);
		if (i % cols == cols - 1)
			buf_putc(b, '\n');
		else
			buf_printf(b, "%*s",
				   (int)(widths[i % cols] - width(text)), "");
	}
	free(widths);
}
