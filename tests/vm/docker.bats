#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker where systemd is: its cgroup driver is systemd's by default.

load ../engines/helpers
load ../engines/docker
load engines-helpers

IMG=tarebox:latest

setup_file() {
	needs_systemd
	engine_setup dockerd containerd runc
	docker_setup '{"exec-opts": ["native.cgroupdriver=systemd"]}'
}

teardown_file() {
	docker_teardown
	systemctl stop taretest.slice 2>/dev/null || true
}

drun() {
	docker_ run --network none "$@"
}

@test "docker: a scope in system.slice, limits, exec, stats, update" {
	local id pid unit

	run -0 docker_ info -f '{{.CgroupDriver}} {{.DefaultRuntime}}'
	eq "$output" "systemd tare"
	run -0 drun -d --memory 64m --cpus 0.5 --pids-limit 50 $IMG sleep 300
	id=$output
	unit=docker-$id.scope
	pid=$(docker_ inspect -f '{{.State.Pid}}' "$id")
	eq "$(group_of "$pid")" "/sys/fs/cgroup/system.slice/$unit"
	has_limits "$unit"
	run -0 docker_ exec "$id" sh -c 'cat /proc/self/cgroup /sys/fs/cgroup/pids.max'
	has "${lines[0]}" 0::/
	eq "${lines[1]}" 50
	docker_ update --memory 96m --memory-swap -1 "$id" >/dev/null
	unit_is "$unit" MemoryMax 100663296
	docker_ pause "$id" >/dev/null
	eq "$(docker_ inspect -f '{{.State.Status}}' "$id")" paused
	docker_ unpause "$id" >/dev/null
	run -0 docker_ stats --no-stream --format '{{.PIDs}}' "$id"
	eq "$output" 1
	docker_ restart -t 0 "$id" >/dev/null
	unit_is "$unit" ActiveState active
	docker_ rm -f "$id" >/dev/null
	no_units "$unit"
}

@test "docker: privileged, in a slice of the caller's, a higher limit" {
	run -0 drun --rm --privileged --cgroup-parent taretest-d.slice \
		--cgroupns host --ulimit nofile=1048577:1048577 $IMG \
		sh -c 'mount -t tmpfs t /tmp && ulimit -Hn
		awk "/^CapEff/ { print \$2 }" /proc/self/status
		cat /proc/self/cgroup'
	eq "${lines[0]}" 1048577
	eq "${lines[1]}" "$(all_caps)"
	has "${lines[2]}" 0::/taretest.slice/taretest-d.slice/docker-
	no_units 'docker-*.scope'
}

@test "docker: out of memory" {
	run -137 drun --rm --memory 16m $IMG sh -c \
		'x=$(dd if=/dev/zero bs=1M count=64 | tr "\0" a); echo $x | wc -c'
	no_units 'docker-*.scope'
}
