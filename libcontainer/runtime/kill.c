/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"
#include "runtime/container.h"

static int not_running(void)
{
	err_text(-ESRCH, "container not running");
	err_set_class(ERR_STATE);
	return -ESRCH;
}

/* Everything in the group, init included; *n processes got the signal. */
static int signal_group(const struct store_state *s, int sig, size_t *n)
{
	_cleanup_cg_ struct cg *g = NULL;
	int r = s->cgroup ? cg_open(s->cgroup, &g) : -ENOENT;

	*n = 0;
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : cg_signal_all(g, sig, n);
}

/* A process frozen on v1 dies only once it is thawed. */
static void thaw(const struct store_state *s)
{
	_cleanup_cg_ struct cg *g = NULL;

	if (s->cgroup && s->cgroup->mode != CG_V2 && cg_open(s->cgroup, &g) == 0)
		cg_thaw(g);
}

static int signal_init(const struct store_state *s, int sig, enum status st)
{
	_cleanup_close_ int fd = container_pidfd(s);
	int r;

	if (fd == -ESRCH)
		return not_running();
	if (fd < 0)
		return fd;
	r = sys_pidfd_send_signal(fd, sig);
	if (r == -ESRCH)
		return not_running();
	if (r < 0)
		return err_set(r, "send signal %d to process %d", sig, s->pid);
	if (sig == SIGKILL && st == ST_PAUSED)
		thaw(s);
	return 0;
}

int rt_kill(const struct rt_global *g, const char *id, int sig, bool all)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_store_ struct store_dir d = STORE_DIR_NONE;
	struct store_state s = { 0 };
	enum status st;
	size_t n;
	int r;

	r = container_open(g, id, STORE_LOOK, &a, &d, &s, &st);
	if (r < 0)
		return r;
	/* init in a pid namespace of others takes nobody with it */
	if (all || (sig == SIGKILL && !s.new_pidns)) {
		r = signal_group(&s, sig, &n);
		if (r < 0)
			return r;
		if (n > 0 || all)
			return 0;
	}
	if (st == ST_STOPPED || st == ST_CREATING)
		return not_running();
	return signal_init(&s, sig, st);
}
