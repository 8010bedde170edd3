#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Many callers at once, on one id and on few.

load helpers

setup() {
	setup_bundle
	MARK=1$RANDOM$RANDOM
	JOBS=()
	set_args sleep $MARK
}

teardown() {
	pkill -KILL -f "^sleep $MARK\$" || :
	teardown_bundle
}

# bundle_for ID: its own bundle and cgroup, the same root file system.
bundle_for() {
	mkdir -p "$W/b-$1"
	jq --arg r "$BUNDLE/rootfs" --arg cg "$CG/$1" \
		'.root.path = $r | .linux.cgroupsPath = $cg' \
		"$BUNDLE/config.json" >"$W/b-$1/config.json"
}

# quiet LOG ARGS: one call in the background, its status in LOG.rc
quiet() {
	local log=$1 rc=0
	shift
	timeout -k 1 25 "$TARE" --root "$ROOT" "$@" \
		</dev/null >"$log.out" 2>"$log.err" 3>&- || rc=$?
	echo $rc >"$log.rc"
}

# go CMD...: in the background; join waits for all of them, and for nothing
# that bats itself has running.
go() {
	"$@" &
	JOBS+=($!)
}

join() {
	wait "${JOBS[@]}"
	JOBS=()
}

@test "one id: of many creates exactly one wins" {
	local round i wins rc
	for round in 1 2 3; do
		for i in 1 2 3 4 5 6 7 8; do
			go quiet "$W/c$i" create --bundle "$BUNDLE" "$ID"
		done
		join
		wins=0
		for i in 1 2 3 4 5 6 7 8; do
			rc=$(cat "$W/c$i.rc")
			if [ "$rc" -eq 0 ]; then
				wins=$((wins + 1))
				continue
			fi
			[ "$rc" -lt 124 ] || { echo "rc $rc"; return 1; }
			# the loser says why
			[ -s "$W/c$i.err" ]
		done
		[ $wins -eq 1 ] || {
			echo "$wins creates succeeded"
			cat "$W"/c*.err
			return 1
		}
		assert_eq "$(status_of)" created
		t start "$ID"
		assert_status 0
		assert_eq "$(pgrep -fc "^sleep $MARK\$")" 1
		t delete --force "$ID"
		assert_status 0
		assert_no_trace
	done
}

@test "one id: of many starts exactly one wins" {
	local i wins=0
	create_bg
	for i in 1 2 3 4 5 6; do
		go quiet "$W/s$i" start "$ID"
	done
	join
	for i in 1 2 3 4 5 6; do
		[ "$(cat "$W/s$i.rc")" -lt 124 ]
		[ "$(cat "$W/s$i.rc")" -ne 0 ] || wins=$((wins + 1))
	done
	assert_eq $wins 1 "starts succeeded"
	assert_eq "$(status_of)" running
}

@test "one id: many deletes and kills" {
	local i
	for i in 1 2 3; do
		run_bg
		for j in 1 2 3 4 5; do
			go quiet "$W/d$j" delete --force "$ID"
			go quiet "$W/k$j" kill "$ID" KILL
			go quiet "$W/t$j" state "$ID"
		done
		join
		for j in 1 2 3 4 5; do
			assert_eq "$(cat "$W/d$j.rc")" 0 "$(cat "$W/d$j.err")"
			[ "$(cat "$W/k$j.rc")" -lt 124 ]
			[ "$(cat "$W/t$j.rc")" -lt 124 ]
		done
		assert_no_trace
	done
}

@test "one container: many execs in parallel" {
	local i
	run_bg
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		go quiet "$W/e$i" exec "$ID" sh -c "echo $i; exit $i"
	done
	for i in 1 2 3 4; do
		go quiet "$W/p$i" ps --format json "$ID"
		go quiet "$W/q$i" state "$ID"
	done
	join
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		assert_eq "$(cat "$W/e$i.rc")" $i "$(cat "$W/e$i.err")"
		assert_eq "$(cat "$W/e$i.out")" $i
	done
	for i in 1 2 3 4; do
		jq -e 'length > 0' "$W/p$i.out" >/dev/null
		assert_eq "$(jq -r .status "$W/q$i.out")" running
	done
}

