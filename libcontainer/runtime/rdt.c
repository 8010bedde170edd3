/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "runtime/rdt.h"
#include "runtime/rdt_group.h"
#include "runtime/rdt_schemata.h"
#include "runtime/rdt_stats.h"

#ifndef RDTGROUP_SUPER_MAGIC
#define RDTGROUP_SUPER_MAGIC 0x7655821
#endif
#define MOUNTINFO_MAX (16u << 20)

#define RESCTRL_NONE          \
	{                     \
		.fd = -EBADF, \
		{             \
			0     \
		}             \
	}

static void resctrl_close(struct resctrl *r)
{
	close_fdp(&r->fd);
}

/* The mount point on this line of mountinfo(5), if resctrl is mounted there. */
static const char *mount_point(char *line)
{
	char *type = strstr(line, " - resctrl "), *save = NULL, *field = NULL;

	if (!type)
		return NULL;
	*type = '\0';
	for (int i = 0; i < 5; i++)
		field = strtok_r(i == 0 ? line : NULL, " ", &save);
	/* one with blanks is written with escapes: nobody has that */
	return field && !strchr(field, '\\') ? field : NULL;
}

/* -ENOENT when there is none. */
static int resctrl_open(struct resctrl *ret)
{
	_cleanup_free_ char *text = NULL;
	char *save = NULL;
	struct statfs fs;
	size_t len;
	int r = io_slurp_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX,
			    false, &text, &len);

	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		_cleanup_close_ int fd = -EBADF;
		const char *path = mount_point(line);

		if (!path || strlen(path) >= sizeof(ret->path))
			continue;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || fstatfs(fd, &fs) < 0 ||
		    fs.f_type != RDTGROUP_SUPER_MAGIC)
			continue;
		strcpy(ret->path, path);
		ret->fd = take_fd(&fd);
		return 0;
	}
	return -ENOENT;
}

static int not_enabled(int r)
{
	if (r != -ENOENT)
		return err_set(r, "find the resctrl file system");
	err_text(-ENOTSUP, "linux.intelRdt: intelRdt is specified in config, "
			   "but Intel RDT is not enabled");
	err_set_class(ERR_UNSUPPORTED);
	return -ENOTSUP;
}

int rdt_check(const struct oci_intel_rdt *c)
{
	_cleanup_(resctrl_close) struct resctrl fs = RESCTRL_NONE;
	int r = c ? resctrl_open(&fs) : 0;

	return r < 0 ? not_enabled(r) : 0;
}

static int record(struct arena *a, const struct resctrl *fs,
		  const struct rdt_group *g, struct store_dir *d,
		  struct store_state *s)
{
	s->rdt_path = arena_printf(a, "%s/%s", fs->path, g->name);
	s->rdt_mon_path =
		g->mon ? arena_printf(a, "%s/%s", fs->path, g->mon) : NULL;
	if (!s->rdt_path || (g->mon && !s->rdt_mon_path))
		return err_set(-ENOMEM, "record the groups of linux.intelRdt");
	s->rdt_made = g->make;
	s->rdt_named = g->named;
	return store_save(d, s);
}

static int apply(struct arena *a, const struct oci_intel_rdt *c,
		 const struct resctrl *fs, struct store_dir *d,
		 struct store_state *s, pid_t pid)
{
	struct rdt_group g;
	int r = rdt_group_decide(a, c, s->id, fs->fd, &g);

	if (r >= 0)
		r = record(a, fs, &g, d, s);
	if (r >= 0)
		r = rdt_group_make(fs->fd, &g);
	if (r < 0)
		return r;
	s->rdt_made = g.make;
	r = rdt_group_write(fs->fd, &g);
	if (r >= 0)
		r = rdt_group_make_mon(fs->fd, &g);
	if (r >= 0)
		r = rdt_group_join(fs->fd, g.name, pid);
	if (r >= 0 && g.mon)
		r = rdt_group_join(fs->fd, g.mon, pid);
	return r;
}

int rdt_apply(struct arena *a, const struct oci_intel_rdt *c,
	      struct store_dir *d, struct store_state *s, pid_t pid)
{
	_cleanup_(resctrl_close) struct resctrl fs = RESCTRL_NONE;
	int r = c ? resctrl_open(&fs) : 0;

	if (r < 0)
		return not_enabled(r);
	return c ? apply(a, c, &fs, d, s, pid) : 0;
}

/* The part of a recorded path below the mount point, or NULL. */
static const char *below(const struct resctrl *fs, const char *path)
{
	size_t n = strlen(fs->path);

	return path && strncmp(path, fs->path, n) == 0 && path[n] == '/' &&
			       path[n + 1]
		       ? path + n + 1
		       : NULL;
}

