#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The clone provider under a hold of writes, below the session: what the last pass takes is the source at the hold, on any file
# system that can be held, also where the copy lies on it itself.
# shellcheck disable=SC2016,SC2034,SC2154 # what is in single quotes is for another shell; run and the helpers set and use variables
load ../lib/common
load ../lib/btrfs
load ../lib/provider
load ../lib/clone

setup() {
	btrfs_setup
	requires mkfs.ext4 mkfs.xfs rsync setfacl
	export VSS_FREEZER=$VSS_BUILD/libexec/vss/freezer
}
teardown() { btrfs_teardown; }

# seed DIR: something of everything.
seed() {
	mkdir -p "$1"/{stays,goes/deep,left/in,right/in,many}
	echo one >"$1/stays/file"
	echo two >"$1/stays/other"
	ln "$1/stays/file" "$1/stays/again"
	ln -s file "$1/stays/link"
	mkfifo "$1/stays/pipe"
	echo deep >"$1/goes/deep/file"
	echo left >"$1/left/in/file"
	echo right >"$1/right/in/file"
	truncate -s 8M "$1/sparse"
	echo end >>"$1/sparse"
	setfattr -n user.note -v value "$1/stays/file"
	setfacl -m u:1234:r "$1/stays"
	for i in $(seq 100); do echo "$i" >"$1/many/$i"; done
}

# upset_tree DIR: what can happen to a tree while it is copied.
upset_tree() {
	echo more >>"$1/stays/other"
	rm "$1/stays/again"
	ln "$1/stays/other" "$1/many/another"
	ln -sfn elsewhere "$1/stays/link"
	rm -r "$1/goes"
	echo 'a file now' >"$1/goes"
	mv "$1/left" "$1/swap" && mv "$1/right" "$1/left" && mv "$1/swap" "$1/right"
	mkdir "$1/new" && mv "$1/left/in" "$1/new/moved"
	mv "$1/many" "$1/new/many"
	echo replaced >"$1/new/many/fresh" && mv "$1/new/many/fresh" "$1/new/many/7"
	rm "$1/new/many/8" "$1/new/many/9"
	printf x | dd of="$1/sparse" bs=1 seek=4194304 conv=notrunc status=none
	setfattr -n user.note -v changed "$1/stays/file"
	setfattr -n user.more -v new "$1/new"
	setfacl -b -m g:77:rwx "$1/stays"
	chmod 1770 "$1/new" && chown 12:34 "$1/new/many"
	touch -d '2001-02-03 04:05:06.789' "$1/new/moved" "$1/stays/other"
	mknod "$1/new/node" c 1 3
	mkdir "$1/stays/link.d" && mv -T "$1/stays/link" "$1/stays/link.d/link"
}

# upset_back DIR: and once more.
upset_back() {
	mv "$1/new/many" "$1/many"
	rm "$1/goes" && mkdir "$1/goes" && mv "$1/many/3" "$1/goes/3"
	ln "$1/many/4" "$1/goes/4"
	rmdir "$1/new/moved" 2>/dev/null || mv "$1/new/moved" "$1/right/moved"
	truncate -s 1M "$1/sparse"
}

# held_tree TYPE [OPTION]...: everything that can happen, while passes are made and after them; the copy beside its source.
held_tree() {
	new_volume disk 300M "$@"
	seed "$T/disk"
	stop_at provider.clone.pre-commit:stop start provider_driver create clone --hold --pause commit "$T/disk" >"$T/set"
	wait_until 30 has_line "$T/stops" pre-commit
	wait_until 30 is_stopped "$started_pid"
	upset_tree "$T/disk"
	kill -CONT "$started_pid"
	# The second stop is its own, before it asks for the hold.
	wait_until 30 has_passed_on
	upset_back "$T/disk"
	provider=clone
	go_on
	assert_equal "${instant[0]}" instant
	assert_same_tree "$T/disk" "$(copy_of 0)"
	driver_delete
	assert_not_exist "$T/disk/.vss-shadows"
}

