#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The way of the NVIDIA container toolkit: the engine calls its program, which
# edits the bundle and calls the runtime. A double stands for it.

load helpers
load cri
load docker

# A device that no engine allows of its own accord.
DEVICE=/dev/fuse

setup_file() {
	engine_setup containerd ctr dockerd runc
	[[ -c $DEVICE ]] || skip "lacks: a device to lend"
	cri_setup
	contrib_file nvidia/config.toml >"$E/nvidia.toml"
	ln -s "$HERE/nvidia-double" "$E/bin/nvidia-container-runtime"
	ln -s "$HERE/nvidia-double" "$E/bin/nvidia-cdi-hook"
	cri_config nvidia/containerd-1.toml
	cri_start
	cri_images
}

teardown_file() {
	cri_teardown
}

setup() {
	edit_with '.'
}

teardown() {
	cri_clear
}

# edit_with JQ: what the toolkit would put in, and JQ.
edit_with() {
	echo the library >"$E/lib.so"
	cat >"$E/edit.jq" <<-JQ
	.process.env += ["NVIDIA_VISIBLE_DEVICES=void"] |
	.linux.devices += [{path: "/dev/nvidia0", type: "c",
		major: $((0x$(stat -c %t $DEVICE))),
		minor: $((0x$(stat -c %T $DEVICE))), fileMode: 438}] |
	.linux.resources.devices += [{allow: true, type: "c", access: "rwm",
		major: $((0x$(stat -c %t $DEVICE))),
		minor: $((0x$(stat -c %T $DEVICE)))}] |
	.mounts += [{destination: "/usr/lib/libfake.so.1", source: "$E/lib.so",
		options: ["ro", "nosuid", "nodev", "bind"]}] |
	.hooks.createContainer += [{path: \$hook, args: ["nvidia-cdi-hook",
		"create-symlinks", "--link",
		"libfake.so.1::/usr/lib/libfake.so"]}] |
	$1
	JQ
}

# What is to be seen inside.
export SEEN='env | grep NVIDIA; cat /usr/lib/libfake.so; ls -l /dev/nvidia0;
	: <>/dev/nvidia0 && echo opened; touch /usr/lib/libfake.so.1'

see() {
	has "$1" "NVIDIA_VISIBLE_DEVICES=void"
	lacks "$1" "NVIDIA_VISIBLE_DEVICES=0"
	has "$1" "the library"
	has "$1" "crw-rw-rw-"
	has "$1" opened
	has "$1" "Read-only file system"
}

nvrun() {
	ctr_ run --runc-root "$E/rt" --rm \
		--runc-binary "$E/bin/nvidia-container-runtime" "$@"
}

@test "nvidia: devices, libraries, links and environment of a container" {
	run nvrun --env NVIDIA_VISIBLE_DEVICES=0 $CRI_IMG nv1 sh -c "$SEEN"
	see "$output"
	run -0 "$TARE" --root "$E/rt/k8s.io" list -q
	eq "$output" ""
}

@test "nvidia: a container that asks for nothing gets nothing" {
	run nvrun $CRI_IMG nv2 sh -c 'ls /dev/nvidia0 /usr/lib/libfake.so'
	has "$output" "/dev/nvidia0: No such file"
	has "$output" "/usr/lib/libfake.so: No such file"
	run -7 nvrun $CRI_IMG nv3 sh -c 'exit 7'
}

@test "nvidia: a hook that fails is a clear error" {
	edit_with '.hooks.createContainer += [{path: $hook,
		args: ["nvidia-cdi-hook", "fail"]}]'
	run ! nvrun --env NVIDIA_VISIBLE_DEVICES=0 $CRI_IMG nv4 true
	has "$output" "no driver of this device"
	run -0 "$TARE" --root "$E/rt/k8s.io" list -q
	eq "$output" ""
}

@test "nvidia: the older way, by a prestart hook" {
	edit_with "del(.hooks) | .hooks.prestart = [{path: \"/bin/sh\", args:
		[\"sh\", \"-c\", \"jq -r '.pid, .status' >$E/prestart\"],
		env: [\"PATH=/usr/bin:/bin\"]}]"
	run -0 nvrun --env NVIDIA_VISIBLE_DEVICES=0 $CRI_IMG nv5 true
	must grep -Eq '^[1-9][0-9]*$' "$E/prestart"
	must grep -Eq '^creat(ing|ed)$' "$E/prestart"
}

@test "nvidia: as a handler of the CRI plugin" {
	HANDLER=nvidia pod
	container '.envs += [{key: "NVIDIA_VISIBLE_DEVICES", value: "0"}] |
		.command = ["sh", "-c", $ENV.SEEN]'
	wait_for 20 is_state "$C" exited
	see "$(cat "$LOG")"
}

@test "nvidia: as a runtime of Docker" {
	docker_setup "$(contrib_file nvidia/daemon.json)"
	run docker_ run --rm --network none --runtime nvidia \
		-e NVIDIA_VISIBLE_DEVICES=0 tarebox sh -c "$SEEN"
	docker_end
	see "$output"
}
