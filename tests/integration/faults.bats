#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The runtime killed at any moment, short of descriptors, of disk, of file
# size: never a lie, and delete --force cleans up what is left.

load helpers

# Milliseconds after which the runtime is killed.
MOMENTS="0 1 2 4 6 9 13 20 32 60"

# after_ms MS ARGS: the runtime, killed after MS.
after_ms() {
	local ms=$1 pid

	shift
	"$TARE" --root "$ROOT" "$@" </dev/null >"$W/k.out" 2>&1 3>&- &
	pid=$!
	sleep "$(printf '0.%03d' "$ms")"
	kill -KILL "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
}

# What state says is JSON with a known status, or "does not exist".
assert_state_valid() {
	t state "$ID"
	if [ "$status" -eq 0 ]; then
		jq -e '.status | IN("creating", "created", "running", "paused",
			"stopped")' <<<"$output" >/dev/null || {
			echo "state: $output"
			return 1
		}
	else
		[ -n "$stderr" ]
	fi
	t list -f json
	assert_status 0
	jq . <<<"$output" >/dev/null || {
		echo "list: $output"
		return 1
	}
}

# delete --force twice: both succeed, nothing is left.
assert_cleaned() {
	t delete --force "$ID"
	assert_status 0
	t delete --force "$ID"
	assert_status 0
	wait_until no_sleeper || { pgrep -af "^sleep $MARK"; false; }
	assert_no_trace
}

no_sleeper() {
	! pgrep -f "^sleep $MARK\$" >/dev/null
}

setup() {
	setup_bundle
	# a payload that is recognised wherever it ends up
	MARK=1$RANDOM$RANDOM
	set_args sleep $MARK
}

teardown() {
	pkill -KILL -f "^sleep $MARK\$" || :
	teardown_bundle
}

@test "killed: create" {
	local ms
	for ms in $MOMENTS; do
		after_ms "$ms" create --bundle "$BUNDLE" "$ID"
		assert_state_valid
		assert_cleaned || { echo "killed after $ms ms"; return 1; }
	done
}

@test "killed: run -d" {
	local ms
	for ms in $MOMENTS; do
		after_ms "$ms" run -d --bundle "$BUNDLE" "$ID"
		assert_state_valid
		assert_cleaned || { echo "killed after $ms ms"; return 1; }
	done
}

@test "killed: run in the foreground" {
	local ms
	for ms in 1 4 9 16 30 80; do
		after_ms "$ms" run --bundle "$BUNDLE" "$ID"
		assert_state_valid
		assert_cleaned || { echo "killed after $ms ms"; return 1; }
	done
}

@test "killed: start" {
	local ms
	for ms in 0 1 2 3 4 6 9 14; do
		create_bg
		after_ms "$ms" start "$ID"
		assert_state_valid
		assert_cleaned || { echo "killed after $ms ms"; return 1; }
	done
}

@test "killed: exec" {
	local ms
	run_bg
	for ms in 0 1 2 3 4 6 9 14; do
		after_ms "$ms" exec "$ID" sleep $MARK
		assert_state_valid
		t exec "$ID" echo alive
		assert_status 0
		assert_output alive
	done
	assert_cleaned
}

@test "killed: delete --force" {
	local ms
	for ms in 0 1 2 3 4 6 9 14; do
		run_bg
		after_ms "$ms" delete --force "$ID"
		assert_state_valid
		assert_cleaned || { echo "killed after $ms ms"; return 1; }
	done
}

@test "killed: pause, resume, update" {
	local ms
	for ms in 0 1 2 4 7; do
		run_bg
		after_ms "$ms" pause "$ID"
		assert_state_valid
		after_ms "$ms" resume "$ID"
		assert_state_valid
		after_ms "$ms" update --pids-limit 77 "$ID"
		assert_state_valid
		assert_cleaned || { echo "killed after $ms ms"; return 1; }
	done
}

@test "killed: the container's init before start" {
	create_bg
	kill -KILL "$(pid_of)"
	wait_until is_status stopped
	t start "$ID"
	assert_fails
	assert_cleaned
}

@test "few descriptors: a clean refusal, or it works" {
	local n
	for n in 3 4 5 6 7 8 10 13 16 24; do
		run --separate-stderr timeout -k 1 20 bash -c \
			"ulimit -n $n; exec \"\$@\"" - "$TARE" --root "$ROOT" \
			create --bundle "$BUNDLE" "$ID" \
			</dev/null >"$W/n.out" 2>&1 3>&-
		[ "$status" -ne 124 ] && [ "$status" -lt 128 ] || {
			echo "crash or hang with $n: $status"
			cat "$W/n.out"
			return 1
		}
		assert_state_valid
		if [ "$status" -eq 0 ]; then
			:
		fi
		assert_cleaned || { echo "with $n"; return 1; }
	done
}

@test "few descriptors: exec and delete" {
	local n
	for n in 3 4 5 6 8 11 16; do
		run_bg
		run --separate-stderr timeout -k 1 20 bash -c \
			"ulimit -n $n; exec \"\$@\"" - "$TARE" --root "$ROOT" \
			exec "$ID" true 3>&-
		[ "$status" -ne 124 ] && { [ "$status" -lt 128 ] ||
			[ "$status" -eq 255 ]; } || {
			echo "exec with $n: $status"
			return 1
		}
		run --separate-stderr timeout -k 1 20 bash -c \
			"ulimit -n $n; exec \"\$@\"" - "$TARE" --root "$ROOT" \
			delete --force "$ID" 3>&-
		[ "$status" -ne 124 ] && [ "$status" -lt 128 ]
		if [ "$status" -eq 0 ]; then
			assert_no_trace || { echo "delete with $n"; return 1; }
		fi
		assert_cleaned || { echo "with $n"; return 1; }
	done
}

