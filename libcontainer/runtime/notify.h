/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp user notification listener (OCI config-linux.md "Seccomp",
 * listenerPath): sent with the container process state to the agent's socket.
 */
#ifndef TARE_RUNTIME_NOTIFY_H
#define TARE_RUNTIME_NOTIFY_H

#include "runtime/container.h"
#include "runtime/spawn.h"

/*
 * Sends c->notify to listenerPath of the container's saved configuration and
 * releases init. status: "creating" for init, "running" for exec.
 */
int notify_send(struct store_dir *d, const struct store_state *s,
		struct child *c, const char *status);

#endif
