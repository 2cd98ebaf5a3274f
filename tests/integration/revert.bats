#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Volumes put back to shadow copies: btrfs subvolumes that change places, and other file systems file by file.
# shellcheck disable=SC2154,SC2030,SC2031 # run and the helpers set them; exports belong to one test
load ../lib/common
load ../lib/btrfs

setup() { btrfs_setup; }
teardown() { btrfs_teardown; }

create() { create-shadow --no-writers --json "$@" | jq -r '.shadows[0].id'; }

# furnish DIR, spoil DIR: a state, and another one.
furnish() {
	mkdir -p "$1/dir/deep" "$1/gone"
	seq 1000 >"$1/file"
	ln "$1/file" "$1/dir/second"
	ln -s ../file "$1/dir/link"
	setfattr -n user.colour -v blue "$1/file"
	setfacl -m u:12345:r "$1/dir"
	truncate -s 4M "$1/hole"
	printf end >>"$1/hole"
	chown 1234:567 "$1/dir/deep"
	mknod "$1/node" c 1 3
	touch -d '2001-02-03 04:05:06.123456789' "$1/dir/deep"
}
spoil() {
	seq 2000 >"$1/file"
	rm -r "$1/gone" "$1/dir/link" "$1/node"
	setfattr -x user.colour "$1/file"
	setfacl -b "$1/dir"
	mkdir "$1/new"
	echo new >"$1/new/file"
	chown 0:0 "$1/dir/deep"
}

# state DIR: what foreign tools see of a tree.
state() {
	(cd "$1" && tar --sort=name --format=pax --pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime --xattrs --xattrs-include='*' --acls --exclude=./.vss-shadows --exclude=./lost+found \
		--one-file-system -cf - . | sha256sum)
}

# assert_clean NAME: nothing of a revert is left in that file system.
assert_clean() {
	run find "$T/$1/.vss-shadows" \( -name '*.revert' -o -name new -maxdepth 2 \)
	assert_output ''
	run bash -c "ls '$T/$1' | grep before-"
	assert_output ''
}

@test "a subvolume is put back: the same content, another subvolume at the same path, mounted as before" {
	new_btrfs fs 512M a b
	umount "$T/a"
	mount -o subvol=a,nosuid,noatime "$loop" "$T/a"
	furnish "$T/a"
	echo other >"$T/b/file"
	before=$(state "$T/a")
	id=$(create "$T/a")
	second=$(create "$T/a")
	old=$(btrfs subvolume show "$T/a" | awk '/^\tUUID:/ { print $2 }')
	spoil "$T/a"
	[ "$(state "$T/a")" != "$before" ]
	run --separate-stderr revert-shadow "$id"
	assert_success
	assert_equal "$stderr" ''
	assert_equal "$(state "$T/a")" "$before"
	assert_equal "$(cat "$T/b/file")" other
	run findmnt -nro OPTIONS "$T/a"
	assert_output --regexp '^rw,nosuid,noatime,.*subvol=/a$'
	assert_equal "$(findmnt -n "$T/a" | wc -l)" 1
	[ "$(btrfs subvolume show "$T/a" | awk '/^\tUUID:/ { print $2 }')" != "$old" ]
	# All its copies are still copies of it.
	run list-shadows --for "$T/a" --columns id
	assert_line "{$id}"
	assert_line "{$second}"
	assert_clean fs
	touch "$T/a/writable"
	revert-shadow -q "$second"
	assert_equal "$(state "$T/a")" "$before"
	delete-shadow -q --for "$T/a"
	assert_nothing_left fs a b
}

@test "one that is mounted twice and in part is mounted so again; one that is not mounted stays so" {
	new_btrfs fs 512M a
	furnish "$T/a"
	mkdir "$T/twice" "$T/part"
	mount -o subvol=a,ro "$loop" "$T/twice"
	mount --bind "$T/a/dir" "$T/part"
	before=$(state "$T/a")
	id=$(create "$T/a")
	spoil "$T/a"
	revert-shadow -q "$id"
	assert_equal "$(state "$T/a")" "$before"
	assert_equal "$(state "$T/twice")" "$before"
	[ "$T/part/second" -ef "$T/a/file" ]
	run touch "$T/twice/x"
	assert_failure
	umount "$T/part" "$T/twice" "$T/a"
	echo more >"$T/fs/a/more"
	revert-shadow -q "$id"
	run findmnt -n "$T/a"
	assert_failure
	assert_equal "$(state "$T/fs/a")" "$before"
}

