/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A field of an operation as a value: one small function a kind of field.
 */
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "codec/wire.h"
#include "plan/kernel_values.h"
#include "plan/op_info.h"
#include "security/caps.h"
#include "spec/mempolicy.h"
#include "spec/rlimit.h"
#include "spec/spec.h"

static const struct wire_layout layout = {
	.magic = PLAN_MAGIC,
	.version = PLAN_VERSION,
	.max_total = PLAN_MAX_BYTES,
	.max_ops = PLAN_MAX_OPS,
	.max_slots = PLAN_MAX_SLOTS,
	.n_codes = OP_COUNT,
};

int plan_view(const void *block, size_t len, struct plan_view *ret)
{
	const struct plan_header *h = block;
	int r = wire_check(block, len, &layout);

	if (r < 0)
		return r;
	ret->head = h;
	ret->ops = (const char *)(h + 1);
	ret->data = ret->ops + (size_t)h->n_ops * sizeof(struct plan_op);
	return 0;
}

void plan_view_op(const struct plan_view *v, size_t i, struct plan_op *ret)
{
	memcpy(ret, v->ops + i * sizeof(*ret), sizeof(*ret));
}

/* What is looked at. */
struct look {
	const struct plan_view *v;
	const struct plan_op *op;
	const struct op_field *f;
	struct op_value *ret;
	uint64_t num;	  /* value of a number field */
	const char *str;  /* of a string field */
	const char *blob; /* of a blob field */
	size_t len;
};

static void word(struct look *l, const char *prefix, const char *name)
{
	l->ret->type = V_LIST;
	buf_puts(&l->ret->text, prefix);
	buf_add(&l->ret->text, name, strlen(name) + 1);
}

static void number(struct look *l)
{
	l->ret->type = V_NUM;
	l->ret->num = l->num;
}

static void number_set(struct look *l)
{
	if (l->num)
		number(l);
}

static void octal(struct look *l)
{
	l->ret->type = V_TEXT;
	buf_printf(&l->ret->text, "%04o", (unsigned int)(l->num & 07777));
}

static void path(struct look *l)
{
	l->ret->type = V_TEXT;
	buf_puts(&l->ret->text, l->str);
}

static void string(struct look *l)
{
	if (*l->str)
		path(l);
}

static void words(struct look *l)
{
	for (const struct enum_name *n = l->f->names; n->name; n++)
		if (l->num & (uint64_t)(unsigned int)n->value)
			word(l, "", n->name);
}

static void name(struct look *l)
{
	const char *s = l->num <= INT32_MAX
				? enum_to_name(l->f->names, (int)l->num)
				: NULL;

	if (!s) {
		number(l);
		return;
	}
	l->ret->type = V_TEXT;
	buf_puts(&l->ret->text, s);
}

static void caps(struct look *l)
{
	l->ret->type = V_LIST;
	for (size_t i = 0; i < 64; i++) {
		if (!(l->num >> i & 1))
			continue;
		if (i < n_cap_names)
			word(l, "", cap_names[i]);
		else
			buf_printf(&l->ret->text, "CAP_%zu%c", i, '\0');
	}
}

/* Of linux/mount.h, which cannot be included together with sys/mount.h. */
static const struct {
	uint64_t mask, value;
	const char *set, *clear;
} attrs[] = {
	{ 0x1, 0x1, "ro", "rw" },
	{ 0x2, 0x2, "nosuid", "suid" },
	{ 0x4, 0x4, "nodev", "dev" },
	{ 0x8, 0x8, "noexec", "exec" },
	{ 0x70, 0x10, "noatime", NULL },
	{ 0x70, 0x20, "strictatime", NULL },
	{ 0x70, 0x00, NULL, "relatime" },
	{ 0x80, 0x80, "nodiratime", "diratime" },
	{ 0x200000, 0x200000, "nosymfollow", "symfollow" },
};

static void attr_words(struct look *l, const char *prefix, uint64_t set,
		       uint64_t clr)
{
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		if (attrs[i].set && (set & attrs[i].mask) == attrs[i].value)
			word(l, prefix, attrs[i].set);
		else if (attrs[i].clear && !(set & attrs[i].mask) &&
			 (clr & attrs[i].mask) == attrs[i].mask)
			word(l, prefix, attrs[i].clear);
	}
}

static void attributes(struct look *l)
{
	attr_words(l, "", l->op->x, l->op->y);
}

static void rec_attributes(struct look *l)
{
	uint64_t v[2];

	if (l->len != sizeof(v))
		return;
	memcpy(v, l->blob, sizeof(v));
	attr_words(l, "r", v[0], v[1]);
}

