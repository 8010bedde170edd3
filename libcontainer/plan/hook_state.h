/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state that a hook reads on its standard input (OCI runtime.md "State"),
 * as compact JSON. Pure. 0 or -ENOMEM.
 */
#ifndef TARE_PLAN_HOOK_STATE_H
#define TARE_PLAN_HOOK_STATE_H

#include "base/buf.h"
#include "codec/table.h"

struct hook_state {
	const char *id, *bundle;
	const struct kv_list *annotations;
};

/* pid 0: left out (poststop). */
int hook_state_json(struct buf *b, const struct hook_state *s,
		    const char *status, int pid);
/*
 * The two halves around the pid, for a pid that only init knows:
 * before + "42" + after.
 */
int hook_state_split(struct buf *before, struct buf *after,
		     const struct hook_state *s, const char *status);

#endif
