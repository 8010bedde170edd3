/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plans of what engines write, as text. After a wanted change:
 * contrib/update-golden writes them anew, and git diff shows what it meant.
 */
#include "plan_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#define TEXT_MAX (1u << 20)

static const char *path_of(const char *folder, const char *name,
			   const char *suffix)
{
	static char path[4096];
	const char *src = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/tests/data/%s/%s%s", src ? src : ".",
		 folder, name, suffix);
	return path;
}

static char *slurp(const char *path, size_t *len)
{
	char *text = NULL;

	if (io_slurp_at(AT_FDCWD, path, TEXT_MAX, true, &text, len) < 0)
		return NULL;
	return text;
}

static void section(struct buf *out, const char *title, const struct str_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		buf_printf(out, "%s: %s\n", title, l->v[i]);
}

static void expected(struct fixture *f, const char *name, bool audit)
{
	const char *path = path_of("plans", name, ".txt");
	_cleanup_free_ char *want = NULL;
	struct str_list open = { 0 }, parent = { 0 }, ignored;
	size_t len;

	fixture_text(f);
	if (audit) {
		assert_int_equal(plan_audit(&f->a, f->spec, &f->plan, &open), 0);
		assert_int_equal(plan_parent(&f->a, f->spec, &parent), 0);
	}
	ignored.v = f->plan.warnings.v;
	ignored.n = f->plan.warnings.n;
	section(&f->text, "parent", &parent);
	section(&f->text, "open", &open);
	section(&f->text, "ignored", &ignored);
	if (getenv("TARE_UPDATE_GOLDEN")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		assert_int_equal(fwrite(f->text.data, 1, f->text.len, file),
				 f->text.len);
		assert_int_equal(fclose(file), 0);
		return;
	}
	want = slurp(path, &len);
	if (!want)
		fail_msg("%s cannot be read: contrib/update-golden", path);
	if (!streq(want, buf_str(&f->text)))
		fail_msg("%s: not as expected; now it is\n%s", path,
			 buf_str(&f->text));
}

static void create(const char *name, const char *text, size_t len)
{
	struct fixture f;

	fixture_init(&f);
	f.host.rootless = f.host.in_userns = strstr(name, "rootless") != NULL;
	assert_int_equal(fixture_parse(&f, text, len), 0);
	f.options.terminal_console = f.spec->process->terminal;
	if (fixture_create(&f) < 0)
		fail_msg("%s: %s", name, err_get());
	expected(&f, name, true);
	fixture_free(&f);
}

/* Executed in a container with every namespace and a filter. */
static void exec(const char *name, const char *text, size_t len)
{
	static const char *const in = "docker-20.10-run-seccomp";
	struct oci_process *p;
	struct seccomp_filter filter;
	struct fixture f;
	size_t config_len;
	_cleanup_free_ char *config =
		slurp(path_of("configs", in, ".json"), &config_len);

	assert_non_null(config);
	fixture_init(&f);
	assert_int_equal(fixture_parse(&f, config, config_len), 0);
	if (oci_parse_process(&f.a, name, text, len, &p) < 0)
		fail_msg("%s", err_get());
	f.options.terminal_console = p->terminal;
	filter = fixture_filter(f.spec);
	assert_int_equal(plan_exec(&f.a, f.spec, p, &f.host, &f.options,
				   &filter, &f.plan),
			 0);
	expected(&f, name, false);
	fixture_free(&f);
}

static void one(const char *file)
{
	size_t n = strlen(file) - strlen(".json"), len;
	_cleanup_free_ char *name = strndup(file, n);
	_cleanup_free_ char *text = slurp(path_of("configs", file, ""), &len);

	assert_non_null(text);
	if (str_ends(name, "resources"))
		return;
	if (str_ends(name, "process"))
		exec(name, text, len);
	else
		create(name, text, len);
}

static void test_golden(void **state)
{
	DIR *d = opendir(path_of("configs", "", ""));
	struct dirent *e;
	int n = 0;

	if (!d)
		fail_msg("no configurations at %s", path_of("configs", "", ""));
	while ((e = readdir(d)))
		if (str_ends(e->d_name, ".json")) {
			one(e->d_name);
			n++;
		}
	closedir(d);
	assert_true(n > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
