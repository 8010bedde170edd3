#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# System call filters, proved by calls from inside (bin/probe).

load helpers

# profile JSON: merged over an allow-all profile.
profile() {
	update_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
			"SCMP_ARCH_X32"]} + $p' --argjson p "$1"
}

rule() {
	profile "{\"syscalls\": [$1]}"
}

@test "none: no filter" {
	inside_ok 'grep Seccomp: /proc/self/status'
	assert_output $'Seccomp:\t0'
}

@test "a filter is loaded" {
	rule '{"names": ["chroot"], "action": "SCMP_ACT_ERRNO"}'
	inside_ok 'grep -E "^Seccomp:|^Seccomp_f" /proc/self/status'
	assert_line $'Seccomp:\t2'
	assert_line $'Seccomp_filters:\t1'
}

@test "an empty profile is none" {
	newer_than_runc_1_1 'this rule'
	update_config '.linux.seccomp = {}'
	inside_ok 'grep Seccomp: /proc/self/status'
	assert_output $'Seccomp:\t0'
}

@test "errno: EPERM by default" {
	rule '{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}'
	inside_ok 'probe mkdir s:/tmp/x 0755; probe getpid'
	assert_match '^EPERM'$'\n''ok [0-9]+$'
}

@test "errno: errnoRet of a rule, and defaultErrnoRet" {
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22}'
	inside_ok 'probe mkdir s:/tmp/x 0755'
	assert_output EINVAL
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0}'
	inside_ok 'probe mkdir s:/tmp/x 0755; ls /tmp'
	assert_output 'ok 0'
	# An allow list with everything but two.
	update_config '.linux.seccomp.defaultErrnoRet = 38
		| .linux.seccomp.defaultAction = "SCMP_ACT_ERRNO"
		| .linux.seccomp.syscalls = [{names: $n, action:
			"SCMP_ACT_ALLOW"}]' --argjson n "$(allow_list)"
	inside_ok 'probe mkdir s:/tmp/x 0755; probe personality 0xffffffff'
	assert_output $'ENOSYS\nENOSYS'
}

# Names that busybox and the probe need, without mkdir and personality.
allow_list() {
	jq -Rnc '[inputs | split(" ")[]]' <<-END
	access arch_prctl brk capget capset chdir clone clone3 close
	close_range dup dup2 dup3 epoll_create1 epoll_ctl epoll_pwait
	epoll_wait execve execveat exit exit_group faccessat faccessat2 fchdir
	fcntl fstat fstatfs futex getcwd getdents getdents64 getegid geteuid
	getgid getpgid getpgrp getpid getppid getrandom gettid getuid ioctl
	lseek lstat madvise mmap mprotect mremap munmap nanosleep newfstatat
	open openat openat2 pipe pipe2 poll ppoll prctl pread64 prlimit64
	read readlink readlinkat readv rseq rt_sigaction rt_sigprocmask
	rt_sigreturn rt_sigsuspend sched_getaffinity sched_yield seccomp
	sendfile sendmsg set_robust_list set_tid_address setgid setgroups
	setpgid setsid setuid sigaltstack stat statfs statx tgkill umask uname
	unlink unshare vfork wait4 write writev mount umount2 recvmsg socket
	setresuid setresgid keyctl fchown setsockopt getsockopt fstatfs fchownat
	END
}

@test "kill: the process and the thread, and SCMP_ACT_KILL" {
	local a
	for a in SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD; do
		rule "{\"names\": [\"mkdir\"], \"action\": \"$a\"}"
		inside 'probe mkdir s:/tmp/x; echo "rc $?"'
		assert_status 0
		# 128 + SIGSYS
		assert_output 'rc 159'
	done
}

@test "trap: SIGSYS" {
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_TRAP"}'
	inside 'probe mkdir s:/tmp/x; echo "rc $?"'
	assert_output 'rc 159'
}

@test "log and trace" {
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_LOG"}'
	inside_ok 'probe mkdir s:/tmp/x 0755'
	assert_output 'ok 0'
	# Without a tracer the call fails with ENOSYS.
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_TRACE", "errnoRet": 3}'
	inside_ok 'probe mkdir s:/tmp/y 0755'
	assert_output ENOSYS
}

