/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cgroups/sd_wire.h"

#define MAGIC_REQUEST "tare-sd request 1"
#define MAGIC_REPLY "tare-sd reply 1"
#define DEPTH_MAX 8

/* --- lists of properties ------------------------------------------------ */

static void *grow(struct sd_props *l, const void *old, size_t n, size_t size)
{
	void *v = arena_calloc(l->arena, 2 * n + 4, size);

	if (!v)
		l->err = -ENOMEM;
	else if (n > 0)
		memcpy(v, old, n * size);
	return v;
}

void sd_prop(struct sd_props *l, unsigned int since, const char *name,
	     const char *sig)
{
	if (l->n == l->cap) {
		struct sd_prop *v = grow(l, l->v, l->n, sizeof(*v));

		if (!v)
			return;
		l->v = v;
		l->cap = 2 * l->n + 4;
	}
	l->v[l->n++] = (struct sd_prop){ .name = arena_strdup(l->arena, name),
					 .sig = arena_strdup(l->arena, sig),
					 .since = since };
	if (!l->v[l->n - 1].name || !l->v[l->n - 1].sig)
		l->err = -ENOMEM;
}

/* The room for parts is a power of two from four on: full when n is one. */
static void add_part(struct sd_props *l, const char *fmt, va_list ap)
{
	struct sd_prop *p = l->n > 0 ? &l->v[l->n - 1] : NULL;
	char text[4096];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (!p || n < 0 || (size_t)n >= sizeof(text)) {
		l->err = l->err < 0 ? l->err : -E2BIG;
		return;
	}
	if (p->n == 0 || (p->n >= 4 && (p->n & (p->n - 1)) == 0)) {
		const char **v =
			arena_calloc(l->arena, MAX(2 * p->n, 4u), sizeof(*v));

		if (!v) {
			l->err = -ENOMEM;
			return;
		}
		if (p->n > 0)
			memcpy(v, p->v, p->n * sizeof(*v));
		p->v = v;
	}
	p->v[p->n] = arena_strdup(l->arena, text);
	if (!p->v[p->n])
		l->err = -ENOMEM;
	else
		p->n++;
}

void sd_part(struct sd_props *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_part(l, fmt, ap);
	va_end(ap);
}

void sd_prop1(struct sd_props *l, unsigned int since, const char *name,
	      const char *sig, const char *fmt, ...)
{
	va_list ap;

	sd_prop(l, since, name, sig);
	va_start(ap, fmt);
	add_part(l, fmt, ap);
	va_end(ap);
}

/* --- signatures --------------------------------------------------------- */

static size_t type_len(const char *sig, unsigned int depth)
{
	size_t n = 1, k;

	if (!*sig || depth > DEPTH_MAX)
		return 0;
	if (strchr("ybnqiuxtdsog", *sig))
		return 1;
	if (*sig == 'a') {
		k = type_len(sig + 1, depth + 1);
		return k > 0 ? 1 + k : 0;
	}
	if (*sig != '(')
		return 0;
	while (sig[n] != ')') {
		k = type_len(sig + n, depth + 1);
		if (k == 0)
			return 0;
		n += k;
	}
	return n > 1 ? n + 1 : 0;
}

size_t sd_type_len(const char *sig)
{
	return type_len(sig, 0);
}

/* Walks one value: *i is the next part. Does what is there fit the type? */
static bool fits(const char *sig, const struct sd_prop *p, size_t *i)
{
	const char *end = sig + sd_type_len(sig);
	uint32_t n;

	if (*i >= p->n && *sig != '(')
		return false;
	if (*sig == 'a') {
		if (str_u32(p->v[(*i)++], &n) < 0)
			return false;
		while (n-- > 0)
			if (!fits(sig + 1, p, i))
				return false;
		return true;
	}
	if (*sig != '(') {
		++*i;
		return true;
	}
	for (sig++; sig + 1 < end; sig += sd_type_len(sig))
		if (!fits(sig, p, i))
			return false;
	return true;
}

