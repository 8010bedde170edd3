/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A procfs of init's own, attached nowhere: nothing of the container can lie
 * on its files. Where a user namespace may not make one, the container's /proc
 * after a check; what lies on a file there is refused (RESOLVE_NO_XDEV).
 */
#include <fcntl.h>
#include <string.h>
#include <sys/statfs.h>

#include "base/fd.h"
#include "base/fmt.h"
#include "base/path.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

bool procfs_is_root(int fd)
{
	struct statfs fs;
	struct stat st;

	return fstatfs(fd, &fs) == 0 && fs.f_type == K_PROC_MAGIC &&
	       fstat(fd, &st) == 0 && st.st_ino == K_PROC_ROOT_INO;
}

static int open_attached(struct init *in)
{
	int root = root_fd(in), fd;

	if (root < 0)
		return root;
	fd = fd_tmp(in, path_open_in(root, "/proc",
				     O_PATH | O_DIRECTORY | O_NOFOLLOW, 0));
	if (fd < 0)
		return err_set(fd, "open /proc");
	if (!procfs_is_root(fd))
		return err_text(-EINVAL, "/proc is not procfs");
	return fd;
}

int procfs_open(struct init *in, bool all)
{
	static const char pids[] = "subset=pid";
	const struct fs_config c = {
		.type = "proc",
		.source = "proc",
		.words = pids,
		.words_len = all ? 0 : sizeof(pids),
	};
	int fd;

	if (in->proc[all] >= 0)
		return in->proc[all];
	fd = fs_mount(in, &c,
		      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (fd == -EPERM || fd == -EBUSY || fd == -EOPNOTSUPP)
		fd = open_attached(in);
	if (fd < 0)
		return err_ctx(fd, "open a private procfs");
	err_clear();
	in->proc[all] = fd;
	return fd;
}

int procfs_write_attr(struct init *in, const char *file, const char *text)
{
	int proc = procfs_open(in, false), fd;
	char path[128];
	ssize_t n;

	if (proc < 0)
		return proc;
	/* by number: the links "self" and "thread-self" would be refused */
	fmt_print(path, sizeof(path), "%d/task/%d/attr/%s", getpid(), getpid(),
		  file);
	fd = fd_tmp(in, path_open_strict(proc, path, O_WRONLY));
	if (fd < 0)
		return err_set(fd, "open /proc/thread-self/attr/%s", file);
	n = write(fd, text, strlen(text));
	if (n < 0)
		return err_set(-errno,
			       "write \"%s\" to /proc/thread-self/attr/%s",
			       text, file);
	return 0;
}
