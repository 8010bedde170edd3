/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing a group. The kernel keeps a directory busy until the last process
 * in it is reaped, and processes may have made groups below: so children go
 * first, and what is busy is waited for, but never for ever.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroups/unit.h"

/* For cg_walk: by then the groups below a child are gone. Busy ones stay. */
static int remove_children(int dirfd, void *arg)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		close_fd(fd);
		return 0;
	}
	while ((e = readdir(d)))
		if (e->d_type == DT_DIR && !streq(e->d_name, ".") &&
		    !streq(e->d_name, ".."))
			(void)unlinkat(fd, e->d_name, AT_REMOVEDIR);
	closedir(d);
	return 0;
}

/* rmdir, the deepest first. 0, -EBUSY, or another -errno. */
static int remove_dir(const struct kv *kv)
{
	_cleanup_close_ int fd = -EBADF;
	int r;

	if (rmdir(kv->value) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -errno;
	fd = cg_open_dir(kv->value, !*kv->key);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	/* Dead processes stay in a frozen group of v1, below too. */
	if (cg_list_has(kv->key, "freezer"))
		(void)cg_thaw_v1(fd);
	r = cg_walk(fd, remove_children, NULL);
	if (r < 0 && r != -ENOENT)
		return r;
	if (rmdir(kv->value) == 0 || errno == ENOENT)
		return 0;
	return errno == ENOTEMPTY ? -EBUSY : -errno;
}

/* Until something may have changed: an event of v2, or a moment. */
static void wait_a_bit(const struct cg_record *rec, unsigned int ms)
{
	_cleanup_close_ int dir = -EBADF, fd = -EBADF;

	for (size_t i = 0; i < rec->paths.n; i++)
		if (!*rec->paths.v[i].key)
			dir = cg_open_dir(rec->paths.v[i].value, true);
	if (dir >= 0)
		fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		char text[256];
		ssize_t n = read(fd, text, sizeof(text) - 1);

		text[n > 0 ? n : 0] = '\0';
		if (strstr(text, "populated 1")) {
			(void)io_wait(fd, POLLPRI, (int)ms);
			return;
		}
	}
	io_sleep_ms(ms);
}

static int still_busy(const struct cg_record *rec, const char *path, int r)
{
	_cleanup_cg_ struct cg *g = NULL;
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	struct cg_pid_list pids = { 0 };

	if (cg_open(rec, &g) == 0 && cg_pids(g, &a, &pids) == 0)
		for (size_t i = 0; i < pids.n && i < 16; i++)
			buf_printf(&b, "%s%d", i ? ", " : " (pid ", pids.v[i]);
	if (pids.n > 0)
		buf_puts(&b, pids.n > 16 ? ", ...)" : ")");
	return err_set(r, "remove cgroup %s: %zu process(es) left in it%s",
		       path, pids.n, buf_str(&b));
}

/* Tries all; `done` marks what is gone. The last failure, or 0. */
static int try_all(const struct cg_record *rec, bool *done, const char **ret)
{
	int r = 0;

	for (size_t i = 0; i < rec->paths.n; i++) {
		int e;

		if (done[i])
			continue;
		e = remove_dir(&rec->paths.v[i]);
		done[i] = e == 0;
		if (e == 0 || (rec->ignore_errors && e != -EBUSY))
			continue;
		if (r == 0 || e != -EBUSY)
			*ret = rec->paths.v[i].value;
		r = e;
	}
	return r;
}

int cg_remove(const struct cg_record *rec, unsigned int timeout_ms)
{
	int64_t end = io_now_ms() + timeout_ms;
	bool done[CG_CONTROLLERS_MAX] = { false };
	const char *path = "";
	unsigned int ms = 1;
	int r;

	if (rec->paths.n > CG_CONTROLLERS_MAX)
		return err_text(-EINVAL, "too many cgroup hierarchies");
	if (rec->driver == CG_SYSTEMD && rec->unit) {
		r = unit_stop(rec);
		if (r < 0)
			return r;
	}
	for (;;) {
		int64_t left;

		r = try_all(rec, done, &path);
		left = end - io_now_ms();
		if (r != -EBUSY || left <= 0)
			break;
		wait_a_bit(rec, (unsigned int)MIN((int64_t)ms, left));
		ms = MIN(2 * ms, 32u);
	}
	if (r == -EBUSY)
		return still_busy(rec, path, r);
	return r < 0 ? err_set(r, "remove cgroup %s", path) : 0;
}
