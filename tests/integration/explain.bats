#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# explain: what would be done, without doing it.

load helpers

setup() {
	tare_only
	setup_bundle
}

@test "text: names what the configuration asks for" {
	mkdir "$W/src"
	add_mount /volume "$W/src" bind bind ro
	update_config '.process.user = {uid: 1234, gid: 77}'
	t explain "$BUNDLE"
	assert_status 0
	assert_eq "$stderr" ''
	assert_match /proc
	assert_match /volume
	assert_match 1234
	assert_match tare-test
	assert_match sleep
}

@test "text: the same twice" {
	local a
	t explain "$BUNDLE"
	assert_status 0
	a=$output
	t explain "$BUNDLE"
	assert_output "$a"
}

@test "json: parses" {
	add_mount /volume tmpfs tmpfs size=1m
	t explain --format json "$BUNDLE"
	assert_status 0
	jq -e '(.plan | length > 10) and (.open | type == "array")' \
		<<<"$output"
	assert_match /volume
}

@test "an unknown option is refused" {
	t explain --odd "$BUNDLE"
	assert_fails
}

@test "the current directory is the default bundle" {
	cd "$BUNDLE"
	t explain
	assert_status 0
	assert_match /proc
}

@test "nothing is done" {
	add_hook createRuntime "$(jq -nc --arg f "$W/ran" '{path: "/bin/sh",
		args: ["sh", "-c", "touch \($f)"]}')"
	add_mount /made/point tmpfs tmpfs
	t explain "$BUNDLE"
	assert_status 0
	[ ! -e "$W/ran" ]
	[ ! -e "$BUNDLE/rootfs/made" ]
	assert_eq "$(grep -cF "$W/" /proc/self/mountinfo)" 0
	assert_eq "$(ls -A "$ROOT")" ''
	assert_no_trace
}

@test "root is not needed" {
	chmod -R a+rX "$BUNDLE/config.json" "$BUNDLE/rootfs/etc"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$W" "$BUNDLE"
	run --separate-stderr setpriv --reuid 65534 --regid 65534 \
		--clear-groups env -u XDG_RUNTIME_DIR "$(command -v "$TARE")" \
		explain "$BUNDLE"
	assert_status 0
	assert_match /proc
}

@test "warns of what a configuration leaves open" {
	update_config 'del(.process.noNewPrivileges)
		| del(.linux.seccomp) | del(.linux.maskedPaths)
		| .linux.namespaces |= map(select(.type != "pid"))'
	t explain "$BUNDLE"
	assert_status 0
	assert_match 'left open'
	assert_match seccomp
	assert_match noNewPrivileges
	assert_match 'pid namespace'
	refute_match 'id mappings'
	update_config '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]'
	t explain "$BUNDLE"
	assert_match 'id mappings have no effect'
	t explain --format json "$BUNDLE"
	jq -e '.open | length >= 3' <<<"$output"
	t explain --format yaml "$BUNDLE"
	assert_fails 'invalid format option'
}

@test "faults are errors with file and path" {
	update_config '.process.user.uid = "zero"'
	t explain "$BUNDLE"
	assert_fails config.json
	assert_err process.user.uid
	rm "$BUNDLE/config.json"
	t explain "$BUNDLE"
	assert_fails config.json
}

@test "configurations of every engine" {
	local f
	for f in "$DATA_DIR"/configs/*.json; do
		# Those are no whole configurations.
		[[ $f != *process.json && $f != *update-* ]] || continue
		sed 's|"/srv/rootfs"|"rootfs"|' "$f" >"$BUNDLE/config.json"
		t explain "$BUNDLE"
		if [ "$status" -ne 0 ]; then
			# Only for want of something of that machine.
			[[ $stderr == *'ntel'* ]] || {
				echo "$f"
				show
				return 1
			}
		fi
	done
}

@test "systemd: the unit and its properties" {
	update_config '.linux.cgroupsPath = "a.slice:p:n"
		| .linux.resources.pids.limit = 7
		| .annotations["org.systemd.property.TimeoutStopSec"] = "uint64 3"'
	t explain "$BUNDLE"
	refute_match 'systemd:'
	t --systemd-cgroup explain "$BUNDLE"
	assert_status 0
	assert_match 'systemd: Unit = p-n\.scope'
	assert_match 'systemd: Slice = a\.slice'
	assert_match 'systemd: TasksMax = 7'
	assert_match 'systemd: TimeoutStopUSec = 3000000'
	update_config '.linux.cgroupsPath = "/a/b"'
	t --systemd-cgroup explain "$BUNDLE"
	assert_fails 'slice:prefix:name'
}
