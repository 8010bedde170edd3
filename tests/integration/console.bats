#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: relayed by the runtime, or handed over through a socket.

load helpers

receiver() {
	start_receiver tty recvtty.py "$@"
}

tty_out() {
	tr -d '\r' <"$W/tty/out"
}

@test "run: a terminal inside" {
	update_config '.process.terminal = true'
	set_script 'tty; test -t 0 && test -t 1 && test -t 2 && echo all
		ls -l /dev/console; stat -c %t:%T /dev/console; exit 4'
	on_tty "$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 4 ] || { echo "$status $output"; false; }
	assert_line all
	assert_match '/dev/(pts/0|console)'
	assert_no_trace
}

@test "run: /dev/console is the pty, and tty jobs work" {
	update_config '.process.terminal = true'
	set_script 'echo into >/dev/console; echo other >/dev/tty
		awk "\$5 == \"/dev/console\" { print \$9, \$10 }" \
		/proc/self/mountinfo'
	on_tty "$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	assert_line into
	assert_line other
	assert_match devpts
}

@test "run: consoleSize" {
	update_config '.process.terminal = true
		| .process.consoleSize = {height: 33, width: 111}'
	receiver
	set_script 'stty size; sleep 0.2'
	create_bg "$ID" --console-socket "$W/tty.sock"
	t start "$ID"
	wait_until test -e "$W/tty/done"
	assert_eq "$(tty_out)" '33 111'
	assert_eq "$(cat "$W/tty/size")" '33 111'
}

@test "run: the size of the caller's terminal" {
	update_config '.process.terminal = true'
	set_script 'sleep 0.3; stty size'
	on_tty sh -c 'stty rows 21 cols 77; exec "$@"' sh "$TARE" --root \
		"$ROOT" run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ]
	assert_line '21 77'
}

@test "run: the pty belongs to the user" {
	update_config '.process.terminal = true
		| .process.user = {uid: 1000, gid: 1000}'
	set_script 'stat -L -c %u /proc/self/fd/0; echo x >/dev/console &&
		echo written'
	on_tty "$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	assert_line 1000
	assert_line written
}

@test "create: console socket, one message with one descriptor" {
	update_config '.process.terminal = true'
	receiver
	set_script 'echo from-the-container; test -t 0 && echo tty; sleep 0.1'
	create_bg "$ID" --console-socket "$W/tty.sock"
	assert_eq "$(cat "$W/bg.out" "$W/bg.err")" ''
	wait_until test -s "$W/tty/payload"
	assert_eq "$(cat "$W/tty/fds")" 1
	# Init has the pty already.
	[[ $(readlink "/proc/$(pid_of)/fd/0") == /dev/pts/* ]]
	[[ $(readlink "/proc/$(pid_of)/fd/2") == /dev/pts/* ]]
	t start "$ID"
	assert_silent
	wait_until test -e "$W/tty/done"
	assert_eq "$(tty_out)" $'from-the-container\ntty'
}

@test "create: the payload is the name of the multiplexer" {
	# runc 1.1 sends the name of the terminal device.
	newer_than_runc_1_1 'this name'
	update_config '.process.terminal = true'
	receiver
	create_bg "$ID" --console-socket "$W/tty.sock"
	wait_until test -s "$W/tty/payload"
	assert_eq "$(cat "$W/tty/payload")" /dev/pts/ptmx
}

@test "run -d: console socket, input reaches the process" {
	update_config '.process.terminal = true'
	receiver $'typed line\n'
	set_script 'read x; echo "got $x"; sleep 0.1'
	run_bg "$ID" --console-socket "$W/tty.sock"
	wait_until test -e "$W/tty/done"
	grep -q 'got typed line' "$W/tty/out"
}

@test "a slow receiver: create does not wait for it" {
	# A listening socket that nobody accepts from, as with containerd.
	update_config '.process.terminal = true'
	"$PYTHON" -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1)
open(sys.argv[2], "w"); time.sleep(20)' "$W/tty.sock" "$W/up" \
		</dev/null >/dev/null 2>&1 3>&- &
	CHILDREN+=($!)
	wait_until test -e "$W/up"
	create_bg "$ID" --console-socket "$W/tty.sock"
	is_status created
}

@test "a socket that is not there" {
	update_config '.process.terminal = true'
	t create --console-socket "$W/none.sock" --bundle "$BUNDLE" "$ID"
	assert_fails
	assert_no_trace
}

@test "exec --tty: relayed" {
	run_bg
	on_tty "$TARE" --root "$ROOT" exec -t "$ID" sh -c \
		'test -t 0 && test -t 1 && echo tty; tty; exit 6'
	[ "$status" -eq 6 ] || { echo "$status $output"; false; }
	assert_line tty
	assert_match /dev/pts/
}

@test "exec: no terminal without --tty even when init has one" {
	update_config '.process.terminal = true'
	receiver
	set_args sleep 100
	run_bg "$ID" --console-socket "$W/tty.sock"
	exec_in 'test -t 0 || echo none'
	assert_output none
}

@test "exec --tty --detach: console socket" {
	run_bg
	receiver
	bg exec -t -d --console-socket "$W/tty.sock" --pid-file "$W/pid" \
		"$ID" sh -c 'tty; echo over-the-pty; sleep 0.1'
	wait_until test -e "$W/tty/done"
	tty_out | grep -qx over-the-pty
	tty_out | grep -q /dev/pts/
	assert_eq "$(cat "$W/tty/fds")" 1
}

@test "exec --process: terminal of the file" {
	run_bg
	receiver
	jq -n '{terminal: true, consoleSize: {height: 12, width: 34},
		args: ["sh", "-c", "stty size; sleep 0.1"], cwd: "/",
		env: ["PATH=/bin"], user: {uid: 0, gid: 0}}' >"$W/p.json"
	bg exec -d --console-socket "$W/tty.sock" -p "$W/p.json" "$ID"
	wait_until test -e "$W/tty/done"
	assert_eq "$(tty_out)" '12 34'
}

@test "exec: --console-socket without a terminal, a terminal without it" {
	run_bg
	t exec --console-socket "$W/s" "$ID" true
	assert_fails 'cannot use console socket if '
	t exec -t -d "$ID" true
	assert_fails 'cannot allocate tty if '
}

@test "the terminal of the caller is as it was" {
	update_config '.process.terminal = true'
	set_args true
	on_tty sh -c 'a=$(stty -g); "$@"; b=$(stty -g)
		[ "$a" = "$b" ] && echo same' sh "$TARE" --root "$ROOT" run \
		--bundle "$BUNDLE" "$ID"
	assert_line same
}
