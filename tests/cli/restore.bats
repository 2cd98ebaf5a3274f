#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore: what is chosen, what happens to what is there, what writers are told, what an archive may not do.

# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a/dir/inner" "$a/other"
	echo one >"$a/dir/one.txt"
	echo two >"$a/dir/inner/two.txt"
	echo three >"$a/other/three.log"
	echo four >"$b/four"
}

archive() { backup -q -o "$x" "$a" "$b"; }
restored() { (cd "$1" && find . ! -type d ! -path '*/.vss-shadows*' | LC_ALL=C sort | paste -sd' '); }

# --- what ---

@test "a path is itself and what is below it, with or without the slash in front" {
	archive
	restore -q "$x" --target "$T/r1" "$a/dir"
	assert_equal "$(restored "$T/r1$a")" './dir/inner/two.txt ./dir/one.txt'
	restore -q "$x" --target "$T/r2" "${a#/}/dir/inner" "$b"
	assert_equal "$(restored "$T/r2$a")" './dir/inner/two.txt'
	assert_equal "$(cat "$T/r2$b/four")" four
	restore -q "$x" --target "$T/r3" "$a/dir/one.txt"
	assert_equal "$(restored "$T/r3")" ".$a/dir/one.txt"
}

@test "a glob is matched with whole paths" {
	archive
	restore -q "$x" --target "$T/r1" '*.txt'
	assert_equal "$(restored "$T/r1$a")" './dir/inner/two.txt ./dir/one.txt'
	restore -q "$x" --target "$T/r2" "$a/*/one.t?t"
	assert_equal "$(restored "$T/r2$a")" './dir/one.txt'
}

@test "what is not in the archive is refused, and nothing is made" {
	archive
	run --separate-stderr restore "$x" --target "$T/r" /no/such/path
	assert_equal "$status" 1
	assert_sentence restore
	[ ! -e "$T/r" ]
}

@test "a dry run says how much and changes nothing" {
	archive
	run restore -n --json "$x" --target "$T/r"
	assert_equal "$status" 0
	assert_json .dry_run true
	assert_json '.files >= 4'
	[ ! -e "$T/r" ]
}

@test "--json counts" {
	archive
	run restore --json "$x" --target "$T/r" '*.txt'
	assert_json .files 2
	assert_json .bytes 8
	assert_json .failed 0
	assert_json .target "$T/r"
}

# --- what is there ---

@test "by default anything that is there refuses all, before the first write" {
	archive
	rm "$a/dir/one.txt" "$b/four"
	echo mine >"$a/dir/inner/two.txt"
	run --separate-stderr restore --in-place "$x"
	assert_equal "$status" 1
	assert_sentence restore 'nothing was changed'
	[ ! -e "$a/dir/one.txt" ]
	[ ! -e "$b/four" ]
	assert_equal "$(cat "$a/dir/inner/two.txt")" mine
}

@test "skip leaves what is there" {
	archive
	rm "$a/dir/one.txt"
	echo mine >"$a/dir/inner/two.txt"
	run restore --json --in-place --existing skip "$x"
	assert_equal "$status" 0
	assert_json .skipped 3
	assert_equal "$(cat "$a/dir/one.txt" "$a/dir/inner/two.txt")" $'one\nmine'
}

@test "replace puts the archive's in their place, also for other kinds of file" {
	archive
	echo mine >"$a/dir/inner/two.txt"
	ln -sf /etc/passwd "$a/dir/one.txt"
	run restore -q --in-place --existing replace "$x"
	assert_equal "$status" 0
	assert_equal "$(cat "$a/dir/one.txt" "$a/dir/inner/two.txt")" $'one\ntwo'
	[ ! -L "$a/dir/one.txt" ]
}

@test "replace does not write through another name of the same file" {
	archive
	ln "$a/dir/one.txt" "$T/other-name"
	echo mine >"$a/dir/one.txt"
	restore -q --in-place --existing replace "$x" "$a/dir/one.txt"
	assert_equal "$(cat "$T/other-name")" mine
	assert_equal "$(cat "$a/dir/one.txt")" one
}

@test "keep-both puts it beside, again and again" {
	archive
	echo mine >"$a/dir/one.txt"
	restore -q --in-place --existing keep-both "$x" "$a/dir/one.txt"
	restore -q --in-place --existing keep-both "$x" "$a/dir/one.txt"
	assert_equal "$(cat "$a/dir/one.txt")" mine
	assert_equal "$(cat "$a/dir/one.txt.restored")" one
	assert_equal "$(cat "$a/dir/one.txt.restored-2")" one
}

