/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the small libc of init lacks or spells too widely: kernel constants and
 * raw mount calls. Constants are those of include/uapi/linux/; a call returns
 * 0 or -errno.
 */
#ifndef TARE_NSEXEC_KERNEL_H
#define TARE_NSEXEC_KERNEL_H

#include <errno.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of the oldest kernel supported (5.10). */
#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif
#define K_AT_RECURSIVE 0x8000
#define K_AT_EMPTY_PATH 0x1000
#define K_FSPICK_EMPTY_PATH 8
#define K_MNT_DETACH 2
#define K_UMOUNT_NOFOLLOW 8

#define K_CLONE_FILES 0x400ull
#define K_CLONE_PIDFD 0x1000ull
#define K_CLOSE_RANGE_CLOEXEC 4u

#define K_PROC_MAGIC 0x9fa0
#define K_DEVPTS_MAGIC 0x1cd1
#define K_PROC_ROOT_INO 1

/* Clones the mount of an fd that is a path itself. */
#define K_TREE_OF_FD (OPEN_TREE_CLONE | K_AT_EMPTY_PATH)
/* Moves the mount of an fd on what another fd is. */
#define K_MOVE_FD_TO_FD (MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)

#ifndef SYS_fspick
#define SYS_fspick 433
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

static inline int k_errno(long r)
{
	return r < 0 ? -errno : (int)r;
}

static inline int k_mount(const char *src, const char *dst, const char *type,
			  unsigned long flags, const void *data)
{
	return k_errno(syscall(SYS_mount, src, dst, type, flags, data));
}

static inline int k_umount(const char *dst, int flags)
{
	return k_errno(syscall(SYS_umount2, dst, flags));
}

static inline int k_fspick(int fd)
{
	return k_errno(syscall(SYS_fspick, fd, "",
			       K_FSPICK_EMPTY_PATH | FSPICK_CLOEXEC));
}

#endif
