# SPDX-License-Identifier: Apache-2.0
# A dockerd of the tests' own: data, state, socket, containerd and network
# namespace below $E.

# What dockerd is started by, if anything.
DOCKER_IN=()

# docker_setup JSON: daemon.json is that of contrib/engines, with places of
# our own and JSON; starts it and loads the image.
docker_setup() {
	# A docker elsewhere on PATH may be another program.
	DOCKER=/usr/bin/docker
	[[ -x $DOCKER && -z ${ENTREE:-} ]] || DOCKER=$(command -v docker) ||
		skip "needs docker"
	DSOCK=unix://$E/docker.sock
	export DOCKER DSOCK
	engine_netns
	record_as "$E/bin/runc" "$TARE" "$E/calls"
	printf '#!/bin/sh\nexit 0\n' >"$E/bin/modprobe"
	chmod 755 "$E/bin/modprobe"
	contrib_file docker/daemon.json >"$E/contrib.json"
	cat >"$E/own.json" <<-JSON
	{"data-root": "$E/data", "exec-root": "$E/exec",
	 "pidfile": "$E/docker.pid", "hosts": ["$DSOCK"],
	 "exec-opts": ["native.cgroupdriver=cgroupfs"],
	 "runtimes": {"tare-args": {"path": "$TARE",
	  "runtimeArgs": ["--debug"]}}}
	JSON
	jq -s '.[0] * .[1] * .[2]' "$E/contrib.json" "$E/own.json" - \
		<<<"$1" >"$E/daemon.json"
	export DOCKER_BRIDGE=yes
	docker_start || {
		# without iptables there is no bridge either
		DOCKER_BRIDGE=
		jq '. + {"iptables": false, "ip6tables": false,
			"bridge": "none"}' "$E/daemon.json" >"$E/d2.json"
		mv "$E/d2.json" "$E/daemon.json"
		docker_start
	}
	make_archive "$E/box.tar" tarebox:latest
	docker_ load -i "$E/box.tar" >/dev/null
}

docker_start() {
	rm -f "$E/docker.pid"
	spawn_server "$E/dockerd.log" "$E/dockerd.pid" nsenter --net="$E/netns" \
		${ENTREE:-} "${DOCKER_IN[@]}" dockerd --config-file "$E/daemon.json"
	wait_for 30 docker_up
	docker_ version >/dev/null 2>&1 || {
		tail -n 20 "$E/dockerd.log"
		return 1
	}
}

# Up, or given up.
docker_up() {
	docker_ version >/dev/null 2>&1 || pid_gone "$(cat "$E/dockerd.pid")"
}

docker_stop() {
	stop_pid "$(cat "$E/dockerd.pid")"
}

docker_() {
	timeout -k 5 $((60 * SLOW)) "$DOCKER" -H "$DSOCK" "$@" 3>&-
}

# All of it but the folder $E.
docker_end() {
	local p

	docker_ ps -aq | xargs -r timeout 60 "$DOCKER" -H "$DSOCK" rm -f \
		>/dev/null 2>&1 || true
	docker_stop
	# its containerd lives on with live-restore
	p=$E/exec/containerd/containerd.pid
	[[ ! -s $p ]] || stop_pid "$(cat "$p")"
}

docker_teardown() {
	[[ -n ${E:-} && -d $E ]] || return 0
	[[ ! -s $E/dockerd.pid ]] || docker_end
	engine_teardown
}
