/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: an ordered list of operations that init executes, flat in memory
 * so that the same bytes are built, printed, sent, checked and walked. Pure
 * data; libc only (the init program sees this header).
 *
 * A plan is one block: struct plan_header, n_ops struct plan_op, then the data
 * area (strings, blobs). All offsets are from the start of the data area and
 * were checked by wire_check() before anything is executed. Offset 0 is the
 * empty string and means "none".
 *
 * File descriptors are named by slots. The first n_fds slots are those passed
 * with the plan, in order; operations may fill further ones. Slot -1 = none.
 */
#ifndef TARE_PLAN_OP_H
#define TARE_PLAN_OP_H

#include <stdint.h>

#define PLAN_MAGIC 0x4e504154u /* "TAPN" */
#define PLAN_VERSION 1
#define PLAN_MAX_BYTES (4u << 20)
#define PLAN_MAX_OPS 16384
#define PLAN_MAX_SLOTS 1024

enum plan_kind { PLAN_CREATE, PLAN_EXEC };

struct plan_header {
	uint32_t magic, version;
	uint32_t total; /* bytes of the whole block */
	uint32_t kind;	/* enum plan_kind */
	uint32_t n_ops;
	uint32_t data_len; /* bytes of the data area; its last byte is 0 */
	uint32_t n_fds;	   /* fds passed with it */
	uint32_t n_slots;  /* >= n_fds */
};

struct plan_op {
	uint16_t code;	/* enum plan_code */
	uint16_t flags; /* by code */
	int16_t slot;	/* by code */
	int16_t slot2;
	uint32_t arg;
	uint32_t where; /* string: JSON path that it comes from ("mounts[3]") */
	uint64_t x, y, z;
	uint32_t s1, s2, s3;	 /* strings */
	uint32_t blob, blob_len; /* bytes */
	uint32_t blob2, blob2_len;
	uint32_t pad;
};

/*
 * A "list blob" is a sequence of NUL-terminated strings (argv, environment,
 * mount data): its last byte is 0.
 */

enum plan_code {
	OP_NONE,
	/* --- synchronising, processes --- */
	OP_SYNC,    /* arg: enum plan_sync; tells the parent, waits for GO */
	OP_JOIN_NS, /* slot: namespace fd or pidfd; arg: CLONE_NEW* (a mask
			   with a pidfd); one setns(2). s1: its path, to be
			   told */
	OP_UNSHARE, /* arg: CLONE_NEW* mask */
	OP_NS_ROOT, /* become uid 0, gid 0 of the user namespace (groups
			   dropped unless setgroups is denied) */
	OP_FORK,    /* late fork: child (CLONE_PARENT) goes on with the list,
			   this one tells its pid and exits */
	OP_SETSID,
	OP_KEYRING, /* new anonymous session keyring; s1: SELinux key label */
	OP_WAIT_START, /* slot: listening socket: accept; connection is kept
			   as the channel for errors until execve */
	OP_HOOK,       /* s1: path; blob: argv list; blob2: env list; x: timeout
			   in ms (0 none); s2 + pid + s3 = state JSON on stdin;
			   arg: enum oci_hook_point, y: index (for messages) */
	/* --- the root file system --- */
	OP_PROPAGATION, /* x: MS_* for mount(NULL, "/") of the new namespace */
	OP_ROOT,	/* the rootfs becomes a mount point: from s1 (host path)
			   or slot2 (detached tree); opens it into slot (O_PATH).
			   All paths below are inside it. x: MOUNT_ATTR_* to set.
			   PRF_ALONE: no peer of the host's, slave to none */
	OP_MOUNT,	/* one mounts[] entry; see below */
	OP_DEVICE,	/* s1: path in root; arg: S_IF* | mode; x: makedev(); y:
			   uid; z: gid. PDF_BIND: bind slot2 or, if -1, host path
			   s2 instead of mknod */
	OP_SYMLINK,    /* s1: target; s2: path in root. An existing one stays */
	OP_REMOUNT_RO, /* s1: path in root: now read-only (late, after use) */
	OP_ROOT_RO,    /* the root mount becomes read-only */
	OP_MASK,       /* s1: path: unreadable; missing is fine; arg: no node
			  can be made, the host's null device covers a file */
	OP_READONLY,   /* s1: path: read-only bind; missing is fine */
	OP_PIVOT,      /* slot: root; PPF_NO_PIVOT: MS_MOVE + chroot;
			  PPF_CHROOT: chroot alone, in the host's namespace */
	OP_ROOT_PROPAGATION, /* x: MS_* for "/" after the pivot */
	/* --- host name, sysctl, network, terminal --- */
	OP_HOSTNAME,   /* s1 */
	OP_DOMAINNAME, /* s1 */
	OP_SYSCTL,     /* s1: path below /proc/sys with slashes; s2: value */
	OP_LOOPBACK,   /* lo up in the new network namespace */
	OP_CONSOLE,    /* new pty of the container's devpts: master is sent
			   to the parent, slave becomes 0,1,2; x: height, y: width
			   (0 = not set); PCF_BIND: also bound on /dev/console */
	OP_CTTY,       /* fd 0 becomes the controlling terminal */
	OP_STDIO,      /* 0..2: host /dev/null is replaced by the container's;
			   others are chowned to x: uid, y: gid */
	/* --- the process --- */
	OP_RLIMIT,	/* arg: RLIMIT_*; x: soft; y: hard */
	OP_UMASK,	/* arg */
	OP_AFFINITY,	/* blob: cpu mask bytes; empty = all cpus */
	OP_SCHED,	/* blob: struct sched_attr */
	OP_IOPRIO,	/* arg: value for ioprio_set */
	OP_PERSONALITY, /* x */
	OP_MEMPOLICY,	/* arg: mode|flags; blob: node mask bytes */
	OP_LABEL,	/* s1: file below /proc/thread-self/attr; s2: value */
	OP_GROUPS,	/* blob: u32[]; POF_SKIP_DENIED: skip when setgroups is
			   denied in the user namespace */
	OP_USER,	/* x: uid; y: gid; keeps capabilities for OP_CAPS */
	OP_BOUNDING,	/* x: mask to keep */
	OP_CAPS,	/* x: effective; y: permitted; z: inheritable */
	OP_AMBIENT,	/* x: mask */
	OP_NNP,		/* no_new_privs */
	OP_SECCOMP,	/* blob: struct sock_filter[]; arg: filter flags;
			   PSF_NOTIFY: listener fd number is told to the parent */
	OP_CHDIR,  /* s1: cwd (inside the root); PWF_MKDIR: make it (x: uid,
			   y: gid ... mode 0755); EACCES is retried after OP_USER
			   if PWF_LATER_OK */
	OP_LOOKUP, /* s1: args[0]; s2: PATH value: resolve, check that it can
			   be executed by x: uid, y: gid (and the groups that
			   are set), by PLF_DAC also where permissions deny it;
			   the result is used by OP_EXEC */
	OP_HOME,   /* arg: uid: HOME from the container's passwd file is
			   added to the environment of OP_EXEC ("/" if none) */
	OP_CLOSE_FROM, /* arg: first fd that is closed now */
	OP_EXEC,       /* blob: argv list; blob2: env list; never returns */
	/* --- changing the mounts of a container that is there --- */
	OP_UNMOUNT, /* s1: path: what is mounted there goes, lazily */
	OP_END,	    /* tells of success and ends; never returns */
	OP_COUNT
};

