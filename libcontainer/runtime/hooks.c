/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/sys.h"
#include "runtime/hooks.h"
#include "spec/extensions.h"

#define OUTPUT_MAX 1024
#define DRAIN_MS 50

static char *const default_env[] = {
	(char *)"PATH=" OCI_DEFAULT_PATH,
	NULL,
};

struct hook_run {
	pid_t pid;
	int pidfd;
	int in, out, err; /* our ends of its pipes */
	struct buf text_out, text_err;
	const char *state;
	size_t state_left;
	const struct hook_files *files;
};

/* Where an annotation wants the output of hooks to go; -EBADF: to us. */
struct hook_files {
	int out, err;
};

static void hook_files_close(struct hook_files *f)
{
	close_fd(f->out);
	close_fd(f->err);
}

static int open_file(const struct kv_list *annotations, const char *key,
		     int *ret)
{
	const char *path = oci_annotation(annotations, key);
	int fd;

	if (!path || !*path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY,
		  0666);
	if (fd < 0)
		return err_set(-errno, "annotation %s: open %s", key, path);
	*ret = fd;
	return 0;
}

static int hook_files_open(const struct kv_list *annotations,
			   struct hook_files *f)
{
	int r = open_file(annotations, EXT_HOOKS_STDOUT, &f->out);

	return r < 0 ? r : open_file(annotations, EXT_HOOKS_STDERR, &f->err);
}

static void hook_run_free(struct hook_run *h)
{
	close_fd(h->pidfd);
	close_fd(h->in);
	close_fd(h->out);
	close_fd(h->err);
	buf_free(&h->text_out);
	buf_free(&h->text_err);
}

static int spawn_with(struct hook_run *h, const struct oci_hook *hook,
		      const char *cwd, const int theirs[3])
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t all, none;
	char *argv0[] = { hook->path, NULL };
	int r;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&fa, theirs[i], i);
	posix_spawn_file_actions_addchdir_np(&fa, cwd);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP |
					      POSIX_SPAWN_SETSIGDEF |
					      POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&at, &all);
	posix_spawnattr_setsigmask(&at, &none);
	r = posix_spawn(&h->pid, hook->path, &fa, &at,
			hook->args.n ? hook->args.v : argv0,
			hook->env.v ? hook->env.v : default_env);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	return -r;
}

static int hook_spawn(struct hook_run *h, const struct oci_hook *hook,
		      const char *cwd)
{
	int p[3][2] = { { -EBADF, -EBADF },
			{ -EBADF, -EBADF },
			{ -EBADF, -EBADF } };
	int r = 0;

	for (int i = 0; i < 3 && r == 0; i++)
		if (pipe2(p[i], O_CLOEXEC) < 0)
			r = -errno;
	if (r == 0) {
		const struct hook_files *f = h->files;
		const int theirs[3] = {
			p[0][0],
			f->out >= 0 ? f->out : p[1][1],
			f->err >= 0 ? f->err : p[2][1],
		};

		r = spawn_with(h, hook, cwd, theirs);
	}
	h->in = p[0][1];
	h->out = p[1][0];
	h->err = p[2][0];
	close_fd(p[0][0]);
	close_fd(p[1][1]);
	close_fd(p[2][1]);
	if (r < 0)
		return r;
	fd_set_nonblock(h->in, true);
	fd_set_nonblock(h->out, true);
	fd_set_nonblock(h->err, true);
	h->pidfd = sys_pidfd_open(h->pid);
	return h->pidfd < 0 ? h->pidfd : 0;
}

