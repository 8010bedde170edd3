/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiling a configuration into a plan. Pure: same spec + same facts + same
 * options = same bytes; nothing of the system is read here. What the plan
 * wants from outside (fds to open, things the parent does at sync points) is in
 * the result as data. Also the text and JSON of a plan for `tare explain`.
 */
#ifndef TARE_PLAN_PLAN_H
#define TARE_PLAN_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "plan/op.h"
#include "security/caps.h"
#include "security/seccomp.h"
#include "spec/spec.h"

struct plan_cgroup {
	const char *controllers; /* "cpu,cpuacct"; "" = unified */
	const char *mountpoint, *path;
};

/* Host facts, gathered by the caller (or made up by tests). */
struct plan_host {
	int cgroup_mode; /* 1 v1, 2 hybrid, 3 v2, 0 none (enum cg_mode) */
	/* mount points and this container's directory below them, for a
	 * `cgroup` mount: {controllers, mountpoint, path}; "" = unified */
	LIST(struct plan_cgroup) cgroups;
	bool selinux, apparmor;
	bool in_userns; /* this program runs inside a user namespace */
	bool rootless;	/* euid != 0, or as above without rights */
	bool kcore;	/* /proc/kcore exists: link /dev/core */
	unsigned int cap_last;
	uint64_t cap_bounding; /* own bounding set */
};

struct plan_options {
	const char *id, *bundle; /* absolute bundle path */
	bool no_pivot, no_new_keyring;
	bool run;	       /* no OP_WAIT_START: goes on after READY */
	unsigned int preserve; /* fds 3.. kept: preserve-fds + LISTEN_FDS */
	bool terminal_console; /* terminal: a console is made (else stdio) */
	struct oci_box tty; /* initial size when the spec has none; 0 = unset */
	const char *extra_env[6]; /* LISTEN_FDS=.. NOTIFY_SOCKET=.. or NULL */
	const char *init_root;	  /* exec: /proc/PID/root of the container */
};

/* What the builder wants passed as slot i: opened by the parent, in order. */
enum plan_fd_kind {
	PFD_NS,		/* namespace file `path` */
	PFD_TREE,	/* open_tree(CLONE) of `path`, recursive if `rec` */
	PFD_USERNS_MAP, /* a user namespace fd with `maps` (idmapped mounts) */
	PFD_START,	/* the listening socket for OP_WAIT_START */
	PFD_INIT_PIDFD, /* exec: pidfd of the container's init: one setns(2) with a
			   mask of CLONE_NEW* joins all (5.8) */
	PFD_INIT_ROOT, /* exec: directory `path` of the container's init */
};
struct plan_fd {
	enum plan_fd_kind kind;
	const char *path;
	const char *where; /* JSON path for messages */
	int ns;		   /* enum oci_ns */
	bool rec, nofollow;
	/* PFD_TREE: mapped by the parent, with the file of the slot `map` (a
	 * PFD_USERNS_MAP before this one); `map_rec`: what is below as well */
	bool mapped, map_rec;
	int16_t map;
	const oci_id_maps *uid_maps, *gid_maps; /* PFD_USERNS_MAP */
};

struct plan {
	struct buf block; /* header + ops + data: ready to be sent */
	LIST(struct plan_fd) fds;
	/* clone3 flags for the new namespaces that init is born into */
	uint64_t clone_flags;
	bool new_userns; /* SYNC_USERNS: write maps */
	bool late_fork;	 /* a CHAN_CHILD message comes */
	bool has_console;
	bool has_notify;
	struct seccomp_filter seccomp;
	LIST(char *)
	warnings; /* what the configuration leaves open, and words
				  that were ignored; for explain and the log */
};
void plan_free(struct plan *p);
#define _cleanup_plan_ _cleanup_(plan_free)

/*
 * Compiles create/run. `filter` is the compiled linux.seccomp (n == 0: none).
 * 0, -ENOMEM, or -EINVAL with the trail set.
 */
int plan_create(struct arena *a, const struct oci_spec *s,
		const struct plan_host *h, const struct plan_options *o,
		const struct seccomp_filter *filter, struct plan *ret);

/*
 * Compiles exec of `p` in the container of `s` (the saved bundle's spec: gives
 * namespaces and seccomp). All namespaces of the container's init are joined.
 */
int plan_exec(struct arena *a, const struct oci_spec *s,
	      const struct oci_process *p, const struct plan_host *h,
	      const struct plan_options *o, const struct seccomp_filter *filter,
	      struct plan *ret);

/*
 * Makes (or takes away) the mounts of `s`, which otherwise describes a
 * container that is there: see rt_mounts().
 */
int plan_mounts(struct arena *a, const struct oci_spec *s, bool take_away,
		const struct plan_host *h, const struct plan_options *o,
		struct plan *ret);

/* Printing: one line an operation, or a JSON array of objects. */
int plan_dump_text(const void *block, size_t len, struct buf *out);
int plan_dump_json(const void *block, size_t len, struct buf *out);
/* The namespaces that init is born into, as the line in front of the others. */
void plan_dump_clone_text(uint64_t clone_flags, struct buf *out);
void plan_dump_clone_json(uint64_t clone_flags, struct buf *out); /* a list */
/* For `explain`: what the parent does beside the plan, on a host with v2. */
int plan_parent(struct arena *a, const struct oci_spec *s, struct str_list *ret);
/* For `explain`: what the configuration leaves open, as plain sentences. */
int plan_audit(struct arena *a, const struct oci_spec *s, const struct plan *p,
	       struct str_list *ret);

#endif
