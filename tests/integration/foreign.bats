# SPDX-License-Identifier: Apache-2.0
# Containers that runc made and left under the root directory that is now this
# runtime's.

load helpers

setup() {
	command -v runc >/dev/null || skip 'needs runc'
	tare_only
	setup_bundle
}

teardown() {
	teardown_bundle
}

by_runc() {
	timeout 30 runc --root "$ROOT" "$@" </dev/null >"$W/runc.log" 2>&1 3>&- || {
		cat "$W/runc.log"
		return 1
	}
}

@test "looked at, entered, paused, limited, killed and deleted" {
	set_args sleep 100
	update_config '.annotations = {"a.b": "c=d"}'
	by_runc run -d --bundle "$BUNDLE" "$ID"
	is_status running
	t state "$ID"
	jq -e --arg b "$BUNDLE" '.bundle == $b and .rootfs == $b + "/rootfs" and
		.annotations["a.b"] == "c=d" and .pid > 1' <<<"$output"
	t list -q
	assert_line "$ID"
	t ps -f json "$ID"
	assert_eq "$(jq length <<<"$output")" 1
	t exec "$ID" sh -c 'hostname; cat /proc/1/comm'
	assert_match sleep
	t pause "$ID"
	is_status paused
	t resume "$ID"
	t update --pids-limit 77 "$ID"
	assert_silent
	assert_eq "$(cg pids pids.max)" 77
	t events --stats "$ID"
	jq -e '.data.pids.limit == 77' <<<"$output"
	t kill "$ID" KILL
	assert_silent
	wait_until is_status stopped
	t delete "$ID"
	assert_silent
	assert_no_trace
}

@test "started, and deleted by force with its hooks" {
	add_hook poststop "$(jq -nc --arg f "$W/stopped" '{
		path: "/bin/sh", args: ["sh", "-c", "cat >\($f)"]}')"
	set_script 'echo $$ >/tmp/started; exec sleep 100'
	by_runc create --bundle "$BUNDLE" "$ID"
	is_status created
	t start "$ID"
	assert_silent
	wait_until test -s "$BUNDLE/rootfs/tmp/started"
	is_status running
	t start "$ID"
	assert_fails 'already running'
	t delete "$ID"
	assert_fails 'not stopped'
	t delete --force "$ID"
	assert_silent
	assert_eq "$(jq -r .status "$W/stopped")" stopped
	assert_no_trace
}

@test "created only: delete takes it away" {
	set_args true
	by_runc create --bundle "$BUNDLE" "$ID"
	t delete "$ID"
	assert_silent
	assert_no_trace
}
