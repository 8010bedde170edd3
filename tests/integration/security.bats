#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hostile images, hostile configurations, careless callers. See
# security-helpers.bash for what is asserted.

load helpers
load security-helpers

setup() {
	attack_setup
}

# --- mount targets in a hostile image -----------------------------------

# mount_through NAME DEST: tmpfs, directory and file mounts on DEST.
mount_through() {
	local kind id=$ID

	mkdir -p "$W/src"
	echo src >"$W/src/f"
	cp "$BUNDLE/config.json" "$W/saved.json"
	for kind in tmpfs dir file; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		case $kind in
		tmpfs) add_mount "$1" tmpfs tmpfs rw ;;
		dir) add_mount "$1" "$W/src" bind bind ;;
		file) add_mount "$1" "$W/src/f" bind bind ;;
		esac
		# what the mount namespace holds before the old root goes away
		add_hook createContainer "$(jq -n --arg o "$W/mi" \
			'{path: "/bin/sh", args: ["sh", "-c",
			"cat /proc/self/mountinfo >\($o)"]}')"
		set_script 'cat /HOSTMARK 2>/dev/null; true'
		t run --bundle "$BUNDLE" "$ID"
		assert_sane
		refute_seen HOSTMARK
		assert_untouched
		if [ -e "$W/mi" ] && awk -v h="$HOST" \
			'index($5, h) == 1 { print; n++ } END { exit !n }' \
			"$W/mi"; then
			echo "mounted on the host side"
			return 1
		fi
	done
	cp "$W/saved.json" "$BUNDLE/config.json"
}

@test "mount target: an absolute link" {
	ln -s "$HOST/dir" "$R/ln"
	mount_through /ln
}

@test "mount target: an absolute link as a parent" {
	ln -s "$HOST" "$R/ln"
	mount_through /ln/dir/new
}

@test "mount target: a link of many ups" {
	ln -s "../../../../../../../../../../../../../..$HOST" "$R/ln"
	mount_through /ln/dir
}

@test "mount target: a dangling link" {
	ln -s "$HOST/made" "$R/ln"
	mount_through /ln
	ln -s "$HOST/made2" "$R/ln2"
	mount_through /ln2/deeper
}

@test "mount target: a chain of links" {
	ln -s b "$R/a"
	ln -s /c "$R/b"
	ln -s "$HOST/dir/made" "$R/c"
	mount_through /a
}

@test "mount target: dots in the destination" {
	mount_through "/data/../../../../../..$HOST/dir"
}

@test "mount target: a loop of links is refused" {
	ln -s b "$R/a"
	ln -s a "$R/b"
	add_mount /a tmpfs tmpfs
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_refused
}

@test "mount target: exchanged under the runtime's hands" {
	# the attacker owns a volume that appears in the container; a program
	# swaps a directory with a link as fast as it can
	mkdir -p "$W/vol/a" "$W/vol2"
	ln -s "$HOST" "$W/vol/b"
	cat >"$W/swap.py" <<-'PY'
	import ctypes, sys
	c = ctypes.CDLL(None, use_errno=True)
	a, b = sys.argv[1].encode(), sys.argv[2].encode()
	while True:
	    c.renameat2(-100, a, -100, b, 2)
	PY
	"$PYTHON" "$W/swap.py" "$W/vol/a" "$W/vol/b" </dev/null >/dev/null \
		2>&1 3>&- &
	CHILDREN+=($!)
	add_mount /vol "$W/vol" bind bind
	add_mount /vol/a/made/here tmpfs tmpfs
	add_mount /vol/a "$W/vol2" bind bind
	set_script 'cat /vol/*/HOSTMARK /HOSTMARK; true'
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		t run --bundle "$BUNDLE" "$ID"
		assert_sane
		[ ! -e "$HOST/made" ] || { echo "made on the host"; false; }
	done
	kill -9 "${CHILDREN[0]}"
	assert_untouched
}

@test "mount: tmpcopyup does not copy from the host" {
	ln -s "$HOST" "$R/ln"
	add_mount /ln tmpfs tmpfs tmpcopyup
	set_script 'find / -xdev -name HOSTMARK; cat /ln/HOSTMARK; true'
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	[[ $output != *HOSTMARK* ]] || { show; false; }
	assert_untouched
}

# --- /dev in a hostile image --------------------------------------------

no_dev_mount() {
	update_config '.mounts |= map(select(.destination
		| startswith("/dev") | not))'
}

@test "/dev: the image's is a link to the host" {
	rm -rf "$R/dev"
	ln -s "$HOST/dev" "$R/dev"
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	assert_untouched
	no_dev_mount
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	assert_untouched
}

