/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration that is right in itself asks for in vain: of this host,
 * with these options, or of a user namespace that does not map it.
 */
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "plan/build.h"

static bool is_private(const struct oci_spec *s)
{
	const char *w = s->linux_->rootfs_propagation;

	return w && (streq(w, "private") || streq(w, "rprivate"));
}

static bool is_mapped(const oci_id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].container_id &&
		    id - maps->v[i].container_id < maps->v[i].size)
			return true;
	return false;
}

/* "gid=5" of a new file system means an ID of the user namespace. */
static int check_word(const struct oci_spec *s, size_t i, const char *word)
{
	static const struct {
		const char *prefix, *name;
		size_t maps;
	} ids[] = {
		{ "uid=", "linux.uidMappings",
		  offsetof(struct oci_linux, uid_mappings) },
		{ "gid=", "linux.gidMappings",
		  offsetof(struct oci_linux, gid_mappings) },
	};
	uint32_t id;

	for (size_t n = 0; n < ARRAY_SIZE(ids); n++) {
		const oci_id_maps *maps =
			(const void *)((const char *)s->linux_ + ids[n].maps);

		if (!str_starts(word, ids[n].prefix) ||
		    str_id(word + strlen(ids[n].prefix), &id) < 0 ||
		    is_mapped(maps, id))
			continue;
		return err_text(-EINVAL,
				"mounts[%zu].options: cannot specify %s mount "
				"option: the ID is not in %s",
				i, word, ids[n].name);
	}
	return 0;
}

static int check_mounts(struct arena *a, const struct oci_spec *s, bool user,
			const struct plan_host *h)
{
	for (size_t i = 0; i < s->mounts.n; i++) {
		const struct oci_mount *m = &s->mounts.v[i];
		struct mount_request rq;
		int r;

		if (mount_request_parse(a, &m->options, &rq) < 0)
			return err_set(-ENOMEM, "compile the configuration");
		if (h->rootless && !h->in_userns &&
		    (m->uid_mappings.n || rq.idmap || rq.idmap_rec))
			return err_text(-EINVAL,
					"mounts[%zu]: id-mapped mounts are not "
					"supported for rootless containers",
					i);
		for (size_t w = 0; user && w < rq.data.n; w++) {
			r = check_word(s, i, rq.data.v[w]);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int check_user(const struct oci_spec *s)
{
	const struct oci_user *u = s->process->user;

	if (!is_mapped(&s->linux_->uid_mappings, u->uid))
		return err_text(-EINVAL,
				"process.user.uid: %u is not in "
				"linux.uidMappings",
				u->uid);
	if (!is_mapped(&s->linux_->gid_mappings, u->gid))
		return err_text(-EINVAL,
				"process.user.gid: %u is not in "
				"linux.gidMappings",
				u->gid);
	return 0;
}

int build_refuse(struct arena *a, const struct oci_spec *s,
		 const struct plan_host *h, const struct plan_options *o)
{
	const char *path;
	bool user = oci_has_ns(s, OCI_NS_USER, &path) && !path;
	int r;

	if (!oci_has_ns(s, OCI_NS_MNT, &path) &&
	    (oci_has_ns(s, OCI_NS_USER, &path) || h->rootless))
		return err_text(-EINVAL,
				"linux.namespaces: a mount namespace is "
				"needed: only root of the host can mount in "
				"the host's");
	if (o->no_pivot && is_private(s))
		return err_text(-EINVAL,
				"linux.rootfsPropagation: [r]private is not "
				"safe without pivot_root");
	if (h->rootless && !h->in_userns && s->process->user->additional_gids.n)
		return err_text(-EINVAL,
				"process.user.additionalGids: cannot set any "
				"additional groups in a rootless container");
	if (h->rootless && !h->in_userns && s->linux_->net_devices.n)
		return err_text(-EINVAL,
				"linux.netDevices: network devices are not "
				"supported for rootless containers");
	r = user ? check_user(s) : 0;
	return r < 0 ? r : check_mounts(a, s, user, h);
}
