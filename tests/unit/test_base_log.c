/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of log records, as engines parse them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"

static char got[4096];
static int file = -EBADF;

/* One record with its time cut out ("T"). */
static const char *record(enum log_format format, enum log_level l,
			  const char *msg)
{
	struct log_config c = { .fd = file, .format = format, .max = LOG_INFO };
	char *t, *end;
	ssize_t n;

	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	log_init(&c);
	log_at(l, "%s", msg);
	n = pread(file, got, sizeof(got) - 1, 0);
	assert_true(n >= 0);
	got[n] = '\0';
	t = strstr(got, "time\":\"");
	t = t ? t + 7 : strstr(got, "time=\"");
	if (!t)
		return got;
	t += *t == 't' ? 6 : 0;
	end = strchr(t, '"');
	assert_non_null(end);
	/* 2024-01-02T03:04:05+05:30 */
	assert_int_equal(end - t, 25);
	assert_int_equal(strncmp(end - 6, "+05:30", 6), 0);
	*t = 'T';
	memmove(t + 1, end, strlen(end) + 1);
	return got;
}

static void text(void **state)
{
	assert_string_equal(record(LOG_TEXT, LOG_ERROR, "configuration"),
			    "time=\"T\" level=error msg=configuration\n");
	assert_string_equal(
		record(LOG_TEXT, LOG_WARN, "a \"b\"\n\tc\\"),
		"time=\"T\" level=warning msg=\"a \\\"b\\\"\\n\\tc\\\\\"\n");
	assert_string_equal(record(LOG_TEXT, LOG_ERROR,
				   "\x01 \xff \xc3\xa4 \x1b[31m \xe2\x80\xae"),
			    "time=\"T\" level=error msg=\"\\x01 \\xff "
			    "\xc3\xa4 \\x1b[31m \\u202e\"\n");
}

static void json(void **state)
{
	assert_string_equal(
		record(LOG_JSON, LOG_ERROR, "exec: \"x\": <no> & \\"),
		"{\"level\":\"error\",\"msg\":\"exec: \\\"x\\\": "
		"\\u003cno\\u003e \\u0026 \\\\\",\"time\":\"T\"}\n");
	assert_string_equal(record(LOG_JSON, LOG_WARN,
				   "\x01\n\xc3 \xed\xa0\x80 \xe2\x80\xa8"),
			    "{\"level\":\"warning\",\"msg\":\"\\u0001\\n"
			    "\\ufffd \\ufffd\\ufffd\\ufffd \\u2028\","
			    "\"time\":\"T\"}\n");
}

static void levels(void **state)
{
	assert_string_equal(record(LOG_TEXT, LOG_DEBUG, "hidden"), "");
	assert_true(log_to_file());
}

static int setup(void **state)
{
	char name[] = "/tmp/tare-test-log-XXXXXX";

	setenv("TZ", "XYZ-5:30", 1);
	tzset();
	unsetenv("CLICOLOR_FORCE");
	file = mkostemp(name, O_CLOEXEC);
	unlink(name);
	return file < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(json),
		cmocka_unit_test(levels),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
