/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/sys.h"
#include "nsexec/embed.h"
#include "runtime/spawn.h"

#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000 /* 5.12 */
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#define SPAWN_STACK 32768

struct spawn_args {
	int memfd, chan, target;
	bool userns;
	char number[12];
};

/*
 * Until the maps are written this process is nobody in its user namespace, and
 * execve would take all capabilities from it: they are made ambient for that.
 * Init drops them from the inheritable set as soon as it is root.
 */
static int caps_over_execve(void)
{
	uint64_t caps;

	if (sys_capget(NULL, &caps, NULL) < 0 ||
	    sys_capset(caps, caps, caps) < 0)
		return -1;
	for (unsigned int cap = 0; cap < 64; cap++)
		if ((caps >> cap & 1) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return -1;
	return 0;
}

/* Runs on the parent's memory (vfork): only raw calls, no return. */
static int spawn_main(void *p)
{
	struct spawn_args *a = p;
	char *argv[] = { (char *)"tare", (char *)"init", a->number, NULL };
	char *envp[] = { NULL };

	if (a->userns && caps_over_execve() < 0)
		_exit(1);
	for (int fd = 3; fd < a->target; fd++) /* what the process keeps */
		fcntl(fd, F_SETFD, 0);
	if (a->chan == a->target) {
		if (fcntl(a->chan, F_SETFD, 0) < 0)
			_exit(1);
	} else if (dup3(a->chan, a->target, 0) < 0) {
		_exit(1);
	}
	sys_execveat(a->memfd, "", argv, envp, AT_EMPTY_PATH);
	_exit(1);
}

/*
 * On v1 the namespaces come by clone(2) with vfork semantics: no page table is
 * copied. Being born in a cgroup needs clone3(2), which libc does not wrap.
 */
static pid_t clone_init(uint64_t flags, int cgroup_fd, struct spawn_args *a,
			int *pidfd)
{
	static char stack[SPAWN_STACK] __attribute__((aligned(16)));
	pid_t pid;

	if (cgroup_fd < 0) {
		pid = clone(spawn_main, stack + sizeof(stack),
			    (int)(flags | CLONE_VM | CLONE_VFORK | CLONE_PIDFD |
				  SIGCHLD),
			    a, pidfd);
		return pid < 0 ? -errno : pid;
	}
	struct sys_clone_args args = {
		.flags = flags | CLONE_PIDFD | CLONE_INTO_CGROUP | CLONE_VFORK,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)cgroup_fd,
	};
	pid = sys_clone3(&args);
	if (pid == 0)
		spawn_main(a);
	return pid;
}

int child_spawn(uint64_t flags, int cgroup_fd, unsigned int preserve,
		struct child *ret)
{
	_cleanup_close_ int mine = -EBADF, theirs = -EBADF, memfd = -EBADF;
	int pair[2], pidfd = -EBADF;
	pid_t pid;

	memfd = io_sealed_memfd("tare:init", tare_init_start,
				(size_t)(tare_init_end - tare_init_start));
	if (memfd < 0)
		return err_set(memfd, "put init into a memory file");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(-errno, "make a channel to init");
	mine = pair[0];
	theirs = pair[1];
	struct spawn_args a = {
		.memfd = memfd,
		.chan = theirs,
		.target = 3 + (int)preserve,
		.userns = (flags & CLONE_NEWUSER) != 0,
	};
	snprintf(a.number, sizeof(a.number), "%d", a.target);
	pid = clone_init(flags, cgroup_fd, &a, &pidfd);
	if (pid < 0)
		return err_set(pid, "clone a process with new namespaces");
	ret->pid = pid;
	ret->pidfd = pidfd;
	ret->chan = take_fd(&mine);
	log_debug("nsexec container setup: init is process %d", (int)pid);
	return 0;
}

