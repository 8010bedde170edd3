/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, sizes, lists, nearest names; buffers and arenas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

struct number {
	const char *text;
	int ret;
	int64_t value;
};

static void check(int (*parse)(const char *, int64_t *), const struct number *t,
		  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t v = 4711;
		int r = parse(t[i].text, &v);

		if (r != t[i].ret || v != (r ? 4711 : t[i].value))
			fail_msg("\"%s\": %d, %lld", t[i].text, r, (long long)v);
	}
}

static int as_u32(const char *s, int64_t *ret)
{
	uint32_t v;
	int r = str_u32(s, &v);

	if (r == 0)
		*ret = v;
	return r;
}

static int as_id(const char *s, int64_t *ret)
{
	uint32_t v;
	int r = str_id(s, &v);

	if (r == 0)
		*ret = v;
	return r;
}

static void numbers(void **state)
{
	static const struct number u32[] = {
		{ "0", 0, 0 },
		{ "007", 0, 7 },
		{ "4294967295", 0, 4294967295 },
		{ "4294967296", -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, 0 },
		{ "99999999999999999999x", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
	};
	static const struct number i64[] = {
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "-9223372036854775809", -ERANGE, 0 },
		{ "-", -EINVAL, 0 },
		{ "--1", -EINVAL, 0 },
	};
	static const struct number id[] = {
		{ "4294967294", 0, 4294967294 },
		{ "4294967295", -EINVAL, 0 },
	};
	uint64_t v = 0;

	check(as_u32, u32, ARRAY_SIZE(u32));
	check(str_i64, i64, ARRAY_SIZE(i64));
	check(as_id, id, ARRAY_SIZE(id));
	assert_int_equal(str_u64("18446744073709551615", &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(str_u64("18446744073709551616", &v), -ERANGE);
}

static void go_numbers(void **state)
{
	static const struct number t[] = {
		{ "0", 0, 0 },
		{ "10", 0, 10 },
		{ "+10", 0, 10 },
		{ "-0x1F", 0, -31 },
		{ "0o17", 0, 15 },
		{ "017", 0, 15 },
		{ "0B101", 0, 5 },
		{ "1_000", 0, 1000 },
		{ "0x_ff", 0, 255 },
		{ "08", -EINVAL, 0 },
		{ "0x", -EINVAL, 0 },
		{ "_1", -EINVAL, 0 },
		{ "1__0", -EINVAL, 0 },
		{ "1_", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "-", -EINVAL, 0 },
		{ "1a", -EINVAL, 0 },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "-9223372036854775808", 0, INT64_MIN },
	};

	check(str_go_int, t, ARRAY_SIZE(t));
}

static void sizes(void **state)
{
	static const struct number t[] = {
		{ "0", 0, 0 },
		{ "42", 0, 42 },
		{ "42b", 0, 42 },
		{ "1k", 0, 1024 },
		{ "1KB", 0, 1024 },
		{ "1KiB", 0, 1024 },
		{ "32m", 0, 33554432 },
		{ "32 MB", 0, 33554432 },
		{ "1.5g", 0, 1610612736 },
		{ "2T", 0, 2199023255552 },
		{ "1p", 0, 1125899906842624 },
		{ "-1", 0, -1 },
		{ "-2", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "k", -EINVAL, 0 },
		{ "1.k", -EINVAL, 0 },
		{ "1.2.3k", -EINVAL, 0 },
		{ "1x", -EINVAL, 0 },
		{ "1kk", -EINVAL, 0 },
		{ "1  k", -EINVAL, 0 },
		{ "8191p", 0, 8191LL << 50 },
		{ "8192p", -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, 0 },
	};

	check(str_size, t, ARRAY_SIZE(t));
}

static int collect(unsigned int n, void *arg)
{
	if (n == 13)
		return -ECANCELED;
	buf_printf(arg, "%u ", n);
	return 0;
}

static int ranges_of(const char *s, struct buf *b)
{
	buf_free(b);
	return str_walk_ranges(s, 4095, collect, b);
}

static void ranges(void **state)
{
	static const char *const bad[] = { "",	  ",",	  "1,",	  ",1",
					   "3-1", "1-",	  "-1",	  "a",
					   "1 ",  "1--2", "1-2-3" };
	_cleanup_buf_ struct buf b = { 0 };

	assert_int_equal(ranges_of("0-3,7", &b), 0);
	assert_string_equal(buf_str(&b), "0 1 2 3 7 ");
	assert_int_equal(ranges_of("4095", &b), 0);
	assert_int_equal(ranges_of("0-4294967295", &b), -ERANGE);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(ranges_of("12-14", &b), -ECANCELED);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (ranges_of(bad[i], &b) != -EINVAL)
			fail_msg("\"%s\"", bad[i]);
}

static void nearest(void **state)
{
	static const char *const verbs[] = { "create", "start", "state",
					     "delete", "kill" };
	const size_t n = ARRAY_SIZE(verbs);

	assert_string_equal(str_nearest("creeate", verbs, n), "create");
	assert_string_equal(str_nearest("strat", verbs, n), "start");
	assert_string_equal(str_nearest("kil", verbs, n), "kill");
	assert_null(str_nearest("pause", verbs, n));
	assert_null(str_nearest("x", verbs, n));
	assert_null(str_nearest("", verbs, n));
}

static void affixes(void **state)
{
	assert_true(str_starts("cgroup.procs", "cgroup."));
	assert_false(str_starts("cg", "cgroup."));
	assert_true(str_ends("x.scope", ".scope"));
	assert_false(str_ends("scope", ".scope"));
}

static void buffers(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *p = NULL;

	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%03d", i);
	assert_int_equal(b.len, 3000);
	assert_memory_equal(b.data + 2994, "998999", 7);
	buf_putc(&b, 'x');
	buf_align(&b, 8);
	assert_int_equal(b.len, 3008);
	assert_memory_equal(b.data + 3000, "x\0\0\0\0\0\0", 8);
	assert_int_equal(buf_error(&b), 0);
	p = buf_steal(&b);
	assert_non_null(p);
	assert_int_equal(b.len, 0);
	free(p);
	p = buf_steal(&b);
	assert_string_equal(p, "");
}

static void buffer_error_sticks(void **state)
{
	struct buf b = { 0 };

	buf_puts(&b, "abc");
	buf_add(&b, "", SIZE_MAX / 2);
	assert_int_equal(buf_error(&b), -ENOMEM);
	buf_puts(&b, "def");
	assert_string_equal(buf_str(&b), "abc");
	assert_null(buf_steal(&b));
}

static void arenas(void **state)
{
	_cleanup_arena_ struct arena a = { .limit = 1 << 20 };
	char *big, *s;

	for (int i = 0; i < 3000; i++) {
		unsigned char *p = arena_alloc(&a, (size_t)i % 50);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (int k = 0; k < i % 50; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, (size_t)i % 50);
	}
	big = arena_alloc(&a, 500000);
	assert_non_null(big);
	memset(big, 1, 500000);
	s = arena_printf(&a, "%s-%d", "x", 7);
	assert_string_equal(s, "x-7");
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&a, "ab", 30), "ab");
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_null(arena_calloc(&a, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, 1 << 20)); /* beyond the limit */
	assert_non_null(arena_alloc(&a, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(go_numbers),
		cmocka_unit_test(sizes),
		cmocka_unit_test(ranges),
		cmocka_unit_test(nearest),
		cmocka_unit_test(affixes),
		cmocka_unit_test(buffers),
		cmocka_unit_test(buffer_error_sticks),
		cmocka_unit_test(arenas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
