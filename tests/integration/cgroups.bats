#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Limits, read back from the cgroup and felt inside; update and events. On v1
# and v2; what only v2 has is in tests/vm/cgroup2.bats.

load helpers

setup() {
	is_v2 || [ -e "$CGROOT/memory/memory.limit_in_bytes" ] ||
		skip 'lacks: a memory controller of v1'
	setup_bundle
}

# NAME, controller and file of v1, file of v2 and the word there.
LIMITS="memory memory memory.limit_in_bytes memory.max 1
reservation memory memory.soft_limit_in_bytes memory.low 1
quota cpu cpu.cfs_quota_us cpu.max 1
period cpu cpu.cfs_period_us cpu.max 2
burst cpu cpu.cfs_burst_us cpu.max.burst 1
idle cpu cpu.idle cpu.idle 1
cpus cpuset cpuset.cpus cpuset.cpus 1
mems cpuset cpuset.mems cpuset.mems 1
pids pids pids.max pids.max 1"

# limit NAME: its value; -1 or a huge number is none.
limit() {
	local name c f1 f2 word v
	read -r name c f1 f2 word < <(grep "^$1 " <<<"$LIMITS")
	if ! is_v2; then
		cg "$c" "$f1"
		return
	fi
	v=$(cg "$c" "$f2" | cut -d' ' -f"$word")
	case $v:$1 in
	max:quota) echo -1 ;;
	max:memory) echo 9223372036854771712 ;;
	*) echo "$v" ;;
	esac
}

# assert_shares N: as they are, or as the weight that v2 makes of them.
assert_shares() {
	local want
	if ! is_v2; then
		assert_eq "$(cg cpu cpu.shares)" "$1"
		return
	fi
	want=$(awk -v s="$1" 'BEGIN {
		l = log(s) / log(2)
		w = exp(log(10) * ((l * l + 125 * l) / 612 - 7 / 34))
		print int(w) + (w - int(w) > 0.0000001)
	}')
	assert_eq "$(cg cpu cpu.weight)" "$want"
}

resources() {
	update_config '.linux.resources += $r' --argjson r "$1"
}

@test "path: absolute, in every hierarchy; only the leaf is removed" {
	local c
	v1_only
	update_config '.linux.cgroupsPath = $p' --arg p "$CG-parent/leaf"
	run_bg
	for c in cpu cpuacct cpuset memory devices freezer blkio pids systemd; do
		grep -qx "$(pid_of)" "$CGROOT/$c$CG-parent/leaf/cgroup.procs"
	done
	grep -q ":pids:$CG-parent/leaf\$" "/proc/$(pid_of)/cgroup"
	t delete -f "$ID"
	assert_status 0
	for c in cpu memory devices freezer pids; do
		[ -d "$CGROOT/$c$CG-parent" ]
		[ ! -d "$CGROOT/$c$CG-parent/leaf" ]
	done
	for c in $(cg_dirs "$CG-parent"); do
		# Some are links to each other.
		[ ! -d "$c" ] || rmdir "$c"
	done
}

@test "path: absent is the id" {
	update_config 'del(.linux.cgroupsPath)'
	run_bg
	grep -q ":\(pids\)\?:/.*$ID\$" "/proc/$(pid_of)/cgroup"
	t delete -f "$ID"
	assert_status 0
	[ -z "$(ls -d "$CGROOT"{,/*}/"$ID" 2>/dev/null)" ]
}

@test "path: dots do not lead out" {
	update_config '.linux.cgroupsPath = $p' --arg p "/../../..$CG"
	inside 'cat /proc/self/cgroup'
	# runc cleans the path; to refuse it is as safe.
	if [ "$status" -eq 0 ]; then
		assert_match "(:pids|0:):$CG($|"$'\n'')'
	else
		assert_err cgroupsPath
		assert_no_trace
	fi
}

@test "children made inside are removed with the leaf" {
	run_bg
	mkdir -p "$(cg_dir pids)/a/b" "$(cg_dir memory)/c"
	t delete -f "$ID"
	assert_status 0
	assert_no_trace
}

@test "memory" {
	v1_only
	resources '{"memory": {"limit": 67108864, "reservation": 33554432,
		"swap": 134217728, "swappiness": 10, "disableOOMKiller": true}}'
	if [ ! -e "$CGROOT/memory/memory.memsw.limit_in_bytes" ]; then
		update_config 'del(.linux.resources.memory.swap)'
	fi
	run_bg
	assert_eq "$(limit memory)" 67108864
	assert_eq "$(limit reservation)" 33554432
	assert_eq "$(cg memory memory.swappiness)" 10
	grep -q 'oom_kill_disable 1' "$CGROOT/memory$CG/memory.oom_control"
	[ ! -e "$CGROOT/memory$CG/memory.memsw.limit_in_bytes" ] ||
		assert_eq "$(cg memory memory.memsw.limit_in_bytes)" 134217728
}

