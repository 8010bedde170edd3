/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzer of printing plans: any block is refused or printed, within its bounds.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sizes that fit each other, so that the operations are reached. */
static void mend(uint8_t *block, size_t size)
{
	struct plan_header h;
	size_t n;

	memcpy(&h, block, sizeof(h));
	h.magic = PLAN_MAGIC;
	h.version = PLAN_VERSION;
	h.total = (uint32_t)size;
	h.n_ops %= 4;
	h.n_fds %= 4;
	h.n_slots = h.n_fds + 2;
	n = sizeof(h) + h.n_ops * sizeof(struct plan_op);
	if (size <= n)
		return;
	h.data_len = (uint32_t)(size - n);
	memcpy(block, &h, sizeof(h));
	block[n] = 0;
	block[size - 1] = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf text = { 0 }, json = { 0 };
	_cleanup_free_ uint8_t *block = malloc(size ? size : 1);

	if (!block)
		return 0;
	memcpy(block, data, size);
	if (size > sizeof(struct plan_header) && data[4] & 1)
		mend(block, size);
	if (plan_dump_text(block, size, &text) !=
	    plan_dump_json(block, size, &json))
		abort();
	return 0;
}
