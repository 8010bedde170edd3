/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: create and start in one, without the wait in between, and in the
 * foreground until the process ends.
 */
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "runtime/console.h"
#include "runtime/hooks.h"
#include "runtime/making.h"
#include "runtime/notify.h"

/* From READY to the process's own code. */
static int let_go(struct making *m)
{
	int r;

	while ((r = child_wait(&m->child)) == SYNC_NOTIFY) {
		r = notify_send(&m->dir, &m->state, &m->child, "creating");
		if (r < 0)
			return r;
	}
	if (r < 0)
		return err_ctx(r, "unable to start container process");
	return r == CHILD_DONE ? 0 : -EPROTO;
}

static int poststart(struct making *m)
{
	const struct hook_state hs = making_hook_state(m);

	return hooks_run(m->spec->hooks, OCI_POSTSTART, &hs, "running",
			 m->state.pid);
}

/* The process has ended: what is left of the container goes too. */
static int take_down(struct making *m)
{
	const struct hook_state hs = making_hook_state(m);
	int r;

	if (m->o->keep)
		return 0;
	r = container_destroy(&m->dir, &m->state);
	if (r < 0)
		return r;
	if (hooks_run(m->spec->hooks, OCI_POSTSTOP, &hs, "stopped", 0) < 0)
		log_warn("%s", err_get());
	return 0;
}

static int in_foreground(struct making *m, struct foreground *f, int *status)
{
	int pidfd = child_target_pidfd(&m->child), r;

	/* others may look at it, kill it, exec into it */
	store_unlock(&m->dir);
	r = foreground_wait(f, m->state.pid, pidfd, take_fd(&m->child.console),
			    status);
	m->child.kept = true;
	if (r < 0)
		return r;
	return take_down(m);
}

int rt_run(const struct rt_global *g, const struct rt_create_opts *o,
	   int *exit_status)
{
	_cleanup_foreground_ struct foreground f = FOREGROUND_NONE;
	_cleanup_making_ struct making m = MAKING_NONE;
	int r;

	m.g = g;
	m.o = o;
	*exit_status = 0;
	r = store_check_id(o->id);
	if (r >= 0)
		r = making_compile(&m, true);
	if (r >= 0 && !o->detach)
		r = foreground_begin(&f, !o->no_subreaper);
	if (r >= 0)
		r = making_build(&m, true);
	/* before the process may look for it */
	if (r >= 0)
		r = sdnotify_open(&m.dir, &f.notify);
	if (r >= 0)
		r = making_commit(&m);
	if (r >= 0)
		r = let_go(&m);
	if (r >= 0)
		r = poststart(&m);
	if (r < 0)
		return r;
	m.committed = true;
	if (o->detach) {
		m.child.kept = true;
		store_unlock(&m.dir);
		sdnotify_wait(&f.notify, child_target_pidfd(&m.child),
			      m.state.pid);
		return 0;
	}
	return in_foreground(&m, &f, exit_status);
}
