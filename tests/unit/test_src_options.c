/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: grammar, texts, and what engines really call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "src/cli.h"
#include "src/resources.h"

#define WORDS_MAX 64

static struct arena arena;
static struct cli_call call;

/* Splits at blanks; '' is an empty argument. */
static int parse(const char *line)
{
	static char copy[4096], *argv[WORDS_MAX];
	char *save = NULL;
	size_t n = 0;

	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	for (char *p = strtok_r(copy, " ", &save); p;
	     p = strtok_r(NULL, " ", &save)) {
		assert_true(n < WORDS_MAX - 1);
		argv[n++] = streq(p, "''") ? p + 2 : p;
	}
	argv[n] = NULL;
	err_clear();
	return cli_parse(&arena, argv, &call);
}

static void ok(const char *line, const char *verb, size_t n_args)
{
	if (parse(line) < 0)
		fail_msg("%s: %s", line, err_get());
	assert_non_null(call.verb);
	assert_string_equal(call.verb->name, verb);
	assert_int_equal(call.n_args, n_args);
	assert_int_equal(cli_check_args(&call), 0);
}

static void bad(const char *line, const char *text)
{
	assert_int_equal(parse(line), -EINVAL);
	assert_string_equal(err_get(), text);
	assert_int_equal(err_get_class(), ERR_USAGE);
}

static void bad_count(const char *line, const char *text)
{
	assert_int_equal(parse(line), 0);
	assert_int_equal(cli_check_args(&call), -EINVAL);
	assert_string_equal(err_get(), text);
}

static int reset(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void dashes_and_values(void **state)
{
	const struct rt_create_opts *o;

	(void)state;
	ok("tare --root=/a -log /b create -bundle /c --pid-file=/d=e -no-pivot "
	   "c1",
	   "create", 1);
	o = call.opts;
	assert_string_equal(call.global.root, "/a");
	assert_string_equal(call.global.log, "/b");
	assert_string_equal(o->bundle, "/c");
	assert_string_equal(o->pid_file, "/d=e");
	assert_true(o->no_pivot);
	assert_false(o->no_new_keyring);
	assert_string_equal(call.args[0], "c1");

	ok("tare run c1 -d --keep=false --preserve-fds 0x10 -b /x", "run", 1);
	o = call.opts;
	assert_true(o->detach);
	assert_false(o->keep);
	assert_int_equal(o->preserve_fds, 16);
	assert_string_equal(o->bundle, "/x");

	ok("tare create --pid-file '' --bundle= c", "create", 1);
	o = call.opts;
	assert_null(o->pid_file);
	assert_null(o->bundle);
	ok("tare create -- -c", "create", 1);
	assert_string_equal(call.args[0], "-c");
	ok("tare checkpoint --leave-running --leave-running c", "checkpoint", 1);
}

static void stops_at_operand(void **state)
{
	(void)state;
	ok("tare exec -t c1 ls --color -l", "exec", 4);
	assert_string_equal(call.args[2], "--color");
	ok("tare ps c1 -o pid", "ps", 3);
	ok("tare kill -a c1 9", "kill", 2);
	ok("tare kill c1 -9", "kill", 2);
}

static void usage_errors(void **state)
{
	(void)state;
	bad("tare --foo", "flag provided but not defined: -foo");
	bad("tare state -x c", "flag provided but not defined: -x");
	bad("tare exec -td c sh", "flag provided but not defined: -td");
	bad("tare list --format", "flag needs an argument: -format");
	bad("tare restore --lsm-mount-context",
	    "flag needs an argument: -lsm-mount-context");
	bad("tare run --preserve-fds x c",
	    "invalid value \"x\" for flag -preserve-fds: parse error");
	bad("tare run --preserve-fds -1 c",
	    "invalid value \"-1\" for flag -preserve-fds: value out of range");
	bad("tare exec --detach=maybe c sh",
	    "invalid boolean value \"maybe\" for -detach: parse error");
	bad("tare events --interval 5 c",
	    "invalid value \"5\" for flag -interval: parse error");
	bad_count("tare state",
		  "tare: \"state\" requires exactly 1 argument(s)");
	bad_count("tare list x",
		  "tare: \"list\" requires exactly 0 argument(s)");
	bad_count("tare kill",
		  "tare: \"kill\" requires a minimum of 1 argument(s)");
	bad_count("tare kill a b c",
		  "tare: \"kill\" requires a maximum of 2 argument(s)");
}

static void unknown_command(void **state)
{
	(void)state;
	assert_int_equal(parse("tare strat c"), -ENOENT);
	assert_string_equal(err_get(), "No help topic for 'strat'");
	assert_string_equal(err_get_hint(), "did you mean start?");
	assert_int_equal(parse("tare qqqqqq"), -ENOENT);
	assert_string_equal(err_get_hint(), "");
}

static void help_and_version(void **state)
{
	(void)state;
	assert_int_equal(parse("tare"), 0);
	assert_null(call.verb);
	assert_int_equal(parse("tare --debug -v"), 0);
	assert_true(call.global.version);
	assert_int_equal(parse("tare create --help"), 0);
	assert_true(call.help);
	ok("tare h create", "help", 1);
}

/* Each line of the file is what some engine called a runc with. */
static void engines(void **state)
{
	const char *top = getenv("TARE_SRCDIR");
	char path[4096], line[4096];
	size_t n = 0;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/data/engines-argv.txt",
		 top ? top : ".");
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (parse(line) < 0)
			fail_msg("%s: %s", line, err_get());
		if (call.verb && !call.help && cli_check_args(&call) < 0)
			fail_msg("%s: %s", line, err_get());
		assert_true(call.verb || call.global.version);
		arena_free(&arena);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 1019);
}

