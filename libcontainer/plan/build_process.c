/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "plan/build.h"
#include "plan/kernel_values.h"
#include "spec/rlimit.h"

/* The last setting of a variable counts, also for PATH. */
static const char *env_value(const struct build *b, const char *name)
{
	size_t n = strlen(name);
	const char *found = NULL;

	for (size_t i = 0; i < b->p->env.n; i++)
		if (strncmp(b->p->env.v[i], name, n) == 0 &&
		    b->p->env.v[i][n] == '=')
			found = b->p->env.v[i] + n + 1;
	return found;
}

/* A root that becomes read-only: its directory is made before that. */
void build_early_cwd(struct build *b)
{
	struct plan_op *op;

	if (!b->s->root->readonly)
		return;
	op = build_op(b, OP_CHDIR, "process.cwd");
	op->s1 = build_str(b, b->p->cwd);
	op->flags = PWF_LATER_OK | PWF_MKDIR;
	op->x = b->p->user->uid;
	op->y = b->p->user->gid;
}

void build_place(struct build *b)
{
	const char *path = env_value(b, "PATH"), *home = env_value(b, "HOME");
	struct plan_op *op;

	if (!home || !*home)
		build_op(b, OP_HOME, "process.user")->arg = b->p->user->uid;
	op = build_op(b, OP_CHDIR, "process.cwd");
	op->s1 = build_str(b, b->p->cwd);
	op->flags = PWF_LATER_OK;
	if (!b->exec && !b->s->root->readonly)
		op->flags |= PWF_MKDIR;
	op->x = b->p->user->uid;
	op->y = b->p->user->gid;
	/* found is what the process itself could find */
	build_groups(b);
	op = build_op(b, OP_LOOKUP, "process.args");
	op->x = b->p->user->uid;
	op->y = b->p->user->gid;
	if (build_keeps_dac(b))
		op->flags = PLF_DAC;
	op->s1 = build_str(b, b->p->args.v[0]);
	op->s2 = build_str(b, path ? path : OCI_DEFAULT_PATH);
}

static void cpu_list(struct build *b, const char *where, const char *list)
{
	unsigned char mask[KERNEL_CPU_BYTES];
	struct plan_op *op;
	size_t n = 0;

	if (list && *list)
		n = kernel_cpu_mask(list, mask, sizeof(mask));
	op = build_op(b, OP_AFFINITY, where);
	op->blob = build_blob(b, mask, n);
	op->blob_len = (uint32_t)n;
}

static void blob_op(struct build *b, enum plan_code code, const char *where,
		    uint32_t arg, const void *p, size_t n)
{
	struct plan_op *op = build_op(b, code, where);

	op->arg = arg;
	op->blob = build_blob(b, p, n);
	op->blob_len = op->blob ? (uint32_t)n : 0;
}

void build_scheduling(struct build *b)
{
	const struct oci_process *p = b->p;
	const struct oci_linux *l = b->s->linux_;
	struct kernel_sched_attr sa;
	struct kernel_mempolicy mp;
	const char *cpus = NULL;

	if (b->exec && p->exec_cpu_affinity)
		cpus = p->exec_cpu_affinity->final
			       ? p->exec_cpu_affinity->final
			       : p->exec_cpu_affinity->initial;
	cpu_list(b, cpus ? "process.execCPUAffinity" : NULL, cpus);
	if (p->scheduler) {
		kernel_sched(p->scheduler, &sa);
		blob_op(b, OP_SCHED, "process.scheduler", 0, &sa, sizeof(sa));
	}
	if (p->io_priority)
		build_op(b, OP_IOPRIO, "process.ioPriority")->arg =
			kernel_ioprio(p->io_priority);
	if (l->personality && l->personality->flags.n)
		build_warn(b, "linux.personality.flags is not used");
	if (l->personality && l->personality->domain)
		build_op(b, OP_PERSONALITY, "linux.personality")->x =
			kernel_personality(l->personality);
	if (l->memory_policy && l->memory_policy->mode) {
		kernel_mempolicy(l->memory_policy, &mp);
		blob_op(b, OP_MEMPOLICY, "linux.memoryPolicy", mp.mode,
			mp.nodes, mp.n_bytes);
	}
	if (p->user->umask.set || !b->exec)
		build_op(b, OP_UMASK, "process.user.umask")->arg =
			p->user->umask.set ? p->user->umask.v & 0777 : 0022;
}

/* Inside a user namespace nobody may raise a limit: the parent does it. */
void build_rlimits(struct build *b)
{
	const struct oci_process *p = b->p;

	if (p->rlimits.n == 0)
		return;
	if (b->userns) {
		build_op(b, OP_SYNC, "process.rlimits")->arg = SYNC_RLIMITS;
		return;
	}
	for (size_t i = 0; i < p->rlimits.n; i++) {
		struct plan_op *op = build_op(
			b, OP_RLIMIT, build_where(b, "process.rlimits", i));

		op->arg = (uint32_t)rlimit_from_name(p->rlimits.v[i].type);
		op->x = p->rlimits.v[i].soft;
		op->y = p->rlimits.v[i].hard;
	}
}

/* Later entries replace earlier ones of the same name, in the later place. */
static bool is_replaced(const struct oci_process *p, size_t i)
{
	size_t n = strcspn(p->env.v[i], "=") + 1;

	for (size_t j = i + 1; j < p->env.n; j++)
		if (strncmp(p->env.v[i], p->env.v[j], n) == 0)
			return true;
	return false;
}

static size_t environment(struct build *b, char **v)
{
	size_t n = 0;

	for (size_t i = 0; i < b->p->env.n; i++) {
		const char *e = b->p->env.v[i];

		/* an empty HOME is as good as none: OP_HOME gives one */
		if (!is_replaced(b->p, i) && !streq(e, "HOME="))
			v[n++] = b->p->env.v[i];
	}
	for (size_t i = 0; i < ARRAY_SIZE(b->o->extra_env); i++)
		if (b->o->extra_env[i])
			v[n++] = (char *)b->o->extra_env[i];
	return n;
}

void build_exec_op(struct build *b)
{
	char **env = arena_calloc(b->a,
				  b->p->env.n + ARRAY_SIZE(b->o->extra_env) + 1,
				  sizeof(*env));
	struct plan_op *op;

	if (!env) {
		b->failed = true;
		return;
	}
	op = build_op(b, OP_EXEC, "process.args");
	build_list(b, op, b->p->args.v, b->p->args.n);
	build_list2(b, op, env, environment(b, env));
}
