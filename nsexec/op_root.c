/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system: made a mount, entered, the old one left behind. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define LINE_MAX_BYTES 16384 /* of mountinfo: three paths and options */

int op_propagation(struct init *in, const struct plan_op *op)
{
	int r = k_mount(NULL, "/", NULL, op->x, NULL);

	if (r < 0)
		return err_set(r, "set propagation of /");
	in->shared = (op->x & MS_SHARED) != 0;
	return 0;
}

/* pivot_root(2) wants the mount that holds the new root not to be shared. */
static int unshare_parent(const char *path)
{
	char part[PATH_MAX];
	size_t n = strlen(path);
	int r = -EINVAL;

	if (n >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, n + 1);
	while (r == -EINVAL && n > 0) {
		r = k_mount(NULL, part, NULL, MS_PRIVATE, NULL);
		if (n == 1)
			break;
		while (n > 1 && part[n - 1] != '/')
			n--;
		n = n > 1 ? n - 1 : 1;
		part[n] = '\0';
	}
	return r;
}

/* The place in the host's tree where the root file system gets mounted. */
static int root_place(struct init *in, const char *path, bool passed)
{
	int fd = openat(AT_FDCWD, path,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == EACCES && passed)
		fd = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(-errno, "open root file system %s", path);
	return fd_tmp(in, fd);
}

/* A mount that is put below a shared one is shared, whatever it was. */
static int leave_peers(struct init *in, int tree)
{
	const struct mount_change c = { .propagation = MS_PRIVATE | MS_REC,
					.userns = -EBADF };

	return mount_change(in, tree, &c);
}

int op_root(struct init *in, const struct plan_op *op)
{
	const char *path = *OP_STR(in, op->s1) ? OP_STR(in, op->s1) : "/";
	int tree = plan_slot(in, op->slot2);
	const bool passed = tree >= 0;
	struct mount_change c = { .set = op->x, .userns = -EBADF };
	int place, r;

	if (in->shared) {
		r = unshare_parent(path);
		if (r < 0)
			return err_set(r, "make the mount of %s private", path);
	}
	place = root_place(in, path, passed);
	if (place < 0)
		return place;
	if (passed || in->shared)
		c.propagation = MS_SLAVE | MS_REC; /* the host's own peer */
	if (!passed)
		tree = sys_open_tree(AT_FDCWD, path,
				     OPEN_TREE_CLONE | K_AT_RECURSIVE);
	if (tree < 0)
		return err_set(tree, "clone root file system %s", path);
	r = mount_put(in, tree, place, &c);
	if (r == 0 && op_has(op, PRF_ALONE))
		r = leave_peers(in, tree);
	if (r < 0)
		return err_ctx(r, "mount root file system %s", path);
	in->root = tree;
	if (op->slot >= 0)
		in->slots[op->slot] = tree;
	in->first_tmp = MAX(in->first_tmp, tree + 1);
	return 0;
}

int op_remount_ro(struct init *in, const struct plan_op *op)
{
	const char *path = OP_STR(in, op->s1);
	int root = root_fd(in), fd, r;

	if (root < 0)
		return root;
	fd = fd_tmp(in, path_open_in(root, path, O_PATH, 0));
	if (fd < 0)
		return err_set(fd, "open %s", path);
	r = mount_readonly(in, fd);
	return r < 0 ? err_ctx(r, "make %s read-only", path) : 0;
}

int op_root_ro(struct init *in, const struct plan_op *op)
{
	int root = root_fd(in), r;

	if (root < 0)
		return root;
	r = mount_readonly(in, root);
	return r < 0 ? err_ctx(r, "make the root file system read-only") : 0;
}

/* --- entering ----------------------------------------------------------- */

static int pivot(struct init *in, int root)
{
	int old = -EBADF, r;

	if (in->shared) {
		old = fd_tmp(in, openat(AT_FDCWD, "/",
					O_PATH | O_DIRECTORY | O_CLOEXEC));
		if (old < 0)
			return err_set(-errno, "open the old root");
	}
	if (fchdir(root) < 0)
		return err_set(-errno, "enter the root file system");
	/* The old root comes to lie on the new one, and is unmounted there. */
	r = sys_pivot_root(".", ".");
	if (r < 0)
		return err_set(r, "pivot_root");
	if (old >= 0) {
		/* what is unmounted here must stay mounted on the host */
		if (fchdir(old) < 0)
			return err_set(-errno, "enter the old root");
		r = k_mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL);
		if (r < 0)
			return err_set(r, "set propagation of the old root");
	}
	r = k_umount(".", K_MNT_DETACH);
	return r < 0 ? err_set(r, "unmount the old root") : 0;
}

