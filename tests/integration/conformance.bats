#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Every property of the specification has its test; and the fields that no
# other file is about.

load helpers

walk() {
	"$TESTS_DIR/../conformance/schema-walk" "$@"
}

@test "every property of the schema is tested, or it is said why not" {
	tare_only
	run walk
	[ "$status" -eq 0 ] || {
		echo "$output"
		return 1
	}
}

@test "contrib/CONFORMANCE.md is what the table gives" {
	tare_only
	walk --markdown >"$W/new.md"
	diff -u "$TESTS_DIR/../../contrib/CONFORMANCE.md" "$W/new.md" || {
		echo 'tests/conformance/schema-walk --markdown makes it'
		return 1
	}
}

@test "memoryPolicy" {
	newer_than_runc_1_1 memoryPolicy
	[ "$(cat /sys/devices/system/node/online)" != '' ] || skip 'lacks: NUMA'
	update_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
	inside_ok 'cat /proc/self/numa_maps'
	assert_match ' bind:0 '
	update_config '.linux.memoryPolicy = {mode: "MPOL_PREFERRED",
		nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
	inside_ok 'cat /proc/self/numa_maps'
	assert_match ' prefer=static:0 '
}

@test "memoryPolicy: bad words and nodes are refused" {
	newer_than_runc_1_1 memoryPolicy
	local p
	for p in '{"mode": "MPOL_NONE"}' '{"mode": "MPOL_BIND", "nodes": "x"}' \
		'{"mode": "MPOL_BIND", "nodes": "0", "flags": ["F"]}'; do
		update_config '.linux.memoryPolicy = $p' --argjson p "$p"
		inside true
		assert_fails memoryPolicy
	done
}

@test "execCPUAffinity: of an exec, not of init" {
	newer_than_runc_1_1 execCPUAffinity
	local all
	all=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
	[ "$all" != 0 ] || skip 'lacks: a second processor'
	update_config '.process.execCPUAffinity = {initial: "0", final: "0"}'
	run_bg
	assert_eq "$(sed -n 's/^Cpus_allowed_list:\t//p' \
		"/proc/$(pid_of)/status")" "$all"
	exec_in 'grep Cpus_allowed_list /proc/self/status'
	assert_output $'Cpus_allowed_list:\t0'
}

@test "memory: useHierarchy and checkBeforeUpdate are taken" {
	update_config '.linux.resources.memory = {limit: 67108864,
		useHierarchy: true, checkBeforeUpdate: true}'
	inside_ok true
}

@test "memory: swappiness" {
	[ -e "$CGROOT/memory/memory.swappiness" ] || skip 'lacks: memory.swappiness of v1'
	update_config '.linux.resources.memory = {swappiness: 30}'
	run_bg
	assert_eq "$(cg memory memory.swappiness)" 30
}

@test "limits of a controller that is not there are errors" {
	local c json
	while read -r c json; do
		[ ! -d "$CGROOT/$c" ] || continue
		! grep -qsw "$c" "$CGROOT"/{,unified/}cgroup.controllers ||
			continue
		update_config '.linux.resources += $j' --argjson j "$json"
		inside true
		assert_fails "$c"
		assert_no_trace
		update_config '.linux.resources |= {devices: .devices}'
	done <<-'END'
		hugetlb {"hugepageLimits": [{"pageSize": "2MB", "limit": 4096}]}
		net_cls {"network": {"classID": 1048577}}
		net_prio {"network": {"priorities": [{"name": "lo", "priority": 1}]}}
		rdma {"rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 4}}}
	END
}

@test "labels of a security module that is not there are errors" {
	local w
	[ ! -e /sys/module/apparmor ] || [ ! -e /sys/fs/selinux ] ||
		skip 'lacks: a machine without these modules'
	for w in apparmorProfile selinuxLabel; do
		update_config '.process |= (del(.apparmorProfile, .selinuxLabel)
			| .[$w] = "x")' --arg w $w
		inside true
		assert_fails
		assert_no_trace
	done
}
