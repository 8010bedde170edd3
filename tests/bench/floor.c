/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor: what the kernel alone takes for the operations of a runtime. For one
 * configuration, compiled in by floorplan.py as CONFIG_H, it makes the same
 * namespaces, mounts, cgroup writes, credentials and filter as a runtime, and
 * executes the same program, with nothing around it: no JSON, no checks of
 * hostile input, no init stage, no state beyond a pid and a FIFO. It is not a
 * runtime and is safe with trusted input only.
 *
 *	floor --version
 *	floor run|create|start|state|kill|delete|force|exec DIR SLOT ARG...
 *
 * SLOT names the cgroup, DIR holds the container's state. Any failed call ends
 * the program with status 1 and one line that names it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include <grp.h>

enum kind {
	OP_MOUNT,   /* mount(a, b, c, flags, d) */
	OP_ABSENT,  /* the same on a path that this kernel does not have */
	OP_REMOUNT, /* mount(NULL, b, NULL, flags) */
	OP_CGBIND,  /* own directory of hierarchy number flags, onto a */
	OP_MKDIR,   /* mkdir(b, flags), may exist */
	OP_MKNOD,   /* character device flags at b */
	OP_SYMLINK, /* a at b */
	OP_WRITE,   /* text b to file a */
};

struct op {
	enum kind kind;
	const char *a, *b, *c, *d;
	unsigned long flags;
};

struct limit {
	int hierarchy;
	const char *file, *value;
};

struct rlim {
	int resource;
	struct rlimit value;
};

#include CONFIG_H

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct job {
	const char *slot;
	char **argv;
	int fifo;  /* read end that holds the process back, or -1 */
	int ready; /* write end that tells of readiness, or -1 */
};

static struct sock_filter filter_code[8192];
static struct sock_fprog filter;
static char stack[65536] __attribute__((aligned(16)));

static _Noreturn void die(const char *what)
{
	dprintf(2, "floor: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void must(long r, const char *what)
{
	if (r < 0)
		die(what);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	close(fd);
}

static const char *cgroup_path(size_t h, const char *slot, const char *file)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s" CGROUP_TAG "/%s%s%s", hierarchies[h],
		 slot, file ? "/" : "", file ? file : "");
	return path;
}

static void cgroup_make(const char *slot)
{
	for (size_t h = 0; h < N(hierarchies); h++)
		must(mkdir(cgroup_path(h, slot, NULL), 0755), "cgroup mkdir");
	for (const struct limit *l = limits; l->file; l++)
		write_file(cgroup_path((size_t)l->hierarchy, slot, l->file),
			   l->value);
}

static void cgroup_join(const char *slot)
{
	for (size_t h = 0; h < N(hierarchies); h++)
		write_file(cgroup_path(h, slot, "cgroup.procs"), "0");
}

static void cgroup_remove(const char *slot)
{
	for (size_t h = 0; h < N(hierarchies); h++) {
		const char *path = cgroup_path(h, slot, NULL);
		int tries = 0;

		while (rmdir(path) < 0) {
			if (errno != EBUSY || tries++ == 10000)
				die(path);
			usleep(100);
		}
	}
}

static void filter_read(void)
{
	const char *path = FILTER;
	ssize_t n;
	int fd;

	if (!path)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd, path);
	n = read(fd, filter_code, sizeof(filter_code));
	must(n, path);
	close(fd);
	filter.len = (unsigned short)((size_t)n / sizeof(filter_code[0]));
	filter.filter = filter_code;
}

static void filter_load(void)
{
	if (filter.len)
		must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter),
		     "seccomp");
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd, "socket");
	must(ioctl(fd, SIOCSIFFLAGS, &ifr), "SIOCSIFFLAGS");
	close(fd);
}

