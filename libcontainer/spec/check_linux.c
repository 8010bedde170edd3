/* SPDX-License-Identifier: Apache-2.0 */
/* config-linux.md, but for resources and sysctl. */
#include <ctype.h>
#include <stdio.h>

#include "base/str.h"
#include "spec/check.h"
#include "spec/mempolicy.h"

#define IF_NAME_MAX 15	  /* IFNAMSIZ without the NUL */
#define MAJOR_MAX 4095	  /* 12 bits in the kernel */
#define MINOR_MAX 1048575 /* 20 bits */
#define NODE_MAX 1023

static const char *const propagations[] = {
	"shared",  "slave",  "private",	 "unbindable",
	"rshared", "rslave", "rprivate", "runbindable",
};

static void check_namespaces(const struct oci_linux *l, struct faults *f)
{
	unsigned int seen = 0;
	char path[64];
	size_t i;

	for (i = 0; i < l->namespaces.n; i++) {
		const struct oci_namespace *n = &l->namespaces.v[i];

		if (n->path && *n->path && *n->path != '/') {
			snprintf(path, sizeof(path),
				 "linux.namespaces[%zu].path", i);
			faults_add(f, 0, path, "must be an absolute path");
		}
		if (n->type < 0)
			continue; /* has its fault */
		if (seen & 1u << n->type) {
			snprintf(path, sizeof(path), "linux.namespaces[%zu]", i);
			faults_add(f, 0, path,
				   "malformed spec file: duplicated ns "
				   "{\"%s\" \"%s\"}",
				   oci_ns_info[n->type].name,
				   n->path ? n->path : "");
		}
		seen |= 1u << n->type;
	}
}

/* Mappings without a user namespace are ignored, as the engines expect. */
static void check_userns(const struct oci_spec *s, struct faults *f)
{
	const struct oci_linux *l = s->linux_;
	const char *path;

	if (!oci_has_ns(s, OCI_NS_USER, &path))
		return;
	if (!path && !l->uid_mappings.n)
		faults_add(f, 0, "linux.uidMappings",
			   "user namespaces enabled, but no uid mappings "
			   "found");
	if (!path && !l->gid_mappings.n)
		faults_add(f, 0, "linux.gidMappings",
			   "user namespaces enabled, but no gid mappings "
			   "found");
	check_id_maps(&l->uid_mappings, "linux.uidMappings", f);
	check_id_maps(&l->gid_mappings, "linux.gidMappings", f);
}

static void check_time(const struct oci_spec *s, struct faults *f)
{
	const struct oci_linux *l = s->linux_;
	const char *path, *key;
	char at[CHECK_PATH_MAX];
	size_t i;

	if (!l->time_offsets.n)
		return;
	if (!oci_has_ns(s, OCI_NS_TIME, &path))
		faults_add(f, 0, "linux.timeOffsets",
			   "time namespace offsets specified, but time "
			   "namespace isn't enabled in the config");
	else if (path)
		faults_add(f, 0, "linux.timeOffsets",
			   "offsets cannot be set in a time namespace that is "
			   "joined");
	for (i = 0; i < l->time_offsets.n; i++) {
		key = l->time_offsets.v[i].key;
		if (streq(key, "monotonic") || streq(key, "boottime"))
			continue;
		snprintf(at, sizeof(at), "linux.timeOffsets.%s", key);
		faults_add(f, 0, at, "is neither monotonic nor boottime");
	}
}

static void check_device_number(const char *path, const char *name,
				const struct opt_i64 *v, int64_t max,
				struct faults *f)
{
	char at[CHECK_PATH_MAX];

	check_path(at, path, name);
	if (!v->set)
		faults_add(f, 0, at, "is required");
	else if (v->v < 0 || v->v > max)
		faults_add(f, 0, at, "must be 0 to %lld", (long long)max);
}

static void check_devices(const struct oci_linux *l, struct faults *f)
{
	char path[64];
	size_t i;

	for (i = 0; i < l->devices.n; i++) {
		const struct oci_device *d = &l->devices.v[i];

		if (!d->type)
			continue; /* has its fault */
		snprintf(path, sizeof(path), "linux.devices[%zu]", i);
		if (strlen(d->type) != 1 || !strchr("bcup", *d->type)) {
			faults_add(f, 0, path, "invalid device type \"%s\"",
				   d->type);
			continue;
		}
		if (*d->type == 'p')
			continue;
		check_device_number(path, "major", &d->major, MAJOR_MAX, f);
		check_device_number(path, "minor", &d->minor, MINOR_MAX, f);
	}
}

static bool if_name_good(const char *name)
{
	const char *p;

	if (!*name || strlen(name) > IF_NAME_MAX || streq(name, ".") ||
	    streq(name, ".."))
		return false;
	for (p = name; *p; p++)
		if (*p == '/' || *p == ':' || isspace((unsigned char)*p) ||
		    iscntrl((unsigned char)*p))
			return false;
	return true;
}

static const char *new_name(const struct oci_net_device *d)
{
	return d->name && *d->name ? d->name : d->key;
}

static void check_net_devices(const struct oci_spec *s, struct faults *f)
{
	const struct oci_linux *l = s->linux_;
	char path[CHECK_PATH_MAX];
	size_t i, j;

	if (l->net_devices.n && !oci_has_ns(s, OCI_NS_NET, NULL))
		faults_add(f, 0, "linux.netDevices",
			   "unable to move network devices without a NET "
			   "namespace");
	for (i = 0; i < l->net_devices.n; i++) {
		const struct oci_net_device *d = &l->net_devices.v[i];

		snprintf(path, sizeof(path), "linux.netDevices.%s", d->key);
		if (!if_name_good(d->key))
			faults_add(f, 0, path,
				   "invalid network device name \"%s\"", d->key);
		else if (!if_name_good(new_name(d)))
			faults_add(f, 0, path,
				   "invalid network device name \"%s\"",
				   d->name);
		for (j = 0; j < i; j++)
			if (streq(new_name(d), new_name(&l->net_devices.v[j])))
				faults_add(f, 0, path,
					   "the name \"%s\" is taken",
					   new_name(d));
	}
}

