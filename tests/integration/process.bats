#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The process object: user, environment, limits, capabilities, as seen inside.

load helpers

status_field() {
	sed -n "s/^$1:[[:space:]]*//p" <<<"$output"
}

@test "args: are passed as they are" {
	set_args printf '[%s]' a 'b c' '' $'d\ne' '$x' 'é'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output $'[a][b c][][d\ne][$x][é]'
}

@test "args: looked up in the PATH of the container" {
	cat >"$BUNDLE/rootfs/usr/bin/tool" <<-'END'
		#!/bin/sh
		echo "tool $0 $1"
	END
	chmod 755 "$BUNDLE/rootfs/usr/bin/tool"
	set_args tool x
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output 'tool /usr/bin/tool x'
	update_config '.process.env = ["PATH=/bin"]'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'executable file not found in $PATH'
	assert_status 1
	assert_no_trace
}

@test "args: a relative path is of the cwd" {
	update_config '.process.cwd = "/usr"'
	ln -s /bin/busybox "$BUNDLE/rootfs/usr/bin/id"
	set_args bin/id -u
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output 0
}

@test "args: what cannot be executed" {
	set_args no-such-program
	t run --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err 'exec: "no-such-program": executable file not found in $PATH'
	set_args /no/such
	t run --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err 'no such file or directory'
	set_args /bin/notexec
	t run --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err 'permission denied'
	set_args /etc
	t run --bundle "$BUNDLE" "$ID"
	assert_status 1
	# "is a directory" from runc since 1.2, EACCES before.
	[[ $stderr == *'is a directory'* || $stderr == *'permission denied'* ]]
	assert_no_trace
}

@test "args: an interpreter that is missing" {
	# runc 1.1 says nothing at all but the bare message on stderr.
	set_args /bin/badinterp
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'no such file or directory'
	assert_no_trace
	create_bg
	t start "$ID"
	# tare: start says 0 only after execve succeeded.
	is_runc || assert_fails 'no such file or directory'
	wait_until is_status stopped
}

@test "env: only what is listed, in order, plus HOME" {
	update_config '.process.env = ["PATH=/bin", "A=1", "B=x y=z", "C="]'
	set_args cat /proc/self/environ
	tare run --bundle "$BUNDLE" "$ID" >"$W/env"
	assert_eq "$(tr '\0' '\n' <"$W/env")" \
		$'PATH=/bin\nA=1\nB=x y=z\nC=\nHOME=/root'
}

@test "env: the last duplicate wins" {
	update_config '.process.env = ["A=1", "PATH=/bin", "A=2", "A=3"]'
	inside_ok 'echo $A; env | grep -c ^A='
	assert_output $'3\n1'
}

@test "env: HOME from the container's passwd, kept when given" {
	update_config '.process.user = {uid: 1000, gid: 1000}'
	inside_ok 'echo $HOME'
	assert_output /home/u1000
	update_config '.process.user = {uid: 4242, gid: 1}'
	inside_ok 'echo $HOME'
	assert_output /
	update_config '.process.env += ["HOME=/x"]'
	inside_ok 'echo $HOME'
	assert_output /x
	rm -r "$BUNDLE/rootfs/etc"
	update_config '.process.env[-1] = "HOME="'
	inside_ok 'echo $HOME'
	assert_output /
}

@test "env: bad entries are refused" {
	newer_than_runc_1_1 'these checks'
	local e
	for e in noequals =x; do
		update_config '.process.env = ["PATH=/bin", $e]' --arg e "$e"
		inside true
		assert_fails 'invalid environment variable'
	done
	update_config '.process.env = ["PATH=/bin", "A=b\u0000c"]'
	inside true
	assert_fails
	assert_no_trace
}

@test "env: nothing of the caller's environment" {
	export CALLER_SECRET=1
	inside_ok 'env; cat /proc/1/environ'
	refute_match CALLER_SECRET
}

@test "cwd: is made when missing, 0755" {
	update_config '.process.cwd = "/made/of/nothing"'
	inside_ok 'pwd; stat -c %a /made /made/of/nothing'
	assert_output $'/made/of/nothing\n755\n755'
}

@test "cwd: a directory that only the user may enter" {
	mkdir "$BUNDLE/rootfs/own"
	chown 1000:1000 "$BUNDLE/rootfs/own"
	chmod 700 "$BUNDLE/rootfs/own"
	update_config '.process.cwd = "/own" | .process.capabilities = {}
		| .process.user = {uid: 1000, gid: 1000}'
	inside_ok 'pwd; id -u'
	assert_output $'/own\n1000'
}

