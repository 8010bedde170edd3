/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>
#include <sys/mount.h>

#include "base/path.h"
#include "base/str.h"
#include "plan/build.h"

#define ATTR_RDONLY 1ULL

static const struct {
	const char *name;
	uint64_t flags;
} root_propagation[] = {
	{ "shared", MS_SHARED },
	{ "rshared", MS_SHARED | MS_REC },
	{ "slave", MS_SLAVE },
	{ "rslave", MS_SLAVE | MS_REC },
	{ "private", MS_PRIVATE },
	{ "rprivate", MS_PRIVATE | MS_REC },
	{ "unbindable", MS_UNBINDABLE },
	{ "runbindable", MS_UNBINDABLE | MS_REC },
};

static uint64_t wanted_propagation(const struct oci_spec *s)
{
	const char *w = s->linux_->rootfs_propagation;

	for (size_t i = 0; w && i < ARRAY_SIZE(root_propagation); i++)
		if (streq(w, root_propagation[i].name))
			return root_propagation[i].flags;
	return 0;
}

/*
 * What is mounted here reaches the host only where a mount asks for it, which
 * takes a shared root: else all is made a slave at least. What was asked for
 * the container's own root comes after the pivot.
 */
static uint64_t first_propagation(uint64_t asked)
{
	if (asked & (MS_SHARED | MS_PRIVATE))
		return (asked & (MS_SHARED | MS_PRIVATE)) | MS_REC;
	return MS_SLAVE | MS_REC;
}

void build_root(struct build *b)
{
	uint64_t asked = wanted_propagation(b->s);
	struct plan_fd tree = { .kind = PFD_TREE,
				.path = b->s->root->path,
				.where = "root.path",
				.rec = true };
	struct plan_op *op;

	if (!b->host_mounts)
		build_op(b, OP_PROPAGATION, "linux.rootfsPropagation")->x =
			first_propagation(asked);
	b->own_slots = true;
	op = build_op(b, OP_ROOT, "root.path");
	op->slot = SLOT_ROOT;
	op->s1 = build_str(b, b->s->root->path);
	if (b->host_mounts)
		op->flags = PRF_ALONE;
	if (b->pass_trees)
		op->slot2 = build_fd(b, &tree);
}

static bool is_bind(const struct oci_mount *m, const struct mount_request *rq)
{
	return rq->bind || rq->rbind || (m->type && streq(m->type, "bind")) ||
	       (m->type && streq(m->type, "rbind"));
}

static const char *absolute(struct build *b, const char *base, const char *p)
{
	const char *s = *p == '/' ? p : arena_printf(b->a, "%s/%s", base, p);

	if (!s)
		b->failed = true;
	return s;
}

static void common(struct build *b, struct plan_op *op,
		   const struct oci_mount *m, const struct mount_request *rq)
{
	const uint64_t rec[2] = { rq->rec_attr_set, rq->rec_attr_clr };

	op->s1 = build_str(b, absolute(b, "", m->destination));
	op->x = rq->attr_set;
	op->y = rq->attr_clr;
	op->z = rq->sb_flags;
	op->arg = (uint32_t)(rq->propagation | (rq->prop_rec ? MS_REC : 0));
	if (rec[0] || rec[1]) {
		op->blob2 = build_blob(b, rec, sizeof(rec));
		op->blob2_len = sizeof(rec);
	}
	if (rq->dest_nofollow)
		op->flags |= PMF_DEST_NOFOLLOW;
	if (rq->src_nofollow)
		op->flags |= PMF_SRC_NOFOLLOW;
}

/* In the order of the spec: the mapping of the mount, or the container's. */
static int16_t idmap_slot(struct build *b, const struct oci_mount *m,
			  const struct mount_request *rq, const char *where)
{
	struct plan_fd f = { .kind = PFD_USERNS_MAP, .where = where };

	if (m->uid_mappings.n || m->gid_mappings.n) {
		f.uid_maps = &m->uid_mappings;
		f.gid_maps = &m->gid_mappings;
	} else if (rq->idmap || rq->idmap_rec) {
		f.uid_maps = &b->s->linux_->uid_mappings;
		f.gid_maps = &b->s->linux_->gid_mappings;
	} else {
		return -1;
	}
	return build_fd(b, &f);
}

