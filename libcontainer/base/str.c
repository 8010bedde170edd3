/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#define WORD_MAX 63

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

/*
 * Reads the digits at *s, stops at the first other character. A text that is
 * no number at all is -EINVAL even where its digits also run over.
 */
static int digits(const char **s, unsigned int base, uint64_t *ret)
{
	const char *p = *s;
	bool over = false;
	uint64_t v = 0;

	for (; (unsigned int)digit(*p) < base; p++)
		if (__builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit(*p), &v))
			over = true;
	if (p == *s)
		return -EINVAL;
	*s = p;
	*ret = v;
	return over ? -ERANGE : 0;
}

int str_u64(const char *s, uint64_t *ret)
{
	uint64_t v = 0;
	int r = digits(&s, 10, &v);

	if (r == -EINVAL || *s != '\0')
		return -EINVAL;
	if (r == 0)
		*ret = v;
	return r;
}

int str_u32(const char *s, uint32_t *ret)
{
	uint64_t v = 0;
	int r = str_u64(s, &v);

	if (r < 0)
		return r;
	if (v > UINT32_MAX)
		return -ERANGE;
	*ret = (uint32_t)v;
	return 0;
}

static int with_sign(bool neg, uint64_t v, int64_t *ret)
{
	if (v > (uint64_t)INT64_MAX + neg)
		return -ERANGE;
	*ret = neg ? (int64_t)-v : (int64_t)v;
	return 0;
}

int str_i64(const char *s, int64_t *ret)
{
	bool neg = *s == '-';
	uint64_t v = 0;
	int r = str_u64(s + neg, &v);

	return r < 0 ? r : with_sign(neg, v, ret);
}

static const struct {
	char letter;
	unsigned char base;
} go_prefixes[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };

/* The base that a prefix tells; steps over it. */
static unsigned int go_base(const char **s)
{
	if ((*s)[0] != '0' || (*s)[1] == '\0')
		return 10;
	for (size_t i = 0; i < ARRAY_SIZE(go_prefixes); i++)
		if (((*s)[1] | 0x20) == go_prefixes[i].letter) {
			*s += 2;
			return go_prefixes[i].base;
		}
	*s += 1;
	return 8;
}

int str_go_int(const char *s, int64_t *ret)
{
	bool neg = *s == '-', over = false;
	unsigned int base;
	uint64_t v = 0;
	const char *p;

	if (neg || *s == '+')
		s++;
	p = s;
	base = go_base(&p);
	/* Go takes '_' between digits and after a prefix. */
	if (*p == '_' && p > s)
		p++;
	for (;; p++) {
		if ((unsigned int)digit(*p) >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit(*p), &v))
			over = true;
		if (p[1] == '\0')
			break;
		if (p[1] == '_')
			p++;
	}
	return over ? -ERANGE : with_sign(neg, v, ret);
}

int str_id(const char *s, uint32_t *ret)
{
	uint32_t v = 0;
	int r = str_u32(s, &v);

	if (r < 0)
		return r;
	if (v == UINT32_MAX)
		return -EINVAL;
	*ret = v;
	return 0;
}

/* The binary power that a unit "[kmgtp][i][b]" stands for, or -1. */
static int unit_shift(const char *s)
{
	static const char units[] = "kmgtp";
	const char *u = *s ? strchr(units, *s | 0x20) : NULL;
	int shift = 0;

	if (u) {
		shift = 10 * (int)(u - units + 1);
		s++;
		if ((*s | 0x20) == 'i')
			s++;
	}
	if ((*s | 0x20) == 'b')
		s++;
	return *s == '\0' ? shift : -1;
}

/* ".5" of a unit of 2^shift bytes; digits beyond nine tell nothing. */
static int fraction(const char **s, int shift, uint64_t *ret)
{
	uint64_t v = 0, scale = 1;
	const char *p = *s + 1;

	for (; *p >= '0' && *p <= '9'; p++)
		if (scale < 1000000000) {
			v = v * 10 + (uint64_t)(*p - '0');
			scale *= 10;
		}
	if (p == *s + 1)
		return -EINVAL;
	*s = p;
	*ret = (uint64_t)(((unsigned __int128)v << shift) / scale);
	return 0;
}

int str_size(const char *s, int64_t *ret)
{
	const char *p = s, *after;
	uint64_t v = 0, part = 0;
	int r, shift;

	if (streq(s, "-1")) {
		*ret = -1;
		return 0;
	}
	r = digits(&p, 10, &v);
	if (r == -EINVAL)
		return r;
	after = p + strspn(p, ".0123456789");
	shift = unit_shift(after + (*after == ' '));
	if (shift < 0)
		return -EINVAL;
	if (*p == '.' && fraction(&p, shift, &part) < 0)
		return -EINVAL;
	if (p != after)
		return -EINVAL;
	if (r < 0 || v > (uint64_t)INT64_MAX >> shift)
		return -ERANGE;
	/* The fraction is less than one unit: the sum may still not wrap. */
	*ret = (int64_t)((v << shift) + part);
	return 0;
}

int str_walk_ranges(const char *s, unsigned int max,
		    int (*cb)(unsigned int n, void *arg), void *arg)
{
	for (;; s++) {
		uint64_t from = 0, to;
		int r = digits(&s, 10, &from);

		if (r < 0)
			return r;
		to = from;
		if (*s == '-') {
			s++;
			r = digits(&s, 10, &to);
			if (r < 0)
				return r;
		}
		if (to < from || (*s != ',' && *s != '\0'))
			return -EINVAL;
		if (to > max)
			return -ERANGE;
		for (; from <= to; from++) {
			r = cb((unsigned int)from, arg);
			if (r < 0)
				return r;
		}
		if (*s == '\0')
			return 0;
	}
}

static size_t min3(size_t a, size_t b, size_t c)
{
	a = MIN(a, b);
	return MIN(a, c);
}

/* Edit distance; a swap of neighbours counts one. Both fit WORD_MAX. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][WORD_MAX + 1];
	size_t n = strlen(a), m = strlen(b);
	size_t *two = row[0], *one = row[1], *now = row[2];

	for (size_t j = 0; j <= m; j++)
		one[j] = two[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *t;

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = min3(one[j] + 1, now[j - 1] + 1,
				      one[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = MIN(now[j], two[j - 2] + 1);
		}
		t = two;
		two = one;
		one = now;
		now = t;
	}
	return one[m];
}

const char *str_nearest(const char *word, const char *const *names, size_t n)
{
	size_t len = strlen(word);
	/* Further away it is another word, not a slip. */
	size_t best = len / 3 + 2;
	const char *found = NULL;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t d;

		if (!names[i] || strlen(names[i]) > WORD_MAX)
			continue;
		d = distance(word, names[i]);
		if (d < best && d < len) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
