/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration leaves open is said. */
#include "plan_fixture.h"

static char *audit_of(const char *json)
{
	struct str_list l = { 0 };
	struct buf out = { 0 };
	struct fixture f;

	fixture_init(&f);
	assert_int_equal(fixture_parse(&f, json, strlen(json)), 0);
	assert_int_equal(plan_audit(&f.a, f.spec, &f.plan, &l), 0);
	for (size_t i = 0; i < l.n; i++)
		buf_printf(&out, "%s\n", l.v[i]);
	fixture_free(&f);
	return out.data ? buf_steal(&out) : strdup("");
}

static void test_everything_open(void **state)
{
	_cleanup_free_ char *text = audit_of(CONFIG(
		",\"capabilities\":{\"bounding\":[\"CAP_SYS_ADMIN\","
		"\"CAP_NET_ADMIN\",\"CAP_CHOWN\"]}",
		NS_MNT,
		",\"resources\":{\"devices\":[{\"allow\":true,\"access\":"
		"\"rwm\"}]}",
		",\"mounts\":[{\"destination\":\"/h\",\"type\":\"bind\","
		"\"source\":\"/srv\",\"options\":[\"rbind\",\"rshared\"]},"
		"{\"destination\":\"/d\",\"type\":\"bind\",\"source\":"
		"\"/run/docker.sock\",\"options\":[\"ro\"]},"
		"{\"destination\":\"/e\",\"type\":\"bind\",\"source\":"
		"\"/etc\",\"options\":[\"ro\"]},"
		"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":"
		"\"sysfs\"}]"));

	assert_order(text, "no seccomp filter", "noNewPrivileges is off",
		     "CAP_SYS_ADMIN can be had", "CAP_NET_ADMIN can be had",
		     "root of the host", "neither an AppArmor profile",
		     "pid namespace is shared", "network namespace is shared",
		     "ipc namespace is shared", "uts namespace is shared",
		     "cgroup namespace is shared", "Memory has no limit",
		     "number of processes has no limit", "every block device",
		     "root file system is writable",
		     "mounts[0]: /srv of the host can be written at /h.",
		     "mounts[0]: mounts made below /h reach the host.",
		     "mounts[1]: /run/docker.sock controls a container engine",
		     "mounts[2]: /etc of the host can be read at /e.",
		     "mounts[3]: sysfs at /sys is writable.",
		     "Neither masked nor read-only: /proc/kcore, ", NULL);
	assert_lacks(text, "CAP_CHOWN");
}

static void test_closed(void **state)
{
	static const char head[] =
		"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"/r\","
		"\"readonly\":true},";
	const char *rest = strstr(
		CONFIG(",\"noNewPrivileges\":true,\"apparmorProfile\":\"p\","
		       "\"capabilities\":{\"bounding\":[\"CAP_NET_ADMIN\"]}",
		       NS_MNT NS("pid") NS("network") NS("ipc") NS("uts")
			       NS("cgroup") NS("user"),
		       MAPS ",\"seccomp\":{\"defaultAction\":"
			    "\"SCMP_ACT_ERRNO\"},\"resources\":{\"memory\":"
			    "{\"limit\":1000000},\"unified\":{\"pids.max\":"
			    "\"10\"},\"devices\":[{\"allow\":true},"
			    "{\"allow\":false,\"access\":\"rwm\"},{\"allow\":"
			    "true,\"type\":\"c\",\"major\":-1,\"access\":"
			    "\"m\"}]},\"maskedPaths\":[\"/proc/kcore\","
			    "\"/proc/keys\",\"/proc/timer_list\","
			    "\"/proc/acpi\",\"/proc/scsi\",\"/sys/firmware\"],"
			    "\"readonlyPaths\":[\"/proc/sys\",\"/proc/bus\","
			    "\"/proc/sysrq-trigger\",\"/proc/irq\","
			    "\"/proc/fs\"]",
		       ",\"mounts\":[{\"destination\":\"/m\",\"type\":"
		       "\"bind\",\"source\":\"/srv/x\",\"options\":"
		       "[\"ro\"]}]"),
		"\"process\"");
	_cleanup_free_ char *json = NULL, *text = NULL;

	assert_true(asprintf(&json, "%s%s", head, rest) > 0);
	text = audit_of(json);
	assert_string_equal(text, "");
}

static void test_root_of_the_host_by_a_map(void **state)
{
	_cleanup_free_ char *text = audit_of(
		CONFIG("", NS_MNT NS("user"),
		       ",\"uidMappings\":[{\"containerID\":5,\"hostID\":0,"
		       "\"size\":1}],\"gidMappings\":[{\"containerID\":0,"
		       "\"hostID\":1,\"size\":1}]",
		       ""));

	assert_has(text, "maps uid 5 to root of the host");
}

static void test_what_the_parent_does(void **state)
{
	const char *json = CONFIG(
		",\"oomScoreAdj\":7,\"rlimits\":[{\"type\":\"RLIMIT_CORE\","
		"\"soft\":1,\"hard\":2}]",
		NS_MNT NS("user"),
		MAPS ",\"cgroupsPath\":\"/a b\",\"resources\":{\"memory\":"
		     "{\"limit\":4096}}",
		",\"hooks\":{\"poststop\":[{\"path\":\"/ps\"}],"
		"\"prestart\":[{\"path\":\"/pre\"}]}");
	_cleanup_buf_ struct buf out = { 0 };
	struct str_list l = { 0 };
	struct fixture f;

	fixture_init(&f);
	assert_int_equal(fixture_parse(&f, json, strlen(json)), 0);
	assert_int_equal(plan_parent(&f.a, f.spec, &l), 0);
	for (size_t i = 0; i < l.n; i++)
		buf_printf(&out, "%s\n", l.v[i]);
	assert_order(buf_str(&out), "cgroup: \"/a b\"\n",
		     "cgroup: memory.max = 4096\n",
		     "cgroup: devices deny a *:* rwm\n",
		     "namespaces: uid_map 0 1000 10\n",
		     "process: oom_score_adj = 7\n",
		     "rlimits: RLIMIT_CORE soft=1 hard=2\n",
		     "runtime-hooks: hooks.prestart[0] /pre\n",
		     "after delete: hooks.poststop[0] /ps\n", NULL);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_open),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_root_of_the_host_by_a_map),
		cmocka_unit_test(test_what_the_parent_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
