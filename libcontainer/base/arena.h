/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One arena owns all data of one configuration: allocated in chunks, freed
 * at once, zeroed memory. Allocation failure returns NULL.
 */
#ifndef TARE_BASE_ARENA_H
#define TARE_BASE_ARENA_H

#include "base/macros.h"

struct arena {
	struct arena_chunk *head;
	size_t used;  /* bytes handed out */
	size_t limit; /* 0 = none; beyond it NULL */
};

void arena_free(struct arena *a);
#define _cleanup_arena_ _cleanup_(arena_free)

void *arena_alloc(struct arena *a, size_t n); /* 16-byte aligned, zeroed */
void *arena_calloc(struct arena *a, size_t n, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) _printf_(2, 3);
void *arena_memdup(struct arena *a, const void *p, size_t n);

#endif
