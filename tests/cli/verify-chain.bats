#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What is told and checked of archives that build on others: list-backups, and verify-backup --chain.

# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x
	full=$x/1.tar.zst one=$x/2.tar.zst two=$x/3.tar.zst
	mkdir "$x" "$a/dir"
	echo kept >"$a/dir/kept"
	echo changed >"$a/dir/changed"
	backup -q -o "$full" "$a"
	echo changed again >"$a/dir/changed"
	backup -q -o "$one" --type incremental --base "$full" "$a"
	echo new >"$a/dir/new"
	backup -q -o "$two" --type incremental --base "$one" "$a"
}

id_of() { list-backups --columns backup_id "$1"; }
# again: what archives are, with another one in the place of $full.
other_full() {
	echo other >"$a/dir/kept"
	rm "$full"
	backup -q -o "$full" "$a"
}

@test "an increment says what it builds on" {
	run list-backups "$x"
	assert_line "   Type: incremental"
	assert_line "   Base: {$(id_of "$full")} ($full)"
	assert_line "   Base: {$(id_of "$one")} ($one)"
	run list-backups --json "$x"
	assert_json '.[0].base_id' null
	assert_json '.[0].chain | length' 0
	assert_json '.[2].base_id' "$(id_of "$one")"
	assert_json '.[2].chain | join(" ")' "$(id_of "$full") $(id_of "$one")"
	run list-backups --columns type,base_id "$two"
	assert_output "incremental"$'\t'"$(id_of "$one")"
	mv "$two" "$T/alone.tar.zst"
	run list-backups "$T/alone.tar.zst"
	assert_line "   Base: {$(id_of "$one")} (2.tar.zst)" # what it was called
}

@test "all that a restore brings back is listed, with the number of the archive that has it" {
	run list-backups --members "$two"
	assert_line "$a/dir/kept"
	assert_line "$a/dir/changed"
	assert_line "$a/dir/new"
	run list-backups --members --json "$two"
	assert_json "map({(.path): .in}) | add | [.[\"$a/dir/kept\"], .[\"$a/dir/changed\"], .[\"$a/dir/new\"]] | tostring" '[0,1,null]'
}

@test "a chain that is whole is good, and so is each archive of it" {
	run --separate-stderr verify-backup --chain "$two"
	assert_success
	assert_output "$(printf '%s: good\n' "$full" "$one" "$two")"
	run --separate-stderr verify-backup --chain "$full"
	assert_output "$full: good"
	run --separate-stderr verify-backup "$two"
	assert_output "$two: good"
	run verify-backup --chain --json "$two"
	assert_json '.good' true
	assert_json '.chain | join(" ")' "$full $one $two"
}

@test "damage anywhere in a chain is found and named" {
	head -c 5000000 /dev/urandom >"$a/dir/aa"
	backup -q -o "$full" --replace "$a"
	backup -q -o "$two" --replace --type incremental --base "$full" "$a"
	printf x | dd of="$full" bs=1 seek=200 conv=notrunc status=none
	run -0 verify-backup "$two"
	run -1 --separate-stderr verify-backup --chain "$two"
	assert_regex "$stderr" "$full: .*damaged"
	run -1 verify-backup --chain --json "$two"
	assert_json '.good' false
	assert_json ".faults[0] | startswith(\"$full: \")" true
}

@test "a chain with a gap is named" {
	rm "$one"
	run -0 verify-backup "$two"
	run -1 --separate-stderr verify-backup --chain "$two"
	assert_regex "$stderr" '2\.tar\.zst'
	other_full
	run -1 --separate-stderr verify-backup --chain "$two"
}
