#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The clone provider on real file systems, below the session.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs
load ../lib/provider
load ../lib/clone

setup() {
	btrfs_setup
	requires mkfs.ext4
}
teardown() { btrfs_teardown; }

@test "a copy on ext4 equals its volume in content, modes, owners, times, links, attributes and holes" {
	new_volume disk 128M ext4 -I 256
	mkdir -p "$T/disk/dir/deep"
	echo text >"$T/disk/dir/file"
	ln "$T/disk/dir/file" "$T/disk/dir/again"
	ln -s nowhere "$T/disk/dir/link"
	mkfifo "$T/disk/pipe"
	truncate -s 1T "$T/disk/sparse"
	echo end >>"$T/disk/sparse"
	chown 1234:5678 "$T/disk/dir/file"
	chmod 4750 "$T/disk/dir/file"
	setfattr -n user.note -v value "$T/disk/dir/file"
	setfacl -m u:1234:r "$T/disk/dir/deep"
	driver_create clone "$T/disk"
	assert_equal "${instant[0]}" still
	assert_equal "$(list_tree "$(copy_of 0)")" "$(list_tree "$T/disk")"
	assert_equal "$(cat "$(copy_of 0)/dir/file")" text
	assert_equal "$(getfattr --absolute-names -d "$(copy_of 0)/dir/again" | tail -n +2)" \
		"$(getfattr --absolute-names -d "$T/disk/dir/file" | tail -n +2)"
	assert_equal "$(getfacl -cp "$(copy_of 0)/dir/deep")" "$(getfacl -cp "$T/disk/dir/deep")"
	assert_equal "$(du "$(copy_of 0)/sparse" | cut -f1)" "$(du "$T/disk/sparse" | cut -f1)"
	driver_delete
	assert_not_exist "$T/disk/.vss-shadows"
}

@test "a volume that is being written is fuzzy, and says so" {
	new_volume disk 128M ext4 -I 256
	mkdir "$T/disk/a" "$T/disk/b"
	start_counter disk/a disk/b
	driver_create clone "$T/disk"
	assert_equal "${instant[0]}" fuzzy
}

@test "a store into a mapped page is a change" {
	requires python3
	new_volume disk 128M ext4 -I 256
	head -c 8M /dev/zero >"$T/disk/mapped"
	start python3 -c "
import mmap, sys
f = open('$T/disk/mapped', 'r+b')
m = mmap.mmap(f.fileno(), 0)
m[0] = 1
print('mapped', flush=True)
while True:
    m[4096] = (m[4096] + 1) % 256
" >"$T/says"
	wait_until 10 has_line "$T/says" mapped
	for _ in 1 2 3; do
		driver_create clone "$T/disk"
		assert_equal "${instant[0]}" fuzzy
	done
}

@test "without room on the volume the way out is named, and it is one" {
	new_volume disk 64M ext4
	mkdir "$T/elsewhere"
	head -c 40M /dev/urandom >"$T/disk/big"
	run provider_driver create clone "$T/disk"
	assert_failure
	assert_output --partial VSS_E_INSUFFICIENT_STORAGE
	assert_output --partial '--storage DIR'
	assert_not_exist "$T/disk/.vss-shadows"
	driver_create clone --storage "$T/elsewhere" "$T/disk"
	cmp "$T/disk/big" "$(copy_of 0)/big"
	assert_not_exist "$T/disk/.vss-shadows"
	driver_delete
	assert_equal "$(ls -A "$T/elsewhere")" ''
}

@test "room that goes while the copy is made: insufficient storage is said, nothing is left" {
	new_volume disk 64M ext4
	new_volume small 32M ext4
	head -c 20M /dev/urandom >"$T/disk/big"
	stop_at provider.clone.prepared:stop start provider_driver create clone --storage "$T/small" "$T/disk" 2>"$T/why"
	wait_until 10 has_line "$T/stops" prepared
	wait_until 10 is_stopped "$started_pid"
	head -c 18M /dev/urandom >"$T/small/filler"
	kill -CONT "$started_pid"
	wait "$started_pid" && fail 'it did not fail'
	assert_file_contains "$T/why" VSS_E_INSUFFICIENT_STORAGE
	assert_not_exist "$T/small/.vss-shadows"
}

