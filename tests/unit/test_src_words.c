/* SPDX-License-Identifier: Apache-2.0 */
/* Durations, signals and booleans as runc takes them; tables as it prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/numbers.h"
#include "src/output.h"

static void durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{ "0", 0 },
		{ "5s", 5000000000 },
		{ "100ms", 100000000 },
		{ "1m30s", 90000000000 },
		{ "1.5h", 5400000000000 },
		{ ".5s", 500000000 },
		{ "1.s", 1000000000 },
		{ "-2us", -2000 },
		{ "+3\xc2\xb5s", 3000 },
		{ "7ns", 7 },
		{ "1.23456789012s", 1234567890 },
	};
	static const char *const wrong[] = { "",  "5",	 "s",	"1x",  ".s",
					     "-", "1s2", "1 s", "1.2", "--1s" };
	int64_t v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (parse_duration(good[i].text, &v) != 0)
			fail_msg("%s refused", good[i].text);
		assert_int_equal(v, good[i].ns);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(parse_duration(wrong[i], &v), -EINVAL);
	assert_int_equal(parse_duration("9999999999h", &v), -ERANGE);
	assert_int_equal(parse_duration("99999999999999999999s", &v), -ERANGE);
}

static void signals(void **state)
{
	static const struct {
		const char *text;
		int sig;
	} good[] = {
		{ "9", 9 },	     { "0", 0 },	 { "64", 64 },
		{ "KILL", 9 },	     { "SIGKILL", 9 },	 { "sigkill", 9 },
		{ "Term", 15 },	     { "SIGWINCH", 28 }, { "HUP", 1 },
		{ "sigstkflt", 16 }, { "SYS", 31 },
	};
	static const char *const wrong[] = {
		"", "SIG", "RTMIN", "SIGCLD", "POLL", "-9", "IOT", "9x",
	};
	int v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(parse_signal(good[i].text, &v), 0);
		assert_int_equal(v, good[i].sig);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(parse_signal(wrong[i], &v), -EINVAL);
	assert_int_equal(parse_signal("65", &v), -ERANGE);
}

static void booleans(void **state)
{
	bool v = false;

	(void)state;
	assert_int_equal(parse_bool("TRUE", &v), 0);
	assert_true(v);
	assert_int_equal(parse_bool("f", &v), 0);
	assert_false(v);
	assert_int_equal(parse_bool("yes", &v), -EINVAL);
	assert_int_equal(parse_bool("", &v), -EINVAL);
}

static void table(void **state)
{
	static const char *const cells[] = {
		"ID",	    "PID", "OWNER", "a-long-container-id", "1", "root",
		"\xc3\xa4", "",	   "x",
	};
	_cleanup_buf_ struct buf b = { 0 };

	(void)state;
	out_table(&b, cells, 3, 3);
	assert_string_equal(buf_str(&b),
			    "ID                    PID         OWNER\n"
			    "a-long-container-id   1           root\n"
			    "\xc3\xa4                                 x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(signals),
		cmocka_unit_test(booleans),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
