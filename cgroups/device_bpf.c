/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program decides each bit of access (read, write, mknod) by the last rule
 * that names the device and the bit. So it goes through the rules from the
 * last to the first; what a rule allows is struck off, and when nothing is
 * left the access is granted.
 */
#include <string.h>

#include "base/err.h"
#include "cgroups/device_bpf.h"

#define ALL 7u
#define RULE_INSNS 8 /* at most, for one rule */

enum { R0, R1, TYPE, ACCESS, MAJOR, MINOR };

struct code {
	struct bpf_code out;
	size_t pending[4]; /* jumps to the next rule */
	size_t n_pending;
};

static void op(struct code *c, int code, int dst, int src, int off, int64_t imm)
{
	c->out.v[c->out.n++] = (struct bpf_insn){ .code = (uint8_t)code,
						  .dst_reg = (uint8_t)dst & 15,
						  .src_reg = (uint8_t)src & 15,
						  .off = (int16_t)off,
						  .imm = (int32_t)imm };
}

static void to_next(struct code *c, int jump, int reg, int64_t imm)
{
	c->pending[c->n_pending++] = c->out.n;
	op(c, BPF_JMP | jump | BPF_K, reg, 0, 0, imm);
}

static void give(struct code *c, bool allow)
{
	op(c, BPF_ALU64 | BPF_MOV | BPF_K, R0, 0, 0, allow);
	op(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void rule(struct code *c, const struct cg_device_rule *r)
{
	c->n_pending = 0;
	if (r->type != 'a')
		to_next(c, BPF_JNE, TYPE,
			r->type == 'b' ? BPF_DEVCG_DEV_BLOCK
				       : BPF_DEVCG_DEV_CHAR);
	if (r->major >= 0)
		to_next(c, BPF_JNE, MAJOR, r->major);
	if (r->minor >= 0)
		to_next(c, BPF_JNE, MINOR, r->minor);
}

/* rwm of a rule is 1 2 4; BPF_DEVCG_ACC_MKNOD is 1, READ 2, WRITE 4. */
static int64_t kernel_access(unsigned int access)
{
	return (access & 4 ? BPF_DEVCG_ACC_MKNOD : 0) |
	       (access & 1 ? BPF_DEVCG_ACC_READ : 0) |
	       (access & 2 ? BPF_DEVCG_ACC_WRITE : 0);
}

static void add_rule(struct code *c, const struct cg_device_rule *r)
{
	int64_t bits = kernel_access(r->access);

	rule(c, r);
	if (r->allow && r->access != ALL) {
		op(c, BPF_ALU64 | BPF_AND | BPF_K, ACCESS, 0, 0, ~bits);
		to_next(c, BPF_JNE, ACCESS, 0);
	} else if (r->access != ALL) {
		op(c, BPF_JMP | BPF_JSET | BPF_K, ACCESS, 0, 1, bits);
		to_next(c, BPF_JA, 0, 0);
	}
	give(c, r->allow);
	for (size_t i = 0; i < c->n_pending; i++) {
		size_t at = c->pending[i];

		c->out.v[at].off = (int16_t)(c->out.n - at - 1);
	}
}

int cg_device_program(struct arena *a, const struct cg_device_rules *rules,
		      struct bpf_code *ret)
{
	struct code c = { 0 };
	bool done = false;

	c.out.v = arena_calloc(a, 8 + rules->n * RULE_INSNS, sizeof(*c.out.v));
	if (!c.out.v)
		return err_set(-ENOMEM, "device rules");
	/* struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor. */
	op(&c, BPF_LDX | BPF_MEM | BPF_W, TYPE, R1, 0, 0);
	op(&c, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	op(&c, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	op(&c, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	op(&c, BPF_LDX | BPF_MEM | BPF_W, MAJOR, R1, 4, 0);
	op(&c, BPF_LDX | BPF_MEM | BPF_W, MINOR, R1, 8, 0);
	for (size_t i = rules->n; i-- > 0 && !done;) {
		add_rule(&c, &rules->v[i]);
		/* Nothing before a rule for everything can be reached. */
		done = rules->v[i].type == 'a' && rules->v[i].access == ALL;
	}
	if (!done)
		give(&c, false);
	*ret = c.out;
	return 0;
}