static struct oci_resources *update(const char *line)
{
	struct oci_resources *res = NULL;

	ok(line, "update", 1);
	if (resources_from_flags(&arena, call.opts, &res) < 0)
		return NULL;
	resources_normalise(res);
	return res;
}

static void update_flags(void **state)
{
	struct oci_resources *r;

	(void)state;
	r = update("tare update c --memory 64m --memory-swap -1 --cpu-quota "
		   "-1 --cpu-share 512 --pids-limit 0x20 --blkio-weight 100 "
		   "--cpuset-cpus 0-3");
	assert_non_null(r);
	assert_int_equal(r->memory->limit.v, 64 << 20);
	assert_int_equal(r->memory->swap.v, -1);
	assert_false(r->memory->reservation.set);
	assert_int_equal(r->cpu->quota.v, -1);
	assert_int_equal(r->cpu->shares.v, 512);
	assert_false(r->cpu->period.set);
	assert_string_equal(r->cpu->cpus, "0-3");
	assert_int_equal(r->pids->limit.v, 32);
	assert_int_equal(r->block_io->weight.v, 100);
	assert_int_equal(r->devices.n, 0);

	r = update("tare update --memory -1 c");
	assert_non_null(r);
	assert_int_equal(r->memory->swap.v, -1);
	assert_null(r->cpu);
	assert_null(update("tare update --memory 12x c"));
	assert_string_equal(err_get(), "invalid value for memory: \"12x\": "
				       "invalid syntax");
	assert_null(update("tare update --cpu-period -1 c"));
	assert_null(update("tare update --cpu-period 0x10 c"));
	/* written to resctrl, not to the cgroup */
	assert_non_null(update("tare update --l3-cache-schema L3:0=f c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(dashes_and_values, reset),
		cmocka_unit_test_teardown(stops_at_operand, reset),
		cmocka_unit_test_teardown(usage_errors, reset),
		cmocka_unit_test_teardown(unknown_command, reset),
		cmocka_unit_test_teardown(help_and_version, reset),
		cmocka_unit_test_teardown(engines, reset),
		cmocka_unit_test_teardown(update_flags, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
