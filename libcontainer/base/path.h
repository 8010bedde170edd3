/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths that an attacker may have made. Everything inside a root file system
 * is reached from its O_PATH fd: openat2(RESOLVE_IN_ROOT|NO_MAGICLINKS), and
 * what is missing is made component by component with mkdirat on fds. No
 * function here passes an image's path string to the kernel in any other way.
 * What is made gets its mode through the umask.
 * Also pure path text helpers. 0/fd or -errno; silent; libc only.
 */
#ifndef TARE_BASE_PATH_H
#define TARE_BASE_PATH_H

#include <sys/types.h>

#include "base/macros.h"

/*
 * Opens path (absolute or relative, both from the root) inside rootfd.
 * flags as open(2) (O_CLOEXEC added); EAGAIN retried up to 128 times. fd.
 */
int path_open_in(int rootfd, const char *path, int flags, mode_t mode);

/*
 * Opens path below dirfd (a leading slash is ignored), refusing any symbolic
 * link (-ELOOP), leaving dirfd by ".." and any crossing of a mount (-EXDEV).
 */
int path_open_strict(int dirfd, const char *path, int flags);

/* Flags of path_make_in. */
enum {
	PATH_DIR = 0,	    /* the last component is a directory */
	PATH_FILE = 1 << 0, /* the last component is an empty regular file */
	PATH_NO_CREATE = 1 << 1, /* -ENOENT when missing */
	PATH_NOFOLLOW =
		1 << 2, /* the last component may not be a link: -ELOOP */
};

/*
 * Opens (O_PATH) path inside rootfd, making missing parts: directories with
 * dirmode, the file with 0644. Returns the fd. An existing last component of
 * another type is accepted (the caller decides by fstat).
 */
int path_make_in(int rootfd, const char *path, unsigned int flags,
		 mode_t dirmode);

/*
 * Opens the parent directory of path inside rootfd (missing parts made with
 * dirmode) and tells the last component ("." for the root itself) in name
 * (size NAME_MAX + 1). fd of the parent.
 */
int path_parent_in(int rootfd, const char *path, mode_t dirmode, char *name,
		   size_t size);

/*
 * Pure: cleans text lexically ("//", ".", ".."; a leading ".." vanishes in an
 * absolute path). Writes to dst (which may be src); -ENAMETOOLONG.
 */
int path_clean(const char *src, char *dst, size_t size);

/* Is path equal to or below dir? Both must be clean. */
bool path_below(const char *path, const char *dir);

/* Has a ".." component? */
bool path_has_dotdot(const char *path);

/* mkdir -p with an ambient path of the host (state root, ...). */
int path_mkdir_p(const char *path, mode_t mode);

/*
 * Removes dirfd/name (directories in front are the caller's, of the host) and
 * all below it. Never follows links, and stops at a mount (-EXDEV or -EBUSY)
 * rather than empty what is behind it. 0 when there is nothing. Depth is
 * bounded (-ELOOP).
 */
int path_remove_at(int dirfd, const char *name);

/* The id of the mount that fd is on; 0 where statx(2) is older than 5.8 or
 * denied. */
uint64_t path_mount_id(int fd);

#endif
