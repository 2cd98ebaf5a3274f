#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# An existing set of real btrfs volumes becomes an archive: with everything a tree can have, after a restart, and of a part of a volume.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs
load ../lib/trees

setup() { btrfs_setup; }
teardown() { btrfs_teardown; }

@test "the archive holds the tree as it was when the set was made" {
	new_btrfs fs 1G a b
	mkdir "$T/a/tree" "$T/b/more"
	make_tree "$T/a/tree"
	echo more >"$T/b/more/file"
	describe "$T/a/tree" acl >"$T/want"
	id=$(create-shadow --json "$T/a" "$T/b" | jq -r .set_id)
	rm -rf "$T/a/tree" "$T/b/more"
	echo newer >"$T/b/file"
	# as after a restart: nothing shows the copies any more
	umount "$VSS_RUN_DIR"/fs/*
	rm -r "$VSS_RUN_DIR"
	run --separate-stderr backup -n -o "$T/x.tar.zst" --from-shadow "$id"
	assert_equal "$status" 1
	assert_sentence backup 'is not shown since the machine was started; the backup itself shows it'
	run findmnt -rn -o TARGET
	refute_output --partial "$VSS_RUN_DIR"
	run --separate-stderr backup --json -o "$T/x.tar.zst" --from-shadow "$id"
	assert_equal "$status" 0
	assert_json .grade crash
	restore -q --trusted "$T/x.tar.zst" --target "$T/r"
	describe "$T/r$T/a/tree" acl >"$T/got"
	diff "$T/want" "$T/got"
	assert_equal "$(cat "$T/r$T/b/more/file")" more
	assert_not_exist "$T/r$T/b/file"
	delete-shadow -q --all
	assert_nothing_left fs a b
}

@test "of a volume that was mounted in part the paths are those of the mount, though it is mounted no more" {
	new_btrfs fs 1G a
	mkdir -p "$T/a/inner/data" "$T/part"
	echo one >"$T/a/inner/data/file"
	echo two >"$T/a/outer"
	mount --bind "$T/a/inner" "$T/part"
	umount "$T/a"
	id=$(create-shadow --json "$T/part" | jq -r .set_id)
	umount "$T/part"
	backup -q -o "$T/x.tar.zst" --from-shadow "$id" "$T/part/data"
	run tar --zstd -tf "$T/x.tar.zst"
	assert_line "${T#/}/part/data/file"
	refute_output --partial outer
	rm "$T/x.tar.zst"
	backup -q -o "$T/x.tar.zst" --from-shadow "$id"
	run tar --zstd -tf "$T/x.tar.zst"
	assert_line "${T#/}/part/data/file"
	refute_output --partial outer
}
