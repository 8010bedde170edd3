#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The systemd driver with the system's manager: what systemd and the kernel say
# of the scope, what later commands do with it, and that nothing stays behind.

load ../integration/helpers
load systemd-helpers

SLICE=taretest-sd.slice

setup_file() {
	# In an emulated machine a container takes a second.
	export BATS_TEST_TIMEOUT=600
}

setup() {
	[ -d /run/systemd/system ] || skip 'lacks: systemd'
	setup_bundle
	UNIT=p-$UNIQ.scope
	CG=/taretest.slice/$SLICE/$UNIT
	update_config '.linux.cgroupsPath = $p' --arg p "$SLICE:p:$UNIQ"
}

teardown() {
	teardown_bundle || return
	systemctl stop 'taretest.slice' 2>/dev/null || :
	[ -z "${UNIT-}" ] || no_unit "$UNIT"
}

resources() {
	update_config '.linux.resources += $r' --argjson r "$1"
}

annotate() {
	update_config '.annotations["org.systemd.property." + $k] = $v' \
		--arg k "$1" --arg v "$2"
}

# --- the unit -----------------------------------------------------------

@test "a container is a delegated scope in its slice" {
	run_sd
	local own
	own=$(sed -n 's/^\(0:\|.*name=systemd\)://p' \
		"/proc/$(pid_of)/cgroup" | sort -u | sed 's/^://')
	assert_eq "$own" "$CG"
	assert_prop Slice "$SLICE"
	assert_prop ControlGroup "$CG"
	assert_prop ActiveState active
	assert_prop Delegate yes
	assert_prop Transient yes
	assert_prop DefaultDependencies no
	assert_prop Description "libcontainer container $UNIQ"
	assert_prop CPUAccounting yes
	assert_prop MemoryAccounting yes
	assert_prop TasksAccounting yes
	assert_eq "$(cat "$(cg_dir pids)/cgroup.procs")" "$(pid_of)"
	delete_ok
}

@test "without a path it is runc-ID.scope of system.slice" {
	update_config 'del(.linux.cgroupsPath)'
	UNIT=runc-$ID.scope
	CG=/system.slice/$UNIT
	run_sd
	assert_prop ControlGroup "$CG"
	assert_prop Description "libcontainer container $ID"
	delete_ok
}

@test "--cgroup-manager systemd is the same driver" {
	bg --cgroup-manager systemd run -d --bundle "$BUNDLE" "$ID"
	assert_prop ActiveState active
	delete_ok
}

@test "the top slice, an empty slice, an empty prefix" {
	update_config '.linux.cgroupsPath = $p' --arg p "-.slice:p:$UNIQ"
	CG=/$UNIT
	run_sd
	assert_prop ControlGroup "/$UNIT"
	delete_ok
	update_config '.linux.cgroupsPath = $p' --arg p "::$UNIQ"
	UNIT=-$UNIQ.scope
	CG=/system.slice/$UNIT
	run_sd
	assert_eq "$(systemctl show -p ControlGroup --value -- "$UNIT")" "$CG"
	t delete -f "$ID"
	assert_silent
	[ ! -d "$(cg_dir pids)" ]
	UNIT=p-$UNIQ.scope
}

@test "paths and names that are none are refused" {
	local path
	for path in /a/b a.slice:b a:b:c:d; do
		update_config '.linux.cgroupsPath = $p' --arg p "$path"
		t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
		assert_fails 'expected cgroupsPath to be of format "slice:prefix:name"'
	done
	for path in nosuffix:p:x a--b.slice:p:x .slice:p:x -a.slice:p:x; do
		update_config '.linux.cgroupsPath = $p' --arg p "$path"
		t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
		assert_fails "invalid slice name: ${path%%:*}"
	done
	update_config '.linux.cgroupsPath = "a.slice:p:x/../y"'
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	assert_fails 'is not valid'
	[ ! -e "$ROOT/$ID" ]
}

@test "a slice cannot be a container" {
	UNIT=taretest-$UNIQ.slice
	update_config '.linux.cgroupsPath = $p' --arg p "taretest.slice:p:$UNIT"
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	assert_fails "unable to start unit \"$UNIT\""
	no_unit "$UNIT"
}

