/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init program as read-only data of tare. The path is relative to the
 * build folder, where the assembler runs. See nsexec/embed.h.
 */
	.section .rodata.tare_init, "a", %progbits
	.balign 64
	.globl tare_init_start
	.hidden tare_init_start
	.type tare_init_start, %object
tare_init_start:
	.incbin "nsexec/tare-init"
	.globl tare_init_end
	.hidden tare_init_end
	.type tare_init_end, %object
tare_init_end:
	.byte 0
	.size tare_init_start, tare_init_end - tare_init_start

	.section .note.GNU-stack, "", %progbits
