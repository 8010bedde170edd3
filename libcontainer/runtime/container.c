/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"
#include "runtime/container.h"
#include "runtime/rdt.h"
#include "runtime/rootfs.h"

#define REMOVE_TIMEOUT_MS 10000

const char *const status_names[] = {
	[ST_CREATING] = "creating", [ST_CREATED] = "created",
	[ST_RUNNING] = "running",   [ST_PAUSED] = "paused",
	[ST_STOPPED] = "stopped",
};

/* What cannot be asked is an error: a guess might end in a living container. */
int container_status(struct store_dir *d, const struct store_state *s,
		     enum status *ret)
{
	int r = proc_is_alive(s->pid, s->start_time);
	const char *waits_at;

	*ret = ST_STOPPED;
	if (s->pid <= 0) {
		if (s->phase && streq(s->phase, "creating"))
			*ret = ST_CREATING;
		return 0;
	}
	if (r < 0)
		return err_set(r, "look at process %d", s->pid);
	if (r == 0)
		return 0;
	if (s->phase && streq(s->phase, "creating")) {
		*ret = ST_CREATING;
		return 0;
	}
	*ret = ST_CREATED;
	waits_at = s->foreign ? STORE_FIFO : STORE_SOCKET;
	if (faccessat(d->fd, waits_at, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return err_set(-errno, "look for %s", waits_at);
		*ret = ST_RUNNING;
	}
	r = s->cgroup ? cg_record_frozen(s->cgroup) : 0;
	if (r < 0 && r != -EACCES && r != -EPERM)
		return err_set(r, "ask whether the container is paused");
	if (r > 0)
		*ret = ST_PAUSED;
	return 0;
}

int container_open(const struct rt_global *g, const char *id,
		   enum store_lock lock, struct arena *a, struct store_dir *d,
		   struct store_state *s, enum status *st)
{
	int r = store_open(g, id, lock, d);

	if (r < 0)
		return r;
	r = store_load(d, a, s);
	if (r < 0)
		return r;
	return container_status(d, s, st);
}

int container_pidfd(const struct store_state *s)
{
	_cleanup_close_ int fd = -EBADF;
	int r;

	if (s->pid <= 0)
		return -ESRCH;
	fd = sys_pidfd_open(s->pid);
	if (fd == -EINVAL || fd == -ESRCH)
		return -ESRCH;
	if (fd < 0)
		return err_set(fd, "open a pidfd of process %d", s->pid);
	/* the pid may be another process by now: asked after the open */
	r = proc_is_alive(s->pid, s->start_time);
	if (r < 0)
		return err_set(r, "look at process %d", s->pid);
	return r > 0 ? take_fd(&fd) : -ESRCH;
}

/* Without a cgroup only init can be killed; the kernel does the rest if it is
 * pid 1 of its namespace. */
static int kill_init(const struct store_state *s)
{
	_cleanup_close_ int fd = container_pidfd(s);
	int r;

	if (fd < 0)
		return fd == -ESRCH ? 0 : fd;
	r = sys_pidfd_send_signal(fd, SIGKILL);
	if (r < 0 && r != -ESRCH)
		return err_set(r, "kill process %d", s->pid);
	r = io_wait(fd, POLLIN, REMOVE_TIMEOUT_MS);
	if (r == 0)
		return err_text(-EBUSY, "container init still running");
	return r < 0 ? err_set(r, "wait for process %d", s->pid) : 0;
}

static int kill_group(const struct store_state *s)
{
	_cleanup_cg_ struct cg *g = NULL;
	int r = cg_open(s->cgroup, &g);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	return cg_signal_all(g, SIGKILL, NULL);
}

void container_kill_all(const struct store_state *s)
{
	if (s->cgroup)
		(void)!kill_group(s);
	(void)!kill_init(s);
}

int container_destroy(struct store_dir *d, struct store_state *s)
{
	int r = 0, r2;

	if (s->cgroup)
		r = kill_group(s);
	r2 = kill_init(s);
	if (r2 < 0)
		return r2;
	if (s->cgroup) {
		r = cg_remove(s->cgroup, REMOVE_TIMEOUT_MS);
		if (r < 0)
			return r;
	}
	if (r >= 0)
		r = rdt_remove(s);
	if (r >= 0)
		r = rootfs_unmount(s);
	return r < 0 ? r : store_remove(d);
}

int container_write_pid_file(const char *path, pid_t pid)
{
	char dir[PATH_MAX], name[NAME_MAX + 1], text[16];
	const char *slash = strrchr(path, '/');
	_cleanup_close_ int fd = -EBADF;
	int r, n;

	n = snprintf(dir, sizeof(dir), "%.*s",
		     slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	if (n < 0 || (size_t)n >= sizeof(dir))
		return err_set(-ENAMETOOLONG, "write pid file %s", path);
	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(-errno, "open the directory of pid file %s",
			       path);
	n = snprintf(text, sizeof(text), "%d", (int)pid);
	r = io_replace_at(fd, name, text, (size_t)n, 0644);
	return r < 0 ? err_set(r, "write pid file %s", path) : 0;
}

char *container_owner(struct arena *a, uid_t uid)
{
	_cleanup_free_ char *text = NULL;
	char *line, *save = NULL;
	size_t len;

	if (io_slurp_at(AT_FDCWD, "/etc/passwd", 1u << 20, true, &text, &len) <
	    0)
		return arena_printf(a, "#%u", uid);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *pw = strchr(line, ':'), *id, *end;
		uint32_t n;

		id = pw ? strchr(pw + 1, ':') : NULL;
		end = id ? strchr(id + 1, ':') : NULL;
		if (!end)
			continue;
		*pw = *end = '\0';
		if (str_u32(id + 1, &n) == 0 && n == uid)
			return arena_strdup(a, line);
	}
	return arena_printf(a, "#%u", uid);
}