static void mount_bind(struct build *b, const struct oci_mount *m,
		       const struct mount_request *rq, const char *where)
{
	const char *src = absolute(b, b->o->bundle, m->source ? m->source : "");
	bool rec = rq->rbind || (m->type && streq(m->type, "rbind"));
	struct plan_fd tree = { .kind = PFD_TREE,
				.path = src,
				.where = where,
				.rec = rec,
				.nofollow = rq->src_nofollow };
	int16_t map = idmap_slot(b, m, rq, where);
	struct plan_op *op = build_op(b, OP_MOUNT, where);

	tree.mapped = map >= 0;
	tree.map_rec = rq->idmap_rec;
	tree.map = map;
	op->flags = PMF_BIND;
	common(b, op, m, rq);
	op->s2 = build_str(b, src);
	op->slot2 = map;
	if (rec)
		op->flags |= PMF_REC;
	if (rq->idmap_rec)
		op->flags |= PMF_IDMAP_REC;
	if (rq->copy_symlink)
		op->flags |= PMF_COPY_SYMLINK;
	if (b->pass_trees && !rq->copy_symlink)
		op->slot = build_fd(b, &tree);
	/* still a peer of the host's mount, that it did not ask to be */
	if (op->arg == 0 &&
	    (op->slot >= 0 || wanted_propagation(b->s) & MS_SHARED))
		op->arg = MS_SLAVE | MS_REC;
}

/* A new mount has none below: what counts for all counts for it alone. */
static struct mount_request own_attributes(const struct mount_request *rq)
{
	struct mount_request own = *rq;

	own.attr_set = (rq->attr_set & ~rq->rec_attr_clr) | rq->rec_attr_set;
	own.attr_clr = (rq->attr_clr & ~rq->rec_attr_set) | rq->rec_attr_clr;
	own.rec_attr_set = own.rec_attr_clr = 0;
	return own;
}

static bool has_word(const struct mount_request *rq, const char *prefix)
{
	for (size_t i = 0; i < rq->data.n; i++)
		if (str_starts(rq->data.v[i], prefix))
			return true;
	return false;
}

/*
 * A file system whose root is still to be written to: devices are made in it,
 * contents copied to it. It becomes read-only last.
 */
static bool is_late_readonly(const struct oci_mount *m,
			     const struct mount_request *rq)
{
	char clean[PATH_MAX];

	if (rq->bind || rq->rbind || rq->remount || !m->type ||
	    !((rq->attr_set | rq->rec_attr_set) & ATTR_RDONLY))
		return false;
	if (streq(m->type, "tmpfs"))
		return true;
	return !streq(m->type, "bind") &&
	       path_clean(m->destination, clean, sizeof(clean)) == 0 &&
	       (streq(clean, "/dev") || streq(clean, "dev"));
}

static void mount_fs(struct build *b, const struct oci_mount *m,
		     const struct mount_request *asked, const char *where)
{
	const char *type = m->type ? m->type : "";
	const struct mount_request own = own_attributes(asked), *rq = &own;
	bool tmpfs = streq(type, "tmpfs");
	struct plan_op *op = build_op(b, OP_MOUNT, where);

	common(b, op, m, rq);
	op->s2 = build_str(b, m->source);
	op->s3 = build_str(b, type);
	build_data(b, op, rq, type);
	if (streq(type, "proc") || streq(type, "sysfs"))
		op->flags |= PMF_REAL_DIR;
	if (streq(type, "proc") && b->shared_pid)
		op->flags |= PMF_IN_CHILD;
	if (streq(type, "sysfs"))
		op->flags |= PMF_FALLBACK_SYSFS;
	if (rq->tmpcopyup)
		op->flags |= PMF_COPYUP;
	if (tmpfs && !has_word(rq, "mode="))
		op->flags |= PMF_TMPFS_MODE;
	if (is_late_readonly(m, rq))
		op->flags |= PMF_RO_LATE;
}

