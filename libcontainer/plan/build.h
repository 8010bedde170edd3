/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan under construction: operations and data in two buffers, joined by
 * build_finish(). Out of memory is sticky and told at the end. The functions
 * below each append the operations of one part of the configuration.
 */
#ifndef TARE_PLAN_BUILD_H
#define TARE_PLAN_BUILD_H

#include "plan/plan.h"
#include "spec/mount_options.h"

#define SLOT_ROOT 0x7ff0 /* becomes the first slot after the passed ones */

struct build {
	struct arena *a;
	const struct oci_spec *s;
	const struct oci_process *p;
	const struct plan_host *h;
	const struct plan_options *o;
	const struct seccomp_filter *filter;
	struct plan *plan;
	struct buf ops, data;
	size_t n_ops;
	bool own_slots; /* SLOT_ROOT is used */
	bool failed;	/* out of memory */
	/* decided once, see build_facts() */
	bool userns; /* the container has a user namespace of its own */
	bool new_userns, join_userns;
	bool pass_trees;  /* sources come from the parent, which may clone them:
			       the user namespace may not reach them by path */
	bool shared_pid;  /* joins a pid namespace: late fork */
	bool staged;	  /* namespaces come one after the other, then a fork */
	bool host_mounts; /* no mount namespace of its own: the host's */
	bool dev_bound;	  /* /dev is a bind mount: nothing is made in it */
	bool exec;
};

void build_init(struct build *b, struct arena *a, const struct oci_spec *s,
		const struct oci_process *p, const struct plan_host *h,
		const struct plan_options *o,
		const struct seccomp_filter *filter, struct plan *plan);
void build_free(struct build *b);
#define _cleanup_build_ _cleanup_(build_free)
/* Joins header, operations and data into plan->block. */
int build_finish(struct build *b, enum plan_kind kind);

/* Appends an operation; the pointer is good until the next one. */
struct plan_op *build_op(struct build *b, enum plan_code code,
			 const char *where);
uint32_t build_str(struct build *b, const char *s);
uint32_t build_blob(struct build *b, const void *p, size_t n);
/* A list blob into op->blob. */
void build_list(struct build *b, struct plan_op *op, char *const *v, size_t n);
void build_list2(struct build *b, struct plan_op *op, char *const *v, size_t n);
/* One more fd to be passed: its slot. */
int16_t build_fd(struct build *b, const struct plan_fd *f);
void build_warn(struct build *b, const char *fmt, ...) _printf_(2, 3);
/* "mounts[3]" in the arena. */
const char *build_where(struct build *b, const char *name, size_t i);

/*
 * What the host or the options forbid, and what the kernel would refuse with
 * no more than "invalid argument". -EINVAL with the trail set.
 */
int build_refuse(struct arena *a, const struct oci_spec *s,
		 const struct plan_host *h, const struct plan_options *o);

/* --- parts, in the order of a create --- */
void build_namespaces(struct build *b);
void build_join_container(struct build *b); /* exec */
void build_root(struct build *b);
void build_mounts(struct build *b);
void build_late_readonly(struct build *b); /* once they are filled */
void build_unmounts(struct build *b);
void build_cgroup_mount(struct build *b, const struct oci_mount *m,
			const struct mount_request *rq, const char *where);
/* The words for the file system, and the label of the mount. */
void build_data(struct build *b, struct plan_op *op,
		const struct mount_request *rq, const char *type);
void build_devices(struct build *b);
void build_hooks(struct build *b, enum oci_hook_point at, const char *status);
void build_host(struct build *b);      /* hostname, sysctl, loopback */
void build_hide(struct build *b);      /* read-only and masked paths, late ro */
void build_early_cwd(struct build *b); /* made while it can be */
void build_groups(struct build *b);
bool build_keeps_dac(struct build *b); /* capabilities over permissions */
void build_place(struct build *b);     /* lookup, home, cwd */
void build_scheduling(struct build *b);
void build_rlimits(struct build *b);
void build_label(struct build *b); /* of the program that is executed */
/* In between, with the rights of the process: startContainer hooks. */
void build_credentials(struct build *b, bool start_hooks);
void build_close(struct build *b); /* files that the process does not get */
void build_exec_op(struct build *b);

#endif
