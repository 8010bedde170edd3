#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# conmon alone over the runtime, called as podman and CRI-O call it.

load helpers

setup_file() {
	engine_setup conmon
	# what CRI-O would be told
	RT=$(contrib_file crio/tare.conf |
		sed -n 's/^runtime_path = "\(.*\)"/\1/p')
	export RT
	mkdir -p "$E/b" "$E/exit" "$E/persist" "$E/rt"
	make_rootfs "$E/b/rootfs"
	"$TARE" spec -b "$E/b"
	mv "$E/b/config.json" "$E/spec.json"
}

teardown_file() {
	local id

	[[ -n ${E:-} && -d $E ]] || return 0
	for id in $("$TARE" --root "$E/rt" list -q 2>/dev/null); do
		"$TARE" --root "$E/rt" delete --force "$id" || true
	done
	engine_teardown
}

setup() {
	D=$(mktemp -d "$E/t.XXXX")
	ID=$TAG$BATS_TEST_NUMBER
}

teardown() {
	[[ -n ${ID:-} ]] || return 0
	"$TARE" --root "$E/rt" delete --force "$ID" >/dev/null 2>&1 || true
}

# config JQ: config.json of the bundle.
config() {
	jq --arg cg "/$TAG/$ID" ".process.terminal = false |
		del(.process.rlimits) | .root.readonly = false |
		.linux.cgroupsPath = \$cg | $1" "$E/spec.json" >"$E/b/config.json"
}

# conmon_create OPTION...
conmon_create() {
	_OCI_STARTPIPE=4 _OCI_SYNCPIPE=3 timeout -k 5 30 conmon \
		--api-version 1 -c "$ID" -u "$ID" -r "$RT" -b "$E/b" \
		-p "$D/pidfile" -P "$D/conmon.pid" -n "n$ID" \
		--exit-dir "$E/exit" --persist-dir "$E/persist" \
		-l k8s-file:"$D/log" --full-attach "$@" \
		--runtime-arg --root --runtime-arg "$E/rt" \
		--runtime-arg --log-format=json --runtime-arg --log \
		--runtime-arg "$D/oci-log" \
		3>"$D/sync" 4< <(printf '\0') </dev/null >"$D/out" 2>&1
	wait_for 20 test -s "$D/sync"
}

# conmon_exec SPECFILE OPTION...: CRI-O's exec.
conmon_exec() {
	local spec=$1

	shift
	_OCI_SYNCPIPE=3 timeout -k 5 30 conmon -c "$ID" -n "n$ID" -r "$RT" \
		-p "$D/exec.pid" -e -l k8s-file:"$D/elog" \
		--socket-dir-path "$D" --sync "$@" \
		--runtime-arg --root --runtime-arg "$E/rt" \
		--exec-process-spec "$spec" \
		3>"$D/esync" </dev/null >"$D/eout" 2>&1
}

running() {
	"$TARE" --root "$E/rt" run -d -b "$E/b" "$ID" \
		</dev/null >/dev/null 2>&1 3>&-
}

@test "conmon: create, start, log, exit code" {
	config '.process.args = ["sh","-c","echo out; echo err >&2; exit 6"]'
	conmon_create
	run -0 jq -e '.data > 0' "$D/sync"
	eq "$(jq .data "$D/sync")" "$(cat "$D/pidfile")"
	run -0 "$TARE" --root "$E/rt" state "$ID"
	has "$output" '"created"'
	run -0 "$TARE" --root "$E/rt" start "$ID"
	eq "$output" ""
	wait_for 20 test -s "$E/exit/$ID"
	eq "$(cat "$E/exit/$ID")" 6
	must grep -q ' stdout F out$' "$D/log"
	must grep -q ' stderr F err$' "$D/log"
	run -0 "$TARE" --root "$E/rt" delete --force "$ID"
	eq "$output" ""
	empty "$(cgroups_with "$TAG/$ID")"
	must test ! -e "$E/rt/$ID"
}

@test "conmon: terminal" {
	config '.process.terminal = true |
		.process.args = ["sh","-c","tty; exit 0"]'
	conmon_create -t
	run -0 jq -e '.data > 0' "$D/sync"
	"$TARE" --root "$E/rt" start "$ID"
	wait_for 20 test -s "$E/exit/$ID"
	must grep -q '/dev/pts/0' "$D/log"
}

