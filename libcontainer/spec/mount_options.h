/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of mounts[].options (OCI config.md, "Mounts" and Linux mount
 * options) as one table; anything not in it is data for the file system. Pure.
 */
#ifndef TARE_SPEC_MOUNT_OPTIONS_H
#define TARE_SPEC_MOUNT_OPTIONS_H

#include "base/arena.h"
#include "codec/table.h"

/* What a mount entry asks for, digested. Attributes are MOUNT_ATTR_*. */
struct mount_request {
	uint64_t attr_set, attr_clr; /* of the mount itself */
	uint64_t rec_attr_set,
		rec_attr_clr; /* of the mount and all below (r*) */
	uint64_t sb_flags; /* MS_SYNCHRONOUS, MS_DIRSYNC, MS_MANDLOCK, MS_LAZYTIME,
				  MS_I_VERSION, MS_SILENT ... of the superblock */
	uint64_t sb_clr;      /* cleared by async, nomand, nolazytime ... */
	uint64_t propagation; /* MS_SHARED/SLAVE/PRIVATE/UNBINDABLE or 0 */
	bool prop_rec;	      /* the recursive form */
	bool bind, rbind, remount;
	bool readonly; /* ro was asked for (attr_set has it too) */
	bool tmpcopyup, copy_symlink, src_nofollow, dest_nofollow;
	bool idmap, idmap_rec; /* idmap, ridmap */
	struct str_list data;  /* rest, in order, "key" or "key=value" */
};

struct mount_option {
	const char *name;
	uint8_t kind; /* private to mount_options.c */
	uint64_t value;
};
extern const struct mount_option mount_options[];
extern const size_t n_mount_options;
/* Is the option listed in `features` mountOptions? (not idmap, ridmap and what
 * only some engines know: copy-symlink, src-nofollow, dest-nofollow) */
bool mount_option_public(const struct mount_option *o);

/* 0 or -ENOMEM. Contradictory words: the last one wins. */
int mount_request_parse(struct arena *a, const struct str_list *options,
			struct mount_request *ret);

#endif
