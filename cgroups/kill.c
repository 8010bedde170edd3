/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of a group: listing and signalling them all.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "base/sys.h"
#include "cgroups/group.h"

#define PROCS_MAX (16u << 20)

/* malloc'd while it grows. */
struct collect {
	pid_t *v;
	size_t n, cap;
};

static void free_collect(struct collect *c)
{
	free(c->v);
}

static int add_pid(struct collect *c, pid_t pid)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 64;
		pid_t *v = realloc(c->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = pid;
	return 0;
}

static int collect_one(int dirfd, void *arg)
{
	_cleanup_free_ char *text = NULL;
	char *end;
	size_t len;
	int r = io_slurp_at(dirfd, "cgroup.procs", PROCS_MAX, false, &text,
			    &len);

	if (r == -ENOENT || r == -ENODEV)
		return 0; /* removed meanwhile */
	if (r == -EOPNOTSUPP)
		r = io_slurp_at(dirfd, "cgroup.threads", PROCS_MAX, false,
				&text, &len);
	if (r < 0)
		return r;
	for (char *p = text; *p && r == 0; p = end + (*end == '\n')) {
		long v = strtol(p, &end, 10);

		if (end == p)
			return -EBADMSG;
		/* 0: a process of a pid namespace that is not below ours. */
		if (v > 0)
			r = add_pid(arg, (pid_t)v);
	}
	return r;
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return x < y ? -1 : x > y;
}

static int collect_all(struct cg *g, struct collect *c)
{
	struct cg_dir *d = cg_main(g);
	size_t out = 0;
	int r;

	c->n = 0;
	if (!d)
		return 0;
	r = cg_walk(d->fd, collect_one, c);
	if (r < 0)
		return err_set(r, "list the processes of %s", d->path);
	if (c->n > 1)
		qsort(c->v, c->n, sizeof(*c->v), by_pid);
	for (size_t i = 0; i < c->n; i++)
		if (i == 0 || c->v[i] != c->v[i - 1])
			c->v[out++] = c->v[i];
	c->n = out;
	return 0;
}

int cg_pids(struct cg *g, struct arena *a, struct cg_pid_list *ret)
{
	_cleanup_(free_collect) struct collect c = { 0 };
	struct cg_pid_list l = { 0 };
	int r = collect_all(g, &c);

	if (r < 0)
		return r;
	if (c.n > 0) {
		l.v = arena_memdup(a, c.v, c.n * sizeof(*c.v));
		if (!l.v)
			return err_set(-ENOMEM, "list processes");
	}
	l.n = c.n;
	*ret = l;
	return 0;
}

static bool has_pid(const struct collect *c, pid_t pid)
{
	return c->n > 0 &&
	       bsearch(&pid, c->v, c->n, sizeof(pid), by_pid) != NULL;
}

/*
 * Signals what is listed. A number may have gone to a stranger between list
 * and call, so each process is held by a pidfd first, and only those that a
 * second list still has are signalled.
 */
#define BATCH 256
static int signal_batch(struct cg *g, const pid_t *v, size_t n, int sig,
			size_t *count)
{
	_cleanup_(free_collect) struct collect again = { 0 };
	int fds[BATCH], r;

	for (size_t i = 0; i < n; i++)
		fds[i] = sys_pidfd_open(v[i]);
	r = collect_all(g, &again);
	for (size_t i = 0; i < n; i++) {
		if (fds[i] >= 0 && r == 0 && has_pid(&again, v[i]) &&
		    sys_pidfd_send_signal(fds[i], sig) == 0)
			(*count)++;
		close_fd(fds[i]);
	}
	return r;
}

static int signal_listed(struct cg *g, int sig, size_t *count)
{
	_cleanup_(free_collect) struct collect c = { 0 };
	int r = collect_all(g, &c);

	for (size_t i = 0; i < c.n && r == 0; i += BATCH)
		r = signal_batch(g, c.v + i, MIN(c.n - i, (size_t)BATCH), sig,
				 count);
	return r;
}

/* cgroup.kill (Linux 5.14): all at once, none can escape by forking. */
static bool kill_v2(struct cg *g)
{
	struct cg_dir *d = cg_find(g, "");

	return d && io_write_str_at(d->fd, "cgroup.kill", "1") == 0;
}

static int kill_all(struct cg *g, size_t *count)
{
	struct cg_dir *fz = g->mode == CG_V2 ? NULL : cg_find(g, "freezer");
	bool killed = kill_v2(g), was_frozen;
	int r, frozen = -1;

	if (killed && g->mode == CG_V2)
		return 0;
	was_frozen = !killed && cg_frozen(g) == 1;
	/*
	 * Nothing can fork while it is frozen. After cgroup.kill only those
	 * are left that live in other v1 groups than v2 ones: no need.
	 */
	if (!killed && !was_frozen)
		frozen = cg_freeze(g);
	r = signal_listed(g, SIGKILL, count);
	/* A frozen process does not die. */
	if (fz)
		(void)cg_thaw_v1(fz->fd);
	else if (frozen == 0 || was_frozen)
		(void)cg_thaw(g);
	return r;
}

int cg_signal_all(struct cg *g, int sig, size_t *n)
{
	_cleanup_(free_collect) struct collect c = { 0 };
	size_t count = 0;
	int r;

	if (sig != SIGKILL) {
		r = signal_listed(g, sig, &count);
	} else {
		/* cgroup.kill does not count, and leaves none to count. */
		if (n)
			(void)collect_all(g, &c);
		r = kill_all(g, &count);
		count = MAX(count, c.n);
	}
	if (r < 0)
		return r;
	if (n)
		*n = count;
	return 0;
}

uint64_t cg_oom_kills(struct cg *g)
{
	struct cg_dir *d = g->mode == CG_V2 ? NULL : cg_find(g, "memory");
	/* On a hybrid machine it may be in the v2 tree only. */
	bool v2 = d == NULL;
	const char *p;
	char text[1024];

	if (v2)
		d = cg_find(g, "");
	if (!d || io_read_at(d->fd, v2 ? "memory.events" : "memory.oom_control",
			     text, sizeof(text)) < 0)
		return 0;
	p = strstr(text, "oom_kill ");
	return p ? strtoull(p + strlen("oom_kill "), NULL, 10) : 0;
}
