/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter as a decision graph, and back. libseccomp's programs grow with the
 * number of rules and architectures; what they decide is simple: a few ranges
 * of system call numbers for each architecture, with a test of arguments in
 * some. So the program is run symbolically for each architecture and for each
 * range of numbers between two constants that it compares with. What is left
 * of it then is a small graph of argument tests (equal parts are one node).
 * Neighbouring ranges with the same node are one, a balanced tree finds the
 * range, and the nodes are written out from the last to the first.
 */
#include <string.h>

#include "security/seccomp_graph.h"

#define WORD_NR 0
#define WORD_ARCH 1
#define MAX_ARCHS 40
#define STEPS_MAX 20000000u

/* What the accumulator holds: a word of seccomp_data under a mask. */
struct acc {
	uint8_t word;
	uint32_t mask;
};

struct env {
	uint32_t arch;
	bool arch_known; /* else: none of those that are compared with */
	uint32_t nr;	 /* the lowest of a range without a boundary in it */
};

struct memo {
	uint32_t epoch;
	struct acc acc;
	uint32_t node;
};

struct shrink {
	struct graph g;
	const struct bpf_program *in;
	struct memo *memo; /* by instruction */
	uint32_t epoch, steps;
	uint16_t *words; /* by instruction: which words may be in acc */
	uint32_t archs[MAX_ARCHS];
	size_t n_archs;
	uint32_t *bounds; /* sorted: where the answer about nr may change */
	size_t n_bounds;
};

static bool is_load(uint16_t code)
{
	return BPF_CLASS(code) == BPF_LD;
}

static bool is_test(uint16_t code)
{
	return BPF_CLASS(code) == BPF_JMP && BPF_OP(code) != BPF_JA;
}

/* Jumps go forward, so one pass finds which words each instruction may see. */
static void find_words(struct shrink *s)
{
	s->words[0] = 1u << 15; /* nothing loaded */
	for (size_t i = 0; i < s->in->n; i++) {
		const struct sock_filter *f = &s->in->v[i];
		uint16_t w = s->words[i];

		if (is_load(f->code))
			w = (uint16_t)(1u << (f->k / 4 > 14 ? 14 : f->k / 4));
		if (is_test(f->code)) {
			s->words[i + 1 + f->jt] |= w;
			s->words[i + 1 + f->jf] |= w;
		} else if (BPF_CLASS(f->code) == BPF_JMP) {
			s->words[i + 1 + f->k] |= w;
		} else if (BPF_CLASS(f->code) != BPF_RET) {
			s->words[i + 1] |= w;
		}
	}
}

static int add_arch(struct shrink *s, uint32_t k)
{
	for (size_t i = 0; i < s->n_archs; i++)
		if (s->archs[i] == k)
			return 0;
	if (s->n_archs == MAX_ARCHS)
		return -ENOTSUP;
	s->archs[s->n_archs++] = k;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Collects what nr and arch are compared with. */
static int find_constants(struct shrink *s)
{
	size_t n = 0, out = 0;

	s->bounds[n++] = 0;
	for (size_t i = 0; i < s->in->n; i++) {
		const struct sock_filter *f = &s->in->v[i];
		bool nr = s->words[i] & 1u << WORD_NR;
		bool arch = s->words[i] & 1u << WORD_ARCH;

		if (BPF_CLASS(f->code) == BPF_ALU && (nr || arch))
			return -ENOTSUP;
		if (!is_test(f->code) || !(nr || arch))
			continue;
		if (BPF_OP(f->code) == BPF_JSET)
			return -ENOTSUP;
		if (arch &&
		    (BPF_OP(f->code) != BPF_JEQ || add_arch(s, f->k) < 0))
			return -ENOTSUP;
		if (!nr)
			continue;
		if (BPF_OP(f->code) != BPF_JGT)
			s->bounds[n++] = f->k;
		if (BPF_OP(f->code) != BPF_JGE && f->k != UINT32_MAX)
			s->bounds[n++] = f->k + 1;
	}
	qsort(s->bounds, n, sizeof(*s->bounds), by_value);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || s->bounds[i] != s->bounds[i - 1])
			s->bounds[out++] = s->bounds[i];
	s->n_bounds = out;
	return 0;
}

static bool decide(const struct sock_filter *f, uint32_t v)
{
	switch (BPF_OP(f->code)) {
	case BPF_JEQ:
		return v == f->k;
	case BPF_JGT:
		return v > f->k;
	default:
		return v >= f->k;
	}
}

static uint32_t eval(struct shrink *s, const struct env *e, size_t pc,
		     struct acc acc);

/* A test of an argument: both ways are followed. */
static uint32_t eval_test(struct shrink *s, const struct env *e, size_t pc,
			  struct acc acc)
{
	const struct sock_filter *f = &s->in->v[pc];
	struct memo *m = &s->memo[pc];
	struct node n = { .op = (uint8_t)BPF_OP(f->code),
			  .word = acc.word,
			  .mask = acc.mask,
			  .k = f->k };

