/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of config.md: the document, root, mounts, process, hooks. */
#include "spec/fields.h"

#define T struct oci_root
static const struct field root_fields[] = {
	FIELD(T, path, "path", F_STR),
	FIELD(T, readonly, "readonly", F_BOOL, .flags = FF_OMIT_ZERO),
};
static RECORD(root_record, T, root_fields);
#undef T

#define T struct oci_id_map
static const struct field id_map_fields[] = {
	FIELD(T, container_id, "containerID", F_ID, .flags = FF_REQUIRED),
	FIELD(T, host_id, "hostID", F_ID, .flags = FF_REQUIRED),
	FIELD(T, size, "size", F_U32, .flags = FF_REQUIRED),
};
RECORD(oci_id_map_record, T, id_map_fields);
#undef T

#define T struct oci_mount
static const struct field mount_fields[] = {
	FIELD(T, destination, "destination", F_STR,
	      .flags = FF_REQUIRED | FF_NONEMPTY),
	FIELD(T, type, "type", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, source, "source", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, options, "options", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, uid_mappings, "uidMappings", F_OBJ_LIST,
	      .record = &oci_id_map_record, .flags = FF_OMIT_ZERO),
	FIELD(T, gid_mappings, "gidMappings", F_OBJ_LIST,
	      .record = &oci_id_map_record, .flags = FF_OMIT_ZERO),
};
static RECORD(mount_record, T, mount_fields);
#undef T

#define T struct oci_box
static const struct field box_fields[] = {
	FIELD(T, height, "height", F_U32),
	FIELD(T, width, "width", F_U32),
};
static RECORD(box_record, T, box_fields);
#undef T

#define T struct oci_user
static const struct field user_fields[] = {
	FIELD(T, uid, "uid", F_ID),
	FIELD(T, gid, "gid", F_ID),
	FIELD(T, umask, "umask", F_OPT_U32, .max = 0777),
	FIELD(T, additional_gids, "additionalGids", F_U32_LIST,
	      .flags = FF_IDS | FF_OMIT_ZERO),
	FIELD(T, username, "username", F_STR, .flags = FF_OMIT_ZERO),
};
static RECORD(user_record, T, user_fields);
#undef T

#define T struct oci_caps
static const struct field caps_fields[] = {
	FIELD(T, bounding, "bounding", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, effective, "effective", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, inheritable, "inheritable", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, permitted, "permitted", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, ambient, "ambient", F_STR_LIST, .flags = FF_OMIT_ZERO),
};
static RECORD(caps_record, T, caps_fields);
#undef T

#define T struct oci_rlimit
static const struct field rlimit_fields[] = {
	FIELD(T, type, "type", F_STR, .flags = FF_REQUIRED),
	FIELD(T, hard, "hard", F_U64, .flags = FF_REQUIRED),
	FIELD(T, soft, "soft", F_U64, .flags = FF_REQUIRED),
};
static RECORD(rlimit_record, T, rlimit_fields);
#undef T

#define T struct oci_scheduler
static const struct field scheduler_fields[] = {
	FIELD(T, policy, "policy", F_STR),
	FIELD(T, nice, "nice", F_I32, .flags = FF_OMIT_ZERO),
	FIELD(T, priority, "priority", F_I32, .flags = FF_OMIT_ZERO),
	FIELD(T, flags, "flags", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, runtime, "runtime", F_U64, .flags = FF_OMIT_ZERO),
	FIELD(T, deadline, "deadline", F_U64, .flags = FF_OMIT_ZERO),
	FIELD(T, period, "period", F_U64, .flags = FF_OMIT_ZERO),
};
static RECORD(scheduler_record, T, scheduler_fields);
#undef T

#define T struct oci_io_priority
static const struct field io_priority_fields[] = {
	FIELD(T, class, "class", F_STR),
	FIELD(T, priority, "priority", F_I32),
};
static RECORD(io_priority_record, T, io_priority_fields);
#undef T

#define T struct oci_cpu_affinity
static const struct field cpu_affinity_fields[] = {
	FIELD(T, initial, "initial", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, final, "final", F_STR, .flags = FF_OMIT_ZERO),
};
static RECORD(cpu_affinity_record, T, cpu_affinity_fields);
#undef T

