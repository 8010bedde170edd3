/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a create and of an exec, and what the process gets. */
#include "plan_fixture.h"

static void test_order(void **state)
{
	_cleanup_free_ char *text = plan_of(
		CONFIG(",\"capabilities\":{\"bounding\":[\"CAP_KILL\"]},"
		       "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\","
		       "\"soft\":18446744073709551615,"
		       "\"hard\":18446744073709551615}]",
		       NS_MNT NS("pid") NS("network") NS("uts"),
		       ",\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"},"
		       "\"maskedPaths\":[\"/proc/kcore\"],"
		       "\"readonlyPaths\":[\"/proc/sys\"],"
		       "\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
		       ",\"hostname\":\"h\",\"mounts\":[{\"destination\":"
		       "\"/proc\",\"type\":\"proc\",\"source\":\"proc\"}]"));

	assert_order(text, "clone ", "mount,pid,network,uts", "keyring",
		     "setsid", "propagation", "/ rslave", "root ", "mount ",
		     "device ", "/dev/null c 1:3 0666 0:0", "symlink",
		     "/dev/ptmx -> pts/ptmx", "pivot", "loopback", "hostname",
		     " h\n", "sysctl", "net/ipv4/ip_forward = 1", "readonly ",
		     "/proc/sys", "mask ", "/proc/kcore", "stdio", "affinity",
		     "cpus=all", "umask", "0022", "chdir", "groups", "lookup",
		     "rlimit", "RLIMIT_NOFILE soft=unlimited hard=unlimited",
		     "sync ", "ready", "wait-start", "close-from", " 3\n",
		     "seccomp ", "bounding ", "CAP_KILL", "user ",
		     "capabilities ", "effective=none", "exec ", NULL);
	assert_lacks(text, "fork");
	assert_lacks(text, "no-new-privs");
	assert_lacks(text, "ambient");
}

static void test_filter_comes_last_with_nnp(void **state)
{
	_cleanup_free_ char *text = plan_of(CONFIG(
		",\"noNewPrivileges\":true,"
		"\"capabilities\":{\"ambient\":[\"CAP_KILL\",\"CAP_CHOWN\"],"
		"\"inheritable\":[\"CAP_KILL\"],"
		"\"permitted\":[\"CAP_KILL\"]}",
		NS_MNT, ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
		""));

	assert_order(text, "bounding ", "user ", "capabilities ", "ambient ",
		     "CAP_KILL", "no-new-privs", "seccomp ", "instructions=3",
		     "exec ", NULL);
	/* ambient takes only what is inheritable and permitted */
	assert_lacks(text, "CAP_CHOWN");
}

static void test_absent_capabilities_are_left_alone(void **state)
{
	_cleanup_free_ char *text = plan_of(CONFIG("", NS_MNT, "", ""));

	assert_has(text, "user ");
	assert_lacks(text, "capabilities");
	assert_lacks(text, "bounding");
}

static void test_unknown_capabilities_are_told(void **state)
{
	struct fixture f;

	fixture_init(&f);
	f.host.cap_bounding &= ~(1ULL << 5); /* CAP_KILL */
	fixture_plan(&f, CONFIG(",\"capabilities\":{\"bounding\":["
				"\"CAP_KILL\",\"CAP_CHOWN\",\"CAP_NO\"]}",
				NS_MNT, "", ""));
	assert_int_equal(f.plan.warnings.n, 1);
	assert_string_equal(f.plan.warnings.v[0],
			    "ignoring unknown or unavailable capabilities: "
			    "[CAP_KILL CAP_NO]");
	assert_has(buf_str(&f.text), "capabilities.bounding CAP_CHOWN\n");
	fixture_free(&f);
}

/* --- namespaces --- */

