/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New file systems: fsopen(2), one fsconfig(2) a word, fsmount(2) with the
 * attributes. What this interface cannot carry (a word of more than 255 bytes,
 * words it refuses) goes by mount(2) on the directory itself.
 */
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/fmt.h"
#include "base/sys.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define WORD_MAX_BYTES 256 /* with its NUL: fsconfig(2) */

static const struct {
	unsigned long flag;
	const char *word;
} sb_words[] = {
	{ MS_RDONLY, "ro" },	     { MS_SYNCHRONOUS, "sync" },
	{ MS_DIRSYNC, "dirsync" },   { MS_MANDLOCK, "mand" },
	{ MS_LAZYTIME, "lazytime" },
};

/* MOUNT_ATTR_* as mount(2) says it. */
static const struct {
	uint64_t attr;
	unsigned long flag;
} attr_flags[] = {
	{ MOUNT_ATTR_RDONLY, MS_RDONLY },
	{ MOUNT_ATTR_NOSUID, MS_NOSUID },
	{ MOUNT_ATTR_NODEV, MS_NODEV },
	{ MOUNT_ATTR_NOEXEC, MS_NOEXEC },
	{ MOUNT_ATTR_NOATIME, MS_NOATIME },
	{ MOUNT_ATTR_STRICTATIME, MS_STRICTATIME },
	{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME },
};

static int set_string(int fs, const char *key, const char *value)
{
	return sys_fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0);
}

/* "key=value" or "key". -E2BIG when it does not fit fsconfig(2). */
static int set_word(int fs, const char *word)
{
	const char *eq = strchr(word, '=');
	char key[WORD_MAX_BYTES];
	size_t n;

	if (!eq)
		return strlen(word) >= WORD_MAX_BYTES
			       ? -E2BIG
			       : sys_fsconfig(fs, FSCONFIG_SET_FLAG, word, NULL,
					      0);
	n = (size_t)(eq - word);
	if (n >= sizeof(key) || strlen(eq + 1) >= WORD_MAX_BYTES)
		return -E2BIG;
	memcpy(key, word, n);
	key[n] = '\0';
	return set_string(fs, key, eq + 1);
}

/* Walks a list of words: the next one, NULL at the end. */
static const char *next_word(const struct fs_config *c, size_t *at)
{
	const char *w = c->words + *at;

	if (*at >= c->words_len)
		return NULL;
	*at += strnlen(w, c->words_len - *at) + 1;
	return *at > c->words_len ? NULL : w;
}

/* The mode stands first, so that a word of the configuration may change it. */
static int set_mode(int fs, const struct fs_config *c)
{
	char mode[8];

	if (c->mode == 0)
		return 0;
	fmt_print(mode, sizeof(mode), "%o", c->mode);
	return set_string(fs, "mode", mode);
}

static int configure(int fs, const struct fs_config *c)
{
	size_t at = 0;
	const char *w;
	int r = 0;

	if (c->source && *c->source)
		r = strlen(c->source) >= WORD_MAX_BYTES
			    ? -E2BIG
			    : set_string(fs, "source", c->source);
	for (size_t i = 0; i < ARRAY_SIZE(sb_words) && r == 0; i++)
		if (c->sb_flags & sb_words[i].flag)
			r = sys_fsconfig(fs, FSCONFIG_SET_FLAG,
					 sb_words[i].word, NULL, 0);
	if (r == 0)
		r = set_mode(fs, c);
	while (r == 0 && (w = next_word(c, &at)))
		r = set_word(fs, w);
	return r;
}

/* The kernel's own words on why: "e overlay: ...", the last of them. */
static int failed(int fs, int r, const char *what, const char *type)
{
	char text[512] = "";
	ssize_t n;

	while ((n = read(fs, text, sizeof(text) - 1)) > 0)
		text[n] = '\0';
	if (text[0] == 'e' && text[1] == ' ')
		return err_set(r, "%s %s (%s)", what, type, text + 2);
	return err_set(r, "%s %s", what, type);
}

/*
 * A procfs shows the pid namespace of who opens its context, and a process is
 * of a joined one only from birth. The child shares the descriptors and tells
 * the number by its exit status.
 */
