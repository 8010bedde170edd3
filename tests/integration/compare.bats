#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# One field varied at a time: what compare-probe.sh sees in a container of
# tare has to be what it sees in one of runc and of crun. What differs is in
# compare-differences.txt, with the reason.

load helpers

setup() {
	tare_only
	command -v runc >/dev/null || command -v crun >/dev/null ||
		skip 'neither runc nor crun'
	setup_bundle
	local n
	cp "$TESTS_DIR/compare-probe.sh" "$BUNDLE/rootfs/probe.sh"
	for n in cgroup ipc mnt net pid user uts; do
		echo "$n $(readlink /proc/self/ns/$n)"
	done >"$BUNDLE/rootfs/host-ns"
	mkdir "$W/src" "$BUNDLE/rootfs/mnt"
	touch "$W/src/file"
	set_args sh /probe.sh one 'two words'
}

# look RUNTIME: its container's report, without the paths of this test.
# Not with /dev/null as standard input: crun gives it to the container's user.
look() {
	local cmd=("$TARE")
	case $1 in
	runc) cmd=(runc) ;;
	crun)
		# It takes no version after 1.0, and no hybrid hierarchy.
		update_config '.ociVersion = "1.0.2"'
		cmd=(unshare --mount sh -c 'umount -l \
			/sys/fs/cgroup/unified 2>/dev/null; exec crun "$@"' -)
		;;
	esac
	if timeout -k 1 20 "${cmd[@]}" --root "$W/root-$1" run \
		--bundle "$BUNDLE" "$ID" >"$W/$1.raw" 2>"$W/$1.err" \
		< <(:) 3>&-; then
		sort "$W/$1.raw" >"$W/$1.out"
	else
		echo 'refused' >"$W/$1.out"
	fi
}

# The lines of FILE that compare-differences.txt does not excuse.
without_known() {
	local who case key skip=()
	while IFS=$'\t' read -r who case key _; do
		[[ $who == "$1" || $who == all ]] || continue
		# shellcheck disable=SC2053 # a pattern
		[[ $BATS_TEST_DESCRIPTION != $case ]] || skip+=(-e "$key")
	done < <(grep -v '^#' "$TESTS_DIR/compare-differences.txt")
	if [ ${#skip[@]} -gt 0 ]; then
		grep -v -E "${skip[@]}" "$2" || :
	else
		cat "$2"
	fi
}

# same [FILTER]: the configuration changed by a jq filter gives the same.
same() {
	local rt bad=0
	[ $# -eq 0 ] || update_config "$1" --arg src "$W/src"
	look tare
	for rt in runc crun; do
		command -v $rt >/dev/null || continue
		look $rt
		if ! diff -U0 <(without_known $rt "$W/$rt.out") \
			<(without_known $rt "$W/tare.out") >"$W/diff"; then
			echo "$rt (-) and tare (+):"
			grep '^[-+]' "$W/diff" | tail -n +3
			cat "$W/$rt.err" "$W/tare.err"
			bad=1
		fi
	done
	return $bad
}

USERNS='.linux.namespaces += [{type: "user"}]
	| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 100000}]
	| .linux.gidMappings = .linux.uidMappings'

@test "as it is" {
	same
}

@test "args: an absolute path" {
	same '.process.args[0] = "/bin/sh"'
}

@test "cwd" {
	same '.process.cwd = "/tmp"'
}

@test "cwd: missing" {
	same '.process.cwd = "/new/dir"'
}

@test "env: more" {
	same '.process.env += ["A=1", "B=", "C=x=y"]'
}

@test "env: HOME" {
	same '.process.env += ["HOME=/x"]'
}

@test "env: duplicates" {
	same '.process.env += ["A=1", "A=2"]'
}

@test "user: uid and gid" {
	same '.process.user = {uid: 1000, gid: 1000}'
}

@test "user: unknown to passwd" {
	same '.process.user = {uid: 7, gid: 8}'
}

@test "user: groups" {
	same '.process.user.additionalGids = [5, 6, 10]'
}

@test "user: umask" {
	same '.process.user.umask = 63'
}

@test "capabilities: none" {
	same '.process.capabilities = {}'
}

@test "capabilities: absent" {
	same 'del(.process.capabilities)'
}

@test "capabilities: bounding alone" {
	same '.process.capabilities |= {bounding: .bounding}'
}

@test "capabilities: inheritable" {
	same '.process.capabilities.inheritable = ["CAP_KILL"]'
}

@test "capabilities: ambient" {
	same '.process.capabilities |= (.inheritable = ["CAP_KILL"]
		| .ambient = ["CAP_KILL"])'
}

@test "capabilities: ambient of a user" {
	same '.process.user = {uid: 1000, gid: 1000}
		| .process.capabilities |= (.inheritable = ["CAP_KILL"]
		| .ambient = ["CAP_KILL"])'
}

@test "capabilities: more" {
	same '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN",
		"CAP_NET_ADMIN", "CAP_MKNOD"])'
}

@test "noNewPrivileges: off" {
	same '.process.noNewPrivileges = false'
}

@test "rlimits: nofile" {
	same '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100,
		hard: 200}]'
}

@test "rlimits: several" {
	same '.process.rlimits = [
		{type: "RLIMIT_CORE", soft: 0, hard: 0},
		{type: "RLIMIT_NPROC", soft: 500, hard: 1000},
		{type: "RLIMIT_STACK", soft: 1048576, hard: 2097152},
		{type: "RLIMIT_CPU", soft: 100, hard: 100}]'
}

