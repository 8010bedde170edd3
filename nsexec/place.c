/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things are made in the root file system: parents of new entries and
 * mount points. The parent of the operation before is likely the same one, and
 * nothing but a child of it was mounted meanwhile: it is not looked up again.
 */
#include <fcntl.h>
#include <string.h>

#include "base/path.h"
#include "nsexec/init.h"

int place_parent(struct init *in, const char *path, char name[NAME_MAX + 1])
{
	static char last[256];
	static size_t last_op;
	static int last_fd = -EBADF;
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	int root = root_fd(in), fd;

	if (root < 0)
		return root;
	if (last_fd >= 0 && last_op + 1 == in->next && n > 0 &&
	    last[n] == '\0' && strncmp(path, last, n) == 0 && slash[1] &&
	    slash[1] != '.' && strlen(slash + 1) <= NAME_MAX &&
	    in->last_tmp >= last_fd) {
		memcpy(name, slash + 1, strlen(slash + 1) + 1);
		last_op = in->next;
		return last_fd;
	}
	fd = fd_tmp(in, path_parent_in(root, path, 0755, name, NAME_MAX + 1));
	if (fd < 0)
		return err_set(fd, "open parent of %s", path);
	last_fd = -EBADF;
	if (n > 0 && n < sizeof(last)) {
		memcpy(last, path, n);
		last[n] = '\0';
		last_fd = fd;
		last_op = in->next;
	}
	return fd;
}

int place_make(struct init *in, const char *path, bool dir)
{
	char name[NAME_MAX + 1];
	int parent = place_parent(in, path, name), fd, r;

	if (parent < 0)
		return parent;
	r = dir ? mkdirat(parent, name, 0755)
		: mknodat(parent, name, S_IFREG | 0644, 0);
	if (r < 0)
		return -errno;
	fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd_tmp(in, fd < 0 ? -errno : fd);
}