/* Undoes mountinfo's \040 and the like in place. */
static void unescape(char *s)
{
	char *d = s;

	for (; *s; d++) {
		if (s[0] == '\\' && s[1] && s[2] && s[3]) {
			*d = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
				    (s[3] - '0'));
			s += 4;
		} else {
			*d = *s++;
		}
	}
	*d = '\0';
}

/*
 * One line of mountinfo: is it a procfs or sysfs of the host? Then without it:
 * a container without pivot could reach it, unmasked, below its root's mount.
 */
static int drop_host_mount(char *line, const char *rootfs)
{
	char *place = NULL, *word = line;
	bool wanted = false;
	int r;

	/* "id parent dev root PLACE options [tags] - TYPE source options" */
	for (int i = 1; *word; i++) {
		char *end = word + strcspn(word, " ");
		const bool dash = end == word + 1 && *word == '-';

		if (i == 5)
			place = word;
		word = *end ? end + 1 : end;
		if (dash) {
			wanted = strncmp(word, "proc ", 5) == 0 ||
				 strncmp(word, "sysfs ", 6) == 0;
			break;
		}
	}
	if (!wanted || !place)
		return 0;
	place[strcspn(place, " ")] = '\0';
	unescape(place);
	if (path_below(place, rootfs))
		return 0;
	r = k_mount(NULL, place, NULL, MS_SLAVE | MS_REC, NULL);
	if (r == 0)
		r = k_umount(place, K_MNT_DETACH);
	if (r == -EINVAL || r == -ENOENT)
		return 0; /* below one that is gone already */
	if (r == -EPERM)  /* locked by a user namespace: hidden instead */
		r = k_mount("tmpfs", place, "tmpfs", MS_RDONLY, "size=0");
	return r < 0 ? err_set(r, "unmount %s", place) : 0;
}

static int drop_host_mounts(struct init *in, const char *rootfs)
{
	static char text[LINE_MAX_BYTES];
	size_t have = 0;
	ssize_t n;
	int fd, r;

	fd = fd_tmp(in, openat(AT_FDCWD, "/proc/self/mountinfo",
			       O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return err_set(-errno, "open /proc/self/mountinfo");
	while ((n = read(fd, text + have, sizeof(text) - 1 - have)) > 0) {
		char *line = text, *end;

		have += (size_t)n;
		text[have] = '\0';
		for (; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			r = drop_host_mount(line, rootfs);
			if (r < 0)
				return r;
		}
		have -= (size_t)(line - text);
		memmove(text, line, have);
	}
	if (n < 0 || have > 0)
		return err_set(n < 0 ? -errno : -E2BIG,
			       "read /proc/self/mountinfo");
	return 0;
}

/* For root file systems on the boot ramfs, which cannot be pivoted from. */
static int move_root(struct init *in, int root)
{
	char path[PATH_MAX];
	int r;

	if (fchdir(root) < 0 || syscall(SYS_getcwd, path, sizeof(path)) < 0)
		return err_set(-errno, "enter the root file system");
	r = drop_host_mounts(in, path);
	if (r < 0)
		return r;
	r = k_mount(".", "/", NULL, MS_MOVE, NULL);
	if (r < 0)
		return err_set(r, "move the root file system to /");
	if (chroot(".") < 0)
		return err_set(-errno, "chroot");
	return 0;
}

/* In a mount namespace that is the host's. */
static int change_root(int root)
{
	if (fchdir(root) < 0)
		return err_set(-errno, "enter the root file system");
	return chroot(".") < 0 ? err_set(-errno, "chroot") : 0;
}

static int enter_root(struct init *in, const struct plan_op *op, int root)
{
	if (op_has(op, PPF_CHROOT))
		return change_root(root);
	return op_has(op, PPF_NO_PIVOT) ? move_root(in, root) : pivot(in, root);
}

int op_pivot(struct init *in, const struct plan_op *op)
{
	int root = op->slot >= 0 ? plan_slot(in, op->slot) : in->root;
	int r;

	r = mask_before_pivot(in);
	if (r == 0)
		r = enter_root(in, op, root);
	if (r < 0)
		return r;
	if (chdir("/") < 0)
		return err_set(-errno, "chdir to /");
	in->pivoted = true;
	return 0;
}

int op_root_propagation(struct init *in, const struct plan_op *op)
{
	int r = k_mount(NULL, "/", NULL, op->x, NULL);

	return r < 0 ? err_set(r, "set propagation of /") : 0;
}
