#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Restores at the next boot where renames have bounds: mounts, subvolumes that are mounted by themselves and that are not.
# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	new_btrfs fs 200M one
	btrfs -q subvolume create "$T/one/inner"
	mkdir "$T/one/dir" "$T/one/over"
	mount -t tmpfs none "$T/one/over"
	export VSS_BOOT_ID=00000000-0000-4000-8000-000000000001
}
teardown() { btrfs_teardown; }

@test "files wait where a rename brings them to their places, and are moved" {
	at_boot_driver "$T/one/file=1" "$T/one/inner/file=2" "$T/one/dir/file=3" "$T/one/over/sub/file=4" >"$T/places"
	run sed -E "s|^$T/||; s|/[^/]*/[^/]*\$||" "$T/places"
	assert_output "$(printf '%s/.vss-at-boot\n' one one/inner one one/over)"
	export VSS_BOOT_ID=00000000-0000-4000-8000-000000000002
	umount -R "$T/one"
	run -3 --separate-stderr vss-restore-at-boot # not mounted yet: it waits on
	mount -o subvol=one "$loop" "$T/one"
	run -3 --separate-stderr vss-restore-at-boot # only one of them is
	[ ! -e "$T/one/file" ]
}

@test "all is in its place, with what a restore gives it" {
	at_boot_driver "$T/one/file=1" "$T/one/inner/file=2" "$T/one/dir/file=3" "$T/one/over/sub/file=4" >"$T/places"
	setfattr -n user.label -v text "$(head -n 1 "$T/places")"
	chown 7:8 "$(head -n 1 "$T/places")"
	export VSS_BOOT_ID=00000000-0000-4000-8000-000000000002
	vss-restore-at-boot -q
	assert_equal "$(cat "$T/one/file" "$T/one/inner/file" "$T/one/dir/file" "$T/one/over/sub/file")" 1234
	assert_equal "$(stat -c %u:%g "$T/one/file") $(getfattr --only-values -n user.label --absolute-names "$T/one/file")" '7:8 text'
	run find "$T/one" -name '.vss-at-boot'
	assert_output ''
}

@test "a file that cannot be replaced is named, and the other is" {
	echo old >"$T/one/fixed"
	at_boot_driver "$T/one/fixed=new" "$T/one/other=new" >/dev/null
	chattr +i "$T/one/fixed"
	export VSS_BOOT_ID=00000000-0000-4000-8000-000000000002
	run -3 --separate-stderr vss-restore-at-boot
	chattr -i "$T/one/fixed"
	assert_regex "$stderr" "$T/one/fixed: not restored: "
	assert_equal "$(cat "$T/one/fixed" "$T/one/other" | paste -sd' ')" 'old new'
}
