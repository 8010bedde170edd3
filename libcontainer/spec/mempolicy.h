/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of linux.memoryPolicy (OCI config-linux.md) and the numbers of
 * set_mempolicy(2). Pure data.
 */
#ifndef TARE_SPEC_MEMPOLICY_H
#define TARE_SPEC_MEMPOLICY_H

#include "codec/table.h"

extern const struct enum_name mempolicy_modes[];
extern const struct enum_name mempolicy_flags[]; /* bits beside the mode */

#endif
