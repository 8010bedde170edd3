/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd driver: a container's group is a transient unit. What the unit is
 * called and what its properties are is decided here, purely; the helper
 * program (sd/) talks to systemd. What systemd cannot express is written to the
 * files of the group afterwards, as with the cgroupfs driver.
 */
#ifndef TARE_CGROUPS_UNIT_H
#define TARE_CGROUPS_UNIT_H

#include "cgroups/group.h"
#include "cgroups/sd_wire.h"

/*
 * "a-b.slice" -> "/a.slice/a-b.slice" (systemd.slice(5)), "-.slice" -> "".
 * -EINVAL for what is no slice.
 */
int unit_expand_slice(const char *slice, char *ret, size_t size);

/*
 * cgroupsPath "slice:prefix:name" (NULL or "": defaults) -> unit, slice,
 * description of the record, in the arena. rootless: user.slice.
 */
int unit_decide(struct arena *a, const char *cgroups_path, const char *id,
		bool rootless, struct cg_record *rec);

/*
 * Adds the properties that annotations "org.systemd.property.NAME" ask for:
 * those of the list that may be set this way, with values of their type.
 */
int unit_annotations(const struct kv_list *annotations, struct sd_props *l);

/* Which of the settings systemd knows, as properties. */
void unit_settings(const struct cg_settings *s, struct sd_props *l);
/* The device rules; true when systemd cannot express them. */
bool unit_devices(const struct cg_device_rules *rules, struct sd_props *l);
/* What every unit of a container has, but for the process in it. */
void unit_base(const struct cg_record *rec, struct sd_props *l);
void unit_pid(pid_t pid, struct sd_props *l);

/* A list of numbers "0-3,8" as bytes, bit 0 first; 0 when it is none. */
size_t unit_range_bits(const char *list, uint8_t *ret, size_t size);

/* --- acting ------------------------------------------------------------- */

/* Sets reply->text & co. in the arena; the trail when the reply is an error. */
int sd_call(struct arena *a, const struct sd_request *q, struct sd_reply *ret);

/* Of cg_create, cg_adopt, cg_update and cg_remove, for this driver. */
int unit_prepare(const struct cg_host *h, const struct cg_record *rec,
		 const struct oci_resources *res, struct cg *g);
int unit_start(struct cg *g, pid_t pid);
int unit_update(struct cg *g, const struct oci_resources *res);
int unit_stop(const struct cg_record *rec);
/* Puts a process into a unit that this process cannot reach itself. */
int unit_attach(const struct cg_record *rec, pid_t pid);
/* Where the user's manager has its groups, in the arena. */
int unit_manager_group(struct arena *a, char **ret);

#endif
