/* SPDX-License-Identifier: Apache-2.0 */
/* The systemd driver's pure half: names, properties, annotations, bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cgroups/unit.h"
#include "tests/unit/resources_fixture.h"

/* "NAME:SIG[>=SINCE]=PART,PART;" for each. */
static char *as_text(const struct sd_props *l)
{
	_cleanup_buf_ struct buf b = { 0 };

	assert_int_equal(l->err, 0);
	for (size_t i = 0; i < l->n; i++) {
		const struct sd_prop *p = &l->v[i];

		buf_printf(&b, "%s:%s", p->name, p->sig);
		if (p->since)
			buf_printf(&b, ">=%u", p->since);
		for (size_t k = 0; k < p->n; k++)
			buf_printf(&b, "%c%s", k ? ',' : '=', p->v[k]);
		buf_putc(&b, ';');
	}
	return arena_strdup(&arena, buf_str(&b));
}

/* --- names -------------------------------------------------------------- */

static void slices_expand(void **state)
{
	static const struct {
		const char *slice, *path;
	} good[] = {
		{ "system.slice", "/system.slice" },
		{ "a-b.slice", "/a.slice/a-b.slice" },
		{ "a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice" },
		{ "-.slice", "" },
		{ "kubepods-pod1_2.slice",
		  "/kubepods.slice/kubepods-pod1_2.slice" },
	};
	static const char *const bad[] = {
		"",	      ".slice",	    "a",	"a.scope",
		"a--b.slice", "-a.slice",   "a-.slice", "a/b.slice",
		"a b.slice",  "../x.slice", "--.slice", "slice",
	};
	char path[256], small[8];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (unit_expand_slice(good[i].slice, path, sizeof(path)) < 0)
			fail_msg("%s: %s", good[i].slice, err_get());
		assert_string_equal(path, good[i].path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (unit_expand_slice(bad[i], path, sizeof(path)) == 0)
			fail_msg("%s was taken", bad[i]);
		assert_non_null(strstr(err_get(), "invalid slice name"));
	}
	assert_int_equal(unit_expand_slice("a-b.slice", small, sizeof(small)),
			 -ENAMETOOLONG);
}

