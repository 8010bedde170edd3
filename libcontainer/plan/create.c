/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a container's making (OCI runtime.md "Lifecycle").
 */
#include "base/err.h"
#include "plan/build.h"
#include "spec/extensions.h"

static bool has_hooks(const struct build *b, enum oci_hook_point at)
{
	return b->s->hooks && b->s->hooks->at[at].n > 0;
}

static void console(struct build *b)
{
	const struct oci_box *size = b->p->console_size;
	struct plan_op *op;

	if (!b->o->terminal_console)
		return;
	if (!size || !size->height || !size->width)
		size = &b->o->tty;
	op = build_op(b, OP_CONSOLE, "process.terminal");
	op->x = size->height;
	op->y = size->width;
	if (!b->exec)
		op->flags = PCF_BIND;
	b->plan->has_console = true;
}

static void stdio(struct build *b)
{
	struct plan_op *op = build_op(b, OP_STDIO, "process.user");

	op->x = b->p->user->uid;
	op->y = b->p->user->gid;
}

/* The terminal becomes the session's where the process is the leader. */
static void session(struct build *b)
{
	build_op(b, OP_SETSID, NULL);
	if (b->o->terminal_console)
		build_op(b, OP_CTTY, "process.terminal");
}

static void keyring(struct build *b)
{
	struct plan_op *op;

	if (b->o->no_new_keyring)
		return;
	op = build_op(b, OP_KEYRING, NULL);
	if (b->h->selinux)
		op->s1 = build_str(b, b->p->selinux_label);
}

static void ready(struct build *b)
{
	const struct plan_fd f = { .kind = PFD_START, .where = "start" };
	struct plan_op *op;

	build_op(b, OP_SYNC, NULL)->arg = SYNC_READY;
	if (b->o->run)
		return;
	op = build_op(b, OP_WAIT_START, NULL);
	op->slot = build_fd(b, &f);
}

static void warn_of_extensions(struct build *b)
{
	for (size_t i = 0; i < b->s->annotations.n; i++) {
		const struct kv *kv = &b->s->annotations.v[i];

		if (*kv->value && oci_is_unsupported_extension(kv->key))
			build_warn(b, "annotation %s is not supported", kv->key);
	}
}

static void root_file_system(struct build *b)
{
	struct plan_op *op;

	build_root(b);
	build_mounts(b);
	build_devices(b);
	console(b);
	if (has_hooks(b, OCI_PRESTART) || has_hooks(b, OCI_CREATE_RUNTIME))
		build_op(b, OP_SYNC, "hooks")->arg = SYNC_RUNTIME;
	else if (b->s->linux_->net_devices.n > 0)
		build_op(b, OP_SYNC, "linux.netDevices")->arg = SYNC_RUNTIME;
	build_hooks(b, OCI_CREATE_CONTAINER, "creating");
	build_early_cwd(b);
	op = build_op(b, OP_PIVOT, "root.path");
	op->slot = SLOT_ROOT;
	op->flags = b->host_mounts   ? PPF_CHROOT
		    : b->o->no_pivot ? PPF_NO_PIVOT
				     : 0;
}

int plan_create(struct arena *a, const struct oci_spec *s,
		const struct plan_host *h, const struct plan_options *o,
		const struct seccomp_filter *filter, struct plan *ret)
{
	_cleanup_build_ struct build b = { 0 };
	int r = build_refuse(a, s, h, o);

	if (r < 0)
		return r;
	build_init(&b, a, s, s->process, h, o, filter, ret);
	warn_of_extensions(&b);
	build_namespaces(&b);
	keyring(&b);
	if (!b.shared_pid)
		build_op(&b, OP_SETSID, NULL);
	root_file_system(&b);
	if (b.o->terminal_console && !b.shared_pid)
		build_op(&b, OP_CTTY, "process.terminal");
	build_host(&b);
	build_hide(&b);
	stdio(&b);
	build_scheduling(&b);
	build_place(&b);
	build_rlimits(&b);
	/* one that the host does not have is refused by create already */
	build_label(&b);
	if (b.shared_pid) {
		build_credentials(&b, false);
		build_op(&b, OP_FORK, NULL);
		ret->late_fork = true;
		session(&b);
		ready(&b);
		build_hooks(&b, OCI_START_CONTAINER, "created");
		build_close(&b);
	} else {
		ready(&b);
		build_credentials(&b, true);
	}
	build_exec_op(&b);
	return build_finish(&b, PLAN_CREATE);
}

int plan_exec(struct arena *a, const struct oci_spec *s,
	      const struct oci_process *p, const struct plan_host *h,
	      const struct plan_options *o, const struct seccomp_filter *filter,
	      struct plan *ret)
{
	_cleanup_build_ struct build b;
	const char *path;

	build_init(&b, a, s, p, h, o, filter, ret);
	b.exec = true;
	build_join_container(&b);
	keyring(&b);
	console(&b);
	stdio(&b);
	build_scheduling(&b);
	build_place(&b);
	build_rlimits(&b);
	build_label(&b);
	build_credentials(&b, false);
	if (oci_has_ns(s, OCI_NS_PID, &path) ||
	    oci_has_ns(s, OCI_NS_TIME, &path)) {
		build_op(&b, OP_FORK, NULL);
		ret->late_fork = true;
	}
	session(&b);
	build_exec_op(&b);
	return build_finish(&b, PLAN_EXEC);
}

int plan_mounts(struct arena *a, const struct oci_spec *s, bool take_away,
		const struct plan_host *h, const struct plan_options *o,
		struct plan *ret)
{
	static const struct seccomp_filter none;
	_cleanup_build_ struct build b;

	build_init(&b, a, s, s->process, h, o, &none, ret);
	b.exec = true;
	/* sources are of the host, a procfs is of the container */
	b.pass_trees = true;
	b.shared_pid = oci_has_ns(s, OCI_NS_PID, NULL);
	build_join_container(&b);
	if (take_away) {
		build_unmounts(&b);
	} else {
		build_mounts(&b);
		build_late_readonly(&b);
	}
	build_op(&b, OP_END, NULL);
	return build_finish(&b, PLAN_EXEC);
}
