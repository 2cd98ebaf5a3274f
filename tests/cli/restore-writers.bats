#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore --in-place with writers that set old data aside, and by which words they are named.

# shellcheck disable=SC2016,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a/data/base" "$b/plain"
	echo table >"$a/data/base/table"
	echo control >"$a/data/control"
	echo plain >"$b/plain/file"
}

teardown() {
	umount "$a" 2>/dev/null || :
	vss_teardown
}

# engine METHOD [MORE]: a shell writer of $a/data that sets everything aside before a restore, as engines' writers do.
engine() {
	{
		echo '#!/bin/sh'
		printf '. %q\n' "$REPO/scripts/vss-writer.sh"
		cat <<-END
			data=$a/data
			on_identify() {
				vss_say writer $(id_of Engine) "My Engine" usage=USER_DATA source=TRANSACTION_DB
				vss_say restore-method $1 writer-restore=always
				vss_say component filegroup "" db selectable=yes
				vss_say file "" db "\$data" "*" recursive=yes
			}
			on_freeze() { vss_hold files; }
			on_pre_restore() {
				echo pre >>"$T/heard"
				[ ! -e "\$data" ] || {
					mkdir "$T/aside" && mv "\$data"/* "$T/aside" && mv "$T/aside" "\$data/before-restore"
				}
				${2-:}
			}
			on_post_restore() {
				echo post >>"$T/heard"
				status() { echo "\$1 \$*" | grep -o 'status=.*' >>"$T/heard"; }
				vss_each status
			}
		END
		echo vss_run
	} >"$T/engine"
	chmod 755 "$T/engine"
	register engine "$T/engine"
}
heard() { [ ! -e "$T/heard" ] || paste -sd' ' "$T/heard"; }

@test "a writer that sets its old data aside gets its files in the place of nothing" {
	local method
	for method in RESTORE_IF_CAN_REPLACE RESTORE_IF_NOT_THERE; do
		rm -rf "$x" "$a/data/before-restore" "$T/heard"
		engine "$method"
		backup -q -o "$x" -w engine
		echo newer >"$a/data/control"
		echo stray >"$a/data/stray"
		run --separate-stderr restore -q --in-place -w engine "$x"
		assert_equal "$method $status $stderr" "$method 0 "
		assert_equal "$(cat "$a/data/base/table" "$a/data/control")" $'table\ncontrol'
		assert_equal "$(cat "$a/data/before-restore/control" "$a/data/before-restore/stray")" $'newer\nstray'
		[ ! -e "$a/data/stray" ]
		[[ $(heard) == 'pre post '*status=all* ]]
	done
}

@test "what must not be there is looked for when the writer has made room, and nothing is restored over it" {
	engine RESTORE_IF_NOT_THERE 'echo again >"$data/control"'
	backup -q -o "$x" "$a" "$b"
	rm "$b/plain/file"
	run --separate-stderr restore -q --in-place "$x"
	assert_equal "$status" 6
	assert_sentence restore 'component /db: restore method VSS_RME_RESTORE_IF_NOT_THERE: is there already'
	[[ $stderr == *"$a/data/control: it is there"* ]]
	assert_equal "$(cat "$a/data/control")" again
	[ ! -e "$a/data/base" ]
	[ ! -e "$b/plain/file" ]
	[[ $(heard) == 'pre post '*status=none* ]]
}

@test "what refuses a restore does so before a writer has moved anything" {
	engine RESTORE_IF_CAN_REPLACE
	backup -q -o "$x" "$a" "$b"
	run --separate-stderr restore -q --in-place "$x"
	assert_equal "$status" 1
	assert_sentence restore 'plain/file: is there already'
	run --separate-stderr restore -q --in-place -w engine "$x" /no/such
	assert_equal "$status" 1
	run --separate-stderr restore -q -n --in-place -w engine "$x"
	assert_equal "$status" 0
	assert_equal "$(heard)" ''
	assert_equal "$(cat "$a/data/control")" control
}

@test "a writer that refuses keeps its files as they are, and nothing of another's is written" {
	engine RESTORE_IF_CAN_REPLACE
	test_writer Two b </dev/null
	backup -q -o "$x" -w engine -w Two
	test_writer Two b <<<'at pre-restore fail NONRETRYABLE "the server runs"'
	echo newer >"$b/plain/file"
	run --separate-stderr restore -q --in-place "$x"
	assert_equal "$status" 6
	assert_sentence restore 'writer "Two": pre-restore: the server runs'
	assert_equal "$(cat "$b/plain/file")" newer
	[ ! -e "$a/data/control" ]
	[[ $(heard) == 'pre post '*status=none* ]]
}

@test "a writer is meant by its registration, its name and its ID, also where it does not run" {
	local word
	engine RESTORE_IF_CAN_REPLACE
	backup -q -o "$x" -w engine
	for word in engine ENGINE 'My Engine' "$(id_of Engine)" "{$(id_of Engine)}"; do
		rm -r "$a/data"
		run --separate-stderr restore -q --in-place -w "$word" "$x"
		assert_equal "$word: $status $stderr" "$word: 0 "
		assert_equal "$(cat "$a/data/control")" control
	done
	rm -r "$VSS_WRITERS_PATH/engine.writer" "$a/data"
	run --separate-stderr restore --in-place -w engine "$x"
	assert_equal "$status" 0
	[[ $stderr == *'"My Engine" is not here'* ]]
	assert_equal "$(cat "$a/data/control")" control
}

@test "a restore that was killed is run again: the writer is asked again, and its data is whole" {
	engine RESTORE_IF_CAN_REPLACE
	backup -q -o "$x" -w engine
	echo newer >"$a/data/control"
	run stop_at restore.file-written restore -q --in-place -w engine "$x"
	assert_equal "$status" 137
	[ ! -e "$a/data/control" ] && [ ! -e "$a/data/base/table" ]
	[[ $(heard) == pre ]]
	run --separate-stderr restore -q --in-place -w engine "$x"
	assert_equal "$status $stderr" '0 '
	assert_equal "$(cat "$a/data/base/table" "$a/data/control" "$a/data/before-restore/before-restore/control")" $'table\ncontrol\nnewer'
	[[ $(heard) == 'pre pre post '*status=all* ]]
}

@test "no room in place: one sentence, nothing half under its name, and the writer is told that it failed" {
	requires_root
	mount -t tmpfs -o size=8m none "$a"
	mkdir -p "$a/data/base"
	head -c 2000000 /dev/urandom >"$a/data/base/table"
	echo control >"$a/data/control"
	md5sum "$a/data/base/table" >"$T/sum"
	engine RESTORE_IF_CAN_REPLACE
	backup -q -o "$x" -w engine
	mount -o remount,size=3m "$a"
	run --separate-stderr restore -q --in-place -w engine "$x"
	assert_equal "$status" 1
	assert_sentence restore 'data/base/table: write: No space left on device'
	[ ! -e "$a/data/base/table" ]
	[ -e "$a/data/before-restore/base/table" ]
	[[ $(heard) == 'pre post '*status=failed* ]]
	mount -o remount,size=8m "$a"
	restore -q --in-place -w engine "$x"
	md5sum -c --quiet "$T/sum"
}
