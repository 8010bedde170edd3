#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# linux.intelRdt where resctrl is mounted: the stand-in of resctrl/, with two
# caches of 11 ways.

load ../integration/helpers

setup_file() {
	mountpoint -q /sys/fs/resctrl && return
	modprobe resctrl
	mount -t resctrl resctrl /sys/fs/resctrl
}

setup() {
	setup_bundle
	R=/sys/fs/resctrl
	# What begins so is removed.
	GOLD=$UNIQ-gold
}

teardown() {
	local bad=0
	teardown_bundle || bad=1
	rmdir "$R/$UNIQ"* 2>/dev/null || :
	return $bad
}

set_rdt() {
	update_config '.linux.intelRdt = $r' --argjson r "$1"
}

# of GROUP RESOURCE [DOMAIN]: its value, without zeros and blanks in front.
of() {
	awk -F '[:;]' -v r="$2" -v d="${3:-0}" '
	{ gsub(/ /, "") }
	$1 == r {
		for (i = 2; i <= NF; i++)
			if (split($i, v, "=") == 2 && v[1] == d) {
				sub(/^0+/, "", v[2])
				print v[2]
			}
	}' "$R/$1/schemata"
}

# in_group PID GROUP
in_group() {
	grep -qx "$1" "$R/$2/tasks" || {
		echo "$1 is not in $R/$2/tasks"
		return 1
	}
}

not_in_group() {
	! grep -qx "$1" "$R/$2/tasks" || {
		echo "$1 is in $R/$2/tasks"
		return 1
	}
}

# assert_no_group NAME...: below the root.
assert_no_group() {
	local g
	for g; do
		[ ! -e "$R/$g" ] || {
			echo "group left: $R/$g"
			return 1
		}
	done
}

# fails_without_trace TEXT: neither container nor group is left of a run.
fails_without_trace() {
	t run --bundle "$BUNDLE" "$ID"
	assert_fails "$1"
	assert_no_trace
	assert_no_group "$ID"
}

# A detached exec; its pid.
exec_pid() {
	bg exec -d --pid-file "$W/pid" "${1:-$ID}" sleep 100 || return
	cat "$W/pid"
}

# other N: a cgroup of its own for the container $ID-N.
other() {
	update_config '.linux.cgroupsPath = $c' --arg c "$CG-$1"
}

delete_it() {
	t delete -f "${1:-$ID}"
	assert_silent
}

@test "a group of the container's own, for exec too, gone at delete" {
	local p
	set_rdt '{}'
	set_script 'sleep 100 & wait'
	run_bg
	wait_until has_procs 2
	while read -r p; do
		in_group "$p" "$ID"
	done < <(cg pids cgroup.procs)
	p=$(exec_pid)
	in_group "$p" "$ID"
	in_group "$$" .
	# nothing was asked for, nothing is written
	mkdir "$R/$GOLD"
	diff "$R/$GOLD/schemata" "$R/$ID/schemata"
	rmdir "$R/$GOLD"
	delete_it
	assert_no_group "$ID"
	# by itself too
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_silent
	assert_no_group "$ID"
}

@test "without intelRdt resctrl is left alone" {
	local before
	before=$(cd "$R" && find . | sort)
	run_bg
	assert_eq "$(cd "$R" && find . | sort)" "$before"
	in_group "$(pid_of)" .
	t events --stats "$ID"
	jq -e '.data.intel_rdt == {}' <<<"$output"
}

@test "l3CacheSchema and memBwSchema" {
	set_rdt '{"l3CacheSchema": "L3:0=3"}'
	run_bg
	assert_eq "$(of "$ID" L3)" 3
	assert_eq "$(of "$ID" L3 1)" "$(of . L3 1)"
	assert_eq "$(of "$ID" MB)" 100
	delete_it
	set_rdt '{"memBwSchema": "MB:0=50"}'
	run_bg
	assert_eq "$(of "$ID" L3)" "$(of . L3)"
	assert_eq "$(of "$ID" MB)" 50
	delete_it
	# lines of MB are memBwSchema's alone
	set_rdt '{"l3CacheSchema": "MB:0=20\nL3:0=6\n", "memBwSchema": "MB:0=70"}'
	run_bg
	in_group "$(pid_of)" "$ID"
	assert_eq "$(of "$ID" L3) $(of "$ID" MB)" "6 70"
}

