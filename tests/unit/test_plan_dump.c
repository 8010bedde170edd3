/* SPDX-License-Identifier: Apache-2.0 */
/* The two printed forms of a plan. */
#include "plan_fixture.h"

#include "plan/op_info.h"

struct doc {
	char *plan;
};
static const struct field doc_fields[] = {
	{ .name = "plan", .kind = F_RAW, .offset = offsetof(struct doc, plan) },
};
static const struct record doc_record = {
	.size = sizeof(struct doc),
	.fields = doc_fields,
	.n_fields = ARRAY_SIZE(doc_fields),
};

static void test_every_operation_has_a_name(void **state)
{
	for (size_t i = 0; i < OP_COUNT; i++) {
		assert_non_null(op_info[i].name);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(op_info[i].name,
						op_info[j].name);
		for (size_t j = 0; j < op_info[i].n_fields; j++)
			assert_non_null(op_info[i].fields[j].name);
	}
}

static void test_json_is_json(void **state)
{
	_cleanup_buf_ struct buf out = { 0 };
	struct faults faults;
	struct doc doc;
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, CONFIG(",\"env\":[\"A=\\u0001\\\"\\u00e9\"]",
				NS_MNT NS("pid"), "",
				",\"hooks\":{\"createContainer\":[{\"path\":"
				"\"/h\"}]},\"mounts\":[{\"destination\":"
				"\"/m\",\"type\":\"tmpfs\",\"source\":"
				"\"a\\nb\"}]"));
	buf_puts(&out, "{\"plan\":");
	assert_int_equal(
		plan_dump_json(f.plan.block.data, f.plan.block.len, &out), 0);
	buf_putc(&out, '}');
	faults_init(&faults, &f.a);
	assert_int_equal(json_parse(&f.a, out.data, out.len, &doc_record, &doc,
				    &faults),
			 0);
	assert_int_equal(faults.n, 0);
	assert_order(doc.plan, "{\"op\":\"keyring\"}", "\"op\":\"mount\"",
		     "\"where\":\"mounts[0]\"", "\"source\":\"a\\nb\"",
		     "\"uid\":0", "\"point\":\"createContainer\"",
		     "\"args\":[\"/h\"]", "\"pid\\\":PID", NULL);
	fixture_free(&f);
}

/* A configuration cannot speak to a terminal through the text. */
static void test_text_is_quoted(void **state)
{
	_cleanup_free_ char *text = plan_of(
		CONFIG(",\"env\":[\"A=\\u001b[2J\",\"B=b c\",\"C=\\u0007\"]",
		       NS_MNT, "", ""));

	assert_has(text, "env: \"A=\\u001b[2J\" \"B=b c\" \"C=\\u0007\"\n");
	for (const char *p = text; *p; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
}

static void test_bad_block(void **state)
{
	_cleanup_buf_ struct buf out = { 0 };
	struct fixture f;

	fixture_init(&f);
	fixture_plan(&f, CONFIG("", NS_MNT, "", ""));
	for (size_t n = 0; n < f.plan.block.len; n++) {
		assert_int_equal(plan_dump_text(f.plan.block.data, n, &out),
				 -EBADMSG);
		assert_int_equal(plan_dump_json(f.plan.block.data, n, &out),
				 -EBADMSG);
	}
	assert_int_equal(out.len, 0);
	fixture_free(&f);
}

static void test_fields_of_all_kinds(void **state)
{
	static const char data[] = "\0\0s1\0\0\0\0s2\0\0\0\0\0\0\0";
	struct {
		struct plan_header h;
		struct plan_op op;
		char data[sizeof(data) + 1];
	} b = { .h = { .magic = PLAN_MAGIC,
		       .version = PLAN_VERSION,
		       .total = offsetof(typeof(b), data) + sizeof(data),
		       .n_ops = 1,
		       .data_len = sizeof(data) } };

	memcpy(b.data, data, sizeof(data));
	for (uint16_t code = 0; code < OP_COUNT; code++) {
		for (uint32_t n = 0; n < 4; n++) {
			_cleanup_buf_ struct buf text = { 0 }, json = { 0 };

			b.op = (struct plan_op){
				.code = code,
				.flags = n == 1 ? 0xffff : 0,
				.slot = -1,
				.slot2 = -1,
				.arg = n == 2 ? ~0u : n,
				.x = n == 1 ? UINT64_MAX : 0,
				.s1 = 2,
				.s2 = 8,
				.blob = n,
				.blob_len = n == 3 ? 1 : n * 4,
			};
			assert_int_equal(plan_dump_text(&b, b.h.total, &text),
					 0);
			assert_int_equal(plan_dump_json(&b, b.h.total, &json),
					 0);
			assert_has(buf_str(&text), op_info[code].name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_operation_has_a_name),
		cmocka_unit_test(test_json_is_json),
		cmocka_unit_test(test_text_is_quoted),
		cmocka_unit_test(test_bad_block),
		cmocka_unit_test(test_fields_of_all_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
