#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Kubernetes' way: containerd's CRI plugin over the runtime, with the
# configuration of contrib/engines, driven by a client of our own.

load helpers
load cri

setup_file() {
	cri_begin
}

teardown_file() {
	cri_teardown
}

teardown() {
	cri_clear
}

@test "cri: a pod with a container, its log and exit code" {
	pod
	container '.command = ["sh", "-c", "echo out; echo err >&2; exit 6"]'
	wait_for 20 is_state "$C" exited
	eq "$(exit_code "$C")" 6
	must grep -q ' stdout F out$' "$LOG"
	must grep -q ' stderr F err$' "$LOG"
	cri rm "$C"
	cri pod_stop "$POD"
	cri pod_rm "$POD"
	run -0 cri list
	eq "$output" ""
	run -0 "$TARE" --root "$E/rt/k8s.io" list -q
	eq "$output" ""
	empty "$(cgroups_with "$TAG/pod/")"
	empty "$(mounts_below "$E/state")"
}

@test "cri: created is not started" {
	pod
	create
	eq "$(state "$C")" created
	run -0 cri list
	has "$output" "Container $C"
	cri start "$C"
	eq "$(state "$C")" running
	run ! cri start "$C"
}

@test "cri: exec with output, exit code, environment" {
	pod
	container
	run -0 --separate-stderr cri exec "$C" 10 sh -c \
		'echo $FOO $(hostname); echo e >&2'
	eq "$output" "bar podhost"
	eq "$stderr" e
	run -9 cri exec "$C" 10 sh -c 'exit 9'
	run ! cri exec "$C" 10 /no/such/command
	has "$output" "no such file or directory"
}

@test "cri: exec that takes too long is ended" {
	pod
	container
	run -125 cri exec "$C" 1 sleep 4321
	has "$output" DEADLINE_EXCEEDED
	wait_for 10 no_sleeper
	eq "$(state "$C")" running
}

no_sleeper() {
	! cri exec "$C" 10 ps | grep -q 'sleep 4321'
}

@test "cri: several execs at once" {
	local i rc pids=()

	pod
	container
	for i in 1 2 3 4 5 6; do
		cri exec "$C" 20 sh -c "echo $i; exit $i" >"$E/par.$i" 2>&1 &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6; do
		rc=0
		wait "${pids[i - 1]}" || rc=$?
		eq "$rc" "$i"
		eq "$(cat "$E/par.$i")" "$i"
	done
}

@test "cri: streamed exec with stdin, stdout and stderr" {
	pod
	container
	run -4 --separate-stderr typed word cri stream "$C" sh -c \
		'read x; echo got $x; echo e >&2; exit 4'
	eq "$output" "got word"
	eq "$stderr" e
}

# typed LINE COMMAND...: with LINE on an input that stays open for a while.
typed() {
	local line=$1

	shift
	{ sleep 0.5; echo "$line"; sleep 1; } 3>&- | "$@"
}

@test "cri: streamed exec with a terminal" {
	pod
	container
	run -3 typed "" cri tty "$C" sh -c \
		'test -t 0 && test -t 2 && tty; exit 3'
	has "$output" /dev/pts/
}

@test "cri: attach" {
	pod
	container '.stdin = true | .command = ["sh", "-c",
		"read x; echo got $x; sleep 1"]'
	run -0 typed one cri attach "$C"
	has "$output" "got one"
}

@test "cri: stats" {
	pod
	container '.command = ["sh", "-c",
		"i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; sleep 300"]'
	wait_for 20 has_stats "$C"
}

has_stats() {
	cri stats "$1" | jq -e '.cpu > 0 and .memory > 0' >/dev/null
}

@test "cri: limits and their update" {
	[[ ! -e /sys/fs/cgroup/cgroup.controllers ]] ||
		skip "lacks: cgroups of version 1"
	local c=/sys/fs/cgroup

	pod
	container '.linux.resources += {memory_limit_in_bytes: 67108864,
		cpu_period: 100000, cpu_quota: 50000, cpuset_cpus: "0"}'
	c=$TAG/pod/$C
	eq "$(cg memory memory.limit_in_bytes)" 67108864
	eq "$(cg cpu cpu.cfs_quota_us)" 50000
	eq "$(cg cpu cpu.shares)" 256
	eq "$(cg cpuset cpuset.cpus)" 0
	eq "$(cat "/proc/$(cri pids "$C")/oom_score_adj")" 900
	echo '{"memory_limit_in_bytes": 33554432, "cpu_quota": 20000,
		"cpu_period": 100000, "cpu_shares": 512}' >"$E/res.json"
	cri update "$C" "$E/res.json"
	eq "$(cg memory memory.limit_in_bytes)" 33554432
	eq "$(cg cpu cpu.cfs_quota_us)" 20000
	eq "$(cg cpu cpu.shares)" 512
	# and the devices that the call forbids are as they were
	run -0 cri exec "$C" 10 sh -c 'echo x >/dev/null && echo ok'
	eq "$output" ok
}