static void test_new_user_namespace(void **state)
{
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, CONFIG(",\"rlimits\":[{\"type\":\"RLIMIT_CORE\","
				"\"soft\":0,\"hard\":0}]",
				NS_MNT NS("user") NS("cgroup"), MAPS,
				",\"mounts\":[{\"destination\":\"/b\","
				"\"source\":\"/src\",\"options\":"
				"[\"rbind\",\"ro\"]}]"));
	assert_true(f.plan.new_userns);
	assert_false(f.plan.late_fork);
	/* cgroup waits until init is in its group */
	assert_order(buf_str(&f.text), "clone ", " user,mount\n", "unshare",
		     " cgroup\n", "sync ", " namespaces\n", "ns-root", "root ",
		     "/r from passed-tree",
		     "/src on /b ro,rslave from passed-tree : bind,recursive",
		     "/dev/null c 1:3 0666 0:0 from /dev/null : bind",
		     "none : unless-denied", "sync ", " rlimits\n", NULL);
	assert_lacks(buf_str(&f.text), "RLIMIT_");
	assert_int_equal(f.plan.fds.n, 3);
	assert_int_equal(f.plan.fds.v[0].kind, PFD_TREE);
	assert_string_equal(f.plan.fds.v[0].path, "/r");
	assert_true(f.plan.fds.v[1].rec);
	assert_int_equal(f.plan.fds.v[2].kind, PFD_START);
	fixture_free(&f);
}

static void test_user_namespace_with_one_joined(void **state)
{
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, CONFIG("",
				NS_MNT NS("user") NS("pid")
					NS_AT("network", "/run/netns/x"),
				MAPS, ""));
	/* nothing comes with the clone: the order matters */
	assert_int_equal(f.plan.clone_flags, 0);
	assert_true(f.plan.late_fork);
	assert_order(buf_str(&f.text), "join ",
		     "linux.namespaces[3]      network of /run/netns/x",
		     "unshare", "user,mount,pid", "sync ", "namespaces",
		     "ns-root", "fork", "setsid", "ready", NULL);
	assert_lacks(buf_str(&f.text), "loopback");
	fixture_free(&f);
}

static void test_joined_user_namespace(void **state)
{
	struct fixture f;
	const char *json = CONFIG(
		"", NS_MNT NS_AT("user", "/u") NS_AT("ipc", "/i"), "", "");

	/* root has rights on all, the namespace's root may have none */
	fixture_init(&f);
	fixture_plan(&f, json);
	assert_order(buf_str(&f.text), " ipc of /i", " user of /u", "ns-root",
		     "unshare", NULL);
	assert_false(f.plan.new_userns);
	f.host.rootless = true;
	fixture_plan(&f, json);
	assert_order(buf_str(&f.text), " user of /u", " ipc of /i", "ns-root",
		     NULL);
	fixture_free(&f);
}

static void test_joined_pid_namespace(void **state)
{
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, CONFIG(",\"capabilities\":{}",
				NS_MNT NS_AT("pid", "/proc/7/ns/pid"), "",
				",\"mounts\":[{\"destination\":\"/proc\","
				"\"type\":\"proc\",\"source\":\"proc\"}]"));
	assert_true(f.plan.late_fork);
	/* what the others of the namespace see has dropped its rights */
	assert_order(buf_str(&f.text), "pid of /proc/7/ns/pid",
		     "proc proc on /proc", "by-child", "capabilities ", "fork",
		     "setsid", "ready", "wait-start", "close-from", "exec ",
		     NULL);
	fixture_free(&f);
}

static void test_time_namespace(void **state)
{
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, CONFIG("", NS_MNT NS("time"),
				",\"timeOffsets\":{\"boottime\":"
				"{\"secs\":5}}",
				""));
	assert_int_equal(f.plan.clone_flags, 0);
	assert_order(buf_str(&f.text), "unshare", "mount,time", "sync ",
		     "namespaces", "fork", "setsid", NULL);
	assert_false(f.plan.new_userns);
	fixture_free(&f);
}

static void test_shared_namespaces(void **state)
{
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, CONFIG("", NS_MNT, "", ""));
	assert_lacks(buf_str(&f.text), "loopback");
	assert_lacks(buf_str(&f.text), "hostname");
	fixture_free(&f);
}

/* --- the process --- */

static void test_environment(void **state)
{
	_cleanup_free_ char *text =
		plan_of(CONFIG(",\"env\":[\"A=1\",\"PATH=/a\",\"AB=2\",\"A=3\","
			       "\"HOME=/h\",\"PATH=/b\"]",
			       NS_MNT, "", ""));

	assert_has(text, "env: AB=2 A=3 HOME=/h PATH=/b\n");
	assert_has(text,
		   "sh in /b by 0:0 : despite-mode\n"); /* the last PATH counts */
	assert_lacks(text, "home ");
}