static void feed(struct hook_run *h)
{
	ssize_t n = write(h->in, h->state, h->state_left);

	if (n > 0) {
		h->state += n;
		h->state_left -= (size_t)n;
	}
	if (h->state_left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fdp(&h->in);
}

static void collect(int *fd, struct buf *b)
{
	char tmp[1024];
	ssize_t n = read(*fd, tmp, sizeof(tmp));

	if (n > 0 && b->len < OUTPUT_MAX)
		buf_add(b, tmp, MIN((size_t)n, OUTPUT_MAX - b->len));
	else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fdp(fd);
}

/* One turn of the loop: 1 when the hook has ended. */
static int hook_turn(struct hook_run *h, int timeout_ms)
{
	struct pollfd p[4] = {
		{ .fd = h->pidfd, .events = POLLIN },
		{ .fd = h->in, .events = POLLOUT },
		{ .fd = h->out, .events = POLLIN },
		{ .fd = h->err, .events = POLLIN },
	};
	int r = poll(p, 4, timeout_ms);

	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	if (p[1].revents)
		feed(h);
	if (p[2].revents)
		collect(&h->out, &h->text_out);
	if (p[3].revents)
		collect(&h->err, &h->text_err);
	return p[0].revents ? 1 : 0;
}

/* 0 ended, -ETIME at its timeout. */
static int hook_watch(struct hook_run *h, const struct oci_hook *hook)
{
	int64_t end = hook->timeout.set ? io_now_ms() + hook->timeout.v * 1000
					: INT64_MAX;
	int r = 0;

	while (r == 0) {
		int64_t left = end == INT64_MAX ? -1 : end - io_now_ms();

		if (end != INT64_MAX && left <= 0)
			return -ETIME;
		r = hook_turn(h, left < 0 ? -1 : (int)MIN(left, 3600000));
	}
	return r < 0 ? r : 0;
}

static int hook_judge(struct hook_run *h, const char *name, size_t i)
{
	siginfo_t si = { 0 };
	char how[48];

	while (waitid(P_PID, (id_t)h->pid, &si, WEXITED) < 0)
		if (errno != EINTR)
			return err_set(-errno, "wait for the %s hook", name);
	if (si.si_code == CLD_EXITED && si.si_status == 0)
		return 0;
	for (int64_t end = io_now_ms() + DRAIN_MS; /* what is still in pipes */
	     (h->out >= 0 || h->err >= 0) && io_now_ms() < end;)
		hook_turn(h, 5);
	if (si.si_code == CLD_EXITED)
		snprintf(how, sizeof(how), "exit status %d", si.si_status);
	else
		snprintf(how, sizeof(how), "signal %d", si.si_status);
	return err_text(-EIO,
			"error running %s hook #%zu: %s, stdout: %s, stderr: "
			"%s",
			name, i, how, buf_str(&h->text_out),
			buf_str(&h->text_err));
}

static int hook_one(const struct oci_hook *hook, const char *name, size_t i,
		    const char *cwd, const struct buf *state,
		    const struct hook_files *files)
{
	_cleanup_(hook_run_free) struct hook_run h = {
		.pidfd = -EBADF,
		.in = -EBADF,
		.out = -EBADF,
		.err = -EBADF,
		.state = state->data,
		.state_left = state->len,
		.files = files,
	};
	int r = hook_spawn(&h, hook, cwd);

	if (r < 0)
		return err_text(r,
				"error running %s hook #%zu: fork/exec %s: %s",
				name, i, hook->path, err_str(-r));
	r = hook_watch(&h, hook);
	if (r < 0)
		kill(-h.pid, SIGKILL);
	if (r == -ETIME) {
		waitpid(h.pid, NULL, 0);
		return err_text(r,
				"error running %s hook #%zu: hook ran past "
				"specified timeout of %lld.0s",
				name, i, (long long)hook->timeout.v);
	}
	return hook_judge(&h, name, i);
}

int hooks_run(const struct oci_hooks *h, enum oci_hook_point at,
	      const struct hook_state *s, const char *status, int pid)
{
	_cleanup_(hook_files_close) struct hook_files files = { -EBADF, -EBADF };
	_cleanup_buf_ struct buf state = { 0 };
	struct sigaction ign = { .sa_handler = SIG_IGN }, old;
	int r = 0;

	if (!h || h->at[at].n == 0)
		return 0;
	if (hook_state_json(&state, s, status, pid) < 0)
		return err_set(-ENOMEM, "make the state for hooks");
	r = hook_files_open(s->annotations, &files);
	sigaction(SIGPIPE, &ign, &old);
	for (size_t i = 0; i < h->at[at].n && r >= 0; i++) {
		r = hook_one(&h->at[at].v[i], oci_hook_names[at], i, s->bundle,
			     &state, &files);
		/* the container is gone: every clean-up gets its chance */
		if (r < 0 && at == OCI_POSTSTOP) {
			log_warn("%s", err_get());
			r = 0;
		}
	}
	sigaction(SIGPIPE, &old, NULL);
	return r;
}
