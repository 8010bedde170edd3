/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sys.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers since 5.1 are the same on every machine that tare knows. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* 32-bit machines have 16-bit ids under the plain names. */
#ifdef SYS_setresuid32
#define NR_SETRESUID SYS_setresuid32
#define NR_SETRESGID SYS_setresgid32
#define NR_SETGROUPS SYS_setgroups32
#else
#define NR_SETRESUID SYS_setresuid
#define NR_SETRESGID SYS_setresgid
#define NR_SETGROUPS SYS_setgroups
#endif

#define K_OPEN_TREE_CLOEXEC O_CLOEXEC
#define K_FSOPEN_CLOEXEC 1u
#define K_FSMOUNT_CLOEXEC 1u
#define K_MFD_CLOEXEC 1u
#define K_KEYCTL_JOIN_SESSION_KEYRING 1
#define K_CAPABILITY_VERSION_3 0x20080522u

struct how { /* struct open_how of linux/openat2.h */
	uint64_t flags, mode, resolve;
};

struct cap_header {
	uint32_t version;
	int pid;
};
struct cap_data {
	uint32_t eff, perm, inh;
};

static int ret_errno(long r)
{
	return r < 0 ? -errno : (int)r;
}

pid_t sys_clone3(const struct sys_clone_args *a)
{
	return ret_errno(syscall(SYS_clone3, a, sizeof(*a)));
}

int sys_openat2(int dirfd, const char *path, int flags, mode_t mode,
		uint64_t resolve)
{
	struct how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.mode = mode,
		.resolve = resolve,
	};

	return ret_errno(syscall(SYS_openat2, dirfd, path, &how, sizeof(how)));
}

int sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return ret_errno(syscall(SYS_open_tree, dirfd, path,
				 flags | K_OPEN_TREE_CLOEXEC));
}

int sys_move_mount(int from, const char *from_path, int to, const char *to_path,
		   unsigned int flags)
{
	return ret_errno(
		syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}

int sys_fsopen(const char *type, unsigned int flags)
{
	return ret_errno(syscall(SYS_fsopen, type, flags | K_FSOPEN_CLOEXEC));
}

int sys_fsconfig(int fd, unsigned int cmd, const char *key, const void *value,
		 int aux)
{
	return ret_errno(syscall(SYS_fsconfig, fd, cmd, key, value, aux));
}

int sys_fsmount(int fd, unsigned int flags, unsigned int attr)
{
	return ret_errno(
		syscall(SYS_fsmount, fd, flags | K_FSMOUNT_CLOEXEC, attr));
}

int sys_mount_setattr(int fd, const char *path, unsigned int flags,
		      const struct sys_mount_attr *attr)
{
	return ret_errno(syscall(SYS_mount_setattr, fd, path, flags, attr,
				 sizeof(*attr)));
}

/* The kernel makes every pidfd CLOEXEC. */
int sys_pidfd_open(pid_t pid)
{
	return ret_errno(syscall(SYS_pidfd_open, pid, 0));
}

int sys_pidfd_send_signal(int pidfd, int sig)
{
	return ret_errno(syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0));
}

int sys_pidfd_getfd(int pidfd, int fd)
{
	return ret_errno(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
}

int sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return ret_errno(syscall(SYS_close_range, first, last, flags));
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return ret_errno(syscall(SYS_pivot_root, new_root, put_old));
}

int sys_execveat(int fd, const char *path, char *const argv[],
		 char *const envp[], int flags)
{
	return ret_errno(syscall(SYS_execveat, fd, path, argv, envp, flags));
}

int sys_memfd(const char *name, unsigned int flags)
{
	return ret_errno(syscall(SYS_memfd_create, name, flags | K_MFD_CLOEXEC));
}

int sys_keyctl_join(const char *name)
{
	return ret_errno(syscall(SYS_keyctl, K_KEYCTL_JOIN_SESSION_KEYRING,
				 name, 0, 0, 0));
}

int sys_seccomp(unsigned int op, unsigned int flags, void *arg)
{
	return ret_errno(syscall(SYS_seccomp, op, flags, arg));
}

/* Every fd that bpf(2) gives is CLOEXEC. */
int sys_bpf(int cmd, void *attr, unsigned int size)
{
	return ret_errno(syscall(SYS_bpf, cmd, attr, size));
}

int sys_ioprio_set(int which, int who, int value)
{
	return ret_errno(syscall(SYS_ioprio_set, which, who, value));
}

int sys_sched_setattr(pid_t pid, const void *attr)
{
	return ret_errno(syscall(SYS_sched_setattr, pid, attr, 0));
}

int sys_set_mempolicy(int mode, const unsigned long *mask, unsigned long maxnode)
{
	return ret_errno(syscall(SYS_set_mempolicy, mode, mask, maxnode));
}

static uint64_t join64(uint32_t hi, uint32_t lo)
{
	return (uint64_t)hi << 32 | lo;
}

int sys_capget(uint64_t *eff, uint64_t *perm, uint64_t *inh)
{
	struct cap_header h = { .version = K_CAPABILITY_VERSION_3 };
	struct cap_data d[2] = { 0 };

	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	if (eff)
		*eff = join64(d[1].eff, d[0].eff);
	if (perm)
		*perm = join64(d[1].perm, d[0].perm);
	if (inh)
		*inh = join64(d[1].inh, d[0].inh);
	return 0;
}

int sys_capset(uint64_t eff, uint64_t perm, uint64_t inh)
{
	struct cap_header h = { .version = K_CAPABILITY_VERSION_3 };
	struct cap_data d[2] = {
		{ (uint32_t)eff, (uint32_t)perm, (uint32_t)inh },
		{ (uint32_t)(eff >> 32), (uint32_t)(perm >> 32),
		  (uint32_t)(inh >> 32) },
	};

	return ret_errno(syscall(SYS_capset, &h, d));
}

int sys_setresuid(uid_t r, uid_t e, uid_t s)
{
	return ret_errno(syscall(NR_SETRESUID, r, e, s));
}

int sys_setresgid(gid_t r, gid_t e, gid_t s)
{
	return ret_errno(syscall(NR_SETRESGID, r, e, s));
}

int sys_setgroups(size_t n, const uint32_t *gids)
{
	return ret_errno(syscall(NR_SETGROUPS, n, gids));
}
