/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads the device program and puts it on a v2 group. An older program is
 * replaced in one step, so there is no moment without rules.
 */
#include <linux/bpf.h>
#include <string.h>
#include <sys/resource.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/sys.h"
#include "cgroups/device_bpf.h"
#include "cgroups/group.h"

#define OLD_MAX 64

static int load(const struct bpf_code *code)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)code->v;
	attr.insn_cnt = (uint32_t)code->n;
	attr.license = (uint64_t)(uintptr_t) "Apache";
	memcpy(attr.prog_name, "tare_devices", sizeof("tare_devices"));
	return sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* Before Linux 5.11 programs counted as locked memory. May well not work. */
static void raise_memlock(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_MEMLOCK, &l) < 0)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_MEMLOCK, &l);
	l.rlim_cur = l.rlim_max = RLIM_INFINITY;
	(void)setrlimit(RLIMIT_MEMLOCK, &l);
}

static int attach(int dirfd, int prog, int old)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)dirfd;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (old >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)old;
	}
	return sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr));
}

static int detach(int dirfd, int prog)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)dirfd;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	return sys_bpf(BPF_PROG_DETACH, &attr, sizeof(attr));
}

static int prog_by_id(uint32_t id)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	return sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
}

static uint32_t attached(int dirfd, uint32_t ids[OLD_MAX])
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)dirfd;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = OLD_MAX;
	return sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr)) < 0
		       ? 0
		       : attr.query.prog_cnt;
}

static int put_on(const struct cg_dir *d, int prog)
{
	_cleanup_close_ int old = -EBADF;
	uint32_t ids[OLD_MAX], n = d->made ? 0 : attached(d->fd, ids);
	int r;

	if (n == 1)
		old = prog_by_id(ids[0]);
	r = attach(d->fd, prog, old);
	for (uint32_t i = 0; i < n && r >= 0 && old < 0; i++) {
		_cleanup_close_ int fd = prog_by_id(ids[i]);

		if (fd >= 0)
			(void)detach(d->fd, fd);
	}
	return r;
}

int cg_devices_v2(const struct cg_dir *d, const struct cg_device_rules *rules)
{
	_cleanup_arena_ struct arena a = { 0 };
	_cleanup_close_ int prog = -EBADF;
	struct bpf_code code;
	int r;

	/* A new group forbids nothing that its parents do not forbid. */
	if (d->made && rules->n == 1 && rules->v[0].allow)
		return 0;
	r = cg_device_program(&a, rules, &code);
	if (r < 0)
		return r;
	prog = load(&code);
	if (prog == -EPERM) {
		raise_memlock();
		prog = load(&code);
	}
	if (prog < 0)
		return err_set(prog, "linux.resources.devices: load the device "
				     "program");
	r = put_on(d, prog);
	if (r < 0)
		return err_set(r,
			       "linux.resources.devices: attach the device "
			       "program to %s",
			       d->path);
	return 0;
}