static void do_op(const struct op *o, const char *slot)
{
	switch (o->kind) {
	case OP_MOUNT:
		must(mount(o->a, o->b, o->c, o->flags, o->d), o->b);
		break;
	case OP_ABSENT:
		(void)mount(o->a, o->b, o->c, o->flags, o->d);
		break;
	case OP_REMOUNT:
		must(mount(NULL, o->b, NULL, o->flags, NULL), o->b);
		break;
	case OP_CGBIND:
		must(mount(cgroup_path(o->flags, slot, NULL), o->a, NULL,
			   MS_BIND, NULL),
		     o->a);
		break;
	case OP_MKDIR:
		if (mkdir(o->b, (mode_t)o->flags) < 0 && errno != EEXIST)
			die(o->b);
		break;
	case OP_MKNOD:
		must(mknod(o->b, S_IFCHR | 0666, o->flags), o->b);
		break;
	case OP_SYMLINK:
		must(symlink(o->a, o->b), o->b);
		break;
	case OP_WRITE:
		write_file(o->a, o->b);
		break;
	}
}

static void set_root(const char *slot)
{
	must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "slave /");
	must(mount(ROOTFS, ROOTFS, NULL, MS_BIND | MS_REC, NULL), ROOTFS);
	must(chdir(ROOTFS), ROOTFS);
	for (size_t i = 0; i < N(ops); i++)
		do_op(ops + i, slot);
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount2");
	must(chdir("/"), "chdir");
}

static void set_caps(void)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct d[2] = {
		{ (unsigned)CAPS_EFFECTIVE, (unsigned)CAPS_PERMITTED,
		  (unsigned)CAPS_INHERITABLE },
		{ CAPS_EFFECTIVE >> 32, CAPS_PERMITTED >> 32,
		  CAPS_INHERITABLE >> 32 }
	};

	for (unsigned long c = 0; c <= CAP_LAST_CAP; c++)
		if (!(CAPS_BOUNDING >> c & 1))
			must(prctl(PR_CAPBSET_DROP, c, 0, 0, 0), "bounding");
	must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "keepcaps");
	must(syscall(SYS_setgroups, N(groups), groups), "setgroups");
	must(syscall(SYS_setresgid, 0, 0, 0), "setresgid");
	must(syscall(SYS_setresuid, 0, 0, 0), "setresuid");
	must(syscall(SYS_capset, &h, d), "capset");
	must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
	     "ambient");
}

/* Credentials, filter and execve: the same for a first process and exec. */
static _Noreturn void become(struct job *j)
{
	must(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0), "keyctl");
	for (const struct rlim *r = rlimits; r->resource >= 0; r++)
		must(setrlimit(r->resource, &r->value), "setrlimit");
	if (!NO_NEW_PRIVS)
		filter_load();
	set_caps();
	if (NO_NEW_PRIVS) {
		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "nnp");
		filter_load();
	}
	must(syscall(SYS_close_range, 3, ~0U, 4 /* CLOEXEC */), "close_range");
	execve(j->argv[0], j->argv, (char **)environment);
	die("execve");
}

static int first_process(void *arg)
{
	struct job *j = arg;
	char c = 0;

	cgroup_join(j->slot);
	if (CGROUPNS)
		must(unshare(CLONE_NEWCGROUP), "unshare");
	must(setsid(), "setsid");
	loopback_up();
	must(sethostname(HOSTNAME, sizeof(HOSTNAME) - 1), "sethostname");
	set_root(j->slot);
	if (j->ready >= 0) {
		must(write(j->ready, &c, 1), "ready");
		must(read(j->fifo, &c, 1), "fifo");
	}
	become(j);
}

static int joined_process(void *arg)
{
	must(setsid(), "setsid");
	become(arg);
}

static int wait_for(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0), "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The child runs in our memory until its execve: no page table is copied. */
static pid_t spawn(int (*fn)(void *), struct job *j, int flags)
{
	pid_t pid = clone(fn, stack + sizeof(stack),
			  flags | CLONE_VM | CLONE_VFORK | SIGCHLD, j);

	must(pid, "clone");
	return pid;
}

static int cmd_run(const char *dir, struct job *j)
{
	int rc;

	(void)dir;
	filter_read();
	cgroup_make(j->slot);
	rc = wait_for(spawn(first_process, j, NAMESPACES));
	cgroup_remove(j->slot);
	return rc;
}

