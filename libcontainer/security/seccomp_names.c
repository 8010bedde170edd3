/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that OCI linux.seccomp uses (config-linux.md "Seccomp"), what
 * they stand for, and the check of a profile against them. No call into
 * libseccomp: only the constants of its header.
 */
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>

#include "base/str.h"
#include "base/sys.h"
#include "security/seccomp.h"
#include "security/seccomp_priv.h"

#ifndef SCMP_ARCH_LOONGARCH64
#define SCMP_ARCH_LOONGARCH64 0xc0000102u
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* The tables of names are in the order in which `features` lists them. */
static const struct seccomp_name action_table[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
	{ NULL, 0 },
};
const char *const seccomp_action_names[] = {
	"SCMP_ACT_ALLOW",	"SCMP_ACT_ERRNO",
	"SCMP_ACT_KILL",	"SCMP_ACT_KILL_PROCESS",
	"SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
	"SCMP_ACT_NOTIFY",	"SCMP_ACT_TRACE",
	"SCMP_ACT_TRAP",	NULL,
};

const struct seccomp_name seccomp_op_table[] = {
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT },
	{ "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	{ "SCMP_CMP_NE", SCMP_CMP_NE },
	{ NULL, 0 },
};
const char *const seccomp_operator_names[] = {
	"SCMP_CMP_EQ", "SCMP_CMP_GE",	     "SCMP_CMP_GT", "SCMP_CMP_LE",
	"SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE", NULL,
};

const struct seccomp_name seccomp_arch_table[] = {
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_ARM", SCMP_ARCH_ARM },
	{ "SCMP_ARCH_LOONGARCH64", SCMP_ARCH_LOONGARCH64 },
	{ "SCMP_ARCH_MIPS", SCMP_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PPC", SCMP_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", SCMP_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE },
	{ "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64 },
	{ "SCMP_ARCH_S390", SCMP_ARCH_S390 },
	{ "SCMP_ARCH_S390X", SCMP_ARCH_S390X },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ NULL, 0 },
};
const char *const seccomp_arch_names[] = {
	"SCMP_ARCH_AARCH64",
	"SCMP_ARCH_ARM",
	"SCMP_ARCH_LOONGARCH64",
	"SCMP_ARCH_MIPS",
	"SCMP_ARCH_MIPS64",
	"SCMP_ARCH_MIPS64N32",
	"SCMP_ARCH_MIPSEL",
	"SCMP_ARCH_MIPSEL64",
	"SCMP_ARCH_MIPSEL64N32",
	"SCMP_ARCH_PPC",
	"SCMP_ARCH_PPC64",
	"SCMP_ARCH_PPC64LE",
	"SCMP_ARCH_RISCV64",
	"SCMP_ARCH_S390",
	"SCMP_ARCH_S390X",
	"SCMP_ARCH_X32",
	"SCMP_ARCH_X86",
	"SCMP_ARCH_X86_64",
	NULL,
};

static const struct seccomp_name flag_table[] = {
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
	  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
	{ NULL, 0 },
};
const char *const seccomp_flag_names[] = {
	"SECCOMP_FILTER_FLAG_LOG",
	"SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	"SECCOMP_FILTER_FLAG_TSYNC",
	"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
	NULL,
};

int seccomp_name_value(const struct seccomp_name *t, const char *name,
		       uint32_t *ret)
{
	for (; name && t->name; t++)
		if (streq(t->name, name)) {
			*ret = t->value;
			return 0;
		}
	return -ENOENT;
}

int seccomp_action_value(const char *name, struct opt_u32 errno_ret,
			 uint32_t *ret)
{
	uint32_t v;
	int r = seccomp_name_value(action_table, name, &v);

	if (r < 0)
		return r;
	if (v == SECCOMP_RET_ERRNO || v == SECCOMP_RET_TRACE)
		v |= (errno_ret.set ? errno_ret.v : EPERM) & SECCOMP_RET_DATA;
	*ret = v;
	return 0;
}

int seccomp_flag_value(const char *name, uint32_t *ret)
{
	return seccomp_name_value(flag_table, name, ret);
}

