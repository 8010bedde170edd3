/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, for the table in verbs.c. Each is defined in its cmd_*.c. */
#ifndef TARE_SRC_COMMANDS_H
#define TARE_SRC_COMMANDS_H

#include "src/cli.h"

extern const struct verb verb_create, verb_run, verb_start;
extern const struct verb verb_exec, verb_kill, verb_delete;
extern const struct verb verb_state, verb_list, verb_ps;
extern const struct verb verb_pause, verb_resume, verb_update, verb_events;
extern const struct verb verb_spec, verb_features, verb_explain;
extern const struct verb verb_mounts;
extern const struct verb verb_checkpoint, verb_restore, verb_help;

#endif
