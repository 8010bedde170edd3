/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pure: OCI linux.resources -> the list of files to write, for each kind of
 * hierarchy (config-linux.md "Control groups"). No access to the system.
 */
#ifndef TARE_CGROUPS_SETTINGS_H
#define TARE_CGROUPS_SETTINGS_H

#include "base/arena.h"
#include "spec/spec.h"

enum {
	CG_OPTIONAL =
		1 << 0, /* ENOENT, EOPNOTSUPP of the file: newer, older kernels */
	CG_CHECK = 1 << 1, /* read back and compare (cpu.shares) */
	CG_RETRY = 1 << 2, /* EINVAL/EBUSY: try again after all the others */
	CG_KEEP_WORD = 1 << 3, /* what the file has up to a blank goes first */
};

struct cg_setting {
	const char *controller; /* "memory"; v2: "memory" too (for enabling) */
	const char *file;	/* "memory.limit_in_bytes" */
	const char *value;
	/* What to write instead when there is no `file`; NULL: nothing. */
	const char *alt_file, *alt_value;
	const char *json_path; /* "linux.resources.memory.limit" for errors */
	unsigned int flags;
};
struct cg_settings {
	struct cg_setting *v;
	size_t n;
};

/*
 * v2 or v1 values, in the order they are to be written. update: zero means
 * unset (engines send zeros), and devices are never part of it. -EINVAL with
 * the trail for what that hierarchy cannot express.
 */
int cg_settings_v1(struct arena *a, const struct oci_resources *res,
		   bool update, struct cg_settings *ret);
int cg_settings_v2(struct arena *a, const struct oci_resources *res,
		   bool update, struct cg_settings *ret);

/* cpu.shares 2..262144 -> cpu.weight 1..10000; blkio 10..1000 -> io.weight. */
uint64_t cg_shares_to_weight(uint64_t shares);
uint64_t cg_blkio_to_io_weight(uint64_t w);

/*
 * The complete device rules of a container: deny all, the configuration's
 * rules, then the default allow list (runc-compatible). Pure.
 */
struct cg_device_rule {
	char type;	      /* 'a' 'b' 'c' */
	int64_t major, minor; /* -1 = any */
	unsigned int access;  /* 1 r, 2 w, 4 m */
	bool allow;
};
struct cg_device_rules {
	struct cg_device_rule *v;
	size_t n;
};
int cg_device_rules(struct arena *a, const struct oci_resources *res,
		    struct cg_device_rules *ret);

#endif