@test "oomScoreAdj" {
	same '.process.oomScoreAdj = 300'
}

@test "root: read-only" {
	same '.root.readonly = true'
}

@test "hostname" {
	same '.hostname = "other"'
}

@test "hostname: absent" {
	same 'del(.hostname)'
}

@test "domainname" {
	same '.domainname = "example"'
}

@test "namespaces: no pid" {
	same '.linux.namespaces |= map(
	select(.type != "pid"))'
}

@test "namespaces: no network" {
	same '.linux.namespaces |= map(select(.type != "network"))'
}

@test "namespaces: no ipc" {
	same '.linux.namespaces |= map(select(.type != "ipc"))
		| .mounts |= map(select(.type != "mqueue"))'
}

@test "namespaces: no uts" {
	same 'del(.hostname) | .linux.namespaces |=
		map(select(.type != "uts"))'
}

@test "namespaces: cgroup" {
	same '.linux.namespaces += [{type: "cgroup"}]'
}

@test "namespaces: user" {
	same "$USERNS"
}

@test "namespaces: user, as a user" {
	same "$USERNS"' | .process.user = {uid: 5, gid: 6}'
}

@test "sysctl: net" {
	same '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
}

@test "sysctl: ipc" {
	same '.linux.sysctl = {"kernel.shmmni": "99"}'
}

@test "sysctl: slashes" {
	same '.linux.sysctl = {"net/ipv4/ping_group_range": "1 2"}'
}

@test "sysctl: of the host" {
	same '.linux.sysctl = {"vm.swappiness": "5"}'
}

@test "maskedPaths: none" {
	same '.linux.maskedPaths = []'
}

@test "maskedPaths: a file and a directory" {
	same '.linux.maskedPaths += ["/etc/passwd", "/mnt"]'
}

@test "readonlyPaths: none" {
	same '.linux.readonlyPaths = []'
}

@test "readonlyPaths: more" {
	same '.linux.readonlyPaths += ["/tmp"]'
}

@test "rootfsPropagation: slave" {
	same '.linux.rootfsPropagation = "rslave"'
}

@test "rootfsPropagation: private" {
	same '.linux.rootfsPropagation = "private"'
}

@test "devices: one more" {
	same '.linux.devices = [{path: "/dev/fuse", type: "c", major: 10,
		minor: 229, fileMode: 432, uid: 3, gid: 4}]'
}

@test "devices: a fifo" {
	same '.linux.devices = [{path: "/dev/pipe", type: "p"}]'
}

@test "mounts: bind" {
	same '.mounts += [{destination: "/mnt", source: $src,
		type: "bind", options: ["bind"]}]'
}

@test "mounts: rbind, read-only" {
	same '.mounts += [{destination: "/mnt", source: $src,
		type: "bind", options: ["rbind", "ro"]}]'
}

@test "mounts: bind with flags" {
	same '.mounts += [{destination: "/mnt", source: $src, type: "bind",
		options: ["bind", "nosuid", "nodev", "noexec", "noatime"]}]'
}

@test "mounts: bind of a file" {
	same '.mounts += [{destination: "/etc/new", source: ($src + "/file"),
		type: "bind", options: ["bind", "ro"]}]'
}

@test "mounts: bind, shared" {
	same '.mounts += [{destination: "/mnt", source: $src,
		type: "bind", options: ["rbind", "rslave"]}]'
}

@test "mounts: tmpfs" {
	same '.mounts += [{destination: "/mnt", source: "tmpfs",
		type: "tmpfs", options: ["size=64k", "mode=1777"]}]'
}

@test "mounts: tmpfs, read-only" {
	same '.mounts += [{destination: "/mnt", source: "tmpfs",
		type: "tmpfs", options: ["ro", "nosuid"]}]'
}

@test "mounts: strictatime and nodiratime" {
	same '.mounts += [{destination: "/mnt", source: "tmpfs",
		type: "tmpfs", options: ["strictatime", "nodiratime"]}]'
}

@test "mounts: contradicting words" {
	same '.mounts += [{destination: "/mnt", source: "tmpfs",
		type: "tmpfs", options: ["ro", "rw", "noexec", "exec"]}]'
}

@test "mounts: an unknown file system" {
	same '.mounts += [{destination: "/mnt", source: "x", type: "nofs"}]'
}

@test "mounts: a missing source" {
	same '.mounts += [{destination: "/mnt", source: "/no/such",
		type: "bind", options: ["bind"]}]'
}

@test "mounts: over /proc" {
	same '.mounts += [{destination: "/proc/self", source: $src,
		type: "bind", options: ["bind"]}]'
}

@test "mounts: none but /proc" {
	same '.mounts |= map(select(.destination == "/proc"))'
}

@test "seccomp" {
	same '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["sethostname"], action: "SCMP_ACT_ERRNO"}]}'
}

@test "seccomp: of a user without noNewPrivileges" {
	same '.process.noNewPrivileges = false
		| .process.user = {uid: 1000, gid: 1000}
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["sethostname"], action: "SCMP_ACT_ERRNO"}]}'
}

@test "maps without a user namespace" {
	same '.linux.uidMappings = [{containerID: 0, hostID: 5, size: 10}]'
}

@test "annotations" {
	same '.annotations = {"a.b": "c"}'
}