static bool prop_fits(const struct sd_prop *p)
{
	size_t n = sd_type_len(p->sig), i = 0;

	return n > 0 && !p->sig[n] && fits(p->sig, p, &i) && i == p->n;
}

/* --- bytes -------------------------------------------------------------- */

static void put(struct buf *out, const char *s)
{
	buf_add(out, s ? s : "", strlen(s ? s : "") + 1);
}

static void put_number(struct buf *out, size_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", n);
	put(out, text);
}

void sd_put_request(struct buf *out, const struct sd_request *q)
{
	put(out, MAGIC_REQUEST);
	put_number(out, (size_t)q->verb);
	put(out, q->address);
	put(out, q->unit);
	put_number(out, q->n_props);
	for (size_t i = 0; i < q->n_props; i++) {
		const struct sd_prop *p = &q->props[i];

		put(out, p->name);
		put(out, p->sig);
		put_number(out, p->since);
		put_number(out, p->n);
		for (size_t k = 0; k < p->n; k++)
			put(out, p->v[k]);
	}
}

void sd_put_reply(struct buf *out, const struct sd_reply *p)
{
	put(out, MAGIC_REPLY);
	put_number(out, (size_t)p->err);
	put_number(out, p->made);
	put(out, p->text);
	put(out, p->version);
	put(out, p->cgroup);
}

struct reader {
	const char *p, *end;
	bool bad;
};

static const char *get(struct reader *r)
{
	const char *s = r->p;
	size_t n = r->bad ? 0 : strnlen(s, (size_t)(r->end - s));

	if (r->bad || s + n == r->end) {
		r->bad = true;
		return "";
	}
	r->p = s + n + 1;
	return s;
}

static uint32_t get_number(struct reader *r)
{
	uint32_t n = 0;

	if (str_u32(get(r), &n) < 0)
		r->bad = true;
	return r->bad ? 0 : n;
}

/* A count of strings to come: each takes a byte at least. */
static uint32_t get_count(struct reader *r)
{
	uint32_t n = get_number(r);

	if (n > (size_t)(r->end - r->p))
		r->bad = true;
	return r->bad ? 0 : n;
}

static void get_prop(struct reader *r, struct arena *a, struct sd_prop *p)
{
	p->name = get(r);
	p->sig = get(r);
	p->since = get_number(r);
	p->n = get_count(r);
	p->v = arena_calloc(a, p->n + 1, sizeof(*p->v));
	if (!p->v) {
		r->bad = true;
		return;
	}
	for (size_t i = 0; i < p->n; i++)
		p->v[i] = get(r);
	if (!r->bad && !prop_fits(p))
		r->bad = true;
}

int sd_get_request(struct arena *a, const char *data, size_t len,
		   struct sd_request *ret)
{
	struct reader r = { .p = data, .end = data + len };
	struct sd_request q = { 0 };
	struct sd_prop *v;

	if (!streq(get(&r), MAGIC_REQUEST))
		return -EBADMSG;
	q.verb = (enum sd_verb)get_number(&r);
	q.address = get(&r);
	q.unit = get(&r);
	q.n_props = get_count(&r);
	v = arena_calloc(a, q.n_props + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < q.n_props && !r.bad; i++)
		get_prop(&r, a, &v[i]);
	q.props = v;
	if (r.bad || r.p != r.end || q.verb > SD_ATTACH)
		return -EBADMSG;
	*ret = q;
	return 0;
}

int sd_get_reply(const char *data, size_t len, struct sd_reply *ret)
{
	struct reader r = { .p = data, .end = data + len };
	struct sd_reply p;

	if (!streq(get(&r), MAGIC_REPLY))
		return -EBADMSG;
	p.err = (int)get_number(&r);
	p.made = get_number(&r) == 1;
	p.text = get(&r);
	p.version = get(&r);
	p.cgroup = get(&r);
	if (r.bad || r.p != r.end || p.err < 0)
		return -EBADMSG;
	*ret = p;
	return 0;
}
