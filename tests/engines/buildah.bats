#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# buildah over the runtime: it leaks fds, gives no cgroupsPath, and polls
# the state.

load helpers

IMG=localhost/tarebox:latest

setup_file() {
	engine_setup buildah script
	{
		contrib_file podman/tare.conf | sed '/^\[engine\]/a \
cgroup_manager = "cgroupfs"\
events_logger = "file"'
		cat <<-TOML
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		TOML
	} >"$E/containers.conf"
	storage_config
	make_archive "$E/box.tar" "$IMG"
	bld pull -q --signature-policy "$E/policy.json" \
		"docker-archive:$E/box.tar"
	mkdir -p "$E/rt"
}

teardown_file() {
	[[ -n ${E:-} && -d $E ]] || return 0
	bld rm -a >/dev/null 2>&1 || true
	engine_teardown
}

setup() {
	C=$(bld from --pull-never --ulimit nofile=1024:1024 \
		--ulimit nproc=1024:1024 "$IMG")
}

teardown() {
	[[ -n ${C:-} ]] || return 0
	bld rm "$C" >/dev/null 2>&1 || true
	# nothing of the runtime's is left
	empty "$(ls -A "$E/rt")"
	empty "$(cgroups_with "buildah-buildah")"
}

bld() {
	timeout -k 5 60 env CONTAINERS_CONF="$E/containers.conf" \
		CONTAINERS_STORAGE_CONF="$E/storage.conf" buildah "$@" 3>&-
}

brun() {
	bld run --runtime "$TARE" --runtime-flag "root=$E/rt" \
		--isolation oci --network host "$@"
}

@test "buildah: run, output, exit code" {
	run -0 brun "$C" -- echo hello
	eq "$output" hello
	run brun "$C" -- sh -c 'exit 7'
	must test "$status" -ne 0
	has "$output" "exit status 7"
	run -0 brun "$C" -- sh -c 'echo kept >/file'
	run -0 brun "$C" -- cat /file
	eq "$output" kept
}

@test "buildah: output larger than a pipe, then the end" {
	run -0 brun "$C" -- sh -c 'dd if=/dev/zero bs=1024 count=300 2>/dev/null |
		tr "\0" x'
	eq "${#output}" 307200
}

@test "buildah: missing and unusable commands" {
	run ! brun "$C" -- /no/such/command
	has "$output" "no such file or directory"
	run ! brun "$C" -- /etc/not-executable
	has "$output" "ermission denied"
}

@test "buildah: terminal" {
	run -0 pty env CONTAINERS_CONF="$E/containers.conf" \
		CONTAINERS_STORAGE_CONF="$E/storage.conf" buildah run -t \
		--runtime "$TARE" --runtime-flag "root=$E/rt" \
		--isolation oci --network host "$C" -- sh -c 'tty; echo ok'
	has "$output" /dev/pts/
	has "$output" ok
}

@test "buildah: user, capabilities, environment, cwd" {
	run -0 brun --user 1234:4321 --env A=b --workingdir /tmp "$C" -- \
		sh -c 'echo $(id -u) $(id -g) $A $PWD'
	eq "$output" "1234 4321 b /tmp"
	run -0 brun --cap-add CAP_SYS_ADMIN "$C" -- \
		sh -c 'mount -t tmpfs t /tmp && echo mounted'
	eq "$output" mounted
	run ! brun --cap-drop CAP_CHOWN "$C" -- chown 1 /etc/passwd
}

@test "buildah: only fds 0 to 2 reach the container" {
	run -0 brun "$C" -- ls /proc/self/fd
	eq "$(tr '\n' ' ' <<<"$output")" "0 1 2 3 "
}

@test "buildah: no pivot_root" {
	run -0 brun --no-pivot "$C" -- sh -c 'ls /data; ls / | grep -c proc'
	eq "${lines[0]}" seed
}

@test "buildah: volume" {
	mkdir -p "$E/v"
	echo host >"$E/v/f"
	run -0 brun -v "$E/v:/v:ro" "$C" -- cat /v/f
	eq "$output" host
	run ! brun -v "$E/v:/v:ro" "$C" -- touch /v/g
}

@test "buildah: Dockerfile" {
	mkdir -p "$E/ctx"
	printf 'FROM %s\nRUN echo one >/one\nUSER 1234\nRUN id -u >/tmp/two\n' \
		"$IMG" >"$E/ctx/Dockerfile"
	run -0 bld bud --signature-policy "$E/policy.json" --pull-never \
		--isolation oci --network host --ulimit nofile=1024:1024 \
		--ulimit nproc=1024:1024 --runtime "$TARE" \
		--runtime-flag "root=$E/rt" -t localhost/built "$E/ctx"
	local c
	c=$(bld from --pull-never localhost/built)
	run -0 bld run --runtime "$TARE" --isolation oci --network host \
		--runtime-flag "root=$E/rt" "$c" -- cat /one /tmp/two
	bld rm "$c" >/dev/null
	eq "${lines[0]}" one
	eq "${lines[1]}" 1234
}

@test "buildah: from scratch with a root file system of one's own" {
	local s m

	s=$(bld from scratch)
	m=$(bld mount "$s")
	make_rootfs "$E/own"
	in_tree cp -a "$E/own/." "$m/"
	bld umount "$s" >/dev/null
	run -0 brun "$s" -- echo scratch
	bld rm "$s" >/dev/null
	eq "$output" scratch
}

@test "buildah: the runtime named by configuration or environment" {
	record_as "$E/bin/named" "$TARE" "$E/calls"
	BUILDAH_RUNTIME=$E/bin/named run -0 bld run --isolation oci \
		--network host "$C" -- echo by environment
	eq "$output" "by environment"
	must grep -q '^0 .*create --bundle' "$E/calls"
	calls_reset
	sed -i "s,^tare = .*,tare = [\"$E/bin/named\"]," "$E/containers.conf"
	run -0 bld run --isolation oci --network host "$C" -- echo by file
	eq "$output" "by file"
	must grep -q '^0 .*create --bundle' "$E/calls"
}
