/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources as files of cgroup v2 (admin-guide/cgroup-v2.rst). The OCI
 * values are those of v1; where v2 counts otherwise they are converted. What v2
 * does not have at all makes no setting (cg_apply warns).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cgroups/settings_list.h"

/* One of the two alone leaves the other on update, as on v1. */
static void cpu_max(struct set_list *l, const struct oci_cpu *c, bool update)
{
	uint64_t period = GIVEN(c->period) ? c->period.v : 100000;
	const char *json = GIVEN(c->quota) ? RES "cpu.quota" : RES "cpu.period";
	char quota[24] = "max", after[24] = "";

	if (!GIVEN(c->quota) && !GIVEN(c->period))
		return;
	if (GIVEN(c->quota) && c->quota.v > 0)
		snprintf(quota, sizeof(quota), "%" PRId64, c->quota.v);
	if (update && !GIVEN(c->quota)) {
		set_add(l, "cpu", "cpu.max", json, CG_RETRY | CG_KEEP_WORD,
			"%" PRIu64, period);
		return;
	}
	if (!update || GIVEN(c->period))
		snprintf(after, sizeof(after), " %" PRIu64, period);
	set_add(l, "cpu", "cpu.max", json, CG_RETRY, "%s%s", quota, after);
}

static void cpu(struct set_list *l, const struct oci_cpu *c, bool update)
{
	if (c->idle.set)
		set_add(l, "cpu", "cpu.idle", RES "cpu.idle", 0, "%" PRId64,
			c->idle.v);
	if (GIVEN(c->shares) && !(c->idle.set && c->idle.v == 1))
		set_add(l, "cpu", "cpu.weight", RES "cpu.shares", 0, "%" PRIu64,
			cg_shares_to_weight(c->shares.v));
	cpu_max(l, c, update);
	if (c->burst.set)
		set_add(l, "cpu", "cpu.max.burst", RES "cpu.burst",
			CG_RETRY | CG_OPTIONAL, "%" PRIu64, c->burst.v);
	set_cpuset(l, c);
}

static void bytes_or_max(struct set_list *l, const char *file, const char *json,
			 unsigned int flags, int64_t v)
{
	if (v < 0)
		set_add(l, "memory", file, json, flags, "max");
	else
		set_add(l, "memory", file, json, flags, "%" PRId64, v);
}

/* OCI: memory + swap together; v2: swap alone. */
static int swap(struct set_list *l, const struct oci_memory *m)
{
	int64_t limit = GIVEN(m->limit) ? m->limit.v : 0, v;

	if (!GIVEN(m->swap)) {
		if (limit < 0)
			bytes_or_max(l, "memory.swap.max", RES "memory.limit",
				     CG_OPTIONAL, -1);
		return 0;
	}
	if (m->swap.v < 0) {
		bytes_or_max(l, "memory.swap.max", RES "memory.swap",
			     CG_OPTIONAL, -1);
		return 0;
	}
	if (limit == 0)
		return err_text(-EINVAL, RES "memory.swap: unable to set swap "
					     "limit without memory limit");
	if (limit < 0)
		return err_text(-EINVAL,
				RES "memory.swap: a limit of memory+swap needs "
				    "one of memory");
	if (m->swap.v < limit)
		return err_text(-EINVAL,
				RES "memory.swap: memory+swap limit %" PRId64
				    " should be >= memory limit %" PRId64,
				m->swap.v, limit);
	v = m->swap.v - limit;
	/* Without swap on this host there is none to keep away from. */
	bytes_or_max(l, "memory.swap.max", RES "memory.swap",
		     v == 0 ? CG_OPTIONAL : 0, v);
	return 0;
}

static int memory(struct set_list *l, const struct oci_memory *m)
{
	int r;

	r = swap(l, m);
	if (r < 0)
		return r;
	if (GIVEN(m->limit))
		bytes_or_max(l, "memory.max", RES "memory.limit", 0, m->limit.v);
	if (GIVEN(m->reservation))
		bytes_or_max(l, "memory.low", RES "memory.reservation", 0,
			     m->reservation.v);
	return 0;
}

