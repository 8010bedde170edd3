/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as text and as JSON. Strings come from the configuration: in the text
 * whatever is not plain is quoted, so that nothing reaches a terminal.
 */
#include <string.h>

#include "codec/json.h"
#include "plan/op_info.h"
#include "plan/plan.h"

#define WHERE_WIDTH 24

/* Letters that need no quotes in a line of text. */
static bool is_plain(const char *s)
{
	if (*s == '\0')
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '"' || *s == '\\')
			return false;
	return true;
}

static void text_string(struct buf *out, const char *s)
{
	if (is_plain(s))
		buf_puts(out, s);
	else
		json_quote(out, s, false);
}

/* Arguments and environment stand apart, all else is joined by commas. */
static void text_list(struct buf *out, const struct op_value *v, char between)
{
	const char *p = buf_str(&v->text), *end = p + v->text.len;

	if (p == end)
		buf_puts(out, "none");
	for (bool first = true; p < end; p += strlen(p) + 1, first = false) {
		if (!first)
			buf_putc(out, between);
		text_string(out, p);
	}
}

/* Texts made here, out of words, numbers and blanks. */
static bool made_here(const struct op_field *f)
{
	return f->kind == K_NODE || f->kind == K_SCHED || f->kind == K_IOPRIO;
}

static void text_field(struct buf *out, const struct op_field *f,
		       const struct op_value *v, bool *options)
{
	bool option = *f->before == ',';

	buf_puts(out, option && !*options ? " " : f->before);
	*options = option;
	if (v->type == V_NUM)
		buf_printf(out, "%llu", (unsigned long long)v->num);
	else if (v->type == V_LIST)
		text_list(out, v, f->kind == K_LIST && !option ? ' ' : ',');
	else if (made_here(f))
		buf_puts(out, buf_str(&v->text));
	else
		text_string(out, buf_str(&v->text));
}

static void text_where(struct buf *out, const char *where)
{
	size_t start = out->len;

	text_string(out, *where ? where : "-");
	while (out->len - start < WHERE_WIDTH && buf_error(out) == 0)
		buf_putc(out, ' ');
}

static void text_trim(struct buf *out)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

static void text_op(struct buf *out, const struct plan_view *view, size_t i)
{
	const struct op_info *info;
	bool options = false;
	struct plan_op op;

	plan_view_op(view, i, &op);
	info = &op_info[op.code];
	buf_printf(out, "%3zu %-16s ", i + 1, info->name);
	text_where(out, view->data + op.where);
	for (size_t n = 0; n < info->n_fields; n++) {
		const struct op_field *f = &info->fields[n];
		_cleanup_op_value_ struct op_value v;

		op_value(view, &op, f, &v);
		if (buf_error(&v.text) < 0)
			out->err = -ENOMEM;
		if (v.type == V_NONE || !f->before)
			continue;
		text_field(out, f, &v, &options);
	}
	text_trim(out);
	buf_putc(out, '\n');
}

/* As a field of an operation that is none. */
static void clone_words(uint64_t flags, struct op_value *v)
{
	const struct plan_view none = { .data = "" };
	const struct plan_op op = { .arg = (uint32_t)flags };

	op_value(&none, &op, &op_info[OP_UNSHARE].fields[0], v);
}

void plan_dump_clone_text(uint64_t clone_flags, struct buf *out)
{
	_cleanup_op_value_ struct op_value v;

	clone_words(clone_flags, &v);
	if (v.type == V_NONE)
		return;
	buf_printf(out, "%3d %-16s ", 0, "clone");
	text_where(out, "linux.namespaces");
	buf_putc(out, ' ');
	text_list(out, &v, ',');
	buf_putc(out, '\n');
}

int plan_dump_text(const void *block, size_t len, struct buf *out)
{
	struct plan_view view;
	int r = plan_view(block, len, &view);

	if (r < 0)
		return r;
	for (size_t i = 0; i < view.head->n_ops; i++)
		text_op(out, &view, i);
	return buf_error(out);
}

static void json_list(struct buf *out, const struct op_value *v)
{
	const char *p = buf_str(&v->text), *end = p + v->text.len;

	buf_putc(out, '[');
	for (bool first = true; p < end; p += strlen(p) + 1, first = false) {
		if (!first)
			buf_putc(out, ',');
		json_quote(out, p, false);
	}
	buf_putc(out, ']');
}

static void json_field(struct buf *out, const struct op_field *f,
		       const struct op_value *v)
{
	buf_printf(out, ",\"%s\":", f->name);
	if (v->type == V_NUM)
		buf_printf(out, "%llu", (unsigned long long)v->num);
	else if (v->type == V_LIST)
		json_list(out, v);
	else
		json_quote(out, buf_str(&v->text), false);
}

static void json_op(struct buf *out, const struct plan_view *view, size_t i)
{
	const struct op_info *info;
	struct plan_op op;

	plan_view_op(view, i, &op);
	info = &op_info[op.code];
	buf_printf(out, "{\"op\":\"%s\"", info->name);
	if (op.where) {
		buf_puts(out, ",\"where\":");
		json_quote(out, view->data + op.where, false);
	}
	for (size_t n = 0; n < info->n_fields; n++) {
		_cleanup_op_value_ struct op_value v;

		op_value(view, &op, &info->fields[n], &v);
		if (buf_error(&v.text) < 0)
			out->err = -ENOMEM;
		if (v.type != V_NONE)
			json_field(out, &info->fields[n], &v);
	}
	buf_putc(out, '}');
}

void plan_dump_clone_json(uint64_t clone_flags, struct buf *out)
{
	_cleanup_op_value_ struct op_value v;

	clone_words(clone_flags, &v);
	json_list(out, &v);
}

int plan_dump_json(const void *block, size_t len, struct buf *out)
{
	struct plan_view view;
	int r = plan_view(block, len, &view);

	if (r < 0)
		return r;
	buf_putc(out, '[');
	for (size_t i = 0; i < view.head->n_ops; i++) {
		buf_puts(out, i ? ",\n" : "\n");
		json_op(out, &view, i);
	}
	buf_puts(out, "\n]");
	return buf_error(out);
}
