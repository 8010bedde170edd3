/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init program with plans made by hand: run for real in new namespaces on
 * a root file system of links to one static busybox. Skipped without root, the
 * program (nsexec/tare-init of the build folder, or $TARE_INIT) or busybox.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sys.h"
#include "codec/chan.h"
#include "plan/op.h"

#define BUSYBOX "/bin/busybox"
#define WAIT_MS 10000

/* --- plans by hand ------------------------------------------------------ */

static struct {
	struct plan_op ops[64];
	uint32_t n_ops;
	char data[16384];
	uint32_t len;
	int fds[8];
	uint32_t n_fds, n_slots;
} pl;

static void plan_new(void)
{
	memset(&pl, 0, sizeof(pl));
	pl.len = 1;
	pl.n_slots = 8;
}

static uint32_t bytes(const void *p, size_t n)
{
	uint32_t at = pl.len;

	assert_true(pl.len + n < sizeof(pl.data));
	memcpy(pl.data + pl.len, p, n);
	pl.len += (uint32_t)n;
	return at;
}

static uint32_t str(const char *s)
{
	return bytes(s, strlen(s) + 1);
}

static struct plan_op *add(enum plan_code code)
{
	struct plan_op *op = &pl.ops[pl.n_ops++];

	op->code = code;
	op->slot = op->slot2 = -1;
	return op;
}

static uint32_t list(uint32_t *len, const char *first, va_list ap)
{
	uint32_t at = pl.len;

	for (; first; first = va_arg(ap, const char *))
		str(first);
	*len = pl.len - at;
	return at;
}

static void argv(struct plan_op *op, const char *first, ...)
{
	va_list ap;

	va_start(ap, first);
	op->blob = list(&op->blob_len, first, ap);
	va_end(ap);
}

static void mount_op(const char *dest, const char *type, unsigned int flags,
		     uint64_t attr, const char *word)
{
	struct plan_op *op = add(OP_MOUNT);

	op->s1 = str(dest);
	op->s2 = str(type);
	op->s3 = str(type);
	op->x = attr;
	op->flags = (uint16_t)flags;
	if (word)
		argv(op, word, NULL);
}

static void path_op(enum plan_code code, const char *path)
{
	add(code)->s1 = str(path);
}

static void device(const char *path, unsigned int major, unsigned int minor)
{
	struct plan_op *op = add(OP_DEVICE);

	op->s1 = str(path);
	op->arg = S_IFCHR | 0666;
	op->x = makedev(major, minor);
}

/* --- running ------------------------------------------------------------ */

static char dir[] = "/tmp/test_init_XXXXXX";
static char rootfs[64], output[64];
static const char *init;
static struct {
	char error[4096], warning[512], text[65536];
	int status, n_sync;
	uint32_t cls, code;
	pid_t child;
	bool execed;
	int console;
} res;

static void send_plan(int chan)
{
	struct plan_header h = {
		.magic = PLAN_MAGIC,
		.version = PLAN_VERSION,
		.n_ops = pl.n_ops,
		.data_len = pl.len + 1,
		.n_fds = pl.n_fds,
		.n_slots = pl.n_slots,
	};
	static char block[65536];
	size_t ops = pl.n_ops * sizeof(pl.ops[0]);

	h.total = (uint32_t)(sizeof(h) + ops + h.data_len);
	memcpy(block, &h, sizeof(h));
	memcpy(block + sizeof(h), pl.ops, ops);
	memcpy(block + sizeof(h) + ops, pl.data, pl.len + 1);
	assert_int_equal(chan_send_plan(chan, block, h.total, pl.fds, pl.n_fds),
			 0);
}

/* As spawn.c does: nobody is root before the maps are written. */
static void keep_caps(void)
{
	uint64_t caps;

	assert_int_equal(sys_capget(NULL, &caps, NULL), 0);
	assert_int_equal(sys_capset(caps, caps, caps), 0);
	for (unsigned int cap = 0; cap < 64; cap++)
		if (caps >> cap & 1)
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
}

