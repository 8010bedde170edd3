/* SPDX-License-Identifier: Apache-2.0 */
/* Mount options: one table, sorted; the last of contradictory words wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/mount.h>

#include "spec/mount_options.h"

#define RDONLY 0x1u
#define NOSUID 0x2u
#define NODEV 0x4u
#define ATIME 0x70u
#define NOATIME 0x10u
#define STRICTATIME 0x20u

static struct arena arena;

static struct mount_request digest(const char *options)
{
	static char copy[256];
	static char *v[16];
	struct str_list l = { .v = v };
	struct mount_request q;
	char *p;

	strcpy(copy, options);
	for (p = strtok(copy, ","); p; p = strtok(NULL, ","))
		v[l.n++] = p;
	assert_int_equal(mount_request_parse(&arena, &l, &q), 0);
	return q;
}

static void table(void **state)
{
	size_t i, shown = 0;

	for (i = 0; i < n_mount_options; i++) {
		shown += mount_option_public(&mount_options[i]);
		if (i)
			assert_true(strcmp(mount_options[i - 1].name,
					   mount_options[i].name) < 0);
	}
	assert_int_equal(shown, 60);
}

static void attributes(void **state)
{
	struct mount_request q = digest("ro,nosuid,nodev,rro,rnoatime");

	assert_int_equal(q.attr_set, RDONLY | NOSUID | NODEV);
	assert_int_equal(q.attr_clr, 0);
	assert_int_equal(q.rec_attr_set, RDONLY | NOATIME);
	assert_int_equal(q.rec_attr_clr, ATIME);
	assert_true(q.readonly);
	q = digest("ro,rw,nosuid,suid,nosuid");
	assert_int_equal(q.attr_set, NOSUID);
	assert_int_equal(q.attr_clr, RDONLY);
	assert_false(q.readonly);
}

static void access_times(void **state)
{
	assert_int_equal(digest("noatime,strictatime").attr_set, STRICTATIME);
	assert_int_equal(digest("noatime,strictatime").attr_clr, ATIME);
	assert_int_equal(digest("strictatime,relatime").attr_set, 0);
	assert_int_equal(digest("noatime,atime").attr_set, 0);
	assert_int_equal(digest("noatime,nostrictatime").attr_set, NOATIME);
	assert_int_equal(digest("noatime,norelatime").attr_set, NOATIME);
	assert_int_equal(digest("strictatime,nostrictatime").attr_set, 0);
	assert_int_equal(digest("nodiratime").attr_set, 0x80);
	assert_int_equal(digest("nodiratime").attr_clr, 0);
}

static void superblock_and_propagation(void **state)
{
	struct mount_request q = digest("sync,dirsync,async,rshared,slave");

	assert_int_equal(q.sb_flags, MS_DIRSYNC);
	assert_int_equal(q.sb_clr, MS_SYNCHRONOUS);
	assert_int_equal(q.propagation, MS_SLAVE);
	assert_false(q.prop_rec);
	assert_true(digest("rprivate").prop_rec);
}

static void flags_and_data(void **state)
{
	struct mount_request q =
		digest("rbind,size=1,defaults,tmpcopyup,mode=755,ridmap");

	assert_true(q.rbind && !q.bind && q.tmpcopyup && q.idmap_rec);
	assert_false(q.idmap || q.remount);
	assert_int_equal(q.data.n, 2);
	assert_string_equal(q.data.v[0], "size=1");
	assert_string_equal(q.data.v[1], "mode=755");
	assert_null(q.data.v[2]);
	q = digest("copy-symlink,src-nofollow,dest-nofollow,bind,remount");
	assert_true(q.copy_symlink && q.src_nofollow && q.dest_nofollow);
	assert_true(q.bind && q.remount);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(attributes),
		cmocka_unit_test(access_times),
		cmocka_unit_test(superblock_and_propagation),
		cmocka_unit_test(flags_and_data),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	arena_free(&arena);
	return r;
}
