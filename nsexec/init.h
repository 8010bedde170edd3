/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init program: receives a plan and carries it out in order. One process,
 * one state; nothing is allocated, so nothing is freed. An operation returns 0
 * or -errno with the error trail set; main() sends the trail and ends.
 *
 * Descriptors. Those in slots and in the state live until they are closed by
 * name. All others are only noted by fd_tmp() and closed many at a time, by
 * one close_range(2): every one of them is CLOEXEC, and no operation hands one
 * on to another.
 */
#ifndef TARE_NSEXEC_INIT_H
#define TARE_NSEXEC_INIT_H

#include <limits.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/macros.h"
#include "codec/chan.h"
#include "plan/op.h"

#define INIT_ARGS_MAX 131072 /* argv and environment together */

struct init {
	const struct plan_header *head;
	const struct plan_op *ops;
	const char *data;
	size_t next; /* index of the operation that comes after this one */
	int chan;
	unsigned int keep; /* first fd that the process does not get */
	int first_tmp;	   /* fds from here on are closed by fd_sweep */
	int last_tmp;	   /* greatest one noted, < first_tmp: none */
	int root;	   /* the root file system, O_PATH; -EBADF: "/" */
	int proc[2];	   /* private procfs: pids only, all; -EBADF */
	bool pivoted;	   /* "/" is the root file system */
	bool userns;	   /* in a user namespace of the plan */
	bool shared;	   /* mounts may propagate to the host */
	bool umask_set;
	uint64_t bounding; /* capabilities that may be in the bounding set */
	const char *cwd_later; /* chdir to be tried again after OP_USER */
	const char *program;   /* what OP_LOOKUP found */
	const char *home;      /* "HOME=..." */
	int slots[PLAN_MAX_SLOTS];
};

/* Strings and blobs of the plan: offsets were checked. */
static inline const char *plan_str(const struct init *in, uint32_t off)
{
	return in->data + off;
}
#define OP_STR(in, off) plan_str(in, off)

static inline bool op_has(const struct plan_op *op, unsigned int flag)
{
	return (op->flags & flag) != 0;
}
/* The fd of a slot; -EBADF for none or an empty one. */
static inline int plan_slot(const struct init *in, int slot)
{
	return slot < 0 ? -EBADF : in->slots[slot];
}
/* Does such an operation still come? */
bool plan_has_later(const struct init *in, unsigned int code);

/* --- main.c --- */

/* The rest of the start-up that has to wait for user namespace maps. */
int init_undumpable(void);

/* --- context.c: warnings, descriptors --- */

/* Sends a warning for the log of the caller. */
void init_warn(struct init *in, const char *fmt, ...) _printf_(2, 3);

/* Notes fd (returned as it is) for fd_sweep; negative ones pass through. */
int fd_tmp(struct init *in, int fd);
/* Closes all that were noted. */
void fd_sweep(struct init *in);
/* Closes every fd >= in->keep but the one given (-1: none). */
void fd_close_all(struct init *in, int but);
/* Forgets the private procfs, as the pid namespace changed. */
void procfs_forget(struct init *in);
/* Root of the file system (O_PATH): in->root or "/" opened. */
int root_fd(struct init *in);

/* --- procfs.c --- */

/* Root of a private procfs (subset=pid, or all of it); kept by in->proc. */
int procfs_open(struct init *in, bool all);
/* Is fd the root of a procfs? */
bool procfs_is_root(int fd);
/* Writes text into a file below /proc/thread-self/attr. */
int procfs_write_attr(struct init *in, const char *file, const char *text);

/* --- mount_fs.c, mount_attr.c, copyup.c --- */

struct fs_config {
	const char *type;
	const char *source; /* NULL or "": none */
	const char *words;  /* list of data words */
	size_t words_len;
	unsigned int mode;	/* tmpfs: mode=, 0: none */
	unsigned long sb_flags; /* MS_* of the superblock */
	bool in_child; /* opened by a process of the joined pid namespace */
};
/*
 * Makes a detached mount with attributes; noted fd. -EOPNOTSUPP when it takes
 * a mount(2), see fs_mount_at(). The kernel's own message goes to the trail.
 */
int fs_mount(struct init *in, const struct fs_config *c, uint64_t attr);
/* The same by mount(2) on the directory dir, which becomes the cwd. */
int fs_mount_at(struct init *in, const struct fs_config *c, uint64_t attr,
		int dir);
/* An empty tmpfs of no size, detached: with room for one node if node. */
int fs_tmpfs(struct init *in, bool node, uint64_t attr);
/* Changes the superblock of the mount fd. */
int fs_reconfigure(struct init *in, int fd, const struct fs_config *c);

struct mount_change {
	uint64_t set, clear;	     /* MOUNT_ATTR_* of this mount */
	uint64_t rec_set, rec_clear; /* of this one and all below */
	unsigned int propagation;    /* MS_*, MS_REC */
	int userns;		     /* idmapping, -EBADF none */
	bool idmap_rec;
};
/* Applies it to the mount fd, which is attached. */
int mount_change(struct init *in, int fd, const struct mount_change *c);
/* Read-only, nothing else. */
int mount_readonly(struct init *in, int fd);
/*
 * Applies it to the detached mount and attaches that to what dest is: in this
 * order, so that nothing is visible without its attributes (from 5.12 on).
 */
int mount_put(struct init *in, int mount, int dest,
	      const struct mount_change *c);
/* Only attaches; silent. */
int mount_attach(int mount, int dest);

/* Copies what is in the directory from into the directory to, bounded. */
int copyup(struct init *in, int from, int to);

/* --- place.c --- */

/*
 * The parent directory of path in the root (made when missing), noted fd, and
 * the last name.
 */
int place_parent(struct init *in, const char *path, char name[NAME_MAX + 1]);
/*
 * Makes what is missing: a directory or an empty file; noted fd (O_PATH).
 * -EEXIST when there is something, a dangling link perhaps.
 */
int place_make(struct init *in, const char *path, bool dir);

/* --- op_dev.c, op_mask.c --- */

/* Is fd the character device 1:3? */
bool is_null(int fd);
/* For OP_MASK after the pivot in a user namespace: a clone of the host's. */
int mask_before_pivot(struct init *in);

/* --- operations, by file --- */

typedef int op_fn(struct init *in, const struct plan_op *op);

op_fn op_sync, op_join_ns, op_unshare, op_ns_root, op_fork, op_setsid,
	op_keyring, op_wait_start; /* op_sync.c */
op_fn op_hook;			   /* op_hook.c */
op_fn op_propagation, op_root, op_remount_ro, op_root_ro, op_pivot,
	op_root_propagation;				  /* op_root.c */
op_fn op_mount, op_unmount;				  /* op_mount.c */
op_fn op_device, op_symlink, op_stdio;			  /* op_dev.c */
op_fn op_mask, op_readonly;				  /* op_mask.c */
op_fn op_console, op_ctty;				  /* op_console.c */
op_fn op_hostname, op_domainname, op_sysctl, op_loopback; /* op_host.c */
op_fn op_rlimit, op_umask, op_affinity, op_sched, op_ioprio, op_personality,
	op_mempolicy, op_label; /* op_proc.c */
op_fn op_groups, op_user, op_bounding, op_caps, op_ambient, op_nnp,
	op_seccomp; /* op_cred.c */
op_fn op_chdir, op_lookup, op_home, op_close_from, op_exec,
	op_end; /* op_exec.c */

/* op_exec.c: chdir to a path of the root, and the check of where that is. */
int cwd_enter(struct init *in, const char *path);

#endif
