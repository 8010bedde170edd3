# SPDX-License-Identifier: Apache-2.0
# Shared by the engine tests: real engines (containerd and its CRI plugin,
# Docker, podman, conmon, buildah) call the runtime that TARE names.
#
# Every engine gets its own configuration, storage, state and sockets below
# $E, and its own id prefix, so that nothing of the machine's engines is used
# or disturbed.  Servers are started with a clean environment and no fd but
# 0-2, and are stopped by pid.  A test that needs a program the machine lacks
# is skipped.

bats_require_minimum_version 1.5.0

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$HERE/tree.bash"
# How many times slower than usual this machine is, for time-outs.
SLOW=${TARE_SLOW:-1}
SAFE_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# The runtime under test, absolute.
find_tare() {
	local t=${TARE:-}

	[[ -n $t ]] || t=$(cd "$HERE/../.." && pwd)/tare
	[[ -x $t ]] || t=$(command -v tare || true)
	[[ -n $t && -x $t ]] || return 1
	readlink -f "$t"
}

# engine_setup PROGRAM...: scratch directory, runtime, needed programs.
# To be called by setup_file; exports E, TARE, TAG.
engine_setup() {
	local p

	[[ $(id -u) -eq 0 ]] || skip "needs root"
	TARE=$(find_tare) || skip "no runtime: set TARE"
	# Short: unix socket paths end below 108 bytes.
	E=$(mktemp -d /tmp/te.XXXXXX)
	TAG=te$$x${RANDOM}
	export TARE E TAG
	# A mapped root has to pass through.
	chmod 0755 "$E"
	mkdir -p "$E/bin"
	# Engines look the runtime up by these names.
	ln -s "$TARE" "$E/bin/tare"
	ln -s tare "$E/bin/runc"
	tree_setup
	for p in python3 busybox jq "$@"; do
		command -v "$p" >/dev/null || skip "needs $p"
	done
}

# contrib_file NAME: a configuration of contrib/engines as it is given to
# users, but for the places of programs.
contrib_file() {
	sed -e "s,/usr/local/bin/tare,$TARE,g" \
		-e "s,/usr/bin/nvidia-,$E/bin/nvidia-,g" \
		"$HERE/../../contrib/engines/$1"
}

# A network namespace for servers, $E/netns, made once.
engine_netns() {
	[[ ! -e $E/netns ]] || return 0
	: >"$E/netns"
	unshare --net="$E/netns" ip link set lo up
}

# record_as PATH RUNTIME CALLS: a program at PATH that runs RUNTIME and notes
# exit status and arguments of each call in CALLS.  It must not need PATH.
record_as() {
	rm -f "$1"
	printf '#!/bin/sh\n"%s" "$@"\nrc=$?\n' "$2" >"$1"
	# shellcheck disable=SC2016
	printf 'printf "%%s %%s\\n" $rc "$*" >>"%s"\nexit $rc\n' "$3" >>"$1"
	chmod 755 "$1"
	: >"$3"
}

calls_reset() {
	: >"$E/calls"
}

# Removes what engine_setup made.  Nothing below $E may be mounted any more;
# what still is was leaked by a test that failed, so it is detached.
engine_teardown() {
	[[ -n ${E:-} && -d $E ]] || return 0
	local m

	tree_teardown
	while read -r m; do
		umount -l "$m" 2>/dev/null || true
	done < <(mounts_below "$E" | sort -r)
	remove_cgroups "$TAG"
	rm -rf "$E"
}

# Places of our own for podman and buildah, which take any image.
storage_config() {
	cat >"$E/storage.conf" <<-TOML
	[storage]
	driver = "overlay"
	graphroot = "$E/store"
	runroot = "$E/run"
	TOML
	echo '{"default":[{"type":"insecureAcceptAnything"}]}' \
		>"$E/policy.json"
}

