#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# A set is one instant, counted: a program writes a number to volume a, then to volume b and so on, each synced, for ever.  In 200 sets of six
# volumes none is ever ahead of the one before it, and the generations are equal.  SETS=N sets another number; tests/slow takes 10,000.
# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
}
teardown() { btrfs_teardown; }

SETS=${SETS:-200}

@test "in $SETS sets of six volumes no counter is ahead of the one before it, and the generations are equal" {
	new_btrfs fs 2G a b c d e f
	start_counter a b c d e f
	count_sets "$SETS" a b c d e f
	[ "$equal" -ge $((SETS / 2)) ]
	assert_nothing_left fs a b c d e f
}

@test "sets of eight and of sixteen volumes are one instant after some tries, or fail and leave nothing" {
	for n in 8 16; do
		names=()
		for ((i = 1; i <= n; i++)); do names+=("v$n-$i"); done
		new_btrfs "fs$n" 2G "${names[@]}"
		start_counter "${names[@]}"
		count_sets 5 "${names[@]}"
		kill -KILL "$started_pid"
		assert_nothing_left "fs$n" "${names[@]}"
	done
}
