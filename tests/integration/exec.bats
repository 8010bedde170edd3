#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec: another process in a running container.

load helpers

status_field() {
	sed -n "s/^$1:[[:space:]]*//p" <<<"$output"
}

# process JSON: a process file over sensible defaults.
process_file() {
	jq -n --argjson p "$1" '{args: ["true"], cwd: "/",
		env: ["PATH=/bin:/usr/bin"], user: {uid: 0, gid: 0}} + $p' \
		>"$W/p.json"
}

@test "output and exit codes" {
	local code
	run_bg
	exec_in 'echo out; echo err >&2; exit 3'
	assert_status 3
	assert_output out
	assert_eq "$stderr" err
	for code in 0 126 255; do
		t exec "$ID" sh -c "exit $code"
		assert_status $code
	done
	t exec "$ID" sh -c 'kill -TERM $$'
	assert_status 143
	t exec "$ID" sh -c 'kill -KILL $$'
	assert_status 137
}

@test "it is in every namespace and the cgroup of the container" {
	local ns
	run_bg
	exec_in 'for n in pid net ipc uts mnt; do
			readlink /proc/self/ns/$n; done
		cat /proc/self/cgroup; hostname'
	for ns in pid net ipc uts mnt; do
		assert_line "$(readlink "/proc/$(pid_of)/ns/$ns")"
	done
	assert_match ":memory:$CG"
	assert_match ":pids:$CG"
	assert_line tare-test
}

@test "its own failures are 255" {
	run_bg
	t exec "$ID" no-such-program
	assert_status 255
	assert_err 'executable file not found in $PATH'
	t exec "$ID" /no/such
	assert_status 255
	assert_err 'no such file or directory'
	t exec "$ID" /bin/notexec
	assert_status 255
	assert_err 'permission denied'
	t exec "$ID-none" true
	[ "$status" -eq 255 ] || [ "$status" -eq 1 ]
	assert_err 'container does not exist'
	t exec "$ID"
	[ "$status" -ne 0 ]
}

@test "options end at the container id" {
	run_bg
	t exec "$ID" ls -d --color=never /
	assert_status 0
	assert_output /
	t exec "$ID" echo --cwd /x -t
	assert_output '--cwd /x -t'
}

@test "stopped, paused and created containers" {
	create_bg
	exec_in 'echo in-created'
	assert_status 0
	assert_output in-created
	t start "$ID"
	t pause "$ID"
	exec_in true
	assert_status 255
	assert_err 'cannot exec in a paused container'
	t resume "$ID"
	t kill "$ID" KILL
	wait_until is_status stopped
	exec_in true
	assert_status 255
	assert_err 'cannot exec in a stopped container'
}

@test "--ignore-paused: waits for the resume" {
	run_bg
	t pause "$ID"
	tare exec --ignore-paused "$ID" echo late </dev/null >"$W/out" 2>&1 &
	local e=$!
	CHILDREN+=($e)
	sleep 0.2
	[ ! -s "$W/out" ]
	t resume "$ID"
	wait $e
	assert_eq "$(cat "$W/out")" late
}

@test "--detach and --pid-file" {
	run_bg
	bg exec -d --pid-file "$W/pid" "$ID" sh -c 'exec sleep 60'
	assert_eq "$(cat "$W/bg.out" "$W/bg.err")" ''
	assert_eq "$(wc -c <"$W/pid")" "$(printf %s "$(cat "$W/pid")" | wc -c)"
	wait_until grep -q sleep "/proc/$(cat "$W/pid")/cmdline"
	t ps -f json "$ID"
	jq -e --argjson p "$(cat "$W/pid")" 'index($p) != null' <<<"$output"
}

@test "--detach: a program that cannot be executed is a failure" {
	run_bg
	t exec -d --pid-file "$W/pid" "$ID" /no/such
	assert_status 255
	assert_err 'no such file or directory'
	process_file '{"args": ["/bin/notexec"]}'
	t exec -d -p "$W/p.json" "$ID"
	assert_status 255
	assert_err 'permission denied'
}

@test "--cwd" {
	run_bg
	t exec --cwd /usr/bin "$ID" pwd
	assert_status 0
	assert_output /usr/bin
	t exec --cwd /no/such "$ID" pwd
	assert_status 255
	t exec "$ID" pwd
	assert_output /
}

