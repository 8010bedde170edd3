#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mounts, devices, masked and read-only paths, the root itself.

load helpers

# The per-mount flags of mountinfo of DESTINATION, the fs type and the
# super block's flags.
flags_of() {
	mount_line "$1" | cut -d ' ' -f 6
}

type_of() {
	mount_line "$1" | sed 's/.* - //' | cut -d ' ' -f 1
}

super_of() {
	mount_line "$1" | sed 's/.* - //' | cut -d ' ' -f 3
}

tags_of() {
	mount_line "$1" | sed 's/ - .*//' | cut -d ' ' -f 7-
}

has() {
	[[ ,$1, == *,$2,* ]] || {
		echo "no $2 in $1"
		return 1
	}
}

has_not() {
	[[ ,$1, != *,$2,* ]] || {
		echo "$2 in $1"
		return 1
	}
}

mountinfo() {
	inside_ok 'cat /proc/self/mountinfo'
}

@test "the default mounts" {
	mountinfo
	assert_eq "$(type_of /proc)" proc
	assert_eq "$(type_of /dev)" tmpfs
	assert_eq "$(type_of /dev/pts)" devpts
	assert_eq "$(type_of /dev/shm)" tmpfs
	assert_eq "$(type_of /dev/mqueue)" mqueue
	assert_eq "$(type_of /sys)" sysfs
	has "$(flags_of /sys)" ro
	has "$(flags_of /sys)" nosuid
	has "$(flags_of /sys)" nodev
	has "$(flags_of /sys)" noexec
	has "$(super_of /dev)" size=65536k
	has "$(super_of /dev)" mode=755
	has "$(flags_of /dev)" nosuid
	has "$(super_of /dev/pts)" gid=5
	has "$(super_of /dev/pts)" mode=620
	has "$(super_of /dev/pts)" ptmxmode=666
}

@test "nothing of the host's mounts is left" {
	mountinfo
	[[ $(cut -d ' ' -f 5 <<<"$output") != *"$W"* ]]
	# Every mount is one of the configuration, the root or a mask.
	local n
	n=$(wc -l <<<"$output")
	[ "$n" -le 30 ]
}

@test "mount options: each word, on a tmpfs" {
	# option, expected in the mount's flags (+) or absent (-)
	local table='ro +ro
rw +rw
nosuid +nosuid
suid -nosuid
nodev +nodev
dev -nodev
noexec +noexec
exec -noexec
noatime +noatime
atime +relatime
relatime +relatime
norelatime +relatime
strictatime -relatime
nostrictatime +relatime
nodiratime +nodiratime
diratime -nodiratime' line i=0
	if ! is_runc; then
		# runc 1.1 hands "defaults" to the file system.
		table+=$'\ndefaults +rw\nnosymfollow +nosymfollow\nsymfollow -nosymfollow'
	fi
	while read -r line; do
		add_mount "/m$i" tmpfs tmpfs "${line% *}"
		i=$((i + 1))
	done <<<"$table"
	mountinfo
	i=0
	while read -r line; do
		case ${line#* } in
		+*) has "$(flags_of /m$i)" "${line#* +}" ;;
		-*) has_not "$(flags_of /m$i)" "${line#* -}" ;;
		esac || { echo "option ${line% *}"; return 1; }
		i=$((i + 1))
	done <<<"$table"
}

@test "mount options: of the super block" {
	add_mount /m0 tmpfs tmpfs sync
	add_mount /m1 tmpfs tmpfs dirsync
	add_mount /m2 tmpfs tmpfs mand
	add_mount /m3 tmpfs tmpfs async nomand size=1m nr_inodes=50 mode=711
	add_mount /m4 tmpfs tmpfs uid=7,gid=8
	add_mount /m5 tmpfs tmpfs silent iversion
	add_mount /m6 tmpfs tmpfs loud noiversion
	inside_ok 'cat /proc/self/mountinfo; stat -c "%n %a %u %g" /m3 /m4'
	has "$(super_of /m0)" sync
	has "$(super_of /m1)" dirsync
	has "$(super_of /m3)" size=1024k
	has "$(super_of /m3)" nr_inodes=50
	has_not "$(super_of /m3)" sync
	assert_match '/m3 711 0 0'
	assert_match '/m4 [0-7]+ 7 8'
}