static void check_paths(const struct oci_spec *s, const char *name,
			const struct str_list *l, bool root_too,
			struct faults *f)
{
	char path[64];
	size_t i;

	if (l->n && !oci_has_ns(s, OCI_NS_MNT, NULL))
		faults_add(f, 0, name,
			   "unable to restrict sys entries without a private "
			   "MNT namespace");
	for (i = 0; i < l->n; i++) {
		if (l->v[i][strspn(l->v[i], "/")] || (root_too && l->v[i][0]))
			continue;
		snprintf(path, sizeof(path), "%s[%zu]", name, i);
		faults_add(f, 0, path, "\"%s\" names no path below the root",
			   l->v[i]);
	}
}

static void check_rdt_line(const char *path, const char *line, struct faults *f)
{
	if (line && strchr(line, '\n'))
		faults_add(f, 0, path, "must be one line");
}

static void check_rdt(const struct oci_intel_rdt *r, struct faults *f)
{
	static const char *const taken[] = { "",     ".",	 "..",
					     "info", "mon_data", "mon_groups" };
	char path[64];
	size_t i;

	/* "/" is the group of all that is in no other */
	if (r->clos_id && !streq(r->clos_id, "/") &&
	    (strpbrk(r->clos_id, "/\n") ||
	     check_word(r->clos_id, taken, ARRAY_SIZE(taken))))
		faults_add(f, 0, "linux.intelRdt.closID",
			   "invalid intelRdt.ClosID \"%s\"", r->clos_id);
	check_rdt_line("linux.intelRdt.memBwSchema", r->mem_bw_schema, f);
	for (i = 0; i < r->schemata.n; i++) {
		snprintf(path, sizeof(path), "linux.intelRdt.schemata[%zu]", i);
		check_rdt_line(path, r->schemata.v[i], f);
	}
}

static void check_memory_policy(const struct oci_memory_policy *m,
				struct faults *f)
{
	const char *mode = m->mode ? m->mode : "";
	int nodes = check_ranges(m->nodes ? m->nodes : "", NODE_MAX);
	bool none = streq(mode, "MPOL_DEFAULT") || streq(mode, "MPOL_LOCAL");
	char path[64];
	size_t i;
	int v;

	if (enum_from_name(mempolicy_modes, mode, &v) < 0)
		faults_add(f, 0, "linux.memoryPolicy.mode",
			   "invalid memory policy mode \"%s\"", mode);
	else if (nodes > 0 && none)
		faults_add(f, 0, "linux.memoryPolicy.nodes",
			   "memory policy mode requires 0 nodes but got %d",
			   nodes);
	else if (nodes == 0 && !none && !streq(mode, "MPOL_PREFERRED"))
		faults_add(f, 0, "linux.memoryPolicy.nodes",
			   "memory policy mode requires at least 1 node but "
			   "got 0");
	if (nodes < 0)
		faults_add(f, 0, "linux.memoryPolicy.nodes",
			   "invalid memory policy nodes \"%s\"", m->nodes);
	for (i = 0; i < m->flags.n; i++) {
		if (enum_from_name(mempolicy_flags, m->flags.v[i], &v) == 0)
			continue;
		snprintf(path, sizeof(path), "linux.memoryPolicy.flags[%zu]", i);
		faults_add(f, 0, path, "invalid memory policy flag \"%s\"",
			   m->flags.v[i]);
	}
}

void check_seccomp(const struct oci_seccomp *s, struct faults *f)
{
	/* No action and no rule: the filter is off. Words: security/seccomp. */
	if ((!s->default_action || !*s->default_action) && s->syscalls.n)
		faults_add(f, 0, "linux.seccomp.defaultAction",
			   "must not be empty");
}

static void check_words(const struct oci_linux *l, struct faults *f)
{
	const char *domain;

	if (l->rootfs_propagation && *l->rootfs_propagation &&
	    !check_word(l->rootfs_propagation, propagations,
			ARRAY_SIZE(propagations)))
		faults_add(f, 0, "linux.rootfsPropagation",
			   "rootfsPropagation=%s is not supported",
			   l->rootfs_propagation);
	if (!l->personality)
		return;
	domain = l->personality->domain ? l->personality->domain : "";
	if (!streq(domain, "LINUX") && !streq(domain, "LINUX32"))
		faults_add(f, 0, "linux.personality.domain",
			   "invalid personality domain %s", domain);
}

void check_linux(const struct oci_spec *s, struct faults *f)
{
	const struct oci_linux *l = s->linux_;

	check_namespaces(l, f);
	check_userns(s, f);
	check_time(s, f);
	check_devices(l, f);
	check_net_devices(s, f);
	check_paths(s, "linux.maskedPaths", &l->masked_paths, false, f);
	check_paths(s, "linux.readonlyPaths", &l->readonly_paths, true, f);
	check_words(l, f);
	if (l->resources)
		check_resources(l->resources, "linux.resources", f);
	if (l->intel_rdt)
		check_rdt(l->intel_rdt, f);
	if (l->memory_policy)
		check_memory_policy(l->memory_policy, f);
	if (l->seccomp)
		check_seccomp(l->seccomp, f);
	check_sysctl(s, f);
}