static int child_main(void *arg)
{
	char *const args[] = { (char *)"tare", (char *)"init", NULL };
	char *const env[] = { NULL };
	int chan = *(int *)arg, out;

	out = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	dup2(out, 1);
	dup2(out, 2);
	close(0);
	open("/dev/null", O_RDWR);
	if (chan != 3)
		dup2(chan, 3);
	else
		fcntl(3, F_SETFD, 0);
	for (int fd = 4; fd < 64; fd++)
		close(fd);
	if (geteuid() != 0)
		keep_caps();
	execve(init, args, env);
	_exit(99);
}

static void write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* One message: false at the end. */
static bool serve(int chan, pid_t pid)
{
	static char buf[CHAN_PAYLOAD_MAX];
	struct pollfd p = { .fd = chan, .events = POLLIN };
	struct chan_msg m, go;
	int fds[2];
	size_t n = 2;

	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	if (chan_recv(chan, &m, buf, sizeof(buf), fds, &n) <= 0)
		return false;
	if (n == 1)
		res.console = fds[0];
	switch (m.type) {
	case CHAN_SYNC:
		res.n_sync++;
		if (m.arg == SYNC_USERNS) {
			write_file(pid, "uid_map", "0 0 65536");
			write_file(pid, "gid_map", "0 0 65536");
		}
		go = (struct chan_msg){ .type = CHAN_GO, .arg = m.arg };
		assert_int_equal(chan_send(chan, &go, NULL, NULL, 0), 0);
		break;
	case CHAN_ERROR:
		memcpy(res.error, buf, m.len < 4096 ? m.len : 4096);
		res.code = m.arg;
		res.cls = (uint32_t)m.val;
		break;
	case CHAN_WARN:
		memcpy(res.warning, buf, m.len);
		break;
	case CHAN_CHILD:
		res.child = (pid_t)m.val;
		break;
	case CHAN_EXEC:
		res.execed = true;
		break;
	default:
		break;
	}
	return true;
}

static void reap(pid_t pid)
{
	for (int i = 0; i < WAIT_MS / 10; i++) {
		if (waitpid(pid, &res.status, WNOHANG | __WALL) == pid)
			return;
		usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &res.status, __WALL);
	fail_msg("the process did not end");
}

static pid_t launch(int flags, int *chan)
{
	static char stack[65536] __attribute__((aligned(16)));
	int pair[2];
	pid_t pid;

	memset(&res, 0, sizeof(res));
	res.console = -1;
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	pid = clone(child_main, stack + sizeof(stack), flags | SIGCHLD,
		    &pair[1]);
	assert_true(pid > 0);
	close(pair[1]);
	*chan = pair[0];
	send_plan(pair[0]);
	return pid;
}

static void read_output(void)
{
	int fd = open(output, O_RDONLY);
	ssize_t n = read(fd, res.text, sizeof(res.text) - 1);

	res.text[n > 0 ? n : 0] = '\0';
	close(fd);
}

#define NEW                                                         \
	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWNET)

static void run(int flags)
{
	int chan;
	pid_t pid = launch(flags, &chan);

	while (serve(chan, pid))
		;
	close(chan);
	reap(pid);
	if (res.child)
		reap(res.child);
	read_output();
}

static void expect_ok(void)
{
	if (!WIFEXITED(res.status) || WEXITSTATUS(res.status) != 0)
		fail_msg("status %x, error \"%s\", output \"%s\"", res.status,
			 res.error, res.text);
	assert_true(res.execed);
}

static void expect_text(const char *text)
{
	if (!strstr(res.text, text))
		fail_msg("\"%s\" not in \"%s\" (%s)", text, res.text, res.error);
}

static void expect_no_text(const char *text)
{
	if (strstr(res.text, text))
		fail_msg("\"%s\" in \"%s\"", text, res.text);
}

static void expect_error(const char *text)
{
	if (!strstr(res.error, text))
		fail_msg("\"%s\" not in \"%s\"", text, res.error);
}

