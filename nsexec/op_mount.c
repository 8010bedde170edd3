/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of mounts[]: the destination is opened inside the root once, the
 * mount is made detached, gets its attributes and is attached to that fd.
 */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/statfs.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

/* What may be mounted over in procfs: the files that lxcfs gives. */
static const char *const proc_files[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/meminfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/uptime",
	"/proc/loadavg",
	"/proc/slabinfo",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/sys/crypto/fips_enabled",
};

struct entry {
	struct init *in;
	const struct plan_op *op;
	const char *dest, *source, *type;
	struct mount_change change;
	bool in_proc;	  /* destination may be in procfs */
	bool proc_itself; /* it is /proc */
	bool told;	  /* the error says what and where already */
	bool real_dir;	  /* it has to be a directory, no link to one */
};

static struct fs_config entry_fs(const struct entry *e)
{
	struct fs_config c = {
		.type = e->type,
		.source = e->source,
		.words = OP_STR(e->in, e->op->blob),
		.words_len = e->op->blob_len,
		.sb_flags = (unsigned long)e->op->z,
		.in_child = op_has(e->op, PMF_IN_CHILD),
	};

	/* a device that is not to be written to is not, from the first block */
	if (e->source[0] == '/' && (e->change.set & MOUNT_ATTR_RDONLY) &&
	    !op_has(e->op, PMF_FALLBACK_BIND | PMF_COPYUP))
		c.sb_flags |= MS_RDONLY;
	return c;
}

static void entry_fill(struct entry *e, struct init *in,
		       const struct plan_op *op)
{
	uint64_t rec[2] = { 0, 0 };

	if (op->blob2_len == sizeof(rec))
		memcpy(rec, OP_STR(in, op->blob2), sizeof(rec));
	*e = (struct entry){
		.in = in,
		.op = op,
		.dest = OP_STR(in, op->s1),
		.source = OP_STR(in, op->s2),
		.type = OP_STR(in, op->s3),
		.change = {
			.set = op->x,
			.clear = op->y,
			.rec_set = rec[0],
			.rec_clear = rec[1],
			.propagation = op->arg,
			/* a passed tree comes mapped: only the owner of the
			 * file system may do it */
			.userns = op->slot >= 0 ? -EBADF :
						  plan_slot(in, op->slot2),
			.idmap_rec = op_has(op, PMF_IDMAP_REC),
		},
	};
	e->real_dir = op_has(op, PMF_REAL_DIR) ||
		      (!op_has(op, PMF_BIND) &&
		       (streq(e->type, "proc") || streq(e->type, "sysfs")));
	if (op_has(op, PMF_RO_LATE))
		e->change.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
}

/* --- the destination ---------------------------------------------------- */

static int inside_proc(struct entry *e)
{
	e->told = true;
	return err_text(-EINVAL,
			"\"%s\" cannot be mounted because it is inside /proc",
			e->dest);
}

/*
 * Nothing that is not procfs itself lies on or in /proc: what is masked, and
 * what init writes to, has to be the kernel's.
 */
static int check_proc_text(struct entry *e)
{
	char clean[PATH_MAX];
	int r = path_clean(e->dest, clean, sizeof(clean));

	if (r < 0)
		return err_set(r, "destination %s", e->dest);
	if (!path_below(clean, "/proc"))
		return 0;
	if (streq(clean, "/proc")) {
		e->in_proc = e->proc_itself = e->real_dir = true;
		if (!op_has(e->op, PMF_BIND))
			return streq(e->type, "proc") ? 0 : inside_proc(e);
		return 0; /* the source is looked at */
	}
	for (size_t i = 0; i < ARRAY_SIZE(proc_files); i++)
		if (streq(clean, proc_files[i])) {
			e->in_proc = true;
			return 0;
		}
	return inside_proc(e);
}

/* A link in the image may lead there as well. */
static int check_proc_fd(struct entry *e, int dest)
{
	struct statfs fs;

	if (e->in_proc)
		return 0;
	if (fstatfs(dest, &fs) < 0)
		return err_set(-errno, "statfs %s", e->dest);
	return fs.f_type == K_PROC_MAGIC ? inside_proc(e) : 0;
}

