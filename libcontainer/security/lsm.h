/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which Linux Security Modules label processes here, and what text must be
 * written where. Writing is init's work (through its private procfs).
 */
#ifndef TARE_SECURITY_LSM_H
#define TARE_SECURITY_LSM_H

#include "base/macros.h"

bool lsm_selinux_enabled(void);	 /* selinuxfs mounted and a policy loaded */
bool lsm_apparmor_enabled(void); /* /sys/module/apparmor/parameters/enabled Y */

/*
 * Checks a label or profile of a configuration against the host: runc's texts
 * ("selinux label is specified in config, but selinux is disabled or not
 * supported", AppArmor likewise). 0 or -errno.
 */
int lsm_check(const char *selinux_label, const char *mount_label,
	      const char *apparmor_profile);

/*
 * The text for /proc/thread-self/attr/...: path relative to attr
 * ("apparmor/exec" or "exec") and value ("exec PROFILE"), size of buf >= 4096.
 */
int lsm_apparmor_exec(const char *profile, char *buf, size_t size);

/* Adds `context="LABEL"` to mount data when SELinux is on. In seLinux terms
 * only for file systems that take it. */
bool lsm_mount_context_applies(const char *fstype);

#endif
