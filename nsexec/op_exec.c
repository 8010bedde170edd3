/* SPDX-License-Identifier: Apache-2.0 */
/* The last steps: working directory, program, home, files, execve. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/fsuid.h>

#include "base/fd.h"
#include "base/fmt.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define PASSWD_MAX (1024 * 1024)
#define PASSWD_LINE_MAX 4096
#define K_AT_EACCESS 0x200
#define CAPS_DAC (1ull << 1 | 1ull << 2) /* DAC_OVERRIDE, DAC_READ_SEARCH */

/* --- working directory -------------------------------------------------- */

/* A directory that is not below "/": left behind, or of the host. */
static int check_cwd(void)
{
	char path[PATH_MAX];

	/* the raw call tells of such a place by "(unreachable)/..." */
	if (syscall(SYS_getcwd, path, sizeof(path)) >= 0 && path[0] == '/')
		return 0;
	return err_text(-ENOENT,
			"current working directory is outside of container "
			"mount namespace root -- possible container breakout "
			"detected");
}

static int chdir_failed(int r, const char *path)
{
	return err_text(r, "chdir to cwd (\"%s\") set in config.json failed: %s",
			path, err_str(r));
}

/* Made with the plan's owner, which is the user of the process. */
static int make_cwd(struct init *in, const struct plan_op *op, const char *path)
{
	int fd = fd_tmp(in, path_make_in(root_fd(in), path, PATH_DIR, 0755));

	if (fd < 0)
		return fd;
	if ((op->x || op->y) &&
	    fchownat(fd, "", (uid_t)op->x, (gid_t)op->y, K_AT_EMPTY_PATH) < 0)
		return -errno;
	return fd;
}

static int enter(struct init *in, const struct plan_op *op, const char *path)
{
	int root = root_fd(in), fd;

	if (root < 0)
		return root;
	fd = fd_tmp(in, path_open_in(root, path, O_PATH | O_DIRECTORY, 0));
	if (fd == -ENOENT && op && op_has(op, PWF_MKDIR))
		fd = make_cwd(in, op, path);
	if (fd < 0)
		return fd;
	return fchdir(fd) < 0 ? -errno : 0;
}

int cwd_enter(struct init *in, const char *path)
{
	int r = enter(in, NULL, path);

	in->cwd_later = NULL;
	return r < 0 ? chdir_failed(r, path) : check_cwd();
}

int op_chdir(struct init *in, const struct plan_op *op)
{
	const char *path = OP_STR(in, op->s1);
	int r;

	if (streq(path, "/")) /* what nobody could have moved */
		return chdir(path) < 0 ? chdir_failed(-errno, path) : 0;
	r = enter(in, op, path);
	if (r == -EACCES && op_has(op, PWF_LATER_OK)) {
		in->cwd_later = path;
		return 0;
	}
	return r < 0 ? chdir_failed(r, path) : check_cwd();
}

/* --- the program -------------------------------------------------------- */

static int exec_failed(int r, const char *name, const char *why)
{
	err_text(r, "exec: \"%s\": %s", name, why);
	err_set_class(ERR_EXEC);
	return r;
}

/* 0 when path is a file that this process may execute. */
static int executable(const char *path, bool *missing)
{
	struct stat st;

	*missing = false;
	if (stat(path, &st) < 0) {
		*missing = true;
		return -errno;
	}
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, K_AT_EACCESS) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	return st.st_mode & 0111 ? 0 : -EACCES;
}

static int lookup_direct(struct init *in, const char *name)
{
	char why[PATH_MAX + 64];
	bool missing;
	int r = executable(name, &missing);

	if (r == 0) {
		in->program = name;
		return 0;
	}
	if (missing)
		fmt_print(why, sizeof(why), "stat %s: %s", name, err_str(r));
	else
		fmt_print(why, sizeof(why), "%s", err_str(r));
	return exec_failed(r, name, why);
}

static int lookup(struct init *in, const struct plan_op *op)
{
	static char path[PATH_MAX];
	const char *name = OP_STR(in, op->s1), *dirs = OP_STR(in, op->s2);
	bool missing;

	if (strchr(name, '/'))
		return lookup_direct(in, name);
	while (*dirs && *name) {
		size_t n = strcspn(dirs, ":");
		size_t len = fmt_print(path, sizeof(path), "%.*s/%s",
				       n ? (int)n : 1, n ? dirs : ".", name);

		if (len < sizeof(path) && executable(path, &missing) == 0) {
			in->program = path;
			return 0;
		}
		dirs += n + (dirs[n] == ':');
	}
	return exec_failed(-ENOENT, name, "executable file not found in $PATH");
}

/* What may pass over permissions is set aside; and back. */
static int set_dac(bool on, uint64_t *kept)
{
	uint64_t eff, perm, inh;
	int r = sys_capget(&eff, &perm, &inh);

	if (!on)
		*kept = eff & CAPS_DAC;
	if (r < 0 || !*kept)
		return r;
	return sys_capset(on ? eff | *kept : eff & ~CAPS_DAC, perm, inh);
}

