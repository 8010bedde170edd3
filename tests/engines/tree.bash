# SPDX-License-Identifier: Apache-2.0
# The engines of a newer Debian release. A test file whose name begins with
# RELEASE- is the link to another one, which then runs with the engines that
# mktree unpacks: server and clients see that release's files over those of
# the machine, in a mount namespace of their own, but $E, /proc, /sys, /dev.

# in_tree COMMAND...: with the files of that release, if there is one.
# $ENTREE before a command does the same.
in_tree() {
	${ENTREE:-} "$@"
}

# tree_setup: by engine_setup, in setup_file.
tree_setup() {
	local name suite dir p

	name=${BATS_TEST_FILENAME##*/}
	suite=${name%%-*}
	[[ $suite == trixie || $suite == forky ]] || return 0
	command -v mmdebstrap >/dev/null || skip "needs mmdebstrap"
	dir=$("$HERE/mktree" "$suite")
	mkdir -p "$E/up" "$E/work" "$E/new" "$E/clients"
	unshare -m --propagation private "$HERE/entree" "$dir" "$E" \
		</dev/null >"$E/entree.log" 2>&1 3>&- &
	TREE_PID=$!
	disown
	ENTREE="nsenter -m -t $TREE_PID --"
	export TREE_PID ENTREE
	wait_for 10 test -e "$E/entered" || { cat "$E/entree.log"; return 1; }
	for p in buildah conmon containerd ctr docker dockerd podman; do
		printf '#!/bin/sh\nPATH=%s\nexec %s %s "$@"\n' \
			"$SAFE_PATH" "$ENTREE" "$p" >"$E/clients/$p"
		chmod 755 "$E/clients/$p"
	done
	PATH=$E/clients:$PATH
	# it must be seen inside as well
	cp --remove-destination "$TARE" "$E/bin/tare"
	TARE=$E/bin/tare
	PODMAN_IGNORE_CGROUPSV1_WARNING=1
	export PATH TARE PODMAN_IGNORE_CGROUPSV1_WARNING
}

tree_teardown() {
	[[ -n ${TREE_PID:-} ]] || return 0
	kill -KILL "$TREE_PID" 2>/dev/null || true
	wait_for 5 pid_gone "$TREE_PID"
}
