/* SPDX-License-Identifier: Apache-2.0 */
/* The field tables are the specification's; real and default configurations
 * are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "spec/spec.h"

static const char *data(const char *name)
{
	static char path[4096];
	const char *src = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/tests/data/%s", src ? src : ".", name);
	return path;
}

/* --- the tables against the list of all properties ---------------------- */

static const char *type_name(const struct field *f)
{
	switch (f->kind) {
	case F_STR:
	case F_ENUM:
		return "string";
	case F_BOOL:
	case F_OPT_BOOL:
		return "bool";
	case F_I32:
		return "int32";
	case F_U32:
	case F_OPT_U32:
	case F_ID:
		return f->max == UINT16_MAX ? "uint16" : "uint32";
	case F_I64:
	case F_OPT_I64:
		return "int64";
	case F_U64:
	case F_OPT_U64:
		return "uint64";
	case F_OBJ:
		return "object";
	case F_STR_LIST:
		return "[]string";
	case F_U32_LIST:
		return "[]uint32";
	case F_OBJ_LIST:
		return "[]object";
	case F_STR_MAP:
		return "map[string]";
	case F_OBJ_MAP:
		return "map[object]";
	default:
		return "?";
	}
}

static void list_fields(struct buf *out, const struct record *rec,
			const char *prefix)
{
	char path[256];
	size_t i;

	assert_true(rec->n_fields <= 64);
	for (i = 0; i < rec->n_fields; i++) {
		const struct field *f = &rec->fields[i];

		snprintf(path, sizeof(path), "%s%s", prefix, f->name);
		buf_printf(out, "%s %s\n", path, type_name(f));
		snprintf(path, sizeof(path), "%s%s%s.", prefix, f->name,
			 f->kind == F_OBJ_LIST	? "[]"
			 : f->kind == F_OBJ_MAP ? "{}"
						: "");
		if (f->record)
			list_fields(out, f->record, path);
	}
}

