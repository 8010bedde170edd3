# SPDX-License-Identifier: Apache-2.0
#
# What every integration test shares: a bundle made of a static busybox, a
# private state root and cgroup, and assertions that print what was seen.
#
# TARE names the runtime under test (default: tare on PATH). The suite speaks
# only to the command line, so another OCI runtime can be put in its place;
# tests of what only tare has call tare_only, and tests of what an old runc
# lacks call newer_than_runc_1_1.
#
# After setup a test has:
#   $BUNDLE   the bundle ($BUNDLE/config.json, $BUNDLE/rootfs)
#   $ROOT     the --root of this test
#   $ID       a container id that nobody else uses
#   $CG       its cgroup path below each controller's mount
#   $W        a scratch directory
# and teardown removes containers, cgroups, mounts and children again, and
# fails when the runtime left something behind.

bats_require_minimum_version 1.5.0

TESTS_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DATA_DIR=$TESTS_DIR/../data
TARE=${TARE:-tare}
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3
CGROOT=/sys/fs/cgroup
# How many times as long everything may take (an emulated machine).
SLOW=${TARE_SLOW:-1}
# A delegated group that the containers' groups must be below.
CG_PARENT=${CG_PARENT-}

# Applets that the tests run inside; fewer links make a quicker copy.
APPLETS="[ awk cat chmod chown cut date dd df echo env expr false grep head
hostname id ip kill ln ls mkdir mkfifo mknod mount mv od pidof ping printf ps
pwd readlink rm rmdir sed seq setsid sh sleep sort stat stty sysctl tail test
touch tr true tty umount uname uniq wc xargs"

# --- template -----------------------------------------------------------

# Makes the root file system once per bats run; tests link from it.
make_template() {
	local t=$BATS_RUN_TMPDIR/template a
	TEMPLATE=$t
	[ -e "$t/ok" ] && return
	(
		flock 9
		[ -e "$t/ok" ] && exit 0
		local r=$t/rootfs
		mkdir -p "$r"/{bin,dev,etc,home/u1000,lib,proc,root,run,sbin}
		mkdir -p "$r"/{sys,tmp,usr/bin,var/tmp}
		chmod 1777 "$r/tmp"
		cp "$(command -v busybox)" "$r/bin/busybox"
		for a in $APPLETS; do echo "$a"; done |
			(cd "$r/bin" && xargs -n1 ln -s busybox)
		printf '%s\n' root:x:0:0:root:/root:/bin/sh \
			u1000:x:1000:1000:u:/home/u1000:/bin/sh >"$r/etc/passwd"
		printf '%s\n' root:x:0: u1000:x:1000: >"$r/etc/group"
		printf '#!/bin/sh\necho noexec\n' >"$r/bin/notexec"
		printf '#!/no/such/interpreter\n' >"$r/bin/badinterp"
		chmod 644 "$r/bin/notexec"
		chmod 755 "$r/bin/badinterp"
		"${CC:-cc}" -static -O1 -w -o "$r/bin/probe" \
			"$TESTS_DIR/probe.c"
		mkdir "$t/skel"
		cp -a "$r"/[!b]* "$t/skel/"
		touch "$t/ok"
	) 9>"$BATS_RUN_TMPDIR/template.lock"
	[ -e "$t/ok" ]
}

# make_bundle DIR: a bundle with linked programs and its own /etc.
make_bundle() {
	mkdir -p "$1" "$ROOT"
	cp -a "$TEMPLATE/skel" "$1/rootfs"
	cp -al "$TEMPLATE/rootfs/bin" "$1/rootfs/bin"
	sed "s|@CGROUP@|$CG|" "$DATA_DIR/config.json" >"$1/config.json"
}

# --- setup and teardown -------------------------------------------------

setup_bundle() {
	make_template
	W=$BATS_TEST_TMPDIR
	BUNDLE=$W/bundle
	ROOT=$W/state
	UNIQ=t$$-$BATS_SUITE_TEST_NUMBER-$RANDOM
	ID=$UNIQ
	# A parent of this run, so that runs side by side do not meet.
	CG=$CG_PARENT/tare-test-${BATS_RUN_TMPDIR##*-}/$UNIQ
	CHILDREN=()
	make_bundle "$BUNDLE"
	cd "$W"
}

teardown_bundle() {
	local d id pid m bad=0
	cd /
	[ -n "${ROOT-}" ] || return 0
	for d in "$ROOT"/*/; do
		[ -d "$d" ] || continue
		id=${d%/}
		id=${id##*/}
		tare delete -f "$id" >/dev/null 2>&1 || :
		if [ -d "$d" ]; then
			echo "left after delete --force: $d"
			bad=1
			rm -rf "$d"
		fi
	done
	for pid in "${CHILDREN[@]}"; do
		kill -9 "$pid" 2>/dev/null || :
	done
	remove_cgroups || bad=1
	for m in $(mounts_under "$W"); do
		umount -l "$m"
	done
	return $bad
}

setup() {
	setup_bundle
}

teardown() {
	teardown_bundle
}

