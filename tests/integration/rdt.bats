# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt. What is written to a resctrl file system is for a unit test;
# the machine with one is rare.

load helpers

has_resctrl() {
	grep -q ' - resctrl ' /proc/self/mountinfo
}

set_rdt() {
	update_config '.linux.intelRdt = $r' --argjson r "$1"
}

@test "refused where resctrl is not mounted, before anything is made" {
	! has_resctrl || skip "lacks: a machine without resctrl"
	set_rdt '{"closID": "gold"}'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err 'intelRdt is specified in config, but Intel RDT is not enabled'
	assert_no_trace
}

@test "a mount that is called resctrl is none" {
	tare_only
	! has_resctrl || skip "lacks: a machine without resctrl"
	mkdir "$W/resctrl"
	mount -t tmpfs resctrl "$W/resctrl"
	set_rdt '{}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'Intel RDT is not enabled'
}

@test "a group of the container's own, for exec too, gone at delete" {
	has_resctrl || skip "lacks: resctrl"
	local r
	r=$(awk '/ - resctrl / { print $5; exit }' /proc/self/mountinfo)
	set_rdt '{}'
	set_args sleep 100
	run_bg
	grep -qx "$(pid_of)" "$r/$ID/tasks"
	bg exec -d --pid-file "$W/pid" "$ID" sleep 100
	grep -qx "$(cat "$W/pid")" "$r/$ID/tasks"
	t delete -f "$ID"
	assert_status 0
	[ ! -e "$r/$ID" ]
}

@test "update: refused where resctrl is not mounted, and nothing is changed" {
	! has_resctrl || skip "lacks: a machine without resctrl"
	run_bg
	local pids before
	pids=$(cg pids pids.max)
	before=$(jq -S . "$ROOT/$ID/state.json")
	t update --l3-cache-schema 'L3:0=f' --pids-limit 77 "$ID"
	assert_fails 'Intel RDT/CAT: l3 cache schema is not enabled'
	t update --mem-bw-schema 'MB:0=20' --pids-limit 77 "$ID"
	assert_fails 'Intel RDT/MBA: memory bandwidth schema is not enabled'
	# with a file of limits too
	echo '{"pids": {"limit": 77}}' >"$W/res.json"
	t update -r "$W/res.json" --mem-bw-schema 'MB:0=20' "$ID"
	assert_fails 'Intel RDT/MBA: memory bandwidth schema is not enabled'
	assert_eq "$(cg pids pids.max)" "$pids"
	assert_eq "$(jq -S . "$ROOT/$ID/state.json")" "$before"
	# empty is not given
	t update --l3-cache-schema '' --mem-bw-schema '' --pids-limit 77 "$ID"
	assert_silent
	assert_eq "$(cg pids pids.max)" 77
}

@test "update and events: the schemata of a container, with and without intelRdt" {
	has_resctrl || skip "lacks: resctrl"
	local r line
	r=$(awk '/ - resctrl / { print $5; exit }' /proc/self/mountinfo)
	[ -d "$r/info/MB" ] || skip "lacks: memory bandwidth of resctrl"
	run_bg
	[ ! -e "$r/$ID" ]
	line=$(sed -n 's/^ *\(MB:.*\)/\1/p' "$r/schemata")
	t update --mem-bw-schema "$line" "$ID"
	assert_silent
	grep -qx "$(pid_of)" "$r/$ID/tasks"
	t events --stats "$ID"
	jq -e --arg l "$line" '.data.intel_rdt.mem_bw_schema == $l' \
		<<<"$output"
	t update --mem-bw-schema "MB:999=1" "$ID"
	assert_fails 'write the schemata'
	t delete -f "$ID"
	assert_status 0
	[ ! -e "$r/$ID" ]
}

@test "events: intel_rdt is empty without a group" {
	run_bg
	t events --stats "$ID"
	assert_status 0
	jq -e '.data.intel_rdt == {}' <<<"$output"
}

@test "bad names and schemata" {
	tare_only
	set_rdt '{"closID": "../x"}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'invalid intelRdt.ClosID'
	set_rdt '{"l3CacheSchema": "L3:0=f\nL2:0=1"}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails linux.intelRdt.l3CacheSchema
}

@test "features names it" {
	newer_than_runc_1_1 intelRdt
	run --separate-stderr "$TARE" features
	jq -e '.linux.intelRdt.enabled' <<<"$output"
}
