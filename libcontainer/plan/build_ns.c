/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>

#include "plan/build.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* Whether a namespace is made with the clone or by init itself. A cgroup
 * namespace has to wait until init is in its cgroup, time takes a fork. */
static bool comes_with_clone(const struct build *b, enum oci_ns ns)
{
	return !b->staged && ns != OCI_NS_CGROUP && ns != OCI_NS_TIME;
}

static uint64_t new_flags(const struct build *b, bool with_clone)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < b->s->linux_->namespaces.n; i++) {
		const struct oci_namespace *n = &b->s->linux_->namespaces.v[i];

		if (!n->path && comes_with_clone(b, n->type) == with_clone)
			flags |= (uint64_t)oci_ns_info[n->type].flag;
	}
	return flags;
}

static void join_one(struct build *b, enum oci_ns type)
{
	for (size_t i = 0; i < b->s->linux_->namespaces.n; i++) {
		const struct oci_namespace *n = &b->s->linux_->namespaces.v[i];
		struct plan_fd f = { .kind = PFD_NS, .ns = n->type };
		struct plan_op *op;

		if (n->type != (int)type || !n->path)
			continue;
		f.path = n->path;
		f.where = build_where(b, "linux.namespaces", i);
		op = build_op(b, OP_JOIN_NS, f.where);
		op->slot = build_fd(b, &f);
		op->arg = (uint32_t)oci_ns_info[type].flag;
		op->s1 = build_str(b, n->path);
	}
}

/*
 * Root joins the others before the user namespace, whose root may have no
 * rights on them; who is not root has rights on none but through it.
 */
static void join_all(struct build *b)
{
	bool user_first = b->h->rootless && !b->h->in_userns;

	if (user_first)
		join_one(b, OCI_NS_USER);
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (t != OCI_NS_USER)
			join_one(b, t);
	if (!user_first)
		join_one(b, OCI_NS_USER);
}

static void sync_op(struct build *b, enum plan_sync sync)
{
	build_op(b, OP_SYNC, NULL)->arg = sync;
}

static bool wants_fork(const struct build *b)
{
	const char *path;

	return (oci_has_ns(b->s, OCI_NS_PID, &path) && !path) ||
	       (oci_has_ns(b->s, OCI_NS_TIME, &path) && !path);
}

void build_namespaces(struct build *b)
{
	uint64_t late = new_flags(b, false);
	bool offsets = b->s->linux_->time_offsets.n > 0;

	b->plan->clone_flags = new_flags(b, true);
	b->plan->new_userns = b->new_userns;
	join_all(b);
	if (b->join_userns)
		build_op(b, OP_NS_ROOT, NULL);
	if (late)
		build_op(b, OP_UNSHARE, NULL)->arg = (uint32_t)late;
	if (b->new_userns || offsets)
		sync_op(b, SYNC_USERNS);
	if (b->new_userns)
		build_op(b, OP_NS_ROOT, NULL);
	if (b->staged && wants_fork(b) && !b->shared_pid) {
		build_op(b, OP_FORK, NULL);
		b->plan->late_fork = true;
	}
}

/* Where the container's mounts are in the host's namespace. */
static void enter_root(struct build *b)
{
	const struct plan_fd f = { .kind = PFD_INIT_ROOT,
				   .path = b->o->init_root,
				   .where = "exec" };
	struct plan_op *op = build_op(b, OP_PIVOT, "root.path");

	op->slot = build_fd(b, &f);
	op->flags = PPF_CHROOT;
}

static void join_container(struct build *b)
{
	const struct plan_fd f = { .kind = PFD_INIT_PIDFD, .where = "exec" };
	uint32_t mask = 0;
	struct plan_op *op;

	for (size_t i = 0; i < b->s->linux_->namespaces.n; i++)
		mask |= (uint32_t)oci_ns_info[b->s->linux_->namespaces.v[i].type]
				.flag;
	if (mask == 0)
		return;
	op = build_op(b, OP_JOIN_NS, NULL);
	op->slot = build_fd(b, &f);
	op->arg = mask;
	if (b->userns)
		build_op(b, OP_NS_ROOT, NULL);
}

void build_join_container(struct build *b)
{
	join_container(b);
	if (b->host_mounts)
		enter_root(b);
}