@test "schemata: written last" {
	set_rdt '{"l3CacheSchema": "L3:0=3", "memBwSchema": "MB:0=50",
		"schemata": ["MB:0=20", "L3:0=c"]}'
	run_bg
	in_group "$(pid_of)" "$ID"
	assert_eq "$(of "$ID" L3) $(of "$ID" MB)" "c 20"
	delete_it
	set_rdt '{"schemata": ["L3:0=c"]}'
	run_bg
	assert_eq "$(of "$ID" L3) $(of "$ID" MB)" "c 100"
}

@test "closID: made with a schema, shared with who asks for the same" {
	set_rdt '{"closID": "'"$GOLD"'", "l3CacheSchema": "L3:0=3"}'
	run_bg
	in_group "$(pid_of)" "$GOLD"
	assert_no_group "$ID"
	assert_eq "$(of "$GOLD" L3)" 3
	set_rdt '{"closID": "'"$GOLD"'", "l3CacheSchema": "L3: 0 = 003;"}'
	other 2
	run_bg "$ID-2"
	in_group "$(pid_of "$ID-2")" "$GOLD"
	# without a schema, whatever it has
	set_rdt '{"closID": "'"$GOLD"'"}'
	other 3
	run_bg "$ID-3"
	in_group "$(pid_of "$ID-3")" "$GOLD"
	set_rdt '{"closID": "'"$GOLD"'", "l3CacheSchema": "L3:0=7"}'
	other 4
	t run --bundle "$BUNDLE" "$ID-4"
	assert_fails 'has another schema'
	[ ! -e "$ROOT/$ID-4" ] && [ ! -e "$(cg_dir pids "$CG-4")" ]
	assert_eq "$(of "$GOLD" L3)" 3
	# others are in it
	delete_it
	assert_eq "$(of "$GOLD" L3)" 3
	in_group "$(pid_of "$ID-2")" "$GOLD"
	delete_it "$ID-2"
	delete_it "$ID-3"
}

@test "closID: a group that the container made goes with it" {
	set_rdt '{"closID": "'"$GOLD"'", "memBwSchema": "MB:0=30"}'
	run_bg
	assert_eq "$(of "$GOLD" MB)" 30
	delete_it
	assert_no_group "$GOLD" "$ID"
}

@test "closID: a group that is there stays as it is" {
	local before
	mkdir "$R/$GOLD"
	printf 'L3:0=c\nMB:0=40\n' >"$R/$GOLD/schemata"
	before=$(<"$R/$GOLD/schemata")
	set_rdt '{"closID": "'"$GOLD"'"}'
	run_bg
	in_group "$(pid_of)" "$GOLD"
	in_group "$(exec_pid)" "$GOLD"
	delete_it
	set_rdt '{"closID": "'"$GOLD"'", "l3CacheSchema": "L3:0=c",
		"memBwSchema": "MB:0=40"}'
	run_bg
	in_group "$(pid_of)" "$GOLD"
	delete_it
	assert_eq "$(<"$R/$GOLD/schemata")" "$before"
	set_rdt '{"closID": "'"$GOLD"'", "memBwSchema": "MB:0=50"}'
	fails_without_trace 'has another schema'
	set_rdt '{"closID": "'"$GOLD"'", "schemata": ["L3:0=5"]}'
	fails_without_trace 'non-consecutive'
	assert_eq "$(<"$R/$GOLD/schemata")" "$before"
	# but for schemata, which are written
	set_rdt '{"closID": "'"$GOLD"'", "schemata": ["MB:0=60"]}'
	run_bg
	assert_eq "$(of "$GOLD" L3) $(of "$GOLD" MB)" "c 60"
}

@test "closID: without a schema the group has to be there" {
	set_rdt '{"closID": "'"$GOLD"'"}'
	fails_without_trace "$GOLD"
	assert_no_group "$GOLD"
	# a directory, but no group
	set_rdt '{"closID": "info", "enableMonitoring": true}'
	fails_without_trace 'invalid intelRdt.ClosID'
}

