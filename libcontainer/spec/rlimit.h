/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of resource limits (OCI config.md "process.rlimits"). Pure.
 */
#ifndef TARE_SPEC_RLIMIT_H
#define TARE_SPEC_RLIMIT_H

/* "RLIMIT_NOFILE" -> RLIMIT_NOFILE; -ENOENT. */
int rlimit_from_name(const char *name);
/* The name, or NULL. */
const char *rlimit_to_name(int resource);

#endif
