#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What only real volumes show of external providers: block devices that they hand out, mounts, and holds of writes.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/external

setup() {
	vss_setup
	requires_root
	requires losetup mkfs.ext4 mkfs.xfs
	attached=()
	mkdir "$T/a"
}

teardown() {
	local i
	grep " $T/" /proc/self/mounts | cut -d' ' -f2 | sort -r | while read -r i; do umount "$i"; done
	for i in "${attached[@]}"; do losetup -d "$i"; done
	vss_teardown
}

# attach FILE [OPTION]...: $device is a loop device of it, as long as the test lasts.
attach() {
	device=$(losetup -f --show "${@:2}" "$1")
	attached+=("$device")
}

# origin TYPE: a volume $T/a of that type, with a file.
origin() {
	rm -f "$T/image" "$T/copy"
	truncate -s 320M "$T/image"
	"mkfs.$1" -q "$T/image"
	attach "$T/image"
	mount -t "$1" "$device" "$T/a"
	echo precious >"$T/a/file"
	sync -f "$T/a"
}

# show: make a copy of $T/a; what is seen of it is in $shown, what was said of that in $told.
show() {
	run --separate-stderr create-shadow --provider array --min-grade fuzzy "$T/a"
	assert_success
	told=$stderr
	shown=$VSS_RUN_DIR/shadows/$(list-shadows --for "$T/a" --json | jq -r '.[0].shadows[0].id')
	run findmnt -n -o OPTIONS --target "$shown/"
	assert_output --regexp "^ro,nosuid,nodev,noexec"
}

end() {
	run delete-shadow --all
	assert_success
	refute grep -q " $VSS_RUN_DIR" /proc/self/mounts
	assert_nothing_left array
}

@test "a directory that it hands out is mounted read-only" {
	origin ext4
	external array 1 </dev/null
	show
	assert_equal "$(cat "$shown/file")" precious
	run touch "$shown/other"
	assert_failure
	end
}

@test "a device with the file system of a volume that is mounted is shown beside it" {
	for type in ext4 xfs; do
		origin $type
		umount "$T/a"
		cp --sparse=always "$T/image" "$T/copy"
		mount "$device" "$T/a"
		echo later >"$T/a/file"
		attach "$T/copy" -r
		external array 1 <<<"device $device"
		show
		assert_equal "$(cat "$shown/file")" precious
		end
		umount "$T/a"
	done
}

@test "a journal is replayed where the device can be written to; where it cannot, that is told" {
	origin ext4
	for i in {1..50}; do echo "$i" >"$T/a/$i"; done
	sync -f "$T/a"
	cp --sparse=always "$T/image" "$T/copy"
	attach "$T/copy"
	external array 1 <<<"device $device"
	show
	assert_equal "$(cat "$shown/50")" 50
	refute_regex "$told" journal
	end
	cp --sparse=always "$T/image" "$T/copy2"
	attach "$T/copy2" -r
	external array 1 <<<"device $device"
	show
	assert_regex "$told" "its journal cannot be replayed"
	end
}

@test "what is no block device is not mounted" {
	origin ext4
	external array 1 <<<"device /dev/null"
	run --separate-stderr create-shadow --provider array "$T/a"
	assert_failure 1
	assert_sentence create-shadow "device= is no block device"
	assert_nothing_left array
}

@test "writes are held over the commits of a provider that allows it, and its copies are one instant then" {
	mkdir "$T/b"
	for name in a b; do
		truncate -s 64M "$T/$name.image"
		mkfs.ext4 -q "$T/$name.image"
		attach "$T/$name.image"
		mount "$device" "$T/$name"
		echo "$name" >"$T/$name/file"
	done
	external array 1 <<<'can hold=may'
	run create-shadow --provider array "$T/a" "$T/b"
	assert_success
	assert_output --partial "one instant"
	run list-shadows --json
	assert_json '[.[0].shadows[].held] | all'
	delete-shadow -q --all
	assert_nothing_left array

	external array 1 <<<'can hold=never'
	run create-shadow --provider array "$T/a" "$T/b"
	assert_failure 6
	assert_nothing_left array
}
