#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Shadow copies that go to another machine, on real file systems: send streams of btrfs, archives of clones.
# shellcheck disable=SC2154,SC2030,SC2031 # run and the helpers set variables; exports belong to one test
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires tar sha256sum
	mkdir "$T/way"
}
teardown() { btrfs_teardown; }

furnish() {
	mkdir -p "$1/dir"
	seq 1000 >"$1/file"
	ln "$1/file" "$1/dir/second"
	ln -s ../file "$1/dir/link"
	setfattr -n user.colour -v blue "$1/file"
	setfacl -m u:12345:r "$1/dir"
	truncate -s 4M "$1/hole"
	printf end >>"$1/hole"
	chown 1234:567 "$1/dir"
	mknod "$1/node" c 1 3
	chmod 4711 "$1/dir/second"
}

state() {
	(cd "$1" && tar --sort=name --format=pax --pax-option=exthdr.name=%d/%f,delete=atime,delete=ctime --xattrs --xattrs-include='*' \
		--acls --exclude=./.vss-shadows --exclude=./lost+found --one-file-system -cf - . | sha256sum)
}

pack() { create-shadow --no-writers --min-grade fuzzy --json --transportable --document "$T/way/set.xml" "$@" >"$T/made" 2>"$T/said"; }
elsewhere() { export VSS_STATE_DIR=$T/state2 VSS_RUN_DIR=$T/run2; }

# device: where the first copy of the set can be read.
device() { list-shadows --json --set "$(jq -r .set_id "$T/made")" | jq -r '.[0].shadows[0].device'; }

@test "a btrfs set goes to another file system as send streams" {
	new_btrfs fs 512M a b
	furnish "$T/a"
	echo b >"$T/b/file"
	before=$(state "$T/a")
	pack "$T/a" "$T/b"
	delete-shadow -q --for "$T/a"
	delete-shadow -q --for "$T/b"
	assert_nothing_left fs a b
	elsewhere
	new_btrfs other 512M
	import-shadow -q --to "$T/other" "$T/way/set.xml"
	assert_equal "$(state "$(device)")" "$before"
	run touch "$(device)/x"
	assert_failure
	run list-shadows --set "$(jq -r .set_id "$T/made")"
	assert_line --partial 'Imported'
	run btrfs property get "$T/other/.vss-shadows/$(jq -r '.shadows[0].id' "$T/made")/copy" ro
	assert_output ro=true
	run findmnt -n "$VSS_RUN_DIR/receive"
	assert_failure
	break-shadow -q --name back --writable "$(jq -r '.shadows[0].id' "$T/made")"
	assert_equal "$(state "$T/other/back")" "$before"
	delete-shadow -q --set "$(jq -r .set_id "$T/made")"
	assert_nothing_left other back
}

@test "a stream that is cut, foreign or damaged with right digests leaves nothing" {
	new_btrfs fs 512M a
	furnish "$T/a"
	head -c 3M /dev/urandom >"$T/a/big"
	pack "$T/a"
	stream=$(echo "$T"/way/*.btrfs)
	cp "$stream" "$T/good"
	btrfs -q subvolume snapshot -r "$T/a" "$T/fs/snap"
	btrfs -q send "$T/fs/snap" >"$T/foreign" 2>/dev/null
	delete-shadow -q --for "$T/a"
	elsewhere
	new_btrfs other 512M
	head -c 1M "$T/good" >"$T/cut"
	cp "$T/good" "$T/bad"
	printf XXXX | dd of="$T/bad" bs=1 seek=1000000 conv=notrunc status=none
	for harm in cut bad foreign; do
		cp "$T/$harm" "$stream"
		run --separate-stderr import-shadow --to "$T/other" "$T/way/set.xml"
		assert_equal "$harm $status" "$harm 1"
		assert_sentence import-shadow "is damaged"
		(cd "$T/way" && sha256sum ./*.btrfs set.xml | sed 's|\./||' >set.xml.sha256)
		run --separate-stderr import-shadow --to "$T/other" "$T/way/set.xml"
		assert_equal "$harm $status" "$harm 1"
		run list-shadows --json --set "$(jq -r .set_id "$T/made")"
		assert_output '[]'
		assert_nothing_left other
	done
}

@test "killed while it is received: the next run leaves nothing" {
	new_btrfs fs 512M a b
	furnish "$T/a"
	pack "$T/a" "$T/b"
	delete-shadow -q --set "$(jq -r .set_id "$T/made")"
	elsewhere
	new_btrfs other 512M
	for point in provider.btrfs.receiving import.received; do
		run stop_at $point import-shadow --to "$T/other" "$T/way/set.xml"
		assert_equal "$status" 137
		delete-shadow -q --for "$T/other"
		assert_nothing_left other
		run findmnt -nro TARGET "$loop"
		refute_line --partial "$VSS_RUN_DIR"
	done
	import-shadow -q --to "$T/other" "$T/way/set.xml"
	delete-shadow -q --set "$(jq -r .set_id "$T/made")"
	assert_nothing_left other
}

@test "a clone of ext4 goes to another ext4 as an archive" {
	new_loop x 64M
	mkfs.ext4 -q "$loop"
	new_loop y 64M
	mkfs.ext4 -q "$loop"
	mkdir "$T/x" "$T/y"
	mount "${loops[0]}" "$T/x"
	mount "${loops[1]}" "$T/y"
	furnish "$T/x"
	pack --storage "$T" "$T/x"
	before=$(state "$T/x")
	delete-shadow -q --for "$T/x"
	elsewhere
	import-shadow -q --to "$T/y" "$T/way/set.xml"
	assert_equal "$(state "$(device)")" "$before"
	[ "$(stat -c %b "$(device)/hole")" -lt 100 ]
	delete-shadow -q --set "$(jq -r .set_id "$T/made")"
	assert_not_exist "$T/y/.vss-shadows"
	run --separate-stderr import-shadow --to /proc "$T/way/set.xml"
	[ "$status" != 0 ]
	assert_sentence import-shadow "cannot be kept on"
}
