/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing JSON by field tables: kinds, limits, faults, layout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "codec/json.h"

struct inner {
	char *key;
	char *name;
	uint32_t id;
};
struct all {
	char *str, *must, *abs, *full, *raw;
	bool flag;
	struct opt_bool maybe;
	int32_t i32;
	uint32_t u32, id, small;
	int64_t i64;
	uint64_t u64;
	struct opt_i64 oi64;
	struct opt_u64 ou64;
	struct opt_u32 ou32;
	int color;
	struct u32_list colors, ids, numbers;
	struct inner *obj;
	struct str_list strs;
	LIST(struct inner) objs;
	struct kv_list map;
	LIST(struct inner) omap;
};

static const struct enum_name colors[] = { { "red", 1 }, { "blue", 2 }, { 0 } };

static const struct field inner_fields[] = {
	FIELD(struct inner, name, "name", F_STR, .flags = FF_REQUIRED),
	FIELD(struct inner, id, "id", F_ID, .flags = FF_OMIT_ZERO),
};
static RECORD(inner_record, struct inner, inner_fields);

#define F(member, kind, ...) \
	FIELD(struct all, member, #member, kind, __VA_ARGS__)
static const struct field all_fields[] = {
	F(str, F_STR),
	F(must, F_STR, .flags = FF_REQUIRED),
	F(abs, F_STR, .flags = FF_ABS),
	F(full, F_STR, .flags = FF_NONEMPTY),
	F(raw, F_RAW),
	F(flag, F_BOOL, .flags = FF_OMIT_ZERO),
	F(maybe, F_OPT_BOOL),
	F(i32, F_I32, .flags = FF_OMIT_ZERO),
	F(u32, F_U32, .flags = FF_OMIT_ZERO),
	F(id, F_ID, .flags = FF_OMIT_ZERO),
	F(small, F_U32, .max = 9, .flags = FF_OMIT_ZERO),
	F(i64, F_I64, .flags = FF_OMIT_ZERO),
	F(u64, F_U64, .flags = FF_OMIT_ZERO),
	F(oi64, F_OPT_I64),
	F(ou64, F_OPT_U64),
	F(ou32, F_OPT_U32),
	F(color, F_ENUM, .names = colors),
	F(colors, F_ENUM_LIST, .names = colors, .flags = FF_LENIENT_ENUM),
	F(ids, F_U32_LIST, .flags = FF_IDS),
	F(numbers, F_U32_LIST),
	F(obj, F_OBJ, .record = &inner_record),
	F(strs, F_STR_LIST),
	F(objs, F_OBJ_LIST, .record = &inner_record),
	F(map, F_STR_MAP),
	F(omap, F_OBJ_MAP, .record = &inner_record),
};
static RECORD(all_record, struct all, all_fields);

struct parsed {
	struct arena arena;
	struct faults faults;
	struct all v;
	int r;
};

static void parse_bytes(struct parsed *p, const char *text, size_t len)
{
	memset(p, 0, sizeof(*p));
	faults_init(&p->faults, &p->arena);
	p->r = json_parse(&p->arena, text, len, &all_record, &p->v, &p->faults);
}

static void parse(struct parsed *p, const char *text)
{
	parse_bytes(p, text, strlen(text));
}

/* The faults as "LINE PATH: TEXT\n...". */
static const char *faults_text(const struct parsed *p)
{
	static char out[4096];
	size_t i, n = 0;

	out[0] = '\0';
	for (i = 0; i < p->faults.n; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%u %s: %s\n",
				      p->faults.v[i].line, p->faults.v[i].path,
				      p->faults.v[i].text);
	return out;
}

static void expect_fault(const char *text, const char *fault)
{
	struct parsed p;

	parse(&p, text);
	if (!strstr(faults_text(&p), fault))
		fail_msg("%s\ngives \"%s\", not \"%s\"", text, faults_text(&p),
			 fault);
	arena_free(&p.arena);
}

static void every_kind(void **state)
{
	struct parsed p;

	parse(&p,
	      "{\"str\":\"a\\u00e9\\n\",\"must\":\"\",\"abs\":\"/x\",\"full\":"
	      "\"f\",\"raw\":{\"a\":[1,null,{}],\"b\":\"q\\\"\"},\"flag\":true,"
	      "\"maybe\":false,\"i32\":-2147483648,\"u32\":4294967295,"
	      "\"id\":4294967294,\"small\":9,\"i64\":-9223372036854775808,"
	      "\"u64\":18446744073709551615,\"oi64\":-1,\"ou64\":0,"
	      "\"ou32\":7,\"color\":\"blue\",\"colors\":[\"red\",\"pink\","
	      "\"blue\"],\"ids\":[0,1],\"numbers\":[],\"obj\":{\"name\":\"n\"},"
	      "\"strs\":[\"\",\"x\"],\"objs\":[{\"name\":\"1\"},{\"name\":"
	      "\"2\","
	      "\"id\":3}],\"map\":{\"k\":\"v\",\"l\":\"\"},"
	      "\"omap\":{\"o\":{\"name\":\"p\"}}}");
	assert_int_equal(p.r, 0);
	assert_string_equal(faults_text(&p), "");
	assert_int_equal(p.faults.unknown_keys, 1); /* pink */
	assert_string_equal(p.v.str, "a\xc3\xa9\n");
	assert_string_equal(p.v.must, "");
	assert_string_equal(p.v.raw, "{\"a\":[1,null,{}],\"b\":\"q\\\"\"}");
	assert_true(p.v.flag && p.v.maybe.set && !p.v.maybe.v);
	assert_true(p.v.i32 == INT32_MIN && p.v.u32 == UINT32_MAX);
	assert_true(p.v.i64 == INT64_MIN && p.v.u64 == UINT64_MAX);
	assert_true(p.v.id == UINT32_MAX - 1 && p.v.small == 9);
	assert_true(p.v.oi64.set && p.v.oi64.v == -1);
	assert_true(p.v.ou64.set && p.v.ou64.v == 0);
	assert_true(p.v.ou32.set && p.v.ou32.v == 7);
	assert_int_equal(p.v.color, 2);
	assert_int_equal(p.v.colors.n, 2);
	assert_int_equal(p.v.colors.v[1], 2);
	assert_int_equal(p.v.ids.n, 2);
	assert_true(p.v.numbers.n == 0 && p.v.numbers.v);
	assert_string_equal(p.v.obj->name, "n");
	assert_true(p.v.strs.n == 2 && !p.v.strs.v[2]);
	assert_true(p.v.objs.n == 2 && p.v.objs.v[1].id == 3);
	assert_string_equal(p.v.map.v[0].value, "v");
	assert_string_equal(p.v.omap.v[0].key, "o");
	assert_string_equal(p.v.omap.v[0].name, "p");
	arena_free(&p.arena);
}

static void absent_and_null(void **state)
{
	struct parsed p;

	parse(&p, "{\"must\":\"m\",\"strs\":null,\"obj\":null,\"ou32\":null,"
		  "\"map\":{\"gone\":null,\"\":\"\"},\"other\":{\"a\":[{}]},"
		  "\"MAYBE\":true}");
	assert_int_equal(p.r, 0);
	assert_string_equal(faults_text(&p), "");
	assert_null(p.v.strs.v);
	assert_null(p.v.obj);
	assert_false(p.v.ou32.set);
	assert_int_equal(p.v.color, -1);
	assert_int_equal(p.v.map.n, 1);
	assert_true(p.v.maybe.v); /* any case of a key will do */
	assert_int_equal(p.faults.unknown_keys, 1);
	arena_free(&p.arena);
}

static void every_fault_with_its_line(void **state)
{
	struct parsed p;

	parse(&p, "{\n\"u32\": \"x\",\n\"ids\": [1,\n4294967295, -1],\n"
		  "\"objs\": [{\"name\": \"a\"},\n{\"id\": 1}],\n"
		  "\"omap\": {\"k\":\n[]}\n}\n");
	assert_int_equal(p.r, 0);
	assert_string_equal(
		faults_text(&p),
		"2 u32: expected an unsigned 32-bit integer, got a string\n"
		"4 ids[1]: 4294967295 is out of range for a user or group ID\n"
		"4 ids[2]: -1 is out of range for a user or group ID\n"
		"6 objs[1].name: is required\n"
		"8 omap.k: expected an object, got an array\n"
		"9 must: is required\n");
	assert_int_equal(faults_report(&p.faults, "f.json"), -EINVAL);
	assert_non_null(strstr(err_get(), "f.json:2: u32: expected an "
					  "unsigned 32-bit integer, got a "
					  "string; f.json:4: ids[1]"));
	assert_int_equal(err_get_class(), ERR_CONFIG);
	arena_free(&p.arena);
}

static void bad_values(void **state)
{
	static const char *const t[][2] = {
		{ "{\"i32\":2147483648}", "i32: 2147483648 is out of range" },
		{ "{\"u64\":18446744073709551616}", "u64: 184467440737095516" },
		{ "{\"i64\":9223372036854775808}", "is out of range" },
		{ "{\"i64\":-9223372036854775809}", "is out of range" },
		{ "{\"u32\":1e3}", "got 1e3" },
		{ "{\"u32\":1.0}", "got 1.0" },
		{ "{\"u32\":-0}", "-0 is out of range" },
		{ "{\"small\":10}", "small: 10 is out of range (at most 9)" },
		{ "{\"id\":4294967295}", "id: 4294967295 is out of range" },
		{ "{\"str\":1}", "str: expected a string, got a number" },
		{ "{\"str\":true}", "str: expected a string, got true" },
		{ "{\"str\":{\"a\":[]}}",
		  "str: expected a string, got an obj" },
		{ "{\"flag\":0}", "flag: expected true or false, got a num" },
		{ "{\"strs\":[null]}", "strs[0]: expected a string, got null" },
		{ "{\"strs\":[[]]}", "strs[0]: expected a string, got an arr" },
		{ "{\"strs\":\"x\"}",
		  "expected an array of strings, got a st" },
		{ "{\"map\":{\"a\":1}}",
		  "map.a: expected a string, got a num" },
		{ "{\"map\":{\"a\\u0000\":\"\"}}", "bad key" },
		{ "{\"color\":\"pink\"}", "color \"pink\" is not known" },
		{ "{\"abs\":\"x\"}", "abs: must be an absolute path" },
		{ "{\"abs\":\"\"}", "abs: must be an absolute path" },
		{ "{\"full\":\"\"}", "full: must not be empty" },
		{ "{\"str\":\"a\\u0000b\"}", "str: contains nul byte (\\x00)" },
		{ "{\"must\":null}", "must: is required" },
		{ "{\"str\":\"a\",\"str\":\"b\"}", "str: duplicate key" },
		{ "{\"str\":\"a\",\"STR\":\"b\"}", "str: duplicate key" },
		{ "{\"map\":{\"a\":\"\",\"a\":\"\"}}", "map.a: duplicate key" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		expect_fault(t[i][0], t[i][1]);
}

static void bad_texts(void **state)
{
	static const char *const t[][2] = {
		{ "", "unexpected EOF" },
		{ "{\"must\":\"a", "unexpected EOF" },
		{ "{\"must\":\"a\"", "unexpected EOF" },
		{ "null", "config cannot be null" },
		{ "[]", "expected an object, got an array" },
		{ "1 ", "expected an object, got a number" },
		{ "\"x\"", "expected an object, got a string" },
		{ "{\"must\":\"a\"}\n\nx",
		  "3 : parse error: trailing garbage" },
		{ "{\"must\":\"a\"}{}", "trailing garbage" },
		{ "{\"must\":\"a\",}", "parse error" },
		{ "{\n\"u32\":01}", "2 u32: " },
		{ "{\n\n\"must\":\"\xff\"}", "3 : invalid UTF-8" },
		{ "{\"must\":\"\xc0\x80\"}", "invalid UTF-8" },
		{ "{\"must\":\"\xed\xa0\x80\"}", "invalid UTF-8" },
		{ "{\"must\":\"\\ud800\"}", "half a surrogate pair" },
		{ "{\"must\":\"\\udc00\\ud800\"}", "half a surrogate pair" },
		{ "/* */{}", "lexical error" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		expect_fault(t[i][0], t[i][1]);
}

static void good_surrogates(void **state)
{
	struct parsed p;

	parse(&p, "{\"must\":\"\\ud83d\\ude00 \\\\ud800\"}");
	assert_string_equal(faults_text(&p), "");
	assert_string_equal(p.v.must, "\xf0\x9f\x98\x80 \\ud800");
	arena_free(&p.arena);
}

/* `{"x":` + open * n + close * n + `}` */
static char *nested(size_t n, const char *key)
{
	char *s = malloc(2 * n + 64), *p;

	assert_non_null(s);
	p = s + sprintf(s, "{\"must\":\"\",\"%s\":", key);
	memset(p, '[', n);
	memset(p + n, ']', n);
	strcpy(p + 2 * n, "}");
	return s;
}

static void depth(void **state)
{
	static const char *const keys[] = { "unknown", "raw" };

	for (int i = 0; i < 2; i++) {
		char *ok = nested(63, keys[i]), *deep = nested(64, keys[i]);

		expect_fault(deep, "nested deeper than 64 levels");
		struct parsed p;

		parse(&p, ok);
		assert_string_equal(faults_text(&p), "");
		arena_free(&p.arena);
		free(ok);
		free(deep);
	}
}

static void long_lists(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct parsed p;

	buf_puts(&b, "{\"must\":\"\",\"numbers\":[0");
	for (int i = 1; i < 65536; i++)
		buf_puts(&b, ",1");
	buf_puts(&b, "]}");
	parse_bytes(&p, b.data, b.len);
	assert_string_equal(faults_text(&p), "");
	assert_int_equal(p.v.numbers.n, 65536);
	arena_free(&p.arena);
	b.len -= 2;
	buf_puts(&b, ",1]}");
	parse_bytes(&p, b.data, b.len);
	assert_non_null(strstr(faults_text(&p), "more than 65536 elements"));
	arena_free(&p.arena);
}

static void long_strings(void **state)
{
	size_t n = (1 << 20) + 1;
	char *s = malloc(n + 64), *p;
	struct parsed d;

	assert_non_null(s);
	p = s + sprintf(s, "{\"must\":\"");
	memset(p, 'x', n);
	strcpy(p + n, "\"}");
	parse(&d, s);
	assert_non_null(strstr(faults_text(&d), "must: longer than 1048576"));
	arena_free(&d.arena);
	memmove(p + n - 1, p + n, 3);
	parse(&d, s);
	assert_string_equal(faults_text(&d), "");
	arena_free(&d.arena);
	free(s);
}

static void many_faults(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct parsed p;

	buf_puts(&b, "{\"must\":\"\",\"numbers\":[-1");
	for (int i = 1; i < 100; i++)
		buf_puts(&b, ",-1");
	buf_puts(&b, "]}");
	parse_bytes(&p, b.data, b.len);
	assert_int_equal(p.faults.n, 64);
	assert_int_equal(p.faults.dropped, 36);
	assert_int_equal(faults_report(&p.faults, "x"), -EINVAL);
	arena_free(&p.arena);
}

static void lines_of_paths(void **state)
{
	static const char text[] = "{\n \"a\": {\"b\": [1,\n {\"c\": \"}\\\"\","
				   "\n \"d\":\ntrue}]},\n \"x.y\": 2\n}";

	assert_int_equal(json_line_of(text, strlen(text), "a"), 2);
	assert_int_equal(json_line_of(text, strlen(text), "a.b"), 2);
	assert_int_equal(json_line_of(text, strlen(text), "a.b[0]"), 2);
	assert_int_equal(json_line_of(text, strlen(text), "a.b[1]"), 3);
	assert_int_equal(json_line_of(text, strlen(text), "A.B[1].D"), 4);
	assert_int_equal(json_line_of(text, strlen(text), "x.y"), 6);
	assert_int_equal(json_line_of(text, strlen(text), "a.b[2]"), 0);
	assert_int_equal(json_line_of("{\"a\"", 4, "b"), 0);
	assert_int_equal(json_line_of("{\"a", 3, "b"), 0);
	assert_int_equal(json_line_of("", 0, "b"), 0);
}

static void written(const struct all *v, unsigned int flags, const char *want)
{
	_cleanup_buf_ struct buf b = { 0 };

	assert_int_equal(json_write(&b, &all_record, v, flags), 0);
	assert_string_equal(buf_str(&b), want);
}

static void writing(void **state)
{
	char x[] = "<x> & \"\\/\n\x01", y[] = "\xff\xe2\x82\xac", raw[] = "[1]";
	char one[] = "1", two[] = "2";
	struct inner objs[] = { { .name = one, .id = 5 }, { .name = two } };
	char *strs[] = { one, two, NULL };
	struct kv kv[] = { { one, two } };
	struct all v = {
		.must = x,
		.str = y,
		.raw = raw,
		.u64 = UINT64_MAX,
		.i32 = -5,
		.maybe = { true, false },
		.color = 1,
		.strs = { strs, 2 },
		.objs = { objs, 2 },
		.map = { kv, 1 },
		.numbers = { (uint32_t[1]){ 0 }, 0 },
	};
	struct all w = { .must = one,
			 .strs = { strs, 2 },
			 .obj = objs,
			 .omap = { objs, 0 } };

	written(&v, JSON_COMPACT,
		"{\"str\":\"\xef\xbf\xbd\xe2\x82\xac\",\"must\":"
		"\"<x> & \\\"\\\\/\\n\\u0001\",\"raw\":[1],\"maybe\":false,"
		"\"i32\":-5,\"u64\":18446744073709551615,\"color\":\"red\","
		"\"numbers\":[],\"strs\":[\"1\",\"2\"],\"objs\":[{\"name\":"
		"\"1\",\"id\":5},{\"name\":\"2\"}],\"map\":{\"1\":\"2\"}}");
	written(&w, JSON_TAB,
		"{\n\t\"must\": \"1\",\n\t\"obj\": {\n\t\t\"name\": \"1\",\n"
		"\t\t\"id\": 5\n\t},\n\t\"strs\": [\n\t\t\"1\",\n\t\t\"2\"\n"
		"\t],\n\t\"omap\": {}\n}");
	w.strs.n = 0;
	w.must = x;
	w.obj = NULL;
	written(&w, JSON_INDENT2 | JSON_HTML_ESCAPE,
		"{\n  \"must\": \"\\u003cx\\u003e \\u0026 "
		"\\\"\\\\/\\n\\u0001\","
		"\n  \"strs\": [],\n  \"omap\": {}\n}");
	w.must = one;
	written(&w, JSON_INDENT4,
		"{\n    \"must\": \"1\",\n    \"strs\": [],\n    \"omap\": "
		"{}\n}");
}

static void quoting(void **state)
{
	static const struct {
		const char *in, *plain, *html;
	} t[] = {
		{ "", "\"\"", "\"\"" },
		{ "a<b>&", "\"a<b>&\"", "\"a\\u003cb\\u003e\\u0026\"" },
		{ "\"\\\b\f\n\r\t\x1f\x7f",
		  "\"\\\"\\\\\\b\\f\\n\\r\\t\\u001f\x7f\"",
		  "\"\\\"\\\\\\b\\f\\n\\r\\t\\u001f\x7f\"" },
		{ "\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac\xfe",
		  "\"\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac\\ufffd\"",
		  "\"\\u2028\\u2029\xe2\x82\xac\\ufffd\"" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		_cleanup_buf_ struct buf b = { 0 }, h = { 0 };

		json_quote(&b, t[i].in, false);
		assert_string_equal(buf_str(&b), t[i].plain);
		json_quote(&h, t[i].in, true);
		assert_string_equal(buf_str(&h), t[i].html);
	}
}

/* No byte at which a text is cut may read beyond it. */
static void cut_anywhere(void **state)
{
	static const char text[] =
		"{\"must\":\"\\u00e9\",\"raw\":{\"a\":[1.5e3,\"\\n\"]},"
		"\"objs\":"
		"[{\"name\":\"x\"}],\"map\":{\"k\":\"v\"},\"q\":[{}]}";

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *exact = malloc(n ? n : 1);
		struct parsed p;

		assert_non_null(exact);
		memcpy(exact, text, n);
		parse_bytes(&p, exact, n);
		assert_int_equal(p.r, -EINVAL);
		json_line_of(exact, n, "map.nothing");
		arena_free(&p.arena);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(absent_and_null),
		cmocka_unit_test(every_fault_with_its_line),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(bad_texts),
		cmocka_unit_test(good_surrogates),
		cmocka_unit_test(depth),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(long_strings),
		cmocka_unit_test(many_faults),
		cmocka_unit_test(lines_of_paths),
		cmocka_unit_test(writing),
		cmocka_unit_test(quoting),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
