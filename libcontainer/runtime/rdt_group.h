/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.intelRdt (OCI config-linux.md "IntelRdt") on a directory that is the
 * root of a resctrl file system, or looks like one: which group, what is
 * written to it, by whom it was made. Nothing here knows where that is.
 */
#ifndef TARE_RUNTIME_RDT_GROUP_H
#define TARE_RUNTIME_RDT_GROUP_H

#include <sys/types.h>

#include "base/arena.h"
#include "spec/spec.h"

struct rdt_group {
	const char *name; /* closID ("/" is "."), or the container's id */
	const char *mon;  /* name/mon_groups/ID, or NULL */
	char *schemata;	  /* l3CacheSchema and memBwSchema as lines, or NULL */
	char *more;	  /* the lines of schemata, or NULL */
	bool make;	  /* it is not there yet: the container makes it */
	bool named;	  /* by closID: others may use it too */
};

/*
 * Decides, and changes nothing. 0, or -errno with the trail: a closID without
 * any schema names a group that must be there.
 */
int rdt_group_decide(struct arena *a, const struct oci_intel_rdt *c,
		     const char *id, int rootfd, struct rdt_group *ret);
/* Makes the group if that was decided; one that came up meanwhile will do. */
int rdt_group_make(int rootfd, struct rdt_group *g);
/*
 * Writes the schemata. In a group that was there before, l3CacheSchema and
 * memBwSchema are compared with what it has: -EINVAL when they differ.
 */
int rdt_group_write(int rootfd, const struct rdt_group *g);
/*
 * Can the file system carry out these schemata? 0, or -ENOTSUP in runc's words;
 * it cannot when it is not there (rootfd < 0).
 */
int rdt_group_can(int rootfd, const struct oci_intel_rdt *c);
/* Writes text to the schemata of a group. */
int rdt_group_put(int rootfd, const char *group, const char *text);
/*
 * The same where it may have to be undone. *old: what to write to
 * have it as it was, or NULL.
 */
int rdt_group_set(struct arena *a, int rootfd, const char *group,
		  const char *text, char **old);
/* The monitoring group, if there is to be one. It has the container's id: one
 * that is there is an earlier container's of that id. */
int rdt_group_make_mon(int rootfd, const struct rdt_group *g);
/* pid, and what it starts from then on, belongs to the group (name or mon). */
int rdt_group_join(int rootfd, const char *group, pid_t pid);
/* Every thread of a process; those that end meanwhile do not count. */
int rdt_group_join_threads(int rootfd, const char *group, pid_t pid);
/*
 * Removes a group; what is in it falls back to the one above. With `spare`, a
 * group with living processes stays. A missing one is fine.
 */
int rdt_group_remove(int rootfd, const char *group, bool spare);

#endif
