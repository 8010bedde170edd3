/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading half: yajl's events walk the field tables with a stack of open
 * objects, lists and maps. The text is fed line by line, so the line of an
 * event is known; the path of a fault is built from the stack, only when there
 * is a fault.
 */
#include <string.h>
#include <yajl/yajl_parse.h>

#include "codec/json_stack.h"
#include "codec/json_text.h"

static int not_an_object(struct reader *r, const char *got)
{
	json_fault(r, "expected an object, got %s", got);
	return json_stop(r, -EINVAL);
}

static int on_null(void *ctx)
{
	struct reader *r = ctx;
	struct slot s;

	if (r->raw)
		return json_raw_text(r, NULL, "null", 4);
	if (r->skip)
		return 1;
	if (!r->depth) {
		json_fault(r, "config cannot be null");
		return json_stop(r, -EINVAL);
	}
	if (!json_take_slot(r, &s))
		return 1;
	if (s.fr->kind == FR_LIST)
		return json_wrong_type(r, &s, "null");
	json_null_slot(&s);
	return 1;
}

static int on_boolean(void *ctx, int v)
{
	const char *text = v ? "true" : "false";
	struct reader *r = ctx;
	struct slot s;
	void *p;

	if (r->raw)
		return json_raw_text(r, NULL, text, strlen(text));
	if (r->skip)
		return 1;
	if (!r->depth)
		return not_an_object(r, text);
	if (!json_take_slot(r, &s))
		return 1;
	if (s.kind == F_RAW)
		return json_raw_text(r, &s, text, strlen(text));
	if (s.kind != F_BOOL && s.kind != F_OPT_BOOL)
		return json_wrong_type(r, &s, text);
	p = json_slot_memory(r, &s);
	if (!p)
		return 0;
	if (s.kind == F_BOOL)
		*(bool *)p = v;
	else
		*(struct opt_bool *)p = (struct opt_bool){ true, v };
	return 1;
}

static int on_number(void *ctx, const char *t, size_t n)
{
	struct reader *r = ctx;
	struct slot s;

	if (r->raw)
		return json_raw_text(r, NULL, t, n);
	if (r->skip)
		return 1;
	if (!r->depth)
		return not_an_object(r, "a number");
	if (!json_take_slot(r, &s))
		return 1;
	if (s.kind == F_RAW)
		return json_raw_text(r, &s, t, n);
	return json_put_number(r, &s, t, n);
}

static int on_string(void *ctx, const unsigned char *text, size_t n)
{
	const char *t = (const char *)text;
	struct reader *r = ctx;
	struct slot s;

	if (r->raw)
		return json_raw_string(r, NULL, t, n);
	if (r->skip)
		return 1;
	if (!r->depth)
		return not_an_object(r, "a string");
	if (!json_take_slot(r, &s))
		return 1;
	if (s.kind == F_RAW)
		return json_raw_string(r, &s, t, n);
	return json_put_string(r, &s, t, n);
}

static int start_object(struct reader *r, struct slot *s)
{
	char **p = json_slot_memory(r, s);

	if (!p)
		return 0;
	/* Elements of lists and maps lie in them, members are pointed to. */
	if (s->fr->kind != FR_OBJECT)
		return json_push_object(r, s->f->record, p);
	*p = arena_alloc(r->a, s->f->record->size);
	if (!*p)
		return json_stop(r, -ENOMEM);
	return json_push_object(r, s->f->record, *p);
}

static int on_start_map(void *ctx)
{
	struct reader *r = ctx;
	struct slot s;

	if (r->raw)
		return json_raw_open(r, NULL, '{');
	if (!r->depth)
		return json_push_object(r, r->root, r->out);
	if (r->skip || !json_take_slot(r, &s))
		return json_skip_container(r);
	switch (s.kind) {
	case F_RAW:
		return json_raw_open(r, &s, '{');
	case F_STR_MAP:
	case F_OBJ_MAP:
		return json_push_list(r, &s, FR_MAP);
	case F_OBJ:
		return start_object(r, &s);
	default:
		json_wrong_type(r, &s, "an object");
		return json_skip_container(r);
	}
}