# --- limits -------------------------------------------------------------

@test "limits are properties of the scope and files of the group" {
	resources '{"cpu": {"shares": 512, "quota": 25500, "period": 50000},
		"pids": {"limit": 55}}'
	run_sd
	assert_prop CPUQuotaPerSecUSec 510ms
	assert_prop CPUQuotaPeriodUSec 50ms
	assert_prop TasksMax 55
	assert_eq "$(cg pids pids.max)" 55
	if is_v2; then
		assert_prop CPUWeight 59
		assert_eq "$(cg cpu cpu.max)" "25500 50000"
		assert_eq "$(cg cpu cpu.weight)" 59
	else
		assert_prop CPUShares 512
		assert_eq "$(cg cpu cpu.cfs_quota_us)" 25500
		assert_eq "$(cg cpu cpu.shares)" 512
	fi
	delete_ok
}

@test "memory, cpusets, weights and unified keys on v2" {
	v2_only
	resources '{"memory": {"limit": 67108864, "reservation": 33554432,
		"swap": 134217728}, "cpu": {"cpus": "0-1", "mems": "0"},
		"blockIO": {"weight": 300},
		"unified": {"memory.high": "60000000", "memory.min": "4096"}}'
	run_sd
	assert_prop MemoryMax 67108864
	assert_prop MemoryLow 33554432
	assert_prop MemorySwapMax 67108864
	assert_prop MemoryHigh 60000000
	assert_prop MemoryMin 4096
	assert_prop AllowedCPUs 0-1
	assert_prop AllowedMemoryNodes 0
	assert_prop IOWeight 2930
	assert_eq "$(cg memory memory.max)" 67108864
	assert_eq "$(cg memory memory.swap.max)" 67108864
	assert_eq "$(cg memory memory.high)" 59998208
	assert_eq "$(cg cpuset cpuset.cpus)" 0-1
	assert_eq "$(cg io io.weight)" "default 2930"
	delete_ok
}

@test "what systemd does not know is written to the files" {
	v2_only
	resources '{"cpu": {"burst": 1000, "quota": 20000},
		"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}],
		"unified": {"memory.oom.group": "1"}}'
	run_sd
	assert_eq "$(cg cpu cpu.max.burst)" 1000
	assert_eq "$(cg memory memory.oom.group)" 1
	assert_eq "$(cg hugetlb hugetlb.2MB.max)" 4194304
	delete_ok
}

@test "a reload of systemd changes no limit and no device rule" {
	resources '{"pids": {"limit": 55}, "devices": [
		{"allow": false, "access": "rwm"},
		{"allow": true, "type": "c", "major": 10, "minor": 229,
			"access": "rw"}]}'
	update_config '.linux.devices = [{path: "/dev/fuse", type: "c",
			major: 10, minor: 229, fileMode: 438},
		{path: "/dev/disk", type: "b", major: 254, minor: 0,
			fileMode: 438}]'
	run_sd
	assert_prop DevicePolicy strict
	[[ $(prop DeviceAllow) == *"/dev/char/10:229 rw"* ]]
	systemctl daemon-reload
	assert_prop TasksMax 55
	assert_eq "$(cg pids pids.max)" 55
	exec_in 'true </dev/null && true </dev/zero'
	assert_status 0
	exec_in 'true </dev/disk'
	assert_fails 'Operation not permitted'
	delete_ok
}

@test "all devices allowed, and all but some" {
	resources '{"devices": [{"allow": true, "access": "rwm"}]}'
	run_sd
	assert_prop DevicePolicy auto
	delete_ok
	resources '{"devices": [{"allow": true, "access": "rwm"},
		{"allow": false, "type": "b", "major": 254, "minor": 0,
			"access": "rw"}]}'
	update_config '.linux.devices = [{path: "/dev/disk", type: "b",
		major: 254, minor: 0, fileMode: 438}]'
	run_sd
	exec_in 'true </dev/null'
	assert_status 0
	exec_in 'true </dev/disk'
	assert_fails 'Operation not permitted'
	delete_ok
}

