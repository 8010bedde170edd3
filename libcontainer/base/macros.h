/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small vocabulary shared by every floor: scoped clean-up, array sizes,
 * attributes. Owns nothing; nothing here can fail.
 */
#ifndef TARE_BASE_MACROS_H
#define TARE_BASE_MACROS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(f, a) __attribute__((format(printf, f, a)))
#define _unused_ __attribute__((unused))
#define _noreturn_ __attribute__((noreturn))

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* A pointer whose owner is the scope: `_cleanup_free_ char *p = NULL;` */
static inline void free_p(void *p)
{
	free(*(void **)p);
}
#define _cleanup_free_ _cleanup_(free_p)

/* Give a pointer away: the variable becomes NULL. */
#define take_ptr(p)                  \
	({                           \
		typeof(p) _t_ = (p); \
		(p) = NULL;          \
		_t_;                 \
	})

#endif