@test "memory: -1 is unlimited" {
	resources '{"memory": {"limit": -1, "swap": -1}}'
	if ! is_v2 && [ ! -e "$CGROOT/memory/memory.memsw.limit_in_bytes" ]; then
		update_config 'del(.linux.resources.memory.swap)'
	fi
	run_bg
	[ "$(limit memory)" -gt 1000000000000 ]
}

@test "memory: kernel limits, as far as the kernel has them" {
	resources '{"memory": {"limit": 67108864, "kernel": 33554432,
		"kernelTCP": 1048576}}'
	if is_v2; then
		inside_ok true
		assert_err 'memory.kernel: ignored'
		return
	fi
	run_bg
	assert_eq "$(limit memory)" 67108864
	assert_eq "$(cg memory memory.kmem.tcp.limit_in_bytes)" 1048576
}

@test "memory: the limit is felt" {
	resources '{"memory": {"limit": 8388608}}'
	inside 'x=$(head -c 50000000 /dev/zero | tr "\0" a); echo survived'
	[ "$status" -ne 0 ]
	refute_match survived
}

@test "memory: a limit too small says so" {
	resources '{"memory": {"limit": 4096}}'
	inside true
	assert_fails
	assert_no_trace
}

@test "cpu" {
	resources '{"cpu": {"shares": 200, "quota": 20000, "period": 50000,
		"cpus": "0", "mems": "0"}}'
	run_bg
	assert_shares 200
	assert_eq "$(limit quota)" 20000
	assert_eq "$(limit period)" 50000
	assert_eq "$(limit cpus)" 0
	assert_eq "$(limit mems)" 0
	exec_in 'cat /proc/self/status'
	assert_match 'Cpus_allowed_list:.0'$'\n'
}

@test "cpu: burst and idle" {
	newer_than_runc_1_1 'cpu burst'
	resources '{"cpu": {"quota": 20000, "period": 50000, "burst": 10000}}'
	run_bg
	assert_eq "$(limit burst)" 10000
	tare delete -f "$ID"
	update_config '.linux.resources.cpu = {idle: 1}'
	run_bg
	assert_eq "$(limit idle)" 1
}

@test "cpu: zeros are unset, a quota of -1 is none" {
	resources '{"cpu": {"shares": 0, "quota": -1, "period": 0},
		"blockIO": {"weight": 0}, "pids": {"limit": -1}}'
	run_bg
	assert_eq "$(limit quota)" -1
	assert_shares 1024
	assert_eq "$(limit pids)" max
}

@test "cpu: shares out of range" {
	v1_only
	resources '{"cpu": {"shares": 1}}'
	inside true
	assert_fails 'allowed cpu-shares is'
	assert_no_trace
	resources '{"cpu": {"shares": 999999999}}'
	inside true
	assert_fails 'allowed cpu-shares is'
	assert_no_trace
}

@test "cpu: of another kind than the machine has" {
	resources '{"cpu": {"cpus": "4000"}}'
	inside true
	assert_fails cpuset
	assert_no_trace
}

@test "pids: limit" {
	resources '{"pids": {"limit": 20}}'
	run_bg
	assert_eq "$(limit pids)" 20
	exec_in 'for i in $(seq 40); do sleep 1 & done; true'
	assert_err fork
}