# base_config DISABLED-PLUGIN...: the part of a containerd's configuration that
# is the same everywhere: places of our own, no plugin that wants more.
base_config() {
	local p

	printf 'root = "%s"\nstate = "%s"\ndisabled_plugins = [\n' \
		"$E/root" "$E/state"
	for p in "$@" internal.v1.opt snapshotter.v1.{aufs,btrfs,devmapper,zfs}; do
		printf '  "io.containerd.%s",\n' "$p"
	done
	printf ']\n[grpc]\n  address = "%s"\n[debug]\n  level = "debug"\n' \
		"$E/c.sock"
}

BUSYBOX() { readlink -f "$(command -v busybox)"; }

# make_archive OUT NAME [ENTRYPOINT...]
make_archive() {
	local out=$1 name=$2

	shift 2
	python3 "$HERE/mkimage.py" archive "$out" "$name" "$(BUSYBOX)" "$@"
}

make_rootfs() {
	python3 "$HERE/mkimage.py" rootfs "$1" "$(BUSYBOX)"
}

mounts_below() {
	awk -v p="$1/" 'index($5, p) == 1 { print $5 }' /proc/self/mountinfo
}

# Cgroup directories (any hierarchy) whose path holds WORD.
cgroups_with() {
	find /sys/fs/cgroup -xdev -mindepth 1 -maxdepth 1 -type d |
	while read -r h; do
		find "$h" -depth -type d -path "*$1*" 2>/dev/null
	done
}

# Leaves the parents that engines make and nobody removes.
remove_cgroups() {
	local d

	while read -r d; do
		rmdir "$d" 2>/dev/null || true
	done < <(cgroups_with "$1")
}

# Processes whose command line, joined by blanks, holds WORD.
procs_with() {
	ps -eo pid=,args= 2>/dev/null |
		WORD=$1 awk 'index($0, ENVIRON["WORD"])'
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds.
wait_for() {
	local end=$((SECONDS + $1 * SLOW))

	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

# stop_pid PID: TERM, then KILL, and wait for its end.
stop_pid() {
	kill -TERM "$1" 2>/dev/null || return 0
	wait_for 10 pid_gone "$1" || kill -KILL "$1" 2>/dev/null || true
	wait_for 5 pid_gone "$1"
}

pid_gone() {
	local s

	s=$(awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null) ||
		return 0
	[[ -z $s || $s == Z || $s == X ]]
}

# spawn_server LOG PIDFILE COMMAND...: a daemon with a clean environment.
# shellcheck disable=SC2094
spawn_server() {
	local log=$1 pidfile=$2

	shift 2
	(
		cd /
		for fd in /proc/self/fd/*; do
			fd=${fd##*/}
			((fd > 2)) && eval "exec $fd>&-"
		done
		exec env -i PATH="$E/bin:$SAFE_PATH" HOME=/root \
			setsid "$@" </dev/null >"$log" 2>&1
	) 2>/dev/null &
	echo $! >"$pidfile"
	disown
}

# crun_ OPTION... ID COMMAND...: ctr run with the runtime under test, by the ctr_
# of the file, of its $IMG.  ctr wants the image between the options and the id.
crun_() {
	local opts=()

	while [[ $1 == -* ]]; do
		opts+=("$1")
		shift
	done
	ctr_ run --runc-binary "$TARE" --runc-root "$E/rt" \
		"${opts[@]}" "$IMG" "$@"
}

# pty COMMAND...: on a terminal of its own; its output with CR removed.
pty() {
	SHELL=$BASH timeout -k 5 $((30 * SLOW)) \
		script -qec "$(printf '%q ' "$@")" /dev/null </dev/null 3>&- |
		tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# Assertions that say what they saw.
must() {
	"$@" || {
		echo "not true: $*"
		echo "status=${status:-} output:"
		echo "${output:-}"
		return 1
	}
}

eq() {
	[[ $1 == "$2" ]] || {
		echo "got:      $1"
		echo "expected: $2"
		return 1
	}
}

has() {
	[[ $1 == *"$2"* ]] || {
		echo "text:    $1"
		echo "lacks:   $2"
		return 1
	}
}

lacks() {
	[[ $1 != *"$2"* ]] || {
		echo "text:     $1"
		echo "contains: $2"
		return 1
	}
}

empty() {
	[[ -z $1 ]] || {
		echo "should be empty: $1"
		return 1
	}
}
