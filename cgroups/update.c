/* SPDX-License-Identifier: Apache-2.0 */
/* New limits for a group that is there: all of them, or those from before. */
#include "cgroups/unit.h"

/*
 * The kernel is asked first: it may refuse, and what it took can be taken back.
 * systemd rounds what it is told, so the files are written once more.
 */
static int apply_unit(struct cg *g, const struct oci_resources *res)
{
	int r = unit_update(g, res);

	return r < 0 ? r : cg_apply(g, res, true);
}

int cg_update(struct cg *g, const struct oci_resources *res)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct cg_undo u = { .arena = &a };
	int r;

	g->undo = &u;
	r = cg_apply(g, res, true);
	if (r == 0 && g->unit) {
		g->undo = NULL;
		r = apply_unit(g, res);
	}
	g->undo = NULL;
	if (r < 0)
		cg_undo(&u);
	return r;
}
