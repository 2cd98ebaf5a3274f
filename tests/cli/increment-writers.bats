#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Increments of writers: stamps, masks, differenced files, ranges of files, and writers that cannot do it.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories
load ../lib/increments

# bits of VSS: full 1, differential 2, incremental 4, log 8; the same eight places higher: from the shadow copy
FULL_ONLY=$((0x101))

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) out=$T/out
	mkdir -p "$out" "$a/data" "$a/log" "$a/other"
	head -c 1048576 /dev/urandom >"$a/data/main.dat"
	echo small >"$a/data/small.dat"
	echo first >"$a/log/1"
	writer
}

# writer [LINE]...: the writer "Db" of $a/data, of which only full backups take files as they are, and $a/log.
writer() {
	{
		echo "writer $(id_of Db) Db usage=USER_DATA source=OTHER"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo "backup-schema ${schema:-incremental differential timestamped last-modify}"
		echo 'component filegroup "" db selectable=yes'
		echo "file \"\" db \"$a/data\" *.dat mask=$FULL_ONLY"
		echo "file \"\" db \"$a/log\" * recursive=yes"
		echo 'hold files'
		echo "log \"$T/Db.log\""
		printf '%s\n' "$@"
	} >"$T/Db.script"
	register Db "$VSS_BUILD/bin/vss-test-writer $T/Db.script"
}

full() { backup -q -o "$out" -w Db; }
# increment STATUS [ARG]...: the report is in $output, complaints in $stderr.
increment() {
	local want=$1
	shift
	run --separate-stderr backup --json --type incremental -o "$out" -w Db "$@"
	assert_equal "$status" "$want"
	last=$(newest "$out")
}
complains() { [[ $stderr == *"$1"* ]] || fail "not said: $1: $stderr"; }
assert_state() { assert_equal "$(state "$last" "$a")" "$1"; }
assert_members() { assert_equal "$(members "$last" "$a")" "$1"; }
succeeded() { tar --zstd -xOf "$last" .vss/backup-components.xml | grep -o 'backupSucceeded="[a-z]*"'; }

@test "a writer gets back the stamp that it gave the base" {
	writer 'at post-snapshot say backup-stamp "" db one'
	full
	writer 'at post-snapshot say backup-stamp "" db two'
	increment 0
	run grep -c 'previous-stamp=one' "$T/Db.log"
	assert_output 1
	increment 0
	run grep -c 'previous-stamp=two' "$T/Db.log"
	assert_output 1
	backup -q --type differential -o "$out" -w Db
	run tail -n 20 "$T/Db.log"
	assert_output --partial 'previous-stamp=one'
	assert_output --partial 'backup type=differential'
	assert_output --partial 'partial-files=yes'
}

@test "Z7: what a mask leaves out stays as the base has it, changed or gone" {
	full
	echo changed >"$a/data/small.dat"
	rm "$a/data/main.dat"
	echo new >"$a/data/new.dat"
	echo second >"$a/log/2"
	increment 0
	assert_state 'data/main.dat=0 data/small.dat=0 log/1=0 log/2'
	rm "$a/log/1"
	increment 0
	assert_state 'data/main.dat=0 data/small.dat=0 log/2=1'
	assert_members ''
}

@test "a plain path takes what a mask leaves out" {
	full
	echo changed >"$a/data/small.dat"
	increment 0 "$a"
	assert_members data/small.dat
	assert_state 'data/main.dat=0 data/small.dat log/1=0'
}

@test "of a partial file there are the ranges and nothing else" {
	full
	writer "at post-snapshot say partial-file \"\" db $a/data main.dat ranges=0:10,0x1000:512,1048570:6"
	increment 0
	assert_json .bytes $((10 + 512 + 6))
	assert_state '.vss/partial/data/main.dat data/main.dat=0 data/small.dat=0 log/1=0'
	assert_members .vss/partial/data/main.dat
	run verify-backup -q "$last"
	assert_success
	tar --zstd -xf "$last" -C "$T" ".vss/partial/${a#/}/data/main.dat"
	cmp -n 10 "$T/.vss/partial/$a/data/main.dat" "$a/data/main.dat"
	cmp -i 4096 -n 512 "$T/.vss/partial/$a/data/main.dat" "$a/data/main.dat"
	cmp -i 1048570 -n 6 "$T/.vss/partial/$a/data/main.dat" "$a/data/main.dat"
}

