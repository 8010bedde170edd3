/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's check: what it takes, and each way in which it refuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/wire.h"
#include "plan/op.h"

static const struct wire_layout layout = {
	.magic = PLAN_MAGIC,
	.version = PLAN_VERSION,
	.max_total = PLAN_MAX_BYTES,
	.max_ops = PLAN_MAX_OPS,
	.max_slots = PLAN_MAX_SLOTS,
	.n_codes = OP_COUNT,
};

struct block {
	struct plan_header h;
	struct plan_op op[2];
	char data[16];
};

/* A plan of two operations that is right in every way. */
static struct block good(void)
{
	struct block b = {
		.h = { .magic = PLAN_MAGIC,
		       .version = PLAN_VERSION,
		       .total = sizeof(b),
		       .n_ops = 2,
		       .data_len = sizeof(b.data),
		       .n_fds = 1,
		       .n_slots = 2 },
		.op = { { .code = OP_HOSTNAME, .slot = -1, .slot2 = -1, .s1 = 1 },
			{ .code = OP_EXEC,
			  .slot = 1,
			  .slot2 = 0,
			  .blob = 1,
			  .blob_len = 15 } },
		.data = "\0host",
	};

	return b;
}

static int check(const struct block *b)
{
	return wire_check(b, sizeof(*b), &layout);
}

static void takes_a_plan(void **state)
{
	struct block b = good();

	assert_int_equal(check(&b), 0);
}

static void takes_no_operations(void **state)
{
	struct {
		struct plan_header h;
		char data[1];
	} b = { .h = { .magic = PLAN_MAGIC,
		       .version = PLAN_VERSION,
		       .total = sizeof(b.h) + 1,
		       .data_len = 1 } };

	assert_int_equal(wire_check(&b, sizeof(b.h) + 1, &layout), 0);
}

static void refuses_every_cut(void **state)
{
	struct block b = good();

	for (size_t n = 0; n < sizeof(b); n++)
		assert_int_equal(wire_check(&b, n, &layout), -EBADMSG);
}

#define REFUSES(change)                                \
	do {                                           \
		struct block b = good();               \
		change;                                \
		assert_int_equal(check(&b), -EBADMSG); \
	} while (0)

static void refuses_wrong_header(void **state)
{
	REFUSES(b.h.magic++);
	REFUSES(b.h.version++);
	REFUSES(b.h.total--);
	REFUSES(b.h.total++);
	REFUSES(b.h.n_ops++);
	REFUSES(b.h.n_ops--);
	REFUSES(b.h.n_ops = UINT32_MAX);
	REFUSES(b.h.data_len++);
	REFUSES(b.h.data_len = 0);
	REFUSES(b.h.n_fds = 3);
	REFUSES(b.h.n_slots = PLAN_MAX_SLOTS + 1);
}

static void refuses_sums_that_wrap(void **state)
{
	/* n_ops * 72 + 32 + data_len = total modulo 2^32 */
	REFUSES((b.h.n_ops = 2 + (1u << 29), b.h.data_len = sizeof(b.data)));
	REFUSES(b.h.data_len = UINT32_MAX);
	REFUSES((b.op[1].blob = 8, b.op[1].blob_len = UINT32_MAX - 4));
}

static void refuses_wrong_operations(void **state)
{
	REFUSES(b.op[0].code = OP_COUNT);
	REFUSES(b.op[1].code = UINT16_MAX);
	REFUSES(b.op[0].slot = 2);
	REFUSES(b.op[0].slot = -2);
	REFUSES(b.op[0].slot2 = INT16_MIN);
	REFUSES(b.op[1].slot2 = INT16_MAX);
	REFUSES(b.op[0].where = sizeof(b.data));
	REFUSES(b.op[0].s1 = sizeof(b.data));
	REFUSES(b.op[0].s2 = UINT32_MAX);
	REFUSES(b.op[1].s3 = sizeof(b.data) + 1);
	REFUSES(b.op[1].blob = sizeof(b.data));
	REFUSES(b.op[1].blob_len = 16);
	REFUSES(b.op[1].blob2 = sizeof(b.data));
	REFUSES(b.op[1].blob2_len = sizeof(b.data) + 1);
}

static void refuses_open_strings(void **state)
{
	REFUSES(b.data[0] = 'x'); /* offset 0 is not "" */
	REFUSES(b.data[sizeof(b.data) - 1] = 'x');
}

static void limits_are_the_layouts(void **state)
{
	struct wire_layout l = layout;
	struct block b = good();

	l.max_ops = 1;
	assert_int_equal(wire_check(&b, sizeof(b), &l), -EBADMSG);
	l = layout;
	l.max_total = sizeof(b) - 1;
	assert_int_equal(wire_check(&b, sizeof(b), &l), -EBADMSG);
	l = layout;
	l.n_codes = OP_EXEC;
	assert_int_equal(wire_check(&b, sizeof(b), &l), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_plan),
		cmocka_unit_test(takes_no_operations),
		cmocka_unit_test(refuses_every_cut),
		cmocka_unit_test(refuses_wrong_header),
		cmocka_unit_test(refuses_sums_that_wrap),
		cmocka_unit_test(refuses_wrong_operations),
		cmocka_unit_test(refuses_open_strings),
		cmocka_unit_test(limits_are_the_layouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
