#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dockerd, its containerd and BuildKit over the runtime: own daemon in a
# network namespace of its own, with the configuration of contrib/engines.

load helpers
load docker

IMG=tarebox:latest

setup_file() {
	engine_setup dockerd containerd runc script jq
	docker_setup '{"live-restore": true}'
}

teardown_file() {
	docker_teardown
}

setup() {
	N=t$BATS_TEST_NUMBER
}

teardown() {
	docker_ ps -aq | xargs -r timeout 60 "$DOCKER" -H "$DSOCK" \
		rm -f -v >/dev/null 2>&1 3>&- || true
}

# drun OPTION... IMAGE COMMAND: in the foreground, without a network.
drun() {
	docker_ run --rm --network none "$@"
}

# dstart NAME OPTION... IMAGE COMMAND: detached.
dstart() {
	local name=$1

	shift
	docker_ run -d --network none --name "$name" "$@" >/dev/null
}

ins() {
	docker_ inspect -f "$2" "$1"
}

is() {
	[[ $(ins "$1" "$2") == "$3" ]]
}

@test "docker: the daemon knows the runtime" {
	run -0 docker_ info -f '{{.DefaultRuntime}} {{json .Runtimes}}'
	has "$output" "tare "
	has "$output" "\"tare\":{\"path\":\"$TARE\""
	run -0 docker_ info
	has "$output" "Cgroup Driver: cgroupfs"
}

@test "docker: run, output, exit codes" {
	run -0 drun $IMG echo hello
	eq "$output" hello
	run -7 drun $IMG sh -c 'exit 7'
	run -143 drun --init $IMG sh -c 'kill -TERM $$; sleep 5'
	run -137 drun --init $IMG sh -c 'kill -KILL $$'
}

@test "docker: stdin, stdout and stderr" {
	run -0 --separate-stderr drun $IMG sh -c 'echo o; echo e >&2'
	eq "$output" o
	eq "$stderr" e
	run -0 bash -c "echo in | timeout 30 $DOCKER -H $DSOCK run -i --rm \
		--network none $IMG cat 3>&-"
	eq "$output" in
	run -0 drun $IMG sh -c 'dd if=/dev/zero bs=1024 count=300 2>/dev/null |
		tr "\0" x'
	eq "${#output}" 307200
}

@test "docker: missing and unusable commands" {
	run -127 drun $IMG nosuchcommand
	has "$output" "executable file not found in \$PATH"
	run -127 drun $IMG /no/such/command
	has "$output" "no such file or directory"
	run -126 drun $IMG /etc/not-executable
	has "$output" "permission denied"
	# nothing is left to be removed by hand
	run -0 docker_ ps -aq
	eq "$output" ""
}

@test "docker: terminal of run and exec" {
	run -0 pty "$DOCKER" -H "$DSOCK" run --rm -t --network none $IMG \
		sh -c 'tty; test -t 2 && echo isatty'
	has "$output" /dev/pts/0
	has "$output" isatty
	dstart "$N" $IMG sleep 300
	run -0 pty "$DOCKER" -H "$DSOCK" exec -t "$N" sh -c 'tty; exit 0'
	has "$output" /dev/pts/
}

@test "docker: environment, user, working directory, hostname" {
	run -0 drun -e A=b -u alice -w /tmp -h box --add-host far:10.9.8.7 $IMG \
		sh -c 'echo $A $(id -u) $(id -G) $(pwd) $(hostname);
			grep far /etc/hosts'
	eq "${lines[0]}" "b 1234 1234 4321 /tmp box"
	must grep -q '10.9.8.7' <<<"${lines[1]}"
	run -0 drun -u 5:6 --group-add 77 $IMG sh -c 'id -u; id -G'
	eq "$output" "5
6 77"
}

@test "docker: exec with exit code, user, environment, directory" {
	dstart "$N" $IMG sleep 300
	run -5 docker_ exec "$N" sh -c 'exit 5'
	run -0 docker_ exec -u alice -w /tmp -e A=b "$N" \
		sh -c 'echo $(id -u) $(pwd) $A'
	eq "$output" "1234 /tmp b"
	run -0 bash -c "echo through | timeout 30 $DOCKER -H $DSOCK exec -i \
		$N cat 3>&-"
	eq "$output" through
	local rc=0
	docker_ exec "$N" nosuchcommand >"$E/missing" 2>&1 || rc=$?
	# 126 of the older clients, 127 of the newer
	must test "$rc" -eq 126 -o "$rc" -eq 127
	has "$(cat "$E/missing")" "executable file not found"
	docker_ exec -d "$N" sh -c 'echo late >/tmp/late'
	wait_for 10 docker_ exec "$N" test -s /tmp/late
	run -0 docker_ exec --privileged "$N" grep CapEff /proc/self/status
	lacks "$output" 00000000a80425fb
}

