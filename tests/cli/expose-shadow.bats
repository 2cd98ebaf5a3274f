#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	fake_volumes a
	echo before >"$(volume a)/file"
	id=$(create-shadow --json "$(volume a)" | jq -r '.shadows[0].id')
	echo after >"$(volume a)/file"
}

@test "a copy is shown at a path, listed, and taken away" {
	run --separate-stderr expose-shadow "$id" "$T/x"
	assert_success
	assert_output "The shadow copy was successfully exposed as $T/x."
	assert_equal "$(cat "$T/x/file")" before
	run expose-shadow --list
	assert_line "Shadow Copy ID: {$id}"
	assert_line "   Exposed locally as: $T/x"
	run expose-shadow --list --json
	assert_json '.[0].path' "$T/x"
	assert_json '.[0].id' "$id"
	run list-shadows --columns exposed
	assert_output "$T/x"
	run expose-shadow --remove "$T/x"
	assert_success
	assert_file_not_exists "$T/x/file"
	run expose-shadow --list --json
	assert_output "[]"
	run list-shadows --columns id
	assert_output "{$id}"
}

@test "a relative path means the one here" {
	cd "$T"
	expose-shadow -q "${id:0:8}" here
	run list-shadows --columns exposed
	assert_output "$T/here"
	expose-shadow -q --remove here
}

@test "--dry-run only says it" {
	run expose-shadow -n "$id" "$T/x"
	assert_success
	assert_output "Would expose the shadow copy as $T/x."
	assert_file_not_exists "$T/x"
}

@test "one path at most, and only an empty one" {
	expose-shadow -q "$id" "$T/x"
	run --separate-stderr expose-shadow "$id" "$T/y"
	assert_equal "$status" 1
	assert_sentence expose-shadow "$T/x"
	expose-shadow -q --remove "$T/x"
	mkdir "$T/full"
	touch "$T/full/thing"
	run --separate-stderr expose-shadow "$id" "$T/full"
	assert_equal "$status" 1
	assert_sentence expose-shadow "$T/full"
	assert_file_exists "$T/full/thing"
}

@test "words that mean nothing are one sentence" {
	for words in "" "$id" "--remove $T/x $id" "--list $id $T/x"; do
		# shellcheck disable=SC2086 # several words
		run --separate-stderr expose-shadow $words
		assert_equal "$status" 2
		assert_sentence expose-shadow "say ID and PATH, or --share NAME and ID, or --remove PATH, or --unshare NAME, or --list"
	done
	run --separate-stderr expose-shadow --list --remove x
	assert_equal "$status" 2
	run --separate-stderr expose-shadow --json "$id" "$T/x"
	assert_equal "$status" 2
	assert_sentence expose-shadow "--json needs --list"
	run --separate-stderr expose-shadow 12345678 "$T/x"
	assert_equal "$status" 1
	assert_sentence expose-shadow "(VSS_E_OBJECT_NOT_FOUND)"
	run --separate-stderr expose-shadow --remove "$T/x"
	assert_equal "$status" 1
	assert_sentence expose-shadow "$T/x"
}

@test "a full stdout is not a success" {
	assert_full expose-shadow --list
}
