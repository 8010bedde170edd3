#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every call that an engine makes, recorded with its exit status, while the
# same things are done by tare and by runc: no call fails that succeeds with
# runc, and the engine's user sees the same exit statuses.

load helpers
load cri
load docker

IMG=tarebox:latest

setup_file() {
	local r

	engine_setup containerd ctr dockerd runc podman buildah conmon
	cri_setup
	RUNC=$(PATH=$SAFE_PATH command -v runc)
	recorder tare "$TARE"
	recorder runc "$RUNC"
	cri_config containerd/config-"$(containerd_series)".toml
	for r in tare runc; do
		cat >>"$E/config.toml" <<-TOML
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$r-called]
		  runtime_type = "io.containerd.runc.v2"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$r-called.options]
		  BinaryName = "$E/bin/$r-called"
		  Root = "$E/rt.$r"
		TOML
	done
	cri_start
	cri_images
	podman_config
	docker_setup "{\"runtimes\": {
		\"runc-called\": {\"path\": \"$E/bin/runc-called\"},
		\"tare-called\": {\"path\": \"$E/bin/tare-called\"}}}"
}

teardown_file() {
	[[ -n ${E:-} && -d $E ]] || return 0
	[[ ! -s $E/dockerd.pid ]] || docker_end
	cri_teardown
}

# recorder NAME PROGRAM: $E/bin/NAME-called and $E/calls.NAME.
recorder() {
	record_as "$E/bin/$1-called" "$2" "$E/calls.$1"
}

podman_config() {
	cat >"$E/containers.conf" <<-TOML
	[engine]
	cgroup_manager = "cgroupfs"
	events_logger = "file"
	tmp_dir = "$E/tmp"
	volume_path = "$E/vol"
	static_dir = "$E/store/libpod"
	runtime_supports_json = ["tare-called", "runc-called"]
	[containers]
	log_driver = "k8s-file"
	default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
	TOML
	storage_config
	containers podman load -q --signature-policy "$E/policy.json" \
		-i "$E/box.tar" >/dev/null
}

# containers COMMAND...: podman or buildah with that configuration.
containers() {
	timeout -k 5 60 env CONTAINERS_CONF="$E/containers.conf" \
		CONTAINERS_STORAGE_CONF="$E/storage.conf" "$@" 3>&-
}

# step COMMAND...: what it ends with is noted, not judged.
step() {
	local rc=0

	"$@" </dev/null >>"$E/steps.out" 2>&1 || rc=$?
	echo "$rc" >>"$E/steps.$RT"
	echo "$RT: $rc $*" >>"$E/steps.out"
}

# both SCENARIO: once by runc and once by tare; then the verdict.
both() {
	for RT in runc tare; do
		: >"$E/calls.$RT"
		: >"$E/steps.$RT"
		"$1"
	done
	verdict || {
		cat "$E/steps.out" "$E/calls.runc" "$E/calls.tare"
		return 1
	}
}

# Calls by their verb: how often each one failed.
failures() {
	awk '$1 != 0 {
		for (i = 2; i <= NF; i++)
			if ($i ~ /^(create|start|run|exec|kill|delete|state|ps|pause|resume|update|features|list|events|--version)$/) {
				n[$i]++
				next
			}
		n["?"]++
	} END { for (v in n) print v, n[v] }' "$1" | sort
}

verdict() {
	must grep -Eq '^0 .*(create|run) ' "$E/calls.runc"
	must grep -Eq '^0 .*(create|run) ' "$E/calls.tare"
	# the shim starts its clean-up later than it answers
	wait_for 10 same_calls || true
	eq "$(failures "$E/calls.tare")" "$(failures "$E/calls.runc")"
	eq "$(cat "$E/steps.tare")" "$(cat "$E/steps.runc")"
	# and the first thing done, a container that says hello, went well
	eq "$(sed -n 1p "$E/steps.tare")" 0
}

same_calls() {
	[[ $(failures "$E/calls.tare") == $(failures "$E/calls.runc") ]]
}

by_ctr() {
	local run=(ctr_ run --runc-binary "$E/bin/$RT-called"
		--runc-root "$E/rt.$RT")

	step "${run[@]}" --rm $CRI_IMG a1 echo hello
	step "${run[@]}" --rm $CRI_IMG a2 sh -c 'exit 7'
	step "${run[@]}" --rm $CRI_IMG a3 nosuchcommand
	step "${run[@]}" --rm $CRI_IMG a4 /etc/not-executable
	step pty ctr -a "$E/c.sock" -n k8s.io run --rm -t --runc-binary \
		"$E/bin/$RT-called" --runc-root "$E/rt.$RT" $CRI_IMG a5 tty
	step "${run[@]}" --rm --read-only --seccomp --cap-drop CAP_CHOWN \
		$CRI_IMG a6 chown 1 /data
	step "${run[@]}" -d --memory-limit 67108864 $CRI_IMG b1 sleep 300
	step ctr_ task exec --exec-id e1 b1 sh -c 'exit 5'
	step ctr_ task exec --exec-id e2 b1 nosuchcommand
	step ctr_ task pause b1
	step ctr_ task exec --exec-id e3 b1 true
	step ctr_ task resume b1
	step ctr_ task ps b1
	step ctr_ task metrics b1
	step ctr_ task kill -s SIGTERM b1
	step ctr_ task kill -s SIGKILL b1
	step wait_for 10 stopped b1
	step ctr_ task rm b1
	step ctr_ c rm b1
	step "${run[@]}" -d $CRI_IMG b2 sleep 300
	step ctr_ task rm -f b2
	step ctr_ c rm b2
}

