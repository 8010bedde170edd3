/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pause, resume, update, events: what is done through the cgroup of a live
 * container.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "runtime/container.h"
#include "runtime/rdt.h"

#define OOM_POLL_MS 250

struct control {
	struct arena arena;
	struct store_dir dir;
	struct store_state state;
	enum status status;
	struct cg *cg;
};
#define CONTROL_NONE                  \
	{                             \
		.dir = STORE_DIR_NONE \
	}

static void control_free(struct control *c)
{
	cg_close(c->cg);
	store_close(&c->dir);
	arena_free(&c->arena);
}

static int control_open(const struct rt_global *g, const char *id,
			enum store_lock lock, struct control *c)
{
	int r = container_open(g, id, lock, &c->arena, &c->dir, &c->state,
			       &c->status);

	if (r < 0)
		return r;
	if (!c->state.cgroup)
		return err_text(-ENOENT, "cgroup not exist");
	r = cg_open(c->state.cgroup, &c->cg);
	if (r == -ENOENT)
		return err_text(r, "cgroup not exist");
	return r;
}

static int state_error(const char *text)
{
	err_text(-EINVAL, "%s", text);
	err_set_class(ERR_STATE);
	return -EINVAL;
}

static int warn_rights(int r, const char *verb)
{
	if (r == -EPERM || r == -EACCES)
		log_warn("tare %s failure might be caused by lack of full "
			 "access to cgroups",
			 verb);
	return r;
}

int rt_pause(const struct rt_global *g, const char *id)
{
	_cleanup_(control_free) struct control c = CONTROL_NONE;
	int r = control_open(g, id, STORE_LOCK, &c);

	if (r < 0)
		return warn_rights(r, "pause");
	if (c.status != ST_RUNNING && c.status != ST_CREATED)
		return state_error("container not running");
	return warn_rights(cg_freeze(c.cg), "pause");
}

int rt_resume(const struct rt_global *g, const char *id)
{
	_cleanup_(control_free) struct control c = CONTROL_NONE;
	int r = control_open(g, id, STORE_LOCK, &c);

	if (r < 0)
		return warn_rights(r, "resume");
	if (c.status != ST_PAUSED)
		return state_error("container not paused");
	return warn_rights(cg_thaw(c.cg), "resume");
}

/* Twice: what was forked meanwhile came from one that was not in it yet. */
static int gather(struct control *c)
{
	struct cg_pid_list pids;
	int r = 0;

	for (int i = 0; i < 2 && r >= 0; i++) {
		r = cg_pids(c->cg, &c->arena, &pids);
		if (r >= 0)
			r = rdt_gather(&c->state, pids.v, pids.n);
	}
	return r;
}

static int update_rdt(struct control *c, const struct oci_intel_rdt *rdt,
		      struct rdt_change *ret)
{
	int r = rdt_update(&c->arena, rdt, &c->dir, &c->state, ret);

	if (r < 0 || !ret->fresh)
		return r;
	r = gather(c);
	if (r < 0)
		rdt_undo(ret, &c->dir, &c->state);
	return r;
}

int rt_update(const struct rt_global *g, const char *id,
	      const struct oci_resources *res, const struct oci_intel_rdt *rdt)
{
	_cleanup_(control_free) struct control c = CONTROL_NONE;
	struct rdt_change change = { 0 };
	int r = control_open(g, id, STORE_LOCK, &c);

	if (r < 0)
		return r;
	if (c.status == ST_STOPPED)
		return state_error("container not running");
	if (rdt)
		r = update_rdt(&c, rdt, &change);
	if (r < 0)
		return r;
	r = cg_update(c.cg, res);
	if (r < 0)
		rdt_undo(&change, &c.dir, &c.state);
	return r;
}

static int emit_stats(struct control *c, int (*cb)(const char *json, void *arg),
		      void *arg)
{
	_cleanup_buf_ struct buf b = { 0 }, rdt = { 0 };
	_cleanup_arena_ struct arena a = { 0 };
	int r = rdt_stats(&a, &c->state, &rdt);

	if (r < 0)
		return r;
	buf_puts(&b, "{\"type\":\"stats\",\"id\":");
	json_quote(&b, c->state.id, true);
	buf_puts(&b, ",\"data\":");
	r = cg_stats_json(c->cg, rdt.len ? buf_str(&rdt) : NULL, &b);
	if (r < 0)
		return r;
	buf_putc(&b, '}');
	if (buf_error(&b) < 0)
		return err_set(-ENOMEM, "collect statistics");
	return cb(b.data, arg);
}

static int emit_oom(struct control *c, int (*cb)(const char *json, void *arg),
		    void *arg)
{
	_cleanup_buf_ struct buf b = { 0 };

	buf_puts(&b, "{\"type\":\"oom\",\"id\":");
	json_quote(&b, c->state.id, true);
	buf_putc(&b, '}');
	return buf_error(&b) < 0 ? -ENOMEM : cb(b.data, arg);
}

/* Until the container ends: statistics at each interval, OOM as it is seen. */
static int stream(struct control *c, int pidfd, unsigned int interval_ms,
		  int (*cb)(const char *json, void *arg), void *arg)
{
	uint64_t ooms = cg_oom_kills(c->cg), now;
	int64_t next = io_now_ms() + interval_ms;
	int r = 0;

	while (r >= 0) {
		int64_t left = next - io_now_ms();

		r = io_wait(pidfd, POLLIN, (int)MAX(0, MIN(left, OOM_POLL_MS)));
		if (r != 0)
			return r < 0 ? err_set(r, "wait for the container") : 0;
		now = cg_oom_kills(c->cg);
		if (now > ooms)
			r = emit_oom(c, cb, arg);
		ooms = now;
		if (r >= 0 && io_now_ms() >= next) {
			r = emit_stats(c, cb, arg);
			next += interval_ms;
		}
	}
	return r;
}

int rt_events(const struct rt_global *g, const char *id, bool once,
	      unsigned int interval_ms, int (*cb)(const char *json, void *arg),
	      void *arg)
{
	_cleanup_(control_free) struct control c = CONTROL_NONE;
	_cleanup_close_ int pidfd = -EBADF;
	int r = control_open(g, id, STORE_LOOK, &c);

	if (r < 0)
		return r;
	pidfd = container_pidfd(&c.state);
	if (pidfd < 0 && pidfd != -ESRCH)
		return pidfd;
	if (c.status == ST_STOPPED || pidfd < 0) {
		err_text(-EINVAL, "container with id %s is not running", id);
		err_set_class(ERR_STATE);
		return -EINVAL;
	}
	return once ? emit_stats(&c, cb, arg)
		    : stream(&c, pidfd, interval_ms, cb, arg);
}
