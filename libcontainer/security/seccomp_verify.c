/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do two filters decide alike? Both are run side by side: for each
 * architecture that one of them compares with (and one that none does), for
 * all numbers up to 1023 with and without the bit of x32 and those around each
 * constant, with arguments taken from the constants and their neighbours. The
 * samples come from the programs alone, not from what made the second.
 */
#include <string.h>

#include "security/seccomp_priv.h"

#define X32_BIT 0x40000000u
#define DENSE 1024u /* more than any kernel has calls */

struct set {
	uint32_t *v;
	size_t n, cap;
};
struct samples {
	struct set archs, nrs, args;
	uint64_t seed;
};

static void free_samples(struct samples *s)
{
	free(s->archs.v);
	free(s->nrs.v);
	free(s->args.v);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool add(struct set *s, uint32_t v)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 1024;
		uint32_t *p = realloc(s->v, cap * sizeof(*p));

		if (!p)
			return false;
		s->v = p;
		s->cap = cap;
	}
	s->v[s->n++] = v;
	return true;
}

static bool add_around(struct set *s, uint32_t v)
{
	return add(s, v - 1) && add(s, v) && add(s, v + 1);
}

static void sort(struct set *s)
{
	size_t out = 0;

	qsort(s->v, s->n, sizeof(*s->v), by_value);
	for (size_t i = 0; i < s->n; i++)
		if (i == 0 || s->v[i] != s->v[i - 1])
			s->v[out++] = s->v[i];
	s->n = out;
}

/*
 * Goes by what was loaded last in the text of the program; a constant that
 * cannot be told apart this way goes into every set.
 */
static bool collect(struct samples *s, const struct bpf_program *p)
{
	uint32_t off = UINT32_MAX;
	bool ok = true;

	for (size_t i = 0; i < p->n && ok; i++) {
		const struct sock_filter *f = &p->v[i];

		if (BPF_CLASS(f->code) == BPF_LD)
			off = f->k;
		if (BPF_CLASS(f->code) != BPF_JMP || BPF_OP(f->code) == BPF_JA)
			continue;
		if (off == offsetof(struct seccomp_data, arch))
			ok = add(&s->archs, f->k);
		else if (off != offsetof(struct seccomp_data, nr))
			ok = add_around(&s->args, f->k);
		ok = ok && add_around(&s->nrs, f->k);
	}
	return ok;
}

static bool gather(struct samples *s, const struct bpf_program *a,
		   const struct bpf_program *b)
{
	bool ok = collect(s, a) && collect(s, b) && add(&s->archs, 0) &&
		  add(&s->archs, 0x12345678) && add_around(&s->args, 0) &&
		  add_around(&s->nrs, X32_BIT) &&
		  add_around(&s->nrs, UINT32_MAX) &&
		  add_around(&s->nrs, 0x80000000u);

	for (uint32_t i = 0; i < DENSE && ok; i++)
		ok = add(&s->nrs, i) && add(&s->nrs, i | X32_BIT);
	if (!ok)
		return false;
	sort(&s->archs);
	sort(&s->nrs);
	sort(&s->args);
	return true;
}

static uint32_t pick(struct samples *s)
{
	/* Numbers of xorshift: the same run each time. */
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 7;
	s->seed ^= s->seed << 17;
	return s->args.v[(s->seed >> 11) % s->args.n];
}

static uint64_t pick64(struct samples *s)
{
	uint64_t v = pick(s);

	/* Mostly small values, with a high half now and then. */
	return s->seed & 0x300 ? v : v | (uint64_t)pick(s) << 32;
}

static bool same_result(const struct bpf_program *a, const struct bpf_program *b,
			const struct seccomp_data *d, bool *ret_args)
{
	return bpf_run(a->v, a->n, d, ret_args) ==
	       bpf_run(b->v, b->n, d, ret_args);
}

static bool same_with_args(struct samples *s, const struct bpf_program *a,
			   const struct bpf_program *b, struct seccomp_data *d)
{
	bool any = false;

	/* One argument at a time with each constant ... */
	for (size_t arg = 0; arg < ARRAY_SIZE(d->args); arg++) {
		memset(d->args, 0, sizeof(d->args));
		for (size_t i = 0; i < s->args.n; i++) {
			d->args[arg] = s->args.v[i];
			if (!same_result(a, b, d, &any))
				return false;
			d->args[arg] |= (uint64_t)s->args.v[i] << 32;
			if (!same_result(a, b, d, &any))
				return false;
		}
	}
	/* ... and all of them with any. */
	for (unsigned int i = 0; i < 200; i++) {
		for (size_t arg = 0; arg < ARRAY_SIZE(d->args); arg++)
			d->args[arg] = pick64(s);
		d->instruction_pointer = pick64(s);
		if (!same_result(a, b, d, &any))
			return false;
	}
	d->instruction_pointer = 0;
	memset(d->args, 0, sizeof(d->args));
	return true;
}

static bool same_everywhere(struct samples *s, const struct bpf_program *a,
			    const struct bpf_program *b)
{
	struct seccomp_data d = { 0 };

	for (size_t i = 0; i < s->archs.n; i++) {
		d.arch = s->archs.v[i];
		for (size_t k = 0; k < s->nrs.n; k++) {
			bool args = false;

			d.nr = (int)s->nrs.v[k];
			if (!same_result(a, b, &d, &args))
				return false;
			if (args && !same_with_args(s, a, b, &d))
				return false;
		}
	}
	return true;
}

bool bpf_equivalent(const struct bpf_program *a, const struct bpf_program *b)
{
	_cleanup_(
		free_samples) struct samples s = { .seed = 0x9e3779b97f4a7c15 };

	return gather(&s, a, b) && same_everywhere(&s, a, b);
}
