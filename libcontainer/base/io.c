/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fmt.h"
#include "base/sys.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

#define FDS_MAX 253 /* SCM_MAX_FD */
#define SLURP_FIRST 4096

static int open_retry(int dirfd, const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd = openat(dirfd, path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static ssize_t read_once(int fd, void *buf, size_t n)
{
	ssize_t r;

	do
		r = read(fd, buf, n);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

int io_write_all(int fd, const void *buf, size_t n)
{
	const char *p = buf;

	while (n > 0) {
		ssize_t r = write(fd, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

ssize_t io_read_all(int fd, void *buf, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t r = read_once(fd, (char *)buf + have, n - have);

		if (r < 0)
			return r;
		if (r == 0)
			break;
		have += (size_t)r;
	}
	return (ssize_t)have;
}

int io_write_at(int dirfd, const char *path, const void *buf, size_t n)
{
	_cleanup_close_ int fd = -EBADF;
	ssize_t r;

	fd = open_retry(dirfd, path, O_WRONLY | O_NOCTTY, 0);
	if (fd < 0)
		return fd;
	do
		r = write(fd, buf, n);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return (size_t)r == n ? 0 : -EIO;
}

int io_write_str_at(int dirfd, const char *path, const char *s)
{
	return io_write_at(dirfd, path, s, strlen(s));
}

ssize_t io_read_at(int dirfd, const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = -EBADF;
	ssize_t r;

	if (size == 0)
		return -EINVAL;
	fd = open_retry(dirfd, path, O_RDONLY | O_NOCTTY, 0);
	if (fd < 0)
		return fd;
	/* A short read is no EOF: procfs gives whole records only. */
	r = io_read_all(fd, buf, size);
	if (r < 0)
		return r;
	if ((size_t)r == size) {
		buf[size - 1] = '\0';
		return -E2BIG;
	}
	buf[r] = '\0';
	return r;
}

/* expect: the size that fstat told, 0 when unknown. */
static int slurp(int fd, size_t expect, size_t max, char **ret, size_t *ret_len)
{
	size_t cap = (expect ? expect : SLURP_FIRST) + 1, len = 0;
	_cleanup_free_ char *buf = malloc(cap);

	if (!buf)
		return -ENOMEM;
	for (;;) {
		ssize_t r = read_once(fd, buf + len, cap - len);

		if (r < 0)
			return (int)r;
		len += (size_t)r;
		if (len > max)
			return -EFBIG;
		/* The size as told, with room for more: the end. */
		if (r == 0 || (expect && len == expect))
			break;
		if (len == cap) {
			char *p = realloc(buf, cap * 2);

			if (!p)
				return -ENOMEM;
			buf = p;
			cap *= 2;
		}
	}
	buf[len] = '\0'; /* len < cap: the last read did not fill it */
	*ret = take_ptr(buf);
	if (ret_len)
		*ret_len = len;
	return 0;
}

static int slurp_checked(int fd, size_t max, bool regular, char **ret,
			 size_t *ret_len)
{
	struct stat st;
	size_t expect = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (regular && !S_ISREG(st.st_mode))
		return -EINVAL;
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uint64_t)st.st_size > max)
			return -EFBIG;
		expect = (size_t)st.st_size;
	}
	return slurp(fd, expect, max, ret, ret_len);
}

int io_slurp_fd(int fd, size_t max, char **ret, size_t *ret_len)
{
	return slurp_checked(fd, max, false, ret, ret_len);
}

int io_slurp_at(int dirfd, const char *path, size_t max, bool regular,
		char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = -EBADF;

	/* Not to hang on a FIFO that stands where a file is due. */
	fd = open_retry(dirfd, path,
			O_RDONLY | O_NOCTTY | (regular ? O_NONBLOCK : 0), 0);
	if (fd < 0)
		return fd;
	return slurp_checked(fd, max, regular, ret, ret_len);
}

static int open_temporary(int dirfd, const char *tmp, mode_t mode)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
	int fd = open_retry(dirfd, tmp, flags, mode);

	/* Left by a process of our pid that was killed. */
	if (fd == -EEXIST && unlinkat(dirfd, tmp, 0) == 0)
		fd = open_retry(dirfd, tmp, flags, mode);
	return fd;
}

int io_replace_at(int dirfd, const char *name, const void *buf, size_t n,
		  mode_t mode)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	_cleanup_close_ int fd = -EBADF;
	char tmp[PATH_MAX];
	int r;

	if (fmt_print(tmp, sizeof(tmp), "%.*s.%s.%d.tmp", (int)(base - name),
		      name, base, (int)getpid()) >= sizeof(tmp))
		return -ENAMETOOLONG;
	fd = open_temporary(dirfd, tmp, mode);
	if (fd < 0)
		return fd;
	r = io_write_all(fd, buf, n);
	if (r == 0 && renameat(dirfd, tmp, dirfd, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dirfd, tmp, 0);
	return r;
}

int io_sealed_memfd(const char *name, const void *data, size_t n)
{
	_cleanup_close_ int fd =
		sys_memfd(name, MFD_ALLOW_SEALING | MFD_EXEC); /* 6.3 */
	int r;

	if (fd == -EINVAL)
		fd = sys_memfd(name, MFD_ALLOW_SEALING);
	if (fd < 0)
		return fd;
	r = io_write_all(fd, data, n);
	if (r < 0)
		return r;
	return fcntl(fd, F_ADD_SEALS, SEALS) < 0 ? -errno : take_fd(&fd);
}

int io_wait(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t end = timeout_ms > 0 ? io_now_ms() + timeout_ms : 0;

	for (;;) {
		int r = poll(&p, 1, timeout_ms);

		if (r > 0)
			return p.revents;
		if (r == 0)
			return 0;
		if (errno != EINTR)
			return -errno;
		if (timeout_ms > 0) {
			int64_t left = end - io_now_ms();

			timeout_ms = left > 0 ? (int)left : 0;
		}
	}
}

int64_t io_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void io_sleep_ms(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
			      .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

union control {
	struct cmsghdr head; /* alignment */
	char space[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

int io_send_fds(int sock, const void *buf, size_t len, const int *fds, size_t n)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)buf,
			     .iov_len = len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control c;
	ssize_t r;

	if (n > FDS_MAX)
		return -E2BIG;
	if (n > 0) {
		size_t bytes = n * sizeof(int);

		memset(&c, 0, CMSG_SPACE(bytes));
		m.msg_control = &c;
		m.msg_controllen = CMSG_SPACE(bytes);
		c.head.cmsg_level = SOL_SOCKET;
		c.head.cmsg_type = SCM_RIGHTS;
		c.head.cmsg_len = CMSG_LEN(bytes);
		memcpy(CMSG_DATA(&c.head), fds, bytes);
	}
	do
		r = sendmsg(sock, &m, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return (size_t)r == len ? 0 : -EIO;
}

/* Takes the fds of one control message; those beyond room are closed. */
static size_t take_fds(struct msghdr *m, int *fds, size_t room, bool *over)
{
	size_t have = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (have < room) {
				fds[have++] = fd;
			} else {
				close_fd(fd);
				*over = true;
			}
		}
	}
	return have;
}

ssize_t io_recv_fds(int sock, void *buf, size_t size, int *fds, size_t *n_fds)
{
	size_t room = n_fds ? *n_fds : 0, have;
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control c;
	bool over = false;
	ssize_t r;

	if (room > FDS_MAX)
		room = FDS_MAX;
	if (room > 0) {
		m.msg_control = &c;
		m.msg_controllen = CMSG_SPACE(room * sizeof(int));
	}
	do
		r = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	have = take_fds(&m, fds, room, &over);
	if (over || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		while (have > 0)
			close_fd(fds[--have]);
		return -EMSGSIZE;
	}
	if (n_fds)
		*n_fds = have;
	return r;
}

int io_connect_unix(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_close_ int sock = -EBADF, at = -EBADF;
	size_t n = strlen(path);
	int r;

	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	if (n < sizeof(sa.sun_path)) {
		memcpy(sa.sun_path, path, n + 1);
	} else {
		/* Longer than the address may be: through its O_PATH fd. */
		at = open_retry(AT_FDCWD, path, O_PATH, 0);
		if (at < 0)
			return at;
		fmt_print(sa.sun_path, sizeof(sa.sun_path), "/proc/self/fd/%d",
			  at);
	}
	do
		r = connect(sock, (struct sockaddr *)&sa, sizeof(sa));
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return take_fd(&sock);
}
