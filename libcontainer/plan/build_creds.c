/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last rights that the process gives up. Without no_new_privs the filter
 * can only be loaded while there are rights, with it the filter comes last.
 * Hooks of the start are programs of the image: they get no more than the
 * process does.
 */
#include <string.h>

#include "base/str.h"
#include "plan/build.h"

#define CAPS_DAC (1ULL << 1 | 1ULL << 2) /* DAC_OVERRIDE, DAC_READ_SEARCH */

static uint64_t mask_of(struct build *b, const struct str_list *names,
			struct buf *ignored)
{
	uint64_t m = 0;

	for (size_t i = 0; i < names->n; i++) {
		int n = cap_from_name(names->v[i]);

		if (n >= 0 && (unsigned int)n <= b->h->cap_last &&
		    (b->h->cap_bounding & (1ULL << n))) {
			m |= 1ULL << n;
			continue;
		}
		if (!strstr(buf_str(ignored), names->v[i]))
			buf_printf(ignored, "%s%s", ignored->len ? " " : "",
				   names->v[i]);
	}
	return m;
}

static void capabilities(struct build *b, struct cap_sets *c)
{
	const struct oci_caps *o = b->p->caps;
	_cleanup_buf_ struct buf ignored = { 0 };

	c->bounding = mask_of(b, &o->bounding, &ignored);
	c->effective = mask_of(b, &o->effective, &ignored);
	c->permitted = mask_of(b, &o->permitted, &ignored);
	c->inheritable = mask_of(b, &o->inheritable, &ignored);
	/*
	 * The kernel raises only what is inheritable and permitted as well.
	 * buildah lists more for root; to warn of that at each start would
	 * put it on the terminal of its user.
	 */
	c->ambient = mask_of(b, &o->ambient, &ignored) & c->inheritable &
		     c->permitted;
	if (ignored.len)
		build_warn(b,
			   "ignoring unknown or unavailable capabilities: "
			   "[%s]",
			   buf_str(&ignored));
}

void build_label(struct build *b)
{
	const struct oci_process *p = b->p;
	struct plan_op *op;

	if (p->apparmor_profile && *p->apparmor_profile && b->h->apparmor) {
		op = build_op(b, OP_LABEL, "process.apparmorProfile");
		op->s1 = build_str(b, "apparmor/exec");
		op->s2 = build_str(b, arena_printf(b->a, "exec %s",
						   p->apparmor_profile));
	}
	if (p->selinux_label && *p->selinux_label && b->h->selinux) {
		op = build_op(b, OP_LABEL, "process.selinuxLabel");
		op->s1 = build_str(b, "exec");
		op->s2 = build_str(b, p->selinux_label);
	}
}

static void filter(struct build *b)
{
	struct plan_op *op;

	if (b->filter->n == 0)
		return;
	op = build_op(b, OP_SECCOMP, "linux.seccomp");
	op->blob_len = (uint32_t)b->filter->n * 8; /* struct sock_filter */
	op->blob = build_blob(b, b->filter->insns, op->blob_len);
	op->arg = b->filter->flags;
	if (b->filter->notify) {
		op->flags = PSF_NOTIFY;
		b->plan->has_notify = true;
	}
}

void build_groups(struct build *b)
{
	const struct oci_user *u = b->p->user;
	struct plan_op *op;

	if (b->s->keep_groups)
		return;
	op = build_op(b, OP_GROUPS, "process.user");
	op->blob_len = (uint32_t)(u->additional_gids.n * sizeof(uint32_t));
	op->blob = build_blob(b, u->additional_gids.v, op->blob_len);
	if (b->userns || b->h->rootless)
		op->flags = POF_SKIP_DENIED;
}

bool build_keeps_dac(struct build *b)
{
	_cleanup_buf_ struct buf ignored = { 0 };
	const struct oci_caps *o = b->p->caps;

	if (!o)
		return b->p->user->uid == 0;
	return mask_of(b, &o->effective, &ignored) &
	       mask_of(b, &o->permitted, &ignored) & CAPS_DAC;
}

static void user(struct build *b)
{
	const struct oci_user *u = b->p->user;
	struct plan_op *op = build_op(b, OP_USER, "process.user");

	op->x = u->uid;
	op->y = u->gid;
}

static void drop(struct build *b)
{
	struct cap_sets c;
	struct plan_op *op;

	if (!b->p->caps) {
		user(b);
		return;
	}
	capabilities(b, &c);
	build_op(b, OP_BOUNDING, "process.capabilities.bounding")->x =
		c.bounding;
	user(b);
	op = build_op(b, OP_CAPS, "process.capabilities");
	op->x = c.effective & c.permitted;
	op->y = c.permitted;
	op->z = c.inheritable;
	if (c.ambient)
		build_op(b, OP_AMBIENT, "process.capabilities.ambient")->x =
			c.ambient;
}

void build_credentials(struct build *b, bool start_hooks)
{
	bool nnp = b->p->no_new_privileges;

	/* the filter may forbid it; where start is yet to come, it closes */
	if (b->exec || !b->shared_pid)
		build_close(b);
	if (!nnp)
		filter(b);
	drop(b);
	if (nnp)
		build_op(b, OP_NNP, "process.noNewPrivileges");
	if (start_hooks)
		build_hooks(b, OCI_START_CONTAINER, "created");
	if (nnp)
		filter(b);
}