static bool has_line(const char *text, const char *line, size_t n)
{
	const char *p = text;

	for (; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (strncmp(p, line, n) == 0 && (p[n] == '\n' || !p[n]))
			return true;
	return false;
}

static void missing_lines(const char *from, const char *in, const char *where)
{
	size_t n;

	for (; *from; from += n + 1) {
		n = strcspn(from, "\n");
		if (*from != '#' && !has_line(in, from, n))
			fail_msg("\"%.*s\" is not in %s", (int)n, from, where);
	}
}

static void tables_are_the_schema(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t len;

	assert_int_equal(io_slurp_at(AT_FDCWD, data("schema-fields.txt"),
				     1 << 20, true, &text, &len),
			 0);
	list_fields(&b, &oci_spec_record, "");
	missing_lines(text, buf_str(&b), "the tables");
	missing_lines(buf_str(&b), text, "the schema");
}

/* --- whole configurations ------------------------------------------------ */

static int parse_any(struct arena *a, const char *name, const char *text,
		     size_t len)
{
	struct oci_resources *r;
	struct oci_process *p;
	struct oci_spec *s;

	if (strstr(name, "process"))
		return oci_parse_process(a, name, text, len, &p);
	if (strstr(name, "resources"))
		return oci_parse_resources(a, name, text, len, &r);
	return oci_parse(a, name, text, len, &s);
}

/* What the engines write; the files come with the tests or do not. */
static void configurations_of_engines(void **state)
{
	DIR *d = opendir(data("configs"));
	struct dirent *e;

	if (!d)
		skip();
	while ((e = readdir(d))) {
		_cleanup_arena_ struct arena a = { 0 };
		_cleanup_free_ char *text = NULL;
		size_t len;

		if (!str_ends(e->d_name, ".json"))
			continue;
		assert_int_equal(io_slurp_at(dirfd(d), e->d_name, 1 << 24, true,
					     &text, &len),
				 0);
		if (parse_any(&a, e->d_name, text, len) < 0)
			fail_msg("%s", err_get());
	}
	closedir(d);
}

static void default_is_good(void **state)
{
	for (int i = 0; i < 4; i++) {
		_cleanup_arena_ struct arena a = { 0 };
		_cleanup_buf_ struct buf b = { 0 };
		bool rootless = i & 1, v2 = i & 2;
		struct oci_spec *s = NULL;

		assert_int_equal(oci_default_spec(&b, rootless, v2, 1000, 1001),
				 0);
		assert_int_equal(oci_parse(&a, "f", b.data, b.len, &s), 0);
		assert_int_equal(b.data[b.len - 1], '}');
		assert_non_null(strstr(b.data, "{\n\t\"ociVersion\": \"1.3.0\""
					       ",\n\t\"process\": {\n\t\t\""));
		assert_string_equal(s->hostname, "tare");
		assert_true(s->process->no_new_privileges);
		assert_string_equal(s->process->args.v[0], "sh");
		assert_null(s->process->caps->inheritable.v);
		assert_null(s->process->caps->ambient.v);
		assert_int_equal(oci_has_ns(s, OCI_NS_CGROUP, NULL), v2);
		assert_int_equal(oci_has_ns(s, OCI_NS_NET, NULL), !rootless);
		assert_int_equal(oci_has_ns(s, OCI_NS_USER, NULL), rootless);
		assert_int_equal(!s->linux_->resources, rootless);
		assert_int_equal(!!strstr(b.data, "gid=5"), !rootless);
		assert_int_equal(s->mounts.n, 7);
		assert_non_null(strstr(b.data, "powercap"));
		if (rootless) {
			assert_int_equal(s->linux_->uid_mappings.v->host_id,
					 1000);
			assert_int_equal(s->linux_->gid_mappings.v->host_id,
					 1001);
		}
	}
}

#define ROOT "\"root\":{\"path\":\"rootfs\"}"

/* --- the rest -------------------------------------------------------------- */

static void namespaces_have_one_name(void **state)
{
	char text[256];

	for (int i = 0; i < OCI_NS_COUNT; i++) {
		_cleanup_arena_ struct arena a = { 0 };
		struct oci_spec *s = NULL;

		snprintf(text, sizeof(text),
			 "{\"ociVersion\":\"1.0.0\"," ROOT ",\"linux\":{"
			 "\"namespaces\":[{\"type\":\"%s\",\"path\":\"/x\"}]}}",
			 oci_ns_info[i].name);
		assert_int_equal(oci_parse(&a, "f", text, strlen(text), &s), 0);
		assert_int_equal(s->linux_->namespaces.v->type, i);
		assert_true(oci_has_ns(s, (enum oci_ns)i, NULL));
	}
}

static void what_is_absent(void **state)
{
	static const char text[] = "{\"ociVersion\":\"1.0.0\"," ROOT
				   ",\"annotations\":{\"a\":\"b\"}}";
	static const char process[] = "{\"args\":[\"a\"],\"cwd\":\"/\"}";
	_cleanup_arena_ struct arena a = { 0 };
	struct oci_process *p = NULL;
	struct oci_resources *r = NULL;
	struct oci_spec *s = NULL;
	const char *path = "x";

	assert_int_equal(oci_parse(&a, "f", text, strlen(text), &s), 0);
	assert_null(s->process);
	assert_non_null(s->linux_);
	assert_false(oci_has_ns(s, OCI_NS_PID, &path));
	assert_null(path);
	assert_string_equal(oci_annotation(&s->annotations, "a"), "b");
	assert_null(oci_annotation(&s->annotations, "b"));
	assert_int_equal(
		oci_parse_process(&a, "f", process, strlen(process), &p), 0);
	assert_non_null(p->user);
	assert_null(p->caps);
	assert_int_equal(oci_parse_process(&a, "f", "{}", 2, &p), -EINVAL);
	assert_string_equal(err_get(), "f: cwd: Cwd property must not be "
				       "empty; f: args: args must not be "
				       "empty");
	assert_int_equal(oci_parse_resources(&a, "-", "{}", 2, &r), 0);
}

static void all_faults_at_once(void **state)
{
	static const char bad[] = "{\n\"ociVersion\": \"1.0.0\",\n\"process\": "
				  "{\n\"args\": [\"a\"],\n\"cwd\": \"x\"}\n}";
	_cleanup_arena_ struct arena a = { 0 };
	struct oci_spec *s = NULL;

	assert_int_equal(oci_parse(&a, "config.json", bad, strlen(bad), &s),
			 -EINVAL);
	assert_string_equal(err_get(),
			    "config.json: root: root must be specified; "
			    "config.json:5: process.cwd: Cwd must be an "
			    "absolute path");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_the_schema),
		cmocka_unit_test(configurations_of_engines),
		cmocka_unit_test(default_is_good),
		cmocka_unit_test(namespaces_have_one_name),
		cmocka_unit_test(what_is_absent),
		cmocka_unit_test(all_faults_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
