/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles -> filters: what the program answers, that the small program is the
 * large one, and what the cache believes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "security/seccomp.h"
#include "security/seccomp_priv.h"

#define ERRNO(e) (SECCOMP_RET_ERRNO | (e))
#define X86_64 AUDIT_ARCH_X86_64

static const char *data(const char *name)
{
	static char path[4096];
	const char *src = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/tests/data/%s", src ? src : ".", name);
	return path;
}

static struct oci_seccomp *parse(struct arena *a, const char *text,
				 struct faults *f)
{
	struct oci_seccomp *s = arena_calloc(a, 1, sizeof(*s));

	faults_init(f, a);
	assert_int_equal(
		json_parse(a, text, strlen(text), &oci_seccomp_record, s, f), 0);
	seccomp_check(s, f);
	return s;
}

static struct oci_seccomp *good(struct arena *a, const char *text)
{
	struct faults f;
	struct oci_seccomp *s = parse(a, text, &f);

	if (faults_report(&f, "profile") < 0)
		fail_msg("%s", err_get());
	return s;
}

static struct seccomp_filter compile(struct arena *a, const char *text)
{
	struct seccomp_filter f;

	if (seccomp_compile(a, good(a, text), NULL, &f) < 0)
		fail_msg("%s", err_get());
	return f;
}

static uint32_t ask(const struct seccomp_filter *f, uint32_t arch, uint32_t nr,
		    uint64_t arg0, uint64_t arg1)
{
	struct seccomp_data d = { .nr = (int)nr,
				  .arch = arch,
				  .args = { arg0, arg1 } };
	bool args = false;

	assert_int_equal(bpf_check(f->insns, f->n), 0);
	return bpf_run(f->insns, f->n, &d, &args);
}

/* --- the check ---------------------------------------------------------- */

