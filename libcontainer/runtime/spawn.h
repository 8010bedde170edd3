/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the init program and talking to it: sealed memfd, clone with the new
 * namespaces, the channel, the sync points. A child owns its pidfd and channel;
 * child_close kills (unless let go) and reaps it.
 */
#ifndef TARE_RUNTIME_SPAWN_H
#define TARE_RUNTIME_SPAWN_H

#include "cgroups/cgroups.h"
#include "codec/chan.h"
#include "plan/plan.h"

struct child {
	pid_t pid; /* the process that runs init */
	int pidfd;
	int chan;
	pid_t final_pid; /* after a late fork: the container's process */
	int final_pidfd;
	int console; /* pty master, when it came */
	int notify;  /* seccomp listener, when it came */
	bool kept;   /* let go: not killed by child_close */
	bool execed; /* CHAN_EXEC was seen */
};
#define CHILD_NONE                                                      \
	{                                                               \
		.pidfd = -EBADF, .chan = -EBADF, .final_pidfd = -EBADF, \
		.console = -EBADF, .notify = -EBADF                     \
	}
void child_close(struct child *c);
#define _cleanup_child_ _cleanup_(child_close)

/*
 * Clones with flags, into cgroup_fd when >= 0, and execs init, whose channel is
 * fd 3 + preserve (told as its second argument).
 */
int child_spawn(uint64_t flags, int cgroup_fd, unsigned int preserve,
		struct child *ret);
/*
 * Opens what the plan wants opened (in order) and sends the plan. start_fd: for
 * PFD_START; init_pidfd: for PFD_INIT_PIDFD; -EBADF where not needed.
 */
int child_send_plan(struct child *c, const struct plan *p, int start_fd,
		    int init_pidfd);

/*
 * Reads messages until a sync point (returned, >= 0), or CHILD_DONE at EOF
 * after CHAN_EXEC, or -errno with the trail that init sent. Consoles, child
 * pids, notify fds and warnings are taken in on the way.
 */
#define CHILD_DONE 1000
#define SYNC_NOTIFY SYNC_COUNT /* a seccomp listener came: c->notify */
int child_wait(struct child *c);
int child_go(struct child *c, unsigned int sync);
/* The pid that counts: final_pid if there is one. */
pid_t child_target(const struct child *c);
int child_target_pidfd(const struct child *c);

/* A new user namespace with these maps; fd (for idmapped mounts). */
int userns_fd(const oci_id_maps *uids, const oci_id_maps *gids);
/* Writes setgroups, uid_map, gid_map of pid, or newuidmap/newgidmap. */
int userns_write_maps(pid_t pid, const oci_id_maps *uids,
		      const oci_id_maps *gids);
/* /proc/PID/timens_offsets. */
int timens_write(pid_t pid, const struct oci_linux *l);

#endif
