#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Namespaces, new and joined by path; names, sysctls, user namespaces.

load helpers

# A process in new namespaces (unshare options in $@); its pid in $HOLDER.
hold() {
	unshare "$@" sh -c 'echo $$ >"$0"; exec sleep 60' "$W/holder" \
		</dev/null >/dev/null 2>&1 3>&- &
	CHILDREN+=($!)
	wait_until test -s "$W/holder"
	HOLDER=$(cat "$W/holder")
	CHILDREN+=("$HOLDER")
}

ns_of() {
	readlink "/proc/${2:-self}/ns/$1"
}

@test "new: each kind differs from the host's" {
	local k
	set_ns cgroup
	inside_ok 'for k in pid net ipc uts mnt cgroup; do
		readlink /proc/self/ns/$k; done'
	for k in pid net ipc uts mnt cgroup; do
		refute_match "$(ns_of $k | sed 's/[][]/\\&/g')"
	done
}

@test "absent: each kind is the host's" {
	local k
	for k in network ipc uts pid; do
		del_namespace $k
	done
	update_config 'del(.hostname) | .mounts |= map(select(
		.destination != "/sys" and .destination != "/dev/mqueue"))'
	inside_ok 'for k in net ipc uts pid cgroup; do
		echo $k=$(readlink /proc/self/ns/$k); done'
	for k in net ipc uts pid cgroup; do
		assert_line "$k=$(ns_of $k)"
	done
}

@test "pid: init is 1 and sees nobody else" {
	inside_ok 'echo $$; ls /proc | grep -c "^[0-9]"'
	assert_match '^1'$'\n'
}

@test "path: network" {
	hold -n
	nsenter -t "$HOLDER" -n ip link add tare0 type dummy 2>/dev/null ||
		nsenter -t "$HOLDER" -n ip link set lo up
	set_ns network "/proc/$HOLDER/ns/net"
	inside_ok 'readlink /proc/self/ns/net; ls /sys/class/net'
	assert_line "$(ns_of net "$HOLDER")"
	assert_line lo
}

@test "path: a bind-mounted network namespace file" {
	touch "$W/netns"
	unshare --net="$W/netns" true
	set_ns network "$W/netns"
	inside_ok 'readlink /proc/self/ns/net'
	assert_output "net:[$(stat -L -c %i "$W/netns")]"
	umount "$W/netns"
}

@test "path: ipc and uts" {
	hold -i -u
	nsenter -t "$HOLDER" -u hostname joined-name
	set_ns ipc "/proc/$HOLDER/ns/ipc"
	set_ns uts "/proc/$HOLDER/ns/uts"
	update_config 'del(.hostname)'
	inside_ok 'hostname; readlink /proc/self/ns/ipc
		readlink /proc/self/ns/uts'
	assert_line joined-name
	assert_line "$(ns_of ipc "$HOLDER")"
	assert_line "$(ns_of uts "$HOLDER")"
}

@test "path: pid, and the joined one's processes are seen" {
	hold -p -f --mount-proc
	local inner
	inner=$(pgrep -P "$HOLDER" || echo "$HOLDER")
	# $$ in the new namespace is 1; find it from outside.
	HOLDER=$(pgrep -P "${CHILDREN[0]}")
	CHILDREN+=("$HOLDER")
	set_ns pid "/proc/$HOLDER/ns/pid"
	inside_ok 'readlink /proc/self/ns/pid; cat /proc/1/comm; echo $$'
	assert_line "$(ns_of pid "$HOLDER")"
	assert_line sleep
	[ "${lines[2]}" != 1 ]
}

@test "path: cgroup" {
	hold -C
	set_ns cgroup "/proc/$HOLDER/ns/cgroup"
	inside_ok 'readlink /proc/self/ns/cgroup'
	assert_output "$(ns_of cgroup "$HOLDER")"
}

@test "path: of another container" {
	local pid ns
	run_bg
	pid=$(pid_of)
	for ns in network:net ipc:ipc uts:uts pid:pid; do
		set_ns ${ns%:*} "/proc/$pid/ns/${ns#*:}"
	done
	update_config 'del(.hostname) | .linux.cgroupsPath += "/second"'
	set_script 'for k in net ipc uts pid; do
		readlink /proc/self/ns/$k; done; hostname; cat /proc/1/comm'
	t run --bundle "$BUNDLE" "$ID-2"
	assert_status 0
	for ns in net ipc uts pid; do
		assert_line "$(ns_of $ns "$pid")"
	done
	assert_line tare-test
	assert_line sleep
}