static void reap(pid_t pid, int pidfd)
{
	siginfo_t si;

	sys_pidfd_send_signal(pidfd, SIGKILL);
	while (waitid(P_PID, (id_t)pid, &si, WEXITED | __WALL) < 0 &&
	       errno == EINTR)
		;
}

void child_close(struct child *c)
{
	/* after a late fork the first process has nothing left to do */
	if (c->pid > 0 && (!c->kept || c->final_pid > 0))
		reap(c->pid, c->pidfd);
	if (c->final_pid > 0 && !c->kept)
		reap(c->final_pid, c->final_pidfd);
	close_fd(c->pidfd);
	close_fd(c->chan);
	close_fd(c->final_pidfd);
	close_fd(c->console);
	close_fd(c->notify);
	*c = (struct child)CHILD_NONE;
}

pid_t child_target(const struct child *c)
{
	return c->final_pid > 0 ? c->final_pid : c->pid;
}

int child_target_pidfd(const struct child *c)
{
	return c->final_pid > 0 ? c->final_pidfd : c->pidfd;
}

/* A detached copy of what is mounted at the path, with other owners if asked. */
static int open_source(const struct plan_fd *f, int map)
{
	unsigned int rec = f->map_rec ? AT_RECURSIVE : 0;
	const struct sys_mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
					     .userns_fd = (uint64_t)map };
	_cleanup_close_ int fd = -EBADF;
	int r;

	fd = sys_open_tree(AT_FDCWD, f->path,
			   1 /* OPEN_TREE_CLONE */ | O_CLOEXEC |
				   (f->rec ? AT_RECURSIVE : 0) |
				   (f->nofollow ? AT_SYMLINK_NOFOLLOW : 0));
	if (fd < 0)
		return err_set(fd, "%s: open mount source %s", f->where,
			       f->path);
	if (f->mapped) {
		r = sys_mount_setattr(fd, "", AT_EMPTY_PATH | rec, &attr);
		if (r < 0)
			return err_set(r, "%s: map the ids of %s", f->where,
				       f->path);
	}
	return take_fd(&fd);
}