@test "args: each operator" {
	local op
	set_op() {
		rule "{\"names\": [\"umask\"], \"action\": \"SCMP_ACT_ERRNO\",
			\"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_$1\",
			\"value\": $2, \"valueTwo\": ${3:-0}}]}"
	}
	# umask of 1, 2 and 3: which are refused.
	expect() {
		inside_ok 'for i in 1 2 3; do
			probe umask $i | sed "s/ok.*/ok/"; done'
		assert_eq "$(tr '\n' ' ' <<<"$output")" "$1 "
	}
	set_op EQ 2
	expect 'ok EPERM ok'
	set_op NE 2
	expect 'EPERM ok EPERM'
	set_op LT 2
	expect 'EPERM ok ok'
	set_op LE 2
	expect 'EPERM EPERM ok'
	set_op GT 2
	expect 'ok ok EPERM'
	set_op GE 2
	expect 'ok EPERM EPERM'
	# value is the mask, valueTwo what must be left.
	set_op MASKED_EQ 2 2
	expect 'ok EPERM EPERM'
}

@test "args: of different indexes all must hold, of the same any" {
	rule '{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "args": [
		{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"},
		{"index": 1, "value": 7, "op": "SCMP_CMP_EQ"}]}'
	inside_ok 'probe personality 8 7; probe personality 8 6
		probe personality 0 7'
	assert_eq "${lines[0]} ${lines[1]%% *} ${lines[2]%% *}" 'EPERM ok ok'
	rule '{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "args": [
		{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"},
		{"index": 0, "value": 131072, "op": "SCMP_CMP_EQ"}]}'
	inside_ok 'probe personality 8; probe personality 131072
		probe personality 0'
	assert_output $'EPERM\nEPERM\nok 0'
}

@test "args: 64-bit values" {
	rule '{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "args": [
		{"index": 1, "value": 4294967296, "op": "SCMP_CMP_EQ"}]}'
	inside_ok 'probe personality 0 4294967296; probe personality 0 0'
	assert_output $'EPERM\nok 0'
}

@test "unknown system calls are skipped" {
	rule '{"names": ["no_such_call", "mkdir", "another_one"],
		"action": "SCMP_ACT_ERRNO"}'
	inside_ok 'probe mkdir s:/tmp/x'
	assert_output EPERM
}

@test "newer calls than the profile knows are ENOSYS" {
	update_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO",
		architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: $n, action: "SCMP_ACT_ALLOW"}]}' \
		--argjson n "$(allow_list)"
	# The newest name above is faccessat2 (439).
	inside_ok 'probe 500; probe 461; probe mkdir s:/tmp/x'
	assert_output $'ENOSYS\nENOSYS\nEPERM'
}

@test "newer calls: not with an allowing default" {
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}'
	inside_ok 'probe getpid'
	assert_match '^ok [0-9]+$'
}

@test "without noNewPrivileges too" {
	update_config '.process.noNewPrivileges = false'
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}'
	inside_ok 'probe mkdir s:/tmp/x; cat /proc/self/status'
	assert_line EPERM
	assert_line $'NoNewPrivs:\t0'
	assert_line $'Seccomp:\t2'
}

@test "the user is changed under the filter" {
	update_config '.process.user = {uid: 1000, gid: 1000}'
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}'
	inside_ok 'probe mkdir s:/tmp/x; id -u'
	assert_output $'EPERM\n1000'
}

@test "flags" {
	newer_than_runc_1_1 'seccomp flags'
	local f
	for f in '[]' '["SECCOMP_FILTER_FLAG_LOG"]' \
		'["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]' \
		'["SECCOMP_FILTER_FLAG_TSYNC"]'; do
		profile "{\"flags\": $f, \"syscalls\": [{\"names\": [\"mkdir\"],
			\"action\": \"SCMP_ACT_ERRNO\"}]}"
		inside_ok 'probe mkdir s:/tmp/x'
		assert_output EPERM
	done
	profile '{"flags": ["SECCOMP_FILTER_FLAG_ODD"], "syscalls": [
		{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}'
	inside true
	assert_fails SECCOMP_FILTER_FLAG_ODD
}

