#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# An ordinary user with a cgroup that systemd has delegated to it: limits
# without root. suite sets CG_PARENT to that group.

load ../integration/helpers

setup() {
	[ "$(id -u)" -ne 0 ] || skip 'runs as an ordinary user'
	[ -n "$CG_PARENT" ] || skip 'lacks: a delegated cgroup'
	setup_bundle
	rm "$BUNDLE/config.json"
	tare spec --rootless --bundle "$BUNDLE"
	update_config '.process.terminal = false | .root.readonly = false
		| .process.args = ["sleep", "100"]
		| .linux.cgroupsPath = $cg' --arg cg "$CG"
}

resources() {
	update_config '.linux.resources += $r' --argjson r "$1"
}

c2() {
	cat "$CGROOT$CG/$1"
}

# The ids of the user's ranges as well.
ranges() {
	local sub
	sub=$(sed -n "s/^$(id -un):\([0-9]*\):.*/\1/p" /etc/subuid)
	update_config '
		.linux.uidMappings = [{containerID: 0, hostID: $u, size: 1},
			{containerID: 1, hostID: $s, size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: $g, size: 1},
			{containerID: 1, hostID: $s, size: 65536}]' \
		--argjson u "$(id -u)" --argjson g "$(id -g)" \
		--argjson s "$sub"
}

@test "the container is born in its group, below the delegated one" {
	run_bg
	assert_eq "$(cat "/proc/$(pid_of)/cgroup")" "0::$CG"
	t delete -f "$ID"
	assert_silent
	assert_no_trace
}

@test "limits are set, felt and updated" {
	resources '{"memory": {"limit": 67108864, "reservation": 33554432},
		"pids": {"limit": 20}, "cpu": {"shares": 512, "quota": 50000,
		"period": 100000, "cpus": "0"}}'
	run_bg
	assert_eq "$(c2 memory.max)" 67108864
	assert_eq "$(c2 memory.low)" 33554432
	assert_eq "$(c2 pids.max)" 20
	assert_eq "$(c2 cpu.max)" '50000 100000'
	assert_eq "$(c2 cpu.weight)" 59
	assert_eq "$(c2 cpuset.cpus)" 0
	exec_in 'for i in $(seq 40); do sleep 1 & done; true'
	assert_err fork
	t update --memory 32m --pids-limit 30 --cpu-quota 20000 "$ID"
	assert_silent
	assert_eq "$(c2 memory.max)" 33554432
	assert_eq "$(c2 pids.max)" 30
	assert_eq "$(c2 cpu.max)" '20000 100000'
}

@test "the limit of memory is felt" {
	resources '{"memory": {"limit": 16777216, "swap": 16777216}}'
	inside 'dd if=/dev/zero of=/dev/null bs=60M count=1 && echo survived'
	[ "$status" -ne 0 ]
	refute_match survived
}

@test "devices without rights over them are no failure" {
	resources '{"devices": [{"allow": false, "access": "rwm"}]}'
	inside_ok 'echo x >/dev/null && echo ok'
	assert_output ok
}

@test "a controller that was not delegated is named" {
	! grep -qw hugetlb "$CGROOT$CG_PARENT/cgroup.controllers" ||
		skip 'hugetlb is delegated'
	resources '{"hugepageLimits": [{"pageSize": "2MB",
		"limit": 4194304}]}'
	inside true
	assert_fails hugepageLimits
	assert_no_trace
}

@test "outside the delegated group: refused, and nothing is left" {
	update_config '.linux.cgroupsPath = $cg' --arg cg "/$ID"
	inside true
	assert_fails "/$ID"
	[ ! -e "$CGROOT/$ID" ]
	[ ! -e "$ROOT/$ID" ]
}

@test "no cgroupsPath: runs where it may" {
	update_config 'del(.linux.cgroupsPath)'
	inside_ok 'echo ok'
	assert_output ok
	[ ! -e "$ROOT/$ID" ]
}

@test "pause, resume, ps, kill and statistics" {
	run_bg
	t pause "$ID"
	assert_silent
	is_status paused
	assert_eq "$(c2 cgroup.freeze)" 1
	t resume "$ID"
	assert_silent
	t ps --format json "$ID"
	assert_output "[$(pid_of)]"
	t events --stats "$ID"
	assert_status 0
	jq -e '.data.memory.usage.usage > 0 and .data.pids.current == 1' \
		<<<"$output"
	t kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	assert_no_trace
}

@test "exec joins the group" {
	run_bg
	t exec "$ID" cat /proc/self/cgroup
	assert_status 0
	assert_match "0::"
	tare exec -d --pid-file "$W/pid" "$ID" sleep 100 </dev/null \
		>/dev/null 2>&1
	assert_eq "$(cat "/proc/$(cat "$W/pid")/cgroup")" "0::$CG"
}

@test "a cgroup namespace of its own: groups made inside, and removed" {
	set_ns cgroup
	update_config 'del(.mounts[] | select(.destination ==
		"/sys/fs/cgroup"))'
	add_mount /sys/fs/cgroup cgroup cgroup nosuid noexec nodev
	inside_ok 'cat /proc/self/cgroup; mkdir /sys/fs/cgroup/a
		echo $$ >/sys/fs/cgroup/a/cgroup.procs
		echo +memory >/sys/fs/cgroup/cgroup.subtree_control
		cat /proc/self/cgroup'
	assert_output $'0::/\n0::/a'
	assert_no_trace
}

@test "ids of the user's ranges: the group stays the user's" {
	command -v newuidmap >/dev/null || skip 'lacks: newuidmap'
	ranges
	set_ns cgroup
	update_config 'del(.mounts[] | select(.destination ==
		"/sys/fs/cgroup"))'
	add_mount /sys/fs/cgroup cgroup cgroup
	inside_ok 'cat /proc/self/uid_map | wc -l
		mkdir /sys/fs/cgroup/a && echo made'
	assert_output $'2\nmade'
	assert_no_trace
	update_config '.process.user = {uid: 5, gid: 5}'
	inside_ok 'id -u'
	assert_output 5
	assert_no_trace
}

@test "processes that are left are killed with the group" {
	del_namespace pid
	# procfs of a pid namespace that is not the user's own.
	update_config '.mounts |= map(if .destination == "/proc" then
		{destination: "/proc", source: "/proc", options: ["rbind"]}
		else . end) | del(.linux.maskedPaths, .linux.readonlyPaths)'
	set_script 'setsid sleep 100 & exec sleep 100'
	run_bg
	wait_until has_procs 2
	t delete -f "$ID"
	assert_silent
	assert_no_trace
}
