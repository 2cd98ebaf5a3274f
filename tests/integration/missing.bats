#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What others do to our copies, and what is wrong with our places: said in a sentence, repaired where that is safe.
# shellcheck disable=SC2154 # run and the helpers set them
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires jq
	new_btrfs fs 512M a b
}
teardown() { btrfs_teardown; }

# create VOLUME...: a set; its copies are in ${id[@]}.
create() { mapfile -t id < <(create-shadow --json --no-writers "$@" | jq -r '.shadows[].id'); }

# mine COLUMN: of our copies, whatever else is on this machine.
mine() { list-shadows --columns "volume,$1" | grep "^$T/" | cut -f2-; }

@test "a copy that another tool deleted is listed as missing until delete-shadow takes it off" {
	create "$T/a" "$T/b"
	btrfs -q property set "$T/fs/.vss-shadows/${id[0]}/copy" ro false
	btrfs -q subvolume delete "$T/fs/.vss-shadows/${id[0]}/copy"
	run -0 list-shadows
	assert_line --partial 'State: missing: another tool has deleted it'
	run -0 list-shadows --json
	assert_json '[.[].shadows[] | select(.missing).id] | join(" ")' "${id[0]}"
	assert_equal "$(mine missing)" $'yes\nno'
	run --separate-stderr expose-shadow "${id[0]}" "$T/shown"
	assert_equal "$status" 1
	assert_sentence expose-shadow 'another tool has deleted it (VSS_E_OBJECT_NOT_FOUND)'
	# other work goes on, and it stays on the list
	other=("${id[@]}")
	create "$T/b"
	assert_equal "$(mine missing | sort | uniq -c | tr -s ' \n' ' ')" ' 2 no 1 yes '
	assert_equal "$(list-storage --columns copies --for "$T/a") $(list-storage --columns copies --for "$T/b")" '0 2'
	run -0 delete-shadow "${other[0]}"
	assert_equal "$(mine missing | sort -u)" no
	delete-shadow -q --all
	assert_nothing_left fs a b
}

@test "what somebody else has mounted where a copy was exposed stays mounted" {
	create "$T/a"
	mkdir "$T/shown"
	expose-shadow -q "${id[0]}" "$T/shown"
	umount "$T/shown"
	mount -t tmpfs tmpfs "$T/shown"
	assert_equal "$(list-shadows --json | jq -r ".[].shadows[] | select(.id == \"${id[0]}\").exposed")" null
	delete-shadow -q "${id[0]}"
	mountpoint -q "$T/shown"
	umount "$T/shown"
}

@test "the whole directory of a copy is gone: it is taken off the list with the next change" {
	create "$T/a" "$T/b"
	btrfs -q property set "$T/fs/.vss-shadows/${id[0]}/copy" ro false
	btrfs -q subvolume delete "$T/fs/.vss-shadows/${id[0]}/copy"
	rmdir "$T/fs/.vss-shadows/${id[0]}"
	assert_equal "$(mine missing | sort | tr '\n' ' ')" 'no yes '
	create "$T/b"
	assert_equal "$(mine missing | sort -u)" no
	delete-shadow -q --all
	assert_nothing_left fs a b
}

@test "a damaged document is set aside and named; making and listing go on" {
	create "$T/a"
	document=$(echo "$T/fs/.vss-shadows"/*.xml)
	head -c 100 "$document" >"$T/cut" && cat "$T/cut" >"$document"
	rm -rf "$VSS_STATE_DIR"
	run -0 --separate-stderr create-shadow -q --no-writers "$T/b"
	assert_equal "$(mine volume 2>/dev/null)" "$T/b"
	assert_exist "$document.unreadable"
	delete-shadow -q --all
}

@test "a state directory that cannot be written is one sentence, and the copy is made" {
	mkdir -p "$VSS_STATE_DIR"
	mount -t tmpfs -o ro none "$VSS_STATE_DIR"
	run -0 --separate-stderr create-shadow --no-writers "$T/a"
	[[ $stderr == *"Read-only file system"* ]]
	umount "$VSS_STATE_DIR"
	mount -t tmpfs -o size=4k none "$VSS_STATE_DIR"
	dd if=/dev/zero of="$VSS_STATE_DIR/full" bs=4k count=1 2>/dev/null || true
	run -0 --separate-stderr create-shadow --no-writers "$T/b"
	[[ $stderr == *"No space left on device"* ]]
	umount "$VSS_STATE_DIR"
	assert_equal "$(mine volume | tr '\n' ' ')" "$T/a $T/b "
	delete-shadow -q --all
	assert_nothing_left fs a b
}
