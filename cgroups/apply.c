/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the list of settings and writes them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "cgroups/group.h"

static struct cg_dir *dir_of(struct cg *g, const struct cg_setting *s, bool v2)
{
	return cg_find(g, v2 ? "" : s->controller);
}

static int no_directory(const struct cg_setting *s)
{
	return err_text(-ENOENT,
			"%s: cannot set %s limit: container could not join or "
			"create cgroup",
			s->json_path, s->controller);
}

static int explain(const struct cg_dir *d, const struct cg_setting *s, int r)
{
	uint64_t usage = 0, peak = 0;

	if (r == -EBUSY && streq(s->file, "memory.limit_in_bytes") &&
	    cg_read_u64(d->fd, "memory.usage_in_bytes", &usage) == 0) {
		(void)cg_read_u64(d->fd, "memory.max_usage_in_bytes", &peak);
		return err_text(r,
				"%s: unable to set memory limit to %s (current "
				"usage: %" PRIu64 ", peak usage: %" PRIu64 ")",
				s->json_path, s->value, usage, peak);
	}
	err_set(r, "%s: write \"%s\" to %s/%s", s->json_path, s->value, d->path,
		s->file);
	if (r == -ENOENT)
		err_hint("the kernel or the parent group has no %s controller "
			 "with this file",
			 s->controller);
	return r;
}

/* The kernel takes any cpu.shares and keeps what is in its range. */
static int check_shares(const struct cg_dir *d, const struct cg_setting *s)
{
	uint64_t want, got;

	if (str_u64(s->value, &want) < 0 ||
	    cg_read_u64(d->fd, s->file, &got) < 0 || want == got)
		return 0;
	return err_text(-EINVAL, "%s: the %s allowed cpu-shares is %" PRIu64,
			s->json_path, want > got ? "maximum" : "minimum", got);
}

/* "MAX PERIOD" is written as one: the first word as it is there now. */
static int write_second(const struct cg_dir *d, const struct cg_setting *s)
{
	char text[128];
	ssize_t n = io_read_at(d->fd, s->file, text, sizeof(text));
	size_t len;

	if (n < 0)
		return (int)n;
	len = strcspn(text, " \n");
	snprintf(text + len, sizeof(text) - len, " %s", s->value);
	return io_write_str_at(d->fd, s->file, text);
}

/* Silent: the value written or -errno. */
static int try_write(const struct cg_dir *d, const struct cg_setting *s)
{
	int r = s->flags & CG_KEEP_WORD
			? write_second(d, s)
			: io_write_str_at(d->fd, s->file, s->value);

	/* A missing file cannot be made in a cgroup: EPERM or EACCES, too. */
	if (r == -ENOENT && s->alt_file)
		r = io_write_str_at(d->fd, s->alt_file, s->alt_value);
	if ((r == -ENOENT || r == -EOPNOTSUPP) && (s->flags & CG_OPTIONAL))
		r = 0;
	return r;
}

static int write_one(struct cg *g, const struct cg_setting *s, bool v2,
		     bool last, bool *ret_later)
{
	struct cg_dir *d = dir_of(g, s, v2);
	int r;

	*ret_later = false;
	if (!d)
		return (s->flags & CG_OPTIONAL) ? 0 : no_directory(s);
	if (g->undo)
		cg_undo_note(g->undo, d->fd, s->file);
	r = try_write(d, s);
	if ((r == -EINVAL || r == -EBUSY) && (s->flags & CG_RETRY) && !last) {
		*ret_later = true;
		return 0;
	}
	if (r < 0)
		return explain(d, s, r);
	return (s->flags & CG_CHECK) ? check_shares(d, s) : 0;
}

/* One round; what has to wait for others moves to the front of the list. */
static int write_round(struct cg *g, struct cg_settings *l, bool v2, bool last)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		bool later;
		int r = write_one(g, &l->v[i], v2, last, &later);

		if (r < 0)
			return r;
		if (later)
			l->v[kept++] = l->v[i];
	}
	l->n = kept;
	return 0;
}

static int write_all(struct cg *g, struct cg_settings *l, bool v2)
{
	size_t before = l->n + 1;
	int r = 0;

	/* As long as a round gets something done, another may. */
	while (r == 0 && l->n > 0 && l->n < before) {
		before = l->n;
		r = write_round(g, l, v2, l->n == 1 && before == 1);
	}
	return r == 0 && l->n > 0 ? write_round(g, l, v2, true) : r;
}

