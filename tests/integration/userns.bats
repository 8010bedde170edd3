#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A container in a user namespace of its own: what its root may no longer
# reach is made by the parent, and nothing is more than the maps give. Also
# time namespaces and pid namespaces that two containers share.

load helpers

# Ids 0..65535 of the container are 100000.. and 200000.. of the host. The
# test's folder is 0700: nothing of it can be reached by path from inside.
setup() {
	setup_bundle
	set_ns user
	update_config '.linux.uidMappings = [{containerID: 0, hostID: 100000,
			size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: 200000,
			size: 65536}]'
	chown -Rh 100000:200000 \
		"$BUNDLE/rootfs/"{etc,home,root,tmp,dev,proc,sys,var}
	mkdir "$BUNDLE/rootfs/mnt"
	chown 100000:200000 "$BUNDLE/rootfs/mnt"
	chmod 700 "$W"
}

no_user_ns() {
	del_namespace user
	update_config 'del(.linux.uidMappings, .linux.gidMappings)'
}

# A second container, alike; its cgroup is below the first one's parent.
second_bundle() {
	B2=$W/second
	make_bundle "$B2"
	jq --arg cg "$CG-2" '.linux.cgroupsPath = $cg' \
		"$BUNDLE/config.json" >"$B2/config.json"
}

teardown() {
	local c rc=0
	teardown_bundle || rc=1
	for c in $(cg_dirs "$CG-2"); do
		[ ! -d "$c" ] || rmdir "$c" || rc=1
	done
	return $rc
}

@test "maps: as configured, and several ranges" {
	update_config '.linux.uidMappings = [
			{containerID: 0, hostID: 100000, size: 1},
			{containerID: 1, hostID: 300000, size: 1000},
			{containerID: 5000, hostID: 100001, size: 10}]'
	inside_ok 'cat /proc/self/uid_map; echo; cat /proc/self/gid_map
		cat /proc/self/setgroups'
	assert_match '0 +100000 +1'$'\n'' +1 +300000 +1000'
	assert_match ' 5000 +100001 +10'
	assert_match ' 0 +200000 +65536'
	assert_line allow
}

@test "maps: an id of the process that is in none is refused" {
	update_config '.process.user = {uid: 70000, gid: 0}'
	inside true
	assert_fails
	update_config '.process.user = {uid: 0, gid: 70000}'
	inside true
	assert_fails
	update_config '.process.user = {uid: 0, gid: 0,
		additionalGids: [70000]}'
	inside true
	assert_fails
	assert_no_trace
}

@test "maps: one that overlaps is refused and leaves nothing" {
	update_config '.linux.uidMappings += [
		{containerID: 10, hostID: 500000, size: 10}]'
	inside true
	assert_fails
	assert_no_trace
}

@test "maps: without a user namespace they mean nothing, as with runc" {
	del_namespace user
	inside_ok 'cat /proc/self/uid_map'
	assert_match '0 +0 +4294967295'
}

@test "capabilities: of the new namespace alone" {
	set_caps CAP_SYS_ADMIN CAP_NET_ADMIN CAP_CHOWN CAP_MKNOD
	inside_ok 'grep CapEff /proc/self/status
		mount -t tmpfs none /tmp && echo mounted
		chown 5:6 /etc/passwd && stat -c %u:%g /etc/passwd
		mknod /root/n c 1 3 || echo no node'
	assert_line mounted
	assert_line 5:6
	assert_line 'no node'
	assert_eq "$(stat -c %u:%g "$BUNDLE/rootfs/etc/passwd")" 100005:200006
}

@test "files of nobody: the host's root owns what is not mapped" {
	inside_ok 'stat -c %u:%g /bin; rm /bin/cat 2>/dev/null || echo kept'
	assert_line 65534:65534
	assert_line kept
}

@test "root file system: below a folder that only the host's root enters" {
	assert_eq "$(stat -c %a "$W")" 700
	inside_ok 'echo here >/tmp/f; cat /tmp/f; ls -d /bin/busybox'
	assert_line here
	assert_eq "$(cat "$BUNDLE/rootfs/tmp/f")" here
}

@test "root file system: read-only" {
	update_config '.root.readonly = true'
	inside_ok 'touch /tmp/x 2>/dev/null || echo sealed
		touch /dev/x && echo open'
	assert_line sealed
	assert_line open
}

