/* SPDX-License-Identifier: Apache-2.0 */
/*
 * features (OCI features.md, features-linux.md): from the tables that parsing
 * uses, so that it cannot promise what is not there.
 */
#include "src/commands.h"

#include <string.h>

#include "base/err.h"
#include "cgroups/cgroups.h"
#include "codec/json.h"
#include "security/caps.h"
#include "security/lsm.h"
#include "security/seccomp.h"
#include "spec/extensions.h"
#include "spec/mempolicy.h"
#include "spec/mount_options.h"
#include "src/output.h"

#define OCI_VERSION_MIN "1.0.0"

struct toggle {
	bool enabled;
};
static const struct field toggle_fields[] = {
	FIELD(struct toggle, enabled, "enabled", F_BOOL),
};
static RECORD(toggle_record, struct toggle, toggle_fields);

struct cgroup {
	bool v1, v2, systemd, systemd_user, rdma;
};
#define C(member, json) FIELD(struct cgroup, member, json, F_BOOL)
static const struct field cgroup_fields[] = {
	C(v1, "v1"),	       C(v2, "v2"),
	C(systemd, "systemd"), C(systemd_user, "systemdUser"),
	C(rdma, "rdma"),
};
static RECORD(cgroup_record, struct cgroup, cgroup_fields);

struct seccomp {
	bool enabled;
	struct str_list actions, operators, archs, known, supported;
};
#define S(member, json) FIELD(struct seccomp, member, json, F_STR_LIST)
static const struct field seccomp_fields[] = {
	FIELD(struct seccomp, enabled, "enabled", F_BOOL),
	S(actions, "actions"),
	S(operators, "operators"),
	S(archs, "archs"),
	S(known, "knownFlags"),
	S(supported, "supportedFlags"),
};
static RECORD(seccomp_record, struct seccomp, seccomp_fields);

struct rdt {
	bool enabled, schemata, monitoring;
};
static const struct field rdt_fields[] = {
	FIELD(struct rdt, enabled, "enabled", F_BOOL),
	FIELD(struct rdt, schemata, "schemata", F_BOOL),
	FIELD(struct rdt, monitoring, "monitoring", F_BOOL),
};
static RECORD(rdt_record, struct rdt, rdt_fields);

struct memory_policy {
	struct str_list modes, flags;
};
static const struct field memory_policy_fields[] = {
	FIELD(struct memory_policy, modes, "modes", F_STR_LIST),
	FIELD(struct memory_policy, flags, "flags", F_STR_LIST),
};
static RECORD(memory_policy_record, struct memory_policy, memory_policy_fields);

struct extensions {
	struct toggle *idmap;
};
static const struct field extensions_fields[] = {
	FIELD(struct extensions, idmap, "idmap", F_OBJ,
	      .record = &toggle_record),
};
static RECORD(extensions_record, struct extensions, extensions_fields);

struct linux_features {
	struct str_list namespaces, capabilities;
	struct cgroup *cgroup;
	struct seccomp *seccomp;
	struct toggle *apparmor, *selinux, *net_devices;
	struct rdt *intel_rdt;
	struct memory_policy *memory_policy;
	struct extensions *extensions;
};
#define L(member, json, rec) \
	FIELD(struct linux_features, member, json, F_OBJ, .record = &(rec))
static const struct field linux_fields[] = {
	FIELD(struct linux_features, namespaces, "namespaces", F_STR_LIST),
	FIELD(struct linux_features, capabilities, "capabilities", F_STR_LIST),
	L(cgroup, "cgroup", cgroup_record),
	L(seccomp, "seccomp", seccomp_record),
	L(apparmor, "apparmor", toggle_record),
	L(selinux, "selinux", toggle_record),
	L(intel_rdt, "intelRdt", rdt_record),
	L(memory_policy, "memoryPolicy", memory_policy_record),
	L(extensions, "mountExtensions", extensions_record),
	L(net_devices, "netDevices", toggle_record),
};
static RECORD(linux_record, struct linux_features, linux_fields);

struct features {
	char *min, *max;
	struct str_list hooks, mount_options, unsafe_annotations;
	struct linux_features *linux_;
	struct kv_list annotations;
};
static const struct field features_fields[] = {
	FIELD(struct features, min, "ociVersionMin", F_STR),
	FIELD(struct features, max, "ociVersionMax", F_STR),
	FIELD(struct features, hooks, "hooks", F_STR_LIST),
	FIELD(struct features, mount_options, "mountOptions", F_STR_LIST),
	FIELD(struct features, linux_, "linux", F_OBJ, .record = &linux_record),
	FIELD(struct features, annotations, "annotations", F_STR_MAP),
	FIELD(struct features, unsafe_annotations,
	      "potentiallyUnsafeConfigAnnotations", F_STR_LIST),
};
static RECORD(features_record, struct features, features_fields);

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A sorted list of up to n names, or those before NULL. */
static struct str_list sorted(struct arena *a, const char *const *names,
			      size_t n)
{
	struct str_list l = { 0 };

	while (l.n < n && names[l.n])
		l.n++;
	l.v = arena_calloc(a, l.n + 1, sizeof(*l.v));
	if (!l.v)
		return (struct str_list){ 0 };
	for (size_t i = 0; i < l.n; i++)
		l.v[i] = (char *)names[i];
	qsort(l.v, l.n, sizeof(*l.v), by_name);
	return l;
}

static struct str_list mount_option_names(struct arena *a)
{
	const char **v = arena_calloc(a, n_mount_options + 1, sizeof(*v));
	size_t n = 0;

