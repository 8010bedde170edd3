/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start: connects to the socket on which init waits, and says success only when
 * init announced execve and the connection closed without an error.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "runtime/container.h"
#include "runtime/foreign.h"
#include "runtime/hooks.h"
#include "runtime/notify.h"
#include "runtime/sdnotify.h"
#include "runtime/spawn.h"

static int refuse(enum status st)
{
	err_set_class(ERR_STATE);
	switch (st) {
	case ST_CREATED:
		return 0;
	case ST_STOPPED:
		return err_text(-EINVAL,
				"cannot start a container that has stopped");
	case ST_RUNNING:
		return err_text(-EINVAL,
				"cannot start an already running container");
	default:
		return err_text(-EINVAL,
				"cannot start a container in the %s state",
				status_names[st]);
	}
}

/* Others may look at it, kill it, exec into it until it is ready. */
static void wait_ready(struct store_dir *d, const struct store_state *s,
		       struct sdnotify *n)
{
	_cleanup_close_ int pidfd = container_pidfd(s);

	store_unlock(d);
	if (pidfd >= 0)
		sdnotify_wait(n, pidfd, s->pid);
}

static int release(struct store_dir *d, const struct store_state *s)
{
	_cleanup_child_ struct child c = CHILD_NONE;
	int r;

	c.pidfd = container_pidfd(s);
	if (c.pidfd < 0)
		return c.pidfd == -ESRCH ? refuse(ST_STOPPED) : c.pidfd;
	c.kept = true;
	c.chan = store_connect(d);
	if (c.chan == -ECONNREFUSED || c.chan == -ENOENT)
		return refuse(ST_STOPPED);
	if (c.chan < 0)
		return err_set(c.chan, "connect to container init");
	/* from here on it is not "created" any more, whatever happens to us */
	(void)!unlinkat(d->fd, STORE_SOCKET, 0);
	while ((r = child_wait(&c)) == SYNC_NOTIFY) {
		r = notify_send(d, s, &c, "creating");
		if (r < 0)
			return r;
	}
	return r == CHILD_DONE ? 0 : r < 0 ? r : -EPROTO;
}

int rt_start(const struct rt_global *g, const char *id)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_store_ struct store_dir d = STORE_DIR_NONE;
	_cleanup_sdnotify_ struct sdnotify n = SDNOTIFY_NONE;
	struct store_state s = { 0 };
	enum status st;
	int r;

	r = container_open(g, id, STORE_LOCK, &a, &d, &s, &st);
	if (r < 0)
		return r;
	r = refuse(st);
	if (r < 0)
		return r;
	r = sdnotify_open(&d, &n);
	if (r < 0)
		return r;
	r = s.foreign ? foreign_release(&d, &s) : release(&d, &s);
	if (r < 0)
		return err_ctx(r, "unable to start container process");
	const struct hook_state hs = { .id = s.id,
				       .bundle = s.bundle,
				       .annotations = &s.annotations };
	r = hooks_run(s.hooks, OCI_POSTSTART, &hs, "running", s.pid);
	if (r < 0)
		container_kill_all(&s);
	else
		wait_ready(&d, &s, &n);
	return r;
}
