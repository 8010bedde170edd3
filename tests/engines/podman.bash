# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# podman with containers.conf and storage of the tests' own.

IMG=localhost/tarebox:latest

# podman_setup MANAGER [LINE...]: by that cgroup manager; containers.conf is
# that of contrib/engines with our own places, LINEs of [engine], and the other
# sections from standard input. Loads the images.
podman_setup() {
	printf '%s\n' 'infra_image = "localhost/tarepause:latest"' \
		"cgroup_manager = \"$1\"" 'events_logger = "file"' \
		"tmp_dir = \"$E/tmp\"" "volume_path = \"$E/vol\"" \
		"static_dir = \"$E/store/libpod\"" "${@:2}" >"$E/engine.conf"
	{
		contrib_file podman/tare.conf |
			sed "/^\[engine\]/r $E/engine.conf"
		printf '[containers]\nlog_driver = "k8s-file"\n'
		cat
	} >"$E/containers.conf"
	storage_config
	make_archive "$E/box.tar" "$IMG"
	make_archive "$E/pause.tar" localhost/tarepause:latest /bin/sh -c \
		'trap "exit 0" TERM INT; sleep 100000 & wait; wait'
	pod load -q --signature-policy "$E/policy.json" -i "$E/box.tar"
	pod load -q --signature-policy "$E/policy.json" -i "$E/pause.tar"
}

podman_teardown() {
	[[ -n ${E:-} && -d $E ]] || return 0
	pod pod rm -f -t 0 -a >/dev/null 2>&1 || true
	pod rm -f -t 0 -a >/dev/null 2>&1 || true
	engine_teardown
}

# pod ARGS: podman with this configuration.
pod() {
	timeout -k 5 $((60 * SLOW)) env CONTAINERS_CONF="$E/containers.conf" \
		CONTAINERS_STORAGE_CONF="$E/storage.conf" podman "$@" 3>&-
}
