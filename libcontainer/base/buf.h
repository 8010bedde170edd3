/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer. Out of memory is sticky: later calls do nothing and
 * buf_error() says -ENOMEM, so a caller checks once at the end. The owner
 * calls buf_free (or uses _cleanup_buf_). data is always NUL-terminated when
 * not NULL.
 */
#ifndef TARE_BASE_BUF_H
#define TARE_BASE_BUF_H

#include <stdarg.h>

#include "base/macros.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	int err;
};

void buf_free(struct buf *b);
#define _cleanup_buf_ _cleanup_(buf_free)

void buf_add(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) _printf_(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) _printf_(2, 0);
/* Zero bytes up to a multiple of align (a power of two). */
void buf_align(struct buf *b, size_t align);
int buf_error(const struct buf *b);
/* The text ("" when empty); owned by the buffer. */
const char *buf_str(const struct buf *b);
/* Gives the memory away (NULL on error). */
char *buf_steal(struct buf *b);

#endif
