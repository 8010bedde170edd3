/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers that runc made, under a root directory that is now ours: on a
 * machine where one program was exchanged for the other. They can be looked at,
 * started, signalled, paused, entered and deleted; store_load() has put what
 * their record says under other names where ours has it.
 */
#ifndef TARE_RUNTIME_FOREIGN_H
#define TARE_RUNTIME_FOREIGN_H

#include "runtime/store.h"

/* The hooks of the bundle, if its configuration can be read. */
void foreign_hooks(struct store_dir *d, struct arena *a, struct store_state *s);

/* Lets init go on. 0 or -errno with the trail. */
int foreign_release(struct store_dir *d, const struct store_state *s);

#endif