static void pid_write(const char *dir, pid_t pid)
{
	char text[16];
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int f = openat(fd, "pid.tmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	must(f, "pid");
	must(write(f, text, (size_t)snprintf(text, sizeof(text), "%d", pid)),
	     "pid");
	close(f);
	must(renameat(fd, "pid.tmp", fd, "pid"), "rename");
	close(fd);
}

/* Returns a pidfd of the container's process, *alive says if it runs. */
static int pid_open(const char *dir, int *alive)
{
	struct pollfd p = { .events = POLLIN };
	char path[256], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/pid", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd, path);
	must(read(fd, text, sizeof(text) - 1), path);
	close(fd);
	p.fd = (int)syscall(SYS_pidfd_open, atoi(text), 0);
	*alive = p.fd >= 0 && poll(&p, 1, 0) == 0;
	return p.fd;
}

static int cmd_create(const char *dir, struct job *j)
{
	char path[256], c;
	int p[2];
	pid_t pid;

	must(mkdir(dir, 0700), dir);
	snprintf(path, sizeof(path), "%s/fifo", dir);
	must(mkfifo(path, 0600), path);
	j->fifo = open(path, O_RDWR | O_CLOEXEC);
	must(j->fifo, path);
	must(pipe2(p, O_CLOEXEC), "pipe2");
	j->ready = p[1];
	filter_read();
	cgroup_make(j->slot);
	/* It outlives us, so it needs memory of its own. */
	pid = (pid_t)syscall(SYS_clone, NAMESPACES | SIGCHLD, 0, 0, 0, 0);
	must(pid, "clone");
	if (pid == 0)
		first_process(j);
	close(p[1]);
	if (read(p[0], &c, 1) != 1)
		return 1;
	pid_write(dir, pid);
	return 0;
}

/* The FIFO has no reader any more when the process has executed its program. */
static int cmd_start(const char *dir, struct job *j)
{
	struct pollfd p = { .events = 0 };
	char path[256];

	(void)j;
	snprintf(path, sizeof(path), "%s/fifo", dir);
	p.fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	must(p.fd, path);
	must(write(p.fd, "", 1), path);
	return poll(&p, 1, 10000) == 1 ? 0 : 1;
}

static int cmd_exec(const char *dir, struct job *j)
{
	int alive, fd = pid_open(dir, &alive);
	int flags = NAMESPACES | (CGROUPNS ? CLONE_NEWCGROUP : 0);

	filter_read();
	cgroup_join(j->slot);
	must(setns(fd, flags), "setns");
	return wait_for(spawn(joined_process, j, 0));
}

static int cmd_state(const char *dir, struct job *j)
{
	int alive, fd = pid_open(dir, &alive);

	dprintf(1, "{ \"id\": \"%s\", \"status\": \"%s\" }\n", j->slot,
		alive ? "running" : "stopped");
	close(fd);
	return 0;
}

static int cmd_kill(const char *dir, struct job *j)
{
	int alive, fd = pid_open(dir, &alive);

	(void)j;
	must(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0), "kill");
	return 0;
}

static int cmd_delete(const char *dir, struct job *j)
{
	static const char *const files[] = { "fifo", "pid" };
	char path[256];
	int alive;

	pid_open(dir, &alive);
	if (alive)
		return 1;
	cgroup_remove(j->slot);
	for (size_t i = 0; i < N(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		must(unlink(path), path);
	}
	must(rmdir(dir), dir);
	return 0;
}

static int cmd_force(const char *dir, struct job *j)
{
	struct pollfd p = { .events = POLLIN };
	int alive;

	p.fd = pid_open(dir, &alive);
	if (alive) {
		must(syscall(SYS_pidfd_send_signal, p.fd, SIGKILL, NULL, 0),
		     "kill");
		must(poll(&p, 1, 10000), "poll");
	}
	return cmd_delete(dir, j);
}

static const struct {
	const char *name;
	int (*fn)(const char *dir, struct job *j);
} commands[] = {
	{ "run", cmd_run },	  { "create", cmd_create },
	{ "start", cmd_start },	  { "exec", cmd_exec },
	{ "state", cmd_state },	  { "kill", cmd_kill },
	{ "delete", cmd_delete }, { "force", cmd_force },
};

int main(int argc, char **argv)
{
	struct job j = { .fifo = -1, .ready = -1 };

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		must(write(1, "floor 1\n", 8), "write");
		return 0;
	}
	if (argc < 4)
		return 2;
	j.slot = argv[3];
	j.argv = argv + 4;
	for (size_t i = 0; i < N(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].fn(argv[2], &j);
	return 2;
}