@test "subvolumes that lie in it are moved over, with what is in them now" {
	new_btrfs fs 512M a
	btrfs -q subvolume create "$T/a/inner"
	btrfs -q subvolume create "$T/a/inner/deeper"
	echo 1 >"$T/a/inner/deeper/file"
	id=$(create "$T/a" 2>/dev/null)
	echo 2 >"$T/a/inner/deeper/file"
	echo 2 >"$T/a/file"
	mkdir -p "$T/a/later"
	btrfs -q subvolume create "$T/a/later/late"
	btrfs -q subvolume snapshot -r "$T/a/inner" "$T/a/ro"
	revert-shadow -q "$id"
	assert_equal "$(cat "$T/a/inner/deeper/file")" 2
	assert_not_exist "$T/a/file"
	assert_equal "$(subvolumes fs | grep -v .vss-shadows)" "$(printf '%s\n' a a/inner a/inner/deeper a/later/late a/ro)"
	run btrfs property get "$T/a/ro" ro
	assert_output ro=true
	# The copy has a file where a subvolume lies now.
	rmdir "$T/a/later/late" && rmdir "$T/a/later"
	echo file >"$T/a/spot"
	id=$(create "$T/a" 2>/dev/null)
	rm "$T/a/spot"
	btrfs -q subvolume create "$T/a/spot"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "subvolume spot lies in it"
	assert_clean fs
}

@test "a volume in use is refused with names, and left mounted; forced it is put back" {
	new_btrfs fs 512M a
	furnish "$T/a"
	before=$(state "$T/a")
	id=$(create "$T/a")
	spoil "$T/a"
	spoiled=$(state "$T/a")
	start tail -f "$T/a/file"
	wait_until 10 test -e "/proc/$started_pid/fd/3"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "tail ($started_pid) (VSS_E_VOLUME_IN_USE)"
	assert_equal "$(state "$T/a")" "$spoiled"
	assert_clean fs
	revert-shadow -q --force "$id"
	assert_equal "$(state "$T/a")" "$before"
	kill "$started_pid"
}

@test "one that is in use where it is not mounted itself is refused too" {
	new_btrfs fs 512M a
	furnish "$T/a"
	id=$(create "$T/a")
	spoil "$T/a"
	umount "$T/a"
	start tail -f "$T/fs/a/file"
	wait_until 10 test -e "/proc/$started_pid/fd/3"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "tail ($started_pid) (VSS_E_VOLUME_IN_USE)"
	[ "/proc/$started_pid/fd/3" -ef "$T/fs/a/file" ]
	assert_clean fs
	kill "$started_pid"
}

@test "a subvolume of the user's that has the name of the old state is left alone" {
	new_btrfs fs 512M a
	furnish "$T/a"
	id=$(create "$T/a")
	btrfs -q subvolume create "$T/fs/a.before-${id:0:8}"
	echo precious >"$T/fs/a.before-${id:0:8}/file"
	run --separate-stderr revert-shadow --at-boot "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "a.before-${id:0:8}"
	assert_equal "$(cat "$T/fs/a.before-${id:0:8}/file")" precious
	run find "$T/fs/.vss-shadows" -name '*.revert'
	assert_output ''
}

has_mounts_of_its_own() { [ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$1/ns/mnt")" ]; }

@test "what is mounted in it, a loop device on it, or another mount namespace is a use too" {
	new_btrfs fs 512M a
	mkdir "$T/a/point"
	truncate -s 20M "$T/a/image"
	id=$(create "$T/a")
	mount -t tmpfs none "$T/a/point"
	run --separate-stderr revert-shadow --force "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "$T/a/point is mounted in it"
	umount "$T/a/point"
	inner=$(losetup --show -f "$T/a/image")
	run --separate-stderr revert-shadow "$id"
	losetup -d "$inner"
	assert_equal "$status" 1
	assert_sentence revert-shadow "(VSS_E_VOLUME_IN_USE)"
	findmnt -n "$T/a" >/dev/null
	start unshare -m --propagation private sleep 60
	wait_until 10 has_mounts_of_its_own "$started_pid"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "$started_pid has it mounted in a mount namespace of its own"
	findmnt -n "$T/a" >/dev/null
	assert_clean fs
	kill "$started_pid"
	wait_until 10 is_gone "$started_pid"
	revert-shadow -q "$id"
}

@test "the volume that the program lies on is refused; at the next start it is another one" {
	new_btrfs fs 512M a
	furnish "$T/a"
	before=$(state "$T/a")
	id=$(create "$T/a")
	cp "$VSS_BUILD/bin/revert-shadow" "$T/a/own"
	spoil "$T/a"
	run --separate-stderr "$T/a/own" --force "$id"
	assert_equal "$status" 1
	assert_sentence own "this program itself"
	run "$T/a/own" --at-boot "$id"
	assert_success
	[ -e "$T/a/own" ]
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	vss-restore-at-boot
	[ -e "$T/a/own" ]
	# The machine starts: mounts are made from the paths.
	export VSS_BOOT_ID
	VSS_BOOT_ID=$(cat /proc/sys/kernel/random/uuid)
	run vss-restore-at-boot
	[ "$status" = 0 ]
	assert_output --partial 'the old state is mounted'
	umount "$T/a"
	mount -o subvol=a "$loop" "$T/a"
	run vss-restore-at-boot
	assert_output '1 put back to their shadow copies'
	assert_equal "$(state "$T/a")" "$before"
	assert_clean fs
	run list-shadows --for "$T/a" --columns id
	assert_output "{$id}"
}

