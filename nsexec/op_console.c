/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal: a pty of the devpts that the container sees, reached by fds
 * alone. /dev/pts may be anything when an image or a hook has its way, so file
 * system, device and inode are checked before the master is used, and the slave
 * is the peer of that master, never a name.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif
#define PTMX_INO 2

static int is_devpts(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	return fs.f_type == K_DEVPTS_MAGIC ? 0 : -ENODEV;
}

static int open_master(struct init *in)
{
	int root = root_fd(in), dir, fd, r;
	struct stat st;

	if (root < 0)
		return root;
	dir = fd_tmp(in, path_open_in(root, "/dev/pts",
				      O_PATH | O_DIRECTORY | O_NOFOLLOW, 0));
	r = dir < 0 ? dir : is_devpts(dir);
	if (r < 0)
		return err_set(r, "open /dev/pts (a console needs a devpts)");
	fd = openat(dir, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_set(-errno, "open /dev/pts/ptmx");
	fd_tmp(in, fd);
	r = is_devpts(fd);
	if (r == 0 && (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) ||
		       st.st_rdev != makedev(5, 2) || st.st_ino != PTMX_INO))
		r = -ENODEV;
	return r < 0 ? err_set(r, "check /dev/pts/ptmx") : fd;
}

static int open_peer(struct init *in, int master)
{
	int unlock = 0, fd;

	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return err_set(-errno, "unlock the console");
	fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return err_set(-errno, "open the console's slave");
	return fd_tmp(in, fd);
}

static int bind_console(struct init *in, int peer)
{
	const struct mount_change nothing = { .userns = -EBADF };
	int dest, tree, r;

	dest = fd_tmp(in, path_make_in(in->root, "/dev/console",
				       PATH_FILE | PATH_NOFOLLOW, 0755));
	if (dest < 0)
		return err_set(dest, "open /dev/console");
	tree = fd_tmp(in, sys_open_tree(peer, "", K_TREE_OF_FD));
	if (tree < 0)
		return err_set(tree, "clone the console's slave");
	r = mount_put(in, tree, dest, &nothing);
	return r < 0 ? err_ctx(r, "bind /dev/console") : 0;
}

int op_console(struct init *in, const struct plan_op *op)
{
	const struct winsize size = { .ws_row = (unsigned short)op->x,
				      .ws_col = (unsigned short)op->y };
	const struct chan_msg m = { .type = CHAN_CONSOLE };
	int master, peer, r = 0;

	master = open_master(in);
	if (master < 0)
		return master;
	peer = open_peer(in, master);
	if (peer < 0)
		return peer;
	if (op_has(op, PCF_BIND))
		r = bind_console(in, peer);
	if (r < 0)
		return r;
	if (op->x && op->y && ioctl(master, TIOCSWINSZ, &size) < 0)
		return err_set(-errno, "set the console's size");
	r = chan_send(in->chan, &m, NULL, &master, 1);
	if (r < 0)
		return err_set(r, "send the console");
	for (int fd = 0; fd < 3; fd++)
		if (dup3(peer, fd, 0) < 0)
			return err_set(-errno, "dup3 to %d", fd);
	/* held here, the master would keep the terminal from hanging up */
	close_fd(master);
	return 0;
}

int op_ctty(struct init *in, const struct plan_op *op)
{
	if (ioctl(0, TIOCSCTTY, 0) < 0)
		return err_set(-errno, "set the controlling terminal");
	return 0;
}
