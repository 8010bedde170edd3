/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole reads and writes, small files, atomic replacement, bounded waits.
 * All retry on EINTR; all return 0 or a count >= 0, or -errno; silent.
 */
#ifndef TARE_BASE_IO_H
#define TARE_BASE_IO_H

#include <sys/types.h>

#include "base/macros.h"

int io_write_all(int fd, const void *buf, size_t n);
/* Reads until n bytes or EOF: count read. */
ssize_t io_read_all(int fd, void *buf, size_t n);

/*
 * One write(2) of a whole value to an existing file below dirfd (a cgroup or
 * procfs file): -errno of open or write; a short write is -EIO.
 */
int io_write_at(int dirfd, const char *path, const void *buf, size_t n);
int io_write_str_at(int dirfd, const char *path, const char *s);

/*
 * Reads a small file into buf (NUL-terminated, trailing newlines kept).
 * Returns the length; -E2BIG when it does not fit in size - 1.
 */
ssize_t io_read_at(int dirfd, const char *path, char *buf, size_t size);

/*
 * Reads a file of up to max bytes (NUL added) into malloc'd memory owned by
 * the caller. -EFBIG above max; -EINVAL when not a regular file and `regular`.
 */
int io_slurp_fd(int fd, size_t max, char **ret, size_t *ret_len);
int io_slurp_at(int dirfd, const char *path, size_t max, bool regular,
		char **ret, size_t *ret_len);

/*
 * Replaces dirfd/name by the given bytes: temporary file, write, rename.
 * On failure the old file is untouched and the temporary one is gone. The mode
 * goes through the umask. name may have directories in front.
 */
int io_replace_at(int dirfd, const char *name, const void *buf, size_t n,
		  mode_t mode);

/*
 * The bytes of a program in a new memory file that nobody can change any more:
 * what runs from it is no file of the host. The fd, which the caller owns.
 */
int io_sealed_memfd(const char *name, const void *data, size_t n);

/*
 * poll(2) one fd for events; timeout_ms < 0 waits for ever (only where an EOF
 * ends it). Returns revents > 0, 0 on timeout, -errno.
 */
int io_wait(int fd, short events, int timeout_ms);

/* Monotonic clock in milliseconds / nanoseconds. */
int64_t io_now_ms(void);
void io_sleep_ms(unsigned int ms);

/* One message with up to n fds by SCM_RIGHTS over a unix socket. */
int io_send_fds(int sock, const void *buf, size_t len, const int *fds, size_t n);
/*
 * Receives one message: returns its length (0 = EOF), fills fds (CLOEXEC, owned
 * by the caller) and *n_fds (in: room, out: count). -EMSGSIZE when cut.
 */
ssize_t io_recv_fds(int sock, void *buf, size_t size, int *fds, size_t *n_fds);

/* Connects to an AF_UNIX stream socket by path, any length of path. fd. */
int io_connect_unix(const char *path);

#endif