@test "/dev: nodes and links in it lead to the host" {
	local n
	for n in null zero full random urandom tty ptmx fd stdin stdout \
		stderr core console pts shm; do
		ln -sf "$HOST/null" "$R/dev/$n"
	done
	no_dev_mount
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	assert_untouched
	for n in null zero tty console ptmx; do
		ln -sfn "$HOST/made-$n" "$R/dev/$n"
	done
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	assert_untouched
}

@test "/dev: linux.devices through a link" {
	ln -s "$HOST" "$R/ln"
	update_config '.linux.devices = [{path: "/ln/made", type: "c",
		major: 1, minor: 3}, {path: "/ln/dir/x/made", type: "c",
		major: 1, minor: 3}]'
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	assert_untouched
}

@test "/dev/console: the image's is a link to the host" {
	rm -f "$R/dev/console"
	ln -s "$HOST/made" "$R/dev/console"
	no_dev_mount
	add_mount /dev/pts devpts devpts newinstance ptmxmode=0666 mode=0620
	update_config '.process.terminal = true'
	start_receiver tty recvtty.py
	set_args true
	t run -d --bundle "$BUNDLE" --console-socket "$W/tty.sock" "$ID"
	assert_sane
	assert_untouched
}

# --- masked paths -------------------------------------------------------

@test "masked path: the image's /dev/null is not trusted" {
	no_dev_mount
	update_config '.linux.maskedPaths += ["/data/masked"]'
	local kind
	for kind in link regular missing; do
		rm -f "$R/dev/null"
		case $kind in
		link) ln -s /data/evil "$R/dev/null" ;;
		regular) echo EVIL >"$R/dev/null" ;;
		esac
		set_script 'cat /data/masked'
		t run --bundle "$BUNDLE" "$ID"
		assert_sane
		refute_seen SECRET EVIL
	done
}

@test "masked path: /dev/null replaced at the last moment" {
	update_config '.linux.maskedPaths += ["/data/masked"]'
	cp "$BUNDLE/config.json" "$W/saved.json"
	local act
	for act in "rm -f $R/dev/null; ln -s /data/evil $R/dev/null" \
		"rm -f $R/dev/null" \
		"rm -f $R/dev/null; echo EVIL >$R/dev/null" \
		"rm -f $R/dev/null; mknod $R/dev/null c 1 5"; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		add_hook createContainer "$(jq -n --arg s "$act" \
			'{path: "/bin/sh", args: ["sh", "-c", $s],
			env: ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"]}')"
		set_script 'head -c 6 /data/masked | tr "\0" z'
		t run --bundle "$BUNDLE" "$ID"
		assert_sane
		refute_seen SECRET EVIL zzzz
	done
}

@test "masked and read-only paths through links stay inside" {
	ln -s "$HOST/secret" "$R/ln1"
	ln -s "$HOST/dir" "$R/ln2"
	update_config '.linux.maskedPaths += ["/ln1", "/ln2"]
		| .linux.readonlyPaths += ["/ln1", "/ln2"]'
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	assert_untouched
	[ -w "$HOST/dir" ]
	touch "$HOST/dir/w" && rm "$HOST/dir/w"
}

@test "masked path of a directory shows nothing and takes nothing" {
	mkdir "$R/data/md"
	echo SECRET >"$R/data/md/f"
	update_config '.linux.maskedPaths += ["/data/md"]'
	set_script 'ls -A /data/md | wc -l; touch /data/md/x && echo wrote;
		umount /data/md && echo unmounted; cat /data/md/f; true'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_line 0
	[[ $output != *wrote* && $output != *unmounted* && \
		$output != *SECRET* ]] || { show; false; }
}

# --- /proc and /sys -----------------------------------------------------

@test "proc target: /proc or /sys as a link" {
	set_args true
	rmdir "$R/proc"
	mkdir "$R/fake"
	ln -s /fake "$R/proc"
	t run --bundle "$BUNDLE" "$ID"
	assert_refused
	rm "$R/proc"
	mkdir "$R/proc"
	rmdir "$R/sys"
	ln -s /fake "$R/sys"
	t run --bundle "$BUNDLE" "$ID"
	assert_refused
	rm "$R/sys"
	ln -s "$HOST/dir" "$R/sys"
	t run --bundle "$BUNDLE" "$ID"
	assert_refused
	assert_untouched
}

