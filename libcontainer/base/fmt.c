/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fmt.h"

#include <string.h>

struct out {
	char *buf;
	size_t size;
	size_t len; /* may run beyond size: what the whole text needs */
};

struct spec {
	bool left, zero, plus, alt, has_prec;
	size_t width;
	size_t prec;
	int length; /* -2 hh, -1 h, 0, 1 l, 2 ll, 'z', 'j', 't' */
};

static void put(struct out *o, const char *s, size_t n)
{
	if (o->len + 1 < o->size) {
		size_t room = o->size - 1 - o->len;

		memcpy(o->buf + o->len, s, n < room ? n : room);
	}
	o->len += n;
}

static void pad(struct out *o, char c, size_t n)
{
	while (n-- > 0)
		put(o, &c, 1);
}

static void put_padded(struct out *o, const struct spec *sp, const char *s,
		       size_t n)
{
	size_t fill = sp->width > n ? sp->width - n : 0;

	if (!sp->left)
		pad(o, ' ', fill);
	put(o, s, n);
	if (sp->left)
		pad(o, ' ', fill);
}

/* prefix: "-", "+", "0x" or "". */
static void put_number(struct out *o, const struct spec *sp, const char *prefix,
		       uint64_t v, unsigned int base, const char *digits)
{
	char tmp[24];
	size_t n = sizeof(tmp), len, zeros = 0, fill = 0;
	size_t plen = strlen(prefix);

	while (v > 0) {
		tmp[--n] = digits[v % base];
		v /= base;
	}
	if (n == sizeof(tmp) && !(sp->has_prec && sp->prec == 0))
		tmp[--n] = '0';
	len = sizeof(tmp) - n;
	if (sp->has_prec && sp->prec > len)
		zeros = sp->prec - len;
	if (sp->width > len + zeros + plen)
		fill = sp->width - len - zeros - plen;
	if (sp->zero && !sp->left && !sp->has_prec) {
		zeros = fill;
		fill = 0;
	}
	if (!sp->left)
		pad(o, ' ', fill);
	put(o, prefix, plen);
	pad(o, '0', zeros);
	put(o, tmp + n, len);
	if (sp->left)
		pad(o, ' ', fill);
}

/* va_list by pointer needs a struct around it on some machines. */
struct args {
	va_list ap;
};

static int64_t get_signed(struct args *a, int length)
{
	switch (length) {
	case -2:
		return (signed char)va_arg(a->ap, int);
	case -1:
		return (short)va_arg(a->ap, int);
	case 1:
		return va_arg(a->ap, long);
	case 2:
		return va_arg(a->ap, long long);
	case 'z':
	case 't':
		return va_arg(a->ap, ptrdiff_t);
	case 'j':
		return va_arg(a->ap, intmax_t);
	default:
		return va_arg(a->ap, int);
	}
}

static uint64_t get_unsigned(struct args *a, int length)
{
	switch (length) {
	case -2:
		return (unsigned char)va_arg(a->ap, int);
	case -1:
		return (unsigned short)va_arg(a->ap, int);
	case 1:
		return va_arg(a->ap, unsigned long);
	case 2:
		return va_arg(a->ap, unsigned long long);
	case 'z':
	case 't':
		return va_arg(a->ap, size_t);
	case 'j':
		return va_arg(a->ap, uintmax_t);
	default:
		return va_arg(a->ap, unsigned int);
	}
}

static const char *parse_flags(const char *f, struct spec *sp)
{
	for (;; f++) {
		if (*f == '-')
			sp->left = true;
		else if (*f == '0')
			sp->zero = true;
		else if (*f == '+')
			sp->plus = true;
		else if (*f == '#')
			sp->alt = true;
		else
			return f;
	}
}

/* A number or '*'. Negative '*' values read as 0 with *neg set. */
static const char *parse_count(const char *f, struct args *a, size_t *ret,
			       bool *neg)
{
	*ret = 0;
	if (*f == '*') {
		int v = va_arg(a->ap, int);

		*neg = v < 0;
		*ret = v < 0 ? 0 : (size_t)v;
		return f + 1;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		if (*ret < 100000)
			*ret = *ret * 10 + (size_t)(*f - '0');
	return f;
}

static const char *parse_length(const char *f, struct spec *sp)
{
	if (*f == 'h' || *f == 'l') {
		int one = *f == 'h' ? -1 : 1;

		sp->length = one;
		if (f[1] == f[0]) {
			sp->length = 2 * one;
			f++;
		}
		return f + 1;
	}
	if (*f == 'z' || *f == 'j' || *f == 't') {
		sp->length = *f;
		return f + 1;
	}
	return f;
}

static const char *parse_spec(const char *f, struct spec *sp, struct args *a)
{
	bool neg = false;

	f = parse_flags(f, sp);
	f = parse_count(f, a, &sp->width, &neg);
	if (*f == '.') {
		neg = false;
		f = parse_count(f + 1, a, &sp->prec, &neg);
		sp->has_prec = !neg;
	}
	return parse_length(f, sp);
}

static void put_string(struct out *o, const struct spec *sp, const char *s)
{
	if (!s)
		s = "(null)";
	put_padded(o, sp, s, sp->has_prec ? strnlen(s, sp->prec) : strlen(s));
}

static void put_signed(struct out *o, const struct spec *sp, int64_t v)
{
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	put_number(o, sp,
		   v < 0      ? "-"
		   : sp->plus ? "+"
			      : "",
		   u, 10, "0123456789");
}

static bool put_one(struct out *o, char conv, struct spec *sp, struct args *a)
{
	static const char lower[] = "0123456789abcdef";
	uint64_t u;
	char c;

	switch (conv) {
	case '%':
		put(o, "%", 1);
		return true;
	case 'c':
		c = (char)va_arg(a->ap, int);
		put_padded(o, sp, &c, 1);
		return true;
	case 's':
		put_string(o, sp, va_arg(a->ap, const char *));
		return true;
	case 'd':
	case 'i':
		put_signed(o, sp, get_signed(a, sp->length));
		return true;
	case 'u':
		put_number(o, sp, "", get_unsigned(a, sp->length), 10, lower);
		return true;
	case 'o':
		u = get_unsigned(a, sp->length);
		put_number(o, sp, sp->alt && u ? "0" : "", u, 8, lower);
		return true;
	case 'x':
		u = get_unsigned(a, sp->length);
		put_number(o, sp, sp->alt && u ? "0x" : "", u, 16, lower);
		return true;
	case 'X':
		u = get_unsigned(a, sp->length);
		put_number(o, sp, sp->alt && u ? "0X" : "", u, 16,
			   "0123456789ABCDEF");
		return true;
	case 'p':
		put_number(o, sp, "0x", (uintptr_t)va_arg(a->ap, void *), 16,
			   lower);
		return true;
	default:
		return false;
	}
}

size_t fmt_vprint(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = size };
	struct args a;

	va_copy(a.ap, ap);
	while (*fmt) {
		size_t n = strcspn(fmt, "%");
		struct spec sp = { 0 };

		put(&o, fmt, n);
		fmt += n;
		if (*fmt == '\0')
			break;
		fmt = parse_spec(fmt + 1, &sp, &a);
		if (!put_one(&o, *fmt, &sp, &a))
			break;
		fmt++;
	}
	va_end(a.ap);
	if (size > 0)
		buf[o.len < size ? o.len : size - 1] = '\0';
	return o.len;
}

size_t fmt_print(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = fmt_vprint(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
