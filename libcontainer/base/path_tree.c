/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of path.h: trees made and removed. */
#include "base/path.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

#define REMOVE_DEPTH_MAX 64

/* mkdir that is content with an existing directory. */
static int make_dir(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int path_mkdir_p(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t n = strlen(path);
	int r;

	r = make_dir(path, mode);
	if (r != -ENOENT || n == 0)
		return r;
	if (n >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		part[i] = '\0';
		r = make_dir(part, mode);
		if (r < 0)
			return r;
		part[i] = path[i];
	}
	return 0;
}

static int remove_tree(int dirfd, const char *name, unsigned int depth);

static bool is_dots(const char *n)
{
	return strcmp(n, ".") == 0 || strcmp(n, "..") == 0;
}

/* Removes what is in the directory; the first failure is told. */
static int empty_dir(int dir, unsigned int depth)
{
	/* linux_dirent64: ino, off, reclen (16), type (18), name (19) */
	char buf[2048];
	long n;

	while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const char *name = buf + at + 19;
			uint16_t reclen;
			int r = 0;

			memcpy(&reclen, buf + at + 16, sizeof(reclen));
			if (!is_dots(name))
				r = remove_tree(dir, name, depth);
			if (r < 0)
				return r;
			at += reclen;
		}
	}
	return n < 0 ? -errno : 0;
}

static int remove_tree(int dirfd, const char *name, unsigned int depth)
{
	_cleanup_close_ int dir = -EBADF;
	int r;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	r = -errno;
	if (r != -EISDIR && r != -EPERM)
		return r;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == ENOTDIR)
		return r;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -errno;
	if (depth == 0)
		return -ELOOP;
	/* Not through a mount: what is behind it is not ours to remove. */
	dir = path_open_strict(dirfd, name, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	r = empty_dir(dir, depth - 1);
	if (r < 0)
		return r;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

int path_remove_at(int dirfd, const char *name)
{
	_cleanup_close_ int parent = -EBADF;
	const char *slash = strrchr(name, '/');
	char dir[PATH_MAX];
	int r;

	if (slash) {
		size_t n = (size_t)(slash - name) + 1;

		if (n >= sizeof(dir))
			return -ENAMETOOLONG;
		memcpy(dir, name, n);
		dir[n] = '\0';
		parent = openat(dirfd, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (parent < 0)
			return errno == ENOENT ? 0 : -errno;
		dirfd = parent;
		name = slash + 1;
	}
	if (name[0] == '\0' || is_dots(name))
		return -EINVAL;

	/* Entries may hide from a scan that removes: a few more tries. */
	for (int i = 0; i < 4; i++) {
		r = remove_tree(dirfd, name, REMOVE_DEPTH_MAX);
		if (r != -ENOTEMPTY)
			break;
	}
	return r;
}
