/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capability names <-> numbers, from one table (0..40), and the five sets of a
 * process as bit masks.
 */
#ifndef TARE_SECURITY_CAPS_H
#define TARE_SECURITY_CAPS_H

#include "base/macros.h"

struct cap_sets {
	uint64_t bounding, effective, inheritable, permitted, ambient;
};
extern const char *const cap_names[]; /* "CAP_CHOWN", by number */
extern const size_t n_cap_names;
/* "CAP_X" or "X", any case: number, or -ENOENT. */
int cap_from_name(const char *name);

#endif