	if (m->epoch == s->epoch && m->acc.word == acc.word &&
	    m->acc.mask == acc.mask)
		return m->node;
	n.t = eval(s, e, pc + 1 + f->jt, acc);
	n.f = eval(s, e, pc + 1 + f->jf, acc);
	if (n.t == GRAPH_NONE || n.f == GRAPH_NONE)
		return GRAPH_NONE;
	*m = (struct memo){ s->epoch, acc, graph_add(&s->g, &n) };
	return m->node;
}

static uint32_t eval(struct shrink *s, const struct env *e, size_t pc,
		     struct acc acc)
{
	while (s->steps++ < STEPS_MAX) {
		const struct sock_filter *f = &s->in->v[pc];
		uint32_t v = acc.word == WORD_NR ? e->nr : e->arch;

		if (BPF_CLASS(f->code) == BPF_RET) {
			struct node n = { .op = NODE_RET, .k = f->k };

			return graph_add(&s->g, &n);
		}
		if (is_load(f->code)) {
			acc = (struct acc){ (uint8_t)(f->k / 4), UINT32_MAX };
			pc++;
		} else if (BPF_CLASS(f->code) == BPF_ALU) {
			acc.mask &= f->k;
			pc++;
		} else if (BPF_OP(f->code) == BPF_JA) {
			pc += 1 + f->k;
		} else if (acc.word == UINT8_MAX) {
			return GRAPH_NONE; /* tests what was never loaded */
		} else if (acc.word > WORD_ARCH) {
			return eval_test(s, e, pc, acc);
		} else if (acc.word == WORD_ARCH && !e->arch_known) {
			pc += 1 + f->jf;
		} else {
			pc += 1 + (decide(f, v) ? f->jt : f->jf);
		}
	}
	return GRAPH_NONE;
}

/* The graph for one architecture: ranges, merged, under a search tree. */
static uint32_t arch_graph(struct shrink *s, struct env *e, struct range *ranges)
{
	const struct acc none = { UINT8_MAX, 0 };
	size_t n = 0;

	for (size_t i = 0; i < s->n_bounds; i++) {
		uint32_t node;

		e->nr = s->bounds[i];
		s->epoch++;
		node = eval(s, e, 0, none);
		if (node == GRAPH_NONE)
			return GRAPH_NONE;
		if (n == 0 || ranges[n - 1].node != node)
			ranges[n++] = (struct range){ e->nr, node };
	}
	return graph_tree(&s->g, WORD_NR, ranges, n);
}

static uint32_t whole_graph(struct shrink *s, struct range *ranges)
{
	struct env e = { 0 };
	uint32_t root = arch_graph(s, &e, ranges);

	/* The first in the program (the native one) ends up in front. */
	e.arch_known = true;
	for (size_t i = s->n_archs; i-- > 0 && root != GRAPH_NONE;) {
		struct node n = { .op = BPF_JEQ,
				  .word = WORD_ARCH,
				  .mask = UINT32_MAX };

		e.arch = n.k = s->archs[i];
		n.f = root;
		n.t = arch_graph(s, &e, ranges);
		root = n.t == GRAPH_NONE ? GRAPH_NONE : graph_add(&s->g, &n);
	}
	return root;
}

static int shrink(struct shrink *s, struct arena *a, struct bpf_program *ret)
{
	size_t n = s->in->n;
	struct range *ranges;
	uint32_t root;
	int r;

	s->memo = arena_calloc(a, n, sizeof(*s->memo));
	s->words = arena_calloc(a, n, sizeof(*s->words));
	s->bounds = arena_calloc(a, 2 * n + 1, sizeof(*s->bounds));
	ranges = arena_calloc(a, 2 * n + 1, sizeof(*ranges));
	if (!s->memo || !s->words || !s->bounds || !ranges ||
	    graph_init(&s->g, a) < 0)
		return -ENOMEM;
	find_words(s);
	r = find_constants(s);
	if (r < 0)
		return r;
	root = whole_graph(s, ranges);
	if (root == GRAPH_NONE)
		return -ENOTSUP;
	return graph_emit(&s->g, root, ret);
}

int bpf_shrink(struct arena *a, const struct bpf_program *in,
	       struct bpf_program *ret)
{
	_cleanup_arena_ struct arena scratch = { 0 };
	struct shrink s = { .in = in };
	struct bpf_program out;
	int r = shrink(&s, &scratch, &out);

	if (r < 0)
		return r;
	if (bpf_check(out.v, out.n) < 0 || !bpf_equivalent(in, &out))
		return -ENOTSUP;
	out.v = arena_memdup(a, out.v, out.n * sizeof(*out.v));
	if (!out.v)
		return -ENOMEM;
	*ret = out;
	return 0;
}
