/* SPDX-License-Identifier: Apache-2.0 */
/* kill, delete, pause, resume. */
#include "src/commands.h"

#include <signal.h>

#include "base/err.h"
#include "src/match.h"
#include "src/numbers.h"

struct kill_args {
	bool all, regex;
	int sig;
};
static const struct opt_def kill_options[] = {
	OPTION(struct kill_args, all, 'a', "all", OPT_BOOL, NULL,
	       "a container that is not running is no error"),
	OPTION(struct kill_args, regex, 'r', "regex", OPT_BOOL, NULL,
	       "ID is a regular expression: every container that it matches"),
};

static int kill_one(struct cli_call *c, const char *id)
{
	const struct kill_args *k = c->opts;

	return rt_kill(&c->rt, id, k->sig, k->all);
}

static int run_kill(struct cli_call *c)
{
	struct kill_args *k = c->opts;
	int r = 0;

	k->sig = SIGTERM;
	if (c->n_args > 1)
		r = parse_signal(c->args[1], &k->sig);
	if (r == -ERANGE)
		return err_set(-EINVAL, "send signal %s", c->args[1]);
	if (r < 0)
		return err_text(-EINVAL, "unknown signal \"%s\"", c->args[1]);
	return k->regex ? match_each(c, c->args[0], kill_one)
			: kill_one(c, c->args[0]);
}

const struct verb verb_kill = {
	.name = "kill",
	.operands = "ID [SIGNAL]",
	.summary = "send a signal to a container",
	.help = "   SIGNAL is a number or a name with or without SIG; TERM if "
		"absent.\n",
	.min_args = 1,
	.max_args = 2,
	.flags = VERB_STOP,
	.options = TABLE(kill_options),
	.size = sizeof(struct kill_args),
	.run = run_kill,
};

struct delete_args {
	bool force, regex;
};
static const struct opt_def delete_options[] = {
	OPTION(struct delete_args, force, 'f', "force", OPT_BOOL, NULL,
	       "kill it first if it runs; an unknown one is no error"),
	OPTION(struct delete_args, regex, 'r', "regex", OPT_BOOL, NULL,
	       "ID is a regular expression: every container that it matches"),
};

static int delete_one(struct cli_call *c, const char *id)
{
	const struct delete_args *d = c->opts;

	return rt_delete(&c->rt, id, d->force);
}

static int run_delete(struct cli_call *c)
{
	const struct delete_args *d = c->opts;

	return d->regex ? match_each(c, c->args[0], delete_one)
			: delete_one(c, c->args[0]);
}

const struct verb verb_delete = {
	.name = "delete",
	.operands = "ID",
	.summary = "delete a container",
	.min_args = 1,
	.max_args = 1,
	.options = TABLE(delete_options),
	.size = sizeof(struct delete_args),
	.run = run_delete,
};

static int run_pause(struct cli_call *c)
{
	return rt_pause(&c->rt, c->args[0]);
}

const struct verb verb_pause = {
	.name = "pause",
	.operands = "ID",
	.summary = "freeze the processes of a container",
	.min_args = 1,
	.max_args = 1,
	.run = run_pause,
};

static int run_resume(struct cli_call *c)
{
	return rt_resume(&c->rt, c->args[0]);
}

const struct verb verb_resume = {
	.name = "resume",
	.operands = "ID",
	.summary = "thaw the processes of a container",
	.min_args = 1,
	.max_args = 1,
	.run = run_resume,
};
