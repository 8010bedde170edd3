/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open group: its directories, and the walk over what is below.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "cgroups/group.h"

static bool set_unit(struct cg *g, const struct cg_record *r)
{
	g->unit = arena_alloc(&g->arena, sizeof(*g->unit));
	if (!g->unit)
		return false;
	g->unit->user = r->user;
	g->unit->name = arena_strdup(&g->arena, r->unit);
	return g->unit->name != NULL;
}

struct cg *cg_new(const struct cg_record *r)
{
	struct cg *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->mode = (enum cg_mode)r->mode;
	g->ignore_errors = r->ignore_errors;
	g->path = arena_strdup(&g->arena, r->path ? r->path : "");
	if (!g->path || (r->unit && !set_unit(g, r))) {
		cg_close(g);
		return NULL;
	}
	return g;
}

void cg_close(struct cg *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++)
		close_fd(g->v[i].fd);
	arena_free(&g->arena);
	free(g);
}

int cg_add(struct cg *g, const char *controllers, const char *path, int fd,
	   bool made)
{
	struct cg_dir *d = &g->v[g->n];

	if (g->n == CG_CONTROLLERS_MAX) {
		close_fd(fd);
		return err_text(-E2BIG, "too many cgroup hierarchies");
	}
	d->controllers = arena_strdup(&g->arena, controllers);
	d->path = arena_strdup(&g->arena, path);
	d->made = made;
	if (!d->controllers || !d->path) {
		close_fd(fd);
		return err_set(-ENOMEM, "cgroups");
	}
	d->fd = fd;
	g->n++;
	return 0;
}

bool cg_list_has(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p && *p; p = strchr(p, ','), p += p != NULL)
		if (strncmp(p, name, n) == 0 && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

struct cg_dir *cg_find(struct cg *g, const char *controller)
{
	for (size_t i = 0; i < g->n; i++)
		if (*controller ? cg_list_has(g->v[i].controllers, controller)
				: !*g->v[i].controllers)
			return &g->v[i];
	return NULL;
}

static const char *const main_v1[] = { "devices", "pids", "memory", "freezer" };

const char *cg_main_path(const struct cg_record *r)
{
	const struct kv *v = r->paths.v;

	for (size_t i = 0; i < ARRAY_SIZE(main_v1); i++)
		for (size_t j = 0; j < r->paths.n && r->mode != CG_V2; j++)
			if (cg_list_has(v[j].key, main_v1[i]))
				return v[j].value;
	return r->paths.n > 0 ? v[0].value : NULL;
}

struct cg_dir *cg_main(struct cg *g)
{
	struct cg_dir *d = NULL;

	if (g->mode != CG_V2)
		for (size_t i = 0; i < ARRAY_SIZE(main_v1) && !d; i++)
			d = cg_find(g, main_v1[i]);
	return d || g->n == 0 ? d : &g->v[0];
}

int cg_open_dir(const char *path, bool v2)
{
	_cleanup_close_ int fd =
		open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	unsigned long want = v2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC;
	struct statfs fs;

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0)
		return -errno;
	if ((unsigned long)fs.f_type != want)
		return -ENOTTY;
	return take_fd(&fd);
}

int cg_open(const struct cg_record *r, struct cg **ret)
{
	_cleanup_cg_ struct cg *g = cg_new(r);

	if (!g)
		return err_set(-ENOMEM, "cgroups");
	for (size_t i = 0; i < r->paths.n; i++) {
		const struct kv *kv = &r->paths.v[i];
		int fd = cg_open_dir(kv->value, !*kv->key), e;

		if (fd == -ENOENT || (fd < 0 && r->ignore_errors))
			continue;
		if (fd == -ENOTTY)
			return err_text(fd, "%s is not in a cgroup file system",
					kv->value);
		if (fd < 0)
			return err_set(fd, "open %s", kv->value);
		e = cg_add(g, kv->key, kv->value, fd, false);
		if (e < 0)
			return e;
	}
	if (g->n == 0)
		return err_text(-ENOENT, "cgroup not exist");
	*ret = take_ptr(g);
	return 0;
}

