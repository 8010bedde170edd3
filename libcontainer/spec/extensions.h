/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annotations that change what is done, beyond the specification: those that
 * crun defines (crun(1), "Extensions to OCI") and engines write. Annotations
 * that nobody knows are only passed on, as config.md demands.
 */
#ifndef TARE_SPEC_EXTENSIONS_H
#define TARE_SPEC_EXTENSIONS_H

#include "spec/spec.h"

struct extension {
	const char *name;
	/*
	 * Puts the value where the configuration itself would have it; a text
	 * on what was expected instead, or NULL. Without it the annotation is
	 * read where it is used, or not carried out at all.
	 */
	const char *(*apply)(struct arena *a, struct oci_spec *s,
			     const char *value);
	bool supported;
	bool is_unsafe; /* to be filtered by an engine (features.md) */
};
extern const struct extension oci_extensions[];
extern const size_t oci_n_extensions;

/* Applies all that are there; adds faults. */
void oci_apply_extensions(struct arena *a, struct oci_spec *s, struct faults *f);
/* Is it one that is known and not carried out? */
bool oci_is_unsupported_extension(const char *name);

/* Read by who uses them. */
#define EXT_HOOKS_STDOUT "run.oci.hooks.stdout"
#define EXT_HOOKS_STDERR "run.oci.hooks.stderr"
#define EXT_PIDFD_RECEIVER "run.oci.pidfd_receiver"

#endif
