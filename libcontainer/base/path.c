/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

/* linux/openat2.h; spelled here because musl comes without kernel headers. */
#define K_RESOLVE_NO_XDEV 0x01u
#define K_RESOLVE_NO_MAGICLINKS 0x02u
#define K_RESOLVE_NO_SYMLINKS 0x04u
#define K_RESOLVE_BENEATH 0x08u
#define K_RESOLVE_IN_ROOT 0x10u

#define K_PROC_SUPER_MAGIC 0x9fa0
#define K_STATX_MNT_ID 0x1000u
#define K_AT_EMPTY_PATH 0x1000

#define EAGAIN_TRIES 128 /* any rename on the machine may cause one */
#define LINKS_MAX 40	 /* as the kernel: MAXSYMLINKS */

/*
 * The walk in user space: for what openat2(2) cannot do (making what is
 * missing, also behind dangling links) and for hosts whose seccomp filter
 * denies it. The kernel only ever gets one name at a time, never "..", never
 * a link to follow: each step is openat(O_PATH | O_NOFOLLOW), links are
 * spliced in as text, and ".." walks again from the root.
 */
struct walk {
	int root;
	int cur; /* the directory reached; owned */
	unsigned int links;
	bool make; /* make missing directories */
	mode_t dirmode;
	char done[PATH_MAX]; /* names of cur below root, "a/b" */
	char rest[PATH_MAX]; /* what is still to walk */
};

static int open_once(int dirfd, const char *path, int flags, mode_t mode)
{
	int fd = openat(dirfd, path, flags | O_CLOEXEC, mode);

	return fd < 0 ? -errno : fd;
}

