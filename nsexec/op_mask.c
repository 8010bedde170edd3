/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masked and read-only paths. What a masked file is covered with is a null
 * device on a tmpfs of init's own, never the one that the image or its /dev
 * shows; a directory is covered with an empty read-only tmpfs. The first one is
 * attached, the others are clones of it (a detached mount cannot be cloned
 * before Linux 6.15).
 */
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define MASK_ATTR (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

static int covered_dir = -EBADF;  /* a mask that is attached */
static int covered_file = -EBADF; /* likewise */
static int host_null = -EBADF;	  /* detached clone of the host's */

static int keep(struct init *in, int fd)
{
	in->first_tmp = MAX(in->first_tmp, fd + 1);
	return fd;
}

static int clone_fd(struct init *in, int fd)
{
	return fd_tmp(in, sys_open_tree(fd, "", K_TREE_OF_FD));
}

/* In a user namespace no node can be made: the host's, if it is the one. */
static int clone_host_null(struct init *in)
{
	int fd = fd_tmp(in,
			sys_open_tree(AT_FDCWD, "/dev/null",
				      OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW));

	if (fd < 0)
		return err_set(fd, "open /dev/null");
	if (!is_null(fd))
		return err_text(-EINVAL, "/dev/null is not the null device");
	return fd;
}

static bool wants_host_null(const struct init *in)
{
	for (size_t i = in->next; i < in->head->n_ops; i++)
		if (in->ops[i].code == OP_MASK)
			return in->userns || in->ops[i].arg;
	return false;
}

int mask_before_pivot(struct init *in)
{
	int fd;

	if (!wants_host_null(in))
		return 0;
	fd = clone_host_null(in);
	if (fd < 0)
		return fd;
	host_null = keep(in, fd);
	return 0;
}

/* Kernels before 6.15: the tmpfs lies on the root while the node is cloned. */
static int clone_attached(struct init *in, int tmp)
{
	int root = root_fd(in), fd, r;

	if (root < 0)
		return root;
	r = mount_attach(tmp, root);
	if (r < 0)
		return r;
	fd = fd_tmp(in, sys_open_tree(tmp, "null", OPEN_TREE_CLONE));
	r = fchdir(tmp) < 0 ? -errno : k_umount(".", K_MNT_DETACH);
	if (r == 0 && chdir("/") < 0)
		r = -errno;
	return r < 0 ? r : fd;
}

/* A detached mount of a null device; -EPERM where none can be made. */
static int own_null(struct init *in)
{
	int tmp = fs_tmpfs(in, true, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), fd;

	if (tmp < 0)
		return tmp;
	if (mknodat(tmp, "null", S_IFCHR | 0666, makedev(1, 3)) < 0)
		return err_set(-errno, "make a null device");
	fd = fd_tmp(in, sys_open_tree(tmp, "null", OPEN_TREE_CLONE));
	if (fd == -EINVAL)
		fd = clone_attached(in, tmp);
	if (fd < 0)
		return err_set(fd, "clone a null device");
	return is_null(fd) ? fd : err_set(-EINVAL, "make a null device");
}

static int file_mask(struct init *in)
{
	int fd;

	if (covered_file >= 0)
		return clone_fd(in, covered_file);
	if (host_null >= 0)
		return host_null;
	if (in->userns && !in->pivoted)
		return clone_host_null(in);
	fd = own_null(in);
	if (fd == -EPERM && !in->pivoted)
		fd = clone_host_null(in);
	return fd;
}

static int dir_mask(struct init *in)
{
	if (covered_dir >= 0)
		return clone_fd(in, covered_dir);
	return fs_tmpfs(in, false, MASK_ATTR | MOUNT_ATTR_NODEV);
}

/* Opens what is to be covered: 0 when there is nothing. */
static int open_target(struct init *in, const char *path, int *ret)
{
	int root = root_fd(in), fd;

	if (root < 0)
		return root;
	fd = fd_tmp(in, path_open_in(root, path, O_PATH, 0));
	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return err_set(fd, "open %s", path);
	*ret = fd;
	return 1;
}

int op_mask(struct init *in, const struct plan_op *op)
{
	struct mount_change c = { .userns = -EBADF };
	const char *path = OP_STR(in, op->s1);
	int dest, mask, *kept, r;
	struct stat st;

	r = open_target(in, path, &dest);
	if (r <= 0)
		return r;
	if (fstat(dest, &st) < 0)
		return err_set(-errno, "stat %s", path);
	kept = S_ISDIR(st.st_mode) ? &covered_dir : &covered_file;
	mask = S_ISDIR(st.st_mode) ? dir_mask(in) : file_mask(in);
	if (mask < 0)
		return *err_get() ? err_ctx(mask, "mask %s", path)
				  : err_set(mask, "mask %s", path);
	if (*kept < 0) {
		if (!S_ISDIR(st.st_mode))
			c.set = MASK_ATTR;
		*kept = keep(in, mask);
	}
	r = mount_put(in, mask, dest, &c);
	return r < 0 ? err_ctx(r, "mask %s", path) : 0;
}

int op_readonly(struct init *in, const struct plan_op *op)
{
	const struct mount_change c = { .set = MOUNT_ATTR_RDONLY,
					.userns = -EBADF };
	const char *path = OP_STR(in, op->s1);
	int dest, tree, r;

	r = open_target(in, path, &dest);
	if (r <= 0)
		return r;
	tree = fd_tmp(in,
		      sys_open_tree(dest, "", K_TREE_OF_FD | K_AT_RECURSIVE));
	if (tree < 0)
		return err_set(tree, "make %s read-only: open_tree", path);
	r = mount_put(in, tree, dest, &c);
	return r < 0 ? err_ctx(r, "make %s read-only", path) : 0;
}