@test "bind: a source that the container's root cannot reach by path" {
	mkdir -p "$W/closed/dir"
	chmod 700 "$W/closed"
	echo data >"$W/closed/dir/file"
	echo single >"$W/closed/single"
	add_mount /mnt/dir "$W/closed/dir" bind rbind
	add_mount /mnt/ro "$W/closed/dir" bind rbind ro
	add_mount /mnt/single "$W/closed/single" bind bind ro nosuid
	inside_ok 'cat /mnt/dir/file /mnt/ro/file /mnt/single
		cat /proc/self/mountinfo'
	assert_line data
	assert_line single
	[[ $(mount_line /mnt/ro) == *' ro,'* ]]
	[[ $(mount_line /mnt/single) == *' ro,nosuid'* ]]
	[[ $(mount_line /mnt/dir) == *' rw,'* ]]
}

@test "bind: flags that the host locked stay, and ro can be added" {
	mkdir "$W/src"
	mount -t tmpfs -o nosuid,nodev,noexec tmpfs "$W/src"
	chmod 777 "$W/src"
	add_mount /mnt/a "$W/src" bind rbind
	add_mount /mnt/b "$W/src" bind rbind ro
	inside_ok 'cat /proc/self/mountinfo'
	[[ $(mount_line /mnt/a) == *' rw,nosuid,nodev,noexec'* ]]
	[[ $(mount_line /mnt/b) == *' ro,nosuid,nodev,noexec'* ]]
}

@test "bind: a mount point that the container's root may not make" {
	mkdir "$W/src"
	add_mount /new/dir "$W/src" bind rbind
	inside true
	assert_fails 'permission denied'
	assert_no_trace
}

@test "bind: a missing source names itself" {
	add_mount /mnt/a "$W/none" bind rbind
	inside true
	assert_fails "$W/none"
	assert_no_trace
}

@test "masked and read-only paths" {
	mkdir -p "$BUNDLE/rootfs/etc/secret"
	echo hidden >"$BUNDLE/rootfs/etc/secret/f"
	echo hidden >"$BUNDLE/rootfs/etc/file"
	update_config '.linux.maskedPaths += ["/etc/secret", "/etc/file"]
		| .linux.readonlyPaths += ["/home"]'
	inside_ok 'ls /etc/secret; cat /etc/file
		touch /home/x 2>/dev/null || echo sealed
		cat /proc/kcore | head -c 10 | wc -c
		echo 1 2>/dev/null >/proc/sys/kernel/hostname || echo ro'
	refute_match hidden
	assert_line sealed
	assert_line 0
	assert_line ro
	inside_ok 'umount /etc/secret 2>/dev/null || echo stays'
	assert_line stays
}

@test "devices: by bind mount, usable, with the mode of the host's" {
	inside_ok 'for d in null zero full random urandom tty; do
			stat -c "%n %t:%T" /dev/$d
		done
		echo x >/dev/null && head -c 3 /dev/zero | wc -c
		head -c 5 /dev/urandom | wc -c
		ls -l /dev/fd /dev/stdin | grep -c /proc/self/fd
		grep -c " /dev/null " /proc/self/mountinfo'
	assert_line '/dev/null 1:3'
	assert_line '/dev/zero 1:5'
	assert_line '/dev/full 1:7'
	assert_line '/dev/random 1:8'
	assert_line '/dev/urandom 1:9'
	assert_line '/dev/tty 5:0'
	assert_line 3
	assert_line 5
	assert_line 2
	assert_line 1
}

@test "devices: a configured one is the host's" {
	[ -c /dev/fuse ] || [ -c /dev/kmsg ] || skip 'lacks: a device to try'
	local d=/dev/fuse n
	[ -c $d ] || d=/dev/kmsg
	n=$(stat -c '%t %T' $d)
	update_config '.linux.devices = [{path: $d, type: "c",
			major: $a, minor: $i}]' --arg d $d \
		--argjson a $((16#${n% *})) --argjson i $((16#${n#* }))
	inside_ok "stat -c %t:%T $d; stat -c '%t %T' $d"
	assert_line "$n"
}

@test "devpts: the container's own, owned by its root" {
	inside_ok 'stat -c "%a %u" /dev/pts/ptmx; readlink /dev/ptmx
		cat /proc/self/mountinfo'
	assert_line '666 0'
	[[ $(mount_line /dev/pts) == *devpts*gid=200005* ]]
	assert_line pts/ptmx
}

@test "mqueue: mounted, queues can be made" {
	inside_ok 'touch /dev/mqueue/q && ls /dev/mqueue
		cat /proc/self/mountinfo'
	assert_line q
	[[ $(mount_line /dev/mqueue) == *' - mqueue '* ]]
}

@test "sysfs: of the own network namespace" {
	inside_ok 'ls /sys/class/net; cat /proc/self/mountinfo'
	assert_line lo
	[[ $(mount_line /sys) == *' ro,'*' - sysfs '* ]]
}

