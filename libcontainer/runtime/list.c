/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state, list, ps: what is known of containers.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fd.h"
#include "runtime/container.h"

#define I(member, json, kind, ...) \
	FIELD(struct rt_info, member, json, kind, __VA_ARGS__)
static const struct field info_fields[] = {
	I(oci_version, "ociVersion", F_STR),
	I(id, "id", F_STR),
	I(pid, "pid", F_I32),
	I(status, "status", F_STR),
	I(bundle, "bundle", F_STR),
	I(rootfs, "rootfs", F_STR),
	I(created, "created", F_STR),
	I(annotations, "annotations", F_STR_MAP, .flags = FF_OMIT_ZERO),
	I(owner, "owner", F_STR),
};
RECORD(rt_info_record, struct rt_info, info_fields);

static void fill(struct rt_info *i, const struct store_state *s, enum status st)
{
	*i = (struct rt_info){
		.oci_version = (char *)OCI_VERSION,
		.id = s->id,
		.pid = st == ST_STOPPED ? 0 : s->pid,
		.status = (char *)status_names[st],
		.bundle = s->bundle,
		.rootfs = s->rootfs,
		.created = s->created,
		.owner = (char *)"",
	};
	if (s->annotations.n)
		i->annotations = s->annotations;
}

int rt_state(const struct rt_global *g, struct arena *a, const char *id,
	     struct rt_info *ret)
{
	_cleanup_store_ struct store_dir d = STORE_DIR_NONE;
	struct store_state s = { 0 };
	enum status st;
	int r = container_open(g, id, STORE_LOOK, a, &d, &s, &st);

	if (r < 0)
		return r;
	fill(ret, &s, st);
	return 0;
}

static int list_one(const struct rt_global *g, struct arena *a, const char *id,
		    struct rt_info *ret)
{
	_cleanup_store_ struct store_dir d = STORE_DIR_NONE;
	struct store_state s = { 0 };
	enum status st;
	struct stat sb;
	int r = container_open(g, id, STORE_LOOK, a, &d, &s, &st);

	if (r < 0)
		return r;
	fill(ret, &s, st);
	if (fstat(d.fd, &sb) == 0)
		ret->owner = container_owner(a, sb.st_uid);
	return 0;
}

int rt_ids(const struct rt_global *g, struct arena *a, struct str_list *ret)
{
	return store_ids(g, a, ret);
}

int rt_list(const struct rt_global *g, struct arena *a, struct rt_info_list *ret)
{
	struct str_list ids;
	size_t bad = 0;
	int r = store_ids(g, a, &ids);

	*ret = (struct rt_info_list){ 0 };
	if (r < 0)
		return r;
	ret->v = arena_calloc(a, ids.n + 1, sizeof(*ret->v));
	ret->failed = arena_calloc(a, ids.n + 1, sizeof(*ret->failed));
	if (!ret->v || !ret->failed)
		return err_set(-ENOMEM, "list containers");
	for (size_t i = 0; i < ids.n; i++) {
		if (list_one(g, a, ids.v[i], &ret->v[ret->n]) >= 0) {
			ret->n++;
			continue;
		}
		ret->failed[bad++] = arena_printf(a, "load container %s: %s",
						  ids.v[i], err_get());
		err_clear();
	}
	return 0;
}

int rt_pids(const struct rt_global *g, struct arena *a, const char *id,
	    int32_t **ret, size_t *ret_n)
{
	_cleanup_store_ struct store_dir d = STORE_DIR_NONE;
	_cleanup_cg_ struct cg *cg = NULL;
	struct store_state s = { 0 };
	struct cg_pid_list pids = { 0 };
	enum status st;
	int r = container_open(g, id, STORE_LOOK, a, &d, &s, &st);

	*ret = NULL;
	*ret_n = 0;
	if (r < 0)
		return r;
	r = s.cgroup ? cg_open(s.cgroup, &cg) : -ENOENT;
	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = cg_pids(cg, a, &pids);
	if (r < 0)
		return r;
	*ret = pids.v;
	*ret_n = pids.n;
	return 0;
}
