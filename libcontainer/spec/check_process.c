/* SPDX-License-Identifier: Apache-2.0 */
/* config.md, "Process": of the configuration and of `exec --process`. */
#include <stdio.h>

#include "base/str.h"
#include "spec/check.h"
#include "spec/rlimit.h"

/* The kernel takes no longer string and, whatever the limits, no more. */
#define ARG_STRING_MAX (32u * 4096)
#define ARG_TOTAL_MAX (6u << 20)
#define CPU_MAX 65536

static const char *const policies[] = {
	"SCHED_OTHER", "SCHED_FIFO", "SCHED_RR",       "SCHED_BATCH",
	"SCHED_ISO",   "SCHED_IDLE", "SCHED_DEADLINE",
};

static const char *const policy_flags[] = {
	"SCHED_FLAG_RESET_ON_FORK",  "SCHED_FLAG_RECLAIM",
	"SCHED_FLAG_DL_OVERRUN",     "SCHED_FLAG_KEEP_POLICY",
	"SCHED_FLAG_KEEP_PARAMS",    "SCHED_FLAG_UTIL_CLAMP_MIN",
	"SCHED_FLAG_UTIL_CLAMP_MAX",
};

static const char *const io_classes[] = {
	"IOPRIO_CLASS_RT",
	"IOPRIO_CLASS_BE",
	"IOPRIO_CLASS_IDLE",
};

static size_t check_strings(const struct check_at *at, const char *name,
			    const struct str_list *l)
{
	size_t i, n, total = 0;
	char elem[64];

	for (i = 0; i < l->n; i++) {
		n = strlen(l->v[i]) + 1;
		total += n + sizeof(char *);
		if (n <= ARG_STRING_MAX)
			continue;
		snprintf(elem, sizeof(elem), "%s[%zu]", name, i);
		check_add(at, elem,
			  "argument list too long: one string of %zu bytes", n);
	}
	return total;
}

static void check_env(const struct check_at *at, const struct str_list *env)
{
	char elem[64];
	size_t i;

	for (i = 0; i < env->n; i++) {
		const char *what = env->v[i][0] == '=' ? "name cannot be empty"
				   : !strchr(env->v[i], '=') ? "missing '='"
							     : NULL;

		if (!what)
			continue;
		snprintf(elem, sizeof(elem), "env[%zu]", i);
		check_add(at, elem, "invalid environment variable: %s", what);
	}
}

static void check_rlimits(const struct check_at *at, const struct oci_process *p)
{
	char elem[64];
	size_t i;

	for (i = 0; i < p->rlimits.n; i++) {
		const struct oci_rlimit *l = &p->rlimits.v[i];

		snprintf(elem, sizeof(elem), "rlimits[%zu]", i);
		if (l->type && rlimit_from_name(l->type) < 0)
			check_add(at, elem, "wrong rlimit value: %s", l->type);
		if (l->soft > l->hard)
			check_add(at, elem,
				  "the soft limit is above the hard one");
	}
}

static void check_scheduler(const struct check_at *at,
			    const struct oci_scheduler *s)
{
	const char *policy = s->policy ? s->policy : "";
	bool rt = streq(policy, "SCHED_FIFO") || streq(policy, "SCHED_RR");
	bool deadline = streq(policy, "SCHED_DEADLINE");
	char elem[64];
	size_t i;

	if (!*policy)
		check_add(at, "scheduler", "scheduler policy is required");
	else if (!check_word(policy, policies, ARRAY_SIZE(policies)))
		check_add(at, "scheduler.policy",
			  "invalid scheduler policy: %s", policy);
	if (s->nice < -20 || s->nice > 19)
		check_add(at, "scheduler.nice", "invalid scheduler.nice: %d",
			  (int)s->nice);
	if (rt && (s->priority < 1 || s->priority > 99))
		check_add(at, "scheduler.priority", "must be 1 to 99 for %s",
			  policy);
	else if (!rt && s->priority)
		check_add(at, "scheduler.priority",
			  "is for SCHED_FIFO and SCHED_RR only");
	if (!deadline && (s->runtime || s->deadline || s->period))
		check_add(at, "scheduler",
			  "runtime, deadline, period are for SCHED_DEADLINE "
			  "only");
	for (i = 0; i < s->flags.n; i++) {
		if (check_word(s->flags.v[i], policy_flags,
			       ARRAY_SIZE(policy_flags)))
			continue;
		snprintf(elem, sizeof(elem), "scheduler.flags[%zu]", i);
		check_add(at, elem, "invalid scheduler flag: %s", s->flags.v[i]);
	}
}

static void check_io_priority(const struct check_at *at,
			      const struct oci_io_priority *p)
{
	const char *class = p->class ? p->class : "";

	if (!check_word(class, io_classes, ARRAY_SIZE(io_classes)))
		check_add(at, "ioPriority.class",
			  "invalid ioPriority.Class: \"%s\"", class);
	if (p->priority < 0 || p->priority > 7)
		check_add(at, "ioPriority.priority",
			  "invalid ioPriority.Priority: %d", (int)p->priority);
}

static void check_affinity(const struct check_at *at,
			   const struct oci_cpu_affinity *c)
{
	if (c->initial && check_ranges(c->initial, CPU_MAX) < 0)
		check_add(at, "execCPUAffinity.initial",
			  "bad CPUAffinity.Initial: %s", c->initial);
	if (c->final && check_ranges(c->final, CPU_MAX) < 0)
		check_add(at, "execCPUAffinity.final",
			  "bad CPUAffinity.Final: %s", c->final);
}

void oci_check_process(const struct oci_process *p, const char *prefix,
		       struct faults *f)
{
	struct check_at at = { prefix, f };

	if (!p->cwd || !*p->cwd)
		check_add(&at, "cwd", "Cwd property must not be empty");
	else if (*p->cwd != '/')
		check_add(&at, "cwd", "Cwd must be an absolute path");
	if (p->args.n == 0)
		check_add(&at, "args", "args must not be empty");
	if (check_strings(&at, "args", &p->args) +
		    check_strings(&at, "env", &p->env) >
	    ARG_TOTAL_MAX)
		check_add(&at, "args", "argument list too long");
	check_env(&at, &p->env);
	check_rlimits(&at, p);
	if (p->oom_score_adj.set &&
	    (p->oom_score_adj.v < -1000 || p->oom_score_adj.v > 1000))
		check_add(&at, "oomScoreAdj", "must be between -1000 and 1000");
	if (p->scheduler)
		check_scheduler(&at, p->scheduler);
	if (p->io_priority)
		check_io_priority(&at, p->io_priority);
	if (p->exec_cpu_affinity)
		check_affinity(&at, p->exec_cpu_affinity);
}
