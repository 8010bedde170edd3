/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mount of type cgroup (OCI config-linux.md): what it means depends on the
 * host's hierarchies and on whether the container has a cgroup namespace.
 */
#include <string.h>

#include "base/str.h"
#include "plan/build.h"

#define ATTR_RDONLY 1ULL
#define CONTROLLERS_MAX 20
#define CGROUP_V2 3 /* enum cg_mode of cgroups/cgroups.h */

struct cgroup_mount {
	struct build *b;
	const struct mount_request *rq;
	const char *where, *dest;
	bool ns; /* a cgroup namespace of its own */
};

static const char *fmt_path(struct build *b, const char *dir, const char *name)
{
	const char *s = arena_printf(b->a, "%s/%s", dir, name);

	if (!s)
		b->failed = true;
	return s ? s : "";
}

static void unified(struct cgroup_mount *c, const char *dest,
		    const struct plan_cgroup *g)
{
	struct build *b = c->b;
	struct plan_op *op = build_op(b, OP_MOUNT, c->where);

	op->flags = PMF_FALLBACK_BIND | PMF_OPTIONAL;
	op->s1 = build_str(b, dest);
	op->s2 = build_str(b, c->ns ? fmt_path(b, g->mountpoint, g->path + 1)
				    : g->mountpoint);
	op->s3 = build_str(b, "cgroup2");
	op->x = c->rq->attr_set;
	op->y = c->rq->attr_clr;
}

/* "name=systemd" is mounted as "systemd", the unified one as "unified". */
static const char *dir_name(const char *controllers)
{
	if (*controllers == '\0')
		return "unified";
	return str_starts(controllers, "name=") ? controllers + 5 : controllers;
}

/* "cpu,cpuacct" is two words for the file system. */
static void controller_words(struct build *b, struct plan_op *op,
			     const char *controllers)
{
	char *words[CONTROLLERS_MAX];
	size_t n = 0;

	while (*controllers && n < ARRAY_SIZE(words)) {
		size_t len = strcspn(controllers, ",");

		words[n] = arena_strndup(b->a, controllers, len);
		if (!words[n++]) {
			b->failed = true;
			return;
		}
		controllers += len + (controllers[len] == ',');
	}
	build_list(b, op, words, n);
}

static void legacy(struct cgroup_mount *c, const struct plan_cgroup *g)
{
	struct build *b = c->b;
	const char *dest = fmt_path(b, c->dest, dir_name(g->controllers));
	struct plan_op *op;

	if (*g->controllers == '\0') {
		unified(c, dest, g);
		return;
	}
	op = build_op(b, OP_MOUNT, c->where);
	op->flags = PMF_OPTIONAL | (c->ns ? PMF_FALLBACK_BIND : PMF_BIND);
	op->s1 = build_str(b, dest);
	op->s2 = build_str(b, fmt_path(b, g->mountpoint, g->path + 1));
	op->x = c->rq->attr_set;
	op->y = c->rq->attr_clr;
	if (c->ns) {
		op->s3 = build_str(b, "cgroup");
		controller_words(b, op, g->controllers);
	}
}

/* cpu -> cpu,cpuacct for hierarchies that carry several controllers. */
static void links(struct cgroup_mount *c, const struct plan_cgroup *g)
{
	const char *p = g->controllers;

	if (!strchr(p, ',') || str_starts(p, "name="))
		return;
	while (*p) {
		size_t n = strcspn(p, ",");
		const char *name = arena_strndup(c->b->a, p, n);
		struct plan_op *op = build_op(c->b, OP_SYMLINK, c->where);

		c->b->failed |= !name;
		op->s1 = build_str(c->b, g->controllers);
		op->s2 = build_str(c->b,
				   fmt_path(c->b, c->dest, name ? name : ""));
		p += n + (p[n] == ',');
	}
}

static void tmpfs(struct cgroup_mount *c)
{
	char *words[] = { (char *)"mode=755" };
	const struct mount_request rq = { .data = { words, 1 } };
	struct plan_op *op = build_op(c->b, OP_MOUNT, c->where);

	op->s1 = build_str(c->b, c->dest);
	op->s2 = build_str(c->b, "tmpfs");
	op->s3 = build_str(c->b, "tmpfs");
	op->x = c->rq->attr_set & ~ATTR_RDONLY;
	build_data(c->b, op, &rq, "tmpfs");
}

void build_cgroup_mount(struct build *b, const struct oci_mount *m,
			const struct mount_request *rq, const char *where)
{
	const char *path;
	struct cgroup_mount c = {
		.b = b,
		.rq = rq,
		.where = where,
		.dest = *m->destination == '/' ? m->destination
					       : fmt_path(b, "", m->destination),
		.ns = oci_has_ns(b->s, OCI_NS_CGROUP, &path),
	};
	struct plan_op *op;

	if (b->h->cgroup_mode == CGROUP_V2 || b->h->cgroups.n == 0) {
		const struct plan_cgroup none = { "", "/sys/fs/cgroup", "/" };

		unified(&c, c.dest,
			b->h->cgroups.n ? &b->h->cgroups.v[0] : &none);
		return;
	}
	tmpfs(&c);
	for (size_t i = 0; i < b->h->cgroups.n; i++)
		legacy(&c, &b->h->cgroups.v[i]);
	for (size_t i = 0; i < b->h->cgroups.n; i++)
		links(&c, &b->h->cgroups.v[i]);
	if (rq->attr_set & ATTR_RDONLY) {
		op = build_op(b, OP_REMOUNT_RO, where);
		op->s1 = build_str(b, c.dest);
	}
}
