#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Writers that recover in their copies on btrfs: writable in post-snapshot, sealed afterwards (S23 to S27).
# shellcheck disable=SC2016,SC2154 # words for another shell; run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
	new_btrfs fs 512M a b
	mkdir "$T/a/data"
	echo dirty >"$T/a/data/file"
}
teardown() { btrfs_teardown; }

# recoverer FLAGS COMMAND: a writer of $T/a/data that runs the command, in the shell, in the copy of its data at post-snapshot.
recoverer() {
	{
		printf '#!/bin/bash\n. %q\ndata=%q flags=%q\n' "$REPO/scripts/vss-writer.sh" "$T/a/data" "$1"
		cat <<-'END'
			on_identify() {
				vss_say writer 3b0c5f0e-6f5b-4f6e-8c3e-1d7a9e2b4c77 Rec usage=USER_DATA source=OTHER
				vss_say restore-method RESTORE_IF_NOT_THERE
				vss_say component filegroup "" rec flags="$flags"
				vss_say file "" rec "$data" "*"
			}
			on_freeze() { vss_hold files; }
		END
		printf 'recover() {\n\t[ "$1 $2" = "volume %s" ] || return 0\n\tcopy=$3/data\n%s\n}\n' "$T/a" "$2"
		printf 'on_post_snapshot() { vss_each recover; }\nvss_run\n'
	} >"$T/Rec"
	chmod 755 "$T/Rec"
	register Rec "$T/Rec"
}
CLEAN='	echo clean >"$copy/file" && touch "$copy/recovered"'

# sealed DEVICE: the subvolume is read-only, and so is the way to it.
sealed() {
	[ "$(btrfs property get "$(echo "$T/fs/.vss-shadows"/*-*/copy)" ro)" = ro=true ]
	run touch "$1/new"
	assert_failure
	assert_output --partial 'Read-only file system'
}

@test "backup-recovery: the writer changes its copy, which is sealed then; the volume is as it was" {
	recoverer backup-recovery "$CLEAN"
	run -0 create-shadow --json "$T/a"
	device=$(jq -r '.shadows[].device' <<<"$output")
	assert_equal "$(cat "$device/data/file")" clean
	[ -e "$device/data/recovered" ]
	sealed "$device"
	assert_equal "$(cat "$T/a/data/file")" dirty
	run -0 list-shadows
	assert_line --partial 'Auto recovered'
	run -0 list-shadows --json
	assert_json '[.[].shadows[].attributes[]] | index("Auto recovered") != null'
	delete-shadow -q --all
	assert_nothing_left fs a b
	[ -z "$(find "$VSS_RUN_DIR/fs" -mindepth 1 ! -name .lock)" ]
	backup -q -w Rec -o "$T/x.tar.zst"
	assert_equal "$(tar --zstd -xOf "$T/x.tar.zst" "${T#/}/a/data/file")" clean
	assert_nothing_left fs a b
}

@test "rollback recovery is had when it is asked for, and with no-autorecovery nothing can be written" {
	recoverer app-rollback-recovery "$CLEAN"
	run create-shadow --json --attributes rollback-recovery "$T/a" "$T/b"
	assert_success
	assert_json '[.shadows[].proof.generation] | unique | length' 1
	assert_equal "$(cat "$(jq -r '.shadows[0].device' <<<"$output")/data/file")" clean
	delete-shadow -q --all
	run create-shadow -q "$T/a"
	assert_failure
	recoverer backup-recovery "	! touch \"\$copy/recovered\" 2>/dev/null"
	run -0 create-shadow --json --attributes no-autorecovery "$T/a"
	run -0 list-shadows
	assert_line --partial 'No auto recovery'
	refute_line --partial 'Auto recovered'
	delete-shadow -q --all
	assert_nothing_left fs a b
}

@test "a copy that a writer has open for writing still is not sealed: nothing is left" {
	recoverer backup-recovery "	exec 9>\"\$copy/open\"; sleep 600 & echo \$! >'$T/pid'"
	run --separate-stderr create-shadow -q "$T/a"
	assert_equal "$status" 1
	assert_sentence create-shadow 'a writer has files in it open for writing still (VSS_E_PROVIDER_VETO)'
	kill "$(cat "$T/pid")"
	wait_until 10 is_gone "$(cat "$T/pid")"
	delete-shadow -q --all
	assert_nothing_left fs a b
	[ -z "$(awk -v R="$VSS_RUN_DIR/" 'index($5, R) == 1' /proc/self/mountinfo)" ]
}

@test "killed before it is sealed: the next run leaves nothing of it" {
	recoverer backup-recovery "$CLEAN"
	for point in provider.btrfs.post-final-commit session.before-save; do
		stop_at "$point" run create-shadow -q "$T/a" "$T/b"
		assert_equal "$status" 137
		run delete-shadow -q --all
		assert_nothing_left fs a b
		[ -z "$(awk -v R="$VSS_RUN_DIR/" 'index($5, R) == 1' /proc/self/mountinfo)" ]
	done
}
