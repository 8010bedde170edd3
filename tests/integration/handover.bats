#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# To whom processes of a container come: --pidfd-socket, --no-subreaper.

load helpers

receiver() {
	start_receiver pidfd recvpidfd.py
}

# The next container has a cgroup of its own.
second() {
	update_config '.linux.cgroupsPath = $c' --arg c "$CG-second"
}

# received N TEXT PID: the Nth message is TEXT with one pidfd, of PID.
received() {
	wait_until test -e "$W/pidfd/pid$1"
	assert_eq "$(cat "$W/pidfd/text$1")" "$2"
	assert_eq "$(cat "$W/pidfd/fds$1")" 1
	assert_eq "$(cat "$W/pidfd/pid$1")" "$3"
}

with_user_namespace() {
	set_ns user
	update_config '.linux.uidMappings =
		[{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chown 100000:100000 "$BUNDLE/rootfs"
}

@test "--pidfd-socket: create, run, exec: one pidfd of the process" {
	newer_than_runc_1_1 --pidfd-socket
	receiver
	set_args sleep 100
	create_bg "$ID" --pidfd-socket "$W/pidfd.sock"
	received 1 standard "$(pid_of)"
	second
	run_bg "$ID-2" --pidfd-socket "$W/pidfd.sock"
	received 2 standard "$(pid_of "$ID-2")"
	bg exec -d --pid-file "$W/pid" --pidfd-socket "$W/pidfd.sock" \
		"$ID-2" sleep 100
	received 3 setns "$(cat "$W/pid")"
	# only when asked
	bg exec -d "$ID-2" sleep 100
	[ ! -e "$W/pidfd/text4" ]
}

@test "--pidfd-socket: in the foreground" {
	newer_than_runc_1_1 --pidfd-socket
	receiver
	set_script 'until [ -e /go ]; do sleep 0.02; done; exit 5'
	tare run --bundle "$BUNDLE" --pidfd-socket "$W/pidfd.sock" "$ID" \
		</dev/null >"$W/out" 2>"$W/err" 3>&- &
	local pid=$! rc=0
	CHILDREN+=("$pid")
	wait_until is_status running
	received 1 standard "$(pid_of)"
	touch "$BUNDLE/rootfs/go"
	wait "$pid" || rc=$?
	assert_eq "$rc" 5
}

@test "--pidfd-socket: of the last process where more are made on the way" {
	newer_than_runc_1_1 --pidfd-socket
	receiver
	with_user_namespace
	set_args sleep 100
	create_bg "$ID" --pidfd-socket "$W/pidfd.sock"
	received 1 standard "$(pid_of)"
	t start "$ID"
	assert_silent
	bg exec -d --pid-file "$W/pid" --pidfd-socket "$W/pidfd.sock" "$ID" \
		sleep 100
	received 2 setns "$(cat "$W/pid")"
	update_config '.linux.uidMappings = [] | .linux.gidMappings = []'
	del_namespace user
	set_ns pid "/proc/$(pid_of)/ns/pid"
	second
	create_bg "$ID-2" --pidfd-socket "$W/pidfd.sock"
	received 3 standard "$(pid_of "$ID-2")"
}

@test "--pidfd-socket: nobody listens: an error, and nothing is left" {
	newer_than_runc_1_1 --pidfd-socket
	set_args sleep 100
	t create --bundle "$BUNDLE" --pidfd-socket "$W/none.sock" "$ID"
	assert_fails "$W/none.sock"
	assert_no_trace
	t run -d --bundle "$BUNDLE" --pidfd-socket "$W/none.sock" "$ID"
	assert_fails "$W/none.sock"
	assert_no_trace
	run_bg
	t exec -d --pidfd-socket "$W/none.sock" "$ID" sleep 200
	assert_fails "$W/none.sock"
	t ps "$ID"
	assert_eq "$(grep -c 'sleep' <<<"$output")" 1
}

# --- subreaper ----------------------------------------------------------

# A container in the host's pid namespace whose process leaves an orphan, pid
# in rootfs/orphan. run ARGS: in the foreground, below another subreaper.
start_with_orphan() {
	del_namespace pid
	set_script '(sleep 100 & echo $! >/orphan.new; mv /orphan.new /orphan)
		until [ -e /go ]; do sleep 0.02; done; exit 3'
	"$PYTHON" "$TESTS_DIR/subreaper.py" "$W" "$TARE" --root "$ROOT" run \
		--bundle "$BUNDLE" "$@" "$ID" </dev/null >"$W/out" \
		2>"$W/err" 3>&- &
	CHILDREN+=($!)
	wait_until test -e "$BUNDLE/rootfs/orphan"
	wait_until test -e "$W/child"
	orphan=$(cat "$BUNDLE/rootfs/orphan")
}

parent_is() {
	[ "$(sed -n 's/^PPid:\t//p' "/proc/$1/status")" = "$2" ]
}

gone() {
	[ ! -e "/proc/$1" ]
}

ends_with() {
	local rc=0
	touch "$BUNDLE/rootfs/go"
	wait "${CHILDREN[-1]}" || rc=$?
	assert_eq "$rc" "$1"
}

@test "run: orphans come to the runtime, which reaps them" {
	start_with_orphan
	wait_until parent_is "$orphan" "$(cat "$W/child")"
	kill -9 "$orphan"
	wait_until gone "$orphan"
	is_status running
	ends_with 3
	assert_no_trace
}

@test "run --no-subreaper: orphans go past the runtime" {
	start_with_orphan --no-subreaper
	wait_until parent_is "$orphan" "$(cat "$W/reaper")"
	ends_with 3
	assert_no_trace
}