static void paths_name_units(void **state)
{
	static const struct {
		const char *path;
		bool rootless;
		const char *slice, *unit, *description;
	} good[] = {
		{ "a.slice:docker:x1", false, "a.slice", "docker-x1.scope",
		  "libcontainer container x1" },
		{ NULL, false, "system.slice", "runc-ID.scope",
		  "libcontainer container ID" },
		{ "", true, "user.slice", "runc-ID.scope",
		  "libcontainer container ID" },
		{ "::n", false, "system.slice", "-n.scope",
		  "libcontainer container n" },
		{ "a.slice:p:b.slice", false, "a.slice", "b.slice",
		  "libcontainer container b.slice" },
	};
	static const struct {
		const char *path, *text;
	} bad[] = {
		{ "/a/b", "of format \"slice:prefix:name\"" },
		{ "a:b", "got \"a:b\" instead" },
		{ "a:b:c:d", "of format" },
		{ "a.slice:b:c/d", "is not valid" },
		{ "a.slice:b:c d", "is not valid" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct cg_record rec = { 0 };

		if (unit_decide(&arena, good[i].path, "ID", good[i].rootless,
				&rec) < 0)
			fail_msg("%s", err_get());
		assert_string_equal(rec.slice, good[i].slice);
		assert_string_equal(rec.unit, good[i].unit);
		assert_string_equal(rec.description, good[i].description);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cg_record rec = { 0 };

		assert_true(unit_decide(&arena, bad[i].path, "ID", false,
					&rec) < 0);
		assert_non_null(strstr(err_get(), bad[i].text));
	}
}

/* --- properties --------------------------------------------------------- */

static void base_of(bool v2, const char *unit, const char *want)
{
	struct cg_record rec = { .mode = v2 ? CG_V2 : CG_HYBRID,
				 .unit = (char *)unit,
				 .slice = (char *)"s.slice",
				 .description = (char *)"d" };
	struct sd_props l = { .arena = &arena };

	unit_base(&rec, &l);
	assert_string_equal(as_text(&l), want);
}

static void every_unit_has(void **state)
{
	base_of(true, "a.scope",
		"Description:s=d;Slice:s=s.slice;Delegate:b=1;"
		"MemoryAccounting:b=1;CPUAccounting:b=1;IOAccounting:b=1;"
		"TasksAccounting:b=1;DefaultDependencies:b=0;");
	base_of(false, "a.slice",
		"Description:s=d;Wants:as=1,s.slice;MemoryAccounting:b=1;"
		"CPUAccounting:b=1;BlockIOAccounting:b=1;TasksAccounting:b=1;"
		"DefaultDependencies:b=0;");
}

typedef int (*settings_fn)(struct arena *, const struct oci_resources *, bool,
			   struct cg_settings *);

static void expect(settings_fn fn, const char *json, const char *want)
{
	struct sd_props l = { .arena = &arena };
	struct cg_settings s;

	if (fn(&arena, parse(json), false, &s) < 0)
		fail_msg("%s: %s", json, err_get());
	unit_settings(&s, &l);
	assert_string_equal(as_text(&l), want);
}

#define INF "18446744073709551615"

static void settings_of_v2(void **state)
{
	static const struct {
		const char *json, *want;
	} t[] = {
		{ "{}", "" },
		{ "{\"memory\":{\"limit\":8192,\"reservation\":4096,"
		  "\"swap\":10240}}",
		  "MemorySwapMax:t=2048;MemoryMax:t=8192;MemoryLow:t=4096;" },
		{ "{\"memory\":{\"limit\":-1,\"swap\":-1}}",
		  "MemorySwapMax:t=" INF ";MemoryMax:t=" INF ";" },
		{ "{\"memory\":{\"limit\":8192,\"swap\":8192}}",
		  "MemorySwapMax:t=0;MemoryMax:t=8192;" },
		{ "{\"cpu\":{\"shares\":512,\"quota\":25500,\"period\":50000}}",
		  "CPUWeight:t=59;CPUQuotaPeriodUSec:t>=242=50000;"
		  "CPUQuotaPerSecUSec:t=510000;" },
		/* a part of a percent is rounded up */
		{ "{\"cpu\":{\"quota\":10001}}",
		  "CPUQuotaPeriodUSec:t>=242=100000;"
		  "CPUQuotaPerSecUSec:t=110000;" },
		{ "{\"cpu\":{\"quota\":-1,\"period\":50000}}",
		  "CPUQuotaPeriodUSec:t>=242=50000;"
		  "CPUQuotaPerSecUSec:t=" INF ";" },
		{ "{\"cpu\":{\"idle\":1}}", "CPUWeight:t>=252=0;" },
		{ "{\"cpu\":{\"idle\":0,\"shares\":1024}}",
		  "CPUWeight:t=100;" },
		{ "{\"cpu\":{\"cpus\":\"0-2,9\",\"mems\":\"1\"}}",
		  "AllowedCPUs:ay>=244=2,7,2;AllowedMemoryNodes:ay>=244=1,2;" },
		{ "{\"pids\":{\"limit\":7}}", "TasksMax:t=7;" },
		{ "{\"pids\":{\"limit\":-1}}", "TasksMax:t=" INF ";" },
		{ "{\"blockIO\":{\"weight\":300}}", "IOWeight:t=2930;" },
		{ "{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,"
		  "\"weight\":300}]}}",
		  "" },
		{ "{\"unified\":{\"memory.high\":\"4096\",\"memory.min\":"
		  "\"max\",\"cpu.max\":\"max 20000\",\"cpuset.cpus\":\"3\","
		  "\"pids.max\":\" 9\\n\",\"memory.oom.group\":\"1\"}}",
		  "MemoryHigh:t=4096;MemoryMin:t>=240=" INF
		  ";CPUQuotaPeriodUSec:t>=242=20000;CPUQuotaPerSecUSec:t=" INF
		  ";AllowedCPUs:ay>=244=1,8;TasksMax:t=9;" },
		/* what is no plain number is the kernel's to understand */
		{ "{\"unified\":{\"memory.max\":\"1G\",\"cpu.max\":\"x\","
		  "\"cpuset.cpus\":\"a\"}}",
		  "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		expect(cg_settings_v2, t[i].json, t[i].want);
}

static void settings_of_v1(void **state)
{
	static const struct {
		const char *json, *want;
	} t[] = {
		{ "{\"memory\":{\"limit\":8192,\"swap\":10240}}",
		  "MemoryLimit:t=8192;" },
		{ "{\"memory\":{\"limit\":-1}}", "MemoryLimit:t=" INF ";" },
		{ "{\"cpu\":{\"shares\":512,\"quota\":25500,\"period\":50000}}",
		  "CPUShares:t=512;CPUQuotaPeriodUSec:t>=242=50000;"
		  "CPUQuotaPerSecUSec:t=510000;" },
		{ "{\"cpu\":{\"quota\":20000}}",
		  "CPUQuotaPeriodUSec:t>=242=100000;"
		  "CPUQuotaPerSecUSec:t=200000;" },
		{ "{\"cpu\":{\"period\":20000}}",
		  "CPUQuotaPeriodUSec:t>=242=20000;"
		  "CPUQuotaPerSecUSec:t=" INF ";" },
		{ "{\"cpu\":{\"cpus\":\"8\"},\"pids\":{\"limit\":7}}",
		  "AllowedCPUs:ay>=244=2,0,1;TasksMax:t=7;" },
		{ "{\"blockIO\":{\"weight\":300,\"weightDevice\":[{\"major\":8,"
		  "\"minor\":0,\"weight\":20}]}}",
		  "BlockIOWeight:t=300;" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		expect(cg_settings_v1, t[i].json, t[i].want);
}

static void ranges_are_bits(void **state)
{
	uint8_t bits[4];

	assert_int_equal(unit_range_bits("0,31", bits, sizeof(bits)), 4);
	assert_int_equal(bits[0], 1);
	assert_int_equal(bits[3], 0x80);
	assert_int_equal(unit_range_bits("32", bits, sizeof(bits)), 0);
	assert_int_equal(unit_range_bits("3-1", bits, sizeof(bits)), 0);
	assert_int_equal(unit_range_bits("", bits, sizeof(bits)), 0);
	assert_int_equal(unit_range_bits("0-", bits, sizeof(bits)), 0);
}

#define DEFAULTS                                                         \
	"char-*,m,block-*,m,/dev/char/1:3,rwm,/dev/char/1:8,rwm,"        \
	"/dev/char/1:7,rwm,/dev/char/5:0,rwm,/dev/char/1:5,rwm,"         \
	"/dev/char/1:9,rwm,char-136,rwm,/dev/char/5:2,rwm,/dev/char/10:" \
	"200,rwm;"

static void devices(const char *json, bool lost, const char *want)
{
	struct sd_props l = { .arena = &arena };
	struct cg_device_rules rules;

	assert_int_equal(cg_device_rules(&arena, parse(json), &rules), 0);
	assert_int_equal(unit_devices(&rules, &l), lost);
	assert_string_equal(as_text(&l), want);
}

static void device_rules(void **state)
{
	devices("{}", false,
		"DevicePolicy:s=strict;DeviceAllow:a(ss)=0;"
		"DeviceAllow:a(ss)=11," DEFAULTS);
	devices("{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]}", false,
		"DevicePolicy:s=auto;DeviceAllow:a(ss)=0;");
	/* the default list allows it again */
	devices("{\"devices\":[{\"allow\":true,\"access\":\"rwm\"},"
		"{\"allow\":false,\"type\":\"c\",\"major\":1,\"minor\":3,"
		"\"access\":\"rwm\"}]}",
		false, "DevicePolicy:s=auto;DeviceAllow:a(ss)=0;");
	devices("{\"devices\":[{\"allow\":true,\"access\":\"rwm\"},"
		"{\"allow\":false,\"type\":\"b\",\"major\":8,\"access\":"
		"\"w\"}]}",
		true, "DevicePolicy:s=strict;DeviceAllow:a(ss)=0;");
	devices("{\"devices\":[{\"allow\":true,\"type\":\"b\",\"major\":8,"
		"\"minor\":1,\"access\":\"rw\"},{\"allow\":false,\"type\":"
		"\"b\",\"major\":8,\"access\":\"w\"},{\"allow\":true,"
		"\"type\":\"c\",\"minor\":3,\"access\":\"r\"}]}",
		false,
		"DevicePolicy:s=strict;DeviceAllow:a(ss)=0;"
		"DeviceAllow:a(ss)=12,/dev/block/8:1,r," DEFAULTS);
}

/* --- annotations -------------------------------------------------------- */

static int annotate(const char *name, const char *value, struct sd_props *l)
{
	struct kv kv[] = {
		{ (char *)"com.example", (char *)"x" },
		{ arena_printf(&arena, "org.systemd.property.%s", name),
		  (char *)value },
	};
	struct kv_list list = { kv, ARRAY_SIZE(kv) };

	return unit_annotations(&list, l);
}

static void annotations_are_properties(void **state)
{
	static const struct {
		const char *name, *value, *want;
	} t[] = {
		{ "TimeoutStopUSec", "uint64 123456789",
		  "TimeoutStopUSec:t=123456789;" },
		{ "TimeoutStopUSec", "5", "TimeoutStopUSec:t=5;" },
		{ "TimeoutStopUSec", "@t 0x10", "TimeoutStopUSec:t=16;" },
		{ "TimeoutStopSec", "int32 3", "TimeoutStopUSec:t=3000000;" },
		{ "TimeoutStopSec", "1.5", "TimeoutStopUSec:t=1500000;" },
		/* no lower case letter before Sec: it is part of the name */
		{ "CPUQuotaPerSecUSec", "uint64 10000",
		  "CPUQuotaPerSecUSec:t=10000;" },
		{ "CollectMode", "'inactive-or-failed'",
		  "CollectMode:s=inactive-or-failed;" },
		{ "CollectMode", " string \"a\\\"b\\\\\" ",
		  "CollectMode:s=a\"b\\;" },
		{ "KillSignal", "-1", "KillSignal:i=-1;" },
		{ "SendSIGHUP", "true", "SendSIGHUP:b=1;" },
		{ "SendSIGHUP", "boolean false", "SendSIGHUP:b=0;" },
		{ "After", "['a.service', \"b.service\"]",
		  "After:as=2,a.service,b.service;" },
		{ "After", "@as []", "After:as=0;" },
		{ "AllowedCPUs", "[byte 0x3,1]", "AllowedCPUs:ay=2,3,1;" },
		{ "IOReadBandwidthMax", "[('/dev/sda', uint64 7),('b',8)]",
		  "IOReadBandwidthMax:a(st)=2,/dev/sda,7,b,8;" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct sd_props l = { .arena = &arena };

		if (annotate(t[i].name, t[i].value, &l) < 0)
			fail_msg("%s", err_get());
		assert_string_equal(as_text(&l), t[i].want);
	}
}

static void other_annotations_are_refused(void **state)
{
	static const struct {
		const char *name, *value, *text;
	} t[] = {
		{ "ab", "1", "name incorrect: too short" },
		{ "A1b", "1", "name incorrect: contains unexpected character" },
		{ "ExecStopPost", "''", "may set" },
		{ "Slice", "'x.slice'", "may set" },
		{ "Sec", "1", "may set" },
		{ "TimeoutStopUSec", "", "value parse error" },
		{ "TimeoutStopUSec", "'5'", "value parse error" },
		{ "TimeoutStopUSec", "int32 5", "type is not that" },
		{ "TimeoutStopUSec", "-5", "out of range" },
		{ "TimeoutStopUSec", "5 6", "more than one value" },
		{ "TimeoutStopUSec", "99999999999999999999", "not a number" },
		{ "TimeoutStopSec", "true", "not a number" },
		{ "TimeoutStopSec", "string '1'", "not a number" },
		{ "TimeoutStopSec", "-1", "not a number" },
		{ "TimeoutStopSec", "1e300", "not a number" },
		{ "TimeoutStopSec", "nan", "not a number" },
		{ "KillSignal", "3000000000", "out of range" },
		{ "SendSIGHUP", "yes", "neither true nor false" },
		{ "CollectMode", "inactive", "needs quotes" },
		{ "CollectMode", "'inactive", "has no end" },
		{ "CollectMode", "'x\\", "has no end" },
		{ "After", "'a'", "a list needs" },
		{ "After", "['a' 'b']", "value parse error" },
		{ "After", "['a',]", "value parse error" },
		{ "After", "['a'", "value parse error" },
		{ "After", "[", "value parse error" },
		{ "After", "[5]", "needs quotes" },
		{ "IOReadBandwidthMax", "[('a')]", "value parse error" },
		{ "IOReadBandwidthMax", "[('a',1,2)]", "value parse error" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct sd_props l = { .arena = &arena };

		if (annotate(t[i].name, t[i].value, &l) == 0)
			fail_msg("%s=%s was taken", t[i].name, t[i].value);
		if (!strstr(err_get(), t[i].text))
			fail_msg("\"%s\" is not in \"%s\"", t[i].text,
				 err_get());
	}
}

/* --- bytes -------------------------------------------------------------- */

static void requests_survive_their_way(void **state)
{
	_cleanup_buf_ struct buf b = { 0 }, again = { 0 };
	struct sd_props l = { .arena = &arena }, back;
	struct sd_request q = { .verb = SD_START,
				.address = "unix:path=/x",
				.unit = "a.scope" };
	struct sd_request r;

	sd_prop1(&l, 0, "S", "s", "%s", "");
	sd_prop1(&l, 244, "A", "a(st)", "2");
	sd_part(&l, "x");
	sd_part(&l, "1");
	sd_part(&l, "y");
	sd_part(&l, "2");
	for (int i = 0; i < 100; i++) {
		if (i == 0)
			sd_prop1(&l, 0, "Y", "ay", "100");
		sd_part(&l, "%d", i);
	}
	q.props = l.v;
	q.n_props = l.n;
	sd_put_request(&b, &q);
	assert_int_equal(sd_get_request(&arena, b.data, b.len, &r), 0);
	assert_int_equal(r.verb, SD_START);
	assert_string_equal(r.address, "unix:path=/x");
	assert_string_equal(r.unit, "a.scope");
	back = (struct sd_props){ .v = (struct sd_prop *)r.props,
				  .n = r.n_props };
	assert_string_equal(as_text(&back), as_text(&l));
	sd_put_request(&again, &r);
	assert_int_equal(again.len, b.len);
	assert_memory_equal(again.data, b.data, b.len);
	/* None of its beginnings is a request. */
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(sd_get_request(&arena, b.data, n, &r),
				 -EBADMSG);
}

static void misfits_are_refused(void **state)
{
	static const struct {
		const char *sig;
		const char *v[4];
	} t[] = {
		{ "", { "1" } },	{ "tt", { "1", "2" } },
		{ "as", { "2", "a" } }, { "as", { "1", "a", "b" } },
		{ "as", { "x" } },	{ "as", { "4000000000" } },
		{ "(st)", { "a" } },	{ "()", { NULL } },
		{ "(s", { "a" } },	{ "z", { "a" } },
		{ "a", { "0" } },	{ "aaaaaaaaaas", { "0" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		_cleanup_buf_ struct buf b = { 0 };
		struct sd_props l = { .arena = &arena };
		struct sd_request q = { .unit = "a" };

		sd_prop(&l, 0, "P", t[i].sig);
		for (size_t k = 0; k < 4 && t[i].v[k]; k++)
			sd_part(&l, "%s", t[i].v[k]);
		q.props = l.v;
		q.n_props = l.n;
		sd_put_request(&b, &q);
		if (sd_get_request(&arena, b.data, b.len, &q) != -EBADMSG)
			fail_msg("%s was taken", t[i].sig);
	}
}

static void replies_survive_their_way(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct sd_reply p = {
		.err = EEXIST, .made = true, .text = "no", .cgroup = "/x"
	};
	struct sd_reply r;

	sd_put_reply(&b, &p);
	assert_int_equal(sd_get_reply(b.data, b.len, &r), 0);
	assert_int_equal(r.err, EEXIST);
	assert_true(r.made);
	assert_string_equal(r.text, "no");
	assert_string_equal(r.version, "");
	assert_string_equal(r.cgroup, "/x");
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(sd_get_reply(b.data, n, &r), -EBADMSG);
	assert_int_equal(sd_get_reply("x: error\n", 9, &r), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(slices_expand, tear_down),
		cmocka_unit_test_teardown(paths_name_units, tear_down),
		cmocka_unit_test_teardown(every_unit_has, tear_down),
		cmocka_unit_test_teardown(settings_of_v2, tear_down),
		cmocka_unit_test_teardown(settings_of_v1, tear_down),
		cmocka_unit_test_teardown(ranges_are_bits, tear_down),
		cmocka_unit_test_teardown(device_rules, tear_down),
		cmocka_unit_test_teardown(annotations_are_properties, tear_down),
		cmocka_unit_test_teardown(other_annotations_are_refused,
					  tear_down),
		cmocka_unit_test_teardown(requests_survive_their_way, tear_down),
		cmocka_unit_test_teardown(misfits_are_refused, tear_down),
		cmocka_unit_test_teardown(replies_survive_their_way, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
