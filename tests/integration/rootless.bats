#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# An ordinary user's containers: ids of its own or of its ranges, no rights on
# cgroups; and root inside a user namespace, as rootless engines call it.

load helpers

# A user for this file, with 65536 further ids.
setup_file() {
	[ "$(id -u)" -eq 0 ] || skip 'root makes the user'
	local n=tare$$
	useradd -M -N -g nogroup -s /bin/sh -d /nonexistent "$n" 2>/dev/null ||
		skip 'no user can be made'
	export RL_USER=$n
	RL_UID=$(id -u "$n")
	RL_GID=$(id -g "$n")
	export RL_UID RL_GID RL_SUB=700000000
	usermod --del-subuids 1-4294967294 --del-subgids 1-4294967294 "$n"
	usermod --add-subuids $RL_SUB-$((RL_SUB + 65535)) \
		--add-subgids $RL_SUB-$((RL_SUB + 65535)) "$n"
	export RL_TARE=$BATS_FILE_TMPDIR/tare
	cp "$TARE" "$RL_TARE"
	chmod 755 "$RL_TARE" "$BATS_FILE_TMPDIR"
}

teardown_file() {
	[ -z "${RL_USER-}" ] || userdel "$RL_USER" 2>/dev/null || :
}

# as CMD...: as that user, with nothing of root's environment.
as() {
	(cd "$W" && exec setpriv --reuid="$RL_UID" --regid="$RL_GID" \
		--clear-groups --inh-caps=-all \
		env -i PATH="$PATH" HOME="$W" XDG_RUNTIME_DIR="$W/run" "$@")
}

tare() {
	as timeout --foreground -k 1 20 "$RL_TARE" ${ROOT:+--root "$ROOT"} \
		"$@" 3>&-
}

setup() {
	tare_only
	setup_bundle
	local d=$W
	while [ "$d" != "$(dirname "$BATS_RUN_TMPDIR")" ]; do
		chmod o+x "$d"
		d=$(dirname "$d")
	done
	mkdir "$W/run"
	rm "$BUNDLE/config.json"
	chown "$RL_UID:$RL_GID" "$W" "$W/run" "$ROOT" "$BUNDLE"
	chown -Rh "$RL_UID:$RL_GID" "$BUNDLE/rootfs/"[!b]* "$BUNDLE/rootfs"
	tare spec --rootless --bundle "$BUNDLE"
	update_config '.process.terminal = false | .root.readonly = false
		| .process.args = ["sleep", "100"]'
	chmod 644 "$BUNDLE/config.json"
}

# The ids of the caller's ranges as well.
ranges() {
	update_config '
		.linux.uidMappings = [{containerID: 0, hostID: $u, size: 1},
			{containerID: 1, hostID: $s, size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: $g, size: 1},
			{containerID: 1, hostID: $s, size: 65536}]' \
		--argjson u "$RL_UID" --argjson g "$RL_GID" \
		--argjson s "$RL_SUB"
}

need_helper() {
	command -v newuidmap >/dev/null || skip 'no newuidmap'
}

@test "spec --rootless: maps the caller to root, runs as it is" {
	inside_ok 'id -u; id -g; cat /proc/self/uid_map /proc/self/setgroups
		echo $$; hostname; touch /root/x'
	assert_line 0
	assert_match " 0 +$RL_UID +1"
	assert_line deny
	assert_line 1
	assert_eq "$(stat -c %u "$BUNDLE/rootfs/root/x")" "$RL_UID"
	jq -e '.linux | has("cgroupsPath") or (.resources // {} | length > 0)
		| not' "$BUNDLE/config.json"
}

@test "single mapping: mounts, devices, masks" {
	inside_ok 'echo x >/dev/null; head -c 2 /dev/zero | wc -c
		stat -c %t:%T /dev/null; ls /dev/pts/ptmx
		cat /proc/kcore | head -c 1 | wc -c
		cat /proc/self/mountinfo; ls /sys/class/net | head -n 1'
	assert_line 1:3
	assert_line /dev/pts/ptmx
	[[ $(mount_line /proc) == *' - proc '* ]]
	[[ $(mount_line /dev/mqueue) == *' - mqueue '* ]]
	[[ $(mount_line /sys) == *' ro,'* ]]
}

@test "single mapping: bind mounts" {
	mkdir -m 700 "$W/vol"
	echo data >"$W/vol/f"
	chown -R "$RL_UID:$RL_GID" "$W/vol"
	add_mount /mnt/vol "$W/vol" bind rbind ro
	inside_ok 'cat /mnt/vol/f; touch /mnt/vol/g 2>/dev/null || echo sealed'
	assert_output $'data\nsealed'
}

@test "single mapping: what only root has stays closed" {
	mkdir -m 700 "$W/closed"
	add_mount /mnt/vol "$W/closed/in" bind rbind
	inside true
	assert_fails "$W/closed/in"
	[ ! -e "$ROOT/$ID" ]
}

@test "single mapping: other users and more groups are refused" {
	update_config '.process.user = {uid: 5, gid: 0}'
	inside true
	assert_fails
	update_config '.process.user = {uid: 0, gid: 0, additionalGids: [0]}'
	inside true
	assert_fails
	[ ! -e "$ROOT/$ID" ]
}

@test "ranges: by newuidmap and newgidmap" {
	need_helper
	ranges
	set_caps CAP_CHOWN
	inside_ok 'cat /proc/self/uid_map; chown 5:6 /root &&
		stat -c %u:%g /root; cat /proc/self/setgroups'
	assert_match " 1 +$RL_SUB +65536"
	assert_line allow
	assert_eq "$(stat -c %u:%g "$BUNDLE/rootfs/root")" \
		$((RL_SUB + 4)):$((RL_SUB + 5))
}

