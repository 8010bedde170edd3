#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Wrong configurations: one clear error that names the file and the field.

load helpers

# refused FILTER PATH [TEXT]: the edit FILTER is refused; the error names the
# file and the JSON path PATH (tare), or has TEXT (both).
refused() {
	cp "$BUNDLE/config.json" "$W/good.json"
	update_config "$1"
	t create --bundle "$BUNDLE" "$ID"
	cp "$W/good.json" "$BUNDLE/config.json"
	assert_status 1 || {
		echo "config: $1"
		return 1
	}
	if ! is_runc; then
		assert_err config.json
		assert_err "$2"
		assert_eq "$(wc -l <<<"$stderr")" 1
	fi
	[ -z "${3-}" ] || assert_err "$3"
	assert_no_trace
}

@test "no config.json" {
	rm "$BUNDLE/config.json"
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err 'JSON specification file config.json not found'
	t run --bundle "$W/none" "$ID"
	assert_status 1
	assert_err 'no such file or directory'
}

@test "not JSON" {
	local text
	for text in '' '{' '{"a":}' 'nonsense' '{"process": {' '[1, 2]' '"x"' \
		'{"a": 1,}' '{"a": "\x"}' "$(printf '{"a": "\t\001"}')"; do
		printf %s "$text" >"$BUNDLE/config.json"
		t create --bundle "$BUNDLE" "$ID"
		assert_status 1 || { echo "text: $text"; false; }
		is_runc || assert_err config.json
		assert_no_trace
	done
	# runc 1.1 crashes.
	newer_than_runc_1_1 'an answer to null'
	echo null >"$BUNDLE/config.json"
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
}

@test "not JSON: the line is named" {
	tare_only
	printf '{\n\t"process": {\n\t\t"cwd": /\n\t}\n}\n' \
		>"$BUNDLE/config.json"
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err config.json:3
}

@test "wrong types" {
	refused '.process.user.uid = "0"' process.user.uid
	refused '.process.user.uid = -1' process.user.uid
	refused '.process.user.uid = 4294967296' process.user.uid
	refused '.process.user.uid = 1.5' process.user.uid
	refused '.process.args = "sh"' process.args
	refused '.process.args = ["a", 1]' 'process.args[1]'
	refused '.process.terminal = 1' process.terminal
}

@test "wrong types of lists and objects" {
	refused '.process = []' process
	refused '.mounts = {}' mounts
	refused '.mounts[2].destination = 7' 'mounts[2].destination'
	refused '.linux.namespaces[0] = "pid"' 'linux.namespaces[0]'
	refused '.linux.resources.memory.limit = "1m"' \
		linux.resources.memory.limit
	refused '.annotations = {"a": 1}' annotations
	refused '.root.readonly = "yes"' root.readonly
	refused '.hooks = {"poststop": {}}' hooks.poststop
	refused '.linux.sysctl = ["a"]' linux.sysctl
}

@test "missing fields" {
	refused 'del(.process)' process
	refused 'del(.root)' root
	refused '.process.args = []' process.args
	refused 'del(.process.args)' process.args
	refused 'del(.process.cwd)' process.cwd
	refused '.process.cwd = ""' process.cwd
	refused '.process.cwd = "rel"' process.cwd
	# runc takes that one.
	is_runc || refused '.hooks.poststop = [{}]' 'hooks.poststop[0]'
}

@test "the texts of runc" {
	refused 'del(.process.cwd)' process.cwd 'Cwd property must not be empty'
	refused '.process.cwd = "rel"' process.cwd \
		'Cwd must be an absolute path'
	refused '.process.args = []' process.args 'args must not be empty'
	refused 'del(.root)' root 'oot must be specified'
	refused 'del(.process)' process 'process property must not be empty'
}