@test "ranges of one increment after the other lie over the whole file of the full backup" {
	full
	writer "at post-snapshot say partial-file \"\" db $a/data main.dat ranges=0:10"
	increment 0
	writer
	increment 0
	assert_state 'data/main.dat=0 data/small.dat=0 log/1=0'
	writer "at post-snapshot say partial-file \"\" db $a/data main.dat ranges=100:10"
	increment 0
	assert_json .bytes 10
	assert_state '.vss/partial/data/main.dat data/main.dat=0 data/small.dat=0 log/1=0'
}

@test "a ranges file comes before its file, though no component has it" {
	full
	writer "at prepare-backup write-ranges $a/other/changed 512:8,0:4" \
		"at post-snapshot say partial-file \"\" db $a/data main.dat ranges=File=$a/other/changed"
	increment 0
	assert_json .bytes $((40 + 12))
	assert_equal "$(tar --zstd -tf "$last" | grep -v '/$' | grep "${a#/}" | sed 's,.*/,,' | paste -sd' ')" 'changed main.dat'
	tar --zstd -xOf "$last" "${a#/}/other/changed" | cmp - "$a/other/changed"
	increment 0 "$a/other"
	assert_members '.vss/partial/data/main.dat other/changed'
	writer
	rm "$out"/*
	full
	writer "at prepare-backup write-ranges $a/data/small.dat 512:8" \
		"at post-snapshot say partial-file \"\" db $a/data main.dat ranges=File=$a/data/small.dat"
	increment 0 # it lies where a mask leaves out what is: it is there once all the same
	assert_state '.vss/partial/data/main.dat data/main.dat=0 data/small.dat log/1=0'
}

@test "a ranges file may lie in the scratch directory of its writer" {
	{
		echo '#!/bin/sh'
		printf '. %q\n' "$REPO/scripts/vss-writer.sh"
		cat <<-END
			on_identify() {
				vss_say writer $(id_of Db) Db usage=USER_DATA source=OTHER
				vss_say restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
				vss_say backup-schema incremental
				vss_say component filegroup "" db selectable=yes
				vss_say file "" db "$a/data" main.dat mask=$FULL_ONLY
			}
			on_freeze() { vss_hold files; }
			on_post_snapshot() {
				[ -e "$T/now" ] || return 0
				# one range: from 3 on 5 bytes
				printf '\\001\\0\\0\\0\\0\\0\\0\\0\\003\\0\\0\\0\\0\\0\\0\\0\\005\\0\\0\\0\\0\\0\\0\\0' >"\$vss_scratch/ranges"
				vss_say partial-file "" db "$a/data" main.dat "ranges=File=\$vss_scratch/ranges"
			}
			vss_run
		END
	} >"$T/db.sh"
	chmod +x "$T/db.sh"
	register Db "$T/db.sh"
	full
	touch "$T/now"
	increment 0
	assert_json .bytes $((24 + 5))
	assert_equal "$(tar --zstd -tf "$last" | grep -c '/ranges$')" 1
}

@test "a partial file that the base has not is taken as a whole" {
	full
	echo newest >"$a/data/new.dat"
	writer "at post-snapshot say partial-file \"\" db $a/data new.dat ranges=0:2"
	increment 0
	assert_state 'data/main.dat=0 data/new.dat data/small.dat=0 log/1=0'
}

@test "ranges that cannot be fail the component, and the file is taken as a whole" {
	full
	writer "at post-snapshot say partial-file \"\" db $a/data small.dat ranges=0:7"
	increment 3
	complains 'small.dat: a range ends at 7, behind the end of the file'
	assert_members data/small.dat
	assert_equal "$(succeeded)" 'backupSucceeded="no"'
	rm "$last"
	writer "at post-snapshot say partial-file \"\" db $a/data small.dat ranges=File=$a/other/none"
	increment 3
	complains "$a/other/none"
	assert_members data/small.dat
}

@test "Z8: the time that a writer gives decides alone" {
	full
	touch -d 2020-01-01 "$a/data/small.dat"
	writer "at post-snapshot say differenced-file \"\" db $a/data *.dat since=1600000000"
	increment 0
	assert_state 'data/main.dat data/small.dat=0 log/1=0' # that one as the base has it
	writer "at post-snapshot say differenced-file \"\" db $a/data *.dat since=1500000000"
	increment 0
	assert_members 'data/main.dat data/small.dat'
}

@test "a file of two components of which each tells of other changes is compared with the base" {
	writer 'component filegroup "" more selectable=yes' "file \"\" more \"$a/data\" *.dat mask=$FULL_ONLY"
	full
	put_at 1000 first
	put_at 5000 second
	writer 'component filegroup "" more selectable=yes' "file \"\" more \"$a/data\" *.dat mask=$FULL_ONLY" \
		"at post-snapshot say partial-file \"\" db \"$a/data\" main.dat ranges=1000:5" \
		"at post-snapshot say partial-file \"\" more \"$a/data\" main.dat ranges=5000:6"
	increment 0
	restore -q "$last" --target "$T/r"
	cmp "$T/r$a/data/main.dat" "$a/data/main.dat"
	put_at 9000 third
	touch -d @1550000000 "$a/data/main.dat"
	writer 'component filegroup "" more selectable=yes' "file \"\" more \"$a/data\" *.dat mask=$FULL_ONLY" \
		"at post-snapshot say differenced-file \"\" db $a/data *.dat since=1600000000" \
		"at post-snapshot say differenced-file \"\" more $a/data *.dat since=1500000000"
	increment 0
	restore -q "$last" --target "$T/r2"
	cmp "$T/r2$a/data/main.dat" "$a/data/main.dat"
}
put_at() { printf '%s' "$2" | dd of="$a/data/main.dat" bs=1 seek="$1" conv=notrunc status=none; }

@test "without a time differenced files are compared with the base" {
	full
	echo changed >"$a/data/small.dat"
	writer "at post-snapshot say differenced-file \"\" db $a/data *.dat"
	increment 0
	assert_state 'data/main.dat=0 data/small.dat log/1=0'
	rm "$a/data/small.dat"
	increment 0
	assert_state 'data/main.dat=0 log/1=0'
}

@test "files that no file set has are added, where the copies have them" {
	echo more >"$a/other/more"
	echo part >"$a/other/part"
	full
	writer "at post-snapshot say differenced-file \"\" db $a/other more*" \
		"at post-snapshot say partial-file \"\" db $a/other part ranges=0:2"
	increment 0
	assert_state 'data/main.dat=0 data/small.dat=0 log/1=0 other/more other/part'
	rm "$last"
	echo far >"$b/far"
	writer "at post-snapshot say differenced-file \"\" db $b far"
	increment 3
	complains "component db: $b/far: lies on a volume that is not copied"
	assert_equal "$(succeeded)" 'backupSucceeded="no"'
}

@test "Z8: a file that is differenced and partial is the writer's error, and differenced" {
	full
	writer "at post-snapshot say differenced-file \"\" db $a/data *.dat" \
		"at post-snapshot say partial-file \"\" db $a/data main.dat ranges=0:10"
	echo more >>"$a/data/main.dat"
	increment 3
	complains 'is among the differenced files, too'
	assert_state 'data/main.dat data/small.dat=0 log/1=0'
	assert_equal "$(succeeded)" 'backupSucceeded="no"'
}

@test "a writer that makes no increments is backed up in full, and named" {
	schema=copy writer
	full
	increment 0
	complains 'makes no incremental backups'
	assert_members 'data/main.dat data/small.dat log/1'
}

@test "a component that the base has not is backed up in full, and named" {
	backup -q -o "$out" "$a/other"
	increment 0
	complains 'component db is not in '
	assert_members 'data/main.dat data/small.dat log/1'
}

@test "a base in which a component failed is passed over, and refused when it is named" {
	full
	writer "at post-snapshot say partial-file \"\" db $a/data small.dat ranges=0:7"
	increment 3
	local bad=$last
	writer
	increment 0
	complains "$bad: not built on, component db failed in it"
	assert_json .unchanged_files 1
	run --separate-stderr backup -q --type incremental --base "$bad" -o "$out" -w Db
	assert_equal "$status" 1
	assert_sentence backup 'component db failed in it'
}

@test "a writer that never mixes incremental and differential is refused what would mix them" {
	schema='incremental differential exclusive' writer
	full
	backup -q --type differential -o "$out" -w Db
	run --separate-stderr backup -q --type incremental -o "$out" -w Db
	assert_equal "$status" 4
	assert_sentence backup 'writer "Db": goes on with differential backups'
	run --separate-stderr backup -n --type incremental -o "$out" -w Db
	assert_equal "$status" 4
	backup -q --type differential -o "$out" -w Db
	backup -q --type incremental -o "$out" "$a/other" # without it that is no matter
	schema='incremental differential' writer
	increment 0
}
