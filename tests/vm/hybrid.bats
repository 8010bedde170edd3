#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A hybrid machine whose kernel has the memory and cpuset controllers in the v2
# tree alone, the others in v1: each limit goes where its controller is.

load ../integration/helpers

V2=$CGROOT/unified

setup() {
	[ -e "$V2/cgroup.controllers" ] || skip 'lacks: a hybrid machine'
	setup_bundle
}

resources() {
	update_config '.linux.resources += $r' --argjson r "$1"
}

@test "limits of both trees are set and updated" {
	resources '{"memory": {"limit": 67108864, "reservation": 33554432},
		"pids": {"limit": 30}, "cpu": {"shares": 200, "quota": 20000,
		"period": 50000, "cpus": "0"}}'
	run_bg
	assert_eq "$(cat "$V2$CG/memory.max")" 67108864
	assert_eq "$(cat "$V2$CG/memory.low")" 33554432
	assert_eq "$(cat "$V2$CG/cpuset.cpus")" 0
	assert_eq "$(cg pids pids.max)" 30
	assert_eq "$(cg cpu cpu.shares)" 200
	assert_eq "$(cg cpu cpu.cfs_quota_us)" 20000
	t update --memory 32m --pids-limit 20 --cpu-quota 30000 "$ID"
	assert_silent
	assert_eq "$(cat "$V2$CG/memory.max")" 33554432
	assert_eq "$(cg pids pids.max)" 20
	assert_eq "$(cg cpu cpu.cfs_quota_us)" 30000
	assert_eq "$(cg cpu cpu.cfs_period_us)" 50000
}

@test "statistics come from both trees" {
	resources '{"memory": {"limit": 67108864}, "pids": {"limit": 30}}'
	run_bg
	t events --stats "$ID"
	assert_status 0
	jq -e '.data.memory.usage.limit == 67108864
		and .data.memory.usage.usage > 0
		and .data.pids.limit == 30
		and .data.cpu.usage.total > 0' <<<"$output"
}

@test "a limit too small for the start says so" {
	resources '{"memory": {"limit": 4096}}'
	inside true
	assert_fails 'memory limit too low'
	assert_no_trace
}

@test "devices, freezer and removal" {
	set_caps CAP_MKNOD CAP_SYS_RAWIO
	run_bg
	exec_in 'mknod /tmp/mem c 1 1; head -c 1 /tmp/mem 2>&1'
	assert_output 'head: /tmp/mem: Operation not permitted'
	t pause "$ID"
	assert_silent
	is_status paused
	t kill "$ID" KILL
	t delete -f "$ID"
	assert_silent
	assert_no_trace
}
