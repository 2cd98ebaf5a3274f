#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Increments on a real btrfs, whose copies keep inode numbers and times: what is known is not read.
# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/increments

setup() {
	btrfs_setup
	requires jq
	new_btrfs fs 1G a
	a=$T/a out=$T/out
	mkdir "$out"
}
teardown() { btrfs_teardown; }

# settle: whatever was written until now lies further back than the clock of the file system could hide a change.
settle() { wait_until 10 later_than "$(date +%s)" 3; }
later_than() { [ "$(date +%s)" -gt $(($1 + $2)) ]; }

full() { backup -q -o "$out" "$a"; }
# increment [ARG]...: the report is in $output, what -v says in $stderr.
increment() {
	run --separate-stderr backup --json -v --type incremental -o "$out" "$@" "$a"
	assert_equal "$status" 0
	last=$(newest "$out")
}
assert_state() { assert_equal "$(state "$last" "$a")" "$1"; }
# assert_compared N M: N files were held against the base, and the content of M had to be read.
assert_compared() { [[ $stderr == *"compared $1 files with "*", read $2"* ]] || fail "not so: $1, $2: $stderr"; }

@test "a tree that is as it was: nothing is read, nothing is taken but directories" {
	local d
	for d in {1..20}; do
		mkdir "$a/$d"
		(cd "$a/$d" && seq 100 | split -l 1 -a 3 - file)
	done
	settle
	full
	increment
	assert_compared 2000 0
	assert_json .unchanged_files 2000
	assert_json .files 21
	assert_json .bytes 0
	[ "$(jq .archive_bytes <<<"$output")" -lt 200000 ]
	run verify-backup -q "$last"
	assert_success
	echo more >>"$a/7/fileaaa"
	increment
	assert_compared 2000 0
	assert_equal "$(members "$last" "$a")" '7/fileaaa'
}

@test "new, changed, deleted and renamed files, and what has another type" {
	mkdir "$a/dir"
	for f in one two three four same; do echo "$f" >"$a/$f"; done
	ln -s one "$a/link"
	touch -d 2020-01-01 "$a/same"
	settle
	full
	echo new >"$a/new"
	echo more >>"$a/one"
	rm "$a/two"
	mv "$a/three" "$a/dir/three"
	rm "$a/four"
	ln -s one "$a/four"
	printf SAME\\n >"$a/same" # size and time put back: its ctime tells
	touch -d 2020-01-01 "$a/same"
	increment
	assert_state 'dir/three four link=0 new one same'
	assert_json .unchanged_files 1
}

@test "attributes alone, and a file that was only touched" {
	for f in mode owner acl note times kept; do echo "$f" >"$a/$f"; done
	settle
	full
	chmod 0600 "$a/mode"
	chown 1000 "$a/owner"
	setfacl -m u:1001:r "$a/acl"
	setfattr -n user.note -v new "$a/note"
	touch "$a/times"
	chmod 0600 "$a/kept"
	chmod 0644 "$a/kept"
	increment
	assert_state 'acl kept=0 mode note owner times'
	assert_compared 6 1
}

@test "files with several names stay one file, and are taken again" {
	mkdir "$a/dir"
	echo one >"$a/one"
	ln "$a/one" "$a/dir/one"
	echo two >"$a/two"
	mkfifo "$a/fifo"
	ln "$a/fifo" "$a/dir/fifo"
	settle
	full
	mv "$a/dir" "$a/renamed" # this leaves no mark on what is in it
	increment
	assert_state 'fifo one renamed/fifo renamed/one two=0'
	run tar --zstd -xOf "$last" .vss/manifest.mtree
	assert_equal "$(grep -c vss-hardlink: <<<"$output")" 2
	run verify-backup -q "$last"
	assert_success
	increment --exclude fifo # the first name is gone from what is taken: another has to bring what it is
	assert_equal "$(state "$last" "$a")" 'one renamed/one two=0'
	restore -q --target "$T/there" "$last"
	assert_equal "$(stat -c %i "$T/there$a/one")" "$(stat -c %i "$T/there$a/renamed/one")"
}

@test "another volume at the same place is not known" {
	echo one >"$a/one"
	btrfs -q subvolume create "$T/fs/b"
	echo one >"$T/fs/b/one"
	touch -r "$a/one" "$T/fs/b/one"
	settle
	full
	umount "$a"
	mount -o subvol=b "$loop" "$a"
	increment
	assert_compared 1 1
	assert_state 'one=0'
}

@test "three ranges of a database of 2 GiB: less than a hundredth of it" {
	local id=6a1e4c07-35a2-4f1b-b9c8-2d7e5f901c3a
	truncate -s 2G "$a/db"
	head -c 4194304 /dev/urandom | dd of="$a/db" bs=1M seek=1000 conv=notrunc status=none
	{
		echo "writer $id Db usage=USER_DATA source=OTHER"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'backup-schema incremental'
		echo 'component filegroup "" db selectable=yes'
		echo "file \"\" db \"$a\" db mask=$((0x101))"
		echo 'hold files'
	} >"$T/script"
	register Db "$VSS_BUILD/bin/vss-test-writer $T/script"
	backup -q -o "$out" -w Db
	local at
	for at in 0 1073741824 2147479552; do
		head -c 4096 /dev/urandom | dd of="$a/db" bs=4096 seek=$((at / 4096)) conv=notrunc status=none
	done
	echo "at post-snapshot say partial-file \"\" db $a db ranges=0:4096,1073741824:4096,2147479552:4096" >>"$T/script"
	run backup --json --type incremental -o "$out" -w Db
	assert_success
	assert_json .bytes $((3 * 4096))
	[ "$(jq .archive_bytes <<<"$output")" -lt 21474836 ]
	last=$(newest "$out")
	assert_equal "$(state "$last" "$a")" '.vss/partial/db db=0'
	run verify-backup -q "$last"
	assert_success
}

@test "what could not be read to its end is tried again, and not taken for known" {
	local at
	yes 'the content of a file of which a part goes bad' | head -c 1M >"$a/bad"
	echo good >"$a/good"
	sync
	umount "$a" "$T/fs"
	at=$(grep -aobm1 'the content of a file of which a part goes bad' "$loop" | head -n1 | cut -d: -f1)
	printf XXXX | dd of="$loop" bs=1 seek=$((at + 600000)) conv=notrunc,fsync status=none
	mount -o subvolid=5 "$loop" "$T/fs"
	mount -o subvol=a "$loop" "$a"
	settle
	run -3 full
	run --separate-stderr backup --json --type incremental -o "$out" "$a"
	assert_equal "$status" 3
	[[ $stderr == *"$a/bad: read: "* ]]
	last=$(newest "$out")
	assert_state 'bad good=0'
}