/* What is found is what the process may execute. */
static void test_lookup_with_the_rights_of_the_process(void **state)
{
	_cleanup_free_ char *all = plan_of(CONFIG("", NS_MNT, "", ""));
	_cleanup_free_ char *none =
		plan_of(CONFIG(",\"capabilities\":{}", NS_MNT, "", ""));
	_cleanup_free_ char *dac =
		plan_of(CONFIG(",\"capabilities\":{\"effective\":"
			       "[\"CAP_DAC_OVERRIDE\"],\"permitted\":"
			       "[\"CAP_DAC_OVERRIDE\"],\"bounding\":[]}",
			       NS_MNT, "", ""));

	assert_has(all, "by 0:0 : despite-mode\n");
	assert_has(none, "by 0:0\n");
	assert_has(dac, "by 0:0 : despite-mode\n");
}

static void test_home(void **state)
{
	_cleanup_free_ char *none = plan_of(CONFIG("", NS_MNT, "", ""));
	_cleanup_free_ char *empty =
		plan_of(CONFIG(",\"env\":[\"HOME=\"]", NS_MNT, "", ""));

	assert_has(none, "uid=0\n");
	assert_has(none, "sh in /usr/local/sbin:");
	assert_has(empty, "uid=0\n");
	assert_lacks(empty, "HOME=");
}

static void test_cwd_of_a_readonly_root(void **state)
{
	char *json = strdup(CONFIG("", NS_MNT, "", ""));
	char *root = strstr(json, "\"path\":\"/r\"");
	_cleanup_free_ char *text = NULL, *ro = NULL;

	assert_true(asprintf(&ro, "%.*s\"path\":\"/r\",\"readonly\":true%s",
			     (int)(root - json), json,
			     root + strlen("\"path\":\"/r\"")) > 0);
	text = plan_of(ro);
	/* made before nothing can be made any more */
	assert_order(text, "chdir ", "make,or-later", "pivot", "root-ro",
		     "chdir ", "/ 0:0 : or-later", NULL);
	free(json);
}

static void test_scheduling(void **state)
{
	_cleanup_free_ char *text = plan_of(CONFIG(
		",\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":5},"
		"\"ioPriority\":{\"class\":\"IOPRIO_CLASS_IDLE\","
		"\"priority\":3},\"execCPUAffinity\":{\"final\":\"1\"}",
		NS_MNT,
		",\"personality\":{\"domain\":\"LINUX32\"},\"memoryPolicy\":"
		"{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-2,4\",\"flags\":"
		"[\"MPOL_F_STATIC_NODES\"]}",
		""));

	assert_order(text, "cpus=all", "policy=3 flags=0 nice=5 priority=0",
		     "idle 3", "LINUX32",
		     "MPOL_BIND MPOL_F_STATIC_NODES nodes=0-2,4", NULL);
}

static void test_labels(void **state)
{
	const char *json = CONFIG(",\"apparmorProfile\":\"p\","
				  "\"selinuxLabel\":\"u:r:t:s0\"",
				  NS_MNT, "", "");
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, json);
	assert_order(buf_str(&f.text), "keyring", "label=u:r:t:s0",
		     "apparmor/exec = \"exec p\"", " exec = u:r:t:s0", NULL);
	f.host.apparmor = f.host.selinux = false;
	fixture_plan(&f, json);
	assert_lacks(buf_str(&f.text), "apparmor/exec");
	assert_lacks(buf_str(&f.text), "u:r:t:s0");
	fixture_free(&f);
}

static void test_terminal(void **state)
{
	struct fixture f;

	fixture_init(&f);
	f.options.terminal_console = true;
	f.options.tty = (struct oci_box){ .height = 3, .width = 4 };
	fixture_plan(&f, CONFIG(",\"terminal\":true,\"consoleSize\":"
				"{\"height\":30,\"width\":100}",
				NS_MNT NS("pid"), "", ""));
	assert_true(f.plan.has_console);
	assert_order(buf_str(&f.text), "setsid", "console",
		     "height=30 width=100 : bind-/dev/console", "pivot", "ctty",
		     "stdio", NULL);
	fixture_plan(&f, CONFIG(",\"terminal\":true", NS_MNT, "", ""));
	assert_has(buf_str(&f.text), "height=3 width=4");
	fixture_free(&f);
}

/* --- hooks --- */

