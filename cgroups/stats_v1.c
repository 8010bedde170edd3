/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistics of cgroup v1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/str.h"
#include "cgroups/stats.h"

#define NS_PER_TICK UINT64_C(10000000) /* USER_HZ is 100 everywhere */

static void numbers(const char *text, struct u64_list *ret)
{
	char *end;

	ret->n = 0;
	for (const char *p = text; p && ret->n < ARRAY_SIZE(ret->v); p = end) {
		uint64_t v = strtoull(p, &end, 10);

		if (end == p)
			break;
		ret->v[ret->n++] = v;
	}
}

/* "cpu user system" and a line for each cpu. */
static void usage_all(const char *text, struct u64_list *user,
		      struct u64_list *kernel)
{
	user->n = kernel->n = 0;
	for (const char *l = text ? strchr(text, '\n') : NULL;
	     l && user->n < ARRAY_SIZE(user->v); l = strchr(l + 1, '\n')) {
		uint64_t u, k;

		if (sscanf(l + 1, "%*u %" SCNu64 " %" SCNu64, &u, &k) != 2)
			break;
		user->v[user->n++] = u;
		kernel->v[kernel->n++] = k;
	}
}

static void cpu_usage(struct json_out *o, const struct cg_dir *d)
{
	_cleanup_free_ char *percpu = stat_text(d->fd, "cpuacct.usage_percpu");
	_cleanup_free_ char *all = stat_text(d->fd, "cpuacct.usage_all");
	_cleanup_free_ char *stat = stat_text(d->fd, "cpuacct.stat");
	struct json_mark m = out_begin(o, "usage");
	static struct u64_list list, user, kernel;

	out_num(o, "total", stat_u64(d->fd, "cpuacct.usage"));
	numbers(percpu, &list);
	out_list(o, "percpu", &list);
	usage_all(all, &user, &kernel);
	out_list(o, "percpu_kernel", &kernel);
	out_list(o, "percpu_user", &user);
	out_num_always(o, "kernel", stat_key(stat, "system") * NS_PER_TICK);
	out_num_always(o, "user", stat_key(stat, "user") * NS_PER_TICK);
	out_end(o, m, false);
}

static void cpu(struct json_out *o, struct cg *g)
{
	const struct cg_dir *acct = cg_find(g, "cpuacct");
	const struct cg_dir *d = cg_find(g, "cpu");
	struct json_mark m = out_begin(o, "cpu"), t;

	if (acct)
		cpu_usage(o, acct);
	if (d) {
		_cleanup_free_ char *stat = stat_text(d->fd, "cpu.stat");

		t = out_begin(o, "throttling");
		out_num(o, "periods", stat_key(stat, "nr_periods"));
		out_num(o, "throttledPeriods", stat_key(stat, "nr_throttled"));
		out_num(o, "throttledTime", stat_key(stat, "throttled_time"));
		out_end(o, t, false);
	}
	out_end(o, m, true);
}

static int add_number(unsigned int n, void *arg)
{
	struct u64_list *l = arg;

	if (l->n < ARRAY_SIZE(l->v))
		l->v[l->n++] = n;
	return 0;
}

static void range_list(struct json_out *o, const char *key, int dirfd,
		       const char *file)
{
	_cleanup_free_ char *text = stat_text(dirfd, file);
	static struct u64_list l;

	l.n = 0;
	if (text) {
		text[strcspn(text, "\n")] = '\0';
		(void)str_walk_ranges(text, 65535, add_number, &l);
	}
	out_list(o, key, &l);
}

static void cpuset(struct json_out *o, struct cg *g)
{
	static const struct {
		const char *key, *file;
	} flags[] = {
		{ "cpu_exclusive", "cpuset.cpu_exclusive" },
		{ "mems", NULL },
		{ "mem_hardwall", "cpuset.mem_hardwall" },
		{ "mem_exclusive", "cpuset.mem_exclusive" },
		{ "memory_migrate", "cpuset.memory_migrate" },
		{ "memory_spread_page", "cpuset.memory_spread_page" },
		{ "memory_spread_slab", "cpuset.memory_spread_slab" },
		{ "memory_pressure", "cpuset.memory_pressure" },
		{ "sched_load_balance", "cpuset.sched_load_balance" },
	};
	const struct cg_dir *d = cg_find(g, "cpuset");
	struct json_mark m = out_begin(o, "cpuset");
	char text[32] = "0";

	if (d)
		range_list(o, "cpus", d->fd, "cpuset.cpus");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (flags[i].file)
			out_num_always(o, flags[i].key,
				       d ? stat_u64(d->fd, flags[i].file) : 0);
		else if (d)
			range_list(o, "mems", d->fd, "cpuset.mems");
	}
	/* The only one that is -1 in most groups. */
	if (d && io_read_at(d->fd, "cpuset.sched_relax_domain_level", text,
			    sizeof(text)) > 0)
		text[strcspn(text, "\n")] = '\0';
	out_key(o, "sched_relax_domain_level");
	buf_puts(o->b, text);
	out_end(o, m, true);
}