@test "path: what is missing or of another kind is refused" {
	set_ns network /no/such/netns
	inside true
	assert_fails /no/such/netns
	touch "$W/file"
	set_ns network "$W/file"
	inside true
	assert_fails
	set_ns network /proc/self/ns/uts
	inside true
	assert_fails
	assert_no_trace
}

@test "an unknown kind and a duplicate are refused" {
	update_config '.linux.namespaces += [{type: "foo"}]'
	inside true
	assert_fails foo
	update_config '.linux.namespaces[-1].type = "pid"'
	inside true
	assert_fails pid
	assert_no_trace
}

@test "hostname" {
	inside_ok 'hostname; cat /proc/sys/kernel/hostname'
	assert_output $'tare-test\ntare-test'
	[ "$(hostname)" != tare-test ]
}

@test "domainname" {
	newer_than_runc_1_1 domainname
	update_config '.domainname = "example.test"'
	inside_ok 'cat /proc/sys/kernel/domainname'
	assert_output example.test
}

@test "hostname and domainname need a uts namespace" {
	del_namespace uts
	inside true
	assert_fails 'without a private UTS namespace'
	newer_than_runc_1_1 domainname
	update_config 'del(.hostname) | .domainname = "x"'
	inside true
	assert_fails 'without a private UTS namespace'
	assert_no_trace
}

@test "loopback is up in a new network namespace" {
	set_caps CAP_NET_RAW
	inside_ok 'cat /sys/class/net/lo/flags; ping -c 1 -W 1 127.0.0.1'
	[ $((${lines[0]} & 1)) -eq 1 ]
}

@test "loopback of a joined namespace is left alone" {
	touch "$W/netns"
	unshare --net="$W/netns" true
	set_ns network "$W/netns"
	inside_ok 'cat /sys/class/net/lo/flags'
	[ $((output & 1)) -eq 0 ]
	umount "$W/netns"
}

@test "sysctl: dots and slashes" {
	update_config '.linux.sysctl = {"net.ipv4.ip_forward": "1",
		"net/ipv4/conf/all/rp_filter": "2",
		"kernel.shmmni": "1234", "fs.mqueue.msg_max": "11",
		"kernel.msgmax": "4096"}'
	inside_ok 'cd /proc/sys; cat net/ipv4/ip_forward \
		net/ipv4/conf/all/rp_filter kernel/shmmni fs/mqueue/msg_max \
		kernel/msgmax'
	assert_output $'1\n2\n1234\n11\n4096'
}

@test "sysctl: of the host are refused" {
	local s
	for s in kernel.panic vm.swappiness kernel.hostname \
		kernel/core_pattern net.../../kernel/panic; do
		update_config '.linux.sysctl = {($s): "1"}' --arg s "$s"
		inside true
		assert_fails
		assert_no_trace
	done
	update_config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	del_namespace network
	inside true
	assert_fails net.ipv4.ip_forward
	update_config '.linux.sysctl = {"kernel.shmmni": "1234"}'
	del_namespace ipc
	inside true
	assert_fails kernel.shmmni
	assert_no_trace
}

