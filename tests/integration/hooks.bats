#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The six hook points: order, state on stdin, environment, failure, timeout.

load helpers

setup() {
	setup_bundle
	mkdir "$W/h"
	# Hooks of the container's side run the container's programs.
	cat >"$W/hook" <<-'END'
		#!/bin/sh
		# hook NAME DIR: records what it was given.
		cat >"$2/$1.state"
		echo "$1" >>"$2/order"
		pwd >"$2/$1.cwd"
		env >"$2/$1.env"
		readlink /proc/self/ns/mnt >"$2/$1.ns"
		ls -1 /proc/self/fd >"$2/$1.fds" || :
	END
	chmod 755 "$W/hook"
	mkdir "$BUNDLE/rootfs/hooks"
	cp "$W/hook" "$BUNDLE/rootfs/bin/hook"
}

# Hooks at every point that write to $W/h.
all_hooks() {
	local p
	add_mount "$W/h" "$W/h" bind bind
	for p in prestart createRuntime createContainer poststart poststop; do
		add_hook $p "$(jq -nc --arg h "$W/hook" --arg p $p --arg d \
			"$W/h" '{path: $h, args: ["hook", $p, $d],
				env: ["PATH=/usr/bin:/bin", "HOOK=\($p)"]}')"
	done
	add_hook startContainer "$(jq -nc --arg d "$W/h" '{path: "/bin/hook",
		args: ["hook", "startContainer", $d],
		env: ["PATH=/bin", "HOOK=startContainer"]}')"
}

@test "order of all six" {
	all_hooks
	set_script "echo process >>$W/h/order; sleep 100"
	create_bg
	# runc 1.1 runs poststart with create.
	is_runc || assert_eq "$(grep -c poststart "$W/h/order")" 0
	assert_eq "$(grep -v poststart "$W/h/order" | tr '\n' ' ')" \
		'prestart createRuntime createContainer '
	t start "$ID"
	assert_silent
	wait_until grep -q process "$W/h/order"
	# poststart may run beside the process.
	wait_until grep -q poststart "$W/h/order"
	assert_eq "$(grep -v poststart "$W/h/order" | tr '\n' ' ')" \
		'prestart createRuntime createContainer startContainer process '
	t delete -f "$ID"
	assert_silent
	assert_eq "$(tail -n 1 "$W/h/order")" poststop
}

@test "order: several at one point" {
	local i
	for i in 1 2 3; do
		add_hook createRuntime "$(jq -nc --arg f "$W/h/o" --arg i $i '{
			path: "/bin/sh", args: ["sh", "-c", "echo \($i) >>\($f)"]}')"
	done
	inside_ok true
	assert_eq "$(cat "$W/h/o")" $'1\n2\n3'
}

@test "state on stdin" {
	local p pid
	update_config '.annotations = {"x.y": "z"}'
	all_hooks
	set_args sleep 100
	run_bg
	pid=$(pid_of)
	t delete -f "$ID"
	for p in prestart:creating createRuntime:creating \
		createContainer:creating startContainer:created \
		poststart:running poststop:stopped; do
		[[ $p != poststart* ]] || ! is_runc || continue
		jq -e --arg id "$ID" --arg b "$BUNDLE" --arg s "${p#*:}" '
			.id == $id and .bundle == $b and .status == $s
			and (.ociVersion | startswith("1."))
			and .annotations["x.y"] == "z"' \
			"$W/h/${p%:*}.state" || {
			echo "$p"
			cat "$W/h/${p%:*}.state"
			return 1
		}
	done
	for p in prestart createRuntime poststart; do
		assert_eq "$(jq .pid "$W/h/$p.state")" "$pid" $p
	done
	# The container's side sees its own pid.
	for p in createContainer startContainer; do
		assert_eq "$(jq .pid "$W/h/$p.state")" 1 $p
	done
	assert_eq "$(jq 'has("pid") and .pid != 0' "$W/h/poststop.state")" \
		false
}

@test "environment: what is listed and no more" {
	local p
	all_hooks
	CALLER=1 run_bg
	t delete -f "$ID"
	for p in prestart createRuntime createContainer startContainer \
		poststart poststop; do
		grep -qx "HOOK=$p" "$W/h/$p.env"
		run grep -c CALLER "$W/h/$p.env"
		assert_output 0
	done
}

