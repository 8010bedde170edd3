#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What only cgroup v2 has, with all controllers: files and their scales, the
# device program, freezing and killing of whole trees, groups that the
# container makes, ownership, statistics.

load ../integration/helpers

setup() {
	v2_only
	setup_bundle
}

resources() {
	update_config '.linux.resources += $r' --argjson r "$1"
}

# c2 FILE: of the container's group.
c2() {
	cat "$CGROOT$CG/$1"
}

# Groups of the container's, and the file system writable inside.
cgroup_namespace() {
	set_ns cgroup
	add_mount /sys/fs/cgroup cgroup cgroup "$@"
}

disk() {
	cat /sys/block/vda/dev
}

# --- placement ----------------------------------------------------------

@test "the group has all controllers, and the process is born in it" {
	strace -f -qq -s 64 -e trace=clone3,openat,write -o "$W/trace" \
		"$TARE" --root "$ROOT" run -d --bundle "$BUNDLE" "$ID" \
		</dev/null >"$W/out" 2>&1 3>&- &
	CHILDREN+=($!)
	wait_until is_status running
	assert_eq "$(c2 cgroup.controllers)" \
		"$(cat "$CGROOT/cgroup.controllers")"
	assert_eq "$(cat "/proc/$(pid_of)/cgroup")" "0::$CG"
	t kill "$ID" KILL
	wait_until no_process "${CHILDREN[0]}"
	grep -q 'clone3(.*CLONE_INTO_CGROUP' "$W/trace"
	assert_eq "$(grep -c 'cgroup\.procs' "$W/trace")" 0
}

@test "only the leaf is removed" {
	update_config '.linux.cgroupsPath = $p' --arg p "$CG/leaf"
	run_bg
	assert_eq "$(cat "/proc/$(pid_of)/cgroup")" "0::$CG/leaf"
	t delete -f "$ID"
	assert_silent
	[ -d "$CGROOT$CG" ]
	[ ! -d "$CGROOT$CG/leaf" ]
	rmdir "$CGROOT$CG"
}

@test "a frozen group takes no container" {
	mkdir -p "$CGROOT$CG"
	echo 1 >"$CGROOT$CG/cgroup.freeze"
	inside true
	assert_fails frozen
	rmdir "$CGROOT$CG"
}

@test "a parent with processes of its own is named" {
	local sleeper
	mkdir -p "$CGROOT$CG"
	sleep 100 3>&- &
	sleeper=$!
	CHILDREN+=($sleeper)
	echo $sleeper >"$CGROOT$CG/cgroup.procs"
	update_config '.linux.cgroupsPath = $p' --arg p "$CG/leaf"
	resources '{"memory": {"limit": 67108864}}'
	inside true
	assert_fails memory
	[ ! -d "$CGROOT$CG/leaf" ]
	kill -9 $sleeper
	wait $sleeper || :
	rmdir "$CGROOT$CG"
}

@test "inside: the group is the root, and writable only if it is said" {
	cgroup_namespace ro nosuid noexec nodev
	inside_ok 'cat /proc/self/cgroup
		cat /sys/fs/cgroup/cgroup.procs | head -n 1
		mkdir /sys/fs/cgroup/x 2>/dev/null || echo sealed'
	assert_output $'0::/\n1\nsealed'
	cgroup_namespace nosuid noexec nodev
	inside_ok 'mkdir /sys/fs/cgroup/x && echo made'
	assert_line made
	assert_no_trace
}

# --- limits -------------------------------------------------------------

@test "memory: limit, reservation and swap" {
	resources '{"memory": {"limit": 67108864, "reservation": 33554432,
		"swap": 134217728}}'
	run_bg
	assert_eq "$(c2 memory.max)" 67108864
	assert_eq "$(c2 memory.low)" 33554432
	assert_eq "$(c2 memory.swap.max)" 67108864
	t update --memory 32m --memory-swap 48m --memory-reservation 16m "$ID"
	assert_silent
	assert_eq "$(c2 memory.max)" 33554432
	assert_eq "$(c2 memory.swap.max)" 16777216
	assert_eq "$(c2 memory.low)" 16777216
	t update --memory -1 --memory-swap -1 "$ID"
	assert_silent
	assert_eq "$(c2 memory.max)" max
	assert_eq "$(c2 memory.swap.max)" max
}