@test "sysfs: the host's, read-only, when the network is the host's" {
	del_namespace network
	inside_ok 'ls /sys/class/net | wc -l; cat /proc/self/mountinfo
		touch /sys/x 2>/dev/null || echo sealed'
	[[ $(mount_line /sys) == *' ro,'* ]]
	assert_line sealed
	assert_line "$(find /sys/class/net/ -mindepth 1 | wc -l)"
}

@test "cgroup mount: seen read-only" {
	add_mount /sys/fs/cgroup cgroup cgroup nosuid noexec nodev ro
	inside_ok 'ls -d /sys/fs/cgroup/*; touch /sys/fs/cgroup/pids/x \
		2>/dev/null || echo sealed'
	assert_line sealed
}

@test "sysctl: of the own network and ipc namespace" {
	update_config '.linux.sysctl = {"net.ipv4.ip_forward": "1",
		"kernel.shmmni": "1234"}'
	inside_ok 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni'
	assert_output $'1\n1234'
}

@test "rlimits and oomScoreAdj: set by the parent" {
	update_config '.process.rlimits = [
			{type: "RLIMIT_NOFILE", soft: 300, hard: 400},
			{type: "RLIMIT_CORE", soft: 0, hard: 0}]
		| .process.oomScoreAdj = 500'
	inside_ok 'ulimit -n; ulimit -Hn; ulimit -c
		cat /proc/self/oom_score_adj'
	assert_output $'300\n400\n0\n500'
}

@test "rlimits: above those of the caller" {
	capsh --has-p=cap_sys_resource 2>/dev/null ||
		skip 'lacks: CAP_SYS_RESOURCE'
	update_config '.process.rlimits = [
		{type: "RLIMIT_NOFILE", soft: 5000, hard: 5000}]'
	set_script 'ulimit -Hn'
	ulimit -n 1000
	t run --bundle "$BUNDLE" "$ID"
	assert_output 5000
}

@test "exec: in all namespaces, as root and as a user" {
	set_args sleep 100
	run_bg
	local ns
	exec_in 'for n in user pid net ipc uts mnt; do
			readlink /proc/self/ns/$n; done; id -u; cat /proc/self/uid_map'
	for ns in user pid net ipc uts mnt; do
		assert_line "$(readlink "/proc/$(pid_of)/ns/$ns")"
	done
	assert_match '100000 +65536'
	t exec --user 1000:1000 --additional-gids 7 "$ID" sh -c \
		'id -u; id -G; grep CapEff /proc/self/status'
	assert_line 1000
	assert_line '1000 7'
	assert_match 'CapEff:.0000000000000000'
	exec_in 'touch /tmp/made'
	assert_eq "$(stat -c %u:%g "$BUNDLE/rootfs/tmp/made")" 100000:200000
	t exec --user 70000 "$ID" true
	assert_fails
}

@test "hooks: createContainer in the mounts, startContainer as its root" {
	local h
	printf '#!/bin/sh\nid -u >/tmp/started; cat /proc/self/uid_map %s\n' \
		'>>/tmp/started' >"$BUNDLE/rootfs/tmp/hook"
	printf '#!/bin/sh\nls -d %s/rootfs/tmp >%s/created 2>&1\n' \
		"$BUNDLE" "$W" >"$W/hook"
	chmod 755 "$W/hook" "$BUNDLE/rootfs/tmp/hook"
	add_hook createRuntime "$(jq -n --arg p "$W/hook" '{path: $p}')"
	add_hook startContainer '{"path": "/tmp/hook"}'
	inside_ok 'cat /tmp/started'
	assert_match '^0'
	assert_match '100000 +65536'
	assert_eq "$(cat "$W/created")" "$BUNDLE/rootfs/tmp"
	h=$(stat -c %u "$BUNDLE/rootfs/tmp/started")
	assert_eq "$h" 100000
}

@test "console: the pty is the container's and belongs to its user" {
	update_config '.process.terminal = true
		| .process.user = {uid: 1000, gid: 1000}'
	set_script 'tty; stat -c %u /dev/console; echo x >/dev/tty && echo ok'
	on_tty "$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	assert_match /dev/pts/0
	assert_match 1000
	assert_match ok
}

@test "create, start, kill, delete" {
	set_args sleep 100
	create_bg
	is_status created
	[ "$(readlink "/proc/$(pid_of)/ns/user")" != \
		"$(readlink /proc/self/ns/user)" ]
	bg start "$ID"
	is_status running
	t pause "$ID"
	assert_status 0
	t resume "$ID"
	assert_status 0
	t kill "$ID" KILL
	assert_status 0
	wait_until is_status stopped
	t delete "$ID"
	assert_status 0
	assert_no_trace
}

