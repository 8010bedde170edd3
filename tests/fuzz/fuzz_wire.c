/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: whatever wire_check() accepts can be walked without a look
 * outside the block. Build: clang -fsanitize=fuzzer,address,undefined
 * -Ilibcontainer tests/fuzz/fuzz_wire.c libcontainer/codec/wire.c
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/wire.h"
#include "plan/op.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct wire_layout layout = {
	.magic = PLAN_MAGIC,
	.version = PLAN_VERSION,
	.max_total = PLAN_MAX_BYTES,
	.max_ops = PLAN_MAX_OPS,
	.max_slots = PLAN_MAX_SLOTS,
	.n_codes = OP_COUNT,
};

static volatile unsigned int sink;

static void read_bytes(const char *data, uint32_t at, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		sink += (unsigned char)data[at + i];
}

static void walk(const uint8_t *block)
{
	const struct plan_header *h = (const void *)block;
	const struct plan_op *op = (const void *)(h + 1);
	const char *data = (const char *)(op + h->n_ops);

	for (uint32_t i = 0; i < h->n_ops; i++, op++) {
		sink += (unsigned int)strlen(data + op->where);
		sink += (unsigned int)strlen(data + op->s1);
		sink += (unsigned int)strlen(data + op->s2);
		sink += (unsigned int)strlen(data + op->s3);
		read_bytes(data, op->blob, op->blob_len);
		read_bytes(data, op->blob2, op->blob2_len);
		if (op->code >= OP_COUNT || op->slot < -1 || op->slot2 < -1 ||
		    op->slot >= (int)h->n_slots || op->slot2 >= (int)h->n_slots)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct plan_header h;
	uint8_t *block = malloc(size ? size : 1);

	if (!block)
		return 0;
	memcpy(block, bytes, size);
	/* the first fields right, so that the rest is reached */
	if (size >= sizeof(h) && (bytes[4] & 1)) {
		memcpy(&h, block, sizeof(h));
		h.magic = PLAN_MAGIC;
		h.version = PLAN_VERSION;
		h.total = (uint32_t)size;
		h.n_ops %= 8;
		if (size > sizeof(h) + h.n_ops * sizeof(struct plan_op)) {
			h.data_len =
				(uint32_t)(size - sizeof(h) -
					   h.n_ops * sizeof(struct plan_op));
			block[size - h.data_len] = 0;
			block[size - 1] = 0;
		}
		memcpy(block, &h, sizeof(h));
	}
	if (wire_check(block, size, &layout) == 0)
		walk(block);
	free(block);
	return 0;
}