const char **seccomp_supported_flags(struct arena *a)
{
	const char **v = arena_calloc(a, ARRAY_SIZE(flag_table), sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; v && flag_table[i].name; i++) {
		uint32_t f = flag_table[i].value;

		/* This one is refused without a listener. */
		if (f == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
			f |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
		/* Known flags get as far as reading the program at NULL. */
		if (sys_seccomp(SECCOMP_SET_MODE_FILTER, f, NULL) == -EFAULT)
			v[n++] = flag_table[i].name;
	}
	return v;
}

static void check_action(struct faults *f, const char *path, const char *name)
{
	uint32_t v;

	if (seccomp_name_value(action_table, name, &v) < 0)
		faults_add(f, 0, path,
			   "string %s is not a valid action for seccomp",
			   name ? name : "");
}

static void check_args(const struct oci_seccomp_rule *r, size_t i,
		       struct faults *f)
{
	for (size_t k = 0; k < r->args.n; k++) {
		char path[96];
		uint32_t v;

		snprintf(path, sizeof(path),
			 "linux.seccomp.syscalls[%zu].args[%zu]", i, k);
		if (r->args.v[k].index > 5)
			faults_add(f, 0, path,
				   "there is no argument %u, only 0 to 5",
				   r->args.v[k].index);
		if (seccomp_name_value(seccomp_op_table, r->args.v[k].op, &v) <
		    0)
			faults_add(
				f, 0, path,
				"string %s is not a valid operator for seccomp",
				r->args.v[k].op ? r->args.v[k].op : "");
	}
}

static void check_known(const struct oci_seccomp_rule *r, size_t i,
			struct faults *f)
{
	char path[96];

	for (size_t k = 0; k < r->names.n; k++) {
		if (seccomp_syscall_resolve_name(r->names.v[k]) !=
		    __NR_SCMP_ERROR)
			continue;
		snprintf(path, sizeof(path),
			 "linux.seccomp.syscalls[%zu].names[%zu]", i, k);
		faults_add(f, 0, path, "system call %s is not known",
			   r->names.v[k]);
	}
}

static void check_rule(const struct oci_seccomp *s, size_t i, struct faults *f)
{
	const struct oci_seccomp_rule *r = &s->syscalls.v[i];
	bool notify = r->action && streq(r->action, "SCMP_ACT_NOTIFY");
	char path[80];

	snprintf(path, sizeof(path), "linux.seccomp.syscalls[%zu].action", i);
	check_action(f, path, r->action);
	if (notify && (!s->listener_path || !*s->listener_path))
		faults_add(f, 0, path, "seccomp listenerPath is not set");
	check_args(r, i, f);
	snprintf(path, sizeof(path), "linux.seccomp.syscalls[%zu].names", i);
	if (r->names.n == 0)
		faults_add(f, 0, path, "at least one name is needed");
	for (size_t k = 0; k < r->names.n; k++) {
		if (!*r->names.v[k])
			faults_add(f, 0, path,
				   "empty string is not a valid syscall");
		/* The process that hands over the listener needs it. */
		if (notify && streq(r->names.v[k], "write"))
			faults_add(f, 0, path,
				   "SCMP_ACT_NOTIFY cannot be used for the "
				   "write syscall");
	}
}

void seccomp_check(const struct oci_seccomp *s, struct faults *f)
{
	uint32_t v;
	char path[64];

	if ((!s->default_action || !*s->default_action) && s->syscalls.n == 0)
		return;
	check_action(f, "linux.seccomp.defaultAction", s->default_action);
	if (s->default_action && streq(s->default_action, "SCMP_ACT_NOTIFY"))
		faults_add(f, 0, "linux.seccomp.defaultAction",
			   "SCMP_ACT_NOTIFY cannot be used as default action");
	for (size_t i = 0; i < s->architectures.n; i++) {
		snprintf(path, sizeof(path), "linux.seccomp.architectures[%zu]",
			 i);
		if (seccomp_name_value(seccomp_arch_table,
				       s->architectures.v[i], &v) < 0)
			faults_add(f, 0, path,
				   "string %s is not a valid arch for seccomp",
				   s->architectures.v[i]);
	}
	for (size_t i = 0; i < s->flags.n; i++) {
		snprintf(path, sizeof(path), "linux.seccomp.flags[%zu]", i);
		if (seccomp_flag_value(s->flags.v[i], &v) < 0)
			faults_add(f, 0, path,
				   "seccomp flag %s is not known to runc",
				   s->flags.v[i]);
	}
	for (size_t i = 0; i < s->syscalls.n; i++) {
		check_rule(s, i, f);
		if (s->known_only)
			check_known(&s->syscalls.v[i], i, f);
	}
}
