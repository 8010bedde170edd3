/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources as files of cgroup v1 (admin-guide/cgroup-v1).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cgroups/settings_list.h"

static void cpu(struct set_list *l, const struct oci_cpu *c)
{
	if (c->idle.set)
		set_add(l, "cpu", "cpu.idle", RES "cpu.idle", 0, "%" PRId64,
			c->idle.v);
	/* An idle group has no shares: the kernel refuses them. */
	if (GIVEN(c->shares) && !(c->idle.set && c->idle.v == 1))
		set_add(l, "cpu", "cpu.shares", RES "cpu.shares", CG_CHECK,
			"%" PRIu64, c->shares.v);
	/*
	 * Each of these three may only be possible once another is set. The
	 * kernel says EINVAL then.
	 */
	if (GIVEN(c->period))
		set_add(l, "cpu", "cpu.cfs_period_us", RES "cpu.period",
			CG_RETRY, "%" PRIu64, c->period.v);
	if (GIVEN(c->quota))
		set_add(l, "cpu", "cpu.cfs_quota_us", RES "cpu.quota", CG_RETRY,
			"%" PRId64, c->quota.v);
	if (c->burst.set)
		set_add(l, "cpu", "cpu.cfs_burst_us", RES "cpu.burst",
			CG_RETRY | CG_OPTIONAL, "%" PRIu64, c->burst.v);
	if (GIVEN(c->realtime_period))
		set_add(l, "cpu", "cpu.rt_period_us", RES "cpu.realtimePeriod",
			CG_RETRY, "%" PRIu64, c->realtime_period.v);
	if (GIVEN(c->realtime_runtime))
		set_add(l, "cpu", "cpu.rt_runtime_us", RES "cpu.realtimeRuntime",
			CG_RETRY, "%" PRId64, c->realtime_runtime.v);
}

/* limit <= memory+swap at any time, so the order depends on what is there. */
static int memory(struct set_list *l, const struct oci_memory *m)
{
	bool swap = GIVEN(m->swap);

	if (GIVEN(m->limit) && swap && m->swap.v > 0 && m->limit.v > m->swap.v)
		return err_text(-EINVAL,
				RES "memory.swap: memory+swap limit %" PRId64
				    " should be >= memory limit %" PRId64,
				m->swap.v, m->limit.v);
	if (GIVEN(m->limit))
		set_add(l, "memory", "memory.limit_in_bytes",
			RES "memory.limit", CG_RETRY, "%" PRId64, m->limit.v);
	if (swap)
		set_add(l, "memory", "memory.memsw.limit_in_bytes",
			RES "memory.swap",
			CG_RETRY | (m->swap.v < 0 ? CG_OPTIONAL : 0),
			"%" PRId64, m->swap.v);
	/* No limit on memory: none on memory+swap can stay. */
	else if (GIVEN(m->limit) && m->limit.v < 0)
		set_add(l, "memory", "memory.memsw.limit_in_bytes",
			RES "memory.limit", CG_RETRY | CG_OPTIONAL, "-1");
	if (GIVEN(m->reservation))
		set_add(l, "memory", "memory.soft_limit_in_bytes",
			RES "memory.reservation", 0, "%" PRId64,
			m->reservation.v);
	/* Kernels from 5.16 on take the first and do nothing. */
	if (GIVEN(m->kernel))
		set_add(l, "memory", "memory.kmem.limit_in_bytes",
			RES "memory.kernel", CG_OPTIONAL, "%" PRId64,
			m->kernel.v);
	if (GIVEN(m->kernel_tcp))
		set_add(l, "memory", "memory.kmem.tcp.limit_in_bytes",
			RES "memory.kernelTCP", CG_OPTIONAL, "%" PRId64,
			m->kernel_tcp.v);
	if (m->disable_oom_killer.set && m->disable_oom_killer.v)
		set_add(l, "memory", "memory.oom_control",
			RES "memory.disableOOMKiller", 0, "1");
	if (m->swappiness.set && m->swappiness.v > 100)
		return err_text(-EINVAL,
				RES "memory.swappiness: %" PRIu64
				    " is not in the range 0 to 100",
				m->swappiness.v);
	if (m->swappiness.set)
		set_add(l, "memory", "memory.swappiness",
			RES "memory.swappiness", 0, "%" PRIu64, m->swappiness.v);
	return 0;
}

