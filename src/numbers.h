/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of the command line -> values, in the syntax that runc takes (Go's).
 * Pure and silent: 0, -EINVAL for text that is none, -ERANGE.
 */
#ifndef TARE_SRC_NUMBERS_H
#define TARE_SRC_NUMBERS_H

#include "base/macros.h"

/* 1 t T true True TRUE, 0 f F false False FALSE. */
int parse_bool(const char *s, bool *ret);

/* "300ms", "-1.5h", "2h45m", "0": nanoseconds. */
int parse_duration(const char *s, int64_t *ret);

/*
 * A signal by number (0..64) or by one of the 31 names that Linux gives to
 * the signals below the real-time ones, with or without "SIG", any case.
 */
int parse_signal(const char *s, int *ret);

#endif
