# SPDX-License-Identifier: Apache-2.0
# linux.netDevices: interfaces that move into the container. The runtime runs
# in a network namespace of its own here, so nothing of the host's moves.

load helpers

setup() {
	setup_bundle
	tare_only
	[ "$EUID" -eq 0 ] || skip "needs root"
	unshare -n sleep 300 </dev/null >/dev/null 2>&1 3>&- &
	HOSTNS=$!
	CHILDREN+=("$HOSTNS")
	wait_until other_netns "$HOSTNS"
	host ip link add nd0 type veth peer name pd0 2>/dev/null ||
		skip "lacks: veth devices"
	printf '#!/bin/sh\nexec nsenter -t %s -n %s "$@"\n' "$HOSTNS" \
		"$(command -v "$TARE")" >"$W/tare"
	chmod +x "$W/tare"
	TARE=$W/tare
}

other_netns() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# What the runtime's side of it sees.
host() {
	nsenter -t "$HOSTNS" -n "$@"
}

# net_devices JSON
net_devices() {
	update_config '.linux.netDevices = $d' --argjson d "$1"
}

# link_of NAME [CMD...]: the link as JSON.
link_of() {
	local name=$1
	shift
	"$@" ip -j addr show dev "$name" | jq -c '.[0]'
}

@test "a device moves, keeps its name, and is up" {
	net_devices '{"nd0": {}}'
	inside_ok 'ip link show nd0'
	assert_match 'nd0@.*UP'
	run ! host ip link show nd0
}

@test "renamed: MTU, MAC and permanent global addresses stay" {
	host ip link set nd0 mtu 1280 address 02:00:00:00:12:34
	host ip addr add 192.0.2.7/25 brd + dev nd0
	host ip addr add 192.0.2.8/25 dev nd0
	host ip addr add 192.0.2.9 peer 192.0.2.99/32 dev nd0
	host ip addr add 169.254.1.1/16 scope link dev nd0
	host ip addr add 2001:db8::7/64 dev nd0
	host ip addr add 2001:db8::8/64 valid_lft 500 preferred_lft 500 dev nd0
	host ip link set nd0 up
	net_devices '{"nd0": {"name": "eth7"}}'
	set_args sleep 100
	run_bg
	local l
	l=$(link_of eth7 nsenter -t "$(pid_of)" -n)
	echo "$l"
	jq -e '.mtu == 1280 and .address == "02:00:00:00:12:34"
		and (.flags | index("UP") != null)' <<<"$l"
	assert_eq "$(jq -c '[.addr_info[]
		| select(.scope == "global" or .family == "inet")
		| "\(.local)/\(.prefixlen)"] | sort' <<<"$l")" \
		'["192.0.2.7/25","192.0.2.8/25","192.0.2.9/32","2001:db8::7/64"]'
	jq -e '.addr_info | any(.broadcast == "192.0.2.127")' <<<"$l"
	jq -e '.addr_info | any(.address == "192.0.2.99")' <<<"$l"
	run ! nsenter -t "$(pid_of)" -n ip link show nd0
}

@test "several, and names that cross" {
	host ip link add nd1 type veth peer name pd1
	host ip link set nd1 mtu 1300
	net_devices '{"nd0": {"name": "nd1"}, "nd1": {"name": "nd0"}}'
	inside_ok 'cat /sys/class/net/nd0/mtu /sys/class/net/nd1/mtu'
	assert_eq "$output" "$(printf '1300\n1500')"
}

@test "a name with %d gets a number" {
	host ip link add nd1 type veth peer name pd1
	net_devices '{"nd0": {"name": "net%d"}, "nd1": {"name": "eth%d"}}'
	inside_ok 'ip link show net0 && ip link show eth0'
}

@test "the device is there when hooks run" {
	net_devices '{"nd0": {"name": "eth0"}}'
	printf '#!/bin/sh\npid=$(jq .pid)\n%s\n' \
		'nsenter -t "$pid" -n ip link show eth0 >'"$W/seen" >"$W/hook"
	chmod +x "$W/hook"
	add_hook createRuntime "{\"path\": \"$W/hook\"}"
	inside_ok true
	grep -q eth0 "$W/seen"
}

@test "into a namespace given by path" {
	unshare -n sleep 300 </dev/null >/dev/null 2>&1 3>&- &
	local ns=$!
	CHILDREN+=("$ns")
	wait_until other_netns "$ns"
	set_ns network "/proc/$ns/ns/net"
	net_devices '{"nd0": {"name": "eth0"}}'
	inside_ok 'ip link show eth0'
	nsenter -t "$ns" -n ip link show eth0
}

@test "into a new user namespace" {
	set_ns user
	update_config '.linux.uidMappings =
		[{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$BUNDLE/rootfs/tmp"
	chmod 755 "$W" "$BUNDLE" "$BUNDLE/rootfs"
	host ip addr add 192.0.2.7/25 dev nd0
	net_devices '{"nd0": {}}'
	inside 'ip addr show nd0'
	[[ $stderr != *"ermission denied"*rootfs* ]] || skip "no way to rootfs"
	assert_status 0
	assert_match '192.0.2.7/25'
}

@test "refused: no such device" {
	net_devices '{"nope0": {}}'
	t run --bundle "$BUNDLE" "$ID"
	assert_status 1
	assert_err 'move netDevice nope0 to namespace /proc/'
	assert_err 'link not found for interface nope0 on runtime namespace: '
	assert_no_trace
}

@test "refused: no network namespace, the runtime's own, a bad name" {
	net_devices '{"nd0": {}}'
	del_namespace network
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'unable to move network devices without a NET namespace'
	set_ns network "/proc/$HOSTNS/ns/net"
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'unable to move network devices without a NET namespace'
	set_ns network
	net_devices '{"nd0": {"name": "a/b"}}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'invalid network device name "a/b"'
	host ip link show nd0
	assert_no_trace
}

@test "a failed move brings all devices back" {
	host ip addr add 192.0.2.7/25 dev nd0
	host ip link set nd0 up
	net_devices '{"nd0": {"name": "eth0"}, "nope0": {}}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'link not found'
	link_of nd0 host | jq -e '(.flags | index("UP") != null)
		and (.addr_info | any(.local == "192.0.2.7"))'
	net_devices '{"nd0": {"name": "lo"}}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'rename it to lo: file exists'
	link_of nd0 host | jq -e '.flags | index("UP") != null'
	assert_no_trace
}

@test "a later failure brings them back" {
	host ip addr add 192.0.2.7/25 dev nd0
	net_devices '{"nd0": {"name": "eth0"}}'
	add_hook createRuntime '{"path": "/bin/false"}'
	t run --bundle "$BUNDLE" "$ID"
	assert_fails 'error running createRuntime hook'
	link_of nd0 host | jq -e '(.flags | index("UP") == null)
		and (.addr_info | any(.local == "192.0.2.7"))'
	assert_no_trace
}

@test "features and explain name them" {
	run --separate-stderr "$TARE" features
	jq -e .linux.netDevices.enabled <<<"$output"
	net_devices '{"nd0": {}}'
	t explain "$BUNDLE"
	assert_status 0
	assert_match linux.netDevices
}
