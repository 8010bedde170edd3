/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who the process is and what it may. Each change is read back where the call
 * could leave something as it was: a wrong identity ends init.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define GROUPS_MAX 65536 /* as the kernel: NGROUPS_MAX */
#define INSNS_MAX 4096	 /* BPF_MAXINSNS */

static const char *const cap_names[] = {
	"CHOWN",
	"DAC_OVERRIDE",
	"DAC_READ_SEARCH",
	"FOWNER",
	"FSETID",
	"KILL",
	"SETGID",
	"SETUID",
	"SETPCAP",
	"LINUX_IMMUTABLE",
	"NET_BIND_SERVICE",
	"NET_BROADCAST",
	"NET_ADMIN",
	"NET_RAW",
	"IPC_LOCK",
	"IPC_OWNER",
	"SYS_MODULE",
	"SYS_RAWIO",
	"SYS_CHROOT",
	"SYS_PTRACE",
	"SYS_PACCT",
	"SYS_ADMIN",
	"SYS_BOOT",
	"SYS_NICE",
	"SYS_RESOURCE",
	"SYS_TIME",
	"SYS_TTY_CONFIG",
	"MKNOD",
	"LEASE",
	"AUDIT_WRITE",
	"AUDIT_CONTROL",
	"SETFCAP",
	"MAC_OVERRIDE",
	"MAC_ADMIN",
	"SYSLOG",
	"WAKE_ALARM",
	"BLOCK_SUSPEND",
	"AUDIT_READ",
	"PERFMON",
	"BPF",
	"CHECKPOINT_RESTORE",
};

static const char *cap_name(unsigned int cap)
{
	return cap < ARRAY_SIZE(cap_names) ? cap_names[cap] : "?";
}

int op_groups(struct init *in, const struct plan_op *op)
{
	static uint32_t gids[GROUPS_MAX];
	size_t n = op->blob_len / sizeof(gids[0]);
	int r;

	if (n > ARRAY_SIZE(gids))
		return err_set(-E2BIG, "setgroups");
	memcpy(gids, OP_STR(in, op->blob), n * sizeof(gids[0]));
	r = sys_setgroups(n, gids);
	if (r == -EPERM && op_has(op, POF_SKIP_DENIED))
		return 0;
	return r < 0 ? err_set(r, "setgroups") : 0;
}

/* A filter of the container may forbid to ask, which is no mismatch. */
static int unreadable(int r, const char *what)
{
	return r == -EPERM || r == -ENOSYS ? 0
					   : err_set(r, "read back %s", what);
}

static int check_ids(uint32_t uid, uint32_t gid)
{
	uid_t u[3];
	gid_t g[3];

	if (getresuid(&u[0], &u[1], &u[2]) < 0 ||
	    getresgid(&g[0], &g[1], &g[2]) < 0)
		return unreadable(-errno, "user and group");
	for (int i = 0; i < 3; i++)
		if (u[i] != uid || g[i] != gid)
			return err_text(-EPERM,
					"user and group are not as set");
	return 0;
}

int op_user(struct init *in, const struct plan_op *op)
{
	const uint32_t uid = (uint32_t)op->x, gid = (uint32_t)op->y;
	int r;

	if (uid != op->x || gid != op->y || uid == ~0u || gid == ~0u)
		return err_set(-EINVAL, "user %llu:%llu",
			       (unsigned long long)op->x,
			       (unsigned long long)op->y);
	if (uid != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_set(-errno, "keep capabilities");
	r = sys_setresgid(gid, gid, gid);
	if (r < 0)
		return err_set(r, "setresgid %u", gid);
	r = sys_setresuid(uid, uid, uid);
	if (r < 0)
		return err_set(r, "setresuid %u", uid);
	r = check_ids(uid, gid);
	if (r < 0)
		return r;
	return in->cwd_later ? cwd_enter(in, in->cwd_later) : 0;
}

int op_bounding(struct init *in, const struct plan_op *op)
{
	for (unsigned int cap = 0; cap < 64; cap++) {
		if ((op->x >> cap & 1) || !(in->bounding >> cap & 1))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL)
			break; /* the kernel knows no more */
		return err_set(-errno, "drop CAP_%s from the bounding set",
			       cap_name(cap));
	}
	return 0;
}

int op_caps(struct init *in, const struct plan_op *op)
{
	uint64_t eff, perm, inh;
	int r = sys_capset(op->x, op->y, op->z);

	if (r < 0)
		return err_set(r, "set capabilities");
	r = sys_capget(&eff, &perm, &inh);
	if (r < 0)
		return unreadable(r, "capabilities");
	if (eff != op->x || perm != op->y || inh != op->z)
		return err_text(-EPERM, "capabilities are not as set");
	return 0;
}

int op_ambient(struct init *in, const struct plan_op *op)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_set(-errno, "clear ambient capabilities");
	for (unsigned int cap = 0; cap < 64; cap++) {
		if (!(op->x >> cap & 1))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			init_warn(in,
				  "can't raise ambient capability CAP_%s: "
				  "%s",
				  cap_name(cap), err_str(-errno));
	}
	return 0;
}

int op_nnp(struct init *in, const struct plan_op *op)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(-errno, "set no_new_privs");
	return 0;
}

/*
 * The filter may forbid sendmsg(2): the parent is told the number of the
 * listener and fetches it. Its answer releases init.
 */
static int hand_over(struct init *in, int listener)
{
	struct chan_msg m = { .type = CHAN_NOTIFY, .arg = (uint32_t)listener };
	int r = chan_send(in->chan, &m, NULL, NULL, 0);

	if (r == 0)
		r = chan_recv(in->chan, &m, NULL, 0, NULL, NULL);
	if (r == 0)
		_exit(1);
	if (r > 0 && m.type != CHAN_GO)
		r = -EPROTO;
	close_fd(listener);
	return r < 0 ? err_set(r, "hand over the seccomp listener") : 0;
}

int op_seccomp(struct init *in, const struct plan_op *op)
{
	const struct sock_fprog prog = {
		.len = (unsigned short)(op->blob_len /
					sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)(uintptr_t)OP_STR(in, op->blob),
	};
	uint32_t flags = op->arg;
	int r;

	if (op->blob_len == 0 ||
	    op->blob_len > INSNS_MAX * sizeof(struct sock_filter) ||
	    op->blob_len % sizeof(struct sock_filter) != 0)
		return err_set(-EINVAL, "seccomp filter of %u bytes",
			       op->blob_len);
	if (op_has(op, PSF_NOTIFY))
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (flags == 0)
		r = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0
			    ? -errno
			    : 0;
	else
		r = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, (void *)&prog);
	if (r < 0)
		return err_set(r, "load the seccomp filter");
	return op_has(op, PSF_NOTIFY) ? hand_over(in, r) : 0;
}