@test "cwd: a file fails, a relative one and none are refused" {
	update_config '.process.cwd = "/bin/sh"'
	inside true
	assert_fails
	update_config '.process.cwd = "tmp"'
	inside true
	assert_fails
	update_config 'del(.process.cwd)'
	inside true
	assert_fails
	assert_no_trace
}

@test "cwd: a link out of the root stays inside" {
	ln -s /proc/self/fd/7 "$BUNDLE/rootfs/evil"
	update_config '.process.cwd = "/evil"'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails
	assert_no_trace
}

@test "user: uid, gid and additional gids" {
	update_config '.process.user = {uid: 1000, gid: 1001,
		additionalGids: [5, 7, 2147483647]}'
	inside_ok 'id -u; id -g; cat /proc/self/status'
	assert_match ^1000$'\n'1001
	assert_eq "$(status_field Uid)" $'1000\t1000\t1000\t1000'
	assert_eq "$(status_field Gid)" $'1001\t1001\t1001\t1001'
	assert_eq "$(status_field Groups)" '5 7 2147483647 '
}

@test "user: no groups of the caller" {
	inside_ok 'cat /proc/self/status'
	assert_eq "$(status_field Groups | tr -d ' ')" ''
}

@test "user: umask" {
	inside_ok umask
	assert_output 0022
	update_config '.process.user.umask = 63'
	inside_ok umask
	assert_output 0077
	update_config '.process.user.umask = 0'
	inside_ok umask
	assert_output 0000
}

@test "user: not root loses the capabilities that it must" {
	update_config '.process.user = {uid: 1000, gid: 1000}'
	set_caps CAP_KILL CAP_CHOWN
	inside_ok 'cat /proc/self/status'
	# execve by a non-root user without ambient drops them.
	assert_eq "$(status_field CapEff)" 0000000000000000
	assert_eq "$(status_field CapPrm)" 0000000000000000
	assert_eq "$(status_field CapBnd)" 0000000000000021
}

@test "capabilities: five sets, root" {
	update_config '.process.capabilities = {
		bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN"],
		permitted: ["CAP_CHOWN", "CAP_KILL"],
		effective: ["CAP_CHOWN"],
		inheritable: ["CAP_KILL"],
		ambient: ["CAP_KILL"]} | .process.user = {uid: 1000, gid: 1000}'
	inside_ok 'cat /proc/self/status'
	assert_eq "$(status_field CapBnd)" 0000000000200021
	assert_eq "$(status_field CapInh)" 0000000000000020
	assert_eq "$(status_field CapAmb)" 0000000000000020
	assert_eq "$(status_field CapPrm)" 0000000000000020
	assert_eq "$(status_field CapEff)" 0000000000000020
}

@test "capabilities: empty sets drop all" {
	update_config '.process.capabilities = {}'
	inside_ok 'cat /proc/self/status'
	local f
	for f in CapInh CapPrm CapEff CapBnd CapAmb; do
		assert_eq "$(status_field $f)" 0000000000000000 $f
	done
}

@test "capabilities: absent leaves them alone" {
	newer_than_runc_1_1 'this rule'
	local all
	all=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
	update_config 'del(.process.capabilities)'
	inside_ok 'cat /proc/self/status'
	assert_eq "$(status_field CapBnd)" "$all"
	assert_eq "$(status_field CapEff)" "$all"
}

@test "capabilities: root with permitted caps has them effective" {
	set_caps CAP_CHOWN CAP_NET_ADMIN CAP_CHECKPOINT_RESTORE
	inside_ok 'cat /proc/self/status'
	assert_eq "$(status_field CapEff)" 0000010000001001
	assert_eq "$(status_field CapPrm)" 0000010000001001
	assert_eq "$(status_field CapInh)" 0000000000000000
}

@test "capabilities: unknown names are warned about" {
	set_caps CAP_KILL CAP_FLY
	inside_ok 'cat /proc/self/status'
	assert_err CAP_FLY
	assert_eq "$(status_field CapEff)" 0000000000000020
}

@test "capabilities: ambient beyond inheritable is left out" {
	# runc warns of each; a builder would show that to its user every time
	update_config '.process.capabilities += {ambient: ["CAP_CHOWN"]}'
	inside_ok 'cat /proc/self/status'
	assert_eq "$(status_field CapAmb)" 0000000000000000
}

@test "noNewPrivileges" {
	inside_ok 'cat /proc/self/status'
	assert_eq "$(status_field NoNewPrivs)" 1
	update_config '.process.noNewPrivileges = false'
	inside_ok 'cat /proc/self/status'
	assert_eq "$(status_field NoNewPrivs)" 0
	update_config 'del(.process.noNewPrivileges)'
	inside_ok 'cat /proc/self/status'
	assert_eq "$(status_field NoNewPrivs)" 0
}