@test "proc target: volumes on and in /proc" {
	mkdir "$W/fake"
	touch "$W/fakefile"
	cp "$BUNDLE/config.json" "$W/saved.json"
	set_args true
	local d
	for d in /proc /proc/self/attr /proc/sys /proc/1 /proc/self/fd \
		/proc/sys/kernel /proc/thread-self /proc/../proc/self/attr \
		/data/../proc/sys /proc/./self//attr; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		set_args true
		add_mount "$d" "$W/fake" bind bind
		t run --bundle "$BUNDLE" "$ID"
		assert_refused || { echo "bind on $d"; return 1; }
		cp "$W/saved.json" "$BUNDLE/config.json"
		set_args true
		add_mount "$d" tmpfs tmpfs
		t run --bundle "$BUNDLE" "$ID"
		assert_refused || { echo "tmpfs on $d"; return 1; }
	done
	for d in /proc/self/attr/exec /proc/self/exe /proc/sysrq-trigger; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		set_args true
		add_mount "$d" "$W/fakefile" bind bind
		t run --bundle "$BUNDLE" "$ID"
		assert_refused || { echo "file on $d"; return 1; }
	done
}

@test "proc target: through a link in the image" {
	ln -s /proc/self "$R/ln"
	mkdir "$W/fake"
	add_mount /ln/attr "$W/fake" bind bind
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_refused
}

@test "proc target: the files that lxcfs gives are allowed" {
	echo FAKE >"$W/fakefile"
	add_mount /proc/meminfo "$W/fakefile" bind bind
	set_args cat /proc/meminfo
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output FAKE
}

@test "sysctl: one procfs file mounted over another is not written" {
	update_config '.linux.sysctl = {"net.ipv4.tcp_fin_timeout": "33"}'
	add_hook createContainer "$(jq -n --arg s \
		"mount --bind $R/proc/sys/net/ipv4/ip_default_ttl \
		$R/proc/sys/net/ipv4/tcp_fin_timeout" \
		'{path: "/bin/sh", args: ["sh", "-c", $s],
		env: ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"]}')"
	set_script 'cat /proc/sys/net/ipv4/ip_default_ttl'
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	[ "$status" -ne 0 ] || assert_output 64
}

@test "sysctl: what is not the container's own is refused" {
	local s before
	before=$(cat /proc/sys/kernel/core_pattern /proc/sys/vm/swappiness \
		/proc/sys/kernel/hostname)
	cp "$BUNDLE/config.json" "$W/saved.json"
	for s in kernel.core_pattern kernel/core_pattern vm.swappiness \
		net/../kernel/core_pattern net.ipv4/../../kernel/core_pattern \
		'net/ipv4/../../vm/swappiness' 'net...kernel.core_pattern' \
		'fs.mqueue/../../kernel/core_pattern' \
		'fs/mqueue/../../vm/swappiness' '/kernel/core_pattern' \
		'net//../kernel/core_pattern' 'kernel.hostname' \
		'kernel.shmmax/../core_pattern' '../sys/kernel/core_pattern' \
		'kernel.domainname/../core_pattern' 'net.' 'net/' ''; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		update_config '.linux.sysctl = {($k): "1"}' --arg k "$s"
		set_args true
		t run --bundle "$BUNDLE" "$ID"
		assert_refused || { echo "sysctl $s"; return 1; }
	done
	assert_eq "$(cat /proc/sys/kernel/core_pattern \
		/proc/sys/vm/swappiness /proc/sys/kernel/hostname)" "$before"
}

@test "sysctl: net and ipc ones need an own namespace" {
	update_config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	del_namespace network
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_refused
	update_config '.linux.sysctl = {"kernel.shmmax": "1234567"}'
	del_namespace ipc
	t run --bundle "$BUNDLE" "$ID"
	assert_refused
}

# --- descriptors and working directory ----------------------------------

@test "fds: a caller's descriptors do not reach run, exec, hooks" {
	cd "$HOST"
	set_script 'ls /proc/self/fd; cat /proc/self/fd/*/HOSTMARK; true'
	add_hook createContainer "$(jq -n --arg o "$W/hook" \
		'{path: "/bin/sh", args: ["sh", "-c", "ls /proc/self/fd >\($o)"]}')"
	add_hook createRuntime "$(jq -n --arg o "$W/hook2" \
		'{path: "/bin/sh", args: ["sh", "-c", "ls /proc/self/fd >\($o)"]}')"
	t_as "$ATTACK" fds -- run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_eq "$(tr '\n' ' ' <<<"$output")" "0 1 2 3 "
	assert_eq "$(tr '\n' ' ' <"$W/hook")" "0 1 2 3 "
	assert_eq "$(tr '\n' ' ' <"$W/hook2")" "0 1 2 3 "
	set_args sleep 100
	update_config 'del(.hooks)'
	(cd "$HOST" && "$ATTACK" fds "$TARE" --root "$ROOT" run -d \
		--bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-)
	t_as "$ATTACK" fds -- exec "$ID" ls /proc/self/fd
	assert_eq "$(tr '\n' ' ' <<<"$output")" "0 1 2 3 "
	t exec "$ID" ls /proc/1/fd
	assert_eq "$(tr '\n' ' ' <<<"$output")" "0 1 2 "
}

