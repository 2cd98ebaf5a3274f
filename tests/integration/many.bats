#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Many mounts, and many copies of what is not there: looked at once.
# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires strace jq
}
teardown() { btrfs_teardown; }

# traced NAME COMMAND...: what it asks the kernel for, in $T/NAME.  Leaks cannot be looked for under strace.
traced() {
	local name=$1
	shift
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -f -o "$T/$name" "$@" >"$T/$name.out"
}

# calls NAME PATTERN: how many of them.
calls() { grep -cE "$2" "$T/$1"; }

@test "a file system that is mounted thirty times is looked at as often as one that is mounted once" {
	local i
	requires mkfs.ext4
	new_loop ext4 64M
	mkfs.ext4 -q "$loop"
	mkdir -p "$T/ext4"
	mount "$loop" "$T/ext4"
	mkdir "$T/ext4/part"
	traced once list-volumes --json
	for ((i = 1; i <= 30; i++)); do
		mkdir "$T/ext4/$i"
		mount --bind "$T/ext4/part" "$T/ext4/$i"
	done
	traced often list-volumes --json
	assert_equal "$(calls often "openat\(AT_FDCWD, \"$T/ext4|ioctl\(.*FS_.*UUID|\"$loop\"")" \
		"$(calls once "openat\(AT_FDCWD, \"$T/ext4|ioctl\(.*FS_.*UUID|\"$loop\"")"
	[ "$(calls once "openat\(AT_FDCWD, \"$T/ext4")" -gt 0 ]
	assert_equal "$(jq --arg v "$T/ext4" '[.[] | select(.mount | startswith($v))] | length' "$T/often.out")" \
		"$(jq --arg v "$T/ext4" '[.[] | select(.mount | startswith($v))] | length' "$T/once.out")"
}

@test "copies on a btrfs that is not mounted are listed without a look at the mounts for each" {
	local i id
	new_btrfs fs 300M a
	id=$(btrfs filesystem show "$loop" | sed -n 's/.*uuid: //p')
	for ((i = 0; i < 2; i++)); do create-shadow -q --no-writers "$T/a"; done
	umount "$T/a" "$T/fs" "$T"/run/fs/*
	traced two list-shadows --json
	mount -o subvol=a "$loop" "$T/a"
	for ((i = 0; i < 10; i++)); do create-shadow -q --no-writers "$T/a"; done
	umount "$T/a" "$T"/run/fs/*
	traced twelve list-shadows --json
	assert_equal "$(jq --arg v "$T/a" '[.[].shadows[] | select(.volume == $v)] | length' "$T/twelve.out")" 12
	assert_equal "$(calls twelve "access\(\"/sys/fs/btrfs/$id\".*ENOENT")" 12
	# Every other btrfs of the machine is looked at, and may come or go meanwhile.
	[ "$(calls twelve mountinfo)" -lt "$(($(calls two mountinfo) + 10))" ]
	mount -o subvol=a "$loop" "$T/a"
	delete-shadow -q --for "$T/a"
}