@test "noNewPrivileges: a set-uid program gains nothing" {
	cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/bin/suid"
	chmod 4755 "$BUNDLE/rootfs/bin/suid"
	ln -s ../bin/suid "$BUNDLE/rootfs/usr/bin/id"
	update_config '.process.user = {uid: 1000, gid: 1000}
		| .process.args = ["/bin/suid", "stat", "-c", "x", "/"]'
	set_script 'mkdir -p /tmp/d; /bin/suid sh -c "touch /root/f" ||
		echo refused'
	t run --bundle "$BUNDLE" "$ID"
	assert_line refused
}

@test "rlimits: every name, soft and hard" {
	local n l all=''
	for n in AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE \
		NPROC RSS RTPRIO RTTIME SIGPENDING STACK; do
		case $n in
		NICE | RTPRIO) l='0 0' ;;
		MSGQUEUE) l='1000 2000' ;;
		LOCKS | RSS) l='100000 200000' ;;
		AS | DATA | STACK | FSIZE) l='8388608 16777216' ;;
		MEMLOCK) l='4096 8192' ;;
		RTTIME) l='1000 2000' ;;
		*) l='100 200' ;;
		esac
		all+="$n $l"$'\n'
	done
	update_config '.process.rlimits = ($r | rtrimstr("\n") | split("\n")
		| map(split(" ") | {type: "RLIMIT_\(.[0])",
			soft: .[1] | tonumber, hard: .[2] | tonumber}))' \
		--arg r "$all"
	inside_ok 'cat /proc/self/limits'
	check() {
		grep -qE "^$1 +$2 +$3( |\$)" <<<"$output" || {
			echo "$1 is not $2 $3"
			show
			return 1
		}
	}
	check 'Max address space' 8388608 16777216
	check 'Max core file size' 100 200
	check 'Max cpu time' 100 200
	check 'Max data size' 8388608 16777216
	check 'Max file size' 8388608 16777216
	check 'Max file locks' 100000 200000
	check 'Max locked memory' 4096 8192
	check 'Max msgqueue size' 1000 2000
	check 'Max nice priority' 0 0
	check 'Max open files' 100 200
	check 'Max processes' 100 200
	check 'Max resident set' 100000 200000
	check 'Max realtime priority' 0 0
	check 'Max realtime timeout' 1000 2000
	check 'Max pending signals' 100 200
	check 'Max stack size' 8388608 16777216
}

@test "rlimits: unlimited as the largest number" {
	update_config '.process.rlimits = [{type: "RLIMIT_CORE", soft: 0,
		hard: 18446744073709551615}]'
	# jq 1.6 rounds numbers of this size.
	sed -i 's/18446744073709552000/18446744073709551615/' \
		"$BUNDLE/config.json"
	inside_ok true || :
	sed -i 's/1844674407370955[0-9]*/18446744073709551615/' \
		"$BUNDLE/config.json"
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
}

@test "rlimits: an unknown name is refused" {
	update_config '.process.rlimits = [{type: "RLIMIT_FOO", soft: 1,
		hard: 1}]'
	inside true
	assert_fails RLIMIT_FOO
	assert_no_trace
}

@test "rlimits: soft above hard fails" {
	update_config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 200,
		hard: 100}]'
	inside true
	assert_fails
	assert_no_trace
}

@test "oomScoreAdj" {
	update_config '.process.oomScoreAdj = 321'
	inside_ok 'cat /proc/self/oom_score_adj'
	assert_output 321
	update_config 'del(.process.oomScoreAdj)'
	inside_ok 'cat /proc/self/oom_score_adj'
	assert_output "$(cat /proc/self/oom_score_adj)"
}

@test "scheduler: policy, nice and priority" {
	newer_than_runc_1_1 scheduler
	update_config '.process.scheduler = {policy: "SCHED_BATCH", nice: 7}'
	# SCHED_BATCH is 3; the system call answers 20 - nice.
	inside_ok 'probe sched_getscheduler 0; probe getpriority 0 0'
	assert_output $'ok 3\nok 13'
	update_config '.process.scheduler = {policy: "SCHED_IDLE"}'
	inside_ok 'probe sched_getscheduler 0'
	assert_output 'ok 5'
}

@test "scheduler: bad policies are refused" {
	newer_than_runc_1_1 scheduler
	update_config '.process.scheduler = {policy: "SCHED_NONE"}'
	inside true
	assert_fails
	update_config '.process.scheduler = {nice: 3}'
	inside true
	assert_fails
	update_config '.process.scheduler = {policy: "SCHED_OTHER", nice: 20}'
	inside true
	assert_fails
	assert_no_trace
}

