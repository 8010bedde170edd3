/* SPDX-License-Identifier: Apache-2.0 */
#include "src/commands.h"

#include <limits.h>

#include "base/err.h"
#include "src/output.h"

#define NS_IN_MS 1000000
#define DEFAULT_INTERVAL (5000LL * NS_IN_MS)

struct events_args {
	struct opt_i64 interval;
	bool stats;
};
static const struct opt_def options[] = {
	OPTION(struct events_args, interval, 0, "interval", OPT_DURATION,
	       "duration", "time between two statistics"),
	OPTION(struct events_args, stats, 0, "stats", OPT_BOOL, NULL,
	       "one statistic, then end"),
};

static int print_line(const char *json, void *arg)
{
	_cleanup_buf_ struct buf b = { 0 };

	(void)arg;
	buf_puts(&b, json);
	buf_putc(&b, '\n');
	return out_buf(&b);
}

static int run_events(struct cli_call *c)
{
	const struct events_args *o = c->opts;
	int64_t ns = o->interval.set ? o->interval.v : DEFAULT_INTERVAL;

	if (ns <= 0)
		return err_text(-EINVAL,
				"duration interval must be greater than 0");
	ns = MIN((ns + NS_IN_MS - 1) / NS_IN_MS, (int64_t)INT_MAX);
	return rt_events(&c->rt, c->args[0], o->stats, (unsigned int)ns,
			 print_line, NULL);
}

const struct verb verb_events = {
	.name = "events",
	.operands = "ID",
	.summary = "show statistics and out-of-memory events",
	.help = "   One JSON object a line, every five seconds unless "
		"--interval says otherwise\n   (5s, 100ms).\n",
	.min_args = 1,
	.max_args = 1,
	.options = TABLE(options),
	.size = sizeof(struct events_args),
	.run = run_events,
};
