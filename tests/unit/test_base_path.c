/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths: the text helpers, and the resolver against links that point out of
 * the root. Each resolver test runs twice, the second time in a process where
 * openat2(2) is denied, as in an old container host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/sys.h"

struct pair {
	const char *in, *out;
};

static void clean(void **state)
{
	static const struct pair t[] = {
		{ "/", "/" },
		{ "//", "/" },
		{ "/..", "/" },
		{ "/a//b/./c/", "/a/b/c" },
		{ "/a/../../b", "/b" },
		{ "/a/b/..", "/a" },
		{ "/a/..", "/" },
		{ "/...", "/..." },
		{ "", "." },
		{ ".", "." },
		{ "a/..", "." },
		{ "./a", "a" },
		{ "a/../..", ".." },
		{ "../../a/../b", "../../b" },
	};
	char buf[32];

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		assert_int_equal(path_clean(t[i].in, buf, sizeof(buf)), 0);
		assert_string_equal(buf, t[i].out);
		strcpy(buf, t[i].in); /* in place */
		assert_int_equal(path_clean(buf, buf, sizeof(buf)), 0);
		assert_string_equal(buf, t[i].out);
	}
	assert_int_equal(path_clean("/abc", buf, 5), 0);
	assert_int_equal(path_clean("/abc", buf, 4), -ENAMETOOLONG);
	assert_int_equal(path_clean("/a/b", buf, 4), -ENAMETOOLONG);
}

static void questions(void **state)
{
	assert_true(path_below("/proc", "/proc"));
	assert_true(path_below("/proc/sys", "/proc"));
	assert_false(path_below("/process", "/proc"));
	assert_false(path_below("/", "/proc"));
	assert_true(path_below("/x", "/"));
	assert_true(path_has_dotdot(".."));
	assert_true(path_has_dotdot("/a/../b"));
	assert_true(path_has_dotdot("a/.."));
	assert_false(path_has_dotdot("/a/..b/c../..."));
}

static char top[64];
static int root = -EBADF; /* top/root */

static void link_at(const char *target, const char *name)
{
	assert_int_equal(symlinkat(target, root, name), 0);
}

