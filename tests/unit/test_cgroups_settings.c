/* SPDX-License-Identifier: Apache-2.0 */
/* linux.resources -> the list of files and values, for v1 and v2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "cgroups/settings.h"
#include "tests/unit/resources_fixture.h"

typedef int (*settings_fn)(struct arena *, const struct oci_resources *, bool,
			   struct cg_settings *);

/* "FILE=VALUE;" for each, "FILE=VALUE|ALT=VALUE;" with an alternative. */
static void expect(settings_fn fn, bool update, const char *json,
		   const char *want)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct cg_settings l;

	if (fn(&arena, parse(json), update, &l) < 0)
		fail_msg("%s: %s", json, err_get());
	for (size_t i = 0; i < l.n; i++) {
		buf_printf(&b, "%s=%s", l.v[i].file, l.v[i].value);
		if (l.v[i].alt_file)
			buf_printf(&b, "|%s=%s", l.v[i].alt_file,
				   l.v[i].alt_value);
		buf_putc(&b, ';');
		/* Errors have to be able to say where it comes from. */
		assert_memory_equal(l.v[i].json_path, "linux.resources.", 16);
	}
	assert_string_equal(buf_str(&b), want);
}

static void expect_fault(settings_fn fn, const char *json, const char *want)
{
	struct cg_settings l;

	assert_true(fn(&arena, parse(json), false, &l) < 0);
	if (!strstr(err_get(), want))
		fail_msg("\"%s\" is not in \"%s\"", want, err_get());
}

#define V1(json, want) expect(cg_settings_v1, false, json, want)
#define V2(json, want) expect(cg_settings_v2, false, json, want)

static void nothing_is_nothing(void **state)
{
	/* What docker sends when nothing is limited. */
	const char *zeros = "{\"memory\":{\"limit\":0,\"reservation\":0,"
			    "\"kernel\":0,\"swap\":0,\"disableOOMKiller\":"
			    "false},\"cpu\":{\"shares\":0,\"quota\":0,"
			    "\"period\":0,\"cpus\":\"\"},\"blockIO\":{"
			    "\"weight\":0}}";

	V1("{}", "");
	V2("{}", "");
	V1(zeros, "");
	V2(zeros, "");
	expect(cg_settings_v1, true, "{\"pids\":{\"limit\":0}}", "");
	expect(cg_settings_v2, true, "{\"pids\":{\"limit\":0}}", "");
}

static void memory(void **state)
{
	const char *both = "{\"memory\":{\"limit\":100,\"swap\":300,"
			   "\"reservation\":50}}";

	V1(both, "memory.limit_in_bytes=100;memory.memsw.limit_in_bytes=300;"
		 "memory.soft_limit_in_bytes=50;");
	V2(both, "memory.swap.max=200;memory.max=100;memory.low=50;");
	V1("{\"memory\":{\"limit\":-1}}",
	   "memory.limit_in_bytes=-1;memory.memsw.limit_in_bytes=-1;");
	V2("{\"memory\":{\"limit\":-1}}",
	   "memory.swap.max=max;memory.max=max;");
	V1("{\"memory\":{\"swappiness\":0,\"disableOOMKiller\":true}}",
	   "memory.oom_control=1;memory.swappiness=0;");
	V2("{\"memory\":{\"limit\":5,\"swap\":5}}",
	   "memory.swap.max=0;memory.max=5;");
	V2("{\"memory\":{\"limit\":5,\"swap\":-1}}",
	   "memory.swap.max=max;memory.max=5;");
	expect_fault(cg_settings_v2, "{\"memory\":{\"swap\":5}}",
		     "unable to set swap limit without memory limit");
	expect_fault(cg_settings_v2, "{\"memory\":{\"limit\":9,\"swap\":5}}",
		     "memory+swap limit 5 should be >= memory limit 9");
	expect_fault(cg_settings_v1, "{\"memory\":{\"limit\":9,\"swap\":5}}",
		     "memory+swap limit 5 should be >= memory limit 9");
	expect_fault(cg_settings_v1, "{\"memory\":{\"swappiness\":101}}",
		     "linux.resources.memory.swappiness");
}

static void cpu(void **state)
{
	const char *all = "{\"cpu\":{\"shares\":1024,\"quota\":50000,"
			  "\"period\":200000,\"burst\":0,\"cpus\":\"0-1\","
			  "\"mems\":\"0\"}}";

	V1(all, "cpuset.cpus=0-1;cpuset.mems=0;cpu.shares=1024;"
		"cpu.cfs_period_us=200000;cpu.cfs_quota_us=50000;"
		"cpu.cfs_burst_us=0;");
	V2(all, "cpu.weight=100;cpu.max=50000 200000;cpu.max.burst=0;"
		"cpuset.cpus=0-1;cpuset.mems=0;");
	V2("{\"cpu\":{\"quota\":-1}}", "cpu.max=max 100000;");
	V2("{\"cpu\":{\"period\":9000}}", "cpu.max=max 9000;");
	expect(cg_settings_v2, true, "{\"cpu\":{\"quota\":70000}}",
	       "cpu.max=70000;");
	expect(cg_settings_v2, true, "{\"cpu\":{\"period\":9000}}",
	       "cpu.max=9000;");
	expect(cg_settings_v2, true, "{\"cpu\":{\"quota\":-1,\"period\":9000}}",
	       "cpu.max=max 9000;");
	V1("{\"cpu\":{\"idle\":1,\"shares\":5}}", "cpu.idle=1;");
	V2("{\"cpu\":{\"idle\":0,\"shares\":2}}", "cpu.idle=0;cpu.weight=1;");
	V1("{\"cpu\":{\"realtimePeriod\":1000,\"realtimeRuntime\":500}}",
	   "cpu.rt_period_us=1000;cpu.rt_runtime_us=500;");
}