@test "blkio: throttle" {
	v1_only
	local dev
	dev=$(cat /sys/block/*/dev | head -n 1)
	resources "{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": \
${dev%:*}, \"minor\": ${dev#*:}, \"rate\": 1048576}],
		\"throttleWriteIOPSDevice\": [{\"major\": ${dev%:*}, \"minor\": \
${dev#*:}, \"rate\": 100}]}}"
	run_bg
	assert_eq "$(cg blkio blkio.throttle.read_bps_device)" "$dev 1048576"
	assert_eq "$(cg blkio blkio.throttle.write_iops_device)" "$dev 100"
}

@test "unified is refused on v1" {
	v1_only
	resources '{"unified": {"memory.max": "100000000"}}'
	inside true
	assert_fails unified
	assert_no_trace
}

@test "devices: denied by default, allowed by rule, defaults stay" {
	update_config '.linux.devices = [
			{path: "/dev/loop7", type: "b", major: 7, minor: 7},
			{path: "/dev/kmsg", type: "c", major: 1, minor: 11},
			{path: "/dev/fuse", type: "c", major: 10, minor: 229}]
		| .linux.resources.devices += [
			{allow: true, type: "c", major: 1, minor: 11,
				access: "r"}]'
	# The kernel may want it of readers of its log.
	set_caps CAP_SYSLOG
	inside_ok 'head -c 0 /dev/loop7 2>&1 || echo loop
		head -c 0 /dev/kmsg && echo kmsg-r
		(: >>/dev/kmsg) 2>/dev/null || echo kmsg-w
		head -c 0 /dev/fuse 2>/dev/null || echo fuse
		echo x >/dev/null && head -c 1 /dev/zero >/dev/null && echo null'
	assert_line loop
	assert_line kmsg-r
	assert_line kmsg-w
	assert_line fuse
	assert_line null
	assert_match 'peration not permitted'
}

@test "devices: mknod is allowed, use is not" {
	set_caps CAP_MKNOD
	inside_ok 'mknod /tmp/mem c 1 1 && echo made
		head -c 1 /tmp/mem >/dev/null 2>&1 || echo denied'
	assert_output $'made\ndenied'
}

@test "devices: the list of a started container" {
	v1_only
	update_config '.linux.resources.devices += [{allow: true, type: "c",
		major: 10, minor: 229, access: "rwm"}]'
	run_bg
	cg devices devices.list >"$W/list"
	grep -qx 'c 10:229 rwm' "$W/list"
	grep -qx 'c 1:3 rwm' "$W/list"
	grep -qx 'c 1:9 rwm' "$W/list"
	grep -qx 'c 5:2 rwm' "$W/list"
	grep -qx 'c 136:\* rwm' "$W/list"
	grep -qx 'c \*:\* m' "$W/list"
	grep -qx 'b \*:\* m' "$W/list"
	assert_eq "$(grep -c '^a' "$W/list")" 0
}

@test "devices: allow all" {
	v1_only
	update_config '.linux.resources.devices = [{allow: true,
		access: "rwm"}]'
	run_bg
	assert_eq "$(cg devices devices.list)" 'a *:* rwm'
	t delete -f "$ID"
	update_config '.linux.resources.devices = [{allow: true,
			access: "rwm"},
		{allow: false, type: "c", major: 1, minor: 11, access: "w"}]
		| .linux.devices = [{path: "/dev/kmsg", type: "c", major: 1,
			minor: 11}]'
	inside 'head -c 0 /dev/kmsg && echo r; (echo >/dev/kmsg) || echo w'
	if [ "$status" -eq 0 ]; then
		assert_match w
	else
		# runc says that v1 cannot have such a deny rule.
		assert_err devices
	fi
}

@test "devices: bad rules are refused" {
	local r
	for r in '{"allow": true, "type": "z", "access": "r"}' \
		'{"allow": true, "type": "c", "major": 1, "minor": 1}' \
		'{"allow": true, "type": "c", "access": "q"}'; do
		cp "$BUNDLE/config.json" "$W/c"
		update_config '.linux.resources.devices += [$r]' --argjson r "$r"
		inside true
		# runc 1.1 takes an unknown access.
		[[ $r == *q* ]] && is_runc || assert_fails
		cp "$W/c" "$BUNDLE/config.json"
	done
}

# --- update -------------------------------------------------------------

@test "update: flags" {
	resources '{"memory": {"limit": 67108864},
		"cpu": {"shares": 100, "quota": 10000, "period": 50000}}'
	run_bg
	t update --memory 32M --memory-reservation 16m --cpu-share 300 \
		--cpu-period 100000 --cpu-quota 30000 --pids-limit 50 \
		--cpuset-cpus 0 "$ID"
	assert_silent
	assert_eq "$(limit memory)" 33554432
	assert_eq "$(limit reservation)" 16777216
	assert_shares 300
	assert_eq "$(limit period)" 100000
	assert_eq "$(limit quota)" 30000
	assert_eq "$(limit pids)" 50
	assert_eq "$(limit cpus)" 0
}

@test "update: one value leaves the others" {
	resources '{"memory": {"limit": 67108864}, "pids": {"limit": 30},
		"cpu": {"shares": 100, "quota": 10000, "period": 50000}}'
	run_bg
	t update --cpu-quota 20000 "$ID"
	assert_silent
	assert_eq "$(limit period)" 50000
	assert_eq "$(limit quota)" 20000
	assert_shares 100
	assert_eq "$(limit memory)" 67108864
	assert_eq "$(limit pids)" 30
}

@test "update: sizes" {
	local s
	run_bg
	for s in 64m:67108864 64M:67108864 65536k:67108864 67108864:67108864 \
		64mb:67108864 64MiB:67108864 0x4000000:0; do
		t update --memory "${s%:*}" "$ID"
		if [ "${s#*:}" = 0 ]; then
			assert_fails
		else
			assert_status 0
			assert_eq "$(limit memory)" ${s#*:}
		fi
		t update --memory -1 "$ID"
		assert_status 0
	done
	[ "$(limit memory)" -gt 1000000000000 ]
	t update --memory 12x "$ID"
	assert_fails 'invalid value for memory'
	t update --cpu-share many "$ID"
	assert_fails 'invalid value for cpu-share'
}

@test "update: --resources from stdin and from a file" {
	local r='{"devices": [{"allow": false, "access": "rwm"}],
		"memory": {"limit": 50331648, "reservation": 0, "kernel": 0},
		"cpu": {"shares": 512, "quota": 80000, "period": 100000},
		"blockIO": {"weight": 0}, "pids": {"limit": 77}}'
	run_bg
	run --separate-stderr tare update --resources - "$ID" <<<"$r"
	assert_status 0
	assert_eq "$(limit memory)" 50331648
	assert_shares 512
	assert_eq "$(limit quota)" 80000
	assert_eq "$(limit pids)" 77
	# The devices stay as they were.
	exec_in 'echo x >/dev/null && echo ok'
	assert_output ok
	sed 's/512/300/' <<<"$r" >"$W/r.json"
	t update --resources="$W/r.json" "$ID"
	assert_status 0
	assert_shares 300
	run --separate-stderr tare update -r - "$ID" <<<'{"pids": {"limit": 9}}'
	assert_status 0
	assert_eq "$(limit pids)" 9
	assert_shares 300
	run --separate-stderr tare update -r - "$ID" <<<'{broken'
	assert_fails
}

@test "update: of a created container" {
	create_bg
	t update --pids-limit 12 "$ID"
	assert_silent
	assert_eq "$(limit pids)" 12
}

@test "update: what fails leaves the old values" {
	newer_than_runc_1_1 'going back'
	resources '{"cpu": {"shares": 100, "quota": 10000, "period": 50000}}'
	run_bg
	t update --cpu-share 300 --cpu-quota 1 "$ID"
	assert_fails
	assert_shares 100
	assert_eq "$(limit quota)" 10000
}

@test "update: the state remembers" {
	run_bg
	t update --memory 32m "$ID"
	assert_status 0
	! is_runc || jq -e '.config.cgroups.memory == 33554432' \
		"$ROOT/$ID/state.json"
	# A later update of something else does not undo it.
	t update --cpu-share 222 "$ID"
	assert_eq "$(limit memory)" 33554432
}

# --- events -------------------------------------------------------------

@test "events --stats: one line of JSON with what was used" {
	resources '{"memory": {"limit": 67108864}, "pids": {"limit": 33}}'
	local raw=cache
	! is_v2 || raw=anon
	run_bg
	t events --stats "$ID"
	assert_status 0
	assert_eq "${#lines[@]}" 1
	jq -e --arg id "$ID" --arg raw $raw '.type == "stats" and .id == $id
		and .data.pids.current == 1 and .data.pids.limit == 33
		and .data.memory.usage.limit == 67108864
		and .data.memory.usage.usage > 0
		and (.data.memory.raw | has($raw))
		and .data.cpu.usage.total > 0
		and (.data.cpu.usage | has("kernel") and has("user"))
		and (.data.blkio | type == "object")
		and ($raw == "anon" or .data.cpuset.cpus != null)' <<<"$output"
}

@test "events: at intervals until the container ends" {
	run_bg
	tare events --interval 100ms "$ID" </dev/null >"$W/ev" 2>"$W/ev.err" &
	local ev=$!
	CHILDREN+=($ev)
	wait_until has_lines "$W/ev" 2
	t kill "$ID" KILL
	# runc 1.1 goes on.
	is_runc || wait_until no_process $ev
	jq -es 'length >= 2 and all(.type == "stats" or .type == "oom")' \
		"$W/ev"
}

@test "events: bad intervals and stopped containers" {
	run_bg
	t events --interval 0s "$ID"
	assert_fails 'duration interval must be greater than 0'
	t kill "$ID" KILL
	wait_until is_status stopped
	t events --stats "$ID"
	assert_fails "container with id $ID is not running"
}