static int make_tree(void **state)
{
	strcpy(top, "/tmp/tare-test-path-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	int t = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);

	mkdirat(t, "root", 0755);
	mkdirat(t, "out", 0755);
	io_replace_at(t, "out/secret", "no", 2, 0644);
	io_replace_at(t, "secret", "no", 2, 0644);
	root = openat(t, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	mkdirat(root, "dir", 0755);
	mkdirat(root, "dir/sub", 0755);
	io_replace_at(root, "file", "in", 2, 0644);
	link_at("../../../..", "up");
	link_at("/", "slash");
	link_at(top, "abs");
	link_at("../../out/secret", "secret");
	link_at("dir/sub/../../file", "ok");
	link_at("/dir", "absdir");
	link_at("loop2", "loop1");
	link_at("loop1", "loop2");
	link_at("../../out/new", "dangling");
	link_at("/not/there", "dangling2");
	link_at("../../../run/x/resolv.conf", "dir/resolv.conf");
	close_fd(t);
	return root < 0;
}

static int remove_tree(void **state)
{
	close_fdp(&root);
	return path_remove_at(AT_FDCWD, top) != -EXDEV && access(top, F_OK) == 0;
}

/* Where an fd points to, below top/root ("" is the root). */
static const char *where(int fd)
{
	static char buf[PATH_MAX];
	char link[64];
	ssize_t n;
	size_t skip = strlen(top) + strlen("/root");

	if (fd < 0) {
		snprintf(buf, sizeof(buf), "%s", strerror(-fd));
		return buf;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buf, sizeof(buf) - 1);
	close_fd(fd);
	assert_true(n >= 0);
	buf[n] = '\0';
	if (strncmp(buf, top, strlen(top)) != 0 ||
	    strncmp(buf + strlen(top), "/root", 5) != 0)
		fail_msg("escaped to %s", buf);
	return buf + skip;
}

#define AT(fd, text) assert_string_equal(where(fd), text)

static void open_in(void)
{
	AT(path_open_in(root, "/", O_PATH, 0), "");
	AT(path_open_in(root, "", O_PATH, 0), "");
	AT(path_open_in(root, "../../..", O_PATH, 0), "");
	AT(path_open_in(root, "/up/dir/../dir/sub", O_PATH, 0), "/dir/sub");
	AT(path_open_in(root, "slash/up/absdir/sub/..", O_PATH, 0), "/dir");
	AT(path_open_in(root, "ok", O_RDONLY, 0), "/file");
	AT(path_open_in(root, "ok", O_PATH | O_NOFOLLOW, 0), "/ok");
	assert_int_equal(path_open_in(root, "secret", O_RDONLY, 0), -ENOENT);
	assert_int_equal(path_open_in(root, "abs", O_PATH, 0), -ENOENT);
	assert_int_equal(path_open_in(root, "up/out", O_PATH, 0), -ENOENT);
	assert_int_equal(path_open_in(root, "loop1/x", O_PATH, 0), -ELOOP);
	assert_int_equal(path_open_in(root, "loop1", O_PATH, 0), -ELOOP);
	assert_int_equal(path_open_in(root, "file/x", O_PATH, 0), -ENOTDIR);
	assert_int_equal(path_open_in(root, "ok", O_RDONLY | O_NOFOLLOW, 0),
			 -ELOOP);
	AT(path_open_in(root, "absdir/made", O_CREAT | O_EXCL | O_WRONLY, 0600),
	   "/dir/made");
	assert_int_equal(unlinkat(root, "dir/made", 0), 0);
}

static void magic_links(void)
{
	_cleanup_close_ int proc = open("/proc", O_PATH | O_CLOEXEC);
	_cleanup_close_ int self = -EBADF;

	self = path_open_in(proc, "self/status", O_RDONLY, 0);
	assert_true(self >= 0);
	assert_int_equal(path_open_in(proc, "self/root", O_PATH, 0), -ELOOP);
	assert_int_equal(path_open_in(proc, "self/cwd/x", O_PATH, 0), -ELOOP);
	assert_int_equal(path_open_in(proc, "self/exe", O_RDONLY, 0), -ELOOP);
}

static void open_strict(void)
{
	_cleanup_close_ int slash = open("/", O_PATH | O_CLOEXEC);

	AT(path_open_strict(root, "dir/sub", O_PATH), "/dir/sub");
	AT(path_open_strict(root, "/file", O_RDONLY), "/file");
	AT(path_open_strict(root, "/", O_PATH), "");
	assert_int_equal(path_open_strict(root, "absdir/sub", O_PATH), -ELOOP);
	assert_int_equal(path_open_strict(root, "ok", O_PATH), -ELOOP);
	assert_int_equal(path_open_strict(root, "../out", O_PATH), -EXDEV);
	assert_int_equal(path_open_strict(slash, "proc/stat", O_PATH), -EXDEV);
	assert_int_equal(path_open_strict(root, "none", O_PATH), -ENOENT);
}

static bool is_dir(const char *name)
{
	struct stat st;

	return fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static bool is_file(const char *name)
{
	struct stat st;

	return fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode);
}

static void make_in(void)
{
	AT(path_make_in(root, "/a/b/c", PATH_DIR, 0755), "/a/b/c");
	assert_true(is_dir("a/b/c"));
	AT(path_make_in(root, "/a/b/f", PATH_FILE, 0755), "/a/b/f");
	assert_true(is_file("a/b/f"));
	AT(path_make_in(root, "a/d/e/f", PATH_FILE, 0755), "/a/d/e/f");
	AT(path_make_in(root, "a/d/e/f", PATH_DIR, 0755), "/a/d/e/f");
	AT(path_make_in(root, "/", PATH_DIR, 0755), "");
	AT(path_make_in(root, "up/absdir/n", PATH_DIR, 0755), "/dir/n");
	assert_int_equal(path_make_in(root, "none", PATH_NO_CREATE, 0755),
			 -ENOENT);
	assert_int_equal(path_make_in(root, "file/x", PATH_DIR, 0755), -ENOTDIR);
	assert_int_equal(path_make_in(root, "loop1/x", PATH_DIR, 0755), -ELOOP);
}

/* What a dangling link names is made inside the root. */
static void make_behind_links(void)
{
	AT(path_make_in(root, "dangling", PATH_FILE, 0755), "/out/new");
	AT(path_make_in(root, "dangling2/x", PATH_DIR, 0755), "/not/there/x");
	AT(path_make_in(root, "dir/resolv.conf", PATH_FILE, 0755),
	   "/run/x/resolv.conf");
	assert_int_equal(path_make_in(root, "absdir", PATH_NOFOLLOW, 0755),
			 -ELOOP);
	assert_int_equal(symlinkat("gone", root, "d3"), 0);
	assert_int_equal(path_make_in(root, "d3", PATH_NOFOLLOW, 0755), -ELOOP);
	assert_int_equal(path_make_in(root, "d3",
				      PATH_NOFOLLOW | PATH_NO_CREATE, 0755),
			 -ELOOP);
	AT(path_make_in(root, "n3", PATH_NOFOLLOW, 0755), "/n3");
}

static void parent_in(void)
{
	char name[NAME_MAX + 1];

	AT(path_parent_in(root, "/absdir/sub/x/", 0755, name, sizeof(name)),
	   "/dir/sub");
	assert_string_equal(name, "x");
	AT(path_parent_in(root, "/p/q/secret", 0755, name, sizeof(name)),
	   "/p/q");
	assert_string_equal(name, "secret");
	AT(path_parent_in(root, "secret", 0755, name, sizeof(name)), "");
	assert_string_equal(name, "secret");
	AT(path_parent_in(root, "/", 0755, name, sizeof(name)), "");
	assert_string_equal(name, ".");
	AT(path_parent_in(root, "dir/sub/..", 0755, name, sizeof(name)),
	   "/dir");
	assert_string_equal(name, ".");
	AT(path_parent_in(root, "up/../x", 0755, name, sizeof(name)), "");
	assert_string_equal(name, "x");
}

static void nothing_outside(void)
{
	char buf[128];

	snprintf(buf, sizeof(buf), "%s/out/new", top);
	assert_int_equal(access(buf, F_OK), -1);
	snprintf(buf, sizeof(buf), "%s/run", top);
	assert_int_equal(access(buf, F_OK), -1);
}

static void resolver(void)
{
	open_in();
	magic_links();
	open_strict();
	make_in();
	make_behind_links();
	parent_in();
	nothing_outside();
}

static void with_openat2(void **state)
{
	resolver();
}

static int deny_openat2(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 437, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { .len = ARRAY_SIZE(f), .filter = f };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &p);
}

/* The last test of the program: the filter stays. */
static void without_openat2(void **state)
{
	if (deny_openat2() < 0)
		skip();
	assert_int_equal(sys_openat2(root, ".", O_PATH, 0, 0), -EPERM);
	resolver();
}

static void mkdir_and_remove(void **state)
{
	_cleanup_close_ int t = open(top, O_PATH | O_CLOEXEC);
	char deep[256], buf[128];
	struct stat st;

	snprintf(deep, sizeof(deep), "%s/m/n/o", top);
	assert_int_equal(path_mkdir_p(deep, 0711), 0);
	assert_int_equal(path_mkdir_p(deep, 0711), 0);
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	snprintf(buf, sizeof(buf), "%s/secret/x", top);
	assert_int_equal(path_mkdir_p(buf, 0711), -ENOTDIR);
	snprintf(buf, sizeof(buf), "%s/secret", top);
	assert_int_equal(path_mkdir_p(buf, 0711), -ENOTDIR);

	/* Links go, what they point to stays. */
	assert_int_equal(symlinkat("../../out", t, "m/n/link"), 0);
	for (int i = 0; i < 300; i++) {
		snprintf(buf, sizeof(buf), "m/n/o/file-%d", i);
		assert_int_equal(io_replace_at(t, buf, "", 0, 0600), 0);
	}
	assert_int_equal(path_remove_at(t, "m"), 0);
	assert_int_equal(faccessat(t, "m", F_OK, 0), -1);
	assert_int_equal(faccessat(t, "out/secret", F_OK, 0), 0);
	assert_int_equal(path_remove_at(t, "m"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean),
		cmocka_unit_test(questions),
		cmocka_unit_test_setup_teardown(mkdir_and_remove, make_tree,
						remove_tree),
		cmocka_unit_test_setup_teardown(with_openat2, make_tree,
						remove_tree),
		cmocka_unit_test_setup_teardown(without_openat2, make_tree,
						remove_tree),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
