/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that runc made, under a root directory that is now ours: on a
 * machine where one program was exchanged for the other. What their record says
 * under other names is put where ours has it; they can be looked at, started,
 * signalled, paused, entered and deleted.
 */
#ifndef TARE_RUNTIME_FOREIGN_H
#define TARE_RUNTIME_FOREIGN_H

#include "runtime/store.h"

/* There as long as init waits for start. */
#define FOREIGN_FIFO "exec.fifo"

/* Bundle, annotations and cgroup of the record. 0 or -ENOMEM. */
int foreign_fill(struct arena *a, struct store_state *s);

/* The hooks of the bundle, if its configuration can be read. */
void foreign_hooks(struct store_dir *d, struct arena *a, struct store_state *s);

/* Lets init go on. 0 or -errno with the trail. */
int foreign_release(struct store_dir *d, const struct store_state *s);

#endif