static int on_map_key(void *ctx, const unsigned char *key, size_t n)
{
	struct reader *r = ctx;

	if (r->raw)
		return json_raw_key(r, (const char *)key, n);
	return r->skip ? 1 : json_take_key(r, (const char *)key, n);
}

static int on_end_map(void *ctx)
{
	struct reader *r = ctx;
	struct frame *fr;

	if (r->raw)
		return json_raw_close(r, '}');
	if (r->skip) {
		r->skip--;
		return 1;
	}
	fr = &r->st[r->depth - 1];
	if (fr->kind == FR_OBJECT)
		json_check_required(r, fr);
	r->depth--;
	return 1;
}

static int on_start_array(void *ctx)
{
	struct reader *r = ctx;
	struct slot s;

	if (r->raw)
		return json_raw_open(r, NULL, '[');
	if (!r->depth)
		return not_an_object(r, "an array");
	if (r->skip || !json_take_slot(r, &s))
		return json_skip_container(r);
	switch (s.kind) {
	case F_RAW:
		return json_raw_open(r, &s, '[');
	case F_STR_LIST:
	case F_U32_LIST:
	case F_ENUM_LIST:
	case F_OBJ_LIST:
		return json_push_list(r, &s, FR_LIST);
	default:
		json_wrong_type(r, &s, "an array");
		return json_skip_container(r);
	}
}

static int on_end_array(void *ctx)
{
	struct reader *r = ctx;
	struct frame *fr;

	if (r->raw)
		return json_raw_close(r, ']');
	if (r->skip) {
		r->skip--;
		return 1;
	}
	fr = &r->st[--r->depth];
	if ((fr->f->flags & FF_NONEMPTY) && fr->index == 0)
		json_fault(r, "must not be empty");
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_map_key,
	.yajl_end_map = on_end_map,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array,
};

static void syntax_fault(struct reader *r, yajl_handle h)
{
	unsigned char *text = yajl_get_error(h, 0, NULL, 0);
	size_t n = text ? strcspn((char *)text, "\n") : 0;

	if (!text || strstr((char *)text, "premature EOF"))
		json_fault(r, "unexpected EOF");
	else
		json_fault(r, "%.*s", (int)n, (char *)text);
	if (text)
		yajl_free_error(h, text);
}

static int feed(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len, *p, *next;
	yajl_handle h = yajl_alloc(&callbacks, NULL, r);
	yajl_status st = yajl_status_ok;

	if (!h)
		return -ENOMEM;
	for (p = text; p < end && st == yajl_status_ok; p = next) {
		next = memchr(p, '\n', (size_t)(end - p));
		next = next ? next + 1 : end;
		r->line++;
		st = yajl_parse(h, (const unsigned char *)p, (size_t)(next - p));
	}
	if (st == yajl_status_ok)
		st = yajl_complete_parse(h);
	if (st == yajl_status_error) {
		syntax_fault(r, h);
		r->err = -EINVAL;
	}
	yajl_free(h);
	return r->err;
}

int json_parse(struct arena *a, const char *text, size_t len,
	       const struct record *rec, void *out, struct faults *f)
{
	struct reader r = { .a = a, .faults = f, .root = rec, .out = out };
	const char *what, *at;
	int e;

	memset(out, 0, rec->size);
	if (len > TEXT_MAX) {
		faults_add(f, 0, "", "longer than %u bytes", TEXT_MAX);
		return -EINVAL;
	}
	what = json_text_check(text, len, &at);
	if (what) {
		faults_add(f, json_line_at(text, at), "", "%s", what);
		return -EINVAL;
	}
	e = feed(&r, text, len);
	buf_free(&r.raw_text);
	return e;
}