@test "--env: added, and the last one wins" {
	update_config '.process.env += ["A=config", "B=config"]'
	run_bg
	t exec -e A=1 -e C=2 -e A=3 "$ID" sh -c 'echo $A $B $C $HOME'
	assert_status 0
	assert_output '3 config 2 /root'
	t exec --env A=1 --env=X=y "$ID" sh -c 'echo $A $X'
	assert_output '1 y'
}

@test "--user and --additional-gids" {
	run_bg
	t exec --user 1000 "$ID" sh -c 'id -u; id -g; echo $HOME'
	assert_status 0
	assert_output $'1000\n0\n/home/u1000'
	t exec -u 1000:1001 -g 5 -g 6 "$ID" sh -c \
		'cat /proc/self/status; id -u; id -g'
	assert_status 0
	assert_eq "$(status_field Uid)" $'1000\t1000\t1000\t1000'
	assert_eq "$(status_field Gid)" $'1001\t1001\t1001\t1001'
	assert_eq "$(status_field Groups)" '5 6 '
	newer_than_runc_1_1 'these texts'
	t exec --user name "$ID" true
	assert_status 255
	assert_err 'bad uid'
	t exec --user 1:name "$ID" true
	assert_status 255
	assert_err 'bad gid'
}

@test "--cap: added" {
	run_bg
	t exec --cap CAP_CHOWN --cap CAP_NET_ADMIN "$ID" \
		cat /proc/self/status
	assert_status 0
	assert_eq "$(status_field CapEff)" 0000000020001421
	assert_eq "$(status_field CapBnd)" 0000000020001421
	assert_eq "$(status_field CapPrm)" 0000000020001421
	t exec "$ID" cat /proc/self/status
	assert_eq "$(status_field CapEff)" 0000000020000420
}

@test "--no-new-privs: given, off, and as configured" {
	update_config '.process.noNewPrivileges = false'
	run_bg
	t exec "$ID" cat /proc/self/status
	assert_eq "$(status_field NoNewPrivs)" 0
	t exec --no-new-privs "$ID" cat /proc/self/status
	assert_eq "$(status_field NoNewPrivs)" 1
	tare delete -f "$ID"
	update_config '.process.noNewPrivileges = true'
	run_bg
	t exec "$ID" cat /proc/self/status
	assert_eq "$(status_field NoNewPrivs)" 1
	newer_than_runc_1_1 'the third state'
	t exec --no-new-privs=false "$ID" cat /proc/self/status
	assert_eq "$(status_field NoNewPrivs)" 0
}

@test "--preserve-fds" {
	run_bg
	run --separate-stderr sh -c 'exec 3<"$0/helpers.bash"; exec "$@"' \
		"$TESTS_DIR" "$TARE" --root "$ROOT" exec --preserve-fds 1 \
		"$ID" sh -c 'head -c 11 <&3'
	assert_status 0
	assert_output '# SPDX-Lice'
	run --separate-stderr sh -c 'exec 3<"$0/helpers.bash"; exec "$@"' \
		"$TESTS_DIR" "$TARE" --root "$ROOT" exec "$ID" \
		sh -c 'ls -1 /proc/$$/fd; :'
	assert_output $'0\n1\n2'
}

@test "--process: everything in the file" {
	process_file '{"args": ["sh", "-c",
			"pwd; echo $X $HOME; umask; cat /proc/self/status /proc/self/limits /proc/self/oom_score_adj"],
		"cwd": "/usr", "env": ["PATH=/bin", "X=y"],
		"user": {"uid": 1000, "gid": 1001, "umask": 7,
			"additionalGids": [9, 10]},
		"capabilities": {"bounding": ["CAP_KILL"],
			"inheritable": ["CAP_KILL"], "permitted": ["CAP_KILL"],
			"ambient": ["CAP_KILL"], "effective": ["CAP_KILL"]},
		"noNewPrivileges": true, "oomScoreAdj": 444,
		"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 77, "hard": 88}]}'
	run_bg
	t exec --process "$W/p.json" "$ID"
	assert_status 0
	assert_line /usr
	assert_line 'y /home/u1000'
	assert_eq "$(status_field Uid)" $'1000\t1000\t1000\t1000'
	assert_eq "$(status_field Groups)" '9 10 '
	assert_eq "$(status_field CapEff)" 0000000000000020
	assert_eq "$(status_field CapAmb)" 0000000000000020
	assert_eq "$(status_field CapBnd)" 0000000000000020
	assert_eq "$(status_field NoNewPrivs)" 1
	# runc 1.1 forgets these.
	is_runc && return
	assert_line 0007
	assert_match 'Max open files +77 +88'
	assert_line 444
}

