/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups as two axes: drivers (cgroupfs, systemd, disabled) that make and name
 * the group, and hierarchies (v1, hybrid, v2) that say which file means what.
 * A group is named by a cg_record (kept in the container's state before
 * anything is made) and used through a cg handle that owns directory fds.
 * Deciding (resources -> settings) is pure; acting walks the list.
 * All functions return 0 or -errno with the error trail set.
 */
#ifndef TARE_CGROUPS_CGROUPS_H
#define TARE_CGROUPS_CGROUPS_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/table.h"
#include "spec/spec.h"

enum cg_mode { CG_NONE, CG_V1, CG_HYBRID, CG_V2 };
enum cg_driver { CG_CGROUPFS, CG_SYSTEMD, CG_DISABLED };
extern const struct enum_name cg_mode_names[], cg_driver_names[];

#define CG_CONTROLLERS_MAX 20
struct cg_hierarchy {
	char *controllers; /* "cpu,cpuacct", "name=systemd", "" = unified */
	char *mountpoint;  /* "/sys/fs/cgroup/cpu,cpuacct" */
	char *own;	   /* group of this process there: "/user.slice/x" */
};
/*
 * The host's cgroup tree. Detected from statfs(/sys/fs/cgroup): v2 root path
 * never parses mountinfo; v1 reads /proc/self/cgroup and mountinfo once.
 */
struct cg_host {
	enum cg_mode mode;
	struct cg_hierarchy v[CG_CONTROLLERS_MAX];
	size_t n;
	bool rootless; /* permission errors tolerated without a cgroupsPath */
};
int cg_host_detect(struct arena *a, bool rootless, struct cg_host *ret);

/* What names a container's group; lives in state.json (table in cgroups/). */
struct cg_record {
	int driver; /* enum cg_driver */
	int mode;   /* enum cg_mode */
	char *path; /* below each mountpoint, clean, absolute: "/tare-test/x" */
	char *unit, *slice; /* systemd driver */
	bool user;	    /* the unit is one of the user's manager */
	/* controllers string -> absolute directory ("" -> unified) */
	struct kv_list paths;
	bool ignore_errors; /* rootless without rights */
	/* not stored: what the unit is made with */
	const struct kv_list *annotations;
	char *description;
};
extern const struct record cg_record_record;

/*
 * Pure apart from /proc/self/cgroup (relative paths): decides the group of a
 * new container. cgroups_path NULL -> "/ID" (rootless too). Refuses ".." that
 * would leave the hierarchy and, under systemd, anything but
 * slice:prefix:name. With CG_SYSTEMD and no systemd running: runc's text
 * "systemd not running on this host, cannot use systemd cgroups manager".
 * annotations: for the properties of a unit; kept by reference.
 */
int cg_decide(struct arena *a, const struct cg_host *h, enum cg_driver d,
	      const char *cgroups_path, const char *id,
	      const struct kv_list *annotations, struct cg_record *ret);
/* Is the systemd driver a part of this build? */
extern const bool sd_built;
/*
 * For explain: the unit of a container of the system's manager on v2 and its
 * properties, as lines "NAME = VALUE" in the arena. Pure.
 */
int cg_explain_unit(struct arena *a, const char *cgroups_path, const char *id,
		    const struct kv_list *annotations,
		    const struct oci_resources *res, struct str_list *ret);

struct cg; /* an open group: directory fds by hierarchy */
void cg_close(struct cg *g);
static inline void cg_closep(struct cg **g)
{
	cg_close(*g);
	*g = NULL;
}
#define _cleanup_cg_ _cleanup_(cg_closep)

/*
 * Before anything is recorded of a container: its group is not another's, with
 * processes ("container's cgroup is not empty: N process(es) found") or frozen.
 * For what is on record is what delete --force kills and removes. -EBUSY.
 */
int cg_check_vacant(const struct cg_record *r);

/*
 * Makes the group (parents too) and sets every limit and the device rules
 * before any process is in it. Refuses a group that already has processes
 * ("container's cgroup is not empty: N process(es) found") or is frozen. On
 * failure what was made is removed again. res may be NULL.
 */
int cg_create(const struct cg_host *h, const struct cg_record *r,
	      const struct oci_resources *res, struct cg **ret);
/* Opens an existing group; missing directories are skipped. -ENOENT if none. */
int cg_open(const struct cg_record *r, struct cg **ret);

/*
 * v2: the directory fd to give to CLONE_INTO_CGROUP, owned by the group; -EBADF
 * where the process has to be moved.
 */
int cg_clone_fd(const struct cg *g);
/*
 * Puts pid into the group in every v1 hierarchy and the tree beside them. On v2
 * nothing is to be done: the process was born in it. With systemd it is only
 * now that the group is made, around the process, and its limits are set.
 */
int cg_adopt(struct cg *g, pid_t pid);
/*
 * After cg_create or cg_adopt: is there a group of ours that has to be removed?
 * With systemd it is not before cg_adopt has got as far.
 */
bool cg_made(const struct cg *g);
/*
 * v2: gives the group to a user, for the container to make groups below it:
 * the directory and the files that /sys/kernel/cgroup/delegate lists
 * (config-linux.md "Cgroup Ownership"). On v1 nothing is done.
 */
int cg_give(struct cg *g, uid_t uid);
/* A handle on a sub-group for `exec --cgroup PATH` (v2 and each v1). */
int cg_open_sub(const struct cg_record *r, const char *controllers,
		const char *sub, struct cg **ret);

/*
 * v2: directory fd of the group that a process is in, below the unified mount
 * point; for exec into a container whose init moved to a sub-group. fd or
 * -errno.
 */
int cg_open_of_pid(pid_t pid);

/*
 * By the record alone, with the fewest calls: is it frozen (1, 0, -errno,
 * silent); put pid into every hierarchy (0 or -errno with the trail); v2: the
 * fd for CLONE_INTO_CGROUP (-ENODEV on v1).
 */
int cg_record_frozen(const struct cg_record *r);
int cg_record_join(const struct cg_record *r, pid_t pid);
int cg_record_fd(const struct cg_record *r);

/* New limits on a live group; devices are left untouched. */
int cg_update(struct cg *g, const struct oci_resources *res);

/* Freezer. cg_frozen: 1, 0, -errno (self only, not ancestors). */
int cg_freeze(struct cg *g);
int cg_thaw(struct cg *g);
int cg_frozen(struct cg *g);

/*
 * All pids in the group and the groups below it, in the arena (pids are of this
 * process's pid namespace).
 */
struct cg_pid_list {
	int32_t *v;
	size_t n;
};
int cg_pids(struct cg *g, struct arena *a, struct cg_pid_list *ret);

/*
 * Sends sig to all processes; SIGKILL by cgroup.kill, else freeze, signal,
 * thaw. Counts processes that were signalled in *n (may be NULL).
 */
int cg_signal_all(struct cg *g, int sig, size_t *n);

/*
 * Removes the group and all groups below it; waits up to timeout_ms for what
 * the kernel still holds (EBUSY). A group that is already gone is success.
 */
int cg_remove(const struct cg_record *r, unsigned int timeout_ms);

/* Number of processes that were killed for memory, 0 when not known. */
uint64_t cg_oom_kills(struct cg *g);

/*
 * The "data" object of runc's stats event as JSON text appended to out. rdt:
 * what to say of intel_rdt, an object as text; NULL: nothing.
 */
int cg_stats_json(struct cg *g, const char *rdt, struct buf *out);

/*
 * Mount data for a `cgroup` type mount inside the container comes from
 * host + record: list of {controllers, directory below the mountpoint}.
 */
#endif
