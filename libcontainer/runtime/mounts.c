/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts add, mounts remove: init with a plan that joins the namespaces of a
 * container and changes what is mounted there. Sources are opened out here.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "runtime/container.h"
#include "runtime/facts.h"
#include "runtime/rootfs.h"
#include "runtime/spawn.h"

#define FILE_MAX (1u << 20)

struct mounting {
	struct arena arena;
	struct store_dir dir;
	struct store_state state;
	struct oci_spec *spec;
	struct plan plan;
	struct child child;
	int init_pidfd;
};

static void mounting_free(struct mounting *m)
{
	child_close(&m->child);
	close_fd(m->init_pidfd);
	store_close(&m->dir);
	plan_free(&m->plan);
	arena_free(&m->arena);
}

static int find_container(struct mounting *m, const struct rt_global *g,
			  const char *id)
{
	enum status st;
	int r = container_open(g, id, STORE_LOCK, &m->arena, &m->dir, &m->state,
			       &st);

	if (r < 0)
		return r;
	m->init_pidfd = st == ST_STOPPED || st == ST_CREATING
				? -ESRCH
				: container_pidfd(&m->state);
	if (m->init_pidfd < 0 && m->init_pidfd != -ESRCH)
		return m->init_pidfd;
	if (m->init_pidfd < 0) {
		err_text(-EINVAL, "container not running");
		err_set_class(ERR_STATE);
		return -EINVAL;
	}
	return store_load_config(&m->dir, &m->state, &m->arena, &m->spec);
}

static int read_mounts(struct mounting *m, const char *file, bool take_away)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = io_slurp_at(AT_FDCWD, file, FILE_MAX, false, &text, &len);

	return r < 0 ? err_set(r, "read %s", file)
		     : oci_parse_mounts(&m->arena, file, text, len, take_away,
					m->spec);
}

static int compile(struct mounting *m, const struct rt_global *g,
		   const char *id, bool take_away)
{
	struct plan_host host;
	struct plan_options po = { .id = id, .bundle = m->state.bundle };
	int r = facts_gather(&m->arena, g, NULL, NULL, &host);

	if (r >= 0)
		r = rootfs_of_init(&m->arena, m->spec, &m->state, &po.init_root);
	if (r >= 0)
		r = plan_mounts(&m->arena, m->spec, take_away, &host, &po,
				&m->plan);
	for (size_t i = 0; r >= 0 && i < m->plan.warnings.n; i++)
		log_warn("%s", m->plan.warnings.v[i]);
	return r;
}

static int carry_out(struct mounting *m)
{
	int r = child_spawn(m->plan.clone_flags, -EBADF, 0, &m->child);

	if (r >= 0)
		r = child_send_plan(&m->child, &m->plan, -EBADF, m->init_pidfd);
	if (r >= 0)
		r = child_wait(&m->child);
	if (r < 0)
		return r;
	return r == CHILD_DONE ? 0
			       : err_text(-EPROTO, "init asked for step %d", r);
}

int rt_mounts(const struct rt_global *g, const char *id, const char *file,
	      bool take_away)
{
	_cleanup_(mounting_free) struct mounting m = {
		.dir = STORE_DIR_NONE,
		.child = CHILD_NONE,
		.init_pidfd = -EBADF,
	};
	int r = find_container(&m, g, id);

	if (r >= 0)
		r = read_mounts(&m, file, take_away);
	if (r >= 0)
		r = compile(&m, g, id, take_away);
	return r < 0 ? r : carry_out(&m);
}