/* With the eyes of the process that the program is for. */
int op_lookup(struct init *in, const struct plan_op *op)
{
	uint64_t kept = 0;
	int r, back;

	if (op_has(op, PLF_DAC))
		return lookup(in, op);
	r = set_dac(false, &kept);
	if (r < 0)
		return err_set(r, "set capabilities aside");
	setfsgid((gid_t)op->y);
	setfsuid((uid_t)op->x);
	r = lookup(in, op);
	setfsuid(geteuid());
	setfsgid(getegid());
	back = set_dac(true, &kept);
	return back < 0 ? err_set(back, "take capabilities back") : r;
}

/* --- home --------------------------------------------------------------- */

/* A line "name:password:uid:gid:comment:home:shell": home, if uid's. */
static char *home_of(char *line, uint32_t uid)
{
	char *field[7];
	uint32_t id;

	for (size_t i = 0; i < ARRAY_SIZE(field); i++) {
		field[i] = line;
		if (!line)
			continue;
		line = strchr(line, ':');
		if (line)
			*line++ = '\0';
	}
	if (!field[5] || str_u32(field[2], &id) < 0 || id != uid)
		return NULL;
	return field[5];
}

/*
 * The image's file: it may be a pipe, endless, or of one endless line. Lines
 * that are too long are skipped.
 */
static char *find_home(int fd, uint32_t uid, char *buf, size_t size)
{
	size_t have = 0, total = 0;
	bool skip = false;
	ssize_t n;

	while (total < PASSWD_MAX &&
	       (n = read(fd, buf + have, size - 1 - have)) > 0) {
		char *line = buf, *end, *home;

		total += (size_t)n;
		have += (size_t)n;
		buf[have] = '\0';
		for (; (end = memchr(line, '\n', have - (size_t)(line - buf)));
		     line = end + 1) {
			*end = '\0';
			home = skip ? NULL : home_of(line, uid);
			skip = false;
			if (home)
				return home;
		}
		have -= (size_t)(line - buf);
		memmove(buf, line, have);
		if (have == size - 1) {
			skip = true;
			have = 0;
		}
	}
	buf[have] = '\0';
	return skip ? NULL : home_of(buf, uid);
}

int op_home(struct init *in, const struct plan_op *op)
{
	static char buf[PASSWD_LINE_MAX], home[PATH_MAX + 8];
	int root = root_fd(in), fd;
	char *dir = NULL;
	struct stat st;

	if (root < 0)
		return root;
	fd = fd_tmp(in, path_open_in(root, "/etc/passwd",
				     O_RDONLY | O_NONBLOCK | O_NOCTTY, 0));
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		dir = find_home(fd, op->arg, buf, sizeof(buf));
	fmt_print(home, sizeof(home), "HOME=%s", dir && *dir ? dir : "/");
	in->home = home;
	return 0;
}

/* --- files, execve ------------------------------------------------------ */

int op_close_from(struct init *in, const struct plan_op *op)
{
	fd_close_all(in, in->chan);
	in->first_tmp = in->chan + 1;
	return 0;
}

/* Pointers to the strings of a list blob, from *at on; NULL at its end. */
static int fill(struct init *in, uint32_t blob, uint32_t len, char **v,
		size_t *at)
{
	const char *p = OP_STR(in, blob), *end = p + len;

	if (len > 0 && end[-1] != '\0')
		return -EBADMSG;
	for (; p < end; p += strlen(p) + 1) {
		if (*at + 2 >= INIT_ARGS_MAX)
			return -E2BIG;
		v[(*at)++] = (char *)(uintptr_t)p;
	}
	return 0;
}

int op_exec(struct init *in, const struct plan_op *op)
{
	static char *v[INIT_ARGS_MAX];
	const struct chan_msg m = { .type = CHAN_EXEC };
	size_t n = 0, env;
	const char *path;
	int r;

	r = fill(in, op->blob, op->blob_len, v, &n);
	env = ++n;
	if (r == 0)
		r = fill(in, op->blob2, op->blob2_len, v, &n);
	if (r < 0 || !v[0])
		return err_set(r < 0 ? r : -EINVAL, "arguments");
	if (in->home)
		v[n++] = (char *)(uintptr_t)in->home;
	path = in->program ? in->program : v[0];
	if (!in->umask_set && in->head->kind == PLAN_CREATE)
		umask(022);
	r = chan_send(in->chan, &m, NULL, NULL, 0);
	if (r < 0)
		return err_set(r, "announce execve");
	execve(path, v, v + env);
	r = -errno;
	err_text(r, "exec %s: %s", path, err_str(r));
	err_set_class(ERR_EXEC);
	return r;
}

int op_end(struct init *in, const struct plan_op *op)
{
	const struct chan_msg m = { .type = CHAN_EXEC };

	_exit(chan_send(in->chan, &m, NULL, NULL, 0) < 0);
}
