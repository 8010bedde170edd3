#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd's runc shim over the runtime: own daemon, own state, one image
# made here.

load helpers

IMG=docker.io/library/tarebox:latest

setup_file() {
	engine_setup containerd ctr script
	mkdir -p "$E/root" "$E/state" "$E/rt"
	{
		echo 'version = 2'
		base_config grpc.v1.cri
	} >"$E/config.toml"
	spawn_server "$E/containerd.log" "$E/pid" \
		${ENTREE:-} containerd -c "$E/config.toml"
	wait_for 20 test -S "$E/c.sock" ||
		{ cat "$E/containerd.log"; return 1; }
	make_archive "$E/box.tar" tarebox:latest
	wait_for 20 ctr_ images import "$E/box.tar" >/dev/null
}

teardown_file() {
	local id

	[[ -n ${E:-} && -d $E ]] || return 0
	for id in $(ctr_ task ls -q 2>/dev/null); do
		ctr_ task rm -f "$id" >/dev/null 2>&1 || true
	done
	for id in $(ctr_ c ls -q 2>/dev/null); do
		ctr_ c rm "$id" >/dev/null 2>&1 || true
	done
	stop_pid "$(cat "$E/pid")"
	# the shim's own default, used when ctr drops --runc-root
	rmdir "/run/containerd/runc/$TAG" 2>/dev/null || true
	engine_teardown
}

ctr_() {
	timeout -k 5 60 ctr -a "$E/c.sock" -n "$TAG" "$@" 3>&-
}

# Nothing of container ID is left: no process, mount, cgroup, state, shim.
no_trace() {
	empty "$(mounts_below "$E/state")"
	empty "$(cgroups_with "$TAG/$1")"
	[[ ! -e $E/rt/$TAG/$1 ]] || { echo "state left"; return 1; }
	wait_for 10 no_shim "$1"
}

no_shim() {
	[[ -z $(procs_with "-id $1 ") ]]
}

drop() {
	ctr_ task rm -f "$1" >/dev/null 2>&1 || true
	ctr_ c rm "$1" >/dev/null 2>&1 || true
}

@test "containerd: output and exit code of a foreground container" {
	run -0 crun_ --rm r1 echo hello
	eq "$output" hello
	run -7 crun_ --rm r2 sh -c 'exit 7'
	run -137 crun_ --rm r3 sh -c 'sh -c "kill -9 \$\$"; exit $?'
	no_trace r1
	no_trace r2
	no_trace r3
}

@test "containerd: standard input reaches the container" {
	run -0 fed in1 crun_ --rm in1 cat
	eq "$output" "from outside"
	no_trace in1
}

# fed ID COMMAND...: with a line on standard input, whose end comes only when
# container ID runs: ctr waits for ever when it comes before.
fed() {
	local id=$1

	shift
	{
		echo from outside
		wait_for 30 running "$id"
		sleep 0.5
	} 3>&- | "$@"
}

running() {
	ctr_ task ls | grep -Eq "^$1 +[0-9]+ +RUNNING"
}

@test "containerd: stderr and stdout stay apart" {
	run -0 --separate-stderr crun_ --rm se1 sh -c 'echo o; echo e >&2'
	eq "$output" o
	eq "$stderr" e
}

@test "containerd: detached, exec, ps, kill, rm" {
	crun_ -d d1 sleep 300
	run -0 ctr_ task ls
	must grep -Eq '^d1 +[0-9]+ +RUNNING' <<<"$output"
	run -0 ctr_ task exec --exec-id e1 d1 id -u
	eq "$output" 0
	run -5 ctr_ task exec --exec-id e2 d1 sh -c 'exit 5'
	run -0 ctr_ task exec --exec-id e3 --user 1234 d1 id -u
	eq "$output" 1234
	run -0 ctr_ task exec --exec-id e4 --cwd /tmp d1 pwd
	eq "$output" /tmp
	run -0 ctr_ task ps d1
	must grep -q '^[0-9]' <<<"$output"
	ctr_ task kill -s SIGKILL d1
	wait_for 10 stopped d1
	run -0 ctr_ task rm d1
	ctr_ c rm d1
	no_trace d1
}

stopped() {
	ctr_ task ls | grep -Eq "^$1 +[0-9]+ +STOPPED"
}

@test "containerd: a process that ignores SIGTERM is killed by SIGKILL" {
	crun_ -d d2 sh -c 'trap "" TERM; while :; do sleep 1; done'
	ctr_ task kill -s SIGTERM d2
	run -0 ctr_ task ls
	must grep -Eq '^d2 +[0-9]+ +RUNNING' <<<"$output"
	ctr_ task kill -s SIGKILL -a d2
	wait_for 10 stopped d2
	# kill of what has ended is not an error to the shim's caller
	ctr_ task kill -s SIGKILL d2 || true
	ctr_ task rm d2
	ctr_ c rm d2
	no_trace d2
}