@test "mount options: the later of a pair wins" {
	add_mount /m0 tmpfs tmpfs ro rw
	add_mount /m1 tmpfs tmpfs rw ro
	add_mount /m2 tmpfs tmpfs nosuid noexec suid exec
	mountinfo
	has "$(flags_of /m0)" rw
	has "$(flags_of /m1)" ro
	has_not "$(flags_of /m2)" nosuid
	has_not "$(flags_of /m2)" noexec
}

@test "mount options: each flag, on a bind" {
	local o i=0
	mkdir "$W/src"
	for o in ro nosuid nodev noexec noatime nodiratime; do
		add_mount "/b$o" "$W/src" bind bind $o
	done
	mountinfo
	for o in ro nosuid nodev noexec noatime nodiratime; do
		has "$(flags_of /b$o)" $o
	done
	add_mount /data "$W/src" bind bind size=1m
	inside true
	# runc 1.1 passes it to the kernel, which ignores it.
	is_runc || assert_fails
}

@test "bind: read-write and read-only" {
	mkdir "$W/src"
	echo hi >"$W/src/f"
	add_mount /rw "$W/src" bind bind
	add_mount /ro "$W/src" bind bind ro
	inside_ok 'cat /ro/f; echo new >/rw/g; touch /ro/h || echo refused
		mount -o remount,rw,bind /ro 2>/dev/null || echo held'
	assert_output $'hi\nrefused\nheld'
	assert_eq "$(cat "$W/src/g")" new
}

@test "bind: an empty type, none, or nonsense when bind is an option" {
	mkdir "$W/src"
	echo hi >"$W/src/f"
	add_mount /a "$W/src" '' bind
	add_mount /b "$W/src" '' rbind
	add_mount /c "$W/src" none bind
	add_mount /d "$W/src" bind rbind rprivate rw
	inside_ok 'cat /a/f /b/f /c/f /d/f'
	assert_output $'hi\nhi\nhi\nhi'
}

@test "bind: type bind without the option" {
	mkdir "$W/src"
	echo hi >"$W/src/f"
	add_mount /a "$W/src" bind
	inside 'cat /a/f'
	# runc passes the type to the kernel (ENODEV); a bind is fine too.
	if [ "$status" -eq 0 ]; then
		assert_output hi
	else
		assert_err /a
	fi
}

@test "bind: a file over a file, over nothing, in a new directory" {
	echo one >"$W/f"
	echo old >"$BUNDLE/rootfs/etc/hostname"
	add_mount /etc/hostname "$W/f" bind bind ro
	add_mount /new "$W/f" bind rbind
	add_mount /deep/er/file "$W/f" bind bind
	inside_ok 'cat /etc/hostname /new /deep/er/file
		stat -c %a /deep /deep/er; stat -c %F /deep/er/file'
	assert_output $'one\none\none\n755\n755\nregular file'
	assert_eq "$(cat "$BUNDLE/rootfs/etc/hostname")" old
	[ ! -s "$BUNDLE/rootfs/new" ]
}

@test "bind: a relative source is of the bundle" {
	mkdir "$BUNDLE/vol"
	echo v >"$BUNDLE/vol/f"
	add_mount /v vol bind bind
	inside_ok 'cat /v/f'
	assert_output v
}

@test "bind: a relative destination is taken from the root" {
	mkdir "$W/src"
	add_mount rel/path "$W/src" bind bind
	inside_ok 'cat /proc/self/mountinfo'
	has "$(flags_of /rel/path)" rw
}

@test "bind: a directory over a file, a file over a directory fail" {
	mkdir "$W/src"
	touch "$W/f" "$BUNDLE/rootfs/file"
	add_mount /file "$W/src" bind bind
	inside true
	assert_fails 'ot a directory'
	assert_no_trace
	update_config '.mounts[-1] = {destination: "/tmp", source: $f,
		type: "bind", options: ["bind"]}' --arg f "$W/f"
	inside true
	assert_fails 'ot a directory'
	assert_no_trace
}

