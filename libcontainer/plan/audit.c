/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration leaves open, in plain sentences: each rule looks at the
 * specification and says what it found. Nothing here changes what is done.
 */
#include <string.h>
#include <sys/mount.h>

#include "base/str.h"
#include "plan/plan.h"
#include "plan/sentences.h"
#include "spec/mount_options.h"

#define ATTR_RDONLY 1ULL

struct audit {
	struct sentences out;
	const struct oci_spec *s;
};

#define say(u, ...) sentence(&(u)->out, __VA_ARGS__)

/* --- the process --- */

static void seccomp(struct audit *u)
{
	const struct oci_seccomp *c = u->s->linux_->seccomp;

	if (!c || !c->default_action)
		say(u, "There is no seccomp filter: every system call of the "
		       "kernel can be made.");
	else if (streq(c->default_action, "SCMP_ACT_ALLOW") ||
		 streq(c->default_action, "SCMP_ACT_LOG"))
		say(u, "The seccomp filter allows every system call that it "
		       "does not name.");
}

static void privileges(struct audit *u)
{
	const struct oci_process *p = u->s->process;

	if (p && !p->no_new_privileges)
		say(u, "noNewPrivileges is off: set-user-ID programs and file "
		       "capabilities can raise privileges.");
}

static const struct {
	const char *name, *why;
	enum oci_ns only_without; /* of interest only if this one is shared */
} dangerous[] = {
	{ "CAP_SYS_ADMIN", "mounts, namespaces and much else", OCI_NS_COUNT },
	{ "CAP_SYS_MODULE", "loading kernel modules", OCI_NS_COUNT },
	{ "CAP_SYS_RAWIO", "raw access to devices and memory", OCI_NS_COUNT },
	{ "CAP_SYS_PTRACE", "reading and changing other processes",
	  OCI_NS_COUNT },
	{ "CAP_SYS_BOOT", "rebooting the machine", OCI_NS_PID },
	{ "CAP_SYS_TIME", "setting the clock of the machine", OCI_NS_COUNT },
	{ "CAP_DAC_READ_SEARCH", "opening host files by handle", OCI_NS_COUNT },
	{ "CAP_BPF", "loading BPF programs", OCI_NS_COUNT },
	{ "CAP_PERFMON", "observing the whole machine", OCI_NS_COUNT },
	{ "CAP_SYSLOG", "reading the kernel's log", OCI_NS_COUNT },
	{ "CAP_MAC_ADMIN", "changing the security policy", OCI_NS_COUNT },
	{ "CAP_MKNOD", "making device files", OCI_NS_COUNT },
	{ "CAP_NET_ADMIN", "configuring the host's network", OCI_NS_NET },
	{ "CAP_NET_RAW", "raw sockets on the host's network", OCI_NS_NET },
};

static void capabilities(struct audit *u)
{
	const struct oci_process *p = u->s->process;

	if (!p || oci_has_ns(u->s, OCI_NS_USER, NULL))
		return; /* they count in the user namespace only */
	if (!p->caps) {
		say(u, "process.capabilities is absent: all capabilities of "
		       "the caller are kept.");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(dangerous); i++) {
		enum oci_ns ns = dangerous[i].only_without;

		if (!str_list_has(&p->caps->bounding, dangerous[i].name) ||
		    (ns != OCI_NS_COUNT && oci_has_ns(u->s, ns, NULL)))
			continue;
		say(u, "%s can be had: %s.", dangerous[i].name,
		    dangerous[i].why);
	}
}

static void root_user(struct audit *u)
{
	const struct oci_process *p = u->s->process;
	const oci_id_maps *m = &u->s->linux_->uid_mappings;
	bool user = oci_has_ns(u->s, OCI_NS_USER, NULL);

	if (!user && p && p->user->uid == 0)
		say(u, "The process is root, and without a user namespace it "
		       "is root of the host.");
	if (!user && (m->n || u->s->linux_->gid_mappings.n))
		say(u, "The id mappings have no effect without a user "
		       "namespace.");
	for (size_t i = 0; user && i < m->n; i++)
		if (m->v[i].host_id == 0 && m->v[i].size > 0)
			say(u,
			    "The user namespace maps uid %u to root of the "
			    "host.",
			    m->v[i].container_id);
}

static void labels(struct audit *u)
{
	const struct oci_process *p = u->s->process;

	if (p &&
	    (!p->apparmor_profile || !*p->apparmor_profile ||
	     streq(p->apparmor_profile, "unconfined")) &&
	    (!p->selinux_label || !*p->selinux_label))
		say(u, "There is neither an AppArmor profile nor an SELinux "
		       "label.");
}

/* --- namespaces, limits, devices --- */

static void namespaces(struct audit *u)
{
	static const enum oci_ns shown[] = { OCI_NS_PID, OCI_NS_NET, OCI_NS_IPC,
					     OCI_NS_UTS, OCI_NS_CGROUP };
	const struct oci_linux *l = u->s->linux_;

	if (!oci_has_ns(u->s, OCI_NS_MNT, NULL))
		say(u,
		    "The mount namespace is shared with the host: there, all "
		    "mounts of the container are seen, and its root is a "
		    "chroot.");
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (!oci_has_ns(u->s, shown[i], NULL))
			say(u, "The %s namespace is shared with the host.",
			    oci_ns_info[shown[i]].name);
	for (size_t i = 0; i < l->namespaces.n; i++) {
		const char *path = l->namespaces.v[i].path;

		if (path && str_starts(path, "/proc/1/ns/"))
			say(u,
			    "linux.namespaces[%zu] joins %s, of the host's "
			    "first process.",
			    i, sentence_quote(&u->out, path));
	}
}