cg() {
	cat "/sys/fs/cgroup/$1/$TAG/pod/$C/$2"
}

@test "cri: out of memory" {
	pod
	container '.linux.resources.memory_limit_in_bytes = 16777216 |
		.command = ["sh", "-c", "x=$(dd if=/dev/zero bs=1M count=64 |
		tr \"\\0\" a); echo $x"]'
	wait_for 20 is_state "$C" exited
	eq "$(exit_code "$C")" 137
	# told by an event of its own, which may come later than the exit
	wait_for 20 reason_is "$C" OOMKilled
}

reason_is() {
	[[ $(cri status "$1" | jq -r .reason) == "$2" ]]
}

@test "cri: privileged" {
	pod '.linux.security_context.privileged = true'
	container '.linux.security_context |= (.privileged = true |
		del(.masked_paths, .readonly_paths))'
	run -0 cri exec "$C" 10 sh -c 'mount -t tmpfs t /tmp && echo mounted;
		grep Seccomp: /proc/self/status; ls /dev | wc -l;
		test -w /proc/sys && echo writable'
	eq "${lines[0]}" mounted
	eq "$(tr -d '\t' <<<"${lines[1]}")" Seccomp:0
	must test "${lines[2]}" -gt 20
	eq "${lines[3]}" writable
	# exec too has all rights
	run -0 cri exec "$C" 10 grep CapEff /proc/self/status
	lacks "$output" 00000000a80425fb
}

@test "cri: not privileged" {
	pod
	container '.linux.security_context += {no_new_privs: true,
		run_as_user: {value: 1234}, run_as_group: {value: 77},
		supplemental_groups: [55, 66], seccomp: {profile_type: 0},
		capabilities: {drop_capabilities: ["ALL"]}}'
	run -0 cri exec "$C" 10 sh -c 'id -u; id -g; id -G;
		grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status |
		tr -d "\t"; cat /proc/kcore | wc -c'
	eq "${lines[0]}" 1234
	eq "${lines[1]}" 77
	has "${lines[2]}" "55 66"
	eq "${lines[3]}" CapBnd:0000000000000000
	eq "${lines[4]}" NoNewPrivs:1
	eq "${lines[5]}" Seccomp:2
	run ! cri exec "$C" 10 sh -c 'echo 1 >/proc/sys/kernel/hostname'
}

@test "cri: seccomp profile of a file" {
	cat >"$E/profile.json" <<-JSON
	{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64",
	 "SCMP_ARCH_AARCH64"],"syscalls":[{"names":["mkdir","mkdirat"],
	 "action":"SCMP_ACT_ERRNO"}]}
	JSON
	pod
	container ".linux.security_context.seccomp = {profile_type: 2,
		localhost_ref: \"$E/profile.json\"}"
	run ! cri exec "$C" 10 mkdir /x
	has "$output" "not permitted"
	run -0 cri exec "$C" 10 touch /x
}

@test "cri: host network, pid and ipc" {
	pod 'del(.hostname) | .linux.security_context.namespace_options =
		{network: 2, pid: 2, ipc: 2}'
	container '.linux.security_context.namespace_options =
		{network: 2, pid: 2, ipc: 2}'
	run -0 cri exec "$C" 10 sh -c \
		'for n in net pid ipc; do readlink /proc/self/ns/$n; done'
	eq "${lines[0]}" "$(stat -L -c 'net:[%i]' "$E/netns")"
	eq "${lines[1]}" "$(readlink /proc/self/ns/pid)"
	eq "${lines[2]}" "$(readlink /proc/self/ns/ipc)"
	cri stop "$C" 1
	eq "$(state "$C")" exited
}