@test "containerd: several execs at once" {
	local i pids=()

	crun_ -d d3 sleep 300
	for i in 1 2 3 4 5 6; do
		ctr_ task exec --exec-id p$i d3 sh -c "echo $i; exit $i" \
			>"$E/par.$i" 2>&1 &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6; do
		local rc=0
		wait "${pids[i - 1]}" || rc=$?
		eq "$rc" "$i"
		eq "$(cat "$E/par.$i")" "$i"
	done
	drop d3
	no_trace d3
}

@test "containerd: terminal for run and exec" {
	run -0 pty ctr -a "$E/c.sock" -n "$TAG" run --runc-binary "$TARE" \
		--runc-root "$E/rt" --rm -t "$IMG" t1 sh -c 'tty; stty size'
	has "$output" /dev/pts/0
	crun_ -d t2 sleep 300
	run -0 pty ctr -a "$E/c.sock" -n "$TAG" task exec -t --exec-id x \
		t2 sh -c 'test -t 0 && test -t 1 && test -t 2 && echo isatty'
	has "$output" isatty
	drop t2
	no_trace t2
}

@test "containerd: pause and resume" {
	crun_ -d p1 sh -c 'while :; do echo x >>/tmp/n; sleep 0.02; done'
	ctr_ task pause p1
	run -0 ctr_ task ls
	must grep -Eq '^p1 +[0-9]+ +PAUSED' <<<"$output"
	run ! ctr_ task exec --exec-id no p1 true
	has "$output" paused
	ctr_ task resume p1
	run -0 ctr_ task ls
	must grep -Eq '^p1 +[0-9]+ +RUNNING' <<<"$output"
	run -0 ctr_ task exec --exec-id yes p1 echo back
	eq "$output" back
	# a paused container can be killed
	ctr_ task pause p1
	ctr_ task rm -f p1
	ctr_ c rm p1
	no_trace p1
}

@test "containerd: metrics are those of the container" {
	crun_ -d m1 sh -c 'sleep 300 & sleep 300 & wait'
	run -0 ctr_ task metrics m1
	must grep -Eq '^pids.current +3' <<<"$output"
	must grep -Eq '^memory.usage_in_bytes +[1-9]' <<<"$output"
	drop m1
	no_trace m1
}

@test "containerd: memory and cpu limits" {
	crun_ -d --memory-limit=67108864 --cpus=0.5 l1 sleep 300
	local pid mem cpu
	pid=$(ctr_ task ls | awk '$1 == "l1" { print $2 }')
	if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
		mem=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/"$pid"/cgroup)
		eq "$(cat "$mem/memory.max")" 67108864
		eq "$(cat "$mem/cpu.max")" "50000 100000"
	else
		mem=$(sed -n 's/^[0-9]*:memory://p' /proc/"$pid"/cgroup)
		cpu=$(sed -n 's/^[0-9]*:cpu\(,cpuacct\)\?://p' \
			/proc/"$pid"/cgroup)
		eq "$mem" "/$TAG/l1"
		eq "$(cat /sys/fs/cgroup/memory"$mem"/memory.limit_in_bytes)" \
			67108864
		eq "$(cat /sys/fs/cgroup/cpu"$cpu"/cpu.cfs_quota_us)" 50000
	fi
	drop l1
	no_trace l1
}

@test "containerd: OOM kill is an exit code, not a hang" {
	run -137 crun_ --rm --memory-limit=16777216 o1 \
		sh -c 'x=$(dd if=/dev/zero bs=1M count=64 | tr "\0" a); echo $x | wc -c'
	no_trace o1
}

@test "containerd: seccomp default profile" {
	run -0 crun_ --rm --seccomp s1 grep Seccomp: /proc/self/status
	eq "$(tr -d ' \t' <<<"$output")" Seccomp:2
	run ! crun_ --rm --seccomp s2 unshare -m true
	run -0 crun_ --rm s3 grep Seccomp: /proc/self/status
	eq "$(tr -d ' \t' <<<"$output")" Seccomp:0
}

@test "containerd: read-only root" {
	run ! crun_ --rm --read-only ro1 touch /x
	has "$output" "Read-only file system"
	run -0 crun_ --rm --read-only ro2 touch /dev/shm/x
}

@test "containerd: capabilities" {
	# without --seccomp and with CAP_SYS_ADMIN added a mount is allowed
	run -0 crun_ --rm --cap-add=CAP_SYS_ADMIN c1 \
		sh -c 'mount -t tmpfs t /tmp && echo mounted'
	eq "$output" mounted
	run ! crun_ --rm c2 mount -t tmpfs t /tmp
	run ! crun_ --rm --cap-drop=CAP_CHOWN c3 chown 1 /etc/passwd
	run -0 crun_ --rm c4 grep -E '^Cap(Inh|Amb)' /proc/self/status
	lacks "$(awk '{ print $2 }' <<<"$output" | tr -d '0\n')" \
		'[1-9a-f]'
}

