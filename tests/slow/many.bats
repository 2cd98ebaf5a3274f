#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# As many copies of one volume, and volumes in one set, as are allowed: on fake volumes and on btrfs.  Times are printed.
# shellcheck disable=SC2154 # the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
}
teardown() { btrfs_teardown; }

COPIES=512

# timed WHAT COMMAND...: its output goes to $T/out, its time where people see it.
timed() {
	local what=$1 begun=$EPOCHREALTIME
	shift
	"$@" >"$T/out"
	printf '# %s: %d ms\n' "$what" $(((${EPOCHREALTIME/./} - ${begun/./}) / 1000)) >&3
}

# make_copies VOLUME: their IDs in $T/ids.
make_copies() {
	local i
	for ((i = 1; i <= COPIES; i++)); do
		create-shadow --json --no-writers "$1" >>"$T/made"
	done
	jq -r '.shadows[].id' "$T/made" >"$T/ids"
	assert_equal "$(wc -l <"$T/ids")" "$COPIES"
	run create-shadow --no-writers "$1"
	assert_failure
}

# copies_here VOLUME: as the list has them.
copies_here() { list-shadows --for "$1" --json | jq -r '.[].shadows[].id'; }

# use_copies KIND VOLUME
use_copies() {
	timed "$1: $COPIES copies made" make_copies "$2"
	assert_equal "$(copies_here "$2")" "$(<"$T/ids")"
	timed "$1: list-shadows" list-shadows --for "$2"
	assert_equal "$(grep -c 'Shadow Copy ID' "$T/out")" "$COPIES"
	timed "$1: list-shadows --json" list-shadows --for "$2" --json
	timed "$1: list-storage" list-storage --for "$2"
	timed "$1: the oldest deleted" delete-shadow -q --for "$2" --oldest
	assert_equal "$(copies_here "$2")" "$(tail -n +2 "$T/ids")"
	timed "$1: the others deleted" delete-shadow -q --for "$2"
	assert_equal "$(copies_here "$2")" ''
}

@test "512 copies of a fake volume" {
	fake_volumes a
	use_copies fake "$(volume a)"
}

@test "512 copies of a btrfs subvolume, also while it is not mounted and when others have deleted them" {
	local loop
	new_btrfs fs 4G a
	echo one >"$T/a/file"
	timed "btrfs: $COPIES copies made" make_copies "$T/a"
	umount "$T/a" "$T/fs" "$T"/run/fs/*
	timed 'btrfs, not mounted: list-shadows' list-shadows --for "$T/a"
	mount -o subvolid=5 "$loop" "$T/fs"
	mount -o subvol=a "$loop" "$T/a"
	timed 'btrfs: list-shadows' list-shadows --for "$T/a"
	assert_equal "$(copies_here "$T/a")" "$(<"$T/ids")"
	timed 'btrfs: the oldest deleted' delete-shadow -q --for "$T/a" --oldest
	assert_equal "$(copies_here "$T/a")" "$(tail -n +2 "$T/ids")"
	tail -n +258 "$T/ids" | sed "s|.*|$T/fs/.vss-shadows/&/copy|" | xargs btrfs -q subvolume delete
	timed 'btrfs, half of them missing: list-shadows' list-shadows --for "$T/a" --json
	assert_equal "$(jq '[.[].shadows[] | select(.missing)] | length' "$T/out")" 255
	timed 'btrfs: all deleted' delete-shadow -q --for "$T/a"
	assert_nothing_left fs a
}

@test "a set of 64 volumes" {
	local names=() i
	for ((i = 1; i <= 64; i++)); do names+=("v$i"); done
	new_btrfs fs 4G "${names[@]}"
	timed 'btrfs: a set of 64 volumes' create-shadow --json --no-writers "${names[@]/#/$T/}"
	jq -e '(.shadows | length == 64) and (.grade == "crash") and (.shadows | map(.proof.generation) | unique | length == 1)' "$T/out"
	timed 'btrfs: list-shadows with it' list-shadows
	timed 'btrfs: one of 64 copies deleted' delete-shadow -q --for "$T/v64"
	assert_equal "$(list-shadows --json | jq '[.[].shadows[] | select(.volume | startswith("'"$T"'"))] | length')" 63
	delete-shadow -q --all
	assert_nothing_left fs "${names[@]}"
}
