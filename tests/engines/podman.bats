#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman (and its conmon) over the runtime: own containers.conf and storage.

load helpers
load podman

setup_file() {
	engine_setup podman conmon script
	mkdir -p "$E/hooks"
	podman_setup cgroupfs "hooks_dir = [\"$E/hooks\"]" <<-TOML
	default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
	[network]
	network_config_dir = "$E/net"
	TOML
}

teardown_file() {
	podman_teardown
}

teardown() {
	pod rm -f -t 0 -a >/dev/null 2>&1 || true
}

# prun OPTION... IMAGE: run in cgroups that carry our tag (--cgroup-parent keeps
# ours apart), without a network that would need a bridge.
prun() {
	pod run --pull=never --network=none --cgroup-parent="/$TAG" "$@"
}

clean_host() {
	empty "$(mounts_below "$E" | grep -v "^$E/store/overlay$" || true)"
	empty "$(cgroups_with "$TAG/libpod")"
	wait_for 10 no_conmon
}

no_conmon() {
	[[ -z $(procs_with "$E/store") ]]
}

# Runtime state of a container id, wherever the default root is.
no_state() {
	[[ ! -e /run/runc/$1 && ! -e /run/tare/$1 ]] ||
		{ echo "state of $1 left"; return 1; }
}

@test "podman: output and exit codes" {
	run -0 prun --rm $IMG echo hello
	eq "$output" hello
	run -7 prun --rm $IMG sh -c 'exit 7'
	run -0 prun --rm -i $IMG cat <<<"from outside"
	eq "$output" "from outside"
	run -0 --separate-stderr prun --rm $IMG sh -c 'echo o; echo e >&2'
	eq "$output" o
	eq "$stderr" e
	clean_host
}

@test "podman: 127 for a missing and 126 for an unusable command" {
	run -127 prun --rm $IMG /no/such/command
	run -127 prun --rm $IMG nosuchcommand
	has "$output" nosuchcommand
	run -126 prun --rm $IMG /etc/not-executable
	run -126 prun --rm $IMG /etc
	clean_host
}

@test "podman: terminal" {
	run -0 pty env CONTAINERS_CONF="$E/containers.conf" \
		CONTAINERS_STORAGE_CONF="$E/storage.conf" podman run \
		--pull=never --rm --network=none --cgroup-parent="/$TAG" -it \
		$IMG sh -c 'tty; test -t 0 && test -t 1 && test -t 2 && echo all'
	has "$output" /dev/pts/0
	has "$output" all
	prun -d -t --name t2 $IMG sleep 300
	run -0 pty env CONTAINERS_CONF="$E/containers.conf" \
		CONTAINERS_STORAGE_CONF="$E/storage.conf" podman exec -it t2 \
		sh -c 'tty; stty size'
	has "$output" /dev/pts/
	pod rm -f -t 0 t2
	clean_host
}

@test "podman: detached, exec, exec -d, top, logs" {
	run -0 prun -d --name d1 $IMG sh -c 'echo started; exec sleep 300'
	local id=$output
	run -0 pod exec d1 id -u
	eq "$output" 0
	run -6 pod exec d1 sh -c 'exit 6'
	run -0 pod exec --user 1234:4321 -w /tmp -e A=b d1 \
		sh -c 'echo $(id -u) $(id -g) $(pwd) $A'
	eq "$output" "1234 4321 /tmp b"
	run -0 pod exec -i d1 cat <<<"to exec"
	eq "$output" "to exec"
	run -127 pod exec d1 /no/such/command
	run -126 pod exec d1 /etc/not-executable
	pod exec -d d1 touch /tmp/by-exec-d
	wait_for 10 pod exec d1 test -e /tmp/by-exec-d
	run -0 pod top d1 pid comm
	has "$output" sleep
	run -0 pod logs d1
	eq "$output" started
	run -0 pod inspect -f '{{.State.Status}} {{.OCIRuntime}}' d1
	has "$output" running
	pod rm -f -t 0 d1
	no_state "$id"
	clean_host
}

