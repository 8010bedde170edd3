/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "runtime/sdnotify.h"

#define DIR_NAME "notify"
#define SOCKET_NAME DIR_NAME "/notify.sock"
#define INSIDE "/run/notify"
#define READY "READY="
#define TEXT_MAX 4096
#define SEND_TIMEOUT_S 10

static const char *host_socket(void)
{
	const char *p = getenv("NOTIFY_SOCKET");

	return p && *p ? p : NULL;
}

static int add_mount(struct arena *a, struct oci_spec *s, char *source)
{
	static const char *const words[] = { "bind", "nosuid", "noexec",
					     "nodev", "ro" };
	struct oci_mount *v = arena_calloc(a, s->mounts.n + 1, sizeof(*v));
	char **options = arena_memdup(a, words, sizeof(words));

	if (!v || !options || !source)
		return -ENOMEM;
	if (s->mounts.n)
		memcpy(v, s->mounts.v, s->mounts.n * sizeof(*v));
	v[s->mounts.n++] = (struct oci_mount){
		.destination = (char *)INSIDE,
		.type = (char *)"bind",
		.source = source,
		.options = { options, ARRAY_SIZE(words) },
	};
	s->mounts.v = v;
	return 0;
}

/* The last one of a name counts: it goes to the end. */
static int add_env(struct arena *a, struct str_list *env)
{
	char **v = arena_calloc(a, env->n + 2, sizeof(*v));

	if (!v)
		return -ENOMEM;
	if (env->n)
		memcpy(v, env->v, env->n * sizeof(*v));
	v[env->n++] = (char *)"NOTIFY_SOCKET=" INSIDE "/notify.sock";
	env->v = v;
	return 0;
}

int sdnotify_plan(struct arena *a, struct oci_spec *s, const char *root,
		  const char *id)
{
	int r;

	if (!host_socket())
		return 0;
	r = add_mount(a, s, arena_printf(a, "%s/%s/" DIR_NAME, root, id));
	if (r >= 0)
		r = add_env(a, &s->process->env);
	return r < 0 ? err_set(r, "mount the socket for NOTIFY_SOCKET") : 0;
}

int sdnotify_make_dir(struct store_dir *d)
{
	if (!host_socket())
		return 0;
	if (mkdirat(d->fd, DIR_NAME, 0755) < 0 ||
	    fchmodat(d->fd, DIR_NAME, 0755, 0) < 0)
		return err_set(-errno, "make the directory for NOTIFY_SOCKET");
	return 0;
}

void sdnotify_close(struct sdnotify *n)
{
	close_fdp(&n->sock);
	close_fdp(&n->host);
}

/* A path, or a name without a file ("@NAME"). */
static int connect_host(void)
{
	const struct timeval t = { .tv_sec = SEND_TIMEOUT_S };
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -EBADF;
	const char *path = host_socket();
	size_t len = strlen(path);

	if (len >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, len);
	if (*path == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) < 0 ||
	    connect(fd, (struct sockaddr *)&sa,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) <
		    0)
		return -errno;
	return take_fd(&fd);
}

static int bind_socket(struct store_dir *d)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -EBADF;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	snprintf(sa.sun_path, sizeof(sa.sun_path),
		 "/proc/self/fd/%d/" SOCKET_NAME, d->fd);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	/* whoever the process is: the directory is its container's alone */
	if (fchmodat(d->fd, SOCKET_NAME, 0777, 0) < 0)
		return -errno;
	return take_fd(&fd);
}

int sdnotify_open(struct store_dir *d, struct sdnotify *ret)
{
	_cleanup_sdnotify_ struct sdnotify n = SDNOTIFY_NONE;

	if (!host_socket() || faccessat(d->fd, DIR_NAME, F_OK, 0) < 0)
		return 0;
	n.host = connect_host();
	if (n.host < 0)
		log_warn("connect to NOTIFY_SOCKET %s: %s", host_socket(),
			 err_str(-n.host));
	n.sock = bind_socket(d);
	if (n.sock < 0)
		return err_set(n.sock, "make the container's socket for "
				       "NOTIFY_SOCKET");
	ret->sock = take_fd(&n.sock);
	ret->host = take_fd(&n.host);
	return 0;
}

/* The line "READY=..." among those of a message, or NULL. */
static const char *ready_line(const char *text, size_t len, size_t *ret_len)
{
	const char *end = text + len;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);

		if (n >= strlen(READY) && !memcmp(text, READY, strlen(READY))) {
			*ret_len = n;
			return text;
		}
		text += n + 1;
	}
	return NULL;
}

/* An answer is the closing of the other end, however it comes about. */
static int send_barrier(int host, int timeout_ms)
{
	_cleanup_close_ int mine = -EBADF, theirs = -EBADF;
	int p[2], r;

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	mine = p[0];
	theirs = p[1];
	r = io_send_fds(host, "BARRIER=1", strlen("BARRIER=1"), &theirs, 1);
	if (r < 0)
		return r;
	close_fdp(&theirs);
	if (timeout_ms == 0)
		return 0;
	r = io_wait(mine, POLLIN, timeout_ms);
	return r == 0 ? -ETIMEDOUT : MIN(r, 0);
}

static void tell_host(int host, const char *ready, size_t len, pid_t pid,
		      int timeout_ms)
{
	char text[TEXT_MAX + 1];
	int n, r;

	if (host < 0)
		return;
	memcpy(text, ready, len);
	text[len++] = '\n';
	r = io_send_fds(host, text, len, NULL, 0);
	if (r >= 0) {
		n = snprintf(text, sizeof(text), "MAINPID=%d\n", (int)pid);
		r = io_send_fds(host, text, (size_t)n, NULL, 0);
	}
	if (r >= 0)
		r = send_barrier(host, timeout_ms);
	if (r < 0)
		log_warn("tell NOTIFY_SOCKET of readiness: %s", err_str(-r));
}

/* All that has come: true when READY was among it, and was passed on. */
static bool take(struct sdnotify *n, pid_t pid, int timeout_ms)
{
	char text[TEXT_MAX];
	const char *line;
	ssize_t got;
	size_t len;

	while ((got = recv(n->sock, text, sizeof(text), 0)) >= 0 ||
	       errno == EINTR) {
		line = got > 0 ? ready_line(text, (size_t)got, &len) : NULL;
		if (!line)
			continue;
		tell_host(n->host, line, len, pid, timeout_ms);
		return true;
	}
	return false;
}

void sdnotify_wait(struct sdnotify *n, int pidfd, pid_t pid)
{
	struct pollfd p[2] = { { .fd = n->sock, .events = POLLIN },
			       { .fd = pidfd, .events = POLLIN } };

	if (n->sock < 0 || n->host < 0)
		return;
	for (;;) {
		if (poll(p, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		/* its last word may have come before its end */
		if (take(n, pid, SDNOTIFY_BARRIER_MS) || p[1].revents)
			return;
	}
}

void sdnotify_turn(struct sdnotify *n)
{
	if (take(n, getpid(), 0))
		sdnotify_close(n);
}
