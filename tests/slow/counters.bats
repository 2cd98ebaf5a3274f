#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# tests/integration/counters.bats, 10,000 times; with more volumes, and with a hot writer beside them.
# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
}
teardown() { btrfs_teardown; }

SETS=${SETS:-10000}

@test "in $SETS sets of six volumes no counter is ahead of the one before it" {
	new_btrfs fs 4G a b c d e f
	start_counter a b c d e f
	count_sets "$SETS" a b c d e f
	[ "$equal" -ge $((SETS * 9 / 10)) ]
	assert_nothing_left fs a b c d e f
}

@test "sets of eight and of sixteen volumes are one instant after some tries, or fail and leave nothing" {
	for n in 8 16; do
		names=()
		for ((i = 1; i <= n; i++)); do names+=("v$n-$i"); done
		new_btrfs "fs$n" 4G "${names[@]}"
		start_counter "${names[@]}"
		count_sets $((SETS / 20)) "${names[@]}"
		kill -KILL "$started_pid"
		assert_nothing_left "fs$n" "${names[@]}"
	done
}

@test "beside a hot writer a set of two is one generation, or it fails and leaves nothing" {
	new_btrfs fs 4G a b c
	start_counter a b
	start counter --scribble "$T/c"
	count_sets $((SETS / 10)) a b
	[ "$equal" -ge $((SETS * 9 / 100)) ]
	assert_nothing_left fs a b c
}
