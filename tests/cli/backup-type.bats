#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# backup --type: what each type takes, what writers are told, what is refused.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x.tar.zst
	mkdir -p "$a/data" "$a/archive" "$a/plain"
	echo table >"$a/data/table"
	echo log >"$a/archive/0001"
	echo plain >"$a/plain/file"
	# bits of VSS: full, differential, incremental, log; the same eight places higher: from the shadow copy
	{
		echo "writer $(id_of Log) Log usage=USER_DATA source=TRANSACTION_DB"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'backup-schema log copy'
		echo 'component filegroup "" db selectable=yes'
		echo "file \"\" db \"$a/data\" * recursive=yes mask=$((0x707))"
		echo 'component database "" archive selectable=yes'
		echo "log-file \"\" archive \"$a/archive\" * mask=$((0x808))"
		echo 'hold files'
		echo "log \"$T/Log.log\""
	} >"$T/Log.script"
	register Log "$VSS_BUILD/bin/vss-test-writer $T/Log.script"
}

members() { tar --zstd -tf "$x" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/volumes/,," | LC_ALL=C sort | paste -sd' '; }
told() { grep -o 'with backup type=[a-z]*' "$T/Log.log" | tail -n 1; }
refused() {
	local want=$1 text=$2
	shift 2
	run --separate-stderr backup -q -o "$x" "$@"
	assert_equal "$status" "$want"
	assert_sentence backup "$text"
	[ ! -e "$x" ]
	[ ! -e "$T/Log.log" ] || assert_equal "$(events Log)" ''
}

@test "full and copy take what is for full backups, log what is for log backups" {
	local type
	for type in full copy log; do
		rm -f "$x"
		run backup --json --type "$type" -o "$x" -w Log
		assert_json .type "$type"
		assert_equal "$(told)" "with backup type=$type"
		run list-backups --json "$x"
		assert_json '.[0].type' "$type"
		case $type in
		log) assert_equal "$(members)" 'a/archive/0001' ;;
		*) assert_equal "$(members)" 'a/data/table' ;;
		esac
	done
}

@test "without --type it is full, and a copy where nobody knows whether it arrived" {
	backup -q -o "$x" -w Log
	assert_equal "$(told)" 'with backup type=full'
	backup -q -o - -w Log >"$T/y"
	assert_equal "$(told)" 'with backup type=copy'
	backup -q --type copy -w Log -- cat >"$T/y"
	assert_equal "$(told)" 'with backup type=copy'
	backup -q --type log -w Log -- cat >"$T/y"
	assert_equal "$(told)" 'with backup type=log'
}

@test "a component of which nothing is for the type is no part of the backup" {
	backup -q --type log -o "$x" -w Log
	run grep 'with component' "$T/Log.log"
	assert_output --partial 'database "" archive'
	refute_output --partial 'filegroup "" db'
}

@test "a log backup is restored as one, and its writer is told so" {
	backup -q --type log -o "$x" -w Log
	rm -r "$a/archive"
	echo newer >"$a/data/table"
	forget
	restore -q --in-place -w Log "$x"
	assert_equal "$(cat "$a/archive/0001" "$a/data/table")" $'log\nnewer'
	assert_equal "$(told)" 'with backup type=log'
}

@test "a writer that makes no log backups is backed up in full, and named" {
	test_writer Plain "$a/plain" </dev/null
	run --separate-stderr backup --type log -o "$x" -w Plain
	assert_equal "$status" 0
	[[ $stderr == *'writer "Plain": makes no log backups'* ]]
	assert_equal "$(members)" 'a/plain/file'
}

@test "a writer that has no log to back up is refused" {
	sed -i "/^log-file /s/mask=.*/mask=$((0x707))/" "$T/Log.script"
	refused 1 'writer "Log": has no log files to back up' --type log -w Log
}

@test "what --type cannot be" {
	refused 2 'only writers know' --type log -w Log "$a/plain"
	refused 2 'say with --base' --type incremental -w Log
	refused 2 'say with --base' --type differential "$a"
	run --separate-stderr backup -q --type log -o - -w Log
	assert_equal "$status" 2
	assert_sentence backup 'exclude each other'
	run --separate-stderr backup -q --type log --no-writers -o "$x" -w Log
	assert_equal "$status" 2
	run backup -q --type other -o "$x" -w Log
	assert_equal "$status" 2
}
