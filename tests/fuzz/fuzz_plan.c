/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzer of compiling configurations: what was accepted becomes a block that
 * init would accept, twice the same, and that can be printed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct plan_cgroup groups[] = {
	{ "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", "/tare/x" },
	{ "name=systemd", "/sys/fs/cgroup/systemd", "/tare/x" },
	{ "", "/sys/fs/cgroup/unified", "/tare/x" },
};

/* Facts and options by the bits of one number. */
static void decide(unsigned int bits, struct plan_host *h,
		   struct plan_options *o)
{
	*h = (struct plan_host){
		.cgroup_mode = bits & 1 ? 2 : 3,
		.selinux = bits & 2,
		.apparmor = bits & 2,
		.rootless = bits & 4,
		.in_userns = bits & 8,
		.kcore = bits & 1,
		.cap_last = 40,
		.cap_bounding = bits & 4 ? 0xff : ~0ull,
	};
	h->cgroups.v = (struct plan_cgroup *)groups + (bits & 1 ? 0 : 2);
	h->cgroups.n = bits & 1 ? 3 : 1;
	*o = (struct plan_options){
		.id = "id",
		.bundle = "/bundle",
		.no_pivot = bits & 16,
		.run = bits & 2,
		.preserve = bits & 3,
		.terminal_console = bits & 1,
	};
}

static void print(const struct plan *p)
{
	_cleanup_buf_ struct buf text = { 0 }, json = { 0 };

	plan_dump_clone_text(p->clone_flags, &text);
	if (plan_dump_text(p->block.data, p->block.len, &text) < 0 ||
	    plan_dump_json(p->block.data, p->block.len, &json) < 0)
		abort();
}

static int compile(struct arena *a, const struct oci_spec *s, bool exec,
		   unsigned int bits, struct plan *ret)
{
	static char bytes[24];
	const struct seccomp_filter filter = {
		.insns = (void *)bytes,
		.n = s->linux_->seccomp ? 3 : 0,
		.notify = bits & 2,
	};
	struct plan_host h;
	struct plan_options o;

	decide(bits, &h, &o);
	return exec ? plan_exec(a, s, s->process, &h, &o, &filter, ret)
		    : plan_create(a, s, &h, &o, &filter, ret);
}

static void twice(struct arena *a, const struct oci_spec *s, bool exec,
		  unsigned int bits)
{
	_cleanup_plan_ struct plan one = { 0 }, two = { 0 };

	if (compile(a, s, exec, bits, &one) < 0)
		return;
	if (compile(a, s, exec, bits, &two) < 0 ||
	    one.block.len != two.block.len ||
	    memcmp(one.block.data, two.block.data, one.block.len) != 0)
		abort();
	print(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct str_list open;
	struct plan none = { 0 };
	struct oci_spec *s;
	unsigned int bits = size > 0 ? data[size - 1] : 0;

	if (oci_parse(&a, "f", (const char *)data, size, &s) < 0 ||
	    !s->process || !s->root || !s->root->path)
		return 0;
	twice(&a, s, false, bits);
	twice(&a, s, false, bits ^ 5);
	twice(&a, s, true, bits);
	if (plan_audit(&a, s, &none, &open) < 0 || plan_parent(&a, s, &open) < 0)
		abort();
	return 0;
}
