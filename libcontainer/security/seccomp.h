/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCI linux.seccomp -> a classic BPF program, by libseccomp, with runc's
 * meaning (unknown syscalls skipped, rules equal to the default dropped, ENOSYS
 * for calls newer than the profile), made small, cached by content hash. The
 * result is plain bytes that init loads. 0 or -errno with the trail set.
 */
#ifndef TARE_SECURITY_SECCOMP_H
#define TARE_SECURITY_SECCOMP_H

#include "base/arena.h"
#include "base/buf.h"
#include "spec/spec.h"

struct seccomp_filter {
	struct sock_filter *insns; /* in the arena */
	uint16_t n;
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* for seccomp(2) */
	bool notify;	/* has SCMP_ACT_NOTIFY: a listener fd comes */
	bool cached;	/* came from the cache */
};

/*
 * Checks names of actions, architectures, operators and flags; pure; faults
 * with JSON paths and runc's texts ("string X is not a valid action for
 * seccomp", ...).
 */
void seccomp_check(const struct oci_seccomp *s, struct faults *f);

/*
 * Compiles. cache_dir: directory path (0700, owned by euid; made if missing) or
 * NULL for none; a file that fails any check is ignored and rewritten. An
 * empty profile gives n == 0.
 */
int seccomp_compile(struct arena *a, const struct oci_seccomp *s,
		    const char *cache_dir, struct seccomp_filter *ret);

/* libseccomp's version "2.5.4", or NULL. For `features` and --version. */
const char *seccomp_lib_version(void);
/* Names known here, NULL-terminated: for `features`. */
extern const char *const seccomp_action_names[];
extern const char *const seccomp_operator_names[];
extern const char *const seccomp_arch_names[];
extern const char *const seccomp_flag_names[];
/* The flag names that this kernel takes; in the arena, NULL-terminated. */
const char **seccomp_supported_flags(struct arena *a);

#endif
