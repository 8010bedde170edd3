/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/mount_options.h"

#include <sys/mount.h>

#include "base/str.h"

/* Of linux/mount.h, which cannot be included together with sys/mount.h. */
#define ATTR_RDONLY 0x00000001u
#define ATTR_NOSUID 0x00000002u
#define ATTR_NODEV 0x00000004u
#define ATTR_NOEXEC 0x00000008u
#define ATTR__ATIME 0x00000070u
#define ATTR_RELATIME 0x00000000u
#define ATTR_NOATIME 0x00000010u
#define ATTR_STRICTATIME 0x00000020u
#define ATTR_NODIRATIME 0x00000080u
#define ATTR_NOSYMFOLLOW 0x00200000u

#define SB_LAZYTIME (1u << 25)

enum kind {
	O_NOTHING, /* defaults: as if not given */
	O_SET,
	O_CLR,	   /* an attribute of the mount */
	O_ATIME,   /* one of the values of ATTR__ATIME */
	O_UNATIME, /* not this value: back to relatime */
	O_RSET,
	O_RCLR,
	O_RATIME,
	O_RUNATIME, /* the same, with all below */
	O_SB_SET,
	O_SB_CLR, /* a flag of the superblock */
	O_PROP,
	O_RPROP,       /* propagation */
	O_FLAG,	       /* value: offset of a bool */
	O_HIDDEN_FLAG, /* the same, not shown by `features` */
};

#define FLAG(name, member)                                           \
	{                                                            \
		name, O_FLAG, offsetof(struct mount_request, member) \
	}
#define HIDDEN(name, member)                                                \
	{                                                                   \
		name, O_HIDDEN_FLAG, offsetof(struct mount_request, member) \
	}

/* Sorted, as `features` prints them. */
const struct mount_option mount_options[] = {
	{ "async", O_SB_CLR, MS_SYNCHRONOUS },
	{ "atime", O_UNATIME, ATTR_NOATIME },
	FLAG("bind", bind),
	HIDDEN("copy-symlink", copy_symlink),
	{ "defaults", O_NOTHING },
	HIDDEN("dest-nofollow", dest_nofollow),
	{ "dev", O_CLR, ATTR_NODEV },
	{ "diratime", O_CLR, ATTR_NODIRATIME },
	{ "dirsync", O_SB_SET, MS_DIRSYNC },
	{ "exec", O_CLR, ATTR_NOEXEC },
	HIDDEN("idmap", idmap),
	{ "iversion", O_SB_SET, MS_I_VERSION },
	{ "lazytime", O_SB_SET, SB_LAZYTIME },
	{ "loud", O_SB_CLR, MS_SILENT },
	{ "mand", O_SB_SET, MS_MANDLOCK },
	{ "noatime", O_ATIME, ATTR_NOATIME },
	{ "nodev", O_SET, ATTR_NODEV },
	{ "nodiratime", O_SET, ATTR_NODIRATIME },
	{ "noexec", O_SET, ATTR_NOEXEC },
	{ "noiversion", O_SB_CLR, MS_I_VERSION },
	{ "nolazytime", O_SB_CLR, SB_LAZYTIME },
	{ "nomand", O_SB_CLR, MS_MANDLOCK },
	{ "norelatime", O_NOTHING }, /* the kernel has no such state */
	{ "nostrictatime", O_UNATIME, ATTR_STRICTATIME },
	{ "nosuid", O_SET, ATTR_NOSUID },
	{ "nosymfollow", O_SET, ATTR_NOSYMFOLLOW },
	{ "private", O_PROP, MS_PRIVATE },
	{ "ratime", O_RUNATIME, ATTR_NOATIME },
	FLAG("rbind", rbind),
	{ "rdev", O_RCLR, ATTR_NODEV },
	{ "rdiratime", O_RCLR, ATTR_NODIRATIME },
	{ "relatime", O_ATIME, ATTR_RELATIME },
	FLAG("remount", remount),
	{ "rexec", O_RCLR, ATTR_NOEXEC },
	HIDDEN("ridmap", idmap_rec),
	{ "rnoatime", O_RATIME, ATTR_NOATIME },
	{ "rnodev", O_RSET, ATTR_NODEV },
	{ "rnodiratime", O_RSET, ATTR_NODIRATIME },
	{ "rnoexec", O_RSET, ATTR_NOEXEC },
	{ "rnorelatime", O_NOTHING },
	{ "rnostrictatime", O_RUNATIME, ATTR_STRICTATIME },
	{ "rnosuid", O_RSET, ATTR_NOSUID },
	{ "rnosymfollow", O_RSET, ATTR_NOSYMFOLLOW },
	{ "ro", O_SET, ATTR_RDONLY },
	{ "rprivate", O_RPROP, MS_PRIVATE },
	{ "rrelatime", O_RATIME, ATTR_RELATIME },
	{ "rro", O_RSET, ATTR_RDONLY },
	{ "rrw", O_RCLR, ATTR_RDONLY },
	{ "rshared", O_RPROP, MS_SHARED },
	{ "rslave", O_RPROP, MS_SLAVE },
	{ "rstrictatime", O_RATIME, ATTR_STRICTATIME },
	{ "rsuid", O_RCLR, ATTR_NOSUID },
	{ "rsymfollow", O_RCLR, ATTR_NOSYMFOLLOW },
	{ "runbindable", O_RPROP, MS_UNBINDABLE },
	{ "rw", O_CLR, ATTR_RDONLY },
	{ "shared", O_PROP, MS_SHARED },
	{ "silent", O_SB_SET, MS_SILENT },
	{ "slave", O_PROP, MS_SLAVE },
	HIDDEN("src-nofollow", src_nofollow),
	{ "strictatime", O_ATIME, ATTR_STRICTATIME },
	{ "suid", O_CLR, ATTR_NOSUID },
	{ "symfollow", O_CLR, ATTR_NOSYMFOLLOW },
	{ "sync", O_SB_SET, MS_SYNCHRONOUS },
	FLAG("tmpcopyup", tmpcopyup),
	{ "unbindable", O_PROP, MS_UNBINDABLE },
};
const size_t n_mount_options = ARRAY_SIZE(mount_options);