# --- annotations --------------------------------------------------------

@test "annotations set properties, seconds as microseconds" {
	annotate TimeoutStopSec 'uint64 12'
	annotate CollectMode "'inactive-or-failed'"
	annotate After '["a.service", "b.service"]'
	annotate KillSignal 'int32 15'
	annotate SendSIGHUP true
	run_sd
	assert_prop TimeoutStopUSec 12s
	assert_prop CollectMode inactive-or-failed
	[[ $(prop After) == *a.service*b.service* ||
		$(prop After) == *b.service*a.service* ]]
	assert_prop KillSignal 15
	assert_prop SendSIGHUP yes
	delete_ok
}

@test "annotations that reach beyond the container are refused" {
	local name
	for name in ExecStopPost Wants Slice PIDs Delegate DevicePolicy; do
		update_config '.annotations = {}'
		annotate "$name" '"x"'
		t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
		assert_fails "$name is not a property that a container's"
	done
	update_config '.annotations = {}'
	annotate TasksMax '"x"'
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	assert_fails 'value parse error'
	update_config '.annotations = {}'
	annotate T1 1
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	assert_fails 'name incorrect'
	[ ! -e "$ROOT/$ID" ]
}

# --- later commands -----------------------------------------------------

@test "update changes properties and files" {
	resources '{"cpu": {"quota": 20000, "period": 50000}}'
	run_sd
	t update --pids-limit 44 --cpu-quota 30000 "$ID"
	assert_silent
	assert_prop TasksMax 44
	assert_prop CPUQuotaPerSecUSec 600ms
	assert_prop CPUQuotaPeriodUSec 50ms
	assert_eq "$(cg pids pids.max)" 44
	if is_v2; then
		assert_eq "$(cg cpu cpu.max)" "30000 50000"
		t update --memory 80000000 --memory-swap 160000000 "$ID"
		assert_silent
		assert_prop MemoryMax 80000000
		assert_prop MemorySwapMax 80000000
	fi
	systemctl daemon-reload
	assert_eq "$(cg pids pids.max)" 44
	delete_ok
}

@test "an update that the kernel refuses changes nothing" {
	resources '{"pids": {"limit": 55}}'
	run_sd
	t update --pids-limit 44 --cpuset-cpus 4000 "$ID"
	assert_fails
	assert_prop TasksMax 55
	assert_prop AllowedCPUs ''
	assert_eq "$(cg pids pids.max)" 55
	delete_ok
}

@test "pause, resume, ps, events, exec and kill need no option" {
	run_sd
	t pause "$ID"
	assert_silent
	assert_eq "$(status_of)" paused
	t resume "$ID"
	assert_silent
	t exec "$ID" cat /proc/self/cgroup
	assert_match "$UNIT"
	t ps -f json "$ID"
	assert_match "$(pid_of)"
	t events --stats "$ID"
	assert_match '"pids"'
	t kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	no_unit "$UNIT"
}

@test "a container in the foreground leaves no unit" {
	set_args sh -c 'exit 7'
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	assert_status 7
	no_unit "$UNIT"
	assert_no_trace
}

@test "a start that fails leaves no unit" {
	set_args /no/such/file
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	assert_fails
	no_unit "$UNIT"
	assert_no_trace
}

@test "what a killed command left is deleted by force" {
	"$TARE" --root "$ROOT" --systemd-cgroup run --bundle "$BUNDLE" "$ID" \
		</dev/null >/dev/null 2>&1 3>&- &
	CHILDREN+=($!)
	wait_until is_status running
	kill -9 $!
	wait $! || :
	assert_prop ActiveState active
	delete_ok
}

