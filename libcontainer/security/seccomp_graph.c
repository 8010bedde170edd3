/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes, search trees and the code generator of the filter compiler.
 */
#include <string.h>

#include "security/seccomp_graph.h"

#define HASH_SIZE (GRAPH_MAX * 2)

int graph_init(struct graph *g, struct arena *a)
{
	*g = (struct graph){ .arena = a };
	g->v = arena_calloc(a, GRAPH_MAX, sizeof(*g->v));
	g->hash = arena_calloc(a, HASH_SIZE, sizeof(*g->hash));
	return g->v && g->hash ? 0 : -ENOMEM;
}

static uint32_t hash_of(const struct node *n)
{
	uint32_t h = n->op * 31u + n->word;
	const uint32_t v[] = { n->mask, n->k, n->t, n->f };

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		h = (h ^ v[i]) * 0x9e3779b1u;
		h ^= h >> 15;
	}
	return h % HASH_SIZE;
}

static bool same(const struct node *a, const struct node *b)
{
	return a->op == b->op && a->word == b->word && a->mask == b->mask &&
	       a->k == b->k && a->t == b->t && a->f == b->f;
}

uint32_t graph_add(struct graph *g, const struct node *n)
{
	uint32_t h = hash_of(n);

	if (n->op != NODE_RET) {
		if (n->t == GRAPH_NONE || n->f == GRAPH_NONE)
			return GRAPH_NONE;
		if (n->t == n->f)
			return n->t;
	}
	for (; g->hash[h]; h = (h + 1) % HASH_SIZE)
		if (same(&g->v[g->hash[h] - 1], n))
			return g->hash[h] - 1;
	if (g->n == GRAPH_MAX)
		return GRAPH_NONE;
	g->v[g->n] = *n;
	g->hash[h] = ++g->n;
	return g->n - 1;
}

/* --- search trees ------------------------------------------------------- */

static uint32_t test_of(struct graph *g, uint8_t word, uint8_t op, uint32_t k,
			uint32_t t, uint32_t f)
{
	const struct node n = {
		.op = op, .word = word, .mask = UINT32_MAX, .k = k, .t = t, .f = f
	};

	return graph_add(g, &n);
}

/* Is v[i] one value between two ranges that lead to the same node? */
static bool is_hole(const struct range *v, size_t n, size_t i)
{
	return i > 0 && i + 1 < n && v[i - 1].node == v[i + 1].node &&
	       v[i].from + 1 == v[i + 1].from;
}

/* Ranges X y X: one test for the value, where a search needs two. */
static size_t leaf_len(const struct range *v, size_t n)
{
	return is_hole(v, n, 1) ? 3 : 1;
}

static uint32_t tree(struct graph *g, uint8_t word, const struct range *v,
		     const uint32_t *leaf, size_t n)
{
	const struct range *r = &v[leaf[0]];
	size_t mid = n / 2;

	if (n > 1)
		return test_of(g, word, BPF_JGE, v[leaf[mid]].from,
			       tree(g, word, v, leaf + mid, n - mid),
			       tree(g, word, v, leaf, mid));
	if (leaf[1] - leaf[0] == 3)
		return test_of(g, word, BPF_JEQ, r[1].from, r[1].node,
			       r[0].node);
	return r->node;
}

uint32_t graph_tree(struct graph *g, uint8_t word, const struct range *v,
		    size_t n)
{
	uint32_t *leaf = arena_calloc(g->arena, n + 1, sizeof(*leaf));
	size_t leaves = 0, i = 0;

	if (!leaf)
		return GRAPH_NONE;
	while (i < n) {
		leaf[leaves++] = (uint32_t)i;
		i += leaf_len(v + i, n - i);
	}
	leaf[leaves] = (uint32_t)i;
	return tree(g, word, v, leaf, leaves);
}

/* --- code --------------------------------------------------------------- */

/*
 * The program is written from its end: out.v[0] is the last instruction. A
 * place is an index + 1 there, 0 = not written yet. A node has two entries: at
 * its load, and behind it for who has the word in the accumulator already.
 */
struct place {
	bool wants_load, seen;
	uint32_t load, test;
};
struct emit {
	const struct graph *g;
	struct place *at;
	struct bpf_program out;
};

static bool same_word(const struct node *a, const struct node *b)
{
	return a->word == b->word && a->mask == b->mask;
}

