/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which kernel parameters belong to a namespace, so that a container may have
 * its own (config-linux.md, "Sysctl"). Everything else would change the host
 * and is refused. Pure.
 */
#ifndef TARE_SPEC_SYSCTL_H
#define TARE_SPEC_SYSCTL_H

#include "spec/spec.h"

/*
 * The namespace that a parameter ("net.ipv4.ip_forward", or with slashes)
 * belongs to: enum oci_ns, or -ENOENT when to none, -EINVAL for a name that
 * mixes both notations, has an empty or a dot component, or odd characters.
 * A namespace that is joined by path must still be compared with the host's.
 */
int oci_sysctl_ns(const char *key);

#endif
