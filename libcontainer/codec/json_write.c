/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writing half: the field tables walked into yajl's generator, which
 * writes compact text; a second pass lays it out as Go's encoder would, since
 * callers compare and scripts cut at its blanks.
 */
#include <string.h>
#include <yajl/yajl_gen.h>

#include "codec/json.h"
#include "codec/json_text.h"

static void write_record(yajl_gen g, const struct record *rec, const char *obj);

static void add_to_buf(void *ctx, const char *text, size_t len)
{
	buf_add(ctx, text, len);
}

static void gen_string(yajl_gen g, const char *s)
{
	size_t len = strlen(s);
	_cleanup_buf_ struct buf b = { 0 };
	size_t n;

	if (utf8_valid(s, len)) {
		yajl_gen_string(g, (const unsigned char *)s, len);
		return;
	}
	for (; len; s += n ? n : 1, len -= n ? n : 1) {
		n = utf8_len(s, len);
		if (n)
			buf_add(&b, s, n);
		else
			buf_puts(&b, "\xef\xbf\xbd"); /* U+FFFD */
	}
	yajl_gen_string(g, (const unsigned char *)buf_str(&b), b.len);
}

static void gen_unsigned(yajl_gen g, uint64_t v)
{
	char text[24], *p = text + sizeof(text);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	yajl_gen_number(g, p, (size_t)(text + sizeof(text) - p));
}

static void gen_enum(yajl_gen g, const struct field *f, int v)
{
	const char *name = enum_to_name(f->names, v);

	gen_string(g, name ? name : "");
}

static void write_list(yajl_gen g, const struct field *f,
		       const struct any_list *l)
{
	size_t i;

	yajl_gen_array_open(g);
	for (i = 0; i < l->n; i++) {
		switch (f->kind) {
		case F_STR_LIST:
			gen_string(g, ((char *const *)l->v)[i]);
			break;
		case F_U32_LIST:
			gen_unsigned(g, ((const uint32_t *)l->v)[i]);
			break;
		case F_ENUM_LIST:
			gen_enum(g, f, ((const int *)l->v)[i]);
			break;
		default:
			write_record(g, f->record,
				     (const char *)l->v + i * f->record->size);
		}
	}
	yajl_gen_array_close(g);
}

static void write_map(yajl_gen g, const struct field *f,
		      const struct any_list *l)
{
	size_t i;

	yajl_gen_map_open(g);
	for (i = 0; i < l->n; i++) {
		if (f->kind == F_STR_MAP) {
			const struct kv *kv = (const struct kv *)l->v + i;

			gen_string(g, kv->key);
			gen_string(g, kv->value ? kv->value : "");
		} else {
			const char *obj =
				(const char *)l->v + i * f->record->size;

			gen_string(g, *(char *const *)(const void *)obj);
			write_record(g, f->record, obj);
		}
	}
	yajl_gen_map_close(g);
}

/* Is there nothing to write? */
static bool absent(const struct field *f, const void *p)
{
	bool zero = f->flags & FF_OMIT_ZERO;
	const char *s;

	switch (f->kind) {
	case F_STR:
	case F_RAW:
	case F_OBJ:
		s = *(char *const *)p;
		return !s || (zero && f->kind == F_STR && !*s);
	case F_BOOL:
		return zero && !*(const bool *)p;
	case F_I32:
	case F_U32:
	case F_ID:
		return zero && !*(const uint32_t *)p;
	case F_I64:
	case F_U64:
		return zero && !*(const uint64_t *)p;
	case F_OPT_BOOL:
	case F_OPT_I64:
	case F_OPT_U64:
	case F_OPT_U32:
		return !*(const bool *)p; /* .set comes first */
	case F_ENUM:
		return !enum_to_name(f->names, *(const int *)p);
	default:
		return !((const struct any_list *)p)->v ||
		       (zero && !((const struct any_list *)p)->n);
	}
}

