/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which group a container gets: cgroupsPath (config-linux.md "Cgroups Path")
 * and the driver -> a record with one absolute directory for each hierarchy.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroups/unit.h"

/* Does ".." climb above where the path starts? */
static bool climbs_out(const char *path)
{
	int depth = 0;

	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.')
			depth--;
		else if (n > 0 && !(n == 1 && p[0] == '.'))
			depth++;
		if (depth < 0)
			return true;
		p += n + (p[n] == '/');
	}
	return false;
}

/* The group of the container in one hierarchy, below its mount point. */
static int group_path(const struct cg_hierarchy *h, const char *path, char *ret)
{
	char text[PATH_MAX];
	bool v2 = !*h->controllers;
	int n;

	if (*path == '/')
		n = snprintf(text, sizeof(text), "%s", path);
	else
		/* A group with processes has no children on v2: beside it. */
		n = snprintf(text, sizeof(text), "/%s%s/%s", h->own,
			     v2 ? "/.." : "", path);
	if (n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	return path_clean(text, ret, PATH_MAX);
}

int cg_fill_paths(struct arena *a, const struct cg_host *h, const char *path,
		  struct cg_record *rec)
{
	char group[PATH_MAX];

	rec->paths.v = arena_calloc(a, h->n + 1, sizeof(*rec->paths.v));
	if (!rec->paths.v)
		return err_set(-ENOMEM, "cgroups");
	for (size_t i = 0; i < h->n; i++) {
		struct kv *kv = &rec->paths.v[i];
		int r = group_path(&h->v[i], path, group);

		if (r < 0)
			return err_set(r, "linux.cgroupsPath \"%s\"", path);
		if (streq(group, "/"))
			return err_text(-EINVAL,
					"linux.cgroupsPath \"%s\": the root "
					"group cannot be a container's",
					path);
		kv->key = h->v[i].controllers;
		kv->value = arena_printf(a, "%s%s", h->v[i].mountpoint, group);
		if (i == 0)
			rec->path = arena_strdup(a, group);
		if (!kv->value || !rec->path)
			return err_set(-ENOMEM, "cgroups");
	}
	rec->paths.n = h->n;
	return 0;
}

static int decide_fs(struct arena *a, const struct cg_host *h,
		     const char *cgroups_path, const char *id,
		     struct cg_record *rec)
{
	const char *path = cgroups_path;

	rec->ignore_errors = h->rootless && !cgroups_path;
	if (!path)
		path = arena_printf(a, "/%s", id);
	if (!path)
		return err_set(-ENOMEM, "cgroups");
	if (climbs_out(path))
		return err_text(-EINVAL,
				"linux.cgroupsPath \"%s\" leads out of the "
				"cgroup hierarchy",
				path);
	if (h->mode == CG_NONE && !h->rootless)
		return err_text(-ENOENT, "no cgroup hierarchy is mounted at "
					 "/sys/fs/cgroup");
	return cg_fill_paths(a, h, path, rec);
}

/* --- systemd ------------------------------------------------------------ */

/*
 * Where the manager of the system has its groups: at the top, unless it runs in
 * a container without a cgroup namespace of its own.
 */
static int system_manager_group(struct arena *a, char **ret)
{
	static const char scope[] = "/init.scope";
	char text[8192], *l, *p;
	ssize_t n = io_read_at(AT_FDCWD, "/proc/1/cgroup", text, sizeof(text));

	*ret = (char *)"";
	if (n < 0)
		return err_set((int)n, "read /proc/1/cgroup");
	l = strstr(text, ":name=systemd:");
	if (!l)
		l = strstr(text, "0::");
	p = l ? strchr(l, '/') : NULL;
	if (!p)
		return 0;
	p[strcspn(p, "\n")] = '\0';
	if (str_ends(p, scope))
		p[strlen(p) - strlen(scope)] = '\0';
	*ret = arena_strdup(a, p);
	return *ret ? 0 : err_set(-ENOMEM, "cgroups");
}

static int check_systemd(const struct cg_host *h)
{
	struct stat st;

	if (stat("/run/systemd/system", &st) < 0 || !S_ISDIR(st.st_mode))
		return err_text(-ENOTSUP,
				"systemd not running on this host, cannot use "
				"systemd cgroups manager");
	if (!sd_built)
		return err_text(-ENOTSUP, "the systemd cgroup driver is not "
					  "part of this build");
	if (h->rootless && h->mode != CG_V2)
		return err_text(-ENOTSUP, "cannot use rootless systemd cgroups "
					  "manager on cgroup v1");
	return 0;
}

static int decide_systemd(struct arena *a, const struct cg_host *h,
			  const char *cgroups_path, const char *id,
			  struct cg_record *rec)
{
	char slice[PATH_MAX], *top, *path;
	int r = unit_decide(a, cgroups_path, id, h->rootless, rec);

	if (r == 0)
		r = unit_expand_slice(rec->slice, slice, sizeof(slice));
	if (r == 0)
		r = check_systemd(h);
	if (r < 0)
		return r;
	rec->user = h->rootless;
	r = rec->user ? unit_manager_group(a, &top)
		      : system_manager_group(a, &top);
	if (r < 0)
		return r;
	path = arena_printf(a, "%s%s/%s", top, slice, rec->unit);
	return path ? cg_fill_paths(a, h, path, rec)
		    : err_set(-ENOMEM, "cgroups");
}

int cg_decide(struct arena *a, const struct cg_host *h, enum cg_driver d,
	      const char *cgroups_path, const char *id,
	      const struct kv_list *annotations, struct cg_record *ret)
{
	struct cg_record rec = { .driver = (int)d,
				 .mode = (int)h->mode,
				 .annotations = annotations };
	int r = 0;

	if (cgroups_path && !*cgroups_path)
		cgroups_path = NULL;
	if (d == CG_SYSTEMD)
		r = decide_systemd(a, h, cgroups_path, id, &rec);
	else if (d == CG_CGROUPFS)
		r = decide_fs(a, h, cgroups_path, id, &rec);
	else
		rec.mode = CG_NONE;
	if (r < 0)
		return r;
	if (!rec.path)
		rec.path = arena_strdup(a, "");
	if (!rec.path)
		return err_set(-ENOMEM, "cgroups");
	*ret = rec;
	return 0;
}