static void mount_again(struct build *b, const struct oci_mount *m,
			const struct mount_request *rq, const char *where)
{
	struct plan_op *op = build_op(b, OP_MOUNT, where);

	op->flags = PMF_REMOUNT;
	if (is_bind(m, rq))
		op->flags |= PMF_BIND;
	common(b, op, m, rq);
	op->s3 = build_str(b, m->type);
	build_data(b, op, rq, m->type ? m->type : "");
}

/* cgroup means whatever hierarchies there are, cgroup2 only that one. */
static bool is_cgroup(const struct build *b, const struct oci_mount *m)
{
	if (!m->type)
		return false;
	return streq(m->type, "cgroup") ||
	       (streq(m->type, "cgroup2") && b->h->cgroup_mode == 3);
}

static void one_mount(struct build *b, size_t i)
{
	const struct oci_mount *m = &b->s->mounts.v[i];
	const char *where = build_where(b, "mounts", i);
	struct mount_request rq;

	if (mount_request_parse(b->a, &m->options, &rq) < 0) {
		b->failed = true;
		return;
	}
	if (*m->destination != '/')
		build_warn(b,
			   "mount destination %s is not absolute: it is "
			   "taken from the root",
			   m->destination);
	if (rq.remount)
		mount_again(b, m, &rq, where);
	else if (is_bind(m, &rq))
		mount_bind(b, m, &rq, where);
	else if (is_cgroup(b, m))
		build_cgroup_mount(b, m, &rq, where);
	else
		mount_fs(b, m, &rq, where);
}

void build_mounts(struct build *b)
{
	for (size_t i = 0; i < b->s->mounts.n; i++)
		one_mount(b, i);
}

static bool late_readonly(struct build *b, const struct oci_mount *m)
{
	struct mount_request rq;

	if (mount_request_parse(b->a, &m->options, &rq) < 0) {
		b->failed = true;
		return false;
	}
	return is_late_readonly(m, &rq);
}

static struct plan_op *path_op(struct build *b, enum plan_code code,
			       const char *where, const char *path)
{
	struct plan_op *op = build_op(b, code, where);

	op->s1 = build_str(b, path);
	return op;
}

void build_late_readonly(struct build *b)
{
	for (size_t i = 0; i < b->s->mounts.n; i++)
		if (late_readonly(b, &b->s->mounts.v[i]))
			path_op(b, OP_REMOUNT_RO, build_where(b, "mounts", i),
				absolute(b, "", b->s->mounts.v[i].destination));
}

void build_unmounts(struct build *b)
{
	for (size_t i = 0; i < b->s->mounts.n; i++)
		path_op(b, OP_UNMOUNT, build_where(b, "mounts", i),
			absolute(b, "", b->s->mounts.v[i].destination));
}

void build_hide(struct build *b)
{
	bool no_nodes = b->userns || b->h->in_userns || b->h->rootless;
	const struct oci_linux *l = b->s->linux_;
	uint64_t asked = wanted_propagation(b->s);

	build_late_readonly(b);
	if (b->s->root->readonly)
		build_op(b, OP_ROOT_RO, "root.readonly");
	for (size_t i = 0; i < l->readonly_paths.n; i++) {
		const char *w = build_where(b, "linux.readonlyPaths", i);

		path_op(b, OP_READONLY, w, l->readonly_paths.v[i]);
	}
	for (size_t i = 0; i < l->masked_paths.n; i++) {
		const char *w = build_where(b, "linux.maskedPaths", i);

		path_op(b, OP_MASK, w, l->masked_paths.v[i])->arg = no_nodes;
	}
	if (asked)
		build_op(b, OP_ROOT_PROPAGATION, "linux.rootfsPropagation")->x =
			asked;
}
