/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a group: directories, cpuset of v1, controllers of v2, device rules,
 * limits. All before the first process, so nothing runs without them.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "cgroups/unit.h"

static bool no_right(int r)
{
	return r == -EACCES || r == -EPERM || r == -EROFS || r == -ENOENT;
}

static int make_parents(const char *path)
{
	char parent[PATH_MAX];
	char *slash;

	if ((size_t)snprintf(parent, sizeof(parent), "%s", path) >=
	    sizeof(parent))
		return -ENAMETOOLONG;
	slash = strrchr(parent, '/');
	if (!slash)
		return -EINVAL;
	*slash = '\0';
	return path_mkdir_p(parent, 0755);
}

/* The leaf first: its parents are nearly always there. */
static int make_dir(const char *path, bool *ret_made)
{
	int r = mkdir(path, 0755) < 0 ? -errno : 0;

	if (r == -ENOENT) {
		r = make_parents(path);
		if (r == 0)
			r = mkdir(path, 0755) < 0 ? -errno : 0;
	}
	*ret_made = r == 0;
	return r == -EEXIST ? 0 : r;
}

static int make_one(struct cg *g, const struct kv *kv)
{
	bool made = false;
	int fd, r;

	r = make_dir(kv->value, &made);
	if (r < 0 && g->ignore_errors && no_right(r))
		return 0;
	if (r < 0)
		return err_set(r, "make cgroup %s", kv->value);
	fd = cg_open_dir(kv->value, !*kv->key);
	if (fd < 0) {
		if (made)
			(void)rmdir(kv->value);
		return fd == -ENOTTY ? err_text(fd,
						"%s is not in a cgroup file "
						"system",
						kv->value)
				     : err_set(fd, "open %s", kv->value);
	}
	return cg_add(g, kv->key, kv->value, fd, made);
}

/* --- cpuset of v1 ------------------------------------------------------- */

/* A new cpuset is empty and takes nobody in: it starts like its parent. */
static int seed_file(int dirfd, const char *file, bool made, unsigned int depth)
{
	char text[4096], parent[64];
	ssize_t n = made ? 0 : io_read_at(dirfd, file, text, sizeof(text));

	if (n < 0)
		return (int)n;
	if (n > 1) /* more than a line end */
		return 0;
	snprintf(parent, sizeof(parent), "../%s", file);
	n = io_read_at(dirfd, parent, text, sizeof(text));
	if (n >= 0 && n <= 1 && depth > 0) {
		_cleanup_close_ int up =
			openat(dirfd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		int r = up < 0 ? -errno : seed_file(up, file, false, depth - 1);

		if (r < 0)
			return r;
		n = io_read_at(dirfd, parent, text, sizeof(text));
	}
	if (n < 0)
		return (int)n;
	return io_write_at(dirfd, file, text, (size_t)n);
}

static int seed_cpuset(struct cg *g)
{
	const struct cg_dir *d = cg_find(g, "cpuset");
	int r;

	if (!d || g->mode == CG_V2)
		return 0;
	r = seed_file(d->fd, "cpuset.cpus", d->made, 64);
	if (r == 0)
		r = seed_file(d->fd, "cpuset.mems", d->made, 64);
	if (r < 0 && !(g->ignore_errors && no_right(r)))
		return err_set(r, "copy the cpuset of the parent to %s",
			       d->path);
	return 0;
}

/* --- controllers of v2 -------------------------------------------------- */

static void enable_at(int dirfd, const char *list)
{
	char all[512] = "", one[64];
	size_t len = 0;

	for (const char *p = list; *p;) {
		size_t n = strcspn(p, " \n");

		if (n > 0 && len + n + 3 < sizeof(all))
			len += (size_t)snprintf(all + len, sizeof(all) - len,
						"+%.*s ", (int)n, p);
		p += n + (p[n] != '\0');
	}
	if (len == 0 ||
	    io_write_str_at(dirfd, "cgroup.subtree_control", all) == 0)
		return;
	/* One that cannot be had must not keep the others away. */
	for (const char *p = all; *p;) {
		size_t n = strcspn(p, " ");

		snprintf(one, sizeof(one), "%.*s", (int)n, p);
		(void)io_write_str_at(dirfd, "cgroup.subtree_control", one);
		p += n + (p[n] == ' ');
	}
}

/* From the mount point down to the parent of the group. */
static int enable_path(int rootfd, const char *path, const char *list)
{
	_cleanup_close_ int fd = -EBADF;

	enable_at(rootfd, list);
	for (const char *p = path; *p;) {
		char name[NAME_MAX + 1];
		size_t n;
		int next;

		p += strspn(p, "/");
		n = strcspn(p, "/");
		/* The last component is the group itself. */
		if (!p[n] || n > NAME_MAX)
			break;
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		next = openat(fd < 0 ? rootfd : fd, name,
			      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		close_fd(fd);
		fd = next;
		enable_at(fd, list);
		p += n;
	}
	return 0;
}

/* Below a threaded group only a threaded one takes processes in. */
static void join_threaded(int dirfd)
{
	char type[64];

	if (io_read_at(dirfd, "cgroup.type", type, sizeof(type)) > 0 &&
	    str_starts(type, "domain invalid"))
		(void)io_write_str_at(dirfd, "cgroup.type", "threaded");
}

int cg_enable_v2(struct cg *g)
{
	const struct cg_dir *d = cg_find(g, "");
	_cleanup_close_ int rootfd = -EBADF;
	char all[512], have[512], mount[PATH_MAX];
	ssize_t n;

	if (!d || !str_ends(d->path, g->path))
		return 0;
	snprintf(mount, sizeof(mount), "%.*s",
		 (int)(strlen(d->path) - strlen(g->path)), d->path);
	rootfd = cg_open_dir(mount, true);
	if (rootfd < 0)
		return 0;
	n = io_read_at(rootfd, "cgroup.controllers", all, sizeof(all));
	if (n <= 0 ||
	    io_read_at(d->fd, "cgroup.controllers", have, sizeof(have)) < 0)
		return 0;
	/*
	 * What could not be enabled is missed when a limit needs it: that
	 * error can name the limit.
	 */
	if (!streq(all, have)) {
		(void)enable_path(rootfd, g->path, all);
		join_threaded(d->fd);
	}
	return 0;
}

/* --- the whole ---------------------------------------------------------- */

static int check_vacant(struct cg *g)
{
	const struct cg_dir *d = cg_main(g);
	_cleanup_arena_ struct arena a = { 0 };
	struct cg_pid_list pids;
	int r;

	if (!d || d->made)
		return 0;
	r = cg_pids(g, &a, &pids);
	if (r < 0)
		return r;
	if (pids.n > 0)
		return err_text(-EBUSY,
				"container's cgroup is not empty: %zu "
				"process(es) found",
				pids.n);
	if (cg_frozen(g) == 1)
		return err_text(-EBUSY, "container's cgroup unexpectedly "
					"frozen");
	return 0;
}

/* A unit of that name may be there, and be another's. */
static int check_unit_vacant(const struct cg_record *rec)
{
	_cleanup_cg_ struct cg *old = NULL;
	int r = cg_open(rec, &old);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : check_vacant(old);
}

static int set_devices(struct cg *g, bool rootless,
		       const struct oci_resources *res)
{
	_cleanup_arena_ struct arena a = { 0 };
	const struct cg_dir *v1 =
		g->mode == CG_V2 ? NULL : cg_find(g, "devices");
	const struct cg_dir *v2 = cg_find(g, "");
	struct cg_device_rules rules;
	int r = cg_device_rules(&a, res, &rules);

	if (r < 0)
		return r;
	if (v1)
		r = cg_devices_v1(v1, &rules);
	else if (v2)
		r = cg_devices_v2(v2, &rules);
	else if (!rootless)
		r = err_text(-ENOENT, "linux.resources.devices: there is no "
				      "devices controller");
	/* Without rights over devices there are none to give away. */
	if (r < 0 && (rootless || !proc_in_init_userns()))
		return 0;
	return r;
}

static void unmake(struct cg *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].made)
			(void)rmdir(g->v[i].path);
}

