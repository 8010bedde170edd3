/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of config-linux.md, but for the resources. */
#include <linux/sched.h>

#include "spec/fields.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

const struct oci_ns_info oci_ns_info[OCI_NS_COUNT] = {
	[OCI_NS_USER] = { "user", "user", CLONE_NEWUSER },
	[OCI_NS_IPC] = { "ipc", "ipc", CLONE_NEWIPC },
	[OCI_NS_UTS] = { "uts", "uts", CLONE_NEWUTS },
	[OCI_NS_NET] = { "network", "net", CLONE_NEWNET },
	[OCI_NS_MNT] = { "mount", "mnt", CLONE_NEWNS },
	[OCI_NS_CGROUP] = { "cgroup", "cgroup", CLONE_NEWCGROUP },
	[OCI_NS_TIME] = { "time", "time", CLONE_NEWTIME },
	[OCI_NS_PID] = { "pid", "pid", CLONE_NEWPID },
};

/* The same names for the parser, in the order that `features` shows. */
static const struct enum_name ns_names[] = {
	{ "cgroup", OCI_NS_CGROUP },
	{ "ipc", OCI_NS_IPC },
	{ "mount", OCI_NS_MNT },
	{ "network", OCI_NS_NET },
	{ "pid", OCI_NS_PID },
	{ "time", OCI_NS_TIME },
	{ "user", OCI_NS_USER },
	{ "uts", OCI_NS_UTS },
	{ NULL },
};

#define T struct oci_namespace
static const struct field namespace_fields[] = {
	FIELD(T, type, "type", F_ENUM, .flags = FF_REQUIRED, .names = ns_names),
	FIELD(T, path, "path", F_STR, .flags = FF_OMIT_ZERO),
};
static RECORD(namespace_record, T, namespace_fields);
#undef T

#define T struct oci_time_offset
static const struct field time_offset_fields[] = {
	FIELD(T, secs, "secs", F_I64, .flags = FF_OMIT_ZERO),
	FIELD(T, nanosecs, "nanosecs", F_U32, .max = 999999999,
	      .flags = FF_OMIT_ZERO),
};
static RECORD(time_offset_record, T, time_offset_fields);
#undef T

#define T struct oci_device
static const struct field device_fields[] = {
	FIELD(T, path, "path", F_STR, .flags = FF_REQUIRED | FF_ABS),
	FIELD(T, type, "type", F_STR, .flags = FF_REQUIRED),
	FIELD(T, major, "major", F_OPT_I64),
	FIELD(T, minor, "minor", F_OPT_I64),
	FIELD(T, file_mode, "fileMode", F_OPT_U32),
	FIELD(T, uid, "uid", F_OPT_U32, .max = UINT32_MAX - 1),
	FIELD(T, gid, "gid", F_OPT_U32, .max = UINT32_MAX - 1),
};
static RECORD(device_record, T, device_fields);
#undef T

static const struct field net_device_fields[] = {
	FIELD(struct oci_net_device, name, "name", F_STR, .flags = FF_OMIT_ZERO),
};
static RECORD(net_device_record, struct oci_net_device, net_device_fields);

#define T struct oci_seccomp_arg
static const struct field seccomp_arg_fields[] = {
	FIELD(T, index, "index", F_U32, .max = 5),
	FIELD(T, value, "value", F_U64),
	FIELD(T, value_two, "valueTwo", F_U64, .flags = FF_OMIT_ZERO),
	FIELD(T, op, "op", F_STR, .flags = FF_REQUIRED | FF_NONEMPTY),
};
static RECORD(seccomp_arg_record, T, seccomp_arg_fields);
#undef T

#define T struct oci_seccomp_rule
static const struct field seccomp_rule_fields[] = {
	FIELD(T, names, "names", F_STR_LIST, .flags = FF_REQUIRED | FF_NONEMPTY),
	FIELD(T, action, "action", F_STR, .flags = FF_REQUIRED | FF_NONEMPTY),
	FIELD(T, errno_ret, "errnoRet", F_OPT_U32),
	FIELD(T, args, "args", F_OBJ_LIST, .record = &seccomp_arg_record,
	      .flags = FF_OMIT_ZERO),
};
static RECORD(seccomp_rule_record, T, seccomp_rule_fields);
#undef T

