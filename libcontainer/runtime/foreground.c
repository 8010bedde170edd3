/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/sys.h"
#include "runtime/console.h"

/* One direction of the relay: what was read but not yet written. */
struct pipe_half {
	int from, to;
	char buf[8192];
	size_t off, len;
	bool eof;
};

int foreground_begin(struct foreground *f, bool subreaper)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return err_set(-errno, "block signals");
	f->sigfd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (f->sigfd < 0)
		return err_set(-errno, "make a signalfd");
	if (subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_set(-errno, "become a subreaper");
	return 0;
}

void foreground_end(struct foreground *f)
{
	if (f->tty >= 0)
		tcsetattr(f->tty, TCSANOW, &f->old);
	close_fd(f->sigfd);
	close_fd(f->master);
	sdnotify_close(&f->notify);
	*f = (struct foreground)FOREGROUND_NONE;
}

/* The caller's terminal passes every byte through; its size is the pty's. */
static void take_terminal(struct foreground *f)
{
	struct termios raw;

	if (tcgetattr(0, &f->old) < 0)
		return;
	raw = f->old;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST | (f->old.c_oflag & ONLCR);
	if (tcsetattr(0, TCSANOW, &raw) == 0)
		f->tty = 0;
}

static void copy_size(struct foreground *f)
{
	struct winsize w;

	if (f->master >= 0 && ioctl(0, TIOCGWINSZ, &w) == 0)
		ioctl(f->master, TIOCSWINSZ, &w);
}

/* Orphans of the container that came to us, a subreaper; not its process. */
static void reap_orphans(pid_t keep)
{
	for (;;) {
		siginfo_t si = { 0 };

		if (waitid(P_ALL, 0, &si,
			   WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 ||
		    si.si_pid == 0 || si.si_pid == keep)
			return;
		waitid(P_PID, (id_t)si.si_pid, &si, WEXITED | WNOHANG | __WALL);
	}
}

static void forward_signals(struct foreground *f, pid_t pid, int pidfd)
{
	struct signalfd_siginfo si;

	while (read(f->sigfd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGWINCH && f->master >= 0)
			copy_size(f);
		else if (si.ssi_signo == SIGCHLD)
			reap_orphans(pid);
		else if (si.ssi_signo != SIGURG && si.ssi_signo != SIGPIPE)
			sys_pidfd_send_signal(pidfd, (int)si.ssi_signo);
	}
}

static void half_read(struct pipe_half *h)
{
	ssize_t n = read(h->from, h->buf, sizeof(h->buf));

	if (n > 0)
		h->len = (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		h->eof = true;
}

static void half_write(struct pipe_half *h)
{
	ssize_t n = write(h->to, h->buf + h->off, h->len - h->off);

	if (n > 0)
		h->off += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		h->eof = true;
	if (h->off >= h->len || h->eof)
		h->off = h->len = 0;
}

/* Which way this half wants to go now. */
static struct pollfd half_poll(const struct pipe_half *h)
{
	if (h->eof)
		return (struct pollfd){ .fd = -1 };
	if (h->len > 0)
		return (struct pollfd){ .fd = h->to, .events = POLLOUT };
	return (struct pollfd){ .fd = h->from, .events = POLLIN };
}

static void half_turn(struct pipe_half *h)
{
	if (h->len > 0)
		half_write(h);
	else
		half_read(h);
}

/* What the process wrote before it ended is still in the pty. */
static void drain(struct pipe_half *out)
{
	while (!out->eof) {
		if (out->len == 0) {
			if (io_wait(out->from, POLLIN, 0) <= 0)
				return;
			half_read(out);
		}
		while (out->len > 0 && !out->eof) {
			if (io_wait(out->to, POLLOUT, 1000) <= 0)
				return;
			half_write(out);
		}
	}
}

static int relay(struct foreground *f, pid_t pid, int pidfd)
{
	/* not on the stack: without a terminal no page of them is touched */
	static struct pipe_half in, out;

	in.to = out.from = f->master;
	out.to = 1;
	in.eof = out.eof = f->master < 0;
	for (;;) {
		struct pollfd p[5] = {
			{ .fd = pidfd, .events = POLLIN },
			{ .fd = f->sigfd, .events = POLLIN },
			half_poll(&in),
			half_poll(&out),
			{ .fd = f->notify.sock, .events = POLLIN },
		};

		if (poll(p, 5, -1) < 0 && errno != EINTR)
			return -errno;
		if (p[1].revents)
			forward_signals(f, pid, pidfd);
		if (p[2].revents)
			half_turn(&in);
		if (p[3].revents)
			half_turn(&out);
		if (p[4].revents)
			sdnotify_turn(&f->notify);
		if (p[0].revents)
			break;
	}
	drain(&out);
	return 0;
}

int foreground_wait(struct foreground *f, pid_t pid, int pidfd, int master,
		    int *status)
{
	siginfo_t si = { 0 };
	int r;

	f->master = master;
	if (master >= 0) {
		take_terminal(f);
		fd_set_nonblock(master, true);
	}
	r = relay(f, pid, pidfd);
	if (r < 0)
		return err_set(r, "relay the container's terminal");
	while (waitid(P_PID, (id_t)pid, &si, WEXITED | __WALL) < 0)
		if (errno != EINTR)
			return err_set(-errno, "wait for process %d", (int)pid);
	*status = si.si_code == CLD_EXITED ? si.si_status : 128 + si.si_status;
	return 0;
}
