/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "runtime/container.h"
#include "runtime/foreign.h"
#include "runtime/hooks.h"

/*
 * The record cannot be read (cut short, or a create died before it was written):
 * nothing is known to run. The group of that id at its default place goes too.
 */
static int remove_unknown(struct store_dir *d, bool force)
{
	int r = store_remove(d);

	if (r < 0 || force)
		return r;
	err_text(-ENOENT, "container does not exist");
	err_set_class(ERR_NO_CONTAINER);
	return -ENOENT;
}

/*
 * Another command holds the container: it may be waiting for the very process
 * that is to go. Killing first lets it end.
 */
static int take_by_force(const struct rt_global *g, const char *id,
			 struct store_dir *d)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_store_ struct store_dir look = STORE_DIR_NONE;
	struct store_state s = { 0 };
	int r = store_open(g, id, STORE_TRY, d);

	if (r != -EWOULDBLOCK)
		return r;
	if (store_open(g, id, STORE_LOOK, &look) == 0 &&
	    store_load(&look, &a, &s) == 0)
		container_kill_all(&s);
	return store_open(g, id, STORE_LOCK, d);
}

static int may_delete(const char *id, struct store_dir *d,
		      const struct store_state *s)
{
	enum status st;
	int r = container_status(d, s, &st);

	if (r < 0 || st == ST_STOPPED || st == ST_CREATED)
		return r;
	err_text(-EBUSY, "cannot delete container %s that is not stopped: %s",
		 id, status_names[st]);
	err_set_class(ERR_STATE);
	return -EBUSY;
}

int rt_delete(const struct rt_global *g, const char *id, bool force)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_store_ struct store_dir d = STORE_DIR_NONE;
	struct store_state s = { 0 };
	int r;

	r = force ? take_by_force(g, id, &d)
		  : store_open(g, id, STORE_LOCK, &d);
	if (r == -ENOENT && force)
		return 0;
	if (r < 0)
		return r;
	r = store_load(&d, &a, &s);
	if (r == -ENOENT || (r == -EBADMSG && force))
		return remove_unknown(&d, force);
	if (r < 0)
		return r;
	if (s.foreign)
		foreign_hooks(&d, &a, &s);
	r = force ? 0 : may_delete(id, &d, &s);
	if (r >= 0)
		r = container_destroy(&d, &s);
	if (r < 0)
		return r;
	const struct hook_state hs = { .id = s.id,
				       .bundle = s.bundle,
				       .annotations = &s.annotations };
	if (hooks_run(s.hooks, OCI_POSTSTOP, &hs, "stopped", 0) < 0)
		log_warn("%s", err_get());
	return 0;
}
