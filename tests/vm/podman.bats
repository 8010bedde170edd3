#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman where systemd is: its default cgroup manager, conmon with
# --systemd-cgroup, and what needs all of root's capabilities.

load ../engines/helpers
load ../engines/podman
load engines-helpers

setup_file() {
	needs_systemd
	engine_setup podman conmon
	podman_setup systemd </dev/null
}

teardown_file() {
	podman_teardown
}

prun() {
	pod run --pull=never --network=none "$@"
}

@test "podman: a scope in machine.slice, limits, exec, stats, update" {
	local id pid unit

	run -0 prun -d --memory 64m --cpus 0.5 --pids-limit 50 $IMG sleep 300
	id=$output
	unit=libpod-$id.scope
	pid=$(pod inspect -f '{{.State.Pid}}' "$id")
	has "$(group_of "$pid")" "/machine.slice/$unit"
	has_limits "$unit"
	run -0 pod exec "$id" sh -c 'cat /proc/self/cgroup; cat /sys/fs/cgroup/pids.max'
	has "${lines[0]}" 0::/
	eq "${lines[1]}" 50
	pod update --memory 96m "$id"
	unit_is "$unit" MemoryMax 100663296
	pod pause "$id"
	eq "$(pod inspect -f '{{.State.Status}}' "$id")" paused
	pod unpause "$id"
	run -0 pod stats --no-stream --format '{{.PIDs}}' "$id"
	eq "$output" 1
	pod rm -f -t 0 "$id"
	no_units "$unit"
	empty "$("$TARE" list -q)"
}

@test "podman: privileged, and a limit above that of the caller" {
	run -0 prun --rm --privileged --ulimit nofile=1048577:1048577 $IMG \
		sh -c 'mount -t tmpfs t /tmp && ulimit -Hn
		awk "/^CapEff/ { print \$2 }" /proc/self/status'
	eq "${lines[0]}" 1048577
	eq "${lines[1]}" "$(all_caps)"
	# in a user namespace too, whose root may not raise it itself
	run -0 prun --rm --uidmap 0:300000:65536 \
		--ulimit nofile=1048577:1048577 $IMG \
		sh -c 'ulimit -Hn; cat /proc/self/uid_map'
	eq "${lines[0]}" 1048577
	eq "$(tr -s ' ' <<<"${lines[1]}")" " 0 300000 65536"
}

@test "podman: a pod is a slice" {
	local pid

	pod pod create --name p1 --network=none >/dev/null
	run -0 prun -d --pod p1 --name c1 $IMG sleep 300
	pid=$(pod inspect -f '{{.State.Pid}}' c1)
	must grep -Eq '/machine.slice/machine-libpod_pod_[0-9a-f]+.slice/libpod-' \
		<<<"$(group_of "$pid")"
	pod pod rm -f -t 0 p1
	no_units 'libpod-*' 'machine-libpod_pod*'
}
