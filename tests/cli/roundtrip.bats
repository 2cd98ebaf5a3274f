#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What goes in comes out: stock tools accept the archive, and tar as well as restore give back the tree that was there, seen with
# foreign tools.

# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/trees

# One tree and one archive serve all tests that only read them.
setup_file() {
	export STORY=$BATS_FILE_TMPDIR/story
	mkdir -p "$STORY/v/tree" # not the volume itself: copies make its root look newer
	PATH=$VSS_BUILD/tests/tools:$PATH
	make_tree "$STORY/v/tree"
	describe "$STORY/v/tree" acl >"$STORY/want"
	describe "$STORY/v/tree" >"$STORY/want-without-acl"
	VSS_FAKE_VOLUMES=$STORY/v VSS_STATE_DIR=$STORY/state VSS_RUN_DIR=$STORY/run VSS_WRITERS_PATH=$STORY/none \
		"$VSS_BUILD/bin/backup" -q -o "$STORY/x.tar.zst" "$STORY/v/tree" >"$STORY/said" 2>&1
	echo $? >"$STORY/status"
}

teardown_file() { rm -rf "$BATS_FILE_TMPDIR/story"; }

setup() {
	vss_setup
	tree=$STORY/v/tree
	x=$STORY/x.tar.zst
	export VSS_FAKE_VOLUMES=$STORY/v
}

# same DIR [WANT]: DIR is as the file WANT describes it, by default the story's tree with its ACLs.
same() {
	local acl=acl
	[[ ${2:-} != *without-acl ]] || acl=
	describe "$1" $acl >"$T/got" || fail "cannot look at $1"
	diff "${2:-$STORY/want}" "$T/got" >"$T/diff" || fail "not the same: $(head -c 3000 "$T/diff")"
}

@test "the tree is taken without a word, status 0" {
	run cat "$STORY/said"
	assert_output ''
	assert_equal "$(cat "$STORY/status")" 0
}

# --- the oracle first ---

@test "the comparison notices whatever is changed" {
	local change changes=('printf y >one-byte' 'chmod 0601 sub/text' 'touch -d "2001-02-03 04:05:06.123456788" sub/text'
		'touch -h -d "2001-02-03 04:05:06.123456788" relative' 'touch -d "2019-01-01 00:00:00.100000001" sub'
		'setfattr -n user.plain -v valuf sub/text' 'setfattr -x user.empty sub/text' 'setfattr -x user.of-a-directory sub'
		'setfacl -m u:1001:rw sub/compressible' 'setfacl -k sub/deeper' 'ln -sfn sub/texT relative'
		'rm sub/link-3; cp -p link-1 sub/link-3' 'rm holes/only; head -c 1048576 /dev/zero >holes/only'
		'rm empty' 'mv names/-rf names/-rg' 'rm fifo; mkfifo fifo' 'fallocate -p -o 4096 -l 4096 holes/zeros-that-are-data')
	[ "$(id -u)" != 0 ] || changes+=('chown 1 sub/text' 'chgrp 1 sub' 'chown -h 1 dangling' 'setcap -r sub/compressible'
		'setfattr -h -x trusted.of-a-link sub/hard-link-of-a-link' 'rm character; mknod character c 1 5')
	cp -a "$tree" "$T/copy"
	cd "$T/copy"
	rm sub/deeper/random
	describe . acl >"$T/before"
	for change in "${changes[@]}"; do
		eval "$change"
		describe . acl >"$T/after"
		! cmp -s "$T/before" "$T/after" || fail "not noticed: $change"
		mv "$T/after" "$T/before"
	done
}

# --- stock tools ---

@test "tar, bsdtar and zstd accept the archive" {
	run --separate-stderr tar --zstd -tf "$x"
	assert_equal "$status" 0
	assert_equal "$stderr" ''
	assert_line ".vss/manifest.mtree"
	run --separate-stderr bsdtar -tf "$x"
	assert_equal "$status" 0
	assert_equal "$stderr" ''
	run zstd -q -t "$x"
	assert_equal "$status" 0
	run bash -c 'zstd -qdc "$1" | tar -tf - | wc -l' - "$x"
	[ "$output" -gt 60 ]
}

@test "tar gives back the tree" {
	mkdir "$T/r"
	run tar --warning=no-timestamp --zstd --xattrs --xattrs-include='*' -xpf "$x" -C "$T/r"
	assert_output ''
	assert_equal "$status" 0
	same "$T/r$tree" "$STORY/want-without-acl"
}

@test "bsdtar gives back names and contents" {
	mkdir "$T/r"
	run bsdtar -xpf "$x" -C "$T/r"
	assert_equal "$status" 0
	(cd "$tree" && find . -path ./.vss-shadows -prune -o -type f -print0 | sort -z | xargs -0 sha256sum -z) >"$T/a"
	(cd "$T/r$tree" && find . -type f -print0 | sort -z | xargs -0 sha256sum -z) >"$T/b"
	cmp "$T/a" "$T/b"
}

@test "sha256sum checks what tar extracted against the manifest" {
	mkdir "$T/r"
	tar --zstd -xpf "$x" -C "$T/r"
	grep -oE '^\./[^\ ]*sub/text .*sha256=[0-9a-f]{64}|^[^ ]*sub/text .*sha256(digest)?=[0-9a-f]{64}' "$T/r/.vss/manifest.mtree" |
		grep -qF "$(sha256sum <"$tree/sub/text" | cut -d' ' -f1)"
}

# --- our own ---

@test "restore gives back the tree, with ACLs and capabilities" {
	run --separate-stderr restore -q "$x" --target "$T/r"
	assert_equal "$stderr" ''
	assert_equal "$status" 0
	same "$T/r$tree"
}

