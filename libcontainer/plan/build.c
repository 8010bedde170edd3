/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <string.h>
#include <sys/mount.h>

#include "base/err.h"
#include "base/str.h"
#include "plan/build.h"

static bool has_path(const struct oci_spec *s)
{
	for (size_t i = 0; i < s->linux_->namespaces.n; i++)
		if (s->linux_->namespaces.v[i].path)
			return true;
	return false;
}

/* /dev from the host: its contents are not ours to make. */
static bool dev_is_bind(const struct oci_spec *s)
{
	for (size_t i = 0; i < s->mounts.n; i++) {
		const struct oci_mount *m = &s->mounts.v[i];

		if (!streq(m->destination, "/dev") &&
		    !streq(m->destination, "/dev/"))
			continue;
		if (m->type && streq(m->type, "bind"))
			return true;
		for (size_t j = 0; j < m->options.n; j++)
			if (streq(m->options.v[j], "bind") ||
			    streq(m->options.v[j], "rbind"))
				return true;
	}
	return false;
}

/*
 * Without a user namespace new ones come with the clone and others are joined
 * after it. With one, or a time namespace (that only a child or an execve
 * enters), the order matters and all is done step by step, with a fork.
 */
static void build_facts(struct build *b)
{
	const char *path;
	bool user = oci_has_ns(b->s, OCI_NS_USER, &path);

	b->userns = user;
	b->pass_trees = user && (!b->h->rootless || b->h->in_userns);
	b->join_userns = user && path;
	b->new_userns = user && !path;
	b->shared_pid = oci_has_ns(b->s, OCI_NS_PID, &path) && path;
	b->staged = (user && has_path(b->s)) ||
		    (oci_has_ns(b->s, OCI_NS_TIME, &path) && !path);
	b->host_mounts = !oci_has_ns(b->s, OCI_NS_MNT, &path);
	b->dev_bound = dev_is_bind(b->s);
}

void build_init(struct build *b, struct arena *a, const struct oci_spec *s,
		const struct oci_process *p, const struct plan_host *h,
		const struct plan_options *o,
		const struct seccomp_filter *filter, struct plan *plan)
{
	*b = (struct build){ .a = a,
			     .s = s,
			     .p = p,
			     .h = h,
			     .o = o,
			     .filter = filter,
			     .plan = plan };
	buf_putc(&b->data, '\0'); /* offset 0: none */
	build_facts(b);
}

void build_free(struct build *b)
{
	buf_free(&b->ops);
	buf_free(&b->data);
}

struct plan_op *build_op(struct build *b, enum plan_code code, const char *where)
{
	static struct plan_op spare;
	struct plan_op op = { .code = code, .slot = -1, .slot2 = -1 };

	op.where = build_str(b, where);
	buf_add(&b->ops, &op, sizeof(op));
	if (buf_error(&b->ops) < 0) {
		b->failed = true;
		return &spare;
	}
	b->n_ops++;
	return (struct plan_op *)(void *)(b->ops.data + b->ops.len) - 1;
}

uint32_t build_str(struct build *b, const char *s)
{
	if (!s || !*s)
		return 0;
	return build_blob(b, s, strlen(s) + 1);
}

uint32_t build_blob(struct build *b, const void *p, size_t n)
{
	uint32_t at;

	if (n == 0)
		return 0;
	buf_align(&b->data, 8);
	at = (uint32_t)b->data.len;
	buf_add(&b->data, p, n);
	return at;
}

static uint32_t list_blob(struct build *b, char *const *v, size_t n,
			  uint32_t *len)
{
	uint32_t at = (uint32_t)b->data.len;

	for (size_t i = 0; i < n; i++)
		buf_add(&b->data, v[i], strlen(v[i]) + 1);
	*len = (uint32_t)b->data.len - at;
	return *len ? at : 0;
}

void build_list(struct build *b, struct plan_op *op, char *const *v, size_t n)
{
	op->blob = list_blob(b, v, n, &op->blob_len);
}

void build_list2(struct build *b, struct plan_op *op, char *const *v, size_t n)
{
	op->blob2 = list_blob(b, v, n, &op->blob2_len);
}