@test "closID: / is the group of the root" {
	local before
	mkdir "$R/$GOLD"
	before=$(<"$R/schemata")
	set_rdt '{"closID": "/", "enableMonitoring": true}'
	# not where the runtime is
	echo $BASHPID >"$R/$GOLD/tasks"
	run_bg
	in_group "$(pid_of)" .
	in_group "$(pid_of)" "mon_groups/$ID"
	in_group "$(exec_pid)" "mon_groups/$ID"
	not_in_group "$(pid_of)" "$GOLD"
	in_group $BASHPID "$GOLD"
	delete_it
	assert_no_group "mon_groups/$ID"
	assert_eq "$(<"$R/schemata")" "$before"
}

@test "enableMonitoring: a monitoring group, for exec too, gone at delete" {
	local m=$GOLD/mon_groups p
	set_rdt '{"enableMonitoring": true}'
	run_bg
	in_group "$(pid_of)" "$ID/mon_groups/$ID"
	delete_it
	assert_no_group "$ID"
	mkdir "$R/$GOLD"
	set_rdt '{"closID": "'"$GOLD"'", "enableMonitoring": true}'
	set_script 'sleep 100 & wait'
	run_bg
	wait_until has_procs 2
	while read -r p; do
		in_group "$p" "$GOLD"
		in_group "$p" "$m/$ID"
	done < <(cg pids cgroup.procs)
	other 2
	run_bg "$ID-2"
	p=$(exec_pid "$ID-2")
	in_group "$p" "$GOLD"
	in_group "$p" "$m/$ID-2"
	not_in_group "$p" "$m/$ID"
	delete_it
	assert_no_group "$m/$ID"
	in_group "$p" "$m/$ID-2"
	delete_it "$ID-2"
	assert_eq "$(ls "$R/$m")" ""
}

@test "events: what the machine has, and the schemata" {
	local i=$R/info
	set_rdt '{"l3CacheSchema": "L3:0=3", "memBwSchema": "MB:0=50"}'
	run_bg
	t events --stats "$ID"
	assert_status 0
	jq -e '.data.intel_rdt' <<<"$output" >"$W/rdt"
	assert_eq "$(jq -r .l3_cache_info.cbm_mask "$W/rdt")" \
		"$(<"$i/L3/cbm_mask")"
	assert_eq "$(jq .l3_cache_info.num_closids "$W/rdt")" \
		"$(<"$i/L3/num_closids")"
	assert_eq "$(jq .mem_bw_info.min_bandwidth "$W/rdt")" \
		"$(<"$i/MB/min_bandwidth")"
	jq -r '.l3_cache_schema, .mem_bw_schema' "$W/rdt" >"$W/schemata"
	jq -r '.l3_cache_schema_root, .mem_bw_schema_root' "$W/rdt" >"$W/root"
	diff <(sed -n 's/^ *//; /^L3:/p; /^MB:/p' "$R/$ID/schemata" | sort) \
		"$W/schemata"
	diff <(sed -n 's/^ *//; /^L3:/p; /^MB:/p' "$R/schemata" | sort) \
		"$W/root"
}

