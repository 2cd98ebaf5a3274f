#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Volumes of several providers in one set, under a program that counts across them with fdatasync.
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/btrfs

setup() { btrfs_setup; }
teardown() {
	[ -z "$group" ] || { [ -z "$started_pid" ] || kill -KILL "$started_pid"; wait_until 10 rmdir "$group"; }
	btrfs_teardown
}

ROUNDS=${REPEAT:-2}

new_ext4() {
	requires mkfs.ext4
	new_loop "$1" 200M
	mkfs.ext4 -q "$loop"
	mkdir -p "$T/$1"
	mount "$loop" "$T/$1"
}

# in_copies JSON: what the counters say in the copies, in their order.
in_copies() { jq -r '.shadows[].device' <<<"$1" | xargs counter --read; }

@test "btrfs and a held ext4 are one instant: no counter is ahead, and what held is told" {
	local i
	new_btrfs fs 500M vol
	new_ext4 plain
	mkdir "$T/fs/storage"
	start counter "$T/vol" "$T/plain"
	wait_until 10 test -s "$T/plain/counter"
	for ((i = 0; i < ROUNDS; i++)); do
		run --separate-stderr create-shadow --json --no-writers --storage "$T/fs/storage" "$T/vol" "$T/plain"
		assert_success
		assert_json .grade crash
		assert_json .skew_ms 0
		assert_json '.held_ms > 0'
		assert_json '[.shadows[].held] | join(" ")' "false true"
		in_copies "$output"
		delete-shadow -q "$(jq -r .set_id <<<"$output")"
	done
}

@test "two btrfs are refused, and one instant when the processes that write are stopped" {
	local i top=/sys/fs/cgroup
	[ -d $top/unified ] && top=$top/unified
	[ -e $top/cgroup.controllers ] || skip "needs cgroup v2"
	new_btrfs one 300M a
	new_btrfs two 300M b
	start setsid counter "$T/a" "$T/b" # a session of its own: this one is not to be stopped
	wait_until 10 test -s "$T/b/counter"
	group=$top/vss-test-$$
	mkdir "$group"
	echo "$started_pid" >"$group/cgroup.procs"
	run --separate-stderr create-shadow --no-writers "$T/a" "$T/b"
	assert_equal "$status" 6
	assert_sentence create-shadow '--hold-cgroup'
	for ((i = 0; i < ROUNDS; i++)); do
		run --separate-stderr create-shadow --json --no-writers --hold-cgroup "$group" "$T/a" "$T/b"
		assert_success
		assert_json .grade crash
		assert_json '.held_cgroups[0]' "$group"
		assert_equal "$(cat "$group/cgroup.freeze")" 0
		in_copies "$output"
		delete-shadow -q "$(jq -r .set_id <<<"$output")"
	done
}

@test "what cannot be held is copied before the others are held, also to storage that is" {
	new_ext4 plain
	mkdir "$T/plain/storage" "$T/memory"
	mount -t tmpfs -o size=16M vss-test "$T/memory"
	head -c 3000000 /dev/urandom >"$T/memory/file"
	echo here >"$T/plain/file"
	run --separate-stderr create-shadow --json --no-writers --min-grade fuzzy --storage "$T/plain/storage" "$T/plain" "$T/memory"
	assert_success
	assert_json .grade fuzzy
	assert_json '[.shadows[].held] | join(" ")' "true false"
	cmp "$T/memory/file" "$(jq -r '.shadows[1].device' <<<"$output")/file"
	assert_equal "$(cat "$(jq -r '.shadows[0].device' <<<"$output")/file")" here
}
