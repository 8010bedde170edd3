/* SPDX-License-Identifier: Apache-2.0 */
/* Capability names; what LSM checks say on a host without LSM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/capability.h>
#include <string.h>

#include "base/err.h"
#include "security/caps.h"
#include "security/lsm.h"

static void names_are_numbers(void **state)
{
	assert_int_equal(n_cap_names, 41);
	assert_int_equal(cap_from_name("CAP_CHOWN"), CAP_CHOWN);
	assert_int_equal(cap_from_name("sys_admin"), CAP_SYS_ADMIN);
	assert_int_equal(cap_from_name("cap_Bpf"), 39);
	assert_int_equal(cap_from_name("CAP_CHECKPOINT_RESTORE"), 40);
	assert_int_equal(cap_from_name("CAP_"), -ENOENT);
	assert_int_equal(cap_from_name("CAP_CAP_CHOWN"), -ENOENT);
	assert_int_equal(cap_from_name(""), -ENOENT);
	for (size_t i = 0; i < n_cap_names; i++)
		assert_int_equal(cap_from_name(cap_names[i]), i);
}

static void labels_need_their_module(void **state)
{
	assert_int_equal(lsm_check(NULL, NULL, NULL), 0);
	assert_int_equal(lsm_check("", "", ""), 0);
	if (!lsm_selinux_enabled()) {
		assert_true(lsm_check("a:b:c:s0", NULL, NULL) < 0);
		assert_string_equal(err_get(),
				    "selinux label is specified in config, but "
				    "selinux is disabled or not supported");
		assert_true(lsm_check(NULL, "a:b:c:s0", NULL) < 0);
		assert_false(lsm_mount_context_applies("tmpfs"));
	}
	if (!lsm_apparmor_enabled())
		assert_true(lsm_check(NULL, NULL, "profile") < 0);
}

static void apparmor_text(void **state)
{
	char text[4096], small[8];

	assert_int_equal(lsm_apparmor_exec("docker-default", text, 4096), 0);
	assert_string_equal(text, "exec docker-default");
	assert_int_equal(lsm_apparmor_exec("docker-default", small, 8),
			 -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_numbers),
		cmocka_unit_test(labels_need_their_module),
		cmocka_unit_test(apparmor_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
