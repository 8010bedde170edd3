/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/extensions.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "spec/check.h"

#define NO_MEMORY "enough memory"

static const char *keep_groups(struct arena *a, struct oci_spec *s,
			       const char *value)
{
	s->keep_groups = true;
	return NULL;
}

static const char *mount_context(struct arena *a, struct oci_spec *s,
				 const char *value)
{
	static const char *const types[] = { "context", "fscontext",
					     "defcontext", "rootcontext" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (streq(value, types[i])) {
			s->linux_->mount_context = types[i];
			return NULL;
		}
	return "context, fscontext, defcontext or rootcontext";
}

/* "monotonic 10 0" */
static const char *time_offset(struct arena *a, struct oci_spec *s,
			       const char *value)
{
	struct oci_linux *l = s->linux_;
	struct oci_time_offset *v, o = { 0 };
	char name[16], end;
	long long secs;

	if (sscanf(value, "%15s %lld %u%c", name, &secs, &o.nanosecs, &end) != 3)
		return "\"CLOCK SECONDS NANOSECONDS\"";
	v = arena_calloc(a, l->time_offsets.n + 1, sizeof(*v));
	o.key = arena_strdup(a, name);
	if (!v || !o.key)
		return NO_MEMORY;
	o.secs = secs;
	if (l->time_offsets.n)
		memcpy(v, l->time_offsets.v, l->time_offsets.n * sizeof(*v));
	v[l->time_offsets.n++] = o;
	l->time_offsets.v = v;
	return NULL;
}

static const char *seccomp_strict(struct arena *a, struct oci_spec *s,
				  const char *value)
{
	if (s->linux_->seccomp)
		s->linux_->seccomp->known_only = true;
	return NULL;
}

static const char *seccomp_receiver(struct arena *a, struct oci_spec *s,
				    const char *value)
{
	struct oci_seccomp *c = s->linux_->seccomp;

	if (*value != '/')
		return "an absolute path";
	if (c && !c->listener_path)
		c->listener_path = arena_strdup(a, value);
	return c && !c->listener_path ? NO_MEMORY : NULL;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* The number of bytes, or -1. */
static ssize_t base64_decode(const char *text, unsigned char *to)
{
	size_t len = strlen(text), n = 0;
	uint32_t bits = 0;

	if (len % 4 != 0)
		return -1;
	for (int pad = 0; pad < 2 && len > 0 && text[len - 1] == '='; pad++)
		len--;
	for (size_t i = 0; i < len; i++) {
		int d = base64_digit(text[i]);

		if (d < 0)
			return -1;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4 != 0)
			to[n++] = (unsigned char)(bits >> (6 - i % 4 * 2));
	}
	return (ssize_t)n;
}

static const char *seccomp_program(struct arena *a, struct oci_spec *s,
				   const char *value)
{
	struct oci_seccomp *c = arena_alloc(a, sizeof(*c));
	unsigned char *raw = arena_alloc(a, strlen(value) + 1);
	ssize_t n;

	if (!c || !raw)
		return NO_MEMORY;
	n = base64_decode(value, raw);
	if (n <= 0 || n % 8 != 0)
		return "instructions of 8 bytes in base64";
	/* the section of the configuration does not count, but for these */
	if (s->linux_->seccomp) {
		c->flags = s->linux_->seccomp->flags;
		c->listener_path = s->linux_->seccomp->listener_path;
		c->listener_metadata = s->linux_->seccomp->listener_metadata;
	}
	c->program = raw;
	c->program_len = (size_t)n;
	s->linux_->seccomp = c;
	return NULL;
}

const struct extension oci_extensions[] = {
	{ "run.oci.keep_original_groups", keep_groups, true, true },
	{ "run.oci.mount_context_type", mount_context, true, true },
	{ "run.oci.timens_offset", time_offset, true, false },
	{ "run.oci.seccomp_fail_unknown_syscall", seccomp_strict, true, false },
	{ "run.oci.seccomp.receiver", seccomp_receiver, true, true },
	{ "run.oci.seccomp_bpf_data", seccomp_program, true, true },
	{ EXT_HOOKS_STDOUT, NULL, true, true },
	{ EXT_HOOKS_STDERR, NULL, true, true },
	{ EXT_PIDFD_RECEIVER, NULL, true, true },
	{ "run.oci.handler", NULL, false, true },
	{ "run.oci.seccomp.plugins", NULL, false, true },
	{ "run.oci.systemd.force_cgroup_v1", NULL, false, true },
	{ "run.oci.systemd.subgroup", NULL, false, true },
	{ "run.oci.delegate-cgroup", NULL, false, true },
};
const size_t oci_n_extensions = ARRAY_SIZE(oci_extensions);

static const struct extension *find(const char *name)
{
	if (!str_starts(name, "run.oci."))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(oci_extensions); i++)
		if (streq(oci_extensions[i].name, name))
			return &oci_extensions[i];
	return NULL;
}

bool oci_is_unsupported_extension(const char *name)
{
	const struct extension *e = find(name);

	return e && !e->supported;
}

void oci_apply_extensions(struct arena *a, struct oci_spec *s, struct faults *f)
{
	for (size_t i = 0; i < s->annotations.n; i++) {
		const struct kv *kv = &s->annotations.v[i];
		const struct extension *e = find(kv->key);
		const char *wanted =
			e && e->apply ? e->apply(a, s, kv->value) : NULL;
		char path[CHECK_PATH_MAX];

		if (!wanted)
			continue;
		check_path(path, "annotations", kv->key);
		faults_add(f, 0, path, "\"%.64s\" is not %s", kv->value, wanted);
	}
}
