#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The systemd driver of an ordinary user, with the manager of that user: the
# tests run as this user, in a scope of the manager.

load ../integration/helpers
load systemd-helpers

MANAGER_IS=--user

SLICE=taretest-sd.slice

setup() {
	[ "$(id -u)" -ne 0 ] || skip 'the tests of a user'
	[ -S "${XDG_RUNTIME_DIR-}/bus" ] || skip 'lacks: a manager of the user'
	setup_bundle
	MANAGER=$(systemctl --user show -p ControlGroup --value)
	UNIT=p-$UNIQ.scope
	CG=$MANAGER/taretest.slice/$SLICE/$UNIT
	rm "$BUNDLE/config.json"
	tare spec --rootless --bundle "$BUNDLE"
	update_config '.process.terminal = false | .root.readonly = false
		| .process.args = ["sleep", "100"]
		| .linux.cgroupsPath = $p' --arg p "$SLICE:p:$UNIQ"
}

teardown() {
	teardown_bundle || return
	systemctl --user stop taretest.slice 2>/dev/null || :
	[ -z "${UNIT-}" ] || no_unit "$UNIT"
}

@test "a container is a scope of the user's manager" {
	update_config '.linux.resources = {"pids": {"limit": 55},
		"memory": {"limit": 67108864},
		"cpu": {"quota": 20000, "period": 50000}}'
	run_sd
	assert_eq "$(cat "/proc/$(pid_of)/cgroup")" "0::$CG"
	assert_prop Slice "$SLICE"
	assert_prop ControlGroup "$CG"
	assert_prop Delegate yes
	assert_prop TasksMax 55
	assert_prop MemoryMax 67108864
	assert_eq "$(cg pids pids.max)" 55
	assert_eq "$(cg memory memory.max)" 67108864
	assert_eq "$(cg cpu cpu.max)" "20000 50000"
	delete_ok
}

@test "without a path it is in user.slice" {
	update_config 'del(.linux.cgroupsPath)'
	UNIT=runc-$ID.scope
	CG=$MANAGER/user.slice/$UNIT
	run_sd
	assert_prop ControlGroup "$CG"
	delete_ok
}

@test "later commands find it" {
	run_sd
	t update --pids-limit 44 "$ID"
	assert_silent
	assert_prop TasksMax 44
	assert_eq "$(cg pids pids.max)" 44
	t pause "$ID"
	assert_silent
	assert_eq "$(status_of)" paused
	t resume "$ID"
	assert_silent
	t exec "$ID" cat /proc/self/cgroup
	assert_output 0::/
	t kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	no_unit "$UNIT"
}

@test "the bus is found without a word about it" {
	local bus
	for bus in XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS; do
		(
			unset "$bus"
			run_sd
		)
		assert_prop ActiveState active
		delete_ok
	done
}

@test "root of a user namespace has the manager of its owner" {
	local how=(unshare -rm --)
	set_args true
	update_config '.linux.uidMappings[0].hostID = 0
		| .linux.gidMappings[0].hostID = 0'
	status=0
	env -u USER -u DBUS_SESSION_BUS_ADDRESS -u XDG_RUNTIME_DIR \
		"${how[@]}" timeout 60 "$TARE" --root "$ROOT" \
		--systemd-cgroup run --bundle "$BUNDLE" "$ID" \
		</dev/null >"$W/t.out" 2>"$W/t.err" || status=$?
	output=$(<"$W/t.out") stderr=$(<"$W/t.err")
	assert_silent
	no_unit "$UNIT"
	assert_no_trace
}

@test "no bus of the user: one clear error" {
	export DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent
	t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	assert_fails 'systemd of the user: connect to the bus at unix:path=/nonexistent: No such file'
	[ ! -e "$ROOT/$ID" ]
}

@test "20 in a row leave nothing" {
	local i
	set_args true
	for i in {1..20}; do
		t --systemd-cgroup run --bundle "$BUNDLE" "$ID"
		assert_silent
	done
	no_unit "$UNIT"
	assert_no_trace
}
