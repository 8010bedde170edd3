# SPDX-License-Identifier: Apache-2.0
# Once per run: nothing to make ahead; the parent cgroup goes at the end.

setup_suite() {
	:
}

teardown_suite() {
	local c
	for c in /sys/fs/cgroup{,/*}"${CG_PARENT-}/tare-test-${BATS_RUN_TMPDIR##*-}"; do
		[ ! -d "$c" ] || rmdir "$c" 2>/dev/null || :
	done
}