@test "restore in place gives back what was lost" {
	mkdir -p "$T/v/tree"
	make_tree "$T/v/tree"
	describe "$T/v/tree" acl >"$T/want"
	export VSS_FAKE_VOLUMES=$T/v
	backup -q -o "$T/y.tar.zst" "$T/v/tree"
	rm -r "$T/v/tree"
	run --separate-stderr restore -q --in-place "$T/y.tar.zst"
	assert_equal "$stderr" ''
	assert_equal "$status" 0
	same "$T/v/tree" "$T/want"
}

@test "through a pipe: backup -o - | restore - --target" {
	mkfifo "$T/pipe"
	backup -o - "$tree" | restore -q --trusted - --target "$T/r"
	assert_equal "${PIPESTATUS[*]}" '0 0'
	same "$T/r$tree"
}

@test "what goes through a pipe is an archive like any other" {
	backup -o - "$tree" >"$T/y.tar.zst"
	verify-backup -q "$T/y.tar.zst"
	run list-backups --json "$T/y.tar.zst"
	assert_json '.[0].type' copy
	assert_json '.[0].good' true
}

@test "backup PATH -- COMMAND: the command gets the archive, its status counts" {
	run backup -q "$tree" -- sh -c "cat >'$T/y.tar.zst'"
	assert_equal "$status" 0
	verify-backup -q "$T/y.tar.zst"
	run list-backups --json "$T/y.tar.zst"
	assert_json '.[0].type' full
	run --separate-stderr backup -q "$tree" -- sh -c 'cat >/dev/null; exit 7'
	assert_equal "$status" 1
	assert_sentence backup 'sh: ended with status 7'
	run --separate-stderr backup -q "$tree" -- true # does not even listen
	assert_equal "$status" 1
	run --separate-stderr backup -q "$tree" -- no-such-command
	assert_equal "$status" 1
	assert_sentence backup no-such-command
}

@test "without root a tree of one's own comes back" {
	requires_root
	requires setpriv
	local as='setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all'
	mkdir -p "$T/own/v/tree" "$T/own/state" "$T/own/run"
	echo text >"$T/own/v/tree/file"
	setfattr -n user.a -v b "$T/own/v/tree/file"
	touch -d '2001-02-03 04:05:06.123456789' "$T/own/v/tree/file"
	chown -R 1000:1000 "$T/own"
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	export VSS_FAKE_VOLUMES=$T/own/v VSS_STATE_DIR=$T/own/state VSS_RUN_DIR=$T/own/run
	run $as "$VSS_BUILD/bin/backup" -q -o "$T/own/y.tar.zst" "$T/own/v/tree"
	assert_output ''
	run $as "$VSS_BUILD/bin/restore" -q "$T/own/y.tar.zst" --target "$T/own/r"
	assert_output ''
	assert_equal "$(describe "$T/own/r$T/own/v/tree" acl)" "$(describe "$T/own/v/tree" acl)"
}

# --- large things ---

@test "a sparse file of 1 TiB comes back in seconds, through restore, tar and a pipe" {
	local v=$T/v before=$SECONDS
	mkdir "$v"
	export VSS_FAKE_VOLUMES=$v
	truncate -s 1T "$v/sparse" 2>/dev/null || skip "needs a file system that holds a file of 1 TiB"
	printf begin | dd of="$v/sparse" conv=notrunc status=none
	printf middle | dd of="$v/sparse" bs=1M seek=500000 conv=notrunc status=none
	printf end | dd of="$v/sparse" bs=1 seek=$(((1 << 40) - 3)) conv=notrunc status=none
	backup -q -o "$T/y.tar.zst" "$v"
	restore -q "$T/y.tar.zst" --target "$T/r"
	mkdir "$T/t"
	tar --zstd -xf "$T/y.tar.zst" -C "$T/t"
	backup -o - "$v" | restore -q - --target "$T/p"
	[ $((SECONDS - before)) -lt 120 ]
	for got in r t p; do
		assert_equal "$got $(extents "$T/$got$v/sparse")" "$got $(extents "$v/sparse")"
		assert_equal "$(dd if="$T/$got$v/sparse" bs=1M skip=500000 count=1 status=none | head -c 6)" middle
		assert_equal "$(tail -c 3 "$T/$got$v/sparse")" end
		assert_equal "$(head -c 5 "$T/$got$v/sparse")" begin
	done
}

@test "one file out of a large archive reads the two frames at most that it lies in" {
	local v=$T/v
	mkdir "$v"
	export VSS_FAKE_VOLUMES=$v
	for i in {100..160}; do
		head -c 1000000 /dev/urandom >"$v/$i"
	done
	backup -q -o "$T/y.tar.zst" "$v"
	run restore -v "$T/y.tar.zst" --target "$T/r" "$v/150"
	assert_equal "$status" 0
	cmp "$v/150" "$T/r$v/150"
	run -0 grep -oE 'read [0-9]+ frames?' <<<"$output"
	[ "${output//[^0-9]/}" -le 2 ]
	run restore -v "$T/y.tar.zst" --target "$T/all"
	run -0 grep -oE 'read [0-9]+ frames?' <<<"$output"
	[ "${output//[^0-9]/}" -ge 14 ] # 61 MB in frames of 4 MiB: the count counts
}

@test "a few thousand files come back" {
	local v=$T/v
	mkdir "$v"
	export VSS_FAKE_VOLUMES=$v
	for i in {1..40}; do
		mkdir "$v/$i"
		(cd "$v/$i" && seq "$i" "$((i + 500))" | split -l 5 -a 3)
	done
	backup -q -o "$T/y.tar.zst" "$v"
	restore -q "$T/y.tar.zst" --target "$T/r"
	diff -r --exclude=.vss-shadows "$v" "$T/r$v"
}
