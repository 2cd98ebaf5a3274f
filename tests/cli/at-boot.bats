#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Restores that take place at the next boot (R16 methods 5 and 6, R21, R22): stages, their journals, and what moves them.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words of sed; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b)
	boot 1
	mkdir "$a/db"
	echo old >"$a/db/one"
	echo kept >"$a/db/kept"
}

boot() {
	export VSS_BOOT_ID=00000000-0000-4000-8000-00000000000$1
}
stage() { at_boot_driver "$@" >"$T/places"; }
commit() { vss-restore-at-boot "$@"; }
state_is() {
	run ls "$VSS_STATE_DIR/at-boot"
	assert_output "$(printf '%s\n' "$@" lock | LC_ALL=C sort)"
}
no_storage() {
	run find "$T/volumes" -name '.vss-at-boot*'
	assert_output ''
}
content() { (cd "$a" && find . -type f -not -path './.vss-at-boot/*' | LC_ALL=C sort | xargs grep -H . | paste -sd' '); }

@test "what is staged is moved at the next boot, and not before" {
	stage "$a/db/one=new" "$a/db/two=second" "$b/three=third"
	assert_equal "$(cat "$a/db/one")" old
	run commit --list
	assert_output "$(cd "$VSS_STATE_DIR/at-boot" && ls ./*-* | cut -c3-)  writer \"Test\": component /x: 3 to be moved"
	commit
	assert_equal "$(content)" './db/kept:kept ./db/one:old'
	boot 2
	run --separate-stderr commit
	assert_success
	assert_output '3 moved to their places'
	assert_equal "$(content)" './db/kept:kept ./db/one:new ./db/two:second'
	assert_equal "$(cat "$b/three")" third
	no_storage
	state_is log
	run cat "$VSS_STATE_DIR/at-boot/log"
	assert_output --regexp 'Z writer "Test": component /x: all 3 moved to their places$'
	run --separate-stderr commit
	assert_success
	assert_output ''
}

@test "places are on the file system of their targets, and only root may look into them" {
	stage "$a/db/one=new" "$a/sub/deep/file=x"
	while read -r place; do
		assert_regex "$place" "^$a/\.vss-at-boot/[0-9a-f-]{36}/[01]$"
		assert_equal "$(stat -c %a "${place%/*}") $(stat -c %a "${place%/*/*}")" '700 700'
	done <"$T/places"
	boot 2
	commit -q
	assert_equal "$(cat "$a/sub/deep/file")" x
}

@test "directories are made or kept, get their attributes, and hard links stay one file" {
	echo old >"$a/db/name"
	stage "$a/db" "$a/new" "$a/new/dir" "$a/new/dir/file=x" "$a/new/name@$a/new/dir/file" "$a/db/name@$a/new/dir/file"
	touch -d '2001-02-03 04:05:06' "$(sed -n 2p "$T/places")"
	boot 2
	commit -q
	assert_equal "$(stat -c %a "$a/db" "$a/new" "$a/new/dir" | paste -sd' ')" '750 750 750'
	assert_equal "$(stat -c %y "$a/new")" '2001-02-03 04:05:06.000000000 +0000'
	assert_equal "$(stat -c %h "$a/new/dir/file")" 3
	assert_equal "$(cat "$a/db/kept" "$a/db/name" | paste -sd' ')" 'kept x'
	no_storage
}

@test "files that are names of one already move all the same" {
	stage "$a/db/one=x" "$a/db/two@$a/db/one"
	boot 2
	run stop_at at-boot.moved:kill commit -q
	assert_equal "$status" 137
	ln -f "$a/db/one" "$a/db/two" # as a run did that was killed right behind its rename
	commit -q
	assert_equal "$(stat -c %h "$a/db/one")" 2
	no_storage
}

@test "a stage that is given up or left behind is thrown away, and its files with it" {
	stage --abort "$a/db/one=new"
	no_storage
	state_is
	stage --leave "$a/db/one=new" "$b/x=y"
	[ -e "$(head -n 1 "$T/places")" ]
	boot 2
	commit
	no_storage
	state_is
	assert_equal "$(content)" './db/kept:kept ./db/one:old'
	stage --leave "$a/db/one=new"
	stage --abort "$a/db/one=newer" # whoever comes next clears up, too
	no_storage
}

@test "what fails is told, logged and kept, the rest is moved, and nobody tries again" {
	mkdir "$a/db/two"
	stage "$a/db/one=new" "$a/db/two=no" "$a/db/three=yes"
	boot 2
	run -3 --separate-stderr commit
	assert_regex "$stderr" "$a/db/two: not restored: "
	assert_regex "$stderr" '1 of 3 could not be moved and stay where they wait'
	assert_equal "$(content)" './db/kept:kept ./db/one:new ./db/three:yes'
	assert_equal "$(cat "$(sed -n 2p "$T/places")")" no
	grep -qF "$a/db/two: not restored: " "$VSS_STATE_DIR/at-boot/log"
	rmdir "$a/db/two"
	boot 3
	commit
	[ ! -e "$a/db/two" ]
}