bool mount_option_public(const struct mount_option *o)
{
	return o->kind != O_HIDDEN_FLAG;
}

static int compare_option(const void *name, const void *option)
{
	return strcmp(name, ((const struct mount_option *)option)->name);
}

static void set_attr(uint64_t *set, uint64_t *clr, uint64_t v)
{
	*set |= v;
	*clr &= ~v;
}

/* The kernel wants the whole field cleared when one of its values is set. */
static void set_atime(uint64_t *set, uint64_t *clr, uint64_t v)
{
	*set = (*set & ~(uint64_t)ATTR__ATIME) | v;
	*clr |= ATTR__ATIME;
}

static void unset_atime(uint64_t *set, uint64_t *clr, uint64_t v)
{
	uint64_t now = *set & ATTR__ATIME;

	if (!(*clr & ATTR__ATIME) || now == v)
		set_atime(set, clr, ATTR_RELATIME);
}

static void apply_attr(uint8_t kind, uint64_t *set, uint64_t *clr, uint64_t v)
{
	switch (kind) {
	case O_SET:
		set_attr(set, clr, v);
		break;
	case O_CLR:
		set_attr(clr, set, v);
		break;
	case O_ATIME:
		set_atime(set, clr, v);
		break;
	default:
		unset_atime(set, clr, v);
	}
}

static void apply_option(struct mount_request *m, const struct mount_option *o)
{
	switch (o->kind) {
	case O_NOTHING:
		break;
	case O_SET:
	case O_CLR:
	case O_ATIME:
	case O_UNATIME:
		apply_attr(o->kind, &m->attr_set, &m->attr_clr, o->value);
		break;
	case O_RSET:
	case O_RCLR:
	case O_RATIME:
	case O_RUNATIME:
		apply_attr((uint8_t)(o->kind - O_RSET + O_SET),
			   &m->rec_attr_set, &m->rec_attr_clr, o->value);
		break;
	case O_SB_SET:
		set_attr(&m->sb_flags, &m->sb_clr, o->value);
		break;
	case O_SB_CLR:
		set_attr(&m->sb_clr, &m->sb_flags, o->value);
		break;
	case O_PROP:
	case O_RPROP:
		m->propagation = o->value;
		m->prop_rec = o->kind == O_RPROP;
		break;
	default:
		*(bool *)((char *)m + o->value) = true;
	}
}

int mount_request_parse(struct arena *a, const struct str_list *options,
			struct mount_request *ret)
{
	struct mount_request m = { 0 };
	const struct mount_option *o;
	size_t i;

	m.data.v = arena_calloc(a, options->n + 1, sizeof(char *));
	if (!m.data.v)
		return -ENOMEM;
	for (i = 0; i < options->n; i++) {
		o = bsearch(options->v[i], mount_options, n_mount_options,
			    sizeof(*o), compare_option);
		if (o)
			apply_option(&m, o);
		else if (options->v[i][0])
			m.data.v[m.data.n++] = options->v[i];
	}
	m.readonly = m.attr_set & ATTR_RDONLY;
	*ret = m;
	return 0;
}