/* The pid in the path is init's as long as init lives. */
static int open_init_root(const struct plan_fd *f, int init_pidfd)
{
	_cleanup_close_ int fd =
		open(f->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(-errno, "open %s", f->path);
	if (io_wait(init_pidfd, POLLIN, 0) != 0)
		return err_text(-ESRCH, "container not running");
	return take_fd(&fd);
}

/* One fd that the plan asks for; `fds` are those before it. */
static int open_plan_fd(const struct plan_fd *f, const int *fds, int start_fd,
			int init_pidfd)
{
	int fd;

	switch (f->kind) {
	case PFD_START:
		return fcntl(start_fd, F_DUPFD_CLOEXEC, 3);
	case PFD_INIT_PIDFD:
		return fcntl(init_pidfd, F_DUPFD_CLOEXEC, 3);
	case PFD_INIT_ROOT:
		return open_init_root(f, init_pidfd);
	case PFD_USERNS_MAP:
		return userns_fd(f->uid_maps, f->gid_maps);
	case PFD_NS:
		fd = open(f->path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return err_set(-errno, "%s: open namespace %s",
				       f->where, f->path);
		return fd;
	case PFD_TREE:
		return open_source(f, f->mapped ? fds[f->map] : -EBADF);
	}
	return err_set(-EINVAL, "unknown kind of file in the plan");
}

int child_send_plan(struct child *c, const struct plan *p, int start_fd,
		    int init_pidfd)
{
	static int fds[PLAN_MAX_SLOTS];
	size_t n = 0;
	int r = 0;

	if (p->fds.n > ARRAY_SIZE(fds))
		return err_text(-E2BIG,
				"the configuration needs %zu passed "
				"files, at most %zu are possible",
				p->fds.n, ARRAY_SIZE(fds));
	for (; n < p->fds.n; n++) {
		fds[n] = open_plan_fd(&p->fds.v[n], fds, start_fd, init_pidfd);
		if (fds[n] < 0) {
			r = fds[n];
			break;
		}
	}
	if (r >= 0) {
		r = chan_send_plan(c->chan, p->block.data, p->block.len, fds, n);
		if (r < 0)
			err_set(r, "send the plan to init");
		log_debug("child process in init(): plan of %zu bytes, %zu "
			  "files",
			  p->block.len, n);
	}
	while (n > 0)
		close_fd(fds[--n]);
	return r;
}

/* Init's own trail arrives as text: it is taken over as it is. */
static int take_error(const struct chan_msg *m, char *text, size_t len)
{
	const char *hint;

	text[len] = '\0';
	hint = text + MIN(len, strlen(text) + 1);
	err_text(m->arg ? -(int)m->arg : -EIO, "%s", text);
	err_set_class((enum err_class)m->val);
	if (*hint)
		err_hint("%s", hint);
	return m->arg ? -(int)m->arg : -EIO;
}

static int take_child(struct child *c, const struct chan_msg *m)
{
	int fd = sys_pidfd_open((pid_t)m->val);

	if (fd < 0)
		return err_set(fd, "open a pidfd of process %d", (int)m->val);
	c->final_pid = (pid_t)m->val;
	c->final_pidfd = fd;
	return 0;
}

/* The filter may forbid sendmsg: the listener is fetched, not sent. */
static int take_notify(struct child *c, const struct chan_msg *m)
{
	int pidfd = c->final_pidfd >= 0 ? c->final_pidfd : c->pidfd;
	int fd = sys_pidfd_getfd(pidfd, (int)m->arg);

	if (fd < 0)
		return err_set(fd, "fetch the seccomp listener of init");
	close_fd(c->notify);
	c->notify = fd;
	return 0;
}

static int died(const struct child *c)
{
	siginfo_t si = { 0 };

	if (c->pid > 0 &&
	    waitid(P_PID, (id_t)c->pid, &si, WEXITED | WNOWAIT | WNOHANG) == 0 &&
	    si.si_pid == c->pid && si.si_code != CLD_EXITED)
		return err_text(-ECHILD,
				"container init was killed by signal %d",
				si.si_status);
	return err_text(-ECHILD, "container init ended before it was ready");
}

int child_wait(struct child *c)
{
	static char buf[CHAN_PAYLOAD_MAX + 1];
	struct chan_msg m;
	int fds[4];

	for (;;) {
		size_t n = ARRAY_SIZE(fds);
		int r = chan_recv(c->chan, &m, buf, CHAN_PAYLOAD_MAX, fds, &n);

		if (r < 0 && r != -ECONNRESET)
			return err_set(r, "read from init");
		if (r <= 0)
			return c->execed ? CHILD_DONE : died(c);
		if (m.type == CHAN_CONSOLE && n == 1 && c->console < 0)
			c->console = fds[--n];
		while (n > 0)
			close_fd(fds[--n]);
		switch (m.type) {
		case CHAN_SYNC:
			return (int)m.arg;
		case CHAN_ERROR:
			return take_error(&m, buf, m.len);
		case CHAN_EXEC:
			c->execed = true;
			break;
		case CHAN_CHILD:
			r = take_child(c, &m);
			break;
		case CHAN_NOTIFY:
			r = take_notify(c, &m);
			if (r >= 0)
				return SYNC_NOTIFY;
			break;
		case CHAN_WARN:
			buf[m.len] = '\0';
			log_warn("%s", buf);
			break;
		default:
			break;
		}
		if (r < 0)
			return r;
	}
}

int child_go(struct child *c, unsigned int sync)
{
	struct chan_msg m = { .type = CHAN_GO, .arg = sync };
	int r = chan_send(c->chan, &m, NULL, NULL, 0);

	if (sync == SYNC_READY)
		log_debug("init: closing the pipe to signal completion");
	return r < 0 ? err_set(r, "release init") : 0;
}
