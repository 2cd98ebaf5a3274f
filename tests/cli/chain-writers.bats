#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore of chains with writers: what they hear for each archive, files that come in ranges, file sets that increments leave out.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	requires_root
	fake_volumes a
	a=$(volume a)
	mkdir "$a/data" "$T/x"
	full=$T/x/1.tar.zst one=$T/x/2.tar.zst two=$T/x/3.tar.zst
}

# heard WORD: this word of each line about a component that the writer has heard, in order.
heard() { grep -oE "^(pre|post)-restore|with component .* $1=[a-z]+" "$T/Parts.log" | sed -E 's/with component.* //' | paste -sd' '; }

# parts [RULES]: a writer of $a/data that can do increments.
parts() {
	{
		echo 'backup-schema incremental differential'
		[ -z "${method:-}" ] || echo "restore-method $method writer-restore=always"
		cat
	} | test_writer Parts "$a/data"
}
# parts_of RANGES FILE: in the next backups only these ranges of the file are taken.
parts_of() { parts <<<"at prepare-backup say partial-file \"\" data \"$a/data\" \"$2\" ranges=$1"; }

increment() { backup -q -o "$1" --type incremental --base "$2" -w Parts; }
put() { printf '%s' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# three_times: a database of which two increments have only ranges; copies of it in $T/db-1, -2, -3.
three_times() {
	head -c 300000 /dev/urandom >"$a/data/db"
	echo 1 >"$a/data/other"
	parts </dev/null
	backup -q -o "$full" -w Parts
	cp "$a/data/db" "$T/db-1"
	put "$a/data/db" 1000 first
	put "$a/data/db" 250001 second
	cp "$a/data/db" "$T/db-2"
	parts_of 1000:5,250001:6 db
	increment "$one" "$full"
	put "$a/data/db" 1003 'third, over the first'
	put "$a/data/db" 299990 'beyond what was the end'
	cp "$a/data/db" "$T/db-3"
	parts_of 1003:21,299990:23 db
	increment "$two" "$one"
	parts </dev/null
	rm "$T"/*.log
}

@test "what was saved in ranges is put together again, in place and elsewhere" {
	three_times
	[ "$(stat -c %s "$one")" -lt 30000 ]
	restore -q "$one" --target "$T/r2"
	cmp "$T/r2$a/data/db" "$T/db-2"
	restore -q "$full" "$one" "$two" --target "$T/r3"
	cmp "$T/r3$a/data/db" "$T/db-3"
	assert_equal "$(stat -c '%s %a %u %Y' "$T/r3$a/data/db")" "$(stat -c '%s %a %u %Y' "$a/data/db")"
	echo garbage >"$a/data/db"
	restore -q --in-place -w Parts "$two"
	cmp "$a/data/db" "$T/db-3"
	restore -q --in-place -w Parts "$one"
	cmp "$a/data/db" "$T/db-2"
}

@test "Z15 each archive is a restore of its own, and all but the last say that more follow" {
	three_times
	restore -q --in-place -w Parts "$two"
	assert_equal "$(heard additional-restores)" \
		'pre-restore additional-restores=yes post-restore additional-restores=yes pre-restore additional-restores=yes post-restore additional-restores=yes pre-restore additional-restores=no post-restore additional-restores=no'
	assert_equal "$(heard status)" 'pre-restore post-restore status=all pre-restore post-restore status=all pre-restore post-restore status=all'
}

@test "a dry run of ranges counts the file once, and asks no writer" {
	three_times
	run --separate-stderr restore --json -n --in-place -w Parts "$two"
	assert_equal "$status" 0
	assert_json .files 3
	assert_json .bytes 300002
	assert_equal "$(events Parts)" ''
}

@test "a file that is kept beside, or left alone, gets no ranges of another" {
	three_times
	mkdir -p "$T/r$a/data"
	echo mine >"$T/r$a/data/db"
	restore -q --existing skip "$two" --target "$T/r"
	assert_equal "$(cat "$T/r$a/data/db" "$T/r$a/data/other")" $'mine\n1'
	run --separate-stderr restore -q --existing keep-both "$two" --target "$T/r"
	assert_equal "$status" 4
	assert_sentence restore 'data/db: is there already, and the archives have it in parts'
	assert_equal "$(cat "$T/r$a/data/db")" mine
	assert_not_exist "$T/r$a/data/other.restored"
	restore -q --existing replace "$two" --target "$T/r"
	cmp "$T/r$a/data/db" "$T/db-3"
}

@test "killed while ranges are put: the file is what an archive before has of it, and a second run finishes" {
	three_times
	: >"$T/stops"
	start env VSS_STOP_AT=restore.file-written:stop VSS_STOP_LOG="$T/stops" restore -q --in-place -w Parts "$two"
	local n
	for n in 1 2; do
		wait_until 30 has_lines "$T/stops" "$n"
		wait_until 30 is_stopped "$started_pid"
		kill -CONT "$started_pid"
	done
	wait_until 30 has_lines "$T/stops" 3 # the ranges of the second archive are written
	wait_until 30 is_stopped "$started_pid"
	kill -KILL "$started_pid"
	wait "$started_pid" || :
	cmp "$a/data/db" "$T/db-1"
	assert_equal "$(find "$a" -name '.vss-put*')" ''
	restore -q --in-place -w Parts "$two"
	cmp "$a/data/db" "$T/db-3"
}
has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

@test "what waits for the next boot is put together while it waits" {
	method=RESTORE_AT_REBOOT
	export VSS_BOOT_ID=00000000-0000-4000-8000-000000000001
	three_times
	restore -q --in-place -w Parts "$one"
	cmp "$a/data/db" "$T/db-3"
	VSS_BOOT_ID=00000000-0000-4000-8000-000000000002 vss-restore-at-boot
	cmp "$a/data/db" "$T/db-2"
}

@test "directed ranges of a file take from each archive the ranges that it has" {
	head -c 300000 /dev/urandom >"$a/data/db"
	parts </dev/null
	backup -q -o "$full" -w Parts
	put "$a/data/db" 100 first
	put "$a/data/db" 1048 'over the end'
	parts_of 100:5,1048:12 db
	increment "$one" "$full"
	mkdir "$T/new"
	printf 'at pre-restore say %s\n' 'restore-target "" data directed' \
		"directed-target \"\" data \"$a/data\" db 50:1000,2000:10 \"$T/new\" part 7:1000,0:7,2000:3" | parts
	restore -q --in-place -w Parts "$one"
	cmp <(tail -c +51 "$a/data/db" | head -c 1000) <(tail -c +8 "$T/new/part" | head -c 1000)
	cmp <(tail -c +2001 "$a/data/db" | head -c 7) <(head -c 7 "$T/new/part")
	cmp <(tail -c +2008 "$a/data/db" | head -c 3) <(tail -c +2001 "$T/new/part")
}

@test "what the first archive leaves for the next boot waits, though the last knows nothing of its writer" {
	export VSS_BOOT_ID=00000000-0000-4000-8000-000000000001
	echo one >"$a/data/f"
	method=RESTORE_AT_REBOOT parts </dev/null
	backup -q -o "$full" "$a"
	echo new >"$a/new"
	backup -q -o "$one" --type incremental --base "$full" --no-writers "$a"
	echo changed >"$a/data/f"
	restore -q --in-place --existing replace "$one"
	assert_equal "$(cat "$a/data/f")" changed
	VSS_BOOT_ID=00000000-0000-4000-8000-000000000002 vss-restore-at-boot
	assert_equal "$(cat "$a/data/f")" one
}

@test "only where nothing is: the layers of this restore are no matter of that" {
	method=RESTORE_IF_NOT_THERE
	three_times
	run --separate-stderr restore -q --in-place -w Parts "$two"
	assert_equal "$status" 6
	assert_sentence restore 'RESTORE_IF_NOT_THERE'
	cmp "$a/data/db" "$T/db-3"
	rm "$a/data/db" "$a/data/other"
	restore -q --in-place -w Parts "$two"
	cmp "$a/data/db" "$T/db-3"
}

@test "that a writer is not here is said once for a chain" {
	three_times
	rm "$VSS_WRITERS_PATH/Parts.writer" "$a/data/db"
	run --separate-stderr restore --in-place --existing replace "$two"
	assert_success
	assert_equal "$(grep -c 'is not here' <<<"$stderr")" 1
	cmp "$a/data/db" "$T/db-3"
}

@test "a file set that increments leave out comes from the full archive" {
	mkdir "$a/data/log" "$a/data/seldom"
	echo 1 >"$a/data/log/f"
	echo 1 >"$a/data/seldom/f"
	seldom() {
		{
			printf 'writer %s "Parts" usage=USER_DATA source=OTHER\n' "$(id_of Parts)"
			echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
			echo 'backup-schema incremental'
			echo 'component filegroup "" data selectable=yes'
			printf 'file "" data "%s" * recursive=yes\n' "$a/data/log"
			printf 'file "" data "%s" * recursive=yes mask=257\n' "$a/data/seldom"
			echo 'hold files'
			printf 'log "%s"\n' "$T/Parts.log"
		} >"$T/Parts.script"
		register Parts "$VSS_BUILD/bin/vss-test-writer $T/Parts.script"
	}
	seldom
	backup -q -o "$full" -w Parts
	echo 2 >"$a/data/log/f"
	echo 2 >"$a/data/seldom/f"
	increment "$one" "$full"
	rm -r "$a/data"/*
	restore -q --in-place -w Parts "$one"
	assert_equal "$(cat "$a/data/log/f" "$a/data/seldom/f")" $'2\n1'
}

@test "a writer hears of the archives that its files come from, and of the last" {
	three_times
	test_writer Parts "$a/data" </dev/null # one that knows full backups alone: all of it is in each archive
	backup -q -o "$T/x/4.tar.zst" --type incremental --base "$two" -w Parts
	forget
	restore -q --in-place -w Parts "$T/x/4.tar.zst"
	assert_equal "$(heard additional-restores)" 'pre-restore additional-restores=no post-restore additional-restores=no'
	cmp "$a/data/db" "$T/db-3"
	run --separate-stderr restore --in-place -w Parts --authoritative Nobody "$T/x/4.tar.zst"
	assert_equal "$status" 1
	assert_sentence restore 'writer "Nobody" is not asked'
}

@test "where a component goes is decided with the first archive that has files of it, and nothing of it is touched before" {
	method=RESTORE_IF_NOT_THERE
	mkdir "$a/plain" "$a/data/sub"
	echo 1 >"$a/plain/f"
	echo 1 >"$a/data/sub/f"
	echo 1 >"$a/data/other"
	backup -q -o "$full" "$a/plain"
	parts </dev/null
	backup -q -o "$one" --type incremental --base "$full" -w Parts "$a/plain"
	echo 2 >"$a/data/other"
	backup -q -o "$two" --type incremental --base "$one" -w Parts "$a/plain"
	rm -r "$a/data"/*
	restore -q --in-place -w Parts "$two" # the second archive has put something when the third comes
	assert_equal "$(cat "$a/data/sub/f" "$a/data/other")" $'1\n2'
	rm -r "$a/data"/*
	echo mine >"$a/data/sub"
	parts <<<'at pre-restore fail NONRETRYABLE "no"'
	run --separate-stderr restore -q --in-place --existing replace "$two"
	assert_equal "$status" 6
	assert_equal "$(cat "$a/data/sub")" mine
}

# only FILE: the writer has this file, by its name.
only() {
	{
		printf 'writer %s "Parts" usage=USER_DATA source=OTHER\n' "$(id_of Parts)"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'backup-schema incremental'
		echo 'component filegroup "" data selectable=yes'
		printf 'file "" data "%s" "%s"\n' "$a/data" "$1"
		echo 'hold files'
	} >"$T/Parts.script"
	register Parts "$VSS_BUILD/bin/vss-test-writer $T/Parts.script"
}

@test "what a writer had once and has no more does not come back, and is not missed" {
	echo 1 >"$a/data/once"
	echo 1 >"$a/data/now"
	only once
	backup -q -o "$full" -w Parts
	rm "$a/data/once"
	only now
	increment "$one" "$full"
	rm "$a/data"/*
	restore -q --in-place -w Parts "$one"
	assert_equal "$(ls "$a/data")" now
}

@test "a component that could not be restored whole is not built on, and its writer hears how it was" {
	three_times
	start env VSS_STOP_AT=restore.file-written:stop VSS_STOP_LOG="$T/stops" \
		restore -q --in-place -w Parts "$two" 2>"$T/said"
	wait_until 30 is_stopped "$started_pid" # with db of the first archive
	rm "$a/data/other"
	mkdir -p "$a/data/other/in-the-way"
	while kill -0 "$started_pid" 2>/dev/null; do
		! is_stopped "$started_pid" 2>/dev/null || kill -CONT "$started_pid" 2>/dev/null || :
		sleep 0.01
	done
	local status=0
	wait "$started_pid" || status=$?
	assert_equal "$status" 3
	run cat "$T/said"
	assert_output --partial 'data/other: '
	assert_output --partial 'writer "Parts": component data was not restored whole'
	cmp "$a/data/db" "$T/db-1"
	assert_equal "$(heard status)" 'pre-restore post-restore status=failed'
}
