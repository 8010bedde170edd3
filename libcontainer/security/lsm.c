/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "security/lsm.h"

#define SELINUXFS "/sys/fs/selinux"

bool lsm_selinux_enabled(void)
{
	struct statfs fs;

	/* The files of a policy are there once one has been loaded. */
	return statfs(SELINUXFS, &fs) == 0 &&
	       (unsigned long)fs.f_type == SELINUX_MAGIC &&
	       access(SELINUXFS "/policyvers", F_OK) == 0 &&
	       access(SELINUXFS "/class/process", F_OK) == 0;
}

bool lsm_apparmor_enabled(void)
{
	char buf[8];

	return io_read_at(AT_FDCWD, "/sys/module/apparmor/parameters/enabled",
			  buf, sizeof(buf)) > 0 &&
	       buf[0] == 'Y';
}

static bool given(const char *s)
{
	return s && *s;
}

int lsm_check(const char *selinux_label, const char *mount_label,
	      const char *apparmor_profile)
{
	const char *label = given(selinux_label) ? selinux_label : mount_label;

	if (given(label) && !lsm_selinux_enabled())
		return err_text(-EINVAL, "selinux label is specified in "
					 "config, but selinux is disabled or "
					 "not supported");
	/* Mount data is a list: a label must not end its own option. */
	if (given(mount_label) && strpbrk(mount_label, "\"\n"))
		return err_text(-EINVAL, "linux.mountLabel: a quote or line "
					 "end is not allowed");
	if (given(apparmor_profile) && !lsm_apparmor_enabled())
		return err_text(-EINVAL, "apparmor profile is specified in "
					 "config, but apparmor is disabled or "
					 "not supported");
	return 0;
}

int lsm_apparmor_exec(const char *profile, char *buf, size_t size)
{
	int n = snprintf(buf, size, "exec %s", profile);

	if (n < 0 || (size_t)n >= size)
		return -ENAMETOOLONG;
	return 0;
}

bool lsm_mount_context_applies(const char *fstype)
{
	/* These take labels from the policy and refuse the option. */
	static const char *const without[] = { "proc",	   "sysfs",  "cgroup",
					       "cgroup2",  "mqueue", "bind",
					       "configfs", "debugfs" };

	if (!fstype || !lsm_selinux_enabled())
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(without); i++)
		if (streq(without[i], fstype))
			return false;
	return true;
}