#define T struct oci_seccomp
static const struct field seccomp_fields[] = {
	FIELD(T, default_action, "defaultAction", F_STR),
	FIELD(T, default_errno_ret, "defaultErrnoRet", F_OPT_U32),
	FIELD(T, architectures, "architectures", F_STR_LIST,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, flags, "flags", F_STR_LIST),
	FIELD(T, listener_path, "listenerPath", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, listener_metadata, "listenerMetadata", F_STR,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, syscalls, "syscalls", F_OBJ_LIST,
	      .record = &seccomp_rule_record, .flags = FF_OMIT_ZERO),
};
RECORD(oci_seccomp_record, T, seccomp_fields);
#undef T

#define T struct oci_intel_rdt
static const struct field intel_rdt_fields[] = {
	FIELD(T, clos_id, "closID", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, schemata, "schemata", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, l3_cache_schema, "l3CacheSchema", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, mem_bw_schema, "memBwSchema", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, enable_monitoring, "enableMonitoring", F_BOOL,
	      .flags = FF_OMIT_ZERO),
};
static RECORD(intel_rdt_record, T, intel_rdt_fields);
#undef T

#define T struct oci_memory_policy
static const struct field memory_policy_fields[] = {
	FIELD(T, mode, "mode", F_STR),
	FIELD(T, nodes, "nodes", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, flags, "flags", F_STR_LIST, .flags = FF_OMIT_ZERO),
};
static RECORD(memory_policy_record, T, memory_policy_fields);
#undef T

#define T struct oci_personality
static const struct field personality_fields[] = {
	FIELD(T, domain, "domain", F_STR),
	FIELD(T, flags, "flags", F_STR_LIST, .flags = FF_OMIT_ZERO),
};
static RECORD(personality_record, T, personality_fields);
#undef T

#define T struct oci_linux
static const struct field linux_fields[] = {
	FIELD(T, uid_mappings, "uidMappings", F_OBJ_LIST,
	      .record = &oci_id_map_record, .flags = FF_OMIT_ZERO),
	FIELD(T, gid_mappings, "gidMappings", F_OBJ_LIST,
	      .record = &oci_id_map_record, .flags = FF_OMIT_ZERO),
	FIELD(T, sysctl, "sysctl", F_STR_MAP, .flags = FF_OMIT_ZERO),
	FIELD(T, resources, "resources", F_OBJ, .record = &oci_resources_record),
	FIELD(T, cgroups_path, "cgroupsPath", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, namespaces, "namespaces", F_OBJ_LIST,
	      .record = &namespace_record, .flags = FF_OMIT_ZERO),
	FIELD(T, devices, "devices", F_OBJ_LIST, .record = &device_record,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, net_devices, "netDevices", F_OBJ_MAP,
	      .record = &net_device_record, .flags = FF_OMIT_ZERO),
	FIELD(T, seccomp, "seccomp", F_OBJ, .record = &oci_seccomp_record),
	FIELD(T, rootfs_propagation, "rootfsPropagation", F_STR,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, masked_paths, "maskedPaths", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, readonly_paths, "readonlyPaths", F_STR_LIST,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, mount_label, "mountLabel", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, intel_rdt, "intelRdt", F_OBJ, .record = &intel_rdt_record),
	FIELD(T, memory_policy, "memoryPolicy", F_OBJ,
	      .record = &memory_policy_record),
	FIELD(T, personality, "personality", F_OBJ,
	      .record = &personality_record),
	FIELD(T, time_offsets, "timeOffsets", F_OBJ_MAP,
	      .record = &time_offset_record, .flags = FF_OMIT_ZERO),
};
RECORD(oci_linux_record, T, linux_fields);
#undef T
