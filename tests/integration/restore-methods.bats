#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Restore methods on real file systems: what keeps a file from being replaced there.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories
load ../lib/btrfs
load ../lib/methods

setup() {
	btrfs_setup
	requires mkfs.ext4 chattr
	fake_volumes a
	a=$(volume a)
}

teardown() {
	chattr -R -f -i -a "$a/data" 2>/dev/null || :
	btrfs_teardown
}

on() {
	new_loop "$1" 256M
	"mkfs.$1" -q "$loop" >/dev/null 2>&1
	mount "$loop" "$a"
	methods_setup "$a"
}

# Where the files go when one of them is immutable: without and with alternate locations (spec 6.2).
table='
RESTORE_IF_NOT_THERE                  refused     alternate
RESTORE_IF_CAN_REPLACE                refused     alternate
STOP_RESTORE_START                    refused     alternate
RESTORE_TO_ALTERNATE_LOCATION         refused     alternate
RESTORE_AT_REBOOT                     boot        boot
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   boot        boot
CUSTOM                                unsupported unsupported
RESTORE_STOP_START                    refused     refused
'
rows() {
	local method unmapped mapped n=0
	while read -r method unmapped mapped; do
		[ -n "$method" ] || continue
		check_row "$method" immutable unmapped "$unmapped"
		check_row "$method" immutable mapped "$mapped"
		n=$((n + 1))
	done <<<"$table"
	assert_equal "$n" 8
}

@test "R16: every method with an immutable file, on ext4" {
	on ext4
	rows
}

@test "R16: every method with an immutable file, on btrfs" {
	on btrfs
	rows
}

# obstacle WHY COMMAND...: with what COMMAND does nothing is restored, the message says why, and a dry run says the same.
obstacle() {
	local why=$1
	shift
	"$@"
	run --separate-stderr restore -q -n --in-place -w One "$x"
	assert_equal "-n $*: $status" "-n $*: 6"
	run --separate-stderr restore -q --in-place -w One "$x"
	assert_equal "$*: $status" "$*: 6"
	assert_sentence restore "$why"
	assert_equal "$(content "$data")" 'old old'
}

@test "what else is in the way: flags of directories, mounts, file systems that are read-only, directories, links" {
	on ext4
	method_writer RESTORE_IF_CAN_REPLACE unmapped
	find_state same
	obstacle 'two: it is immutable or append-only' chattr +a "$data/two"
	chattr -a "$data/two"
	obstacle 'data: it is immutable or append-only' chattr +a "$data"
	chattr -a "$data"
	obstacle 'data: it is immutable or append-only' chattr +i "$data"
	chattr -i "$data"
	touch "$T/other"
	mount --bind "$T/other" "$data/two"
	run --separate-stderr restore -q --in-place -w One "$x"
	assert_equal "$status" 6
	assert_sentence restore 'two: something is mounted there'
	umount "$data/two"
	obstacle 'is read-only' mount -o remount,ro "$a"
	mount -o remount,rw "$a"
	rm "$data/two"
	mkdir "$data/two"
	run --separate-stderr restore -q --in-place -w One "$x"
	assert_equal "$status" 6
	assert_sentence restore 'two: a directory is in its place'
	rmdir "$data/two"
	ln -s /etc/passwd "$data/two"
	restore -q --in-place -w One "$x"
	assert_equal "$(content "$data")" 'one two'
	[ ! -L "$data/two" ]
}

@test "a file that runs is no file that is written: it is replaced" {
	on ext4
	method_writer RESTORE_IF_CAN_REPLACE unmapped
	cp "$(command -v sleep)" "$data/two"
	start "$data/two" 600
	restore -q --in-place -w One "$x"
	assert_equal "$(content "$data")" 'one two'
}