@test "the group goes to the user that the container is for" {
	v2_only
	set_ns user
	set_ns cgroup
	add_mount /sys/fs/cgroup cgroup cgroup
	update_config '.linux.uidMappings = [{containerID: 0, hostID: 100000,
			size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	mkdir -p "$BUNDLE/rootfs/sys/fs/cgroup"
	chown -h 100000:100000 "$BUNDLE/rootfs" "$BUNDLE/rootfs/"[!b]*
	run_sd
	assert_eq "$(stat -c %u "$CGROOT$CG")" 100000
	assert_eq "$(stat -c %u "$CGROOT$CG/cgroup.procs")" 100000
	exec_in 'mkdir /sys/fs/cgroup/below && cat /proc/self/cgroup'
	assert_output 0::/
	[ -d "$CGROOT$CG/below" ]
	delete_ok
}

# A user that is not in its manager's part of the tree, as after a login.
@test "exec of a user from outside goes into the scope by systemd" {
	v2_only
	id tester >/dev/null 2>&1 || skip 'lacks: the user tester'
	local uid dir own
	uid=$(id -u tester)
	dir=$(mktemp -d /var/tmp/tester.XXXXXX)
	systemctl start "user@$uid.service"
	cp -a "$BUNDLE/rootfs" "$dir/rootfs"
	chown -Rh tester "$dir"
	user() {
		(cd "$dir" && setpriv --reuid="$uid" --regid="$uid" \
			--init-groups env -i PATH="$PATH" \
			XDG_RUNTIME_DIR="/run/user/$uid" timeout 60 "$@" \
			</dev/null 3>&-)
	}
	user "$TARE" spec --rootless
	jq '.process.terminal = false | .process.args = ["sleep", "100"]
		| .linux.namespaces |= map(select(.type != "cgroup"))
		| .linux.cgroupsPath = $p' --arg p "taretest.slice:p:$UNIQ" \
		<"$dir/config.json" >"$dir/new"
	mv "$dir/new" "$dir/config.json"
	chmod 644 "$dir/config.json"
	user "$TARE" --systemd-cgroup run -d "$ID" >"$W/out" 2>&1
	user "$TARE" exec "$ID" cat /proc/self/cgroup >"$W/out" 2>&1 ||
		cat "$W/out"
	user "$TARE" delete -f "$ID"
	grep "user@$uid.service/taretest.slice/$UNIT\$" "$W/out"
	rm -rf "$dir"
}

# --- units that are there already ---------------------------------------

@test "a failed unit of that name is replaced" {
	systemd-run -q --scope --unit "$UNIT" -p RuntimeMaxSec=1 sleep 60 || :
	wait_until is_failed
	run_sd
	assert_prop ActiveState active
	delete_ok
}

is_failed() {
	[ "$(prop ActiveState)" = failed ]
}

@test "a unit whose container died of its limit goes with delete" {
	v2_only
	resources '{"memory": {"limit": 8000000, "swap": 8000000}}'
	annotate OOMPolicy '"kill"'
	set_args sh -c 'x=$(cat /dev/zero | tr "\0" x)'
	run_sd
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	no_unit "$UNIT"
}

@test "a unit in use is left alone" {
	run_sd
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID-2"
	assert_fails "container's cgroup is not empty"
	[ ! -e "$ROOT/$ID-2" ]
	assert_eq "$(status_of)" running
	assert_prop ActiveState active
	delete_ok
}

@test "a unit of another slice is left alone" {
	systemd-run -q --scope --unit "$UNIT" sleep 60 3>&- &
	CHILDREN+=($!)
	wait_until is_unit_active
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	assert_fails "unable to start unit \"$UNIT\""
	[ ! -e "$ROOT/$ID" ]
	assert_prop ActiveState active
	systemctl stop "$UNIT"
	wait_until no_unit "$UNIT"
}

@test "delete: a unit of that name that is another's by now stays" {
	run_sd
	cp -a "$ROOT/$ID" "$W/record"
	delete_ok
	systemd-run -q --scope --unit "$UNIT" sleep 60 3>&- &
	CHILDREN+=($!)
	wait_until is_unit_active
	cp -a "$W/record" "$ROOT/$ID"
	t delete -f "$ID"
	assert_silent
	[ ! -e "$ROOT/$ID" ]
	assert_prop ActiveState active
	systemctl stop "$UNIT"
	wait_until no_unit "$UNIT"
}

