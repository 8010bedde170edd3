/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules (config-linux.md "Allowed Device list") and the v1 files. Rules
 * are read as: nothing is allowed; each rule changes the access it names for
 * the devices it names; the default list comes last.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroups/group.h"

#define R 1u
#define W 2u
#define M 4u
#define ALL (R | W | M)

/* What every container may use: as runc, which engines count on. */
static const struct cg_device_rule defaults[] = {
	{ 'c', -1, -1, M, true },    /* make any node */
	{ 'b', -1, -1, M, true },    /* make any node */
	{ 'c', 1, 3, ALL, true },    /* null */
	{ 'c', 1, 8, ALL, true },    /* random */
	{ 'c', 1, 7, ALL, true },    /* full */
	{ 'c', 5, 0, ALL, true },    /* tty */
	{ 'c', 1, 5, ALL, true },    /* zero */
	{ 'c', 1, 9, ALL, true },    /* urandom */
	{ 'c', 136, -1, ALL, true }, /* pts */
	{ 'c', 5, 2, ALL, true },    /* ptmx */
	{ 'c', 10, 200, ALL, true }, /* tun */
};

static int access_of(const char *s, unsigned int *ret)
{
	static const char letters[] = "rwm";
	unsigned int access = 0;

	for (; *s; s++) {
		const char *p = strchr(letters, *s);

		if (!p)
			return -EINVAL;
		access |= 1u << (p - letters);
	}
	*ret = access;
	return 0;
}

static int rule_of(const struct oci_device_rule *in, size_t i,
		   struct cg_device_rule *ret)
{
	struct cg_device_rule r = { .allow = in->allow,
				    .major = in->major.set ? in->major.v : -1,
				    .minor = in->minor.set ? in->minor.v : -1 };
	const char *type = in->type && *in->type ? in->type : "a";

	if (strlen(type) != 1 || !strchr("abcu", *type))
		return err_text(-EINVAL,
				"linux.resources.devices[%zu]: invalid cgroup "
				"device type \"%s\"",
				i, type);
	/* The specification makes it optional; no engine leaves it out. */
	if (!in->access || !*in->access)
		return err_text(-EINVAL,
				"linux.resources.devices: device access at %zu "
				"field cannot be empty",
				i);
	r.type = *type == 'u' ? 'c' : *type;
	if (access_of(in->access, &r.access) < 0)
		return err_text(-EINVAL,
				"linux.resources.devices[%zu].access \"%s\" is "
				"not made of r, w, m",
				i, in->access);
	if (r.major < -1 || r.minor < -1 || r.major > UINT32_MAX ||
	    r.minor > UINT32_MAX)
		return err_text(-EINVAL,
				"linux.resources.devices[%zu]: invalid device "
				"number",
				i);
	/* On v1 a rule of type 'a' means all devices, whatever its numbers. */
	if (r.type == 'a')
		r.major = r.minor = -1;
	*ret = r;
	return 0;
}

static bool same_devices(const struct cg_device_rule *a,
			 const struct cg_device_rule *b)
{
	return a->type == b->type && a->major == b->major &&
	       a->minor == b->minor;
}

/* Adds a rule; what can no longer matter goes. */
static void add(struct cg_device_rules *l, const struct cg_device_rule *r)
{
	if (r->type == 'a' && r->access == ALL) {
		l->v[0] = *r;
		l->n = 1;
		return;
	}
	/* A rule that says what the ones before it already add up to. */
	for (size_t i = l->n; i-- > 0;) {
		if (l->v[i].allow != r->allow)
			break;
		if (same_devices(&l->v[i], r)) {
			l->v[i].access |= r->access;
			return;
		}
	}
	l->v[l->n++] = *r;
}

int cg_device_rules(struct arena *a, const struct oci_resources *res,
		    struct cg_device_rules *ret)
{
	const struct cg_device_rule deny = { 'a', -1, -1, ALL, false };
	struct cg_device_rules l = { 0 };

	l.v = arena_calloc(a, 1 + res->devices.n + ARRAY_SIZE(defaults),
			   sizeof(*l.v));
	if (!l.v)
		return err_set(-ENOMEM, "device rules");
	add(&l, &deny);
	for (size_t i = 0; i < res->devices.n; i++) {
		struct cg_device_rule r;
		int e = rule_of(&res->devices.v[i], i, &r);

		if (e < 0)
			return e;
		add(&l, &r);
	}
	/* All is allowed already. */
	if (l.n > 1 || !l.v[0].allow)
		for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
			add(&l, &defaults[i]);
	*ret = l;
	return 0;
}

/* --- v1 ----------------------------------------------------------------- */

static void number(char *buf, size_t size, int64_t v)
{
	if (v < 0)
		snprintf(buf, size, "*");
	else
		snprintf(buf, size, "%" PRId64, v);
}

static void rule_text(const struct cg_device_rule *r, char *buf, size_t size)
{
	char major[24], minor[24];

	number(major, sizeof(major), r->major);
	number(minor, sizeof(minor), r->minor);
	snprintf(buf, size, "%c %s:%s %s%s%s", r->type, major, minor,
		 r->access & R ? "r" : "", r->access & W ? "w" : "",
		 r->access & M ? "m" : "");
}

/*
 * v1 keeps a list of exceptions and only takes an equal one out of it: a rule
 * that forbids a part of what is allowed would be lost without a word.
 */
static bool lost_on_v1(const struct cg_device_rules *l, size_t i)
{
	const struct cg_device_rule *r = &l->v[i];

	if (r->allow || l->v[0].allow)
		return false;
	for (size_t k = 1; k < i; k++) {
		const struct cg_device_rule *o = &l->v[k];
		bool meets =
			(r->type == 'a' || o->type == r->type) &&
			(r->major < 0 || o->major < 0 || r->major == o->major) &&
			(r->minor < 0 || o->minor < 0 || r->minor == o->minor);

		if (o->allow && meets && (o->access & r->access) &&
		    !same_devices(o, r))
			return true;
	}
	return false;
}

static int put(int fd, const struct cg_dir *d, const char *file,
	       const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return err_set(-errno,
			       "linux.resources.devices: write \"%s\" to "
			       "%s/%s",
			       text, d->path, file);
	return 0;
}

static int open_file(const struct cg_dir *d, const char *file)
{
	int fd = openat(d->fd, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? err_set(-errno, "open %s/%s", d->path, file) : fd;
}

int cg_devices_v1(const struct cg_dir *d, const struct cg_device_rules *l)
{
	static const char *const files[] = { "devices.deny", "devices.allow" };
	_cleanup_close_ int deny = open_file(d, files[0]);
	_cleanup_close_ int allow = deny < 0 ? deny : open_file(d, files[1]);
	int r;

	if (allow < 0)
		return allow;
	r = put(l->v[0].allow ? allow : deny, d, files[l->v[0].allow], "a");
	for (size_t i = 1; i < l->n && r == 0; i++) {
		bool yes = l->v[i].allow;
		char text[80];

		rule_text(&l->v[i], text, sizeof(text));
		if (lost_on_v1(l, i))
			return err_text(
				-ENOTSUP,
				"linux.resources.devices: cgroup v1 "
				"cannot forbid \"%s\" after a rule that "
				"allows more than that",
				text);
		r = put(yes ? allow : deny, d, files[yes], text);
	}
	return r;
}
