#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman of an ordinary user over the runtime: a user of these tests' own,
# whom only their own mount namespaces know.

load helpers

IMG=localhost/tarebox:latest
ID=64321

setup_file() {
	engine_setup podman conmon script newuidmap setpriv
	user_files
	mkdir -p "$E/home" "$E/xdg" "$E/v"
	chmod 700 "$E/xdg"
	{
		contrib_file podman/tare.conf | sed '/^\[engine\]/a \
cgroup_manager = "cgroupfs"\
events_logger = "file"'
		cat <<-TOML
		[containers]
		log_driver = "k8s-file"
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		TOML
	} >"$E/containers.conf"
	cat >"$E/storage.conf" <<-TOML
	[storage]
	driver = "overlay"
	graphroot = "$E/home/store"
	runroot = "$E/xdg/run"
	TOML
	echo '{"default":[{"type":"insecureAcceptAnything"}]}' \
		>"$E/policy.json"
	make_archive "$E/box.tar" "$IMG"
	chown -R $ID:$ID "$E/home" "$E/xdg" "$E/v"
	pod load -q --signature-policy "$E/policy.json" -i "$E/box.tar"
}

# The machine's user data with one user more.
user_files() {
	cp /etc/passwd "$E/passwd"
	cp /etc/group "$E/group"
	echo "tareuser:x:$ID:$ID::$E/home:/bin/sh" >>"$E/passwd"
	echo "tareuser:x:$ID:" >>"$E/group"
	echo tareuser:400000:65536 >"$E/subuid"
	cp "$E/subuid" "$E/subgid"
	cat >"$E/bin/as-user" <<-SH
	#!/bin/sh
	mount --make-rshared /
	for f in passwd group subuid subgid; do
		[ -e /etc/\$f ] || : >/etc/\$f
		mount --bind $E/\$f /etc/\$f
	done
	cd /
	exec setpriv --reuid $ID --regid $ID --clear-groups env -i \
		PATH=$SAFE_PATH HOME=$E/home XDG_RUNTIME_DIR=$E/xdg TERM=xterm \
		CONTAINERS_CONF=$E/containers.conf \
		CONTAINERS_STORAGE_CONF=$E/storage.conf \
		PODMAN_IGNORE_CGROUPSV1_WARNING=1 "\$@"
	SH
	chmod 755 "$E/bin/as-user"
}

teardown_file() {
	local p

	[[ -n ${E:-} && -d $E ]] || return 0
	pod rm -f -t 0 -a >/dev/null 2>&1 || true
	# the process that keeps the user namespace
	for p in $(cat "$E"/xdg/libpod/tmp/pause.pid 2>/dev/null); do
		stop_pid "$p"
	done
	engine_teardown
}

teardown() {
	pod rm -f -t 0 -a >/dev/null 2>&1 || true
}

as_user() {
	timeout -k 5 60 ${ENTREE:-} unshare -m --propagation unchanged \
		"$E/bin/as-user" "$@" 3>&-
}

pod() {
	as_user podman "$@"
}

prun() {
	pod run --pull=never --network=none "$@"
}

ours() {
	as_user "$TARE" list -q
}

@test "rootless: output and exit codes" {
	run -0 --separate-stderr prun --rm $IMG echo hello
	eq "$output" hello
	run -7 prun --rm $IMG sh -c 'exit 7'
	run -127 prun --rm $IMG /no/such/command
	run -126 prun --rm $IMG /etc/not-executable
}

@test "rootless: root inside is the user outside" {
	run -0 --separate-stderr prun --rm $IMG cat /proc/self/uid_map
	eq "$(tr -s ' ' <<<"$output")" " 0 $ID 1
 1 400000 65536"
	prun -d --name u $IMG sleep 300
	run -0 --separate-stderr pod inspect -f '{{.State.Pid}}' u
	eq "$(stat -c %u "/proc/$output")" $ID
	run -0 --separate-stderr pod exec -u 1234 u id -u
	eq "$output" 1234
}

@test "rootless: exec, logs, kill, stop, start" {
	prun -d --name a $IMG sh -c 'echo up; trap "exit 3" TERM;
		sleep 300 & wait'
	run -5 pod exec a sh -c 'exit 5'
	wait_for 10 logged a up
	pod stop -t 5 a
	run -0 --separate-stderr pod inspect -f '{{.State.ExitCode}}' a
	eq "$output" 3
	pod start a
	run -0 --separate-stderr pod exec a echo again
	eq "$output" again
	pod kill -s KILL a
	run -0 --separate-stderr pod wait a
	eq "$output" 137
}

logged() {
	[[ $(pod logs "$1" 2>/dev/null) == *"$2"* ]]
}

@test "rootless: terminal" {
	run -0 pty ${ENTREE:-} unshare -m --propagation unchanged "$E/bin/as-user" \
		podman run --pull=never --network=none --rm -t $IMG \
		sh -c 'tty; echo ok >/dev/tty'
	has "$output" /dev/pts/0
	has "$output" ok
}

@test "rootless: keep-id" {
	run -0 --separate-stderr prun --rm --userns=keep-id $IMG id -u
	eq "$output" $ID
	run -0 --separate-stderr prun --rm --userns=keep-id -v "$E/v:/v" $IMG \
		sh -c 'touch /v/kept; stat -c %u /v/kept'
	eq "$output" $ID
	eq "$(stat -c %u "$E/v/kept")" $ID
}

@test "rootless: volume, read-only root, privileged, host network" {
	run -0 --separate-stderr prun --rm -v "$E/v:/v" $IMG \
		sh -c 'echo x >/v/made; stat -c %u /v/made'
	eq "$output" 0
	eq "$(stat -c %u "$E/v/made")" $ID
	run ! prun --rm --read-only $IMG touch /x
	run -0 --separate-stderr prun --rm --privileged $IMG \
		sh -c 'mount -t tmpfs t /tmp && echo mounted'
	eq "$output" mounted
	run -0 --separate-stderr pod run --pull=never --rm --network=host \
		$IMG readlink /proc/self/ns/net
	eq "$output" "$(readlink /proc/self/ns/net)"
}

@test "rootless: build" {
	mkdir -p "$E/home/ctx"
	printf 'FROM %s\nRUN id -u >/one\n' $IMG >"$E/home/ctx/Dockerfile"
	run -0 pod build --signature-policy "$E/policy.json" --pull=never \
		--network=none --isolation oci -t localhost/built "$E/home/ctx"
	run -0 --separate-stderr prun --rm localhost/built cat /one
	eq "$output" 0
}

@test "rootless: state below XDG_RUNTIME_DIR, and none is left" {
	prun -d --name s $IMG sleep 300
	must test -d "$E/xdg/tare"
	run -0 --separate-stderr ours
	eq "${#lines[@]}" 1
	pod rm -f -t 0 s
	empty "$(ls -A "$E/xdg/tare")"
}