static int open_in_child(const struct fs_config *c)
{
	const struct sys_clone_args a = { .flags = K_CLONE_FILES,
					  .exit_signal = SIGCHLD };
	pid_t pid = sys_clone3(&a);
	siginfo_t si;
	int r;

	if (pid < 0)
		return pid;
	if (pid == 0) {
		r = sys_fsopen(c->type, 0);
		_exit(r >= 0 && r < 255 ? r : 255);
	}
	do
		r = waitid(P_PID, (id_t)pid, &si, WEXITED);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	if (si.si_code != CLD_EXITED || si.si_status == 255)
		return -EPERM;
	return si.si_status;
}

/* The pid namespace that was joined, or -EBADF. */
static int joined_pidns(const struct init *in)
{
	for (size_t i = 0; i < in->head->n_ops; i++)
		if (in->ops[i].code == OP_JOIN_NS &&
		    in->ops[i].arg & CLONE_NEWPID)
			return plan_slot(in, in->ops[i].slot);
	return -EBADF;
}

/*
 * From Linux 6.17 procfs takes the namespace as a parameter. Before that a
 * child has to be born in it, seen there for a moment with all its rights.
 */
static int open_for_pidns(const struct init *in, const struct fs_config *c)
{
	int ns = joined_pidns(in), fs;

	if (ns < 0)
		return open_in_child(c);
	fs = sys_fsopen(c->type, 0);
	if (fs < 0 || sys_fsconfig(fs, FSCONFIG_SET_FD, "pidns", NULL, ns) == 0)
		return fs;
	close_fd(fs);
	return open_in_child(c);
}

int fs_mount(struct init *in, const struct fs_config *c, uint64_t attr)
{
	int fs, fd, r;

	fs = fd_tmp(in, c->in_child ? open_for_pidns(in, c)
				    : sys_fsopen(c->type, 0));
	if (fs == -ENOSYS)
		return -EOPNOTSUPP;
	if (fs < 0)
		return err_set(fs, "fsopen %s", c->type);
	r = configure(fs, c);
	if (r < 0) {
		failed(fs, r, "set an option of", c->type);
		return r == -EINVAL || r == -E2BIG ? -EOPNOTSUPP : r;
	}
	r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r < 0)
		return failed(fs, r, "make", c->type);
	fd = fd_tmp(in, sys_fsmount(fs, 0, (unsigned int)attr));
	if (fd < 0)
		return failed(fs, fd, "fsmount", c->type);
	return fd;
}

/* The words joined by commas. */
static int join(const struct fs_config *c, char *buf, size_t size)
{
	size_t len = 0, at = 0;
	const char *w;

	buf[0] = '\0';
	if (c->mode)
		len = fmt_print(buf, size, "mode=%04o", c->mode);
	while ((w = next_word(c, &at))) {
		len += fmt_print(buf + len, size - len, "%s%s", len ? "," : "",
				 w);
		if (len >= size)
			return -E2BIG;
	}
	return 0;
}

int fs_mount_at(struct init *in, const struct fs_config *c, uint64_t attr,
		int dir)
{
	static char data[4096]; /* mount(2) takes one page */
	unsigned long flags = c->sb_flags;
	int r;

	r = join(c, data, sizeof(data));
	if (r < 0)
		return err_set(r, "options of %s", c->type);
	for (size_t i = 0; i < ARRAY_SIZE(attr_flags); i++)
		if (attr & attr_flags[i].attr)
			flags |= attr_flags[i].flag;
	if (fchdir(dir) < 0)
		return err_set(-errno, "enter the mount point");
	r = k_mount(c->source && *c->source ? c->source : c->type, ".", c->type,
		    flags, data);
	return r < 0 ? err_set(r, "mount %s with \"%s\"", c->type, data) : 0;
}

int fs_tmpfs(struct init *in, bool node, uint64_t attr)
{
	static const char empty[] = "nr_blocks=1\0nr_inodes=1";
	/* Since Linux 6.6 the security label of the node counts as well. */
	static const char one[] = "nr_blocks=1\0nr_inodes=3";
	const struct fs_config c = {
		.type = "tmpfs",
		.source = "tmpfs",
		.words = node ? one : empty,
		.words_len = sizeof(one),
		.mode = 0755,
	};

	return fs_mount(in, &c, attr);
}

int fs_reconfigure(struct init *in, int fd, const struct fs_config *c)
{
	int fs = fd_tmp(in, k_fspick(fd)), r;

	if (fs < 0)
		return err_set(fs, "fspick");
	r = configure(fs, c);
	if (r < 0)
		return failed(fs, r, "set an option of", "the file system");
	r = sys_fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
	return r < 0 ? failed(fs, r, "reconfigure", "the file system") : 0;
}