@test "bind: a missing source names itself" {
	add_mount /x "$W/missing" bind bind
	inside true
	assert_fails "$W/missing"
	assert_err 'no such file or directory'
	assert_no_trace
}

@test "rbind: what is mounted below comes along, with bind it does not" {
	mkdir -p "$W/src/sub"
	mount -t tmpfs tmpfs "$W/src/sub"
	echo deep >"$W/src/sub/f"
	add_mount /r "$W/src" bind rbind
	add_mount /b "$W/src" bind bind
	inside_ok 'cat /r/sub/f; ls /b/sub'
	assert_output deep
}

@test "rbind ro: only the top is read-only" {
	mkdir -p "$W/src/sub"
	mount -t tmpfs tmpfs "$W/src/sub"
	add_mount /r "$W/src" bind rbind ro
	inside_ok 'touch /r/f || echo top; touch /r/sub/f && echo sub'
	assert_output $'top\nsub'
}

@test "rbind: recursive attributes" {
	local o
	newer_than_runc_1_1 'all of the r* options'
	mkdir -p "$W/src/sub"
	mount -t tmpfs -o nosuid tmpfs "$W/src/sub"
	for o in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
		add_mount "/r$o" "$W/src" bind rbind r$o
	done
	add_mount /rsuid "$W/src" bind rbind rsuid
	add_mount /rstrictatime "$W/src" bind rbind rstrictatime
	inside_ok 'cat /proc/self/mountinfo; touch /rro/sub/x || echo refused'
	for o in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
		has "$(flags_of /r$o)" $o
		has "$(flags_of /r$o/sub)" $o
	done
	has_not "$(flags_of /rsuid/sub)" nosuid
	has_not "$(flags_of /rstrictatime/sub)" relatime
	assert_match refused
}

@test "rro: recursive read-only" {
	mkdir -p "$W/src/sub"
	mount -t tmpfs tmpfs "$W/src/sub"
	add_mount /r "$W/src" bind rbind rro
	inside_ok 'touch /r/f || echo top; touch /r/sub/f || echo sub'
	assert_output $'top\nsub'
}

@test "propagation: of mounts" {
	mkdir "$W/src"
	mount -t tmpfs tmpfs "$W/src"
	mount --make-shared "$W/src"
	add_mount /private "$W/src" bind bind private
	add_mount /rprivate "$W/src" bind rbind rprivate
	add_mount /slave "$W/src" bind bind slave
	add_mount /rslave "$W/src" bind rbind rslave
	add_mount /shared "$W/src" bind bind shared
	add_mount /rshared "$W/src" bind rbind rshared
	add_mount /unbindable "$W/src" bind bind unbindable
	update_config '.linux.rootfsPropagation = "shared"'
	mountinfo
	assert_eq "$(tags_of /private)" ''
	assert_eq "$(tags_of /rprivate)" ''
	[[ $(tags_of /slave) == master:* ]]
	[[ $(tags_of /rslave) == master:* ]]
	[[ $(tags_of /shared) == *shared:* ]]
	[[ $(tags_of /rshared) == *shared:* ]]
	assert_eq "$(tags_of /unbindable)" unbindable
}

@test "propagation: a slave sees the host's later mounts" {
	mkdir -p "$W/src"
	mount -t tmpfs tmpfs "$W/src"
	mount --make-shared "$W/src"
	mkdir "$W/src/sub"
	add_mount /v "$W/src" bind rbind rslave
	update_config '.linux.rootfsPropagation = "rslave"'
	run_bg
	mount -t tmpfs tmpfs "$W/src/sub"
	touch "$W/src/sub/seen"
	exec_in 'ls /v/sub'
	assert_output seen
}

@test "rootfsPropagation: each" {
	local p tag
	for p in private rprivate slave rslave shared rshared unbindable \
		runbindable; do
		# runc cannot bind such a root.
		[[ $p != *unbindable ]] || ! is_runc || continue
		update_config '.linux.rootfsPropagation = $p' --arg p $p
		mountinfo
		tag=$(tags_of /)
		# runc accepts the words and leaves the root private.
		case $(is_runc && echo runc-)$p in
		runc-*) ;;
		*private) assert_eq "$tag" '' $p ;;
		*shared) [[ $tag == *shared:* ]] ;;
		*unbindable) [[ $tag == *unbindable* ]] ;;
		esac || { echo "$p: $tag"; return 1; }
	done
	update_config '.linux.rootfsPropagation = "odd"'
	inside true
	assert_fails odd
}

