#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create, start, state, list, kill, delete, pause: the life of a container.

load helpers

@test "run: foreground output and exit code" {
	inside 'echo out; echo err >&2; exit 7'
	assert_status 7
	assert_output out
	assert_eq "$stderr" err
	assert_no_trace
}

@test "run: exit codes 0, 1, 255 and 128+signal" {
	local code
	for code in 0 1 2 126 137 255; do
		inside "exit $code"
		assert_status $code
	done
	# Of its own pid namespace init cannot kill itself by a signal that it
	# has no handler for; without one it can.
	del_namespace pid
	inside 'kill -KILL $$'
	assert_status 137
	inside 'kill -TERM $$'
	assert_status 143
}

@test "run: stdin is passed through" {
	set_script 'read a; echo "got $a"'
	run --separate-stderr tare run --bundle "$BUNDLE" "$ID" <<<hello
	assert_status 0
	assert_output 'got hello'
}

@test "run: bundle is the current directory by default" {
	set_script 'echo here'
	cd "$BUNDLE"
	t run "$ID"
	assert_status 0
	assert_output here
}

@test "run --detach: returns, writes the pid file, says nothing" {
	run_bg "$ID" --pid-file "$W/pid"
	assert_eq "$(cat "$W/bg.out" "$W/bg.err")" ''
	assert_eq "$(cat "$W/pid")" "$(pid_of)"
	is_status running
}

@test "run --keep: the stopped container stays" {
	inside 'exit 3' --keep
	assert_status 3
	is_status stopped
	t delete "$ID"
	assert_silent
	assert_no_trace
}

@test "run: signals are forwarded to the container process" {
	local pid rc=0
	set_script 'trap "echo term; exit 9" TERM; trap "echo usr1" USR1
		echo up; while :; do sleep 0.02; done'
	"$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID" \
		</dev/null >"$W/out" 2>&1 3>&- &
	pid=$!
	CHILDREN+=($pid)
	wait_until grep -q up "$W/out"
	kill -USR1 $pid
	wait_until grep -q usr1 "$W/out"
	kill -TERM $pid
	wait $pid || rc=$?
	assert_eq $rc 9
	grep -q term "$W/out"
	assert_no_trace
}

@test "run: no other process of the runtime stays with a detached one" {
	local pid
	run_bg
	pid=$(pid_of)
	# The caller (or the next subreaper) is the parent of init.
	[ "$(sed 's/^.*) . \([0-9]*\) .*/\1/' "/proc/$pid/stat")" != 0 ]
	run grep -slzx -- "$ID" /proc/[0-9]*/cmdline
	assert_output ''
}

@test "create and start: init waits until start" {
	set_script 'echo started >/tmp/f; sleep 100'
	create_bg "$ID" --pid-file "$W/pid"
	assert_eq "$(cat "$W/bg.out" "$W/bg.err")" ''
	is_status created
	assert_eq "$(pid_of)" "$(cat "$W/pid")"
	[ ! -e "$BUNDLE/rootfs/tmp/f" ]
	t start "$ID"
	assert_silent
	wait_until test -s "$BUNDLE/rootfs/tmp/f"
	is_status running
}

@test "pid file: decimal digits and nothing else" {
	create_bg "$ID" --pid-file "$W/pid"
	grep -qzxE '[0-9]+' "$W/pid"
	assert_eq "$(wc -c <"$W/pid")" "$(printf %s "$(cat "$W/pid")" | wc -c)"
	assert_eq "$(ls -A "$W" | grep -c pid)" 1
}

@test "pid file: a relative path is of the caller's directory" {
	mkdir "$W/here"
	cd "$W/here"
	create_bg "$ID" --pid-file pid
	[ -s "$W/here/pid" ]
}

@test "create: the process is in its cgroup and namespaces already" {
	local pid
	create_bg
	pid=$(pid_of)
	grep -q ":memory:$CG\$" "/proc/$pid/cgroup"
	assert_eq "$(readlink "/proc/$pid/root")" /
	[ "$(readlink "/proc/$pid/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]
	[ "$(readlink "/proc/$pid/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]
}

