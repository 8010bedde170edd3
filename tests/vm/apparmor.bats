#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# AppArmor as it is on a host of Debian: profiles of the process, of exec, what
# is not there.

load ../integration/helpers

PROFILES='
profile tare-test flags=(attach_disconnected,mediate_deleted) {
	file, capability, network, signal, ptrace, mount, umount, unix,
	deny /etc/secret rwklx,
}
profile tare-other flags=(attach_disconnected,mediate_deleted) {
	file, capability, network, signal, ptrace, mount, umount, unix,
	deny /tmp/** w,
}
# What calls the runtime may be confined itself.
profile tare-caller flags=(attach_disconnected,mediate_deleted) {
	file, capability, network, signal, ptrace, mount, umount, unix,
	pivot_root, userns, mqueue, dbus,
	change_profile -> tare-test,
}'

setup_file() {
	[ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ] ||
		skip 'lacks: AppArmor'
	apparmor_parser -r -K <<<"$PROFILES"
}

setup() {
	[ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ] ||
		skip 'lacks: AppArmor'
	setup_bundle
	echo secret >"$BUNDLE/rootfs/etc/secret"
}

profile() {
	update_config '.process.apparmorProfile = $p' --arg p "$1"
}

LABEL='cat /proc/self/attr/apparmor/current'

@test "the process has the profile, and feels it" {
	profile tare-test
	inside_ok "$LABEL; cat /etc/secret 2>&1; cat /etc/passwd >/dev/null &&
		echo other"
	assert_line 'tare-test (enforce)'
	assert_line "cat: can't open '/etc/secret': Permission denied"
	assert_line other
}

@test "with and without no_new_privs, with a filter, with ids of its own" {
	local f
	for f in '.process.noNewPrivileges = true' \
		'.process.noNewPrivileges = false' \
		'.process.user = {uid: 1000, gid: 1000}' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["chroot"],
				action: "SCMP_ACT_ERRNO"}]}' \
		'.linux.namespaces += [{type: "user"}]
			| .linux.uidMappings = [{containerID: 0,
				hostID: 100000, size: 65536}]
			| .linux.gidMappings = .linux.uidMappings'; do
		profile tare-test
		update_config "$f"
		if [[ $f == *user* ]]; then
			chown -R 100000:100000 "$BUNDLE/rootfs"
			chmod o+x "$W" "$BUNDLE" "$BATS_RUN_TMPDIR" "${W%/*}"
		fi
		inside_ok "$LABEL"
		assert_output 'tare-test (enforce)' || {
			echo "$f"
			false
		}
	done
}

@test "create and start" {
	profile tare-test
	set_script "$LABEL >/tmp/label; sleep 100"
	create_bg
	t start "$ID"
	assert_silent
	wait_until test -s "$BUNDLE/rootfs/tmp/label"
	assert_eq "$(cat "$BUNDLE/rootfs/tmp/label")" 'tare-test (enforce)'
}

@test "no profile, an empty one and unconfined" {
	inside_ok "$LABEL"
	assert_output unconfined
	profile ''
	inside_ok "$LABEL"
	assert_output unconfined
	profile unconfined
	inside_ok "$LABEL"
	assert_output unconfined
}

@test "exec: the container's profile, another by option and by file" {
	profile tare-test
	run_bg
	exec_in "$LABEL"
	assert_output 'tare-test (enforce)'
	t exec --apparmor tare-other "$ID" sh -c "$LABEL
		touch /tmp/x 2>/dev/null || echo denied"
	assert_line 'tare-other (enforce)'
	assert_line denied
	jq '.process | .args = ["cat", "/proc/self/attr/apparmor/current"]
		| .apparmorProfile = "tare-other"' "$BUNDLE/config.json" \
		>"$W/p.json"
	t exec --process "$W/p.json" "$ID"
	assert_status 0
	assert_output 'tare-other (enforce)'
	t exec --apparmor unconfined "$ID" sh -c "$LABEL"
	assert_status 0
	assert_output unconfined
}

@test "a profile that is not loaded is named, and nothing is left" {
	profile tare-missing
	inside true
	assert_fails tare-missing
	assert_no_trace
	t create --bundle "$BUNDLE" "$ID"
	assert_fails tare-missing
	assert_no_trace
	profile tare-test
	set_args sleep 100
	run_bg
	t exec --apparmor tare-missing "$ID" true
	assert_fails tare-missing
	is_status running
}

@test "a caller that is confined itself" {
	profile tare-test
	set_script "$LABEL"
	# With no_new_privs the kernel lets nobody change into another profile.
	update_config '.process.noNewPrivileges = false'
	run --separate-stderr bash -c '
		echo "exec tare-caller" >/proc/self/attr/apparmor/exec
		exec "$@"' bash "$TARE" --root "$ROOT" run --bundle "$BUNDLE" \
		"$ID"
	assert_status 0
	assert_match 'tare-test'
}

@test "hooks of the host's side stay what they were" {
	profile tare-test
	add_hook createRuntime "{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\",
		\"cat /proc/self/attr/apparmor/current >$W/hook\"]}"
	inside_ok true
	assert_eq "$(cat "$W/hook")" unconfined
}

@test "the same as runc" {
	command -v runc >/dev/null || skip 'lacks: runc'
	# Debian has a profile for /usr/bin/runc, which would be stacked.
	cp "$(command -v runc)" "$W/runc"
	profile tare-test
	set_script "$LABEL"
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	local ours=$output
	output=$(timeout 60 "$W/runc" --root "$W/runc-root" run \
		--bundle "$BUNDLE" "$ID" </dev/null)
	assert_output "$ours"
}

@test "features: what the build can and what the host has" {
	t features
	jq -e '.annotations["run.oci.tare.host.apparmor"] == "true" and
		.annotations["run.oci.tare.host.selinux"] == "false"' <<<"$output"
	jq -e '.linux.apparmor.enabled and .linux.selinux.enabled' \
		<<<"$output"
}
