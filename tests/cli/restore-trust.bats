#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore --in-place: what is believed of the documents in an archive that anybody could have made.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a)
	mkdir "$a/data" "$a/base"
	echo data >"$a/data/data"
}

# script NAME <<<LINES: a writer of that name with these components; what it hears is in $T/NAME.log.
script() {
	{
		printf 'writer %s "%s" usage=USER_DATA source=OTHER\n' "$(id_of "$1")" "$1"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		cat
		echo 'hold files'
		printf 'log "%s"\n' "$T/$1.log"
	} >"$T/$1.script"
	register "$1" "$VSS_BUILD/bin/vss-test-writer $T/$1.script"
}

# a_writer DIR [LINE]...: the writer One of all in DIR.
a_writer() {
	local dir=$1
	shift
	{
		echo 'component filegroup "" one selectable=yes'
		echo "file \"\" one \"$dir\" *"
		printf '%s\n' "$@"
	} | script One
}
refused_unless_trusted() {
	run --separate-stderr restore -q --in-place -w One "$T/one.tar.zst"
	assert_equal "$status" 1
	assert_sentence restore "$1"
	assert_sentence restore '--trusted'
	[ ! -e "$T/One.log" ] || run -1 grep -q pre-restore "$T/One.log"
}

@test "what only the documents of a foreign archive call files of a writer is not replaced" {
	a_writer "$a/data"
	backup -q -w One -o "$T/one.tar.zst"
	chmod o+w "$T/one.tar.zst"
	echo now >"$a/data/data"
	restore -q --in-place -w One "$T/one.tar.zst" # the writer here says the same
	assert_equal "$(cat "$a/data/data")" data
	forget
	a_writer "$a/base"
	echo now >"$a/data/data"
	refused_unless_trusted "its writer here knows nothing of * in $a/data"
	assert_equal "$(cat "$a/data/data")" now
	restore -q --in-place --trusted -w One "$T/one.tar.zst"
	assert_equal "$(cat "$a/data/data")" data
}

@test "alternate locations and methods of a foreign archive are believed as far as the writer here names them" {
	a_writer "$a/data" "alternate-location \"$a/data\" * \"$a/elsewhere\""
	backup -q -w One -o "$T/one.tar.zst"
	chmod o+w "$T/one.tar.zst"
	forget
	a_writer "$a/data"
	refused_unless_trusted "its writer here does not name $a/elsewhere as another place for $a/data"
	a_writer "$a/data" "alternate-location \"$a/data\" * \"$a/elsewhere\""
	sed -i 's/RESTORE_IF_CAN_REPLACE/RESTORE_IF_NOT_THERE/' "$T/One.script"
	refused_unless_trusted 'its restore method is VSS_RME_RESTORE_IF_CAN_REPLACE, that of its writer here VSS_RME_RESTORE_IF_NOT_THERE'
}