@test "below a target the same rules hold" {
	archive
	restore -q "$x" --target "$T/r"
	run --separate-stderr restore "$x" --target "$T/r"
	assert_equal "$status" 1
	assert_sentence restore 'nothing was changed'
	restore -q --existing replace "$x" --target "$T/r"
}

@test "directories that are there get their attributes back, and keep what else is in them" {
	archive
	mkdir "$T/r"
	restore -q "$x" --target "$T/r"
	echo extra >"$T/r$a/dir/extra"
	chmod 0700 "$T/r$a/dir"
	rm -r "$T/r$a/dir/inner"
	restore -q --existing skip "$x" --target "$T/r"
	assert_equal "$(cat "$T/r$a/dir/extra")" extra
	assert_equal "$(stat -c %a "$T/r$a/dir")" 755
}

# --- safety ---

@test "a link in the way of a directory is not followed" {
	archive
	mkdir -p "$T/r${a%/*}" "$T/outside"
	ln -s "$T/outside" "$T/r$a"
	run --separate-stderr restore "$x" --target "$T/r"
	[ "$status" != 0 ]
	[ -z "$(ls -A "$T/outside")" ]
	rm -r "$a/dir"
	ln -s "$T/outside" "$a/dir"
	run restore -q --in-place --existing replace "$x"
	[ -z "$(ls -A "$T/outside")" ]
	[ "$status" != 0 ] || [ ! -L "$a/dir" ]
}

@test "set-id bits and device nodes of another machine's archive need --trusted" {
	requires_root
	install -m 4755 /dev/null "$a/set-uid"
	mknod "$a/null" c 1 3
	archive
	restore -q "$x" --target "$T/own" # it is this machine's
	assert_equal "$(stat -c %a "$T/own$a/set-uid")" 4755
	[ -c "$T/own$a/null" ]
	chmod o+w "$x" # anybody could have written it
	run --separate-stderr restore "$x" --target "$T/r"
	assert_equal "$status" 3
	[[ $stderr == *null* ]]
	assert_equal "$(stat -c %a "$T/r$a/set-uid")" 755
	[ ! -e "$T/r$a/null" ]
	assert_equal "$(cat "$T/r$a/dir/one.txt")" one
	restore -q --trusted "$x" --target "$T/t"
	assert_equal "$(stat -c %a "$T/t$a/set-uid")" 4755
	[ -c "$T/t$a/null" ]
}

@test "in place from a pipe needs --spool, and then goes" {
	archive
	rm "$a/dir/one.txt"
	run --separate-stderr bash -c 'cat "$1" | restore --in-place - "$2"' - "$x" "$a/dir/one.txt"
	assert_equal "$status" 2
	assert_sentence restore --spool
	run --separate-stderr bash -c 'cat "$1" | restore -q --in-place --spool "$3" - "$2"' - "$x" "$a/dir/one.txt" "$T"
	assert_equal "$status" 0
	assert_equal "$(cat "$a/dir/one.txt")" one
}

# --- writers ---

# with_writer RULES: an archive of volume a, owned by the writer One, and of b; then both are lost.
with_writer() {
	test_writer One a <<<"${1:-}"
	archive
	find "$a" "$b" -mindepth 1 -delete
	forget
}

@test "the writer that is here is asked before and told after, and its files come back" {
	with_writer
	run --separate-stderr restore --in-place "$x"
	assert_equal "$status" 0
	assert_equal "$stderr" ''
	assert_equal "$(events One)" 'pre-restore post-restore'
	run grep -A5 '^post-restore' "$T/One.log"
	assert_line --partial 'with component filegroup "" data'
	assert_line --partial 'all'
	assert_equal "$(restored "$a")" './dir/inner/two.txt ./dir/one.txt ./other/three.log'
	assert_equal "$(cat "$b/four")" four
}

@test "files of a writer take the place of those that are there" {
	test_writer One a </dev/null
	archive
	echo damaged >"$a/dir/one.txt"
	rm "$b/four"
	restore -q --in-place "$x"
	assert_equal "$(cat "$a/dir/one.txt")" one
}

@test "-w restores what this writer owns, and nothing else" {
	with_writer
	restore -q --in-place -w One "$x"
	assert_equal "$(restored "$a")" './dir/inner/two.txt ./dir/one.txt ./other/three.log'
	[ ! -e "$b/four" ]
	assert_equal "$(events One)" 'pre-restore post-restore'
	run --separate-stderr restore --in-place -w Nobody "$x"
	assert_equal "$status" 1
	assert_sentence restore 'writer "Nobody": not in the archive'
}

