/* SPDX-License-Identifier: Apache-2.0 */
#include "src/resources.h"

#include "base/err.h"
#include "base/str.h"

enum part { CPU, MEMORY };
enum kind { NUMBER, SIGNED, SIZE };

/* A flag with a number as text -> a member of oci_cpu or oci_memory. */
static const struct limit {
	const char *name;
	uint8_t part, kind;
	uint16_t from, to;
} limits[] = {
#define C(flag, member, kind_of, name_of)                                  \
	{                                                                  \
		name_of, CPU, kind_of, offsetof(struct update_args, flag), \
			offsetof(struct oci_cpu, member)                   \
	}
#define M(flag, member, name_of)                                           \
	{                                                                  \
		name_of, MEMORY, SIZE, offsetof(struct update_args, flag), \
			offsetof(struct oci_memory, member)                \
	}
	C(cpu_period, period, NUMBER, "cpu-period"),
	C(cpu_quota, quota, SIGNED, "cpu-quota"),
	C(cpu_burst, burst, NUMBER, "cpu-burst"),
	C(cpu_share, shares, NUMBER, "cpu-share"),
	C(cpu_rt_period, realtime_period, NUMBER, "cpu-rt-period"),
	C(cpu_rt_runtime, realtime_runtime, SIGNED, "cpu-rt-runtime"),
	C(cpu_idle, idle, SIGNED, "cpu-idle"),
	M(memory, limit, "memory"),
	M(memory_reservation, reservation, "memory-reservation"),
	M(memory_swap, swap, "memory-swap"),
};

/* All that flags can set. */
struct built {
	struct oci_resources res;
	struct oci_cpu cpu;
	struct oci_memory memory;
	struct oci_pids pids;
	struct oci_block_io block_io;
};

static int set_limit(struct built *b, const struct limit *l, const char *text)
{
	char *part = l->part == CPU ? (char *)&b->cpu : (char *)&b->memory;
	struct opt_u64 u = { .set = true };
	struct opt_i64 i = { .set = true };
	int r = l->kind == NUMBER   ? str_u64(text, &u.v)
		: l->kind == SIGNED ? str_i64(text, &i.v)
				    : str_size(text, &i.v);

	if (r < 0)
		return err_text(
			r, "invalid value for %s: \"%s\": %s", l->name, text,
			r == -ERANGE ? "value out of range" : "invalid syntax");
	if (l->kind == NUMBER)
		*(struct opt_u64 *)(part + l->to) = u;
	else
		*(struct opt_i64 *)(part + l->to) = i;
	if (l->part == CPU)
		b->res.cpu = &b->cpu;
	else
		b->res.memory = &b->memory;
	return 0;
}

static int set_weight(struct built *b, int64_t weight)
{
	if (weight < 0 || weight > 65535)
		return err_text(-EINVAL,
				"invalid value for blkio-weight: \"%lld\": "
				"value out of range",
				(long long)weight);
	b->block_io.weight = (struct opt_u32){ true, (uint32_t)weight };
	b->res.block_io = &b->block_io;
	return 0;
}

static int set_cpuset(struct arena *a, struct built *b, const char *list,
		      char **member)
{
	if (!list)
		return 0;
	*member = arena_strdup(a, list);
	b->res.cpu = &b->cpu;
	return *member ? 0 : err_set(-ENOMEM, "read the limits");
}

int resources_from_flags(struct arena *a, const struct update_args *u,
			 struct oci_resources **ret)
{
	struct built *b = arena_alloc(a, sizeof(*b));
	int r = 0;

	if (!b)
		return err_set(-ENOMEM, "read the limits");
	for (size_t i = 0; i < ARRAY_SIZE(limits) && r >= 0; i++) {
		const void *from = (const char *)u + limits[i].from;
		const char *text = *(const char *const *)from;

		if (text)
			r = set_limit(b, &limits[i], text);
	}
	if (r >= 0)
		r = set_cpuset(a, b, u->cpuset_cpus, &b->cpu.cpus);
	if (r >= 0)
		r = set_cpuset(a, b, u->cpuset_mems, &b->cpu.mems);
	if (r >= 0 && u->blkio_weight.set)
		r = set_weight(b, u->blkio_weight.v);
	if (r < 0)
		return r;
	if (u->pids_limit.set) {
		b->pids.limit = u->pids_limit;
		b->res.pids = &b->pids;
	}
	*ret = &b->res;
	return 0;
}

void resources_normalise(struct oci_resources *res)
{
	struct oci_memory *m = res->memory;

	if (m && m->limit.set && m->limit.v == -1 &&
	    (!m->swap.set || m->swap.v == 0))
		m->swap = (struct opt_i64){ true, -1 };
}