static int walk_to_root(struct walk *w)
{
	int fd = open_once(w->root, ".", O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return fd;
	close_fd(w->cur);
	w->cur = fd;
	w->done[0] = '\0';
	return 0;
}

static int walk_init(struct walk *w, int root, const char *path)
{
	size_t n = strlen(path);

	if (n >= sizeof(w->rest))
		return -ENAMETOOLONG;
	w->root = root;
	w->cur = -EBADF;
	w->links = 0;
	w->make = false;
	w->dirmode = 0;
	memcpy(w->rest, path, n + 1);
	return walk_to_root(w);
}

static void walk_end(struct walk *w)
{
	close_fd(w->cur);
}

/* Cuts the first name off text; its length, 0 at the end. */
static size_t next_name(const char **text)
{
	*text += strspn(*text, "/");
	return strcspn(*text, "/");
}

/* Moves cur into one existing directory that is no link. */
static int walk_into(struct walk *w, const char *name)
{
	size_t have = strlen(w->done), n = strlen(name);
	int fd;

	if (have + n + 2 > sizeof(w->done))
		return -ENAMETOOLONG;
	fd = open_once(w->cur, name, O_PATH | O_NOFOLLOW | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	if (have > 0)
		w->done[have++] = '/';
	memcpy(w->done + have, name, n + 1);
	close_fd(w->cur);
	w->cur = fd;
	return 0;
}

/* "..": back to the root and down again by names that were no links. */
static int walk_up(struct walk *w)
{
	char again[PATH_MAX], *slash = strrchr(w->done, '/');
	char name[NAME_MAX + 1];
	const char *p = again;
	size_t n;
	int r;

	if (!slash)
		return walk_to_root(w);
	*slash = '\0';
	memcpy(again, w->done, strlen(w->done) + 1);
	r = walk_to_root(w);
	while (r == 0 && (n = next_name(&p)) > 0) {
		memcpy(name, p, n);
		name[n] = '\0';
		p += n;
		r = walk_into(w, name);
	}
	return r;
}

/*
 * Replaces the link cur/name by its text in front of the rest. -EINVAL when
 * name is no link.
 */
static int walk_splice(struct walk *w, const char *name)
{
	char text[PATH_MAX];
	struct statfs fs;
	size_t rest = strlen(w->rest);
	ssize_t n = readlinkat(w->cur, name, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (n == 0)
		return -ENOENT;
	if ((size_t)n + 1 + rest + 1 > sizeof(w->rest))
		return -ENAMETOOLONG;
	if (text[0] == '/') {
		/* procfs: an absolute text belongs to a magic link. */
		if (fstatfs(w->cur, &fs) == 0 && fs.f_type == K_PROC_SUPER_MAGIC)
			return -ELOOP;
	}
	memmove(w->rest + n + 1, w->rest, rest + 1);
	memcpy(w->rest, text, (size_t)n);
	w->rest[n] = '/';
	if (rest == 0)
		w->rest[n] = '\0';
	return text[0] == '/' ? walk_to_root(w) : 0;
}

/* One name that is not the last: into the directory, link or new directory. */
static int walk_step(struct walk *w, const char *name)
{
	int r = walk_into(w, name);

	if (r == -ENOENT && w->make) {
		if (mkdirat(w->cur, name, w->dirmode) < 0 && errno != EEXIST)
			return -errno;
		r = walk_into(w, name);
	}
	if (r == -ENOTDIR || r == -ELOOP) {
		int s = walk_splice(w, name);

		return s == -EINVAL ? -ENOTDIR : s;
	}
	return r;
}

/*
 * Walks up to the last name: cur is its parent and name tells it ("." when
 * the path ends in cur itself).
 */
static int walk_parent(struct walk *w, char name[NAME_MAX + 1])
{
	for (;;) {
		const char *p = w->rest;
		size_t n = next_name(&p);
		const char *after = p + n;
		int r = 0;

		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, n ? p : ".", n ? n : 1);
		name[n ? n : 1] = '\0';
		if (n == 0)
			return 0;
		after += strspn(after, "/");
		memmove(w->rest, after, strlen(after) + 1);
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0)
			r = walk_up(w);
		else if (w->rest[0] == '\0')
			return 0;
		else
			r = walk_step(w, name);
		if (r < 0)
			return r;
	}
}

/* As walk_parent, but a link in the last place is followed. */
static int walk_target(struct walk *w, char name[NAME_MAX + 1])
{
	for (;;) {
		int r = walk_parent(w, name);

		if (r < 0 || strcmp(name, ".") == 0)
			return r;
		r = walk_splice(w, name);
		if (r == -EINVAL || r == -ENOENT)
			return 0; /* no link, or nothing there yet */
		if (r < 0)
			return r;
	}
}

static bool openat2_denied(int r)
{
	return r == -ENOSYS || r == -EPERM;
}

static int resolve(int dirfd, const char *path, int flags, mode_t mode,
		   uint64_t how)
{
	int r = -EAGAIN;

	for (int i = 0; i < EAGAIN_TRIES && r == -EAGAIN; i++)
		r = sys_openat2(dirfd, path, flags, mode, how);
	return r;
}

static int open_walking(int rootfd, const char *path, int flags, mode_t mode)
{
	char name[NAME_MAX + 1];
	struct walk w;
	int r;

	r = walk_init(&w, rootfd, path);
	if (r == 0)
		r = flags & O_NOFOLLOW ? walk_parent(&w, name)
				       : walk_target(&w, name);
	if (r == 0)
		r = open_once(w.cur, name, flags | O_NOFOLLOW, mode);
	walk_end(&w);
	return r;
}

int path_open_in(int rootfd, const char *path, int flags, mode_t mode)
{
	int r;

	if (path[0] == '\0')
		path = ".";
	/* openat2 refuses a mode that nothing needs. */
	if (!(flags & (O_CREAT | O_TMPFILE)))
		mode = 0;
	r = resolve(rootfd, path, flags, mode,
		    K_RESOLVE_IN_ROOT | K_RESOLVE_NO_MAGICLINKS);
	if (openat2_denied(r))
		r = open_walking(rootfd, path, flags, mode);
	return r;
}

/* Never the link itself, where something else was meant. */
static int refuse_link(int fd)
{
	struct stat st;
	int r = 0;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (S_ISLNK(st.st_mode))
		r = -ELOOP;
	if (r < 0)
		close_fd(fd);
	return r < 0 ? r : fd;
}

uint64_t path_mount_id(int fd)
{
	uint64_t sx[32] = { 0 }; /* struct statx */

	if (syscall(SYS_statx, fd, "", K_AT_EMPTY_PATH, K_STATX_MNT_ID, sx) < 0)
		return 0;
	return (uint32_t)sx[0] & K_STATX_MNT_ID ? sx[18] : 0;
}

static int strict_walking(int dirfd, const char *path, int flags)
{
	_cleanup_close_ int cur = -EBADF;
	const uint64_t id = path_mount_id(dirfd);
	char name[NAME_MAX + 1];
	size_t n;

	if (id == 0)
		return -ENOSYS;
	cur = open_once(dirfd, ".", O_PATH | O_DIRECTORY, 0);
	while (cur >= 0) {
		const char *after;
		int fd;

		n = next_name(&path);
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, n ? path : ".", n ? n : 1);
		name[n ? n : 1] = '\0';
		path += n;
		after = path + strspn(path, "/");
		if (strcmp(name, "..") == 0)
			return -EXDEV;
		fd = refuse_link(open_once(
			cur, name, (*after ? O_PATH : flags) | O_NOFOLLOW, 0));
		close_fd(cur);
		cur = fd;
		if (cur >= 0 && path_mount_id(cur) != id)
			return -EXDEV;
		if (!*after)
			break;
	}
	return take_fd(&cur);
}