int16_t build_fd(struct build *b, const struct plan_fd *f)
{
	struct plan *p = b->plan;

	if ((p->fds.n & (p->fds.n - 1)) == 0) { /* grows at powers of two */
		size_t cap = p->fds.n ? 2 * p->fds.n : 1;
		struct plan_fd *v = arena_calloc(b->a, cap, sizeof(*v));

		if (!v) {
			b->failed = true;
			return -1;
		}
		if (p->fds.n)
			memcpy(v, p->fds.v, p->fds.n * sizeof(*v));
		p->fds.v = v;
	}
	p->fds.v[p->fds.n] = *f;
	return (int16_t)p->fds.n++;
}

void build_warn(struct build *b, const char *fmt, ...)
{
	_cleanup_buf_ struct buf t = { 0 };
	struct plan *p = b->plan;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&t, fmt, ap);
	va_end(ap);
	if ((p->warnings.n & (p->warnings.n - 1)) == 0) {
		size_t cap = p->warnings.n ? 2 * p->warnings.n : 1;
		char **v = arena_calloc(b->a, cap, sizeof(*v));

		if (!v) {
			b->failed = true;
			return;
		}
		if (p->warnings.n)
			memcpy(v, p->warnings.v, p->warnings.n * sizeof(*v));
		p->warnings.v = v;
	}
	p->warnings.v[p->warnings.n] = arena_strdup(b->a, buf_str(&t));
	if (!p->warnings.v[p->warnings.n++])
		b->failed = true;
}

const char *build_where(struct build *b, const char *name, size_t i)
{
	const char *s = arena_printf(b->a, "%s[%zu]", name, i);

	if (!s)
		b->failed = true;
	return s;
}

/* Passed slots are known now: own ones come after them. */
static uint32_t place_slots(struct build *b)
{
	struct plan_op *ops = (struct plan_op *)(void *)b->ops.data;
	int16_t own = (int16_t)b->plan->fds.n;

	for (size_t i = 0; i < b->n_ops; i++)
		if (ops[i].slot == SLOT_ROOT)
			ops[i].slot = own;
	return (uint32_t)own + (b->own_slots ? 1 : 0);
}

/*
 * In the host's namespace a clone is a peer of what it was made of. A namespace
 * of the container's own has made all of its mounts slaves before.
 */
static void seclude(struct build *b)
{
	struct plan_op *ops = (struct plan_op *)(void *)b->ops.data;

	for (size_t i = 0; i < b->n_ops; i++)
		if (ops[i].code == OP_MOUNT && ops[i].arg == 0 &&
		    !(ops[i].flags & PMF_REMOUNT))
			ops[i].arg = MS_SLAVE | MS_REC;
}

int build_finish(struct build *b, enum plan_kind kind)
{
	struct plan_header h = {
		.magic = PLAN_MAGIC,
		.version = PLAN_VERSION,
		.kind = kind,
		.n_ops = (uint32_t)b->n_ops,
		.n_fds = (uint32_t)b->plan->fds.n,
	};

	buf_putc(&b->data, '\0');
	if (b->failed || buf_error(&b->data) < 0 || buf_error(&b->ops) < 0)
		return err_set(-ENOMEM, "compile the configuration");
	h.n_slots = place_slots(b);
	if (b->host_mounts)
		seclude(b);
	h.data_len = (uint32_t)b->data.len;
	h.total = (uint32_t)(sizeof(h) + b->ops.len + b->data.len);
	if (h.total > PLAN_MAX_BYTES || h.n_ops > PLAN_MAX_OPS ||
	    h.n_slots > PLAN_MAX_SLOTS)
		return err_text(-E2BIG,
				"the configuration is too large: %u "
				"bytes, %u operations, %u files",
				h.total, h.n_ops, h.n_slots);
	buf_add(&b->plan->block, &h, sizeof(h));
	buf_add(&b->plan->block, b->ops.data, b->ops.len);
	buf_add(&b->plan->block, b->data.data, b->data.len);
	if (buf_error(&b->plan->block) < 0)
		return err_set(-ENOMEM, "compile the configuration");
	return 0;
}

void plan_free(struct plan *p)
{
	buf_free(&p->block);
}
