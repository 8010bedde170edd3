/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to spec: the checks, one file for each part of the configuration.
 * All add faults with JSON paths (lines are looked up later) and are pure.
 */
#ifndef TARE_SPEC_CHECK_H
#define TARE_SPEC_CHECK_H

#include "spec/spec.h"

#define CHECK_PATH_MAX 128

void check_mounts(const struct oci_spec *s, struct faults *f);
void check_linux(const struct oci_spec *s, struct faults *f);
void check_resources(const struct oci_resources *r, const char *prefix,
		     struct faults *f);
void check_sysctl(const struct oci_spec *s, struct faults *f);
void check_seccomp(const struct oci_seccomp *s, struct faults *f);

/* Ranges of one list of ID mappings. `path` names the list. */
void check_id_maps(const oci_id_maps *maps, const char *path, struct faults *f);

/* Where the checks of one part, whose path is the prefix, add their faults. */
struct check_at {
	const char *prefix;
	struct faults *f;
};

/* check_add(at, name, format...): a fault of the part's property name. */
#define check_add(at, name, ...)                            \
	do {                                                \
		char path_[CHECK_PATH_MAX];                 \
		check_path(path_, (at)->prefix, (name));    \
		faults_add((at)->f, 0, path_, __VA_ARGS__); \
	} while (0)

/* "PREFIX.NAME", or NAME when the prefix is empty. */
void check_path(char buf[CHECK_PATH_MAX], const char *prefix, const char *name);

/* Is the word in the list? Adds nothing. */
bool check_word(const char *word, const char *const *words, size_t n);

/*
 * Counts the numbers of a list "0-3,7" of numbers up to max; blanks are
 * allowed. -EINVAL for a list that is none.
 */
int check_ranges(const char *s, unsigned int max);

#endif