# After the catch-up pass the copy has what upset_tree made.
has_passed_on() { [ -e "$(echo "$T"/disk/.vss-shadows/*/copy/new/node)" ] && is_stopped "$started_pid"; }

@test "whatever happens to a tree on ext4 until the hold, the copy is the tree at the hold" { held_tree ext4 -I 256; }
@test "the same on XFS that shares blocks" { held_tree xfs -m reflink=1; }
@test "the same on XFS that does not" { held_tree xfs -m reflink=0; }

@test "on one file system with its copies synced counters never invert, and the last pass takes what changed alone" {
	new_volume disk 512M ext4 -I 256 -i 8192
	mkdir "$T/disk/a" "$T/disk/b" "$T/disk/many"
	for d in $(seq 100); do
		mkdir "$T/disk/many/$d"
		for f in $(seq 100); do echo "$f" >"$T/disk/many/$d/$f"; done
	done
	start_counter disk/a disk/b
	for _ in $(seq "${REPEAT:-2}"); do
		driver_create clone --hold "$T/disk"
		assert_equal "${instant[0]}" instant
		counter --read "$(copy_of 0)/a" "$(copy_of 0)/b"
		assert [ "$(effort_of 0 looked)" -ge 10100 ]
		assert [ "$(effort_of 0 changed)" -le 20 ]
		echo "# last pass: ${effort[0]}" >&3
		driver_delete
	done
}

@test "the hazard is real: a store into a dirty page changes no time, unless the page was written out" {
	new_volume disk 64M ext4 -I 256
	seen_to_miss() { [ "$(mapped --hazard "$T/disk/hazard")" = missed ]; }
	wait_until 30 seen_to_miss
	assert_equal "$(mapped --synced "$T/disk/synced")" seen
}

@test "what a program stores into a mapping until the hold is in the copy, every time" {
	for type in ext4 xfs; do
		new_volume "$type" 300M "$type"
		mkfifo "$T/$type.in"
		exec 7<>"$T/$type.in"
		start bash -c 'exec mapped "$1" <"$2"' mapped "$T/$type/file" "$T/$type.in" >"$T/$type.says"
		n=0
		for _ in $(seq "${REPEAT:-5}"); do
			echo >&7 # dirty while the passes are made
			paused --hold "$T/$type"
			echo >&7 # and a store after them, which nobody tells of
			n=$((n + 2))
			wait_until 10 has_line "$T/$type.says" "$n"
			go_on
			run mapped --read "$(copy_of 0)/file"
			assert_success
			assert_output "$n"
			driver_delete
		done
		exec 7>&-
	done
}

@test "killed while writes are held: they go on, and reaping leaves nothing" {
	new_volume disk 64M ext4 -I 256
	seed "$T/disk"
	for point in commit copied committed; do
		stop_at "provider.clone.$point" run provider_driver create clone --hold "$T/disk"
		assert_equal "$status" 137
		echo "$point" >"$T/disk/written"
		provider_driver reap clone
		assert_not_exist "$T/disk/.vss-shadows"
	done
}

@test "storage that fills up when the changes go into it: said, and nothing is left" {
	new_volume disk 64M ext4 -I 256
	new_volume small 16M ext4 -I 256
	seed "$T/disk"
	paused --hold --storage "$T/small" "$T/disk"
	head -c 12M /dev/urandom >"$T/disk/late"
	head -c 8M /dev/urandom >"$T/small/filler"
	kill -CONT "$started_pid"
	wait "$started_pid" && fail 'it did not fail'
	assert_file_contains "$T/why" VSS_E_INSUFFICIENT_STORAGE
	assert_not_exist "$T/small/.vss-shadows"
	echo again >"$T/disk/again"
}

@test "what changes too fast to be taken within a hold is refused before it" {
	new_volume disk 128M ext4 -I 256
	mkdir "$T/elsewhere"
	start counter --scribble "$T/disk"
	wait_until 10 test -s "$T/disk/counter"
	driver_create clone --hold --storage "$T/elsewhere" "$T/disk"
	assert_equal "${instant[0]}" instant
	assert [ "$(effort_of 0 bytes)" -ge 4194304 ]
}