int path_open_strict(int dirfd, const char *path, int flags)
{
	int r;

	path += strspn(path, "/");
	if (path[0] == '\0')
		path = ".";
	r = resolve(dirfd, path, flags, 0,
		    K_RESOLVE_BENEATH | K_RESOLVE_NO_SYMLINKS |
			    K_RESOLVE_NO_MAGICLINKS | K_RESOLVE_NO_XDEV);
	if (openat2_denied(r))
		r = strict_walking(dirfd, path, flags);
	return r;
}

/* The parent when it exists already: one openat2. -ENOENT asks for a walk. */
static int parent_fast(int rootfd, const char *path, char *name)
{
	char dir[PATH_MAX];
	size_t end = strlen(path), start;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	if (end - start > NAME_MAX || start >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(name, path + start, end - start);
	name[end - start] = '\0';
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -ENOENT;
	memcpy(dir, path, start);
	dir[start] = '\0';
	return path_open_in(rootfd, dir, O_PATH | O_DIRECTORY, 0);
}

static int parent_walking(int rootfd, const char *path, mode_t dirmode,
			  bool follow, char *name)
{
	struct walk w;
	int r;

	r = walk_init(&w, rootfd, path);
	w.make = true;
	w.dirmode = dirmode;
	if (r == 0)
		r = follow ? walk_target(&w, name) : walk_parent(&w, name);
	if (r == 0)
		return w.cur;
	walk_end(&w);
	return r;
}

int path_parent_in(int rootfd, const char *path, mode_t dirmode, char *name,
		   size_t size)
{
	int r;

	if (size < NAME_MAX + 1)
		return -EINVAL;
	r = parent_fast(rootfd, path, name);
	if (r == -ENOENT)
		r = parent_walking(rootfd, path, dirmode, false, name);
	return r;
}

/* Makes parent/name; -EEXIST when there is something already. */
static int make_last(int parent, const char *name, unsigned int flags,
		     mode_t dirmode)
{
	int r = flags & PATH_FILE ? mknodat(parent, name, S_IFREG | 0644, 0)
				  : mkdirat(parent, name, dirmode);

	if (r < 0)
		return -errno;
	return refuse_link(open_once(parent, name, O_PATH | O_NOFOLLOW, 0));
}

int path_make_in(int rootfd, const char *path, unsigned int flags,
		 mode_t dirmode)
{
	const bool follow = !(flags & PATH_NOFOLLOW);
	_cleanup_close_ int parent = -EBADF;
	char name[NAME_MAX + 1];
	int r;

	r = path_open_in(rootfd, path, O_PATH | (follow ? 0 : O_NOFOLLOW), 0);
	if (r != -ENOENT || (flags & PATH_NO_CREATE))
		return follow ? r : refuse_link(r);

	parent = path_parent_in(rootfd, path, dirmode, name, sizeof(name));
	if (parent < 0)
		return parent;
	r = make_last(parent, name, flags, dirmode);
	if (r != -EEXIST)
		return r;

	/* Made by someone else meanwhile, "." or a dangling link. */
	close_fdp(&parent);
	parent = parent_walking(rootfd, path, dirmode, follow, name);
	if (parent < 0)
		return parent;
	r = make_last(parent, name, flags, dirmode);
	if (r == -EEXIST)
		r = refuse_link(open_once(parent, name, O_PATH | O_NOFOLLOW, 0));
	return r;
}
