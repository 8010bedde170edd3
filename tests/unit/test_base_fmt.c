/* SPDX-License-Identifier: Apache-2.0 */
/* The small formatter says what printf says; the error trail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fmt.h"

#define SAME(...)                                                \
	do {                                                     \
		char a[256], b[256];                             \
		size_t n = fmt_print(a, sizeof(a), __VA_ARGS__); \
		int m = snprintf(b, sizeof(b), __VA_ARGS__);     \
		assert_string_equal(a, b);                       \
		assert_int_equal(n, m);                          \
	} while (0)

static void fmt_as_printf(void **state)
{
	SAME("plain");
	SAME("%s|%10s|%-10s|%.2s|%.*s", "abc", "abc", "abc", "abc", 1, "abc");
	SAME("%d %i %d %d", 0, -1, INT_MAX, INT_MIN);
	SAME("%ld %lld %zd", LONG_MIN, LLONG_MAX, (ssize_t)-5);
	SAME("%u %lu %llu %zu", UINT_MAX, ULONG_MAX, ULLONG_MAX, (size_t)7);
	SAME("%x %X %#x %o %#o %08x %-8x|", 255, 255, 255, 8, 8, 48879, 1);
	SAME("%5d|%-5d|%05d|%+d|%.3d|%8.3d", 42, 42, -42, 42, 7, -7);
	SAME("%*d|%-*d|%03u", 6, 42, 6, 42, 1234);
	SAME("%c%c %%", 'o', 'k');
	SAME("%hhd %hhu %hd", (signed char)-1, (unsigned char)200, (short)-2);
	SAME("%jd %ju", (intmax_t)-1, (uintmax_t)1);
	SAME("%p", (void *)state);
	SAME("%.0d|%#x", 0, 0);
	SAME("%04d-%02d-%02dT%09ldZ", 2024, 1, 2, 12345L);
}

static void fmt_cuts(void **state)
{
	char b[5] = "xxxx";

	assert_int_equal(fmt_print(b, sizeof(b), "%s", "abcdefgh"), 8);
	assert_string_equal(b, "abcd");
	assert_int_equal(fmt_print(b, 1, "%d", 12), 2);
	assert_string_equal(b, "");
	assert_int_equal(fmt_print(NULL, 0, "%d", 12), 2);
}

static void err_trail(void **state)
{
	err_clear();
	assert_string_equal(err_get(), "");
	assert_int_equal(err_set(-ENOENT, "open %s", "/x"), -ENOENT);
	assert_int_equal(err_ctx(-ENOENT, "mounts[%d]", 3), -ENOENT);
	assert_string_equal(err_get(),
			    "mounts[3]: open /x: no such file or directory");
	assert_int_equal(err_get_code(), -ENOENT);
	assert_int_equal(err_get_class(), ERR_GENERIC);
	err_set_class(ERR_CONFIG);
	err_hint("first");
	err_hint("second");
	assert_string_equal(err_get_hint(), "first");
	assert_int_equal(err_get_class(), ERR_CONFIG);

	/* A new trail may be made from the old one; it forgets the rest. */
	err_text(-EINVAL, "again: %s", err_get());
	assert_string_equal(
		err_get(),
		"again: mounts[3]: open /x: no such file or directory");
	assert_string_equal(err_get_hint(), "");
	assert_int_equal(err_get_class(), ERR_GENERIC);
}

static void err_without_cause(void **state)
{
	err_clear();
	errno = EBUSY;
	assert_int_equal(err_ctx(-EPERM, "chown"), -EPERM);
	assert_string_equal(err_get(), "chown: operation not permitted");
	assert_int_equal(errno, EBUSY);
}

static void err_is_bounded(void **state)
{
	char big[2 * ERR_TEXT_MAX];

	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	err_set(-EIO, "%s", big);
	assert_int_equal(strlen(err_get()), ERR_TEXT_MAX - 1);
	for (int i = 0; i < 10; i++)
		err_ctx(-EIO, "%s", big);
	assert_int_equal(strlen(err_get()), ERR_TEXT_MAX - 1);
	err_clear();
	err_set(-EIO, "cause");
	for (int i = 0; i < 1000; i++)
		err_ctx(-EIO, "frame %d", i);
	assert_int_equal(strncmp(err_get(), "frame 999: frame 998: ", 22), 0);
	assert_true(strlen(err_get()) < ERR_TEXT_MAX);
}

static void err_strings(void **state)
{
	/* In lower case, the same wherever this runs. */
	assert_string_equal(err_str(EACCES), "permission denied");
	assert_string_equal(err_str(-ENOTDIR), "not a directory");
	assert_string_equal(err_str(ELOOP),
			    "too many levels of symbolic links");
	assert_string_equal(err_str(0), "Success");
	assert_string_equal(err_str(4095), "errno 4095");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fmt_as_printf),
		cmocka_unit_test(fmt_cuts),
		cmocka_unit_test(err_trail),
		cmocka_unit_test(err_without_cause),
		cmocka_unit_test(err_is_bounded),
		cmocka_unit_test(err_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
