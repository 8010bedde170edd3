/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be asked of a group by its record alone, with as few calls as it
 * takes: no directory is opened, each file once.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroups/unit.h"

static const char *path_of(const struct cg_record *r, const char *controller)
{
	for (size_t i = 0; i < r->paths.n; i++)
		if (*controller ? cg_list_has(r->paths.v[i].key, controller)
				: *r->paths.v[i].key == '\0')
			return r->paths.v[i].value;
	return NULL;
}

int cg_record_frozen(const struct cg_record *r)
{
	const char *dir = r->mode == CG_V2 ? NULL : path_of(r, "freezer");
	const char *file = dir ? "freezer.self_freezing" : "cgroup.freeze";
	char path[4096], text[16];
	ssize_t n;

	if (!dir)
		dir = path_of(r, "");
	if (!dir)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, file) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	n = io_read_at(AT_FDCWD, path, text, sizeof(text));
	if (n < 0)
		return n == -ENOENT ? 0 : (int)n;
	return text[0] == '1';
}

/* A hierarchy that has lost the group is skipped: that is as in cg_open. */
static int join_one(const struct cg_record *r, const char *dir,
		    const char *text, size_t *joined)
{
	char path[4096];
	int e;

	if ((size_t)snprintf(path, sizeof(path), "%s/cgroup.procs", dir) >=
	    sizeof(path))
		return err_set(-ENAMETOOLONG, "join cgroup %s", dir);
	e = io_write_str_at(AT_FDCWD, path, text);
	if (e == -ENOENT || e == -ENODEV ||
	    ((e == -EACCES || e == -EPERM) && r->ignore_errors))
		return 0;
	if (e < 0)
		return err_set(e, "write %s to %s", text, path);
	++*joined;
	return 0;
}

int cg_record_join(const struct cg_record *r, pid_t pid)
{
	size_t joined = 0;
	char text[16];
	int e = 0;

	snprintf(text, sizeof(text), "%d", (int)pid);
	for (size_t i = 0; i < r->paths.n && e >= 0; i++)
		e = join_one(r, r->paths.v[i].value, text, &joined);
	if (e == -EACCES && r->user)
		return unit_attach(r, pid);
	if (e < 0)
		return e;
	if (joined == 0 && r->paths.n > 0 && !r->ignore_errors)
		return err_set(-ENOENT, "join cgroup %s", r->path);
	return 0;
}

int cg_record_fd(const struct cg_record *r)
{
	const char *dir = r->mode == CG_V2 ? path_of(r, "") : NULL;
	int fd;

	if (!dir)
		return -ENODEV;
	fd = cg_open_dir(dir, true);
	return fd;
}
