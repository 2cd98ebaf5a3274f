#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

teardown() { nobody_teardown; }

@test "a volume has its path and its name, as vssadmin prints them" {
	fake_volumes a b
	run --separate-stderr list-volumes
	assert_success
	assert_equal "$stderr" ""
	assert_line "Volume path: $(volume a)"
	assert_line --regexp '^    Volume name: \\\\\?\\Volume\{[0-9a-f-]{36}\}\\$'
	[[ $output == *"Volume path: $(volume a)"$'\n'"    Volume name: "*$'\n'"Volume path: $(volume b)"* ]]
}

@test "JSON and columns have type, source, id, provider, read_only and free" {
	fake_volumes a
	run list-volumes --json
	assert_success
	a=".[] | select(.path == \"$(volume a)\")"
	assert_json "$a | .type" fake
	assert_json "$a | .provider" fake
	assert_json "$a | .read_only == false"
	assert_json "$a | .free > 0"
	assert_json "$a | .id | test(\"^[0-9a-f-]{36}\$\")"
	assert_json "$a | .name == \"\\\\\\\\?\\\\Volume{\" + .id + \"}\\\\\""
	run list-volumes --columns path,type,provider,read_only
	assert_line "$(volume a)"$'\tfake\tfake\tno'
}

@test "a list has rows or JSON" {
	assert_list list-volumes path
	assert_full list-volumes
	assert_full list-volumes --json
	assert_full list-volumes --columns path
}

@test "it takes no operands" {
	run --separate-stderr list-volumes /
	assert_equal "$status" 2
	assert_sentence list-volumes "unexpected operand '/'"
}

@test "anybody may look" {
	for_nobody
	fake_volumes a
	run as_nobody list-volumes --columns path
	assert_success
	assert_line "$(volume a)"
}

@test "names that could disturb a terminal are escaped in text and exact in JSON" {
	fake_volumes $'n\no' $'b\xff'
	run --separate-stderr list-volumes --columns path
	assert_line "$T/volumes/n\\012o"
	assert_line "$T/volumes/b\\377"
	run list-volumes --json
	assert_json ".[] | select(.path == \"$T/volumes/n\\no\") | .type" fake
	assert_json '.[] | select(.path_bytes) | .path_bytes | @base64d | test("volumes/b")'
	assert_json '.[] | select(.path_bytes) | .path' "$T/volumes/b\\377"
}
