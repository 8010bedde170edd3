/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A decision graph over struct seccomp_data in which equal nodes are one node,
 * and its way into classic BPF. Memory is the arena's. -ENOMEM or GRAPH_NONE
 * when something does not fit.
 */
#ifndef TARE_SECURITY_SECCOMP_GRAPH_H
#define TARE_SECURITY_SECCOMP_GRAPH_H

#include "security/seccomp_priv.h"

#define GRAPH_NONE UINT32_MAX
#define GRAPH_MAX 16384
#define NODE_RET 0xff

/* (word & mask) OP k ? t : f, or a return of k. */
struct node {
	uint8_t op, word;
	uint32_t mask, k, t, f;
};
struct graph {
	struct arena *arena;
	struct node *v;
	uint32_t n;
	uint32_t *hash; /* node + 1, 0 = empty */
};
/* Values from `from` up to the next range lead to node. */
struct range {
	uint32_t from, node;
};

int graph_init(struct graph *g, struct arena *a);
/* The node that is equal to *n; a test with equal ways is what it leads to. */
uint32_t graph_add(struct graph *g, const struct node *n);
/* A search tree over ranges, ascending, the first from 0. n >= 1. */
uint32_t graph_tree(struct graph *g, uint8_t word, const struct range *v,
		    size_t n);
int graph_emit(const struct graph *g, uint32_t root, struct bpf_program *ret);

#endif
