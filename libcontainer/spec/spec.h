/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OCI runtime configuration (runtime-spec 1.3: config.md, config-linux.md)
 * as structs, their field tables, reading and checking. All memory belongs to
 * the arena that the caller gives; strings are as in the file. See
 * codec/table.h for how absence is expressed.
 */
#ifndef TARE_SPEC_SPEC_H
#define TARE_SPEC_SPEC_H

#include "codec/json.h"
#include "codec/table.h"

#define OCI_VERSION "1.3.0"
/* Where a program is looked for when the environment has no PATH. */
#define OCI_DEFAULT_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct oci_root {
	char *path; /* relative to the bundle, or absolute */
	bool readonly;
};

struct oci_id_map {
	uint32_t container_id, host_id, size;
};
typedef LIST(struct oci_id_map) oci_id_maps;

struct oci_mount {
	char *destination;
	char *type;   /* NULL: inferred (bind when options say so) */
	char *source; /* NULL allowed */
	struct str_list options;
	oci_id_maps uid_mappings, gid_mappings;
};

struct oci_box { /* consoleSize */
	uint32_t height, width;
};
struct oci_user {
	uint32_t uid, gid;
	struct opt_u32 umask;
	struct u32_list additional_gids;
	char *username; /* other platforms; ignored */
};
struct oci_caps {
	/* names as in the file; NULL list = absent = empty set */
	struct str_list bounding, effective, inheritable, permitted, ambient;
};
struct oci_rlimit {
	char *type; /* RLIMIT_NOFILE ... */
	uint64_t hard, soft;
};
struct oci_scheduler {
	char *policy; /* SCHED_OTHER FIFO RR BATCH ISO IDLE DEADLINE */
	int32_t nice, priority;
	struct str_list flags;
	uint64_t runtime, deadline, period; /* ns */
};
struct oci_io_priority {
	char *class; /* IOPRIO_CLASS_RT BE IDLE */
	int32_t priority;
};
struct oci_cpu_affinity {
	char *initial, *final; /* cpu list */
};
struct oci_process {
	bool terminal;
	struct oci_box *console_size;
	struct oci_user *user; /* never NULL after oci_parse* */
	struct str_list args, env;
	char *cwd;
	struct oci_caps *caps; /* NULL: left alone */
	LIST(struct oci_rlimit) rlimits;
	bool no_new_privileges;
	char *apparmor_profile, *selinux_label;
	struct opt_i64 oom_score_adj;
	struct oci_scheduler *scheduler;
	struct oci_io_priority *io_priority;
	struct oci_cpu_affinity *exec_cpu_affinity;
};

struct oci_hook {
	char *path;
	struct str_list args, env; /* env.v == NULL: absent */
	struct opt_i64 timeout;	   /* seconds, > 0 */
};
typedef LIST(struct oci_hook) oci_hook_list;
enum oci_hook_point { /* in the order they run */
		      OCI_PRESTART,
		      OCI_CREATE_RUNTIME,
		      OCI_CREATE_CONTAINER,
		      OCI_START_CONTAINER,
		      OCI_POSTSTART,
		      OCI_POSTSTOP,
		      OCI_HOOK_POINTS
};
extern const char *const oci_hook_names[OCI_HOOK_POINTS];
struct oci_hooks {
	oci_hook_list at[OCI_HOOK_POINTS];
};

enum oci_ns { /* order of table = order of joining, user first, pid last */
	      OCI_NS_USER,
	      OCI_NS_IPC,
	      OCI_NS_UTS,
	      OCI_NS_NET,
	      OCI_NS_MNT,
	      OCI_NS_CGROUP,
	      OCI_NS_TIME,
	      OCI_NS_PID,
	      OCI_NS_COUNT
};
struct oci_ns_info {
	const char *name; /* OCI: "network" */
	const char *file; /* /proc/PID/ns/FILE: "net" */
	int flag;	  /* CLONE_NEW* */
};
extern const struct oci_ns_info oci_ns_info[OCI_NS_COUNT];
struct oci_namespace {
	int type; /* enum oci_ns */
	char *path;
};

struct oci_device {	   /* linux.devices[] */
	char *path, *type; /* "c" "u" "b" "p" */
	struct opt_i64 major, minor;
	struct opt_u32 file_mode, uid, gid;
};
struct oci_net_device { /* linux.netDevices{key} */
	char *key;
	char *name;
};

