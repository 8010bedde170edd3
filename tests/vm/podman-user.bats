#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman of an ordinary user where systemd is: containers are scopes of the
# user's own manager, with the limits that are delegated to it.

load ../engines/helpers
load ../engines/podman
load engines-helpers

MANAGER_IS=--user

setup_file() {
	needs_systemd
	E=$(mktemp -d /tmp/te.XXXXXX)
	TARE=$(find_tare)
	TAG=te$$x${RANDOM}
	export E TARE TAG
	podman_setup systemd </dev/null
}

teardown_file() {
	[[ -n ${E:-} && -d $E ]] || return 0
	pod rm -f -t 0 -a >/dev/null 2>&1 || true
	# its files are of subordinate ids
	podman unshare rm -rf "$E"
}

prun() {
	pod run --pull=never --network=none "$@"
}

@test "podman: a user's container is a scope with limits" {
	local id pid unit

	run -0 prun -d --memory 64m --cpus 0.5 --pids-limit 50 $IMG sleep 300
	id=$output
	unit=libpod-$id.scope
	pid=$(pod inspect -f '{{.State.Pid}}' "$id")
	has "$(group_of "$pid")" "/user@$(id -u).service/"
	has "$(group_of "$pid")" "/$unit"
	has_limits "$unit"
	run -0 pod exec "$id" sh -c 'id -u; cat /proc/self/uid_map
		cat /sys/fs/cgroup/pids.max'
	eq "${lines[0]}" 0
	has "$(tr -s ' ' <<<"${lines[1]}")" " 0 $(id -u) 1"
	eq "${lines[-1]}" 50
	pod update --memory 96m "$id"
	unit_is "$unit" MemoryMax 100663296
	pod pause "$id"
	eq "$(pod inspect -f '{{.State.Status}}' "$id")" paused
	pod unpause "$id"
	pod rm -f -t 0 "$id"
	no_units "$unit"
}

@test "podman: a user's exit codes, files and stop" {
	run -7 prun --rm $IMG sh -c 'exit 7'
	mkdir "$E/v"
	run -0 prun --rm -v "$E/v:/v" $IMG sh -c 'echo in >/v/f; stat -c %u /v/f'
	eq "$output" 0
	eq "$(stat -c %u "$E/v/f")" "$(id -u)"
	prun -d --name s1 $IMG sh -c 'trap "exit 9" TERM; sleep 300 & wait'
	pod stop -t 10 s1
	eq "$(pod inspect -f '{{.State.ExitCode}}' s1)" 9
	pod rm s1
}
