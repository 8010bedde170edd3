/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd helper (cgroups/sd/), embedded in tare as read-only data by
 * cgroups/sd/embed.c: one complete ELF file.
 */
#pragma once

extern const unsigned char tare_sd_start[];
extern const unsigned char tare_sd_end[];