@test "podman: kill, stop, start, restart, rm" {
	prun -d --name k1 $IMG sh -c \
		'trap "exit 3" TERM; echo up >>/log; while :; do sleep 0.1; done'
	wait_for 10 pod exec k1 test -s /log
	pod kill --signal TERM k1
	run -0 pod wait k1
	eq "$output" 3
	pod start k1
	wait_for 10 pod exec k1 sh -c 'test $(wc -l </log) -eq 2'
	pod restart -t 5 k1
	wait_for 10 pod exec k1 sh -c 'test $(wc -l </log) -eq 3'
	pod stop -t 5 k1
	run -0 pod inspect -f '{{.State.Status}} {{.State.ExitCode}}' k1
	eq "$output" "exited 3"
	pod rm k1
	run ! pod container exists k1
	# a process that ignores TERM is killed after the grace time
	prun -d --name k2 $IMG sleep 300
	run -0 pod stop -t 1 k2
	run -0 pod inspect -f '{{.State.ExitCode}}' k2
	eq "${lines[-1]}" 137
	pod rm k2
	clean_host
}

@test "podman: create, init, start --attach" {
	pod create --pull=never --network=none --cgroup-parent="/$TAG" \
		--name c1 $IMG sh -c 'echo ran; exit 9'
	pod init c1
	run -0 pod inspect -f '{{.State.Status}}' c1
	must grep -Eq 'initialized|created' <<<"$output"
	run -9 pod start --attach c1
	eq "$output" ran
	pod rm c1
	# remove one that was made but never started
	pod create --pull=never --network=none --cgroup-parent="/$TAG" \
		--name c2 $IMG true
	pod init c2
	pod rm -f -t 0 c2
	clean_host
}

@test "podman: pause and unpause" {
	prun -d --name p1 $IMG sleep 300
	pod pause p1
	run -0 pod inspect -f '{{.State.Status}}' p1
	eq "$output" paused
	run ! pod exec p1 true
	pod unpause p1
	run -0 pod exec p1 echo back
	eq "$output" back
	pod pause p1
	pod rm -f -t 0 p1
	clean_host
}

@test "podman: stats" {
	prun -d --name s1 --memory 64m $IMG sleep 300
	run -0 pod stats --no-stream --format '{{.MemUsage}} {{.PIDS}}' s1
	has "$output" 67.11MB
	must grep -q ' 1$' <<<"$output"
}

@test "podman: health check" {
	prun -d --name h1 --health-cmd 'test -e /tmp/ok' \
		--health-interval disable $IMG sleep 300
	run ! pod healthcheck run h1
	pod exec h1 touch /tmp/ok
	run -0 pod healthcheck run h1
}

@test "podman: volumes and read-only root" {
	mkdir "$E/vol-src"
	echo host >"$E/vol-src/f"
	run -0 prun --rm -v "$E/vol-src:/v" -v named:/data $IMG \
		sh -c 'cat /v/f /data/seed; echo new >/v/g; echo n >/data/n'
	eq "${lines[0]}" host
	eq "${lines[1]}" "from the image"
	eq "$(cat "$E/vol-src/g")" new
	run -0 prun --rm -v named:/data $IMG cat /data/n
	eq "$output" n
	run ! prun --rm -v "$E/vol-src:/v:ro" $IMG touch /v/h
	has "$output" "Read-only"
	run ! prun --rm --read-only $IMG touch /x
	has "$output" "Read-only"
	run -0 prun --rm --read-only --tmpfs /t $IMG touch /tmp/x /t/x
	clean_host
}

