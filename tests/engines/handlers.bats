#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Several runtimes under one containerd: tare, runc and gVisor, each a handler,
# as a cluster with RuntimeClasses has them.

load helpers
load cri

setup_file() {
	engine_setup containerd ctr runc
	cri_setup
	cri_config kubernetes/handlers-"$(containerd_series)".toml
	# Debian has gVisor's runtime, but not its shim, without which it
	# makes single containers but no pods
	printf '#!/bin/sh\nexec runsc --network=none --ignore-cgroups "$@"\n' \
		>"$E/bin/gvisor"
	chmod 755 "$E/bin/gvisor"
	cri_start
	cri_images
}

teardown_file() {
	cri_teardown
}

teardown() {
	local id

	for id in g1 t1; do
		ctr_ task rm -f $id >/dev/null 2>&1 || true
		ctr_ c rm $id >/dev/null 2>&1 || true
	done
	cri_clear
}

# Ids that the runtime under test has.
ours() {
	"$TARE" --root "$E/rt/k8s.io" list -q
}

@test "handlers: pods of tare and runc side by side" {
	local h ours all=()

	for h in tare runc; do
		HANDLER=$h pod
		container
		all+=("$C")
		[[ $h != tare ]] || ours="$POD $C"
	done
	for C in "${all[@]}"; do
		run -0 cri exec "$C" 10 sh -c 'echo $FOO'
		eq "$output" bar
	done
	eq "$(ours | sort)" "$(tr ' ' '\n' <<<"$ours" | sort)"
	# one is stopped, the other lives
	cri stop "${all[1]}" 0
	run -0 cri exec "${all[0]}" 10 true
}

# by RUNTIME ARGUMENT...: ctr run.
by() {
	local binary=$E/bin/$1

	shift
	ctr_ run --runc-binary "$binary" --runc-root "$E/rt.ctr" "$@"
}

@test "handlers: gVisor beside tare" {
	in_tree sh -c "command -v runsc" >/dev/null || skip "needs runsc"
	by gvisor -d $CRI_IMG g1 sleep 300
	pod
	container
	by tare -d $CRI_IMG t1 sleep 300
	run -0 ctr_ task exec --exec-id e1 g1 dmesg
	has "$output" "Starting gVisor"
	run -0 ctr_ task exec --exec-id e2 t1 uname -r
	eq "$output" "$(uname -r)"
	ctr_ task kill -s SIGKILL g1
	wait_for 10 ctr_ task rm g1 2>/dev/null
	ctr_ c rm g1
	run -0 cri exec "$C" 20 echo alive
	eq "$output" alive
	run -0 ctr_ task exec --exec-id e3 t1 echo alive
	eq "$output" alive
	ctr_ task rm -f t1
	ctr_ c rm t1
}

@test "handlers: one whose shim is missing fails alone" {
	pod_json >"$E/pod.json"
	run -125 cri pod_run "$E/pod.json" kata
	has "$output" kata
	pod
	container
	run -0 cri exec "$C" 10 true
}

@test "handlers: the drop-in of k0s gives the same handler" {
	local file=tare-v2.toml

	[[ $(containerd_series) == 1 ]] || file=tare.toml
	# k0s merges it with what containerd has of its own
	eq "$(contrib_file "k0s/$file" | handler_of tare)" \
		"$(contrib_file "containerd/config-$(containerd_series).toml" |
			handler_of tare)"
}

# handler_of NAME: its table in the configuration on stdin, as JSON.
handler_of() {
	"$PYTHON" -c '
import json, sys, tomllib
config = tomllib.load(sys.stdin.buffer)
for plugin in config["plugins"].values():
    print(config["version"],
          json.dumps(plugin["containerd"]["runtimes"][sys.argv[1]]))' "$1"
}

@test "handlers: RuntimeClasses name handlers that are there" {
	local h file=$HERE/../../contrib/engines/kubernetes

	for h in $(sed -n 's/^handler: //p' "$file/runtimeclass.yaml"); do
		must grep -q "runtimes\.$h\]" "$E/config.toml"
	done
	must grep -q 'runtimeClassName: tare' "$file/pod.yaml"
}
