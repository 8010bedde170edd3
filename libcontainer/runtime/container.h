/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container's record and the system together say: its status, and the
 * helpers that several commands share.
 */
#ifndef TARE_RUNTIME_CONTAINER_H
#define TARE_RUNTIME_CONTAINER_H

#include "runtime/store.h"

enum status { ST_CREATING, ST_CREATED, ST_RUNNING, ST_PAUSED, ST_STOPPED };
extern const char *const status_names[];

int container_status(struct store_dir *d, const struct store_state *s,
		     enum status *ret);

/* Opens, loads and judges in one go; the lock is kept in *d when `lock`. */
int container_open(const struct rt_global *g, const char *id,
		   enum store_lock lock, struct arena *a, struct store_dir *d,
		   struct store_state *s, enum status *st);

/*
 * The pidfd of init, checked against its start time. -ESRCH, without a trail,
 * when it is gone.
 */
int container_pidfd(const struct store_state *s);

/*
 * Kills everything, removes the cgroup and the state directory; used by delete
 * and by the clean-up of a failed create. Tolerates what is already gone.
 */
int container_destroy(struct store_dir *d, struct store_state *s);

/* SIGKILL to everything in the container; errors are ignored. */
void container_kill_all(const struct store_state *s);

/* pid file: decimal, no newline, ".NAME" then renamed (runc-compatible). */
int container_write_pid_file(const char *path, pid_t pid);

/* Text of "owner": user name of uid from /etc/passwd, or "#UID". */
char *container_owner(struct arena *a, uid_t uid);

#endif
