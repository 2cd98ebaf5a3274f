#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Volumes that can only be copied, with files that cannot be read: backup names each and keeps the rest, a shadow copy is refused.
# Root reads everything, so the tools run as somebody else here.
# shellcheck disable=SC2034,SC2154 # run and the helpers set and use them
load ../lib/common
load ../lib/lists
load ../lib/stories

setup() {
	for_nobody
	[ "$(id -u)" = 0 ] || requires_not_all
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a/dir/shut" "$T/storage"
	echo open >"$a/dir/open"
	echo secret >"$a/dir/closed"
	echo secret >"$a/dir/shut/within"
	echo fine >"$b/fine"
	chmod 0 "$a/dir/closed" "$a/dir/shut"
	# Nobody may have no way to the build.
	cp "$VSS_BUILD/bin/vss-test-writer" "$T/"
	test_writer_program=$T/vss-test-writer
}

teardown() {
	chmod 700 "$a/dir/shut" "$b/pass" 2>/dev/null
	nobody_teardown
}

# A user who may read everything sees nothing of this.
requires_not_all() {
	: >"$T/closed"
	chmod 0 "$T/closed"
	[ ! -r "$T/closed" ] || skip "needs a user who may not read everything"
}

# by_copy WORD...: backup by copies into $x, as nobody.
by_copy() {
	run --separate-stderr as_nobody "$VSS_BUILD/bin/backup" -o "$x" --min-grade fuzzy --provider clone --storage "$T/storage" "$@"
}

