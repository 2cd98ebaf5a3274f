#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Components and marks where other volumes are mounted in between: each file is read from the copy of the volume that it lies on.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/stories

# One btrfs with the subvolumes a, b and c: b is mounted in a, c in b, and a directory of c once more in a.
setup() {
	btrfs_setup
	unset VSS_FAKE_VOLUMES
	new_btrfs top 200M a b c
	x=$T/x.tar.zst
	mkdir -p "$T/a"/{data/inner,data/part} "$T/b/deeper" "$T/c/dir/sub"
	echo hidden >"$T/a/data/inner/hidden"
	echo a >"$T/a/data/a.db"
	echo b >"$T/b/b.db"
	echo c >"$T/c/c.db"
	echo d >"$T/c/dir/sub/d.db"
	mount -o subvol=b "$loop" "$T/a/data/inner"
	mount -o subvol=c "$loop" "$T/a/data/inner/deeper"
	mount --bind "$T/c/dir" "$T/a/data/part"
}

teardown() { btrfs_teardown; }

members() { tar --zstd -tf "$x" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/,," | LC_ALL=C sort | paste -sd' '; }
# db_writer FILES...: the words behind the component of a file statement.
db_writer() {
	{
		printf 'writer %s "Db" usage=USER_DATA source=OTHER\n' "$(id_of Db)"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'component filegroup "" all'
		printf 'file "" all %s\n' "$@"
		printf 'hold files\nlog "%s"\n' "$T/Db.log"
	} >"$T/Db.script"
	register Db "$VSS_BUILD/bin/vss-test-writer $T/Db.script"
}

@test "Z23: a file set is read across mount points, each volume from its own copy, and comes back where it was" {
	db_writer "\"$T/a/data\" *.db recursive=yes"
	run --separate-stderr backup --json -o "$x" -w Db
	assert_equal "$status" 0
	assert_json '[.volumes[].volume] | length' 3
	assert_json .grade application
	assert_equal "$(members)" 'a/data/a.db a/data/inner/b.db a/data/inner/deeper/c.db a/data/inner/deeper/dir/sub/d.db a/data/part/sub/d.db'
	rm "$T/a/data/a.db" "$T/b/b.db" "$T/c/c.db"
	echo changed >"$T/c/dir/sub/d.db"
	restore -q --in-place "$x"
	assert_equal "$(cat "$T/a/data/a.db" "$T/b/b.db" "$T/c/c.db" "$T/c/dir/sub/d.db" | paste -sd' ')" 'a b c d'
}

@test "a file set in a mounted volume needs that volume alone, one that does not recurse stays on its own" {
	db_writer "\"$T/a/data/inner/deeper/dir\" * recursive=yes"
	run backup --json -o "$x" -w Db
	assert_json '.volumes | length' 1
	assert_equal "$(members)" 'a/data/inner/deeper/dir/sub/d.db'
	rm "$x"
	db_writer "\"$T/a/data\" *"
	run backup --json -o "$x" -w Db
	assert_json '[.volumes[].volume] | join(" ")' "$T/a"
	assert_equal "$(members)" 'a/data/a.db'
}

@test "alternate paths may cross mount points too" {
	mkdir "$T/a/alt"
	mount -o subvol=b "$loop" "$T/a/alt"
	mount -o subvol=c "$loop" "$T/a/alt/deeper"
	db_writer "\"$T/a/data\" *.db recursive=yes alternate=\"$T/a/alt\""
	backup -q -o "$x" -w Db
	assert_equal "$(members)" 'a/data/b.db a/data/deeper/c.db a/data/deeper/dir/sub/d.db'
}

@test "what is mounted in a cache is left out with it, unless it was named or a component's" {
	umount "$T/a/data/part"
	printf 'Signature: 8a477f597d28d172789f06886806bc55\n' >"$T/b/CACHEDIR.TAG"
	backup -q --exclude-caches -o "$x" "$T/a"
	assert_equal "$(members)" 'a/data/a.db a/data/inner/CACHEDIR.TAG'
	backup -q --replace --exclude-caches -o "$x" "$T/a" "$T/a/data/inner/deeper"
	assert_equal "$(members)" 'a/data/a.db a/data/inner/CACHEDIR.TAG a/data/inner/deeper/c.db a/data/inner/deeper/dir/sub/d.db'
	db_writer "\"$T/a/data/inner/deeper\" *"
	backup -q --replace --exclude-caches -o "$x" "$T/a"
	[[ $(members) == *a/data/inner/deeper/c.db* ]]
	[[ $(members) != *b.db* ]]
}

@test "what is mounted in a cache, and elsewhere too, is taken there" {
	printf 'Signature: 8a477f597d28d172789f06886806bc55\n' >"$T/b/CACHEDIR.TAG"
	backup -q -o "$x" "$T/a"
	assert_equal "$(members)" \
		'a/data/a.db a/data/inner/CACHEDIR.TAG a/data/inner/b.db a/data/inner/deeper/c.db a/data/inner/deeper/dir/sub/d.db'
	run --separate-stderr backup --json --replace --exclude-caches -o "$x" "$T/a"
	assert_equal "$(members)" 'a/data/a.db a/data/inner/CACHEDIR.TAG a/data/part/sub/d.db'
	restore -q "$x" --target "$T/r"
	assert_equal "$(cat "$T/r$T/a/data/part/sub/d.db")" d
}

@test "--exclude-nodump reads the attribute in the copy, and not of what a mount hides" {
	umount "$T/a/data/part"
	chattr +d "$T/a/data/a.db" "$T/b/deeper"
	backup -q --exclude-nodump -o "$x" "$T/a"
	assert_equal "$(members)" 'a/data/inner/b.db a/data/inner/deeper/c.db a/data/inner/deeper/dir/sub/d.db'
	chattr +d "$T/c"
	backup -q --replace --exclude-nodump -o "$x" "$T/a"
	assert_equal "$(members)" 'a/data/inner/b.db'
}