@test "bad words are refused" {
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ODD"}'
	inside true
	assert_fails SCMP_ACT_ODD
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "args": [
		{"index": 0, "value": 1, "op": "SCMP_CMP_ODD"}]}'
	inside true
	assert_fails SCMP_CMP_ODD
	profile '{"architectures": ["SCMP_ARCH_ODD"], "syscalls": [
		{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}'
	inside true
	assert_fails SCMP_ARCH_ODD
	assert_no_trace
}

@test "many rules" {
	update_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
			"SCMP_ARCH_X32"],
		syscalls: ([range(100)] | map({names: ["umask"],
			action: "SCMP_ACT_ERRNO", errnoRet: 11,
			args: [{index: 0, value: (. * 3), op: "SCMP_CMP_EQ"}]}))}'
	inside_ok 'probe umask 0; probe umask 297; probe umask 1'
	assert_output $'EAGAIN\nEAGAIN\nok 18'
}

@test "exec has the filter" {
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}'
	run_bg
	exec_in 'probe mkdir s:/tmp/x; grep Seccomp: /proc/self/status'
	assert_output $'EAGAIN\nSeccomp:\t2'
}

@test "flags: what is loaded" {
	newer_than_runc_1_1 'seccomp flags'
	local f n
	# LOG 2, SPEC_ALLOW 4; TSYNC is nothing for a process of one thread
	while read -r n f; do
		profile "$(jq -nc --argjson f "$f" '{syscalls: [{names: ["mkdir"],
			action: "SCMP_ACT_ERRNO"}]} + $f')"
		set_args true
		t --debug run --bundle "$BUNDLE" "$ID"
		assert_status 0
		assert_err "\"seccomp filter flags: $n\""
	done <<-'END'
		4 {}
		0 {"flags": []}
		0 {"flags": ["SECCOMP_FILTER_FLAG_TSYNC"]}
		2 {"flags": ["SECCOMP_FILTER_FLAG_LOG"]}
		4 {"flags": ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}
		6 {"flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"]}
	END
}

@test "flags: to wait killable is for listeners" {
	newer_than_runc_1_1 'seccomp flags'
	profile '{"flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
		"syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}'
	inside true
	assert_fails
	assert_no_trace
	is_runc || assert_err 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule'
}

@test "architectures: absent, several, all that are known" {
	newer_than_runc_1_1 'all of these names'
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}'
	update_config 'del(.linux.seccomp.architectures)'
	inside_ok 'probe mkdir s:/tmp/x'
	assert_output EAGAIN
	update_config '.linux.seccomp.architectures = ["SCMP_ARCH_AARCH64",
		"SCMP_ARCH_ARM"]'
	# the machine's own is always one of them
	inside_ok 'probe mkdir s:/tmp/x'
	assert_output EAGAIN
	update_config '.linux.seccomp.architectures = ["X86_64", "X86", "X32",
		"ARM", "AARCH64", "MIPSEL", "MIPSEL64", "MIPSEL64N32",
		"PPC64LE", "RISCV64"] | .linux.seccomp.architectures
		|= map("SCMP_ARCH_" + .)'
	inside_ok 'probe mkdir s:/tmp/x'
	assert_output EAGAIN
	# one of the other byte order is for no filter of this machine
	[[ $(uname -m) == x86_64 ]] || return 0
	update_config '.linux.seccomp.architectures = ["SCMP_ARCH_S390X"]'
	inside true
	assert_fails
	is_runc || assert_err 'add SCMP_ARCH_S390X to the filter'
	assert_no_trace
}

@test "architectures: a program of another one is under the filter" {
	[[ $(uname -m) == x86_64 ]] || skip 'lacks: x86'
	cp "$(foreign_mkdir)" "$BUNDLE/rootfs/bin/mkdir32"
	set_args mkdir32
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	[ -d "$BUNDLE/rootfs/tmp/by32" ]
	rmdir "$BUNDLE/rootfs/tmp/by32"
	# int 0x80 has mkdir as another number
	rule '{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11}'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 11
	[ ! -d "$BUNDLE/rootfs/tmp/by32" ]
	# not listed: killed
	update_config '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64"]'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 159
}