@test "create: nobody but the container holds the caller's pipe" {
	# The reader sees EOF as soon as create returned, when the
	# container's own stdio is elsewhere.
	set_args sleep 100
	mkfifo "$W/p"
	timeout 5 cat "$W/p" >"$W/p.out" &
	local cat=$!
	(exec 7>"$W/p" 3>&-
		tare create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1)
	wait $cat
}

@test "start: of a running container fails" {
	run_bg
	t start "$ID"
	assert_fails 'cannot start an already running container'
	assert_status 1
}

@test "start: of a stopped container fails" {
	set_args true
	create_bg
	t start "$ID"
	assert_silent
	wait_until is_status stopped
	t start "$ID"
	assert_fails 'cannot start a container that has stopped'
}

@test "start: of a paused container fails" {
	create_bg
	t pause "$ID"
	assert_silent
	is_status paused
	t start "$ID"
	assert_fails 'cannot start a container in the paused state'
	t resume "$ID"
	is_status created
}

@test "unknown container: every command says so" {
	local cmd
	for cmd in start state kill delete pause resume ps 'exec X true' \
		'update --memory 10m X' 'events --stats X'; do
		case $cmd in
		*X*) t ${cmd//X/$ID} ;;
		*) t $cmd "$ID" ;;
		esac
		assert_fails 'container does not exist'
	done
	t delete --force "$ID"
	assert_silent
}

@test "container ids: what is allowed" {
	local id
	for id in a A0 a_b+c.d-e 0 ..a -- ; do
		[ "$id" != -- ] || continue
		ID=$id
		inside_ok true
	done
}

@test "container ids: what is refused" {
	local id
	for id in . .. a/b 'a b' 'a:b' ../x 'é' $'a\nb'; do
		t create --bundle "$BUNDLE" "$id"
		assert_fails 'invalid container ID format'
		assert_status 1
	done
	# runc 1.1 says "container id cannot be empty" in other commands only.
	t create --bundle "$BUNDLE" ''
	assert_fails
	t state ../x
	assert_fails 'invalid container ID format'
	t delete --force ../x
	assert_fails 'invalid container ID format'
}

@test "an id in use is refused, and its container lives on" {
	run_bg
	t create --bundle "$BUNDLE" "$ID"
	assert_fails 'container with given ID already exists'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'container with given ID already exists'
	is_status running
}

@test "state: format and fields" {
	update_config '.annotations = {"k": "v<&>", "a.b/c": ""}'
	create_bg
	t state "$ID"
	assert_status 0
	assert_eq "$(jq -c keys_unsorted <<<"$output")" \
		'["ociVersion","id","pid","status","bundle","rootfs","created","annotations","owner"]'
	assert_match '^\{'$'\n''  "ociVersion": "1\.'
	assert_eq "$(jq -r .id <<<"$output")" "$ID"
	assert_eq "$(jq -r .bundle <<<"$output")" "$BUNDLE"
	assert_eq "$(jq -r .rootfs <<<"$output")" "$BUNDLE/rootfs"
	assert_eq "$(jq -r .owner <<<"$output")" ''
	assert_eq "$(jq -r .annotations.k <<<"$output")" 'v<&>'
	assert_match 'v\\u003c\\u0026\\u003e'
	[[ $(jq -r .created <<<"$output") =~ \
		^2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,9})?Z$ ]]
	# No newline at the end.
	tare state "$ID" >"$W/state.out"
	assert_eq "$(tail -c 1 "$W/state.out")" '}'
}

@test "state: pid is 0 once stopped, annotations absent when none" {
	set_args true
	create_bg
	t start "$ID"
	wait_until is_status stopped
	t state "$ID"
	assert_eq "$(jq -c '[.pid, .status, has("annotations")]' <<<"$output")" \
		'[0,"stopped",false]'
}

@test "state: init killed from outside is stopped, zombie or not" {
	run_bg
	kill -9 "$(pid_of)"
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	assert_no_trace
}

@test "list: table, json, quiet" {
	t list
	assert_status 0
	assert_match '^ID +PID +STATUS +BUNDLE +CREATED +OWNER$'
	t list -f json
	assert_output null
	run_bg
	t list
	assert_match "$ID +$(pid_of) +running +$BUNDLE +2[^ ]+Z +root\$"
	t list --format json
	assert_eq "$(jq -r '.[0] | [.id, .status, .owner] | join(" ")' \
		<<<"$output")" "$ID running root"
	assert_eq "$(jq -r '.[0].pid' <<<"$output")" "$(pid_of)"
	t list -q
	assert_output "$ID"
	t list -f yaml
	assert_fails 'invalid format option'
}

