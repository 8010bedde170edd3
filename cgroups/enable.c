/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup v2: a controller is there once all groups above have enabled it.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroups/group.h"

static void enable_at(int dirfd, const char *list)
{
	char all[512] = "", one[64];
	size_t len = 0;

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, " \n");

		if (n > 0 && len + n + 3 < sizeof(all))
			len += (size_t)snprintf(all + len, sizeof(all) - len,
						"+%.*s ", (int)n, p);
		p += n + (p[n] != '\0');
	}
	if (len == 0 ||
	    io_write_str_at(dirfd, "cgroup.subtree_control", all) == 0)
		return;
	/* One that cannot be had must not keep the others away. */
	for (const char *p = all; *p;) {
		size_t n = strcspn(p, " ");

		snprintf(one, sizeof(one), "%.*s", (int)n, p);
		(void)io_write_str_at(dirfd, "cgroup.subtree_control", one);
		p += n + (p[n] == ' ');
	}
}

/* From the mount point down to the parent of the group. */
static int enable_path(int rootfd, const char *path, const char *list)
{
	_cleanup_close_ int fd = -EBADF;

	enable_at(rootfd, list);
	for (const char *p = path; *p;) {
		char name[NAME_MAX + 1];
		size_t n;
		int next;

		p += strspn(p, "/");
		n = strcspn(p, "/");
		/* The last component is the group itself. */
		if (!p[n] || n > NAME_MAX)
			break;
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		next = openat(fd < 0 ? rootfd : fd, name,
			      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		close_fd(fd);
		fd = next;
		enable_at(fd, list);
		p += n;
	}
	return 0;
}

/* Below a threaded group only a threaded one takes processes in. */
static void join_threaded(int dirfd)
{
	char type[64];

	if (io_read_at(dirfd, "cgroup.type", type, sizeof(type)) > 0 &&
	    str_starts(type, "domain invalid"))
		(void)io_write_str_at(dirfd, "cgroup.type", "threaded");
}

int cg_enable_v2(struct cg *g)
{
	const struct cg_dir *d = cg_find(g, "");
	_cleanup_close_ int rootfd = -EBADF;
	char all[512], have[512], mount[PATH_MAX];
	ssize_t n;

	if (!d || !str_ends(d->path, g->path))
		return 0;
	snprintf(mount, sizeof(mount), "%.*s",
		 (int)(strlen(d->path) - strlen(g->path)), d->path);
	rootfd = cg_open_dir(mount, true);
	if (rootfd < 0)
		return 0;
	n = io_read_at(rootfd, "cgroup.controllers", all, sizeof(all));
	if (n <= 0 ||
	    io_read_at(d->fd, "cgroup.controllers", have, sizeof(have)) < 0)
		return 0;
	/*
	 * What could not be enabled is missed when a limit needs it: that
	 * error can name the limit.
	 */
	if (!streq(all, have)) {
		(void)enable_path(rootfd, g->path, all);
		join_threaded(d->fd);
	}
	return 0;
}
