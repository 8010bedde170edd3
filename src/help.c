/* SPDX-License-Identifier: Apache-2.0 */
#include "src/help.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "security/seccomp.h"
#include "src/commands.h"
#include "src/output.h"

#define OPTION_WIDTH 34

static void option_line(struct buf *b, const struct opt_def *d)
{
	char left[128];
	int n = 0;

	if (d->flags & OPT_HIDDEN)
		return;
	if (d->letter)
		n = snprintf(left, sizeof(left), "-%c, ", d->letter);
	snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s", d->name,
		 d->arg ? " " : "", d->arg ? d->arg : "");
	buf_printf(b, "   %-*s %s\n", OPTION_WIDTH, left, d->help);
}

static void option_lines(struct buf *b, const char *title,
			 const struct opt_table *t)
{
	buf_printf(b, "\n%s:\n", title);
	for (size_t i = 0; i < t->n; i++)
		option_line(b, &t->v[i]);
	buf_printf(b, "   %-*s %s\n", OPTION_WIDTH, "-h, --help", "show help");
}

static void program_help(struct buf *b)
{
	buf_puts(b, "NAME:\n   tare - run containers from OCI bundles\n\n"
		    "USAGE:\n   tare [global options] command [options] "
		    "[arguments]\n\nVERSION:\n   " PACKAGE_VERSION
		    "\n\nCOMMANDS:\n");
	for (size_t i = 0; i < n_verbs; i++)
		if (!(verbs[i]->flags & VERB_HIDDEN))
			buf_printf(b, "   %-10s %s\n", verbs[i]->name,
				   verbs[i]->summary);
	option_lines(b, "GLOBAL OPTIONS", &cli_global_options);
}

void help_text(struct buf *b, const struct verb *v)
{
	if (!v) {
		program_help(b);
		return;
	}
	buf_printf(b, "NAME:\n   tare %s - %s\n\nUSAGE:\n   tare %s", v->name,
		   v->summary, v->name);
	if (v->options.n)
		buf_puts(b, " [options]");
	if (*v->operands)
		buf_printf(b, " %s", v->operands);
	buf_putc(b, '\n');
	if (v->help)
		buf_printf(b, "\nDESCRIPTION:\n%s", v->help);
	option_lines(b, "OPTIONS", &v->options);
}

static void list_table(struct buf *b, const char *verb,
		       const struct opt_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct opt_def *d = &t->v[i];

		if (d->flags & OPT_HIDDEN)
			continue;
		if (d->letter)
			buf_printf(b, "%s -%c\n", verb, d->letter);
		buf_printf(b, "%s --%s\n", verb, d->name);
	}
	buf_printf(b, "%s -h\n%s --help\n", verb, verb);
}

void help_list_options(struct buf *b)
{
	list_table(b, "-", &cli_global_options);
	for (size_t i = 0; i < n_verbs; i++)
		if (!(verbs[i]->flags & VERB_HIDDEN))
			list_table(b, verbs[i]->name, &verbs[i]->options);
}

void help_version(struct buf *b)
{
	const char *lib = seccomp_lib_version();

	buf_puts(b, "tare version " PACKAGE_VERSION "\n");
	if (*TARE_COMMIT)
		buf_puts(b, "commit: " TARE_COMMIT "\n");
	buf_puts(b, "spec: " OCI_VERSION "\n");
	if (lib)
		buf_printf(b, "libseccomp: %s\n", lib);
}

static int run_help(struct cli_call *c)
{
	_cleanup_buf_ struct buf b = { 0 };
	const struct verb *v = NULL;

	if (c->n_args) {
		v = verb_find(c->args[0]);
		if (!v)
			return cli_no_topic(c->args[0]);
	}
	help_text(&b, v);
	return out_buf(&b);
}

const struct verb verb_help = {
	.name = "help",
	.alias = "h",
	.operands = "[COMMAND]",
	.summary = "show help of a command",
	.max_args = ANY_ARGS,
	.flags = VERB_ALONE,
	.fail_status = 3,
	.run = run_help,
};