@test "list: columns are padded as runc pads them" {
	run_bg
	t list
	local h=${lines[0]} l=${lines[1]}
	# Each cell starts below its heading.
	assert_eq "${l:0:${#ID}}" "$ID"
	local p=${h%%PID*}
	assert_eq "${l:${#p}:1}" "$(pid_of | cut -c1)"
	p=${h%%BUNDLE*}
	assert_eq "${l:${#p}:${#BUNDLE}}" "$BUNDLE"
	assert_eq "$h" "$(sed 's/ *$//' <<<"$h")"
}

@test "list: several, sorted; a broken entry is named and skipped" {
	run_bg "$ID"
	update_config '.linux.cgroupsPath += "x"'
	run_bg "0$ID"
	mkdir "$ROOT/broken"
	t list -q
	assert_status 0
	assert_eq "$output" "0$ID"$'\n'"$ID"
	assert_err broken
	rmdir "$ROOT/broken"
	t delete -f "0$ID"
	assert_silent
}

@test "list: a root that is not there" {
	# runc 1.1 lists nothing.
	newer_than_runc_1_1 'this error'
	run --separate-stderr "$TARE" --root "$W/none" list
	assert_fails 'no such file or directory'
	assert_err "$W/none"
}

@test "delete: a stopped or created container only" {
	run_bg
	t delete "$ID"
	assert_fails "cannot delete container $ID that is not stopped: running"
	is_status running
	t pause "$ID"
	t delete "$ID"
	assert_fails "that is not stopped: paused"
	t resume "$ID"
	t kill "$ID" KILL
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	assert_no_trace
}

@test "delete: a created container" {
	local pid
	create_bg
	pid=$(pid_of)
	t delete "$ID"
	assert_silent
	wait_until no_process "$pid"
	assert_no_trace
}

@test "delete --force: running, paused, created" {
	local pid
	run_bg
	pid=$(pid_of)
	t delete --force "$ID"
	assert_silent
	wait_until no_process "$pid"
	assert_no_trace

	run_bg
	t pause "$ID"
	t delete -f "$ID"
	assert_silent
	assert_no_trace

	create_bg
	t delete -f "$ID"
	assert_silent
	assert_no_trace
}

@test "delete --force: options may follow the id" {
	run_bg
	t delete "$ID" --force
	assert_silent
	assert_no_trace
}

@test "delete --force: kills what is left in a shared pid namespace" {
	del_namespace pid
	set_script 'sleep 100 & sleep 100'
	run_bg
	wait_until has_procs 2
	t delete -f "$ID"
	# runc 1.1 warns that it retried.
	is_runc || assert_silent
	assert_status 0
	assert_no_trace
}

@test "delete: a directory without a state file is removed" {
	mkdir "$ROOT/$ID"
	t delete "$ID"
	assert_fails 'container does not exist'
	[ ! -e "$ROOT/$ID" ]
	mkdir "$ROOT/$ID"
	t delete -f "$ID"
	assert_status 0
	[ ! -e "$ROOT/$ID" ]
}

@test "kill: names, numbers, the default" {
	local sig
	set_script 'for s in HUP INT QUIT TERM USR1 USR2 WINCH CONT; do
			trap "echo $s >>/tmp/got" $s
		done
		trap "echo RT >>/tmp/got" 40
		echo up >/tmp/got; while :; do sleep 0.01; done'
	run_bg
	wait_until test -s "$BUNDLE/rootfs/tmp/got"
	for sig in HUP SIGINT quit sigusr1 12 28; do
		t kill "$ID" $sig
		assert_silent
		sleep 0.05
	done
	t kill "$ID"
	assert_silent
	wait_until grep -q TERM "$BUNDLE/rootfs/tmp/got"
	t kill "$ID" 40
	assert_silent
	wait_until grep -q RT "$BUNDLE/rootfs/tmp/got"
	assert_eq "$(tr '\n' ' ' <"$BUNDLE/rootfs/tmp/got")" \
		'up HUP INT QUIT USR1 USR2 WINCH TERM RT '
	t kill "$ID" 0
	assert_silent
	t kill "$ID" 9
	assert_silent
	wait_until is_status stopped
}

