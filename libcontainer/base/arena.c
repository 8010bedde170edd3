/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ALIGN 16
#define CHUNK_FIRST 16384
#define CHUNK_MAX (1024 * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size; /* of data */
	size_t used;
	_Alignas(ALIGN) char data[];
};

void arena_free(struct arena *a)
{
	struct arena_chunk *c = a->head;

	while (c) {
		struct arena_chunk *next = c->next;

		free(c);
		c = next;
	}
	a->head = NULL;
	a->used = 0;
}

static struct arena_chunk *new_chunk(size_t size)
{
	struct arena_chunk *c = malloc(sizeof(*c) + size);

	if (c) {
		c->next = NULL;
		c->size = size;
		c->used = 0;
	}
	return c;
}

/* n is aligned. The big ones go behind the head, which stays open for more. */
static struct arena_chunk *add_chunk(struct arena *a, size_t n)
{
	struct arena_chunk *head = a->head, *c;
	size_t size =
		head ? MIN(head->size * 2, (size_t)CHUNK_MAX) : CHUNK_FIRST;
	bool big = n > size / 4;

	c = new_chunk(big ? n : size);
	if (!c)
		return NULL;
	if (big && head) {
		c->next = head->next;
		head->next = c;
	} else {
		c->next = head;
		a->head = c;
	}
	return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->head;
	void *p;

	if (n > SIZE_MAX / 4)
		return NULL;
	n = n ? (n + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
	if (a->limit && (a->used > a->limit || n > a->limit - a->used))
		return NULL;
	if (!c || c->size - c->used < n) {
		c = add_chunk(a, n);
		if (!c)
			return NULL;
	}
	p = c->data + c->used;
	c->used += n;
	a->used += n;
	/* here, not by calloc: only the pages that are used get touched */
	return memset(p, 0, n);
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		return NULL;
	return arena_alloc(a, all);
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s) + 1);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p;

	n = strnlen(s, n);
	p = arena_alloc(a, n + 1);
	if (p)
		memcpy(p, s, n); /* the rest is zero already */
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p = NULL;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0)
		p = arena_alloc(a, (size_t)n + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *q = arena_alloc(a, n);

	if (q && n > 0)
		memcpy(q, p, n);
	return q;
}
