#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Provider static: volumes whose superblock is read-only, as they are.
# shellcheck disable=SC2154 # run and common set stderr
load ../lib/common
load ../lib/btrfs

setup() { btrfs_setup; }
teardown() { btrfs_teardown; }

# read_only NAME TYPE: a file system with one file, mounted read-only at $T/NAME.
read_only() {
	requires "mkfs.$2"
	new_loop "$1" 300M
	"mkfs.$2" -q "$loop" >/dev/null 2>&1
	mkdir -p "$T/$1"
	mount "$loop" "$T/$1"
	echo one >"$T/$1/file"
	mount -o remount,ro "$T/$1"
}

device_of() { list-shadows --json | jq -r --arg v "$1" '.[].shadows[] | select(.volume == $v) | .device'; }

@test "a read-only file system is its own copy, at one instant with any other, and proves it" {
	local type
	new_btrfs fs 300M vol
	for type in ext4 xfs btrfs; do
		read_only "$type" "$type"
	done
	run --separate-stderr create-shadow --json --no-writers "$T/ext4" "$T/xfs" "$T/btrfs" "$T/vol"
	set=$(jq -r .set_id <<<"$output")
	assert_success
	assert_json .grade crash
	assert_json .skew_ms 0
	assert_json '[.shadows[].provider] | join(" ")' 'static static static btrfs'
	for type in ext4 xfs btrfs; do
		assert_equal "$(cat "$(device_of "$T/$type")/file")" one
		run touch "$(device_of "$T/$type")/new"
		assert_failure
	done
	delete-shadow -q "$set"
	assert_not_exist "$T/state/static"
	refute [ -n "$(awk -v T="$T/run/" 'index($5, T) == 1' /proc/self/mountinfo)" ]
}

@test "a copy whose volume was mounted for writing since is gone" {
	local type
	for type in ext4 xfs btrfs; do
		read_only "$type" "$type"
		set=$(create-shadow --json --no-writers "$T/$type" | jq -r .set_id)
		backup -q --from-shadow "$set" --no-writers -o "$T/$type.tar.zst" "$T/$type"
		mount -o remount,rw "$T/$type"
		run --separate-stderr backup --from-shadow "$set" --no-writers -o "$T/x.tar.zst" "$T/$type"
		assert_failure
		echo two >"$T/$type/file"
		mount -o remount,ro "$T/$type"
		run --separate-stderr backup --from-shadow "$set" --no-writers -o "$T/x.tar.zst" "$T/$type"
		assert_failure
		run delete-shadow -q "$set"
	done
}

@test "a copy is told from its volume by how the device begins when the machine has been started since" {
	local type
	for type in ext4 xfs btrfs; do
		read_only "$type" "$type"
		set=$(create-shadow --json --no-writers "$T/$type" | jq -r .set_id)
		export VSS_BOOT_ID=11111111-2222-4333-8444-555555555555
		backup -q --from-shadow "$set" --no-writers -o "$T/$type.tar.zst" "$T/$type"
		mount -o remount,rw "$T/$type"
		echo two >"$T/$type/file"
		mount -o remount,ro "$T/$type"
		run --separate-stderr backup --from-shadow "$set" --no-writers -o "$T/x.tar.zst" "$T/$type"
		assert_failure
		unset VSS_BOOT_ID
		run delete-shadow -q "$set"
	done
}

# super_options TYPE: how the superblock mounted at $T/TYPE is written to, as every mount of it says.
super_options() { awk -v at="$T/$1" '$5 == at { split($NF, o, ","); print o[1] }' /proc/self/mountinfo; }

@test "no tool makes a superblock writable that is read-only" {
	local device id
	read_only btrfs btrfs
	id=$(create-shadow --json --no-writers "$T/btrfs" | jq -r '.shadows[].id')
	assert_equal "$(super_options btrfs)" ro
	device=$(device_of "$T/btrfs")
	expose-shadow -q "$id" "$T/seen"
	assert_equal "$(cat "$T/seen/file")" one
	list-volumes >/dev/null
	list-storage >/dev/null
	backup -q --no-writers -o "$T/btrfs.tar.zst" "$T/btrfs"
	assert_equal "$(super_options btrfs)" ro
	delete-shadow -q --for "$T/btrfs"
	assert_not_exist "$device"
	assert_equal "$(super_options btrfs)" ro
}
