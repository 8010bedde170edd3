/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a container that runc made, put where ours has it. Pure. */
#include <string.h>

#include "base/str.h"
#include "runtime/store.h"

/* "bundle=DIR" and annotations. */
static int take_labels(struct arena *a, struct store_state *s)
{
	const struct str_list *l = &s->config->labels;
	struct kv *v = arena_calloc(a, l->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	s->annotations = (struct kv_list){ .v = v };
	for (size_t i = 0; i < l->n; i++) {
		char *key = arena_strdup(a, l->v[i]), *equals;

		if (!key)
			return -ENOMEM;
		equals = strchr(key, '=');
		if (!equals)
			continue;
		*equals = '\0';
		if (streq(key, "bundle"))
			s->bundle = equals + 1;
		else
			v[s->annotations.n++] =
				(struct kv){ .key = key, .value = equals + 1 };
	}
	return 0;
}

/* The path below the mount points, as the first one that can be told has it. */
static char *below_mount(const struct kv_list *paths)
{
	const char *root = "/sys/fs/cgroup", *p;

	for (size_t i = 0; i < paths->n; i++) {
		p = paths->v[i].value;
		if (!str_starts(p, root))
			continue;
		p += strlen(root);
		if (paths->n > 1 && *p)
			p += 1 + strcspn(p + 1, "/");
		return (char *)(uintptr_t)p;
	}
	return (char *)"/";
}

static int take_group(struct arena *a, struct store_state *s)
{
	const struct kv_list *paths = &s->cgroup_paths;
	struct cg_record *g = arena_alloc(a, sizeof(*g));
	bool unified = false;

	if (paths->n == 0)
		return 0;
	if (!g)
		return -ENOMEM;
	for (size_t i = 0; i < paths->n; i++)
		unified |= *paths->v[i].key == '\0';
	*g = (struct cg_record){
		.driver = CG_CGROUPFS,
		.mode = !unified       ? CG_V1
			: paths->n > 1 ? CG_HYBRID
				       : CG_V2,
		.path = below_mount(paths),
		.paths = *paths,
		.ignore_errors = s->rootless,
	};
	s->cgroup = g;
	return 0;
}

int store_take_foreign(struct arena *a, struct store_state *s)
{
	int r = s->config ? take_labels(a, s) : 0;

	s->foreign = true;
	s->phase = (char *)"created";
	if (s->config)
		s->rootfs = s->config->rootfs;
	if (!s->bundle)
		s->bundle = (char *)"/";
	return r < 0 ? r : take_group(a, s);
}
