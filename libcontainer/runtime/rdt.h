/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.intelRdt on the resctrl file system that is mounted here; where that
 * is, is only looked for when a container wants it. The record of a container
 * names its groups, before they are made, so that delete finds them.
 */
#ifndef TARE_RUNTIME_RDT_H
#define TARE_RUNTIME_RDT_H

#include <limits.h>

#include "base/buf.h"
#include "runtime/store.h"

/* "intelRdt is specified in config, but Intel RDT is not enabled"; NULL: 0. */
int rdt_check(const struct oci_intel_rdt *c);
/* Makes and fills the groups and puts pid into them; NULL: nothing. */
int rdt_apply(struct arena *a, const struct oci_intel_rdt *c,
	      struct store_dir *d, struct store_state *s, pid_t pid);
/* A process that comes later, for exec. */
int rdt_join(const struct store_state *s, pid_t pid);
/*
 * update: writes l3CacheSchema and memBwSchema to the container's group. One
 * that has none gets one by its id, recorded and empty (`fresh`: rdt_gather
 * puts its processes in). rdt_undo takes all back; it never fails.
 */
struct rdt_change {
	char *old; /* schemata, or NULL */
	bool fresh, made;
};
int rdt_update(struct arena *a, const struct oci_intel_rdt *c,
	       struct store_dir *d, struct store_state *s,
	       struct rdt_change *ret);
int rdt_gather(const struct store_state *s, const int32_t *pids, size_t n);
void rdt_undo(const struct rdt_change *ch, struct store_dir *d,
	      struct store_state *s);
/* The same where the file system is known; fd < 0: there is none. */
struct resctrl {
	int fd;
	char path[PATH_MAX]; /* its mount point */
};
int rdt_update_on(const struct resctrl *fs, struct arena *a,
		  const struct oci_intel_rdt *c, struct store_dir *d,
		  struct store_state *s, struct rdt_change *ret);
void rdt_undo_on(const struct resctrl *fs, const struct rdt_change *ch,
		 struct store_dir *d, struct store_state *s);
/* The intel_rdt object of a stats event, appended; nothing without a group. */
int rdt_stats(struct arena *a, const struct store_state *s, struct buf *out);
/* Removes what the container made, when its processes are gone. */
int rdt_remove(const struct store_state *s);

#endif