@test "podman: identity, capabilities, limits inside" {
	run -0 prun --rm --user 1234:4321 --group-add 77 $IMG sh -c \
		'id -u; id -g; id -G; grep CapEff /proc/self/status'
	eq "${lines[0]}" 1234
	eq "${lines[1]}" 4321
	has " ${lines[2]} " " 77 "
	has "${lines[3]}" 0000000000000000
	run -0 prun --rm --user alice $IMG id -un
	eq "$output" alice
	run -0 prun --rm --cap-add SYS_ADMIN $IMG \
		sh -c 'mount -t tmpfs t /tmp && echo mounted'
	eq "$output" mounted
	run ! prun --rm $IMG mount -t tmpfs t /tmp
	run ! prun --rm --cap-drop all $IMG chown 1 /etc/passwd
	run -0 prun --rm --hostname inner $IMG hostname
	eq "$output" inner
	run -0 prun --rm -e A='x y' -w /tmp $IMG sh -c 'echo "$A" $PWD'
	eq "$output" "x y /tmp"
	run -0 prun --rm --ulimit nofile=99:99 \
		--ulimit nproc=1024:1024 $IMG sh -c 'ulimit -n'
	eq "$output" 99
	run -0 prun --rm --sysctl net.ipv4.ip_forward=1 $IMG \
		cat /proc/sys/net/ipv4/ip_forward
	eq "$output" 1
	run -0 prun --rm --security-opt no-new-privileges $IMG \
		grep NoNewPrivs /proc/self/status
	has "$output" 1
	clean_host
}

@test "podman: pids limit holds" {
	run prun --rm --pids-limit 8 $IMG sh -c \
		'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done; echo no end'
	has "$output" "can't fork"
	clean_host
}

@test "podman: cpu and memory limits" {
	run -0 prun -d --memory 64m --cpus 0.5 --cpu-shares 512 $IMG sleep 300
	local id=$output pid cg
	pid=$(pod inspect -f '{{.State.Pid}}' "$id")
	if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
		cg=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
		eq "$(cat "$cg/memory.max")" 67108864
		eq "$(cat "$cg/cpu.max")" "50000 100000"
	else
		cg=$(sed -n 's/^[0-9]*:memory://p' "/proc/$pid/cgroup")
		cd /sys/fs/cgroup
		eq "$(cat "memory$cg/memory.limit_in_bytes")" 67108864
		eq "$(cat "cpu$cg/cpu.cfs_quota_us")" 50000
		eq "$(cat "cpu$cg/cpu.shares")" 512
	fi
}

@test "podman: networks none and host" {
	run -0 prun --rm $IMG sh -c 'ls /sys/class/net; cat /proc/net/dev |
		wc -l'
	has "$output" lo
	run -0 pod run --rm --pull=never --network=host \
		--cgroup-parent="/$TAG" $IMG readlink /proc/self/ns/net
	eq "$output" "$(readlink /proc/self/ns/net)"
	run -0 prun --rm $IMG readlink /proc/self/ns/net
	must test "$output" != "$(readlink /proc/self/ns/net)"
	# all namespaces of the host
	run -0 pod run --rm --pull=never --network=host --pid=host --ipc=host \
		--uts=host --cgroupns=host --cgroup-parent="/$TAG" $IMG \
		sh -c 'for n in pid ipc uts; do readlink /proc/self/ns/$n; done'
	eq "$output" "$(readlink /proc/self/ns/pid /proc/self/ns/ipc \
		/proc/self/ns/uts)"
	clean_host
}

@test "podman: preserved file descriptors" {
	echo kept >"$E/fd-file"
	run -0 bash -c "exec 3<$E/fd-file; timeout -k 5 30 env \
		CONTAINERS_CONF=$E/containers.conf \
		CONTAINERS_STORAGE_CONF=$E/storage.conf podman run --rm \
		--pull=never --network=none --cgroup-parent=/$TAG \
		--preserve-fds 1 $IMG sh -c 'cat <&3; ls /proc/self/fd'"
	eq "${lines[0]}" kept
	# and only these: 0 1 2 3 and the directory ls has open
	run -0 prun --rm $IMG ls /proc/self/fd
	eq "$(tr '\n' ' ' <<<"$output")" "0 1 2 3 "
}