/* checkBeforeUpdate: a limit below the usage would kill at once. */
static int check_usage(struct cg *g, const struct oci_memory *m)
{
	struct cg_dir *d = cg_find(g, "");
	uint64_t mem, swap = 0;

	if (g->mode != CG_V2 || !d || !m->check_before_update.set ||
	    !m->check_before_update.v || !m->limit.set || m->limit.v <= 0 ||
	    cg_read_u64(d->fd, "memory.current", &mem) < 0)
		return 0;
	if ((uint64_t)m->limit.v <= mem)
		return err_text(-EBUSY,
				"rejecting memory limit %" PRId64
				" <= usage %" PRIu64,
				m->limit.v, mem);
	(void)cg_read_u64(d->fd, "memory.swap.current", &swap);
	if (m->swap.set && m->swap.v > 0 && (uint64_t)m->swap.v <= mem + swap)
		return err_text(-EBUSY,
				"rejecting memory+swap limit %" PRId64
				" <= usage %" PRIu64,
				m->swap.v, mem + swap);
	return 0;
}

/* Engines send these on every machine, so they do not fail there. */
static void warn_missing_on_v2(const struct oci_resources *res)
{
	static const char text[] = "ignored: cgroup v2 has nothing like it";
	const struct oci_memory *m = res->memory;
	const struct oci_cpu *c = res->cpu;

	if (m && m->swappiness.set)
		log_warn("linux.resources.memory.swappiness: %s", text);
	if (m && ((m->kernel.set && m->kernel.v > 0) ||
		  (m->kernel_tcp.set && m->kernel_tcp.v > 0)))
		log_warn("linux.resources.memory.kernel: %s", text);
	if (m && m->disable_oom_killer.set && m->disable_oom_killer.v)
		log_warn("linux.resources.memory.disableOOMKiller: %s", text);
	if (c && ((c->realtime_period.set && c->realtime_period.v != 0) ||
		  (c->realtime_runtime.set && c->realtime_runtime.v != 0)))
		log_warn("linux.resources.cpu.realtimeRuntime: %s", text);
	if (res->block_io && res->block_io->leaf_weight.set &&
	    res->block_io->leaf_weight.v != 0)
		log_warn("linux.resources.blockIO.leafWeight: %s", text);
}

/* The v1 name of a controller that v2 calls otherwise. */
static const char *v1_name(const char *controller)
{
	return streq(controller, "io") ? "blkio" : controller;
}

static bool covers(const struct cg_settings *v2, const struct cg_setting *s)
{
	for (size_t i = 0; i < v2->n; i++)
		if (streq(v1_name(v2->v[i].controller), s->controller))
			return true;
	return false;
}

/*
 * On a hybrid machine a controller may be in the v2 tree only. Takes out of
 * `l` what has no v1 directory, and out of `v2` what has one.
 */
static int split(struct cg *g, struct cg_settings *l, struct cg_settings *v2)
{
	size_t n = 0, n2 = 0;

	for (size_t i = 0; i < v2->n; i++)
		if (!cg_find(g, v1_name(v2->v[i].controller)))
			v2->v[n2++] = v2->v[i];
	v2->n = n2;
	for (size_t i = 0; i < l->n; i++) {
		if (cg_find(g, l->v[i].controller))
			l->v[n++] = l->v[i];
		else if (!covers(v2, &l->v[i]))
			return no_directory(&l->v[i]);
	}
	l->n = n;
	return 0;
}

static bool all_on_v1(struct cg *g, const struct cg_settings *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!cg_find(g, l->v[i].controller))
			return false;
	return true;
}

static int apply_hybrid(struct cg *g, struct arena *a,
			const struct oci_resources *res, bool update,
			struct cg_settings *l)
{
	struct cg_settings v2;
	int r;

	if (all_on_v1(g, l))
		return write_all(g, l, false);
	r = cg_settings_v2(a, res, update, &v2);
	if (r == 0)
		r = split(g, l, &v2);
	if (r == 0)
		r = cg_enable_v2(g);
	if (r == 0)
		r = write_all(g, l, false);
	return r < 0 ? r : write_all(g, &v2, true);
}

int cg_apply(struct cg *g, const struct oci_resources *res, bool update)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct cg_settings l;
	int r = 0;

	if (res->memory)
		r = check_usage(g, res->memory);
	if (r < 0)
		return r;
	if (g->mode == CG_V2) {
		warn_missing_on_v2(res);
		r = cg_settings_v2(&a, res, update, &l);
	} else {
		r = cg_settings_v1(&a, res, update, &l);
	}
	if (r < 0)
		return r;
	if (g->mode == CG_HYBRID)
		return apply_hybrid(g, &a, res, update, &l);
	return write_all(g, &l, g->mode == CG_V2);
}