#define HOOKS                                                              \
	",\"hooks\":{\"prestart\":[{\"path\":\"/pre\"}],"                  \
	"\"createContainer\":[{\"path\":\"/cc\",\"args\":[\"a\",\"b c\"]," \
	"\"env\":[\"E=1\"],\"timeout\":2},{\"path\":\"/cc2\"}],"           \
	"\"startContainer\":[{\"path\":\"/sc\"}],"                         \
	"\"poststop\":[{\"path\":\"/ps\"}]}"

static void test_hooks(void **state)
{
	_cleanup_free_ char *text = plan_of(
		CONFIG(",\"env\":[\"P=1\"],\"capabilities\":{},"
		       "\"noNewPrivileges\":true",
		       NS_MNT NS("pid"),
		       ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
		       HOOKS ",\"annotations\":{\"k\":\"v\"}"));

	assert_order(text, "sync ", "runtime-hooks\n",
		     "hooks.createContainer[0] /cc args: a \"b c\" env: E=1 "
		     "timeout_ms=2000\n",
		     "/cc2 args: /cc2 env: PATH=/usr/local/sbin", "pivot",
		     "ready", "wait-start", "capabilities ", "no-new-privs",
		     "hooks.startContainer[0]  /sc args: /sc env: P=1\n",
		     "seccomp ", "exec ", NULL);
	/* those run on the host's side */
	assert_lacks(text, "/pre");
	assert_lacks(text, "/ps");
}

static void test_no_host_hooks_no_waiting(void **state)
{
	_cleanup_free_ char *text = plan_of(CONFIG("", NS_MNT, "", ""));

	assert_lacks(text, "runtime-hooks");
}

/* --- options --- */

static void test_options(void **state)
{
	struct fixture f;

	fixture_init(&f);
	f.options = (struct plan_options){
		.id = "ID",
		.bundle = "/bundle",
		.no_pivot = true,
		.no_new_keyring = true,
		.run = true,
		.preserve = 2,
		.extra_env = { "LISTEN_FDS=2" },
	};
	fixture_plan(&f, CONFIG(",\"env\":[\"A=1\"]", NS_MNT, "", ""));
	assert_order(buf_str(&f.text), "pivot ", ": no-pivot", "ready",
		     "close-from", " 5\n", "env: A=1 LISTEN_FDS=2", NULL);
	assert_lacks(buf_str(&f.text), "wait-start");
	assert_lacks(buf_str(&f.text), "keyring");
	assert_int_equal(f.plan.fds.n, 0);
	fixture_free(&f);
}

static void test_same_bytes(void **state)
{
	struct fixture f, g;
	const char *json = CONFIG(",\"env\":[\"A=1\"]",
				  NS_MNT NS("user") NS("pid"), MAPS, HOOKS);

	fixture_init(&f);
	fixture_init(&g);
	fixture_plan(&f, json);
	fixture_plan(&g, json);
	assert_int_equal(f.plan.block.len, g.plan.block.len);
	assert_memory_equal(f.plan.block.data, g.plan.block.data,
			    f.plan.block.len);
	fixture_free(&f);
	fixture_free(&g);
}

/* --- refused --- */

static void refused(struct fixture *f, const char *json, const char *why)
{
	assert_int_equal(fixture_parse(f, json, strlen(json)), 0);
	assert_int_equal(fixture_create(f), -EINVAL);
	assert_has(err_get(), why);
}

static void test_refused(void **state)
{
	struct fixture f;

	fixture_init(&f);
	refused(&f, CONFIG("", "{\"type\":\"user\"}", MAPS, ""),
		"a mount namespace is needed");
	refused(&f,
		CONFIG("", NS_MNT NS("user"), MAPS,
		       ",\"mounts\":[{\"destination\":\"/dev/pts\",\"type\":"
		       "\"devpts\",\"options\":[\"gid=50\"]}]"),
		"mounts[0].options: cannot specify gid=50 mount option: the "
		"ID is not in linux.gidMappings");
	f.options.no_pivot = true;
	refused(&f,
		CONFIG("", NS_MNT, ",\"rootfsPropagation\":\"rprivate\"", ""),
		"not safe without pivot_root");
	f.options.no_pivot = false;
	f.host.rootless = true;
	refused(&f,
		CONFIG("", NS_MNT NS("user"), MAPS,
		       ",\"mounts\":[{\"destination\":\"/m\",\"source\":"
		       "\"/s\",\"options\":[\"bind\",\"idmap\"]}]"),
		"mounts[0]: id-mapped mounts are not supported");
	fixture_free(&f);
}