@test "delete --force: of a created one" {
	create_bg
	t delete --force "$ID"
	assert_status 0
	assert_no_trace
}

@test "seccomp and noNewPrivileges" {
	update_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["mkdir", "mkdirat"],
		action: "SCMP_ACT_ERRNO", errnoRet: 38}]}'
	inside_ok 'mkdir /tmp/d 2>&1 || :
		grep -E "NoNewPrivs|Seccomp:" /proc/self/status'
	assert_match 'not implemented'
	assert_match $'NoNewPrivs:\t1'
	assert_match $'Seccomp:\t2'
}

@test "joined by path: with the maps, all is made" {
	newer_than_runc_1_1 'maps beside a path'
	set_args sleep 100
	run_bg
	second_bundle
	jq --arg p "/proc/$(pid_of)/ns/user" '.linux.namespaces |=
			map(if .type == "user" then .path = $p else . end)
		| .process.args = ["sh", "-c", "readlink /proc/self/ns/user
			id -u; echo x >/dev/null && stat -c %t:%T /dev/null
			touch /dev/mqueue/q && echo queue
			ls /sys/class/net"]' "$B2/config.json" >"$B2/.new"
	mv "$B2/.new" "$B2/config.json"
	t run --bundle "$B2" "$ID-2"
	assert_status 0
	assert_line "$(readlink "/proc/$(pid_of)/ns/user")"
	assert_line 0
	assert_line 1:3
	assert_line queue
	assert_line lo
}

@test "joined by path: together with the namespaces that it owns" {
	newer_than_runc_1_1 'maps beside a path'
	set_args sleep 100
	run_bg
	second_bundle
	jq --arg p "/proc/$(pid_of)/ns/" '.linux.namespaces |= map(
			if .type == "user" then .path = $p + "user"
			elif .type == "network" then .path = $p + "net"
			elif .type == "ipc" then .path = $p + "ipc"
			elif .type == "uts" then .path = $p + "uts"
			else . end) | del(.hostname)
		| .process.args = ["sh", "-c", "for n in user net ipc uts
			do readlink /proc/self/ns/$n; done"]' \
		"$B2/config.json" >"$B2/.new"
	mv "$B2/.new" "$B2/config.json"
	t run --bundle "$B2" "$ID-2"
	assert_status 0
	for ns in user net ipc uts; do
		assert_line "$(readlink "/proc/$(pid_of)/ns/$ns")"
	done
}

# --- time ---------------------------------------------------------------

@test "time: offsets of both clocks" {
	newer_than_runc_1_1 'time namespaces'
	no_user_ns
	set_ns time
	update_config '.linux.timeOffsets = {
		boottime: {secs: 864000, nanosecs: 5},
		monotonic: {secs: 7200, nanosecs: 500000000}}'
	inside_ok 'cat /proc/self/timens_offsets /proc/uptime'
	assert_match 'monotonic +7200 +500000000'
	assert_match 'boottime +864000 +5'
	[ "$(tail -n 1 <<<"$output" | cut -d. -f1)" -ge 864000 ]
}

@test "time: a namespace without offsets, and exec into one with" {
	newer_than_runc_1_1 'time namespaces'
	no_user_ns
	set_ns time
	inside_ok 'cat /proc/self/timens_offsets; readlink /proc/self/ns/time'
	assert_match 'boottime +0 +0'
	refute_match "$(readlink /proc/self/ns/time | tr -dc 0-9)"
	update_config '.linux.timeOffsets = {boottime: {secs: 864000}}'
	set_args sleep 100
	run_bg
	exec_in 'cat /proc/uptime; readlink /proc/self/ns/time'
	assert_match "$(readlink "/proc/$(pid_of)/ns/time" | tr -dc 0-9)"
	[ "${output%%.*}" -ge 864000 ]
}

@test "time: in a user namespace" {
	newer_than_runc_1_1 'time namespaces'
	set_ns time
	update_config '.linux.timeOffsets = {boottime: {secs: 864000}}'
	inside_ok 'cat /proc/uptime'
	[ "${output%%.*}" -ge 864000 ]
}

