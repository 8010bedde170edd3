/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one system call from inside a container and says what came of it:
 *
 *	probe NR [ARG...]	prints "ok RESULT" or the errno as a word
 *
 * NR is a number or one of the names below; an argument is a number, or a
 * string when it begins with "s:". Exit status 0 whatever the call returned.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	long nr;
} calls[] = {
	{ "getpid", SYS_getpid },
	{ "mkdir", SYS_mkdir },
	{ "personality", SYS_personality },
	{ "socket", SYS_socket },
	{ "sethostname", SYS_sethostname },
	{ "chroot", SYS_chroot },
	{ "getcpu", SYS_getcpu },
	{ "dup2", SYS_dup2 },
	{ "keyctl", SYS_keyctl },
	{ "ioprio_get", SYS_ioprio_get },
	{ "sched_getscheduler", SYS_sched_getscheduler },
	{ "getpriority", SYS_getpriority },
	{ "clone3", SYS_clone3 },
	{ "openat2", SYS_openat2 },
	{ "getppid", SYS_getppid },
	{ "umask", SYS_umask },
	{ "prctl", SYS_prctl },
	{ "get_mempolicy", SYS_get_mempolicy },
	{ "unshare", SYS_unshare },
};

int main(int argc, char **argv)
{
	long a[6] = { 0 }, nr, r;

	if (argc < 2 || argc > 8)
		return 2;
	nr = strtol(argv[1], NULL, 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(argv[1], calls[i].name))
			nr = calls[i].nr;
	for (int i = 2; i < argc; i++)
		a[i - 2] = strncmp(argv[i], "s:", 2)
				   ? (long)strtoull(argv[i], NULL, 0)
				   : (long)(argv[i] + 2);
	r = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (r < 0)
		printf("%s\n", strerrorname_np(errno));
	else
		printf("ok %ld\n", r);
	return 0;
}
