#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Subvolumes within subvolumes: they have no mount of their own, and a copy of the outer one has an empty directory in their place.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
	new_btrfs fs 512M a b
	mkdir "$T/a/dir"
	btrfs -q subvolume create "$T/a/dir/nested"
	btrfs -q subvolume create "$T/a/dir/nested/inner"
	echo one >"$T/a/one"
	echo two >"$T/a/dir/nested/two"
	echo three >"$T/a/dir/nested/inner/three"
}
teardown() { btrfs_teardown; }

# device VOLUME: where the set in $output shows its copy.
device() { jq -r --arg v "$1" '.shadows[] | select(.volume == $v).device' <<<"$output"; }

@test "--with-nested takes them into the same instant, however deep; each has its own copy" {
	run -0 --separate-stderr create-shadow --json --no-writers --with-nested "$T/a" "$T/b"
	assert_equal "$stderr" ''
	assert_json '[.shadows[].volume] | sort == ["'"$T"'/a", "'"$T"'/a/dir/nested", "'"$T"'/a/dir/nested/inner", "'"$T"'/b"]'
	assert_json '[.shadows[].proof.generation] | unique | length' 1
	assert_json .grade crash
	assert_equal "$(cat "$(device "$T/a/dir/nested")/two")" two
	assert_equal "$(cat "$(device "$T/a/dir/nested/inner")/three")" three
	assert_equal "$(find "$(device "$T/a")/dir/nested" -mindepth 1)" ''
	inner=$(jq -r --arg v "$T/a/dir/nested/inner" '.shadows[] | select(.volume == $v).id' <<<"$output")
	expose-shadow -q "$inner" "$T/shown"
	assert_equal "$(cat "$T/shown/three")" three
	assert_equal "$(list-shadows --columns id --for "$T/a/dir/nested/inner")" "{$inner}"
	run list-shadows
	assert_line --partial "Original Volume: ($T/a/dir/nested/inner)"
	run list-storage --for "$T/a/dir/nested"
	assert_line --partial "For volume: ($T/a/dir/nested)"
	delete-shadow -q --all
	assert_nothing_left fs a b a/dir/nested a/dir/nested/inner
}

@test "without it they are named, with the way to take them; one that is named is a volume of its own" {
	run -0 --separate-stderr create-shadow --json --no-writers "$T/a"
	assert_sentence create-shadow "$T/a: subvolumes within it are empty directories in the copy: dir/nested (create-shadow --with-nested takes all but read-only snapshots)"
	assert_json '.shadows | length' 1
	run -0 --separate-stderr create-shadow --json --no-writers "$T/a/dir/nested/two"
	assert_sentence create-shadow "$T/a/dir/nested: subvolumes within it"
	assert_json '.shadows[].volume' "$T/a/dir/nested"
	assert_equal "$(cat "$(device "$T/a/dir/nested")/two")" two
	run create-shadow --json --no-writers --with-nested "$T/a/dir/nested" "$T/a"
	assert_json '.shadows | length' 3
	delete-shadow -q --all
}

@test "what is mounted as well is in the set once; read-only snapshots within are left out" {
	mkdir "$T/also"
	mount -o subvol=a/dir/nested "$loop" "$T/also"
	btrfs -q subvolume snapshot -r "$T/a/dir/nested" "$T/a/yesterday"
	run -0 --separate-stderr create-shadow --json --no-writers --with-nested "$T/also" "$T/a"
	assert_json '.shadows | length' 3
	assert_json '[.shadows[].volume] | index("'"$T"'/also") != null'
	assert_sentence create-shadow 'subvolumes within it are empty directories in the copy: yesterday'
	# it can be named by itself, as any read-only subvolume
	run -0 create-shadow --json --no-writers "$T/a/yesterday"
	assert_equal "$(cat "$(device "$T/a/yesterday")/two")" two
	run --separate-stderr create-shadow --no-writers "$T/a" "$T/a/one"
	assert_equal "$status" 1
	assert_sentence create-shadow 'named twice'
}

@test "backup takes them into its set by itself, each from its own copy" {
	backup -q -o "$T/x.tar.zst" "$T/a"
	mkdir "$T/out"
	restore -q --target "$T/out" "$T/x.tar.zst"
	assert_equal "$(cat "$T/out$T/a/one" "$T/out$T/a/dir/nested/two" "$T/out$T/a/dir/nested/inner/three")" $'one\ntwo\nthree'
	# one file system: the directory, and nothing in it
	backup -q -x -o "$T/y.tar.zst" "$T/a"
	mkdir "$T/out2"
	restore -q --target "$T/out2" "$T/y.tar.zst"
	assert_equal "$(find "$T/out2$T/a/dir/nested" -mindepth 1)" ''
	# a path within one
	backup -q -o "$T/z.tar.zst" "$T/a/dir/nested/two"
	[ "$(bsdtar -tf "$T/z.tar.zst" 2>/dev/null | grep -c two)" = 1 ]
	assert_nothing_left fs a b a/dir/nested a/dir/nested/inner
}

@test "a set with nested ones that stays can be archived as one that was mounted" {
	run -0 create-shadow --json --no-writers --with-nested "$T/a"
	set=$(jq -r .set_id <<<"$output")
	rm "$T/a/dir/nested/two"
	backup -q --from-shadow "$set" -o "$T/x.tar.zst" "$T/a"
	mkdir "$T/out"
	restore -q --target "$T/out" "$T/x.tar.zst"
	assert_equal "$(cat "$T/out$T/a/dir/nested/two")" two
	delete-shadow -q --all
}

@test "a shadow copy is no origin" {
	create-shadow -q --no-writers --with-nested "$T/b"
	device=$(list-shadows --columns device --for "$T/b")
	for origin in "$device" "$device/." "$T/fs/.vss-shadows"/*-*/copy; do
		run --separate-stderr create-shadow --no-writers "$origin"
		assert_equal "$status" 4
		assert_sentence create-shadow 'a shadow copy itself'
	done
	assert_equal "$(list-shadows --columns id --for "$T/b" | wc -l)" 1
}

@test "a volume that somebody may not enter does not stop his backup of another" {
	requires setpriv
	mkdir -p "$T/own/data"
	echo mine >"$T/own/data/file"
	mkdir -m 700 "$T/root"
	mkdir "$T/root/in"
	mount --bind "$T/b" "$T/root/in"
	chown -R 65534:65534 "$T/own"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$T"
	run env VSS_STATE_DIR="$T/own/state" VSS_RUN_DIR="$T/own/run" VSS_FAKE_VOLUMES="$T/own/data" setpriv --reuid=65534 --regid=65534 \
		--clear-groups backup -q -o "$T/own/x.tar.zst" --no-writers "$T/own/data"
	assert_success
	assert_output ''
}