int cg_open_sub(const struct cg_record *r, const char *controllers,
		const char *sub, struct cg **ret)
{
	_cleanup_cg_ struct cg *g = cg_new(r);
	char text[PATH_MAX], clean[PATH_MAX], path[2 * PATH_MAX];

	if (!g)
		return err_set(-ENOMEM, "cgroups");
	if ((size_t)snprintf(text, sizeof(text), "/%s", sub) >= sizeof(text) ||
	    path_has_dotdot(text) || path_clean(text, clean, PATH_MAX) < 0)
		return err_text(-EINVAL, "bad sub cgroup path: %s", sub);
	for (size_t i = 0; i < r->paths.n; i++) {
		const struct kv *kv = &r->paths.v[i];
		bool here = !controllers || !*controllers ||
			    streq(kv->key, controllers) ||
			    cg_list_has(kv->key, controllers);
		int fd, e;

		snprintf(path, sizeof(path), "%s%s", kv->value,
			 here && clean[1] ? clean : "");
		fd = cg_open_dir(path, !*kv->key);
		if (fd < 0 && !here)
			continue;
		if (fd < 0)
			return err_set(fd, "open %s", path);
		e = cg_add(g, kv->key, path, fd, false);
		if (e < 0)
			return e;
	}
	*ret = take_ptr(g);
	return 0;
}

int cg_clone_fd(const struct cg *g)
{
	return g->mode == CG_V2 && g->n > 0 ? g->v[0].fd : -EBADF;
}

int cg_open_of_pid(pid_t pid)
{
	static const char *const mounts[] = { "/sys/fs/cgroup",
					      "/sys/fs/cgroup/unified" };
	char text[8192], name[48], path[PATH_MAX], *l;
	int r = -ENOENT;

	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	r = (int)io_read_at(AT_FDCWD, name, text, sizeof(text));
	if (r < 0)
		return err_set(r, "read %s", name);
	l = str_starts(text, "0::") ? text : strstr(text, "\n0::");
	if (!l)
		return err_text(-ENOENT, "%s: not in a v2 cgroup", name);
	l += *l == '\n' ? 4 : 3;
	l[strcspn(l, "\n")] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		snprintf(path, sizeof(path), "%s%s", mounts[i], l);
		r = cg_open_dir(path, true);
		if (r >= 0)
			return r;
	}
	return err_set(r, "open the cgroup of process %d, %s", pid, path);
}

bool cg_made(const struct cg *g)
{
	return g && (!g->unit || g->unit->made);
}

static int walk_below(DIR *d, cg_walk_fn fn, void *arg)
{
	struct dirent *e;

	while ((e = readdir(d))) {
		_cleanup_close_ int fd = -EBADF;
		int r;

		if (e->d_type != DT_DIR || streq(e->d_name, ".") ||
		    streq(e->d_name, ".."))
			continue;
		fd = openat(dirfd(d), e->d_name,
			    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		r = cg_walk(fd, fn, arg);
		if (r < 0)
			return r;
	}
	return 0;
}

int cg_walk(int dirfd, cg_walk_fn fn, void *arg)
{
	struct stat st;
	DIR *d;
	int fd, r;

	if (fstat(dirfd, &st) < 0)
		return -errno;
	/* A directory has one link for each below it, and two of its own. */
	if (st.st_nlink > 2) {
		fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return errno == ENOENT ? 0 : -errno;
		d = fdopendir(fd);
		if (!d) {
			close_fd(fd);
			return -ENOMEM;
		}
		r = walk_below(d, fn, arg);
		closedir(d);
		if (r < 0)
			return r;
	}
	return fn(dirfd, arg);
}

int cg_read_u64(int dirfd, const char *file, uint64_t *ret)
{
	char text[64];
	ssize_t n = io_read_at(dirfd, file, text, sizeof(text));

	if (n < 0)
		return (int)n;
	text[strcspn(text, "\n")] = '\0';
	if (streq(text, "max")) {
		*ret = UINT64_MAX;
		return 0;
	}
	return str_u64(text, ret);
}
