/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a schemata file: "RESOURCE:DOMAIN=VALUE;..." lines, in any order,
 * with blanks in front. Pure.
 */
#ifndef TARE_RUNTIME_RDT_SCHEMATA_H
#define TARE_RUNTIME_RDT_SCHEMATA_H

#include "base/arena.h"
#include "spec/spec.h"

/*
 * Does the text of a schemata file say all that `want` says? The order, blanks
 * and leading zeros do not matter; what `want` does not name may be anything.
 */
bool rdt_schemata_match(const char *want, const char *file);
/*
 * l3CacheSchema, without its lines of MB, and memBwSchema as the text to write;
 * NULL when they say nothing. 0 or -ENOMEM.
 */
int rdt_schemata_text(struct arena *a, const struct oci_intel_rdt *c,
		      char **ret);
/*
 * The lines of `file` on the resources that `want` has a line for: written
 * later, they undo it. 0 or -ENOMEM.
 */
int rdt_schemata_undo(struct arena *a, const char *want, const char *file,
		      char **ret);
/* All lines without the blanks around them. 0 or -ENOMEM. */
int rdt_schemata_lines(struct arena *a, const char *file, struct str_list *ret);
/* The line of a resource, or NULL. */
char *rdt_schemata_find(const struct str_list *lines, const char *res);

#endif
