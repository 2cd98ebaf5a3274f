#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What -n foretells of real volumes: what is one instant, what is not, and that nothing is touched for it.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() { btrfs_setup; }
teardown() { btrfs_teardown; }

# With access times left out everything that could be seen of a volume that was touched.
everything() {
	find "$T" -mindepth 1 \( -name '*.img' -o -name 'separate-stderr*' \) -prune -o -printf '%p %i %y %m %s %n %C@ %T@\n' | LC_ALL=C sort
	grep -F "$T/" /proc/self/mountinfo
	subvolumes one
	subvolumes two
}

@test "volumes of one btrfs are one instant, those of two are not, and the set is refused as it would be" {
	new_btrfs one 300M a b
	new_btrfs two 300M c
	for v in a b c; do
		mkdir "$T/$v/data"
		seq 1000 >"$T/$v/data/file"
	done
	sync -f "$T/a"
	sync -f "$T/c"
	mkdir "$T/out"
	before=$(everything)
	run --separate-stderr backup -n --json -o "$T/out" "$T/a" "$T/b"
	assert_equal "$status" 0
	assert_json '[.volumes[] | "\(.provider) \(.instant) \(.group) \(.grade)"] | join(",")' 'btrfs one 0 crash,btrfs one 0 crash'
	assert_json .files 6
	assert_json .storage_dir null
	run --separate-stderr create-shadow -n --json --min-grade ordered "$T/a" "$T/b" "$T/c"
	assert_equal "$status" 0
	assert_json '[.volumes[] | "\(.group) \(.grade)"] | join(",")' '0 ordered,0 ordered,1 ordered'
	assert_json .instant many
	run --separate-stderr create-shadow -n "$T/a" "$T/c"
	foretold="$status $stderr"
	assert_equal "$(everything)" "$before"
	run --separate-stderr create-shadow "$T/a" "$T/c"
	assert_equal "$foretold" "$status $stderr"
	assert_equal "$status" 6
}

@test "of what can only be copied file by file the room is told, and a mount inside is a volume of its own" {
	new_btrfs one 300M a
	mkdir "$T/a/disk" "$T/store"
	mount -t tmpfs -o size=8m none "$T/a/disk" || skip "needs to mount a tmpfs"
	head -c 2000000 /dev/urandom >"$T/a/disk/file"
	run --separate-stderr backup -n --json --min-grade fuzzy --storage "$T/store" -o "$T/x.tar.zst" "$T/a"
	foretold=$output
	assert_equal "$status" 0
	assert_json '[.volumes[] | "\(.provider) \(.instant) \(.group)"] | join(",")' 'btrfs one 0,clone fuzzy 1'
	assert_json .storage_dir "$T/store"
	assert_json '.storage_most >= 2000000 and .storage_most < 3000000'
	assert_json '.storage_free > 0'
	assert_equal "$(ls -A "$T/store")" ''
	run --separate-stderr create-shadow -n --json --min-grade fuzzy "$T/a/disk" "$T/a"
	assert_json .storage_dir "$T/a/disk"
	run --separate-stderr backup --json --min-grade fuzzy --storage "$T/store" -o "$T/x.tar.zst" "$T/a"
	assert_equal "$(jq -c '[.files, .bytes]' <<<"$output")" "$(jq -c '[.files, .bytes]' <<<"$foretold")"
}