# members: the files in the archive, in one line, without the volumes' path.
members() { tar --zstd -tf "$x" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/volumes/,," | LC_ALL=C sort | paste -sd' '; }

# said TEXT: how many sentences contain it.
said() { grep -cF -- "$1" <<<"$stderr" || :; }

assert_no_copies() { assert_equal "$(find "$T" -name .vss-shadows)" ''; }

@test "backup names each file and directory that could not be copied, once, and keeps the rest" {
	by_copy --json "$a" "$b"
	assert_equal "$status" 3
	assert_equal "$(said "backup: $a/dir/closed: open: Permission denied")" 1
	assert_equal "$(said "backup: $a/dir/shut: open: Permission denied")" 1
	assert_equal "$(said 'Permission denied')" 2
	assert_equal "$(said '2 files and 0 writers failed')" 1
	assert_json .failed 2
	assert_equal "$(members)" 'a/dir/open b/fine'
	verify-backup -q "$x"
	restore -q "$x" --target "$T/r"
	assert_equal "$(cat "$T/r$a/dir/open")" open
	[ ! -e "$T/r$a/dir/closed" ]
	assert_no_copies
}

@test "what was named itself and could not be copied is named once" {
	by_copy "$a/dir/closed" "$a/dir/shut" "$b"
	assert_equal "$status" 3
	assert_equal "$(said "$a/dir/closed: open: Permission denied")" 1
	assert_equal "$(said "$a/dir/shut: open: Permission denied")" 1
	assert_equal "$(said 'Permission denied')" 2
	assert_equal "$(members)" b/fine
}

# A directory that may be passed, but not listed: what is in it can be named, and not be found by copying.
make_pass() {
	mkdir -p "$b/pass/in"
	echo deep >"$b/pass/in/file"
	chmod 0311 "$b/pass"
}

@test "what was named lies in a directory that cannot be listed" {
	make_pass
	by_copy "$b/pass/in" "$a/dir/open"
	chmod 0700 "$b/pass"
	assert_equal "$status" 3
	assert_equal "$(said "$b/pass/in: lies in $b/pass, which could not be copied: open: Permission denied")" 1
	assert_equal "$(said 'Permission denied')" 1
	assert_equal "$(members)" a/dir/open
}

@test "a component whose directory lies in one that cannot be listed has failed" {
	make_pass
	test_writer One "$b/pass/in" </dev/null
	by_copy --json -w One "$a/dir/open"
	chmod 0700 "$b/pass"
	assert_equal "$status" 3
	assert_equal "$(said "$b/pass/in: lies in $b/pass, which could not be copied: open: Permission denied")" 1
	assert_equal "$(said 'not there')" 0
	assert_json '.writers[0].grade' none
	grep -q 'succeeded=no' "$T/One.log"
}

@test "what the user excludes does not count" {
	by_copy --exclude closed --exclude "$a/dir/shut" "$a"
	assert_equal "$status" 0
	assert_equal "$(said 'Permission denied')" 0
	assert_equal "$(members)" a/dir/open
}

@test "what lies in a directory that the user excludes does not count either" {
	by_copy --exclude dir "$a" "$b"
	assert_equal "$status" 0
	assert_equal "$(said 'Permission denied')" 0
	assert_equal "$(members)" b/fine
}

@test "what is beside the paths that were named does not count" {
	by_copy "$a/dir/open"
	assert_equal "$status" 0
	assert_equal "$(members)" a/dir/open
}

@test "such an archive does not take the place of another" {
	by_copy "$b"
	assert_equal "$status" 0
	cp "$x" "$T/old"
	by_copy --replace "$a"
	assert_equal "$status" 1
	assert_equal "$(said 'kept as it was')" 1
	cmp "$x" "$T/old"
}

@test "a stream has the rest, and the status says so" {
	run --separate-stderr as_nobody "$VSS_BUILD/bin/backup" -q --min-grade fuzzy --provider clone --storage "$T/storage" "$a" -- sh -c "cat >'$x'"
	assert_equal "$status" 3
	assert_equal "$(said "$a/dir/closed: open: Permission denied")" 1
	assert_equal "$(members)" a/dir/open
}

@test "a component with a file that could not be copied has failed, and claims no grade; its writer hears of it" {
	test_writer Torn "$a/dir" </dev/null
	test_writer Whole "$b" </dev/null
	by_copy --json -w Torn -w Whole
	assert_equal "$status" 3
	assert_equal "$(said "$a/dir/closed: open: Permission denied")" 1
	assert_equal "$(jq -r '.writers[] | select(.name == "Torn") | .grade' <<<"$output")" none
	assert_equal "$(jq -r '.writers[] | select(.name == "Whole") | .grade' <<<"$output")" application
	grep -q 'succeeded=no' "$T/Torn.log"
	grep -q 'succeeded=yes' "$T/Whole.log"
}

@test "a file beside those of a component does not fail it" {
	echo db >"$a/dir/x.db"
	test_writer One "$a/dir" </dev/null
	sed -i 's/^file .*/file "" data "'"${a//\//\\/}"'\/dir" *.db/' "$T/One.script"
	by_copy --json -w One
	assert_equal "$status" 0
	assert_equal "$(said 'Permission denied')" 0
	assert_equal "$(members)" a/dir/x.db
	assert_json '.writers[0].grade' application
}

@test "a file that a component names and that could not be copied is named once" {
	test_writer One "$a/dir" </dev/null
	sed -i 's/^file .*/file "" data "'"${a//\//\\/}"'\/dir" closed\nfile "" data "'"${a//\//\\/}"'\/dir\/shut" within/' "$T/One.script"
	by_copy -w One
	assert_equal "$status" 3
	assert_equal "$(said "$a/dir/closed: open: Permission denied")" 1
	assert_equal "$(said "$a/dir/shut: open: Permission denied")" 1
	assert_equal "$(said 'not there')" 0
	assert_equal "$(said '2 files and 0 writers failed')" 1
}

@test "create-shadow refuses a copy that would lack something, and names the first" {
	run --separate-stderr as_nobody "$VSS_BUILD/bin/create-shadow" --min-grade fuzzy --provider clone --storage "$T/storage" "$b" "$a"
	assert_equal "$status" 1
	assert_sentence create-shadow "$a: dir/closed: open: Permission denied"
	assert_equal "$output" ''
	assert_no_copies
}

@test "too many for a list fail the backup, and nothing is left" {
	for i in $(seq 1 1000); do : >"$a/more-$i"; done
	chmod 0 "$a"/more-*
	by_copy "$a"
	assert_equal "$status" 1
	assert_sentence backup 'nor can 1000 others'
	[ ! -e "$x" ]
	assert_no_copies
}
