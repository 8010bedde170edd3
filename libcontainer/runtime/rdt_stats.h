/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intel_rdt of a stats event, from a directory that is the root of a resctrl
 * file system, or looks like one. What the machine cannot do is left out.
 */
#ifndef TARE_RUNTIME_RDT_STATS_H
#define TARE_RUNTIME_RDT_STATS_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * Appends the object. mon: the monitoring group whose counters are told, NULL:
 * those of the group. 0, or -errno with the trail.
 */
int rdt_stats_json(struct arena *a, int rootfd, const char *group,
		   const char *mon, struct buf *out);

#endif