static int make_all(struct cg *g, const struct cg_record *rec)
{
	int r = 0;

	for (size_t i = 0; i < rec->paths.n && r == 0; i++)
		r = make_one(g, &rec->paths.v[i]);
	return r;
}

static int set_all(struct cg *g, bool rootless, const struct oci_resources *res)
{
	int r = seed_cpuset(g);

	if (r == 0 && g->mode == CG_V2)
		r = cg_enable_v2(g);
	if (r == 0 && g->n > 0)
		r = set_devices(g, rootless, res);
	if (r == 0)
		r = cg_apply(g, res, false);
	return r;
}

static int set_up(struct cg *g, bool rootless, const struct cg_record *rec,
		  const struct oci_resources *res)
{
	int r = make_all(g, rec);

	if (r == 0)
		r = check_vacant(g);
	return r < 0 ? r : set_all(g, rootless, res);
}

int cg_fill(struct cg *g, const struct cg_host *h, const struct cg_record *rec,
	    const struct oci_resources *res)
{
	int r = make_all(g, rec);

	return r < 0 ? r : set_all(g, h->rootless, res);
}

int cg_create(const struct cg_host *h, const struct cg_record *rec,
	      const struct oci_resources *res, struct cg **ret)
{
	static const struct oci_resources none = { .memory = NULL };
	_cleanup_cg_ struct cg *g = cg_new(rec);
	int r;

	if (!g)
		return err_set(-ENOMEM, "cgroups");
	/* Without a group there is nothing to limit, and no promise either. */
	if (rec->driver == CG_DISABLED) {
		*ret = take_ptr(g);
		return 0;
	}
	if (rec->driver == CG_SYSTEMD) {
		r = check_unit_vacant(rec);
		if (r == 0)
			r = unit_prepare(h, rec, res ? res : &none, g);
	} else {
		r = set_up(g, h->rootless, rec, res ? res : &none);
	}
	if (r < 0) {
		unmake(g);
		return err_ctx(r, "cgroup");
	}
	*ret = take_ptr(g);
	return 0;
}