@test "docker: several execs at once" {
	local i pids=()

	dstart "$N" $IMG sleep 300
	for i in 1 2 3 4 5 6; do
		docker_ exec "$N" sh -c "echo $i; exit $i" \
			>"$E/par.$i" 2>&1 &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6; do
		local rc=0
		wait "${pids[i - 1]}" || rc=$?
		eq "$rc" "$i"
		eq "$(cat "$E/par.$i")" "$i"
	done
}

@test "docker: health checks" {
	dstart "$N" --health-cmd 'test ! -e /tmp/ill' --health-interval 1s \
		--health-retries 1 $IMG sleep 300
	wait_for 20 is "$N" '{{.State.Health.Status}}' healthy
	docker_ exec "$N" touch /tmp/ill
	wait_for 20 is "$N" '{{.State.Health.Status}}' unhealthy
	run -0 ins "$N" '{{(index .State.Health.Log 0).ExitCode}}'
	eq "$output" 0
}

@test "docker: a health check that takes too long" {
	dstart "$N" --health-cmd 'sleep 4321' --health-interval 1s \
		--health-timeout 1s --health-retries 1 $IMG sleep 300
	wait_for 20 is "$N" '{{.State.Health.Status}}' unhealthy
	run -0 ins "$N" '{{(index .State.Health.Log 0).Output}}'
	has "$output" "exceeded timeout"
}

@test "docker: stats, top" {
	dstart "$N" --memory 64m $IMG sh -c 'sleep 301 & sleep 302'
	wait_for 10 tops "$N" "sleep 302"
	run -0 docker_ stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' "$N"
	has "$output" "64MiB"
	must grep -Eq ' [23]$' <<<"$output"
	run -0 docker_ top "$N" -o pid,args
	has "$output" "sleep 301"
	has "$output" "sleep 302"
}

tops() {
	docker_ top "$1" 2>/dev/null | grep -q "$2"
}

@test "docker: pause and unpause" {
	dstart "$N" $IMG sh -c \
		'while :; do echo x >>/tmp/n; sleep 0.02; done'
	docker_ pause "$N"
	eq "$(ins "$N" '{{.State.Status}}')" paused
	run ! docker_ exec "$N" true
	has "$output" paused
	local a b
	a=$(docker_ cp "$N:/tmp/n" - | wc -c)
	b=$(docker_ cp "$N:/tmp/n" - | wc -c)
	eq "$a" "$b"
	docker_ unpause "$N"
	run -0 docker_ exec "$N" echo back
	eq "$output" back
}

@test "docker: update of limits" {
	[[ ! -e /sys/fs/cgroup/cgroup.controllers ]] ||
		skip "lacks: cgroups of version 1"
	dstart "$N" --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 30 \
		$IMG sleep 300
	run -0 limits "$N"
	eq "$output" "67108864 50000 30"
	docker_ update --memory 32m --memory-swap 32m --cpus 0.2 \
		--pids-limit 20 "$N"
	run -0 limits "$N"
	eq "$output" "33554432 20000 20"
}

# The limits in the container's cgroup: memory, CPU quota, processes.
limits() {
	local id c=/sys/fs/cgroup

	id=$(ins "$1" '{{.Id}}')
	echo "$(cat "$c/memory/docker/$id/memory.limit_in_bytes")" \
		"$(cat "$c/cpu/docker/$id/cpu.cfs_quota_us")" \
		"$(cat "$c/pids/docker/$id/pids.max")"
}

@test "docker: memory limit kills, and docker says so" {
	run docker_ run --name "$N" --network none --memory 16m \
		--memory-swap 16m $IMG \
		sh -c 'x=$(dd if=/dev/zero bs=1M count=64 | tr "\0" a); echo $x'
	eq "$status" 137
	eq "$(ins "$N" '{{.State.ExitCode}}')" 137
}

@test "docker: restart, stop, start again" {
	dstart "$N" $IMG sh -c 'echo up; trap "exit 3" TERM; sleep 300 & wait'
	wait_for 10 logged "$N" up
	docker_ restart -t 5 "$N"
	wait_for 10 logged "$N" "up.up"
	docker_ stop -t 5 "$N"
	eq "$(ins "$N" '{{.State.ExitCode}}')" 3
	docker_ start "$N"
	run -0 docker_ exec "$N" echo again
	eq "$output" again
}

