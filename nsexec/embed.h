/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init program (nsexec/), embedded in tare as read-only data by
 * nsexec/embed.S. The bytes from tare_init_start up to tare_init_end are one
 * complete static ELF file; the runtime copies them into a sealed memfd.
 */
#pragma once

extern const unsigned char tare_init_start[];
extern const unsigned char tare_init_end[];