@test "cwd: /proc/self/fd/N of a leaked directory shows nothing of the host" {
	local n
	cd "$HOST"
	for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		update_config ".process.cwd = \"/proc/self/fd/$n\""
		set_script 'cat HOSTMARK ../HOSTMARK ../../../HOSTMARK
			ls ../../..; true'
		t_as "$ATTACK" fds -- run --bundle "$BUNDLE" "$ID"
		assert_sane
		[[ $output != *HOSTMARK* ]] || { show; false; }
		[[ $output != *host* ]] || { show; false; }
	done
	update_config '.process.cwd = "/"'
	cp "$R/bin/busybox" "$HOST/evil"
	for n in 3 5 7 9 11; do
		set_args "/proc/self/fd/$n/evil" echo STARTED
		t_as "$ATTACK" fds -- run --bundle "$BUNDLE" "$ID"
		assert_fails
		refute_seen STARTED
	done
}

@test "cwd: exec into /proc/self/fd/N" {
	run_bg
	local n
	cd "$HOST"
	for n in 3 4 5 6 7 8 9 10 11 12; do
		t_as "$ATTACK" fds -- exec --cwd "/proc/self/fd/$n" "$ID" \
			sh -c 'cat HOSTMARK ../HOSTMARK; ls ..; true'
		assert_sane
		[[ $output != *HOSTMARK* ]] || { show; false; }
	done
	# the same through a link that the image brings
	ln -s /proc/self/fd "$R/fdlink"
	t_as "$ATTACK" fds -- exec --cwd /fdlink/7 "$ID" cat HOSTMARK
	assert_sane
	refute_match HOSTMARK
}

# --- the runtime seen from inside ---------------------------------------

# The watching container, with more capabilities.
watcher() {
	set_caps CAP_KILL "$@"
	update_config '.process.args = ["attack", "watch", "/data/log"]'
	run_bg
	wait_until grep -q ready "$R/data/log"
}

own_programs='/bin/(busybox|attack|probe|evil)$'

# What the watcher saw is harmless.
assert_watched() {
	local log=$R/data/log host
	grep -Ev "exe .*$own_programs|(pipe|socket):" "$log" | sort
	host=$(stat -Lc '%i' "$TARE")
	! grep -E "^(exe|wopen) [0-9]+:$host " "$log" || {
		echo "the runtime's own file is visible"
		return 1
	}
	! grep -E '^(wopen|wrote)' "$log" | grep -Ev "$own_programs" || {
		echo "a program of the runtime could be written"
		return 1
	}
	! grep '^overcap' "$log" || {
		echo "a visible process had more capabilities"
		return 1
	}
	! grep '^foreignroot' "$log" || {
		echo "a host root was open in a visible process"
		return 1
	}
	# (but for what the test itself gave as stdio, right in $W)
	! grep -E '^(dir|file) ' "$log" | grep -F "$W" |
		grep -Ev '^file [^ ]*/test/[0-9]+/[^/]+$' || {
		echo "host files were open in a visible process"
		return 1
	}
	! grep -E '^(dir|file) .*(cgroup|/state)' "$log" || {
		echo "cgroup or state files were open"
		return 1
	}
}

@test "exec: never visible with more than its payload may have" {
	local i sum
	sum=$(sha256sum <"$TARE")
	watcher CAP_SYS_PTRACE
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		t exec "$ID" true
		assert_status 0
		t exec --user 1000 --cwd /data "$ID" true
		assert_status 0
	done
	assert_eq "$(sha256sum <"$TARE")" "$sum"
	assert_watched
}

@test "CVE-2019-5736: /proc/self/exe as command and as interpreter" {
	local i sum
	sum=$(sha256sum <"$TARE")
	printf '#!/proc/self/exe\n' >"$R/bin/evil"
	chmod 755 "$R/bin/evil"
	set_args /proc/self/exe
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	set_args /bin/evil
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	watcher CAP_SYS_PTRACE
	for i in 1 2 3 4 5 6; do
		t exec "$ID" /proc/self/exe
		assert_sane
		t exec "$ID" /bin/evil
		assert_sane
	done
	assert_eq "$(sha256sum <"$TARE")" "$sum"
	assert_watched
}

