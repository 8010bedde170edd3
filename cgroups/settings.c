/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the lists for v1 and v2 have in common: adding to a list, and the
 * scales of weights.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cgroups/settings_list.h"

struct cg_setting *set_add(struct set_list *l, const char *controller,
			   const char *file, const char *json_path,
			   unsigned int flags, const char *fmt, ...)
{
	struct cg_setting *s;
	char value[4096];
	va_list ap;
	int n;

	if (l->out.n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;
		struct cg_setting *v = arena_calloc(l->arena, cap, sizeof(*v));

		if (!v)
			goto fail;
		if (l->out.n > 0)
			memcpy(v, l->out.v, l->out.n * sizeof(*v));
		l->out.v = v;
		l->cap = cap;
	}
	va_start(ap, fmt);
	n = vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(value)) {
		l->err = -EINVAL;
		return &l->none;
	}
	s = &l->out.v[l->out.n];
	s->controller = controller;
	s->file = arena_strdup(l->arena, file);
	s->value = arena_strdup(l->arena, value);
	s->json_path = arena_strdup(l->arena, json_path);
	s->flags = flags;
	if (!s->file || !s->value || !s->json_path)
		goto fail;
	l->out.n++;
	return s;
fail:
	l->err = -ENOMEM;
	return &l->none;
}

int set_finish(const struct set_list *l, struct cg_settings *ret)
{
	if (l->err < 0)
		return err_set(l->err, "linux.resources");
	*ret = l->out;
	return 0;
}

/* The length of a page size like "2MB" is part of a file name. */
bool set_name_ok(const char *name)
{
	return name && *name && !strchr(name, '/') && strlen(name) < 64;
}

/* libm for one formula would be one more library: 30 bits are plenty. */
static double log2_of(uint64_t v)
{
	unsigned int n = 63 - (unsigned int)__builtin_clzll(v);
	double m = (double)v / (double)(UINT64_C(1) << n), r = n, bit = 0.5;

	for (unsigned int i = 0; i < 40; i++, bit /= 2) {
		m *= m;
		if (m >= 2) {
			m /= 2;
			r += bit;
		}
	}
	return r;
}

static double pow10_of(double e)
{
	double x = e * 2.302585092994046, sum = 1, term = 1;

	for (unsigned int i = 1; i < 60; i++) {
		term *= x / i;
		sum += term;
	}
	return sum;
}

/*
 * 2 -> 1, 1024 -> 100, 262144 -> 10000, on a smooth curve in between:
 * ceil(10 ^ ((l^2 + 125 l) / 612 - 7 / 34)) with l = log2(shares).
 */
uint64_t cg_shares_to_weight(uint64_t shares)
{
	double l, w;
	uint64_t r;

	if (shares == 0)
		return 0;
	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2_of(shares);
	w = pow10_of((l * l + 125 * l) / 612 - 7.0 / 34);
	r = (uint64_t)w;
	return w - (double)r > 1e-7 ? r + 1 : r;
}

uint64_t cg_blkio_to_io_weight(uint64_t w)
{
	if (w == 0)
		return 0;
	if (w <= 10)
		return 1;
	return MIN(1 + (w - 10) * 9999 / 990, (uint64_t)10000);
}