stopped() {
	ctr_ task ls | grep -Eq "^$1 +[0-9]+ +STOPPED"
}

@test "calls: containerd by ctr" {
	both by_ctr
}

by_cri() {
	HANDLER=$RT-called pod
	container '.linux.resources.memory_limit_in_bytes = 67108864'
	step cri exec "$C" 10 true
	step cri exec "$C" 10 sh -c 'exit 3'
	step cri exec "$C" 10 nosuchcommand
	step cri exec "$C" 1 sleep 4321
	step cri stats "$C"
	echo '{"memory_limit_in_bytes": 33554432, "cpu_shares": 512}' \
		>"$E/res.json"
	step cri update "$C" "$E/res.json"
	step cri pod_stop "$POD"
	step cri pod_rm "$POD"
}

@test "calls: containerd's CRI plugin" {
	both by_cri
}

by_cri_life() {
	HANDLER=$RT-called pod \
		'.linux.security_context.namespace_options.pid = 0'
	container '.linux.security_context.namespace_options.pid = 0'
	step cri stop "$C" 0
	step cri rm "$C"
	create '.command = ["/no/such/command"]'
	step cri start "$C"
	container '.command = ["sh", "-c", "exit 2"]'
	step wait_for 10 is_state "$C" exited
	step cri stop "$C" 0
	step cri pod_stop "$POD"
	step cri pod_rm "$POD"
}

@test "calls: containerd's CRI plugin, ends of containers" {
	both by_cri_life
}

# called OPTION... IMAGE COMMAND: docker run by the recorded runtime.
called() {
	docker_ run --network none --runtime "$RT-called" "$@"
}

by_docker_run() {
	step called --rm $IMG echo hello
	step called --rm $IMG sh -c 'exit 7'
	step called --rm $IMG nosuchcommand
	step called --rm $IMG /etc/not-executable
	step called --rm --init --read-only --tmpfs /t $IMG touch /t/x
	step docker_ run --rm --runtime "$RT-called" $IMG ip addr show eth0
}

by_docker_exec() {
	step called -d --name d1 --memory 64m --health-cmd true \
		--health-interval 1s $IMG sleep 300
	step docker_ exec d1 sh -c 'exit 5'
	step docker_ exec d1 nosuchcommand
	step docker_ exec -u alice -w /tmp d1 id
	step docker_ pause d1
	step docker_ unpause d1
	step docker_ update --memory 32m --memory-swap 32m --cpus 0.2 d1
	step docker_ top d1
	step docker_ stats --no-stream d1
	step docker_ rm -f d1
}

by_docker_life() {
	step called -d --name d2 $IMG sleep 300
	step docker_ restart -t 0 d2
	step docker_ kill -s KILL d2
	step docker_ start d2
	step docker_ stop -t 0 d2
	step docker_ rm -f d2
}

by_buildkit() {
	ln -sf "$E/bin/$RT-called" "$E/bin/runc"
	step build "RUN echo $RT >/one"
	step build 'RUN exit 3'
}

build() {
	mkdir -p "$E/ctx"
	printf '%s\n' "FROM $IMG" "$1" >"$E/ctx/Dockerfile"
	DOCKER_BUILDKIT=1 HOME=$E timeout -k 5 60 "$DOCKER" -H "$DSOCK" build \
		--network none -t rec "$E/ctx"
}

@test "calls: Docker, run" {
	both by_docker_run
}

@test "calls: Docker, exec and what changes a running container" {
	both by_docker_exec
}

@test "calls: Docker, stop and start again" {
	both by_docker_life
}

@test "calls: BuildKit" {
	both by_buildkit
	must grep -q '^0 .*run --bundle' "$E/calls.tare"
	must grep -q '^0 .*run --bundle' "$E/calls.runc"
}

by_podman() {
	local pod=(containers podman --runtime "$E/bin/$RT-called")
	local run=("${pod[@]}" run --pull=never --network=none
		--cgroup-parent="/$TAG") img=localhost/$IMG

	step "${run[@]}" --rm "$img" echo hello
	step "${run[@]}" --rm "$img" sh -c 'exit 7'
	step "${run[@]}" --rm "$img" nosuchcommand
	step "${run[@]}" --rm "$img" /etc/not-executable
	step "${run[@]}" -d --name p1 "$img" sleep 300
	step "${pod[@]}" exec p1 sh -c 'exit 5'
	step "${pod[@]}" exec p1 nosuchcommand
	step "${pod[@]}" pause p1
	step "${pod[@]}" exec p1 true
	step "${pod[@]}" unpause p1
	step "${pod[@]}" kill -s KILL p1
	step wait_for 10 exited p1
	step "${pod[@]}" start p1
	step "${pod[@]}" stop -t 0 p1
	step "${pod[@]}" rm -f p1
	step "${pod[@]}" create --pull=never --network=none --name p2 "$img" true
	step "${pod[@]}" init p2
	step "${pod[@]}" rm -f p2
}

exited() {
	[[ $(containers podman inspect -f '{{.State.Status}}' "$1") == exited ]]
}

@test "calls: podman" {
	both by_podman
}

by_buildah() {
	local c run

	c=$(containers buildah from --pull-never --ulimit nofile=1024:1024 \
		--ulimit nproc=1024:1024 localhost/$IMG)
	run=(containers buildah run --runtime "$E/bin/$RT-called"
		--isolation oci --network host "$c" --)
	step "${run[@]}" echo hello
	step "${run[@]}" sh -c 'exit 7'
	step "${run[@]}" nosuchcommand
	step "${run[@]}" /etc/not-executable
	containers buildah rm "$c" >/dev/null
}

@test "calls: buildah" {
	both by_buildah
}
