/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device nodes and links of /dev, and the streams 0..2. All through the fd of
 * the directory that openat2(2) found inside the root: /dev may be a link.
 */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

bool is_null(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(1, 3);
}

/* A node of the host instead of a new one. */
static int bind_device(struct init *in, const struct plan_op *op)
{
	const struct mount_change nothing = { .userns = -EBADF };
	const char *path = OP_STR(in, op->s1), *source = OP_STR(in, op->s2);
	int tree = plan_slot(in, op->slot2), dest, r;
	struct stat st;

	if (tree < 0)
		tree = fd_tmp(in,
			      sys_open_tree(AT_FDCWD, *source ? source : path,
					    OPEN_TREE_CLONE |
						    AT_SYMLINK_NOFOLLOW));
	if (tree < 0)
		return err_set(tree, "open device %s", *source ? source : path);
	if (fstat(tree, &st) < 0)
		return err_set(-errno, "stat device %s", path);
	if ((st.st_mode & S_IFMT) != (op->arg & S_IFMT) ||
	    (!S_ISFIFO(st.st_mode) && st.st_rdev != (dev_t)op->x))
		return err_text(-EINVAL, "device %s of the host is another one",
				path);
	dest = fd_tmp(in, path_make_in(root_fd(in), path,
				       PATH_FILE | PATH_NOFOLLOW, 0755));
	if (dest < 0)
		return err_set(dest, "open destination %s", path);
	r = mount_put(in, tree, dest, &nothing);
	return r < 0 ? err_ctx(r, "bind device %s", path) : 0;
}

/* Is what parent/name is now the node that was asked for? */
static int check_node(const struct plan_op *op, int parent, const char *name,
		      struct stat *st)
{
	if (fstatat(parent, name, st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if ((st->st_mode & S_IFMT) != (op->arg & S_IFMT))
		return -EEXIST;
	if (!S_ISFIFO(st->st_mode) && st->st_rdev != (dev_t)op->x)
		return -EEXIST;
	return 0;
}

int op_device(struct init *in, const struct plan_op *op)
{
	const char *path = OP_STR(in, op->s1);
	char name[NAME_MAX + 1];
	struct stat st;
	int parent, r;

	if (op_has(op, PDF_BIND))
		return bind_device(in, op);
	parent = place_parent(in, path, name);
	if (parent < 0)
		return parent;
	if (mknodat(parent, name, op->arg, (dev_t)op->x) < 0) {
		if (errno == EPERM)
			return bind_device(in, op);
		if (errno != EEXIST)
			return err_set(-errno, "make device %s", path);
	}
	r = check_node(op, parent, name, &st);
	if (r < 0)
		return err_set(r, "make device %s", path);
	if ((st.st_uid != op->y || st.st_gid != op->z) &&
	    fchownat(parent, name, (uid_t)op->y, (gid_t)op->z,
		     AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(-errno, "chown device %s", path);
	return 0;
}

int op_symlink(struct init *in, const struct plan_op *op)
{
	const char *path = OP_STR(in, op->s2);
	char name[NAME_MAX + 1];
	int parent = place_parent(in, path, name);

	if (parent < 0)
		return parent;
	if (symlinkat(OP_STR(in, op->s1), parent, name) < 0 && errno != EEXIST)
		return err_set(-errno, "make link %s", path);
	return 0;
}

/* --- standard streams --------------------------------------------------- */

/*
 * The container's /dev/null, looked at before it is opened; -ENOENT when it
 * has none or something else by that name.
 */
static int open_null(struct init *in)
{
	const int look = O_PATH | O_NOFOLLOW;
	int root = root_fd(in), fd;

	if (root < 0)
		return root;
	fd = fd_tmp(in, path_open_in(root, "/dev/null", look, 0));
	if (fd < 0 || !is_null(fd))
		return -ENOENT;
	fd = path_open_in(root, "/dev/null", O_RDWR | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd == -ENOENT ? fd : err_set(fd, "open /dev/null");
	fd_tmp(in, fd);
	return is_null(fd) ? fd : -ENOENT;
}

/* Of a read-only file system or another user: runs on as it is. */
static bool chown_denied(int e)
{
	return e == EPERM || e == EINVAL || e == EROFS || e == ENOSYS;
}

int op_stdio(struct init *in, const struct plan_op *op)
{
	int null = -EBADF;
	struct stat st;

	for (int fd = 0; fd < 3; fd++) {
		if (fstat(fd, &st) < 0)
			return err_set(-errno, "stat fd %d", fd);
		if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) {
			if (null == -EBADF)
				null = open_null(in);
			if (null < 0 && null != -ENOENT)
				return null;
			if (null >= 0 && dup3(null, fd, 0) < 0)
				return err_set(-errno, "dup3 to %d", fd);
		} else if (st.st_uid != op->x &&
			   fchown(fd, (uid_t)op->x, (gid_t)op->y) < 0 &&
			   !chown_denied(errno)) {
			return err_set(-errno, "chown fd %d", fd);
		}
	}
	return 0;
}
