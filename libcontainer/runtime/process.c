/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/err.h"
#include "base/io.h"
#include "runtime/process.h"
#include "spec/rlimit.h"

int process_oom_score(pid_t pid, const struct oci_process *p)
{
	char path[64], text[24];
	int r;

	if (!p->oom_score_adj.set)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	snprintf(text, sizeof(text), "%lld", (long long)p->oom_score_adj.v);
	r = io_write_str_at(AT_FDCWD, path, text);
	if (r < 0) {
		err_set(r, "process.oomScoreAdj: write %s to %s", text, path);
		if (r == -EACCES || r == -EPERM)
			err_hint("a value below the caller's own needs "
				 "CAP_SYS_RESOURCE");
	}
	return r;
}

int process_rlimits(pid_t pid, const struct oci_process *p)
{
	for (size_t i = 0; i < p->rlimits.n; i++) {
		struct rlimit rl = { .rlim_cur = p->rlimits.v[i].soft,
				     .rlim_max = p->rlimits.v[i].hard };
		int res = rlimit_from_name(p->rlimits.v[i].type);

		if (res < 0)
			return err_text(-EINVAL, "wrong rlimit value: %s",
					p->rlimits.v[i].type);
		if (prlimit(pid, (unsigned int)res, &rl, NULL) < 0)
			return err_set(-errno,
				       "process.rlimits[%zu]: error setting "
				       "rlimit %s",
				       i, p->rlimits.v[i].type);
	}
	return 0;
}