# In a mount namespace of the test's own, whose mounts are looked at before and
# after; it is what the container then has.
@test "none of mount: the caller's, whose mounts are as before after delete" {
	tare_only # runc 1.1 leaves them there
	del_namespace mount
	update_config 'del(.linux.maskedPaths, .linux.readonlyPaths)
		| .root.readonly = true'
	set_args sleep 100
	cat >"$W/inside" <<-'SH'
	set -ex
	T="$1 --root $2" B=$3 ID=$4 W=$5
	mount --make-rshared /
	cat /proc/self/mountinfo >"$W/before"
	$T run -d --bundle "$B" "$ID" </dev/null >/dev/null 2>&1
	pid=$($T state "$ID" | jq .pid)
	[ "$(readlink "/proc/$pid/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ]
	[ "$(readlink "/proc/$pid/root")" = "$B/rootfs" ]
	# no peer of the host's, and read-only with all that was asked for
	awk -v r="$B/rootfs" '$5 == r || index($5, r "/") == 1 { print $5, $7 }' 		/proc/self/mountinfo >"$W/own"
	grep -q "^$B/rootfs/proc -" "$W/own"
	! grep -q shared "$W/own"
	$T exec "$ID" sh -c 'test ! -e /root-of-host; ! touch /x; ls /dev/null
		readlink /proc/self/ns/mnt; pwd' >"$W/exec"
	grep -qx /dev/null "$W/exec"
	grep -qxF "$(readlink /proc/self/ns/mnt)" "$W/exec"
	$T delete -f "$ID"
	cat /proc/self/mountinfo >"$W/after"
	cmp "$W/before" "$W/after"
	# nor after a failure
	jq '.process.args = ["/missing"]' "$B/config.json" >"$B/c"
	mv "$B/c" "$B/config.json"
	! $T run --bundle "$B" "$ID"
	cat /proc/self/mountinfo >"$W/after"
	cmp "$W/before" "$W/after"
	SH
	run alone timeout 60 unshare -m sh "$W/inside" "$TARE" "$ROOT" \
		"$BUNDLE" "$ID" "$W"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	assert_no_trace
}

@test "masked paths need a mount namespace" {
	del_namespace mount
	inside true
	assert_fails
	assert_no_trace
}

user_ns() {
	set_ns user
	update_config '.linux.uidMappings = [{containerID: 0, hostID: 100000,
			size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: 200000,
			size: 65536}]'
	chown -Rh 100000:200000 "$BUNDLE/rootfs/"{etc,home,root,tmp,dev,proc}
	chmod 755 "$W" "$(dirname "$W")" "$BATS_RUN_TMPDIR"
}

@test "user: new, with maps" {
	user_ns
	inside_ok 'cat /proc/self/uid_map /proc/self/gid_map; id -u; id -g
		stat -c "%u:%g" /etc'
	assert_match '^ +0 +100000 +65536'
	assert_match '0 +200000 +65536'
	assert_line 0:0
	assert_match '0'$'\n''0'
}

@test "user: devices, mounts and limits work" {
	user_ns
	inside_ok 'echo x >/dev/null && stat -c %t:%T /dev/null /dev/zero
		hostname; cat /proc/self/oom_score_adj >/dev/null
		touch /tmp/x; ls /sys/class/net'
	assert_line 1:3
	assert_line 1:5
	assert_line tare-test
	assert_line lo
	assert_eq "$(stat -c %u:%g "$BUNDLE/rootfs/tmp/x")" 100000:200000
}

@test "user: the process is the mapped user for the host" {
	user_ns
	update_config '.process.user = {uid: 1000, gid: 1000,
		additionalGids: [5]}'
	set_args sleep 100
	run_bg
	assert_eq "$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' \
		"/proc/$(pid_of)/status")" 101000
	exec_in 'id -u; id -G'
	assert_output $'1000\n1000 5'
}

@test "user: exec joins it" {
	user_ns
	run_bg
	exec_in 'readlink /proc/self/ns/user; id -u'
	assert_match "$(ns_of user "$(pid_of)" | tr -dc 0-9)"
	assert_line 0
}

@test "user: joined by path, with its maps" {
	newer_than_runc_1_1 'maps beside a path'
	user_ns
	run_bg
	update_config '.linux.cgroupsPath += "/second"'
	set_ns user "/proc/$(pid_of)/ns/user"
	set_script 'readlink /proc/self/ns/user; id -u'
	t run --bundle "$BUNDLE" "$ID-2"
	assert_status 0
	assert_match "$(ns_of user "$(pid_of)" | tr -dc 0-9)"
}

@test "user: without maps is refused" {
	set_ns user
	inside true
	assert_fails 'mappings found'
	assert_no_trace
}

@test "time: offsets" {
	newer_than_runc_1_1 'time namespaces'
	set_ns time
	update_config '.linux.timeOffsets = {boottime: {secs: 864000}}'
	inside_ok 'cat /proc/uptime'
	[ "${output%%.*}" -ge 864000 ]
	del_namespace time
	inside true
	assert_fails 'time'
	assert_no_trace
}