@test "conmon: a failed create is one record with the reason" {
	config '.process.args = ["/no/such/command"]'
	conmon_create || true
	eq "$(jq .data "$D/sync")" -1
	run -0 jq -es 'length == 1' "$D/oci-log"
	run -0 jq -r '.level, .msg' "$D/oci-log"
	eq "${lines[0]}" error
	has "${lines[1]}" "no such file or directory"
	# RFC 3339, or the caller drops the message
	run -0 jq -re .time "$D/oci-log"
	must grep -Eq '^20[0-9-]{8}T[0-9:.]{8,}(Z|[+-][0-9:]+)$' <<<"$output"
	must test ! -e "$E/rt/$ID"
	empty "$(cgroups_with "$TAG/$ID")"
}

@test "conmon: without a log file stderr carries the reason" {
	config '.process.args = ["/no/such/command"]'
	_OCI_STARTPIPE=4 _OCI_SYNCPIPE=3 timeout -k 5 30 conmon \
		--api-version 1 -c "$ID" -u "$ID" -r "$RT" -b "$E/b" \
		-p "$D/pidfile" -P "$D/conmon.pid" -n "n$ID" \
		--exit-dir "$E/exit" --persist-dir "$E/persist" \
		-l k8s-file:"$D/log" --full-attach \
		--runtime-arg "--root=$E/rt" \
		3>"$D/sync" 4< <(printf '\0') </dev/null >"$D/out" 2>&1 || true
	wait_for 20 test -s "$D/sync"
	eq "$(jq .data "$D/sync")" -1
	has "$(jq -r .message "$D/sync")" "no such file or directory"
}

@test "conmon: exec with output and exit code" {
	config '.process.args = ["sleep","100"]'
	running
	cat >"$D/p.json" <<-JSON
	{"terminal":false,"user":{"uid":1000,"gid":1000},
	 "args":["/bin/sh","-c","id -u; exit 6"],"env":["PATH=/bin"],"cwd":"/"}
	JSON
	local rc=0
	conmon_exec "$D/p.json" || rc=$?
	eq "$rc" 6
	eq "$(jq -c . "$D/esync")" '{"exit_code":6}'
	must grep -q ' stdout F 1000$' "$D/elog"
}

@test "conmon: exec time-out ends the process" {
	config '.process.args = ["sleep","100"]'
	running
	cat >"$D/p.json" <<-JSON
	{"user":{"uid":0,"gid":0},"args":["/bin/sleep","43210"],
	 "env":["PATH=/bin"],"cwd":"/"}
	JSON
	conmon_exec "$D/p.json" -T 1 || true
	eq "$(jq -r .message "$D/esync")" "command timed out"
	wait_for 10 no_sleeper
}

no_sleeper() {
	[[ -z $("$TARE" --root "$E/rt" exec "$ID" ps | grep '[4]3210') ]]
}

@test "conmon: exec of a missing command is the runtime's failure" {
	config '.process.args = ["sleep","100"]'
	running
	cat >"$D/p.json" <<-JSON
	{"user":{"uid":0,"gid":0},"args":["/no/such/command"],
	 "env":["PATH=/bin"],"cwd":"/"}
	JSON
	run ! conmon_exec "$D/p.json"
	must test ! -s "$D/exec.pid"
	has "$(cat "$D/esync")" "no such file or directory"
}

@test "conmon: standard input of an attached container ends" {
	config '.process.args = ["cat"]'
	conmon_create
	"$TARE" --root "$E/rt" start "$ID"
	# without -i stdin is null: cat ends at once
	wait_for 20 test -s "$E/exit/$ID"
	eq "$(cat "$E/exit/$ID")" 0
}

@test "conmon: SIGPIPE ignored by the caller is not ignored inside" {
	config '.process.args = ["grep","^Sig[BI]","/proc/self/status"]'
	conmon_create
	"$TARE" --root "$E/rt" start "$ID"
	wait_for 20 test -s "$E/exit/$ID"
	must grep -q 'SigIgn:.*0000000000000000' "$D/log"
	must grep -q 'SigBlk:.*0000000000000000' "$D/log"
}

@test "conmon: killed container's code is 128 and the signal" {
	config '.process.args = ["sleep","100"]'
	conmon_create
	"$TARE" --root "$E/rt" start "$ID"
	run -0 "$TARE" --root "$E/rt" kill "$ID" KILL
	eq "$output" ""
	wait_for 20 test -s "$E/exit/$ID"
	eq "$(cat "$E/exit/$ID")" 137
}
