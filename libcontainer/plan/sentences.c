/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/sentences.h"

#include <stdarg.h>
#include <string.h>

#include "codec/json.h"

void sentence(struct sentences *s, const char *fmt, ...)
{
	_cleanup_buf_ struct buf t = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&t, fmt, ap);
	va_end(ap);
	if (s->list.n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 16;
		char **v = arena_calloc(s->a, cap, sizeof(*v));

		if (!v) {
			s->failed = true;
			return;
		}
		if (s->list.n)
			memcpy(v, s->list.v, s->list.n * sizeof(*v));
		s->list.v = v;
		s->cap = cap;
	}
	s->list.v[s->list.n] = arena_strdup(s->a, buf_str(&t));
	if (!s->list.v[s->list.n] || buf_error(&t) < 0) {
		s->failed = true;
		return;
	}
	s->list.n++;
}

const char *sentence_quote(struct sentences *s, const char *text)
{
	_cleanup_buf_ struct buf t = { 0 };
	const char *p = text, *q;

	while (*p > ' ' && *p <= '~' && *p != '"' && *p != '\\')
		p++;
	if (*text && *p == '\0')
		return text;
	json_quote(&t, text, false);
	q = arena_strdup(s->a, buf_str(&t));
	s->failed |= !q || buf_error(&t) < 0;
	return q ? q : "";
}

int sentences_give(const struct sentences *s, struct str_list *ret)
{
	if (s->failed)
		return -ENOMEM;
	*ret = s->list;
	return 0;
}
