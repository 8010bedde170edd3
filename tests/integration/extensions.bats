#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Annotations that change what is done (crun(1), "Extensions to OCI").

load helpers



annotate() {
	update_config '.annotations[$k] = $v' --arg k "$1" --arg v "$2"
}

# base64 of struct sock_filter "CODE JT JF K"...
bpf() {
	"$PYTHON" -c 'import base64, struct, sys
print(base64.b64encode(b"".join(struct.pack("=HBBI", *map(lambda w: int(w, 0),
	a.split()))for a in sys.argv[1:])).decode(), end="")' "$@"
}

@test "keep_original_groups: those of the caller stay" {
	update_config '.process.user.additionalGids = [7, 8]'
	set_args sh -c 'grep Groups: /proc/self/status'
	run --separate-stderr setpriv --groups 41,42 "$TARE" --root "$ROOT" \
		run --bundle "$BUNDLE" "$ID"
	assert_match 'Groups:	(0 )?7 8'
	annotate run.oci.keep_original_groups 1
	run --separate-stderr setpriv --groups 41,42 "$TARE" --root "$ROOT" \
		run --bundle "$BUNDLE" "$ID"
	assert_match 'Groups:	41 42'
}

@test "keep_original_groups: in exec too" {
	annotate run.oci.keep_original_groups 1
	run_bg
	run --separate-stderr setpriv --groups 41,42 "$TARE" --root "$ROOT" \
		exec "$ID" grep Groups: /proc/self/status
	assert_match 'Groups:	41 42'
}

@test "mount_context_type: only words that there are" {
	annotate run.oci.mount_context_type rootcontext
	inside_ok true
	annotate run.oci.mount_context_type other
	t explain "$BUNDLE"
	assert_fails 'annotations.run.oci.mount_context_type'
}

@test "timens_offset" {
	[ -e /proc/self/ns/time ] || skip "lacks: time namespaces"
	update_config '.linux.namespaces += [{type: "time"}]'
	annotate run.oci.timens_offset 'boottime 1000000 0'
	inside_ok 'cut -d. -f1 /proc/uptime'
	[ "$output" -gt 1000000 ]
	annotate run.oci.timens_offset 'boottime soon'
	inside true
	assert_fails 'annotations.run.oci.timens_offset'
}

@test "seccomp_fail_unknown_syscall" {
	update_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["mkdir", "no_such_call"],
			action: "SCMP_ACT_ERRNO"}]}'
	inside_ok true
	annotate run.oci.seccomp_fail_unknown_syscall 1
	inside true
	assert_fails 'linux.seccomp.syscalls[0].names[1]'
	assert_err no_such_call
	assert_no_trace
}

@test "seccomp.receiver: the listener goes there" {
	start_receiver agent seccomp_agent.py 117
	update_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]}'
	inside true
	assert_fails
	annotate run.oci.seccomp.receiver "$W/agent.sock"
	inside_ok 'probe mkdir s:/tmp/x 0755'
	assert_output EUCLEAN
	annotate run.oci.seccomp.receiver agent.sock
	inside true
	assert_fails 'annotations.run.oci.seccomp.receiver'
}

@test "seccomp_bpf_data: a program in place of the profile" {
	[ "$(uname -m)" = x86_64 ] || skip "lacks: x86_64"
	# ld nr; jeq mkdir: errno 11, else allow
	annotate run.oci.seccomp_bpf_data "$(bpf '0x20 0 0 0' '0x15 0 1 83' \
		'0x06 0 0 0x0005000b' '0x06 0 0 0x7fff0000')"
	update_config '.linux.seccomp = {defaultAction: "SCMP_ACT_KILL_PROCESS",
		syscalls: []}'
	inside_ok 'probe mkdir s:/tmp/x 0755; grep Seccomp: /proc/self/status'
	assert_output $'EAGAIN\nSeccomp:\t2'
	update_config 'del(.linux.seccomp)'
	set_args sleep 100
	run_bg
	exec_in 'probe mkdir s:/tmp/x 0755'
	assert_output EAGAIN
	tare delete -f "$ID"
	annotate run.oci.seccomp_bpf_data 'AAAA'
	inside true
	assert_fails 'annotations.run.oci.seccomp_bpf_data'
	# the kernel does not take a jump out of the program
	annotate run.oci.seccomp_bpf_data "$(bpf '0x15 9 9 1')"
	inside true
	assert_fails 'load the seccomp filter'
}

@test "hooks.stdout and hooks.stderr: appended to files" {
	local h
	h='{"path": "/bin/sh", "args": ["sh", "-c", "echo out; echo err >&2"]}'
	echo before >"$W/o"
	add_hook createRuntime "$h"
	add_hook poststop "$h"
	annotate run.oci.hooks.stdout "$W/o"
	annotate run.oci.hooks.stderr "$W/e"
	inside_ok true
	assert_eq "$(cat "$W/o")" $'before\nout\nout'
	assert_eq "$(cat "$W/e")" $'err\nerr'
	annotate run.oci.hooks.stdout "$W/none/o"
	inside true
	assert_fails "$W/none/o"
	assert_no_trace
}

@test "pidfd_receiver: the process as a descriptor" {
	start_receiver pidfd recvpidfd.py
	annotate run.oci.pidfd_receiver "$W/pidfd.sock"
	run_bg
	wait_until test -e "$W/pidfd/pid1"
	assert_eq "$(cat "$W/pidfd/pid1")" "$(pid_of)"
}

@test "known and not carried out: a warning, no failure" {
	annotate run.oci.handler krun
	annotate run.oci.systemd.subgroup ''
	inside_ok 'echo ran'
	assert_line ran
	assert_err 'run.oci.handler is not supported'
	[[ $stderr != *subgroup* ]]
	annotate run.oci.of-nobody x
	inside_ok true
	[[ $stderr != *of-nobody* ]]
}

@test "features tells of them" {
	t features
	assert_status 0
	jq -e '.potentiallyUnsafeConfigAnnotations
		| index("run.oci.keep_original_groups") != null' <<<"$output"
	jq -e '.annotations["run.oci.tare.annotations"] | split(",")
		| index("run.oci.hooks.stdout") != null' <<<"$output"
	jq -e '.annotations["run.oci.tare.annotations.unsupported"]
		| split(",") | index("run.oci.handler") != null' <<<"$output"
}