@test "a second container in the pid namespace of a watcher" {
	local pid major minor
	watcher
	pid=$(pid_of)
	mkdir "$W/b2"
	make_bundle "$W/b2"
	jq --arg p "/proc/$pid/ns/pid" --arg cg "$CG-2" \
		'.process.args = ["sh", "-c", "sleep 0.2"] |
		.process.capabilities = {} | .linux.cgroupsPath = $cg |
		(.linux.namespaces[] | select(.type == "pid")) += {path: $p}' \
		"$W/b2/config.json" >"$W/b2/new"
	mv "$W/b2/new" "$W/b2/config.json"
	for _ in 1 2 3 4; do
		t run --bundle "$W/b2" "$ID-2"
		assert_status 0
	done
	# before Linux 6.17 a process has to be born in it to mount procfs: its
	# capabilities are seen, but nothing that a watcher could use
	IFS=.- read -r major minor _ < <(uname -r)
	((major > 6 || (major == 6 && minor >= 17))) ||
		sed -i '/^overcap/d' "$R/data/log"
	assert_watched
	rmdir "$CGROOT"/*"$CG-2" 2>/dev/null || :
}

# --- identity -----------------------------------------------------------

@test "uid and gid 4294967295 are refused" {
	local f
	cp "$BUNDLE/config.json" "$W/saved.json"
	for f in '.process.user.uid = 4294967295' \
		'.process.user.gid = 4294967295' \
		'.process.user.additionalGids = [4294967295]' \
		'.process.user.uid = 4294967296' '.process.user.uid = -1' \
		'.process.user.uid = "0"' '.process.user.uid = 1.5'; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		update_config "$f"
		set_script 'id'
		t run --bundle "$BUNDLE" "$ID"
		assert_refused || { echo "$f"; return 1; }
		refute_match uid=
	done
}

@test "exec --user: junk is refused" {
	run_bg
	local u
	for u in 1x -1 4294967295 4294967296 ' 0' +0 0x0 0: :0 0:1:2 \
		0:4294967295 1e3 0:-1 18446744073709551616 root 1000; do
		t exec --user "$u" "$ID" id
		if [ "$u" = 1000 ]; then
			assert_status 0
			assert_match 'uid=1000'
			continue
		fi
		[ "$status" -ne 0 ] || { echo "user '$u'"; show; return 1; }
	done
}

@test "a number is never a user's name" {
	printf '%s\n' 1000:x:0:0:r:/:/bin/sh 1:x:0:0:r:/:/bin/sh \
		root:x:0:0:r:/:/bin/sh >"$R/etc/passwd"
	printf '%s\n' 1000:x:0: 1:x:0:1000 >"$R/etc/group"
	update_config '.process.user = {uid: 1000, gid: 1000}'
	set_script 'awk "/^(Uid|Gid|Groups)/" /proc/self/status'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_match 'Uid:	1000	1000	1000	1000'
	assert_match 'Gid:	1000	1000	1000	1000'
	set_args sleep 100
	run_bg
	t exec --user 1:1 "$ID" awk '/^Uid/' /proc/self/status
	assert_output 'Uid:	1	1	1	1'
}

@test "supplementary groups of the caller are dropped" {
	set_script 'awk "/^Groups/ { print NF }" /proc/self/status'
	t_as setpriv --groups 4,24,27 -- run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output 1
	set_args sleep 100
	run_bg
	t_as setpriv --groups 4,24,27 -- exec "$ID" \
		awk '/^Groups/ { print NF }' /proc/self/status
	assert_output 1
	# the caller's own user too
	t_as setpriv --groups 4,24,27 -- exec --user 1000 "$ID" \
		awk '/^Groups/ { print NF }' /proc/self/status
	assert_output 1
}

caps_of() {
	awk '/^Cap(Inh|Amb)/ { s = s $2 } END { print s }' <<<"$output"
}

@test "inheritable and ambient capabilities are none" {
	local none=00000000000000000000000000000000
	set_args cat /proc/self/status
	t run --bundle "$BUNDLE" "$ID"
	assert_eq "$(caps_of)" $none
	set_args sleep 100
	run_bg
	t exec "$ID" cat /proc/self/status
	assert_eq "$(caps_of)" $none
	t exec --cap CAP_NET_RAW "$ID" cat /proc/self/status
	assert_eq "$(caps_of)" $none
	t exec --user 1000 "$ID" cat /proc/self/status
	assert_eq "$(caps_of)" $none
	assert_match 'CapEff:	0000000000000000'
	t exec --user 1000 --cap CAP_NET_RAW "$ID" cat /proc/self/status
	assert_match 'CapInh:	0000000000000000'
}

@test "spec: no inheritable, no ambient, masks, no new privileges" {
	mkdir "$W/s"
	t spec --bundle "$W/s"
	assert_status 0
	run jq -e '.process.capabilities | (.inheritable // []) == []
		and (.ambient // []) == []' "$W/s/config.json"
	[ "$status" -eq 0 ]
	run jq -e '.process.noNewPrivileges' "$W/s/config.json"
	[ "$status" -eq 0 ]
	run jq -r '.linux.maskedPaths[]' "$W/s/config.json"
	local p
	for p in acpi kcore keys latency_stats timer_list timer_stats \
		sched_debug scsi; do
		assert_line "/proc/$p"
	done
	assert_line /sys/firmware
}

@test "image: passwd and group that would hang or flood the runtime" {
	local kind
	set_args true
	update_config '.process.env = ["PATH=/bin"]'
	for kind in fifo dir loop zero huge longline; do
		rm -rf "$R/etc/passwd" "$R/etc/group"
		case $kind in
		fifo) mkfifo "$R/etc/passwd" "$R/etc/group" ;;
		dir) mkdir "$R/etc/passwd" "$R/etc/group" ;;
		loop)
			ln -s passwd "$R/etc/passwd"
			ln -s group "$R/etc/group"
			;;
		zero)
			mknod "$R/etc/passwd" c 1 5
			mknod "$R/etc/group" c 1 5
			;;
		huge)
			truncate -s 2G "$R/etc/passwd"
			truncate -s 2G "$R/etc/group"
			;;
		longline)
			head -c 2000000 /dev/zero | tr '\0' a \
				>"$R/etc/passwd"
			cp "$R/etc/passwd" "$R/etc/group"
			;;
		esac
		run --separate-stderr alone timeout -k 1 8 "$TARE" \
			--root "$ROOT" run --bundle "$BUNDLE" "$ID"
		assert_sane || { echo "passwd is $kind"; return 1; }
	done
	rm -rf "$R/etc/passwd" "$R/etc/group"
	ln -s "$HOST/secret" "$R/etc/passwd"
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	assert_untouched
}

# --- names and paths ----------------------------------------------------

@test "ids: what is no plain name is refused, delete removes nothing else" {
	local id long
	mkdir -p "$W/victim/x" "$ROOT/keep"
	touch "$W/victim/x/f"
	set_args true
	long=$(printf 'a%.0s' {1..1025})
	for id in .. . a/b ../victim ../x '' 'a b' "$long" $'a\nb' 'a*' '/'; do
		t run --bundle "$BUNDLE" -- "$id"
		[ "$status" -ne 0 ] || { echo "run '$id'"; show; return 1; }
		assert_sane
	done
	for id in .. . ../victim ../victim/x "$W/victim" '' ../../victim; do
		t delete --force -- "$id"
		assert_sane
		[ -e "$W/victim/x/f" ]
		[ -d "$ROOT" ]
	done
	[ -e "$W/bundle/config.json" ]
	rmdir "$ROOT/keep"
}

@test "state: a planted link or file is not followed" {
	mkdir -p "$HOST/dir"
	ln -s "$HOST/dir" "$ROOT/$ID"
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_sane
	assert_untouched
	t delete --force "$ID"
	assert_sane
	assert_untouched
	t state "$ID"
	assert_fails
	rm -f "$ROOT/$ID"
}

@test "state root and directory are the owner's alone" {
	run_bg
	# a mapped root may pass through, nobody may look
	(( (0$(stat -c %a "$ROOT/$ID") & 066) == 0 ))
	tare delete --force "$ID"
	"$TARE" --root "$W/newroot" run --bundle "$BUNDLE" "$ID-n" \
		</dev/null >/dev/null 2>&1 3>&- &
	CHILDREN+=($!)
	wait_until test -e "$W/newroot/$ID-n"
	assert_eq "$(stat -c %a "$W/newroot" | tail -c 3)" 00
	"$TARE" --root "$W/newroot" delete --force "$ID-n" || :
}

@test "cgroupsPath: no way out of the hierarchy" {
	local p n=tare-esc-$RANDOM
	set_args true
	for p in "/../$n" "../../../$n" "/a/../../$n" "/../../tmp/$n" \
		"/$n-ok/../../$n"; do
		update_config '.linux.cgroupsPath = $p' --arg p "$p"
		t run --bundle "$BUNDLE" "$ID"
		assert_sane
		[ ! -e "$CGROOT/$n" ] && [ ! -e "/sys/fs/$n" ] &&
			[ ! -e "/tmp/$n" ] || {
			echo "$p led out of the hierarchy"
			rm -rf "${CGROOT:?}/$n" "/tmp/$n"
			return 1
		}
	done
	rmdir "$CGROOT"/*/"$n-ok" 2>/dev/null || :
}

