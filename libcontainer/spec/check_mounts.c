/* SPDX-License-Identifier: Apache-2.0 */
/* config.md, "Mounts"; ID mappings. */
#include <limits.h>
#include <stdio.h>

#include "base/path.h"
#include "base/str.h"
#include "spec/check.h"
#include "spec/mount_options.h"

#define ID_MAPS_MAX 340 /* what the kernel takes since 4.15 */

static bool maps_overlap(const struct oci_id_map *a, const struct oci_id_map *b)
{
	uint64_t ca = a->container_id, cb = b->container_id;
	uint64_t ha = a->host_id, hb = b->host_id;

	return (ca < cb + b->size && cb < ca + a->size) ||
	       (ha < hb + b->size && hb < ha + a->size);
}

void check_id_maps(const oci_id_maps *maps, const char *path, struct faults *f)
{
	char elem[CHECK_PATH_MAX];
	size_t i, j;

	if (maps->n > ID_MAPS_MAX) {
		faults_add(f, 0, path, "more than %d mappings", ID_MAPS_MAX);
		return;
	}
	for (i = 0; i < maps->n; i++) {
		const struct oci_id_map *m = &maps->v[i];
		uint64_t end =
			(uint64_t)MAX(m->container_id, m->host_id) + m->size;

		snprintf(elem, sizeof(elem), "%s[%zu]", path, i);
		if (m->size == 0)
			faults_add(f, 0, elem, "size must not be zero");
		if (end > UINT32_MAX)
			faults_add(f, 0, elem, "goes beyond the last ID");
		for (j = 0; j < i; j++) {
			if (!maps_overlap(m, &maps->v[j]))
				continue;
			faults_add(f, 0, elem, "overlaps with mapping %zu", j);
			break;
		}
	}
}

/* One mount and where its faults go. */
struct at {
	const struct oci_spec *s;
	const struct oci_mount *m;
	char path[32]; /* mounts[3] */
	struct arena *scratch;
	struct faults *f;
};

#define add(at, name, ...)                                  \
	do {                                                \
		char path_[CHECK_PATH_MAX];                 \
		check_path(path_, (at)->path, (name));      \
		faults_add((at)->f, 0, path_, __VA_ARGS__); \
	} while (0)

static void check_idmap(const struct at *at, const struct mount_request *q,
			bool bind)
{
	const struct oci_mount *m = at->m;
	bool maps = m->uid_mappings.n || m->gid_mappings.n;
	char path[CHECK_PATH_MAX];

	if (!maps && !q->idmap && !q->idmap_rec)
		return;
	if (!bind)
		add(at, "uidMappings",
		    "id-mapped mounts are only supported for bind-mounts");
	if (!m->uid_mappings.n != !m->gid_mappings.n)
		add(at, "uidMappings",
		    "id-mapped mounts must have both uid and gid mappings "
		    "specified");
	if (!maps && !oci_has_ns(at->s, OCI_NS_USER, NULL))
		add(at, "options",
		    "idmap without mappings needs a user namespace");
	check_path(path, at->path, "uidMappings");
	check_id_maps(&m->uid_mappings, path, at->f);
	check_path(path, at->path, "gidMappings");
	check_id_maps(&m->gid_mappings, path, at->f);
}

static void check_mount(const struct at *at)
{
	const struct oci_mount *m = at->m;
	char clean[PATH_MAX], from_root[PATH_MAX];
	struct mount_request q;
	bool bind;
	int n;

	if (!m->destination)
		return; /* has its fault */
	n = snprintf(from_root, sizeof(from_root), "/%s", m->destination);
	if (n >= PATH_MAX || path_clean(from_root, clean, sizeof(clean)) < 0)
		add(at, "destination", "longer than %d bytes", PATH_MAX - 1);
	else if (streq(clean, "/"))
		add(at, "destination",
		    "\"%s\" is the root, which cannot be mounted over",
		    m->destination);
	if (mount_request_parse(at->scratch, &m->options, &q) < 0)
		return;
	bind = q.bind || q.rbind || (m->type && streq(m->type, "bind"));
	if (bind && q.data.n)
		add(at, "options",
		    "bind mounts cannot have any filesystem-specific options "
		    "applied (%s)",
		    q.data.v[0]);
	if (bind && !q.remount && (!m->source || !*m->source))
		add(at, "source", "a bind mount needs a source");
	if (!bind && !q.remount && (!m->type || !*m->type))
		add(at, "type", "is required for a mount that is no bind");
	check_idmap(at, &q, bind);
}

void check_mounts(const struct oci_spec *s, struct faults *f)
{
	_cleanup_arena_ struct arena scratch = { 0 };
	struct at at = { .s = s, .f = f, .scratch = &scratch };
	size_t i;

	for (i = 0; i < s->mounts.n; i++) {
		at.m = &s->mounts.v[i];
		snprintf(at.path, sizeof(at.path), "mounts[%zu]", i);
		check_mount(&at);
	}
}
