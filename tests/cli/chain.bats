#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore of a full archive and the increments that build on it: the state of each time, and chains that are none.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories
load ../lib/trees
load ../lib/chains

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b)
	mkdir "$T/x" "$T/y"
	full=$T/x/1-full.tar.zst one=$T/x/2-one.tar.zst two=$T/x/3-two.tar.zst
}

# backups of $a/t: three of a small tree.
small_chain() {
	mkdir -p "$a/t/dir"
	echo 1 >"$a/t/kept"
	echo 1 >"$a/t/changed"
	echo 1 >"$a/t/dir/removed"
	backup -q -o "$full" "$a/t"
	echo 22 >"$a/t/changed"
	echo 2 >"$a/t/made"
	rm "$a/t/dir/removed"
	backup -q -o "$one" --type incremental --base "$full" "$a/t"
	echo 333 >"$a/t/changed"
	backup -q -o "$two" --type incremental --base "$one" "$a/t"
}
contents() { (cd "$1" && find . -type f | LC_ALL=C sort | xargs grep -H . | paste -sd' '); }
at_first='./changed:1 ./dir/removed:1 ./kept:1'
at_second='./changed:22 ./kept:1 ./made:2'
at_third='./changed:333 ./kept:1 ./made:2'

@test "each time of a tree with every kind of change comes back to the byte and attribute" {
	mkdir "$a/t"
	first_state "$a/t"
	describe "$a/t" acl >"$T/at-1"
	backup -q -o "$full" "$a/t"
	second_state "$a/t"
	describe "$a/t" acl >"$T/at-2"
	backup -q -o "$one" --type incremental --base "$full" "$a/t"
	third_state "$a/t"
	describe "$a/t" acl >"$T/at-3"
	backup -q -o "$two" --type incremental --base "$one" "$a/t"
	! cmp -s "$T/at-1" "$T/at-2" && ! cmp -s "$T/at-2" "$T/at-3"

	restore -q "$full" --target "$T/r1"
	same "$T/r1$a/t" "$T/at-1"
	restore -q "$full" "$one" --target "$T/r2"
	same "$T/r2$a/t" "$T/at-2"
	run -1 diff "$T/at-1" "$T/got" # the comparison tells the times apart
	restore -q "$two" --target "$T/r3"
	same "$T/r3$a/t" "$T/at-3"
}

@test "what an increment builds on is found in its directory, whatever it is called there" {
	small_chain
	restore -q "$two" --target "$T/r1"
	assert_equal "$(contents "$T/r1$a/t")" "$at_third"
	mv "$full" "$T/x/zebra.tar.zst"
	cp "$two" "$full" # the name of one, and another one
	restore -q "$one" --target "$T/r2"
	assert_equal "$(contents "$T/r2$a/t")" "$at_second"
	restore -q "$T/x/zebra.tar.zst" --target "$T/r3"
	assert_equal "$(contents "$T/r3$a/t")" "$at_first"
	cd "$T/x"
	restore -q 3-two.tar.zst --target "$T/r4"
	assert_equal "$(contents "$T/r4$a/t")" "$at_third"
}

@test "from elsewhere all are named, in their order" {
	small_chain
	mv "$one" "$T/y/one"
	restore -q "$full" "$T/y/one" "$two" --target "$T/r1"
	assert_equal "$(contents "$T/r1$a/t")" "$at_third"
	run --separate-stderr restore "$two" --target "$T/r2"
	assert_equal "$status" 1
	assert_sentence restore '(2-one.tar.zst), which is not there: put it into '
	assert_regex "$stderr" 'incremental backup \{[0-9a-f-]{36}\}'
	assert_not_exist "$T/r2"
}

