/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic BPF as seccomp(2) takes it: a check that a program can be run and
 * an interpreter. Pure; nothing is owned.
 */
#include <string.h>

#include "security/seccomp_priv.h"

static bool jump_ok(size_t i, size_t n, uint64_t dist)
{
	return dist < n - i - 1;
}

static bool insn_ok(const struct sock_filter *v, size_t i, size_t n)
{
	const struct sock_filter *f = &v[i];

	switch (f->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return f->k % 4 == 0 && f->k < sizeof(struct seccomp_data) &&
		       i + 1 < n;
	case BPF_ALU | BPF_AND | BPF_K:
		return i + 1 < n;
	case BPF_JMP | BPF_JA:
		return jump_ok(i, n, f->k);
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
		return jump_ok(i, n, f->jt) && jump_ok(i, n, f->jf);
	case BPF_RET | BPF_K:
		return true;
	default:
		return false;
	}
}

int bpf_check(const struct sock_filter *v, size_t n)
{
	if (n == 0 || n > BPF_PROGRAM_MAX)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (!insn_ok(v, i, n))
			return -EINVAL;
	return 0;
}

static bool test(uint16_t code, uint32_t acc, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return acc == k;
	case BPF_JGT:
		return acc > k;
	case BPF_JGE:
		return acc >= k;
	default:
		return (acc & k) != 0;
	}
}

uint32_t bpf_run(const struct sock_filter *v, size_t n,
		 const struct seccomp_data *d, bool *ret_args)
{
	const size_t beyond = offsetof(struct seccomp_data, arch);
	uint32_t acc = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sock_filter *f = &v[i];

		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
			memcpy(&acc, (const char *)d + f->k, sizeof(acc));
			*ret_args |= f->k > beyond;
			break;
		case BPF_ALU:
			acc &= f->k;
			break;
		case BPF_RET:
			return f->k;
		default:
			if (BPF_OP(f->code) == BPF_JA)
				i += f->k;
			else
				i += test(f->code, acc, f->k) ? f->jt : f->jf;
		}
	}
	return SECCOMP_RET_KILL_PROCESS; /* not reached in a checked program */
}
