/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File descriptors with an owner. An empty fd is -EBADF. Close never
 * changes errno. Every fd made here or above is CLOEXEC from birth.
 */
#ifndef TARE_BASE_FD_H
#define TARE_BASE_FD_H

#include "base/macros.h"

void close_fd(int fd); /* accepts negative values; keeps errno */

static inline void close_fdp(int *fd)
{
	close_fd(*fd);
	*fd = -EBADF;
}
#define _cleanup_close_ _cleanup_(close_fdp)

/* Give an fd away: the variable becomes -EBADF. */
static inline int take_fd(int *fd)
{
	int r = *fd;
	*fd = -EBADF;
	return r;
}

/* Mark every fd >= first close-on-exec, or close it now. -errno. */
int fd_cloexec_from(unsigned int first);
int fd_close_from(unsigned int first);

/* dup above 2 with CLOEXEC, so that 0..2 are never taken by accident. */
int fd_dup_high(int fd);

/* Open /dev/null (not CLOEXEC: to be inherited) where 0..2 are closed. */
int fd_fill_stdio(void);

/* Is fd open? 1, 0. */
int fd_is_open(int fd);

int fd_set_cloexec(int fd, bool on);
int fd_set_nonblock(int fd, bool on);

#endif