@test "environment: absent" {
	local p
	for p in prestart createRuntime poststop; do
		add_hook $p "$(jq -nc --arg f "$W/h/$p" '{path: "/bin/sh",
			args: ["sh", "-c", "/usr/bin/env >\($f)"]}')"
	done
	add_hook createContainer "$(jq -nc --arg f "$W/h/createContainer" '{
		path: "/bin/sh", args: ["sh", "-c", "/usr/bin/env >\($f)"]}')"
	CALLER=1 inside_ok true
	# Nothing of the caller's or the image's environment (runc 1.1: nothing
	# at all; newer ones hand on the runtime's own).
	tare_only 'a fixed environment'
	for p in prestart createRuntime poststop createContainer; do
		run grep -c CALLER "$W/h/$p"
		assert_output 0
		grep -q ^PATH= "$W/h/$p"
	done
}

@test "cwd: the bundle for the runtime's side" {
	local p
	all_hooks
	run_bg
	t delete -f "$ID"
	newer_than_runc_1_1 'this rule'
	for p in prestart createRuntime poststart poststop; do
		assert_eq "$(cat "$W/h/$p.cwd")" "$BUNDLE" $p
	done
	assert_eq "$(cat "$W/h/startContainer.cwd")" /
}

@test "namespaces: createContainer in the container's mounts, on the host's root" {
	all_hooks
	run_bg
	local ns host
	host=$(readlink /proc/self/ns/mnt)
	ns=$(readlink "/proc/$(pid_of)/ns/mnt")
	t delete -f "$ID"
	assert_eq "$(cat "$W/h/createRuntime.ns")" "$host"
	assert_eq "$(cat "$W/h/prestart.ns")" "$host"
	assert_eq "$(cat "$W/h/createContainer.ns")" "$ns"
	assert_eq "$(cat "$W/h/startContainer.ns")" "$ns"
	assert_eq "$(cat "$W/h/poststart.ns")" "$host"
	assert_eq "$(cat "$W/h/poststop.ns")" "$host"
}

@test "args: argv[0] is as given; absent args are the path" {
	cat >"$W/argv" <<-END
		#!/bin/sh
		tr '\\0' ' ' </proc/\$\$/cmdline >"$W/h/argv.\$#"
	END
	chmod 755 "$W/argv"
	add_hook createRuntime "{\"path\": \"$W/argv\",
		\"args\": [\"$W/argv\", \"b c\", \"\"],
		\"env\": [\"PATH=/usr/bin:/bin\"]}"
	inside_ok true
	[[ $(cat "$W/h/argv.2") == *"b c"* ]]
}

@test "createRuntime sees the container's namespaces before the pivot" {
	add_hook createRuntime "$(jq -nc --arg f "$W/h/net" '{
		path: "/bin/sh", args: ["sh", "-c",
			"pid=$(sed \"s/.*\\\"pid\\\": *\\([0-9]*\\).*/\\1/\"); readlink /proc/$pid/ns/net >\($f)"],
		env: ["PATH=/usr/bin:/bin"]}')"
	run_bg
	assert_eq "$(cat "$W/h/net")" "$(readlink "/proc/$(pid_of)/ns/net")"
}

@test "a mount by a createContainer hook is seen inside" {
	mkdir "$BUNDLE/rootfs/late"
	add_hook createContainer "$(jq -nc --arg d "$BUNDLE/rootfs/late" '{
		path: "/bin/sh", args: ["sh", "-c",
			"mount -t tmpfs tmpfs \($d) && touch \($d)/seen"],
		env: ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"]}')"
	inside_ok 'ls /late'
	assert_output seen
}

@test "failure: before start is fatal and leaves nothing" {
	local p
	for p in prestart createRuntime createContainer; do
		sed "s|@CGROUP@|$CG|" "$DATA_DIR/config.json" \
			>"$BUNDLE/config.json"
		add_hook $p '{"path": "/bin/sh", "args": ["sh", "-c",
			"echo to-out; echo to-err >&2; exit 42"]}'
		t create --bundle "$BUNDLE" "$ID"
		assert_status 1
		assert_err 42
		assert_no_trace
		inside true
		assert_status 1
		assert_no_trace
	done
}

