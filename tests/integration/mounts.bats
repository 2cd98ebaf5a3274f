#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What is mounted below, beside and above what is backed up: each file once, under the path where the user sees it, or a word about it.

load ../lib/common
load ../lib/btrfs
load ../lib/stories

# One btrfs with the subvolumes a and b; b is mounted below a, and a part of it once more beside.
setup() {
	btrfs_setup
	unset VSS_FAKE_VOLUMES
	new_btrfs top 200M a b
	x=$T/x.tar.zst
	mkdir -p "$T/a/dir/deep" "$T/a/inner" "$T/b/part" "$T/part"
	echo one >"$T/a/dir/deep/one"
	echo hidden >"$T/a/inner/hidden"
	echo two >"$T/b/two"
	echo three >"$T/b/part/three"
	mount -o subvol=b "$loop" "$T/a/inner"
	mount --bind "$T/b/part" "$T/part"
}

teardown() { btrfs_teardown; }

# members [ARCHIVE]: its files as a stock tool lists them, below $T.
members() { tar --zstd -tf "${1:-$x}" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/,," | LC_ALL=C sort | paste -sd' '; }
has_directory() { tar --zstd -tf "$x" | grep -qxF "${T#/}/$1/"; }

@test "Z23: a volume below a path is read from its own copy, and what the mount hides is not taken" {
	run --separate-stderr backup -q -o "$x" "$T/a"
	assert_equal "$status $stderr" '0 '
	assert_equal "$(members)" 'a/dir/deep/one a/inner/part/three a/inner/two'
	restore -q "$x" --target "$T/r"
	diff -r "$T/a" "$T/r$T/a"
}

@test "-x leaves it out, and what it hides; its directory stays" {
	backup -q -x -o "$x" "$T/a"
	assert_equal "$(members)" 'a/dir/deep/one'
	has_directory a/inner
	backup -q -x -o "$T/y.tar.zst" "$T/a" "$T/a/inner/part"
	assert_equal "$(members "$T/y.tar.zst")" 'a/dir/deep/one a/inner/part/three'
}

@test "a mount that is excluded is not copied either" {
	run backup --json --exclude "$T/a/inner" -o "$x" "$T/a"
	assert_json '[.volumes[].volume] | join(" ")' "$T/a"
	assert_equal "$(members)" 'a/dir/deep/one'
}

@test "a part of a volume that is mounted by itself" {
	backup -q -o "$x" "$T/part"
	assert_equal "$(members)" 'part/three'
	backup -q -o "$T/y.tar.zst" "$T/part/three"
	assert_equal "$(members "$T/y.tar.zst")" 'part/three'
}

@test "one volume named by several of its mounts is one copy, read under each name" {
	run backup --json -o "$x" "$T/part" "$T/a/inner" "$T/b/two"
	assert_json '.volumes | length' 1
	assert_equal "$(members)" 'a/inner/part/three a/inner/two b/two part/three'
}

@test "two parts of a volume: read from one copy where it is mounted as a whole, else refused" {
	mkdir "$T/b/other" "$T/other"
	echo four >"$T/b/other/four"
	mount --bind "$T/b/other" "$T/other"
	backup -q -o "$x" "$T/part" "$T/other"
	assert_equal "$(members)" 'other/four part/three'
	umount "$T/a/inner"
	umount "$T/b"
	# the top level shows all of it still
	backup -q -o "$T/z.tar.zst" "$T/part" "$T/other"
	assert_equal "$(members "$T/z.tar.zst")" 'other/four part/three'
	umount "$T/top"
	run --separate-stderr backup -q -o "$T/y.tar.zst" "$T/part" "$T/other"
	assert_equal "$status" 4
	assert_sentence backup 'parts of one volume'
	[ ! -e "$T/y.tar.zst" ]
}

@test "what is mounted twice below a path is taken once, and it is said" {
	mkdir "$T/a/again" "$T/a/piece"
	mount --bind "$T/a/inner" "$T/a/again"
	mount --bind "$T/a/inner/part" "$T/a/piece"
	run --separate-stderr backup -q -o "$x" "$T/a"
	assert_equal "$status" 0
	assert_equal "$(members)" 'a/again/part/three a/again/two a/dir/deep/one'
	run --separate-stderr backup -o "$T/y.tar.zst" "$T/a"
	[[ $stderr == *"$T/a/inner: shows what is taken at $T/a/again"* ]]
	[[ $stderr == *"$T/a/piece: shows what is taken at $T/a/again"* ]]
}

@test "a mount below one that is left out is taken all the same" {
	umount "$T/a/inner"
	mkdir "$T/a/left-out"
	mount -t proc proc "$T/a/inner" # a pseudo file system, with a real one below
	mount -o subvol=b "$loop" "$T/a/inner/sys/fs" || skip "cannot mount there"
	backup -q -o "$x" "$T/a"
	assert_equal "$(members)" 'a/dir/deep/one a/inner/sys/fs/part/three a/inner/sys/fs/two'
}

@test "a volume mounted below a component's directory belongs to the component" {
	test_writer One "$T/a" <<<'hold files'
	run backup --json -o "$x" -w One
	assert_json '.volumes | length' 2
	assert_equal "$(members)" 'a/dir/deep/one a/inner/part/three a/inner/two'
	run grep -A3 '^backup-complete' "$T/One.log"
	assert_line --partial 'succeeded=yes'
}

@test "a component on two file systems is graded as what they are together" {
	umount "$T/a/inner"
	new_btrfs other 200M c
	echo six >"$T/c/six"
	mount -o subvol=c "$loop" "$T/a/inner"
	umount "$T/c"
	test_writer One "$T/a" <<<'hold log'
	run --separate-stderr backup --json -o "$x" -w One
	assert_equal "$status" 6
	assert_sentence backup 'its copy is only ordered'
	backup -q --min-grade ordered -o "$x" -w One
	assert_equal "$(members)" 'a/dir/deep/one a/inner/six'
}

@test "-x keeps a writer out whose files are on a volume mounted below" {
	test_writer One "$T/a/inner" <<<'hold files'
	run backup --json -x -o "$x" "$T/a"
	assert_json '.writers | length' 0
	run backup --json -o "$T/y.tar.zst" "$T/a"
	assert_json '.writers[0].name' One
	# named, it brings its volume in; the path still takes nothing of it
	echo five >"$T/b/five"
	test_writer One "$T/a/inner" <<<'hold files'
	sed -i 's/ \* recursive=yes/ two/' "$T/One.script"
	backup -q -x -o "$T/z.tar.zst" -w One "$T/a"
	assert_equal "$(members "$T/z.tar.zst")" 'a/dir/deep/one a/inner/two'
}

@test "a nested subvolume that is not mounted is a volume of the set, and its component's files are in it" {
	btrfs -q subvolume create "$T/a/nested"
	echo found >"$T/a/nested/found"
	test_writer One "$T/a" <<<'hold files'
	run -0 --separate-stderr backup -q -o "$x" "$T/a"
	assert_equal "$stderr" ''
	[[ $(members) == *a/nested/found* ]]
	run grep -A3 '^backup-complete' "$T/One.log"
	assert_line --partial 'succeeded=yes'
	backup -q --no-writers -o "$T/y.tar.zst" "$T/a/nested"
	assert_equal "$(members "$T/y.tar.zst")" 'a/nested/found'
}

@test "a file that something is mounted over is refused, not taken from beneath" {
	echo above >"$T/above"
	mount --bind "$T/above" "$T/a/dir/deep/one"
	run --separate-stderr backup -q -o "$x" "$T/a/dir/deep/one"
	umount "$T/a/dir/deep/one"
	assert_equal "$status" 4
	assert_sentence backup "$T/a/dir/deep/one: a file that is mounted there by itself"
}

# A root of its own: the subvolume a, with what a program needs bound into it.  in_root COMMAND...
make_root() {
	local d root=$T/a
	umount "$root/inner"
	mkdir -p "$root"/{usr,proc,dev,build,tmp,.vss}
	ln -s usr/lib usr/lib64 usr/bin "$root"
	cp -a "$loop" "$root/dev"
	echo mine >"$root/.vss/format"
	mount --bind /usr "$root/usr"
	mount -t proc proc "$root/proc"
	mount --bind "$VSS_BUILD" "$root/build"
	mount -t tmpfs -o size=16m none "$root/tmp"
}
in_root() { VSS_STATE_DIR=/var/lib/vss VSS_RUN_DIR=/run/vss PATH=/build/bin:/usr/bin:/usr/sbin chroot "$T/a" "$@"; }

@test "the root of the machine: its own file system, without what is mounted and what these tools and archives keep" {
	make_root
	run --separate-stderr in_root backup -x -o /tmp/x.tar.zst /
	assert_equal "$status" 0
	assert_sentence backup '/.vss: left out'
	run bash -c 'tar --zstd -tf "$1" | grep -v "^.vss/"' - "$T/a/tmp/x.tar.zst"
	assert_line ./
	assert_line dir/deep/one
	assert_line inner/hidden
	assert_line usr/
	assert_line lib
	assert_line var/lib/
	refute_line --partial usr/bin/
	refute_line --partial var/lib/vss
	refute_line --partial run/vss
	in_root restore -q /tmp/x.tar.zst --target /tmp/r
	assert_equal "$(stat -c '%a %Y' "$T/a/tmp/r/dir")" "$(stat -c '%a %Y' "$T/a/dir")"
	rm -r "$T/a/dir"
	in_root restore -q --in-place --existing skip /tmp/x.tar.zst
	assert_equal "$(cat "$T/a/dir/deep/one")" one
}
