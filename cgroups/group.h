/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of this folder: the open group. It owns its directory fds
 * (O_PATH) and the memory of its strings.
 */
#ifndef TARE_CGROUPS_GROUP_H
#define TARE_CGROUPS_GROUP_H

#include "cgroups/cgroups.h"
#include "cgroups/settings.h"

struct cg_undo;
struct cg_dir {
	const char *controllers; /* "cpu,cpuacct", "" = v2 */
	const char *path;	 /* absolute, for messages */
	int fd;
	bool made; /* by cg_create */
};
/* The systemd driver: the unit that the group is. */
struct cg_unit {
	const char *name;
	bool user; /* of the user's manager */
	bool made; /* or perhaps so: it has to be stopped */
	struct sd_props *props;
	/* while it is made; the caller's */
	const struct cg_host *host;
	const struct cg_record *record;
	const struct oci_resources *res;
};
struct cg {
	struct arena arena;
	enum cg_mode mode;
	bool ignore_errors;
	const char *path;     /* below the mount points */
	struct cg_undo *undo; /* while an update is written */
	struct cg_unit *unit; /* NULL: no systemd */
	struct cg_dir v[CG_CONTROLLERS_MAX];
	size_t n;
};

struct cg *cg_new(const struct cg_record *r);
/* Adds a directory; takes the fd. */
int cg_add(struct cg *g, const char *controllers, const char *path, int fd,
	   bool made);
/* The directory where a controller's files are, or NULL. "" = the v2 tree. */
struct cg_dir *cg_find(struct cg *g, const char *controller);
/* The directory whose processes are listed: v2, else a v1 hierarchy. */
struct cg_dir *cg_main(struct cg *g);
/* Its path, from the record alone; NULL when there is none. */
const char *cg_main_path(const struct cg_record *r);
bool cg_list_has(const char *list, const char *name);

/* O_PATH fd of a cgroup directory: its file system is checked. */
int cg_open_dir(const char *path, bool v2);

/* Calls back for the directory and all below it, the deepest first. */
typedef int (*cg_walk_fn)(int dirfd, void *arg);
int cg_walk(int dirfd, cg_walk_fn fn, void *arg);

/*
 * Opens or makes the directories of the record. And what is set when a group is
 * made: cpuset, controllers, devices, limits. cg_fill: both.
 */
int cg_make_dirs(struct cg *g, const struct cg_record *rec);
int cg_set_all(struct cg *g, bool rootless, const struct oci_resources *res);
int cg_fill(struct cg *g, const struct cg_host *h, const struct cg_record *rec,
	    const struct oci_resources *res);

/* One absolute directory for each hierarchy, from the path below them. */
int cg_fill_paths(struct arena *a, const struct cg_host *h, const char *path,
		  struct cg_record *rec);

/* cg_settings_* for the hierarchy, and written. */
int cg_apply(struct cg *g, const struct oci_resources *res, bool update);

/* Old values of files that were written; fds are the group's. */
#define CG_UNDO_MAX 64
struct cg_old {
	int dirfd;
	const char *file, *value;
};
struct cg_undo {
	struct arena *arena;
	struct cg_old v[CG_UNDO_MAX];
	size_t n;
};
void cg_undo_note(struct cg_undo *u, int dirfd, const char *file);
void cg_undo(const struct cg_undo *u);

/* Enables all controllers from the mount point of v2 down to the group. */
int cg_enable_v2(struct cg *g);

/* The device rules of a new group: v1 files or a v2 program. */
int cg_devices_v1(const struct cg_dir *d, const struct cg_device_rules *rules);
int cg_devices_v2(const struct cg_dir *d, const struct cg_device_rules *rules);

/* Reads a small file with one number ("max" -> UINT64_MAX). */
int cg_read_u64(int dirfd, const char *file, uint64_t *ret);

/* Freezer of v1 below one directory, all groups: thaws also what is nested. */
int cg_thaw_v1(int dirfd);

#endif
