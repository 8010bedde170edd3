/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What procfs tells of processes. A process is held as pid + start time (and
 * a pidfd where it must not be confused): never as a bare pid. 0 or -errno.
 */
#ifndef TARE_BASE_PROC_H
#define TARE_BASE_PROC_H

#include <sys/types.h>

#include "base/macros.h"

struct proc_stat {
	char state; /* R S D Z T t X ... */
	pid_t ppid;
	uint64_t start_time; /* clock ticks since boot, field 22 */
};
/* -ESRCH when there is no such process. */
int proc_get_stat(pid_t pid, struct proc_stat *ret);

/* Is the process the one that started then, and not a zombie? 1, 0, -errno. */
int proc_is_alive(pid_t pid, uint64_t start_time);

/* The boot id, 36 characters. */
int proc_boot_id(char ret[37]);

/* An fd on procfs at /proc, checked: PROC_SUPER_MAGIC, root inode 1;
 * -EXDEV when it is something else. */
int proc_open_root(void);

/* Path of a namespace file: "/proc/PID/ns/NAME" into buf. */
void proc_ns_path(pid_t pid, const char *name, char *buf, size_t size);

/* Is this process in the initial user namespace? 1, 0. */
int proc_in_init_userns(void);

/* clock of the wall as RFC 3339 with nanoseconds, UTC, "…Z". */
void proc_now_rfc3339(char *buf, size_t size);

#endif