@test "memory: what v1 alone has is said to be ignored" {
	resources '{"memory": {"limit": 67108864, "swappiness": 10,
		"disableOOMKiller": true}}'
	inside true
	assert_status 0
	assert_err swappiness
	assert_err disableOOMKiller
}

@test "memory: checkBeforeUpdate keeps a limit below the usage away" {
	resources '{"memory": {"limit": 67108864, "checkBeforeUpdate": true}}'
	set_script 'x=$(head -c 20000000 /dev/zero | tr "\0" a); echo >/tmp/ok
		sleep 100; echo $x'
	run_bg
	wait_until test -e "$BUNDLE/rootfs/tmp/ok"
	run --separate-stderr tare update -r - "$ID" <<<'{"memory":
		{"limit": 4194304, "checkBeforeUpdate": true}}'
	assert_fails 'rejecting memory limit'
	assert_eq "$(c2 memory.max)" 67108864
	is_status running
}

@test "unified: as it is, after the rest; unknown files are named" {
	resources '{"memory": {"limit": 67108864}, "pids": {"limit": 10},
		"unified": {"memory.high": "50331648", "pids.max": "25",
			"memory.oom.group": "1", "cpu.weight": "77",
			"cgroup.max.descendants": "7"}}'
	run_bg
	assert_eq "$(c2 memory.high)" 50331648
	assert_eq "$(c2 memory.max)" 67108864
	assert_eq "$(c2 pids.max)" 25
	assert_eq "$(c2 memory.oom.group)" 1
	assert_eq "$(c2 cpu.weight)" 77
	assert_eq "$(c2 cgroup.max.descendants)" 7
	run --separate-stderr tare update -r - "$ID" <<<'{"unified":
		{"memory.high": "40000000", "pids.max": "30"}}'
	assert_status 0
	# The kernel counts in pages.
	assert_eq "$(c2 memory.high)" $((40000000 / 4096 * 4096))
	assert_eq "$(c2 pids.max)" 30
	tare delete -f "$ID"
	resources '{"unified": {"memory.nothing": "1"}}'
	inside true
	assert_fails 'unified["memory.nothing"]'
	assert_no_trace
}

@test "cpu: weight, burst, idle and cpuset" {
	resources '{"cpu": {"shares": 512, "quota": 50000, "period": 100000,
		"burst": 20000, "cpus": "1", "mems": "0"}}'
	run_bg
	assert_eq "$(c2 cpu.weight)" 59
	assert_eq "$(c2 cpu.max)" '50000 100000'
	assert_eq "$(c2 cpu.max.burst)" 20000
	assert_eq "$(c2 cpuset.cpus.effective)" 1
	exec_in 'cat /proc/self/status'
	assert_match 'Cpus_allowed_list:.1'$'\n'
	t update --cpuset-cpus 0-1 --cpu-period 50000 "$ID"
	assert_silent
	assert_eq "$(c2 cpuset.cpus)" 0-1
	assert_eq "$(c2 cpu.max)" '50000 50000'
	t update --cpu-quota -1 "$ID"
	assert_silent
	assert_eq "$(c2 cpu.max)" 'max 50000'
	t update --cpu-idle 1 "$ID"
	assert_silent
	assert_eq "$(c2 cpu.idle)" 1
}