/* OP_SYNC points, in the order they come. */
enum plan_sync {
	SYNC_USERNS,  /* namespaces exist: maps, setgroups, time offsets */
	SYNC_RUNTIME, /* mounts are done, before pivot: host-side hooks, net */
	SYNC_RLIMITS, /* the parent sets rlimits by prlimit (user namespace) */
	SYNC_READY,   /* all set up: record it, then GO */
	SYNC_COUNT
};

/* OP_MOUNT: fields.
 *   s1: destination in the root; s2: source; s3: file system type
 *   blob: list of data words ("size=64k", "ro" is not data)
 *   x: MOUNT_ATTR_* to set, y: MOUNT_ATTR_* to clear (of this mount)
 *   arg: MS_* propagation flags (0 none; MS_REC included when recursive)
 *   z: superblock MS_* flags (fs mounts, remount)
 *   slot: passed detached tree to use as the source (-1: open s2)
 *   slot2: user namespace fd for idmapping (-1 none)
 *   blob2: u64[2]: recursive attributes to set, to clear (r* words); or empty
 */
enum {
	PMF_BIND = 1 << 0,
	PMF_REC = 1 << 1,     /* rbind */
	PMF_REMOUNT = 1 << 2, /* change what is mounted on the destination */
	PMF_COPYUP = 1 << 3, /* tmpcopyup: contents of destination are copied */
	PMF_IDMAP_REC = 1 << 4,
	PMF_REAL_DIR = 1 << 5, /* proc, sysfs: destination may be no link */
	PMF_FALLBACK_BIND = 1
			    << 6, /* fs mount refused (EPERM, EBUSY): bind s2 */
	PMF_RO_LATE = 1 << 7,	  /* informative: an OP_REMOUNT_RO follows */
	PMF_DEST_NOFOLLOW = 1 << 8,
	PMF_SRC_NOFOLLOW = 1 << 9,
	PMF_OPTIONAL = 1 << 10,	    /* ENOENT/ENODEV of the source is skipped */
	PMF_COPY_SYMLINK = 1 << 11, /* a link as source is remade as a link */
	PMF_TMPFS_MODE = 1 << 12,   /* tmpfs without mode=: keep the mode of the
				     existing destination directory */
	PMF_FALLBACK_SYSFS = 1 << 13, /* sysfs refused: rbind host /sys */
	PMF_IN_CHILD =
		1 << 14, /* proc of a joined pid namespace: a process is of
				   it only after a fork, so the context is opened
				   (fsopen) by a vfork child with shared fds */
};
enum { PDF_BIND = 1 << 0 };
enum { PRF_ALONE = 1 << 0 };
enum { PPF_NO_PIVOT = 1 << 0, PPF_CHROOT = 1 << 1 };
enum { PCF_BIND = 1 << 0 };
enum { POF_SKIP_DENIED = 1 << 0 };
enum { PSF_NOTIFY = 1 << 0 };
enum { PLF_DAC = 1 << 0 };
enum { PWF_MKDIR = 1 << 0, PWF_LATER_OK = 1 << 1 };

#endif
