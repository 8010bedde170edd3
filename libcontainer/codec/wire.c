/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/*
 * The shape of a block as bytes. The owner of the operations gives the fields
 * their meaning (plan/op.h); this floor knows only what has to be in range.
 */
struct wire_header {
	uint32_t magic, version, total, kind, n_ops, data_len, n_fds, n_slots;
};
struct wire_op {
	uint16_t code, flags;
	int16_t slot, slot2;
	uint32_t arg, where;
	uint64_t x, y, z;
	uint32_t str[3];
	uint32_t blob[2][2]; /* offset, length */
	uint32_t pad;
};
_Static_assert(sizeof(struct wire_header) == 32, "header has no holes");
_Static_assert(sizeof(struct wire_op) == 72, "operation has no holes");

static bool header_ok(const struct wire_header *h, size_t len,
		      const struct wire_layout *l)
{
	uint64_t sum;

	if (h->magic != l->magic || h->version != l->version)
		return false;
	if (h->total != len || h->total > l->max_total || h->n_ops > l->max_ops)
		return false;
	if (h->n_slots > l->max_slots || h->n_fds > h->n_slots)
		return false;
	sum = sizeof(*h) + (uint64_t)h->n_ops * sizeof(struct wire_op);
	return h->data_len > 0 && sum + h->data_len == h->total;
}

static bool slot_ok(int16_t slot, const struct wire_header *h)
{
	return slot == -1 || (slot >= 0 && (uint32_t)slot < h->n_slots);
}

static bool op_ok(const struct wire_op *op, const struct wire_header *h,
		  const struct wire_layout *l)
{
	if (op->code >= l->n_codes || op->where >= h->data_len)
		return false;
	if (!slot_ok(op->slot, h) || !slot_ok(op->slot2, h))
		return false;
	for (int i = 0; i < 3; i++)
		if (op->str[i] >= h->data_len)
			return false;
	for (int i = 0; i < 2; i++)
		if (op->blob[i][0] >= h->data_len ||
		    op->blob[i][1] > h->data_len - op->blob[i][0])
			return false;
	return true;
}

int wire_check(const void *block, size_t len, const struct wire_layout *l)
{
	const unsigned char *p = block;
	struct wire_header h;
	struct wire_op op;

	if (len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, p, sizeof(h));
	if (!header_ok(&h, len, l))
		return -EBADMSG;
	/* Offset 0 is "", and the last string ends inside the block. */
	if (p[len - h.data_len] != 0 || p[len - 1] != 0)
		return -EBADMSG;
	for (uint32_t i = 0; i < h.n_ops; i++) {
		memcpy(&op, p + sizeof(h) + (size_t)i * sizeof(op), sizeof(op));
		if (!op_ok(&op, &h, l))
			return -EBADMSG;
	}
	return 0;
}
