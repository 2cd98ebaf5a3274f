#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Incremental and differential backups of paths: what is taken, what is built on, what is refused.  The fake provider keeps no
# inode numbers, so that contents are compared by digest.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/increments

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) out=$T/out
	mkdir "$out" "$a/dir"
	echo one >"$a/one"
	echo two >"$a/two"
	echo three >"$a/dir/three"
	ln -s one "$a/link"
}

full() { backup -q -o "$out" "$a"; }
# increment [ARG]...: the report of one is in $output.
increment() {
	run backup --json --type incremental -o "$out" "$@" "$a"
	assert_success
}
refused() {
	local want=$1 text=$2
	shift 2
	run --separate-stderr backup -q "$@"
	assert_equal "$status" "$want"
	assert_sentence backup "$text"
}
only_archive() { find "$out" -name '*.tar.zst'; }

@test "what is as it was is named and not taken" {
	full
	local base
	base=$(list-backups --json "$out" | jq -r '.[0].backup_id')
	increment
	assert_json .type incremental
	assert_json .base_id "$base"
	assert_json .unchanged_files 4
	assert_json .unchanged_bytes 14
	assert_json .bytes 0
	assert_equal "$(members "$(newest "$out")" "$a")" ''
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 link=0 one=0 two=0'
	run verify-backup -q "$(newest "$out")"
	assert_success
}

@test "new, changed, deleted and renamed files, and what has another type" {
	full
	echo new >"$a/new"
	echo more >>"$a/one"
	rm "$a/two"
	mv "$a/dir/three" "$a/dir/drei"
	ln -sfn two "$a/link"
	increment
	assert_json .unchanged_files 0
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/drei link new one'
	rm -r "$a/dir" "$a/link"
	echo file >"$a/dir"
	mkfifo "$a/link"
	increment
	assert_json .unchanged_files 2
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir link new=1 one=1'
}

@test "a change that put size and time back is found" {
	touch -d 2020-01-01 "$a/one"
	full
	printf ONE\\n >"$a/one"
	touch -d 2020-01-01 "$a/one"
	increment
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 link=0 one two=0'
}

@test "attributes alone are a change" {
	echo four >"$a/four"
	full
	chmod 0600 "$a/one"
	setfattr -n user.note -v new "$a/two"
	touch -d 2020-01-01 "$a/dir/three"
	increment
	assert_json .unchanged_files 2
	assert_equal "$(members "$(newest "$out")" "$a")" 'dir/three one two'
	setfattr -n user.note -v newer "$a/two"
	increment
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=1 four=0 link=0 one=1 two'
}

@test "holes, empty files and attributes that stay" {
	: >"$a/empty"
	truncate -s 1M "$a/hole"
	truncate -s 1M "$a/holes"
	echo end >>"$a/holes"
	setfattr -n user.note -v kept "$a/one"
	full
	increment
	increment
	assert_json .unchanged_files 7
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 empty=0 hole=0 holes=0 link=0 one=0 two=0'
	echo x | dd of="$a/hole" bs=1 seek=5000 conv=notrunc status=none
	increment
	assert_equal "$(members "$(newest "$out")" "$a")" hole
}

@test "a file with several names is taken again where inodes are not known" {
	ln "$a/one" "$a/dir/one"
	full
	increment
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/one dir/three=0 link=0 one two=0'
	rm "$a/one"
	increment
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/one=1 dir/three=0 link=0 two=0'
}

@test "a name that was another one of a file and is one of its own now is taken" {
	ln "$a/one" "$a/zzz"
	full
	cp -p "$a/zzz" "$T/zzz"
	mv "$T/zzz" "$a/zzz"
	increment
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 link=0 one=0 two=0 zzz'
}

@test "an incremental builds on the last one, a differential on the full one" {
	full
	echo new >"$a/new"
	increment
	echo newer >"$a/newer"
	increment
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 link=0 new=1 newer one=0 two=0'
	backup -q --type differential -o "$out" "$a"
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 link=0 new newer one=0 two=0'
	increment
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 link=0 new=1 newer=2 one=0 two=0'
	run list-backups --json "$(newest "$out")"
	assert_json '.[0].type' incremental
}

@test "a differential on an incremental goes back to where its chain begins" {
	full
	echo new >"$a/new"
	increment
	backup -q --type differential --base "$(newest "$out")" -o "$T/diff.tar.zst" "$a"
	assert_equal "$(state "$T/diff.tar.zst" "$a")" 'dir/three=0 link=0 new one=0 two=0'
}

@test "what the base lacks is taken, whatever paths it was of" {
	backup -q -o "$out" "$a/dir"
	increment
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 link one two'
}