@test "a single file of a writer that is running here is refused, elsewhere it is not" {
	with_writer
	run --separate-stderr restore --in-place "$x" "$a/dir/one.txt"
	assert_equal "$status" 1
	assert_sentence restore 'belongs to a writer'
	[ ! -e "$a/dir/one.txt" ]
	restore -q "$x" --target "$T/r" "$a/dir/one.txt"
	assert_equal "$(cat "$T/r$a/dir/one.txt")" one
	assert_equal "$(events One)" ''
}

@test "a writer that is not here is named, and its files are restored as plain files" {
	with_writer
	rm "$VSS_WRITERS_PATH/One.writer"
	run --separate-stderr restore --in-place "$x"
	assert_equal "$status" 0
	[[ $stderr == *'writer "One" is not here'* ]]
	assert_equal "$(cat "$a/dir/one.txt")" one
}

@test "a writer that fails at pre-restore keeps its files as they are, with each code" {
	local code
	test_writer One a </dev/null
	archive
	echo newer >"$a/dir/one.txt"
	rm "$b/four"
	for code in "${writer_codes[@]}"; do
		test_writer One a <<<"at pre-restore fail VSS_E_WRITERERROR_$code \"not now\""
		run --separate-stderr restore --in-place "$x"
		[ "$status" = 6 ] || fail "$code: status $status: $stderr"
		assert_sentence restore 'writer "One": pre-restore: not now'
		listed_is One FAILED_AT_PRE_RESTORE "WRITERERROR_$code"
		assert_equal "$(cat "$a/dir/one.txt")" newer
		[ ! -e "$b/four" ]
	done
}

@test "a writer that fails at post-restore: the files are there, and it is said, with each code" {
	local code
	test_writer One a </dev/null
	archive
	for code in "${writer_codes[@]}"; do
		find "$a" "$b" -mindepth 1 -delete
		test_writer One a <<<"at post-restore veto VSS_E_WRITERERROR_$code \"cannot attach\""
		run --separate-stderr restore -q --in-place "$x"
		[ "$status" != 0 ] || fail "$code: status $status: $stderr"
		[[ $stderr == *'writer "One"'*'cannot attach'* ]]
		listed_is One FAILED_AT_POST_RESTORE "WRITERERROR_$code"
		assert_equal "$(cat "$a/dir/one.txt")" one
	done
}

@test "a restore that fails tells the writer so" {
	local at
	test_writer One a </dev/null
	head -c 9000000 /dev/urandom >"$a/dir/noise"
	archive
	at=$(LC_ALL=C grep -abo -F -- $'\x28\xb5\x2f\xfd' "$x" | cut -d: -f1 | sed -n 2p)
	printf 'damage' | dd of="$x" bs=1 seek=$((at + 50000)) conv=notrunc status=none
	find "$a" "$b" -mindepth 1 -delete
	forget
	run --separate-stderr restore -q --in-place "$x"
	[ "$status" != 0 ]
	assert_equal "$(events One)" 'pre-restore post-restore'
	run grep -A3 '^post-restore' "$T/One.log"
	refute_line --partial 'status=all'
}

@test "restore-if-not-there with a file that is there: nothing is restored" {
	with_writer 'restore-method RESTORE_IF_NOT_THERE writer-restore=always'
	mkdir -p "$a/dir"
	echo mine >"$a/dir/one.txt"
	run --separate-stderr restore --in-place "$x"
	assert_equal "$status" 6
	assert_sentence restore 'is there already'
	assert_equal "$(restored "$a")" './dir/one.txt'
	rm -r "$a/dir"
	restore -q --in-place "$x"
	assert_equal "$(cat "$a/dir/one.txt")" one
}

@test "a method that cannot be followed in place is refused, with the way out" {
	test_writer One a <<<"restore-method CUSTOM writer-restore=always"
	archive
	run --separate-stderr restore --in-place "$x"
	assert_equal "$status" 4
	assert_sentence restore 'restore with --target'
	[ -e "$a/dir/one.txt" ]
	restore -q "$x" --target "$T/r"
	assert_equal "$(cat "$T/r$a/dir/one.txt")" one
}

@test "a writer that wants no part in restores hears nothing" {
	with_writer 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=never'
	restore -q --in-place "$x"
	assert_equal "$(events One)" ''
	assert_equal "$(cat "$a/dir/one.txt")" one
}

@test "a restore that is interrupted leaves no file half-written, and tells the writer" {
	with_writer
	run --separate-stderr stop_at restore.file-written:int restore -q --in-place "$x"
	assert_equal "$status" 130
	run find "$a" "$b" -name '.vss-put-*'
	assert_output ''
	assert_equal "$(events One)" 'pre-restore post-restore'
}