/* A create up to the point where the pivot is to come. */
static void begin(void)
{
	struct plan_op *op;

	plan_new();
	add(OP_SETSID);
	add(OP_PROPAGATION)->x = MS_SLAVE | MS_REC;
	op = add(OP_ROOT);
	op->s1 = str(rootfs);
	op->slot = 7;
	mount_op("/proc", "proc", PMF_REAL_DIR, 0x2 | 0x4 | 0x8, NULL);
	mount_op("/dev", "tmpfs", 0, 0x2, "mode=755");
	device("/dev/null", 1, 3);
	device("/dev/zero", 1, 5);
	op = add(OP_SYMLINK);
	op->s1 = str("/proc/self/fd");
	op->s2 = str("/dev/fd");
}

static void end(const char *script)
{
	add(OP_CLOSE_FROM)->arg = 3;
	argv(add(OP_EXEC), "/bin/sh", "-c", script, NULL);
}

static void enter(void)
{
	add(OP_PIVOT)->slot = 7;
}

/* --- tests -------------------------------------------------------------- */

static void runs_a_program_in_the_root(void **state)
{
	begin();
	enter();
	path_op(OP_HOSTNAME, "inside");
	add(OP_LOOPBACK);
	end("hostname; pwd; ls /dev; echo $$; ls /proc/self/fd; cat "
	    "/proc/mounts; echo end");
	run(NEW);
	expect_ok();
	expect_text("inside\n/\nfd\nnull\nzero\n1\n0\n1\n2\n3\n");
	expect_no_text("/old");
	expect_text("proc /proc proc rw,nosuid,nodev,noexec");
	expect_text("end\n");
}

static void makes_mounts_with_their_attributes(void **state)
{
	struct plan_op *op;

	begin();
	mount_op("/new/tmp", "tmpfs", PMF_TMPFS_MODE, 0x1 | 0x8, "size=64k");
	op = add(OP_MOUNT);
	op->s1 = str("/data/file");
	op->s2 = str(output);
	op->flags = PMF_BIND;
	op->x = 1;
	mount_op("/copied", "tmpfs", PMF_COPYUP, 0x1, NULL);
	enter();
	end("cat /proc/mounts; ls -l /copied /copied/sub; cat /copied/file; "
	    "echo x >/copied/y || echo refused; grep -c . /data/file "
	    ">/dev/null && echo bound");
	run(NEW);
	expect_ok();
	expect_text("tmpfs /new/tmp tmpfs ro,noexec");
	expect_text("size=64k");
	expect_text(" /data/file ");
	expect_text("link -> file");
	expect_text("was there");
	expect_text("refused");
	expect_text("bound");
}

static void masks_and_protects(void **state)
{
	begin();
	enter();
	path_op(OP_READONLY, "/proc/sys");
	path_op(OP_READONLY, "/nothing/here");
	path_op(OP_MASK, "/proc/keys");
	path_op(OP_MASK, "/proc/timer_list");
	path_op(OP_MASK, "/copied");
	path_op(OP_MASK, "/proc/scsi");
	path_op(OP_MASK, "/not/there");
	add(OP_ROOT_RO);
	end("cat /proc/keys /proc/timer_list; ls -A /copied; "
	    "echo 1 >/proc/sys/net/ipv4/ip_forward || echo one; "
	    "touch /copied/x || echo two; touch /x || echo three; "
	    "echo 1 >/proc/keys || echo bad; cat /proc/mounts");
	run(NEW);
	expect_ok();
	expect_text("one\n");
	expect_text("two\n");
	expect_text("three\n");
	expect_no_text("bad");
	expect_no_text("file\n");
	expect_text("tmpfs /copied tmpfs ro,nosuid,nodev,noexec");
	expect_text("proc /proc/sys proc ro,nosuid,nodev,noexec");
}

