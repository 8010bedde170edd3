/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fmt.h"
#include "base/io.h"

#define K_PROC_SUPER_MAGIC 0x9fa0
#define K_PROC_ROOT_INO 1
#define K_PROC_USER_INIT_INO 0xEFFFFFFDu

/* One read(2) is enough: the kernel makes the line in one piece. */
static ssize_t read_stat(pid_t pid, char *buf, size_t size)
{
	_cleanup_close_ int fd = -EBADF;
	char path[32];
	ssize_t n;

	fmt_print(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	do
		n = read(fd, buf, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return n;
}

/* A number that ends at a blank; moves *s behind it. */
static int field(const char **s, uint64_t *ret)
{
	uint64_t v = 0;
	const char *p = *s;

	if (*p == '-') /* tpgid, nice, ... are not asked for */
		p++;
	for (; *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	if (p == *s || *p != ' ')
		return -EIO;
	*s = p + 1;
	*ret = v;
	return 0;
}

int proc_get_stat(pid_t pid, struct proc_stat *ret)
{
	char buf[1024];
	struct proc_stat st;
	const char *p;
	uint64_t v = 0;
	ssize_t n;

	if (pid <= 0)
		return -ESRCH;
	n = read_stat(pid, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	/* The name in parentheses may hold anything, also ")". */
	p = strrchr(buf, ')');
	if (!p || p[1] != ' ' || p[2] == '\0' || p[3] != ' ')
		return n == 0 ? -ESRCH : -EIO;
	st.state = p[2];
	p += 4;
	if (field(&p, &v) < 0)
		return -EIO;
	st.ppid = (pid_t)v;
	for (int i = 5; i <= 22; i++)
		if (field(&p, &v) < 0)
			return -EIO;
	st.start_time = v;
	*ret = st;
	return 0;
}

int proc_is_alive(pid_t pid, uint64_t start_time)
{
	struct proc_stat st;
	int r = proc_get_stat(pid, &st);

	if (r == -ESRCH)
		return 0;
	if (r < 0)
		return r;
	return st.start_time == start_time && st.state != 'Z' &&
	       st.state != 'X' && st.state != 'x';
}

int proc_boot_id(char ret[37])
{
	char buf[64];
	ssize_t n = io_read_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", buf,
			       sizeof(buf));

	if (n < 0)
		return (int)n;
	if (strcspn(buf, "\n") != 36)
		return -EIO;
	memcpy(ret, buf, 36);
	ret[36] = '\0';
	return 0;
}

int proc_open_root(void)
{
	_cleanup_close_ int fd = -EBADF;
	struct statfs fs;
	struct stat st;

	fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (fs.f_type != K_PROC_SUPER_MAGIC || st.st_ino != K_PROC_ROOT_INO)
		return -EXDEV;
	return take_fd(&fd);
}

void proc_ns_path(pid_t pid, const char *name, char *buf, size_t size)
{
	fmt_print(buf, size, "/proc/%d/ns/%s", (int)pid, name);
}

int proc_in_init_userns(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 &&
	       st.st_ino == K_PROC_USER_INIT_INO;
}

void proc_now_rfc3339(char *buf, size_t size)
{
	struct timespec t = { 0 };
	struct tm tm = { 0 };

	clock_gettime(CLOCK_REALTIME, &t);
	gmtime_r(&t.tv_sec, &tm);
	fmt_print(buf, size, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ",
		  tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		  tm.tm_min, tm.tm_sec, t.tv_nsec);
}