@test "kill: unknown signals" {
	local sig
	run_bg
	for sig in FOO SIGFOO RTMIN CLD 9x; do
		t kill "$ID" "$sig"
		assert_fails "unknown signal \"$sig\""
	done
	# "invalid argument" of kill(2), or refused before.
	t kill "$ID" 999
	assert_fails
	is_status running
}

@test "kill: a stopped container is not running; --all is content" {
	set_args true
	create_bg
	t start "$ID"
	wait_until is_status stopped
	t kill "$ID" KILL
	assert_fails 'container not running'
	# runc 1.1 fails with --all as well; engines accept both.
	newer_than_runc_1_1 'success of kill --all'
	t kill --all "$ID" 9
	assert_silent
	t kill -a "$ID" KILL
	assert_silent
}

@test "kill --all: the rest of the cgroup after init's death" {
	del_namespace pid
	set_script 'sleep 100 & echo $! >/tmp/pid'
	create_bg
	t start "$ID"
	wait_until is_status stopped
	wait_until test -s "$BUNDLE/rootfs/tmp/pid"
	kill -0 "$(cat "$BUNDLE/rootfs/tmp/pid")"
	t kill --all "$ID" KILL
	assert_status 0
	wait_until no_process "$(cat "$BUNDLE/rootfs/tmp/pid")"
	t delete "$ID"
	assert_silent
	assert_no_trace
}

@test "kill KILL: without a pid namespace takes the whole cgroup" {
	newer_than_runc_1_1 'this rule'
	del_namespace pid
	set_script 'sleep 100 & echo $! >/tmp/pid; sleep 100'
	run_bg
	wait_until test -s "$BUNDLE/rootfs/tmp/pid"
	t kill "$ID" KILL
	assert_silent
	wait_until no_process "$(cat "$BUNDLE/rootfs/tmp/pid")"
}

@test "kill: a created container" {
	create_bg
	t kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
}

@test "kill KILL: a paused container dies" {
	run_bg
	t pause "$ID"
	t kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
}

@test "pause and resume: processes stop and go on" {
	set_script 'while :; do echo x >>/tmp/n; sleep 0.01; done'
	run_bg
	wait_until test -s "$BUNDLE/rootfs/tmp/n"
	t pause "$ID"
	assert_silent
	is_status paused
	if is_v2; then
		assert_eq "$(cg freezer cgroup.freeze)" 1
	else
		assert_eq "$(cg freezer freezer.state)" FROZEN
	fi
	local a
	a=$(wc -c <"$BUNDLE/rootfs/tmp/n")
	sleep 0.1
	assert_eq "$(wc -c <"$BUNDLE/rootfs/tmp/n")" "$a"
	t pause "$ID"
	assert_fails 'container not running'
	t resume "$ID"
	assert_silent
	is_status running
	wait_until larger_than "$BUNDLE/rootfs/tmp/n" "$a"
	t resume "$ID"
	assert_fails 'container not paused'
}

@test "pause: of a stopped container fails" {
	set_args true
	create_bg
	t start "$ID"
	wait_until is_status stopped
	t pause "$ID"
	assert_fails 'container not running'
	t resume "$ID"
	assert_fails 'container not paused'
}

@test "ps: table and json" {
	set_script 'sleep 100 & sleep 101'
	run_bg
	wait_until has_procs 2
	t ps "$ID"
	assert_status 0
	assert_match 'UID +PID +PPID'
	assert_match 'sleep 100'
	assert_match 'sleep 101'
	refute_match 'bats'
	t ps --format json "$ID"
	assert_status 0
	assert_eq "$(jq -c sort <<<"$output")" \
		"$(jq -sc sort "$(cg_dir pids)/cgroup.procs")"
	jq -e --argjson p "$(pid_of)" 'index($p) != null' <<<"$output"
	t ps "$ID" -e -o pid,comm
	assert_status 0
	assert_match "PID +COMMAND"
	t ps -f xml "$ID"
	assert_fails 'invalid format option'
}