@test "io: weights, and throttles of a disk" {
	local d
	d=$(disk)
	resources "{\"blockIO\": {\"weight\": 500,
		\"throttleReadBpsDevice\": [{\"major\": ${d%:*},
			\"minor\": ${d#*:}, \"rate\": 1048576}],
		\"throttleWriteBpsDevice\": [{\"major\": ${d%:*},
			\"minor\": ${d#*:}, \"rate\": 2097152}],
		\"throttleReadIOPSDevice\": [{\"major\": ${d%:*},
			\"minor\": ${d#*:}, \"rate\": 100}],
		\"throttleWriteIOPSDevice\": [{\"major\": ${d%:*},
			\"minor\": ${d#*:}, \"rate\": 200}]}}"
	run_bg
	assert_eq "$(c2 io.max)" \
		"$d rbps=1048576 wbps=2097152 riops=100 wiops=200"
	if [ -e "$CGROOT$CG/io.bfq.weight" ]; then
		assert_eq "$(c2 io.bfq.weight)" 'default 500'
	else
		assert_eq "$(c2 io.weight)" 'default 4950'
	fi
	t update --blkio-weight 100 "$ID"
	assert_silent
	run --separate-stderr tare update -r - "$ID" <<<"{\"blockIO\":
		{\"throttleReadBpsDevice\": [{\"major\": ${d%:*},
			\"minor\": ${d#*:}, \"rate\": 4194304}]}}"
	assert_status 0
	assert_eq "$(c2 io.max)" \
		"$d rbps=4194304 wbps=2097152 riops=100 wiops=200"
}

@test "hugetlb: limit and reservation" {
	local size=2MB
	resources '{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}'
	run_bg
	assert_eq "$(c2 hugetlb.2MB.max)" 4194304
	assert_eq "$(c2 hugetlb.2MB.rsvd.max)" 4194304
	tare delete -f "$ID"
	resources '{"hugepageLimits": [{"pageSize": "3MB", "limit": 4194304}]}'
	inside true
	assert_fails hugepageLimits
	assert_no_trace
}

@test "pids: the limit is felt; 0 and -1" {
	resources '{"pids": {"limit": 0}}'
	run_bg
	assert_eq "$(c2 pids.max)" 1
	tare delete -f "$ID"
	resources '{"pids": {"limit": -1}}'
	run_bg
	assert_eq "$(c2 pids.max)" max
	t update --pids-limit 20 "$ID"
	exec_in 'for i in $(seq 40); do sleep 1 & done; true'
	assert_err fork
	[ "$(awk '{ print $2 }' "$CGROOT$CG/pids.events")" -gt 0 ]
}

# --- devices ------------------------------------------------------------

@test "devices: a rule that takes away from what was allowed" {
	set_caps CAP_SYSLOG CAP_MKNOD CAP_SYS_RAWIO
	update_config '.linux.resources.devices = [
			{allow: true, access: "rwm"},
			{allow: false, type: "c", major: 1, minor: 11,
				access: "w"}]
		| .linux.devices = [{path: "/dev/kmsg", type: "c", major: 1,
			minor: 11}]'
	inside_ok 'head -c 0 /dev/kmsg && echo r
		(: >>/dev/kmsg) 2>/dev/null || echo w
		mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem >/dev/null &&
			echo mem'
	assert_output $'r\nw\nmem'
}

@test "devices: processes of exec and of groups below feel the rules" {
	set_caps CAP_MKNOD CAP_SYS_RAWIO
	cgroup_namespace
	run_bg
	exec_in 'mknod /tmp/mem c 1 1; head -c 1 /tmp/mem 2>&1
		mkdir /sys/fs/cgroup/x && echo $$ >/sys/fs/cgroup/x/cgroup.procs
		head -c 1 /tmp/mem 2>&1
		echo x >/dev/null && echo null'
	local no='head: /tmp/mem: Operation not permitted'
	assert_output "$no"$'\n'"$no"$'\nnull'
}

@test "devices: update leaves them, and the rules of a group in use again" {
	mkdir -p "$CGROOT$CG"
	inside_ok 'head -c 1 /dev/zero | wc -c'
	mkdir -p "$CGROOT$CG"
	update_config '.linux.resources.devices = [{allow: true,
		access: "rwm"}] | .linux.devices = [{path: "/dev/mem",
		type: "c", major: 1, minor: 1}]'
	set_caps CAP_SYS_RAWIO
	set_args sleep 100
	run_bg
	exec_in 'head -c 1 /dev/mem | wc -c'
	assert_output 1
	t update --pids-limit 30 "$ID"
	exec_in 'head -c 1 /dev/mem | wc -c'
	assert_output 1
}

# --- operations ---------------------------------------------------------

@test "pause: the whole tree; exec is refused, kill and delete work" {
	cgroup_namespace
	set_script 'mkdir /sys/fs/cgroup/x
		(echo 0 >/sys/fs/cgroup/x/cgroup.procs
		while :; do echo x >>/tmp/n; sleep 0.1; done) &
		wait'
	run_bg
	wait_until test -s "$BUNDLE/rootfs/tmp/n"
	t pause "$ID"
	assert_silent
	grep -qx 'frozen 1' "$CGROOT$CG/cgroup.events"
	grep -qx 'frozen 1' "$CGROOT$CG/x/cgroup.events"
	is_status paused
	t exec "$ID" true
	assert_fails paused
	t resume "$ID"
	assert_silent
	grep -qx 'frozen 0' "$CGROOT$CG/x/cgroup.events"
	t pause "$ID"
	t kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	assert_no_trace
}