@test "tmpfs: on a directory that is there keeps its mode" {
	mkdir "$BUNDLE/rootfs/d"
	chmod 1710 "$BUNDLE/rootfs/d"
	add_mount /d tmpfs tmpfs
	inside_ok 'stat -c %a /d; ls /d'
	assert_output 1710
}

@test "tmpfs: read-only" {
	add_mount /d tmpfs tmpfs ro
	inside_ok 'touch /d/x || echo refused'
	assert_output refused
}

@test "tmpcopyup: what was there is in the tmpfs" {
	mkdir -p "$BUNDLE/rootfs/d/sub"
	echo f >"$BUNDLE/rootfs/d/f"
	echo g >"$BUNDLE/rootfs/d/sub/g"
	ln -s f "$BUNDLE/rootfs/d/link"
	chown 5:6 "$BUNDLE/rootfs/d/f"
	chmod 640 "$BUNDLE/rootfs/d/f"
	add_mount /d tmpfs tmpfs tmpcopyup
	set_caps CAP_DAC_OVERRIDE
	inside_ok 'cat /d/f /d/sub/g /d/link; stat -c "%a %u %g" /d/f
		echo changed >/d/f; stat -f -c %T /d'
	assert_output $'f\ng\nf\n640 5 6\ntmpfs'
	assert_eq "$(cat "$BUNDLE/rootfs/d/f")" f
}

@test "mqueue: works inside" {
	inside_ok 'touch /dev/mqueue/q; cat /dev/mqueue/q'
	assert_match QSIZE
	[ -z "$(ls /dev/mqueue 2>/dev/null | grep -x q)" ]
}

@test "devpts: the container's own" {
	inside_ok 'ls /dev/pts; stat -L -c %t:%T /dev/ptmx'
	assert_match ptmx
	assert_match 5:2
}

@test "sysfs: of the own network namespace" {
	inside_ok 'ls /sys/class/net'
	assert_output lo
}

@test "cgroup: read-only view of the own cgroup" {
	add_mount /sys/fs/cgroup cgroup cgroup ro nosuid noexec nodev relatime
	inside_ok 'cat /sys/fs/cgroup/memory/cgroup.procs
		ls -d /sys/fs/cgroup/cpu /sys/fs/cgroup/freezer
		mkdir /sys/fs/cgroup/x || echo refused
		mkdir /sys/fs/cgroup/memory/x || echo refused'
	assert_line 1
	assert_line /sys/fs/cgroup/cpu
	assert_eq "$(grep -c refused <<<"$output")" 2
}

@test "cgroup: with a cgroup namespace" {
	set_ns cgroup
	add_mount /sys/fs/cgroup cgroup cgroup ro nosuid noexec nodev
	inside_ok 'cat /sys/fs/cgroup/pids/cgroup.procs; cat /proc/self/cgroup'
	assert_line 1
	assert_match 'memory:/'
	refute_match tare-test
}

@test "cgroup2: mounted by its type" {
	newer_than_runc_1_1 'this mount' || :
	add_mount /cg cgroup2 cgroup2 ro
	inside 'cat /proc/self/mountinfo'
	if [ "$status" -eq 0 ]; then
		assert_eq "$(type_of /cg)" cgroup2
	else
		assert_err /cg
	fi
}

@test "an unknown file system names the mount" {
	add_mount /x none nosuchfs
	inside true
	assert_fails /x
	assert_err 'no such device'
	assert_no_trace
}

@test "mounts over /proc are refused, and of the root" {
	mkdir "$W/src"
	add_mount /proc/sys "$W/src" bind bind
	inside true
	assert_fails 'inside /proc'
	assert_no_trace
	update_config '.mounts[-1].destination = "/"'
	inside true
	# runc 1.1 lets this one through.
	is_runc || assert_fails
}