static int open_existing(struct entry *e, int root)
{
	int flags = O_PATH, fd;

	if (e->real_dir)
		flags |= O_NOFOLLOW | O_DIRECTORY;
	if (op_has(e->op, PMF_DEST_NOFOLLOW))
		flags |= O_NOFOLLOW;
	fd = path_open_in(root, e->dest, flags, 0);
	if (!e->real_dir || (fd != -ELOOP && fd != -ENOTDIR))
		return fd_tmp(e->in, fd);
	e->told = true;
	return err_text(-ENOTDIR,
			"filesystem \"%s\" must be mounted on ordinary "
			"directory",
			e->type);
}

/* Makes the destination for what source is; a negative one: a directory. */
static int make_dest(struct entry *e, int root, int source)
{
	unsigned int flags = e->real_dir || op_has(e->op, PMF_DEST_NOFOLLOW)
				     ? PATH_NOFOLLOW
				     : 0;
	struct stat st = { .st_mode = S_IFDIR };
	int fd;

	if (source >= 0 && fstat(source, &st) < 0)
		return -errno;
	fd = place_make(e->in, e->dest, S_ISDIR(st.st_mode));
	if (fd != -EEXIST)
		return fd;
	/* a dangling link, or made by someone else */
	if (!S_ISDIR(st.st_mode))
		flags |= PATH_FILE;
	fd = fd_tmp(e->in, path_make_in(root, e->dest, flags, 0755));
	return fd < 0 || check_proc_fd(e, fd) == 0 ? fd : -EINVAL;
}

/* Opens the destination; source: fd whose type decides what is made. */
static int open_dest(struct entry *e, int source)
{
	int root = root_fd(e->in), fd;

	if (root < 0)
		return root;
	fd = open_existing(e, root);
	if (fd == -ENOENT)
		fd = make_dest(e, root, source);
	else if (fd >= 0 && check_proc_fd(e, fd) < 0)
		return -EINVAL;
	if (fd < 0 && !*err_get())
		err_set(fd, "open destination");
	return fd;
}

/* --- bind mounts -------------------------------------------------------- */

static int open_source(const struct entry *e)
{
	const bool nofollow = op_has(e->op, PMF_SRC_NOFOLLOW);
	int fd;

	if (e->op->slot >= 0)
		return plan_slot(e->in, e->op->slot);
	fd = sys_open_tree(AT_FDCWD, e->source,
			   OPEN_TREE_CLONE |
				   (op_has(e->op, PMF_REC) ? K_AT_RECURSIVE
							   : 0) |
				   (nofollow ? AT_SYMLINK_NOFOLLOW : 0));
	return fd_tmp(e->in, fd);
}

static int put(struct entry *e, int tree, int dest)
{
	return mount_put(e->in, tree, dest, &e->change);
}

/* A link as the source, remade: an equal one that exists is fine. */
static int copy_symlink(const struct entry *e)
{
	char text[PATH_MAX], old[PATH_MAX], name[NAME_MAX + 1];
	int parent;
	ssize_t n = readlinkat(AT_FDCWD, e->source, text, sizeof(text) - 1);

	if (n < 0)
		return errno == EINVAL
			       ? 1
			       : err_set(-errno, "read link %s", e->source);
	text[n] = '\0';
	parent = place_parent(e->in, e->dest, name);
	if (parent < 0)
		return parent;
	if (symlinkat(text, parent, name) == 0)
		return 0;
	if (errno != EEXIST)
		return err_set(-errno, "make link %s", e->dest);
	n = readlinkat(parent, name, old, sizeof(old) - 1);
	old[MAX(n, 0)] = '\0';
	return n > 0 && streq(old, text)
		       ? 0
		       : err_set(-EEXIST, "make link %s", e->dest);
}

static int do_bind(struct entry *e)
{
	int tree, dest;

	if (op_has(e->op, PMF_COPY_SYMLINK)) {
		int r = copy_symlink(e);

		if (r <= 0)
			return r;
	}
	tree = open_source(e);
	if (op_has(e->op, PMF_OPTIONAL) && (tree == -ENOENT || tree == -ENODEV))
		return 0;
	if (tree < 0)
		return err_set(tree, "open source");
	if (e->proc_itself && !procfs_is_root(tree))
		return inside_proc(e);
	/* opened by the host's side: still a peer of the host's mount */
	if (e->op->slot >= 0 && e->change.propagation == 0)
		e->change.propagation = MS_SLAVE | MS_REC;
	dest = open_dest(e, tree);
	return dest < 0 ? dest : put(e, tree, dest);
}

/* --- file systems ------------------------------------------------------- */