# --- hooks --------------------------------------------------------------

@test "hooks: no environment of the image, none of its libraries" {
	update_config '.process.env = ["PATH=/bin", "LD_PRELOAD=/data/evil.so",
		"IMAGE_ENV=1"]'
	add_hook createContainer "$(jq -n --arg o "$W/env1" \
		'{path: "/bin/sh", args: ["sh", "-c", "/usr/bin/env >\($o)"]}')"
	add_hook createRuntime "$(jq -n --arg o "$W/env2" \
		'{path: "/bin/sh", args: ["sh", "-c", "/usr/bin/env >\($o)"],
		env: ["ONLY=this"]}')"
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	run ! grep -E "LD_PRELOAD|IMAGE_ENV" "$W/env1" "$W/env2"
	grep -q ONLY=this "$W/env2"
	! grep -qE '^(HOME|BATS|TARE)' "$W/env2"
}

@test "hooks: one that never reads its state, one that floods" {
	add_hook createRuntime '{"path": "/bin/true"}'
	add_hook createRuntime '{"path": "/bin/sh", "args": ["sh", "-c",
		"exec <&-; exit 0"]}'
	add_hook createContainer '{"path": "/bin/sh", "args": ["sh", "-c",
		"head -c 300000 /dev/zero | tr \"\\0\" x; exit 0"]}'
	update_config '.annotations = {big: ("x" * 200000)}'
	set_args echo ran
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_match 'ran'
}