@test "ranges: a user and groups of them" {
	need_helper
	ranges
	update_config '.process.user = {uid: 1000, gid: 1000}'
	inside_ok 'id -u; id -g; stat -c %u /proc/self/'
	assert_output $'1000\n1000\n1000'
}

@test "ranges: that the caller does not have are refused" {
	need_helper
	ranges
	update_config '.linux.uidMappings[1].hostID = 1'
	inside true
	assert_fails
	[ ! -e "$ROOT/$ID" ]
}

@test "life: create, start, state, list, exec, kill, delete" {
	create_bg
	is_status created
	bg start "$ID"
	is_status running
	t list -q
	assert_output "$ID"
	t list
	assert_match "$RL_USER"
	exec_in 'id -u; readlink /proc/self/ns/user'
	assert_line 0
	assert_line "$(readlink "/proc/$(pid_of)/ns/user")"
	t exec "$ID" false
	assert_status 1
	t kill "$ID" KILL
	assert_status 0
	wait_until is_status stopped
	t delete "$ID"
	assert_status 0
	[ ! -e "$ROOT/$ID" ]
}

@test "life: exec and delete --force with ranges" {
	need_helper
	ranges
	run_bg
	t exec --user 1000:1000 "$ID" id -u
	assert_output 1000
	assert_eq "$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' \
		"/proc/$(pid_of)/status")" "$RL_UID"
	t delete --force "$ID"
	assert_status 0
	[ ! -e "$ROOT/$ID" ]
}

@test "life: foreground, exit code, signals" {
	set_script 'exit 7'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 7
	[ ! -e "$ROOT/$ID" ]
}

@test "root: XDG_RUNTIME_DIR by default" {
	set_args sleep 100
	local root=$ROOT
	ROOT='' bg run -d --bundle "$BUNDLE" "$ID"
	[ -d "$W/run/tare/$ID" ]
	assert_eq "$(stat -c %u "$W/run/tare/$ID")" "$RL_UID"
	ROOT='' t state "$ID"
	assert_status 0
	ROOT='' t delete -f "$ID"
	ROOT=$root
	assert_status 0
	[ ! -e "$W/run/tare/$ID" ]
}

@test "root: another user's container is out of reach" {
	run_bg
	run setpriv --reuid=65533 --regid=65533 --clear-groups \
		--inh-caps=-all "$RL_TARE" --root "$ROOT" kill "$ID" KILL
	[ "$status" -ne 0 ]
	is_status running
}

@test "cgroups: a path that the caller may not make is an error" {
	update_config '.linux.cgroupsPath = $p' --arg p "$CG"
	inside true
	assert_fails
	[ ! -e "$ROOT/$ID" ]
}

@test "hooks: run as the caller" {
	printf '#!/bin/sh\nid -u >%s/hook.out\n' "$BUNDLE" >"$W/hook"
	chmod 755 "$W/hook"
	add_hook createRuntime "$(jq -n --arg p "$W/hook" '{path: $p}')"
	inside_ok true
	assert_eq "$(cat "$BUNDLE/hook.out")" "$RL_UID"
}

@test "time namespace and rlimits" {
	set_ns time
	update_config '.linux.timeOffsets = {boottime: {secs: 864000}}
		| .process.rlimits = [{type: "RLIMIT_NOFILE",
			soft: 100, hard: 200}]'
	inside_ok 'cat /proc/uptime; ulimit -n; ulimit -Hn'
	[ "${lines[0]%%.*}" -ge 864000 ]
	assert_line 100
	assert_line 200
}

# --- root in a user namespace ---------------------------------------------

# As podman does: a user and a mount namespace with all the caller's ids.
in_userns() {
	unshare --help | grep -q -- --map-auto || skip 'unshare is too old'
	need_helper
	tare() {
		as timeout --foreground -k 1 20 unshare --user --map-root-user \
			--map-auto --mount "$RL_TARE" \
			${ROOT:+--root "$ROOT"} "$@" 3>&-
	}
}

without_userns() {
	del_namespace user
	update_config 'del(.linux.uidMappings, .linux.gidMappings)'
}

@test "in a user namespace: a container without one of its own" {
	in_userns
	without_userns
	set_caps CAP_CHOWN
	inside_ok 'cat /proc/self/uid_map; id -u; chown 5:6 /root
		echo x >/dev/null; stat -c %t:%T /dev/null; echo $$'
	assert_match " 1 +$RL_SUB +6553"
	assert_line 1:3
	assert_eq "$(stat -c %u "$BUNDLE/rootfs/root")" $((RL_SUB + 4))
}

@test "in a user namespace: one of its own with a part of the ids" {
	in_userns
	update_config '.linux.uidMappings = [{containerID: 0, hostID: 1,
			size: 1000}]
		| .linux.gidMappings = [{containerID: 0, hostID: 1,
			size: 1000}]
		| .process.user = {uid: 3, gid: 4}'
	chown -Rh "$RL_SUB:$RL_SUB" "$BUNDLE/rootfs/"[!b]*
	inside_ok 'id -u; id -g; cat /proc/self/uid_map'
	assert_line 3
	assert_line 4
	assert_match ' 0 +1 +1000'
}

@test "in a user namespace: state root and a bind mount" {
	in_userns
	without_userns
	mkdir -m 700 "$W/vol"
	echo data >"$W/vol/f"
	chown -R "$RL_UID:$RL_GID" "$W/vol"
	add_mount /mnt/vol "$W/vol" bind rbind
	set_script 'cat /mnt/vol/f'
	local root=$ROOT
	ROOT='' t run --keep --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output data
	[ -d "$W/run/tare/$ID" ]
	ROOT='' t delete "$ID"
	ROOT=$root
	assert_status 0
}