logged() {
	[[ $(docker_ logs "$1" 2>&1 | tr '\n' .) == *"$2"* ]]
}

@test "docker: restart policy" {
	dstart "$N" --restart on-failure:2 $IMG sh -c 'echo try; exit 9'
	wait_for 30 is "$N" '{{.RestartCount}} {{.State.Status}}' "2 exited"
	run -0 docker_ logs "$N"
	eq "${#lines[@]}" 3
	dstart "$N-always" --restart always $IMG sleep 300
	kill -KILL "$(ins "$N-always" '{{.State.Pid}}')"
	wait_for 20 is "$N-always" '{{.RestartCount}} {{.State.Status}}' \
		"1 running"
}

@test "docker: kill, stop signal, stop that must kill" {
	dstart "$N" --stop-signal USR1 $IMG \
		sh -c 'trap "exit 21" USR1; sleep 300 & wait'
	sleep 0.3
	docker_ stop -t 10 "$N"
	eq "$(ins "$N" '{{.State.ExitCode}}')" 21
	dstart "$N-2" $IMG sleep 300
	docker_ kill -s KILL "$N-2"
	wait_for 10 is "$N-2" '{{.State.ExitCode}}' 137
	dstart "$N-3" $IMG sh -c 'trap "" TERM; while :; do sleep 1; done'
	docker_ stop -t 1 "$N-3"
	eq "$(ins "$N-3" '{{.State.ExitCode}}')" 137
}

@test "docker: logs, attach, wait" {
	docker_ create --name "$N" --network none -i $IMG sh -c \
		'read x; echo got $x; exit 4' >/dev/null
	run -4 bash -c "echo word | timeout 30 $DOCKER -H $DSOCK start -a -i \
		$N 3>&-"
	eq "$output" "got word"
	run -0 docker_ wait "$N"
	eq "$output" 4
	run -0 docker_ logs "$N"
	eq "$output" "got word"
}

@test "docker: cp, diff, commit" {
	dstart "$N" $IMG sh -c 'echo inside >/made; sleep 300'
	wait_for 10 docker_ exec "$N" test -s /made
	docker_ cp "$N:/made" "$E/made"
	eq "$(cat "$E/made")" inside
	docker_ cp "$E/made" "$N:/data/copy"
	run -0 docker_ exec "$N" cat /data/copy
	eq "$output" inside
	run -0 docker_ diff "$N"
	has "$output" "A /made"
	docker_ commit "$N" "commit$N" >/dev/null
	run -0 drun "commit$N" cat /made
	eq "$output" inside
}

@test "docker: read-only root, tmpfs, shm" {
	run ! drun --read-only $IMG touch /x
	has "$output" "Read-only file system"
	run -0 drun --read-only --tmpfs /t:size=1m,mode=700 --shm-size 3m $IMG \
		sh -c 'touch /t/x; df -k /t /dev/shm | awk "NR > 1 { print \$2 }"
			stat -c %a /t'
	eq "$output" "1024
3072
700"
}

@test "docker: volumes and bind mounts" {
	mkdir -p "$E/v/sub"
	echo host >"$E/v/f"
	run -0 drun -v "$E/v:/v:ro" $IMG cat /v/f
	eq "$output" host
	run ! drun -v "$E/v:/v:ro" $IMG touch /v/g
	run -0 drun --mount type=bind,src="$E/v",dst=/v \
		$IMG sh -c 'echo new >/v/sub/n'
	eq "$(cat "$E/v/sub/n")" new
	docker_ volume create "$N" >/dev/null
	run -0 drun -v "$N:/data" $IMG cat /data/seed
	eq "$output" "from the image"
	run -0 drun -v "$N:/data" $IMG sh -c 'echo kept >/data/k'
	run -0 drun -v "$N:/data" $IMG cat /data/k
	eq "$output" kept
	docker_ volume rm "$N" >/dev/null
}

@test "docker: a file mounted on a directory is refused with its reason" {
	echo x >"$E/onefile"
	run ! drun -v "$E/onefile:/data" $IMG true
	has "$output" "ot a directory"
}

