# SPDX-License-Identifier: Apache-2.0
# NOTIFY_SOCKET: the process says when it is ready, and a service manager that
# started the runtime hears of it.

load helpers

setup() {
	setup_bundle
	(
		flock 9
		[ -e "$TEMPLATE/sdnotify" ] && exit 0
		"${CC:-cc}" -static -O1 -w -o "$TEMPLATE/sdnotify.new" \
			"$TESTS_DIR/sdnotify.c" &&
			mv "$TEMPLATE/sdnotify.new" "$TEMPLATE/sdnotify"
	) 9>"$BATS_RUN_TMPDIR/sdnotify.lock"
	cp "$TEMPLATE/sdnotify" "$BUNDLE/rootfs/bin/"
	SOCK=$W/host.sock
}

# manager [HOLD]: listens on $SOCK, writes what it hears to $W/heard.
manager() {
	"$PYTHON" "$TESTS_DIR/recvnotify.py" "$SOCK" "$W/heard" "$@" \
		</dev/null >"$W/manager.out" 2>&1 3>&- &
	CHILDREN+=($!)
	wait_until grep -qx ready "$W/heard"
}

heard() {
	grep -vx ready "$W/heard" || :
}

# What a manager hears of a container that is ready: LINE, PID.
expected() {
	printf '"%s\\n" 0\n"MAINPID=%s\\n" 0\n"BARRIER=1" 1\nclosed\n' "$@"
}

@test "start: waits for READY, passes it on, waits for the barrier" {
	manager 0.3
	export NOTIFY_SOCKET=$SOCK
	set_script 'sdnotify STATUS=soon; until [ -e /go ]; do sleep 0.02; done
		sdnotify READY=1; sleep 100'
	create_bg
	bg start "$ID" &
	CHILDREN+=($!)
	wait_until is_status running
	[ -z "$(heard)" ]
	kill -0 "${CHILDREN[-1]}"
	touch "$BUNDLE/rootfs/go"
	wait "${CHILDREN[-1]}"
	# the barrier was answered before start was done
	assert_eq "$(heard)" "$(expected READY=1 "$(pid_of)")"
}

@test "run -d: the same, and only the line of READY" {
	manager
	export NOTIFY_SOCKET=$SOCK
	set_script 'sdnotify MAINPID=1 "STATUS=up
READY=1
ERRNO=7" STATUS=later; sleep 100'
	run_bg
	wait_until grep -qx closed "$W/heard"
	assert_eq "$(heard)" "$(expected READY=1 "$(pid_of)")"
}

@test "run: what stays is the runtime itself" {
	tare_only
	manager
	export NOTIFY_SOCKET=$SOCK
	set_script 'sdnotify READY=1; until [ -e /go ]; do sleep 0.02; done
		exit 7'
	"$TARE" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null \
		>"$W/out" 2>"$W/err" 3>&- &
	local pid=$!
	CHILDREN+=("$pid")
	wait_until grep -qx closed "$W/heard"
	assert_eq "$(heard)" "$(expected READY=1 "$pid")"
	touch "$BUNDLE/rootfs/go"
	local rc=0
	wait "$pid" || rc=$?
	assert_eq "$rc" 7
	assert_no_trace
}

@test "an abstract name of the host" {
	SOCK=@$UNIQ
	manager
	export NOTIFY_SOCKET=$SOCK
	set_script 'sdnotify READY=1; sleep 100'
	run_bg
	wait_until grep -qx closed "$W/heard"
}

@test "the process is gone before it was ready: nobody waits" {
	manager
	export NOTIFY_SOCKET=$SOCK
	set_script 'exit 3'
	create_bg
	bg start "$ID"
	bg run -d --bundle "$BUNDLE" "$ID-2"
	[ -z "$(heard)" ]
}

@test "others may use the container while start waits" {
	tare_only
	manager
	export NOTIFY_SOCKET=$SOCK
	set_args sleep 100
	create_bg
	bg start "$ID" &
	CHILDREN+=($!)
	wait_until is_status running
	exec_in 'echo "$NOTIFY_SOCKET"'
	assert_status 0
	assert_output ''
	t kill "$ID" KILL
	assert_silent
	wait "${CHILDREN[-1]}"
}

@test "in the container: a read-only mount, one variable" {
	export NOTIFY_SOCKET=$SOCK
	update_config '.process.env += ["NOTIFY_SOCKET=/mine"]'
	inside_ok 'env | grep ^NOTIFY_SOCKET
		touch /run/notify/x 2>/dev/null || echo refused
		ls -l /run/notify | sed -n "s/^\(s[rwx-]*\).* /\1 /p"
		awk "\$2 == \"/run/notify\" { print \$4 }" /proc/mounts'
	[ "${lines[0]}" = NOTIFY_SOCKET=/run/notify/notify.sock ]
	[ "${lines[1]}" = refused ]
	[ "${lines[2]}" = 'srwxrwxrwx notify.sock' ]
	[[ ${lines[3]} == ro,nosuid,nodev,noexec* ]]
}

@test "a user of the container that is not root" {
	manager
	export NOTIFY_SOCKET=$SOCK
	update_config '.process.user = {uid: 1000, gid: 1000}'
	set_script 'sdnotify READY=1; sleep 100'
	run_bg
	wait_until grep -qx closed "$W/heard"
}

@test "a new user namespace" {
	manager
	export NOTIFY_SOCKET=$SOCK
	set_ns user
	update_config '.linux.uidMappings =
		[{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chown 100000:100000 "$BUNDLE/rootfs" "$BUNDLE/rootfs/run"
	set_script 'sdnotify READY=1; sleep 100'
	run_bg
	wait_until grep -qx closed "$W/heard"
}

@test "nobody there on the host: a warning, and the container runs" {
	tare_only
	export NOTIFY_SOCKET=$W/nobody
	set_args sleep 100
	run_bg
	grep -q "connect to NOTIFY_SOCKET $W/nobody: no such file" "$W/bg.err"
	is_status running
}

@test "without the variable: no mount, no wait" {
	unset NOTIFY_SOCKET
	inside_ok 'echo "[$NOTIFY_SOCKET]"; ls -d /run/notify 2>&1 || :'
	assert_line '[]'
	refute_match '^/run/notify$'
	set_args sleep 100
	create_bg
	NOTIFY_SOCKET=$SOCK bg start "$ID"
}
