/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a profile to the program that init loads: the cache, or else libseccomp,
 * the ENOSYS stub and the pass that makes the result small.
 */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "security/seccomp.h"
#include "security/seccomp_priv.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static bool profile_empty(const struct oci_seccomp *s)
{
	return !s->program && (!s->default_action || !*s->default_action) &&
	       s->syscalls.n == 0;
}

/* A rule equal to the default makes no rule: it cannot ask for a listener. */
static bool has_notify(const struct oci_seccomp *s)
{
	for (size_t i = 0; i < s->syscalls.n; i++)
		if (s->syscalls.v[i].action &&
		    streq(s->syscalls.v[i].action, "SCMP_ACT_NOTIFY"))
			return true;
	return false;
}

static int load_flags(const struct oci_seccomp *s, bool notify, uint32_t *ret)
{
	uint32_t flags = s->flags.v ? 0 : SECCOMP_FILTER_FLAG_SPEC_ALLOW;

	for (size_t i = 0; i < s->flags.n; i++) {
		uint32_t f;

		if (seccomp_flag_value(s->flags.v[i], &f) < 0)
			return err_text(-EINVAL,
					"linux.seccomp.flags[%zu]: seccomp "
					"flag %s is not known to runc",
					i, s->flags.v[i]);
		flags |= f;
	}
	/* init has one thread, there is nothing to synchronise. */
	flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC;
	if (notify)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	else if (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		return err_text(-EINVAL,
				"linux.seccomp.flags: SECCOMP_FILTER_FLAG_WAIT_"
				"KILLABLE_RECV needs a rule with "
				"SCMP_ACT_NOTIFY");
	log_debug("seccomp filter flags: %u", flags);
	*ret = flags;
	return 0;
}

static int join(struct arena *a, const struct bpf_program *first,
		const struct bpf_program *second, struct bpf_program *ret)
{
	struct bpf_program p = { .n = first->n + second->n };

	if (first->n == 0) {
		*ret = *second;
		return 0;
	}
	p.v = arena_calloc(a, p.n, sizeof(*p.v));
	if (!p.v)
		return err_set(-ENOMEM, "seccomp filter");
	memcpy(p.v, first->v, first->n * sizeof(*p.v));
	memcpy(p.v + first->n, second->v, second->n * sizeof(*p.v));
	*ret = p;
	return 0;
}

static int make_program(struct arena *a, const struct oci_seccomp *s,
			struct bpf_program *ret)
{
	struct bpf_program lib, stub, all, small;
	int r;

	r = seccomp_build(a, s, &lib);
	if (r == 0)
		r = seccomp_stub(a, s, &stub);
	if (r == 0)
		r = join(a, &stub, &lib, &all);
	if (r < 0)
		return r;
	if (bpf_check(all.v, all.n) < 0)
		return err_text(-EINVAL, "linux.seccomp: libseccomp made a "
					 "filter that cannot be run");
	if (bpf_shrink(a, &all, &small) == 0)
		all = small;
	else
		log_debug("seccomp: the filter is used as libseccomp made it");
	if (all.n > BPF_MAXINSNS)
		return err_text(-E2BIG,
				"linux.seccomp: the filter has %zu "
				"instructions, the kernel takes %d",
				all.n, BPF_MAXINSNS);
	*ret = all;
	return 0;
}

/* A program that the configuration brings along. */
static int given_program(const struct oci_seccomp *s, struct seccomp_filter *f)
{
	const size_t n = s->program_len / sizeof(*f->insns);

	if (n > BPF_MAXINSNS)
		return err_text(-E2BIG,
				"seccomp program: %zu instructions, the "
				"kernel takes %d",
				n, BPF_MAXINSNS);
	f->insns = (struct sock_filter *)(uintptr_t)s->program;
	f->n = (uint16_t)n;
	return 0;
}

int seccomp_compile(struct arena *a, const struct oci_seccomp *s,
		    const char *cache_dir, struct seccomp_filter *ret)
{
	_cleanup_buf_ struct buf key = { 0 };
	struct bpf_program p = { 0 };
	struct seccomp_filter f = { 0 };
	int r;

	if (profile_empty(s)) {
		*ret = f;
		return 0;
	}
	f.notify = has_notify(s) || (s->program && s->listener_path);
	r = load_flags(s, f.notify, &f.flags);
	if (r >= 0 && s->program) {
		r = given_program(s, &f);
		if (r >= 0)
			*ret = f;
		return r;
	}
	if (r < 0)
		return r;
	seccomp_canonical(s, &key);
	if (buf_error(&key) < 0)
		return err_set(-ENOMEM, "seccomp profile");
	f.cached = cache_dir && seccomp_cache_load(a, cache_dir, &key, &p) == 0;
	if (!f.cached) {
		r = make_program(a, s, &p);
		if (r < 0)
			return r;
		if (cache_dir)
			seccomp_cache_store(cache_dir, &key, &p);
	}
	f.insns = p.v;
	f.n = (uint16_t)p.n;
	*ret = f;
	return 0;
}
