/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies what a directory of the image holds into the tmpfs that is going to
 * lie on it: directories, regular files, links, with mode and owner. By fds
 * and single names only; bounded in depth and number.
 */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "base/io.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define DEPTH_MAX 32
#define ENTRIES_MAX 100000

struct k_dirent {
	uint64_t ino;
	int64_t off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

static unsigned int entries_left;

static int copy_tree(int from, int to, unsigned int depth);

static int copy_bytes(int from, int to)
{
	static char buf[65536];
	ssize_t n;
	int r;

	while ((n = io_read_all(from, buf, sizeof(buf))) > 0) {
		r = io_write_all(to, buf, (size_t)n);
		if (r < 0)
			return r;
	}
	return (int)n;
}

static int copy_file(int from, int to, const char *name, const struct stat *st)
{
	_cleanup_close_ int src = -EBADF, dst = -EBADF;
	struct stat now;

	/* what it was a moment ago need not be what is opened */
	src = openat(from, name,
		     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (src < 0 || fstat(src, &now) < 0)
		return -errno;
	if (!S_ISREG(now.st_mode))
		return -EAGAIN;
	dst = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (dst < 0)
		return -errno;
	if (fchown(dst, now.st_uid, now.st_gid) < 0 ||
	    fchmod(dst, now.st_mode & 07777) < 0)
		return -errno;
	return copy_bytes(src, dst);
}

static int copy_link(int from, int to, const char *name, const struct stat *st)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(from, name, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (symlinkat(text, to, name) < 0 ||
	    fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

static int copy_dir(int from, int to, const char *name, const struct stat *st,
		    unsigned int depth)
{
	_cleanup_close_ int src = -EBADF, dst = -EBADF;
	int r;

	if (depth >= DEPTH_MAX)
		return -ELOOP;
	src = openat(from, name,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (src < 0 || mkdirat(to, name, 0700) < 0)
		return -errno;
	dst = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dst < 0)
		return -errno;
	r = copy_tree(src, dst, depth + 1);
	if (r < 0)
		return r;
	if (fchown(dst, st->st_uid, st->st_gid) < 0 ||
	    fchmod(dst, st->st_mode & 07777) < 0)
		return -errno;
	return 0;
}

static int copy_entry(int from, int to, const char *name, unsigned int depth)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (entries_left-- == 0)
		return -E2BIG;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return copy_dir(from, to, name, &st, depth);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name, &st);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, name, &st);
	return 0; /* pipes, sockets, devices: of the image, not wanted */
}

static int copy_tree(int from, int to, unsigned int depth)
{
	char buf[2048] __attribute__((aligned(8)));
	long n;
	int r;

	while ((n = syscall(SYS_getdents64, from, buf, sizeof(buf))) > 0)
		for (long at = 0; at < n;) {
			struct k_dirent *d = (struct k_dirent *)(buf + at);

			at += d->reclen;
			r = copy_entry(from, to, d->name, depth);
			if (r < 0)
				return *err_get()
					       ? r
					       : err_set(r, "copy %s", d->name);
		}
	return n < 0 ? -errno : 0;
}

int copyup(struct init *in, int from, int to)
{
	int dir = fd_tmp(in,
			 openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct stat st;
	int r;

	if (dir < 0 || fstat(dir, &st) < 0)
		return err_set(-errno, "tmpcopyup: open the directory");
	entries_left = ENTRIES_MAX;
	r = copy_tree(dir, to, 0);
	if (r < 0)
		return err_ctx(r, "tmpcopyup");
	if (fchownat(to, "", st.st_uid, st.st_gid, K_AT_EMPTY_PATH) < 0)
		return err_set(-errno, "tmpcopyup: chown");
	return 0;
}
