/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables of config-linux.md, "Control groups": linux.resources. */
#include "spec/fields.h"

#define T struct oci_device_rule
static const struct field rule_fields[] = {
	FIELD(T, allow, "allow", F_BOOL),
	FIELD(T, type, "type", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, major, "major", F_OPT_I64),
	FIELD(T, minor, "minor", F_OPT_I64),
	FIELD(T, access, "access", F_STR),
};
static RECORD(rule_record, T, rule_fields);
#undef T

#define T struct oci_memory
static const struct field memory_fields[] = {
	FIELD(T, limit, "limit", F_OPT_I64),
	FIELD(T, reservation, "reservation", F_OPT_I64),
	FIELD(T, swap, "swap", F_OPT_I64),
	FIELD(T, kernel, "kernel", F_OPT_I64),
	FIELD(T, kernel_tcp, "kernelTCP", F_OPT_I64),
	FIELD(T, swappiness, "swappiness", F_OPT_U64),
	FIELD(T, disable_oom_killer, "disableOOMKiller", F_OPT_BOOL),
	FIELD(T, use_hierarchy, "useHierarchy", F_OPT_BOOL),
	FIELD(T, check_before_update, "checkBeforeUpdate", F_OPT_BOOL),
};
static RECORD(memory_record, T, memory_fields);
#undef T

#define T struct oci_cpu
static const struct field cpu_fields[] = {
	FIELD(T, shares, "shares", F_OPT_U64),
	FIELD(T, quota, "quota", F_OPT_I64),
	FIELD(T, burst, "burst", F_OPT_U64),
	FIELD(T, period, "period", F_OPT_U64),
	FIELD(T, realtime_runtime, "realtimeRuntime", F_OPT_I64),
	FIELD(T, realtime_period, "realtimePeriod", F_OPT_U64),
	FIELD(T, cpus, "cpus", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, mems, "mems", F_STR, .flags = FF_OMIT_ZERO),
	FIELD(T, idle, "idle", F_OPT_I64),
};
static RECORD(cpu_record, T, cpu_fields);
#undef T

static const struct field pids_fields[] = {
	FIELD(struct oci_pids, limit, "limit", F_OPT_I64),
};
static RECORD(pids_record, struct oci_pids, pids_fields);

#define T struct oci_weight_device
static const struct field weight_device_fields[] = {
	FIELD(T, major, "major", F_I64, .flags = FF_REQUIRED),
	FIELD(T, minor, "minor", F_I64, .flags = FF_REQUIRED),
	FIELD(T, weight, "weight", F_OPT_U32, .max = UINT16_MAX),
	FIELD(T, leaf_weight, "leafWeight", F_OPT_U32, .max = UINT16_MAX),
};
static RECORD(weight_device_record, T, weight_device_fields);
#undef T

#define T struct oci_throttle_device
static const struct field throttle_device_fields[] = {
	FIELD(T, major, "major", F_I64, .flags = FF_REQUIRED),
	FIELD(T, minor, "minor", F_I64, .flags = FF_REQUIRED),
	FIELD(T, rate, "rate", F_U64),
};
static RECORD(throttle_device_record, T, throttle_device_fields);
#undef T

#define T struct oci_block_io
#define THROTTLE(member, json)                                                \
	FIELD(T, member, json, F_OBJ_LIST, .record = &throttle_device_record, \
	      .flags = FF_OMIT_ZERO)
static const struct field block_io_fields[] = {
	FIELD(T, weight, "weight", F_OPT_U32, .max = UINT16_MAX),
	FIELD(T, leaf_weight, "leafWeight", F_OPT_U32, .max = UINT16_MAX),
	FIELD(T, weight_device, "weightDevice", F_OBJ_LIST,
	      .record = &weight_device_record, .flags = FF_OMIT_ZERO),
	THROTTLE(read_bps, "throttleReadBpsDevice"),
	THROTTLE(write_bps, "throttleWriteBpsDevice"),
	THROTTLE(read_iops, "throttleReadIOPSDevice"),
	THROTTLE(write_iops, "throttleWriteIOPSDevice"),
};
static RECORD(block_io_record, T, block_io_fields);
#undef T

#define T struct oci_hugepage
static const struct field hugepage_fields[] = {
	FIELD(T, page_size, "pageSize", F_STR, .flags = FF_REQUIRED),
	FIELD(T, limit, "limit", F_U64, .flags = FF_REQUIRED),
};
static RECORD(hugepage_record, T, hugepage_fields);
#undef T

#define T struct oci_if_priority
static const struct field if_priority_fields[] = {
	FIELD(T, name, "name", F_STR, .flags = FF_REQUIRED),
	FIELD(T, priority, "priority", F_U32, .flags = FF_REQUIRED),
};
static RECORD(if_priority_record, T, if_priority_fields);
#undef T

#define T struct oci_network
static const struct field network_fields[] = {
	FIELD(T, class_id, "classID", F_OPT_U32),
	FIELD(T, priorities, "priorities", F_OBJ_LIST,
	      .record = &if_priority_record, .flags = FF_OMIT_ZERO),
};
static RECORD(network_record, T, network_fields);
#undef T

#define T struct oci_rdma
static const struct field rdma_fields[] = {
	FIELD(T, hca_handles, "hcaHandles", F_OPT_U32),
	FIELD(T, hca_objects, "hcaObjects", F_OPT_U32),
};
static RECORD(rdma_record, T, rdma_fields);
#undef T

#define T struct oci_resources
static const struct field resources_fields[] = {
	FIELD(T, devices, "devices", F_OBJ_LIST, .record = &rule_record,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, memory, "memory", F_OBJ, .record = &memory_record),
	FIELD(T, cpu, "cpu", F_OBJ, .record = &cpu_record),
	FIELD(T, pids, "pids", F_OBJ, .record = &pids_record),
	FIELD(T, block_io, "blockIO", F_OBJ, .record = &block_io_record),
	FIELD(T, hugepages, "hugepageLimits", F_OBJ_LIST,
	      .record = &hugepage_record, .flags = FF_OMIT_ZERO),
	FIELD(T, network, "network", F_OBJ, .record = &network_record),
	FIELD(T, rdma, "rdma", F_OBJ_MAP, .record = &rdma_record,
	      .flags = FF_OMIT_ZERO),
	FIELD(T, unified, "unified", F_STR_MAP, .flags = FF_OMIT_ZERO),
};
RECORD(oci_resources_record, T, resources_fields);
#undef T
