#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The life of a shadow copy on a real btrfs, through the tools.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
}
teardown() { btrfs_teardown; }

# SETS: how many sets the counted test makes.
SETS=${SETS:-$((15 * ${REPEAT:-2}))}

# create VOLUME...: a set; its report is in $report, and in $id and $device what it says of each shadow copy.
create() {
	report=$(create-shadow --json --no-writers "$@")
	mapfile -t id < <(jq -r '.shadows[].id' <<<"$report")
	mapfile -t device < <(jq -r '.shadows[].device' <<<"$report")
	set=$(jq -r .set_id <<<"$report")
}

# no_mounts_of_ours: nothing is mounted below the run directory.
no_mounts_of_ours() { [ -z "$(awk -v R="$VSS_RUN_DIR/" 'index($5, R) == 1' /proc/self/mountinfo)" ]; }

@test "sets of two volumes are one instant, and the report says how that is known" {
	new_btrfs fs 1G a b
	start_counter a b
	for ((i = 0; i < SETS; i++)); do
		create "$T/a" "$T/b"
		output=$report
		assert_json .grade crash
		assert_json '[.shadows[].proof.generation] | unique | length' 1
		assert_json '[.shadows[].provider] | unique[]' btrfs
		counter --read "${device[@]}"
		delete-shadow -q --set "$set"
	done
	assert_nothing_left fs a b
	no_mounts_of_ours
}

@test "a set taken one by one is seen inverted by the same test" {
	new_btrfs fs 1G a b
	start_counter a b
	inverted=0
	for ((i = 0; i < 50 && !inverted; i++)); do
		create "$T/a"
		first=${device[0]}
		create "$T/b"
		counter --read "$first" "${device[0]}" || inverted=$((inverted + 1))
	done
	[ "$inverted" -gt 0 ]
}

@test "the list comes back by a scan when the state directory is lost" {
	new_btrfs fs 512M a b
	create "$T/a" "$T/b"
	before=$(list-shadows --json)
	rm -rf "$VSS_STATE_DIR"
	assert_equal "$(list-shadows --json)" "$before"
	run -0 list-shadows
	assert_line --partial "${id[0]}"
	assert_line --partial "${id[1]}"
}

@test "a copy is shown read-only, taken away and deleted; nothing of ours is left" {
	new_btrfs fs 512M a b
	echo text >"$T/a/file"
	create "$T/a" "$T/b"
	rm "$T/a/file"
	expose-shadow "${id[0]}" "$T/shown"
	assert_equal "$(cat "$T/shown/file")" text
	run touch "$T/shown/new"
	assert_failure
	expose-shadow --remove "$T/shown"
	assert_equal "$(ls -A "$T/shown")" ''
	delete-shadow --shadow "${id[0]}"
	[ -d "${device[1]}" ]
	[ ! -e "${device[0]}" ]
	delete-shadow --all
	assert_nothing_left fs a b
	no_mounts_of_ours
}

@test "the oldest copy of a volume is deleted first" {
	new_btrfs fs 512M a
	create "$T/a"
	old=${id[0]}
	create "$T/a"
	delete-shadow --for "$T/a" --oldest
	run -0 list-shadows
	refute_output --partial "$old"
	assert_output --partial "${id[0]}"
	delete-shadow --all
	assert_nothing_left fs a
}

@test "killed at any point, the next run of a tool leaves nothing of the dead one" {
	new_btrfs fs 512M a b
	while read -r point; do
		case $point in
		*complete* | *.abort | *.remove | session.before-release) continue ;; # not reached by this
		esac
		rm -f "$T/stops"
		stop_at "$point" run create-shadow --no-writers "$T/a" "$T/b"
		[ -s "$T/stops" ] || continue # no writers: their points are not passed
		assert_equal "$status" 137
		# A set that was saved is there; any other is gone after the next changing tool.
		delete-shadow --all || true
		assert_nothing_left fs a b
		no_mounts_of_ours
	done < <(awk '/^(session|provider.btrfs)\./ { print $1 }' "$REPO/lib/base/STOPS")
}

@test "a volume without room is refused with the code of VSS, and nothing is left" {
	new_btrfs fs 256M a b
	dd if=/dev/zero of="$T/a/filler" bs=1M 2>/dev/null || true
	mkdir "$T/a/small"
	(for ((i = 0; ; i++)); do head -c 1500 /dev/urandom >"$T/a/small/$i" || exit; done) 2>/dev/null || true
	run --separate-stderr create-shadow --no-writers "$T/a" "$T/b"
	assert_equal "$status" 1
	assert_sentence create-shadow VSS_E_INSUFFICIENT_STORAGE
	assert_not_exist "$T/fs/.vss-shadows"
	assert_equal "$(subvolumes fs)" $'a\nb'
	no_mounts_of_ours
}

@test "a nested subvolume is named, because the copy has an empty directory in its place" {
	new_btrfs fs 512M a b
	mkdir "$T/a/dir"
	btrfs -q subvolume create "$T/a/dir/nested"
	touch "$T/a/dir/nested/file"
	run --separate-stderr create-shadow --no-writers "$T/a" "$T/b"
	assert_success
	assert_sentence create-shadow "$T/a: subvolumes within it are empty directories in the copy: dir/nested"
	# the top level holds all others, and the copies: these are not worth a word
	run --separate-stderr create-shadow --no-writers "$T/fs" "$T/b"
	assert_success
	assert_sentence create-shadow "$T/fs: subvolumes within it are empty directories in the copy: a"
	delete-shadow --all
	assert_nothing_left fs a a/dir/nested b
}
