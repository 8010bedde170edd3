/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks that run inside the container's namespaces: a child with the state on
 * its standard input, its output captured for the message, a group of its own
 * that is killed when time is up. It inherits three descriptors and the
 * environment that its entry gives, nothing else.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/fmt.h"
#include "base/io.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define OUTPUT_MAX 1024 /* kept of each stream */
#define HOOK_ARGS_MAX 1024
/* Annotations may be long; pages that no state reaches cost nothing. */
#define STATE_MAX (1 << 20)
#define FDS_MAX 4096

/* enum oci_hook_point; the names are what runc's messages say. */
static const char *const point_names[] = { "prestart",	      "createRuntime",
					   "createContainer", "startContainer",
					   "poststart",	      "poststop" };

struct output {
	int fd;
	size_t n;
	char text[OUTPUT_MAX];
};

struct run {
	pid_t pid;
	int pidfd, in_fd;
	const char *state[3]; /* text, pid, text */
	unsigned int at;      /* the piece that is being written */
	struct output out, err;
	int64_t end; /* ms, 0: none */
	bool timed_out;
};

static int fill(struct init *in, uint32_t blob, uint32_t len, char **v)
{
	const char *p = OP_STR(in, blob), *end = p + len;
	size_t n = 0;

	if (len > 0 && end[-1] != '\0')
		return -EBADMSG;
	for (; p < end; p += strlen(p) + 1) {
		if (n + 1 >= HOOK_ARGS_MAX)
			return -E2BIG;
		v[n++] = (char *)(uintptr_t)p;
	}
	v[n] = NULL;
	return 0;
}

/* In the child. What goes wrong here is told by errno through fail_fd. */
static _noreturn_ void hook_main(struct init *in, const struct plan_op *op,
				 const int *stdio, int fail_fd)
{
	static char *argv[HOOK_ARGS_MAX], *envp[HOOK_ARGS_MAX];
	int r = fill(in, op->blob, op->blob_len, argv);

	if (r == 0)
		r = fill(in, op->blob2, op->blob2_len, envp);
	if (r == 0 && !argv[0])
		argv[0] = (char *)(uintptr_t)OP_STR(in, op->s1);
	if (r == 0 && setsid() < 0)
		r = -errno;
	for (int i = 0; i < 3 && r == 0; i++)
		if (dup3(stdio[i], i, 0) < 0)
			r = -errno;
	/* a hook of the container's side starts in the root file system */
	if (r == 0 && !in->pivoted && fchdir(in->root) < 0)
		r = -errno;
	umask(022);
	/* the container's filter may know of no close_range */
	if (r == 0 && sys_close_range(3, ~0u, K_CLOSE_RANGE_CLOEXEC) < 0)
		for (int fd = 3; fd < FDS_MAX; fd++)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (r == 0) {
		execve(OP_STR(in, op->s1), argv, envp);
		r = -errno;
	}
	(void)!write(fail_fd, &r, sizeof(r));
	_exit(127);
}

static int start(struct init *in, const struct plan_op *op, struct run *run)
{
	int p[4][2], pidfd = -EBADF, fail = 0;
	struct sys_clone_args a = { .flags = K_CLONE_PIDFD,
				    .pidfd = (uint64_t)(uintptr_t)&pidfd,
				    .exit_signal = SIGCHLD };
	ssize_t n;

	for (int i = 0; i < 4; i++) {
		if (pipe2(p[i], O_CLOEXEC) < 0)
			return err_set(-errno, "pipe");
		fd_tmp(in, MAX(p[i][0], p[i][1]));
	}
	run->pid = sys_clone3(&a);
	if (run->pid == -ENOSYS) /* denied by the container's filter */
		run->pid = k_errno(syscall(SYS_clone, K_CLONE_PIDFD | SIGCHLD,
					   0, &pidfd, 0, 0));
	if (run->pid < 0)
		return err_set(run->pid, "fork");
	if (run->pid == 0) {
		const int stdio[3] = { p[0][0], p[1][1], p[2][1] };

		hook_main(in, op, stdio, p[3][1]);
	}
	run->pidfd = fd_tmp(in, pidfd);
	run->in_fd = p[0][1];
	run->out.fd = p[1][0];
	run->err.fd = p[2][0];
	close_fd(p[0][0]);
	close_fd(p[1][1]);
	close_fd(p[2][1]);
	close_fd(p[3][1]);
	/* EOF: execve closed it */
	do
		n = read(p[3][0], &fail, sizeof(fail));
	while (n < 0 && errno == EINTR);
	fd_set_nonblock(run->in_fd, true);
	fd_set_nonblock(run->out.fd, true);
	fd_set_nonblock(run->err.fd, true);
	return n == sizeof(fail) ? fail : 0;
}