static void propagation(struct look *l)
{
	static const struct enum_name names[] = {
		{ "shared", MS_SHARED },
		{ "slave", MS_SLAVE },
		{ "private", MS_PRIVATE },
		{ "unbindable", MS_UNBINDABLE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (l->num & (uint64_t)names[i].value)
			word(l, l->num & MS_REC ? "r" : "", names[i].name);
}

static void list(struct look *l)
{
	for (size_t at = 0; at < l->len;) {
		size_t n = strnlen(l->blob + at, l->len - at);

		buf_add(&l->ret->text, l->blob + at, n);
		buf_putc(&l->ret->text, '\0');
		at += n + 1;
		l->ret->type = V_LIST;
	}
}

static void groups(struct look *l)
{
	uint32_t gid;

	l->ret->type = V_LIST;
	for (size_t at = 0; at + sizeof(gid) <= l->len; at += sizeof(gid)) {
		memcpy(&gid, l->blob + at, sizeof(gid));
		buf_printf(&l->ret->text, "%u%c", gid, '\0');
	}
}

static bool bit(const struct look *l, size_t i)
{
	return i / 8 < l->len && (l->blob[i / 8] >> i % 8 & 1);
}

static void cpus(struct look *l)
{
	struct buf *b = &l->ret->text;

	l->ret->type = V_TEXT;
	if (l->len == 0)
		buf_puts(b, "all");
	for (size_t i = 0; i < l->len * 8; i++) {
		size_t last = i;

		if (!bit(l, i))
			continue;
		while (bit(l, last + 1))
			last++;
		buf_printf(b, "%s%zu", b->len ? "," : "", i);
		if (last > i)
			buf_printf(b, "-%zu", last);
		i = last;
	}
}

static void instructions(struct look *l)
{
	l->ret->type = V_NUM;
	l->ret->num = l->len / 8; /* struct sock_filter */
}

static void scheduler(struct look *l)
{
	struct kernel_sched_attr a;

	if (l->len != sizeof(a))
		return;
	memcpy(&a, l->blob, sizeof(a));
	l->ret->type = V_TEXT;
	buf_printf(&l->ret->text, "policy=%u flags=%#llx nice=%d priority=%u",
		   a.policy, (unsigned long long)a.flags, a.nice, a.priority);
	if (a.runtime || a.deadline || a.period)
		buf_printf(&l->ret->text,
			   " runtime=%llu deadline=%llu period=%llu",
			   (unsigned long long)a.runtime,
			   (unsigned long long)a.deadline,
			   (unsigned long long)a.period);
}

static void node(struct look *l)
{
	const char type = S_ISBLK(l->num) ? 'b' : S_ISFIFO(l->num) ? 'p' : 'c';

	l->ret->type = V_TEXT;
	if (type == 'p')
		buf_putc(&l->ret->text, type);
	else
		buf_printf(&l->ret->text, "%c %u:%u", type, major(l->op->x),
			   minor(l->op->x));
}

static void limit(struct look *l)
{
	number(l);
	if (l->num != UINT64_MAX)
		return;
	l->ret->type = V_TEXT;
	buf_puts(&l->ret->text, "unlimited");
}

static void rlimit(struct look *l)
{
	const char *s = l->num < 64 ? rlimit_to_name((int)l->num) : NULL;

	number(l);
	if (!s)
		return;
	l->ret->type = V_TEXT;
	buf_puts(&l->ret->text, s);
}

static void hook(struct look *l)
{
	number(l);
	if (l->num >= OCI_HOOK_POINTS)
		return;
	l->ret->type = V_TEXT;
	buf_puts(&l->ret->text, oci_hook_names[l->num]);
}

static void state(struct look *l)
{
	l->ret->type = V_TEXT;
	buf_printf(&l->ret->text, "%sPID%s", l->str, l->v->data + l->op->s3);
}

static void mempolicy(struct look *l)
{
	const char *mode;

	l->num &= 0x1fff;
	number(l);
	mode = enum_to_name(mempolicy_modes, (int)l->num);
	if (!mode)
		return;
	l->ret->type = V_TEXT;
	buf_puts(&l->ret->text, mode);
}

static void ioprio(struct look *l)
{
	static const char *const classes[] = { "none", "realtime",
					       "best-effort", "idle" };

	l->ret->type = V_TEXT;
	buf_printf(&l->ret->text, "%s %u", classes[l->num >> 13 & 3],
		   (unsigned int)(l->num & 0x1fff));
}

static void slot(struct look *l)
{
	if ((int64_t)l->num < 0)
		return;
	l->ret->type = V_TEXT;
	buf_puts(&l->ret->text, l->f->names[0].name);
}

static void (*const kinds[])(struct look *l) = {
	[K_NUM] = number,	  [K_SET] = number_set,
	[K_OCTAL] = octal,	  [K_STR] = string,
	[K_PATH] = path,	  [K_WORDS] = words,
	[K_NAME] = name,	  [K_CAPS] = caps,
	[K_ATTRS] = attributes,	  [K_REC_ATTRS] = rec_attributes,
	[K_PROP] = propagation,	  [K_LIST] = list,
	[K_GROUPS] = groups,	  [K_CPUS] = cpus,
	[K_INSNS] = instructions, [K_SCHED] = scheduler,
	[K_NODE] = node,	  [K_LIMIT] = limit,
	[K_RLIMIT] = rlimit,	  [K_HOOK] = hook,
	[K_STATE] = state,	  [K_MEMPOLICY] = mempolicy,
	[K_IOPRIO] = ioprio,	  [K_SLOT] = slot,
};

void op_value_free(struct op_value *v)
{
	buf_free(&v->text);
}

void op_value(const struct plan_view *v, const struct plan_op *op,
	      const struct op_field *f, struct op_value *ret)
{
	const uint64_t nums[] = {
		[OF_FLAGS] = op->flags,
		[OF_SLOT] = (uint64_t)(int64_t)op->slot,
		[OF_SLOT2] = (uint64_t)(int64_t)op->slot2,
		[OF_ARG] = op->arg,
		[OF_X] = op->x,
		[OF_Y] = op->y,
		[OF_Z] = op->z,
		[OF_S1] = op->s1,
		[OF_S2] = op->s2,
		[OF_S3] = op->s3,
		[OF_BLOB] = op->blob,
		[OF_BLOB2] = op->blob2,
	};
	struct look l = { .v = v, .op = op, .f = f, .ret = ret };

	*ret = (struct op_value){ .type = V_NONE };
	l.num = nums[f->of];
	if (f->of >= OF_S1)
		l.str = l.blob = v->data + l.num;
	if (f->of >= OF_BLOB)
		l.len = f->of == OF_BLOB ? op->blob_len : op->blob2_len;
	kinds[f->kind](&l);
}
