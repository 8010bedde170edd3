/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readiness, sd_notify(3): a caller with NOTIFY_SOCKET wants to hear when the
 * container's process is ready. The process gets a socket of its own, at
 * /run/notify in a read-only mount of ROOT/ID/notify, and never the host's.
 * Its word "READY=" is passed on with the pid that counts and a barrier;
 * nothing else is.
 *
 * Without NOTIFY_SOCKET in the environment all of this does nothing.
 */
#ifndef TARE_RUNTIME_SDNOTIFY_H
#define TARE_RUNTIME_SDNOTIFY_H

#include "runtime/store.h"

/*
 * The mount and the variable, into the configuration that is to be compiled.
 * root: the absolute state root. 0 or -ENOMEM with the trail.
 */
int sdnotify_plan(struct arena *a, struct oci_spec *s, const char *root,
		  const char *id);
/* ROOT/ID/notify. 0 or -errno with the trail. */
int sdnotify_make_dir(struct store_dir *d);

struct sdnotify {
	int sock; /* the container's: read here */
	int host; /* connected to the host's */
};
#define SDNOTIFY_NONE                           \
	{                                       \
		.sock = -EBADF, .host = -EBADF, \
	}
void sdnotify_close(struct sdnotify *n);
#define _cleanup_sdnotify_ _cleanup_(sdnotify_close)

/*
 * Before the process is let go: makes its socket. 0 with empty descriptors for
 * a container that was created without. The host's not answering is a warning,
 * for the container is none the worse for it.
 */
int sdnotify_open(struct store_dir *d, struct sdnotify *ret);
/*
 * Waits until the process is ready or gone (pidfd), and tells the host, whose
 * answer to the barrier it waits for as well (SDNOTIFY_BARRIER_MS at most).
 */
#define SDNOTIFY_BARRIER_MS 30000
void sdnotify_wait(struct sdnotify *n, int pidfd, pid_t pid);
/*
 * sock can be read: takes what is there, tells the host once it is READY and
 * closes itself then. For who does other things meanwhile and stays the main
 * process itself.
 */
void sdnotify_turn(struct sdnotify *n);

#endif
