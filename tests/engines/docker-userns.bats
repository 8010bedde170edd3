#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker with userns-remap: every container in a user namespace of its own.

load helpers
load docker

IMG=tarebox:latest

setup_file() {
	engine_setup dockerd containerd
	# the sub-ids of an existing user, seen by this daemon alone
	echo nobody:200000:65536 >"$E/subid"
	echo nogroup:200000:65536 >>"$E/subid"
	# shellcheck disable=SC2016
	DOCKER_IN=(unshare -m sh -c 'for f in subuid subgid; do
		[ -e /etc/$f ] || : >/etc/$f; mount --bind "$0" /etc/$f; done
		exec "$@"' "$E/subid")
	docker_setup '{"userns-remap": "nobody:nogroup"}'
}

teardown_file() {
	docker_teardown
}

teardown() {
	docker_ ps -aq | xargs -r timeout 60 "$DOCKER" -H "$DSOCK" \
		rm -f -v >/dev/null 2>&1 3>&- || true
}

drun() {
	docker_ run --rm --network none "$@"
}

@test "docker userns: root inside is nobody outside" {
	run -0 drun $IMG sh -c 'id -u; awk "{ print \$1, \$2, \$3 }" \
		/proc/self/uid_map /proc/self/gid_map'
	eq "$output" "0
0 200000 65536
0 200000 65536"
	docker_ run -d --network none --name u1 $IMG sleep 300 >/dev/null
	eq "$(stat -c %u "/proc/$(docker_ inspect -f '{{.State.Pid}}' u1)")" \
		200000
}

@test "docker userns: exec, user, files" {
	docker_ run -d --network none --name u2 $IMG sleep 300 >/dev/null
	run -0 docker_ exec -u alice u2 id -u
	eq "$output" 1234
	run -0 docker_ exec u2 sh -c 'touch /x && stat -c %u /x /etc/passwd'
	eq "$output" "0
0"
	run -3 docker_ exec u2 sh -c 'exit 3'
	run -0 docker_ exec u2 readlink /proc/self/ns/user
	lacks "$output" "$(readlink /proc/self/ns/user)"
}

@test "docker userns: volume, tmpfs, read-only, network" {
	docker_ volume create vol >/dev/null
	run -0 drun -v vol:/data $IMG sh -c 'echo k >/data/k; cat /data/k'
	eq "$output" k
	run ! drun --read-only $IMG touch /x
	run -0 drun --read-only --tmpfs /t $IMG touch /t/x
	[[ -n ${DOCKER_BRIDGE:-} ]] || skip "lacks: iptables and a bridge"
	run -0 docker_ run --rm $IMG ip -4 addr show eth0
	has "$output" inet
}

@test "docker userns: terminal" {
	run -0 pty "$DOCKER" -H "$DSOCK" run --rm -t --network none $IMG \
		sh -c 'tty; echo ok >/dev/tty'
	has "$output" /dev/pts/0
	has "$output" ok
}

@test "docker userns: --userns host leaves the namespace out" {
	run -0 drun --userns host $IMG readlink /proc/self/ns/user
	eq "$output" "$(readlink /proc/self/ns/user)"
}

@test "docker userns: build" {
	mkdir -p "$E/ctx"
	printf 'FROM %s\nRUN awk "{ print \\$2 }" /proc/self/uid_map >/m\n' \
		"$IMG" >"$E/ctx/Dockerfile"
	run -0 env DOCKER_BUILDKIT=0 HOME="$E" timeout -k 5 60 "$DOCKER" \
		-H "$DSOCK" build --network none -t ub "$E/ctx"
	run -0 drun ub cat /m
	eq "$output" 200000
}

@test "docker userns: nothing is left behind" {
	docker_ ps -aq | xargs -r timeout 60 "$DOCKER" -H "$DSOCK" rm -f \
		>/dev/null
	wait_for 10 no_shims
	run -0 find "$E/exec/runtime-runc/moby" -mindepth 1
	eq "$output" ""
}

no_shims() {
	[[ -z $(procs_with "-address $E/exec/") ]]
}