# A program that makes the directory by a call of x86, and exits with errno.
foreign_mkdir() {
	cat >"$W/mkdir32.c" <<-'END'
		static long call(long nr, const char *s, long b)
		{
			long r;
			asm volatile("int $0x80"
				     : "=a"(r)
				     : "a"(nr), "b"(s), "c"(b)
				     : "memory", "r8", "r9", "r10", "r11");
			return r;
		}
		static const char path[] = "/tmp/by32";
		void _start(void)
		{
			call(1, (const char *)-call(39, path, 0755), 0);
			__builtin_trap();
		}
	END
	"${CC:-cc}" -static -nostdlib -no-pie -fno-pie -O1 -w \
		-o "$W/mkdir32" "$W/mkdir32.c"
	echo "$W/mkdir32"
}

@test "defaultErrnoRet: of the default action alone" {
	newer_than_runc_1_1 'defaultErrnoRet'
	update_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO",
		defaultErrnoRet: 11, architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: $n, action: "SCMP_ACT_ALLOW"},
			{names: ["chroot"], action: "SCMP_ACT_ERRNO"},
			{names: ["sethostname"], action: "SCMP_ACT_ERRNO",
				errnoRet: 22}]}' --argjson n "$(allow_list)"
	# a call newer than all that the profile names is no exception
	inside_ok 'probe mkdir s:/tmp/x; probe chroot s:/; probe sethostname s:x 1
		probe 500'
	assert_output $'EAGAIN\nEPERM\nEINVAL\nEAGAIN'
}

# --- notify -------------------------------------------------------------

# start_agent ERRNO [hold]
start_agent() {
	start_receiver agent seccomp_agent.py "$@"
}

notify() {
	profile "{\"listenerPath\": \"$W/agent.sock\",
		\"listenerMetadata\": \"some metadata\",
		\"syscalls\": [{\"names\": [\"mkdir\"],
		\"action\": \"SCMP_ACT_NOTIFY\"}]}"
}

@test "notify: the agent answers" {
	start_agent 117
	notify
	inside_ok 'probe mkdir s:/tmp/x 0755; ls /tmp'
	assert_output EUCLEAN
	grep -qx 83 "$W/agent/calls"
}

@test "notify: the message to the agent" {
	start_agent 1
	notify
	update_config '.annotations = {a: "b"}'
	set_args sleep 100
	run_bg
	wait_until test -s "$W/agent/state1.json"
	assert_eq "$(cat "$W/agent/fds1")" 1
	jq -e --arg id "$ID" --arg b "$BUNDLE" --argjson p "$(pid_of)" '
		.fds == ["seccompFd"] and .pid == $p
		and .metadata == "some metadata" and (.ociVersion | length > 0)
		and .state.id == $id and .state.bundle == $b
		and .state.status == "creating" and .state.pid == $p
		and .state.annotations.a == "b"' "$W/agent/state1.json"
}

@test "notify: exec is announced as running" {
	start_agent 117
	notify
	run_bg
	exec_in 'probe mkdir s:/tmp/x 0755'
	assert_output EUCLEAN
	wait_until test -s "$W/agent/state2.json"
	jq -e --arg id "$ID" '.state.status == "running" and .state.id == $id
		and .pid > 0' "$W/agent/state2.json"
}

@test "notify: no agent, no path, or what cannot be asked about" {
	notify
	inside true
	assert_fails
	assert_no_trace
	update_config 'del(.linux.seccomp.listenerPath)'
	inside true
	assert_fails
	update_config '.linux.seccomp.syscalls[0].names = ["write"]
		| .linux.seccomp.listenerPath = "/x"'
	inside true
	assert_fails write
	update_config '.linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY"'
	inside true
	assert_fails SCMP_ACT_NOTIFY
	assert_no_trace
}

