#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Damage: verify-backup finds it, restore never puts a wrong byte in place without saying so, and what can be restored can be.

# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common

setup() {
	vss_setup
	fake_volumes v
	v=$(volume v)
	x=$T/x.tar.zst
}

# small: an archive of some files.  large: of several frames, each file in the first is text a, in the last text z.
small() {
	mkdir "$v/dir"
	seq 500 >"$v/dir/numbers"
	head -c 6000 /dev/urandom >"$v/noise"
	ln "$v/noise" "$v/other-noise"
	ln -s noise "$v/link"
	echo word >"$v/word"
	truncate -s 1M "$v/sparse"
	echo end >>"$v/sparse"
	backup -q -o "$x" "$v"
}
large() {
	echo a >"$v/a"
	for i in b c d; do
		head -c 5000000 /dev/urandom >"$v/$i"
	done
	echo z >"$v/z"
	backup -q -o "$x" "$v"
}

# flip FILE BYTE BIT
flip() {
	local byte
	byte=$(od -An -tu1 -j"$2" -N1 "$1")
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf %03o $((byte ^ (1 << $3))))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# offsets_of BYTES: where they stand in the archive.
offsets_of() { LC_ALL=C grep -abo -F -- "$1" "$x" | cut -d: -f1; }
first_index_byte() { offsets_of $'V*M\x18' | head -n 1; }

# damaged [TEXT]: verify-backup says so, in one word and with status 1.
damaged() {
	run --separate-stderr verify-backup "$1"
	[ "$status" = 1 ] || fail "$2: status $status: $output"
	[ "$output" = '' ] || fail "$2: $output"
	[[ $stderr == "verify-backup: $1: "* ]] || fail "$2: $stderr"
}

same_tree() { diff -r --no-dereference --exclude=.vss-shadows "$v" "$1$v"; }

@test "an archive that is whole is good" {
	small
	run --separate-stderr verify-backup "$x"
	assert_equal "$status" 0
	assert_output "$x: good"
	assert_equal "$stderr" ''
	run verify-backup -q "$x"
	assert_equal "$status" 0
	assert_output ''
}

@test "each of 50 flipped bits is found, and none is restored without a word" {
	local i at bit size
	small
	size=$(stat -c %s "$x")
	RANDOM=4711
	for i in {1..50}; do
		at=$(((RANDOM * 32768 + RANDOM) % size)) bit=$((RANDOM % 8))
		cp "$x" "$T/bad.tar.zst"
		flip "$T/bad.tar.zst" $at $bit
		damaged "$T/bad.tar.zst" "byte $at bit $bit"
		rm -rf "$T/r"
		run restore -q "$T/bad.tar.zst" --target "$T/r"
		[ "$status" != 0 ] || same_tree "$T/r" || fail "byte $at bit $bit: restored something else"
		[ "$status" -le 3 ] || fail "byte $at bit $bit: status $status"
	done
}

@test "every kind of truncation is found, and is refused as incomplete" {
	local size at border
	small
	size=$(stat -c %s "$x")
	border=$(first_index_byte)
	RANDOM=1
	for at in 0 1 3 4 100 $((border - 1)) $((RANDOM % border)) $((RANDOM % border)) $((RANDOM % border)); do
		head -c "$at" "$x" >"$T/bad.tar.zst"
		run --separate-stderr verify-backup "$T/bad.tar.zst"
		[ "$status" = 1 ] || fail "$at: status $status: $output"
		run --separate-stderr restore "$T/bad.tar.zst" --target "$T/r"
		[ "$status" = 1 ] || fail "$at: status $status: $stderr"
		assert_sentence restore "$T/bad.tar.zst: "
		[ ! -e "$T/r" ] || assert_equal "$(find "$T/r" -type f)" ''
	done
	for at in $((size - 1)) $((size - 9)) $((border + 20)) "$border"; do
		head -c "$at" "$x" >"$T/bad.tar.zst"
		damaged "$T/bad.tar.zst" "cut at $at"
	done
}

@test "a cut at a frame border, which zstd takes for good, is found and refused" {
	local at
	large
	at=$(offsets_of $'\x28\xb5\x2f\xfd' | sed -n 3p)
	head -c "$at" "$x" >"$T/bad.tar.zst"
	zstd -q -t "$T/bad.tar.zst"
	damaged "$T/bad.tar.zst" border
	run --separate-stderr restore "$T/bad.tar.zst" --target "$T/r"
	assert_equal "$status" 1
	assert_sentence restore incomplete
}

