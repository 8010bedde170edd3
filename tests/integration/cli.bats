#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line itself: options, help, logs, features, spec.

load helpers

name() {
	is_runc && echo runc || echo tare
}

@test "--version" {
	run --separate-stderr "$TARE" --version
	assert_status 0
	assert_eq "$stderr" ''
	assert_match "^$(name) version [0-9]"
	assert_match $'\n''spec: 1\.'
	local v=$output
	run --separate-stderr "$TARE" -v
	assert_output "$v"
}

@test "version: the first line can be made to say runc" {
	tare_only
	"$TARE" --version | head -n 1 | grep -qE '^[a-z]+ version [^ ]+$'
}

@test "no command: help, and 0" {
	run --separate-stderr "$TARE"
	assert_status 0
	assert_match create
	assert_match delete
}

@test "help: of the program and of each command" {
	local c
	for c in --help -h help; do
		run --separate-stderr "$TARE" $c
		assert_status 0
		assert_match create
		assert_match --root
	done
	for c in create run start exec kill delete state list ps pause resume \
		events update spec features; do
		run --separate-stderr "$TARE" $c --help
		assert_status 0
		assert_match "$c"
		run --separate-stderr "$TARE" help $c
		assert_status 0
	done
}

@test "an unknown command is 3" {
	t no-such-command
	assert_status 3
	assert_err "No help topic for 'no-such-command'"
}

@test "an unknown option is 1 and named" {
	t create --no-such "$ID"
	assert_status 1
	assert_err 'flag provided but not defined: -no-such'
	run --separate-stderr "$TARE" --no-such list
	assert_status 1
	assert_err 'flag provided but not defined: -no-such'
}

@test "bad values of options" {
	run_bg
	t events --interval soon "$ID"
	assert_status 1
	assert_err 'invalid value "soon"'
	t create --preserve-fds many --bundle "$BUNDLE" x
	assert_status 1
	assert_err 'invalid value "many"'
}

@test "numbers of arguments" {
	local c
	for c in create run start state delete pause resume; do
		t $c
		assert_fails 'requires exactly 1 argument(s)'
		assert_status 1
		t $c a b
		assert_fails 'requires exactly 1 argument(s)'
	done
	t kill
	assert_fails 'requires a minimum of 1 argument(s)'
	t kill a b c
	assert_fails 'requires a maximum of 2 argument(s)'
	t exec
	assert_fails 'requires a minimum of 1 argument(s)'
	t ps
	assert_fails 'requires a minimum of 1 argument(s)'
	t events
	assert_fails 'requires exactly 1 argument(s)'
	t update --memory 1m
	assert_fails 'requires exactly 1 argument(s)'
	t list x
	assert_fails 'requires exactly 0 argument(s)'
}

@test "options: one dash, two, = and after the id" {
	set_args sleep 100
	cd /
	bg -log="$W/log" run -bundle="$BUNDLE" "$ID" -d --pid-file "$W/pid"
	[ -s "$W/pid" ]
	t delete "$ID" -force=true
	assert_silent
	bg run -d -b "$BUNDLE" "$ID"
	is_status running
	newer_than_runc_1_1 'options given twice'
	t delete -f -f "$ID"
	assert_silent
}

@test "options: global ones in any order, with an empty value" {
	run --separate-stderr "$TARE" --log-format json --log '' \
		--root="$ROOT" list -q
	assert_silent
	run --separate-stderr "$TARE" --root "$ROOT" --rootless=false \
		--log-format '' list -q
	assert_silent
	run --separate-stderr "$TARE" --root "$ROOT" --rootless auto list -q
	assert_silent
	run --separate-stderr "$TARE" --root "$ROOT" --rootless maybe list -q
	# runc 1.1 looks at it only where it matters.
	is_runc || assert_fails
}

@test "--log-format: unknown" {
	run --separate-stderr "$TARE" --log-format xml --root "$ROOT" list
	assert_status 1
	assert_err 'xml'
}

