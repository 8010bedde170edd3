/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of the seccomp compiler: names, classic BPF, the cache.
 * All memory belongs to the arena that the caller gives. 0 or -errno; only
 * seccomp.c and seccomp_build.c set the error trail.
 */
#ifndef TARE_SECURITY_SECCOMP_PRIV_H
#define TARE_SECURITY_SECCOMP_PRIV_H

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/arena.h"
#include "base/buf.h"
#include "spec/spec.h"

/* A program before the kernel's limit (BPF_MAXINSNS) is applied to it. */
#define BPF_PROGRAM_MAX 16384

struct bpf_program {
	struct sock_filter *v;
	size_t n;
};

/* Values of names: 0, or -ENOENT. */
struct seccomp_name {
	const char *name;
	uint32_t value;
};
extern const struct seccomp_name seccomp_arch_table[], seccomp_op_table[];
int seccomp_name_value(const struct seccomp_name *t, const char *name,
		       uint32_t *ret);
/*
 * A seccomp return value ("SCMP_ACT_ERRNO" with errno_ret -> 0x00050001). An
 * absent errno_ret is EPERM.
 */
int seccomp_action_value(const char *name, struct opt_u32 errno_ret,
			 uint32_t *ret);
/* SECCOMP_FILTER_FLAG_* of one name. */
int seccomp_flag_value(const char *name, uint32_t *ret);

/*
 * Is this a program that can be run: known instructions, aligned loads in
 * struct seccomp_data, jumps forward and in range, every path ends in RET?
 * 0 or -EINVAL.
 */
int bpf_check(const struct sock_filter *v, size_t n);
/* Runs a checked program. *ret_args |= it looked at more than nr and arch. */
uint32_t bpf_run(const struct sock_filter *v, size_t n,
		 const struct seccomp_data *d, bool *ret_args);

/* The program that libseccomp makes of the profile. */
int seccomp_build(struct arena *a, const struct oci_seccomp *s,
		  struct bpf_program *ret);
/*
 * The instructions to put in front of it: ENOSYS for calls that are newer than
 * any that the profile names. n == 0 when the profile wants none.
 */
int seccomp_stub(struct arena *a, const struct oci_seccomp *s,
		 struct bpf_program *ret);

/*
 * The same decisions in a small program with short paths. Pure. -ENOTSUP when
 * the program has a shape that is not understood or when the comparison of
 * both programs finds a difference: the caller goes on with the original.
 */
int bpf_shrink(struct arena *a, const struct bpf_program *in,
	       struct bpf_program *ret);

/* Does `b` decide like `a`? Runs both on many samples. */
bool bpf_equivalent(const struct bpf_program *a, const struct bpf_program *b);

/* Bytes that are equal for equal profiles, and only for them. */
void seccomp_canonical(const struct oci_seccomp *s, struct buf *ret);

/*
 * The cache: one file for each profile. load: -ENOENT for anything that is not
 * a good entry for exactly this key. store: failure only costs time.
 */
int seccomp_cache_load(struct arena *a, const char *dir, const struct buf *key,
		       struct bpf_program *ret);
void seccomp_cache_store(const char *dir, const struct buf *key,
			 const struct bpf_program *p);

/* SipHash-2-4 with 128 bits under a fixed key: names files, finds rot. */
void siphash128(const void *data, size_t n, uint64_t ret[2]);

#endif