@test "where blocks can be shared a copy takes no room" {
	requires mkfs.xfs
	new_volume disk 400M xfs -m reflink=1
	head -c 220M /dev/urandom >"$T/disk/big"
	driver_create clone "$T/disk"
	cmp "$T/disk/big" "$(copy_of 0)/big"
	driver_delete
	assert_not_exist "$T/disk/.vss-shadows"
}

@test "only what is needed is copied" {
	new_volume disk 64M ext4
	mkdir -p "$T/disk/in/deep" "$T/disk/out"
	echo wanted >"$T/disk/in/deep/file"
	echo not >"$T/disk/in/other"
	echo not >"$T/disk/out/file"
	driver_create clone --only in/deep "$T/disk"
	assert_equal "$(cd "$(copy_of 0)" && find . -type f)" ./in/deep/file
}

@test "device paths lead into a read-only mount of the storage, which goes with the last" {
	new_volume disk 64M ext4
	echo text >"$T/disk/file"
	driver_create clone "$T/disk"
	device=$VSS_RUN_DIR/shadows/${shadow[0]}
	provider_driver surface clone "${place[0]}" "${shadow[0]}" "$device"
	assert_equal "$(cat "$device/file")" text
	run touch "$device/new"
	assert_failure
	provider_driver expose clone "${place[0]}" "${shadow[0]}" "$device" "$T/shown"
	assert_equal "$(cat "$T/shown/file")" text
	run touch "$T/shown/new"
	assert_failure
	provider_driver unexpose clone "${place[0]}" "${shadow[0]}" "$T/shown"
	provider_driver unsurface clone "${place[0]}" "${shadow[0]}" "$device"
	assert_equal "$(awk -v T="$VSS_RUN_DIR/" 'index($5, T) == 1' /proc/self/mountinfo)" ''
	driver_delete
	assert_not_exist "$T/disk/.vss-shadows"
}

@test "a mount of storage that was removed meanwhile is made anew" {
	new_volume disk 64M ext4
	driver_create clone "$T/disk"
	device=$VSS_RUN_DIR/shadows/${shadow[0]}
	provider_driver surface clone "${place[0]}" "${shadow[0]}" "$device"
	driver_delete
	echo text >"$T/disk/file"
	driver_create clone "$T/disk"
	device=$VSS_RUN_DIR/shadows/${shadow[0]}
	provider_driver surface clone "${place[0]}" "${shadow[0]}" "$device"
	assert_equal "$(cat "$device/file")" text
}

@test "after SIGKILL at any point reaping leaves nothing" {
	new_volume disk 64M ext4
	echo text >"$T/disk/file"
	for point in begin-prepare prepared passed pre-commit commit copied committed post-commit post-final-commit "done"; do
		stop_at "provider.clone.$point" run provider_driver create clone "$T/disk"
		assert_equal "$status" 137
		[ "$point" = "done" ] && break
		provider_driver reap clone
		assert_not_exist "$T/disk/.vss-shadows"
	done
	provider_driver reap clone
	assert_equal "$(find "$T/disk/.vss-shadows" -name copy | wc -l)" 1
	assert_equal "$(find "$T/disk/.vss-shadows" -name '*.making' | wc -l)" 0
}

@test "a directory that is mounted elsewhere is copied to its place in the volume" {
	new_volume disk 64M ext4
	mkdir -p "$T/disk/in/side" "$T/bound" "$T/elsewhere"
	echo text >"$T/disk/in/side/file"
	mount --bind "$T/disk/in" "$T/bound"
	umount "$T/disk"
	driver_create clone --storage "$T/elsewhere" "$T/bound"
	assert_equal "$(cat "$(copy_of 0)/in/side/file")" text
}
