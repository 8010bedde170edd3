#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Configurations as containerd, CRI, docker, podman, buildah, CRI-O and the
# CDI hook wrote them (data/configs), adapted to this machine, checked from
# inside against themselves.

load helpers

# engine NAME: runs it and compares.
engine() {
	local f=$DATA_DIR/configs/$1.json
	mkdir "$W/x"
	chmod 755 "$W" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$W/x"
	"$PYTHON" "$TESTS_DIR/engine_config.py" adapt "$f" "$BUNDLE" "$W/x" \
		"$CG"
	run_bg
	wait_until grep -qx END "$W/bg.out" || {
		cat "$W/bg.out" "$W/bg.err"
		return 1
	}
	"$PYTHON" "$TESTS_DIR/engine_config.py" check "$BUNDLE" "$W/bg.out" \
		"$CG" "$W/x"
	t delete -f "$ID"
	assert_status 0
	assert_no_trace
}

@test "buildah-1.28-run" {
	engine buildah-1.28-run
}

@test "containerd-1.6-ctr-limits-seccomp" {
	engine containerd-1.6-ctr-limits-seccomp
}

@test "containerd-1.6-ctr-privileged-nethost" {
	engine containerd-1.6-ctr-privileged-nethost
}

@test "containerd-1.6-ctr-readonly-device-caps" {
	engine containerd-1.6-ctr-readonly-device-caps
}

@test "containerd-1.6-ctr-run" {
	engine containerd-1.6-ctr-run
}

@test "containerd-1.6-ctr-systemd-cgroup" {
	engine containerd-1.6-ctr-systemd-cgroup
}

@test "containerd-1.6-ctr-userns" {
	engine containerd-1.6-ctr-userns
}

@test "cri-containerd-1.6-container" {
	engine cri-containerd-1.6-container
}

@test "cri-containerd-1.6-podpid-container" {
	engine cri-containerd-1.6-podpid-container
}

@test "cri-containerd-1.6-privileged-container" {
	engine cri-containerd-1.6-privileged-container
}

@test "cri-containerd-1.6-readonly-device-groups" {
	engine cri-containerd-1.6-readonly-device-groups
}

@test "cri-containerd-1.6-sandbox" {
	engine cri-containerd-1.6-sandbox
}

@test "cri-containerd-2.1-container" {
	engine cri-containerd-2.1-container
}

@test "cri-containerd-2.1-rro-container" {
	engine cri-containerd-2.1-rro-container
}

@test "cri-containerd-2.1-userns-sandbox" {
	engine cri-containerd-2.1-userns-sandbox
}

@test "cri-dockerd-container" {
	engine cri-dockerd-container
}

@test "crio-1.36-sandbox" {
	engine crio-1.36-sandbox
}

@test "docker-20.10-buildkit-run" {
	engine docker-20.10-buildkit-run
}

@test "docker-20.10-limits-init-health" {
	engine docker-20.10-limits-init-health
}

@test "docker-20.10-privileged-hostns" {
	engine docker-20.10-privileged-hostns
}

@test "docker-20.10-readonly-blkio-cgroupns" {
	engine docker-20.10-readonly-blkio-cgroupns
}

@test "docker-20.10-run-seccomp" {
	engine docker-20.10-run-seccomp
}

@test "nvidia-runtime-cdi-edited" {
	engine nvidia-runtime-cdi-edited
}

@test "podman-4.3-kube-container" {
	engine podman-4.3-kube-container
}

@test "podman-4.3-limits-health-volume" {
	engine podman-4.3-limits-health-volume
}

@test "podman-4.3-run" {
	engine podman-4.3-run
}

@test "podman-5.8-hooks" {
	engine podman-5.8-hooks
}

@test "podman-5.8-userns-idmap-volume" {
	engine podman-5.8-userns-idmap-volume
}

@test "podman-rootless-5.8-run" {
	engine podman-rootless-5.8-run
}

@test "update as engines write it" {
	local f
	run_bg
	for f in "$DATA_DIR"/configs/*update-resources.json; do
		jq 'del(.memory.swap)' "$f" >"$W/r.json"
		t update --resources "$W/r.json" "$ID"
		assert_silent
		assert_eq "$(cg memory memory.limit_in_bytes)" \
			"$(jq .memory.limit "$f")"
		assert_eq "$(cg cpu cpu.cfs_quota_us)" "$(jq .cpu.quota "$f")"
		t exec "$ID" sh -c 'echo x >/dev/null'
		assert_status 0
	done
}
