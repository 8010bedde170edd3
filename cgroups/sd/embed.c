/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The path is relative to the build folder, where the assembler runs. The
 * symbols are those of embed.h.
 */
#include "cgroups/sd/embed.h"

__asm__(".pushsection .rodata.tare_sd, \"a\", %progbits\n"
	".balign 64\n"
	".globl tare_sd_start\n"
	".hidden tare_sd_start\n"
	".type tare_sd_start, %object\n"
	"tare_sd_start:\n"
	".incbin \"cgroups/sd/tare-sd\"\n"
	".globl tare_sd_end\n"
	".hidden tare_sd_end\n"
	".type tare_sd_end, %object\n"
	"tare_sd_end:\n"
	".byte 0\n"
	".size tare_sd_start, tare_sd_end - tare_sd_start\n"
	".popsection\n");