@test "notify: with each flag, and the flags that are loaded" {
	newer_than_runc_1_1 'seccomp flags'
	local f n
	start_agent 117
	# LOG 2, SPEC_ALLOW 4, NEW_LISTENER 8, WAIT_KILLABLE_RECV 32
	while read -r n f; do
		wait_killable_or_skip "$f"
		notify
		update_config '.linux.seccomp += $f' --argjson f "$f"
		set_args probe mkdir s:/tmp/x
		t --debug run --bundle "$BUNDLE" "$ID"
		assert_status 0
		assert_output EUCLEAN
		assert_err "\"seccomp filter flags: $n\""
	done <<-'END'
		12 {}
		8 {"flags": []}
		8 {"flags": ["SECCOMP_FILTER_FLAG_TSYNC"]}
		10 {"flags": ["SECCOMP_FILTER_FLAG_LOG"]}
		12 {"flags": ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}
		40 {"flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}
		46 {"flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"]}
	END
}

# wait_killable_or_skip TEXT: if it asks for what Linux has since 5.19.
wait_killable_or_skip() {
	[[ $1 != *WAIT_KILLABLE* ]] || "$TARE" features |
		jq -e '.linux.seccomp.supportedFlags
			| index("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")' ||
		skip 'lacks: Linux 5.19'
}

state_is() {
	[ "$(proc_state "$2")" = "$1" ]
}

# A process that waits for the agent is stopped and goes on; then it is
# answered. How often was the agent asked?
stop_while_asked() {
	run_bg
	wait_until test -s "$W/agent/calls"
	local pid
	pid=$(pid_of)
	kill -STOP "$pid"
	[ "$1" != stops ] || wait_until state_is T "$pid"
	kill -CONT "$pid"
	touch "$W/agent/go"
	wait_until is_status stopped
	asked=$(wc -l <"$W/agent/calls")
}

@test "notify: a signal interrupts the wait for the agent" {
	start_agent 117 hold
	notify
	set_args probe mkdir s:/tmp/x
	stop_while_asked stops
	assert_eq "$asked" 2
}

@test "notify: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: only a deadly one does" {
	newer_than_runc_1_1 'this flag'
	wait_killable_or_skip WAIT_KILLABLE
	start_agent 117 hold
	notify
	update_config '.linux.seccomp.flags =
		["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
	set_args probe mkdir s:/tmp/x
	stop_while_asked goes-on
	assert_eq "$asked" 1
}

@test "notify: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: kill" {
	newer_than_runc_1_1 'this flag'
	wait_killable_or_skip WAIT_KILLABLE
	start_agent 117 hold
	notify
	update_config '.linux.seccomp.flags =
		["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
	set_args probe mkdir s:/tmp/x
	run_bg
	wait_until test -s "$W/agent/calls"
	t kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
}

@test "notify: metadata: none, empty, and any text" {
	newer_than_runc_1_1 'these'
	start_agent 1
	notify
	set_args true
	update_config 'del(.linux.seccomp.listenerMetadata)'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	update_config '.linux.seccomp.listenerMetadata = ""'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	update_config '.linux.seccomp.listenerMetadata = $m' \
		--arg m $'{"a": "b\tc"} <&> \u00e4\nend'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	jq -e 'has("metadata") | not' "$W/agent/state1.json"
	jq -e 'has("metadata") | not' "$W/agent/state2.json"
	jq -e --arg m $'{"a": "b\tc"} <&> \u00e4\nend' '.metadata == $m' \
		"$W/agent/state3.json"
}

@test "notify: with new privileges, as a user, in a user namespace" {
	start_agent 117
	notify
	update_config '.process.noNewPrivileges = false
		| .process.user = {uid: 1000, gid: 1000}'
	inside_ok 'probe mkdir s:/tmp/x; id -u'
	assert_output $'EUCLEAN\n1000'
	set_ns user
	update_config '.linux.uidMappings =
		[{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chown 100000:100000 "$BUNDLE/rootfs"
	inside_ok 'probe mkdir s:/tmp/x; id -u'
	assert_output $'EUCLEAN\n1000'
}