static void works_in_a_user_namespace(void **state)
{
	struct plan_op *op;
	const uint32_t gids[] = { 7, 9 };

	plan_new();
	add(OP_SYNC)->arg = SYNC_USERNS;
	add(OP_NS_ROOT);
	add(OP_SETSID);
	add(OP_PROPAGATION)->x = MS_SLAVE | MS_REC;
	op = add(OP_ROOT);
	op->s1 = str(rootfs);
	op->slot = 7;
	mount_op("/proc", "proc", PMF_REAL_DIR, 0, NULL);
	mount_op("/dev", "tmpfs", 0, 0, NULL);
	op = add(OP_DEVICE);
	op->flags = PDF_BIND;
	op->s1 = op->s2 = str("/dev/null");
	op->arg = S_IFCHR | 0666;
	op->x = makedev(1, 3);
	enter();
	path_op(OP_MASK, "/proc/keys");
	path_op(OP_MASK, "/proc/timer_list");
	add(OP_BOUNDING)->x = 1 << 10;
	op = add(OP_GROUPS);
	op->blob = bytes(gids, sizeof(gids));
	op->blob_len = sizeof(gids);
	op = add(OP_USER);
	op->x = 5;
	op->y = 6;
	op = add(OP_CAPS);
	op->x = op->y = 1 << 10;
	add(OP_AMBIENT)->x = 1;
	add(OP_NNP);
	end("id -u; id -g; id -G; cat /proc/keys; echo x >/dev/null; "
	    "grep -E 'Cap|NoNew' /proc/self/status");
	run(NEW | CLONE_NEWUSER);
	expect_ok();
	expect_text("5\n6\n6 7 9\n");
	expect_text("CapBnd:\t0000000000000400");
	expect_text("CapAmb:\t0000000000000000");
	expect_text("NoNewPrivs:\t1");
	assert_string_equal(res.warning, "can't raise ambient capability "
					 "CAP_CHOWN: operation not permitted");
}

static int files_above_2(pid_t pid)
{
	char path[64];
	int found = 0;

	for (int fd = 3; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		found += faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) ==
			 0;
	}
	return found;
}

