/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plan builder must know of the host, read once per command.
 */
#ifndef TARE_RUNTIME_FACTS_H
#define TARE_RUNTIME_FACTS_H

#include "cgroups/cgroups.h"
#include "plan/plan.h"
#include "runtime/runtime.h"

/* cg and record may be NULL (exec). In the arena. 0 or -errno. */
int facts_gather(struct arena *a, const struct rt_global *g,
		 const struct cg_host *cg, const struct cg_record *record,
		 struct plan_host *ret);
/* The same facts on every machine: for explain. */
void facts_neutral(struct plan_host *ret);

/* Directory of the compiled filters, or NULL when there is no good place. */
const char *facts_cache_dir(char *buf, size_t size);

#endif
