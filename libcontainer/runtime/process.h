/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parent does to the container's process from outside.
 */
#ifndef TARE_RUNTIME_PROCESS_H
#define TARE_RUNTIME_PROCESS_H

#include <sys/types.h>

#include "spec/spec.h"

/* /proc/PID/oom_score_adj, if the configuration has one. */
int process_oom_score(pid_t pid, const struct oci_process *p);
/* process.rlimits by prlimit(2); later duplicates win. */
int process_rlimits(pid_t pid, const struct oci_process *p);

#endif
