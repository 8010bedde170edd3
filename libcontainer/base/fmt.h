/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small printf for code that must not pull libc's big one into the init
 * program (and that may run where stdio is not safe). Owns nothing, never
 * allocates, cannot fail: text beyond the buffer is cut, always terminated.
 *
 * Known: %s %c %d %i %u %x %X %o %p %%, flags '-' '0' '+' '#', width and
 * precision as numbers or '*', lengths hh h l ll z j t. Anything else ends the
 * text there, as the arguments after it cannot be read safely.
 */
#ifndef TARE_BASE_FMT_H
#define TARE_BASE_FMT_H

#include <stdarg.h>

#include "base/macros.h"

/* As snprintf: the length that the whole text has; cut when >= size. */
size_t fmt_print(char *buf, size_t size, const char *fmt, ...) _printf_(3, 4);
size_t fmt_vprint(char *buf, size_t size, const char *fmt, va_list ap)
	_printf_(3, 0);

#endif
