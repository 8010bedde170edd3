# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of the systemd driver share. $UNIT is the container's unit,
# $MANAGER_IS "--user" where it is one of the user's manager.

sd_ctl() {
	systemctl ${MANAGER_IS:+"$MANAGER_IS"} "$@"
}

# Detached, under the driver; what comes after needs no option.
run_sd() {
	bg --systemd-cgroup run -d --bundle "$BUNDLE" "$@" "$ID"
}

# prop NAME [UNIT]
prop() {
	sd_ctl show -p "$1" --value "${2:-$UNIT}"
}

# assert_prop NAME VALUE
assert_prop() {
	assert_eq "$(prop "$1")" "$2" "($1)"
}

no_unit() {
	local seen
	seen=$(sd_ctl list-units --all --plain --no-legend "$1")
	[ -z "$seen" ] || {
		echo "left: $seen"
		return 1
	}
}

delete_ok() {
	t delete -f "$ID"
	assert_silent
	no_unit "$UNIT"
	assert_no_trace
}