/* Keeps the start of what a stream says and drops the rest. */
static void drain(struct output *o)
{
	char rest[512];
	ssize_t n;

	while (o->fd >= 0) {
		if (o->n < sizeof(o->text) - 1)
			n = read(o->fd, o->text + o->n,
				 sizeof(o->text) - 1 - o->n);
		else
			n = read(o->fd, rest, sizeof(rest));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			o->fd = -EBADF;
			return;
		}
		if (o->n < sizeof(o->text) - 1)
			o->n += (size_t)n;
	}
}

/* A hook that does not read its state is fine: EPIPE ends the writing. */
static void feed(struct run *run)
{
	const char **p = &run->state[run->at];
	ssize_t n = write(run->in_fd, *p, strlen(*p));

	if (n < 0 && errno == EAGAIN)
		return;
	if (n >= 0)
		*p += n;
	if (n >= 0 && **p == '\0')
		run->at++;
	if (n < 0 || run->at == ARRAY_SIZE(run->state))
		close_fd(take_fd(&run->in_fd));
}

static int step(struct run *run)
{
	struct pollfd p[4] = {
		{ .fd = run->pidfd, .events = POLLIN },
		{ .fd = run->in_fd, .events = POLLOUT },
		{ .fd = run->out.fd, .events = POLLIN },
		{ .fd = run->err.fd, .events = POLLIN },
	};
	int64_t left = run->end ? run->end - io_now_ms() : -1;
	int r;

	if (run->end && left <= 0) {
		run->timed_out = true;
		return 0;
	}
	r = poll(p, ARRAY_SIZE(p), left > 60000 ? 60000 : (int)left);
	if (r < 0 && errno != EINTR)
		return err_set(-errno, "poll");
	if (p[1].revents)
		feed(run);
	if (p[2].revents)
		drain(&run->out);
	if (p[3].revents)
		drain(&run->err);
	return p[0].revents ? 0 : 1;
}

static int finish(struct run *run, siginfo_t *si)
{
	int r;

	/* also what it left behind in the background, when time is up */
	if (run->timed_out)
		kill(-run->pid, SIGKILL);
	do
		r = waitid(P_PID, (id_t)run->pid, si, WEXITED);
	while (r < 0 && errno == EINTR);
	drain(&run->out);
	drain(&run->err);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return r < 0 ? err_set(-errno, "wait for the hook") : 0;
}

static int judge(const struct plan_op *op, struct run *run, const siginfo_t *si)
{
	char what[64];

	if (run->timed_out)
		return err_text(-ETIMEDOUT,
				"hook ran past specified timeout of %llu.%llus",
				(unsigned long long)op->x / 1000,
				(unsigned long long)op->x % 1000 / 100);
	if (si->si_code == CLD_EXITED && si->si_status == 0)
		return 0;
	if (si->si_code == CLD_EXITED)
		fmt_print(what, sizeof(what), "exit status %d", si->si_status);
	else
		fmt_print(what, sizeof(what), "signal: %d", si->si_status);
	run->out.text[run->out.n] = '\0';
	run->err.text[run->err.n] = '\0';
	return err_text(-ECANCELED, "%s, stdout: %s, stderr: %s", what,
			run->out.text, run->err.text);
}

static int run_hook(struct init *in, const struct plan_op *op, struct run *run)
{
	siginfo_t si = { 0 };
	int r, failed;

	failed = start(in, op, run);
	if (failed < 0 && run->pid <= 0)
		return failed;
	r = failed < 0 ? 0 : 1;
	while (r > 0)
		r = step(run);
	if (r < 0)
		run->timed_out = true;
	if (finish(run, &si) < 0)
		return -ECHILD;
	if (failed < 0)
		return err_text(failed, "fork/exec %s: %s, stdout: , stderr: ",
				OP_STR(in, op->s1), err_str(failed));
	return r < 0 ? r : judge(op, run, &si);
}

int op_hook(struct init *in, const struct plan_op *op)
{
	static struct run run;
	char pid[16];
	int r;

	fmt_print(pid, sizeof(pid), "%d", getpid());
	run = (struct run){
		.pidfd = -EBADF,
		.state = { OP_STR(in, op->s2), pid, OP_STR(in, op->s3) },
		.end = op->x ? io_now_ms() + (int64_t)op->x : 0,
	};
	/* a hook that closes its input must not be the end of init */
	signal(SIGPIPE, SIG_IGN);
	r = run_hook(in, op, &run);
	signal(SIGPIPE, SIG_DFL);
	fd_sweep(in);
	if (r < 0)
		err_ctx(r, "error running %s hook #%llu",
			op->arg < ARRAY_SIZE(point_names) ? point_names[op->arg]
							  : "?",
			(unsigned long long)op->y);
	return r;
}