@test "podman: seccomp is on" {
	run -0 prun --rm $IMG grep Seccomp: /proc/self/status
	has "$output" 2
	run -0 prun --rm --security-opt seccomp=unconfined $IMG \
		grep Seccomp: /proc/self/status
	has "$output" 0
	run ! prun --rm $IMG unshare -m true
}

@test "podman: masked and read-only paths" {
	run -0 prun --rm $IMG sh -c 'cat /proc/timer_list /proc/sched_debug \
		2>/dev/null | wc -c'
	eq "$output" 0
	run ! prun --rm $IMG sh -c 'echo 1 >/proc/sys/vm/drop_caches'
}

@test "podman: user namespace" {
	run -0 prun --rm --uidmap 0:200000:65536 --gidmap 0:200000:65536 $IMG \
		sh -c 'id -u; awk "{ print \$2 }" /proc/self/uid_map; touch /x'
	eq "${lines[0]}" 0
	eq "${lines[1]}" 200000
	clean_host
}

@test "podman: update of a running container" {
	[[ ! -e /sys/fs/cgroup/cgroup.controllers ]] ||
		skip "lacks: cgroups of version 1"
	local cg

	prun -d --name up --memory 64m --cpus 0.5 $IMG sleep 300
	cg=$(sed -n 's/^[0-9]*:memory://p' \
		"/proc/$(pod inspect -f '{{.State.Pid}}' up)/cgroup")
	pod update --memory 32m --cpu-shares 512 up
	cd /sys/fs/cgroup
	eq "$(cat "memory$cg/memory.limit_in_bytes")" 33554432
	eq "$(cat "cpu$cg/cpu.shares")" 512
	eq "$(cat "cpu$cg/cpu.cfs_quota_us")" 50000
	# devices stay as they were
	run -0 pod exec up sh -c 'echo x >/dev/null && echo ok'
	eq "$output" ok
}

@test "podman: volume with mapped owners" {
	mkdir -p "$E/vol-idmap"
	chown 7:7 "$E/vol-idmap"
	run -0 prun --rm --uidmap 0:200000:65536 --gidmap 0:200000:65536 \
		-v "$E/vol-idmap:/v:idmap" $IMG \
		sh -c 'stat -c %u:%g /v; touch /v/made; stat -c %u /v/made'
	eq "${lines[0]}" 7:7
	eq "${lines[1]}" 0
	eq "$(stat -c %u "$E/vol-idmap/made")" 0
	clean_host
}

@test "podman: namespaces of the host" {
	run -0 prun --rm --pid=host --ipc=host --uts=host --cgroupns=host $IMG \
		sh -c 'for n in pid ipc uts cgroup; do
			readlink /proc/self/ns/$n; done'
	eq "${lines[0]}" "$(readlink /proc/self/ns/pid)"
	eq "${lines[1]}" "$(readlink /proc/self/ns/ipc)"
	eq "${lines[2]}" "$(readlink /proc/self/ns/uts)"
	eq "${lines[3]}" "$(readlink /proc/self/ns/cgroup)"
	clean_host
}

@test "podman: restart policy" {
	prun -d --name rp --restart on-failure:2 $IMG sh -c 'echo try; exit 9'
	wait_for 20 tried 3
}

tried() {
	[[ $(pod logs rp 2>/dev/null | grep -c try) == "$1" ]]
}

@test "podman: --init and --rm reap orphans" {
	command -v catatonit >/dev/null || skip "needs catatonit"
	run -0 prun --rm --init $IMG sh -c 'sh -c "sleep 0.1 &" ; cat /proc/1/comm'
	must grep -Eq 'init|catatonit' <<<"$output"
	clean_host
}