static void throttle(struct set_list *l, const oci_throttle_list *t,
		     const char *file, const char *json)
{
	for (size_t i = 0; i < t->n; i++)
		set_add(l, "blkio", file, json, 0,
			"%" PRId64 ":%" PRId64 " %" PRIu64, t->v[i].major,
			t->v[i].minor, t->v[i].rate);
}

static void alternative(struct set_list *l, struct cg_setting *s,
			const char *file)
{
	s->alt_file = arena_strdup(l->arena, file);
	s->alt_value = s->value;
	if (!s->alt_file)
		l->err = -ENOMEM;
}

static void weights(struct set_list *l, const struct oci_block_io *b)
{
	const char *json = RES "blockIO.weightDevice";

	if (GIVEN(b->weight))
		alternative(l,
			    set_add(l, "blkio", "blkio.bfq.weight",
				    RES "blockIO.weight", 0, "%u", b->weight.v),
			    "blkio.weight");
	if (GIVEN(b->leaf_weight))
		set_add(l, "blkio", "blkio.leaf_weight",
			RES "blockIO.leafWeight", 0, "%u", b->leaf_weight.v);
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct oci_weight_device *d = &b->weight_device.v[i];

		if (GIVEN(d->weight))
			alternative(l,
				    set_add(l, "blkio",
					    "blkio.bfq.weight_device", json, 0,
					    "%" PRId64 ":%" PRId64 " %u",
					    d->major, d->minor, d->weight.v),
				    "blkio.weight_device");
		if (GIVEN(d->leaf_weight))
			set_add(l, "blkio", "blkio.leaf_weight_device", json, 0,
				"%" PRId64 ":%" PRId64 " %u", d->major,
				d->minor, d->leaf_weight.v);
	}
}

static void block_io(struct set_list *l, const struct oci_block_io *b)
{
	weights(l, b);
	throttle(l, &b->read_bps, "blkio.throttle.read_bps_device",
		 RES "blockIO.throttleReadBpsDevice");
	throttle(l, &b->write_bps, "blkio.throttle.write_bps_device",
		 RES "blockIO.throttleWriteBpsDevice");
	throttle(l, &b->read_iops, "blkio.throttle.read_iops_device",
		 RES "blockIO.throttleReadIOPSDevice");
	throttle(l, &b->write_iops, "blkio.throttle.write_iops_device",
		 RES "blockIO.throttleWriteIOPSDevice");
}

static void network(struct set_list *l, const struct oci_network *n)
{
	if (GIVEN(n->class_id))
		set_add(l, "net_cls", "net_cls.classid", RES "network.classID",
			0, "%u", n->class_id.v);
	for (size_t i = 0; i < n->priorities.n; i++)
		set_add(l, "net_prio", "net_prio.ifpriomap",
			RES "network.priorities", 0, "%s %u",
			n->priorities.v[i].name, n->priorities.v[i].priority);
}

int cg_settings_v1(struct arena *a, const struct oci_resources *res,
		   bool update, struct cg_settings *ret)
{
	struct set_list l = { .arena = a };
	int r = 0;

	if (res->unified.n > 0)
		return err_text(-EINVAL, "invalid configuration: cannot use "
					 "unified on cgroup v1");
	if (res->cpu)
		set_cpuset(&l, res->cpu);
	if (res->memory)
		r = memory(&l, res->memory);
	if (r == 0)
		r = set_hugepages(&l, res, "limit_in_bytes");
	if (r < 0)
		return r;
	if (res->cpu)
		cpu(&l, res->cpu);
	if (res->pids)
		set_pids(&l, res->pids, update);
	if (res->block_io)
		block_io(&l, res->block_io);
	if (res->network)
		network(&l, res->network);
	set_rdma(&l, res);
	return set_finish(&l, ret);
}
