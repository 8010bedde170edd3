#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# systemd as the process of a container: the machine's own file system below
# an overlay, with a cgroup that the container manages itself.

load ../integration/helpers

# Units that have no place in a container.
MASKED="systemd-udevd.service systemd-udevd-kernel.socket
	systemd-udevd-control.socket systemd-networkd.service
	containerd.service apparmor.service tare-vm.service run-lock.mount
	systemd-logind.service systemd-timesyncd.service"

setup() {
	v2_only
	setup_bundle
	mkdir "$W/up" "$W/work" "$W/low"
}

# root_of LOWER: puts the overlay on the bundle's root.
root_of() {
	local u etc=$W/up/etc/systemd/system
	rm -rf "$BUNDLE/rootfs"
	mkdir -p "$BUNDLE/rootfs" "$etc"
	for u in $MASKED; do
		ln -s /dev/null "$etc/$u"
	done
	ln -s /usr/lib/systemd/system/multi-user.target \
		"$etc/default.target"
	[ -z "${2-}" ] || chown -Rh "$2:$2" "$W/up" "$W/work"
	mount -t overlay -o \
		"lowerdir=$1,upperdir=$W/up,workdir=$W/work" overlay \
		"$BUNDLE/rootfs"
}

teardown() {
	local rc=0 m
	tare delete -f "$ID" 2>/dev/null || :
	for m in $(mounts_under "$W"); do
		umount -l "$m" 2>/dev/null || :
	done
	teardown_bundle || rc=1
	return $rc
}

# What engines give to a container whose command is systemd.
systemd_config() {
	update_config '.process.args = ["/sbin/init"]
		| .process.env += ["container=oci"]
		| .process.noNewPrivileges = false
		| .process.capabilities = (["CAP_CHOWN", "CAP_DAC_OVERRIDE",
			"CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
			"CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID",
			"CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"] as $c
			| {bounding: $c, effective: $c, permitted: $c})
		| .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	set_ns cgroup
	add_mount /run tmpfs tmpfs nosuid nodev mode=755
	add_mount /tmp tmpfs tmpfs nosuid nodev mode=1777
	add_mount /sys/fs/cgroup cgroup cgroup nosuid noexec nodev
}

target_reached() {
	[ "$(tare exec "$ID" systemctl is-active multi-user.target \
		</dev/null)" = active ]
}

# The life of the container: it comes up, is managed, and goes by a signal.
boots_and_halts() {
	local end=$((SECONDS + 120))
	run_bg
	until target_reached; do
		[ $SECONDS -lt $end ] || {
			tare exec "$ID" systemctl list-jobs </dev/null || :
			tare exec "$ID" journalctl -b --no-pager </dev/null |
				tail -n 30
			return 1
		}
		sleep 1
	done
	[ -d "$CGROOT$CG/init.scope" ]
	[ -d "$CGROOT$CG/system.slice" ]
	t exec "$ID" sh -c 'cat /proc/1/comm; systemctl --failed --no-legend
		systemd-run -q --wait --pipe cat /proc/self/cgroup'
	assert_status 0
	assert_match '^systemd'$'\n''0::/system.slice/run-'
	t pause "$ID"
	assert_silent
	t resume "$ID"
	assert_silent
	# SIGRTMIN+3 means halt to systemd.
	t kill "$ID" 37
	assert_silent
	end=$((SECONDS + 60))
	until is_status stopped; do
		[ $SECONDS -lt $end ]
		sleep 1
	done
	t delete "$ID"
	assert_silent
	[ ! -e "$ROOT/$ID" ]
	[ ! -e "$CGROOT$CG" ]
}

@test "systemd reaches its target, runs units and halts" {
	root_of /
	systemd_config
	boots_and_halts
}

@test "systemd in a user namespace does the same" {
	mount --bind -o X-mount.idmap=b:0:100000:65536 / "$W/low"
	root_of "$W/low" 100000
	systemd_config
	set_ns user
	update_config '.linux.uidMappings = [{containerID: 0,
			hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chmod o+x "$W" "$BUNDLE" "$BATS_RUN_TMPDIR" "${W%/*}"
	boots_and_halts
}