@test "docker: capabilities" {
	run -0 drun $IMG grep CapEff /proc/self/status
	has "$output" 00000000a80425fb
	run -0 drun --cap-drop ALL --cap-add CHOWN $IMG \
		grep -E 'Cap(Eff|Bnd)' /proc/self/status
	eq "$(tr -d '\n\t' <<<"$output")" \
		CapEff:0000000000000001CapBnd:0000000000000001
	run ! drun $IMG mount -t tmpfs t /tmp
	run -0 drun --cap-add SYS_ADMIN --security-opt apparmor=unconfined \
		$IMG sh -c 'mount -t tmpfs t /tmp && echo mounted'
	eq "$output" mounted
	run -0 drun --security-opt no-new-privileges $IMG \
		grep NoNewPrivs /proc/self/status
	must grep -q '1$' <<<"$output"
}

@test "docker: privileged" {
	run -0 drun --privileged $IMG sh -c 'mount -t tmpfs t /tmp && echo ok;
		grep Seccomp: /proc/self/status; test -w /proc/sys && ls /dev |
		wc -l'
	eq "${lines[0]}" ok
	eq "$(tr -d '\t' <<<"${lines[1]}")" Seccomp:0
	must test "${lines[2]}" -gt 20
}

@test "docker: seccomp, default and one's own profile" {
	run -0 drun $IMG grep Seccomp: /proc/self/status
	eq "$(tr -d '\t' <<<"$output")" Seccomp:2
	run ! drun $IMG unshare -m true
	cat >"$E/profile.json" <<-JSON
	{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64",
	 "SCMP_ARCH_AARCH64"],"syscalls":[{"names":["mkdir","mkdirat"],
	 "action":"SCMP_ACT_ERRNO"}]}
	JSON
	run ! drun --security-opt seccomp="$E/profile.json" $IMG mkdir /x
	has "$output" "not permitted"
	run -0 drun --security-opt seccomp="$E/profile.json" $IMG touch /x
	run -0 drun --security-opt seccomp=unconfined $IMG \
		grep Seccomp: /proc/self/status
	eq "$(tr -d '\t' <<<"$output")" Seccomp:0
}

@test "docker: --init reaps and passes signals on" {
	dstart "$N" --init $IMG sh -c 'trap "exit 8" TERM; sleep 300 & wait'
	run -0 docker_ exec "$N" cat /proc/1/comm
	has "$output" init
	docker_ exec "$N" sh -c '(sleep 0.1 &)'
	wait_for 10 no_zombie "$N"
	docker_ stop -t 10 "$N"
	eq "$(ins "$N" '{{.State.ExitCode}}')" 8
}

no_zombie() {
	! docker_ exec "$1" cat /proc/[0-9]*/stat 2>/dev/null |
		grep -q ') Z '
}

@test "docker: pid, ipc and uts namespaces shared with host and container" {
	run -0 drun --pid host --ipc host --uts host $IMG sh -c \
		'for n in pid ipc uts; do readlink /proc/self/ns/$n; done'
	eq "${lines[0]}" "$(readlink /proc/self/ns/pid)"
	eq "${lines[1]}" "$(readlink /proc/self/ns/ipc)"
	eq "${lines[2]}" "$(readlink /proc/self/ns/uts)"
	dstart "$N" --ipc shareable $IMG sleep 4242
	run -0 drun --pid "container:$N" --ipc "container:$N" $IMG sh -c \
		'cat /proc/1/cmdline | tr "\0" " "'
	eq "$output" "sleep 4242 "
}

@test "docker: networks: none, bridge, host, container" {
	run -0 drun $IMG sh -c 'ip -o link | wc -l'
	eq "$output" 1
	run -0 docker_ run --rm --network host $IMG readlink /proc/self/ns/net
	eq "$output" "$(stat -L -c 'net:[%i]' "$E/netns")"
	[[ -n ${DOCKER_BRIDGE:-} ]] || skip "lacks: iptables and a bridge"
	docker_ run -d --name "$N" $IMG sleep 300 >/dev/null
	local ip
	ip=$(ins "$N" '{{.NetworkSettings.IPAddress}}')
	must test -n "$ip"
	run -0 docker_ run --rm $IMG ping -c 1 -w 5 "$ip"
	run -0 docker_ run --rm --network "container:$N" $IMG ip addr
	has "$output" "$ip"
}

@test "docker: published port" {
	[[ -n ${DOCKER_BRIDGE:-} ]] || skip "lacks: iptables and a bridge"
	docker_ run -d --name "$N" -p 127.0.0.1:8099:80 $IMG sh -c \
		'while :; do echo served | nc -l -p 80; done' >/dev/null
	wait_for 20 served
}

