/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules and the v2 program, which is run here by a small interpreter
 * and compared with the plain reading of the rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cgroups/device_bpf.h"

enum { READ = 1, WRITE = 2, MKNOD = 4 };

static struct arena arena;

static int tear_down(void **state)
{
	arena_free(&arena);
	return 0;
}

static struct cg_device_rules rules_of(const char *json)
{
	struct oci_resources res;
	struct cg_device_rules l = { 0 };
	struct faults f;

	faults_init(&f, &arena);
	assert_int_equal(json_parse(&arena, json, strlen(json),
				    &oci_resources_record, &res, &f),
			 0);
	if (faults_report(&f, "r") < 0 || cg_device_rules(&arena, &res, &l) < 0)
		fail_msg("%s", err_get());
	return l;
}

static uint64_t load(const uint32_t ctx[3], int off)
{
	assert_in_range(off, 0, 8);
	return ctx[off / 4];
}

static bool jump(uint8_t op, uint64_t a, int64_t b)
{
	switch (op) {
	case BPF_JA:
		return true;
	case BPF_JNE:
		return a != (uint64_t)b;
	case BPF_JSET:
		return (a & (uint64_t)b) != 0;
	default:
		fail_msg("jump %#x", op);
		return false;
	}
}

static uint64_t run(const struct bpf_code *c, const uint32_t ctx[3])
{
	uint64_t reg[11] = { 0 };

	for (size_t pc = 0; pc < c->n; pc++) {
		const struct bpf_insn *i = &c->v[pc];
		uint64_t *dst = &reg[i->dst_reg];
		uint64_t src = BPF_SRC(i->code) == BPF_X ? reg[i->src_reg]
							 : (uint64_t)i->imm;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			*dst = load(ctx, i->off);
			break;
		case BPF_ALU64 | BPF_MOV | BPF_X:
		case BPF_ALU64 | BPF_MOV | BPF_K:
			*dst = src;
			break;
		case BPF_ALU64 | BPF_AND | BPF_K:
			*dst &= src;
			break;
		case BPF_ALU64 | BPF_RSH | BPF_K:
			*dst >>= src;
			break;
		case BPF_JMP | BPF_EXIT:
			return reg[0];
		default:
			assert_int_equal(BPF_CLASS(i->code), BPF_JMP);
			assert_true(i->off >= 0);
			if (jump(BPF_OP(i->code), *dst, i->imm))
				pc += (size_t)i->off;
		}
	}
	fail_msg("the program has no end");
	return 0;
}

static bool permits(const struct bpf_code *c, char type, uint32_t major,
		    uint32_t minor, unsigned int access)
{
	const uint32_t bits = (access & READ ? BPF_DEVCG_ACC_READ : 0) |
			      (access & WRITE ? BPF_DEVCG_ACC_WRITE : 0) |
			      (access & MKNOD ? BPF_DEVCG_ACC_MKNOD : 0);
	const uint32_t ctx[3] = { bits << 16 |
					  (type == 'b' ? BPF_DEVCG_DEV_BLOCK
						       : BPF_DEVCG_DEV_CHAR),
				  major, minor };
	uint64_t r = run(c, ctx);

	assert_in_range(r, 0, 1);
	return r;
}

/* The meaning: each bit as the last rule for it says. */
static bool meaning(const struct cg_device_rules *l, char type, int64_t major,
		    int64_t minor, unsigned int access)
{
	unsigned int allowed = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct cg_device_rule *r = &l->v[i];

		if ((r->type != 'a' && r->type != type) ||
		    (r->major >= 0 && r->major != major) ||
		    (r->minor >= 0 && r->minor != minor))
			continue;
		allowed = r->allow ? allowed | r->access : allowed & ~r->access;
	}
	return (access & ~allowed) == 0;
}

static struct bpf_code program(const struct cg_device_rules *l)
{
	struct bpf_code c;

	assert_int_equal(cg_device_program(&arena, l, &c), 0);
	return c;
}

#define DENY_ALL "{\"allow\":false,\"access\":\"rwm\"}"

