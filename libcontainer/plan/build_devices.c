/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/path.h"
#include "base/str.h"
#include "plan/build.h"

/* OCI config-linux.md "Default Devices". */
static const struct {
	const char *path;
	unsigned int major, minor;
} default_devices[] = {
	{ "/dev/null", 1, 3 },	  { "/dev/zero", 1, 5 },
	{ "/dev/full", 1, 7 },	  { "/dev/random", 1, 8 },
	{ "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};

/* "Dev symbolic Links", and the pty multiplexer of the own devpts. */
static const struct {
	const char *target, *path;
	bool kcore;
} dev_links[] = {
	{ "/proc/self/fd", "/dev/fd", false },
	{ "/proc/self/fd/0", "/dev/stdin", false },
	{ "/proc/self/fd/1", "/dev/stdout", false },
	{ "/proc/self/fd/2", "/dev/stderr", false },
	{ "/proc/kcore", "/dev/core", true },
	{ "pts/ptmx", "/dev/ptmx", false },
};

static bool is_overridden(const struct build *b, const char *path)
{
	char clean[4096];

	for (size_t i = 0; i < b->s->linux_->devices.n; i++)
		if (path_clean(b->s->linux_->devices.v[i].path, clean,
			       sizeof(clean)) == 0 &&
		    streq(clean, path))
			return true;
	return false;
}

static struct plan_op *device(struct build *b, const char *where,
			      const char *path, unsigned int mode, dev_t dev)
{
	struct plan_op *op = build_op(b, OP_DEVICE, where);

	op->s1 = build_str(b, path);
	op->arg = mode;
	op->x = dev;
	/* the kernel lets nobody make nodes in a user namespace */
	if (b->userns || b->h->in_userns || b->h->rootless) {
		op->flags = PDF_BIND;
		op->s2 = op->s1;
	}
	return op;
}

static unsigned int type_bits(const char *type)
{
	switch (*type) {
	case 'b':
		return S_IFBLK;
	case 'p':
		return S_IFIFO;
	default:
		return S_IFCHR;
	}
}

static void configured(struct build *b, size_t i)
{
	const struct oci_device *d = &b->s->linux_->devices.v[i];
	unsigned int mode = d->file_mode.set ? d->file_mode.v & 07777 : 0666;
	struct plan_op *op;

	if (streq(d->path, "/dev/ptmx"))
		return;
	op = device(b, build_where(b, "linux.devices", i), d->path,
		    type_bits(d->type) | mode,
		    makedev((unsigned int)d->major.v, (unsigned int)d->minor.v));
	op->y = d->uid.set ? d->uid.v : 0;
	op->z = d->gid.set ? d->gid.v : 0;
	if (type_bits(d->type) == S_IFIFO)
		op->flags = 0;
}

void build_devices(struct build *b)
{
	if (!b->dev_bound) {
		for (size_t i = 0; i < ARRAY_SIZE(default_devices); i++)
			if (!is_overridden(b, default_devices[i].path))
				device(b, "/dev", default_devices[i].path,
				       S_IFCHR | 0666,
				       makedev(default_devices[i].major,
					       default_devices[i].minor));
		for (size_t i = 0; i < ARRAY_SIZE(dev_links); i++) {
			struct plan_op *op;

			if (dev_links[i].kcore && !b->h->kcore)
				continue;
			op = build_op(b, OP_SYMLINK, "/dev");
			op->s1 = build_str(b, dev_links[i].target);
			op->s2 = build_str(b, dev_links[i].path);
		}
	}
	for (size_t i = 0; i < b->s->linux_->devices.n; i++)
		configured(b, i);
}