@test "a chain that is none is refused with a sentence that names both, and nothing is made" {
	local words wanted code
	small_chain
	backup -q -o "$T/y/other.tar.zst" "$a/t"
	backup -q -o "$T/y/copy.tar.zst" --type copy "$a/t"
	while IFS='|' read -r code words wanted; do
		# shellcheck disable=SC2086 # several words
		run --separate-stderr restore $words --target "$T/r"
		assert_equal "$words: $status" "$words: $code"
		assert_sentence restore "$wanted"
		assert_not_exist "$T/r"
	done <<-END
		2|$one $full|$full has to be named before $one
		2|$full $two $one|$one has to be named before $two
		2|$one $full $two|$full has to be named before $one
		2|$full $two|builds on the incremental backup
		2|$one $two|builds on the full backup
		2|$full $full $one|$full and $full are the same backup
		2|$full $one $one|$one and $one are the same backup
		1|$T/y/other.tar.zst $one|$one does not build on $T/y/other.tar.zst
		1|$full $T/y/other.tar.zst|$T/y/other.tar.zst is a full backup
		1|$full $T/y/copy.tar.zst $one|$T/y/copy.tar.zst is a copy, which nothing builds on
		1|$full $T/y/copy.tar.zst|$T/y/copy.tar.zst stands by itself
		2|- $one|standard input may only be a single archive
		2|$full -|standard input may only be a single archive
	END
}

@test "an increment does not come through a pipe" {
	small_chain
	run --separate-stderr restore - --target "$T/r" <"$one"
	assert_equal "$status" 2
	assert_sentence restore 'standard input is an increment'
	run --separate-stderr bash -c 'cat "$1" | restore - --target "$2"' - "$one" "$T/r"
	assert_equal "$status" 2
	assert_sentence restore 'standard input is an increment'
	assert_not_exist "$T/r"
}

@test "a differential comes back over its full one" {
	small_chain
	backup -q -o "$T/x/4-diff.tar.zst" --type differential --base "$full" "$a/t"
	restore -q "$T/x/4-diff.tar.zst" --target "$T/r1"
	assert_equal "$(contents "$T/r1$a/t")" "$at_third"
	restore -q "$full" "$T/x/4-diff.tar.zst" --target "$T/r2"
	assert_equal "$(contents "$T/r2$a/t")" "$at_third"
	run --separate-stderr restore "$full" "$one" "$T/x/4-diff.tar.zst" --target "$T/r3"
	assert_equal "$status" 1
	assert_sentence restore "4-diff.tar.zst does not build on $one"
	assert_not_exist "$T/r3"
}

@test "paths and globs are matched over all archives of the chain" {
	small_chain
	restore -q "$two" --target "$T/r1" "$a/t/kept" '*/made'
	assert_equal "$(contents "$T/r1$a/t")" './kept:1 ./made:2'
	run --separate-stderr restore "$full" "$one" "$two" --target "$T/r2" "$a/t/kept" "$a/t/dir/removed"
	assert_equal "$status" 1
	assert_sentence restore 't/dir/removed: not in the archive'
	assert_not_exist "$T/r2"
	echo text >"$T/text"
	run --separate-stderr restore "$full" "$T/text" --target "$T/r3" # no archive, so a path
	assert_equal "$status" 1
	assert_sentence restore 'text: not in the archive'
	restore -q "$full" --target "$T/r4" "$a/t/dir/removed"
	assert_equal "$(contents "$T/r4$a/t")" './dir/removed:1'
}

@test "a dry run and the report count each file once, over all archives" {
	small_chain
	run restore --json -n "$two" --target "$T/r"
	assert_json .files 5
	assert_json '(.plan | length) == ([.plan[].path] | unique | length)'
	assert_json '[.plan[] | select(.action != "new")] == []'
	assert_not_exist "$T/r"
	run restore --json "$two" --target "$T/r"
	assert_json .files 5
	assert_json .archive "$two"
}

@test "in place over a later state: what is there is replaced, directories keep what else is in them" {
	requires_root
	small_chain
	echo later >"$a/t/changed"
	rm -r "$a/t/kept" "$a/t/dir"
	echo stray >"$a/t/stray"
	run --separate-stderr restore --in-place "$two"
	assert_equal "$status" 1
	assert_sentence restore 'nothing was changed'
	assert_not_exist "$a/t/kept"
	restore -q --in-place --existing replace "$two"
	assert_equal "$(contents "$a/t")" './changed:333 ./kept:1 ./made:2 ./stray:stray'
	restore -q --in-place --existing replace "$one"
	assert_equal "$(contents "$a/t")" './changed:22 ./kept:1 ./made:2 ./stray:stray'
}