@test "a stage whose file system is not there waits on" {
	stage "$a/db/one=new" "$b/x=y"
	mv "$b" "$T/b"
	mkdir "$b"
	boot 2
	run -3 --separate-stderr commit
	assert_equal "$(cat "$a/db/one")" old
	rmdir "$b"
	mv "$T/b" "$b"
	commit -q
	assert_equal "$(cat "$a/db/one") $(cat "$b/x")" 'new y'
}

@test "no link is followed, neither when it is staged nor when it is moved" {
	mkdir "$T/elsewhere"
	ln -s "$T/elsewhere" "$a/link"
	run ! stage "$a/link/file=x"
	no_storage
	mkdir "$a/dir"
	stage "$a/dir/file=x"
	rmdir "$a/dir"
	ln -s "$T/elsewhere" "$a/dir"
	boot 2
	run -3 --separate-stderr commit
	assert_regex "$stderr" 'symbolic link'
	run ls -A "$T/elsewhere"
	assert_output ''
}

@test "a journal that is damaged or not ours moves nothing" {
	stage "$a/db/one=new"
	boot 2
	journal=$(echo "$VSS_STATE_DIR"/at-boot/*-*)
	cp "$journal" "$T/journal"
	local change
	for change in '$d' '2d' '2p' 's/"version":1/"version":2/' "s|$a/db/one|../../etc/x|" "s|$a/db/one|$a/../x|" \
		's|at-boot/[0-9a-f]*-|at-boot/0-|' 's|"place":"[^"]*"|"place":"/etc/passwd"|' 's/"entries":1/"entries":2/' \
		'2s/"/x/' 's/"inode":/"inod":/' '1d'; do
		sed "$change" "$T/journal" >"$journal"
		cmp -s "$journal" "$T/journal" && fail "$change changes nothing"
		run -3 --separate-stderr commit
		[ "$(cat "$a/db/one")" = old ] || fail "moved after $change"
	done
	cp "$T/journal" "$journal"
	chmod 666 "$journal"
	run -3 --separate-stderr commit
	assert_equal "$(cat "$a/db/one")" old
	chmod 600 "$journal"
	commit -q
	assert_equal "$(cat "$a/db/one")" new
}

@test "killed at any point of staging: sealed whole, or nothing of it" {
	local point
	for point in at-boot.begun at-boot.before-seal at-boot.sealed; do
		boot 1
		run stop_at "$point:kill" stage "$a/db/one=new" "$a/db/two=second" "$b/x=y"
		[ "$status" = 137 ] || fail "$point: status $status: $output"
		boot 2
		commit -q
		case $point in
		at-boot.sealed) assert_equal "$(content)" './db/kept:kept ./db/one:new ./db/two:second' ;;
		*) assert_equal "$(content)" './db/kept:kept ./db/one:old' ;;
		esac
		no_storage
	done
}

@test "killed at any point of the move: each file is old or new, and the next run finishes" {
	local point n one two
	for point in at-boot.moved at-boot.done; do
		for n in 1 2; do
			boot 1
			echo old >"$a/db/one"
			echo old >"$a/db/two"
			stage "$a/db" "$a/db/one=new" "$a/db/two=new"
			boot 2
			run stop_at "$point:kill" commit -q
			[ "$status" = 137 ] || fail "$point: status $status: $output"
			one=$(cat "$a/db/one") two=$(cat "$a/db/two")
			[[ "$one $two" =~ ^(old|new)\ (old|new)$ ]] || fail "$point: $one $two"
			[ "$n" = 1 ] || boot 3 # the machine may come up anew before it is finished
			commit -q
			assert_equal "$(content)" './db/kept:kept ./db/one:new ./db/two:new'
			assert_equal "$(stat -c %a "$a/db")" 750
			no_storage
			state_is log
		done
	done
}

@test "backups leave out what waits" {
	stage "$a/db/one=new"
	backup -q -o "$T/x.tar.zst" "$a"
	run list-backups --members "$T/x.tar.zst"
	refute_output --partial at-boot
	assert_line "$a/db/one"
}

@test "the script moves what waits, and says so" {
	sed "s|@BINDIR@|$VSS_BUILD/bin|" "$REPO/scripts/vss-restore-at-boot.init" >"$T/script"
	stage "$a/db/one=new"
	boot 2
	run sh "$T/script" start
	assert_success
	assert_output '1 moved to their places'
	assert_equal "$(cat "$a/db/one")" new
	run -2 sh "$T/script" sideways
	run -0 sh "$T/script" stop
}