@test "mounts inside /proc: what lxcfs provides is allowed" {
	echo 'MemTotal: 1 kB' >"$W/meminfo"
	echo 1.0 2.0 >"$W/uptime"
	add_mount /proc/meminfo "$W/meminfo" bind bind
	add_mount /proc/uptime "$W/uptime" bind bind ro
	inside_ok 'cat /proc/meminfo /proc/uptime'
	assert_output $'MemTotal: 1 kB\n1.0 2.0'
}

@test "symbolic links in the root do not lead out" {
	mkdir "$W/src" "$W/outside"
	ln -s "$W/outside" "$BUNDLE/rootfs/abs"
	ln -s ../../../../../../..$W/outside "$BUNDLE/rootfs/rel"
	ln -s /etc "$BUNDLE/rootfs/in"
	echo inner >"$W/f"
	add_mount /abs/x "$W/src" bind bind
	add_mount /rel/y "$W/src" bind bind
	add_mount /in/z "$W/f" bind bind
	inside_ok 'cat /etc/z'
	assert_output inner
	assert_eq "$(ls "$W/outside")" ''
}

@test "masks: through a link of the image to /proc are refused" {
	# An image whose /proc is a link would mount elsewhere.
	rmdir "$BUNDLE/rootfs/proc"
	mkdir "$BUNDLE/rootfs/realproc"
	ln -s realproc "$BUNDLE/rootfs/proc"
	inside true
	assert_fails
	assert_no_trace
}

@test "default devices: nodes, modes, what they do" {
	inside_ok 'cd /dev; for d in null zero full random urandom tty; do
			stat -c "%n %F %t:%T %a %u:%g" $d
		done'
	assert_output "null character special file 1:3 666 0:0
zero character special file 1:5 666 0:0
full character special file 1:7 666 0:0
random character special file 1:8 666 0:0
urandom character special file 1:9 666 0:0
tty character special file 5:0 666 0:0"
	inside_ok 'echo x >/dev/null; head -c 2 /dev/zero | od -An -tx1
		echo x >/dev/full || echo full; head -c 4 /dev/urandom | wc -c'
	assert_match full
	assert_match '00 00'
	assert_line 4
}

@test "default links in /dev" {
	inside_ok 'cd /dev; for l in fd stdin stdout stderr ptmx; do
		readlink $l; done'
	assert_output "/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2
pts/ptmx"
}

@test "/dev bound from the host: nothing is made in it" {
	mkdir "$W/dev"
	mknod -m 666 "$W/dev/null" c 1 3
	update_config '.mounts |= map(select(.destination |
		startswith("/dev") | not))'
	add_mount /dev "$W/dev" bind rbind
	inside_ok 'ls -A /dev'
	assert_output null
}

@test "linux.devices: kinds, mode, owner" {
	# runc 1.1 allows no default device that the list replaces.
	update_config '.linux.resources.devices += [{allow: true, type: "c",
			major: 1, minor: 3, access: "rwm"}]
		| .linux.devices = [
		{path: "/dev/fuse", type: "c", major: 10, minor: 229,
			fileMode: 432, uid: 7, gid: 8},
		{path: "/dev/sub/dir/blk", type: "b", major: 7, minor: 9},
		{path: "/dev/unb", type: "u", major: 1, minor: 3},
		{path: "/dev/fifo", type: "p", fileMode: 384},
		{path: "/outside", type: "c", major: 1, minor: 5},
		{path: "/dev/null", type: "c", major: 1, minor: 3,
			fileMode: 438, uid: 1000, gid: 1000}]'
	inside_ok 'stat -c "%n|%F|%t:%T|%a|%u:%g" /dev/fuse /dev/sub/dir/blk \
		/dev/unb /dev/fifo /outside /dev/null'
	assert_output "/dev/fuse|character special file|a:e5|660|7:8
/dev/sub/dir/blk|block special file|7:9|666|0:0
/dev/unb|character special file|1:3|666|0:0
/dev/fifo|fifo|0:0|600|0:0
/outside|character special file|1:5|666|0:0
/dev/null|character special file|1:3|666|1000:1000"
	update_config '.linux.devices = [{path: "/dev/x", type: "z",
		major: 1, minor: 3}]'
	inside true
	assert_fails
	assert_no_trace
}

