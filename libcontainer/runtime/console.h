/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminals and the foreground: handing a pty master to an engine, or standing
 * between the caller's terminal and the container's until its process ends.
 * Signals that the caller gets are forwarded; a changed window size too.
 */
#ifndef TARE_RUNTIME_CONSOLE_H
#define TARE_RUNTIME_CONSOLE_H

#include <sys/types.h>
#include <termios.h>

#include "runtime/sdnotify.h"
#include "spec/spec.h"

/* One message with the fd to the listening socket; never waits for an answer.
 * 0 or -errno with the trail. */
int console_send(const char *socket_path, int master);
/* The same for a pidfd: payload "standard" or "setns". */
int pidfd_send(const char *socket_path, int pidfd, const char *kind);

/*
 * What create, run and exec demand of --console-socket and --preserve-fds
 * alike. 0 or -errno with the trail.
 */
int console_check_options(bool detached, bool tty, const char *socket,
			  unsigned int preserve);

/* Window size of the caller's terminal; zeros when there is none. */
struct oci_box console_caller_size(void);

struct foreground {
	int sigfd;  /* signals of the caller */
	int master; /* the container's terminal, or -EBADF; owned */
	int tty;    /* the caller's terminal in raw mode, or -EBADF */
	struct sdnotify notify; /* what the process says; owned */
	struct termios old;
};
#define FOREGROUND_NONE                                           \
	{                                                         \
		.sigfd = -EBADF, .master = -EBADF, .tty = -EBADF, \
		.notify = SDNOTIFY_NONE                           \
	}

/* Blocks all signals and collects them from here on. Before the child. */
int foreground_begin(struct foreground *f, bool subreaper);
/*
 * Relays until the process ends; *status = exit code, 128 + n for a signal.
 * master is taken over (-EBADF: the process has the caller's stdio).
 */
int foreground_wait(struct foreground *f, pid_t pid, int pidfd, int master,
		    int *status);
/* Restores the caller's terminal. */
void foreground_end(struct foreground *f);
#define _cleanup_foreground_ _cleanup_(foreground_end)

#endif