@test "cri: containers of a pod share its network, ipc and hostname" {
	local a

	pod
	container
	a=$C
	container
	run -0 cri exec "$a" 10 sh -c \
		'for n in net ipc uts pid; do readlink /proc/self/ns/$n; done'
	local of_a=("${lines[@]}")
	run -0 cri exec "$C" 10 sh -c \
		'for n in net ipc uts pid; do readlink /proc/self/ns/$n; done'
	eq "${lines[0]}" "${of_a[0]}"
	eq "${lines[1]}" "${of_a[1]}"
	eq "${lines[2]}" "${of_a[2]}"
	must test "${lines[3]}" != "${of_a[3]}"
	run -0 cri exec "$C" 10 ip -4 addr show eth0
	has "$output" "10.77.0."
}

@test "cri: shared pid namespace" {
	local a

	pod '.linux.security_context.namespace_options.pid = 0'
	container '.linux.security_context.namespace_options.pid = 0 |
		.command = ["sh", "-c", "sleep 4001 & sleep 4002"]'
	a=$C
	container '.linux.security_context.namespace_options.pid = 0'
	run -0 cri exec "$C" 10 ps
	has "$output" "sleep 4002"
	has "$output" "trap"
	# the whole container goes, not its first process alone
	cri stop "$a" 0
	run -0 cri exec "$C" 10 ps
	lacks "$output" "sleep 400"
	has "$output" "sleep 300"
	cri rm "$a"
}

@test "cri: the pid namespace of a container, for one that debugs it" {
	local a

	pod
	container '.command = ["sleep", "4003"]'
	a=$C
	container ".linux.security_context.namespace_options =
		{pid: 3, target_id: \"$a\"}"
	run -0 cri exec "$C" 10 ps
	has "$output" "sleep 4003"
}

@test "cri: read-only root, mounts" {
	mkdir -p "$E/v"
	echo host >"$E/v/f"
	pod
	container ".linux.security_context.readonly_rootfs = true |
		.mounts = [{container_path: \"/v\", host_path: \"$E/v\",
			readonly: true},
			{container_path: \"/w\", host_path: \"$E/v\"}]"
	run ! cri exec "$C" 10 touch /x
	has "$output" "Read-only file system"
	run -0 cri exec "$C" 10 cat /v/f
	eq "$output" host
	run ! cri exec "$C" 10 touch /v/g
	run -0 cri exec "$C" 10 touch /w/g
	must test -e "$E/v/g"
}

@test "cri: user namespace of a pod, volume with mapped owners" {
	[[ $(containerd_series) == 2 ]] || skip "lacks: containerd 2"
	local map='{host_id: 300000, container_id: 0, length: 65536}'
	local ns="{pid: 1, userns_options: {mode: 0, uids: [$map], gids: [$map]}}"

	mkdir -p "$E/mapped"
	chown 1234:1234 "$E/mapped"
	pod ".linux.security_context.namespace_options = $ns"
	container ".linux.security_context.namespace_options = $ns |
		.mounts = [{container_path: \"/v\", host_path: \"$E/mapped\",
			uidMappings: [$map], gidMappings: [$map]}]"
	run -0 cri exec "$C" 10 sh -c 'cat /proc/self/uid_map; id -u;
		stat -c %u /v /bin/sh; touch /v/made'
	eq "$(tr -s ' ' <<<"${lines[0]}")" " 0 300000 65536"
	eq "${lines[1]}" 0
	eq "${lines[2]}" 1234
	eq "${lines[3]}" 0
	eq "$(stat -c %u "$E/mapped/made")" 0
	eq "$(stat -c %u "/proc/$(cri pids "$C")")" 300000
}

@test "cri: read-only down to mounts below" {
	[[ $(containerd_series) == 2 ]] || skip "lacks: containerd 2"
	mkdir -p "$E/below/sub"
	in_tree mount -t tmpfs t "$E/below/sub"
	pod
	container ".mounts = [
		{container_path: \"/a\", host_path: \"$E/below\", readonly: true},
		{container_path: \"/b\", host_path: \"$E/below\", readonly: true,
			recursive_read_only: true}]"
	run -0 cri exec "$C" 10 touch /a/sub/x
	run ! cri exec "$C" 10 touch /b/sub/y
	has "$output" "Read-only file system"
	in_tree umount "$E/below/sub"
}

@test "cri: a device lent" {
	[[ -e /dev/fuse ]] || skip "lacks: a device to lend"
	pod
	container '.devices = [{container_path: "/dev/lent",
		host_path: "/dev/fuse", permissions: "rw"}]'
	run -0 cri exec "$C" 10 sh -c 'test -c /dev/lent && : <>/dev/lent'
}

@test "cri: sysctls of the pod" {
	pod '.linux.sysctls = {"net.ipv4.ip_forward": "1",
		"kernel.shm_rmid_forced": "1"}'
	container
	run -0 cri exec "$C" 10 cat /proc/sys/net/ipv4/ip_forward \
		/proc/sys/kernel/shm_rmid_forced
	eq "$output" "1
1"
}