static void faults_are_named(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "{\"defaultAction\":\"SCMP_ACT_NO\"}",
		  "linux.seccomp.defaultAction: string SCMP_ACT_NO is not a "
		  "valid action for seccomp" },
		{ "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
		  "SCMP_ACT_NOTIFY cannot be used as default action" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":["
		  "\"SCMP_ARCH_VAX\"]}",
		  "linux.seccomp.architectures[0]: string SCMP_ARCH_VAX is not "
		  "a valid arch for seccomp" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"X\"]}",
		  "linux.seccomp.flags[0]: seccomp flag X is not known to "
		  "runc" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{"
		  "\"names\":[\"write\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}",
		  "SCMP_ACT_NOTIFY cannot be used for the write syscall" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{"
		  "\"names\":[\"read\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}",
		  "seccomp listenerPath is not set" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{"
		  "\"names\":[\"read\"],\"action\":\"SCMP_ACT_KILL\",\"args\":"
		  "[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_NO\"}]}]}",
		  "string SCMP_CMP_NO is not a valid operator for seccomp" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		_cleanup_arena_ struct arena a = { 0 };
		struct faults f;

		parse(&a, t[i].text, &f);
		assert_int_equal(faults_report(&f, "p"), -EINVAL);
		if (!strstr(err_get(), t[i].want))
			fail_msg("\"%s\" is not in \"%s\"", t[i].want,
				 err_get());
	}
}

/* --- what filters answer ------------------------------------------------ */

static void an_empty_profile_is_no_filter(void **state)
{
	_cleanup_arena_ struct arena a = { 0 };

	assert_int_equal(compile(&a, "{\"defaultAction\":\"\"}").n, 0);
}

#ifdef __x86_64__
static void rules_are_carried_out(void **state)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct seccomp_filter f = compile(
		&a,
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
		"{\"names\":[\"mkdir\",\"no_such_call\"],\"action\":"
		"\"SCMP_ACT_ERRNO\"},"
		"{\"names\":[\"rmdir\"],\"action\":\"SCMP_ACT_ERRNO\","
		"\"errnoRet\":95},"
		"{\"names\":[\"getpid\"],\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"names\":[\"kill\"],\"action\":\"SCMP_ACT_KILL_PROCESS\","
		"\"args\":[{\"index\":1,\"value\":9,\"op\":\"SCMP_CMP_EQ\"}]},"
		"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_TRAP\",\"args\":"
		"[{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},"
		"{\"index\":0,\"value\":7,\"op\":\"SCMP_CMP_GT\"}]},"
		"{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_LOG\",\"args\":"
		"[{\"index\":0,\"value\":2114060288,\"valueTwo\":0,"
		"\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}");

	assert_int_equal(f.flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	assert_false(f.notify);
	assert_int_equal(ask(&f, X86_64, SYS_mkdir, 0, 0), ERRNO(EPERM));
	assert_int_equal(ask(&f, X86_64, SYS_rmdir, 0, 0), ERRNO(95));
	assert_int_equal(ask(&f, X86_64, SYS_getpid, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&f, X86_64, SYS_kill, 0, 9),
			 SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(ask(&f, X86_64, SYS_kill, 0, 9 + (1ull << 32)),
			 SECCOMP_RET_ALLOW);
	/* The same argument twice: either is enough. */
	assert_int_equal(ask(&f, X86_64, SYS_socket, 1, 0), SECCOMP_RET_TRAP);
	assert_int_equal(ask(&f, X86_64, SYS_socket, 8, 0), SECCOMP_RET_TRAP);
	assert_int_equal(ask(&f, X86_64, SYS_socket, 7, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&f, X86_64, SYS_clone, 17, 0), SECCOMP_RET_LOG);
	assert_int_equal(ask(&f, X86_64, SYS_clone, 0x10000000, 0),
			 SECCOMP_RET_ALLOW);
	/* Another machine's call, and one of x32, are killed. */
	assert_int_equal(ask(&f, AUDIT_ARCH_I386, 20, 0, 0),
			 SECCOMP_RET_KILL_THREAD);
}

static void new_calls_get_enosys(void **state)
{
	static const char head[] =
		"\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":["
		"\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],\"syscalls\":[{"
		"\"names\":[\"read\",\"openat\"],\"action\":"
		"\"SCMP_ACT_ALLOW\"}]}";
	_cleanup_arena_ struct arena a = { 0 };
	char text[512];
	struct seccomp_filter f;

	snprintf(text, sizeof(text), "{%s", head);
	f = compile(&a, text);
	assert_int_equal(ask(&f, X86_64, SYS_openat, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&f, X86_64, SYS_openat - 1, 0, 0), ERRNO(EPERM));
	assert_int_equal(ask(&f, X86_64, SYS_openat + 1, 0, 0), ERRNO(ENOSYS));
	/* openat is 295 there. */
	assert_int_equal(ask(&f, AUDIT_ARCH_I386, 295, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&f, AUDIT_ARCH_I386, 294, 0, 0), ERRNO(EPERM));
	assert_int_equal(ask(&f, AUDIT_ARCH_I386, 296, 0, 0), ERRNO(ENOSYS));
	/* x32 is not in the profile: its numbers are none of x86_64. */
	assert_int_not_equal(ask(&f, X86_64, 0x40000000u + 500, 0, 0),
			     ERRNO(ENOSYS));

	snprintf(text, sizeof(text), "{\"defaultErrnoRet\":1,%s", head);
	f = compile(&a, text);
	assert_int_equal(ask(&f, X86_64, SYS_openat + 1, 0, 0), ERRNO(EPERM));
	snprintf(text, sizeof(text), "{\"defaultErrnoRet\":38,%s", head);
	f = compile(&a, text);
	assert_int_equal(ask(&f, X86_64, SYS_openat - 1, 0, 0), ERRNO(ENOSYS));
}
#endif

static void flags_and_listener(void **state)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct seccomp_filter f =
		compile(&a,
			"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[],"
			"\"listenerPath\":\"/x\",\"syscalls\":[{\"names\":"
			"[\"chdir\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}");

	assert_true(f.notify);
	assert_int_equal(f.flags, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	f = compile(&a, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":["
			"\"SECCOMP_FILTER_FLAG_TSYNC\","
			"\"SECCOMP_FILTER_FLAG_LOG\"],\"syscalls\":[{\"names\":"
			"[\"chdir\"],\"action\":\"SCMP_ACT_ERRNO\"}]}");
	assert_int_equal(f.flags, SECCOMP_FILTER_FLAG_LOG);
}

/* --- small programs ----------------------------------------------------- */

static void shrink_profile(const char *path)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_free_ char *text = NULL;
	struct bpf_program lib, stub, all, small;
	struct oci_spec *spec;
	size_t len;

	assert_int_equal(
		io_slurp_at(AT_FDCWD, path, 1 << 24, true, &text, &len), 0);
	if (!strstr(text, "\"seccomp\""))
		return;
	if (oci_parse(&a, path, text, len, &spec) < 0)
		return; /* a process or resources object */
	if (!spec->linux_->seccomp)
		return;
	assert_int_equal(seccomp_build(&a, spec->linux_->seccomp, &lib), 0);
	assert_int_equal(seccomp_stub(&a, spec->linux_->seccomp, &stub), 0);
	all.n = lib.n + stub.n;
	all.v = arena_calloc(&a, all.n, sizeof(*all.v));
	memcpy(all.v, stub.v, stub.n * sizeof(*all.v));
	memcpy(all.v + stub.n, lib.v, lib.n * sizeof(*all.v));
	if (bpf_shrink(&a, &all, &small) < 0)
		fail_msg("%s: not understood", path);
	assert_true(bpf_equivalent(&all, &small));
	if (small.n > 400 || small.n > all.n)
		fail_msg("%s: %zu instructions of %zu", path, small.n, all.n);
}

static void engine_profiles_shrink(void **state)
{
	DIR *d = opendir(data("configs"));
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d))) {
		char name[300];

		if (!str_ends(e->d_name, ".json"))
			continue;
		snprintf(name, sizeof(name), "configs/%s", e->d_name);
		shrink_profile(data(name));
	}
	closedir(d);
}

