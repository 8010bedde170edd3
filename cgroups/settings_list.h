/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of settings that grows in an arena. Failure is sticky: set_finish
 * tells. Pure.
 */
#ifndef TARE_CGROUPS_SETTINGS_LIST_H
#define TARE_CGROUPS_SETTINGS_LIST_H

#include "cgroups/settings.h"

struct set_list {
	struct arena *arena;
	struct cg_settings out;
	size_t cap;
	int err;
	struct cg_setting none; /* what a failed set_add gives */
};

/* Adds one; the result may be completed (alt_file, alt_value). Never NULL. */
struct cg_setting *set_add(struct set_list *l, const char *controller,
			   const char *file, const char *json_path,
			   unsigned int flags, const char *fmt, ...)
	_printf_(6, 7);
int set_finish(const struct set_list *l, struct cg_settings *ret);
bool set_name_ok(const char *name);

/* What is the same on v1 and v2. */
void set_cpuset(struct set_list *l, const struct oci_cpu *c);
/* file: how the limit's file ends. -EINVAL for a size that is no name. */
int set_hugepages(struct set_list *l, const struct oci_resources *res,
		  const char *file);
void set_rdma(struct set_list *l, const struct oci_resources *res);
void set_pids(struct set_list *l, const struct oci_pids *p, bool update);

/* Names of JSON paths. */
#define RES "linux.resources."

/* "absent" and zero are the same for most: engines send zeros. */
#define GIVEN(o) ((o).set && (o).v != 0)

#endif
