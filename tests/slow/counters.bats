#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# tests/integration/counters.bats, 1,000 times, with a hot writer beside it.
# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
}
teardown() { btrfs_teardown; }

SETS=${SETS:-1000}

@test "in $SETS sets beside a hot writer b is never ahead; a set is one generation or it fails and leaves nothing" {
	local i report device failed=0
	new_btrfs fs 4G a b c
	start_counter a b
	start counter --scribble "$T/c"
	for ((i = 1; i <= SETS; i++)); do
		if report=$(create-shadow --json --no-writers "$T/a" "$T/b" 2>>"$T/err"); then
			mapfile -t device < <(jq -r '.shadows[].device, (.shadows | map(.proof.generation) | unique | length)' <<<"$report")
			[ "${device[2]}" = 1 ] || fail "set $i: $report"
			counter --read "${device[0]}" "${device[1]}" >>"$T/read" || fail "set $i: $(tail -n 1 "$T/read")"
		else
			failed=$((failed + 1))
		fi
		[ $((i % 25)) != 0 ] || delete-shadow -q --all
	done
	delete-shadow -q --all
	assert_nothing_left fs a b c
	[ "$failed" -le $((SETS / 10)) ] || fail "$failed of $SETS sets failed: $(sort "$T/err" | uniq -c | sort -rn | head -n 3)"
}