@test "events: the counters of the monitoring group, or of the group" {
	local d m n
	mkdir "$R/$GOLD"
	set_rdt '{"closID": "'"$GOLD"'", "enableMonitoring": true}'
	run_bg
	other 2
	run_bg "$ID-2"
	t events --stats "$ID"
	assert_status 0
	m=$R/$GOLD/mon_groups/$ID/mon_data
	for d in 0 1; do
		n=$(jq ".data.intel_rdt | .cmt_stats[$d].llc_occupancy,
			.mbm_stats[$d].mbm_local_bytes,
			.mbm_stats[$d].mbm_total_bytes" <<<"$output")
		assert_eq "$n" "$(cat "$m/mon_L3_0$d"/*)"
		[ "$n" != "$(cat "$R/$GOLD/mon_data/mon_L3_0$d"/*)" ]
	done
	# without a monitoring group, those of the group
	set_rdt '{"closID": "'"$GOLD"'"}'
	other 3
	run_bg "$ID-3"
	t events --stats "$ID-3"
	assert_eq "$(jq '.data.intel_rdt.mbm_stats[1].mbm_total_bytes' \
		<<<"$output")" "$(<"$R/$GOLD/mon_data/mon_L3_01/mbm_total_bytes")"
}

@test "update: the schemata of the container's group" {
	local before pids
	set_rdt '{"l3CacheSchema": "L3:0=3"}'
	run_bg
	t update --l3-cache-schema 'L3:0=7' "$ID"
	assert_silent
	assert_eq "$(of "$ID" L3) $(of "$ID" MB)" "7 100"
	t update --mem-bw-schema 'MB:0=20' --pids-limit 77 "$ID"
	assert_silent
	assert_eq "$(of "$ID" L3) $(of "$ID" MB)" "7 20"
	assert_eq "$(cg pids pids.max)" 77
	# what is refused changes nothing, whichever part it is
	before=$(<"$R/$ID/schemata")
	t update --l3-cache-schema 'L3:0=5' --mem-bw-schema 'MB:0=90' \
		--pids-limit 78 "$ID"
	assert_fails 'non-consecutive'
	t update --l3-cache-schema 'L3:0=3' --cpu-period 1 "$ID"
	assert_fails
	assert_eq "$(<"$R/$ID/schemata")" "$before"
	assert_eq "$(cg pids pids.max)" 77
	in_group "$(pid_of)" "$ID"
	delete_it
	assert_no_group "$ID"
}

@test "update and events: the schemata of a container without intelRdt" {
	local p
	set_script 'sleep 100 & wait'
	run_bg
	wait_until has_procs 2
	assert_no_group "$ID"
	t update --mem-bw-schema "MB:999=1" "$ID"
	assert_fails 'write the schemata'
	assert_no_group "$ID"
	in_group "$(pid_of)" .
	t update --mem-bw-schema "MB:0=30" "$ID"
	assert_silent
	assert_eq "$(of "$ID" MB)" 30
	while read -r p; do
		in_group "$p" "$ID"
	done < <(cg pids cgroup.procs)
	in_group "$(exec_pid)" "$ID"
	t events --stats "$ID"
	jq -e '.data.intel_rdt.mem_bw_schema | test("^MB:0= *30")' <<<"$output"
	delete_it
	assert_no_group "$ID"
}

@test "a schema that the kernel refuses: it says why, and nothing is left" {
	set_rdt '{"l3CacheSchema": "L3:0=5"}'
	fails_without_trace 'non-consecutive'
	set_rdt '{"l3CacheSchema": "L3:0=0"}'
	fails_without_trace 'Mask out of range'
	set_rdt '{"l3CacheSchema": "L3:999=3"}'
	fails_without_trace 'write the schemata'
	set_rdt '{"memBwSchema": "MB:0=0"}'
	fails_without_trace 'out of range'
	set_rdt '{"schemata": ["L3:0=3", "X9:0=1"]}'
	fails_without_trace 'unsupported resource name'
	set_rdt '{"closID": "'"$GOLD"'", "memBwSchema": "MB:0=x",
		"enableMonitoring": true}'
	fails_without_trace 'write the schemata'
	assert_no_group "$GOLD"
}

@test "no group left: it says why, and nothing is left behind" {
	local n=0
	# closids
	while mkdir "$R/$GOLD-$n" 2>/dev/null; do n=$((n + 1)); done
	set_rdt '{}'
	fails_without_trace 'Out of CLOSIDs'
	rmdir "$R/$GOLD"-*
	# rmids: one is left, which the control group takes
	n=0
	mkdir "$R/$GOLD"
	while mkdir "$R/$GOLD/mon_groups/$n" 2>/dev/null; do n=$((n + 1)); done
	rmdir "$R/$GOLD/mon_groups/0"
	set_rdt '{"enableMonitoring": true}'
	fails_without_trace 'Out of RMIDs'
	set_rdt '{"closID": "'"$GOLD"'", "enableMonitoring": true}'
	run_bg
	in_group "$(pid_of)" "$GOLD/mon_groups/$ID"
}
