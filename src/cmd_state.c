/* SPDX-License-Identifier: Apache-2.0 */
/* state, list: what is known of containers. */
#include "src/commands.h"

#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "codec/json.h"
#include "src/output.h"

static int run_state(struct cli_call *c)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	struct rt_info info = { 0 };
	int r;

	r = rt_state(&c->rt, &a, c->args[0], &info);
	if (r < 0)
		return r;
	/* Engines read it with and without a last newline; runc has none. */
	r = json_write(&b, &rt_info_record, &info,
		       JSON_INDENT2 | JSON_HTML_ESCAPE);
	return r < 0 ? err_set(r, "write the state") : out_buf(&b);
}

const struct verb verb_state = {
	.name = "state",
	.operands = "ID",
	.summary = "show the state of a container",
	.min_args = 1,
	.max_args = 1,
	.run = run_state,
};

struct list_args {
	const char *format;
	bool quiet;
};
static const struct opt_def list_options[] = {
	OPTION(struct list_args, format, 'f', "format", OPT_STR, "format",
	       "table or json"),
	OPTION(struct list_args, quiet, 'q', "quiet", OPT_BOOL, NULL,
	       "ids only"),
};

static void list_quiet(struct buf *b, const struct rt_info_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		buf_printf(b, "%s\n", l->v[i].id);
}

static int list_json(struct buf *b, const struct rt_info_list *l)
{
	int r = 0;

	if (l->n == 0) {
		buf_puts(b, "null\n");
		return 0;
	}
	for (size_t i = 0; i < l->n && r >= 0; i++) {
		buf_putc(b, i ? ',' : '[');
		r = json_write(b, &rt_info_record, &l->v[i],
			       JSON_COMPACT | JSON_HTML_ESCAPE);
	}
	buf_puts(b, "]\n");
	return r;
}

static int list_table(struct arena *a, struct buf *b,
		      const struct rt_info_list *l)
{
	enum { COLUMNS = 6 };
	static const char *const header[COLUMNS] = {
		"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER",
	};
	const char **cells = arena_calloc(a, l->n + 1, sizeof(header));
	size_t n = 0;

	if (!cells)
		return -ENOMEM;
	for (size_t i = 0; i < COLUMNS; i++)
		cells[n++] = header[i];
	for (size_t i = 0; i < l->n; i++) {
		const struct rt_info *c = &l->v[i];
		const char *pid = arena_printf(a, "%d", (int)c->pid);
		const char *const row[COLUMNS] = {
			c->id, pid, c->status, c->bundle, c->created, c->owner,
		};

		for (size_t k = 0; k < COLUMNS; k++)
			cells[n++] = row[k] ? row[k] : "";
	}
	out_table(b, cells, l->n + 1, COLUMNS);
	return 0;
}

static int run_list(struct cli_call *c)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	const struct list_args *o = c->opts;
	bool json = o->format && streq(o->format, "json");
	struct rt_info_list l;
	int r;

	if (o->format && !json && !streq(o->format, "table"))
		return err_text(-EINVAL, "invalid format option");
	r = rt_list(&c->rt, &a, &l);
	if (r < 0)
		return r;
	for (char **p = l.failed; p && *p; p++)
		dprintf(STDERR_FILENO, "%s\n", *p);
	if (o->quiet)
		list_quiet(&b, &l);
	else
		r = json ? list_json(&b, &l) : list_table(&a, &b, &l);
	return r < 0 ? err_set(r, "write the list") : out_buf(&b);
}

const struct verb verb_list = {
	.name = "list",
	.operands = "",
	.summary = "list the containers",
	.options = TABLE(list_options),
	.size = sizeof(struct list_args),
	.run = run_list,
};
