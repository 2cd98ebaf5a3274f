#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Chains of backups of real btrfs volumes: what did not change is known by inode and change time there, and not read again.

# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/trees
load ../lib/chains
load ../lib/stories

setup() {
	btrfs_setup
	new_btrfs fs 4G v w
	mkdir "$T/x" "$T/v/t"
	full=$T/x/1-full.tar.zst one=$T/x/2-one.tar.zst two=$T/x/3-two.tar.zst
	t=$T/v/t
}
teardown() { btrfs_teardown; }

# chain: the tree at each time, described in $T/at-N, and archived.
chain() {
	first_state "$t"
	describe "$t" acl >"$T/at-1"
	backup -q -o "$full" "$t"
	second_state "$t"
	describe "$t" acl >"$T/at-2"
	backup -q -o "$one" --type incremental --base "$full" "$t"
	third_state "$t"
	describe "$t" acl >"$T/at-3"
	backup -q -o "$two" --type incremental --base "$one" "$t"
}

@test "each time of a tree with every kind of change comes back, elsewhere and in place" {
	local n
	chain
	backup -q -o "$T/x/4-diff.tar.zst" --type differential --base "$full" "$t"
	restore -q "$full" --target "$T/w/r1"
	same "$T/w/r1$t" "$T/at-1"
	restore -q "$full" "$one" --target "$T/w/r2"
	same "$T/w/r2$t" "$T/at-2"
	restore -q "$two" --target "$T/w/r3"
	same "$T/w/r3$t" "$T/at-3"
	restore -q "$full" "$T/x/4-diff.tar.zst" --target "$T/w/r4"
	same "$T/w/r4$t" "$T/at-3"
	run -1 diff "$T/at-2" "$T/got" # the comparison tells the times apart
	for n in 2-one:at-2 1-full:at-1 3-two:at-3; do
		rm -r "$t"
		restore -q --in-place "$T/x/${n%:*}.tar.zst"
		same "$t" "$T/${n#*:}"
	done
}

@test "an increment has what changed, and no more" {
	chain
	run list-backups --json "$one"
	assert_json '.[0].archive_bytes < 1000000' # the tree has files of 9 MB that do not compress
	[ "$(stat -c %s "$full")" -gt 9000000 ]
}

@test "three changed ranges of a database of 2 GiB: the increment is small, and all of it comes back" {
	local db=$t/db
	truncate -s 2G "$db"
	head -c 3000000 /dev/urandom | dd of="$db" bs=1M seek=700 conv=notrunc status=none
	echo 'backup-schema incremental' | test_writer Parts "$t"
	backup -q -o "$full" -w Parts
	cp --reflink=always "$db" "$T/v/db-1"
	printf 'one' | dd of="$db" bs=1 seek=5 conv=notrunc status=none
	head -c 100000 /dev/urandom | dd of="$db" bs=1 seek=734003200 conv=notrunc status=none
	printf 'three' | dd of="$db" bs=1 seek=2147483643 conv=notrunc status=none
	cp --reflink=always "$db" "$T/v/db-2"
	printf '%s\n' 'backup-schema incremental' \
		"at prepare-backup say partial-file \"\" data \"$t\" db ranges=5:3,734003200:100000,0x7ffffffb:5" |
		test_writer Parts "$t"
	backup -q -o "$one" --type incremental --base "$full" -w Parts
	[ "$(stat -c %s "$one")" -lt 250000 ]
	echo 'backup-schema incremental' | test_writer Parts "$t"
	rm "$db"
	restore -q --in-place -w Parts "$one"
	cmp "$db" "$T/v/db-2"
	[ "$(du -k "$db" | cut -f1)" -lt 10000 ] # with its holes
	restore -q --in-place -w Parts "$full"
	cmp "$db" "$T/v/db-1"
	restore -q "$full" "$one" --target "$T/w/r"
	cmp "$T/w/r$db" "$T/v/db-2"
}

@test "killed in the second archive, again and again: each file is old or new, and the last run finishes" {
	local n name most
	mkdir "$t/d"
	for name in a b c d; do
		yes "1 $name" | head -c 100000 >"$t/d/$name"
	done
	backup -q -o "$full" "$t"
	for name in c d; do
		yes "2 $name" | head -c 100000 >"$t/d/$name"
	done
	backup -q -o "$one" --type incremental --base "$full" "$t"
	cp -a "$t" "$T/w/new"
	for name in a b c d; do
		yes "old $name" | head -c 100000 >"$t/d/$name"
	done
	cp -a "$t" "$T/w/old"
	most=$(VSS_STOP_AT=restore.temporary:note VSS_STOP_LOG=$T/count restore -q --in-place --existing replace "$one" && wc -l <"$T/count")
	assert_equal "$most" 4
	for ((n = 3; n <= most; n++)); do
		rm -r "$t" && cp -a "$T/w/old" "$t"
		: >"$T/stops"
		start env VSS_STOP_AT=restore.temporary:stop VSS_STOP_LOG="$T/stops" restore -q --in-place --existing replace "$one"
		for ((i = 1; i <= n; i++)); do
			wait_until 30 has_lines "$T/stops" "$i"
			wait_until 30 is_stopped "$started_pid"
			[ "$i" = "$n" ] || kill -CONT "$started_pid"
		done
		kill -KILL "$started_pid"
		wait "$started_pid" || :
		for name in a b c d; do
			cmp -s "$t/d/$name" "$T/w/old/d/$name" || cmp "$t/d/$name" "$T/w/new/d/$name"
		done
		! diff -rq "$t" "$T/w/new" >"$T/left"
		restore -q --in-place --existing replace "$one"
		diff -r "$t" "$T/w/new"
	done
}
has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