@test "time: joined by path" {
	newer_than_runc_1_1 'time namespaces'
	no_user_ns
	set_ns time
	update_config '.linux.timeOffsets = {boottime: {secs: 864000}}'
	set_args sleep 100
	run_bg
	second_bundle
	jq --arg p "/proc/$(pid_of)/ns/time" 'del(.linux.timeOffsets)
		| .linux.namespaces |=
			map(if .type == "time" then .path = $p else . end)
		| .process.args = ["cat", "/proc/uptime"]' \
		"$B2/config.json" >"$B2/.new"
	mv "$B2/.new" "$B2/config.json"
	t run --bundle "$B2" "$ID-2"
	assert_status 0
	[ "${output%%.*}" -ge 864000 ]
}

@test "time: an unknown clock, and offsets before the boot, are refused" {
	no_user_ns
	set_ns time
	update_config '.linux.timeOffsets = {realtime: {secs: 1}}'
	inside true
	assert_fails
	update_config '.linux.timeOffsets = {boottime: {secs: -99999999}}'
	inside true
	assert_fails
	assert_no_trace
}

# --- a pid namespace of another container ---------------------------------

share_pid() {
	set_args sleep 100
	run_bg
	FIRST=$(pid_of)
	second_bundle
	jq --arg p "/proc/$FIRST/ns/pid" '.linux.namespaces |=
			map(if .type == "pid" then .path = $p else . end)
		| .process.args = $ARGS.positional' "$B2/config.json" \
		--args -- "$@" >"$B2/.new"
	mv "$B2/.new" "$B2/config.json"
}

shared_pid_is_seen() {
	share_pid sh -c 'cat /proc/1/cmdline | tr "\0" " "; echo; echo $$
		readlink /proc/self/ns/pid'
	t run --bundle "$B2" "$ID-2"
	assert_status 0
	assert_line 'sleep 100 '
	assert_line "$(readlink "/proc/$FIRST/ns/pid")"
	refute_match '^1$'
}

@test "shared pid namespace: proc shows both" {
	no_user_ns
	shared_pid_is_seen
}

@test "shared pid namespace: exec into both sees both" {
	no_user_ns
	share_pid sleep 200
	bg run -d --bundle "$B2" "$ID-2"
	exec_in 'cat /proc/[0-9]*/cmdline | tr "\0" " "'
	assert_match 'sleep 100'
	assert_match 'sleep 200'
	t exec "$ID-2" sh -c 'cat /proc/[0-9]*/cmdline | tr "\0" " "'
	assert_match 'sleep 100'
	assert_match 'sleep 200'
}

@test "shared pid namespace: kill and delete take only their own" {
	no_user_ns
	share_pid sh -c 'sleep 300 & sleep 301 & wait'
	bg run -d --bundle "$B2" "$ID-2"
	local child
	wait_until has_lines "$(cg_dir pids "$CG-2")/cgroup.procs" 3
	child=$(tail -n 1 "$(cg_dir pids "$CG-2")/cgroup.procs")
	t kill "$ID-2" KILL
	assert_status 0
	wait_until is_status stopped "$ID-2"
	is_status running
	t delete --force "$ID-2"
	assert_status 0
	no_process "$child"
	is_status running
	kill -0 "$FIRST"
	[ ! -e "$(cg_dir pids "$CG-2")" ]
}

@test "shared pid namespace: create and start" {
	no_user_ns
	share_pid sh -c 'echo $$ >/tmp/pid; sleep 100'
	bg create --bundle "$B2" "$ID-2"
	is_status created "$ID-2"
	assert_eq "$(readlink "/proc/$(pid_of "$ID-2")/ns/pid")" \
		"$(readlink "/proc/$FIRST/ns/pid")"
	bg start "$ID-2"
	wait_until larger_than "$B2/rootfs/tmp/pid" 0
	is_status running "$ID-2"
	t delete -f "$ID-2"
	assert_status 0
}

@test "shared pid namespace: the first one's end is the second one's" {
	no_user_ns
	share_pid sleep 200
	bg run -d --bundle "$B2" "$ID-2"
	t kill "$ID" KILL
	assert_status 0
	wait_until is_status stopped "$ID-2"
}

@test "shared pid namespace: of a container in a user namespace" {
	newer_than_runc_1_1 'maps beside a path'
	share_pid sh -c 'cat /proc/1/cmdline | tr "\0" " "; echo
		readlink /proc/self/ns/pid'
	jq --arg p "/proc/$FIRST/ns/user" '.linux.namespaces |=
		map(if .type == "user" then .path = $p else . end)' \
		"$B2/config.json" >"$B2/.new"
	mv "$B2/.new" "$B2/config.json"
	t run --bundle "$B2" "$ID-2"
	assert_status 0
	assert_line 'sleep 100 '
	assert_line "$(readlink "/proc/$FIRST/ns/pid")"
}
