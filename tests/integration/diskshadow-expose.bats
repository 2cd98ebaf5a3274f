#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What the shell shows, as real mounts of btrfs: no mount and no copy outlives what it belongs to.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs
load ../lib/lists
load ../lib/diskshadow

setup() {
	btrfs_setup
	new_btrfs fs 512M a b
	echo before >"$T/a/file"
	echo b >"$T/b/file"
}
teardown() { btrfs_teardown; }

# mounted_at PATH: how many mounts are there.
mounted_at() { awk -v P="$1" '$5 == P { n++ } END { print n + 0 }' /proc/self/mountinfo; }

@test "volatile copies are shown read-only while the shell lives, and nothing of them stays" {
	run --separate-stderr shell "add volume $T/a alias A" "add volume $T/b alias B" "begin backup" create \
		"expose %A% $T/x" "expose %B% $T/y" "exec /bin/cp $T/x/file $T/seen" "exec /usr/bin/findmnt -no OPTIONS $T/x" \
		"unexpose $T/x" "expose %A% $T/z" "end backup"
	assert_equal "$stderr" ""
	assert_success
	assert_line --regexp '^ro,nosuid,nodev'
	assert_equal "$(cat "$T/seen")" before
	for at in x y z; do
		assert_equal "$(mounted_at "$T/$at")" 0
	done
	assert_nothing_left fs a b
	assert_equal "$(find "$VSS_STATE_DIR/exposed" -type f)" ""
}

@test "deleted while it is shown, and then the shell ends" {
	run --separate-stderr shell "add volume $T/a alias A" create "expose %A% $T/x" "delete shadows exposed $T/x" \
		"exec /usr/bin/test ! -e $T/x/file" "delete shadows all"
	assert_equal "$stderr" ""
	assert_success
	assert_equal "$(mounted_at "$T/x")" 0
	assert_nothing_left fs a b
}

@test "killed: the next tool takes mount and copy away" {
	mkfifo "$T/hold"
	printf '%s\n' "add volume $T/a alias A" create "expose %A% $T/x" "exec /bin/cat $T/hold" >"$T/script"
	cd "$T"
	start diskshadow /s "$T/script" >"$T/out"
	wait_until 20 test -e "$T/x/file"
	kill -KILL "$started_pid"
	ended
	assert_equal "$status" 137
	assert_equal "$(mounted_at "$T/x")" 1
	timeout 10 tee "$T/hold" <<<"" >/dev/null || : # who reads it is not ours any more
	wait_until 10 goes_with_the_next_tool
	assert_nothing_left fs a b
}

# A list of the machine's own may be looking there at the moment.
goes_with_the_next_tool() {
	delete-shadow -q --for "$T/b"
	[ "$(mounted_at "$T/x")" = 0 ] && [ ! -e "$T/fs/.vss-shadows" ]
}

@test "somebody has a file open there: copy and mount stay until the next tool finds it free" {
	run --separate-stderr shell "add volume $T/a alias A" create "expose %A% $T/x" \
		"exec /bin/bash -c \"sleep 600 <$T/x/file >$T/out 2>&1 & echo \$! >$T/reader\""
	started+=("$(cat "$T/reader")")
	assert_success
	assert_regex "$stderr" "stays for now"
	assert_equal "$(mounted_at "$T/x")" 1
	kill -KILL "$(cat "$T/reader")"
	wait_until 10 is_gone "$(cat "$T/reader")"
	wait_until 10 goes_with_the_next_tool
	assert_nothing_left fs a b
}

@test "what is mounted, full or shown already is refused, and stays as it was" {
	id=$(create-shadow --json "$T/a" | jq -r '.shadows[0].id')
	other=$(create-shadow --json "$T/b" | jq -r '.shadows[0].id')
	mkdir "$T/mounted" "$T/full"
	mount -t tmpfs none "$T/mounted"
	touch "$T/full/thing"
	expose-shadow -q "$other" "$T/taken"
	before=$(grep -F " $T/" /proc/self/mountinfo)
	for at in "$T/mounted" "$T/full" "$T/taken" "$T/taken/x" "$T/full/thing" "$VSS_RUN_DIR/shadows/$id/x"; do
		run --separate-stderr shell "expose $id $at"
		assert_equal "$status" 1
		assert_sentence diskshadow "$at: "
		assert_equal "$(grep -F " $T/" /proc/self/mountinfo)" "$before"
	done
	run expose-shadow --list --json
	assert_json 'map(.path) | join(" ")' "$T/taken"
	expose-shadow -q --remove "$T/taken"
}

@test "client-accessible copies are shown until they are taken away" {
	run --separate-stderr shell "set context clientaccessible" "add volume $T/a alias A" create "expose %A% $T/x"
	assert_equal "$stderr" ""
	assert_success
	assert_equal "$(cat "$T/x/file")" before
	id=$(list-shadows --json | jq -r '.[0].shadows[0].id')
	umount "$T/x"
	run --separate-stderr shell "expose $id $T/x" "unexpose {$id}" "list shadows all"
	assert_equal "$stderr" ""
	assert_success
	assert_line "Shadow copy ID {$id} is no longer exposed."
	assert_line $'\t\t- Not exposed'
	assert_equal "$(mounted_at "$T/x")" 0
	delete-shadow -q --all
	assert_nothing_left fs a b
}

@test "BREAK makes read-only subvolumes" {
	run --separate-stderr shell "set context persistent" "add volume $T/a" "add volume $T/b" create "break %VSS_SHADOW_SET%"
	assert_equal "$stderr" ""
	assert_success
	for name in a b; do
		broken=$(find "$T/fs" -maxdepth 1 -name "$name-*")
		run btrfs property get "$broken" ro
		assert_output ro=true
	done
	run list-shadows --json
	assert_output '[]'
}