@test "words out of the tables" {
	refused '.linux.namespaces += [{type: "foo"}]' 'linux.namespaces[5]' foo
	refused '.process.rlimits = [{type: "RLIMIT_FOO", soft: 1, hard: 1}]' \
		'process.rlimits[0]' RLIMIT_FOO
	refused '.linux.rootfsPropagation = "odd"' linux.rootfsPropagation odd
	refused '.linux.devices = [{path: "/dev/x", type: "z", major: 1,
		minor: 3}]' 'linux.devices[0]'
	refused '.linux.seccomp = {defaultAction: "SCMP_ACT_ODD"}' \
		linux.seccomp.defaultAction
	refused '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["mkdir"], action: "odd"}]}' \
		'linux.seccomp.syscalls[0].action' odd
	refused '.linux.resources.devices = [{allow: true, type: "q",
		access: "r"}]' 'linux.resources.devices[0]'
}

@test "what contradicts itself" {
	refused 'del(.linux.namespaces[] | select(.type == "uts"))' hostname \
		'without a private UTS namespace'
	refused '.linux.namespaces += [{type: "pid"}]' linux.namespaces
	refused '.linux.namespaces += [{type: "user"}]' linux. 'mappings found'
	refused '.linux.sysctl = {"kernel.panic": "1"}' linux.sysctl \
		kernel.panic
	refused 'del(.linux.namespaces[] | select(.type == "network"))
		| .linux.sysctl = {"net.ipv4.ip_forward": "1"}' linux.sysctl
}

@test "several faults: all are named at once" {
	tare_only
	update_config '.process.cwd = "rel" | .process.args = []
		| .linux.namespaces += [{type: "foo"}]'
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err process.cwd
}

@test "accepted: unknown keys, null, other case, newer versions" {
	update_config '.newThing = {a: [1, {b: null}]} | .process.more = 1
		| .ociVersion = "1.9.0" | .hooks = null
		| .linux.intelRdt = null | .linux.seccomp = null
		| .windows = {x: 1} | .process.user.username = "x"
		| .annotations = null | .process.rlimits = null'
	inside_ok 'echo ok'
	assert_output ok
	sed -i 's/"hostname"/"HostName"/; s/"cwd"/"Cwd"/' "$BUNDLE/config.json"
	inside_ok hostname
	assert_output tare-test
}

@test "refused: no ociVersion, text after the object" {
	# The specification demands the one and JSON forbids the other; runc
	# looks at neither.
	tare_only 'a strict reading'
	cp "$BUNDLE/config.json" "$W/good"
	update_config 'del(.ociVersion)'
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
	[[ $stderr == *config.json*ociVersion* ]]
	cp "$W/good" "$BUNDLE/config.json"
	echo 'garbage {' >>"$BUNDLE/config.json"
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
	[[ $stderr == *config.json* ]]
	assert_no_trace
}

@test "accepted: unicode, escapes" {
	update_config '.annotations = {a: "\u00e9\ud83d\ude00\"\\\n"}'
	set_script 'echo "é \"q\" \\\\ \t"'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_match '^é "q"'
}

@test "deep nesting and long strings are bounded, not fatal" {
	{
		printf '{"x": '
		head -c 100000 /dev/zero | tr '\0' '['
	} >"$BUNDLE/config.json"
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_no_trace
}

@test "huge files end in an error or a container, never in a hang" {
	update_config '.annotations = ([range(2000)]
		| map({key: "k\(.)", value: ("v" * 100)}) | from_entries)'
	inside_ok 'echo ok'
	assert_output ok
}

@test "config.json that is a directory, a fifo or unreadable" {
	rm "$BUNDLE/config.json"
	mkdir "$BUNDLE/config.json"
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_no_trace
}

@test "errors of the mounts carry path and reason" {
	add_mount /m1 /no/such/source bind bind
	t create --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err /no/such/source
	assert_err 'no such file or directory'
	assert_eq "$(wc -l <<<"$stderr")" 1
	assert_no_trace
}

@test "errors that engines tell apart" {
	# podman: 127 and 126; docker the same.
	set_args missing-program
	t create --bundle "$BUNDLE" "$ID"
	assert_err 'executable file not found in'
	set_args /missing/program
	t create --bundle "$BUNDLE" "$ID"
	assert_err 'no such file or directory'
	set_args /bin/notexec
	t create --bundle "$BUNDLE" "$ID"
	assert_err 'permission denied'
	t kill "$ID" KILL
	assert_err 'does not exist'
	t delete "$ID"
	assert_err 'does not exist'
	assert_no_trace
}
