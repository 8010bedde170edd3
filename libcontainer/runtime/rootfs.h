/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root of a container without a mount namespace of its own
 * (config-linux.md, "Namespaces": the runtime's is inherited). It is a mount on
 * the host, which does not go with the last process: delete takes it away. What
 * it covers is on record before it is made.
 */
#ifndef TARE_RUNTIME_ROOTFS_H
#define TARE_RUNTIME_ROOTFS_H

#include "runtime/store.h"

/* Notes in the record what the root's mount will cover. 0 or -errno. */
int rootfs_note(const struct oci_spec *spec, struct store_state *s);

/* Unmounts it with all that is below, lazily, if it is there. 0 or -errno. */
int rootfs_unmount(const struct store_state *s);

/* "/proc/PID/root" of init where exec has to go there, else NULL; -ENOMEM. */
int rootfs_of_init(struct arena *a, const struct oci_spec *spec,
		   const struct store_state *s, const char **ret);

#endif
