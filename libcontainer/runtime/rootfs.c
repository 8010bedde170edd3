/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "runtime/rootfs.h"

/* The mount that the directory is on, and the namespace of this process. */
static int look(const char *path, uint64_t *ret_id, uint64_t *ret_ns)
{
	_cleanup_close_ int fd =
		open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || stat("/proc/self/ns/mnt", &st) < 0)
		return -errno;
	*ret_id = path_mount_id(fd);
	*ret_ns = st.st_ino;
	return *ret_id ? 0 : -EOPNOTSUPP;
}

int rootfs_note(const struct oci_spec *spec, struct store_state *s)
{
	int r;

	if (oci_has_ns(spec, OCI_NS_MNT, NULL))
		return 0;
	r = look(s->rootfs, &s->rootfs_below, &s->rootfs_ns);
	return r < 0 ? err_set(r, "look at root file system %s", s->rootfs) : 0;
}

int rootfs_unmount(const struct store_state *s)
{
	uint64_t id, ns;
	int r;

	if (!s->rootfs_below)
		return 0;
	r = look(s->rootfs, &id, &ns);
	/* elsewhere its ids are others, and what is there is not ours */
	if (r == -ENOENT ||
	    (r == 0 && (ns != s->rootfs_ns || id == s->rootfs_below)))
		return 0;
	if (r == 0 && umount2(s->rootfs, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		r = -errno;
	return r < 0 ? err_set(r, "unmount root file system %s", s->rootfs) : 0;
}

int rootfs_of_init(struct arena *a, const struct oci_spec *spec,
		   const struct store_state *s, const char **ret)
{
	*ret = NULL;
	if (oci_has_ns(spec, OCI_NS_MNT, NULL))
		return 0;
	*ret = arena_printf(a, "/proc/%d/root", (int)s->pid);
	return *ret ? 0 : err_set(-ENOMEM, "name the root of init");
}
