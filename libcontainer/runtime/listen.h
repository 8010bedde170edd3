/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Socket activation (sd_listen_fds(3)): fds that the caller passes on to the
 * container's process.
 */
#ifndef TARE_RUNTIME_LISTEN_H
#define TARE_RUNTIME_LISTEN_H

#include "plan/plan.h"

/*
 * If LISTEN_PID names this process: LISTEN_FDS fds from 3 on stay open before
 * the preserved ones, and the container's environment tells so.
 */
void listen_fds(struct plan_options *o, struct arena *a);

#endif
