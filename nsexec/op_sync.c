/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on processes: sync points, namespaces, fork, session, start. */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

int op_sync(struct init *in, const struct plan_op *op)
{
	struct chan_msg m = { .type = CHAN_SYNC, .arg = op->arg };
	int r;

	r = chan_send(in->chan, &m, NULL, NULL, 0);
	if (r < 0)
		return err_set(r, "tell the parent");
	r = chan_recv(in->chan, &m, NULL, 0, NULL, NULL);
	if (r == 0)
		_exit(1); /* the parent is gone: nobody wants a container */
	if (r < 0)
		return err_set(r, "wait for the parent");
	if (m.type != CHAN_GO || m.arg != op->arg)
		return err_set(-EPROTO, "wait for the parent");
	if (op->arg == SYNC_USERNS) {
		in->userns = true;
		return init_undumpable();
	}
	return 0;
}

static const char *ns_name(uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} names[] = {
		{ CLONE_NEWUSER, "user" }, { CLONE_NEWIPC, "ipc" },
		{ CLONE_NEWUTS, "uts" },   { CLONE_NEWNET, "net" },
		{ CLONE_NEWNS, "mnt" },	   { CLONE_NEWCGROUP, "cgroup" },
		{ CLONE_NEWTIME, "time" }, { CLONE_NEWPID, "pid" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].flag == flags)
			return names[i].name;
	return "container";
}

/* What is known about this process changes with its namespaces. */
static void entered(struct init *in, uint32_t flags)
{
	if (flags & CLONE_NEWUSER) {
		in->userns = true;
		in->bounding = ~0ull;
	}
	if (flags & CLONE_NEWNS) {
		if (in->head->kind == PLAN_EXEC)
			in->pivoted = true;
		close_fd(take_fd(&in->root));
	}
}

int op_join_ns(struct init *in, const struct plan_op *op)
{
	/* procfs cannot be mounted from the user namespace of a container */
	if (op->arg & CLONE_NEWUSER && plan_has_later(in, OP_LABEL)) {
		int fd = procfs_open(in, false);

		if (fd < 0)
			return fd;
		in->first_tmp = MAX(in->first_tmp, fd + 1);
	}
	if (setns(plan_slot(in, op->slot), (int)op->arg) < 0)
		return err_set(-errno, "failed to setns into %s namespace",
			       ns_name(op->arg));
	entered(in, op->arg);
	return 0;
}

int op_unshare(struct init *in, const struct plan_op *op)
{
	if (unshare((int)op->arg) < 0)
		return err_set(-errno, "failed to unshare %s namespace",
			       ns_name(op->arg));
	entered(in, op->arg);
	return 0;
}

/* With which the capabilities came over execve, see spawn.c; and ambient. */
static int drop_inheritable(void)
{
	uint64_t eff, perm, inh;
	int r = sys_capget(&eff, &perm, &inh);

	if (r == 0 && inh)
		r = sys_capset(eff, perm, 0);
	return r < 0 ? err_set(r, "drop inheritable capabilities") : 0;
}

int op_ns_root(struct init *in, const struct plan_op *op)
{
	int r;

	/* EPERM: setgroups is denied, and then there is nothing to drop */
	r = sys_setgroups(0, NULL);
	if (r < 0 && r != -EPERM)
		return err_set(r, "drop additional groups");
	r = sys_setresgid(0, 0, 0);
	if (r < 0)
		return err_set(r, "become gid 0 of the user namespace");
	r = sys_setresuid(0, 0, 0);
	if (r < 0)
		return err_set(r, "become uid 0 of the user namespace");
	in->userns = true;
	r = drop_inheritable();
	return r < 0 ? r : init_undumpable();
}

int op_fork(struct init *in, const struct plan_op *op)
{
	/* the exit signal is that of this process */
	const struct sys_clone_args a = { .flags = CLONE_PARENT };
	struct chan_msg m = { .type = CHAN_CHILD };
	pid_t pid = sys_clone3(&a);

	if (pid == -ENOSYS) /* denied by an outer filter */
		pid = k_errno(syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0));
	if (pid < 0)
		return err_set(pid, "fork the container's process");
	if (pid == 0) {
		procfs_forget(in);
		return 0;
	}
	m.val = pid;
	_exit(chan_send(in->chan, &m, NULL, NULL, 0) < 0);
}

int op_setsid(struct init *in, const struct plan_op *op)
{
	/* EPERM: this process leads its group already */
	if (setsid() < 0)
		return err_set(-errno, "setsid");
	return 0;
}

int op_keyring(struct init *in, const struct plan_op *op)
{
	const char *label = OP_STR(in, op->s1);
	int r = 0;

	if (*label)
		r = procfs_write_attr(in, "keycreate", label);
	if (r < 0)
		return r;
	r = sys_keyctl_join(NULL);
	if (r == -ENOSYS) {
		init_warn(in, "the kernel has no keyrings: the session keyring "
			      "is not replaced");
		r = 0;
	}
	if (r == -EDQUOT)
		err_set(r, "make a session keyring: too many keys "
			   "(kernel.keys.maxkeys)");
	else if (r < 0)
		err_set(r, "make a session keyring");
	if (r < 0)
		return r;
	return *label ? procfs_write_attr(in, "keycreate", "") : 0;
}

int op_wait_start(struct init *in, const struct plan_op *op)
{
	const int sock = plan_slot(in, op->slot);
	int fd;

	/* The created state: stdio and this socket are all that is held. */
	fd_close_all(in, sock);
	in->chan = -EBADF;
	do
		fd = accept4(sock, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		_exit(1); /* there is nobody to tell */
	in->chan = fd;
	in->first_tmp = MAX(fd, sock) + 1;
	close_fd(sock);
	in->slots[op->slot] = -EBADF;
	return 0;
}
