/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/str.h"
#include "plan/kernel_values.h"
#include "spec/mempolicy.h"

static const struct enum_name policies[] = {
	{ "SCHED_OTHER", 0 },	 { "SCHED_FIFO", 1 }, { "SCHED_RR", 2 },
	{ "SCHED_BATCH", 3 },	 { "SCHED_ISO", 4 },  { "SCHED_IDLE", 5 },
	{ "SCHED_DEADLINE", 6 }, { NULL, 0 },
};
static const struct enum_name sched_flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", 0x01 },
	{ "SCHED_FLAG_RECLAIM", 0x02 },
	{ "SCHED_FLAG_DL_OVERRUN", 0x04 },
	{ "SCHED_FLAG_KEEP_POLICY", 0x08 },
	{ "SCHED_FLAG_KEEP_PARAMS", 0x10 },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", 0x20 },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", 0x40 },
	{ NULL, 0 },
};
static const struct enum_name io_classes[] = {
	{ "IOPRIO_CLASS_RT", 1 },
	{ "IOPRIO_CLASS_BE", 2 },
	{ "IOPRIO_CLASS_IDLE", 3 },
	{ NULL, 0 },
};
static const struct enum_name domains[] = {
	{ "LINUX", 0 },
	{ "LINUX32", 8 },
	{ NULL, 0 },
};

static int value_of(const struct enum_name *names, const char *word)
{
	int v;

	return word && enum_from_name(names, word, &v) == 0 ? v : 0;
}

static uint32_t mask_of(const struct enum_name *names, const struct str_list *l)
{
	uint32_t m = 0;

	for (size_t i = 0; i < l->n; i++)
		m |= (uint32_t)value_of(names, l->v[i]);
	return m;
}

void kernel_sched(const struct oci_scheduler *s, struct kernel_sched_attr *ret)
{
	*ret = (struct kernel_sched_attr){
		.size = sizeof(*ret),
		.policy = (uint32_t)value_of(policies, s->policy),
		.flags = mask_of(sched_flags, &s->flags),
		.nice = s->nice,
		.priority = (uint32_t)s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};
}

uint32_t kernel_ioprio(const struct oci_io_priority *p)
{
	return (uint32_t)value_of(io_classes, p->class) << 13 |
	       (uint32_t)p->priority;
}

uint64_t kernel_personality(const struct oci_personality *p)
{
	return (uint64_t)value_of(domains, p->domain);
}

struct bits {
	unsigned char *v;
	size_t size, used;
};

static int set_bit(unsigned int n, void *arg)
{
	struct bits *b = arg;

	if (n / 8 >= b->size)
		return -ERANGE;
	b->v[n / 8] |= (unsigned char)(1u << n % 8);
	b->used = MAX(b->used, (n / 64 + 1) * (size_t)8);
	return 0;
}

size_t kernel_cpu_mask(const char *list, unsigned char *mask, size_t size)
{
	struct bits b = { .v = mask, .size = size };

	memset(mask, 0, size);
	if (str_walk_ranges(list, (unsigned int)size * 8 - 1, set_bit, &b) < 0)
		return 0;
	return b.used;
}

void kernel_mempolicy(const struct oci_memory_policy *p,
		      struct kernel_mempolicy *ret)
{
	*ret = (struct kernel_mempolicy){
		.mode = (uint32_t)value_of(mempolicy_modes, p->mode) |
			mask_of(mempolicy_flags, &p->flags),
	};
	if (p->nodes && *p->nodes)
		ret->n_bytes = kernel_cpu_mask(p->nodes, ret->nodes,
					       sizeof(ret->nodes));
}
