#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The btrfs provider on a real file system, below the session.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs
load ../lib/provider

setup() { btrfs_setup; }
teardown() { btrfs_teardown; }

# SETS: how many sets the counted tests make.
SETS=${SETS:-$((50 * ${REPEAT:-2}))}

copy_of() { echo "$T/fs/.vss-shadows/${shadow[$1]}/copy"; }

@test "in a set of two volumes the second counter is never ahead, and the generations are equal" {
	new_btrfs fs 1G a b
	start_counter a b
	for ((i = 0; i < SETS; i++)); do
		driver_create btrfs "$T/a" "$T/b"
		assert_equal "${proof[0]}" "${proof[1]}"
		counter --read "$(copy_of 0)" "$(copy_of 1)"
		driver_delete
	done
	assert_nothing_left fs a b
}

@test "in copies taken one after the other the second counter is seen ahead" {
	new_btrfs fs 1G a b
	start_counter a b
	inverted=0
	for ((i = 0; i < 50 && !inverted; i++)); do
		driver_create btrfs "$T/a"
		first=$(copy_of 0)
		driver_create btrfs "$T/b"
		counter --read "$first" "$(copy_of 0)" || inverted=$((inverted + 1))
	done
	[ "$inverted" -gt 0 ]
}

@test "sixteen volumes are one generation" {
	names=(v{01..16})
	new_btrfs fs 1G "${names[@]}"
	driver_create btrfs "${names[@]/#/$T/}"
	assert_equal "$(printf '%s\n' "${proof[@]}" | sort -u | wc -l)" 1
	driver_delete
	assert_nothing_left fs "${names[@]}"
}

@test "under six hot writers a set is one generation or fails and leaves nothing" {
	names=(v{1..6})
	new_btrfs fs 2G "${names[@]}"
	for v in "${names[@]}"; do
		start counter --scribble "$T/$v"
	done
	for ((i = 0; i < 3; i++)); do
		if stop_at provider.btrfs.try:note driver_create btrfs "${names[@]/#/$T/}" 2>"$T/why"; then
			assert_equal "$(printf '%s\n' "${proof[@]}" | sort -u | wc -l)" 1
			driver_delete
		else
			assert_file_contains "$T/why" 'did not come into one btrfs transaction in 10 tries.*VSS_E_PROVIDER_VETO'
		fi
		[ "$(wc -l <"$T/stops")" -le 10 ]
		rm "$T/stops"
		assert_nothing_left fs "${names[@]}"
	done
}

@test "volumes of two file systems are copied, each set of its own generation" {
	new_btrfs fs 512M a b
	new_btrfs other 512M c
	driver_create btrfs "$T/a" "$T/c" "$T/b"
	assert_equal "${proof[0]}" "${proof[2]}"
	assert_equal "${place[0]}" "${place[2]}"
	assert_not_equal "${place[0]}" "${place[1]}"
	driver_delete
	assert_nothing_left fs a b
	assert_nothing_left other c
}

@test "a copy holds what the volume held, and nothing can be written to it" {
	new_btrfs fs 512M a b
	echo before >"$T/a/file"
	driver_create btrfs "$T/a" "$T/b"
	echo after >"$T/a/file"
	assert_equal "$(cat "$(copy_of 0)/file")" before
	run touch "$(copy_of 0)/new"
	assert_failure
	assert_output --partial 'Read-only file system'
	assert_equal "$(stat -c %a:%u "$T/fs/.vss-shadows" "$T/fs/.vss-shadows/${shadow[0]}")" $'700:0\n700:0'
}

@test "device paths lead into one read-only mount, which goes with the last of them" {
	new_btrfs fs 512M a b
	echo text >"$T/a/file"
	driver_create btrfs "$T/a" "$T/b"
	one=$VSS_RUN_DIR/shadows/${shadow[0]} two=$VSS_RUN_DIR/shadows/${shadow[1]}
	for _ in again and_again; do
		provider_driver surface btrfs "${place[0]}" "${shadow[0]}" "$one"
	done
	provider_driver surface btrfs "${place[1]}" "${shadow[1]}" "$two"
	assert_equal "$(cat "$one/file")" text
	run findmnt -nro OPTIONS "$VSS_RUN_DIR/fs/${place[0]}"
	assert_equal "${#lines[@]}" 1
	assert_output --regexp '^ro,nosuid,nodev,noexec'
	provider_driver unsurface btrfs "${place[0]}" "${shadow[0]}" "$one"
	findmnt -n "$VSS_RUN_DIR/fs/${place[0]}"
	provider_driver unsurface btrfs "${place[1]}" "${shadow[1]}" "$two"
	run findmnt -n "$VSS_RUN_DIR/fs/${place[0]}"
	assert_failure
	driver_delete
	assert_nothing_left fs a b
}

@test "an exposed copy is mounted read-only at an empty directory and nowhere else" {
	new_btrfs fs 512M a
	echo text >"$T/a/file"
	driver_create btrfs "$T/a"
	device=$VSS_RUN_DIR/shadows/${shadow[0]}
	provider_driver surface btrfs "${place[0]}" "${shadow[0]}" "$device"
	mkdir "$T/full" && touch "$T/full/file"
	run provider_driver expose btrfs "${place[0]}" "${shadow[0]}" "$device" "$T/full"
	assert_failure
	assert_output --partial 'the directory is not empty'
	provider_driver expose btrfs "${place[0]}" "${shadow[0]}" "$device" "$T/shown"
	assert_equal "$(cat "$T/shown/file")" text
	run touch "$T/shown/new"
	assert_failure
	provider_driver unexpose btrfs "${place[0]}" "${shadow[0]}" "$T/shown"
	assert_equal "$(ls -A "$T/shown")" ''
	run provider_driver unexpose btrfs "${place[0]}" "${shadow[0]}" "$T/shown"
	assert_failure
	assert_output --partial VSS_E_OBJECT_NOT_FOUND
}

