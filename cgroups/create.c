/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group for a container: made before the first process, so nothing runs
 * without its limits, and only where no other one lives. And who joins it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "cgroups/unit.h"

static int check_vacant(struct cg *g)
{
	const struct cg_dir *d = cg_main(g);
	_cleanup_arena_ struct arena a = { 0 };
	struct cg_pid_list pids;
	int r;

	if (!d || d->made)
		return 0;
	r = cg_pids(g, &a, &pids);
	if (r < 0)
		return r;
	if (pids.n > 0)
		return err_text(-EBUSY,
				"container's cgroup is not empty: %zu "
				"process(es) found",
				pids.n);
	if (cg_frozen(g) == 1)
		return err_text(-EBUSY, "container's cgroup unexpectedly "
					"frozen");
	return 0;
}

int cg_check_vacant(const struct cg_record *rec)
{
	_cleanup_cg_ struct cg *g = NULL;
	const char *path = cg_main_path(rec);
	int r;

	/* what keeps us out is told when it is made */
	if (!path || faccessat(AT_FDCWD, path, F_OK, 0) < 0)
		return 0;
	r = cg_open(rec, &g);
	if (r == 0)
		r = check_vacant(g);
	return r < 0 && r != -ENOENT ? err_ctx(r, "cgroup") : 0;
}

static void unmake(struct cg *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].made)
			(void)rmdir(g->v[i].path);
}

static int set_up(struct cg *g, bool rootless, const struct cg_record *rec,
		  const struct oci_resources *res)
{
	int r = cg_make_dirs(g, rec);

	if (r == 0)
		r = check_vacant(g);
	return r < 0 ? r : cg_set_all(g, rootless, res);
}

int cg_create(const struct cg_host *h, const struct cg_record *rec,
	      const struct oci_resources *res, struct cg **ret)
{
	static const struct oci_resources none = { .memory = NULL };
	_cleanup_cg_ struct cg *g = cg_new(rec);
	int r;

	if (!g)
		return err_set(-ENOMEM, "cgroups");
	/* Without a group there is nothing to limit, and no promise either. */
	if (rec->driver == CG_DISABLED) {
		*ret = take_ptr(g);
		return 0;
	}
	if (rec->driver == CG_SYSTEMD)
		r = unit_prepare(h, rec, res ? res : &none, g);
	else
		r = set_up(g, h->rootless, rec, res ? res : &none);
	if (r < 0) {
		unmake(g);
		return err_ctx(r, "cgroup");
	}
	*ret = take_ptr(g);
	return 0;
}

/* The kernel answers EINVAL while the group is being set up by another. */
static int join(const struct cg_dir *d, const char *pid)
{
	int r = -EINVAL;

	for (unsigned int i = 0; i < 5 && r == -EINVAL; i++) {
		if (i > 0)
			io_sleep_ms(i * 10);
		r = io_write_str_at(d->fd, "cgroup.procs", pid);
	}
	return r;
}

int cg_adopt(struct cg *g, pid_t pid)
{
	char num[16];

	if (g->unit && g->unit->record && !g->unit->made) {
		int r = unit_start(g, pid);

		if (r < 0)
			return r;
	}
	if (g->mode == CG_V2) /* it was born there: cg_clone_fd() */
		return 0;
	snprintf(num, sizeof(num), "%d", pid);
	for (size_t i = 0; i < g->n; i++) {
		int r = join(&g->v[i], num);

		if (r < 0 && !g->ignore_errors)
			return err_set(r,
				       "error adding pid %d to cgroups: failed "
				       "to write %d: openat2 %s/cgroup.procs",
				       pid, pid, g->v[i].path);
	}
	return 0;
}