@test "--log: text and the bare message on stderr" {
	t --log "$W/log" state "$ID"
	assert_status 1
	assert_eq "$stderr" 'container does not exist'
	assert_eq "$(wc -l <"$W/log")" 1
	[[ $(cat "$W/log") =~ ^time=\"[-0-9]+T[0-9:]+[^\ ]*\"\ level=error\ msg=\"container\ does\ not\ exist\"$ ]]
	# Appends.
	t --log "$W/log" state "$ID"
	assert_eq "$(wc -l <"$W/log")" 2
	assert_eq "$(stat -c %a "$W/log")" 644
}

@test "--log: json, one record for an error" {
	t --log "$W/log" --log-format json state "$ID"
	assert_status 1
	assert_eq "$stderr" 'container does not exist'
	jq -es 'length == 1 and .[0].level == "error"
		and .[0].msg == "container does not exist"
		and (.[0] | keys) == ["level", "msg", "time"]' "$W/log"
	[[ $(jq -r .time "$W/log") =~ \
		^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$ ]]
}

@test "--log: a failing create writes one record, the error last" {
	set_args /no/such/program
	t --log "$W/log" --log-format json create --bundle "$BUNDLE" "$ID"
	assert_status 1
	jq -es '.[-1].level == "error"
		and (.[-1].msg | contains("no such file or directory"))' \
		"$W/log"
	is_runc || assert_eq "$(wc -l <"$W/log")" 1
	assert_err 'no such file or directory'
	assert_eq "$(wc -l <<<"$stderr")" 1
}

@test "--log: success writes nothing" {
	bg --log "$W/log" --log-format json run -d --bundle "$BUNDLE" "$ID"
	t --log "$W/log" --log-format json state "$ID"
	t --log "$W/log" --log-format json kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
	t --log "$W/log" --log-format json delete "$ID"
	assert_silent
	[ ! -s "$W/log" ]
}

@test "--log: json escapes" {
	t --log "$W/log" --log-format json state 'a"b<c'
	assert_status 1
	jq -es 'length == 1' "$W/log"
}

@test "no --log: one text line on stderr" {
	t state "$ID"
	assert_status 1
	[[ $stderr =~ ^time=\"[^\"]+\"\ level=error\ msg=\"container\ does\ not\ exist\"$ ]]
}

@test "--log: a path that cannot be opened" {
	t --log "$W/none/log" list
	assert_status 1
	assert_err 'no such file or directory'
}

@test "--debug: more lines, the same result" {
	set_args echo hi
	t --debug --log "$W/log" run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output hi
	[ "$(grep -c level=debug "$W/log")" -ge 1 ]
}

@test "--root: / is refused, relative is made absolute" {
	if ! is_runc; then
		run --separate-stderr "$TARE" --root / list
		assert_fails 'set to /'
		cd /
		run --separate-stderr "$TARE" --root . list
		assert_fails 'set to /'
	fi
	cd "$W"
	bg --root ./rel run -d --bundle "$BUNDLE" "$ID"
	[ -e "$W/rel/$ID/state.json" ]
	cd /
	run --separate-stderr "$TARE" --root "$W/rel" delete -f "$ID"
	assert_silent
}

@test "--systemd-cgroup without systemd" {
	[ ! -d /run/systemd/system ] || skip 'lacks: a machine without systemd'
	t --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	assert_fails systemd
	assert_no_trace
}

@test "features" {
	run --separate-stderr "$TARE" features
	assert_status 0
	assert_eq "$stderr" ''
	jq -e '(.ociVersionMin | length > 0) and (.ociVersionMax | length > 0)
		and (.hooks == ["prestart", "createRuntime", "createContainer",
			"startContainer", "poststart", "poststop"])
		and (.mountOptions | index("rbind") != null
			and index("rro") != null and index("tmpcopyup") != null
			and . == sort)
		and (.linux.namespaces | index("cgroup") != null
			and index("user") != null)
		and (.linux.capabilities | index("CAP_SYS_ADMIN") != null)
		and .linux.cgroup.v1 and (.linux.seccomp.enabled != null)
		and (.linux.seccomp.actions | index("SCMP_ACT_NOTIFY") != null)
		and (.linux.apparmor.enabled != null)
		and (.linux.selinux.enabled != null)' <<<"$output"
	newer_than_runc_1_1 'these entries'
	jq -e '.ociVersionMin == "1.0.0"
		and (.mountOptions | index("idmap") == null)
		and (.linux.mountExtensions.idmap.enabled != null)
		and (.linux.intelRdt != null)
		and (.potentiallyUnsafeConfigAnnotations | length >= 3)' \
		<<<"$output"
}

@test "features: the words are those that work" {
	tare_only
	run --separate-stderr "$TARE" features
	local o
	for o in $(jq -r '.mountOptions[] | select(. != "remount"
		and . != "bind" and . != "rbind" and . != "tmpcopyup"
		and (startswith("r") | not) and . != "mand"
		and (IN("private", "shared", "slave", "unbindable") | not))' \
		<<<"$output"); do
		add_mount "/o-$o" tmpfs tmpfs "$o"
	done
	inside_ok 'grep -c " /o-" /proc/self/mountinfo'
}

@test "features: --debug before it, with a log" {
	run --separate-stderr "$TARE" --debug --log "$W/log" features
	assert_status 0
	jq -e . <<<"$output"
}

@test "spec: writes a configuration that runs" {
	mkdir "$W/new"
	cd "$W/new"
	t spec
	assert_silent
	jq -e '.process.terminal == true and .process.args == ["sh"]
		and .root == {path: "rootfs", readonly: true}
		and (.mounts | length) == 7
		and (.linux.resources.devices == [{allow: false,
			access: "rwm"}])
		and ([.linux.namespaces[].type] | sort)[:5] != null
		and .process.noNewPrivileges == true
		and .process.rlimits == [{type: "RLIMIT_NOFILE", hard: 1024,
			soft: 1024}]' config.json
	t spec
	assert_fails 'File config.json exists. Remove it first'
	assert_status 1
	cp -al "$TEMPLATE/rootfs" rootfs
	jq '.process.terminal = false | .process.args = ["id", "-u"]
		| .linux.cgroupsPath = $c' --arg c "$CG" config.json >c
	mv c config.json
	t run "$ID"
	assert_status 0
	assert_output 0
}

@test "spec: --bundle and --rootless" {
	mkdir "$W/new"
	t spec --bundle "$W/new" --rootless
	assert_silent
	jq -e '([.linux.namespaces[].type] | index("user") != null
			and index("network") == null)
		and .linux.uidMappings[0].size == 1
		and .linux.resources == null' "$W/new/config.json"
}

@test "checkpoint: --help tells support by its status" {
	run --separate-stderr "$TARE" checkpoint --help
	[ "$status" -eq 0 ] || [ "$status" -eq 1 ] || [ "$status" -eq 3 ]
	run --separate-stderr "$TARE" restore --lsm-mount-context
	[ "$status" -ne 0 ]
	[[ $stderr$output == *'flag needs an argument'* || \
		$stderr$output == *'requires an argument'* ]]
}

@test "argv[0] is not looked at" {
	local p
	p=$(command -v "$TARE")
	ln -s "$p" "$W/runc"
	run --separate-stderr "$W/runc" --root "$ROOT" list -q
	assert_silent
	run --separate-stderr bash -c 'exec -a "" "$0" --root "$1" list -q' \
		"$p" "$ROOT"
	assert_silent
	set_args echo hi
	run --separate-stderr "$W/runc" --root "$ROOT" run --bundle "$BUNDLE" \
		"$ID"
	assert_output hi
}

@test "closed standard descriptors do no harm" {
	run sh -c '"$@" <&- 2>&-' sh "$TARE" --root "$ROOT" list -q
	[ "$status" -eq 0 ]
	set_args sleep 100
	sh -c '"$@" <&- >&- 2>&-' sh "$TARE" --root "$ROOT" run -d --bundle \
		"$BUNDLE" "$ID" 3>&-
	is_status running
	[ "$(cat "$ROOT/$ID/state.json" | jq -r .id)" = "$ID" ]
}

@test "kill and delete --regex: every container that it matches" {
	local i
	for i in one two three; do
		update_config '.linux.cgroupsPath = $p' --arg p "$CG-$i"
		run_bg "re-$i"
	done
	t kill --regex '^re-t' KILL
	assert_silent
	wait_until is_status stopped re-two
	wait_until is_status stopped re-three
	is_status running re-one
	t delete --regex '^re-'
	assert_fails 'container re-one'
	t list -q
	assert_output re-one
	t delete --force --regex 'one$'
	assert_silent
	t list -q
	assert_output ''
	t kill --regex 'nothing'
	assert_silent
	t delete --regex '('
	assert_fails 'regular expression ('
}

@test "create and run --config: another file" {
	jq '.process.args = ["echo", "other"]' "$BUNDLE/config.json" >"$W/other"
	t run --bundle "$BUNDLE" --config "$W/other" "$ID"
	assert_status 0
	assert_output other
	t run --bundle "$BUNDLE" --config "$W/none" "$ID"
	assert_fails "$W/none"
	t create --no-subreaper -b "$BUNDLE" -f "$W/none" "$ID"
	assert_fails "$W/none"
}

@test "spec --file" {
	mkdir "$W/new"
	t spec --bundle "$W/new" --file other.json
	assert_silent
	jq -e .ociVersion "$W/new/other.json"
	[ ! -e "$W/new/config.json" ]
}
