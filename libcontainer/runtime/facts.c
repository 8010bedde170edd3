/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/proc.h"
#include "base/str.h"
#include "runtime/facts.h"
#include "security/lsm.h"

#define CAPS_ALL ((1ULL << 41) - 1)

/* CapBnd of this process; everything when procfs does not tell. */
static uint64_t own_bounding(void)
{
	char text[4096];
	const char *p;

	if (io_read_at(AT_FDCWD, "/proc/self/status", text, sizeof(text)) < 0)
		return CAPS_ALL;
	p = strstr(text, "\nCapBnd:");
	return p ? strtoull(p + strlen("\nCapBnd:"), NULL, 16) : CAPS_ALL;
}

static int cgroup_facts(struct arena *a, const struct cg_host *cg,
			const struct cg_record *record, struct plan_host *ret)
{
	ret->cgroup_mode = (int)cg->mode;
	ret->cgroups.v = arena_calloc(a, cg->n + 1, sizeof(*ret->cgroups.v));
	if (!ret->cgroups.v)
		return -ENOMEM;
	for (size_t i = 0; i < cg->n; i++) {
		ret->cgroups.v[i].controllers = cg->v[i].controllers;
		ret->cgroups.v[i].mountpoint = cg->v[i].mountpoint;
		ret->cgroups.v[i].path = record->path ? record->path : "/";
	}
	ret->cgroups.n = cg->n;
	return 0;
}

int facts_gather(struct arena *a, const struct rt_global *g,
		 const struct cg_host *cg, const struct cg_record *record,
		 struct plan_host *ret)
{
	*ret = (struct plan_host){
		.selinux = lsm_selinux_enabled(),
		.apparmor = lsm_apparmor_enabled(),
		.rootless = g->rootless > 0,
		.kcore = access("/proc/kcore", F_OK) == 0,
		.cap_bounding = own_bounding(),
	};
	ret->in_userns = ret->rootless && geteuid() == 0;
	ret->cap_last = 63;
	while (ret->cap_last > 0 &&
	       !(ret->cap_bounding & (1ULL << ret->cap_last)))
		ret->cap_last--;
	ret->cap_last = MAX(ret->cap_last, 40u);
	return cg ? cgroup_facts(a, cg, record, ret) : 0;
}

void facts_neutral(struct plan_host *ret)
{
	*ret = (struct plan_host){
		.cgroup_mode = CG_V2,
		.kcore = true,
		.cap_last = 40,
		.cap_bounding = CAPS_ALL,
		.selinux = true,
		.apparmor = true,
	};
}

const char *facts_cache_dir(char *buf, size_t size)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	int n;

	if (geteuid() == 0)
		n = snprintf(buf, size, "/run/tare-cache/seccomp");
	else if (run && *run == '/')
		n = snprintf(buf, size, "%s/tare-cache/seccomp", run);
	else
		return NULL;
	return n > 0 && (size_t)n < size ? buf : NULL;
}
