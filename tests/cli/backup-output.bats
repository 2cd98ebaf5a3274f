#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Where an archive goes when that is a command or a pipe: ends that come early, late or never.

load ../lib/common
load ../lib/lists
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a)
	head -c 9000000 /dev/urandom >"$a/noise"
	mkfifo "$T/fifo"
}

is_asleep() { [ "$(sed 's/.*) //' "/proc/$started_pid/stat" | cut -c1)" = S ]; }
is_there() { [ -e "$1" ]; }

@test "a command that ends before it has read all: what it ended with is told, in one sentence" {
	run --separate-stderr backup -q "$a" -- sh -c 'head -c 1000 >/dev/null; exit 4'
	assert_equal "$status" 1
	assert_sentence backup 'sh: ended with status 4'
	run --separate-stderr backup -q "$a" -- sh -c 'head -c 1000 >/dev/null; kill -9 $$'
	assert_equal "$status" 1
	assert_sentence backup 'sh: ended by signal 9'
	run --separate-stderr backup -q "$a" -- sh -c 'head -c 1000 >/dev/null'
	assert_equal "$status" 1
	assert_sentence backup 'sh: did not read the whole archive'
	assert_nothing_left
}

@test "a reader that goes away: one sentence, status 1" {
	start bash -c 'exec head -c 1000 <"$1" >/dev/null' - "$T/fifo"
	run --separate-stderr bash -c 'backup -o - "$1" >"$2"' - "$a" "$T/fifo"
	assert_equal "$status" 1
	assert_sentence backup 'Broken pipe'
	assert_nothing_left
}

@test "interrupted while a command takes its time: status 130, and the command is ended" {
	start backup -q "$a" -- sh -c "cat >/dev/null; echo \$\$ >'$T/pid'; exec sleep 1000"
	wait_until 20 is_there "$T/pid"
	kill -TERM "$started_pid"
	ended
	assert_equal "$status" 130
	wait_until 5 is_gone "$(cat "$T/pid")"
	assert_nothing_left
}

@test "interrupted while nobody reads: status 130" {
	start backup -q "$a" -- sh -c "echo \$\$ >'$T/pid'; exec sleep 1000"
	wait_until 20 is_there "$T/pid"
	wait_until 20 is_asleep
	kill -TERM "$started_pid"
	ended
	assert_equal "$status" 130
	wait_until 5 is_gone "$(cat "$T/pid")"
	assert_nothing_left
}

@test "a directory that cannot be written is found out before anybody stands still" {
	requires_root
	mkdir "$T/ro"
	mount -t tmpfs -o ro none "$T/ro" 2>/dev/null || skip "needs to mount a tmpfs"
	test_writer One a </dev/null
	run --separate-stderr backup -q -o "$T/ro/x.tar.zst" "$a"
	local file=$status said=$stderr
	run --separate-stderr backup -q -o "$T/ro" "$a"
	umount "$T/ro"
	assert_equal "$file $status" '1 1'
	assert_equal "$said" "backup: $T/ro: the archive cannot be put there: Read-only file system"
	assert_equal "$stderr" "$said"
	[ ! -e "$T/One.log" ] || assert_equal "$(events One)" ''
}
