/* SPDX-License-Identifier: Apache-2.0 */
/* The twin of sd_call.c for a build without libsystemd. */
#include "base/err.h"
#include "cgroups/unit.h"

const bool sd_built = false;

int sd_call(struct arena *a, const struct sd_request *q, struct sd_reply *ret)
{
	(void)a;
	(void)q;
	(void)ret;
	return err_text(-ENOTSUP, "the systemd cgroup driver is not part of "
				  "this build");
}