@test "failure: says which hook and what it wrote" {
	newer_than_runc_1_1 'the point in the text'
	add_hook createRuntime '{"path": "/bin/true"}'
	add_hook createRuntime '{"path": "/bin/sh", "args": ["sh", "-c",
		"echo to-out; echo to-err >&2; exit 42"]}'
	inside true
	assert_fails createRuntime
	assert_err '#1'
	assert_err 'exit status 42'
	assert_err to-out
	assert_err to-err
}

@test "failure: startContainer" {
	add_hook startContainer '{"path": "/bin/false"}'
	set_script 'echo process ran'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails
	refute_match ran
	assert_no_trace
	create_bg
	t start "$ID"
	is_runc || assert_fails
	wait_until is_status stopped
}

@test "failure: poststop follows, whatever failed once init was there" {
	add_hook poststop "$(jq -nc --arg f "$W/h/stopped" '{
		path: "/bin/sh", args: ["sh", "-c", "cat >\($f)"]}')"
	cp "$BUNDLE/config.json" "$W/config"
	add_hook createContainer '{"path": "/bin/false"}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails
	assert_eq "$(jq -r .status "$W/h/stopped")" stopped
	rm "$W/h/stopped"
	cp "$W/config" "$BUNDLE/config.json"
	add_mount /x /missing-on-the-host bind bind
	t create --bundle "$BUNDLE" "$ID"
	assert_fails /missing-on-the-host
	assert_eq "$(jq -r .status "$W/h/stopped")" stopped
	assert_no_trace
}

@test "failure: poststart" {
	newer_than_runc_1_1 'poststart after start'
	add_hook poststart '{"path": "/bin/false"}'
	set_args sleep 100
	t run -d --bundle "$BUNDLE" "$ID"
	assert_fails poststart
	assert_no_trace
	create_bg
	t start "$ID"
	assert_fails
	wait_until is_status stopped
}

@test "failure: poststop is a warning, and the next one runs" {
	add_hook poststop '{"path": "/bin/false"}'
	add_hook poststop "$(jq -nc --arg f "$W/h/second" '{
		path: "/bin/sh", args: ["sh", "-c", "/usr/bin/touch \($f)"]}')"
	inside_ok true
	newer_than_runc_1_1 'going on after a failed poststop hook' || :
	assert_no_trace
	[ -e "$W/h/second" ]
}

@test "failure: a hook that is missing" {
	add_hook createRuntime '{"path": "/no/such/hook"}'
	inside true
	assert_fails /no/such/hook
	assert_err 'no such file or directory'
	assert_no_trace
}

@test "timeout: kills the hook" {
	add_hook createRuntime "$(jq -nc --arg f "$W/h/pid" '{
		path: "/bin/sh",
		args: ["sh", "-c", "echo $$ >\($f); exec /bin/sleep 50"],
		timeout: 1}')"
	inside true
	assert_fails timeout
	assert_no_trace
	no_process "$(cat "$W/h/pid")"
}

@test "timeout: in time is fine, zero and less are refused" {
	add_hook createRuntime '{"path": "/bin/true", "timeout": 5}'
	inside_ok true
}

@test "a relative path is refused" {
	add_hook createRuntime '{"path": "bin/true"}'
	inside true
	# runc takes it from the bundle.
	is_runc || assert_fails createRuntime
}

@test "hooks see no descriptors of the runtime" {
	local p
	# runc hands on those of its caller and more.
	tare_only
	all_hooks
	run_bg
	t delete -f "$ID"
	for p in prestart createRuntime createContainer startContainer \
		poststart poststop; do
		# 0, 1, 2, and ls's own.
		[ "$(wc -l <"$W/h/$p.fds")" -le 4 ] || {
			echo "$p: $(tr '\n' ' ' <"$W/h/$p.fds")"
			return 1
		}
	done
}

@test "a hook that reads nothing of a large state does no harm" {
	update_config '.annotations = {big: ("x" * 200000)}'
	add_hook createRuntime '{"path": "/bin/true"}'
	add_hook poststop '{"path": "/bin/true"}'
	inside_ok 'echo ok'
	assert_output ok
}