static void memory_entry(struct json_out *o, int dirfd, const char *key,
			 const char *prefix)
{
	static const struct {
		const char *key, *file;
		bool always;
	} files[] = {
		{ "limit", "limit_in_bytes", true },
		{ "usage", "usage_in_bytes", false },
		{ "max", "max_usage_in_bytes", false },
		{ "failcnt", "failcnt", true },
	};
	struct json_mark m;
	uint64_t v[ARRAY_SIZE(files)];
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char file[64];

		snprintf(file, sizeof(file), "memory.%s%s", prefix,
			 files[i].file);
		v[i] = stat_u64(dirfd, file);
		any = any || v[i] != 0;
	}
	if (!any)
		return;
	m = out_begin(o, key);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i].always || v[i] != 0)
			out_num_always(o, files[i].key, v[i]);
	out_end(o, m, false);
}

static void memory(struct json_out *o, struct cg *g)
{
	const struct cg_dir *d = cg_find(g, "memory"), *v2 = cg_find(g, "");
	struct json_mark m;

	/* On a hybrid machine it may be in the v2 tree only. */
	if (!d && v2) {
		cg_stats_v2_memory(o, v2->fd);
		return;
	}
	m = out_begin(o, "memory");
	if (d) {
		_cleanup_free_ char *stat = stat_text(d->fd, "memory.stat");

		out_num(o, "cache", stat_key(stat, "cache"));
		memory_entry(o, d->fd, "usage", "");
		memory_entry(o, d->fd, "swap", "memsw.");
		memory_entry(o, d->fd, "kernel", "kmem.");
		memory_entry(o, d->fd, "kernelTCP", "kmem.tcp.");
		out_memory_raw(o, stat);
	}
	out_end(o, m, true);
}

/* Lines "8:0 Read 4096", "8:0 4096"; "Total 0" is no device. */
static void io_list(struct json_out *o, const char *key, const char *text)
{
	struct json_mark list = out_begin_list(o, key);

	for (const char *l = text; l && *l;
	     l = strchr(l, '\n'), l += l != NULL) {
		struct io_entry e = { 0 };

		if (sscanf(l, "%" SCNu64 ":%" SCNu64 " %15[A-Za-z] %" SCNu64,
			   &e.major, &e.minor, e.op, &e.value) != 4) {
			e.op[0] = '\0';
			if (sscanf(l, "%" SCNu64 ":%" SCNu64 " %" SCNu64,
				   &e.major, &e.minor, &e.value) != 3)
				continue;
		}
		out_io_entry(o, &e);
	}
	out_end_list(o, list);
}

static void blkio(struct json_out *o, struct cg *g)
{
	/* The scheduler counts more than the throttle does, if it is there. */
	static const struct {
		const char *key, *file, *other;
	} lists[] = {
		{ "ioServiceBytesRecursive",
		  "blkio.bfq.io_service_bytes_recursive",
		  "blkio.throttle.io_service_bytes_recursive" },
		{ "ioServicedRecursive", "blkio.bfq.io_serviced_recursive",
		  "blkio.throttle.io_serviced_recursive" },
		{ "ioQueueRecursive", "blkio.bfq.io_queued_recursive", NULL },
		{ "ioServiceTimeRecursive",
		  "blkio.bfq.io_service_time_recursive", NULL },
		{ "ioWaitTimeRecursive", "blkio.bfq.io_wait_time_recursive",
		  NULL },
		{ "ioMergedRecursive", "blkio.bfq.io_merged_recursive", NULL },
		{ "ioTimeRecursive", "blkio.bfq.time_recursive", NULL },
		{ "sectorsRecursive", "blkio.bfq.sectors_recursive", NULL },
	};
	const struct cg_dir *d = cg_find(g, "blkio");
	struct json_mark m = out_begin(o, "blkio");

	for (size_t i = 0; d && i < ARRAY_SIZE(lists); i++) {
		_cleanup_free_ char *a = stat_text(d->fd, lists[i].file);
		_cleanup_free_ char *b = NULL;

		if ((!a || !strchr(a, ':')) && lists[i].other)
			b = stat_text(d->fd, lists[i].other);
		io_list(o, lists[i].key, b ? b : a);
	}
	out_end(o, m, true);
}

struct huge {
	struct json_out *o;
	const struct cg_dir *d;
};

static void page_size(const char *size, void *arg)
{
	const struct huge *h = arg;
	struct json_mark m = out_begin(h->o, size);
	char file[96];

	snprintf(file, sizeof(file), "hugetlb.%s.usage_in_bytes", size);
	out_num(h->o, "usage", stat_u64(h->d->fd, file));
	snprintf(file, sizeof(file), "hugetlb.%s.max_usage_in_bytes", size);
	out_num(h->o, "max", stat_u64(h->d->fd, file));
	snprintf(file, sizeof(file), "hugetlb.%s.failcnt", size);
	out_num_always(h->o, "failcnt", stat_u64(h->d->fd, file));
	out_end(h->o, m, true);
}

int cg_stats_v1(struct cg *g, struct json_out *o)
{
	struct huge h = { o, cg_find(g, "hugetlb") };
	struct json_mark m;

	cpu(o, g);
	cpuset(o, g);
	memory(o, g);
	out_pids(o, cg_find(g, "pids"));
	blkio(o, g);
	m = out_begin(o, "hugetlb");
	if (h.d)
		stat_page_sizes(page_size, &h);
	out_end(o, m, true);
	return 0;
}
