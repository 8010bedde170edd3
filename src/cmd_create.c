/* SPDX-License-Identifier: Apache-2.0 */
/* create, start, run: the runtime's options are the command's struct. */
#include "src/commands.h"

#include "base/err.h"

#define O(member, letter, name, kind, arg, text) \
	OPTION(struct rt_create_opts, member, letter, name, kind, arg, text)
#define CREATE_OPTIONS                                                     \
	O(bundle, 'b', "bundle", OPT_STR, "dir",                           \
	  "the bundle; the current directory by default"),                 \
		O(config, 'f', "config", OPT_STR, "file",                  \
		  "read this file in place of the bundle's config.json"),  \
		O(console_socket, 0, "console-socket", OPT_STR, "path",    \
		  "send the master of the terminal to this unix socket"),  \
		O(pidfd_socket, 0, "pidfd-socket", OPT_STR, "path",        \
		  "send a pidfd of the process to this unix socket"),      \
		O(pid_file, 0, "pid-file", OPT_STR, "file",                \
		  "write the process id to this file, without a newline"), \
		O(no_pivot, 0, "no-pivot", OPT_BOOL, NULL,                 \
		  "move the root mount instead of pivot_root"),            \
		O(no_new_keyring, 0, "no-new-keyring", OPT_BOOL, NULL,     \
		  "keep the session keyring of the caller"),               \
		O(preserve_fds, 0, "preserve-fds", OPT_COUNT, "n",         \
		  "pass this many file descriptors from 3 on to the process")

static const struct opt_def create_options[] = {
	CREATE_OPTIONS,
	O(no_subreaper, 0, "no-subreaper", OPT_BOOL, NULL,
	  "accepted: create adopts no processes"),
};

static const struct opt_def run_options[] = {
	CREATE_OPTIONS,
	O(detach, 'd', "detach", OPT_BOOL, NULL, "do not wait for the process"),
	O(keep, 0, "keep", OPT_BOOL, NULL,
	  "keep the container when its process has ended"),
	O(no_subreaper, 0, "no-subreaper", OPT_BOOL, NULL,
	  "do not adopt orphaned processes"),
};

static int run_create(struct cli_call *c)
{
	struct rt_create_opts *o = c->opts;
	int r;

	o->id = c->args[0];
	r = rt_create(&c->rt, o);
	return r < 0 ? err_ctx(r, "tare create failed") : 0;
}

static int run_run(struct cli_call *c)
{
	struct rt_create_opts *o = c->opts;
	int r;

	o->id = c->args[0];
	r = rt_run(&c->rt, o, &c->status);
	return r < 0 ? err_ctx(r, "tare run failed") : 0;
}

static int run_start(struct cli_call *c)
{
	return rt_start(&c->rt, c->args[0]);
}

const struct verb verb_create = {
	.name = "create",
	.operands = "ID",
	.summary = "create a container",
	.help = "   Make the namespaces, mounts and cgroup that the bundle's "
		"config.json asks\n   for, and leave a process that waits for "
		"start.\n",
	.min_args = 1,
	.max_args = 1,
	.options = TABLE(create_options),
	.size = sizeof(struct rt_create_opts),
	.run = run_create,
};

const struct verb verb_run = {
	.name = "run",
	.operands = "ID",
	.summary = "create and start a container",
	.help = "   Without --detach the exit status is that of the process, "
		"or 128 plus the\n   signal that ended it, and the container "
		"is deleted at the end.\n",
	.min_args = 1,
	.max_args = 1,
	.options = TABLE(run_options),
	.size = sizeof(struct rt_create_opts),
	.run = run_run,
};

const struct verb verb_start = {
	.name = "start",
	.operands = "ID",
	.summary = "run the process of a created container",
	.min_args = 1,
	.max_args = 1,
	.run = run_start,
};
