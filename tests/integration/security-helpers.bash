# SPDX-License-Identifier: Apache-2.0
# For the tests of hostile images and hostile callers: a canary tree on the
# host side, the attacking program in the image.
#
# A hostile input may be refused or be carried out harmlessly; both are right.
# What is asserted is that the host is as it was and that the payload did not
# see what it must not see. Payloads report through a file in the image,
# because their stdio may itself be under attack.

attack_setup() {
	make_template
	(
		flock 9
		[ -e "$TEMPLATE/attack" ] && exit 0
		"${CC:-cc}" -static -O1 -w -o "$TEMPLATE/attack.new" \
			"$TESTS_DIR/security-attack.c" &&
			mv "$TEMPLATE/attack.new" "$TEMPLATE/attack"
	) 9>"$BATS_RUN_TMPDIR/attack.lock"
	[ -e "$TEMPLATE/attack" ]
	setup_bundle
	R=$BUNDLE/rootfs
	cp "$TEMPLATE/attack" "$R/bin/attack"
	ATTACK=$TEMPLATE/attack
	HOST=$W/host
	mkdir -p "$HOST/dir/sub" "$HOST/dev"
	echo HOSTMARK >"$HOST/HOSTMARK"
	echo HOSTSECRET >"$HOST/secret"
	echo HOSTSECRET >"$HOST/dir/file"
	touch "$HOST/null" "$HOST/dev/null"
	chmod 600 "$HOST/secret"
	CANARY=$(canary)
	mkdir -p "$R/data"
	echo EVIL >"$R/data/evil"
	echo SECRET >"$R/data/masked"
}

canary() {
	find "$HOST" -printf '%P %y %i %U:%G %m %s %l\n' | sort
	find "$HOST" -type f -exec sha256sum {} + | sort
	mounts_under "$HOST"
}

# The host side is as it was.
assert_untouched() {
	local now
	now=$(canary)
	[ "$now" = "$CANARY" ] || {
		echo "the host was changed:"
		diff <(echo "$CANARY") <(echo "$now") || :
		show
		return 1
	}
}

# No crash and no hang, whatever else the answer was: "timeout" gives 124 or
# 137, a signal gives 128 and more.
assert_sane() {
	[ "$status" -ne 124 ] && [ "$status" -lt 128 ] || [ "$status" -eq 255 ] || {
		echo "crash or hang"
		show
		return 1
	}
}

# refuted TEXT...: seen in none of the outputs.
refute_seen() {
	local x
	for x in "$@"; do
		if [[ $output == *"$x"* || ${stderr-} == *"$x"* ]]; then
			echo "seen: $x"
			show
			return 1
		fi
	done
}

# Refused by a clear error, and nothing is left.
assert_refused() {
	assert_sane
	[ "$status" -ne 0 ] || {
		echo "should be refused"
		show
		return 1
	}
	[ -n "$stderr" ]
	refute_seen panic 'core dumped'
	assert_no_trace
}

# tare_as PREFIX... -- ARGS: the runtime behind a wrapping program.
t_as() {
	local pre=()
	while [ "$1" != -- ]; do
		pre+=("$1")
		shift
	done
	shift
	run --separate-stderr timeout --foreground -k 1 20 "${pre[@]}" \
		"$TARE" --root "$ROOT" "$@" 3>&-
}
