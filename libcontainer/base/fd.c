/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sys.h"

#define K_CLOSE_RANGE_CLOEXEC 4u

void close_fd(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

struct dirent64_head { /* linux_dirent64 without its name */
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
} __attribute__((packed));

/* The fd number in a /proc/self/fd entry; -1 for "." and "..". */
static int entry_fd(const char *name)
{
	int n = 0;

	if (*name < '0' || *name > '9')
		return -1;
	for (; *name >= '0' && *name <= '9'; name++)
		n = n * 10 + (*name - '0');
	return n;
}

static void treat_fd(int fd, unsigned int first, int skip, bool do_close)
{
	if (fd < 0 || fd == skip || (unsigned int)fd < first)
		return;
	if (do_close)
		close(fd);
	else
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* For kernels without close_range(2), or a seccomp filter that denies it. */
static int walk_open_fds(unsigned int first, bool do_close)
{
	_cleanup_close_ int dir = -EBADF;
	char buf[2048];
	long n;

	dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			struct dirent64_head h;

			memcpy(&h, buf + at, sizeof(h));
			treat_fd(entry_fd(buf + at + sizeof(h)), first, dir,
				 do_close);
			at += h.reclen;
		}
	}
	return n < 0 ? -errno : 0;
}

int fd_cloexec_from(unsigned int first)
{
	/* The flag is 5.11; the call 5.9. */
	if (sys_close_range(first, ~0u, K_CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	return walk_open_fds(first, false);
}

int fd_close_from(unsigned int first)
{
	if (sys_close_range(first, ~0u, 0) == 0)
		return 0;
	return walk_open_fds(first, true);
}

int fd_dup_high(int fd)
{
	int r = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return r < 0 ? -errno : r;
}

/* One poll(2) tells of all three. Not CLOEXEC: these are to be inherited. */
int fd_fill_stdio(void)
{
	struct pollfd p[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(p, 3, 0) < 0)
		return -errno;
	for (int i = 0; i < 3; i++) {
		int fd;

		if (!(p[i].revents & POLLNVAL))
			continue;
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
		if (fd < 0)
			return -errno;
		if (fd > 2) /* an O_PATH fd polls as closed, but is not */
			close_fd(fd);
	}
	return 0;
}

int fd_is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

int fd_set_cloexec(int fd, bool on)
{
	/* FD_CLOEXEC is the only such flag: no need to look first. */
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0 ? -errno : 0;
}

int fd_set_nonblock(int fd, bool on)
{
	int have = fcntl(fd, F_GETFL), want;

	if (have < 0)
		return -errno;
	want = on ? have | O_NONBLOCK : have & ~O_NONBLOCK;
	if (want != have && fcntl(fd, F_SETFL, want) < 0)
		return -errno;
	return 0;
}