@test "podman: OCI hooks get the state" {
	cat >"$E/hooks/t.json" <<-JSON
	{"version":"1.0.0","hook":{"path":"/bin/sh",
	 "args":["sh","-c","cat >$E/hook-state"]},
	 "when":{"annotations":{"^tarehook$":"^1$"}},
	 "stages":["createRuntime"]}
	JSON
	run -0 prun --rm --annotation tarehook=1 $IMG echo ran
	rm "$E/hooks/t.json"
	eq "$output" ran
	run -0 jq -r '[.status, (.pid > 0), (.bundle | length > 0)] | @tsv' \
		"$E/hook-state"
	eq "$output" "$(printf 'creating\ttrue\ttrue')"
}

@test "podman: shared namespaces of another container" {
	run -0 prun -d --name first $IMG sleep 300
	run -0 pod run --rm --pull=never --cgroup-parent="/$TAG" \
		--network=container:first --pid=container:first \
		--ipc=container:first $IMG sh -c 'ps | grep -c "[s]leep 300"'
	eq "$output" 1
	pod rm -f -t 0 first
	clean_host
}

@test "podman: pod create, containers in it, rm" {
	pod pod create --network=none --cgroup-parent="/$TAG" --name tp
	prun() { pod run --pull=never "$@"; }
	prun -d --pod tp --name in1 $IMG sleep 300
	run -0 prun --rm --pod tp $IMG readlink /proc/self/ns/net
	local net=$output
	run -0 pod exec in1 readlink /proc/self/ns/net
	eq "$output" "$net"
	run -0 pod pod stop -t 0 tp
	run -0 pod pod rm -f -t 0 tp
	run ! pod pod exists tp
	clean_host
}

@test "podman: kube play and down" {
	cat >"$E/kube.yaml" <<-YAML
	apiVersion: v1
	kind: Pod
	metadata: {name: kp, labels: {app: kp}}
	spec:
	  hostname: kp
	  hostNetwork: true
	  containers:
	  - name: a
	    image: $IMG
	    imagePullPolicy: Never
	    command: ["/bin/sleep", "300"]
	    resources: {limits: {memory: 64Mi, cpu: 500m}}
	    securityContext:
	      allowPrivilegeEscalation: false
	      readOnlyRootFilesystem: true
	      capabilities: {drop: ["ALL"]}
	      runAsUser: 1000
	  - name: b
	    image: $IMG
	    imagePullPolicy: Never
	    command: ["/bin/sleep", "300"]
	YAML
	run -0 pod kube play "$E/kube.yaml"
	run -0 pod exec kp-a sh -c 'id -u; grep CapEff /proc/self/status'
	eq "${lines[0]}" 1000
	has "${lines[1]}" 0000000000000000
	run ! pod exec kp-a touch /x
	run -0 pod exec kp-b echo b
	eq "$output" b
	run -0 pod kube down "$E/kube.yaml"
	wait_for 10 no_conmon
}

@test "podman: build" {
	mkdir -p "$E/ctx"
	printf 'FROM %s\nRUN echo built >/built && id -u\n' $IMG \
		>"$E/ctx/Dockerfile"
	run -0 pod build --signature-policy "$E/policy.json" --pull=never \
		--network=none --runtime "$TARE" -t localhost/built "$E/ctx"
	run -0 prun --rm localhost/built cat /built
	eq "$output" built
}

@test "podman: many runs at once" {
	local i pids=()

	for i in 1 2 3 4 5 6; do
		prun --rm $IMG sh -c "echo $i; exit $i" >"$E/many.$i" 2>&1 &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6; do
		local rc=0
		wait "${pids[i - 1]}" || rc=$?
		eq "$rc" "$i"
		eq "$(cat "$E/many.$i")" "$i"
	done
	clean_host
}

@test "podman: checkpoint that cannot be done is refused" {
	criu check >/dev/null 2>&1 && skip "criu works here"
	prun -d --name ck $IMG sleep 300
	run ! pod container checkpoint ck
	must test -n "$output"
	run -0 pod exec ck echo alive
	eq "$output" alive
}

@test "podman: info names the runtime" {
	run -0 pod info -f '{{.Host.OCIRuntime.Path}} {{.Host.OCIRuntime.Version}}'
	has "$output" "$TARE"
	must grep -q version <<<"$output"
}