static void test_user_must_be_mapped(void **state)
{
	struct fixture f;
	char *json = strdup(CONFIG("", NS_MNT NS("user"), MAPS, ""));
	char *uid = strstr(json, "\"uid\":0");
	_cleanup_free_ char *text = NULL;

	assert_true(asprintf(&text, "%.*s\"uid\":10%s", (int)(uid - json), json,
			     uid + strlen("\"uid\":0")) > 0);
	fixture_init(&f);
	refused(&f, text, "process.user.uid: 10 is not in linux.uidMappings");
	fixture_free(&f);
	free(json);
}

/* --- exec --- */

static void exec_text(struct fixture *f, const char *json, const char *process)
{
	struct seccomp_filter filter;
	struct oci_process *p;

	assert_int_equal(fixture_parse(f, json, strlen(json)), 0);
	assert_int_equal(
		oci_parse_process(&f->a, "p", process, strlen(process), &p), 0);
	filter = fixture_filter(f->spec);
	plan_free(&f->plan);
	f->plan = (struct plan){ 0 };
	assert_int_equal(plan_exec(&f->a, f->spec, p, &f->host, &f->options,
				   &filter, &f->plan),
			 0);
	fixture_text(f);
}

static void test_exec(void **state)
{
	struct fixture f;

	fixture_init(&f);
	exec_text(&f,
		  CONFIG("", NS_MNT NS("pid") NS("user"), MAPS HOOKS,
			 ",\"mounts\":[]"),
		  "{\"args\":[\"ls\"],\"cwd\":\"/w\",\"user\":{\"uid\":5,"
		  "\"gid\":6,\"additionalGids\":[7,8]},\"capabilities\":{},"
		  "\"execCPUAffinity\":{\"initial\":\"0\",\"final\":\"0-1\"}}");
	assert_true(f.plan.late_fork);
	assert_int_equal(f.plan.clone_flags, 0);
	assert_int_equal(f.plan.fds.n, 1);
	assert_int_equal(f.plan.fds.v[0].kind, PFD_INIT_PIDFD);
	/* seen by the container only when it has dropped its rights */
	assert_order(buf_str(&f.text), "join ", "user,mount,pid", "ns-root",
		     "keyring", "stdio", "5:6", "cpus=0-1", "chdir",
		     "/w 5:6 : or-later", "groups", "7,8", "lookup",
		     " by 5:6\n", "close-from", "user ", "5:6", "capabilities ",
		     "fork", "setsid", "exec ", NULL);
	assert_lacks(buf_str(&f.text), "umask"); /* the caller's stays */
	assert_lacks(buf_str(&f.text), "mount ");
	assert_lacks(buf_str(&f.text), "hook");
	assert_lacks(buf_str(&f.text), "ready");
	fixture_free(&f);
}

static void test_exec_without_pid_namespace(void **state)
{
	struct fixture f;

	fixture_init(&f);
	exec_text(&f, CONFIG("", NS_MNT, "", ""),
		  "{\"args\":[\"ls\"],\"cwd\":\"/\",\"user\":{\"umask\":63}}");
	assert_false(f.plan.late_fork);
	assert_has(buf_str(&f.text), "0077");
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_filter_comes_last_with_nnp),
		cmocka_unit_test(test_absent_capabilities_are_left_alone),
		cmocka_unit_test(test_unknown_capabilities_are_told),
		cmocka_unit_test(test_new_user_namespace),
		cmocka_unit_test(test_user_namespace_with_one_joined),
		cmocka_unit_test(test_joined_user_namespace),
		cmocka_unit_test(test_joined_pid_namespace),
		cmocka_unit_test(test_time_namespace),
		cmocka_unit_test(test_shared_namespaces),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_lookup_with_the_rights_of_the_process),
		cmocka_unit_test(test_home),
		cmocka_unit_test(test_cwd_of_a_readonly_root),
		cmocka_unit_test(test_scheduling),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_no_host_hooks_no_waiting),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_user_must_be_mapped),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_exec_without_pid_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