static void waits_for_start(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int peer = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), chan;
	pid_t pid;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/start", dir);
	assert_int_equal(bind(sock, (void *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(sock, 1), 0);
	begin();
	pl.fds[pl.n_fds++] = sock;
	enter();
	add(OP_SYNC)->arg = SYNC_READY;
	add(OP_WAIT_START)->slot = 0;
	end("echo started");
	pid = launch(NEW, &chan);
	while (serve(chan, pid))
		;
	assert_string_equal(res.error, "");
	assert_int_equal(res.n_sync, 1);
	/* it holds its streams and the socket, as soon as it has closed all */
	for (int ms = 0; files_above_2(pid) != 1; ms++, usleep(1000))
		assert_true(ms < WAIT_MS);
	assert_int_equal(connect(peer, (void *)&addr, sizeof(addr)), 0);
	while (serve(peer, pid))
		;
	assert_true(res.execed);
	reap(pid);
	read_output();
	expect_ok();
	expect_text("started\n");
	close(chan);
	close(peer);
	close(sock);
	unlink(addr.sun_path);
}

static void makes_a_console(void **state)
{
	char text[512] = "";
	int chan;
	pid_t pid;
	ssize_t n;

	begin();
	mount_op("/dev/pts", "devpts", 0, 0x2 | 0x8, "ptmxmode=0666");
	pl.ops[pl.n_ops].x = 24;
	pl.ops[pl.n_ops].y = 80;
	add(OP_CONSOLE)->flags = PCF_BIND;
	enter();
	add(OP_CTTY);
	end("test -t 0 && test -t 2 && stty size && test -c /dev/console && "
	    "tty");
	pid = launch(NEW, &chan);
	while (serve(chan, pid))
		;
	assert_true(res.console >= 0);
	reap(pid);
	n = read(res.console, text, sizeof(text) - 1);
	assert_true(n > 0);
	assert_non_null(strstr(text, "24 80"));
	assert_non_null(strstr(text, "/dev/pts/0"));
	close(res.console);
	close(chan);
}

static void forks_late(void **state)
{
	plan_new();
	add(OP_UNSHARE)->arg = CLONE_NEWPID;
	add(OP_FORK);
	argv(add(OP_EXEC), BUSYBOX, "sh", "-c", "echo pid $$", NULL);
	run(0);
	assert_true(res.child > 0);
	expect_ok();
	expect_text("pid 1\n");
}

static void runs_hooks(void **state)
{
	struct plan_op *op;

	begin();
	op = add(OP_HOOK);
	op->s1 = str(BUSYBOX);
	argv(op, "sh", "-c", "cat; echo; pwd; env", NULL);
	op->s2 = str("{\"pid\":");
	op->s3 = str("}");
	op->arg = 2;
	argv(op, "sh", "-c", "test \"$(cat)\" = '{\"pid\":1}' && >ran", NULL);
	enter();
	end("ls /ran");
	run(NEW);
	expect_ok();
	expect_text("/ran\n");
}

static void hook_error(const char *path, const char *script, uint64_t timeout)
{
	struct plan_op *op;

	begin();
	op = add(OP_HOOK);
	op->s1 = str(path);
	op->arg = 2;
	op->x = timeout;
	argv(op, "sh", "-c", script, NULL);
	end("echo bad");
	run(NEW);
	assert_false(res.execed);
}

static void tells_how_a_hook_failed(void **state)
{
	hook_error(BUSYBOX, "echo a; echo b >&2; exit 3", 0);
	assert_string_equal(res.error,
			    "error running createContainer hook #0: exit "
			    "status 3, stdout: a\n, stderr: b\n");
	hook_error(BUSYBOX, "sleep 100 & sleep 100", 200);
	assert_string_equal(res.error,
			    "error running createContainer hook #0: hook ran "
			    "past specified timeout of 0.2s");
	hook_error("/nothing", "", 0);
	assert_string_equal(
		res.error,
		"error running createContainer hook #0: fork/exec /nothing: no "
		"such file or directory, stdout: , stderr: ");
}

static void lookup(const char *name, const char *path)
{
	struct plan_op *op;

	begin();
	enter();
	op = add(OP_LOOKUP);
	op->s1 = str(name);
	op->s2 = str(path);
	add(OP_HOME)->arg = 12;
	argv(add(OP_EXEC), name, "-c", "echo $HOME", NULL);
	run(NEW);
}

static void finds_the_program(void **state)
{
	lookup("sh", "/nowhere:/bin");
	expect_ok();
	expect_text("/home/twelve\n");
	lookup("nope", "/nowhere:/bin");
	assert_string_equal(
		res.error,
		"exec: \"nope\": executable file not found in $PATH");
	assert_int_equal(res.cls, 6);
	lookup("/nope", "/bin");
	assert_string_equal(res.error, "exec: \"/nope\": stat /nope: no such "
				       "file or directory");
	lookup("/bin", "/bin");
	assert_string_equal(res.error, "exec: \"/bin\": is a directory");
	lookup("/copied/file", "/bin");
	assert_string_equal(res.error,
			    "exec: \"/copied/file\": permission denied");
	lookup("/copied/script", "/bin");
	assert_string_equal(res.error, "exec /copied/script: no such file or "
				       "directory");
	assert_int_equal(res.cls, 6);
}

static void refuses_mounts_on_proc(void **state)
{
	begin();
	mount_op("/proc/self/attr", "tmpfs", 0, 0, NULL);
	pl.ops[pl.n_ops - 1].where = str("mounts[2]");
	end("true");
	run(NEW);
	assert_string_equal(res.error,
			    "mounts[2]: \"/proc/self/attr\" cannot be mounted "
			    "because it is inside /proc");
	begin();
	mount_op("/toproc/1", "tmpfs", 0, 0, NULL);
	end("true");
	run(NEW);
	expect_error("because it is inside /proc");
	begin();
	mount_op("/toproc", "proc", PMF_REAL_DIR, 0, NULL);
	end("true");
	run(NEW);
	assert_string_equal(res.error, "filesystem \"proc\" must be mounted on "
				       "ordinary directory");
}

static void stays_in_the_root(void **state)
{
	struct plan_op *op;
	struct stat st;
	char path[128];

	begin();
	mount_op("/escape/made", "tmpfs", 0, 0, NULL);
	op = add(OP_SYMLINK);
	op->s1 = str("x");
	op->s2 = str("/escape/link");
	enter();
	end("true");
	run(NEW);
	expect_ok();
	snprintf(path, sizeof(path), "%s/host/made", dir);
	assert_int_equal(lstat(path, &st), -1);
	snprintf(path, sizeof(path), "%s/host/link", dir);
	assert_int_equal(lstat(path, &st), -1);
}

static void tells_what_failed(void **state)
{
	begin();
	mount_op("/x", "nosuchfs", 0, 0, NULL);
	pl.ops[pl.n_ops - 1].where = str("mounts[9]");
	end("true");
	run(NEW);
	expect_error("mounts[9]: mount nosuchfs on /x: ");
	expect_error("no such device");
	assert_int_equal(res.code, ENODEV);
	begin();
	mount_op("/x", "tmpfs", 0, 0, "size=bad");
	end("true");
	run(NEW);
	expect_error("mount tmpfs on /x: ");
	expect_error("invalid argument");
	begin();
	enter();
	path_op(OP_CHDIR, "/no/where");
	end("true");
	run(NEW);
	assert_string_equal(res.error,
			    "chdir to cwd (\"/no/where\") set in config.json "
			    "failed: no such file or directory");
}

static void works_without_pivot(void **state)
{
	begin();
	enter();
	pl.ops[pl.n_ops - 1].flags = PPF_NO_PIVOT;
	end("cat /proc/mounts; ls /");
	run(NEW);
	expect_ok();
	expect_text("proc /proc proc");
	expect_no_text("sysfs");
}

static void writes_sysctls(void **state)
{
	struct plan_op *op;

	begin();
	op = add(OP_SYSCTL);
	op->s1 = str("net/ipv4/ip_default_ttl");
	op->s2 = str("77");
	enter();
	end("cat /proc/sys/net/ipv4/ip_default_ttl");
	run(NEW);
	expect_ok();
	expect_text("77\n");
}

/* --- the root file system ----------------------------------------------- */

static void put(const char *name, mode_t mode, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", rootfs, name);
	fd = open(path, O_WRONLY | O_CREAT, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int make_root(void **state)
{
	char cmd[1024];

	init = getenv("TARE_INIT");
	if (!init)
		init = "nsexec/tare-init";
	if (!mkdtemp(dir))
		return -1;
	snprintf(rootfs, sizeof(rootfs), "%s/rootfs", dir);
	snprintf(output, sizeof(output), "%s/out", dir);
	snprintf(
		cmd, sizeof(cmd),
		"set -e; cd %s; mkdir -p host rootfs/bin rootfs/etc "
		"rootfs/copied/sub rootfs/proc; cp %s rootfs/bin/; for i in sh "
		"cat ls echo hostname grep id touch stty tty test; do ln -s "
		"busybox rootfs/bin/$i; done; ln -s file rootfs/copied/link; "
		"ln -s %s/host rootfs/escape; ln -s /proc rootfs/toproc",
		dir, BUSYBOX, dir);
	if (system(cmd) != 0)
		return -1;
	put("copied/file", 0644, "was there\n");
	put("copied/script", 0755, "#!/no/shell\n");
	put("etc/passwd", 0644,
	    "root:x:0:0::/root:/bin/sh\nbad\n:::\n"
	    "twelve:x:12:12::/home/twelve:/bin/sh\n");
	return 0;
}

static int remove_root(void **state)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf --one-file-system %s", dir);
	return system(cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_a_program_in_the_root),
		cmocka_unit_test(makes_mounts_with_their_attributes),
		cmocka_unit_test(masks_and_protects),
		cmocka_unit_test(works_in_a_user_namespace),
		cmocka_unit_test(waits_for_start),
		cmocka_unit_test(makes_a_console),
		cmocka_unit_test(forks_late),
		cmocka_unit_test(runs_hooks),
		cmocka_unit_test(tells_how_a_hook_failed),
		cmocka_unit_test(finds_the_program),
		cmocka_unit_test(refuses_mounts_on_proc),
		cmocka_unit_test(stays_in_the_root),
		cmocka_unit_test(tells_what_failed),
		cmocka_unit_test(works_without_pivot),
		cmocka_unit_test(writes_sysctls),
	};
	const char *prog = getenv("TARE_INIT");

	if (geteuid() != 0 || access(BUSYBOX, X_OK) < 0 ||
	    access(prog ? prog : "nsexec/tare-init", X_OK) < 0)
		return 77; /* automake: skipped */
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