@test "containerd: allowed and refused device" {
	[[ -e /dev/fuse || -e /dev/net/tun ]] || skip "lacks: a device to lend"
	local dev=/dev/fuse
	[[ -e $dev ]] || dev=/dev/net/tun
	run -0 crun_ --rm --device="$dev" dv1 test -c "$dev"
	run ! crun_ --rm --cap-add=CAP_MKNOD dv2 \
		sh -c 'mknod /tmp/d b 7 0; cat /tmp/d'
	has "$output" "not permitted"
}

@test "containerd: host network, environment, mount, cwd" {
	echo mine >"$E/file"
	run -0 crun_ --rm --net-host --env=A=b --cwd=/tmp \
		--mount=type=bind,src="$E/file",dst=/mnt-file,options=rbind:ro \
		n1 sh -c 'echo $A $(pwd) $(cat /mnt-file);
			readlink /proc/self/ns/net'
	eq "${lines[0]}" "b /tmp mine"
	eq "${lines[1]}" "$(readlink /proc/self/ns/net)"
}

@test "containerd: user namespace" {
	# with a mapping ctr drops --runc-binary: the daemon's PATH decides,
	# whose first runc is the runtime under test
	run -0 ctr_ run --rm --uidmap 0:100000:65536 --gidmap 0:100000:65536 \
		"$IMG" u1 sh -c 'id -u; awk "{ print \$2 }" /proc/self/uid_map'
	eq "${lines[0]}" 0
	eq "${lines[1]}" 100000
	no_trace u1
}

@test "containerd: missing and unusable commands are clear errors" {
	run ! crun_ --rm x1 /no/such/command
	has "$output" "no such file or directory"
	run ! crun_ --rm x2 nosuchcommand
	has "$output" "executable file not found"
	run ! crun_ --rm x3 /etc/not-executable
	has "$output" "permission denied"
	no_trace x1
	no_trace x2
	no_trace x3
	crun_ -d x4 sleep 300
	run ! ctr_ task exec --exec-id e x4 /no/such/command
	has "$output" "no such file or directory"
	drop x4
}

@test "containerd: checkpoint that cannot be done is refused, container lives" {
	criu check >/dev/null 2>&1 && skip "criu works here"
	crun_ -d ck sleep 300
	run ! ctr_ c checkpoint --task ck localhost/ckpt:1
	lacks "$output" panic
	must test -n "$output"
	run -0 ctr_ task ls
	must grep -Eq '^ck +[0-9]+ +RUNNING' <<<"$output"
	drop ck
	no_trace ck
}

@test "containerd: update of a running container" {
	crun_ -d up sleep 300
	# ctr 1.6 has no update: what the daemon would call
	echo '{"memory":{"limit":33554432},"devices":[{"allow":false,
		"access":"rwm"}]}' >"$E/res.json"
	"$TARE" --root "$E/rt/$TAG" update --resources - up <"$E/res.json"
	run -0 ctr_ task metrics up
	run -0 ctr_ task exec --exec-id e up sh -c 'echo >/dev/null && echo ok'
	eq "$output" ok
	drop up
	no_trace up
}

@test "containerd: privileged container" {
	# this machine's root may lack a capability that --privileged grants
	[[ $(awk '/^CapBnd/ { print $2 }' /proc/self/status) == 000001ffffffffff ]] ||
		skip "lacks: all capabilities of root"
	run -0 crun_ --rm --privileged pr sh -c 'ls /dev/null &&
		mount -t tmpfs t /tmp && echo all'
	has "$output" all
	no_trace pr
}

@test "containerd: the older shims" {
	local shim found=

	for shim in runc.v1 runtime.v1.linux; do
		case $shim in
		runc.v1) in_tree sh -c "command -v containerd-shim-runc-v1" >/dev/null ;;
		*) in_tree sh -c "command -v containerd-shim" >/dev/null ;;
		esac || continue
		found=y
		# these take the binary from the PATH of the daemon; their
		# client may be late to open its end of a short output
		run -4 ctr_ run --rm --runtime io.containerd.$shim "$IMG" old \
			sh -c 'echo out; sleep 0.5; exit 4'
		eq "$output" out
	done
	[[ $found ]] || skip "lacks: an older shim"
}

@test "containerd: daemon restart keeps the container" {
	crun_ -d lr sleep 300
	stop_pid "$(cat "$E/pid")"
	spawn_server "$E/containerd.log" "$E/pid" \
		${ENTREE:-} containerd -c "$E/config.toml"
	wait_for 20 ctr_ version >/dev/null
	run -0 ctr_ task exec --exec-id e lr echo alive
	eq "$output" alive
	drop lr
	no_trace lr
}

@test "containerd: nothing is left behind" {
	local id

	for id in $(ctr_ task ls -q) $(ctr_ c ls -q); do
		drop "$id"
	done
	wait_for 10 shims_gone
	empty "$(mounts_below "$E/state")"
	empty "$(cgroups_with "$TAG/")"
	[[ ! -d $E/rt/$TAG ]] || empty "$(ls -A "$E/rt/$TAG")"
}

shims_gone() {
	[[ -z $(procs_with "-namespace $TAG ") ]]
}
