#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# A volume by its device, a link to that, the UUID of its file system: for every tool that takes a volume.
# shellcheck disable=SC2016,SC2154 # words for another shell; run and the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() { btrfs_setup; }
teardown() { btrfs_teardown; }

@test "every name of a volume means it, to each tool" {
	new_btrfs fs 256M
	ln -s "$loop" "$T/link"
	uuid=$(blkid -o value -s UUID "$loop")
	mkdir "$T/fs/within"
	for name in "$loop" "$T/link" "$uuid" "{${uuid^^}}" "$T/fs" "$T/fs/within"; do
		run bash -c 'printf "set context persistent nowriters\nset metadata %s/m.cab\nadd volume %s\nadd\ncreate\n" "$1" "$2" | diskshadow' \
			- "$T" "$name"
		assert_success
		assert_line --partial "Volume $T/fs    GUID"
		[ -n "$(list-shadows --for "$name" --columns id)" ]
		run list-storage --for "$name"
		assert_success
		assert_output --partial "$T/fs"
		run delete-shadow --quiet --for "$name"
		assert_success
		run list-shadows --columns id
		assert_output ''
	done
	assert_nothing_left fs
}

@test "a device with two volumes on it, and one without a mount, name none" {
	new_btrfs fs 256M a b
	umount "$T/fs"
	run --separate-stderr create-shadow --no-writers "$loop"
	assert_failure
	assert_sentence create-shadow "$loop: is the device of both $T/a and $T/b: name the volume by its mount point"
	umount "$T/a"
	run --separate-stderr create-shadow --no-writers "$loop"
	assert_success
	assert_output --partial "$T/b"
	delete-shadow --quiet --all
	umount "$T/b"
	run --separate-stderr create-shadow --no-writers "$loop"
	assert_failure
	assert_sentence create-shadow "$loop: no file system on this device is mounted"
}