@test "ps: json needs no PATH; of nothing it is null" {
	set_args true
	create_bg
	t start "$ID"
	wait_until is_status stopped
	run --separate-stderr env -i "$TARE" --root "$ROOT" ps -f json "$ID"
	assert_status 0
	[ "$output" = null ] || [ "$output" = '[]' ]
}

@test "environment: an empty XDG_RUNTIME_DIR and no PATH" {
	run_bg
	run --separate-stderr env -i XDG_RUNTIME_DIR= "$(command -v "$TARE")" \
		--root "$ROOT" pause "$ID"
	assert_silent
	run --separate-stderr env -i XDG_RUNTIME_DIR= "$(command -v "$TARE")" \
		--root "$ROOT" resume "$ID"
	assert_silent
	run --separate-stderr env -i XDG_RUNTIME_DIR= "$(command -v "$TARE")" \
		--root "$ROOT" kill "$ID" 9
	assert_silent
}

@test "state root: made with its parents, modes" {
	ROOT=$W/new/root
	create_bg
	assert_eq "$(stat -c %a "$ROOT")" 700
	assert_eq "$(stat -c %a "$ROOT/$ID")" 711
	assert_eq "$(stat -c %a "$ROOT/$ID/state.json")" 600
}

@test "state file: what outside readers use" {
	run_bg
	local key=memory
	! is_v2 || key=
	jq -e --arg b "$BUNDLE" --argjson p "$(pid_of)" --arg cg "$CG" \
		--arg key "$key" '
		.init_process_pid == $p
		and (.init_process_start | type == "number")
		and (.cgroup_paths[$key] | endswith($cg))
		and .namespace_paths.NEWNS == "/proc/\($p)/ns/mnt"
		and .config.rootfs == $b + "/rootfs"
		and (.config.labels | index("bundle=" + $b)) != null' \
		"$ROOT/$ID/state.json"
}

@test "a failed create leaves nothing" {
	local f
	for f in '.process.args = ["/no/such/program"]' \
		'.process.cwd = "/bin/sh/x"' \
		'.root.path = "missing"' \
		'.mounts += [{destination: "/x", type: "nosuchfs",
			source: "x"}]' \
		'.mounts += [{destination: "/x", type: "bind",
			source: "/no/such/source", options: ["bind"]}]' \
		'.linux.namespaces |= map(if .type == "network"
			then .path = "/no/such/ns" else . end)' \
		'.hooks.createRuntime = [{path: "/bin/false"}]' \
		'.process.args = []' \
		'.linux.sysctl = {"net.no.such": "1"}'; do
		sed "s|@CGROUP@|$CG|" "$DATA_DIR/config.json" \
			>"$BUNDLE/config.json"
		update_config "$f"
		t create --pid-file "$W/pid" --bundle "$BUNDLE" "$ID"
		assert_status 1 || { echo "config: $f"; false; }
		assert_no_trace
		[ ! -e "$W/pid" ]
		t run --bundle "$BUNDLE" "$ID"
		assert_status 1
		assert_no_trace
		run grep -c "$BUNDLE" /proc/self/mountinfo
		assert_output 0
	done
}

@test "the state of one container is usable by many at once" {
	local i pids=()
	run_bg
	for i in 1 2 3 4 5 6; do
		tare exec "$ID" sh -c "exit 0" </dev/null >/dev/null 2>&1 &
		pids+=($!)
		tare state "$ID" >/dev/null 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	is_status running
}

@test "a cgroup that is not empty is refused" {
	local c
	# runc 1.1 only warns.
	newer_than_runc_1_1 'this refusal'
	sleep 100 3>&- &
	CHILDREN+=($!)
	for c in pids devices; do
		mkdir -p "$(cg_dir $c)"
		echo $! >"$(cg_dir $c)/cgroup.procs"
	done
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'cgroup is not empty'
	kill -0 ${CHILDREN[0]}
	kill -9 ${CHILDREN[0]}
	wait ${CHILDREN[0]} || :
	for c in $(cg_dirs); do
		[ ! -d "$c" ] || wait_until rmdir "$c"
	done
}
