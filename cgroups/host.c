/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What cgroup hierarchies this machine has and where. Distributions mount them
 * below /sys/fs/cgroup by the name of their controllers; statfs tells whether
 * one is there. Only a v1 hierarchy that is elsewhere costs the reading of
 * mountinfo, which grows with the number of mounts of the host.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroups/cgroups.h"

#define CGROUP_ROOT "/sys/fs/cgroup"
#define PROC_FILE_MAX (16u << 20)

const struct enum_name cg_mode_names[] = {
	{ "none", CG_NONE }, { "v1", CG_V1 }, { "hybrid", CG_HYBRID },
	{ "v2", CG_V2 },     { NULL, 0 },
};
const struct enum_name cg_driver_names[] = {
	{ "cgroupfs", CG_CGROUPFS },
	{ "systemd", CG_SYSTEMD },
	{ "disabled", CG_DISABLED },
	{ NULL, 0 },
};

static const struct field record_fields[] = {
	FIELD(struct cg_record, driver, "driver", F_ENUM,
	      .names = cg_driver_names),
	FIELD(struct cg_record, mode, "mode", F_ENUM, .names = cg_mode_names),
	FIELD(struct cg_record, path, "path", F_STR),
	FIELD(struct cg_record, unit, "unit", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(struct cg_record, slice, "slice", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(struct cg_record, user, "userManager", F_BOOL,
	      .flags = FF_OMIT_ZERO),
	FIELD(struct cg_record, paths, "paths", F_STR_MAP),
	FIELD(struct cg_record, ignore_errors, "ignoreErrors", F_BOOL),
};
RECORD(cg_record_record, struct cg_record, record_fields);

/* In this order groups are made, joined and removed. */
static const char *const order[] = {
	"cpuset",     "devices", "memory",  "cpu",	    "cpuacct",
	"pids",	      "blkio",	 "hugetlb", "net_cls",	    "net_prio",
	"perf_event", "freezer", "rdma",    "name=systemd", "misc",
};

static bool has_fs(const char *path, unsigned long magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

static bool in_list(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p && *p; p = strchr(p, ','), p += p != NULL)
		if (strncmp(p, name, n) == 0 && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

/* A line "4:memory:/x" of /proc/self/cgroup. */
struct line {
	char *controllers, *path;
};
struct lines {
	struct line v[64];
	size_t n;
};

static void parse_own(char *text, struct lines *ret)
{
	char *save = NULL;

	for (char *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		char *c = strchr(l, ':'), *p = c ? strchr(c + 1, ':') : NULL;

		if (!p || ret->n == ARRAY_SIZE(ret->v))
			continue;
		*p = '\0';
		ret->v[ret->n++] = (struct line){ c + 1, p + 1 };
	}
}

/* mountinfo escapes blanks as \040. */
static void unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		unsigned int v;

		if (*s == '\\' && sscanf(s + 1, "%3o", &v) == 1) {
			*out++ = (char)v;
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

/* Is `l` the line of a mount of the v1 hierarchy? Its mount point, or NULL. */
static char *mount_of_line(char *l, const char *controllers)
{
	char *dash = strstr(l, " - cgroup "), *opts, *point = l, *end;

	if (!dash)
		return NULL;
	opts = strrchr(dash, ' ');
	for (int i = 0; i < 4 && point; i++) {
		point = strchr(point, ' ');
		point += point != NULL;
	}
	end = point ? strchr(point, ' ') : NULL;
	if (!opts || !end || end > dash)
		return NULL;
	/* Each controller of the hierarchy is among the super options. */
	for (const char *p = controllers; *p;) {
		size_t n = strcspn(p, ",");
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		if (!in_list(opts + 1, name))
			return NULL;
		p += n + (p[n] == ',');
	}
	*end = '\0';
	unescape(point);
	return point;
}

static char *find_mount(struct arena *a, const char *controllers)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	char *save = NULL, *p;

	if (io_slurp_at(AT_FDCWD, "/proc/self/mountinfo", PROC_FILE_MAX, false,
			&text, &len) < 0)
		return NULL;
	for (char *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		p = mount_of_line(l, controllers);
		if (p)
			return arena_strdup(a, p);
	}
	return NULL;
}

static int add(struct arena *a, struct cg_host *h, const char *controllers,
	       const char *mountpoint, const char *own)
{
	struct cg_hierarchy *v = &h->v[h->n];

	if (h->n == CG_CONTROLLERS_MAX)
		return 0;
	v->controllers = arena_strdup(a, controllers);
	v->mountpoint = arena_strdup(a, mountpoint);
	v->own = arena_strdup(a, own);
	if (!v->controllers || !v->mountpoint || !v->own)
		return err_set(-ENOMEM, "cgroups");
	h->n++;
	return 0;
}

static int add_v1(struct arena *a, struct cg_host *h, const struct line *l)
{
	const char *name = l->controllers;
	char path[256], *found;

	if (strncmp(name, "name=", 5) == 0)
		name += 5;
	snprintf(path, sizeof(path), CGROUP_ROOT "/%s", name);
	if (has_fs(path, CGROUP_SUPER_MAGIC))
		return add(a, h, l->controllers, path, l->path);
	found = find_mount(a, l->controllers);
	if (!found || !has_fs(found, CGROUP_SUPER_MAGIC))
		return 0;
	return add(a, h, l->controllers, found, l->path);
}

static bool listed(const struct cg_host *h, const char *controllers)
{
	for (size_t i = 0; i < h->n; i++)
		if (streq(h->v[i].controllers, controllers))
			return true;
	return false;
}

static int detect_v1(struct arena *a, struct cg_host *h, const struct lines *own)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (size_t k = 0; k < own->n && r == 0; k++)
			if (in_list(own->v[k].controllers, order[i]) &&
			    !listed(h, own->v[k].controllers))
				r = add_v1(a, h, &own->v[k]);
	if (r == 0 && h->n > 0)
		h->mode = CG_V1;
	return r;
}

static const char *own_v2(const struct lines *own)
{
	for (size_t i = 0; i < own->n; i++)
		if (!*own->v[i].controllers)
			return own->v[i].path;
	return "/";
}

int cg_host_detect(struct arena *a, bool rootless, struct cg_host *ret)
{
	const char *unified = CGROUP_ROOT "/unified";
	_cleanup_free_ char *text = NULL;
	struct cg_host h = { .mode = CG_NONE, .rootless = rootless };
	struct lines own = { .n = 0 };
	size_t len;
	int r;

	r = io_slurp_at(AT_FDCWD, "/proc/self/cgroup", PROC_FILE_MAX, false,
			&text, &len);
	if (r < 0 && r != -ENOENT)
		return err_set(r, "read /proc/self/cgroup");
	if (r == 0)
		parse_own(text, &own);
	if (has_fs(CGROUP_ROOT, CGROUP2_SUPER_MAGIC)) {
		h.mode = CG_V2;
		r = add(a, &h, "", CGROUP_ROOT, own_v2(&own));
	} else {
		r = detect_v1(a, &h, &own);
		if (r == 0 && has_fs(unified, CGROUP2_SUPER_MAGIC)) {
			r = add(a, &h, "", unified, own_v2(&own));
			h.mode = h.mode == CG_V1 ? CG_HYBRID : CG_V2;
		}
	}
	if (r < 0)
		return r;
	*ret = h;
	return 0;
}
