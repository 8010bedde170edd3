/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules -> an eBPF program of type CGROUP_DEVICE. Pure.
 */
#ifndef TARE_CGROUPS_DEVICE_BPF_H
#define TARE_CGROUPS_DEVICE_BPF_H

#include <linux/bpf.h>

#include "base/arena.h"
#include "cgroups/settings.h"

struct bpf_code {
	struct bpf_insn *v;
	size_t n;
};
int cg_device_program(struct arena *a, const struct cg_device_rules *rules,
		      struct bpf_code *ret);

#endif
