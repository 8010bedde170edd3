# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt where there is no resctrl, as on most machines. That it is
# carried out where there is shows tests/vm/resctrl.bats.

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

@test "events: intel_rdt is empty without a group" {
	run_bg
	t events --stats "$ID"
	assert_status 0
	jq -e '.data.intel_rdt == {}' <<<"$output"
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

@test "bad names and schemata" {
	tare_only
	set_rdt '{"closID": "../x"}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'invalid intelRdt.ClosID'
	set_rdt '{"memBwSchema": "MB:0=20\nL2:0=1"}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails linux.intelRdt.memBwSchema
}

@test "features names it" {
	newer_than_runc_1_1 intelRdt
	run --separate-stderr "$TARE" features
	jq -e '.linux.intelRdt.enabled' <<<"$output"
}