static bool unified_sets(const struct oci_resources *r, const char *key)
{
	for (size_t i = 0; r && i < r->unified.n; i++)
		if (streq(r->unified.v[i].key, key))
			return !streq(r->unified.v[i].value, "max");
	return false;
}

static void limits(struct audit *u)
{
	const struct oci_resources *r = u->s->linux_->resources;
	bool memory = r && r->memory && r->memory->limit.set &&
		      r->memory->limit.v > 0;
	bool pids = r && r->pids && r->pids->limit.set && r->pids->limit.v > 0;

	if (!memory && !unified_sets(r, "memory.max"))
		say(u, "Memory has no limit.");
	if (!pids && !unified_sets(r, "pids.max"))
		say(u, "The number of processes has no limit.");
}

static bool is_any(const struct opt_i64 *n)
{
	return !n->set || n->v < 0;
}

static bool writes(const struct oci_device_rule *d)
{
	return !d->access || !*d->access || strchr(d->access, 'w');
}

static void devices(struct audit *u)
{
	const struct oci_resources *r = u->s->linux_->resources;
	bool all = false;

	for (size_t i = 0; r && i < r->devices.n; i++) {
		const struct oci_device_rule *d = &r->devices.v[i];

		if (!is_any(&d->major) || !is_any(&d->minor))
			continue;
		if (!d->allow)
			all = all && d->type && *d->type && *d->type != 'a';
		else if (writes(d) && (!d->type || *d->type != 'c'))
			all = true;
	}
	if (all)
		say(u, "The device rules allow every block device: the disks "
		       "of the host can be written.");
}

/* --- files --- */

static void root(struct audit *u)
{
	if (u->s->root && !u->s->root->readonly)
		say(u, "The root file system is writable.");
}

/* Host paths whose owner is the host, with all below. */
static const char *const sockets[] = { "docker.sock", "containerd.sock",
				       "crio.sock", "podman.sock",
				       "cri-dockerd.sock" };
static const char *const parts[] = { "/",     "/boot", "/dev", "/etc",
				     "/lib",  "/proc", "/run", "/sys",
				     "/root", "/home", "/usr", "/var" };

static const char *socket_of(const char *src)
{
	for (size_t i = 0; i < ARRAY_SIZE(sockets); i++)
		if (str_ends(src, sockets[i]))
			return sockets[i];
	return NULL;
}

static bool is_part_of_host(const char *src)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (streq(src, parts[i]))
			return true;
	return false;
}

static void bind_mount(struct audit *u, size_t i, const struct mount_request *q)
{
	const struct oci_mount *m = &u->s->mounts.v[i];
	const char *src = m->source ? m->source : "";
	bool ro = (q->attr_set | q->rec_attr_set) & ATTR_RDONLY;

	const char *from = sentence_quote(&u->out, src);
	const char *to = sentence_quote(&u->out, m->destination);

	if (socket_of(src))
		say(u,
		    "mounts[%zu]: %s controls a container engine of the "
		    "host.",
		    i, from);
	else if (!ro)
		say(u, "mounts[%zu]: %s of the host can be written at %s.", i,
		    from, to);
	else if (is_part_of_host(src))
		say(u, "mounts[%zu]: %s of the host can be read at %s.", i,
		    from, to);
	if (q->propagation == MS_SHARED)
		say(u, "mounts[%zu]: mounts made below %s reach the host.", i,
		    to);
}

static void mounts(struct audit *u)
{
	for (size_t i = 0; i < u->s->mounts.n; i++) {
		const struct oci_mount *m = &u->s->mounts.v[i];
		const char *type = m->type ? m->type : "";
		struct mount_request q;

		if (mount_request_parse(u->out.a, &m->options, &q) < 0) {
			u->out.failed = true;
			return;
		}
		if (q.remount)
			continue;
		if (q.bind || q.rbind || streq(type, "bind"))
			bind_mount(u, i, &q);
		else if ((streq(type, "sysfs") || streq(type, "cgroup") ||
			  streq(type, "cgroup2")) &&
			 !((q.attr_set | q.rec_attr_set) & ATTR_RDONLY))
			say(u, "mounts[%zu]: %s at %s is writable.", i, type,
			    sentence_quote(&u->out, m->destination));
	}
}

static const struct {
	const char *path;
	bool readonly; /* enough for this one */
} hidden[] = {
	{ "/proc/kcore", false },      { "/proc/keys", false },
	{ "/proc/timer_list", false }, { "/proc/acpi", false },
	{ "/proc/scsi", false },       { "/sys/firmware", false },
	{ "/proc/sys", true },	       { "/proc/sysrq-trigger", true },
	{ "/proc/irq", true },	       { "/proc/bus", true },
	{ "/proc/fs", true },
};

static void masks(struct audit *u)
{
	const struct oci_linux *l = u->s->linux_;
	_cleanup_buf_ struct buf open = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (str_list_has(&l->masked_paths, hidden[i].path) ||
		    (hidden[i].readonly &&
		     str_list_has(&l->readonly_paths, hidden[i].path)))
			continue;
		buf_printf(&open, "%s%s", open.len ? ", " : "", hidden[i].path);
	}
	if (open.len)
		say(u, "Neither masked nor read-only: %s.", buf_str(&open));
}

static void (*const rules[])(struct audit *u) = {
	seccomp, privileges, capabilities, root_user, labels, namespaces,
	limits,	 devices,    root,	   mounts,    masks,
};

int plan_audit(struct arena *a, const struct oci_spec *s, const struct plan *p,
	       struct str_list *ret)
{
	struct audit u = { .out = { .a = a }, .s = s };

	(void)p;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i](&u);
	return sentences_give(&u.out, ret);
}
