/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/str.h"
#include "runtime/rdt_group.h"
#include "runtime/rdt_schemata.h"

#define WHERE "linux.intelRdt"
#define FILE_MAX (1u << 20)

static int collect_schemata(struct arena *a, const struct oci_intel_rdt *c,
			    struct rdt_group *g)
{
	_cleanup_buf_ struct buf b = { 0 };

	for (size_t i = 0; i < c->schemata.n; i++)
		if (c->schemata.v[i] && *c->schemata.v[i])
			buf_printf(&b, "%s\n", c->schemata.v[i]);
	if (b.len)
		g->more = arena_strndup(a, b.data, b.len);
	if (buf_error(&b) < 0 || (b.len && !g->more))
		return -ENOMEM;
	return rdt_schemata_text(a, c, &g->schemata);
}

int rdt_group_decide(struct arena *a, const struct oci_intel_rdt *c,
		     const char *id, int rootfd, struct rdt_group *ret)
{
	struct rdt_group g = { .named = c->clos_id && *c->clos_id };
	char tasks[PATH_MAX];
	int r = collect_schemata(a, c, &g);

	g.name = !g.named ? id : streq(c->clos_id, "/") ? "." : c->clos_id;
	if (c->enable_monitoring)
		g.mon = arena_printf(a, "%s/mon_groups/%s", g.name, id);
	if (r < 0 || (c->enable_monitoring && !g.mon))
		return err_set(-ENOMEM, "read " WHERE);
	snprintf(tasks, sizeof(tasks), "%s/tasks", g.name);
	if (faccessat(rootfd, g.name, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return err_set(-errno, WHERE ": look at group %s",
				       g.name);
		g.make = true;
	} else if (faccessat(rootfd, tasks, F_OK, 0) < 0) {
		return err_text(-EINVAL, WHERE ": %s is no group of resctrl",
				g.name);
	}
	if (g.make && g.named && !g.schemata && !g.more)
		return err_text(-ENOENT,
				WHERE ".closID: group %s does not exist, and "
				      "there is no schema to make it with",
				g.name);
	*ret = g;
	return 0;
}

/* The kernel's own words for what it did not like. */
static int explain(int rootfd, int r, const char *what, const char *group)
{
	char why[256];
	ssize_t n =
		io_read_at(rootfd, "info/last_cmd_status", why, sizeof(why));

	if (n <= 0 || str_starts(why, "ok"))
		return err_set(r, WHERE ": %s group %s", what, group);
	why[strcspn(why, "\n")] = '\0';
	return err_set(r, WHERE ": %s group %s (%s)", what, group, why);
}

int rdt_group_make(int rootfd, struct rdt_group *g)
{
	if (!g->make || mkdirat(rootfd, g->name, 0755) == 0)
		return 0;
	if (errno != EEXIST)
		return explain(rootfd, -errno, "make", g->name);
	g->make = false;
	return 0;
}

static int compare(int rootfd, const struct rdt_group *g, const char *path)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = io_slurp_at(rootfd, path, FILE_MAX, false, &text, &len);

	if (r < 0)
		return err_set(r, WHERE ": read the schemata of group %s",
			       g->name);
	if (rdt_schemata_match(g->schemata, text))
		return 0;
	return err_text(-EINVAL,
			WHERE ": group %s exists and has another schema than "
			      "l3CacheSchema and memBwSchema say",
			g->name);
}

int rdt_group_write(int rootfd, const struct rdt_group *g)
{
	char path[PATH_MAX];
	int r = 0;

	snprintf(path, sizeof(path), "%s/schemata", g->name);
	if (g->schemata && !g->make) {
		r = compare(rootfd, g, path);
		if (r < 0)
			return r;
	} else if (g->schemata) {
		r = io_write_str_at(rootfd, path, g->schemata);
	}
	if (r >= 0 && g->more)
		r = io_write_str_at(rootfd, path, g->more);
	return r < 0 ? explain(rootfd, r, "write the schemata of", g->name) : 0;
}

