/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timer: starts commands and says how long each took, without a shell or an
 * interpreter in the measured interval.
 *
 * Standard input carries requests, standard output the answers. A request is
 * "seq N" or "par N" on a line of its own, followed by N commands, one a line,
 * fields separated by tabs; seq runs them one after another, par all at once.
 * The answer is one line: nanoseconds from before the first vfork to after the
 * last wait; the worst exit status (128 + signal, 124 = out of time); the
 * largest ru_maxrss in KiB of the commands and of the children they waited for;
 * the sum of their page faults.
 *
 * The timer adopts orphans (containers left by create) and reaps them at once,
 * as the process 1 of a machine does. With --hide DIR it lives in a mount
 * namespace of its own in which DIR is not mounted. With --log FILE the
 * commands' standard error goes there; their other streams are /dev/null.
 * --nice N keeps other users of the machine out of the figures.
 * Any fault of the timer itself ends it with status 2.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CMDS 128
#define MAX_ARGS 32
#define MAX_LINE 4096
#define LIMIT_SECONDS 30

struct result {
	int64_t ns;
	int rc;
	long maxrss;
	long faults;
};

static char lines[MAX_CMDS][MAX_LINE];
static char *args[MAX_CMDS][MAX_ARGS + 1];
static char inbuf[65536];
static size_t in_len;
static int in_fd, out_fd;

static void die(const char *what)
{
	fprintf(stderr, "timer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Waits for input while reaping adopted processes as they end. */
static void wait_input(int sfd)
{
	struct pollfd p[2] = { { .fd = in_fd, .events = POLLIN },
			       { .fd = sfd, .events = POLLIN } };
	struct signalfd_siginfo si;

	for (;;) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (p[1].revents && read(sfd, &si, sizeof(si)) < 0)
			die("signalfd");
		if (p[0].revents)
			return;
	}
}

/* Reads one line without its newline; 0 = end of input. */
static int read_line(int sfd, char *line)
{
	for (;;) {
		char *nl = memchr(inbuf, '\n', in_len);
		ssize_t n;

		if (nl) {
			size_t len = (size_t)(nl - inbuf);

			if (len >= MAX_LINE)
				die("line too long");
			memcpy(line, inbuf, len);
			line[len] = 0;
			in_len -= len + 1;
			memmove(inbuf, nl + 1, in_len);
			return 1;
		}
		if (in_len == sizeof(inbuf))
			die("input too long");
		wait_input(sfd);
		n = read(in_fd, inbuf + in_len, sizeof(inbuf) - in_len);
		if (n < 0)
			die("read");
		if (n == 0)
			return 0;
		in_len += (size_t)n;
	}
}

static void split(char *line, char **argv)
{
	int n = 0;

	for (char *s = strtok(line, "\t"); s; s = strtok(NULL, "\t")) {
		if (n == MAX_ARGS)
			die("too many arguments");
		argv[n++] = s;
	}
	argv[n] = NULL;
}

static pid_t start(char **argv)
{
	static sigset_t none;
	pid_t pid = vfork();

	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &none, NULL);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0)
		die("vfork");
	return pid;
}

static void add(struct result *r, int status, const struct rusage *ru)
{
	int rc = WIFEXITED(status) ? WEXITSTATUS(status)
				   : 128 + WTERMSIG(status);

	if (rc > r->rc)
		r->rc = rc;
	if (ru->ru_maxrss > r->maxrss)
		r->maxrss = ru->ru_maxrss;
	r->faults += ru->ru_minflt + ru->ru_majflt;
}

/* Waits for all n processes; others that end meanwhile are reaped too. */
static void finish(pid_t *pids, int n, struct result *r)
{
	for (int left = n; left > 0;) {
		struct rusage ru;
		int status;
		pid_t pid = wait4(-1, &status, 0, &ru);

		if (pid < 0 && errno == EINTR) {
			for (int i = 0; i < n; i++)
				if (pids[i])
					kill(pids[i], SIGKILL);
			r->rc = 124;
			continue;
		}
		if (pid < 0)
			die("wait4");
		for (int i = 0; i < n; i++) {
			if (pids[i] != pid)
				continue;
			pids[i] = 0;
			left--;
			if (r->rc != 124)
				add(r, status, &ru);
		}
	}
}

static struct result measure(int n, int parallel)
{
	struct itimerval limit = { .it_value.tv_sec = LIMIT_SECONDS + 2 * n,
				   .it_interval.tv_sec = 1 };
	struct itimerval off = { 0 };
	struct result r = { 0 };
	pid_t pids[MAX_CMDS];
	int64_t begin;

	setitimer(ITIMER_REAL, &limit, NULL);
	begin = now();
	for (int i = 0; i < n && r.rc != 124; i++) {
		pids[i] = start(args[i]);
		if (!parallel)
			finish(pids + i, 1, &r);
	}
	if (parallel)
		finish(pids, n, &r);
	r.ns = now() - begin;
	setitimer(ITIMER_REAL, &off, NULL);
	return r;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Moves the request channel out of the way of the commands' own streams. */
static void set_streams(const char *log)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int err = open(log ? log : "/dev/null",
		       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	in_fd = fcntl(0, F_DUPFD_CLOEXEC, 10);
	out_fd = fcntl(1, F_DUPFD_CLOEXEC, 10);
	if (null < 0 || err < 0 || in_fd < 0 || out_fd < 0)
		die("open");
	dup2(null, 0);
	dup2(null, 1);
	dup2(err, 2);
}

static void hide(const char *dir)
{
	if (unshare(CLONE_NEWNS) < 0)
		die("unshare");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		die("mount");
	if (umount2(dir, MNT_DETACH) < 0)
		die(dir);
}

static int set_signals(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	sigset_t chld;

	sigaction(SIGALRM, &sa, NULL);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	return signalfd(-1, &chld, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
	const char *log = NULL;
	char head[MAX_LINE];
	int sfd;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--hide"))
			hide(argv[i + 1]);
		else if (!strcmp(argv[i], "--log"))
			log = argv[i + 1];
		else if (!strcmp(argv[i], "--nice"))
			setpriority(PRIO_PROCESS, 0, atoi(argv[i + 1]));
	}
	sfd = set_signals();
	if (sfd < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1L) < 0)
		die("signalfd");
	set_streams(log);
	while (read_line(sfd, head)) {
		int n = atoi(head + 4);
		struct result r;

		if (n < 1 || n > MAX_CMDS)
			die("bad request");
		for (int i = 0; i < n; i++) {
			if (!read_line(sfd, lines[i]))
				return 0;
			split(lines[i], args[i]);
		}
		r = measure(n, head[0] == 'p');
		dprintf(out_fd, "%lld %d %ld %ld\n", (long long)r.ns, r.rc,
			r.maxrss, r.faults);
	}
	return 0;
}
