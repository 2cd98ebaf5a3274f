#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore: what is in the way, what is asked for and not there, what is made on the way, what is left out and said.

load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x.tar.zst r=$T/r
	mkdir -p "$a/dir/inner" "$a/other"
	echo one >"$a/dir/one"
	echo two >"$a/dir/inner/two"
	echo three >"$a/other/three"
	chmod 0710 "$a/dir" && chmod 2750 "$a/dir/inner"
	touch -d '2001-02-03 04:05:06.123456789' "$a/dir/inner"
	touch -d '2002-02-03 04:05:06.123456789' "$a/dir"
	backup -q -o "$x" "$a"
}

# nothing_changed: below $r there is still what was there.
keep() { (cd "$r" && find . -printf '%p %y %m %T@ %l\n' | sort) >"$T/${1:-before}"; }
nothing_changed() { keep after && diff "$T/before" "$T/after"; }
assert_refused() {
	assert_equal "$status" 1
	assert_sentence restore "$1"
	nothing_changed
}

# --- in the way ---

@test "a file where a directory is to be refuses all before the first write" {
	mkdir -p "$r$a"
	echo mine >"$r$a/dir"
	keep
	run --separate-stderr restore "$x" --target "$r"
	assert_refused "${a#/}/dir: is there already, and 3 more"
	run --separate-stderr restore -n "$x" --target "$r"
	assert_refused 'is there already'
}

@test "a directory where a file is to be, or a link where a directory is to be, too" {
	mkdir -p "$r$a/dir/one"
	keep
	run --separate-stderr restore "$x" --target "$r"
	assert_refused "${a#/}/dir/one: is there already; nothing was changed"
	rm -r "$r"
	mkdir -p "$r$a" "$T/outside"
	ln -s "$T/outside" "$r$a/dir"
	keep
	run --separate-stderr restore "$x" --target "$r"
	assert_refused "${a#/}/dir: is there already"
	run --separate-stderr restore "$x" --target "$r" "$a/dir/inner/two"
	assert_refused "${a#/}/dir/inner/two: is there already"
}

@test "replace: a directory takes the place of a file or link, a file never that of a directory" {
	mkdir -p "$r$a/dir/one/full" "$T/outside"
	ln -s "$T/outside" "$r$a/other"
	run --separate-stderr restore --existing replace "$x" --target "$r"
	assert_equal "$status" 3
	[[ $stderr == *"${a#/}/dir/one: "*'Is a directory'* ]]
	[ -d "$r$a/dir/one/full" ]
	assert_equal "$(cat "$r$a/other/three")" three
	assert_equal "$(ls -A "$T/outside")" ''
}

@test "skip and keep-both: what cannot be put below a file is named, the rest comes back" {
	local how
	for how in skip keep-both; do
		rm -rf "$r"
		mkdir -p "$r$a"
		echo mine >"$r$a/dir"
		run --separate-stderr restore --existing $how "$x" --target "$r"
		[ "$status" = 3 ] || fail "$how: $status"
		[[ $stderr == *"${a#/}/dir: "* ]]
		assert_equal "$(cat "$r$a/dir" "$r$a/other/three")" $'mine\nthree'
	done
}

@test "keep-both keeps hard links together" {
	ln "$a/dir/one" "$a/other/one-too"
	backup -q --replace -o "$x" "$a"
	mkdir -p "$r$a/dir"
	echo mine >"$r$a/dir/one"
	run --separate-stderr restore -q --existing keep-both "$x" --target "$r"
	assert_equal "$status $stderr" '0 '
	[ "$r$a/dir/one.restored" -ef "$r$a/other/one-too" ]
	assert_equal "$(cat "$r$a/dir/one" "$r$a/other/one-too")" $'mine\none'
}

@test "a restore on top of itself with replace changes nothing" {
	ln "$a/dir/one" "$a/other/one-too"
	ln -s one "$a/dir/link"
	mkfifo "$a/dir/fifo"
	backup -q --replace -o "$x" "$a"
	restore -q "$x" --target "$r"
	keep
	run --separate-stderr restore -q --existing replace "$x" --target "$r"
	assert_equal "$status $stderr" '0 '
	nothing_changed
	[ "$r$a/dir/one" -ef "$r$a/other/one-too" ]
	assert_equal "$(find "$r" -name '.vss-put*')" ''
}

@test "a restore that was killed goes on with skip: nothing is half-written, hard links that are there are left" {
	ln "$a/dir/one" "$a/dir/two-too"
	backup -q --replace -o "$x" "$a"
	restore -q "$x" --target "$r"
	rm "$r$a/other/three"
	run -137 stop_at restore.file-written restore -q --existing skip "$x" --target "$r"
	[ ! -e "$r$a/other/three" ]
	run --separate-stderr restore -q --existing skip "$x" --target "$r"
	assert_equal "$status $stderr" '0 '
	assert_equal "$(cat "$r$a/other/three")" three
	assert_equal "$(find "$r" -name '.vss-*')" ''
}

# --- asked for and not there ---

@test "one path of several that is not in the archive refuses all, and is named" {
	run --separate-stderr restore "$x" --target "$r" "$a/dir" /no/such
	assert_equal "$status" 1
	assert_sentence restore 'no/such: not in the archive'
	[ ! -e "$r" ]
	run --separate-stderr restore "$x" --target "$r" "$a/dir" '*.none'
	assert_sentence restore '*.none: not in the archive'
	[ ! -e "$r" ]
}