# Leaf cgroups that a test's containers left; empties and removes them.
remove_cgroups() {
	local d c p bad=0
	for c in $(cg_dirs); do
		[ -d "$c" ] || continue
		echo "cgroup left: $c"
		bad=1
		find "$c" -depth -type d | while read -r d; do
			if [ -e "$d/freezer.state" ]; then
				echo THAWED >"$d/freezer.state"
			fi
			while read -r p; do
				kill -9 "$p"
			done <"$d/cgroup.procs"
			rmdir "$d" || { sleep 0.1 && rmdir "$d"; }
		done 2>/dev/null
	done
	return $bad
}

# Mount points below DIR, deepest last mounted first.
mounts_under() {
	awk -v d="$1/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo |
		tac
}

# --- the runtime --------------------------------------------------------

# The runtime with this test's root; -- a hung one is killed.
tare() {
	timeout --foreground -k 1 $((20 * SLOW)) "$TARE" --root "$ROOT" "$@" 3>&-
}

# alone CMD...: without the descriptor that bats reports through. To be used
# inside of run: a run whose own descriptor is closed loses the test's result.
alone() {
	"$@" 3>&-
}

# on_tty CMD...: under a terminal of its own; $output without returns, and
# without the end of input that script echoes.
on_tty() {
	local q
	printf -v q '%q ' "$@"
	# %q is bash's own, and script asks $SHELL
	SHELL=$BASH run alone timeout 20 script -qec "$q" /dev/null </dev/null
	output=${output//$'\r'/}
	output=${output//^@/}
}

# t ARGS: runs it, leaves $status, $output, $lines, $stderr. Through files, not
# pipes: what a wrongly accepted container holds open must not hang the test.
t() {
	status=0
	tare "$@" </dev/null >"$W/t.out" 2>"$W/t.err" || status=$?
	output=$(tr -d '\0' <"$W/t.out")
	stderr=$(<"$W/t.err")
	IFS=$'\n' read -d '' -r -a lines <<<"$output" || :
}

# A start that leaves a container running must not hold bats' pipes.
bg() {
	local rc=0
	tare "$@" </dev/null >"$W/bg.out" 2>"$W/bg.err" || rc=$?
	if [ $rc -ne 0 ]; then
		echo "rc $rc: tare $*"
		cat "$W/bg.out" "$W/bg.err"
	fi
	return $rc
}

# run_bg [ID [ARGS]]: a detached container from $BUNDLE.
run_bg() {
	local id=${1:-$ID}
	shift || :
	bg run -d --bundle "$BUNDLE" "$@" "$id"
}

create_bg() {
	local id=${1:-$ID}
	shift || :
	bg create --bundle "$BUNDLE" "$@" "$id"
}

# inside SCRIPT [ARGS]: runs it with sh -c in a foreground container.
inside() {
	set_script "$1"
	shift
	t run --bundle "$BUNDLE" "$@" "$ID"
}

# inside_ok SCRIPT: the same, and the script must succeed.
inside_ok() {
	inside "$@"
	assert_status 0
}

# start_receiver NAME SCRIPT [ARGS]: a program of this folder that listens on
# $W/NAME.sock, and notes in $W/NAME/ what it gets.
start_receiver() {
	mkdir "$W/$1"
	"$PYTHON" "$TESTS_DIR/$2" "$W/$1.sock" "$W/$1" "${@:3}" \
		</dev/null >"$W/$1.log" 2>&1 3>&- &
	CHILDREN+=($!)
	wait_until test -e "$W/$1/ready"
}

# In the running container.
exec_in() {
	t exec "$ID" sh -c "$1"
}

is_runc() {
	[ -n "${RUNTIME_VERSION-}" ] ||
		RUNTIME_VERSION=$("$TARE" --version 2>&1 | head -n 1)
	[[ $RUNTIME_VERSION == runc* ]]
}

tare_only() {
	! is_runc || skip "tare only"
}

newer_than_runc_1_1() {
	! is_runc || [[ $RUNTIME_VERSION != "runc version 1.1."* ]] ||
		skip "runc 1.1 has no $1"
}

# --- configuration ------------------------------------------------------

# update_config FILTER [JQ ARGS]
update_config() {
	local filter=$1
	shift
	jq "$filter" "$@" <"$BUNDLE/config.json" >"$BUNDLE/.new"
	mv "$BUNDLE/.new" "$BUNDLE/config.json"
}

set_args() {
	update_config '.process.args = $ARGS.positional' --args -- "$@"
}

set_script() {
	update_config '.process.args = ["sh", "-c", $s]' --arg s "$1"
}

# add_mount DESTINATION SOURCE TYPE [OPTION...]
add_mount() {
	local dst=$1 src=$2 type=$3
	shift 3
	update_config '.mounts += [{destination: $d, source: $s, type: $t,
		options: $ARGS.positional}
		| if .type == "" then del(.type) else . end
		| if (.options | length) == 0 then del(.options) else . end]' \
		--arg d "$dst" --arg s "$src" --arg t "$type" --args -- "$@"
}

del_namespace() {
	update_config '.linux.namespaces |= map(select(.type != $t))' \
		--arg t "$1"
}

