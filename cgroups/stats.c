/* SPDX-License-Identifier: Apache-2.0 */
/* The data object of a stats event. */
#include "base/err.h"
#include "cgroups/stats.h"

int cg_stats_json(struct cg *g, const char *rdt, struct buf *out)
{
	struct json_out o = { .b = out };
	int r;

	buf_putc(out, '{');
	r = g->mode == CG_V2 ? cg_stats_v2(g, &o) : cg_stats_v1(g, &o);
	if (r < 0)
		return r;
	out_key(&o, "intel_rdt");
	buf_puts(out, rdt ? rdt : "{}");
	out_key(&o, "network_interfaces");
	buf_puts(out, "null}");
	r = buf_error(out);
	return r < 0 ? err_set(r, "stats") : 0;
}