static int fallback_bind(struct entry *e, int dest, const char *path)
{
	int tree =
		fd_tmp(e->in, sys_open_tree(AT_FDCWD, path,
					    OPEN_TREE_CLONE | K_AT_RECURSIVE));

	if (tree < 0)
		return err_set(tree, "open %s in its place", path);
	/* read-only was asked for: then all that is below is so as well */
	e->change.rec_set |= e->change.set;
	return put(e, tree, dest);
}

static bool may_fall_back(const struct entry *e, int r, const char **path)
{
	if (op_has(e->op, PMF_FALLBACK_SYSFS)) {
		*path = "/sys";
		return r == -EPERM || r == -EBUSY;
	}
	*path = e->source;
	return op_has(e->op, PMF_FALLBACK_BIND) && (r == -EPERM || r == -EBUSY);
}

/* What fs_mount could not carry: on the directory by mount(2). */
static int mount_old(struct entry *e, const struct fs_config *c, int dest)
{
	struct mount_change rest = e->change;
	int r, fd;

	r = fs_mount_at(e->in, c, e->change.set, dest);
	if (r == 0) {
		/* seen through the root, the mount itself is what is there */
		rest.set = 0;
		fd = fd_tmp(e->in, path_open_in(e->in->root, e->dest,
						O_PATH | O_DIRECTORY, 0));
		if (fd < 0)
			r = err_set(fd, "open %s", e->dest);
		else if (op_has(e->op, PMF_COPYUP))
			r = copyup(e->in, dest, fd);
		if (r == 0)
			r = mount_change(e->in, fd, &rest);
	}
	if (chdir("/") < 0 && r == 0)
		r = err_set(-errno, "chdir to /");
	return r;
}

static int do_fs(struct entry *e)
{
	struct fs_config c = entry_fs(e);
	int dest = open_dest(e, -EBADF), fd, r;
	uint64_t attr = e->change.set;
	const char *path;
	struct stat st;

	if (dest < 0)
		return dest;
	if (op_has(e->op, PMF_TMPFS_MODE)) {
		if (fstat(dest, &st) < 0)
			return err_set(-errno, "stat %s", e->dest);
		c.mode = st.st_mode & 07777;
	}
	if (op_has(e->op, PMF_COPYUP))
		attr &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	fd = fs_mount(e->in, &c, attr);
	if (fd == -EOPNOTSUPP)
		return mount_old(e, &c, dest);
	if (fd < 0 && may_fall_back(e, fd, &path))
		return fallback_bind(e, dest, path);
	if (op_has(e->op, PMF_OPTIONAL) && (fd == -ENOENT || fd == -ENODEV))
		return 0;
	if (fd < 0)
		return fd;
	if (op_has(e->op, PMF_COPYUP)) {
		r = copyup(e->in, dest, fd);
		if (r < 0)
			return r;
	}
	e->change.set &= ~attr; /* fsmount(2) did these */
	e->change.clear = 0;
	return put(e, fd, dest);
}

static int do_remount(struct entry *e)
{
	struct fs_config c = entry_fs(e);
	int root = root_fd(e->in), fd, r = 0;

	if (root < 0)
		return root;
	fd = fd_tmp(e->in, path_open_in(root, e->dest, O_PATH, 0));
	if (fd < 0)
		return err_set(fd, "open %s", e->dest);
	c.source = NULL;
	if (!op_has(e->op, PMF_BIND) && (c.words_len > 0 || c.sb_flags))
		r = fs_reconfigure(e->in, fd, &c);
	return r < 0 ? r : mount_change(e->in, fd, &e->change);
}

int op_mount(struct init *in, const struct plan_op *op)
{
	struct entry e;
	int r;

	entry_fill(&e, in, op);
	if (op_has(op, PMF_REMOUNT))
		r = do_remount(&e);
	else if ((r = check_proc_text(&e)) == 0)
		r = op_has(op, PMF_BIND) ? do_bind(&e) : do_fs(&e);
	if (r < 0 && !e.told)
		err_ctx(r, "mount %s on %s", *e.source ? e.source : e.type,
			e.dest);
	return r;
}

/* The path is resolved in the root of the joined mount namespace. */
int op_unmount(struct init *in, const struct plan_op *op)
{
	const char *path = OP_STR(in, op->s1);
	int r = k_umount(path, K_MNT_DETACH | K_UMOUNT_NOFOLLOW);

	return r < 0 ? err_set(r, "unmount %s", path) : 0;
}