/* Which nodes are reached with something else in the accumulator? */
static void mark(struct emit *e, uint32_t id, bool loaded)
{
	const struct node *n = &e->g->v[id];

	if (n->op == NODE_RET)
		return;
	if (!loaded)
		e->at[id].wants_load = true;
	if (e->at[id].seen)
		return;
	e->at[id].seen = true;
	mark(e, n->t, same_word(n, &e->g->v[n->t]));
	mark(e, n->f, same_word(n, &e->g->v[n->f]));
}

static int put(struct emit *e, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (e->out.n == BPF_PROGRAM_MAX)
		return -E2BIG;
	e->out.v[e->out.n++] = (struct sock_filter){ code, jt, jf, k };
	return 0;
}

static uint32_t *entry(struct emit *e, const struct node *from, uint32_t id)
{
	const struct node *n = &e->g->v[id];

	if (n->op == NODE_RET || (from && same_word(from, n)))
		return &e->at[id].test;
	return &e->at[id].load;
}

/* Distance of a jump from the instruction that is written `ahead` later. */
static size_t distance(const struct emit *e, uint32_t place, size_t ahead)
{
	return e->out.n + ahead - place;
}

/* Makes sure that a conditional jump reaches the place: a copy or a hop. */
static int near(struct emit *e, uint32_t *place, uint32_t id)
{
	const struct node *n = &e->g->v[id];
	int r;

	/* One more instruction may come in between: the other way's hop. */
	if (distance(e, *place, 1) <= UINT8_MAX)
		return 0;
	if (n->op == NODE_RET)
		r = put(e, BPF_RET | BPF_K, 0, 0, n->k);
	else
		r = put(e, BPF_JMP | BPF_JA, 0, 0,
			(uint32_t)distance(e, *place, 0));
	*place = (uint32_t)e->out.n;
	return r;
}

static int emit(struct emit *e, uint32_t id);

static int emit_load(struct emit *e, uint32_t id, const struct node *n)
{
	int r = 0;

	if (n->mask != UINT32_MAX)
		r = put(e, BPF_ALU | BPF_AND | BPF_K, 0, 0, n->mask);
	if (r == 0)
		r = put(e, BPF_LD | BPF_W | BPF_ABS, 0, 0, n->word * 4u);
	e->at[id].load = (uint32_t)e->out.n;
	return r;
}

static int emit_test(struct emit *e, uint32_t id, const struct node *n)
{
	uint32_t *t, *f;
	int r = emit(e, n->t);

	if (r == 0)
		r = emit(e, n->f);
	if (r < 0)
		return r;
	t = entry(e, n, n->t);
	f = entry(e, n, n->f);
	r = near(e, t, n->t);
	if (r == 0)
		r = near(e, f, n->f);
	if (r == 0)
		r = put(e, (uint16_t)(BPF_JMP | n->op | BPF_K),
			(uint8_t)distance(e, *t, 0),
			(uint8_t)distance(e, *f, 0), n->k);
	e->at[id].test = (uint32_t)e->out.n;
	if (r == 0 && e->at[id].wants_load)
		r = emit_load(e, id, n);
	return r;
}

static int emit(struct emit *e, uint32_t id)
{
	const struct node *n = &e->g->v[id];
	int r;

	if (e->at[id].test)
		return 0;
	if (n->op != NODE_RET)
		return emit_test(e, id, n);
	r = put(e, BPF_RET | BPF_K, 0, 0, n->k);
	e->at[id].test = (uint32_t)e->out.n;
	return r;
}

static void reverse(struct bpf_program *p)
{
	for (size_t i = 0, k = p->n - 1; i < k; i++, k--) {
		struct sock_filter f = p->v[i];

		p->v[i] = p->v[k];
		p->v[k] = f;
	}
}

int graph_emit(const struct graph *g, uint32_t root, struct bpf_program *ret)
{
	struct emit e = { .g = g };
	int r;

	e.at = arena_calloc(g->arena, g->n, sizeof(*e.at));
	e.out.v = arena_calloc(g->arena, BPF_PROGRAM_MAX, sizeof(*e.out.v));
	if (!e.at || !e.out.v)
		return -ENOMEM;
	mark(&e, root, false);
	r = emit(&e, root);
	if (r < 0)
		return r;
	reverse(&e.out);
	*ret = e.out;
	return 0;
}
