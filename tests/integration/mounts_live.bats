#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mounts add, mounts remove: the mounts of a container that is there.

load helpers

add() {
	jq -n "$1" --args -- "${@:2}" >"$W/m.json"
	t mounts add "$ID" "$W/m.json"
}

@test "add: a bind mount, a tmpfs and a procfs" {
	mkdir "$W/src"
	echo of-the-host >"$W/src/file"
	run_bg
	add '[{destination: "/made/here", type: "bind", source: $ARGS.positional[0],
		options: ["bind", "ro"]},
		{destination: "/t", type: "tmpfs", options: ["size=64k", "noexec"]},
		{destination: "/p", type: "proc"}]' "$W/src"
	assert_silent
	exec_in 'cat /made/here/file; touch /made/here/x || echo read-only
		touch /t/x && grep " /t " /proc/mounts; readlink /p/1/exe'
	assert_line of-the-host
	assert_line read-only
	assert_match '/t tmpfs rw,noexec.*size=64k'
	assert_line /bin/busybox
	# of the container alone
	assert_eq "$(grep -cF "$W/src" /proc/self/mountinfo)" 0
}

@test "remove: by destination" {
	add_mount /t tmpfs tmpfs
	run_bg
	exec_in 'grep -c " /t " /proc/mounts'
	assert_output 1
	echo '{"mounts": [{"destination": "/t"}]}' >"$W/m.json"
	t mounts remove "$ID" "$W/m.json"
	assert_silent
	exec_in 'grep -c " /t " /proc/mounts || :'
	assert_output 0
	t mounts remove "$ID" "$W/m.json"
	assert_fails 'unmount /t'
}

@test "add: in a user namespace" {
	update_config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings'
	mkdir -m 700 "$W/src"
	echo inside >"$W/src/file"
	chmod 644 "$W/src/file"
	chmod 755 "$W/src"
	chown 100000:100000 "$BUNDLE/rootfs"
	run_bg
	add '[{destination: "/b", type: "bind", source: $ARGS.positional[0],
		options: ["rbind"]}, {destination: "/t", type: "tmpfs"}]' "$W/src"
	assert_silent
	exec_in 'cat /b/file; touch /t/x && stat -c %u /t/x'
	assert_output $'inside\n0'
}

@test "add: a link of the image does not lead out" {
	run_bg
	exec_in "mkdir /d; ln -s /../../../../../../../../$W/out /d/link"
	mkdir "$W/out"
	add '[{destination: "/d/link", type: "tmpfs", source: "tmpfs"}]'
	assert_eq "$(grep -cF "$W/out" /proc/self/mountinfo)" 0
}

@test "faults name the file and the place" {
	run_bg
	echo '[{"type": "tmpfs"}]' >"$W/m.json"
	t mounts add "$ID" "$W/m.json"
	assert_fails "$W/m.json"
	assert_err 'mounts[0].destination'
	t mounts add "$ID" "$W/none.json"
	assert_fails "$W/none.json"
	t mounts change "$ID" "$W/m.json"
	assert_fails 'add or remove'
	add '[{destination: "/x", type: "no-such-fs"}]'
	assert_fails 'mounts[0]'
	t kill "$ID" KILL
	wait_until is_status stopped
	add '[]'
	assert_fails 'container not running'
}
