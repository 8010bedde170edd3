/* SPDX-License-Identifier: Apache-2.0 */
/* mounts add, mounts remove: of crun. */
#include "src/commands.h"

#include "base/err.h"
#include "base/str.h"

static int run_mounts(struct cli_call *c)
{
	bool remove = streq(c->args[0], "remove");

	if (!remove && !streq(c->args[0], "add"))
		return err_text(-EINVAL, "mounts: add or remove, not \"%s\"",
				c->args[0]);
	return rt_mounts(&c->rt, c->args[1], c->args[2], remove);
}

const struct verb verb_mounts = {
	.name = "mounts",
	.operands = "add|remove ID FILE",
	.summary = "change the mounts of a container that is there",
	.help = "   FILE is JSON, the list \"mounts\" of a config.json; for "
		"remove only\n   the destinations count.\n",
	.min_args = 3,
	.max_args = 3,
	.run = run_mounts,
};