@test "--process: the options of the file only" {
	update_config '.process.env += ["A=config"]'
	process_file '{"args": ["sh", "-c", "echo ${A-none}"]}'
	run_bg
	t exec -p "$W/p.json" "$ID"
	assert_status 0
	assert_output none
}

@test "--process: bad files" {
	run_bg
	t exec -p "$W/missing.json" "$ID"
	assert_fails 'no such file or directory'
	echo '{' >"$W/p.json"
	t exec -p "$W/p.json" "$ID"
	assert_fails
	process_file '{"args": []}'
	t exec -p "$W/p.json" "$ID"
	assert_fails
	process_file '{"cwd": ""}'
	t exec -p "$W/p.json" "$ID"
	assert_fails
	process_file '{"cwd": "relative"}'
	t exec -p "$W/p.json" "$ID"
	assert_fails
}

@test "as the engines write it" {
	local f
	run_bg
	for f in docker-20.10 podman-4.3 cri-containerd-1.6; do
		f=$(ls "$DATA_DIR"/configs/"$f"*exec*process.json)
		jq '.terminal = false | .args = ["sh", "-c",
			"cat /proc/self/status"] | .cwd = "/" | del(.rlimits)
			| del(.consoleSize) | del(.apparmorProfile)' \
			"$f" >"$W/p.json"
		t exec --process "$W/p.json" "$ID"
		assert_status 0
		assert_eq "$(status_field Uid | cut -f 1)" \
			"$(jq .user.uid "$W/p.json")"
		assert_eq "$((0x$(status_field CapBnd) != 0))" 1
	done
}

@test "no capability beyond the container's, on any way in" {
	update_config '.process.capabilities = {}'
	run_bg
	t exec "$ID" cat /proc/self/status
	assert_eq "$(status_field CapEff)" 0000000000000000
	assert_eq "$(status_field CapBnd)" 0000000000000000
}

@test "signals are forwarded" {
	local e rc=0
	run_bg
	"$TARE" --root "$ROOT" exec "$ID" sh -c 'trap "exit 5" TERM; echo up
		while :; do sleep 0.02; done' </dev/null >"$W/out" 2>&1 3>&- &
	e=$!
	CHILDREN+=($e)
	wait_until grep -q up "$W/out"
	kill -TERM $e
	wait $e || rc=$?
	assert_eq $rc 5
}

@test "stdin is passed through" {
	run_bg
	run --separate-stderr tare exec -- "$ID" cat <<<'some input'
	if [ "$status" -ne 0 ]; then
		run --separate-stderr tare exec "$ID" cat <<<'some input'
	fi
	assert_output 'some input'
}

@test "init's death ends it with the pid namespace" {
	local e rc=0
	run_bg
	tare exec "$ID" sleep 50 </dev/null >/dev/null 2>&1 &
	e=$!
	CHILDREN+=($e)
	wait_until has_procs 2
	t kill "$ID" KILL
	wait $e || rc=$?
	assert_eq $rc 137
}

@test "--cgroup: a child of the container's" {
	v1_only
	run_bg
	mkdir "$CGROOT/pids$CG/sub"
	newer_than_runc_1_1 'the order of joining' || :
	t exec --cgroup pids:sub "$ID" cat /proc/self/cgroup
	assert_status 0
	assert_match ":pids:$CG/sub"
	assert_match ":memory:$CG"$'\n'
	t exec --cgroup pids:../../.. "$ID" true
	assert_status 255
	t exec --cgroup pids:none "$ID" true
	assert_status 255
}

@test "the host's descriptors and program are out of reach" {
	run_bg
	exec_in 'ls -1 /proc/$$/fd; readlink /proc/$$/exe; :'
	assert_output $'0\n1\n2\n/bin/busybox'
}
