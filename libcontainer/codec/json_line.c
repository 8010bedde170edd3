/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the line of a member by its path: a second, forgiving walk over a text
 * that has been parsed before, so that the parser need not remember the line
 * of everything that turns out to be right.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "codec/json.h"

#define WALK_DEPTH_MAX 64

struct walk {
	const char *p, *end;
	const char *want;
	struct buf path; /* of the value at p */
	unsigned int line, found;
	unsigned int depth;
};

static void walk_blank(struct walk *w)
{
	for (; w->p < w->end && strchr(" \t\r\n,:", *w->p); w->p++)
		if (*w->p == '\n')
			w->line++;
}

/* Over a string; returns its first byte, its length in *n. */
static const char *walk_string(struct walk *w, size_t *n)
{
	const char *s = ++w->p;

	while (w->p < w->end && *w->p != '"')
		w->p += *w->p == '\\' && w->end - w->p > 1 ? 2 : 1;
	*n = (size_t)(w->p - s);
	if (w->p < w->end)
		w->p++;
	return s;
}

static void walk_match(struct walk *w)
{
	if (!w->found && strcasecmp(buf_str(&w->path), w->want) == 0)
		w->found = w->line;
}

static void walk_value(struct walk *w);

static void walk_container(struct walk *w, char close)
{
	size_t len = w->path.len, i = 0, n;
	const char *key;

	w->p++;
	for (;; i++) {
		walk_blank(w);
		if (w->found || w->p >= w->end)
			return;
		if (*w->p == close)
			break;
		if (close == ']') {
			buf_printf(&w->path, "[%zu]", i);
		} else if (*w->p == '"') {
			key = walk_string(w, &n);
			if (len)
				buf_putc(&w->path, '.');
			buf_add(&w->path, key, n);
		} else {
			w->p = w->end;
			return;
		}
		walk_match(w);
		walk_blank(w);
		walk_value(w);
		w->path.len = len;
		if (w->path.data)
			w->path.data[len] = '\0';
	}
	w->p++;
}

static void walk_value(struct walk *w)
{
	size_t n;

	if (w->found || w->p >= w->end)
		return;
	if (*w->p == '"') {
		walk_string(w, &n);
	} else if (*w->p == '{' || *w->p == '[') {
		if (w->depth == WALK_DEPTH_MAX) {
			w->p = w->end;
			return;
		}
		w->depth++;
		walk_container(w, *w->p == '{' ? '}' : ']');
		w->depth--;
	} else {
		n = 0;
		while (w->p + n < w->end && !strchr(",]} \t\r\n", w->p[n]))
			n++;
		w->p = n ? w->p + n : w->end;
	}
}

unsigned int json_line_of(const char *text, size_t len, const char *path)
{
	struct walk w = { .p = text, .end = text + len, .want = path };

	w.line = 1;
	walk_blank(&w);
	walk_value(&w);
	buf_free(&w.path);
	return w.found;
}