static void a_difference_is_found(void **state)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct seccomp_filter f =
		compile(&a,
			"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
			"{\"names\":[\"read\",\"write\",\"exit\",\"fork\"],"
			"\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"kill\"],"
			"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":1,"
			"\"value\":77,\"op\":\"SCMP_CMP_LE\"}]}]}");
	struct bpf_program p = { f.insns, f.n }, q = { 0 };

	q.n = p.n;
	for (size_t i = 0; i < p.n; i++) {
		q.v = arena_memdup(&a, p.v, p.n * sizeof(*p.v));
		assert_true(bpf_equivalent(&p, &q));
		if (BPF_CLASS(q.v[i].code) == BPF_RET)
			q.v[i].k ^= 1;
		else if (BPF_CLASS(q.v[i].code) == BPF_JMP && q.v[i].k > 1)
			q.v[i].k += 1;
		else
			continue;
		if (bpf_equivalent(&p, &q))
			fail_msg("a change of instruction %zu is not seen", i);
	}
}

static void bad_programs_are_refused(void **state)
{
	const struct sock_filter ret = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_filter bad[][2] = {
		/* off the end, by a jump or by walking */
		{ BPF_STMT(BPF_JMP | BPF_JA, 1), ret },
		{ BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX), ret },
		{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), ret },
		{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 255), ret },
		{ ret, BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0) },
		/* not a word of the data; instructions nobody uses */
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), ret },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), ret },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), ret },
		{ BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ret },
		{ BPF_STMT(BPF_ST, 0), ret },
		{ BPF_STMT(BPF_RET | BPF_A, 0), ret },
	};

	assert_int_equal(bpf_check(&ret, 1), 0);
	assert_int_equal(bpf_check(&ret, 0), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (bpf_check(bad[i], 2) != -EINVAL)
			fail_msg("program %zu passes", i);
}

/* --- the cache ---------------------------------------------------------- */

#define PROFILE                                                            \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[" \
	"\"mkdir\"],\"action\":\"SCMP_ACT_ERRNO\"}]}"

static char dir[64];

static int make_dir(void **state)
{
	strcpy(dir, "/tmp/test-seccomp-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	return path_remove_at(AT_FDCWD, dir);
}

static bool cached(const char *text, const char *where)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct seccomp_filter f, fresh;
	struct oci_seccomp *s = good(&a, text);

	assert_int_equal(seccomp_compile(&a, s, where, &f), 0);
	assert_int_equal(seccomp_compile(&a, s, NULL, &fresh), 0);
	assert_int_equal(f.n, fresh.n);
	assert_memory_equal(f.insns, fresh.insns, f.n * sizeof(*f.insns));
	assert_int_equal(f.flags, fresh.flags);
	return f.cached;
}

