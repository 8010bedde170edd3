/* SPDX-License-Identifier: Apache-2.0 */
/* The flags of `update` as an oci_resources. Pure; memory of the arena. */
#ifndef TARE_SRC_RESOURCES_H
#define TARE_SRC_RESOURCES_H

#include "spec/spec.h"

struct update_args {
	const char *resources;
	const char *cpu_period, *cpu_quota, *cpu_burst, *cpu_share;
	const char *cpu_rt_period, *cpu_rt_runtime, *cpu_idle;
	const char *cpuset_cpus, *cpuset_mems;
	const char *memory, *memory_reservation, *memory_swap;
	const char *kernel_memory, *kernel_memory_tcp;
	const char *l3_cache_schema, *mem_bw_schema;
	struct opt_i64 blkio_weight, pids_limit;
};

/* 0, or -EINVAL ("invalid value for cpu-period: ..."), -ENOMEM; trail set. */
int resources_from_flags(struct arena *a, const struct update_args *u,
			 struct oci_resources **ret);

/* No limit on memory without a word on swap means no limit on swap too. */
void resources_normalise(struct oci_resources *res);

#endif
