/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/sys.h"
#include "runtime/spawn.h"

/* "CONTAINER HOST SIZE\n" lines, as the kernel takes them in one write. */
static void map_text(const oci_id_maps *m, struct buf *b)
{
	for (size_t i = 0; i < m->n; i++)
		buf_printf(b, "%u %u %u\n", m->v[i].container_id,
			   m->v[i].host_id, m->v[i].size);
}

static int write_proc(pid_t pid, const char *file, const struct buf *b)
{
	char path[64];

	if (buf_error(b) < 0)
		return -ENOMEM;
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return io_write_at(AT_FDCWD, path, b->data, b->len);
}

static int run_helper(const char *prog, char *const argv[])
{
	static const char *const dirs[] = { "", "/usr/bin/", "/bin/",
					    "/usr/local/bin/" };
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		char path[128];

		for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
			snprintf(path, sizeof(path), "%s%s", dirs[i], prog);
			if (i == 0)
				execvp(path, argv);
			else
				execv(path, argv);
		}
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT
							       : -EPERM;
}

/* newuidmap(1): the set-uid helper that an ordinary user maps ranges with. */
static int map_by_helper(const char *prog, pid_t pid, const oci_id_maps *m)
{
	_cleanup_buf_ struct buf b = { 0 };
	char *argv[3 + 3 * 340 + 1];
	size_t n = 0, used = 0;
	char *p;
	int r;

	buf_printf(&b, "%s%c%d%c", prog, 0, (int)pid, 0);
	for (size_t i = 0; i < m->n && i < 340; i++)
		buf_printf(&b, "%u%c%u%c%u%c", m->v[i].container_id, 0,
			   m->v[i].host_id, 0, m->v[i].size, 0);
	if (buf_error(&b) < 0)
		return -ENOMEM;
	for (p = b.data; used < b.len; used += strlen(p) + 1, p = b.data + used)
		argv[n++] = p;
	argv[n] = NULL;
	r = run_helper(prog, argv);
	if (r == -ENOENT)
		err_hint("install %s (package uidmap) to map ranges of ids",
			 prog);
	return r;
}

static int write_map(pid_t pid, const char *file, const char *prog,
		     const oci_id_maps *m)
{
	_cleanup_buf_ struct buf b = { 0 };
	int r;

	map_text(m, &b);
	r = write_proc(pid, file, &b);
	if (r == -EPERM)
		r = map_by_helper(prog, pid, m);
	if (r < 0)
		return err_set(r, "write %s of process %d", file, (int)pid);
	return 0;
}

/* The kernel wants "deny" before an ordinary user maps just its own gid. */
static int deny_setgroups(pid_t pid, const oci_id_maps *gids)
{
	_cleanup_buf_ struct buf b = { 0 };
	int r;

	if (geteuid() == 0 || gids->n != 1 || gids->v[0].size != 1 ||
	    gids->v[0].host_id != getegid())
		return 0;
	buf_puts(&b, "deny");
	r = write_proc(pid, "setgroups", &b);
	return r < 0 && r != -ENOENT
		       ? err_set(r, "deny setgroups in process %d", (int)pid)
		       : 0;
}

int userns_write_maps(pid_t pid, const oci_id_maps *uids,
		      const oci_id_maps *gids)
{
	int r = deny_setgroups(pid, gids);

	if (r < 0)
		return r;
	r = write_map(pid, "uid_map", "newuidmap", uids);
	if (r < 0)
		return err_ctx(r, "linux.uidMappings");
	r = write_map(pid, "gid_map", "newgidmap", gids);
	return r < 0 ? err_ctx(r, "linux.gidMappings") : 0;
}

static int pause_main(void *arg)
{
	char c;

	(void)!read(*(int *)arg, &c, 1);
	_exit(0);
}

int userns_fd(const oci_id_maps *uids, const oci_id_maps *gids)
{
	static char stack[16384] __attribute__((aligned(16)));
	int p[2], fd = -EBADF, pidfd = -EBADF, r;
	char path[64];
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) < 0)
		return err_set(-errno, "make a pipe");
	pid = clone(pause_main, stack + sizeof(stack),
		    CLONE_NEWUSER | CLONE_PIDFD | SIGCHLD, &p[0], &pidfd);
	if (pid < 0) {
		r = err_set(-errno, "make a user namespace for a mapping");
		close_fd(p[0]);
		close_fd(p[1]);
		return r;
	}
	r = userns_write_maps(pid, uids, gids);
	if (r >= 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		r = fd < 0 ? err_set(-errno, "open %s", path) : 0;
	}
	sys_pidfd_send_signal(pidfd, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	close_fd(pidfd);
	close_fd(p[0]);
	close_fd(p[1]);
	return r < 0 ? r : fd;
}

int timens_write(pid_t pid, const struct oci_linux *l)
{
	_cleanup_buf_ struct buf b = { 0 };
	int r;

	for (size_t i = 0; i < l->time_offsets.n; i++)
		buf_printf(&b, "%s %lld %u\n", l->time_offsets.v[i].key,
			   (long long)l->time_offsets.v[i].secs,
			   l->time_offsets.v[i].nanosecs);
	if (b.len == 0)
		return 0;
	r = write_proc(pid, "timens_offsets", &b);
	return r < 0 ? err_set(r, "linux.timeOffsets: write timens_offsets")
		     : 0;
}