@test "swapped frames are found" {
	local borders
	large
	mapfile -t borders < <(offsets_of $'\x28\xb5\x2f\xfd' | head -n 4)
	{
		head -c "${borders[1]}" "$x"
		tail -c +$((borders[2] + 1)) "$x" | head -c $((borders[3] - borders[2]))
		tail -c +$((borders[1] + 1)) "$x" | head -c $((borders[2] - borders[1]))
		tail -c +$((borders[3] + 1)) "$x"
	} >"$T/bad.tar.zst"
	assert_equal "$(stat -c %s "$T/bad.tar.zst")" "$(stat -c %s "$x")"
	zstd -q -t "$T/bad.tar.zst"
	damaged "$T/bad.tar.zst" swapped
}

@test "something behind the end is found" {
	small
	{
		cat "$x"
		echo more
	} >"$T/bad.tar.zst"
	damaged "$T/bad.tar.zst" appended
	cat "$x" "$x" >"$T/bad.tar.zst"
	damaged "$T/bad.tar.zst" twice
}

@test "the index is lost: everything can be restored, with a warning" {
	small
	head -c "$(first_index_byte)" "$x" >"$T/bad.tar.zst"
	run --separate-stderr restore "$T/bad.tar.zst" --target "$T/r"
	assert_equal "$status" 0
	[[ $stderr == *index* ]]
	same_tree "$T/r"
	run --separate-stderr restore "$T/bad.tar.zst" --target "$T/one" "$v/word"
	assert_equal "$status" 0
	cmp "$v/word" "$T/one$v/word"
	run --separate-stderr list-backups --json "$T/bad.tar.zst"
	assert_json '.[0].has_index' false
	assert_json '.[0].good' true
}

@test "the manifest is missing: refused, though tar reads it" {
	small
	zstd -qdc "$x" >"$T/x.tar"
	bsdtar -cf - --exclude .vss/manifest.mtree "@$T/x.tar" | zstd -q -o "$T/bad.tar.zst"
	tar --zstd -tf "$T/bad.tar.zst" >/dev/null
	run --separate-stderr restore "$T/bad.tar.zst" --target "$T/r"
	assert_equal "$status" 1
	assert_sentence restore "$T/bad.tar.zst: "
	[ ! -e "$T/r$v/word" ]
	run --separate-stderr verify-backup "$T/bad.tar.zst"
	assert_equal "$status" 1
	run --separate-stderr list-backups --json "$T"
	assert_json '.[] | select(.archive | endswith("bad.tar.zst")) | .good' false
}

@test "damage in one frame leaves the files of the others" {
	local at
	large
	at=$(offsets_of $'\x28\xb5\x2f\xfd' | sed -n 2p)
	flip "$x" $((at + 1000)) 3
	damaged "$x" 'one frame'
	run restore -q "$x" --target "$T/r" "$v/z"
	assert_equal "$status" 0
	assert_equal "$(cat "$T/r$v/z")" z
	run --separate-stderr restore -q "$x" --target "$T/all"
	[ "$status" != 0 ]
	[ ! -e "$T/all$v/c" ] || cmp "$v/c" "$T/all$v/c"
}

@test "damage that goes through a pipe is found, too" {
	local at
	large
	at=$(offsets_of $'\x28\xb5\x2f\xfd' | sed -n 3p)
	flip "$x" $((at + 1000)) 3
	run --separate-stderr bash -c 'restore - --target "$1" <"$2"' - "$T/r" "$x"
	[ "$status" != 0 ]
	[[ $stderr == *restore:* ]]
}

@test "verify-backup --json names the faults" {
	small
	flip "$x" 300 1
	run --separate-stderr verify-backup --json "$x"
	assert_equal "$status" 1
	assert_json .good false
	assert_json '.faults | length > 0'
}

# --- list-backups for monitoring ---

@test "list-backups of a directory shows each archive, the damaged ones as such" {
	small
	cp "$x" "$T/y.tar.zst"
	head -c 2000 "$x" >"$T/z.tar.zst"
	echo nothing >"$T/w.tar.zst"
	echo other >"$T/readme"
	run list-backups --json "$T"
	assert_equal "$status" 0
	assert_json 'length' 4
	assert_json '[.[] | select(.good)] | length' 2
	assert_json '.[] | select(.archive | endswith("/x.tar.zst")) | .files' 8
	run list-backups --json "$x"
	assert_json '.[0].volumes[0]' "$v"
	assert_json '.[0].created | test("^[0-9-]{10}T[0-9:.]{8,}Z$")'
}

@test "--max-age: status 0 with a young good one, 1 without" {
	small
	run list-backups --max-age 26h "$T"
	assert_equal "$status" 0
	mkdir "$T/old" "$T/empty" "$T/damaged"
	head -c 2000 "$x" >"$T/damaged/x.tar.zst"
	for dir in empty damaged; do
		run --separate-stderr list-backups -q --max-age 26h "$T/$dir"
		assert_equal "$dir $status" "$dir 1"
		assert_sentence list-backups 'no good backup'
	done
	run --separate-stderr list-backups --max-age 0 "$x"
	assert_equal "$status" 1
}
