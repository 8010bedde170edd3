/* SPDX-License-Identifier: Apache-2.0 */
/* One command for all containers whose id matches a regular expression. */
#ifndef TARE_SRC_MATCH_H
#define TARE_SRC_MATCH_H

#include "src/cli.h"

/*
 * Calls fn for each id that the extended regular expression (regex(7)) matches
 * anywhere, in the order of the ids. All have their turn; a failure is logged,
 * and the last one is the result. -EINVAL when the expression is none.
 */
int match_each(struct cli_call *c, const char *regex,
	       int (*fn)(struct cli_call *c, const char *id));

#endif
