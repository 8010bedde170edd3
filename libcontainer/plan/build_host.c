/* SPDX-License-Identifier: Apache-2.0 */
/* What is done around the process: host settings, hooks, closing files. */
#include <string.h>

#include "base/str.h"
#include "plan/build.h"
#include "plan/hook_state.h"

static void string_op(struct build *b, enum plan_code code, const char *where,
		      const char *s)
{
	struct plan_op *op = build_op(b, code, where);

	op->s1 = build_str(b, s);
}

/* net.ipv4.x or net/ipv4/x -> net/ipv4/x. A name with a slash before any dot
 * is already a path, whose components may hold dots. */
static const char *sysctl_path(struct build *b, const char *key)
{
	char *p = arena_strdup(b->a, key);
	size_t first = strcspn(key, "./");

	if (!p) {
		b->failed = true;
		return "";
	}
	if (key[first] == '.')
		for (char *c = p; *c; c++)
			*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	return p;
}

void build_host(struct build *b)
{
	const struct oci_linux *l = b->s->linux_;
	const char *path;

	if (oci_has_ns(b->s, OCI_NS_NET, &path) && !path)
		build_op(b, OP_LOOPBACK, NULL);
	if (b->s->hostname && *b->s->hostname)
		string_op(b, OP_HOSTNAME, "hostname", b->s->hostname);
	if (b->s->domainname && *b->s->domainname)
		string_op(b, OP_DOMAINNAME, "domainname", b->s->domainname);
	for (size_t i = 0; i < l->sysctl.n; i++) {
		struct plan_op *op =
			build_op(b, OP_SYSCTL,
				 arena_printf(b->a, "linux.sysctl.%s",
					      l->sysctl.v[i].key));

		op->s1 = build_str(b, sysctl_path(b, l->sysctl.v[i].key));
		op->s2 = build_str(b, l->sysctl.v[i].value);
	}
}

static void one_hook(struct build *b, enum oci_hook_point at, size_t i,
		     const char *status)
{
	const struct oci_hook *h = &b->s->hooks->at[at].v[i];
	const struct hook_state st = { .id = b->o->id,
				       .bundle = b->o->bundle,
				       .annotations = &b->s->annotations };
	_cleanup_buf_ struct buf before = { 0 }, after = { 0 };
	char *argv0[] = { h->path };
	char *path_env[] = { (char *)"PATH=" OCI_DEFAULT_PATH };
	struct plan_op *op;

	if (hook_state_split(&before, &after, &st, status) < 0)
		b->failed = true;
	op = build_op(b, OP_HOOK,
		      arena_printf(b->a, "hooks.%s[%zu]", oci_hook_names[at],
				   i));
	op->s1 = build_str(b, h->path);
	if (h->args.n)
		build_list(b, op, h->args.v, h->args.n);
	else
		build_list(b, op, argv0, 1);
	if (h->env.v)
		build_list2(b, op, h->env.v, h->env.n);
	else if (at == OCI_START_CONTAINER)
		build_list2(b, op, b->p->env.v, b->p->env.n);
	else
		build_list2(b, op, path_env, 1);
	op->x = h->timeout.set ? (uint64_t)h->timeout.v * 1000 : 0;
	op->arg = at;
	op->y = i;
	op->s2 = build_str(b, buf_str(&before));
	op->s3 = build_str(b, buf_str(&after));
}

void build_hooks(struct build *b, enum oci_hook_point at, const char *status)
{
	for (size_t i = 0; b->s->hooks && i < b->s->hooks->at[at].n; i++)
		one_hook(b, at, i, status);
}

void build_close(struct build *b)
{
	build_op(b, OP_CLOSE_FROM, NULL)->arg = 3 + b->o->preserve;
}
