/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ps: the processes of a container, as JSON without any help, as a table by
 * ps(1): its header and those of its lines that are about the container.
 */
#include "src/commands.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "src/output.h"

#define PS_OUTPUT_MAX ((size_t)64 << 20)

struct ps_args {
	const char *format;
};
static const struct opt_def options[] = {
	OPTION(struct ps_args, format, 'f', "format", OPT_STR, "format",
	       "table or json"),
};

struct pids {
	int32_t *v;
	size_t n;
};

static int print_json(const struct pids *p)
{
	_cleanup_buf_ struct buf b = { 0 };

	for (size_t i = 0; i < p->n; i++)
		buf_printf(&b, "%c%d", i ? ',' : '[', (int)p->v[i]);
	buf_puts(&b, p->n ? "]\n" : "null\n");
	return out_buf(&b);
}

/* Starts ps(1) with both outputs into fd; SIGPIPE is as it should be for it. */
static int spawn_ps(char *const argv[], int fd, pid_t *ret)
{
	static const char *const fallback[] = { "/bin/ps", "/usr/bin/ps" };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t dfl;
	int e;

	sigemptyset(&dfl);
	sigaddset(&dfl, SIGPIPE);
	sigaddset(&dfl, SIGXFSZ);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	posix_spawn_file_actions_adddup2(&fa, fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&fa, fd, STDERR_FILENO);
	posix_spawnattr_setsigdefault(&at, &dfl);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGDEF);
	e = posix_spawnp(ret, argv[0], &fa, &at, argv, environ);
	for (size_t i = 0; e == ENOENT && i < ARRAY_SIZE(fallback); i++)
		e = posix_spawn(ret, fallback[i], &fa, &at, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&at);
	return e ? err_set(-e, "run ps") : 0;
}

static int wait_ps(pid_t pid, const char *said)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(-errno, "wait for ps");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_text(-EIO, "ps: exit status %d: %.*s",
			WIFEXITED(status) ? WEXITSTATUS(status)
					  : 128 + WTERMSIG(status),
			(int)strcspn(said ? said : "", "\n"), said ? said : "");
}

/* What ps prints, malloc'd. */
static int read_ps(char *const argv[], char **ret)
{
	_cleanup_close_ int in = -EBADF, out = -EBADF;
	_cleanup_free_ char *text = NULL;
	size_t len;
	pid_t pid;
	int p[2], r, waited;

	if (pipe2(p, O_CLOEXEC) < 0)
		return err_set(-errno, "make a pipe");
	in = p[0];
	out = p[1];
	r = spawn_ps(argv, out, &pid);
	if (r < 0)
		return r;
	close_fdp(&out);
	r = io_slurp_fd(in, PS_OUTPUT_MAX, &text, &len);
	close_fdp(&in);
	waited = wait_ps(pid, r < 0 ? NULL : text);
	if (r < 0)
		return err_set(r, "read the output of ps");
	if (waited < 0)
		return waited;
	*ret = take_ptr(text);
	return 0;
}

/* Field number `want` of a line; its length, 0 when there is none. */
static size_t field(const char **line, size_t want)
{
	const char *p = *line;

	for (size_t i = 0;; i++) {
		size_t len;

		p += strspn(p, " \t");
		len = strcspn(p, " \t");
		if (i == want || len == 0) {
			*line = p;
			return len;
		}
		p += len;
	}
}

static int pid_column(const char *header, size_t *ret)
{
	for (size_t i = 0;; i++) {
		const char *p = header;
		size_t len = field(&p, i);

		if (len == 0)
			return err_text(-EINVAL,
					"couldn't find PID field in ps output");
		if (len == 3 && !memcmp(p, "PID", 3)) {
			*ret = i;
			return 0;
		}
	}
}

static bool belongs(const char *line, size_t column, const struct pids *p)
{
	size_t len = field(&line, column);
	char word[16];
	uint32_t pid;

	if (len == 0 || len >= sizeof(word))
		return false;
	memcpy(word, line, len);
	word[len] = '\0';
	if (str_u32(word, &pid) < 0)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if ((uint32_t)p->v[i] == pid)
			return true;
	return false;
}

static int filter(struct buf *b, char *text, const struct pids *p)
{
	size_t column = 0;
	char *save = NULL;
	bool first = true;
	int r = 0;

	for (char *line = strtok_r(text, "\n", &save); line && r >= 0;
	     line = strtok_r(NULL, "\n", &save)) {
		if (first)
			r = pid_column(line, &column);
		if (first || belongs(line, column, p))
			buf_printf(b, "%s\n", line);
		first = false;
	}
	return first ? err_text(-EINVAL, "couldn't find PID field in ps output")
		     : r;
}

static int print_table(struct cli_call *c, const struct pids *p)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *text = NULL;
	char name[] = "ps", all[] = "-ef";
	char *usual[] = { name, all, NULL };
	char **argv = usual;
	int r;

	if (c->n_args > 1) {
		argv = c->args; /* the id gives its place to the name */
		argv[0] = name;
	}
	r = read_ps(argv, &text);
	if (r >= 0)
		r = filter(&b, text, p);
	return r < 0 ? r : out_buf(&b);
}

static int run_ps(struct cli_call *c)
{
	_cleanup_arena_ struct arena a = { 0 };
	const struct ps_args *o = c->opts;
	bool json = o->format && streq(o->format, "json");
	struct pids p = { 0 };
	int r;

	if (o->format && !json && !streq(o->format, "table"))
		return err_text(-EINVAL, "invalid format option");
	r = rt_pids(&c->rt, &a, c->args[0], &p.v, &p.n);
	if (r < 0)
		return r;
	return json ? print_json(&p) : print_table(c, &p);
}

const struct verb verb_ps = {
	.name = "ps",
	.operands = "ID [PS-OPTION...]",
	.summary = "list the processes of a container",
	.help = "   Options of ps follow ID; -ef if there are none.\n",
	.min_args = 1,
	.max_args = ANY_ARGS,
	.flags = VERB_STOP,
	.options = TABLE(options),
	.size = sizeof(struct ps_args),
	.run = run_ps,
};
