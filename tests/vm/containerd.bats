#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd where systemd is: its CRI plugin with SystemdCgroup, ctr with
# --runc-systemd-cgroup, and what needs all of root's capabilities.

load ../engines/helpers
load ../engines/cri
load engines-helpers

SLICE=taretest-pod.slice
IMG=$CRI_IMG

setup_file() {
	needs_systemd
	cri_begin
}

teardown_file() {
	cri_teardown
	systemctl stop taretest.slice 2>/dev/null || true
}

teardown() {
	cri_clear
}

# A pod and a container by the handler with SystemdCgroup.
sd_pod() {
	HANDLER=sysd pod ".linux.cgroup_parent = \"$SLICE\""
	container "${1:-.}"
}

@test "containerd: privileged, with all capabilities of the kernel" {
	run -0 crun_ --rm --privileged pr sh -c 'mount -t tmpfs t /tmp && echo all
		grep -E "^Cap(Prm|Eff|Bnd)" /proc/self/status'
	eq "${lines[0]}" all
	eq "${lines[1]#*:?}" "$(all_caps)"
	eq "${lines[2]#*:?}" "$(all_caps)"
	eq "${lines[3]#*:?}" "$(all_caps)"
}

@test "ctr: a scope of systemd" {
	local pid

	crun_ -d --runc-systemd-cgroup --cgroup="$SLICE:ctr:$TAG" \
		--memory-limit=67108864 s1 sleep 300
	pid=$("$TARE" --root "$E/rt/k8s.io" state s1 | jq .pid)
	eq "$(group_of "$pid")" \
		"/sys/fs/cgroup/taretest.slice/$SLICE/ctr-$TAG.scope"
	unit_is "ctr-$TAG.scope" MemoryMax 67108864
	run -0 ctr_ task exec --exec-id e s1 cat /proc/self/cgroup
	ctr_ task pause s1
	eq "$("$TARE" --root "$E/rt/k8s.io" state s1 | jq -r .status)" paused
	ctr_ task resume s1
	run -0 ctr_ task metrics s1
	must grep -Eq '^pids.current +1' <<<"$output"
	ctr_ task rm -f s1
	ctr_ c rm s1
	no_units "ctr-$TAG.scope"
}

@test "cri: pod and container are scopes, limits are properties" {
	local pid unit

	sd_pod '.linux.resources = {cpu_shares: 512, cpu_quota: 20000,
		cpu_period: 100000, memory_limit_in_bytes: 134217728,
		oom_score_adj: 900}'
	unit=cri-containerd-$C.scope
	pid=$(cri pids "$C")
	eq "$(group_of "$pid")" \
		"/sys/fs/cgroup/taretest.slice/$SLICE/$unit"
	unit_is "cri-containerd-$POD.scope" Slice "$SLICE"
	unit_is "$unit" MemoryMax 134217728
	unit_is "$unit" CPUQuotaPerSecUSec 200ms
	eq "$(cat "$(group_of "$pid")/memory.max")" 134217728
	eq "$(cat "$(group_of "$pid")/cpu.max")" "20000 100000"

	# as the kubelet does it for a pod that is resized
	echo '{"memory_limit_in_bytes": 268435456, "cpu_quota": 50000,
		"cpu_period": 100000}' >"$E/res.json"
	cri update "$C" "$E/res.json"
	unit_is "$unit" MemoryMax 268435456
	unit_is "$unit" CPUQuotaPerSecUSec 500ms
	eq "$(cat "$(group_of "$pid")/cpu.max")" "50000 100000"

	run -3 cri exec "$C" 100 sh -c 'cat /proc/self/cgroup; exit 3'
	has "$output" "0::/"
	run -0 cri stats "$C"
	must test "$(jq .memory <<<"$output")" -gt 0

	cri stop "$C" 0
	cri rm "$C"
	no_units "$unit"
	cri pod_stop "$POD"
	cri pod_rm "$POD"
	no_units 'cri-containerd-*'
	empty "$(ls -A "$E/rt/k8s.io")"
}

@test "cri: out of memory under systemd" {
	sd_pod '.linux.resources.memory_limit_in_bytes = 16777216 |
		.command = ["sh", "-c", "x=$(dd if=/dev/zero bs=1M count=64 |
			tr \"\\0\" a); echo $x | wc -c"]'
	wait_for 60 is_state "$C" exited
	# the event that makes it OOMKilled may be late on a slow machine
	eq "$(exit_code "$C")" 137
	cri pod_stop "$POD"
	cri pod_rm "$POD"
	no_units 'cri-containerd-*'
}

@test "cri: privileged pod under systemd" {
	HANDLER=sysd pod ".linux.cgroup_parent = \"$SLICE\" |
		.linux.security_context.privileged = true"
	container '.linux.security_context |= (.privileged = true |
		del(.masked_paths, .readonly_paths))'
	run -0 cri exec "$C" 100 sh -c 'mount -t tmpfs t /tmp && echo mounted
		awk "/^CapEff/ { print \$2 }" /proc/self/status
		grep -c . /sys/fs/cgroup/cgroup.controllers
		test -w /proc/sys && echo writable; ls /dev | wc -l'
	eq "${lines[0]}" mounted
	eq "${lines[1]}" "$(all_caps)"
	eq "${lines[2]}" 1
	eq "${lines[3]}" writable
	must test "${lines[4]}" -gt 20
}
