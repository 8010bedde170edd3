/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"

#define FAULTS_MAX 64
#define FAULT_TEXT_MAX 512

void faults_init(struct faults *f, struct arena *a)
{
	*f = (struct faults){ .arena = a };
}

void faults_add(struct faults *f, unsigned int line, const char *path,
		const char *fmt, ...)
{
	char text[FAULT_TEXT_MAX];
	struct fault *v;
	va_list ap;

	if (!f->v) {
		f->v = arena_calloc(f->arena, FAULTS_MAX, sizeof(*f->v));
		f->cap = f->v ? FAULTS_MAX : 0;
	}
	if (f->n == f->cap) {
		f->dropped++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v = &f->v[f->n];
	v->line = line;
	v->path = arena_strdup(f->arena, path);
	v->text = arena_strdup(f->arena, text);
	if (v->path && v->text)
		f->n++;
	else
		f->dropped++;
}

static void fault_print(struct buf *b, const struct fault *v, const char *file)
{
	buf_puts(b, file);
	if (v->line)
		buf_printf(b, ":%u", v->line);
	buf_puts(b, ": ");
	if (v->path[0])
		buf_printf(b, "%s: ", v->path);
	buf_puts(b, v->text);
}

int faults_report(const struct faults *f, const char *file)
{
	_cleanup_buf_ struct buf b = { 0 };
	size_t i;

	if (f->n == 0 && f->dropped == 0)
		return 0;
	for (i = 0; i < f->n; i++) {
		if (i)
			buf_puts(&b, "; ");
		fault_print(&b, &f->v[i], file);
	}
	if (f->dropped)
		buf_printf(&b, "%s%zu more faults", i ? "; and " : "",
			   f->dropped);
	if (buf_error(&b))
		err_set(-ENOMEM, "%s", file);
	else
		err_text(-EINVAL, "%s", buf_str(&b));
	err_set_class(ERR_CONFIG);
	return -EINVAL;
}
