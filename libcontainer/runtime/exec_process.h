/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which process exec is to start: a --process file, or the container's own
 * process with what the command line changes.
 */
#ifndef TARE_RUNTIME_EXEC_PROCESS_H
#define TARE_RUNTIME_EXEC_PROCESS_H

#include "cgroups/cgroups.h"
#include "runtime/runtime.h"

int exec_process(struct arena *a, const struct rt_exec_opts *o,
		 const struct oci_spec *s, struct oci_process **ret);
/* The sub-group of --cgroup. */
int exec_open_sub(const struct cg_record *r, const struct rt_exec_opts *o,
		  struct cg **ret);

#endif
