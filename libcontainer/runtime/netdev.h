/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.netDevices (OCI config-linux.md "Network Devices"): interfaces of the
 * runtime's network namespace that the container gets. A device keeps its MTU
 * and its MAC by itself; its addresses go with the move, so those that are
 * permanent and of global scope are given to it again. Then it is set up.
 *
 * Whatever fails, during the move or later in the making of the container,
 * the devices go back, as they were but for routes.
 */
#ifndef TARE_RUNTIME_NETDEV_H
#define TARE_RUNTIME_NETDEV_H

#include <sys/types.h>

#include "base/arena.h"
#include "spec/spec.h"

/* What was moved, and both namespaces; in the arena, with descriptors. */
struct netdevs;

/*
 * Moves all into the network namespace of process pid. 0, or -errno with the
 * trail and no device moved; *ret may become NULL where there are none.
 */
int netdev_move(struct arena *a, const struct oci_linux *l, pid_t pid,
		struct netdevs **ret);
/* Gets them back, from a namespace that may have lost its last process. */
void netdev_return(struct netdevs *n);
/* They stay where they are. */
void netdev_free(struct netdevs *n);

#endif
