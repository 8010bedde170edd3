/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that a static library made for glibc with _FORTIFY_SOURCE takes from
 * the libc, for tare linked with musl: the call, refused where it would pass
 * the end of the object. Not part of a build with glibc, which has them.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __fprintf_chk(FILE *f, int flag, const char *fmt, ...);
int __sprintf_chk(char *s, int flag, size_t size, const char *fmt, ...);
int __snprintf_chk(char *s, size_t max, int flag, size_t size, const char *fmt,
		   ...);
void *__memcpy_chk(void *to, const void *from, size_t n, size_t size);

int __fprintf_chk(FILE *f, int flag, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(f, fmt, ap);
	va_end(ap);
	return n;
}

static int print(char *s, size_t max, size_t size, const char *fmt, va_list ap)
{
	const size_t room = max < size ? max : size;
	int n = vsnprintf(s, room < INT_MAX ? room : INT_MAX, fmt, ap);

	if (max > size && n >= 0 && (size_t)n >= size)
		abort();
	return n;
}

int __sprintf_chk(char *s, int flag, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = print(s, (size_t)-1, size, fmt, ap);
	va_end(ap);
	return n;
}

int __snprintf_chk(char *s, size_t max, int flag, size_t size, const char *fmt,
		   ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = print(s, max, size, fmt, ap);
	va_end(ap);
	return n;
}

void *__memcpy_chk(void *to, const void *from, size_t n, size_t size)
{
	if (n > size)
		abort();
	return memcpy(to, from, n);
}
