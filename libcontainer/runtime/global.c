/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "runtime/runtime.h"

#define NAME "tare"

/* root in a user namespace without being root's own login counts as rootless */
static bool auto_rootless(void)
{
	const char *user = getenv("USER");

	if (geteuid() != 0)
		return true;
	return !proc_in_init_userns() && (!user || !streq(user, "root"));
}

static int default_root(struct rt_global *g, bool own_runtime_dir)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	int n;

	if (own_runtime_dir && run && *run)
		n = snprintf(g->root_buf, sizeof(g->root_buf), "%s/" NAME, run);
	else
		n = snprintf(g->root_buf, sizeof(g->root_buf), "/run/" NAME);
	return n < 0 || (size_t)n >= sizeof(g->root_buf) ? -ENAMETOOLONG : 0;
}

static int relative_root(const char *root, char *joined, size_t size)
{
	size_t n;

	if (!getcwd(joined, size))
		return err_set(-errno, "find the current directory");
	n = strlen(joined);
	if (n + 1 + strlen(root) >= size)
		return -ENAMETOOLONG;
	joined[n] = '/';
	strcpy(joined + n + 1, root);
	return 0;
}

/* No buffer for the usual case: each page of stack touched is a fault. */
static int absolute_root(struct rt_global *g)
{
	_cleanup_free_ char *joined = NULL;
	const char *root = g->root;
	int r = 0;

	if (*root != '/') {
		joined = malloc(PATH_MAX);
		r = joined ? relative_root(root, joined, PATH_MAX) : -ENOMEM;
		root = joined;
	}
	if (r >= 0)
		r = path_clean(root, g->root_buf, sizeof(g->root_buf));
	if (r < 0)
		return err_set(r, "use %s as state directory", g->root);
	if (streq(g->root_buf, "/"))
		return err_text(-EINVAL,
				"Option --root argument should not be set to "
				"/");
	return 0;
}

int rt_global_init(struct rt_global *g)
{
	bool automatic = auto_rootless();
	int r;

	if (g->rootless < 0)
		g->rootless = automatic;
	r = g->root ? absolute_root(g) : default_root(g, automatic);
	if (r == -ENAMETOOLONG && !g->root)
		return err_set(r, "find the state directory");
	g->root = g->root_buf;
	return r;
}
