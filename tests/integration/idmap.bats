#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Mounts whose files have other owners: idmap, ridmap, and mappings of a mount;
# with them the attributes that are set on a whole tree.

load helpers

# kernel MAJOR MINOR: skips on an older one.
kernel() {
	local a b
	IFS=.- read -r a b _ < <(uname -r)
	((a > $1 || (a == $1 && b >= $2))) || skip "lacks: Linux $1.$2"
}

# A source with files of 0:0 and 1000:1000, and a file system below it.
setup() {
	kernel 5 12
	setup_bundle
	! is_runc || [[ $RUNTIME_VERSION != "runc version 1.1."* ]] ||
		skip 'runc 1.1 has no idmap for this'
	SRC=$W/src
	mkdir -p "$SRC/sub" "$BUNDLE/rootfs/mnt"
	own "$SRC"
	update_config '.process.capabilities |= map_values(. + ["CAP_CHOWN",
		"CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SYS_ADMIN"])'
}

own() {
	touch "$1/root" "$1/user"
	chown 1000:1000 "$1/user"
	chmod 755 "$1"
}

user_ns() {
	set_ns user
	update_config '.linux.uidMappings = [{containerID: 0, hostID: 100000,
			size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: 200000,
			size: 65536}]'
	chown -Rh 100000:200000 "$BUNDLE/rootfs/"[!b]*
}

# with_maps HOST SIZE OPTION...: a mount of $SRC on /mnt, on-disk ids from 0
# become those from HOST.
with_maps() {
	update_config '.mounts += [{destination: "/mnt", type: "bind",
		source: $s, options: $ARGS.positional,
		uidMappings: [{containerID: 0, hostID: $h, size: $n}],
		gidMappings: [{containerID: 0, hostID: $h, size: $n}]}]' \
		--arg s "$SRC" --argjson h "$1" --argjson n "$2" \
		--args -- "${@:3}"
}

OWNERS='stat -c "%n %u:%g" /mnt/root /mnt/user'

@test "mappings: without a user namespace" {
	with_maps 5000 65536 bind
	inside_ok "$OWNERS; touch /mnt/new || echo refused"
	assert_line '/mnt/root 5000:5000'
	assert_line '/mnt/user 6000:6000'
	# The container's root has no id on that file system.
	assert_line refused
	assert_eq "$(stat -c %u:%g "$SRC/user")" 1000:1000
}

@test "mappings: what is written has the id of the file system" {
	with_maps 5000 65536 bind
	update_config '.process.user = {uid: 5000, gid: 5000}'
	inside_ok 'touch /mnt/new && stat -c "%n %u:%g" /mnt/new'
	assert_line '/mnt/new 5000:5000'
	assert_eq "$(stat -c %u:%g "$SRC/new")" 0:0
}

@test "mappings: ids outside are nobody's" {
	with_maps 5000 10 bind
	inside_ok "$OWNERS"
	assert_line '/mnt/root 5000:5000'
	assert_line '/mnt/user 65534:65534'
}

@test "mappings: several ranges" {
	with_maps 5000 10 bind
	update_config '.mounts[-1].uidMappings += [
		{containerID: 1000, hostID: 7, size: 1}]'
	inside_ok "$OWNERS"
	assert_line '/mnt/user 7:65534'
}

@test "mappings: with a user namespace of the container" {
	user_ns
	update_config '.mounts += [{destination: "/mnt", type: "bind",
		source: $s, options: ["rbind"],
		uidMappings: [{containerID: 0, hostID: 100000, size: 65536}],
		gidMappings: [{containerID: 0, hostID: 200000, size: 65536}]}]' \
		--arg s "$SRC"
	inside_ok "$OWNERS; touch /mnt/new; stat -c '%n %u:%g' /mnt/new"
	assert_line '/mnt/root 0:0'
	assert_line '/mnt/user 1000:1000'
	assert_line '/mnt/new 0:0'
	assert_eq "$(stat -c %u:%g "$SRC/new")" 0:0
}

@test "idmap: the container's own mappings" {
	user_ns
	add_mount /mnt "$SRC" bind bind idmap
	inside_ok "$OWNERS; touch /mnt/new"
	assert_line '/mnt/root 0:0'
	assert_line '/mnt/user 1000:1000'
	assert_eq "$(stat -c %u:%g "$SRC/new")" 0:0
}

@test "idmap: a user namespace joined by path" {
	user_ns
	run_bg
	update_config '.linux.cgroupsPath += "/second"
		| .linux.namespaces |= map(if .type == "user"
			then .path = $p else . end)' \
		--arg p "/proc/$(pid_of)/ns/user"
	add_mount /mnt "$SRC" bind bind idmap
	set_script "$OWNERS"
	t run --bundle "$BUNDLE" "$ID-2"
	assert_status 0
	assert_line '/mnt/root 0:0'
	assert_line '/mnt/user 1000:1000'
}

