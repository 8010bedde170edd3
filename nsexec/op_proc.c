/* SPDX-License-Identifier: Apache-2.0 */
/* Limits and scheduling of the process, and its security labels. */
#include <sched.h>
#include <string.h>
#include <sys/personality.h>

#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define CPU_BYTES 1024 /* 8192 CPUs: what the kernel can be built for */
#define K_IOPRIO_WHO_PROCESS 1

int op_rlimit(struct init *in, const struct plan_op *op)
{
	const uint64_t lim[2] = { op->x, op->y }; /* struct rlimit64 */

	if (syscall(SYS_prlimit64, 0, op->arg, lim, NULL) < 0)
		return err_set(-errno, "error setting rlimit type %u", op->arg);
	return 0;
}

int op_umask(struct init *in, const struct plan_op *op)
{
	umask(op->arg & 0777);
	in->umask_set = true;
	return 0;
}

int op_affinity(struct init *in, const struct plan_op *op)
{
	static unsigned char all[CPU_BYTES];
	const void *mask = OP_STR(in, op->blob);
	size_t n = op->blob_len;

	if (n == 0) {
		memset(all, 0xff, sizeof(all));
		mask = all;
		n = sizeof(all);
	}
	if (syscall(SYS_sched_setaffinity, 0, n, mask) < 0)
		return err_set(-errno, "sched_setaffinity");
	return 0;
}

int op_sched(struct init *in, const struct plan_op *op)
{
	int r = sys_sched_setattr(0, OP_STR(in, op->blob));

	return r < 0 ? err_set(r, "sched_setattr") : 0;
}

int op_ioprio(struct init *in, const struct plan_op *op)
{
	int r = sys_ioprio_set(K_IOPRIO_WHO_PROCESS, 0, (int)op->arg);

	return r < 0 ? err_set(r, "ioprio_set") : 0;
}

int op_personality(struct init *in, const struct plan_op *op)
{
	if (personality((unsigned long)op->x) < 0)
		return err_set(-errno, "personality");
	return 0;
}

int op_mempolicy(struct init *in, const struct plan_op *op)
{
	unsigned long mask[128] = { 0 };
	int r;

	if (op->blob_len > sizeof(mask))
		return err_set(-E2BIG, "set_mempolicy");
	memcpy(mask, OP_STR(in, op->blob), op->blob_len);
	r = sys_set_mempolicy((int)op->arg, op->blob_len ? mask : NULL,
			      op->blob_len ? op->blob_len * 8 + 1 : 0);
	return r < 0 ? err_set(r, "set_mempolicy") : 0;
}

int op_label(struct init *in, const struct plan_op *op)
{
	return procfs_write_attr(in, OP_STR(in, op->s1), OP_STR(in, op->s2));
}
