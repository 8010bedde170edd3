/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "runtime/listen.h"

#define LISTEN_MAX 256

void listen_fds(struct plan_options *o, struct arena *a)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");
	uint32_t v, count;
	size_t i = 0;

	if (!pid || !n || str_u32(pid, &v) < 0 || v != (uint32_t)getpid() ||
	    str_u32(n, &count) < 0 || count == 0 || count > LISTEN_MAX)
		return;
	for (uint32_t fd = 3; fd < 3 + count; fd++)
		if (!fd_is_open((int)fd))
			return;
	while (i < ARRAY_SIZE(o->extra_env) && o->extra_env[i])
		i++;
	if (i + 3 >= ARRAY_SIZE(o->extra_env))
		return;
	o->preserve += count;
	o->extra_env[i++] = arena_printf(a, "LISTEN_FDS=%u", count);
	o->extra_env[i++] = "LISTEN_PID=1";
	if (names)
		o->extra_env[i++] = arena_printf(a, "LISTEN_FDNAMES=%s", names);
}
