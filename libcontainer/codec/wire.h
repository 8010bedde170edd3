/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan as bytes: building by appending, and the check that the receiver
 * makes before it executes anything. wire_check() accepts exactly those blocks
 * whose every offset, length, slot and code is in range, so that the executor
 * walks without looking again. Pure; libc only.
 */
#ifndef TARE_CODEC_WIRE_H
#define TARE_CODEC_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Layout facts of the block, told by the owner of the operations. */
struct wire_layout {
	uint32_t magic, version, max_total, max_ops, max_slots;
	uint16_t n_codes;
};

/*
 * 0 when the block of len bytes is well-formed, -EBADMSG otherwise. Checks
 * header, sizes, strings (offset < data_len, data ends with 0), blobs, slots.
 */
int wire_check(const void *block, size_t len, const struct wire_layout *l);

#endif
