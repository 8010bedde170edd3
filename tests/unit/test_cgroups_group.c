/* SPDX-License-Identifier: Apache-2.0 */
/* Naming a group (pure), and the life of a real one where that is allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "cgroups/cgroups.h"

static struct arena arena;

static int tear_down(void **state)
{
	arena_free(&arena);
	return 0;
}

/* --- names -------------------------------------------------------------- */

static struct cg_host v1 = {
	.mode = CG_HYBRID,
	.n = 3,
	.v = { { (char *)"memory", (char *)"/cg/memory", (char *)"/own/m" },
	       { (char *)"cpu,cpuacct", (char *)"/cg/cpu,cpuacct", (char *)"/" },
	       { (char *)"", (char *)"/cg/unified", (char *)"/own/u" } },
};

static void paths_are_below_the_mounts(void **state)
{
	static const struct {
		const char *path, *memory, *unified;
	} t[] = {
		{ NULL, "/cg/memory/id", "/cg/unified/id" },
		{ "", "/cg/memory/id", "/cg/unified/id" },
		{ "/a/b", "/cg/memory/a/b", "/cg/unified/a/b" },
		{ "/a//b/../c/.", "/cg/memory/a/c", "/cg/unified/a/c" },
		{ "x", "/cg/memory/own/m/x", "/cg/unified/own/x" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct cg_record r;

		if (cg_decide(&arena, &v1, CG_CGROUPFS, t[i].path, "id", NULL,
			      &r))
			fail_msg("%s", err_get());
		assert_int_equal(r.mode, CG_HYBRID);
		assert_int_equal(r.paths.n, 3);
		assert_string_equal(r.paths.v[0].value, t[i].memory);
		assert_string_equal(r.paths.v[1].key, "cpu,cpuacct");
		assert_string_equal(r.paths.v[2].value, t[i].unified);
		assert_false(r.ignore_errors);
	}
}

static void no_path_leads_out(void **state)
{
	static const char *const bad[] = { "/..",  "/../x",	"/a/../../x",
					   "..",   "a/../../x", "/",
					   "/a/.." };
	struct cg_record r;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (cg_decide(&arena, &v1, CG_CGROUPFS, bad[i], "id", NULL,
			      &r) == 0)
			fail_msg("%s gives %s", bad[i], r.paths.v[0].value);
}

static void other_drivers(void **state)
{
	struct cg_host rootless = v1;
	struct cg_record r;
	struct cg *g = NULL;

	assert_true(cg_decide(&arena, &v1, CG_SYSTEMD, "/a/b", "id", NULL, &r) <
		    0);
	assert_string_equal(err_get(),
			    "expected cgroupsPath to be of format "
			    "\"slice:prefix:name\" for systemd cgroups, got "
			    "\"/a/b\" instead");
	assert_true(cg_decide(&arena, &v1, CG_SYSTEMD, "a.slice:b:c", "id",
			      NULL, &r) < 0);
	if (access("/run/systemd/system", F_OK) < 0)
		assert_string_equal(err_get(),
				    "systemd not running on this host, cannot "
				    "use systemd cgroups manager");
	/* No group at all: everything works, nothing is there. */
	assert_int_equal(
		cg_decide(&arena, &v1, CG_DISABLED, "/a", "id", NULL, &r), 0);
	assert_int_equal(r.paths.n, 0);
	assert_int_equal(cg_create(&v1, &r, NULL, &g), 0);
	assert_int_equal(cg_clone_fd(g), -EBADF);
	assert_int_equal(cg_adopt(g, getpid()), 0);
	assert_int_equal(cg_remove(&r, 0), 0);
	cg_close(g);
	rootless.rootless = true;
	assert_int_equal(cg_decide(&arena, &rootless, CG_CGROUPFS, NULL, "id",
				   NULL, &r),
			 0);
	assert_true(r.ignore_errors);
	assert_int_equal(cg_decide(&arena, &rootless, CG_CGROUPFS, "/x", "id",
				   NULL, &r),
			 0);
	assert_false(r.ignore_errors);
}

/* --- a real group ------------------------------------------------------- */

static struct cg_host host;
static struct cg_record rec;
static struct cg *group;

static int make_group(void **state)
{
	static unsigned int n;
	struct oci_resources none = { .memory = NULL };
	char path[80];

	group = NULL;
	snprintf(path, sizeof(path), "/tare-unit-test-%d-%u", getpid(), n++);
	if (geteuid() != 0 || cg_host_detect(&arena, false, &host) < 0 ||
	    cg_decide(&arena, &host, CG_CGROUPFS, path, "id", NULL, &rec) < 0 ||
	    cg_create(&host, &rec, &none, &group) < 0)
		group = NULL;
	return 0;
}

static int drop_group(void **state)
{
	if (group) {
		cg_close(group);
		assert_int_equal(cg_remove(&rec, 5000), 0);
	}
	return tear_down(state);
}

/* A process (with children) in the group that waits to be killed. */
static pid_t start(unsigned int children)
{
	int ready[2], go[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)!read(go[0], &c, 1);
		while (children-- > 0)
			if (fork() == 0)
				for (;;)
					pause();
		(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	if (cg_adopt(group, pid) < 0)
		fail_msg("%s", err_get());
	assert_int_equal(write(go[1], "", 1), 1);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
	close(go[1]);
	return pid;
}

static void all_processes_are_found_and_killed(void **state)
{
	struct cg_pid_list l;
	struct cg *again = NULL;
	size_t n = 0;
	int status;
	pid_t pid;

	if (!group)
		skip();
	pid = start(3);
	assert_int_equal(cg_pids(group, &arena, &l), 0);
	assert_int_equal(l.n, 4);
	assert_true(l.v[0] == pid || l.v[1] == pid || l.v[2] == pid ||
		    l.v[3] == pid);
	/* Not another container's group. */
	assert_int_equal(cg_create(&host, &rec, NULL, &again), -EBUSY);
	assert_non_null(strstr(err_get(), "container's cgroup is not empty: 4 "
					  "process(es) found"));
	assert_int_equal(cg_remove(&rec, 0), -EBUSY);
	assert_int_equal(cg_signal_all(group, SIGKILL, &n), 0);
	assert_int_equal(n, 4);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(cg_remove(&rec, 5000), 0);
	assert_int_equal(cg_remove(&rec, 0), 0);
	assert_int_equal(cg_open(&rec, &again), -ENOENT);
}

static void the_frozen_die_too(void **state)
{
	size_t n;
	pid_t pid;

	if (!group)
		skip();
	pid = start(1);
	assert_int_equal(cg_frozen(group), 0);
	assert_int_equal(cg_freeze(group), 0);
	assert_int_equal(cg_frozen(group), 1);
	assert_int_equal(cg_thaw(group), 0);
	assert_int_equal(cg_frozen(group), 0);
	assert_int_equal(cg_freeze(group), 0);
	assert_int_equal(cg_signal_all(group, SIGKILL, &n), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void groups_below_go_first(void **state)
{
	char path[400];
	struct cg *sub = NULL;

	if (!group)
		skip();
	for (size_t i = 0; i < rec.paths.n; i++) {
		snprintf(path, sizeof(path), "%s/a", rec.paths.v[i].value);
		assert_int_equal(mkdir(path, 0755), 0);
		snprintf(path, sizeof(path), "%s/a/b", rec.paths.v[i].value);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	assert_int_equal(cg_open_sub(&rec, NULL, "/a/b", &sub), 0);
	assert_non_null(sub);
	cg_close(sub);
	sub = NULL;
	assert_true(cg_open_sub(&rec, NULL, "../x", &sub) < 0);
	assert_true(cg_open_sub(&rec, NULL, "/no", &sub) < 0);
	assert_int_equal(cg_remove(&rec, 0), 0);
	assert_int_equal(access(rec.paths.v[0].value, F_OK), -1);
}

static void a_failure_leaves_nothing(void **state)
{
	struct oci_cpu cpu = { .cpus = (char *)"70000" };
	struct oci_resources res = { .cpu = &cpu };
	struct cg *g = NULL;

	if (!group)
		skip();
	assert_int_equal(cg_remove(&rec, 0), 0);
	assert_true(cg_create(&host, &rec, &res, &g) < 0);
	assert_non_null(strstr(err_get(), "linux.resources.cpu.cpus"));
	assert_non_null(strstr(err_get(), "70000"));
	for (size_t i = 0; i < rec.paths.n; i++)
		assert_int_equal(access(rec.paths.v[i].value, F_OK), -1);
}

static void stats_are_json(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };

	if (!group)
		skip();
	assert_int_equal(cg_stats_json(group, "{\"x\":1}", &b), 0);
	assert_true(str_starts(buf_str(&b), "{\"cpu\":{"));
	assert_true(str_ends(buf_str(&b), ",\"intel_rdt\":{\"x\":1},"
					  "\"network_interfaces\":null}"));
	assert_null(strstr(buf_str(&b), ",,"));
	assert_null(strstr(buf_str(&b), "{,"));
	assert_null(strstr(buf_str(&b), ",}"));
}

#define REAL(f) cmocka_unit_test_setup_teardown(f, make_group, drop_group)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(paths_are_below_the_mounts, tear_down),
		cmocka_unit_test_teardown(no_path_leads_out, tear_down),
		cmocka_unit_test_teardown(other_drivers, tear_down),
		REAL(all_processes_are_found_and_killed),
		REAL(the_frozen_die_too),
		REAL(groups_below_go_first),
		REAL(a_failure_leaves_nothing),
		REAL(stats_are_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
