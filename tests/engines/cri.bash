# SPDX-License-Identifier: Apache-2.0
# A containerd with its CRI plugin, and pods and containers by cri.py.

CRI_IMG=docker.io/library/tarebox:latest
CRI_PAUSE=docker.io/library/tarepause:latest

# The python that has Debian's module need not be the first one on PATH.
cri_setup() {
	for PYTHON in /usr/bin/python3 python3; do
		"$PYTHON" -c 'import grpc' 2>/dev/null || continue
		export PYTHON
		return 0
	done
	skip "needs python3-grpcio"
}

# 1 or 2: the version that the configuration is for.
containerd_series() {
	if containerd --version | grep -Eq ' v?2\.'; then
		echo 2
	else
		echo 1
	fi
}

# cri_config CONTRIB-FILE: config.toml, places of our own around the file
# that users get.
cri_config() {
	base_config >"$E/top.toml"
	contrib_file "$1" | sed -e "/^version/r $E/top.toml" \
		-e "/BinaryName/a Root = \"$E/rt\"" >"$E/config.toml"
	cri_places "$(sed -n 's/^version = //p' "$E/config.toml")" \
		>>"$E/config.toml"
	mkdir -p "$E/cni" "$E/rt"
	cat >"$E/cni/net.conflist" <<-JSON
	{"cniVersion": "0.4.0", "name": "$TAG", "plugins": [{"type": "ptp",
	 "ipMasq": false, "ipam": {"type": "host-local",
	 "ranges": [[{"subnet": "10.77.0.0/24"}]],
	 "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "$E/cni-state"}}]}
	JSON
}

# cri_places VERSION: what the tests need beyond the handlers.
cri_places() {
	if [[ $1 == 2 ]]; then
		cat <<-TOML
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "$CRI_PAUSE"
		  restrict_oom_score_adj = true
		  netns_mounts_under_state_dir = true
		  stream_server_address = "127.0.0.1"
		  stream_server_port = "0"
		[plugins."io.containerd.grpc.v1.cri".cni]
		  bin_dir = "/usr/lib/cni"
		  conf_dir = "$E/cni"
		TOML
	else
		cat <<-TOML
		[plugins."io.containerd.cri.v1.images".pinned_images]
		  sandbox = "$CRI_PAUSE"
		[plugins."io.containerd.cri.v1.runtime"]
		  restrict_oom_score_adj = true
		  netns_mounts_under_state_dir = true
		[plugins."io.containerd.cri.v1.runtime".cni]
		  bin_dirs = ["/usr/lib/cni"]
		  conf_dir = "$E/cni"
		[plugins."io.containerd.grpc.v1.cri"]
		  stream_server_address = "127.0.0.1"
		  stream_server_port = "0"
		TOML
	fi
	cri_systemd "$(sed -n 's/^\[\(.*\)\.tare\]/\1/p' "$E/config.toml")"
}

# cri_systemd TABLE: a handler beside that of tare, by the other driver.
cri_systemd() {
	[[ -n $1 ]] || return 0
	cat <<-TOML
	[$1.sysd]
	  runtime_type = "io.containerd.runc.v2"
	[$1.sysd.options]
	  BinaryName = "$TARE"
	  Root = "$E/rt"
	  SystemdCgroup = true
	TOML
}

# In a network namespace of its own.
cri_start() {
	engine_netns
	spawn_server "$E/containerd.log" "$E/pid" nsenter --net="$E/netns" \
		${ENTREE:-} containerd -c "$E/config.toml"
	wait_for 30 cri_up || {
		tail -n 20 "$E/containerd.log"
		return 1
	}
}

# cri_begin: all of that, in setup_file.
cri_begin() {
	engine_setup containerd ctr runc
	cri_setup
	cri_config containerd/config-"$(containerd_series)".toml
	cri_start
	cri_images
}

cri_up() {
	cri version >/dev/null 2>&1
}

cri_images() {
	make_archive "$E/box.tar" tarebox:latest
	make_archive "$E/pause.tar" tarepause:latest /bin/sh -c \
		'trap "exit 0" TERM INT; sleep 100000 & wait; wait'
	ctr_ images import "$E/box.tar" >/dev/null
	ctr_ images import "$E/pause.tar" >/dev/null
}

cri_teardown() {
	[[ -n ${E:-} && -d $E ]] || return 0
	if [[ -s $E/pid ]]; then
		cri_clear
		stop_pid "$(cat "$E/pid")"
	fi
	engine_teardown
}

# Removes all pods with what is in them.
cri_clear() {
	local kind id

	while read -r kind id; do
		[[ $kind == PodSandbox ]] || continue
		cri pod_stop "$id" >/dev/null 2>&1 || true
		cri pod_rm "$id" >/dev/null 2>&1 || true
	done < <(cri list 2>/dev/null)
}

# The streams are served inside the network namespace.
cri() {
	CRI_TIMEOUT=$((50 * SLOW)) timeout -k 5 $((55 * SLOW)) \
		nsenter --net="$E/netns" "$PYTHON" "$HERE/cri.py" \
		"$E/c.sock" "$@" 3>&-
}

ctr_() {
	timeout -k 5 $((60 * SLOW)) ctr -a "$E/c.sock" -n k8s.io "$@" 3>&-
}

# pod_json JQ, container_json JQ: what a kubelet would send, changed by JQ.
pod_json() {
	mkdir -p "$E/logs"
	jq -n --arg tag "$TAG" --arg name "pod$BATS_TEST_NUMBER-$RANDOM" \
		--arg logs "$E/logs" '{
		metadata: {name: $name, uid: $name, namespace: "default"},
		hostname: "podhost", log_directory: $logs,
		labels: {app: "test"},
		linux: {cgroup_parent: "/\($tag)/pod",
			security_context: {namespace_options: {pid: 1}}}
	} | '"${1:-.}"
}

container_json() {
	jq -n --arg img "$CRI_IMG" --arg name "c$RANDOM" '{
		metadata: {name: $name}, image: {image: $img},
		command: ["sleep", "300"], log_path: "\($name).log",
		envs: [{key: "FOO", value: "bar"}],
		linux: {
			resources: {cpu_shares: 256, oom_score_adj: 900},
			security_context: {
				namespace_options: {pid: 1},
				masked_paths: ["/proc/kcore", "/proc/keys"],
				readonly_paths: ["/proc/sys", "/proc/bus"]}}
	} | '"${1:-.}"
}

# pod [JQ]: starts a pod by handler $HANDLER; sets POD.
pod() {
	pod_json "${1:-.}" >"$E/pod.json"
	POD=$(cri pod_run "$E/pod.json" "${HANDLER:-tare}")
}

# container [JQ]: makes and starts one in $POD; sets C and LOG.
container() {
	create "$@"
	cri start "$C"
}

create() {
	container_json "${1:-.}" >"$E/container.json"
	LOG=$E/logs/$(jq -r .log_path "$E/container.json")
	C=$(cri create "$POD" "$E/container.json" "$E/pod.json")
}

state() {
	cri status "$1" | jq -r .state
}

is_state() {
	[[ $(state "$1") == "$2" ]]
}

exit_code() {
	cri status "$1" | jq -r .exit_code
}