@test "a long exec does not block the other commands" {
	run_bg
	go quiet "$W/long" exec "$ID" sleep $MARK
	wait_until [ "$(pgrep -fc "^sleep $MARK\$")" -ge 1 ]
	t state "$ID"
	assert_status 0
	t exec "$ID" echo other
	assert_output other
	t pause "$ID"
	assert_status 0
	t resume "$ID"
	assert_status 0
	t kill "$ID" KILL
	assert_status 0
	join
	t delete --force "$ID"
	assert_status 0
	assert_no_trace
}

@test "many ids at once" {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		bundle_for "$ID-$i"
	done
	for i in 1 2 3 4 5 6 7 8; do
		go quiet "$W/r$i" run -d --bundle "$W/b-$ID-$i" "$ID-$i"
	done
	join
	for i in 1 2 3 4 5 6 7 8; do
		assert_eq "$(cat "$W/r$i.rc")" 0 "$(cat "$W/r$i.err")"
		assert_eq "$(status_of "$ID-$i")" running
	done
	for i in 1 2 3 4 5 6 7 8; do
		go quiet "$W/r$i" delete --force "$ID-$i"
	done
	join
	assert_eq "$(ls -A "$ROOT" | grep -c "^$ID" || :)" 0
	assert_eq "$(pgrep -fc "^sleep $MARK\$" || :)" 0
	rmdir "$CGROOT"/*"$CG" 2>/dev/null || :
}

# storm SEED: random commands on three ids.
storm() {
	local n op id i=0
	RANDOM=$1
	while ((i++ < 25)); do
		id=$ID-$((RANDOM % 3))
		n=$((RANDOM % 12))
		case $n in
		0 | 1) op=(run -d --bundle "$W/b-$id" "$id") ;;
		2 | 3) op=(create --bundle "$W/b-$id" "$id") ;;
		4) op=(start "$id") ;;
		5) op=(exec "$id" true) ;;
		6) op=(kill "$id" KILL) ;;
		7) op=(delete --force "$id") ;;
		8) op=(delete "$id") ;;
		9) op=(pause "$id") ;;
		10) op=(resume "$id") ;;
		11) op=(state "$id") ;;
		esac
		quiet "$W/w$1" "${op[@]}"
		n=$(cat "$W/w$1.rc")
		if ((n == 124 || n >= 128 && n != 255)); then
			echo "rc $n: ${op[*]}: $(cat "$W/w$1.err")" \
				>>"$W/bad"
		fi
	done
}

@test "storm: random commands on three ids" {
	local i c
	for i in 0 1 2; do
		bundle_for "$ID-$i"
	done
	for i in 1 2 3 4; do
		go storm $i
	done
	join
	[ ! -e "$W/bad" ] || {
		cat "$W/bad"
		false
	}
	for i in 0 1 2; do
		t delete --force "$ID-$i"
		assert_status 0
		[ ! -e "$ROOT/$ID-$i" ]
	done
	wait_until none_left || { pgrep -af "^sleep $MARK\$"; false; }
	for c in "$CGROOT"/*/; do
		for i in 0 1 2; do
			[ ! -d "$c$CG/$ID-$i" ] || {
				echo "cgroup left: $c$CG/$ID-$i"
				return 1
			}
		done
	done
	rmdir "$CGROOT"/*"$CG" 2>/dev/null || :
}

none_left() {
	! pgrep -f "^sleep $MARK\$" >/dev/null
}

@test "ten rounds leave nothing" {
	local i before after
	before=$(ls /proc/self/fd | wc -l; find "$CGROOT/pids" -type d |
		grep -c "$CG" || :)
	for i in 1 2 3 4 5 6 7 8 9 10; do
		create_bg
		t start "$ID"
		assert_status 0
		t exec "$ID" true
		assert_status 0
		t kill "$ID" KILL
		wait_until is_status stopped
		t delete "$ID"
		assert_silent
	done
	after=$(ls /proc/self/fd | wc -l; find "$CGROOT/pids" -type d |
		grep -c "$CG" || :)
	assert_eq "$after" "$before"
	assert_no_trace
}