@test "ioPriority" {
	newer_than_runc_1_1 ioPriority
	update_config '.process.ioPriority = {class: "IOPRIO_CLASS_BE",
		priority: 6}'
	# ioprio_get(IOPRIO_WHO_PROCESS, 0): class << 13 | priority.
	inside_ok 'probe ioprio_get 1 0'
	assert_output "ok $((2 << 13 | 6))"
	update_config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}'
	inside_ok 'probe ioprio_get 1 0'
	assert_output "ok $((3 << 13))"
	update_config '.process.ioPriority = {class: "IOPRIO_CLASS_FOO"}'
	inside true
	assert_fails IOPRIO_CLASS_FOO
}

@test "personality" {
	newer_than_runc_1_1 personality
	update_config '.linux.personality = {domain: "LINUX32"}'
	inside_ok 'cat /proc/self/personality; uname -m'
	assert_match ^00000008
	assert_match i[0-9]86
	update_config '.linux.personality = {domain: "LINUX"}'
	inside_ok 'cat /proc/self/personality'
	assert_output 00000000
	update_config '.linux.personality = {domain: "MINIX"}'
	inside true
	assert_fails
}

@test "signals: default dispositions and an empty mask" {
	set_args cat /proc/self/status
	run --separate-stderr alone env --ignore-signal=PIPE,HUP,USR1 \
		--block-signal=TERM timeout --foreground 20 \
		"$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_eq "$(status_field SigIgn)" 0000000000000000
	assert_eq "$(status_field SigBlk)" 0000000000000000
}

@test "descriptors: 0, 1, 2 and nothing else" {
	set_script 'ls -1 /proc/1/fd; :'
	run --separate-stderr tare run --bundle "$BUNDLE" "$ID" \
		8</etc/hostname 9<"$BUNDLE" 10</dev/null
	assert_status 0
	assert_output $'0\n1\n2'
}

@test "descriptors: --preserve-fds" {
	set_script 'ls -1 /proc/1/fd; head -c 11 <&3'
	run --separate-stderr timeout 20 sh -c '
		exec 3<"$0/helpers.bash" 4</dev/null 5</dev/null
		exec "$@"' "$TESTS_DIR" "$TARE" --root "$ROOT" run \
		--preserve-fds 2 --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output $'0\n1\n2\n3\n4\n# SPDX-Lice'
}

@test "descriptors: --preserve-fds of one that is closed" {
	set_args true
	t run --preserve-fds 60 --bundle "$BUNDLE" "$ID"
	assert_fails preserved-fd
	assert_no_trace
}

@test "LISTEN_FDS: passed on to its own process only" {
	set_script 'echo $LISTEN_FDS:$LISTEN_PID; ls -1 /proc/1/fd; :'
	run --separate-stderr sh -c 'exec 3</dev/null
		LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"' \
		"$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output $'1:1\n0\n1\n2\n3'
	newer_than_runc_1_1 'the LISTEN_PID rule'
	run --separate-stderr sh -c 'exec 3</dev/null
		LISTEN_FDS=1 LISTEN_PID=1 exec "$0" "$@"' \
		"$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output $':\n0\n1\n2'
}

@test "session keyring: its own, unless --no-new-keyring" {
	local host
	# KEYCTL_GET_KEYRING_ID of KEY_SPEC_SESSION_KEYRING.
	host=$("$BUNDLE/rootfs/bin/probe" keyctl 0 -3 0)
	inside_ok 'probe keyctl 0 -3 0'
	assert_match '^ok [0-9]+$'
	[ "$output" != "$host" ]
	inside_ok 'probe keyctl 0 -3 0' --no-new-keyring
	assert_output "$host"
}

@test "the host's program is out of reach" {
	set_script 'readlink /proc/self/exe; ls -l /proc/1/exe'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	refute_match "$(basename "$TARE")\$"
	# Init before start shows no host path either.
	create_bg
	run readlink "/proc/$(pid_of)/exe"
	is_runc || refute_match "^/usr"
}

@test "terminal: refused together with --detach and no socket" {
	update_config '.process.terminal = true'
	t run -d --bundle "$BUNDLE" "$ID"
	assert_fails 'cannot allocate tty if '
	t create --bundle "$BUNDLE" "$ID"
	assert_fails 'cannot allocate tty if '
	update_config '.process.terminal = false'
	t create --console-socket "$W/s" --bundle "$BUNDLE" "$ID"
	assert_fails 'cannot use console socket if '
	assert_no_trace
}
