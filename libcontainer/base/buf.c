/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#define CAP_FIRST 256

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

/* Room for n more bytes and the NUL. */
static bool reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : CAP_FIRST;
	char *p;

	if (b->err)
		return false;
	if (b->data && n < b->cap - b->len)
		return true;
	if (n >= SIZE_MAX / 2 - b->len) {
		b->err = -ENOMEM;
		return false;
	}
	while (cap <= b->len + n)
		cap *= 2;
	p = realloc(b->data, cap);
	if (!p) {
		b->err = -ENOMEM;
		return false;
	}
	b->data = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t room;
	int n;

	if (!reserve(b, 64))
		return;
	room = b->cap - b->len;
	va_copy(again, ap);
	n = vsnprintf(b->data + b->len, room, fmt, ap);
	if (n >= 0 && (size_t)n >= room && reserve(b, (size_t)n))
		n = vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	if (n < 0)
		b->err = -ENOMEM;
	if (b->err)
		b->data[b->len] = '\0';
	else
		b->len += (size_t)n;
}

void buf_align(struct buf *b, size_t align)
{
	static const char zeros[64];
	size_t n = -b->len & (align - 1);

	while (n > 0 && !b->err) {
		size_t step = MIN(n, sizeof(zeros));

		buf_add(b, zeros, step);
		n -= step;
	}
}

int buf_error(const struct buf *b)
{
	return b->err;
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_steal(struct buf *b)
{
	char *p = NULL;

	/* An empty buffer gives an empty string. */
	if (reserve(b, 0)) {
		b->data[b->len] = '\0';
		p = take_ptr(b->data);
	}
	buf_free(b);
	return p;
}