@test "idmap: the top alone; ridmap: what is mounted below too" {
	kernel 6 3
	mount -t tmpfs tmpfs "$SRC/sub"
	own "$SRC/sub"
	user_ns
	add_mount /mnt "$SRC" bind rbind idmap
	inside_ok "$OWNERS /mnt/sub/root"
	assert_line '/mnt/root 0:0'
	assert_line '/mnt/sub/root 65534:65534'
	update_config '.mounts[-1].options = ["rbind", "ridmap"]'
	inside_ok "$OWNERS /mnt/sub/root /mnt/sub/user"
	assert_line '/mnt/root 0:0'
	assert_line '/mnt/sub/root 0:0'
	assert_line '/mnt/sub/user 1000:1000'
}

@test "idmap: a tmpfs as the source" {
	kernel 6 3
	mount -t tmpfs tmpfs "$SRC"
	own "$SRC"
	with_maps 5000 65536 bind
	inside_ok "$OWNERS"
	assert_line '/mnt/root 5000:5000'
	assert_line '/mnt/user 6000:6000'
}

@test "idmap: a file as the source" {
	user_ns
	add_mount /tmp/file "$SRC/user" bind bind idmap ro
	inside_ok 'stat -c %u:%g /tmp/file; cat /proc/self/mountinfo'
	assert_line 1000:1000
	[[ $(mount_line /tmp/file) == *' ro,'* ]]
}

@test "idmap: with other words" {
	user_ns
	add_mount /mnt "$SRC" bind rbind ro nosuid nodev noexec idmap rslave
	inside_ok "$OWNERS; cat /proc/self/mountinfo
		touch /mnt/x 2>/dev/null || echo sealed"
	assert_line '/mnt/user 1000:1000'
	[[ $(mount_line /mnt) == *' ro,nosuid,nodev,noexec'* ]]
	assert_line sealed
}

@test "refused: no bind mount" {
	update_config '.mounts += [{destination: "/mnt", type: "tmpfs",
		source: "tmpfs",
		uidMappings: [{containerID: 0, hostID: 5, size: 9}],
		gidMappings: [{containerID: 0, hostID: 5, size: 9}]}]'
	inside true
	assert_fails 'mounts[6]'
	assert_no_trace
}

@test "refused: one of the two mappings alone" {
	with_maps 5000 65536 bind
	update_config 'del(.mounts[-1].gidMappings)'
	inside true
	assert_fails 'mounts[6]'
	assert_no_trace
}

@test "refused: idmap without any mapping" {
	add_mount /mnt "$SRC" bind bind idmap
	inside true
	assert_fails 'idmap'
	assert_no_trace
}

@test "refused: a file system that cannot" {
	update_config '.mounts += [{destination: "/mnt", type: "bind",
		source: "/proc", options: ["bind"],
		uidMappings: [{containerID: 0, hostID: 5, size: 9}],
		gidMappings: [{containerID: 0, hostID: 5, size: 9}]}]'
	inside true
	assert_fails
	assert_no_trace
}

@test "recursive attributes: on the top and below" {
	mount -t tmpfs tmpfs "$SRC/sub"
	add_mount /mnt "$SRC" bind rbind rro rnosuid rnodev rnoexec rnoatime
	inside_ok 'cat /proc/self/mountinfo
		touch /mnt/x /mnt/sub/x 2>/dev/null || echo sealed'
	local m
	for m in /mnt /mnt/sub; do
		[[ $(mount_line $m) == *' ro,nosuid,nodev,noexec,noatime '* ]]
	done
	assert_line sealed
}

@test "recursive attributes: cleared again" {
	mount -t tmpfs tmpfs "$SRC/sub"
	mount -o remount,bind,nosuid,nodev,noexec,ro "$SRC/sub"
	add_mount /mnt "$SRC" bind rbind rrw rsuid rdev rexec
	inside_ok 'cat /proc/self/mountinfo; touch /mnt/sub/x && echo open'
	[[ $(mount_line /mnt/sub) == *' rw,relatime '* ]]
}

@test "recursive attributes: with a user namespace" {
	mount -t tmpfs tmpfs "$SRC/sub"
	user_ns
	add_mount /mnt "$SRC" bind rbind rro rnosuid
	inside_ok 'cat /proc/self/mountinfo'
	[[ $(mount_line /mnt/sub) == *' ro,nosuid,'* ]]
	[[ $(mount_line /mnt) == *' ro,nosuid,'* ]]
}