@test "a copy is found and removed after everything of the file system was unmounted but our mount" {
	new_btrfs fs 512M a
	driver_create btrfs "$T/a"
	device=$VSS_RUN_DIR/shadows/${shadow[0]}
	provider_driver surface btrfs "${place[0]}" "${shadow[0]}" "$device"
	umount "$T/a" "$T/fs"
	assert_equal "$(provider_driver places btrfs | grep -Fx "${place[0]}")" "${place[0]}"
	assert_equal "$(provider_driver exists btrfs "${place[0]}" "${shadow[0]}")" 1
	driver_delete
	mount -o subvolid=5 "$loop" "$T/fs"
	assert_nothing_left fs a
}

@test "storage stays as long as there is a copy" {
	new_btrfs fs 512M a b
	driver_create btrfs "$T/a" "$T/b"
	provider_driver remove btrfs "${place[0]}" "${shadow[0]}"
	assert_equal "$(provider_driver exists btrfs "${place[0]}" "${shadow[0]}")" 0
	assert_equal "$(provider_driver exists btrfs "${place[1]}" "${shadow[1]}")" 1
	provider_driver forget btrfs "$set"
	assert_exist "$(copy_of 1)"
	provider_driver remove btrfs "${place[1]}" "${shadow[1]}"
	provider_driver remove btrfs "${place[1]}" "${shadow[1]}"
	provider_driver forget btrfs "$set"
	assert_nothing_left fs a b
}

@test "after SIGKILL at any point reaping leaves nothing" {
	new_btrfs fs 512M a b
	for point in begin-prepare prepared commit try committed post-final-commit "done"; do
		stop_at "provider.btrfs.$point" run provider_driver create btrfs "$T/a" "$T/b"
		assert_equal "$status" 137
		[ "$point" = "done" ] && break
		provider_driver reap btrfs
		assert_nothing_left fs a b
	done
	# The last one had its document: it is kept, and only its mark goes.
	assert_equal "$(provider_driver reap btrfs)" 0
	assert_equal "$(find "$T/fs/.vss-shadows" -name copy | wc -l)" 2
	assert_equal "$(find "$T/fs/.vss-shadows" -name '*.making' | wc -l)" 0
}

@test "what a living run is making is not reaped" {
	new_btrfs fs 512M a b
	stop_at provider.btrfs.committed:stop start provider_driver create btrfs "$T/a" "$T/b"
	wait_until 10 has_line "$T/stops" committed
	wait_until 10 is_stopped "$started_pid"
	assert_equal "$(provider_driver reap btrfs)" 0
	assert_equal "$(find "$T/fs/.vss-shadows" -name copy | wc -l)" 2
	run provider_driver create btrfs "$T/a"
	assert_failure
	assert_output --partial VSS_E_SNAPSHOT_SET_IN_PROGRESS
	kill -KILL "$started_pid"
	wait_until 10 is_gone "$started_pid"
	assert_equal "$(provider_driver reap btrfs)" 2
	assert_nothing_left fs a b
}

@test "a full file system: insufficient storage is said, nothing is left" {
	new_btrfs fs 256M a b
	fallocate -l 300M "$T/a/filler" || dd if=/dev/zero of="$T/a/filler" bs=1M || true
	# Small files live in the metadata: they take the rest of it.
	mkdir "$T/a/small"
	(for ((i = 0; ; i++)); do head -c 1500 /dev/urandom >"$T/a/small/$i" || exit; done) 2>/dev/null || true
	before=$(subvolumes fs)
	run provider_driver create btrfs "$T/a" "$T/b"
	assert_failure
	assert_output --partial VSS_E_INSUFFICIENT_STORAGE
	assert_equal "$(subvolumes fs)" "$before"
	assert_not_exist "$T/fs/.vss-shadows"
}

@test "a file system that is read-only stays read-only and is refused" {
	new_btrfs fs 512M a
	umount "$T/a"
	mount -o remount,ro "$T/fs"
	run provider_driver create btrfs "$T/fs"
	assert_failure
	assert_output --partial 'read-only'
	findmnt -nro OPTIONS "$T/fs" | grep -q '^ro'
}

@test "the top level itself is a volume, and its storage is not in the way" {
	new_btrfs fs 512M
	echo text >"$T/fs/file"
	driver_create btrfs "$T/fs"
	assert_equal "$(cat "$(copy_of 0)/file")" text
	driver_delete
	assert_nothing_left fs ''
}

@test "a directory of a subvolume that is mounted elsewhere gives a copy of the whole subvolume" {
	new_btrfs fs 512M a
	mkdir -p "$T/a/in/side" "$T/bound"
	echo text >"$T/a/in/side/file"
	umount "$T/fs"
	mount --bind "$T/a/in" "$T/bound"
	umount "$T/a"
	driver_create btrfs "$T/bound"
	mount -o subvolid=5 "$loop" "$T/fs"
	assert_equal "$(cat "$(copy_of 0)/in/side/file")" text
	driver_delete
	umount "$T/bound"
	assert_nothing_left fs a
}
