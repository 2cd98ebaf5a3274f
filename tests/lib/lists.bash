# SPDX-License-Identifier: BSD-2-Clause
# What every list has alike: `load ../lib/lists` after common.
# shellcheck shell=bash disable=SC2154

# assert_list TOOL COLUMN: --columns and --json go by the same keys, exclude each other, and an unknown column is named.
assert_list() {
	local tool=$1 column=$2
	run --separate-stderr "$tool" --json --columns "$column"
	assert_equal "$status" 2
	assert_sentence "$tool" "exclude each other"
	run --separate-stderr "$tool" --columns "$column,frob"
	assert_equal "$status" 2
	assert_sentence "$tool" "'frob' is none of"
	run --separate-stderr "$tool" --json
	assert_success
	assert_equal "$(jq -r 'type' <<<"$output")" array
}

# assert_full TOOL ARGUMENT...: when stdout cannot be written the status is 1, and one sentence says why.
assert_full() {
	local tool=$1
	run --separate-stderr bash -c 'exec "$@" >/dev/full' bash "$@"
	assert_equal "$status" 1
	assert_sentence "$tool" "standard output: No space left on device"
}

# ended: waits for what `start` began last; its status is in $status.
ended() {
	status=0
	wait "$started_pid" || status=$?
}

# for_nobody: from here on the test's places are where everybody may go; as_nobody COMMAND... runs it without root, also where the
# tests run as root.  A file that uses them has `teardown() { nobody_teardown; }`.
for_nobody() {
	requires setpriv
	T=$(mktemp -d)
	nobody_dir=$T
	chmod 755 "$T"
	export VSS_STATE_DIR=$T/state VSS_RUN_DIR=$T/run VSS_WRITERS_PATH=$T/writers.d VSS_LIMITS_DIR=$T/limits \
		VSS_PROVIDERS_PATH=$T/providers.d
	mkdir -p "$VSS_WRITERS_PATH" "$T/volumes"
}

as_nobody() {
	if [ "$(id -u)" != 0 ]; then
		"$@"
		return
	fi
	chown -R 65534:65534 "$T"
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

nobody_teardown() {
	vss_teardown
	rm -rf "${nobody_dir:-}"
}
