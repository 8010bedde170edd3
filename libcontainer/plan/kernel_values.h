/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of the configuration -> numbers of the kernel's calls: scheduler, I/O
 * priority, personality, memory policy, cpu lists. Pure; the words were checked
 * by oci_check, unknown ones give zeros.
 */
#ifndef TARE_PLAN_KERNEL_VALUES_H
#define TARE_PLAN_KERNEL_VALUES_H

#include "spec/spec.h"

#define KERNEL_CPU_BYTES 1024 /* 8192 cpus */

struct kernel_sched_attr { /* sched_setattr(2) */
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};
void kernel_sched(const struct oci_scheduler *s, struct kernel_sched_attr *ret);

/* For ioprio_set(2). */
uint32_t kernel_ioprio(const struct oci_io_priority *p);
/* For personality(2). */
uint64_t kernel_personality(const struct oci_personality *p);

struct kernel_mempolicy { /* set_mempolicy(2) */
	uint32_t mode;
	unsigned char nodes[128]; /* 1024 nodes */
	size_t n_bytes;
};
void kernel_mempolicy(const struct oci_memory_policy *p,
		      struct kernel_mempolicy *ret);

/* "0-3,7" -> bits; the number of bytes used (a multiple of 8), 0 for none. */
size_t kernel_cpu_mask(const char *list, unsigned char *mask, size_t size);

#endif
