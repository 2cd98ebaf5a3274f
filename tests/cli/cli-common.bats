#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# How all tools take their words and end.
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	fake_volumes a
}
teardown() { nobody_teardown; }

@test "letters stand together, long options take = or the next word" {
	run list-volumes -qv --columns=type
	assert_success
	assert_line fake
	run list-volumes --columns type
	assert_line fake
}

@test "options may stand behind operands, and -- ends them" {
	run delete-shadow 12345678 -n
	assert_equal "$status" 1
	run --separate-stderr delete-shadow -n -- --all
	assert_equal "$status" 2
	assert_sentence delete-shadow "'--all' is not an ID"
}

@test "long options are not guessed from their beginning" {
	run --separate-stderr list-volumes --colum type
	assert_equal "$status" 2
	assert_sentence list-volumes "unknown option '--colum'"
}

@test "a missing value is named" {
	run --separate-stderr list-volumes --columns
	assert_equal "$status" 2
	assert_sentence list-volumes "--columns needs A,B,... behind it"
}

@test "messages begin with the name without vss-, whatever the tool was called as" {
	ln -s "$VSS_BUILD/bin/list-volumes" "$T/vss-list-volumes"
	run --separate-stderr "$T/vss-list-volumes" --frob
	assert_sentence list-volumes "unknown option '--frob'"
}

@test "a message with a wild name stays one line" {
	run --separate-stderr create-shadow $'/no\nwhere\033[2J'
	assert_equal "$status" 1
	assert_sentence create-shadow '/no\012where\033[2J'
}

@test "-v tells more, -vv all, on stderr" {
	delete_one() {
		create-shadow -q "$(volume a)"
		run --separate-stderr delete-shadow --all "$@"
		assert_success
	}
	delete_one
	assert_equal "$stderr" ""
	delete_one -v
	[[ $stderr == *"deleted shadow copy {"* ]]
	delete_one -q
	assert_equal "$output$stderr" ""
}

@test "every list that is JSON is valid JSON" {
	create-shadow -q "$(volume a)"
	for list in list-volumes list-providers list-writers list-shadows "expose-shadow --list" "delete-shadow -n --all"; do
		# shellcheck disable=SC2086 # words of the line
		run --separate-stderr $list --json
		assert_success
		assert_json 'type' array
		assert_equal "$stderr" ""
	done
}

@test "a reader that goes away ends a list quietly" {
	run bash -c 'set -o pipefail; list-volumes --json | head -c 1 >/dev/null; exit "${PIPESTATUS[1]}"'
	assert_success
	refute_output --partial "list-volumes:"
}
