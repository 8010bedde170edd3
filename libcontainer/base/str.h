/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String questions and exact number parsing. Parsers consume the whole string
 * and refuse signs, blanks, prefixes and wrap-around unless said otherwise:
 * -EINVAL for text that is no number, -ERANGE beyond the type.
 */
#ifndef TARE_BASE_STR_H
#define TARE_BASE_STR_H

#include <string.h>

#include "base/macros.h"

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

int str_u32(const char *s, uint32_t *ret);
int str_u64(const char *s, uint64_t *ret);
/* An optional leading '-', decimal. */
int str_i64(const char *s, int64_t *ret);
/* Go ParseInt base 0: optional sign, 0x 0o 0b 0 prefixes. */
int str_go_int(const char *s, int64_t *ret);
/* A uid or gid: u32 but never 4294967295 (-EINVAL). */
int str_id(const char *s, uint32_t *ret);
/*
 * number[.fraction][ ][k|m|g|t|p][i][b], any case, binary units, or "-1"
 * (-> -1).
 */
int str_size(const char *s, int64_t *ret);

/*
 * Walks a list "0-3,7" of numbers <= max: calls back for each number. -EINVAL
 * for a bad (also an empty) list, -ERANGE above max; a negative result of the
 * callback ends the walk.
 */
int str_walk_ranges(const char *s, unsigned int max,
		    int (*cb)(unsigned int n, void *arg), void *arg);

/* The name that is closest to word by edit distance, or NULL. */
const char *str_nearest(const char *word, const char *const *names, size_t n);

#endif
