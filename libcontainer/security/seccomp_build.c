/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profile -> program by libseccomp: the only file that builds filters with the
 * library. It runs on a cache miss only.
 */
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "base/sys.h"
#include "security/seccomp.h"
#include "security/seccomp_priv.h"

static void release(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

const char *seccomp_lib_version(void)
{
	static char text[32];
	const struct scmp_version *v = seccomp_version();

	if (!v)
		return NULL;
	snprintf(text, sizeof(text), "%u.%u.%u", v->major, v->minor, v->micro);
	return text;
}

static int add_archs(scmp_filter_ctx ctx, const struct oci_seccomp *s)
{
	for (size_t i = 0; i < s->architectures.n; i++) {
		const char *name = s->architectures.v[i];
		uint32_t arch;
		int r = seccomp_name_value(seccomp_arch_table, name, &arch);

		if (r == 0)
			r = seccomp_arch_add(ctx, arch);
		if (r < 0 && r != -EEXIST)
			return err_set(r,
				       "linux.seccomp.architectures[%zu]: "
				       "add %s to the filter",
				       i, name);
	}
	return 0;
}

static int compare_of(const struct oci_seccomp_arg *a, struct scmp_arg_cmp *ret)
{
	uint32_t op;

	if (a->index > 5 || seccomp_name_value(seccomp_op_table, a->op, &op) < 0)
		return -EINVAL;
	ret->arg = a->index;
	ret->op = (enum scmp_compare)op;
	ret->datum_a = a->value;
	ret->datum_b = a->value_two;
	return 0;
}

/* An argument that is named twice makes each condition a rule of its own. */
static bool has_twin_args(const struct oci_seccomp_rule *r)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < r->args.n; i++) {
		unsigned int bit = 1u << (r->args.v[i].index & 31);

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

static int add_call(scmp_filter_ctx ctx, const struct oci_seccomp_rule *r,
		    uint32_t action, int nr)
{
	struct scmp_arg_cmp cmp[6];
	bool twins = has_twin_args(r);
	int e;

	if (r->args.n == 0)
		return seccomp_rule_add_array(ctx, action, nr, 0, NULL);
	if (!twins && r->args.n > ARRAY_SIZE(cmp))
		return -EINVAL;
	for (size_t i = 0; i < r->args.n; i++) {
		struct scmp_arg_cmp *c = &cmp[twins ? 0 : i];

		e = compare_of(&r->args.v[i], c);
		if (e == 0 && twins)
			e = seccomp_rule_add_array(ctx, action, nr, 1, c);
		if (e < 0)
			return e;
	}
	if (twins)
		return 0;
	return seccomp_rule_add_array(ctx, action, nr, r->args.n, cmp);
}

static int add_rules(scmp_filter_ctx ctx, const struct oci_seccomp *s,
		     uint32_t def)
{
	for (size_t i = 0; i < s->syscalls.n; i++) {
		const struct oci_seccomp_rule *rule = &s->syscalls.v[i];
		uint32_t action;
		int r = seccomp_action_value(rule->action, rule->errno_ret,
					     &action);

		if (r < 0)
			return err_text(-EINVAL,
					"linux.seccomp.syscalls[%zu].action: "
					"string %s is not a valid action for "
					"seccomp",
					i, rule->action ? rule->action : "");
		if (action == def)
			continue;
		for (size_t k = 0; k < rule->names.n; k++) {
			const char *name = rule->names.v[k];
			int nr = seccomp_syscall_resolve_name(name);

			if (nr == __NR_SCMP_ERROR) {
				log_debug("seccomp: syscall %s is not known",
					  name);
				continue;
			}
			r = add_call(ctx, rule, action, nr);
			if (r < 0)
				return err_set(r,
					       "linux.seccomp.syscalls[%zu]: "
					       "add a rule for %s",
					       i, name);
		}
	}
	return 0;
}

static int export_program(scmp_filter_ctx ctx, struct arena *a,
			  struct bpf_program *ret)
{
	_cleanup_close_ int fd = sys_memfd("seccomp", 0);
	struct bpf_program p;
	off_t size;
	int r;

	if (fd < 0)
		return err_set(fd, "make a memory file");
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return err_set(r, "linux.seccomp: generate the filter");
	size = lseek(fd, 0, SEEK_END);
	p.n = size > 0 ? (size_t)size / sizeof(*p.v) : 0;
	if (p.n == 0 || p.n > BPF_PROGRAM_MAX)
		return err_text(-E2BIG,
				"linux.seccomp: the filter has %zu "
				"instructions",
				p.n);
	p.v = arena_calloc(a, p.n, sizeof(*p.v));
	if (!p.v)
		return err_set(-ENOMEM, "seccomp filter");
	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    io_read_all(fd, p.v, p.n * sizeof(*p.v)) !=
		    (ssize_t)(p.n * sizeof(*p.v)))
		return err_text(-EIO, "linux.seccomp: read the filter back");
	*ret = p;
	return 0;
}

int seccomp_build(struct arena *a, const struct oci_seccomp *s,
		  struct bpf_program *ret)
{
	_cleanup_(release) scmp_filter_ctx ctx = NULL;
	uint32_t def;
	int r;

	r = seccomp_action_value(s->default_action, s->default_errno_ret, &def);
	if (r < 0)
		return err_text(-EINVAL,
				"linux.seccomp.defaultAction: string %s is not "
				"a valid action for seccomp",
				s->default_action ? s->default_action : "");
	ctx = seccomp_init(def);
	if (!ctx)
		return err_text(-EINVAL,
				"linux.seccomp.defaultAction: libseccomp does "
				"not take %s here",
				s->default_action);
	/* A search tree instead of a chain: quicker to take apart later. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = add_archs(ctx, s);
	if (r == 0)
		r = add_rules(ctx, s, def);
	if (r < 0)
		return r;
	return export_program(ctx, a, ret);
}