static void the_default_list(void **state)
{
	struct cg_device_rules l = rules_of("{\"devices\":[" DENY_ALL "]}");
	struct bpf_code c = program(&l);

	assert_true(permits(&c, 'c', 1, 3, READ | WRITE | MKNOD));
	assert_true(permits(&c, 'c', 136, 77, READ | WRITE));
	assert_true(permits(&c, 'c', 10, 200, READ | WRITE));
	assert_true(permits(&c, 'b', 8, 0, MKNOD));
	assert_false(permits(&c, 'b', 8, 0, READ));
	assert_false(permits(&c, 'b', 1, 3, READ));
	assert_false(permits(&c, 'c', 1, 1, READ));
	assert_false(permits(&c, 'c', 10, 229, WRITE | MKNOD));
	/* No rules at all: the same. */
	assert_int_equal(rules_of("{}").n, l.n);
}

static void all_is_all(void **state)
{
	struct cg_device_rules l =
		rules_of("{\"devices\":[" DENY_ALL ",{\"allow\":true,\"type\":"
			 "\"c\",\"major\":9,\"access\":\"r\"},{\"allow\":true,"
			 "\"access\":\"rwm\"}]}");
	struct bpf_code c = program(&l);

	assert_int_equal(l.n, 1);
	assert_true(permits(&c, 'b', 8, 0, READ | WRITE | MKNOD));
}

static void twice_is_once(void **state)
{
	struct cg_device_rules l = rules_of(
		"{\"devices\":[" DENY_ALL ",{\"allow\":true,\"type\":\"c\","
		"\"major\":1,\"minor\":3,\"access\":\"r\"},{\"allow\":true,"
		"\"type\":\"c\",\"major\":1,\"minor\":3,\"access\":\"w\"}]}");

	assert_int_equal(l.n, rules_of("{}").n);
}

static void bad_rules(void **state)
{
	static const char *const bad[] = {
		"{\"devices\":[{\"allow\":true,\"type\":\"x\"}]}",
		"{\"devices\":[{\"allow\":true,\"access\":\"rx\"}]}",
		"{\"devices\":[{\"allow\":true,\"access\":\"\"}]}",
		"{\"devices\":[{\"allow\":true,\"type\":\"c\",\"major\":-2}]}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct oci_resources res;
		struct cg_device_rules l;
		struct faults f;

		faults_init(&f, &arena);
		json_parse(&arena, bad[i], strlen(bad[i]),
			   &oci_resources_record, &res, &f);
		if (cg_device_rules(&arena, &res, &l) == 0)
			fail_msg("%s passes", bad[i]);
	}
}

static unsigned int next(unsigned int n)
{
	static uint64_t seed = 88172645463325252;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned int)((seed >> 20) % n);
}

static void any_list_means_what_it_says(void **state)
{
	for (int round = 0; round < 500; round++) {
		struct oci_resources res = { 0 };
		struct oci_device_rule v[6] = { 0 };
		static char types[][2] = { "a", "b", "c" };
		static char access[][4] = { "r", "w", "m", "rw", "rwm" };
		struct cg_device_rules l;
		struct bpf_code c;

		for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
			v[i].allow = next(2);
			v[i].type = types[next(3)];
			v[i].access = access[next(5)];
			v[i].major = (struct opt_i64){ next(2), next(3) };
			v[i].minor = (struct opt_i64){ next(2), next(4) };
		}
		res.devices.v = v;
		res.devices.n = 1 + next(6);
		assert_int_equal(cg_device_rules(&arena, &res, &l), 0);
		c = program(&l);
		for (unsigned int k = 0; k < 3 * 4 * 2 * 7; k++) {
			char type = k % 2 ? 'b' : 'c';
			unsigned int acc = 1 + k / 2 % 7;
			unsigned int maj = k / 14 % 3, min = k / 42;

			assert_int_equal(permits(&c, type, maj, min, acc),
					 meaning(&l, type, maj, min, acc));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_default_list, tear_down),
		cmocka_unit_test_teardown(all_is_all, tear_down),
		cmocka_unit_test_teardown(twice_is_once, tear_down),
		cmocka_unit_test_teardown(bad_rules, tear_down),
		cmocka_unit_test_teardown(any_list_means_what_it_says,
					  tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
