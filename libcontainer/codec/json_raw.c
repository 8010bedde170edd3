/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "codec/json_stack.h"

static bool raw_begin(struct reader *r, struct slot *s)
{
	r->raw_slot = json_slot_memory(r, s);
	r->raw_comma = false;
	return r->raw_slot;
}

static int raw_finish(struct reader *r)
{
	*r->raw_slot = arena_strdup(r->a, buf_str(&r->raw_text));
	if (buf_error(&r->raw_text) || !*r->raw_slot)
		return json_stop(r, -ENOMEM);
	r->raw_text.len = 0;
	return 1;
}

int json_raw_open(struct reader *r, struct slot *s, char c)
{
	if (r->depth + r->raw >= DEPTH_MAX) {
		json_fault(r, "nested deeper than %d levels", DEPTH_MAX);
		return json_stop(r, -EINVAL);
	}
	if (s && !raw_begin(r, s))
		return 0;
	if (r->raw_comma)
		buf_putc(&r->raw_text, ',');
	buf_putc(&r->raw_text, c);
	r->raw_comma = false;
	r->raw++;
	return 1;
}

int json_raw_close(struct reader *r, char c)
{
	buf_putc(&r->raw_text, c);
	r->raw_comma = true;
	return --r->raw ? 1 : raw_finish(r);
}

int json_raw_text(struct reader *r, struct slot *s, const char *t, size_t n)
{
	if (s && !raw_begin(r, s))
		return 0;
	if (r->raw_comma)
		buf_putc(&r->raw_text, ',');
	buf_add(&r->raw_text, t, n);
	r->raw_comma = true;
	return r->raw ? 1 : raw_finish(r);
}

int json_raw_string(struct reader *r, struct slot *s, const char *t, size_t n)
{
	_cleanup_buf_ struct buf b = { 0 };
	char *copy;

	if (n > STRING_MAX || memchr(t, '\0', n)) {
		json_fault(r, "a string holds a nul byte or too much");
		return json_stop(r, -EINVAL);
	}
	copy = arena_strndup(r->a, t, n);
	if (!copy)
		return json_stop(r, -ENOMEM);
	json_quote(&b, copy, false);
	if (buf_error(&b))
		return json_stop(r, -ENOMEM);
	return json_raw_text(r, s, b.data, b.len);
}

int json_raw_key(struct reader *r, const char *key, size_t n)
{
	if (!json_raw_string(r, NULL, key, n))
		return 0;
	buf_putc(&r->raw_text, ':');
	r->raw_comma = false;
	return 1;
}
