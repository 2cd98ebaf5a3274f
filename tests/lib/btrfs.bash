# SPDX-License-Identifier: BSD-2-Clause
# Real btrfs on loop devices: `load ../lib/btrfs` after common.  btrfs_setup in setup(), btrfs_teardown in teardown(), which takes
# everything away that is mounted below $T, however the test ended.
# shellcheck shell=bash disable=SC2034,SC2154

btrfs_setup() {
	vss_setup
	loops=()
	requires_root
	requires mkfs.btrfs losetup btrfs
	grep -qw btrfs /proc/filesystems || modprobe btrfs 2>/dev/null || skip "needs btrfs in the kernel"
	losetup -f >/dev/null 2>&1 || skip "needs loop devices"
}

btrfs_teardown() {
	local device
	vss_teardown
	unmount_all
	for device in "${loops[@]}"; do
		losetup -d "$device"
	done
}

# new_loop NAME SIZE: a loop device over $T/NAME.img; its name is in $loop.
new_loop() {
	truncate -s "$2" "$T/$1.img"
	loop=$(losetup --show -f "$T/$1.img")
	loops+=("$loop")
}

# new_btrfs NAME SIZE SUBVOLUME...: a file system whose top level is mounted at $T/NAME and each subvolume at $T/SUBVOLUME.
new_btrfs() {
	local name=$1 size=$2 v
	shift 2
	new_loop "$name" "$size"
	mkfs.btrfs -q "$loop" >/dev/null 2>&1
	mkdir -p "$T/$name"
	mount -o subvolid=5 "$loop" "$T/$name"
	for v; do
		btrfs -q subvolume create "$T/$name/$v"
		mkdir -p "$T/$v"
		mount -o "subvol=$v" "$loop" "$T/$v"
	done
}

# subvolumes NAME: paths of all subvolumes of the file system, in order, without those that only wait to be cleaned up.
subvolumes() { btrfs subvolume list "$T/$1" | sed 's/.* path //' | LC_ALL=C sort; }

# assert_nothing_left NAME SUBVOLUME...: the file system has these subvolumes, and nothing of ours.
assert_nothing_left() {
	local name=$1
	shift
	assert_equal "$(subvolumes "$name")" "$(printf '%s\n' "$@" | LC_ALL=C sort)"
	assert_not_exist "$T/$name/.vss-shadows"
}

# start_counter A B...: the counter runs over these directories; returns once there is something to copy.
start_counter() {
	start counter "${@/#/$T/}" >"$T/counting"
	wait_until 10 has_line "$T/counting" counting
}

# count_sets N NAME...: N sets of these volumes, each counted; prints what came of them: how many are equal, how many failed and left nothing, the
# median of the commit and of the whole creation, the tries that were one too many.  A set that is there and is no instant fails the test.
count_sets() {
	local sets=$1 i report device failed=0
	shift
	: >"$T/commit" >"$T/whole" >"$T/read" >"$T/err"
	rm -f "$T/stops"
	for ((i = 1; i <= sets; i++)); do
		if report=$(stop_at provider.btrfs.try:note create-shadow --json --no-writers "${@/#/$T/}" 2>>"$T/err"); then
			mapfile -t device < <(jq -r '(.shadows | map(.proof.generation) | unique | length), .grade, .freeze_ms,
				([.ledger[] | select(.what == "created").at_ns][0] / 1e6), .shadows[].device' <<<"$report")
			[ "${device[0]} ${device[1]}" = '1 crash' ] || fail "set $i: $report"
			counter --read "${device[@]:4}" >>"$T/read" || fail "set $i: $(tail -n 1 "$T/read")"
			echo "${device[2]}" >>"$T/commit"
			echo "${device[3]}" >>"$T/whole"
		else
			failed=$((failed + 1))
			[ "$(tail -n 1 "$T/err" | grep -c VSS_E_PROVIDER_VETO)" = 1 ] || fail "set $i: $(tail -n 1 "$T/err")"
		fi
		[ $((i % 25)) != 0 ] || delete-shadow -q --all
	done
	delete-shadow -q --all
	equal=$(wc -l <"$T/read")
	printf '%d sets of %d: %d one instant, %d failed closed; commit %s ms, creation %s ms (medians), %d tries too many\n' "$sets" $# \
		"$equal" "$failed" "$(sort -n "$T/commit" | sed -n "$((equal / 2 + 1))p")" "$(sort -n "$T/whole" | sed -n "$((equal / 2 + 1))p")" \
		$(($(wc -l <"$T/stops") - equal - failed)) | sed 's/^/# /' >&3
	[ "$((equal + failed))" = "$sets" ]
	[ "$(sort -u "$T/read" | wc -l)" -gt 1 ] # it was counted meanwhile
}