@test "excludes hold in increments, too, and what is excluded is no longer there" {
	full
	increment --exclude two
	assert_equal "$(state "$(newest "$out")" "$a")" 'dir/three=0 link=0 one=0'
}

@test "into a file or a command with --base" {
	full
	backup -q --type incremental --base "$out" -o "$T/x.tar.zst" "$a"
	assert_equal "$(state "$T/x.tar.zst" "$a")" 'dir/three=0 link=0 one=0 two=0'
	backup -q --type incremental --base "$(only_archive)" "$a" -- tee "$T/y.tar.zst" >"$T/z"
	assert_equal "$(state "$T/y.tar.zst" "$a")" 'dir/three=0 link=0 one=0 two=0'
	cmp "$T/y.tar.zst" "$T/z"
}

@test "the report and the dry run name the base; -v tells how many files were compared" {
	full
	run backup -n --type incremental -o "$out" "$a"
	assert_line --partial "Would build on '$(only_archive)'"
	local base
	base=$(only_archive)
	run --separate-stderr backup -v --type incremental -o "$out" "$a"
	[[ $output == *"Type: incremental, on '$base'"* ]]
	[[ $output == *'Unchanged: 4 files (14 bytes)'* ]]
	[[ $stderr == *"compared 4 files with $base, read 3"* ]]
}

@test "without a base that can be known it is refused" {
	full
	refused 2 'say with --base what it builds on' --type incremental -o "$T/x.tar.zst" "$a"
	refused 2 'say with --base what it builds on' --type differential "$a" -- cat
	refused 2 '--output - exclude each other' --type incremental -o - "$a"
	refused 2 '--output - exclude each other' --type differential --base "$out" -o - "$a"
	refused 2 '--base is for' --base "$out" -o "$T/x.tar.zst" "$a"
	refused 1 'No such file' --type incremental --base "$T/nowhere" -o "$T/x.tar.zst" "$a"
	[ ! -e "$T/x.tar.zst" ]
}

@test "a directory without a full backup" {
	refused 1 'has no full backup of this host' --type incremental -o "$out" "$a"
	backup -q --type copy -o "$out" "$a"
	refused 1 'has no full backup of this host' --type incremental -o "$out" "$a"
	refused 1 'a copy backup is nothing that can be built on' --type incremental --base "$(only_archive)" -o "$out" "$a"
}

@test "a differential is nothing to build on" {
	full
	backup -q --type differential -o "$out" "$a"
	refused 1 'a differential backup is nothing that can be built on' --type incremental --base "$(newest "$out")" -o "$out" "$a"
	refused 1 'a differential backup is nothing that can be built on' --type differential --base "$(newest "$out")" -o "$out" "$a"
}

@test "a chain with a gap is refused, and the missing archive is named" {
	full
	local first
	first=$(only_archive)
	increment
	mv "$first" "$T/elsewhere.tar.zst"
	refused 1 "it builds on ${first##*/} ({" --type incremental -o "$out" "$a"
	refused 1 'has no full backup of this host' --type differential -o "$out" "$a"
	mv "$T/elsewhere.tar.zst" "$out/renamed.tar.zst"
	increment
	assert_json .unchanged_files 4
}

@test "a damaged archive is passed over with a word, and refused when it is named" {
	full
	local first
	first=$(only_archive)
	increment
	local last
	last=$(newest "$out")
	truncate -s -100 "$last"
	dd if=/dev/urandom of="$last" bs=1 seek=200 count=400 conv=notrunc status=none
	run --separate-stderr backup --json --type incremental -o "$out" "$a"
	assert_success
	[[ $stderr == *"$last: cannot be built on: "* ]]
	run list-backups --json "$first"
	local id
	id=$(jq -r '.[0].backup_id' <<<"$output")
	run list-backups --json "$(newest "$out")"
	assert_json '.[0].base_id' "$id"
	run --separate-stderr backup -q --type incremental --base "$last" -o "$out" "$a"
	assert_equal "$status" 1
	[[ $stderr == *'cannot be built on'* ]]
}

@test "an archive of another host" {
	requires_root
	unshare --uts sh -c 'hostname another && exec "$@"' sh backup -q -o "$out" "$a"
	refused 1 'has no full backup of this host' --type incremental -o "$out" "$a"
	refused 1 'it is a backup of another host, another' --type incremental --base "$(only_archive)" -o "$out" "$a"
}

@test "what is built on is never replaced" {
	full
	local base
	base=$(only_archive)
	refused 2 'cannot take the place of what it builds on' --type incremental --replace --base "$base" -o "$base" "$a"
	increment
	refused 2 'cannot take the place of what it builds on' --type incremental --replace --base "$(newest "$out")" -o "$base" "$a"
	run verify-backup -q "$base"
	assert_success
}
