#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# SELinux with Debian's policy, permissive: labels of the process, of its
# mounts and of its keyring.

load ../integration/helpers

T=system_u:system_r:container_t:s0:c1,c2
OTHER=system_u:system_r:container_t:s0:c3,c4
M=system_u:object_r:container_file_t:s0:c1,c2

setup() {
	[ -e /sys/fs/selinux/policyvers ] || skip 'lacks: SELinux'
	setup_bundle
}

process_label() {
	update_config '.process.selinuxLabel = $l' --arg l "$1"
}

mount_label() {
	update_config '.linux.mountLabel = $l' --arg l "$1"
}

LABEL='cat /proc/self/attr/current'

# t's output was rid of the NUL that ends a label.
@test "the process has the label" {
	process_label $T
	inside_ok "$LABEL"
	assert_output $T
}

@test "no label: that of the caller goes on" {
	inside_ok "$LABEL"
	assert_output "$(tr -d '\0' </proc/self/attr/current)"
}

@test "with ids, filters and namespaces of its own" {
	local f
	for f in '.process.noNewPrivileges = false' \
		'.process.user = {uid: 1000, gid: 1000}' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["chroot"],
				action: "SCMP_ACT_ERRNO"}]}' \
		'.linux.namespaces += [{type: "user"}]
			| .linux.uidMappings = [{containerID: 0,
				hostID: 100000, size: 65536}]
			| .linux.gidMappings = .linux.uidMappings'; do
		process_label $T
		update_config "$f"
		if [[ $f == *'"user"'* ]]; then
			chown -R 100000:100000 "$BUNDLE/rootfs"
			chmod o+x "$W" "$BUNDLE" "$BATS_RUN_TMPDIR" "${W%/*}"
		fi
		inside_ok "$LABEL"
		assert_output $T || {
			echo "$f"
			false
		}
	done
}

@test "exec: the container's label, another by option and by file" {
	process_label $T
	run_bg
	exec_in "$LABEL"
	assert_output $T
	t exec --process-label $OTHER "$ID" sh -c "$LABEL"
	assert_status 0
	assert_output $OTHER
	jq --arg l $OTHER '.process | .selinuxLabel = $l
		| .args = ["cat", "/proc/self/attr/current"]' \
		"$BUNDLE/config.json" >"$W/p.json"
	t exec --process "$W/p.json" "$ID"
	assert_status 0
	assert_output $OTHER
}

@test "a label that the policy does not have is named, and nothing is left" {
	process_label system_u:system_r:nothing_t:s0
	inside true
	assert_fails nothing_t
	assert_no_trace
	process_label $T
	set_args sleep 100
	run_bg
	t exec --process-label system_u:system_r:nothing_t:s0 "$ID" true
	assert_fails nothing_t
	is_status running
}

@test "mountLabel: file systems of the container, and what is made there" {
	local m f
	process_label $T
	mount_label $M
	add_mount /scratch tmpfs tmpfs
	set_args sleep 100
	run_bg
	local r
	r=/proc/$(pid_of)/root
	for f in /dev /dev/shm /dev/null /dev/pts /scratch; do
		assert_eq "$(stat -c %C "$r$f")" $M "$f"
	done
	exec_in ': >/scratch/x; mkdir /dev/shm/d'
	assert_status 0
	assert_eq "$(stat -c %C "$r/scratch/x")" $M
	assert_eq "$(stat -c %C "$r/dev/shm/d")" $M
	# Their labels come from the policy.
	for f in /proc /sys; do
		[ "$(stat -c %C "$r$f")" != $M ]
	done
	t exec "$ID" cat /proc/self/mountinfo
	[[ $(mount_line /scratch) == *"context=\"$M\""* ]] ||
		[[ $(mount_line /scratch) == *"context=$M"* ]]
}

@test "mountLabel: one that is not valid is named" {
	mount_label system_u:object_r:nothing_t:s0
	add_mount /scratch tmpfs tmpfs
	inside true
	assert_fails nothing_t
	assert_no_trace
}

@test "bind mounts keep their labels" {
	process_label $T
	mount_label $M
	mkdir "$W/vol"
	local before
	before=$(stat -c %C "$W/vol")
	add_mount /vol "$W/vol" bind bind
	inside_ok true
	assert_eq "$(stat -c %C "$W/vol")" "$before"
}

@test "the keyring has the label of the process" {
	process_label $T
	"$CC" -o "$BUNDLE/rootfs/keylabel" keylabel.c
	set_args /keylabel
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output $T
	set_args sleep 100
	run_bg
	t exec --process-label $OTHER "$ID" /keylabel
	assert_status 0
	assert_output $OTHER
}

@test "the same as runc: labels of process, keyring and mounts" {
	command -v runc >/dev/null || skip 'lacks: runc'
	local ours theirs
	process_label $T
	mount_label $M
	"$CC" -o "$BUNDLE/rootfs/keylabel" keylabel.c
	cp "$(command -v runc)" "$W/runc"
	set_script '/keylabel; cat /proc/self/attr/current
		awk "index(\$5, \"/dev\") == 1 { print \$5, \$NF }" \
			/proc/self/mountinfo | grep -o ".*context=[^,]*,[^,]*"'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	ours=$output
	theirs=$(timeout 60 "$W/runc" --root "$W/runc-root" run \
		--bundle "$BUNDLE" "$ID" </dev/null | tr -d '\0')
	assert_eq "$ours" "$theirs"
	assert_match container_file_t
}

@test "features: what the build can and what the host has" {
	t features
	jq -e '.annotations["run.oci.tare.host.selinux"] == "true" and
		.annotations["run.oci.tare.host.apparmor"] == "false"' <<<"$output"
	jq -e '.linux.selinux.enabled and .linux.apparmor.enabled' \
		<<<"$output"
}