	if (!v)
		return (struct str_list){ 0 };
	for (size_t i = 0; i < n_mount_options; i++)
		if (mount_option_public(&mount_options[i]))
			v[n++] = mount_options[i].name;
	return sorted(a, v, n);
}

static struct str_list namespace_names(struct arena *a)
{
	const char *v[OCI_NS_COUNT];

	for (size_t i = 0; i < OCI_NS_COUNT; i++)
		v[i] = oci_ns_info[i].name;
	return sorted(a, v, OCI_NS_COUNT);
}

static struct str_list enum_names(struct arena *a, const struct enum_name *names)
{
	const char *v[16];
	size_t n = 0;

	for (; n < ARRAY_SIZE(v) && names[n].name; n++)
		v[n] = names[n].name;
	return sorted(a, v, n);
}

/* Names of those annotations, separated by commas. */
static char *extension_names(struct arena *a, bool supported)
{
	char *s = arena_strdup(a, "");

	for (size_t i = 0; s && i < oci_n_extensions; i++)
		if (oci_extensions[i].supported == supported)
			s = arena_printf(a, "%s%s%s", s, *s ? "," : "",
					 oci_extensions[i].name);
	return s;
}

static const char **unsafe_names(struct arena *a)
{
	static const char *const own[] = { "bundle", "org.criu.config",
					   "org.systemd.property." };
	const char **v = arena_calloc(a, ARRAY_SIZE(own) + oci_n_extensions + 1,
				      sizeof(*v));
	size_t n = 0;

	for (; v && n < ARRAY_SIZE(own); n++)
		v[n] = own[n];
	for (size_t i = 0; v && i < oci_n_extensions; i++)
		if (oci_extensions[i].is_unsafe)
			v[n++] = oci_extensions[i].name;
	return v;
}

static struct kv_list annotations(struct arena *a)
{
	const struct kv all[] = {
		{ (char *)"io.github.seccomp.libseccomp.version",
		  (char *)seccomp_lib_version() },
		/* The key that engines look at, whatever the runtime is. */
		{ (char *)"org.opencontainers.runc.checkpoint.enabled",
		  (char *)"false" },
		{ (char *)"run.oci.tare.annotations", extension_names(a, true) },
		{ (char *)"run.oci.tare.annotations.unsupported",
		  extension_names(a, false) },
		{ (char *)"run.oci.tare.commit", (char *)TARE_COMMIT },
		/* of this host; "enabled" below is what the build can */
		{ (char *)"run.oci.tare.host.apparmor",
		  (char *)(lsm_apparmor_enabled() ? "true" : "false") },
		{ (char *)"run.oci.tare.host.selinux",
		  (char *)(lsm_selinux_enabled() ? "true" : "false") },
		{ (char *)"run.oci.tare.version", (char *)PACKAGE_VERSION },
	};
	struct kv_list l = { 0 };

	l.v = arena_calloc(a, ARRAY_SIZE(all), sizeof(*l.v));
	for (size_t i = 0; l.v && i < ARRAY_SIZE(all); i++)
		if (all[i].value && *all[i].value)
			l.v[l.n++] = all[i];
	return l;
}

static int print(struct arena *a)
{
	const char **unsafe = unsafe_names(a);
	_cleanup_buf_ struct buf b = { 0 };
	struct toggle yes = { true };
	struct rdt rdt = { true, true, true };
	struct extensions ext = { .idmap = &yes };
	struct memory_policy policy = {
		.modes = enum_names(a, mempolicy_modes),
		.flags = enum_names(a, mempolicy_flags),
	};
	struct cgroup cgroup = { .v1 = true,
				 .v2 = true,
				 .systemd = sd_built,
				 .systemd_user = sd_built,
				 .rdma = true };
	const char **flags = seccomp_supported_flags(a);
	struct seccomp seccomp = {
		.enabled = true,
		.actions = sorted(a, seccomp_action_names, SIZE_MAX),
		.operators = sorted(a, seccomp_operator_names, SIZE_MAX),
		.archs = sorted(a, seccomp_arch_names, SIZE_MAX),
		.known = sorted(a, seccomp_flag_names, SIZE_MAX),
	};
	struct linux_features linux_features = {
		.namespaces = namespace_names(a),
		.capabilities = { (char **)(uintptr_t)cap_names, n_cap_names },
		.cgroup = &cgroup,
		.seccomp = &seccomp,
		.apparmor = &yes,
		.selinux = &yes,
		.intel_rdt = &rdt,
		.net_devices = &yes,
		.memory_policy = &policy,
		.extensions = &ext,
	};
	struct features f = {
		.min = (char *)OCI_VERSION_MIN,
		.max = (char *)OCI_VERSION,
		.hooks = { (char **)(uintptr_t)oci_hook_names, OCI_HOOK_POINTS },
		.mount_options = mount_option_names(a),
		.linux_ = &linux_features,
		.annotations = annotations(a),
	};
	int r;

	if (unsafe)
		f.unsafe_annotations = sorted(a, unsafe, SIZE_MAX);
	if (flags)
		seccomp.supported = sorted(a, flags, SIZE_MAX);
	r = json_write(&b, &features_record, &f,
		       JSON_INDENT4 | JSON_HTML_ESCAPE);
	buf_putc(&b, '\n');
	return r < 0 ? err_set(r, "write the features") : out_buf(&b);
}

static int run_features(struct cli_call *c)
{
	_cleanup_arena_ struct arena a = { 0 };

	(void)c;
	return print(&a);
}

const struct verb verb_features = {
	.name = "features",
	.operands = "",
	.summary = "show what this build and host support, as JSON",
	.flags = VERB_ALONE,
	.run = run_features,
};