served() {
	[[ $(nsenter --net="$E/netns" bash -c \
		'exec 3<>/dev/tcp/127.0.0.1/8099 && timeout 2 cat <&3' \
		2>/dev/null) == served ]]
}

@test "docker: devices, sysctls, ulimits, oom score, cgroup namespace" {
	[[ -e /dev/fuse ]] || skip "lacks: a device to lend"
	run -0 drun --device /dev/fuse:/dev/lent:r $IMG test -c /dev/lent
	run -0 drun --sysctl net.ipv4.ip_forward=1 $IMG \
		cat /proc/sys/net/ipv4/ip_forward
	eq "$output" 1
	run -0 drun --ulimit nofile=100:200 --oom-score-adj 300 $IMG sh -c \
		'ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj'
	eq "$output" "100
200
300"
	run -0 drun --cgroupns private $IMG \
		sh -c 'grep -c -v ":/$" /proc/self/cgroup || true'
	eq "$output" 0
	run -0 drun --cgroup-parent "/$TAG/parent" --cgroupns host $IMG \
		cat /proc/self/cgroup
	has "$output" "/$TAG/parent/"
}

@test "docker: a runtime with arguments, called by a script" {
	run -0 docker_ run --rm --network none --runtime tare-args $IMG echo hi
	eq "$output" hi
}

@test "docker: classic builder" {
	mkdir -p "$E/ctx"
	printf '%s\n' "FROM $IMG" 'RUN echo one >/one' 'USER 1234' \
		'RUN id -u >/tmp/two' >"$E/ctx/Dockerfile"
	run -0 env DOCKER_BUILDKIT=0 HOME="$E" timeout -k 5 60 "$DOCKER" \
		-H "$DSOCK" build --network none -t classic "$E/ctx"
	run -0 drun classic cat /one /tmp/two
	eq "$output" "one
1234"
	printf 'FROM %s\nRUN exit 41\n' "$IMG" >"$E/ctx/Dockerfile"
	run ! env DOCKER_BUILDKIT=0 HOME="$E" timeout -k 5 60 "$DOCKER" \
		-H "$DSOCK" build --network none "$E/ctx"
	has "$output" "returned a non-zero code: 41"
}

@test "docker: BuildKit runs its steps by the runtime" {
	calls_reset
	buildkit bk 'RUN echo one >/one' 'USER 1234' 'RUN id -u >/tmp/two'
	run -0 drun bk cat /one /tmp/two
	eq "$output" "one
1234"
	must grep -q 'run --bundle .*buildkit' "$E/calls"
	run ! buildkit bk2 'RUN exit 42'
	has "$output" "exit code: 42"
}

# buildkit TAG LINE...: build without a network.
buildkit() {
	local tag=$1

	shift
	mkdir -p "$E/ctx"
	printf '%s\n' "FROM $IMG" "$@" >"$E/ctx/Dockerfile"
	DOCKER_BUILDKIT=1 HOME=$E timeout -k 5 60 "$DOCKER" -H "$DSOCK" build \
		--progress plain --network none --pull=false -t "$tag" \
		"$E/ctx" 3>&-
}

@test "docker: a daemon that starts again finds its container" {
	dstart "$N" $IMG sh -c 'while :; do date; sleep 0.2; done'
	local pid
	pid=$(ins "$N" '{{.State.Pid}}')
	docker_stop
	must test -d "/proc/$pid"
	docker_start
	eq "$(ins "$N" '{{.State.Pid}} {{.State.Status}}')" "$pid running"
	run -0 docker_ exec "$N" echo alive
	eq "$output" alive
	docker_ stop -t 1 "$N"
	eq "$(ins "$N" '{{.State.Status}}')" exited
}

@test "docker: nothing is left behind" {
	docker_ ps -aq | xargs -r timeout 60 "$DOCKER" -H "$DSOCK" rm -f \
		>/dev/null
	wait_for 10 no_shims
	empty "$(mounts_below "$E/data/overlay2")"
	empty "$(mounts_below "$E/exec" | grep -v '/netns/default$' || true)"
	empty "$(ls -A "$E/exec/runtime-runc/moby" 2>/dev/null)"
	run -0 "$TARE" --root "$E/exec/runtime-runc/moby" list -q
	eq "$output" ""
	empty "$(cgroups_with "$TAG/parent/")"
}

no_shims() {
	[[ -z $(procs_with "-address $E/exec/") ]]
}
