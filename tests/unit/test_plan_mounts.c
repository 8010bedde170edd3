/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts, devices and paths of the builder. */
#include "plan_fixture.h"

#define MOUNT(dest, type, source, options)                     \
	"{\"destination\":\"" dest "\",\"type\":\"" type "\"," \
	"\"source\":\"" source "\",\"options\":[" options "]}"
#define MOUNTS(list) CONFIG("", NS_MNT, "", ",\"mounts\":[" list "]")
#define MOUNTS_OF(ns, linux_more, list) \
	CONFIG("", ns, linux_more, ",\"mounts\":[" list "]")

static void test_file_systems(void **state)
{
	_cleanup_free_ char *text =
		plan_of(MOUNTS(MOUNT("/proc", "proc", "proc", "") "," MOUNT(
			"/dev", "tmpfs", "tmpfs",
			"\"nosuid\",\"strictatime\",\"mode=755\",\"size="
			"65536k\"") "," MOUNT("/dev/pts", "devpts", "devpts",
					      "\"noexec\",\"newinstance\","
					      "\"gid=5\"") "," MOUNT("/dev/"
								     "mqueue",
								     "mqueue",
								     "mqueue",
								     "\"nodev"
								     "\"") "," MOUNT("/sys",
										     "sysfs",
										     "sysfs",
										     "\"ro\",\"rslave\"") "," MOUNT("/t",
														    "tmpfs",
														    "t",
														    "\"sync\",\"dirsync\"")));

	assert_order(
		text, "proc proc on /proc : real-directory\n",
		"tmpfs tmpfs on /dev nosuid,strictatime,mode=755,size=65536k\n",
		"devpts devpts on /dev/pts noexec,newinstance,gid=5\n",
		"mqueue mqueue on /dev/mqueue nodev\n",
		"sysfs sysfs on /sys ro,rslave : real-directory,or-bind-/sys\n",
		"tmpfs t on /t sync,dirsync : keep-mode\n", NULL);
}

static void test_bind_mounts(void **state)
{
	_cleanup_free_ char *text = plan_of(
		MOUNTS(MOUNT("/a", "bind", "/src", "\"ro\",\"rprivate\"") "," MOUNT("/b", "none", "rel/dir", "\"rbind\",\"nosuid\",\"rro\"") "," MOUNT(
			"/c", "", "/x",
			"\"bind\",\"rw\",\"exec\",\"suid\"") "," MOUNT("d", "",
								       "/x",
								       "\"bind"
								       "\","
								       "\"src-"
								       "nofollo"
								       "w\"") "," MOUNT("/a",
											"bind",
											"",
											"\"remount\",\"noexec\"")));

	assert_order(text, "/src on /a ro,rprivate : bind\n",
		     "/bundle/rel/dir on /b nosuid,rro : bind,recursive\n",
		     "/x on /c rw,suid,exec : bind\n",
		     "/x on /d : bind,source-nofollow\n",
		     "/a noexec : bind,remount\n", NULL);
}

static void test_relative_destination_is_told(void **state)
{
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, MOUNTS(MOUNT("d", "bind", "/x", "")));
	assert_int_equal(f.plan.warnings.n, 1);
	assert_has(f.plan.warnings.v[0], "destination d is not absolute");
	fixture_free(&f);
}

static void test_readonly_comes_late(void **state)
{
	_cleanup_free_ char *text = plan_of(
		MOUNTS(MOUNT("/dev", "devtmpfs", "d", "\"ro\"") "," MOUNT(
			"t", "tmpfs", "t",
			"\"rro\",\"tmpcopyup\"") "," MOUNT("/x", "ext4",
							   "/dev/sdz",
							   "\"ro\"")));

	assert_order(text, "devtmpfs d on /dev ro : read-only-later\n",
		     "tmpfs t on /t ro : copyup,read-only-later,keep-mode\n",
		     "ext4 /dev/sdz on /x ro\n", "pivot", "remount-ro",
		     "mounts[0]                /dev\n", "remount-ro",
		     "mounts[1]                /t\n", NULL);
	assert_lacks(text, "mounts[2]                /x");
}

/* --- propagation --- */