/* The only file of the cache. */
static const char *entry(void)
{
	static char path[400];
	DIR *d = opendir(dir);
	struct dirent *e;

	path[0] = '\0';
	while ((e = readdir(d)))
		if (str_ends(e->d_name, ".bpf")) {
			assert_string_equal(path, "");
			snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		}
	closedir(d);
	assert_string_not_equal(path, "");
	return path;
}

static void the_second_time_is_a_hit(void **state)
{
	char below[128];

	assert_false(cached(PROFILE, dir));
	assert_true(cached(PROFILE, dir));
	assert_false(cached("{\"defaultAction\":\"SCMP_ACT_ALLOW\","
			    "\"syscalls\":[{\"names\":[\"mkdir\"],\"action\":"
			    "\"SCMP_ACT_ERRNO\",\"errnoRet\":2}]}",
			    dir));
	/* Made when it is missing. */
	snprintf(below, sizeof(below), "%s/a/b", dir);
	assert_false(cached(PROFILE, below));
	assert_true(cached(PROFILE, below));
}

static void any_changed_byte_is_a_miss(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	assert_false(cached(PROFILE, dir));
	assert_int_equal(
		io_slurp_at(AT_FDCWD, entry(), 1 << 20, true, &text, &len), 0);
	for (size_t i = 0; i < len; i++) {
		int fd = open(entry(), O_WRONLY | O_CLOEXEC);
		char c = (char)(text[i] ^ 4);

		assert_int_equal(pwrite(fd, &c, 1, (off_t)i), 1);
		close(fd);
		if (cached(PROFILE, dir))
			fail_msg("byte %zu of %zu can be changed", i, len);
		assert_true(cached(PROFILE, dir)); /* rewritten */
	}
	assert_int_equal(truncate(entry(), (off_t)len - 8), 0);
	assert_false(cached(PROFILE, dir));
}

static void what_others_can_write_is_not_believed(void **state)
{
	char other[128], link[400];

	assert_false(cached(PROFILE, dir));
	assert_int_equal(chmod(entry(), 0620), 0);
	assert_false(cached(PROFILE, dir));
	assert_true(cached(PROFILE, dir));
	/* A link in place of the file, of the directory. */
	snprintf(other, sizeof(other), "%s/other", dir);
	snprintf(link, sizeof(link), "%s", entry());
	assert_int_equal(rename(link, other), 0);
	assert_int_equal(symlink("other", link), 0);
	assert_false(cached(PROFILE, dir));
	snprintf(link, sizeof(link), "%s-link", dir);
	assert_int_equal(symlink(dir, link), 0);
	assert_false(cached(PROFILE, link));
	assert_int_equal(unlink(link), 0);
	assert_int_equal(chmod(dir, 0770), 0);
	assert_false(cached(PROFILE, dir));
	assert_false(cached(PROFILE, dir));
}

/* From the paper: key 00..0f, input 00, 01, ... */
static void siphash_is_siphash(void **state)
{
	static const unsigned char want[2][16] = {
		{ 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6,
		  0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 },
		{ 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76,
		  0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45 },
	};
	uint64_t h[2];

	for (size_t i = 0; i < 2; i++) {
		siphash128("", i, h);
		assert_memory_equal(h, want[i], 16);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(an_empty_profile_is_no_filter),
#ifdef __x86_64__
		cmocka_unit_test(rules_are_carried_out),
		cmocka_unit_test(new_calls_get_enosys),
#endif
		cmocka_unit_test(flags_and_listener),
		cmocka_unit_test(engine_profiles_shrink),
		cmocka_unit_test(a_difference_is_found),
		cmocka_unit_test(bad_programs_are_refused),
		cmocka_unit_test_setup_teardown(the_second_time_is_a_hit,
						make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(any_changed_byte_is_a_miss,
						make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			what_others_can_write_is_not_believed, make_dir,
			remove_dir),
		cmocka_unit_test(siphash_is_siphash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
