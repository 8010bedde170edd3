# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the engine tests with systemd share.

# Never set here: what the machine gives is all there.
needs_systemd() {
	[[ -d /run/systemd/system ]] || skip "lacks: systemd"
}

# unit_is UNIT PROPERTY VALUE
unit_is() {
	eq "$(systemctl show -p "$2" --value "$1")" "$3" || {
		echo "($2 of $1)"
		return 1
	}
}

no_units() {
	empty "$(systemctl list-units --all --plain --no-legend "$@")"
}

# group_of PID: its cgroup folder.
group_of() {
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}

# All capabilities that the kernel knows.
all_caps() {
	awk '/^CapBnd/ { print $2 }' /proc/1/status
}