static void io_max(struct set_list *l, const oci_throttle_list *t,
		   const char *key, const char *json)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct oci_throttle_device *d = &t->v[i];

		if (d->rate == 0)
			set_add(l, "io", "io.max", json, 0,
				"%" PRId64 ":%" PRId64 " %s=max", d->major,
				d->minor, key);
		else
			set_add(l, "io", "io.max", json, 0,
				"%" PRId64 ":%" PRId64 " %s=%" PRIu64, d->major,
				d->minor, key, d->rate);
	}
}

/* BFQ takes the values as they are; io.weight (iocost) has its own scale. */
static void alternative(struct set_list *l, struct cg_setting *s,
			const char *prefix, uint32_t weight)
{
	s->alt_file = "io.weight";
	s->alt_value = arena_printf(l->arena, "%s%" PRIu64, prefix,
				    cg_blkio_to_io_weight(weight));
	if (!s->alt_value)
		l->err = -ENOMEM;
}

static void block_io(struct set_list *l, const struct oci_block_io *b)
{
	if (GIVEN(b->weight))
		alternative(l,
			    set_add(l, "io", "io.bfq.weight",
				    RES "blockIO.weight", 0, "%u", b->weight.v),
			    "default ", b->weight.v);
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct oci_weight_device *d = &b->weight_device.v[i];
		char dev[48];

		if (!GIVEN(d->weight))
			continue;
		snprintf(dev, sizeof(dev), "%" PRId64 ":%" PRId64 " ", d->major,
			 d->minor);
		alternative(l,
			    set_add(l, "io", "io.bfq.weight",
				    RES "blockIO.weightDevice", 0, "%s%u", dev,
				    d->weight.v),
			    dev, d->weight.v);
	}
	io_max(l, &b->read_bps, "rbps", RES "blockIO.throttleReadBpsDevice");
	io_max(l, &b->write_bps, "wbps", RES "blockIO.throttleWriteBpsDevice");
	io_max(l, &b->read_iops, "riops", RES "blockIO.throttleReadIOPSDevice");
	io_max(l, &b->write_iops, "wiops",
	       RES "blockIO.throttleWriteIOPSDevice");
}

/* Files as they are called; a value of several lines is several writes. */
static int unified(struct set_list *l, const struct kv_list *u)
{
	for (size_t i = 0; i < u->n; i++) {
		const char *key = u->v[i].key, *p = u->v[i].value;
		const char *dot = strchr(key, '.');
		char *controller, json[320];

		if (!set_name_ok(key))
			return err_text(
				-EINVAL,
				"unified resource \"%s\" must be a file "
				"name (no slashes)",
				key);
		if (!dot || dot == key)
			return err_text(
				-EINVAL,
				"unified resource \"%s\" must be in the "
				"form CONTROLLER.PARAMETER",
				key);
		snprintf(json, sizeof(json), RES "unified[\"%s\"]", key);
		controller = arena_strndup(l->arena, key, (size_t)(dot - key));
		if (!controller)
			return err_set(-ENOMEM, "cgroups");
		while (p && *p) {
			size_t n = strcspn(p, "\n");

			if (n > 0)
				set_add(l, controller, key, json, 0, "%.*s",
					(int)n, p);
			p += n + (p[n] == '\n');
		}
	}
	return 0;
}

int cg_settings_v2(struct arena *a, const struct oci_resources *res,
		   bool update, struct cg_settings *ret)
{
	struct set_list l = { .arena = a };
	int r = 0;

	if (res->pids)
		set_pids(&l, res->pids, update);
	if (res->memory)
		r = memory(&l, res->memory);
	if (r == 0)
		r = set_hugepages(&l, res, "max");
	if (r < 0)
		return r;
	if (res->block_io)
		block_io(&l, res->block_io);
	if (res->cpu)
		cpu(&l, res->cpu, update);
	set_rdma(&l, res);
	r = unified(&l, &res->unified);
	return r < 0 ? r : set_finish(&l, ret);
}
