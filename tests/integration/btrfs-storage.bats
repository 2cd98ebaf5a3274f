#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# btrfs as it is found: quotas, RAID, received subvolumes, full and degraded file systems; and what copies on it take.
# shellcheck disable=SC2034,SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
}
teardown() { btrfs_teardown; }

# used VOLUME: what its copies take, in bytes.
used() { list-storage --json --for "$1" | jq -r '.[0].used'; }
# is_about N M: N is M within 2 MB, which metadata and the length of extents may make.
is_about() { [ "$1" -gt $(($2 - 2000000)) ] && [ "$1" -lt $(($2 + 2000000)) ]; }
noise() { dd if=/dev/urandom of="$1" bs=1M count="$2" status=none conv=fsync; }
create() { create-shadow -q --no-writers "$@"; }

@test "copies take what the volume has not any more, all together, however many have it" {
	new_btrfs fs 512M a b
	noise "$T/a/one" 20
	noise "$T/a/two" 10
	create "$T/a"
	create "$T/a" "$T/b"
	is_about "$(used "$T/a")" 0
	rm "$T/a/one"
	btrfs filesystem sync "$T/a"
	is_about "$(used "$T/a")" 20000000 || is_about "$(used "$T/a")" 20971520
	create "$T/a"
	noise "$T/a/two" 10
	is_about "$(used "$T/a")" 31457280
	is_about "$(used "$T/b")" 0
	run -0 list-storage --json --for "$T/a"
	assert_json '.[0].estimated'
	assert_json '.[0].size == 536870912'
	# what only the middle one has, which came and went
	noise "$T/a/three" 5
	create "$T/a"
	rm "$T/a/three"
	create "$T/a"
	is_about "$(used "$T/a")" 36700160
	delete-shadow -q --all
}

@test "with quotas on a single copy is known exactly, and the limit of a group is said" {
	new_btrfs fs 512M a
	btrfs quota enable "$T/fs" || skip "needs quotas"
	noise "$T/a/one" 20
	create "$T/a"
	rm "$T/a/one"
	sync -f "$T/a"
	btrfs quota rescan -w "$T/fs" >/dev/null
	run -0 list-storage --json --for "$T/a"
	assert_json '.[0].estimated' false
	is_about "$(used "$T/a")" 20971520
	delete-shadow -q --all
	# a limit that is reached already: the storage's documents lie in the top level
	noise "$T/fs/filler" 2
	btrfs qgroup limit 1M 0/5 "$T/fs"
	run --separate-stderr create-shadow --no-writers "$T/a"
	assert_equal "$status" 1
	assert_sentence create-shadow VSS_E_INSUFFICIENT_STORAGE
	btrfs quota disable "$T/fs" # a limit that is reached cannot even be raised
	assert_nothing_left fs a
}

@test "copies are limited by what they take, on the real file system" {
	new_btrfs fs 2G a
	for _ in 1 2 3; do
		noise "$T/a/file" 150
		create "$T/a"
	done
	noise "$T/a/file" 1
	btrfs filesystem sync "$T/a"
	oldest=$(list-shadows --columns id --for "$T/a" | head -n 1)
	run -0 resize-storage --for "$T/a" --max-size 320M
	assert_output --partial "Deleting shadow copy $oldest"
	assert_equal "$(list-shadows --columns id --for "$T/a" | wc -l)" 2
	exec 8<"$(list-shadows --columns device --for "$T/a" | head -n 1)/file"
	noise "$T/a/file" 150
	run -0 --separate-stderr create-shadow --no-writers "$T/a"
	noise "$T/a/file" 1
	run -0 --separate-stderr resize-storage --for "$T/a" --max-size 320M
	assert_equal "$(list-shadows --columns id --for "$T/a" | wc -l)" 2
	exec 8<&-
	delete-shadow -q --all
}

@test "received and read-only subvolumes are volumes like others; one mounted twice is one" {
	new_btrfs fs 512M a
	echo text >"$T/a/file"
	btrfs -q subvolume snapshot -r "$T/a" "$T/fs/ro"
	mkdir "$T/fs/in" "$T/ro" "$T/got" "$T/twice"
	btrfs -q send "$T/fs/ro" | btrfs -q receive "$T/fs/in"
	mount -o subvol=ro "$loop" "$T/ro"
	mount -o subvol=in/ro "$loop" "$T/got"
	mount -o subvol=a "$loop" "$T/twice"
	run -0 create-shadow --json --no-writers "$T/ro" "$T/got" "$T/twice"
	assert_json '[.shadows[].proof.generation] | unique | length' 1
	for device in $(jq -r '.shadows[].device' <<<"$output"); do
		assert_equal "$(cat "$device/file")" text
	done
	run --separate-stderr create-shadow --no-writers "$T/a" "$T/twice"
	assert_equal "$status" 1
	assert_sentence create-shadow 'named twice'
	delete-shadow -q --all
	assert_nothing_left fs a in/ro ro
}

@test "RAID 1 over two devices; degraded and read-only it says what is the matter" {
	new_loop one 256M
	one=$loop
	new_loop two 256M
	mkfs.btrfs -q -d raid1 -m raid1 "$one" "$loop" >/dev/null 2>&1
	btrfs device scan "$one" "$loop" >/dev/null
	mkdir "$T/m"
	mount "$one" "$T/m"
	btrfs -q subvolume create "$T/m/a"
	echo text >"$T/m/a/file"
	run -0 create-shadow --json --no-writers --with-nested "$T/m"
	assert_json '[.shadows[].proof.generation] | unique | length' 1
	delete-shadow -q --all
	umount "$T/m"
	btrfs device scan --forget "$loop" 2>/dev/null || skip "needs to forget a device"
	losetup -d "$loop"
	loops=("$one")
	mount -o degraded,ro "$one" "$T/m"
	run --separate-stderr create-shadow --no-writers --provider btrfs "$T/m"
	assert_failure
	assert_sentence create-shadow "$T/m"
	umount "$T/m"
	mount -o degraded "$one" "$T/m"
	run -0 create-shadow --json --no-writers "$T/m/a"
	assert_equal "$(cat "$(jq -r '.shadows[].device' <<<"$output")/file")" text
	delete-shadow -q --all
}