@test "pause: a group that the container froze itself is not paused" {
	cgroup_namespace
	set_script 'mkdir /sys/fs/cgroup/x && echo 1 >/sys/fs/cgroup/x/cgroup.freeze
		sleep 100 & echo $! >/sys/fs/cgroup/x/cgroup.procs
		echo >/tmp/ok; wait'
	run_bg
	wait_until test -e "$BUNDLE/rootfs/tmp/ok"
	is_status running
	t delete -f "$ID"
	assert_silent
	assert_no_trace
}

@test "kill --all and delete: processes in groups below, no pid namespace" {
	del_namespace pid
	cgroup_namespace
	set_script 'mkdir -p /sys/fs/cgroup/a/b
		sleep 100 & echo $! >/sys/fs/cgroup/a/b/cgroup.procs
		setsid sleep 100 & echo >/tmp/ok; exec sleep 100'
	run_bg
	wait_until test -e "$BUNDLE/rootfs/tmp/ok"
	local inner
	inner=$(cat "$CGROOT$CG/a/b/cgroup.procs")
	t kill --all "$ID" KILL
	assert_status 0
	wait_until is_status stopped
	wait_until no_process "$inner"
	t delete "$ID"
	assert_silent
	assert_no_trace
}

@test "a fork bomb dies at once" {
	resources '{"pids": {"limit": 60}}'
	del_namespace pid
	set_script 'f() { f & f & }; f; echo >/tmp/ok; while :; do f; done'
	run_bg
	wait_until test -e "$BUNDLE/rootfs/tmp/ok"
	t delete -f "$ID"
	assert_status 0
	assert_no_trace
}

@test "exec: after the processes went below, and into a group by name" {
	cgroup_namespace
	set_script 'mkdir /sys/fs/cgroup/init /sys/fs/cgroup/other
		echo $$ >/sys/fs/cgroup/init/cgroup.procs
		echo "+memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
		echo >/tmp/ok; sleep 100'
	run_bg
	wait_until test -e "$BUNDLE/rootfs/tmp/ok"
	grep -q memory "$CGROOT$CG/cgroup.subtree_control"
	t exec "$ID" cat /proc/self/cgroup
	assert_status 0
	assert_output 0::/init
	t exec --cgroup /other "$ID" cat /proc/self/cgroup
	assert_status 0
	assert_output 0::/other
	t exec --cgroup ../../.. "$ID" true
	assert_status 255
	t exec --cgroup none "$ID" true
	assert_status 255
	t delete -f "$ID"
	assert_silent
	assert_no_trace
}

@test "removal: threads in groups of their own" {
	run_bg
	mkdir "$CGROOT$CG/t"
	echo threaded >"$CGROOT$CG/t/cgroup.type"
	pid_of >"$CGROOT$CG/t/cgroup.procs" ||
		pid_of >"$CGROOT$CG/t/cgroup.threads"
	is_status running
	t ps --format json "$ID"
	assert_output "[$(pid_of)]"
	t delete -f "$ID"
	assert_silent
	assert_no_trace
}

# --- ownership ----------------------------------------------------------

# maps: the container's ids are 100000 and up on the host.
maps() {
	set_ns user
	update_config '.linux.uidMappings = [{containerID: 0,
			hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$BUNDLE/rootfs"
	chmod o+x "$W" "$BUNDLE" "$BATS_RUN_TMPDIR" "$(dirname "$W")"
}

