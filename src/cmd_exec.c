/* SPDX-License-Identifier: Apache-2.0 */
#include "src/commands.h"

#include "base/err.h"

#define EXEC_FAILED 255

struct exec_args {
	struct rt_exec_opts o;
	struct str_list env, caps, gids, cgroup;
	struct opt_bool no_new_privs;
};

#define O(member, letter, name, kind, arg, text) \
	OPTION(struct exec_args, member, letter, name, kind, arg, text)
static const struct opt_def options[] = {
	O(o.console_socket, 0, "console-socket", OPT_STR, "path",
	  "send the master of the terminal to this unix socket"),
	O(o.pidfd_socket, 0, "pidfd-socket", OPT_STR, "path",
	  "send a pidfd of the process to this unix socket"),
	O(o.cwd, 0, "cwd", OPT_STR, "dir", "working directory in the container"),
	O(env, 'e', "env", OPT_LIST, "name=value",
	  "set an environment variable; may be repeated"),
	O(o.tty, 't', "tty", OPT_BOOL, NULL, "give the process a terminal"),
	O(o.user, 'u', "user", OPT_STR, "uid[:gid]",
	  "user and group, as numbers"),
	O(gids, 'g', "additional-gids", OPT_LIST, "gid",
	  "one more group; may be repeated"),
	O(o.process_file, 'p', "process", OPT_STR, "file",
	  "read the process from this JSON file"),
	O(o.detach, 'd', "detach", OPT_BOOL, NULL,
	  "do not wait for the process"),
	O(o.pid_file, 0, "pid-file", OPT_STR, "file",
	  "write the process id to this file, without a newline"),
	O(o.process_label, 0, "process-label", OPT_STR, "label",
	  "SELinux label of the process"),
	O(o.apparmor, 0, "apparmor", OPT_STR, "profile",
	  "AppArmor profile of the process"),
	O(no_new_privs, 0, "no-new-privs", OPT_TRISTATE, NULL,
	  "set no_new_privs"),
	O(caps, 'c', "cap", OPT_LIST, "name",
	  "one more capability; may be repeated"),
	O(o.preserve_fds, 0, "preserve-fds", OPT_COUNT, "n",
	  "pass this many file descriptors from 3 on to the process"),
	O(cgroup, 0, "cgroup", OPT_LIST, "[controller:]path",
	  "cgroup below that of the container; may be repeated"),
	O(o.ignore_paused, 0, "ignore-paused", OPT_BOOL, NULL,
	  "do not refuse a paused container"),
};

static int run_exec(struct cli_call *c)
{
	struct exec_args *e = c->opts;
	struct rt_exec_opts *o = &e->o;
	int r;

	o->id = c->args[0];
	o->args = (const char *const *)c->args + 1;
	o->env = (const char *const *)e->env.v;
	o->n_env = e->env.n;
	o->caps = (const char *const *)e->caps.v;
	o->n_caps = e->caps.n;
	o->additional_gids = (const char *const *)e->gids.v;
	o->n_additional_gids = e->gids.n;
	o->cgroup = (const char *const *)e->cgroup.v;
	o->n_cgroup = e->cgroup.n;
	o->no_new_privs = e->no_new_privs.set ? e->no_new_privs.v : -1;
	if (o->process_file)
		o->args = (const char *const *)c->args + c->n_args;
	else if (c->n_args < 2)
		return err_text(-EINVAL,
				"exec failed: exec args cannot be empty");
	r = rt_exec(&c->rt, o, &c->status);
	return r < 0 ? err_ctx(r, "exec failed") : 0;
}

const struct verb verb_exec = {
	.name = "exec",
	.operands = "ID COMMAND [ARG...]",
	.summary = "run another process in a container",
	.help = "   Options end at ID. Without --detach the exit status is "
		"that of the process;\n   255 if it could not be run.\n",
	.min_args = 1,
	.max_args = ANY_ARGS,
	.flags = VERB_STOP,
	.options = TABLE(options),
	.size = sizeof(struct exec_args),
	.fail_status = EXEC_FAILED,
	.run = run_exec,
};