static void the_rest(void **state)
{
	const char *io = "{\"blockIO\":{\"weight\":500,\"weightDevice\":[{"
			 "\"major\":8,\"minor\":0,\"weight\":10}],"
			 "\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":16,"
			 "\"rate\":0}],\"throttleWriteIOPSDevice\":[{\"major\":"
			 "8,\"minor\":1,\"rate\":7}]}}";
	const char *huge = "{\"hugepageLimits\":[{\"pageSize\":\"2MB\","
			   "\"limit\":9}]}";

	V1("{\"pids\":{\"limit\":0}}", "pids.max=1;");
	V2("{\"pids\":{\"limit\":-1}}", "pids.max=max;");
	V2("{\"pids\":{\"limit\":7}}", "pids.max=7;");
	V1(io, "blkio.bfq.weight=500|blkio.weight=500;"
	       "blkio.bfq.weight_device=8:0 10|blkio.weight_device=8:0 10;"
	       "blkio.throttle.read_bps_device=8:16 0;"
	       "blkio.throttle.write_iops_device=8:1 7;");
	V2(io, "io.bfq.weight=500|io.weight=default 4950;"
	       "io.bfq.weight=8:0 10|io.weight=8:0 1;io.max=8:16 rbps=max;"
	       "io.max=8:1 wiops=7;");
	V1(huge, "hugetlb.2MB.limit_in_bytes=9;"
		 "hugetlb.2MB.rsvd.limit_in_bytes=9;");
	V2(huge, "hugetlb.2MB.max=9;hugetlb.2MB.rsvd.max=9;");
	V1("{\"network\":{\"classID\":65537,\"priorities\":[{\"name\":"
	   "\"eth0\",\"priority\":3}]}}",
	   "net_cls.classid=65537;net_prio.ifpriomap=eth0 3;");
	V2("{\"network\":{\"classID\":65537}}", "");
	V2("{\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3,\"hcaObjects\":4}}}",
	   "rdma.max=mlx5_1 hca_handle=3 hca_object=4;");
	expect_fault(cg_settings_v2,
		     "{\"hugepageLimits\":[{\"pageSize\":\"../2MB\","
		     "\"limit\":9}]}",
		     "hugepageLimits[0]");
}

static void unified(void **state)
{
	V2("{\"unified\":{\"memory.high\":\"5\",\"io.max\":\"8:0 rbps=1\\n"
	   "8:1 rbps=2\\n\"}}",
	   "memory.high=5;io.max=8:0 rbps=1;io.max=8:1 rbps=2;");
	expect_fault(cg_settings_v1, "{\"unified\":{\"memory.high\":\"5\"}}",
		     "cannot use unified on cgroup v1");
	expect_fault(cg_settings_v2, "{\"unified\":{\"../memory.high\":\"5\"}}",
		     "must be a file name (no slashes)");
	expect_fault(cg_settings_v2, "{\"unified\":{\"memory\":\"5\"}}",
		     "must be in the form CONTROLLER.PARAMETER");
}

static void scales(void **state)
{
	static const uint64_t weights[][2] = {
		{ 0, 0 },      { 1, 1 },	  { 2, 1 },
		{ 1024, 100 }, { 262144, 10000 }, { 300000, 10000 },
	};
	uint64_t last = 1;

	for (size_t i = 0; i < ARRAY_SIZE(weights); i++)
		assert_int_equal(cg_shares_to_weight(weights[i][0]),
				 weights[i][1]);
	for (uint64_t s = 2; s <= 262144; s++) {
		uint64_t w = cg_shares_to_weight(s);

		assert_in_range(w, last, 10000);
		last = w;
	}
	assert_int_equal(cg_blkio_to_io_weight(0), 0);
	assert_int_equal(cg_blkio_to_io_weight(10), 1);
	assert_int_equal(cg_blkio_to_io_weight(1000), 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_is_nothing, tear_down),
		cmocka_unit_test_teardown(memory, tear_down),
		cmocka_unit_test_teardown(cpu, tear_down),
		cmocka_unit_test_teardown(the_rest, tear_down),
		cmocka_unit_test_teardown(unified, tear_down),
		cmocka_unit_test(scales),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