static void write_number(yajl_gen g, const struct field *f, const void *p)
{
	switch (f->kind) {
	case F_I32:
		yajl_gen_integer(g, *(const int32_t *)p);
		break;
	case F_I64:
		yajl_gen_integer(g, *(const int64_t *)p);
		break;
	case F_OPT_I64:
		yajl_gen_integer(g, ((const struct opt_i64 *)p)->v);
		break;
	case F_OPT_U64:
		gen_unsigned(g, ((const struct opt_u64 *)p)->v);
		break;
	case F_OPT_U32:
		gen_unsigned(g, ((const struct opt_u32 *)p)->v);
		break;
	case F_U64:
		gen_unsigned(g, *(const uint64_t *)p);
		break;
	default:
		gen_unsigned(g, *(const uint32_t *)p);
	}
}

static void write_value(yajl_gen g, const struct field *f, const void *p)
{
	const char *s;

	switch (f->kind) {
	case F_STR:
		gen_string(g, *(char *const *)p);
		break;
	case F_RAW:
		s = *(char *const *)p;
		yajl_gen_number(g, s, strlen(s));
		break;
	case F_OBJ:
		write_record(g, f->record, *(char *const *)p);
		break;
	case F_BOOL:
		yajl_gen_bool(g, *(const bool *)p);
		break;
	case F_OPT_BOOL:
		yajl_gen_bool(g, ((const struct opt_bool *)p)->v);
		break;
	case F_ENUM:
		gen_enum(g, f, *(const int *)p);
		break;
	case F_STR_LIST:
	case F_U32_LIST:
	case F_ENUM_LIST:
	case F_OBJ_LIST:
		write_list(g, f, p);
		break;
	case F_STR_MAP:
	case F_OBJ_MAP:
		write_map(g, f, p);
		break;
	default:
		write_number(g, f, p);
	}
}

static void write_record(yajl_gen g, const struct record *rec, const char *obj)
{
	size_t i;

	yajl_gen_map_open(g);
	for (i = 0; i < rec->n_fields; i++) {
		const struct field *f = &rec->fields[i];

		if (absent(f, obj + f->offset))
			continue;
		gen_string(g, f->name);
		write_value(g, f, obj + f->offset);
	}
	yajl_gen_map_close(g);
}

static void new_line(struct buf *b, unsigned int flags, unsigned int depth)
{
	unsigned int n = flags & JSON_INDENT4 ? 4 : 2;

	buf_putc(b, '\n');
	while (depth--)
		buf_add(b, flags & JSON_TAB ? "\t" : "    ",
			flags & JSON_TAB ? 1 : n);
}

/* Copies a string of JSON text with its quotes; returns its end. */
static const char *lay_out_string(struct buf *b, const char *p,
				  unsigned int flags)
{
	const char *s = p++;

	for (; *p != '"'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '\\') {
			p++;
		} else if (flags & JSON_HTML_ESCAPE && strchr("<>&", c)) {
			buf_add(b, s, (size_t)(p - s));
			buf_printf(b, "\\u%04x", c);
			s = p + 1;
		}
	}
	buf_add(b, s, (size_t)(p + 1 - s));
	return p;
}

/* Compact JSON text in, laid out text appended. */
static void lay_out(struct buf *b, const char *p, unsigned int flags)
{
	bool pretty = flags & (JSON_INDENT2 | JSON_INDENT4 | JSON_TAB);
	unsigned int depth = 0;

	for (; *p; p++) {
		if (*p == '"') {
			p = lay_out_string(b, p, flags);
			continue;
		}
		if (pretty && strchr("]}", *p) && !strchr("[{", p[-1]))
			new_line(b, flags, depth - 1);
		buf_putc(b, *p);
		if (strchr("]}", *p))
			depth--;
		else if (strchr("[{", *p))
			depth++;
		if (!pretty)
			continue;
		if (*p == ':')
			buf_putc(b, ' ');
		else if (*p == ',' || (strchr("[{", *p) && !strchr("]}", p[1])))
			new_line(b, flags, depth);
	}
}

int json_write(struct buf *b, const struct record *rec, const void *obj,
	       unsigned int flags)
{
	_cleanup_buf_ struct buf text = { 0 };
	yajl_gen g = yajl_gen_alloc(NULL);

	if (!g)
		return -ENOMEM;
	yajl_gen_config(g, yajl_gen_print_callback, add_to_buf, &text);
	write_record(g, rec, obj);
	yajl_gen_free(g);
	if (buf_error(&text))
		return -ENOMEM;
	lay_out(b, buf_str(&text), flags);
	return buf_error(b);
}