@test "directories are nobody's but ours until they have their attributes" {
	mkdir -p "$a/t/secret"
	echo secret >"$a/t/secret/file"
	chmod 0750 "$a/t/secret"
	touch -d '2010-10-10' "$a/t/secret"
	backup -q -o "$full" "$a/t"
	backup -q -o "$one" --type incremental --base "$full" "$a/t"
	run stop_at restore.file-written restore -q "$one" --target "$T/r"
	assert_equal "$status" 137
	assert_equal "$(stat -c %a "$T/r$a/t/secret")" 700
	restore -q --existing replace "$one" --target "$T/r"
	assert_equal "$(stat -c '%a %Y' "$T/r$a/t/secret")" "$(stat -c '%a %Y' "$a/t/secret")"
}

@test "a selection in place brings missing directories on the way back as the last archive knows them" {
	requires_root
	mkdir -p "$a/t/way/deep"
	echo 1 >"$a/t/way/deep/file"
	backup -q -o "$full" "$a/t"
	chmod 0711 "$a/t/way"
	chown 1:2 "$a/t/way"
	backup -q -o "$one" --type incremental --base "$full" "$a/t"
	rm -r "$a/t/way"
	restore -q --in-place "$one" "$a/t/way/deep/file"
	assert_equal "$(stat -c '%a %u:%g' "$a/t/way")" '711 1:2'
	assert_equal "$(cat "$a/t/way/deep/file")" 1
}

@test "what was a file on disk and is a directory in the chain takes its place" {
	requires_root
	mkdir -p "$a/t/d"
	echo inside >"$a/t/d/f"
	backup -q -o "$full" "$a/t"
	backup -q -o "$one" --type incremental --base "$full" "$a/t"
	rm -r "$a/t/d"
	echo file >"$a/t/d"
	restore -q --in-place --existing replace "$one"
	assert_equal "$(cat "$a/t/d/f")" inside
}

@test "several plain paths, one more and one less than before" {
	mkdir "$a/p" "$a/q" "$b/r"
	echo p >"$a/p/f"
	echo q >"$a/q/f"
	echo r >"$b/r/f"
	backup -q -o "$full" "$a/p" "$a/q"
	backup -q -o "$one" --type incremental --base "$full" "$a/q" "$b/r"
	restore -q "$one" --target "$T/r"
	assert_equal "$(contents "$T/r$T/volumes")" './a/q/f:q ./b/r/f:r'
}

@test "killed in the second archive: each file is old or new, and a second run finishes" {
	requires_root
	small_chain
	echo later >"$a/t/changed"
	echo later >"$a/t/kept"
	for point in restore.file-written restore.temporary; do
		: >"$T/stops"
		start env VSS_STOP_AT=$point:stop VSS_STOP_LOG="$T/stops" \
			restore -q --in-place --existing replace "$full" "$one" "$two"
		# the first is of the full archive, the second of the next
		wait_until 30 is_stopped "$started_pid"
		kill -CONT "$started_pid"
		wait_until 30 has_lines "$T/stops" 2
		wait_until 30 is_stopped "$started_pid"
		kill -KILL "$started_pid"
		wait "$started_pid" || :
		assert_regex "$(cat "$a/t/kept")" '^(later|1)$'
		assert_regex "$(cat "$a/t/changed")" '^(later|333)$'
		restore -q --in-place --existing replace "$two"
		assert_equal "$(contents "$a/t")" "$at_third"
		assert_equal "$(find "$a" -name '.vss-put*')" ''
	done
}
has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

@test "a dry run knows of directories that are made before the files of the first archive" {
	small_chain
	rm -r "$a/t/dir"
	mkdir -p "$a/t/dir"
	echo 4 >"$a/t/dir/four"
	backup -q -o "$T/x/4.tar.zst" --type incremental --base "$two" "$a/t"
	touch "$a/t/changed"
	backup -q -o "$T/x/5.tar.zst" --type incremental --base "$T/x/4.tar.zst" "$a/t"
	rm -r "$a/t/dir"
	echo mine >"$a/t/dir"
	run --separate-stderr restore -n --json --in-place --existing replace "$T/x/5.tar.zst"
	assert_success
	assert_equal "$(jq -r --arg d "$a/t/dir" '.plan[] | select(.path | startswith($d)) | .action' <<<"$output" | paste -sd' ')" 'new replaces'
	local foretold
	foretold=$(jq -c '[.files, .failed]' <<<"$output")
	run --separate-stderr restore --json --in-place --existing replace "$T/x/5.tar.zst"
	assert_success
	assert_equal "$(jq -c '[.files, .failed]' <<<"$output")" "$foretold"
	assert_equal "$(cat "$a/t/dir/four")" 4
}
