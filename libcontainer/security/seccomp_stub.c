/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ENOSYS for system calls that are newer than the profile. A profile that
 * refuses by default answers EPERM to a call that its author could not know;
 * libc takes that as final, while ENOSYS makes it fall back to an older call.
 * So numbers above the greatest one that the profile names get ENOSYS.
 */
#include <seccomp.h>

#include "base/err.h"
#include "security/seccomp_priv.h"

#define X32_BIT 0x40000000u
#define MAX_ARCHS 32

#define LOAD(off)                                               \
	(struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
				      offsetof(struct seccomp_data, off))
#define JUMP(op, k, t, f) \
	(struct sock_filter) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, t, f)
#define GOTO(k) (struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, k)
#define RET(k) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, k)

/* Greatest number for one AUDIT_ARCH value; x32 shares that of x86_64. */
struct limit {
	uint32_t audit;
	bool has_x32, has_plain;
	uint32_t max, x32_max;
};

static bool stub_wanted(const struct oci_seccomp *s)
{
	uint32_t def;

	if (s->default_errno_ret.set && s->default_errno_ret.v != ENOSYS)
		return false;
	if (seccomp_action_value(s->default_action, s->default_errno_ret,
				 &def) < 0)
		return false;
	def &= SECCOMP_RET_ACTION_FULL;
	return def != SECCOMP_RET_ALLOW && def != SECCOMP_RET_LOG &&
	       def != SECCOMP_RET_TRACE;
}

static int greatest(const struct oci_seccomp *s, uint32_t arch, uint32_t *ret)
{
	int64_t max = -1;

	for (size_t i = 0; i < s->syscalls.n; i++) {
		const struct str_list *l = &s->syscalls.v[i].names;

		for (size_t k = 0; k < l->n; k++) {
			int nr = seccomp_syscall_resolve_name_arch(arch,
								   l->v[k]);

			/* Negative: unknown, or a call of another machine. */
			if (nr > max)
				max = nr;
		}
	}
	if (max < 0)
		return -ENOENT;
	*ret = (uint32_t)max;
	return 0;
}

static size_t add_limit(struct limit *v, size_t n, const struct oci_seccomp *s,
			uint32_t arch)
{
	bool x32 = arch == SCMP_ARCH_X32;
	uint32_t audit = x32 ? SCMP_ARCH_X86_64 : arch, max;
	size_t i = 0;

	while (i < n && v[i].audit != audit)
		i++;
	if (i == MAX_ARCHS || (i < n && (x32 ? v[i].has_x32 : v[i].has_plain)))
		return n;
	if (greatest(s, arch, &max) < 0)
		return n;
	v[i].audit = audit;
	if (x32) {
		v[i].has_x32 = true;
		v[i].x32_max = max | X32_BIT;
	} else {
		v[i].has_plain = true;
		v[i].max = max;
	}
	return MAX(n, i + 1);
}

/* Seven instructions; "filter" is what follows the whole stub. */
#define BLOCK 7
static void emit_block(struct sock_filter *p, const struct limit *l,
		       uint32_t left)
{
	bool x86_64 = l->audit == SCMP_ARCH_X86_64;

	p[0] = LOAD(nr);
	/* Numbers of x32, when they are numbers of x32. */
	p[1] = x86_64 ? JUMP(BPF_JGE, X32_BIT, 2, 0) : GOTO(0);
	p[2] = l->has_plain ? JUMP(BPF_JGT, l->max, 3, 0) : GOTO(0);
	p[3] = GOTO(left + 3);
	p[4] = l->has_x32 ? JUMP(BPF_JGT, l->x32_max, 1, 0) : GOTO(0);
	p[5] = GOTO(left + 1);
	p[6] = RET(SECCOMP_RET_ERRNO | ENOSYS);
}

int seccomp_stub(struct arena *a, const struct oci_seccomp *s,
		 struct bpf_program *ret)
{
	struct limit v[MAX_ARCHS] = { 0 };
	struct sock_filter *p;
	size_t n = 0, len;
	uint32_t arch;

	*ret = (struct bpf_program){ 0 };
	if (!stub_wanted(s))
		return 0;
	n = add_limit(v, n, s, seccomp_arch_native());
	for (size_t i = 0; i < s->architectures.n; i++)
		if (seccomp_name_value(seccomp_arch_table,
				       s->architectures.v[i], &arch) == 0)
			n = add_limit(v, n, s, arch);
	if (n == 0)
		return 0;
	len = 1 + n + 1 + n * BLOCK;
	p = arena_calloc(a, len, sizeof(*p));
	if (!p)
		return err_set(-ENOMEM, "seccomp filter");
	p[0] = LOAD(arch);
	for (size_t i = 0; i < n; i++) {
		size_t block = 1 + n + 1 + i * BLOCK;

		p[1 + i] = JUMP(BPF_JEQ, v[i].audit,
				(uint8_t)(block - (1 + i) - 1), 0);
		emit_block(&p[block], &v[i], (uint32_t)(len - (block + BLOCK)));
	}
	p[1 + n] = GOTO((uint32_t)(n * BLOCK));
	ret->v = p;
	ret->n = len;
	return 0;
}