#define T struct oci_process
static const struct field process_fields[] = {
	FIELD(T, terminal, "terminal", F_BOOL, .flags = FF_OMIT_ZERO),
	FIELD(T, console_size, "consoleSize", F_OBJ, .record = &box_record),
	FIELD(T, user, "user", F_OBJ, .record = &user_record),
	FIELD(T, args, "args", F_STR_LIST),
	FIELD(T, env, "env", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, cwd, "cwd", F_STR),
	FIELD(T, caps, "capabilities", F_OBJ, .record = &caps_record),
	FIELD(T, rlimits, "rlimits", F_OBJ_LIST, .record = &rlimit_record,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, no_new_privileges, "noNewPrivileges", F_BOOL,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, apparmor_profile, "apparmorProfile", F_STR,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, oom_score_adj, "oomScoreAdj", F_OPT_I64),
	FIELD(T, scheduler, "scheduler", F_OBJ, .record = &scheduler_record),
	FIELD(T, selinux_label, "selinuxLabel", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, io_priority, "ioPriority", F_OBJ,
	      .record = &io_priority_record),
	FIELD(T, exec_cpu_affinity, "execCPUAffinity", F_OBJ,
	      .record = &cpu_affinity_record),
};
RECORD(oci_process_record, T, process_fields);
#undef T

#define T struct oci_hook
static const struct field hook_fields[] = {
	FIELD(T, path, "path", F_STR, .flags = FF_REQUIRED | FF_ABS),
	FIELD(T, args, "args", F_STR_LIST, .flags = FF_OMIT_ZERO),
	FIELD(T, env, "env", F_STR_LIST),
	FIELD(T, timeout, "timeout", F_OPT_I64),
};
static RECORD(hook_record, T, hook_fields);
#undef T

const char *const oci_hook_names[OCI_HOOK_POINTS] = {
	[OCI_PRESTART] = "prestart",
	[OCI_CREATE_RUNTIME] = "createRuntime",
	[OCI_CREATE_CONTAINER] = "createContainer",
	[OCI_START_CONTAINER] = "startContainer",
	[OCI_POSTSTART] = "poststart",
	[OCI_POSTSTOP] = "poststop",
};

#define HOOKS(point, json)                                   \
	FIELD(struct oci_hooks, at[point], json, F_OBJ_LIST, \
	      .record = &hook_record, .flags = FF_OMIT_ZERO)
static const struct field hooks_fields[] = {
	HOOKS(OCI_PRESTART, "prestart"),
	HOOKS(OCI_CREATE_RUNTIME, "createRuntime"),
	HOOKS(OCI_CREATE_CONTAINER, "createContainer"),
	HOOKS(OCI_START_CONTAINER, "startContainer"),
	HOOKS(OCI_POSTSTART, "poststart"),
	HOOKS(OCI_POSTSTOP, "poststop"),
};
RECORD(oci_hooks_record, struct oci_hooks, hooks_fields);

#define T struct oci_spec
static const struct field spec_fields[] = {
	FIELD(T, version, "ociVersion", F_STR, .flags = FF_REQUIRED),
	FIELD(T, process, "process", F_OBJ, .record = &oci_process_record),
	FIELD(T, root, "root", F_OBJ, .record = &root_record),
	FIELD(T, hostname, "hostname", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, domainname, "domainname", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, mounts, "mounts", F_OBJ_LIST, .record = &mount_record),
	FIELD(T, hooks, "hooks", F_OBJ, .record = &oci_hooks_record),
	FIELD(T, annotations, "annotations", F_STR_MAP, .flags = FF_OMIT_ZERO),
	FIELD(T, linux_, "linux", F_OBJ, .record = &oci_linux_record),
};
RECORD(oci_spec_record, T, spec_fields);
#undef T

/* `mounts` alone, as a file of them has it. */
#define T struct oci_spec
static const struct field mounts_fields[] = {
	FIELD(T, mounts, "mounts", F_OBJ_LIST, .record = &mount_record,
	      .flags = FF_REQUIRED),
};
RECORD(oci_mounts_record, T, mounts_fields);
#undef T
