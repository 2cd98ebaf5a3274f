#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	fake_volumes a b
	one=$(create-shadow --json "$(volume a)" "$(volume b)")
	two=$(create-shadow --json "$(volume a)")
	one_a=$(jq -r '.shadows[0].id' <<<"$one")
	one_b=$(jq -r '.shadows[1].id' <<<"$one")
	two_a=$(jq -r '.shadows[0].id' <<<"$two")
}

left() { list-shadows --columns id | tr -d '{}' | tr '\n' ' '; }

@test "an operand is a shadow copy or a set" {
	run --separate-stderr delete-shadow "$one_a"
	assert_success
	assert_output "Successfully deleted 1 shadow copy."
	assert_equal "$(left)" "$one_b $two_a "
	run delete-shadow "{$(jq -r .set_id <<<"$one")}" "${two_a:0:8}"
	assert_output "Successfully deleted 2 shadow copies."
	assert_equal "$(left)" ""
	assert_equal "$(find "$(volume a)" "$(volume b)" -mindepth 1)" ""
}

@test "--shadow and --set do the same" {
	delete-shadow -q --shadow "$two_a"
	assert_equal "$(left)" "$one_a $one_b "
	delete-shadow -q --set "$(jq -r .set_id <<<"$one")"
	assert_equal "$(left)" ""
}

@test "--for takes those of a volume, --oldest one of them" {
	delete-shadow -q --for "$(volume a)" --oldest
	assert_equal "$(left)" "$one_b $two_a "
	delete-shadow -q --for "$(volume b)"
	assert_equal "$(left)" "$two_a "
	run delete-shadow --for "$(volume b)"
	assert_success
	assert_output "No items found that satisfy the query."
}

@test "--all takes all, also out of one set" {
	run delete-shadow --all
	assert_output "Successfully deleted 3 shadow copies."
	assert_equal "$(left)" ""
}

@test "--dry-run only says it" {
	run delete-shadow -n --all
	assert_success
	assert_line "Would delete shadow copy {$one_b} of $(volume b)"
	assert_equal "${#lines[@]}" 3
	assert_equal "$(left)" "$one_a $one_b $two_a "
}

@test "--json lists what went" {
	run delete-shadow --json --for "$(volume a)"
	assert_json 'map(.id) | join(" ")' "$one_a $two_a"
	assert_json '.[0] | keys_unsorted | join(" ")' "id set_id volume"
	run delete-shadow --json --for "$(volume a)"
	assert_output "[]"
}

@test "what a running command uses is passed over unless it is named" {
	start create-shadow "$(volume a)" -- sh -c "echo \$VSS_SHADOW_1 >$T/used; exec sleep 60"
	wait_until 10 test -s "$T/used"
	delete-shadow -q --all
	assert_equal "{$(left | tr -d ' ')}" "$(cat "$T/used")"
	kill -TERM "$started_pid"
	ended
	assert_equal "$status" 130
	assert_equal "$(left)" ""
}

@test "an exposed copy is taken away first" {
	expose-shadow -q "$two_a" "$T/x"
	delete-shadow -q "$two_a"
	run expose-shadow --list
	assert_output "No items found that satisfy the query."
}

@test "words that mean nothing are one sentence" {
	run --separate-stderr delete-shadow
	assert_equal "$status" 2
	assert_sentence delete-shadow "say which"
	run --separate-stderr delete-shadow frob
	assert_equal "$status" 2
	assert_sentence delete-shadow "'frob' is not an ID"
	for option in "" --shadow --set; do
		# shellcheck disable=SC2086 # no option, no word
		run --separate-stderr delete-shadow $option 12345678-9abc
		assert_equal "$status" 1
		assert_sentence delete-shadow "(VSS_E_OBJECT_NOT_FOUND)"
	done
	run --separate-stderr delete-shadow --all --for "$(volume a)"
	assert_equal "$status" 2
	assert_sentence delete-shadow "exclude each other"
	run --separate-stderr delete-shadow --all "$one_a"
	assert_equal "$status" 2
	run --separate-stderr delete-shadow --oldest --all
	assert_equal "$status" 2
	assert_sentence delete-shadow "--oldest needs --for"
	assert_equal "$(left)" "$one_a $one_b $two_a "
}

@test "a full stdout is not a success" {
	assert_full delete-shadow -n --all
	assert_full delete-shadow "$two_a"
}
