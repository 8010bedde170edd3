/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"
#include "runtime/rdt_schemata.h"

/* A piece of text: "L3", "0", "7f0". */
struct piece {
	const char *s;
	size_t n;
};

static struct piece trimmed(const char *s, size_t n)
{
	while (n > 0 && (*s == ' ' || *s == '\t'))
		s++, n--;
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return (struct piece){ s, n };
}

/* Cuts what is before the separator (or all) off the front of *rest. */
static struct piece cut(struct piece *rest, char at)
{
	const char *end = memchr(rest->s, at, rest->n);
	size_t n = end ? (size_t)(end - rest->s) : rest->n;
	struct piece p = trimmed(rest->s, n);

	rest->s += end ? n + 1 : n;
	rest->n -= end ? n + 1 : n;
	return p;
}

static bool same_text(struct piece a, struct piece b)
{
	return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

/* Masks are hexadecimal, bandwidths decimal: zeros in front mean nothing. */
static bool same_value(struct piece a, struct piece b)
{
	while (a.n > 1 && *a.s == '0')
		a.s++, a.n--;
	while (b.n > 1 && *b.s == '0')
		b.s++, b.n--;
	return a.n == b.n && strncasecmp(a.s, b.s, a.n) == 0;
}

/* The value of domain `id` on the line of resource `res`. */
static bool find_value(struct piece file, struct piece res, struct piece id,
		       struct piece *ret)
{
	while (file.n > 0) {
		struct piece line = cut(&file, '\n');

		if (!same_text(cut(&line, ':'), res))
			continue;
		while (line.n > 0) {
			struct piece value = cut(&line, ';');

			if (same_text(cut(&value, '='), id)) {
				*ret = trimmed(value.s, value.n);
				return true;
			}
		}
	}
	return false;
}

bool rdt_schemata_match(const char *want, const char *file)
{
	const struct piece all = { file, strlen(file) };
	struct piece rest = { want, strlen(want) }, has;

	while (rest.n > 0) {
		struct piece line = cut(&rest, '\n');
		struct piece res = cut(&line, ':');

		while (line.n > 0) {
			struct piece value = cut(&line, ';');
			struct piece id = cut(&value, '=');

			if (id.n == 0 && value.n == 0)
				continue; /* "...;" at the end */
			if (!find_value(all, res, id, &has) ||
			    !same_value(trimmed(value.s, value.n), has))
				return false;
		}
	}
	return true;
}

static bool names(struct piece text, struct piece res)
{
	while (text.n > 0) {
		struct piece line = cut(&text, '\n');

		if (same_text(cut(&line, ':'), res))
			return true;
	}
	return false;
}

static int keep(struct arena *a, const struct buf *b, char **ret)
{
	*ret = b->len ? arena_strndup(a, b->data, b->len) : NULL;
	return buf_error(b) < 0 || (b->len && !*ret) ? -ENOMEM : 0;
}

int rdt_schemata_text(struct arena *a, const struct oci_intel_rdt *c, char **ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	const char *l3 = c->l3_cache_schema, *mb = c->mem_bw_schema;
	struct piece rest = { l3, l3 ? strlen(l3) : 0 };

	while (rest.n > 0) {
		const struct piece line = cut(&rest, '\n');

		/* the line of MB is memBwSchema's alone */
		if (line.n > 0 && !str_starts(line.s, "MB:"))
			buf_printf(&b, "%.*s\n", (int)line.n, line.s);
	}
	if (mb && *mb)
		buf_printf(&b, "%s\n", mb);
	return keep(a, &b, ret);
}

int rdt_schemata_undo(struct arena *a, const char *want, const char *file,
		      char **ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	const struct piece asked = { want, strlen(want) };
	struct piece rest = { file, strlen(file) };

	while (rest.n > 0) {
		const struct piece line = cut(&rest, '\n');
		struct piece tail = line;

		if (line.n > 0 && names(asked, cut(&tail, ':')))
			buf_printf(&b, "%.*s\n", (int)line.n, line.s);
	}
	return keep(a, &b, ret);
}

int rdt_schemata_lines(struct arena *a, const char *file, struct str_list *ret)
{
	struct piece rest = { file, strlen(file) };
	size_t max = 1;

	for (const char *p = file; *p; p++)
		max += *p == '\n';
	*ret = (struct str_list){ .v = arena_calloc(a, max, sizeof(*ret->v)) };
	if (!ret->v)
		return -ENOMEM;
	while (rest.n > 0) {
		struct piece line = cut(&rest, '\n');

		if (line.n == 0)
			continue;
		ret->v[ret->n] = arena_strndup(a, line.s, line.n);
		if (!ret->v[ret->n++])
			return -ENOMEM;
	}
	return 0;
}

char *rdt_schemata_find(const struct str_list *lines, const char *res)
{
	const struct piece want = { res, strlen(res) };

	for (size_t i = 0; i < lines->n; i++) {
		struct piece line = { lines->v[i], strlen(lines->v[i]) };

		if (same_text(cut(&line, ':'), want))
			return lines->v[i];
	}
	return NULL;
}
