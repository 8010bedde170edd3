/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hostile program of the security tests; statically linked, put into the
 * image as /bin/attack, some verbs also used by the caller's side.
 *
 *	attack watch LOG	look at every other process of the pid
 *				namespace for ever; each new finding is a line:
 *				  exe DEV:INO LINK   what it runs
 *				  dir LINK           a directory it has open
 *				  foreignroot LINK   a root that is not ours
 *				  file LINK          a file, pipe, ... it has open
 *				  overcap MASK       capabilities beyond ours
 *				  wopen DEV:INO LINK its program, opened to write
 *				  wrote DEV:INO LINK its memfd, changed
 *	attack key-add NAME CMD...	fresh session keyring with a secret, then CMD
 *	attack key-hold NAME	add a secret to the present session, sleep
 *	attack key-find NAME [RING]	join keyring RING if given; look for NAME
 *	attack fds CMD...	open 20 descriptors of ".", not close-on-exec, CMD
 *	attack tiocsti		push a byte into the terminal on fd 0
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define KEYCTL_JOIN_SESSION_KEYRING 1
#define KEYCTL_SEARCH 10
#define KEYCTL_READ 11
#define SESSION_RING (-3)
#define USER_RING (-4)
#define USER_SESSION_RING (-5)

/* ---- findings, each once ---- */

static char *seen[4096];
static size_t nseen;
static FILE *logf;

static void note(const char *line)
{
	for (size_t i = 0; i < nseen; i++)
		if (!strcmp(seen[i], line))
			return;
	if (nseen == 4096)
		return;
	seen[nseen++] = strdup(line);
	fprintf(logf, "%s\n", line);
	fflush(logf);
}

static unsigned long long our_bound;

static unsigned long long cap_of(const char *pid, const char *key)
{
	char path[64], line[256];
	unsigned long long v = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			v = strtoull(line + strlen(key), NULL, 16);
	fclose(f);
	return v;
}

static void look_caps(const char *pid)
{
	unsigned long long have =
		cap_of(pid, "CapPrm:\t") | cap_of(pid, "CapEff:\t");
	char line[64];

	if (have & ~our_bound) {
		snprintf(line, sizeof(line), "overcap %llx", have & ~our_bound);
		note(line);
	}
}

static void look_exe(const char *pid)
{
	char path[64], link[512], line[700];
	struct stat st;
	ssize_t n;
	int fd, w;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* the name of what was opened: the process may run another by now */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0 || fstat(fd, &st)) {
		close(fd);
		return;
	}
	link[n] = 0;
	snprintf(line, sizeof(line), "exe %u:%lu %s", (unsigned)st.st_dev,
		 (unsigned long)st.st_ino, link);
	note(line);
	/* The image's own: opened to write, it could not be executed. */
	if (!strncmp(link, "/bin/", 5)) {
		close(fd);
		return;
	}
	/* Busy while it runs: the attack waits for its end. */
	for (int i = 0; i < 200; i++) {
		w = open(path, O_WRONLY | O_CLOEXEC);
		if (w >= 0 || errno != ETXTBSY)
			break;
		usleep(500);
	}
	if (w >= 0) {
		bool copy = strstr(link, "memfd:");

		/* A copy may be opened; what counts is that it is sealed. */
		if (!copy || write(w, "#!", 2) > 0 || !ftruncate(w, 0)) {
			snprintf(line, sizeof(line), "%s %u:%lu %s",
				 copy ? "wrote" : "wopen", (unsigned)st.st_dev,
				 (unsigned long)st.st_ino, link);
			note(line);
		}
		close(w);
	}
	close(fd);
}

static void look_fds(const char *pid)
{
	char dir[64], path[400], link[512], line[700];
	struct stat st, root;
	struct dirent *e;
	DIR *d;
	ssize_t n;

	snprintf(dir, sizeof(dir), "/proc/%s/fd", pid);
	d = opendir(dir);
	if (!d)
		return;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0 || stat(path, &st))
			continue;
		link[n] = 0;
		if (S_ISDIR(st.st_mode) && !strcmp(link, "/") &&
		    !stat("/", &root) &&
		    (root.st_dev != st.st_dev || root.st_ino != st.st_ino))
			snprintf(line, sizeof(line), "foreignroot %s", link);
		else if (S_ISDIR(st.st_mode))
			snprintf(line, sizeof(line), "dir %s", link);
		else
			snprintf(line, sizeof(line), "file %s", link);
		note(line);
	}
	closedir(d);
}

static int watch(char **arg)
{
	char self[16];

	logf = fopen(arg[0], "we");
	if (!logf)
		return 1;
	our_bound = cap_of("self", "CapBnd:\t");
	snprintf(self, sizeof(self), "%d", getpid());
	note("ready");
	for (;;) {
		DIR *d = opendir("/proc");
		struct dirent *e;

		if (!d)
			return 1;
		while ((e = readdir(d))) {
			if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
			    !strcmp(e->d_name, self))
				continue;
			look_caps(e->d_name);
			look_fds(e->d_name);
			look_exe(e->d_name);
			look_caps(e->d_name);
		}
		closedir(d);
	}
}

/* ---- keys ---- */

static long add_key(const char *name)
{
	return syscall(SYS_add_key, "user", name, "hunter2", 7, SESSION_RING);
}

static int key_add(char **arg)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    add_key(arg[0]) < 0) {
		perror("keyring");
		return 77;
	}
	execvp(arg[1], arg + 1);
	return 127;
}

static int key_hold(char **arg)
{
	if (add_key(arg[0]) < 0) {
		perror("add_key");
		return 77;
	}
	printf("held\n");
	fflush(stdout);
	for (;;)
		pause();
}

static int key_find(char **arg)
{
	static const int rings[] = { SESSION_RING, USER_SESSION_RING,
				     USER_RING };
	char buf[32] = "";

	if (arg[1])
		syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, arg[1]);
	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++) {
		long k = syscall(SYS_keyctl, KEYCTL_SEARCH, rings[i], "user",
				 arg[0], 0);

		if (k < 0)
			continue;
		syscall(SYS_keyctl, KEYCTL_READ, k, buf, sizeof(buf) - 1);
		printf("found %s\n", buf);
		return 0;
	}
	printf("absent\n");
	return 0;
}

/* ---- the caller who leaks, the terminal ---- */

static int leak_fds(char **arg)
{
	for (int i = 0; i < 20; i++)
		if (open(".", O_RDONLY) < 0)
			return 1;
	execvp(arg[0], arg);
	return 127;
}

static int tiocsti(char **arg)
{
	(void)arg;
	for (int fd = 0; fd < 3; fd++)
		if (!ioctl(fd, TIOCSTI, "x")) {
			printf("injected\n");
			return 0;
		}
	printf("refused\n");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *verb;
		int args;
		int (*fn)(char **);
	} verbs[] = {
		{ "watch", 1, watch },	     { "key-add", 2, key_add },
		{ "key-hold", 1, key_hold }, { "key-find", 1, key_find },
		{ "fds", 1, leak_fds },	     { "tiocsti", 0, tiocsti },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(argv[1], verbs[i].verb) && argc - 2 >= verbs[i].args)
			return verbs[i].fn(argv + 2);
	fprintf(stderr, "usage: see the source\n");
	return 2;
}
