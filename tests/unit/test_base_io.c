/* SPDX-License-Identifier: Apache-2.0 */
/* Small files, fd passing, fds, procfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"

static char top[64];
static int dir = -EBADF;

static int make_dir(void **state)
{
	strcpy(top, "/tmp/tare-test-io-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0;
}

static int drop_dir(void **state)
{
	_cleanup_close_ int tmp = open("/tmp", O_PATH | O_CLOEXEC);

	close_fdp(&dir);
	return path_remove_at(tmp, top + strlen("/tmp/"));
}

static void small_files(void **state)
{
	char buf[8];

	assert_int_equal(io_replace_at(dir, "f", "1234567", 7, 0640), 0);
	assert_int_equal(io_read_at(dir, "f", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "1234567");
	assert_int_equal(io_read_at(dir, "f", buf, 7), -E2BIG);
	assert_int_equal(io_write_str_at(dir, "f", "ab"), 0);
	assert_int_equal(io_read_at(dir, "f", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "ab34567");
	assert_int_equal(io_write_str_at(dir, "none", "x"), -ENOENT);
	assert_int_equal(io_read_at(dir, "none", buf, 8), -ENOENT);
	assert_int_equal(io_write_at(AT_FDCWD, "/dev/full", "x", 1), -ENOSPC);
}

static void slurp(void **state)
{
	_cleanup_free_ char *a = NULL, *b = NULL, *c = NULL, *big = NULL;
	char *none = NULL;
	size_t n = 0;

	big = malloc(100000);
	assert_non_null(big);
	memset(big, 'b', 100000);
	assert_int_equal(io_replace_at(dir, "big", big, 100000, 0600), 0);
	assert_int_equal(io_slurp_at(dir, "big", 100000, true, &a, &n), 0);
	assert_int_equal(n, 100000);
	assert_int_equal(a[n], 0);
	assert_memory_equal(a, big, n);
	assert_int_equal(io_slurp_at(dir, "big", 99999, true, &none, NULL),
			 -EFBIG);

	/* procfs tells size 0; here more than one page. */
	assert_int_equal(io_slurp_at(AT_FDCWD, "/proc/kallsyms", 1 << 28, true,
				     &b, &n),
			 0);
	assert_int_equal(strlen(b), n);

	assert_int_equal(io_replace_at(dir, "empty", "", 0, 0600), 0);
	assert_int_equal(io_slurp_at(dir, "empty", 10, true, &c, &n), 0);
	assert_int_equal(n, 0);
	assert_string_equal(c, "");

	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(io_slurp_at(dir, "fifo", 10, true, &none, NULL),
			 -EINVAL);
	assert_int_equal(io_slurp_at(dir, ".", 10, true, &none, NULL), -EINVAL);
	assert_int_equal(io_slurp_at(AT_FDCWD, "/dev/zero", 1000, false, &none,
				     NULL),
			 -EFBIG);
	assert_null(none);
}

static void replace_fails_clean(void **state)
{
	assert_int_equal(mkdirat(dir, "r", 0700), 0);
	assert_int_equal(mkdirat(dir, "r/d", 0700), 0);
	assert_int_equal(io_replace_at(dir, "r/d", "x", 1, 0600), -EISDIR);
	assert_int_equal(io_replace_at(dir, "no/x", "x", 1, 0600), -ENOENT);
	/* No temporary file is left. */
	assert_int_equal(unlinkat(dir, "r/d", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(dir, "r", AT_REMOVEDIR), 0);
}

static void fds_travel(void **state)
{
	int sk[2], fds[3], got[3] = { -1, -1, -1 };
	size_t n = 3;
	char buf[16];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sk), 0);
	fds[0] = fds[1] = fds[2] = dir;
	assert_int_equal(io_send_fds(sk[0], "hello", 5, fds, 3), 0);
	assert_int_equal(io_recv_fds(sk[1], buf, sizeof(buf), got, &n), 5);
	assert_int_equal(n, 3);
	assert_int_equal(fcntl(got[0], F_GETFD), FD_CLOEXEC);
	for (int i = 0; i < 3; i++)
		close_fd(got[i]);

	/* More fds than room, or a longer message: nothing leaks. */
	int before = fd_dup_high(0);

	close_fd(before);
	n = 1;
	io_send_fds(sk[0], "hello", 5, fds, 3);
	assert_int_equal(io_recv_fds(sk[1], buf, sizeof(buf), got, &n),
			 -EMSGSIZE);
	n = 3;
	io_send_fds(sk[0], "hello", 5, fds, 2);
	assert_int_equal(io_recv_fds(sk[1], buf, 2, got, &n), -EMSGSIZE);
	io_send_fds(sk[0], "hello", 5, fds, 2);
	assert_int_equal(io_recv_fds(sk[1], buf, sizeof(buf), NULL, NULL),
			 -EMSGSIZE);
	int after = fd_dup_high(0);

	assert_int_equal(before, after);
	close_fd(after);

	assert_int_equal(io_send_fds(sk[0], "plain", 5, NULL, 0), 0);
	n = 3;
	assert_int_equal(io_recv_fds(sk[1], buf, sizeof(buf), got, &n), 5);
	assert_int_equal(n, 0);
	close_fd(sk[0]);
	n = 3;
	assert_int_equal(io_recv_fds(sk[1], buf, sizeof(buf), got, &n), 0);
	/* No SIGPIPE. */
	assert_int_equal(io_send_fds(sk[1], "x", 1, NULL, 0), -EPIPE);
	close_fd(sk[1]);
}