@test "a container that runc made under the driver" {
	command -v runc >/dev/null || skip 'needs runc'
	timeout 60 runc --root "$ROOT" --systemd-cgroup run -d --bundle \
		"$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	assert_prop ActiveState active
	assert_eq "$(status_of)" running
	t exec "$ID" cat /proc/self/cgroup
	assert_status 0
	t kill "$ID" KILL
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	[ ! -e "$ROOT/$ID" ]
	wait_until no_unit "$UNIT"
}

is_unit_active() {
	[ "$(prop ActiveState)" = active ]
}

# --- when systemd cannot be had -----------------------------------------

# without SCRIPT: runs the container where SCRIPT has hidden something.
without() {
	status=0
	unshare -m bash -c "$1"'; shift; exec "$@"' -- x timeout 60 "$TARE" \
		--root "$ROOT" --systemd-cgroup run --bundle "$BUNDLE" "$ID" \
		</dev/null >"$W/t.out" 2>"$W/t.err" 3>&- || status=$?
	stderr=$(<"$W/t.err")
	output=$(<"$W/t.out")
	[ ! -e "$ROOT/$ID" ]
	no_unit "$UNIT"
}

@test "no bus: one clear error" {
	without 'mount -t tmpfs t /run/dbus'
	assert_fails 'connect to the bus at unix:path=/run/dbus/system_bus_socket: No such file'
	assert_eq "$(wc -l <"$W/t.err")" 1
}

@test "a bus that does not answer: one clear error, in time" {
	python3 - "$W/dead" <<'PYTHON' 3>&- &
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(5)
time.sleep(100)
PYTHON
	CHILDREN+=($!)
	wait_until test -S "$W/dead"
	without "mount --bind $W/dead /run/dbus/system_bus_socket"
	assert_fails 'does not answer'
	assert_eq "$(wc -l <"$W/t.err")" 1
}

@test "no libsystemd: one clear error" {
	# shellcheck disable=SC2016
	without 'for f in /usr/lib/*/libsystemd.so.0; do
		mount --bind /dev/null "$f"; done'
	assert_fails 'cannot run its helper'
	assert_err libsystemd
}

@test "no systemd: the text that engines know" {
	without 'mount -t tmpfs t /run'
	assert_fails 'systemd not running on this host, cannot use systemd cgroups manager'
}

# --- many ---------------------------------------------------------------

leaves_nothing() {
	no_unit "p-$UNIQ-*"
	[ -z "$(find "$CGROOT" -name "p-$UNIQ-*")" ]
	[ -z "$(ls "$ROOT")" ]
}

# one N: a bundle of its own, run to its end.
one() {
	local b=$W/b$1
	mkdir -p "$b"
	jq '.linux.cgroupsPath = $p | .root.path = $r | .process.args = ["true"]' \
		--arg p "$SLICE:p:$UNIQ-$1" --arg r "$BUNDLE/rootfs" \
		<"$BUNDLE/config.json" >"$b/config.json"
	timeout -k 5 300 "$TARE" --root "$ROOT" --systemd-cgroup run --bundle "$b" \
		"$ID-$1" </dev/null 3>&- || echo "failed: $1"
}

@test "200 in a row leave nothing" {
	local i n=200
	# The budget of all machines is 20 minutes.
	is_v2 || n=40
	# The same name at once again; no other program that takes time.
	set_args true
	for ((i = 1; i <= n; i++)); do
		"$TARE" --root "$ROOT" --systemd-cgroup run \
			--bundle "$BUNDLE" "$ID" </dev/null 3>&- ||
			echo "failed: $i"
	done >"$W/many" 2>&1
	assert_eq "$(cat "$W/many")" ''
	no_unit "$UNIT"
	assert_no_trace
	[ -z "$(ls "$ROOT")" ]
}

@test "50 at once leave nothing" {
	local i
	for i in {1..50}; do
		one "$i" &
		CHILDREN+=($!)
	done >"$W/many" 2>&1
	# By name: bats has children of its own in this shell.
	wait "${CHILDREN[@]}"
	assert_eq "$(cat "$W/many")" ''
	leaves_nothing
}