/* linux.resources */
struct oci_device_rule {
	bool allow;
	char *type;		     /* "a" "b" "c" or NULL = all */
	struct opt_i64 major, minor; /* absent or -1 = any */
	char *access;		     /* subset of "rwm"; NULL = all */
};
struct oci_memory {
	struct opt_i64 limit, reservation, swap, kernel,
		kernel_tcp; /* bytes, -1 */
	struct opt_u64 swappiness;
	struct opt_bool disable_oom_killer, use_hierarchy, check_before_update;
};
struct oci_cpu {
	struct opt_u64 shares, burst, period, realtime_period;
	struct opt_i64 quota, realtime_runtime, idle;
	char *cpus, *mems;
};
struct oci_pids {
	struct opt_i64 limit;
};
struct oci_weight_device {
	int64_t major, minor;
	struct opt_u32 weight, leaf_weight;
};
struct oci_throttle_device {
	int64_t major, minor;
	uint64_t rate;
};
typedef LIST(struct oci_throttle_device) oci_throttle_list;
struct oci_block_io {
	struct opt_u32 weight, leaf_weight;
	LIST(struct oci_weight_device) weight_device;
	oci_throttle_list read_bps, write_bps, read_iops, write_iops;
};
struct oci_hugepage {
	char *page_size; /* "2MB" */
	uint64_t limit;
};
struct oci_if_priority {
	char *name;
	uint32_t priority;
};
struct oci_network {
	struct opt_u32 class_id;
	LIST(struct oci_if_priority) priorities;
};
struct oci_rdma { /* map device -> limits */
	char *key;
	struct opt_u32 hca_handles, hca_objects;
};
struct oci_resources {
	LIST(struct oci_device_rule) devices;
	struct oci_memory *memory;
	struct oci_cpu *cpu;
	struct oci_pids *pids;
	struct oci_block_io *block_io;
	LIST(struct oci_hugepage) hugepages;
	struct oci_network *network;
	LIST(struct oci_rdma) rdma;
	struct kv_list unified;
};

struct oci_seccomp_arg {
	uint32_t index; /* 0..5 */
	uint64_t value, value_two;
	char *op; /* SCMP_CMP_* */
};
struct oci_seccomp_rule {
	struct str_list names;
	char *action; /* SCMP_ACT_* */
	struct opt_u32 errno_ret;
	LIST(struct oci_seccomp_arg) args;
};
struct oci_seccomp {
	char *default_action;
	struct opt_u32 default_errno_ret;
	struct str_list architectures, flags; /* flags.v NULL: absent */
	char *listener_path, *listener_metadata;
	LIST(struct oci_seccomp_rule) syscalls;
	/* by annotation (spec/extensions.h) */
	bool known_only;     /* a system call that is not known is a fault */
	const void *program; /* struct sock_filter[], in place of the rules */
	size_t program_len;  /* in bytes */
};

struct oci_intel_rdt {
	char *clos_id;
	struct str_list schemata;
	char *l3_cache_schema, *mem_bw_schema;
	bool enable_monitoring;
};
struct oci_memory_policy {
	char *mode, *nodes;
	struct str_list flags;
};
struct oci_personality {
	char *domain; /* LINUX, LINUX32 */
	struct str_list flags;
};
struct oci_time_offset {
	char *key; /* monotonic, boottime */
	int64_t secs;
	uint32_t nanosecs;
};

struct oci_linux {
	LIST(struct oci_namespace) namespaces;
	oci_id_maps uid_mappings, gid_mappings;
	LIST(struct oci_time_offset) time_offsets;
	LIST(struct oci_device) devices;
	LIST(struct oci_net_device) net_devices;
	char *cgroups_path;
	char *rootfs_propagation;
	struct oci_resources *resources;
	struct oci_intel_rdt *intel_rdt;
	struct oci_memory_policy *memory_policy;
	struct kv_list sysctl;
	struct oci_seccomp *seccomp;
	struct str_list masked_paths, readonly_paths;
	char *mount_label;
	const char *mount_context; /* by annotation: other than "context" */
	struct oci_personality *personality;
};

struct oci_spec {
	char *version; /* ociVersion */
	struct oci_root *root;
	LIST(struct oci_mount) mounts;
	struct oci_process *process; /* NULL allowed by the spec; start then fails */
	char *hostname, *domainname;
	struct oci_hooks *hooks;
	struct kv_list annotations;
	struct oci_linux *linux_; /* never NULL after oci_parse */
	bool keep_groups; /* by annotation: additional groups of the caller */
};

extern const struct record oci_spec_record, oci_process_record,
	oci_hooks_record, oci_resources_record, oci_seccomp_record;

/*
 * Parses and checks the text of a config.json; `file` names it in messages.
 * All faults at once by err_*; 0 or -errno.
 */
int oci_parse(struct arena *a, const char *file, const char *text, size_t len,
	      struct oci_spec **ret);
/* A bare `process` object (exec --process) and a `resources` object (update). */
int oci_parse_process(struct arena *a, const char *file, const char *text,
		      size_t len, struct oci_process **ret);
int oci_parse_resources(struct arena *a, const char *file, const char *text,
			size_t len, struct oci_resources **ret);
/*
 * The `mounts` of a file that holds the list alone, or an object with it, take
 * the place of those of `s`. places_only: nothing but destinations counts.
 */
int oci_parse_mounts(struct arena *a, const char *file, const char *text,
		     size_t len, bool places_only, struct oci_spec *s);

/*
 * Checks of what the tables cannot express (runc-cli.md section 3 "Config" and
 * "Validation"); adds faults with JSON paths. Pure.
 */
void oci_check(const struct oci_spec *s, struct faults *f);
void oci_check_process(const struct oci_process *p, const char *prefix,
		       struct faults *f);

/* Is the namespace in the list? path NULL when new (or absent). */
bool oci_has_ns(const struct oci_spec *s, enum oci_ns ns, const char **ret_path);

/* The default configuration of `tare spec`, as JSON text (tab-indented). */
int oci_default_spec(struct buf *out, bool rootless, bool cgroup_v2,
		     uint32_t euid, uint32_t egid);

/* Value of an annotation, or NULL. */
const char *oci_annotation(const struct kv_list *l, const char *key);

#endif