int rdt_join(const struct store_state *s, pid_t pid)
{
	_cleanup_(resctrl_close) struct resctrl fs = RESCTRL_NONE;
	const char *const paths[] = { s->rdt_path, s->rdt_mon_path };
	int r;

	if (!s->rdt_path)
		return 0;
	/* what somebody took away cannot be joined */
	if (resctrl_open(&fs) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		const char *group = below(&fs, paths[i]);

		r = group ? rdt_group_join(fs.fd, group, pid) : 0;
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

/* Chooses and makes a group for a container that was made without. */
static int found(struct arena *a, const struct resctrl *fs, struct store_dir *d,
		 struct store_state *s, struct rdt_change *ch)
{
	const struct oci_intel_rdt none = { 0 };
	struct rdt_group g;
	int r = rdt_group_decide(a, &none, s->id, fs->fd, &g);

	ch->fresh = true;
	if (r >= 0)
		r = record(a, fs, &g, d, s);
	if (r >= 0)
		r = rdt_group_make(fs->fd, &g);
	ch->made = r >= 0 && g.make;
	s->rdt_made = ch->made;
	return r < 0 ? r : store_save(d, s);
}

static int change(struct arena *a, const struct resctrl *fs,
		  const struct oci_intel_rdt *c, const struct store_state *s,
		  struct rdt_change *ch)
{
	const char *group = below(fs, s->rdt_path);
	char *text = NULL;
	int r = rdt_schemata_text(a, c, &text);

	if (r < 0)
		return err_set(r, "read the schemata");
	if (!group)
		return err_text(-ENOENT,
				"the group %s is not on the resctrl file "
				"system at %s",
				s->rdt_path, fs->path);
	return text ? rdt_group_set(a, fs->fd, group, text, &ch->old) : 0;
}

int rdt_update_on(const struct resctrl *fs, struct arena *a,
		  const struct oci_intel_rdt *c, struct store_dir *d,
		  struct store_state *s, struct rdt_change *ret)
{
	int r = rdt_group_can(fs->fd, c);

	*ret = (struct rdt_change){ 0 };
	if (r < 0)
		return r;
	if (!s->rdt_path)
		r = found(a, fs, d, s, ret);
	if (r >= 0)
		r = change(a, fs, c, s, ret);
	if (r < 0)
		rdt_undo_on(fs, ret, d, s);
	return r;
}

int rdt_update(struct arena *a, const struct oci_intel_rdt *c,
	       struct store_dir *d, struct store_state *s,
	       struct rdt_change *ret)
{
	_cleanup_(resctrl_close) struct resctrl fs = RESCTRL_NONE;
	int r = resctrl_open(&fs);

	if (r < 0 && r != -ENOENT)
		return err_set(r, "find the resctrl file system");
	return rdt_update_on(&fs, a, c, d, s, ret);
}

int rdt_gather(const struct store_state *s, const int32_t *pids, size_t n)
{
	_cleanup_(resctrl_close) struct resctrl fs = RESCTRL_NONE;
	int r = resctrl_open(&fs);
	const char *group = r < 0 ? NULL : below(&fs, s->rdt_path);

	if (r < 0)
		return not_enabled(r);
	for (size_t i = 0; group && i < n && r >= 0; i++)
		r = rdt_group_join_threads(fs.fd, group, pids[i]);
	return r;
}

static void take_back(const struct rdt_change *ch, const struct resctrl *fs,
		      struct store_dir *d, struct store_state *s)
{
	const char *group = below(fs, s->rdt_path);

	if (ch->old && !ch->made && group &&
	    rdt_group_put(fs->fd, group, ch->old) < 0)
		log_warn("%s", err_get());
	if (!ch->fresh)
		return;
	/* what is in it falls back to where it was */
	if (ch->made && group && rdt_group_remove(fs->fd, group, false) < 0)
		log_warn("%s", err_get());
	s->rdt_path = NULL;
	s->rdt_made = false;
	if (store_save(d, s) < 0)
		log_warn("%s", err_get());
}

void rdt_undo_on(const struct resctrl *fs, const struct rdt_change *ch,
		 struct store_dir *d, struct store_state *s)
{
	struct err_saved trail;

	if (!ch->old && !ch->fresh)
		return;
	err_save(&trail);
	take_back(ch, fs, d, s);
	err_restore(&trail);
}

void rdt_undo(const struct rdt_change *ch, struct store_dir *d,
	      struct store_state *s)
{
	_cleanup_(resctrl_close) struct resctrl fs = RESCTRL_NONE;

	if (resctrl_open(&fs) == 0)
		rdt_undo_on(&fs, ch, d, s);
}

int rdt_stats(struct arena *a, const struct store_state *s, struct buf *out)
{
	_cleanup_(resctrl_close) struct resctrl fs = RESCTRL_NONE;
	const char *group;

	if (!s->rdt_path || resctrl_open(&fs) < 0)
		return 0;
	group = below(&fs, s->rdt_path);
	return group ? rdt_stats_json(a, fs.fd, group,
				      below(&fs, s->rdt_mon_path), out)
		     : 0;
}

int rdt_remove(const struct store_state *s)
{
	_cleanup_(resctrl_close) struct resctrl fs = RESCTRL_NONE;
	const char *mon, *group;
	int r = 0;

	/* not mounted any more: the groups went with it */
	if (!s->rdt_path || resctrl_open(&fs) < 0)
		return 0;
	mon = below(&fs, s->rdt_mon_path);
	group = below(&fs, s->rdt_path);
	if (mon)
		r = rdt_group_remove(fs.fd, mon, false);
	if (r >= 0 && group && s->rdt_made)
		r = rdt_group_remove(fs.fd, group, s->rdt_named);
	return r;
}
