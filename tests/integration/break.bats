#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Shadow copies that become volumes of their own, on real file systems.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() { btrfs_setup; }
teardown() { btrfs_teardown; }

create() { create-shadow --no-writers --json "$@" | jq -r '.shadows[0].id'; }

@test "a copy becomes a read-only subvolume beside its origin, or a writable one" {
	new_btrfs fs 512M a
	btrfs -q subvolume create "$T/fs/dir"
	btrfs -q subvolume create "$T/fs/dir/deep"
	mkdir "$T/deep"
	mount -o subvol=dir/deep "$loop" "$T/deep"
	echo before >"$T/a/file"
	echo deep >"$T/deep/file"
	id=$(create "$T/a") deep=$(create "$T/deep")
	echo after >"$T/a/file"
	run break-shadow --json --name kept "$id"
	assert_json '.[0].where' kept
	assert_equal "$(cat "$T/fs/kept/file")" before
	run btrfs property get "$T/fs/kept" ro
	assert_output ro=true
	break-shadow -q --writable --name other "$deep"
	echo more >>"$T/fs/dir/other/file"
	run list-shadows --for "$T/a" --columns id
	assert_output ''
	assert_nothing_left fs a dir dir/deep dir/other kept
}

@test "killed in between: asked again it is done; a name that is taken is refused" {
	new_btrfs fs 512M a
	echo before >"$T/a/file"
	id=$(create "$T/a")
	for point in provider.btrfs.detached copies.detached; do
		run stop_at $point break-shadow --name kept "$id"
		assert_equal "$status" 137
		assert_equal "$(cat "$T/fs/kept/file")" before
		[ $point = provider.btrfs.detached ] && break-shadow -q --name kept "$id" && id=$(create "$T/a") && btrfs -q subvolume delete "$T/fs/kept"
	done
	delete-shadow -q --for "$T/fs"
	run list-shadows --for "$T/a" --columns id
	assert_output ''
	run --separate-stderr break-shadow --name kept "$(create "$T/a")"
	assert_equal "$status" 1
	assert_sentence break-shadow "kept"
}

@test "a clone becomes a directory in its storage" {
	new_loop x 64M
	mkfs.ext4 -q "$loop"
	mkdir "$T/x" "$T/store"
	mount "$loop" "$T/x"
	echo before >"$T/x/file"
	chown 1234:567 "$T/x/file"
	id=$(create --min-grade fuzzy --storage "$T/store" "$T/x" 2>/dev/null)
	run --separate-stderr break-shadow "$id"
	assert_equal "$status" 4
	break-shadow -q --writable --name kept "$id"
	assert_equal "$(stat -c %u:%g "$T/store/kept/file")" 1234:567
	assert_not_exist "$T/store/.vss-shadows"
	run list-shadows --for "$T/x" --columns id
	assert_output ''
}