static void connects_to_long_paths(void **state)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char name[101], path[512];
	int s, c;

	memset(name, 'n', 100);
	name[100] = '\0';
	assert_int_equal(mkdirat(dir, name, 0700), 0);
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/sock", top);
	assert_int_equal(bind(s, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(s, 4), 0);
	c = io_connect_unix(sa.sun_path);
	assert_true(c >= 0);
	close_fd(c);
	snprintf(path, sizeof(path), "%s/%s/sock", top, name);
	assert_int_equal(rename(sa.sun_path, path), 0);
	c = io_connect_unix(path);
	assert_true(c >= 0);
	close_fd(c);
	close_fd(s);
	assert_int_equal(io_connect_unix(path), -ECONNREFUSED);
	assert_int_equal(io_connect_unix("/nonexistent/sock"), -ENOENT);
}

static void waits(void **state)
{
	int p[2];

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(io_wait(p[0], POLLIN, 0), 0);
	assert_int_equal(io_wait(p[0], POLLIN, 5), 0);
	assert_int_equal(io_write_all(p[1], "x", 1), 0);
	assert_int_equal(io_wait(p[0], POLLIN, -1), POLLIN);
	close_fd(p[1]);
	assert_true(io_wait(p[0], POLLIN, 1000) & POLLHUP);
	close_fd(p[0]);
}

/* Runs in a child, as it shuts this process's fds; tells by exit status. */
static int fds_in_child(void)
{
	int high = fcntl(0, F_DUPFD, 100);

	if (fd_cloexec_from(3) < 0 || !(fcntl(high, F_GETFD) & FD_CLOEXEC))
		return 1;
	if (fd_set_cloexec(high, false) < 0 || fcntl(high, F_GETFD) != 0)
		return 2;
	if (fd_close_from(3) < 0 || fd_is_open(high) || !fd_is_open(0))
		return 3;
	close(0);
	close(2);
	if (fd_fill_stdio() < 0 || !fd_is_open(0) || !fd_is_open(2))
		return 4;
	if (fcntl(0, F_GETFD) != 0 || fd_is_open(3))
		return 5;
	if (fd_dup_high(0) < 3)
		return 6;
	return 0;
}

/* As on a kernel before 5.9. */
static int deny_close_range(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 436, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { .len = ARRAY_SIZE(f), .filter = f };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &p);
}

static void fd_sets(void **state)
{
	for (int denied = 0; denied < 2; denied++) {
		pid_t pid = fork();
		int st = 0;

		if (pid == 0)
			_exit(denied && deny_close_range() < 0 ? 0
							       : fds_in_child());
		assert_int_equal(waitpid(pid, &st, 0), pid);
		assert_int_equal(st, 0);
	}
}

static void close_keeps_errno(void **state)
{
	int fd = 12345;

	errno = ENOENT;
	close_fdp(&fd);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fd, -EBADF);
	close_fd(-1);
}

static void nonblock(void **state)
{
	int p[2];
	char c;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	assert_int_equal(fd_set_nonblock(p[0], true), 0);
	assert_int_equal(io_read_all(p[0], &c, 1), -EAGAIN);
	assert_int_equal(fd_set_nonblock(p[0], false), 0);
	assert_int_equal(fcntl(p[0], F_GETFL) & O_NONBLOCK, 0);
	close_fd(p[0]);
	close_fd(p[1]);
	assert_int_equal(fd_set_nonblock(p[0], true), -EBADF);
}

static void proc_stats(void **state)
{
	struct proc_stat st, again;
	int gate[2];
	pid_t pid;

	assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		char c;

		prctl(PR_SET_NAME, "a) R 1 (b )x");
		close(gate[1]);
		_exit((int)read(gate[0], &c, 1));
	}
	assert_int_equal(proc_get_stat(pid, &st), 0);
	assert_int_equal(st.ppid, getpid());
	assert_true(st.start_time > 0);
	assert_int_equal(proc_is_alive(pid, st.start_time), 1);
	assert_int_equal(proc_is_alive(pid, st.start_time + 1), 0);
	close_fd(gate[1]);
	siginfo_t si;

	/* Ended but not reaped: not alive any more. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
	assert_int_equal(proc_get_stat(pid, &again), 0);
	assert_int_equal(again.state, 'Z');
	assert_int_equal(again.start_time, st.start_time);
	assert_int_equal(proc_is_alive(pid, st.start_time), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(proc_get_stat(pid, &again), -ESRCH);
	assert_int_equal(proc_is_alive(pid, st.start_time), 0);
	assert_int_equal(proc_get_stat(0, &again), -ESRCH);
	close_fd(gate[0]);
}

static void proc_facts(void **state)
{
	char id[37], path[64], now[64];
	_cleanup_close_ int fd = proc_open_root();

	assert_true(fd >= 0);
	assert_int_equal(proc_boot_id(id), 0);
	assert_int_equal(strlen(id), 36);
	proc_ns_path(42, "net", path, sizeof(path));
	assert_string_equal(path, "/proc/42/ns/net");
	proc_now_rfc3339(now, sizeof(now));
	assert_int_equal(strlen(now), strlen("2024-01-02T03:04:05.123456789Z"));
	assert_true(str_ends(now, "Z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_files),
		cmocka_unit_test(slurp),
		cmocka_unit_test(replace_fails_clean),
		cmocka_unit_test(fds_travel),
		cmocka_unit_test(connects_to_long_paths),
		cmocka_unit_test(waits),
		cmocka_unit_test(fd_sets),
		cmocka_unit_test(close_keeps_errno),
		cmocka_unit_test(nonblock),
		cmocka_unit_test(proc_stats),
		cmocka_unit_test(proc_facts),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
