/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Freezing: cgroup.freeze of v2, freezer.state of v1. On v1 a group may need
 * several tries (a task that is on its way through fork or exec holds it up),
 * with a thaw now and then to let it get to where it can stop.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroups/group.h"

#define FREEZE_MS 10000

/* The v1 freezer if there is one, else the v2 tree. */
static struct cg_dir *freezer_of(struct cg *g, bool *ret_v2)
{
	struct cg_dir *d = g->mode == CG_V2 ? NULL : cg_find(g, "freezer");

	*ret_v2 = d == NULL;
	return d ? d : cg_find(g, "");
}

static bool has_line(int fd, const char *line)
{
	char text[512];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	const char *p;

	if (n < 0)
		return false;
	text[n] = '\0';
	p = strstr(text, line);
	return p && (p == text || p[-1] == '\n');
}

static int wait_event_v2(const struct cg_dir *d, const char *line)
{
	_cleanup_close_ int fd =
		openat(d->fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int64_t end = io_now_ms() + FREEZE_MS;

	if (fd < 0)
		return err_set(-errno, "open %s/cgroup.events", d->path);
	while (!has_line(fd, line)) {
		int64_t left = end - io_now_ms();

		if (left <= 0)
			return err_text(-ETIMEDOUT, "%s: not \"%s\" within %d s",
					d->path, line, FREEZE_MS / 1000);
		(void)io_wait(fd, POLLPRI, (int)MIN(left, (int64_t)100));
	}
	return 0;
}

static int set_v2(const struct cg_dir *d, bool frozen)
{
	int r = io_write_str_at(d->fd, "cgroup.freeze", frozen ? "1" : "0");

	if (r < 0)
		return err_set(r, "write %s/cgroup.freeze", d->path);
	return frozen ? wait_event_v2(d, "frozen 1") : 0;
}

static int read_state(int dirfd, char *buf, size_t size)
{
	ssize_t n = io_read_at(dirfd, "freezer.state", buf, size);

	if (n < 0)
		return (int)n;
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

static int freeze_v1(const struct cg_dir *d)
{
	int64_t end = io_now_ms() + FREEZE_MS;
	char state[32];
	int r;

	for (unsigned int i = 0; io_now_ms() < end; i++) {
		if (i % 50 == 49) {
			(void)io_write_str_at(d->fd, "freezer.state", "THAWED");
			io_sleep_ms(10);
		}
		r = io_write_str_at(d->fd, "freezer.state", "FROZEN");
		if (r == 0)
			r = read_state(d->fd, state, sizeof(state));
		if (r < 0)
			return err_set(r, "freeze %s", d->path);
		if (streq(state, "FROZEN"))
			return 0;
		io_sleep_ms(i < 10 ? 1 : 5);
	}
	(void)io_write_str_at(d->fd, "freezer.state", "THAWED");
	return err_text(-ETIMEDOUT, "%s: unable to freeze within %d s", d->path,
			FREEZE_MS / 1000);
}

int cg_freeze(struct cg *g)
{
	bool v2;
	struct cg_dir *d = freezer_of(g, &v2);

	if (!d)
		return err_text(-ENOTSUP, "cannot freeze: the container has no "
					  "cgroup with a freezer");
	return v2 ? set_v2(d, true) : freeze_v1(d);
}

int cg_thaw(struct cg *g)
{
	bool v2;
	struct cg_dir *d = freezer_of(g, &v2);
	int r;

	if (!d)
		return err_text(-ENOTSUP, "cannot thaw: the container has no "
					  "cgroup with a freezer");
	if (v2)
		return set_v2(d, false);
	r = io_write_str_at(d->fd, "freezer.state", "THAWED");
	return r < 0 ? err_set(r, "thaw %s", d->path) : 0;
}

static int thaw_one(int dirfd, void *arg)
{
	(void)io_write_str_at(dirfd, "freezer.state", "THAWED");
	return 0;
}

int cg_thaw_v1(int dirfd)
{
	return cg_walk(dirfd, thaw_one, NULL);
}

int cg_frozen(struct cg *g)
{
	bool v2;
	struct cg_dir *d = freezer_of(g, &v2);
	uint64_t n;
	char state[32];
	int r;

	if (!d)
		return 0;
	if (v2) {
		r = cg_read_u64(d->fd, "cgroup.freeze", &n);
		return r == -ENOENT ? 0 : r < 0 ? r : n == 1;
	}
	/* Of its own: not because a parent is. */
	r = cg_read_u64(d->fd, "freezer.self_freezing", &n);
	if (r == 0)
		return n == 1;
	r = read_state(d->fd, state, sizeof(state));
	return r < 0 ? r : streq(state, "FROZEN");
}