@test "killed at any point: the next run takes it back or completes it" {
	new_btrfs fs 512M a b
	furnish "$T/a"
	before=$(state "$T/a")
	id=$(create "$T/a")
	for point in begun made unmounted swapped moved mounted dropped copies; do
		[ -e "$T/a/new" ] || spoil "$T/a"
		spoiled=$(state "$T/a")
		name=provider.btrfs.revert-$point
		[ "$point" = copies ] && name=copies.reverted
		run stop_at "$name" revert-shadow -q "$id"
		assert_equal "$point $status" "$point 137"
		delete-shadow -q --for "$T/b"
		case $point in
		begun | made | unmounted) assert_equal "$point $(state "$T/a")" "$point $spoiled" ;;
		*) assert_equal "$point $(state "$T/a")" "$point $before" ;;
		esac
		assert_clean fs
		run list-shadows --for "$T/a" --columns id
		assert_output "{$id}"
	done
	delete-shadow -q --for "$T/a"
	assert_nothing_left fs a b
}

@test "after a kill and a start of the machine nothing is mounted by us" {
	new_btrfs fs 512M a
	furnish "$T/a"
	before=$(state "$T/a")
	id=$(create "$T/a")
	spoil "$T/a"
	run stop_at provider.btrfs.revert-swapped revert-shadow -q "$id"
	assert_equal "$status" 137
	VSS_BOOT_ID=$(cat /proc/sys/kernel/random/uuid) vss-restore-at-boot -q
	run findmnt -n "$T/a"
	assert_failure
	assert_equal "$(state "$T/fs/a")" "$before"
	assert_clean fs
}

@test "the default subvolume stays the default one" {
	new_btrfs fs 512M a
	btrfs subvolume set-default "$(btrfs inspect-internal rootid "$T/a")" "$T/fs"
	id=$(create "$T/a")
	touch "$T/a/new"
	revert-shadow -q "$id"
	assert_equal "$(btrfs subvolume get-default "$T/fs" | awk '{ print $NF }')" a
}

@test "the top level is put back file by file, and subvolumes in it are left alone" {
	new_btrfs fs 512M a
	echo 1 >"$T/a/file"
	furnish "$T/fs"
	id=$(create "$T/fs" 2>/dev/null)
	before=$(state "$T/fs") # the storage of the copy has touched the root
	spoil "$T/fs"
	echo 2 >"$T/a/file"
	btrfs -q subvolume create "$T/fs/empty"
	umount "$T/a"
	revert-shadow -q "$id"
	touch -r "$T/fs" "$T/times"
	rmdir "$T/fs/empty" # which a revert does not
	touch -r "$T/times" "$T/fs"
	assert_equal "$(state "$T/fs")" "$before"
	assert_equal "$(cat "$T/fs/a/file")" 2
}

@test "a volume that copies of others are kept on is refused, unless forced" {
	new_btrfs fs 512M a
	furnish "$T/a"
	id=$(create "$T/a")
	new_loop x 64M
	mkfs.ext4 -q "$loop"
	mkdir "$T/x"
	mount "$loop" "$T/x"
	create --min-grade fuzzy --storage "$T/a" "$T/x" >/dev/null 2>&1
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "shadow copies of $T/x are kept there"
	revert-shadow -q --force "$id"
	run list-shadows --for "$T/x" --columns id
	assert_output ''
}

@test "what these tools know of other copies stays when the volume that it lies on is put back" {
	new_loop x 128M
	mkfs.ext4 -q "$loop"
	mkdir "$T/x" "$T/elsewhere"
	mount "$loop" "$T/x"
	export VSS_STATE_DIR=$T/x/var/state
	furnish "$T/x"
	id=$(create --min-grade fuzzy "$T/x" 2>/dev/null)
	spoil "$T/x"
	other=$(create --min-grade fuzzy --storage "$T/elsewhere" "$T/x" 2>/dev/null)
	revert-shadow -q "$id"
	assert_equal "$(tail -n 1 "$T/x/file")" 1000
	run list-shadows --for "$T/x" --columns id
	assert_line "{$other}"
	umount "$T/x"
}

@test "ext4 is put back file by file; killed in the middle it is completed by asking again" {
	new_loop x 128M
	mkfs.ext4 -q "$loop"
	mkdir "$T/x"
	mount "$loop" "$T/x"
	furnish "$T/x"
	id=$(create --min-grade fuzzy "$T/x" 2>/dev/null)
	before=$(state "$T/x")
	spoil "$T/x"
	start tail -f "$T/x/file"
	wait_until 10 test -e "/proc/$started_pid/fd/3"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "tail ($started_pid) (VSS_E_VOLUME_IN_USE)"
	kill "$started_pid"
	wait_until 10 is_gone "$started_pid"
	run stop_at restore.temporary revert-shadow -q "$id"
	assert_equal "$status" 137
	revert-shadow -q "$id" 2>/dev/null
	assert_equal "$(state "$T/x")" "$before"
	[ "$(stat -c %b "$T/x/hole")" -lt 100 ]
	assert_exist "$T/x/lost+found"
	run list-shadows --for "$T/x" --columns id
	assert_output "{$id}"
}
