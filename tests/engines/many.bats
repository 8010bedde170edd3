#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Five hundred containers and two hundred health probes through containerd,
# four at a time: none fails and nothing is left.

load helpers
load cri

setup_file() {
	cri_begin
	mkdir "$E/said"
	# what is there before
	count_all >"$E/before"
}

teardown_file() {
	cri_teardown
}

# Processes that are ours, mounts, cgroups, state, sockets.
count_all() {
	procs_with "$E" | grep -c shim || true
	mounts_below "$E" | wc -l
	cgroups_with "/$TAG/" | wc -l
	find "$E/rt" -mindepth 2 2>/dev/null | wc -l
	sockets
}

# The sockets of shims: a digest of server, namespace and container names each.
sockets() {
	"$PYTHON" -c '
import hashlib, os, sys
names = [f"many{i}" for i in range(100)] + ["probed"]
print(sum(os.path.exists("/run/containerd/s/" + hashlib.sha256(
    f"{sys.argv[1]}/k8s.io/{n}".encode()).hexdigest()) for n in names))' \
		"$E/c.sock"
}

nothing_left() {
	[[ $(count_all) == "$(cat "$E/before")" ]]
}

# quarter COUNT COMMAND...: COMMAND I, for a quarter of COUNT each, in four
# lines of work; which ones failed is printed.
quarter() {
	local count=$1 k i pids=()

	shift
	for k in 0 1 2 3; do
		(
			for ((i = k; i < count; i += 4)); do
				"$@" "$i" || echo "$i failed: $?"
			done
		) &
		pids+=($!)
	done
	wait "${pids[@]}"
}

# What a container says goes into a file: on a busy machine ctr may lose the
# output of one that ends at once, whatever the runtime.
one_container() {
	local rc=0

	ctr_ run --rm --runc-binary "$TARE" --runc-root "$E/rt" \
		--cgroup "/$TAG/$1" \
		--mount "type=bind,src=$E/said,dst=/said,options=rbind:rw" \
		$CRI_IMG "many$1" sh -c "echo this $1 >/said/$1; exit 3" \
		2>&1 || rc=$?
	[[ $rc -eq 3 ]] || echo "$1 ended with $rc"
	eq "$(cat "$E/said/$1")" "this $1"
	rm -f "$E/said/$1"
}

hundred() {
	run -0 quarter 100 one_container
	eq "$output" ""
	wait_for 20 nothing_left || {
		diff "$E/before" <(count_all)
		return 1
	}
}

@test "many: containers, the first hundred" {
	hundred
}

@test "many: containers, the second hundred" {
	hundred
}

@test "many: containers, the third hundred" {
	hundred
}

@test "many: containers, the fourth hundred" {
	hundred
}

@test "many: containers, the fifth hundred" {
	hundred
}

one_probe() {
	ctr_ task exec --exec-id "probe$1" probed \
		sh -c "test -e /healthy && exit $(($1 % 2))" >/dev/null 2>&1
	[[ $? -eq $(($1 % 2)) ]]
}

@test "many: health probes of one container" {
	ctr_ run -d --runc-binary "$TARE" --runc-root "$E/rt" \
		--cgroup "/$TAG/probed" $CRI_IMG probed \
		sh -c 'touch /healthy; sleep 3000'
	wait_for 10 ctr_ task exec --exec-id p probed test -e /healthy
	run -0 quarter 200 one_probe
	eq "$output" ""
	eq "$(sockets)" 1
	# the process that lists them, and the container's two
	run -0 ctr_ task exec --exec-id ps probed sh -c 'ls -d /proc/[0-9]* | wc -l'
	must test "$output" -le 5
	ctr_ task rm -f probed
	ctr_ c rm probed
	wait_for 20 nothing_left
}
