#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# A disk with damaged blocks: what root himself cannot read is named, and the rest is backed up.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires mkfs.ext4 debugfs
	new_loop disk 64M
	mkfs.ext4 -q -b 4096 -O metadata_csum "$loop"
	mkdir "$T/disk" "$T/storage"
	mount "$loop" "$T/disk"
	fill
	umount "$T/disk"
}
teardown() { btrfs_teardown; }

# Files good and bad: the first block of `torn` can be read, but not where the others are; of `full` not what is in it, of `gone` not even
# what it is.
fill() {
	local i
	mkdir "$T/disk/dir" "$T/disk/full"
	echo fine >"$T/disk/dir/good"
	echo within >"$T/disk/full/file"
	echo unknown >"$T/disk/gone"
	for i in {0..9}; do # more pieces than the inode itself has room for
		head -c 4096 /dev/urandom | dd of="$T/disk/torn" bs=4096 seek=$((i * 2)) conv=notrunc status=none
	done
}

ask_disk() { debugfs -R "$1" "$loop" 2>/dev/null; }

# Zeros instead of block NUMBER.
spoil() { dd if=/dev/zero of="$loop" bs=4096 seek="$1" count=1 conv=notrunc,fsync status=none; }

damage() {
	spoil "$(ask_disk 'extents /torn' | awk '$1 == "0/" && $2 == "1" { print $8; exit }')"
	spoil "$(ask_disk 'blocks /full' | awk '{ print $1 }')"
	debugfs -w -R 'set_inode_field /gone block[0] 0' "$loop" 2>/dev/null
	blockdev --flushbufs "$loop"
	mount -o errors=continue "$loop" "$T/disk"
	! cat "$T/disk/torn" >/dev/null 2>&1 || fail 'torn can be read'
	! ls "$T/disk/full" >/dev/null 2>&1 || fail 'full can be listed'
	! stat "$T/disk/gone" >/dev/null 2>&1 || fail 'gone can be looked at'
}

by_copy() {
	run --separate-stderr backup -o "$T/x.tar.zst" --min-grade fuzzy --provider clone --storage "$T/storage" "$@"
}

said() { grep -cF -- "$1" <<<"$stderr" || :; }

@test "backup names each thing that cannot be read, once, and keeps the rest" {
	damage
	by_copy "$T/disk"
	assert_equal "$status" 3
	assert_equal "$(said "backup: $T/disk/torn: ")" 1
	assert_equal "$(said "backup: $T/disk/full: ")" 1
	assert_equal "$(said "backup: $T/disk/gone: ")" 1
	assert_equal "$(said '3 files and 0 writers failed')" 1
	restore -q "$T/x.tar.zst" --target "$T/r"
	assert_equal "$(cat "$T/r$T/disk/dir/good")" fine
	assert_equal "$(cd "$T/r$T/disk" && find . -mindepth 1 ! -name lost+found | LC_ALL=C sort | paste -sd' ')" './dir ./dir/good'
	assert_equal "$(find "$T" -name .vss-shadows)" ''
}

@test "what the user excludes does not count" {
	damage
	by_copy --exclude torn --exclude gone --exclude full "$T/disk"
	assert_equal "$status" 0
}

@test "a shadow copy is refused" {
	damage
	run --separate-stderr create-shadow --min-grade fuzzy --provider clone --storage "$T/storage" "$T/disk"
	assert_equal "$status" 1
	assert_sentence create-shadow "$T/disk: "
	assert_equal "$(find "$T" -name .vss-shadows)" ''
}