# set_ns TYPE [PATH]
set_ns() {
	del_namespace "$1"
	update_config '.linux.namespaces += [{type: $t}
		+ (if $p == "" then {} else {path: $p} end)]' \
		--arg t "$1" --arg p "${2-}"
}

set_caps() {
	update_config '.process.capabilities =
		($ARGS.positional as $c
		| {bounding: $c, effective: $c, permitted: $c})' --args -- "$@"
}

add_hook() {
	local point=$1 json=$2
	update_config '.hooks[$p] += [$h]' --arg p "$point" \
		--argjson h "$json"
}

# --- looking ------------------------------------------------------------

status_of() {
	tare state "${1:-$ID}" | jq -r .status
}

pid_of() {
	tare state "${1:-$ID}" | jq -r .pid
}

is_v2() {
	[ -e "$CGROOT/cgroup.controllers" ]
}

v1_only() {
	! is_v2 || skip 'lacks: cgroup v1'
}

v2_only() {
	is_v2 || skip 'lacks: cgroup v2'
}

# cg_dir CONTROLLER [PATH]: the directory of the container's cgroup.
cg_dir() {
	if is_v2; then
		echo "$CGROOT${2:-$CG}"
	else
		echo "$CGROOT/$1${2:-$CG}"
	fi
}

# cg_dirs [PATH]: its directory in each hierarchy, be it there or not.
# Test files name a path.
# shellcheck disable=SC2120
cg_dirs() {
	local c
	if is_v2; then
		echo "$CGROOT${1:-$CG}"
		return
	fi
	for c in "$CGROOT"/*/; do
		echo "${c%/}${1:-$CG}"
	done
}

# cg CONTROLLER FILE: what the cgroup of the container says.
cg() {
	cat "$(cg_dir "$1")/$2"
}

# mount_line DESTINATION: its line of the container's mountinfo in $output.
# Use inside: inside_ok 'cat /proc/self/mountinfo'.
mount_line() {
	awk -v d="$1" '$5 == d { l = $0 } END { print l }' <<<"$output"
}

# wait_until CMD...: 10 s at most, times SLOW. What is to change must be looked
# up by CMD, not by the caller's words.
wait_until() {
	local end=$((SECONDS + 10 * SLOW))
	while [ $SECONDS -lt $end ]; do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.02
	done
	echo "timed out: $*"
	return 1
}

is_status() {
	[ "$(status_of "${2:-$ID}")" = "$1" ]
}

# has_lines FILE N: at least so many.
has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# has_procs N: the container's cgroup holds at least so many processes.
has_procs() {
	has_lines "$(cg_dir pids)/cgroup.procs" "$1"
}

larger_than() {
	[ "$(wc -c <"$1")" -gt "$2" ]
}

no_process() {
	! kill -0 "$1" 2>/dev/null || [ "$(proc_state "$1")" = Z ]
}

proc_state() {
	sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status"
}

# --- assertions ---------------------------------------------------------

show() {
	echo "status: $status"
	echo "stdout: $output"
	echo "stderr: ${stderr-}"
}

assert_status() {
	[ "$status" -eq "$1" ] || {
		echo "expected status $1"
		show
		return 1
	}
}

# Any failure of the runtime itself, with TEXT on stderr.
assert_fails() {
	[ "$status" -ne 0 ] || {
		echo "expected a failure"
		show
		return 1
	}
	[ $# -eq 0 ] || assert_err "$1"
}

assert_output() {
	[ "$output" = "$1" ] || {
		echo "expected: $1"
		show
		return 1
	}
}

# assert_match REGEX: stdout matches.
assert_match() {
	[[ $output =~ $1 ]] || {
		echo "expected to match: $1"
		show
		return 1
	}
}

refute_match() {
	[[ ! $output =~ $1 ]] || {
		echo "expected not to match: $1"
		show
		return 1
	}
}

# assert_line TEXT: one line of stdout is TEXT.
assert_line() {
	grep -qxF -- "$1" <<<"$output" || {
		echo "expected a line: $1"
		show
		return 1
	}
}

# assert_err TEXT: stderr has it; quotes that the text log escaped count.
assert_err() {
	[[ ${stderr//\\\"/\"} == *"$1"* ]] || {
		echo "expected on stderr: $1"
		show
		return 1
	}
}

assert_silent() {
	assert_status 0
	[ -z "$output" ] && [ -z "$stderr" ] || {
		echo "expected no output"
		show
		return 1
	}
}

assert_eq() {
	[ "$1" = "$2" ] || {
		echo "expected '$2', got '$1' ${3-}"
		return 1
	}
}

# Nothing of the container is left: state, cgroup, mounts.
assert_no_trace() {
	local c
	[ ! -e "$ROOT/${1:-$ID}" ] || {
		echo "state left: $ROOT/${1:-$ID}"
		return 1
	}
	for c in $(cg_dirs); do
		[ ! -d "$c" ] || {
			echo "cgroup left: $c"
			return 1
		}
	done
	[ -z "$(mounts_under "$BUNDLE")" ] || {
		echo "mounts left: $(mounts_under "$BUNDLE")"
		return 1
	}
}
