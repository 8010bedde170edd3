/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes what a group consists of: directories, cpuset of v1, controllers of
 * v2, device rules, limits.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/proc.h"
#include "cgroups/group.h"

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

/* --- the whole ---------------------------------------------------------- */

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

int cg_make_dirs(struct cg *g, const struct cg_record *rec)
{
	int r = 0;

	for (size_t i = 0; i < rec->paths.n && r == 0; i++)
		r = make_one(g, &rec->paths.v[i]);
	return r;
}

int cg_set_all(struct cg *g, bool rootless, const struct oci_resources *res)
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

int cg_fill(struct cg *g, const struct cg_host *h, const struct cg_record *rec,
	    const struct oci_resources *res)
{
	int r = cg_make_dirs(g, rec);

	return r < 0 ? r : cg_set_all(g, h->rootless, res);
}