@test "hooks: time-out kills it and its children" {
	local n=98765.$$
	add_hook createRuntime "$(jq -nc --arg n "$n" '{path: "/bin/sh",
		args: ["sh", "-c", "sleep \($n) & sleep \($n)"], timeout: 1}')"
	set_args true
	t run --bundle "$BUNDLE" "$ID"
	assert_refused
	! pgrep -fx "sleep $n" >/dev/null
}

# --- keys ---------------------------------------------------------------

@test "keyring: the caller's session is not the container's" {
	local key=tare-$ID
	run "$ATTACK" key-add "$key" "$ATTACK" key-find "$key"
	[ "$output" = "found hunter2" ] || skip "lacks: keyrings"
	set_args attack key-find "$key"
	t_as "$ATTACK" key-add "$key" -- run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output absent
	set_args sleep 100
	run_bg
	t_as "$ATTACK" key-add "$key" -- exec "$ID" attack key-find "$key"
	assert_status 0
	assert_output absent
}

@test "keyring: not joinable by another container" {
	local key=tare-$ID
	set_args attack key-hold "$key"
	run_bg
	wait_until grep -q held "$W/bg.out"
	mkdir "$W/b2"
	make_bundle "$W/b2"
	cp "$ATTACK" "$W/b2/rootfs/bin/attack"
	jq --arg k "$key" --arg r "_ses.$ID" --arg cg "$CG-2" \
		'.linux.cgroupsPath = $cg | .process.args = ["attack", "key-find", $k, $r]' \
		"$W/b2/config.json" >"$W/b2/new"
	mv "$W/b2/new" "$W/b2/config.json"
	t run --bundle "$W/b2" "$ID-2"
	assert_status 0
	assert_output absent
	rmdir "$CGROOT"/*"$CG-2" 2>/dev/null || :
}

# --- devices, terminal, sockets -----------------------------------------

@test "devices: the disk is refused, whatever the list says" {
	local dev r
	dev=$(awk '$4 ~ /^(vd|sd|nvme|xvd|loop)/ { print $1, $2; exit }' \
		/proc/partitions)
	[ -n "$dev" ] || skip "lacks: a block device"
	cp "$BUNDLE/config.json" "$W/saved.json"
	for r in '.' '.linux.resources.devices = []' \
		'del(.linux.resources.devices)' 'del(.linux.resources)' \
		'.linux.resources.devices = [{allow: true, type: "c",
			access: "rwm"}]'; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		update_config "$r"
		set_caps CAP_MKNOD CAP_DAC_OVERRIDE
		set_script "mknod /data/disk b $dev; head -c 1 /data/disk |
			wc -c; cat /dev/null && echo null-ok"
		t run --bundle "$BUNDLE" "$ID"
		assert_status 0 || { echo "$r"; return 1; }
		assert_line 0 || { echo "$r"; return 1; }
		assert_line null-ok
	done
	# update without a list changes nothing
	cp "$W/saved.json" "$BUNDLE/config.json"
	set_caps CAP_MKNOD CAP_DAC_OVERRIDE
	run_bg
	echo '{"pids": {"limit": 50}}' >"$W/res.json"
	t update --resources "$W/res.json" "$ID"
	assert_status 0
	t exec --cap CAP_MKNOD "$ID" sh -c \
		"rm -f /data/disk; mknod /data/disk b $dev; head -c 1 /data/disk | wc -c"
	assert_line 0
}

@test "terminal: the operator's is not the container's to write into" {
	# whoever holds CAP_SYS_ADMIN can push input into any terminal
	set_script 'awk "{ print \"tty\", \$7 }" /proc/self/stat; attack tiocsti'
	on_tty "$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	# not its controlling terminal
	assert_match 'tty 0'
	assert_match refused
}

@test "no abstract socket is listening" {
	local before after
	before=$(awk '$NF ~ /^@/ { print $NF }' /proc/net/unix | sort -u)
	create_bg
	after=$(awk '$NF ~ /^@/ { print $NF }' /proc/net/unix | sort -u)
	[ -z "$(comm -13 <(echo "$before") <(echo "$after") |
		grep -iE "runc|tare|$ID")" ]
}

@test "cgroup mount: every hierarchy is read-only" {
	add_mount /sys/fs/cgroup cgroup cgroup nosuid noexec nodev relatime ro
	set_script 'for d in /sys/fs/cgroup/ /sys/fs/cgroup/*/; do
		mkdir $d/x 2>/dev/null && echo wrote $d; done; true'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output ''
}

