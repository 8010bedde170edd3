# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the engine tests with systemd share.

source "$(dirname "${BASH_SOURCE[0]}")/systemd-helpers.bash"

needs_systemd() {
	[[ -d /run/systemd/system ]] || skip "lacks: systemd"
}

# unit_is UNIT PROPERTY VALUE
unit_is() {
	eq "$(prop "$2" "$1")" "$3" || {
		echo "($2 of $1)"
		return 1
	}
}

# has_limits UNIT: of --memory 64m --cpus 0.5 --pids-limit 50.
has_limits() {
	unit_is "$1" MemoryMax 67108864
	unit_is "$1" TasksMax 50
	unit_is "$1" CPUQuotaPerSecUSec 500ms
}

no_units() {
	empty "$(sd_ctl list-units --all --plain --no-legend "$@")"
}

# group_of PID: its cgroup folder.
group_of() {
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}

# All capabilities that the kernel knows.
all_caps() {
	awk '/^CapBnd/ { print $2 }' /proc/1/status
}