@test "from a pipe that is known at the end: the rest is there, status 3" {
	run --separate-stderr bash -c 'cat "$3" | restore - --target "$1" "$2" /no/such' - "$r" "$a/dir" "$x"
	assert_equal "$status" 3
	[[ $stderr == *'no/such: not in the archive'* ]]
	assert_equal "$(cat "$r$a/dir/one")" one
}

@test "a dry run counts what would be restored, and no documents" {
	run restore -n --json "$x" --target "$r"
	assert_json .files 7
	assert_json .bytes 14
	run restore --json "$x" --target "$r"
	assert_json .files 7
	assert_json .bytes 14
}

@test "a dry run in place tells of a method that cannot be followed, and asks nobody" {
	requires_root
	test_writer One a <<<'restore-method CUSTOM writer-restore=always'
	backup -q --replace -o "$x" "$a"
	forget
	run --separate-stderr restore -n --in-place "$x"
	assert_equal "$status" 4
	assert_sentence restore 'CUSTOM: only its own tool knows how'
	assert_equal "$(events One)" ''
}

@test "standard input that can seek is no pipe" {
	run --separate-stderr bash -c 'restore -n --json - --target "$1" <"$2"' - "$r" "$x"
	assert_equal "$status" 0
	assert_json .files 7
	run --separate-stderr bash -c 'cat "$2" | restore -n - --target "$1"' - "$r" "$x"
	assert_equal "$status" 2
	run --separate-stderr bash -c 'cat "$2" | restore -n --spool "$3" --json - --target "$1"' - "$r" "$x" "$T"
	assert_json .files 7
	run --separate-stderr bash -c 'cat "$2" | restore --spool /no/such - --target "$1"' - "$r" "$x"
	assert_equal "$status" 1
	assert_sentence restore '/no/such: open: No such file'
}

@test "a component whose backup failed comes back with a word about it" {
	requires_root
	test_writer One a <<<"file \"\" data \"$a\" must-be-there"
	backup -q --replace -o "$T/part.tar.zst" "$a" || [ $? = 3 ]
	run --separate-stderr restore --in-place "$T/part.tar.zst"
	assert_equal "$status" 0
	assert_sentence restore 'writer "One": component data: its backup did not succeed'
}

# --- on the way ---

@test "in place, directories on the way to what was chosen get their attributes where they are missing" {
	requires_root
	rm -r "$a/dir"
	restore -q --in-place "$x" "$a/dir/inner/two"
	assert_equal "$(stat -c '%a %.9Y' "$a/dir")" '710 1012709106.123456789'
	assert_equal "$(stat -c '%a %.9Y' "$a/dir/inner")" '2750 981173106.123456789'
	[ ! -e "$a/dir/one" ]
	chmod 0777 "$a/dir"
	rm "$a/dir/inner/two"
	restore -q --in-place "$x" "$a/dir/inner/two"
	assert_equal "$(stat -c %a "$a/dir")" 777
}

@test "below a target they are made as mkdir would" {
	umask 027
	restore -q "$x" --target "$r" "$a/dir/inner/two"
	assert_equal "$(stat -c %a "$r$a/dir")" 750
	assert_equal "$(stat -c %a "$r${a%/*}")" 750
	assert_equal "$(stat -c %a "$r")" 700
	[ ! -e "$r$a/other" ]
}

# --- left out, and said ---

@test "where owners cannot be set the files come back all the same, and it is said" {
	requires_root
	requires setpriv
	chown 1000:1000 "$a/dir/one" "$a/other"
	chmod 4755 "$a/dir/one"
	backup -q --replace -o "$x" "$a"
	run --separate-stderr setpriv --bounding-set=-chown restore "$x" --target "$r"
	assert_equal "$status" 3
	[[ $stderr == *'2 things came back without the owner'* ]]
	assert_equal "$(cat "$r$a/dir/one" "$r$a/other/three")" $'one\nthree'
	assert_equal "$(stat -c '%a %u' "$r$a/dir/one")" '755 0' # no set-id bit for another
}

@test "set-id bits, capabilities and trusted attributes of another machine's archive: it is said that they are left out" {
	requires_root
	requires setcap
	local size
	for size in set-uid set-gid capable trusted plain; do
		echo x >"$a/other/$size"
	done
	chmod 4755 "$a/other/set-uid" && chmod 2755 "$a/other/set-gid"
	setcap cap_net_raw+ep "$a/other/capable"
	setfattr -n trusted.x -v y "$a/other/trusted"
	backup -q --replace -o "$x" "$a"
	chmod o+w "$x" # anybody could have written it
	run --separate-stderr restore "$x" --target "$r"
	assert_equal "$status" 0
	assert_sentence restore '4 files came back without'
	[[ $stderr == *--trusted* ]]
	assert_equal "$(stat -c %a "$r$a/other/set-uid" "$r$a/other/set-gid" | paste -sd' ')" '755 755'
	assert_equal "$(getcap "$r$a/other/capable")$(getfattr -m trusted "$r$a/other/trusted")" ''
	run --separate-stderr restore --trusted "$x" --target "$T/t"
	assert_equal "$stderr" ''
	assert_equal "$(stat -c %a "$T/t$a/other/set-uid")" 4755
}
