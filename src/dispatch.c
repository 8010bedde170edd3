/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From main() to the command and back: the process is made safe to work in,
 * the log is opened, one command runs, and a failure is told exactly once.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "src/cli.h"
#include "src/help.h"
#include "src/numbers.h"
#include "src/output.h"

#define STATUS_NO_COMMAND 3

/*
 * Whoever starts us may leak descriptors and may have closed the first three:
 * nothing opened here may become a standard stream, and nothing of the caller
 * may reach a container. A full disk or a reader that is gone are errors of
 * write(2), not deaths.
 */
static int prepare_process(void)
{
	int r = fd_cloexec_from(3);

	if (r >= 0)
		r = fd_fill_stdio();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return r < 0 ? err_set(r, "prepare file descriptors") : 0;
}

static int open_log(const struct cli_global *g)
{
	struct log_config c = { .fd = STDERR_FILENO,
				.max = g->debug ? LOG_DEBUG : LOG_INFO };
	bool known = true;

	if (g->log_format && streq(g->log_format, "json"))
		c.format = LOG_JSON;
	else
		known = !g->log_format || streq(g->log_format, "text");
	if (g->log) {
		int fd = open(g->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
			      0644);

		if (fd < 0) {
			log_init(&c);
			return err_set(-errno, "open %s", g->log);
		}
		c.fd = fd;
	}
	log_init(&c);
	return known ? 0
		     : err_text(-EINVAL, "invalid log-format: %s",
				g->log_format);
}

static int set_cgroup_manager(const char *name, struct rt_global *rt)
{
	if (!name || streq(name, "cgroupfs"))
		return 0;
	if (streq(name, "systemd"))
		rt->systemd_cgroup = true;
	else if (streq(name, "disabled"))
		rt->cgroup_disabled = true;
	else
		return err_text(
			-EINVAL,
			"invalid value \"%s\" for flag "
			"-cgroup-manager: cgroupfs, systemd or disabled",
			name);
	return 0;
}

static int fill_runtime(struct cli_call *c)
{
	const struct cli_global *g = &c->global;
	bool rootless = false;
	int r = 0;

	c->rt = (struct rt_global){ .root = g->root,
				    .root_given = g->root,
				    .systemd_cgroup = g->systemd_cgroup,
				    .rootless = -1 };
	if (g->rootless && !streq(g->rootless, "auto")) {
		if (parse_bool(g->rootless, &rootless) < 0)
			return err_text(-EINVAL,
					"invalid value \"%s\" for flag "
					"-rootless: true, false or auto",
					g->rootless);
		c->rt.rootless = rootless;
	}
	r = set_cgroup_manager(g->cgroup_manager, &c->rt);
	return r < 0 ? r : rt_global_init(&c->rt);
}

/* A usage error shows what would be right. */
static void show_usage(const struct cli_call *c, bool count)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct err_saved saved;

	err_save(&saved);
	if (count)
		buf_puts(&b, "Incorrect Usage.\n\n");
	else
		dprintf(STDERR_FILENO, "Incorrect Usage: %s\n\n", err_get());
	help_text(&b, c->verb);
	(void)out_buf(&b);
	err_restore(&saved);
}

static int show(const struct cli_call *c)
{
	_cleanup_buf_ struct buf b = { 0 };

	if (c->global.version)
		help_version(&b);
	else if (c->global.list_options)
		help_list_options(&b);
	else
		help_text(&b, c->verb);
	return out_buf(&b);
}

static int run(struct cli_call *c, int *status)
{
	const struct verb *v = c->verb;
	int r;

	*status = 1;
	if (v && c->help && v->run_help)
		return v->run_help(c);
	if (!v || c->help)
		return show(c);
	r = cli_check_args(c);
	if (r < 0) {
		show_usage(c, true);
		return r;
	}
	if (v->fail_status)
		*status = v->fail_status;
	r = v->flags & VERB_ALONE ? 0 : fill_runtime(c);
	return r < 0 ? r : v->run(c);
}

/*
 * The one record of a failure. With a log file the bare message goes to
 * stderr too: some engines read the one, some the other.
 */
static void report(void)
{
	const char *hint = err_get_hint();
	_cleanup_buf_ struct buf b = { 0 };

	buf_puts(&b, *err_get() ? err_get() : "unknown error");
	if (*hint)
		buf_printf(&b, " (%s)", hint);
	log_error("%s", buf_str(&b));
	if (log_to_file())
		dprintf(STDERR_FILENO, "%s\n", buf_str(&b));
}

int cli_main(char **argv)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct cli_call c = { 0 };
	struct err_saved saved;
	int status = 1, r, parsed;

	r = prepare_process();
	if (r >= 0) {
		parsed = cli_parse(&a, argv, &c);
		err_save(&saved);
		r = open_log(&c.global);
		if (r >= 0 && parsed < 0) {
			err_restore(&saved);
			r = parsed;
			if (r == -ENOENT)
				status = STATUS_NO_COMMAND;
			else
				show_usage(&c, false);
		} else if (r >= 0) {
			r = run(&c, &status);
		}
	}
	if (r >= 0)
		return c.status;
	report();
	return status;
}
