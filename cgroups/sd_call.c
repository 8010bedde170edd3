/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the helper program that talks to systemd: from a sealed memory file,
 * with no environment and nothing open but the two ends of one socket.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/sys.h"
#include "cgroups/sd/embed.h"
#include "cgroups/unit.h"

/* The helper ends itself before that. */
#define WAIT_MS 280000
#define REPLY_MAX 65536

const bool sd_built = true;

/* In the child: what goes wrong before the helper runs is a text, too. */
_noreturn_ static void run_helper(int memfd, int sock)
{
	char *argv[] = { (char *)"tare-sd", NULL };
	char *envp[] = { NULL };
	sigset_t none;
	int r;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(sock, fd) < 0)
			_exit(127);
	r = sys_execveat(memfd, "", argv, envp, AT_EMPTY_PATH);
	dprintf(STDERR_FILENO, "%s",
		r == -ENOENT ? "this host has no dynamic loader" : err_str(-r));
	_exit(127);
}

static pid_t start_helper(int *ret_sock)
{
	_cleanup_close_ int memfd =
		io_sealed_memfd("tare:sd", tare_sd_start,
				(size_t)(tare_sd_end - tare_sd_start));
	_cleanup_close_ int mine = -EBADF, theirs = -EBADF;
	int pair[2];
	pid_t pid;

	if (memfd < 0)
		return memfd;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	mine = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_helper(memfd, theirs);
	*ret_sock = take_fd(&mine);
	return pid;
}

/* All that the helper says, up to its end. Bytes, or -errno. */
static ssize_t read_reply(int sock, char *buf, size_t size)
{
	int64_t end = io_now_ms() + WAIT_MS;
	size_t n = 0;

	for (;;) {
		int64_t left = end - io_now_ms();
		ssize_t k;
		int r = io_wait(sock, POLLIN, (int)MAX(left, 0));

		if (r <= 0)
			return r < 0 ? r : -ETIMEDOUT;
		k = read(sock, buf + n, size - 1 - n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return errno == ECONNRESET ? (ssize_t)n : -errno;
		n += (size_t)k;
		buf[n] = '\0';
		if (k == 0 || n == size - 1)
			return (ssize_t)n;
	}
}

static int talk(int sock, const struct buf *q, char *buf, size_t size,
		ssize_t *ret_len)
{
	/* One that ended early has said why: that is read below. */
	int r = io_write_all(sock, q->data, q->len);

	if (r < 0 && r != -EPIPE && r != -ECONNRESET)
		return r;
	shutdown(sock, SHUT_WR);
	*ret_len = read_reply(sock, buf, size);
	return *ret_len < 0 ? (int)*ret_len : 0;
}

static void end_helper(pid_t pid, bool hangs)
{
	if (hangs)
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The loader's own words, when it could not even begin. */
static int no_reply(char *text)
{
	int r;

	text[strcspn(text, "\n")] = '\0';
	r = err_text(-ENOTSUP,
		     "the systemd cgroup driver cannot run its helper: %s",
		     *text ? text : "it ended without a word");
	if (strstr(text, "libsystemd"))
		err_hint("the systemd cgroup driver needs libsystemd.so.0 on "
			 "the host");
	return r;
}

static int ask_helper(const struct buf *q, char *buf, size_t size,
		      ssize_t *ret_len)
{
	_cleanup_close_ int sock = -EBADF;
	pid_t pid = start_helper(&sock);
	int r;

	if (pid < 0)
		return err_set(pid, "start the helper for systemd");
	r = talk(sock, q, buf, size, ret_len);
	end_helper(pid, r < 0);
	return r < 0 ? err_set(r, "talk to the helper for systemd") : 0;
}

int sd_call(struct arena *a, const struct sd_request *q, struct sd_reply *ret)
{
	_cleanup_buf_ struct buf request = { 0 };
	char *buf = arena_alloc(a, REPLY_MAX);
	ssize_t len = 0;
	int r;

	sd_put_request(&request, q);
	if (!buf || buf_error(&request) < 0)
		return err_set(-ENOMEM, "ask systemd");
	r = ask_helper(&request, buf, REPLY_MAX, &len);
	if (r < 0)
		return r;
	if (sd_get_reply(buf, (size_t)len, ret) < 0)
		return no_reply(buf);
	return ret->err > 0 ? err_text(-ret->err, "%s", ret->text) : 0;
}
