#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

@test "a provider has the four lines of vssadmin and an empty one" {
	run --separate-stderr bash -c 'list-providers; echo end'
	assert_success
	assert_equal "$stderr" ""
	assert_line "Provider name: 'vss-tools btrfs provider'"
	local shape=$'^(Provider name: \'[^\n]*\'\n   Provider type: (System|Software|Hardware)\n   Provider Id: \\{[0-9a-f-]{36}\\}\n   Version: [0-9.]+\n\n)+end$'
	assert_regex "$output" "$shape"
}

@test "btrfs, clone and lvm are there, in the order of their names; fake only for fake volumes" {
	run list-providers --columns name
	assert_line btrfs
	assert_line clone
	assert_line static
	assert_line lvm
	refute_line fake
	assert_equal "$output" "$(sort <<<"$output")"
	fake_volumes a
	run list-providers --columns name
	assert_line fake
}

@test "JSON says what each can do" {
	run list-providers --json
	assert_json '.[] | select(.name == "btrfs") | .atomic_set and .differential'
	assert_json '.[] | select(.name == "btrfs") | .title, .id, .type, .version | type == "string"'
}

@test "a list has rows or JSON" {
	assert_list list-providers name
	assert_full list-providers
	assert_full list-providers --json
}