# --- size and depth -----------------------------------------------------

@test "long strings are carried whole or refused" {
	local big
	big=$(printf 'x%.0s' {1..70000})
	echo "$big" >"$W/big"
	cp "$BUNDLE/config.json" "$W/saved.json"
	update_config '.process.env += ["BIG=" + ($b | rtrimstr("\n"))]' \
		--rawfile b "$W/big"
	set_script 'echo ${#BIG}'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_output 70000
	cp "$W/saved.json" "$BUNDLE/config.json"
	update_config '.process.args = ["echo", ($b | rtrimstr("\n"))]' \
		--rawfile b "$W/big"
	t run --bundle "$BUNDLE" "$ID"
	assert_status 0
	assert_eq "${#output}" 70000
	local f
	for f in '.hostname = $b' '.process.cwd = "/" + $b' \
		'(.linux.namespaces[] | select(.type == "ipc")).path = "/" + $b' \
		'.root.path = $b' '.linux.cgroupsPath = "/" + $b' \
		'.mounts[0].destination = "/" + $b' \
		'.linux.maskedPaths += ["/" + ($b * 20)]' \
		'.process.args = [$b]'; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		update_config "$f" --rawfile b "$W/big"
		t run --bundle "$BUNDLE" "$ID"
		assert_sane || { echo "$f"; return 1; }
	done
	for f in '.linux.uidMappings = [range(6000) | {containerID: .,
		hostID: (100000 + .), size: 1}] | .linux.gidMappings =
		.linux.uidMappings | .linux.namespaces += [{type: "user"}]' \
		'.annotations = {a: ($b * 10)}'; do
		cp "$W/saved.json" "$BUNDLE/config.json"
		update_config "$f" --rawfile b "$W/big"
		set_args true
		t run --bundle "$BUNDLE" "$ID"
		assert_sane || { echo "$f"; return 1; }
	done
}

@test "deep, cut, doubled, binary and huge JSON" {
	set_args true
	cp "$BUNDLE/config.json" "$W/saved.json"
	local bad
	for bad in deep cut empty nul binary array nothing; do
		case $bad in
		deep) "$PYTHON" -c 'print("{\"x\":" + "[" * 200000 +
			"]" * 200000 + "}")' >"$BUNDLE/config.json" ;;
		cut) head -c 900 "$W/saved.json" >"$BUNDLE/config.json" ;;
		empty) : >"$BUNDLE/config.json" ;;
		nul) printf '{"ociVersion":"1.0.0\0"}' \
			>"$BUNDLE/config.json" ;;
		binary) head -c 5000 /dev/urandom >"$BUNDLE/config.json" ;;
		array) echo '[1,2]' >"$BUNDLE/config.json" ;;
		nothing) echo null >"$BUNDLE/config.json" ;;
		esac
		t run --bundle "$BUNDLE" "$ID"
		assert_refused || { echo "$bad"; return 1; }
	done
	cp "$W/saved.json" "$BUNDLE/config.json"
	set_args sleep 100
	run_bg
	for bad in '{"args":' '[]' '{"args":["true"],"cwd":"/","user":{"uid":-1}}' \
		'{"args":[],"cwd":"/"}' '{"args":["true"],"cwd":"x"}' 'null' ''; do
		echo "$bad" >"$W/p.json"
		t exec --process "$W/p.json" "$ID"
		assert_sane
		[ "$status" -ne 0 ] || { echo "$bad"; show; return 1; }
	done
}

@test "a configuration that is a FIFO or a device does not hang" {
	rm "$BUNDLE/config.json"
	ln -s /dev/zero "$BUNDLE/config.json"
	run --separate-stderr alone timeout -k 1 15 bash -c \
		"ulimit -v 4000000; exec $TARE --root $ROOT run --bundle $BUNDLE $ID"
	[ "$status" -ne 0 ]
	tare_only
	assert_sane
}
