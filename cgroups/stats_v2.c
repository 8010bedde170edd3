/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistics of cgroup v2, in the members that v1 made known.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cgroups/stats.h"

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static void pressure_line(struct json_out *o, const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *l = text; l && *l;
	     l = strchr(l, '\n'), l += l != NULL) {
		double a, b, c;
		uint64_t total;

		if (strncmp(l, key, n) != 0 ||
		    sscanf(l + n,
			   " avg10=%lf avg60=%lf avg300=%lf total=%" SCNu64, &a,
			   &b, &c, &total) != 4)
			continue;
		out_key(o, key);
		buf_printf(o->b,
			   "{\"avg10\":%g,\"avg60\":%g,\"avg300\":%g,"
			   "\"total\":%" PRIu64 "}",
			   a, b, c, total);
	}
}

static void pressure(struct json_out *o, int dirfd, const char *file)
{
	_cleanup_free_ char *text = stat_text(dirfd, file);
	struct json_mark m = out_begin(o, "psi");

	pressure_line(o, text, "some");
	pressure_line(o, text, "full");
	out_end(o, m, false);
}

static void cpu(struct json_out *o, int dirfd)
{
	_cleanup_free_ char *stat = stat_text(dirfd, "cpu.stat");
	struct json_mark m = out_begin(o, "cpu"), in;

	if (stat) {
		in = out_begin(o, "usage");
		out_num(o, "total", stat_key(stat, "usage_usec") * 1000);
		out_num_always(o, "kernel",
			       stat_key(stat, "system_usec") * 1000);
		out_num_always(o, "user", stat_key(stat, "user_usec") * 1000);
		out_end(o, in, false);
		in = out_begin(o, "throttling");
		out_num(o, "periods", stat_key(stat, "nr_periods"));
		out_num(o, "throttledPeriods", stat_key(stat, "nr_throttled"));
		out_num(o, "throttledTime",
			stat_key(stat, "throttled_usec") * 1000);
		out_end(o, in, false);
	}
	pressure(o, dirfd, "cpu.pressure");
	out_end(o, m, true);
}

static void cpuset(struct json_out *o)
{
	static const char *const zero[] = {
		"cpu_exclusive",
		"mem_hardwall",
		"mem_exclusive",
		"memory_migrate",
		"memory_spread_page",
		"memory_spread_slab",
		"memory_pressure",
		"sched_load_balance",
		"sched_relax_domain_level",
	};
	struct json_mark m = out_begin(o, "cpuset");

	for (size_t i = 0; i < ARRAY_SIZE(zero); i++)
		out_num_always(o, zero[i], 0);
	out_end(o, m, true);
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a == UINT64_MAX || b == UINT64_MAX ? UINT64_MAX : a + b;
}

static void entry(struct json_out *o, const char *key, uint64_t limit,
		  uint64_t usage, uint64_t max)
{
	struct json_mark m;

	if (limit == 0 && usage == 0 && max == 0)
		return;
	m = out_begin(o, key);
	out_num_always(o, "limit", limit);
	out_num(o, "usage", usage);
	out_num(o, "max", max);
	out_num_always(o, "failcnt", 0);
	out_end(o, m, false);
}

void cg_stats_v2_memory(struct json_out *o, int dirfd)
{
	_cleanup_free_ char *stat = stat_text(dirfd, "memory.stat");
	uint64_t limit = stat_u64(dirfd, "memory.max");
	uint64_t usage = stat_u64(dirfd, "memory.current"), swap;
	struct json_mark m = out_begin(o, "memory");

	if (stat) {
		out_num(o, "cache", stat_key(stat, "file"));
		entry(o, "usage", limit, usage, stat_u64(dirfd, "memory.peak"));
		/* The members mean memory and swap together. */
		if (cg_read_u64(dirfd, "memory.swap.current", &swap) == 0)
			entry(o, "swap",
			      sum(limit, stat_u64(dirfd, "memory.swap.max")),
			      usage + swap, 0);
		out_memory_raw(o, stat);
	}
	pressure(o, dirfd, "memory.pressure");
	out_end(o, m, true);
}

/* Lines "8:0 rbytes=1 wbytes=2 rios=3 wios=4 ...". */
static void io_list(struct json_out *o, const char *text, const char *key,
		    const char *const names[2])
{
	static const char *const ops[] = { "Read", "Write" };
	struct json_mark list = out_begin_list(o, key);

	for (const char *l = text; l && *l;
	     l = strchr(l, '\n'), l += l != NULL) {
		struct io_entry e = { 0 };
		size_t len = strcspn(l, "\n");

		if (sscanf(l, "%" SCNu64 ":%" SCNu64, &e.major, &e.minor) != 2)
			continue;
		for (size_t i = 0; i < 2; i++) {
			const char *p = strstr(l, names[i]);

			if (!p || p > l + len)
				continue;
			e.value = strtoull(p + strlen(names[i]), NULL, 10);
			strcpy(e.op, ops[i]);
			out_io_entry(o, &e);
		}
	}
	out_end_list(o, list);
}

static void io(struct json_out *o, int dirfd)
{
	static const char *const bytes[] = { " rbytes=", " wbytes=" };
	static const char *const counts[] = { " rios=", " wios=" };
	_cleanup_free_ char *text = stat_text(dirfd, "io.stat");
	struct json_mark m = out_begin(o, "blkio");

	io_list(o, text, "ioServiceBytesRecursive", bytes);
	io_list(o, text, "ioServicedRecursive", counts);
	pressure(o, dirfd, "io.pressure");
	out_end(o, m, true);
}

struct huge {
	struct json_out *o;
	int dirfd;
};

static void page_size(const char *size, void *arg)
{
	const struct huge *h = arg;
	_cleanup_free_ char *events = NULL;
	struct json_mark m;
	uint64_t usage;
	char file[96];

	snprintf(file, sizeof(file), "hugetlb.%s.current", size);
	if (cg_read_u64(h->dirfd, file, &usage) < 0)
		return;
	m = out_begin(h->o, size);
	out_num(h->o, "usage", usage);
	snprintf(file, sizeof(file), "hugetlb.%s.events", size);
	events = stat_text(h->dirfd, file);
	out_num_always(h->o, "failcnt", stat_key(events, "max"));
	out_end(h->o, m, true);
}

int cg_stats_v2(struct cg *g, struct json_out *o)
{
	const struct cg_dir *d = cg_find(g, "");
	int fd = d ? d->fd : -EBADF;
	struct huge h = { o, fd };
	struct json_mark m;

	cpu(o, fd);
	cpuset(o);
	cg_stats_v2_memory(o, fd);
	out_pids(o, d);
	io(o, fd);
	m = out_begin(o, "hugetlb");
	stat_page_sizes(page_size, &h);
	out_end(o, m, true);
	return 0;
}
