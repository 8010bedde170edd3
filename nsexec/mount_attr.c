/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes and propagation of a mount by its fd: mount_setattr(2), before
 * the mount can be seen; on kernels before 5.12 by mount(2) once it is
 * attached.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/statfs.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

/* MOUNT_ATTR_*, MS_* and ST_* (statfs) of the same meaning. */
static const struct {
	uint64_t attr;
	unsigned long ms, st;
} old_flags[] = {
	{ MOUNT_ATTR_RDONLY, MS_RDONLY, 0x1 },
	{ MOUNT_ATTR_NOSUID, MS_NOSUID, 0x2 },
	{ MOUNT_ATTR_NODEV, MS_NODEV, 0x4 },
	{ MOUNT_ATTR_NOEXEC, MS_NOEXEC, 0x8 },
	{ MOUNT_ATTR_NOATIME, MS_NOATIME, 0x400 },
	{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, 0x800 },
	{ MOUNT_ATTR_STRICTATIME, MS_STRICTATIME, 0 },
};

/* mount(2) replaces all flags: those that stay are given again. */
static int change_old(struct init *in, int fd, const struct mount_change *c)
{
	unsigned long flags = MS_REMOUNT | MS_BIND;
	struct statfs fs;
	char path[40];
	int proc, r = 0;

	if (c->rec_set || c->rec_clear || c->userns >= 0)
		return -ENOSYS;
	proc = procfs_open(in, false);
	if (proc < 0)
		return proc;
	if (fchdir(proc) < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(old_flags); i++)
		if (c->set & old_flags[i].attr ||
		    (!(c->clear & old_flags[i].attr) &&
		     (unsigned long)fs.f_flags & old_flags[i].st))
			flags |= old_flags[i].ms;
	fmt_print(path, sizeof(path), "self/fd/%d", fd);
	if (c->set || c->clear)
		r = k_mount(NULL, path, NULL, flags, NULL);
	if (r == 0 && c->propagation)
		r = k_mount(NULL, path, NULL, c->propagation, NULL);
	if (chdir("/") < 0)
		return -errno;
	return r;
}

static int refused(int r)
{
	if (r == -ENOSYS)
		return err_set(r, "mount_setattr (Linux 5.12 is needed for "
				  "this)");
	if (r == -EPERM)
		err_hint("a flag that the source is locked with cannot be "
			 "cleared in a user namespace");
	return err_set(r, "mount_setattr");
}

static void whole_atime(struct sys_mount_attr *a)
{
	if ((a->attr_set | a->attr_clr) & MOUNT_ATTR__ATIME)
		a->attr_clr |= MOUNT_ATTR__ATIME;
}

static int change_new(int fd, const struct mount_change *c)
{
	struct sys_mount_attr one = { .attr_set = c->set, .attr_clr = c->clear };
	struct sys_mount_attr all = { .attr_set = c->rec_set,
				      .attr_clr = c->rec_clear };
	struct sys_mount_attr *p = c->propagation & MS_REC ? &all : &one;
	int r = 0;

	p->propagation = c->propagation & ~(unsigned int)MS_REC;
	if (c->userns >= 0) {
		p = c->idmap_rec ? &all : &one;
		p->attr_set |= MOUNT_ATTR_IDMAP;
		p->userns_fd = (uint64_t)c->userns;
	}
	whole_atime(&one);
	whole_atime(&all);
	if (all.attr_set || all.attr_clr || all.propagation)
		r = sys_mount_setattr(fd, "", K_AT_EMPTY_PATH | K_AT_RECURSIVE,
				      &all);
	if (r == 0 && (one.attr_set || one.attr_clr || one.propagation))
		r = sys_mount_setattr(fd, "", K_AT_EMPTY_PATH, &one);
	return r;
}

int mount_change(struct init *in, int fd, const struct mount_change *c)
{
	int r = change_new(fd, c);

	if (r == -ENOSYS)
		r = change_old(in, fd, c);
	return r < 0 ? refused(r) : 0;
}

int mount_readonly(struct init *in, int fd)
{
	const struct mount_change c = { .set = MOUNT_ATTR_RDONLY,
					.userns = -EBADF };

	return mount_change(in, fd, &c);
}

int mount_attach(int mount, int dest)
{
	return sys_move_mount(mount, "", dest, "", K_MOVE_FD_TO_FD);
}

static bool is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int mount_put(struct init *in, int mount, int dest, const struct mount_change *c)
{
	int first = change_new(mount, c), r;

	if (first < 0 && first != -ENOSYS)
		return refused(first);
	r = mount_attach(mount, dest);
	if (r == -EINVAL && is_dir(mount) != is_dir(dest))
		r = -ENOTDIR;
	if (r < 0)
		return err_set(r, "move_mount");
	if (first == -ENOSYS) {
		r = change_old(in, mount, c);
		if (r < 0)
			return refused(r);
	}
	return 0;
}
