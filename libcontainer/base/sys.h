/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that libc (glibc or musl) may lack, one function each, with
 * the kernel version that has them. fd or 0, or -errno; every fd is CLOEXEC.
 */
#ifndef TARE_BASE_SYS_H
#define TARE_BASE_SYS_H

#include <signal.h>
#include <sys/types.h>

#include "base/macros.h"

struct sys_clone_args { /* struct clone_args of linux/sched.h, 88 bytes */
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		stack_size, tls, set_tid, set_tid_size, cgroup;
};
struct sys_mount_attr { /* struct mount_attr of linux/mount.h */
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

/* Without CLONE_VM: the child returns from here on its own stack. */
pid_t sys_clone3(const struct sys_clone_args *a); /* 5.3 */
int sys_openat2(int dirfd, const char *path, int flags, mode_t mode,
		uint64_t resolve);				    /* 5.6 */
int sys_open_tree(int dirfd, const char *path, unsigned int flags); /* 5.2 */
int sys_move_mount(int from, const char *from_path, int to, const char *to_path,
		   unsigned int flags);		      /* 5.2 */
int sys_fsopen(const char *type, unsigned int flags); /* 5.2 */
int sys_fsconfig(int fd, unsigned int cmd, const char *key, const void *value,
		 int aux);
int sys_fsmount(int fd, unsigned int flags, unsigned int attr);
int sys_mount_setattr(int fd, const char *path, unsigned int flags,
		      const struct sys_mount_attr *attr); /* 5.12 */
int sys_pidfd_open(pid_t pid);				  /* 5.3 */
int sys_pidfd_send_signal(int pidfd, int sig);		  /* 5.1 */
int sys_pidfd_getfd(int pidfd, int fd);			  /* 5.6 */
int sys_close_range(unsigned int first, unsigned int last,
		    unsigned int flags); /* 5.9 */
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_execveat(int fd, const char *path, char *const argv[],
		 char *const envp[], int flags);
int sys_memfd(const char *name, unsigned int flags);
int sys_keyctl_join(const char *name);
int sys_seccomp(unsigned int op, unsigned int flags, void *arg);
int sys_bpf(int cmd, void *attr, unsigned int size);
int sys_ioprio_set(int which, int who, int value);
int sys_sched_setattr(pid_t pid, const void *attr);
int sys_set_mempolicy(int mode, const unsigned long *mask,
		      unsigned long maxnode);
int sys_capget(uint64_t *eff, uint64_t *perm, uint64_t *inh);
int sys_capset(uint64_t eff, uint64_t perm, uint64_t inh);
/* setresuid & co. by raw call: no thread broadcast, -errno. */
int sys_setresuid(uid_t r, uid_t e, uid_t s);
int sys_setresgid(gid_t r, gid_t e, gid_t s);
int sys_setgroups(size_t n, const uint32_t *gids);

#endif