@test "maskedPaths: files read empty, directories are empty and sealed" {
	mkdir "$BUNDLE/rootfs/secret"
	echo s >"$BUNDLE/rootfs/secret/f"
	echo s >"$BUNDLE/rootfs/file"
	update_config '.linux.maskedPaths += ["/secret", "/file", "/missing",
		"/file"]'
	inside_ok 'cat /file; ls -A /secret; touch /secret/x || echo refused
		cat /proc/keys; ls /sys/firmware
		stat -c %t:%T /file; umount /file 2>/dev/null || echo held'
	assert_output $'refused\n1:3\nheld'
}

@test "readonlyPaths: cannot be written" {
	mkdir "$BUNDLE/rootfs/fixed"
	update_config '.linux.readonlyPaths += ["/fixed", "/etc/passwd",
		"/missing"]'
	set_caps CAP_SYS_ADMIN CAP_DAC_OVERRIDE CAP_NET_ADMIN
	inside_ok 'touch /fixed/x || echo a; echo >>/etc/passwd || echo b
		echo h >/proc/sys/kernel/hostname || echo c
		echo b >/proc/sysrq-trigger || echo d'
	assert_output $'a\nb\nc\nd'
}

@test "root.readonly" {
	update_config '.root.readonly = true'
	inside_ok 'touch /x || echo root; touch /dev/shm/y && echo shm
		touch /etc/x || echo etc'
	assert_output $'root\nshm\netc'
	update_config '.root.readonly = false'
	inside_ok 'touch /x && echo rw'
	assert_output rw
}

@test "root.readonly: mount points inside stay writable" {
	mkdir "$W/src"
	update_config '.root.readonly = true'
	add_mount /v "$W/src" bind bind
	mkdir "$BUNDLE/rootfs/v"
	inside_ok 'touch /v/x; ls /v'
	assert_output x
}

@test "root.path: absolute" {
	mv "$BUNDLE/rootfs" "$W/elsewhere"
	update_config '.root.path = $p' --arg p "$W/elsewhere"
	inside_ok 'echo ok'
	assert_output ok
}

@test "root.path: a symbolic link is refused, a missing one too" {
	mv "$BUNDLE/rootfs" "$BUNDLE/real"
	ln -s real "$BUNDLE/rootfs"
	inside true
	assert_fails
	rm "$BUNDLE/rootfs"
	inside true
	assert_fails rootfs
	assert_no_trace
}

@test "pivot_root: the old root is gone" {
	inside_ok 'ls /; cd /..; pwd; ls -d /tare-no /work 2>/dev/null; true'
	assert_line rootfs && return 1
	assert_match '(^|'$'\n'')bin'
	refute_match lost
}

@test "--no-pivot: runs in the root as well" {
	inside_ok 'ls -d /bin; cat /proc/self/mountinfo' --no-pivot
	assert_line /bin
	set_args sleep 100
	create_bg "$ID" --no-pivot
	t start "$ID"
	assert_silent
	exec_in 'ls -d /bin /etc'
	assert_output $'/bin\n/etc'
}

@test "a root that is a mount point of its own" {
	mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
	inside_ok 'echo ok'
	assert_output ok
	umount "$BUNDLE/rootfs"
	assert_no_trace
}

@test "remount: flags of the file system set and cleared" {
	add_mount /s tmpfs tmpfs sync
	add_mount /s tmpfs tmpfs remount async size=64k
	add_mount /a tmpfs tmpfs
	add_mount /a tmpfs tmpfs remount sync noexec
	inside_ok 'grep " /[sa] " /proc/mounts'
	assert_match '/s tmpfs rw,.*size=64k'
	refute_match '/s tmpfs rw,sync'
	assert_match '/a tmpfs rw,sync,noexec'
}

@test "a shared parent mount sees nothing of the container" {
	mkdir "$W/m"
	mount -t tmpfs tmpfs "$W/m"
	mount --make-rshared "$W/m"
	mv "$BUNDLE" "$W/m/b"
	BUNDLE=$W/m/b
	run_bg
	assert_eq "$(grep -cF "$W/" /proc/self/mountinfo)" 1
	tare delete -f "$ID"
}

@test "/dev/console only with a terminal" {
	inside_ok 'ls /dev/console || echo none'
	assert_line none
}
