/* SPDX-License-Identifier: Apache-2.0 */
#include "src/match.h"

#include <regex.h>

#include "base/err.h"
#include "base/log.h"

static int each(struct cli_call *c, const regex_t *re,
		const struct str_list *ids,
		int (*fn)(struct cli_call *c, const char *id))
{
	int result = 0;

	for (size_t i = 0; i < ids->n; i++) {
		int r;

		if (regexec(re, ids->v[i], 0, NULL, 0) != 0)
			continue;
		if (result < 0)
			log_error("%s", err_get());
		r = fn(c, ids->v[i]);
		if (r < 0)
			result = err_ctx(r, "container %s", ids->v[i]);
	}
	return result;
}

int match_each(struct cli_call *c, const char *regex,
	       int (*fn)(struct cli_call *c, const char *id))
{
	_cleanup_arena_ struct arena a = { 0 };
	struct str_list ids;
	char why[128];
	regex_t re;
	int r = regcomp(&re, regex, REG_EXTENDED | REG_NOSUB);

	if (r != 0) {
		regerror(r, &re, why, sizeof(why));
		return err_text(-EINVAL, "regular expression %s: %s", regex,
				why);
	}
	r = rt_ids(&c->rt, &a, &ids);
	if (r >= 0)
		r = each(c, &re, &ids, fn);
	regfree(&re);
	return r;
}
