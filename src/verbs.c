/* SPDX-License-Identifier: Apache-2.0 */
#include "src/commands.h"

#include "base/err.h"
#include "base/str.h"

#define G(member, letter, name, kind, arg, text) \
	OPTION(struct cli_global, member, letter, name, kind, arg, text)

static const struct opt_def global_options[] = {
	G(root, 0, "root", OPT_STR, "dir",
	  "where the state of containers is kept"),
	G(log, 0, "log", OPT_STR, "file", "append messages to this file"),
	G(log_format, 0, "log-format", OPT_STR, "format",
	  "form of the messages: text or json"),
	G(debug, 0, "debug", OPT_BOOL, NULL, "log more"),
	G(systemd_cgroup, 0, "systemd-cgroup", OPT_BOOL, NULL,
	  "make the cgroup as a systemd scope"),
	G(cgroup_manager, 0, "cgroup-manager", OPT_STR, "manager",
	  "cgroupfs, systemd or disabled"),
	G(rootless, 0, "rootless", OPT_STR, "when",
	  "ignore missing rights on cgroups: true, false or auto"),
	G(criu, 0, "criu", OPT_STR, "path", "accepted and ignored"),
	G(version, 'v', "version", OPT_BOOL, NULL, "show the version"),
	HIDDEN_OPTION(struct cli_global, list_options, 0, "list-options",
		      OPT_BOOL, NULL, "list every option of every command"),
};
const struct opt_table cli_global_options = TABLE(global_options);

/* In the order that help shows. */
const struct verb *const verbs[] = {
	&verb_create,  &verb_start,	 &verb_run,	&verb_exec,
	&verb_kill,    &verb_delete,	 &verb_state,	&verb_list,
	&verb_ps,      &verb_pause,	 &verb_resume,	&verb_update,
	&verb_events,  &verb_mounts,	 &verb_spec,	&verb_features,
	&verb_explain, &verb_checkpoint, &verb_restore, &verb_help,
};
const size_t n_verbs = ARRAY_SIZE(verbs);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < n_verbs; i++)
		if (streq(verbs[i]->name, name) ||
		    (verbs[i]->alias && streq(verbs[i]->alias, name)))
			return verbs[i];
	return NULL;
}

int cli_no_topic(const char *word)
{
	const char *names[ARRAY_SIZE(verbs)], *near;

	for (size_t i = 0; i < n_verbs; i++)
		names[i] =
			verbs[i]->flags & VERB_HIDDEN ? NULL : verbs[i]->name;
	err_text(-ENOENT, "No help topic for '%s'", word);
	near = str_nearest(word, names, n_verbs);
	if (near)
		err_hint("did you mean %s?", near);
	return -ENOENT;
}

int cli_parse(struct arena *a, char **argv, struct cli_call *ret)
{
	struct opt_result res;
	const struct verb *v;
	int r;

	*ret = (struct cli_call){ 0 };
	if (!*argv) /* execve(2) with an empty argv is possible */
		return 0;
	r = opt_parse(a, &cli_global_options, true, argv + 1, &ret->global,
		      &res);
	if (r < 0)
		return r;
	ret->help = res.help;
	if (ret->help || ret->global.version || ret->global.list_options ||
	    res.n_args == 0)
		return 0;
	v = verb_find(res.args[0]);
	if (!v)
		return cli_no_topic(res.args[0]);
	ret->verb = v;
	ret->opts = arena_alloc(a, MAX(v->size, (size_t)1));
	if (!ret->opts)
		return err_set(-ENOMEM, "read the command line");
	r = opt_parse(a, &v->options, v->flags & VERB_STOP, res.args + 1,
		      ret->opts, &res);
	if (r < 0)
		return r;
	ret->args = res.args;
	ret->n_args = res.n_args;
	ret->help = res.help;
	return 0;
}

int cli_check_args(const struct cli_call *c)
{
	const struct verb *v = c->verb;
	const char *how;
	size_t n = v->min_args;

	if (c->n_args >= v->min_args && c->n_args <= v->max_args)
		return 0;
	if (v->min_args == v->max_args) {
		how = "exactly";
	} else if (c->n_args < v->min_args) {
		how = "a minimum of";
	} else {
		how = "a maximum of";
		n = v->max_args;
	}
	err_text(-EINVAL, "tare: \"%s\" requires %s %zu argument(s)", v->name,
		 how, n);
	err_set_class(ERR_USAGE);
	return -EINVAL;
}