@test "ownership: a user namespace gets its group and what is needed" {
	local f
	maps
	cgroup_namespace
	run_bg
	assert_eq "$(stat -c %u "$CGROOT$CG")" 100000
	for f in cgroup.procs cgroup.threads cgroup.subtree_control; do
		assert_eq "$(stat -c %u "$CGROOT$CG/$f")" 100000
	done
	while read -r f; do
		[ ! -e "$CGROOT$CG/$f" ] ||
			assert_eq "$(stat -c %u "$CGROOT$CG/$f")" 100000
	done </sys/kernel/cgroup/delegate
	for f in memory.max pids.max cgroup.freeze cgroup.kill cpu.weight; do
		assert_eq "$(stat -c %u "$CGROOT$CG/$f")" 0
	done
	exec_in 'mkdir /sys/fs/cgroup/x &&
		echo $$ >/sys/fs/cgroup/x/cgroup.procs && cat /proc/self/cgroup
		echo 5 >/sys/fs/cgroup/pids.max 2>/dev/null || echo limited'
	assert_output $'0::/x\nlimited'
	t delete -f "$ID"
	assert_silent
	assert_no_trace
}

@test "ownership: stays where the group is not for the container to manage" {
	maps
	cgroup_namespace ro
	run_bg
	assert_eq "$(stat -c %u "$CGROOT$CG")" 0
	tare delete -f "$ID"
	update_config 'del(.mounts[] | select(.destination ==
		"/sys/fs/cgroup"))'
	run_bg
	assert_eq "$(stat -c %u "$CGROOT$CG")" 0
	tare delete -f "$ID"
	add_mount /sys/fs/cgroup cgroup cgroup
	del_namespace cgroup
	run_bg
	assert_eq "$(stat -c %u "$CGROOT$CG")" 0
}

@test "ownership: of an ordinary user without a user namespace" {
	cgroup_namespace
	update_config '.process.user = {uid: 1000, gid: 1000}'
	run_bg
	assert_eq "$(stat -c %u "$CGROOT$CG")" 1000
	assert_eq "$(stat -c %u "$CGROOT$CG/cgroup.procs")" 1000
	assert_eq "$(stat -c %u "$CGROOT$CG/memory.max")" 0
}

# --- statistics ---------------------------------------------------------

@test "events --stats: every controller" {
	local d
	d=$(disk)
	resources '{"memory": {"limit": 67108864, "swap": 134217728},
		"pids": {"limit": 30}, "cpu": {"quota": 20000,
		"period": 100000}}'
	set_script 'dd if=/dev/zero of=/x bs=64k count=16 conv=fsync 2>/dev/null
		i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); done
		echo >/tmp/ok; sleep 100'
	run_bg
	wait_until test -e "$BUNDLE/rootfs/tmp/ok"
	t events --stats "$ID"
	assert_status 0
	jq -e --argjson major "${d%:*}" '.data
		| .cpu.usage.total > 0 and .cpu.throttling.periods > 0
		and (.cpu.usage | .user + .kernel <= .total + 2000)
		and .memory.usage.limit == 67108864
		and .memory.usage.usage > 0
		and .memory.usage.max >= .memory.usage.usage
		and .memory.swap.limit == 134217728
		and .memory.raw.anon > 0
		and .pids.current >= 1 and .pids.limit == 30
		and (.blkio.ioServiceBytesRecursive | any(.op == "Write"
			and .major == $major and .value >= 1048576))
		and (.hugetlb | has("2MB"))' <<<"$output"
	! [ -e "$CGROOT$CG/cpu.pressure" ] || ! cat "$CGROOT$CG/cpu.pressure" ||
		jq -e '.data.cpu.psi.some.total >= 0
			and (.data.memory.psi | has("full"))
			and (.data.io // .data.blkio).psi' <<<"$output"
}

@test "events: a process killed for memory is told" {
	resources '{"memory": {"limit": 33554432, "swap": 33554432}}'
	set_script 'until [ -e /tmp/go ]; do sleep 0.1; done
		dd if=/dev/zero of=/dev/null bs=60M count=1
		echo >/tmp/done; sleep 100'
	run_bg
	tare events --interval 60s "$ID" </dev/null >"$W/ev" 2>"$W/ev.err" &
	CHILDREN+=($!)
	sleep 1
	echo >"$BUNDLE/rootfs/tmp/go"
	wait_until grep -q '"type":"oom"' "$W/ev"
	wait_until test -e "$BUNDLE/rootfs/tmp/done"
	is_status running
	t kill "$ID" KILL
	jq -es --arg id "$ID" 'map(select(.type == "oom")) | length >= 1
		and all(.id == $id)' "$W/ev"
}

@test "a limit too small for the start says so" {
	resources '{"memory": {"limit": 4096}}'
	inside true
	assert_fails 'memory limit too low'
	assert_no_trace
}
