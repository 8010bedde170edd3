/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update: flags, or an OCI linux.resources object, become one oci_resources.
 * What was not given stays absent, and so unchanged.
 */
#include "src/commands.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "src/resources.h"

#define JSON_MAX ((size_t)16 << 20)

#define O(member, name, kind, arg, text) \
	OPTION(struct update_args, member, 0, name, kind, arg, text)
#define OLD(member, name) \
	HIDDEN_OPTION(struct update_args, member, 0, name, OPT_STR, "size", "")

static const struct opt_def options[] = {
	OPTION(struct update_args, resources, 'r', "resources", OPT_STR, "file",
	       "read the limits from this JSON file, - for standard input"),
	O(blkio_weight, "blkio-weight", OPT_INT, "n",
	  "weight of block I/O, 10 to 1000"),
	O(cpu_period, "cpu-period", OPT_STR, "us", "length of a CPU period"),
	O(cpu_quota, "cpu-quota", OPT_STR, "us", "CPU time in a period"),
	O(cpu_burst, "cpu-burst", OPT_STR, "us",
	  "CPU time saved up over periods"),
	O(cpu_share, "cpu-share", OPT_STR, "n", "relative weight of CPU time"),
	O(cpu_rt_period, "cpu-rt-period", OPT_STR, "us",
	  "length of a realtime period"),
	O(cpu_rt_runtime, "cpu-rt-runtime", OPT_STR, "us",
	  "realtime CPU time in a period"),
	O(cpuset_cpus, "cpuset-cpus", OPT_STR, "list", "CPUs that may be used"),
	O(cpuset_mems, "cpuset-mems", OPT_STR, "list",
	  "memory nodes that may be used"),
	O(cpu_idle, "cpu-idle", OPT_STR, "n",
	  "1: run only when the CPU is idle"),
	O(memory, "memory", OPT_STR, "size", "limit of memory"),
	O(memory_reservation, "memory-reservation", OPT_STR, "size",
	  "soft limit of memory"),
	O(memory_swap, "memory-swap", OPT_STR, "size",
	  "limit of memory and swap together"),
	OLD(kernel_memory, "kernel-memory"),
	OLD(kernel_memory_tcp, "kernel-memory-tcp"),
	O(pids_limit, "pids-limit", OPT_INT, "n", "limit of processes"),
	O(l3_cache_schema, "l3-cache-schema", OPT_STR, "schema",
	  "resctrl line of the L3 cache"),
	O(mem_bw_schema, "mem-bw-schema", OPT_STR, "schema",
	  "resctrl line of the memory bandwidth"),
};

static int from_json(struct arena *a, const char *file,
		     struct oci_resources **ret)
{
	_cleanup_free_ char *text = NULL;
	bool in = streq(file, "-");
	size_t len = 0;
	int r;

	if (in)
		r = io_slurp_fd(STDIN_FILENO, JSON_MAX, &text, &len);
	else
		r = io_slurp_at(AT_FDCWD, file, JSON_MAX, false, &text, &len);
	if (r < 0)
		return err_set(r, "%s %s", in ? "read" : "open",
			       in ? "standard input" : file);
	r = oci_parse_resources(a, in ? "standard input" : file, text, len, ret);
	/* Device rules are create's alone; engines send them all the same. */
	if (r >= 0)
		(*ret)->devices.n = 0;
	return r;
}

static bool given(const char *s)
{
	return s && *s;
}

static int run_update(struct cli_call *c)
{
	_cleanup_arena_ struct arena a = { 0 };
	const struct update_args *u = c->opts;
	const struct oci_intel_rdt rdt = {
		.l3_cache_schema = (char *)u->l3_cache_schema,
		.mem_bw_schema = (char *)u->mem_bw_schema,
	};
	bool with_rdt = given(u->l3_cache_schema) || given(u->mem_bw_schema);
	struct oci_resources *res = NULL;
	int r;

	if (u->resources) {
		r = from_json(&a, u->resources, &res);
	} else {
		if (u->kernel_memory || u->kernel_memory_tcp)
			log_warn("Kernel memory settings are ignored and will "
				 "be removed");
		r = resources_from_flags(&a, u, &res);
	}
	if (r < 0)
		return r;
	resources_normalise(res);
	return rt_update(&c->rt, c->args[0], res, with_rdt ? &rdt : NULL);
}

const struct verb verb_update = {
	.name = "update",
	.operands = "ID",
	.summary = "change the resource limits of a container",
	.help = "   Sizes are bytes, or carry a suffix k, m, g or t; -1 is no "
		"limit. With\n   --resources the other options of limits are "
		"not "
		"looked at. Device rules stay.\n",
	.min_args = 1,
	.max_args = 1,
	.options = TABLE(options),
	.size = sizeof(struct update_args),
	.run = run_update,
};
