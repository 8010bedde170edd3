/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group of v2 given to the container's user.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/proc.h"
#include "cgroups/group.h"

/* The files that are needed to manage what is below; as the kernel lists them. */
static const char *delegated(char *buf, size_t size)
{
	if (io_read_at(AT_FDCWD, "/sys/kernel/cgroup/delegate", buf, size) > 0)
		return buf;
	return "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";
}

int cg_give(struct cg *g, uid_t uid)
{
	const struct cg_dir *d = g->mode == CG_V2 ? cg_find(g, "") : NULL;
	char buf[4096], name[NAME_MAX + 1];
	int r;

	if (!d)
		return 0;
	r = fchownat(d->fd, "", uid, (gid_t)-1, AT_EMPTY_PATH) < 0 ? -errno : 0;
	for (const char *p = delegated(buf, sizeof(buf)); *p && r == 0;) {
		size_t n = strcspn(p, "\n");

		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		if (n > 0 && n <= NAME_MAX &&
		    fchownat(d->fd, name, uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) <
			    0 &&
		    errno != ENOENT)
			r = -errno;
		p += n + (p[n] == '\n');
	}
	/* Who has no right to give it away leaves it as it is. */
	if (r == -EPERM && (geteuid() != 0 || !proc_in_init_userns()))
		return 0;
	return r < 0 ? err_set(r, "give cgroup %s to user %u", d->path, uid)
		     : 0;
}
