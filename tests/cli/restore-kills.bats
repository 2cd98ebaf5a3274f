#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore that is killed, or runs out of room: each file is the old one or the new one, and a second run finishes the job.

# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x.tar.zst
	mkdir -p "$a/dir/deep"
	fill "$a/dir" new
	backup -q -o "$x" "$a/dir"
	cp -a "$a/dir" "$T/new"
	rm -r "$a/dir"
	mkdir -p "$a/dir/deep"
	fill "$a/dir" old
	echo mine >"$a/dir/other"
	cp -a "$a/dir" "$T/old"
}
teardown() {
	[ ! -e "$T/small" ] || umount "$T/small" 2>/dev/null || :
	vss_teardown
}

# fill DIR WORD: things of each kind, whose content and attributes WORD decides.
fill() {
	local i mode=640
	[ "$2" = new ] || mode=600
	for i in 1 2 3 4; do
		yes "$2 $i" | head -c 300000 >"$1/file$i"
	done
	ln "$1/file4" "$1/file4-too"
	yes "$2 deep" | head -c 5000 >"$1/deep/file"
	ln -s "$2" "$1/link"
	mkfifo "$1/pipe"
	chmod $mode "$1"/file* "$1/deep/file" "$1/pipe"
}

one() { stat -c '%F %a %s' "$1" && if [ -L "$1" ]; then readlink "$1"; elif [ -f "$1" ]; then md5sum <"$1"; fi; }
# old_or_new: what lies in $a/dir is the old thing or the new one, whole, and nothing else has a name of ours.
old_or_new() {
	local name
	new_ones=0
	for name in file1 file2 file3 file4 file4-too deep/file link pipe; do
		case $(one "$a/dir/$name") in
		"$(one "$T/new/$name")") new_ones=$((new_ones + 1)) ;;
		"$(one "$T/old/$name")") ;;
		*) fail "$1: $name is neither: $(one "$a/dir/$name")" ;;
		esac
	done
	assert_equal "$(cat "$a/dir/other")" mine
}
finish() {
	run --separate-stderr restore -q --in-place --existing replace "$x"
	assert_equal "$status $stderr" '0 '
	old_or_new "$1: at the end"
	assert_equal "$1: $new_ones" "$1: 8"
	[ "$a/dir/file4" -ef "$a/dir/file4-too" ]
	assert_equal "$1: $(find "$a" -name '.vss-put*')" "$1: "
}
back() { rm -r "$a/dir" && cp -a "$T/old" "$a/dir"; }

has_stopped() { [ "$(wc -l <"$T/stops")" = "$1" ] && is_stopped "$started_pid"; }

@test "killed at any point: each thing is the old one or the new one, and a second run finishes" {
	local point n most
	for point in restore.file-written restore.temporary; do
		most=$(VSS_STOP_AT=$point:note VSS_STOP_LOG=$T/count restore -q --in-place --existing replace "$x" && wc -l <"$T/count")
		rm "$T/count"
		[ "$most" -ge 5 ]
		for ((n = 1; n <= most; n++)); do
			back
			: >"$T/stops"
			start env VSS_STOP_AT=$point:stop VSS_STOP_LOG="$T/stops" restore -q --in-place --existing replace "$x"
			for ((i = 1; i < n; i++)); do
				wait_until 30 has_stopped "$i"
				kill -CONT "$started_pid"
			done
			wait_until 30 has_stopped "$n"
			kill -KILL "$started_pid"
			wait "$started_pid" || :
			old_or_new "$point $n"
			[ "$point" != restore.temporary ] || [ -n "$(find "$a" -name '.vss-put*')" ]
			finish "$point $n"
		done
	done
}

@test "what a restore has under a temporary name while it lives stays" {
	start env VSS_STOP_AT=restore.temporary:stop VSS_STOP_LOG="$T/stops" restore -q --in-place --existing replace "$x"
	wait_until 30 has_stopped 1
	restore -q --in-place --existing replace "$x"
	assert_equal "$(find "$a" -name '.vss-put*' | wc -l)" 1
	# Only where it stopped itself: a sanitizer that looks through the process at its end stops it too, for good if that is undone.
	while kill -0 "$started_pid" 2>/dev/null; do
		! is_stopped "$started_pid" 2>/dev/null || kill -CONT "$started_pid" 2>/dev/null || :
		sleep 0.01
	done
	wait "$started_pid"
	old_or_new both
	assert_equal "$new_ones $(find "$a" -name '.vss-put*')" '8 '
}

@test "no room: one sentence, and no half file under its final name" {
	requires_root
	mkdir "$T/small"
	mount -t tmpfs -o size=700k none "$T/small"
	run --separate-stderr restore -q "$x" --target "$T/small"
	assert_equal "$status" 1
	assert_sentence restore 'No space left on device'
	while read -r file; do
		cmp "$file" "$T/new/${file#"$T/small$a/dir/"}"
	done < <(find "$T/small" -type f)
	assert_equal "$(find "$T/small" -name '.vss-put*')" ''
	mount -o remount,size=4m "$T/small"
	restore -q --existing replace "$x" --target "$T/small"
	diff -r --no-dereference "$T/new" "$T/small$a/dir" | grep -v 'is a fifo' && fail 'not the same'
	umount "$T/small"
}