@test "small files: RLIMIT_FSIZE never makes a bad state" {
	local k rc
	for k in 0 1 2 3 4 8; do
		rc=0
		timeout -k 1 20 bash -c \
			"trap '' XFSZ; ulimit -f $k; exec \"\$@\"" - "$TARE" \
			--root "$ROOT" run -d --bundle "$BUNDLE" \
			--pid-file "$W/pid" "$ID" \
			</dev/null >"$W/f.out" 2>&1 3>&- || rc=$?
		[ $rc -ne 124 ] && [ $rc -ne 137 ] && [ $rc -ne 139 ]
		assert_state_valid
		if [ $rc -eq 0 ]; then
			is_status running || { echo "said 0 with $k KiB";
				return 1; }
			t exec "$ID" echo alive
			assert_output alive
		fi
		assert_cleaned || { echo "with $k KiB"; return 1; }
		rm -f "$W/pid"
	done
}

@test "full disk: the state root is a full tmpfs" {
	local pages rc real=$ROOT
	for pages in 1 2 3 4 5 6 8 12; do
		mkdir -p "$W/small"
		mount -t tmpfs -o "size=$((pages * 4))k" small "$W/small"
		ROOT=$W/small/r
		rc=0
		timeout -k 1 20 "$TARE" --root "$ROOT" run -d \
			--bundle "$BUNDLE" "$ID" \
			</dev/null >"$W/f.out" 2>&1 3>&- || rc=$?
		[ $rc -ne 124 ] && [ $rc -lt 128 ] || bad=1
		if [ $rc -eq 0 ]; then
			is_status running || { echo "lie, $pages pages";
				return 1; }
			# no room for more: the old state must stay
			head -c 1000000 /dev/zero >"$W/small/fill" 2>/dev/null ||
				:
			tare pause "$ID" >/dev/null 2>&1 || :
			tare resume "$ID" >/dev/null 2>&1 || :
			tare update --pids-limit 33 "$ID" >/dev/null 2>&1 || :
			assert_state_valid
			is_status running
			rm -f "$W/small/fill"
		fi
		assert_cleaned || { echo "$pages pages: $(cat "$W/f.out")"
			umount -l "$W/small"; ROOT=$real; return 1; }
		umount "$W/small"
		ROOT=$real
	done
}

@test "full of inodes: the state root" {
	local real=$ROOT n rc
	for n in 2 3 4 5 6; do
		mkdir -p "$W/small"
		mount -t tmpfs -o "size=1m,nr_inodes=$n" small "$W/small"
		ROOT=$W/small
		rc=0
		timeout -k 1 20 "$TARE" --root "$ROOT" run -d \
			--bundle "$BUNDLE" "$ID" \
			</dev/null >"$W/f.out" 2>&1 3>&- || rc=$?
		[ $rc -ne 124 ] && [ $rc -lt 128 ]
		[ $rc -ne 0 ] || is_status running
		assert_cleaned || { umount -l "$W/small"; ROOT=$real; return 1; }
		umount "$W/small"
		ROOT=$real
	done
}

@test "state file: empty, cut and garbled ones can be deleted" {
	local f how
	for how in empty cut garbage gone; do
		run_bg
		for f in "$ROOT/$ID"/*; do
			[ -f "$f" ] && [ -s "$f" ] || continue
			case $how in
			empty) : >"$f" ;;
			cut) truncate -s 40 "$f" ;;
			garbage) head -c 500 /dev/urandom >"$f" ;;
			gone) rm -f "$f" ;;
			esac
		done
		t state "$ID"
		[ "$status" -lt 128 ] && [ "$status" -ne 124 ]
		t list
		[ "$status" -lt 128 ] && [ "$status" -ne 124 ]
		t delete --force "$ID"
		[ "$status" -lt 128 ] && [ "$status" -ne 124 ]
		[ ! -e "$ROOT/$ID" ] || { echo "$how: state stays"; return 1; }
		# what only the file knew may live on; end it by hand
		remove_cgroups >/dev/null || :
	done
}

@test "closed stdin, stdout and stderr" {
	local rc=0
	"$TARE" --root "$ROOT" run -d --bundle "$BUNDLE" "$ID" \
		<&- >&- 2>&- 3>&- || rc=$?
	if [ $rc -eq 0 ]; then
		is_status running
		rc=0
		"$TARE" --root "$ROOT" exec "$ID" true <&- >&- 2>&- 3>&- ||
			rc=$?
		[ $rc -lt 128 ] || [ $rc -eq 255 ]
	fi
	assert_cleaned
}

@test "a full pipe and a closed reader do not hang the runtime" {
	set_script 'seq 1 200000; exit 0'
	run bash -c "timeout -k 1 20 $TARE --root $ROOT run --bundle $BUNDLE \
		$ID 3>&- | head -n 1; exit \${PIPESTATUS[0]}"
	[ "$status" -ne 124 ] && [ "$status" -ne 137 ]
	[ "${lines[0]}" = 1 ]
	assert_cleaned
}
