/* SPDX-License-Identifier: Apache-2.0 */
#include "src/commands.h"

#include "base/err.h"
#include "base/str.h"
#include "src/output.h"

struct explain_args {
	const char *format;
};
static const struct opt_def options[] = {
	OPTION(struct explain_args, format, 'f', "format", OPT_STR, "format",
	       "text or json"),
};

static int run_explain(struct cli_call *c)
{
	_cleanup_buf_ struct buf b = { 0 };
	const struct explain_args *o = c->opts;
	bool json = o->format && streq(o->format, "json");
	const char *manager = c->global.cgroup_manager;
	bool systemd = c->global.systemd_cgroup ||
		       (manager && streq(manager, "systemd"));
	int r;

	if (o->format && !json && !streq(o->format, "text"))
		return err_text(-EINVAL, "invalid format option");
	r = rt_explain(c->n_args ? c->args[0] : NULL, systemd, json, &b);
	return r < 0 ? r : out_buf(&b);
}

const struct verb verb_explain = {
	.name = "explain",
	.operands = "[BUNDLE]",
	.summary = "show what would be done for a bundle, without doing it",
	.max_args = 1,
	.flags = VERB_ALONE,
	.options = TABLE(options),
	.size = sizeof(struct explain_args),
	.run = run_explain,
};
