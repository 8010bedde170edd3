/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container in the making: everything that create and run hold while they
 * work, and the steps they share. making_free() undoes whatever is not
 * committed: kills init, removes cgroup, state directory and pid file.
 */
#ifndef TARE_RUNTIME_MAKING_H
#define TARE_RUNTIME_MAKING_H

#include "plan/hook_state.h"
#include "runtime/container.h"
#include "runtime/netdev.h"
#include "runtime/spawn.h"

struct making {
	const struct rt_global *g;
	const struct rt_create_opts *o;
	struct arena arena;
	char *text; /* config.json; malloc'd */
	size_t text_len;
	struct oci_spec *spec;
	struct cg_host cg_host;
	struct cg_record cg_record;
	struct plan plan;
	struct store_dir dir;
	struct store_state state;
	struct cg *cg;
	struct child child;
	struct netdevs *netdevs;
	int start_fd;
	bool hooks_owed; /* poststop: its environment is being made */
	bool stored;	 /* a state directory of ours exists */
	bool pid_file_written;
	bool committed;
	unsigned int preserve; /* fds from 3 on that the process keeps */
};
#define MAKING_NONE                                                            \
	{                                                                      \
		.dir = STORE_DIR_NONE, .child = CHILD_NONE, .start_fd = -EBADF \
	}
void making_free(struct making *m);
#define _cleanup_making_ _cleanup_(making_free)

/* Reads, checks and compiles: changes nothing outside. */
int making_compile(struct making *m, bool run);
/* State directory, cgroup, init; the syncs up to READY. */
int making_build(struct making *m, bool run);
/* Console, state, pid file, pidfd socket; then init may go on. */
int making_commit(struct making *m);
struct hook_state making_hook_state(const struct making *m);

/* Bundle directory and configuration, shared with explain. */
int making_read(struct making *m);

#endif