/* What has to be below info/ for a schema; L3CODE is there with CDP. */
static const struct {
	size_t schema;
	const char *info[2], *refusal;
} kinds[] = {
	{ offsetof(struct oci_intel_rdt, l3_cache_schema),
	  { "info/L3", "info/L3CODE" },
	  "Intel RDT/CAT: l3 cache schema is not enabled" },
	{ offsetof(struct oci_intel_rdt, mem_bw_schema),
	  { "info/MB", "info/MB" },
	  "Intel RDT/MBA: memory bandwidth schema is not enabled" },
};

int rdt_group_can(int rootfd, const struct oci_intel_rdt *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *s = *(char *const *)(const void *)((const char *)c +
							       kinds[i].schema);

		if (!s || !*s ||
		    faccessat(rootfd, kinds[i].info[0], F_OK, 0) == 0 ||
		    faccessat(rootfd, kinds[i].info[1], F_OK, 0) == 0)
			continue;
		err_text(-ENOTSUP, "%s", kinds[i].refusal);
		err_set_class(ERR_UNSUPPORTED);
		return -ENOTSUP;
	}
	return 0;
}

int rdt_group_put(int rootfd, const char *group, const char *text)
{
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/schemata", group);
	r = io_write_str_at(rootfd, path, text);
	return r < 0 ? explain(rootfd, r, "write the schemata of", group) : 0;
}

int rdt_group_set(struct arena *a, int rootfd, const char *group,
		  const char *text, char **old)
{
	_cleanup_free_ char *has = NULL;
	char path[PATH_MAX];
	size_t len;
	int r;

	*old = NULL;
	snprintf(path, sizeof(path), "%s/schemata", group);
	r = io_slurp_at(rootfd, path, FILE_MAX, false, &has, &len);
	if (r < 0)
		return err_set(r, WHERE ": read the schemata of group %s",
			       group);
	if (rdt_schemata_undo(a, text, has, old) < 0)
		return err_set(-ENOMEM, "read the schemata of group %s", group);
	r = rdt_group_put(rootfd, group, text);
	if (r < 0)
		*old = NULL; /* the kernel takes all of it or nothing */
	return r;
}

int rdt_group_make_mon(int rootfd, const struct rdt_group *g)
{
	if (!g->mon || mkdirat(rootfd, g->mon, 0755) == 0 || errno == EEXIST)
		return 0;
	return explain(rootfd, -errno, "make", g->mon);
}

int rdt_group_join(int rootfd, const char *group, pid_t pid)
{
	char path[PATH_MAX], text[16];
	int r;

	snprintf(path, sizeof(path), "%s/tasks", group);
	snprintf(text, sizeof(text), "%d\n", (int)pid);
	r = io_write_str_at(rootfd, path, text);
	return r < 0 ? explain(rootfd, r, "write the tasks of", group) : 0;
}

int rdt_group_join_threads(int rootfd, const char *group, pid_t pid)
{
	char path[32];
	struct dirent *e;
	uint32_t tid;
	int r = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	if (!d)
		return errno == ENOENT ? 0 : err_set(-errno, "open %s", path);
	while (r >= 0 && (e = readdir(d))) {
		if (str_u32(e->d_name, &tid) < 0)
			continue; /* . and .. */
		r = rdt_group_join(rootfd, group, (pid_t)tid);
		if (r == -ESRCH)
			r = 0; /* it has ended */
	}
	closedir(d);
	return r;
}

/* Processes that have ended and wait for their parent do not count. */
static bool in_use(int rootfd, const char *group)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX], *save = NULL;
	struct proc_stat ps;
	uint32_t pid;
	size_t len;

	snprintf(path, sizeof(path), "%s/tasks", group);
	if (io_slurp_at(rootfd, path, FILE_MAX, false, &text, &len) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (str_u32(line, &pid) == 0 &&
		    proc_get_stat((pid_t)pid, &ps) == 0 && ps.state != 'Z' &&
		    ps.state != 'X')
			return true;
	return false;
}

int rdt_group_remove(int rootfd, const char *group, bool spare)
{
	if (spare && in_use(rootfd, group))
		return 0;
	if (unlinkat(rootfd, group, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_set(-errno, WHERE ": remove group %s", group);
	return 0;
}