@test "cri: missing and unusable commands" {
	pod
	create '.command = ["/no/such/command"]'
	run -125 cri start "$C"
	has "$output" "no such file or directory"
	run -0 cri status "$C"
	eq "$(jq -r '"\(.state) \(.exit_code) \(.reason)"' <<<"$output")" \
		"exited 128 StartError"
	has "$output" "no such file or directory"
	create '.command = ["/etc/not-executable"]'
	run -125 cri start "$C"
	has "$output" "permission denied"
	create '.working_dir = "/data/seed"'
	run -125 cri start "$C"
	has "$output" "ot a directory"
}

@test "cri: the next attempt after an exit" {
	local a

	pod
	for a in 0 1 2; do
		container ".metadata.attempt = $a |
			.command = [\"sh\", \"-c\", \"exit $a\"]"
		wait_for 20 is_state "$C" exited
		eq "$(exit_code "$C")" "$a"
		cri rm "$C"
	done
}

@test "cri: stop with grace, and without avail" {
	pod
	container '.command = ["sh", "-c",
		"trap \"exit 3\" TERM; echo up; sleep 300 & wait"]'
	wait_for 10 grep -q up "$LOG"
	cri stop "$C" 10
	eq "$(exit_code "$C")" 3
	container '.command = ["sh", "-c",
		"trap \"\" TERM; echo up; while :; do sleep 1; done"]'
	wait_for 10 grep -q up "$LOG"
	cri stop "$C" 1
	eq "$(exit_code "$C")" 137
}

@test "cri: log opened again after it was moved" {
	pod
	container '.command = ["sh", "-c",
		"while :; do echo tick; sleep 0.1; done"]'
	wait_for 10 grep -q tick "$LOG"
	mv "$LOG" "$LOG.1"
	cri reopen "$C"
	wait_for 10 grep -q tick "$LOG"
}

@test "cri: a pod that is stopped takes its containers along" {
	pod
	container
	container
	cri pod_stop "$POD"
	eq "$(state "$C")" exited
	cri pod_rm "$POD"
	run -0 cri list
	eq "$output" ""
}

@test "cri: the other handler, and one that is not there" {
	HANDLER=runc pod
	container
	run -0 cri exec "$C" 10 echo by runc
	eq "$output" "by runc"
	run -0 "$TARE" --root "$E/rt/k8s.io" list -q
	eq "$output" ""
	pod
	container
	run -0 "$TARE" --root "$E/rt/k8s.io" list -q
	has "$output" "$C"
	HANDLER=nosuch run ! pod
	has "$output" nosuch
}

@test "cri: the systemd driver where there is no systemd" {
	[[ ! -d /run/systemd/system ]] || skip "lacks: a machine without systemd"
	pod_json '.linux.cgroup_parent = "test-pod.slice"' >"$E/pod.json"
	run -125 cri pod_run "$E/pod.json" sysd
	has "$output" systemd
	run -0 "$TARE" --root "$E/rt/k8s.io" list -q
	eq "$output" ""
}

@test "cri: containerd starts again, containers go on" {
	pod
	container '.command = ["sh", "-c", "trap \"exit 5\" TERM; sleep 300 & wait"]'
	stop_pid "$(cat "$E/pid")"
	cri_start
	run -0 cri exec "$C" 10 echo alive
	eq "$output" alive
	cri stop "$C" 10
	eq "$(exit_code "$C")" 5
}

@test "cri: nothing is left behind" {
	cri_clear
	wait_for 10 no_shims
	empty "$(mounts_below "$E/state")"
	empty "$(cgroups_with "$TAG/pod/")"
	empty "$(ls -A "$E/rt/k8s.io")"
}

no_shims() {
	[[ -z $(procs_with "-address $E/c.sock") ]]
}
