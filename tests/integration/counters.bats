#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# A set is one instant, counted: a program writes a number to volume a and then to volume b, each synced, for ever.  In 200 sets b is never
# ahead and the generations are equal.  SETS=N or $REPEAT sets another number; tests/slow takes 1,000.
# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
}
teardown() { btrfs_teardown; }

SETS=${SETS:-200}

@test "in $SETS sets of two volumes the counter of b is never ahead, and the generations are equal" {
	local i report device
	new_btrfs fs 2G a b
	start_counter a b
	for ((i = 1; i <= SETS; i++)); do
		report=$(create-shadow --json --no-writers "$T/a" "$T/b") || fail "set $i: $report"
		mapfile -t device < <(jq -r '.shadows[].device, (.shadows | map(.proof.generation) | unique | length), .grade' <<<"$report")
		[ "${device[2]} ${device[3]}" = '1 crash' ] || fail "set $i: $report"
		counter --read "${device[0]}" "${device[1]}" >>"$T/read" || fail "set $i: $(tail -n 1 "$T/read")"
		[ $((i % 25)) != 0 ] || delete-shadow -q --all
	done
	delete-shadow -q --all
	assert_equal "$(wc -l <"$T/read")" "$SETS"
	[ "$(sort -u "$T/read" | wc -l)" -gt 1 ] # it was counted meanwhile
	assert_nothing_left fs a b
}