static void test_propagation(void **state)
{
	static const struct {
		const char *word, *first, *last;
	} words[] = {
		{ "shared", "/ rshared\n", "/ shared\n" },
		{ "rshared", "/ rshared\n", "/ rshared\n" },
		{ "slave", "/ rslave\n", "/ slave\n" },
		{ "private", "/ rprivate\n", "/ private\n" },
		{ "rprivate", "/ rprivate\n", "/ rprivate\n" },
		{ "unbindable", "/ rslave\n", "/ unbindable\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		_cleanup_free_ char *json = NULL, *text = NULL;

		assert_true(asprintf(&json,
				     CONFIG("", NS_MNT,
					    ",\"rootfsPropagation\":\"%s\"", ""),
				     words[i].word) > 0);
		text = plan_of(json);
		assert_order(text, "propagation ", words[i].first, "pivot",
			     "root-propagation", words[i].last, NULL);
	}
}

static void test_shared_binds_only_where_asked(void **state)
{
	_cleanup_free_ char *text = plan_of(
		MOUNTS_OF(NS_MNT, ",\"rootfsPropagation\":\"rshared\"",
			  MOUNT("/a", "bind", "/src", "") "," MOUNT(
				  "/b", "bind", "/src", "\"rshared\"")));

	assert_order(text, "/src on /a rslave : bind\n",
		     "/src on /b rshared : bind\n", NULL);
}

/* --- id mapping, labels --- */

static void test_idmap(void **state)
{
	struct fixture f;

	fixture_init(&f);
	fixture_plan(
		&f, MOUNTS_OF(NS_MNT NS("user"), MAPS,
			      "{\"destination\":\"/a\",\"source\":\"/s\","
			      "\"options\":[\"bind\"],\"uidMappings\":[{"
			      "\"containerID\":0,\"hostID\":5,\"size\":1}],"
			      "\"gidMappings\":[{\"containerID\":0,"
			      "\"hostID\":5,\"size\":1}]}," MOUNT(
				      "/b", "", "/s", "\"rbind\",\"ridmap\"")));
	assert_order(buf_str(&f.text), "/s on /a rslave idmapped",
		     "/s on /b rslave idmapped from passed-tree : "
		     "bind,recursive,idmap-recursive",
		     NULL);
	assert_int_equal(f.plan.fds.v[1].kind, PFD_USERNS_MAP);
	assert_int_equal(f.plan.fds.v[1].uid_maps->v[0].host_id, 5);
	assert_int_equal(f.plan.fds.v[3].uid_maps->v[0].host_id, 1000);
	fixture_free(&f);
}

/* --- cgroups --- */

#define CGROUP MOUNT("/sys/fs/cgroup", "cgroup", "cgroup", "\"ro\",\"nosuid\"")

static void test_cgroup_v2(void **state)
{
	_cleanup_free_ char *shared = plan_of(MOUNTS(CGROUP));
	_cleanup_free_ char *own =
		plan_of(MOUNTS_OF(NS_MNT NS("cgroup"), "", CGROUP));

	assert_has(shared, "cgroup2 /sys/fs/cgroup on /sys/fs/cgroup "
			   "ro,nosuid : or-bind,optional");
	assert_has(own, "cgroup2 /sys/fs/cgroup/tare/ID on /sys/fs/cgroup "
			"ro,nosuid : or-bind,optional");
}

static void hybrid(struct fixture *f)
{
	static const struct plan_cgroup groups[] = {
		{ "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", "/tare/ID" },
		{ "name=systemd", "/sys/fs/cgroup/systemd", "/tare/ID" },
		{ "", "/sys/fs/cgroup/unified", "/tare/ID" },
	};

	fixture_init(f);
	f->host.cgroup_mode = 2;
	f->host.cgroups.v = arena_memdup(&f->a, groups, sizeof(groups));
	f->host.cgroups.n = ARRAY_SIZE(groups);
}

static void test_cgroup_v1(void **state)
{
	struct fixture f;

	hybrid(&f);
	fixture_plan(&f, MOUNTS(CGROUP));
	assert_order(buf_str(&f.text),
		     "tmpfs tmpfs on /sys/fs/cgroup nosuid,mode=755\n",
		     "/sys/fs/cgroup/cpu,cpuacct/tare/ID on "
		     "/sys/fs/cgroup/cpu,cpuacct ro,nosuid : bind,optional\n",
		     "/sys/fs/cgroup/systemd/tare/ID on "
		     "/sys/fs/cgroup/systemd ro,nosuid : bind,optional\n",
		     "cgroup2 /sys/fs/cgroup/unified on "
		     "/sys/fs/cgroup/unified",
		     "symlink", "/sys/fs/cgroup/cpu -> cpu,cpuacct\n",
		     "/sys/fs/cgroup/cpuacct -> cpu,cpuacct\n", "remount-ro",
		     "/sys/fs/cgroup\n", NULL);
	fixture_free(&f);
}

static void test_cgroup_v1_namespace(void **state)
{
	struct fixture f;

	hybrid(&f);
	fixture_plan(&f, MOUNTS_OF(NS_MNT NS("cgroup"), "", CGROUP));
	assert_order(
		buf_str(&f.text),
		"cgroup /sys/fs/cgroup/cpu,cpuacct/tare/ID on "
		"/sys/fs/cgroup/cpu,cpuacct ro,nosuid,cpu,cpuacct : or-bind",
		NULL);
	fixture_free(&f);
}

/* --- devices --- */

static void test_devices(void **state)
{
	_cleanup_free_ char *text = plan_of(CONFIG(
		"", NS_MNT,
		",\"devices\":[{\"path\":\"/dev/../dev/null\",\"type\":\"c\","
		"\"major\":1,\"minor\":3,\"fileMode\":384,\"uid\":7,"
		"\"gid\":8},{\"path\":\"/dev/ptmx\",\"type\":\"c\","
		"\"major\":5,\"minor\":2},{\"path\":\"/dev/b\",\"type\":"
		"\"b\",\"major\":259,\"minor\":300},{\"path\":\"/dev/p\","
		"\"type\":\"p\"}]",
		""));

	assert_lacks(text, "/dev/null c 1:3 0666");
	assert_order(text, "/dev/zero c 1:5 0666 0:0\n",
		     "/dev/tty c 5:0 0666 0:0\n", "/dev/fd -> /proc/self/fd\n",
		     "/dev/core -> /proc/kcore\n",
		     "/dev/../dev/null c 1:3 0600 7:8\n",
		     "/dev/b b 259:300 0666 0:0\n", "/dev/p p 0666 0:0\n", NULL);
	assert_lacks(text, "/dev/ptmx c");
}

static void test_bound_dev_is_left_alone(void **state)
{
	_cleanup_free_ char *text = plan_of(
		MOUNTS_OF(NS_MNT,
			  ",\"devices\":[{\"path\":\"/dev/b\",\"type\":\"b\","
			  "\"major\":1,\"minor\":2}]",
			  MOUNT("/dev", "", "/dev", "\"rbind\",\"ro\"")));

	assert_lacks(text, "symlink");
	assert_lacks(text, "c 1:3");
	assert_has(text, "/dev/b b 1:2");
	assert_lacks(text, "remount-ro");
}

static void test_no_kcore_no_link(void **state)
{
	struct fixture f;

	fixture_init(&f);
	f.host.kcore = false;
	fixture_plan(&f, CONFIG("", NS_MNT, "", ""));
	assert_lacks(buf_str(&f.text), "/dev/core");
	fixture_free(&f);
}

static void test_sysctl_names(void **state)
{
	_cleanup_free_ char *text =
		plan_of(CONFIG("", NS_MNT NS("network"),
			       ",\"sysctl\":{\"net.ipv4.ip_forward\":\"2\","
			       "\"net/ipv4/tcp_syncookies\":\"1\"}",
			       ""));

	assert_order(text, "net/ipv4/ip_forward = 2",
		     "net/ipv4/tcp_syncookies = 1", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_systems),
		cmocka_unit_test(test_bind_mounts),
		cmocka_unit_test(test_relative_destination_is_told),
		cmocka_unit_test(test_readonly_comes_late),
		cmocka_unit_test(test_propagation),
		cmocka_unit_test(test_shared_binds_only_where_asked),
		cmocka_unit_test(test_idmap),
		cmocka_unit_test(test_cgroup_v2),
		cmocka_unit_test(test_cgroup_v1),
		cmocka_unit_test(test_cgroup_v1_namespace),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_bound_dev_is_left_alone),
		cmocka_unit_test(test_no_kcore_no_link),
		cmocka_unit_test(test_sysctl_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
