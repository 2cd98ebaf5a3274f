#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

teardown() { nobody_teardown; }

setup() {
	vss_setup
	fake_volumes a b
}

# A set of both volumes and a younger one of a alone; their IDs are in $both and $alone.
two_sets() {
	both=$(create-shadow --json --note 'a note' --tag daily "$(volume a)" "$(volume b)" | jq -r .set_id)
	alone=$(create-shadow --json --hold "$(volume a)" | jq -r .set_id)
}

@test "nothing to list is said, and no failure" {
	run --separate-stderr list-shadows
	assert_success
	assert_output "No items found that satisfy the query."
	run list-shadows --json
	assert_output "[]"
	run list-shadows --columns id
	assert_success
	assert_output ""
}

@test "the text has vssadmin's labels in its order and indents" {
	set=$(create-shadow --json "$(volume a)" "$(volume b)" | jq -r .set_id)
	run --separate-stderr bash -c "list-shadows; echo end"
	assert_success
	local copy=$'      Shadow Copy ID: \\{[0-9a-f-]{36}\\}\n         Original Volume: \\(/[^)]*/[ab]\\)\\\\\\\\\\?\\\\Volume\\{[0-9a-f-]{36}\\}\\\\\n'
	copy+=$'         Shadow Copy Volume: /[^\n]*/shadows/[0-9a-f-]{36}\n         Originating Machine: [^\n]+\n         Service Machine: [^\n]+\n'
	copy+=$'         Provider: \'[^\n]+\'\n         Type: ApplicationRollback\n         Attributes: Persistent, No auto release[^\n]*\n'
	local head="Contents of shadow copy set ID: \\{$set\\}"$'\n   Contained 2 shadow copies at creation time: [0-9-]{10} [0-9:]{8}\n'
	assert_regex "$output" "^$head($copy){2}"$'\nend$'
}

@test "a volume that is gone is shown as a question mark" {
	create-shadow -q "$(volume a)"
	VSS_FAKE_VOLUMES=$(volume b) run list-shadows
	assert_line --partial 'Original Volume: (?)\\?\Volume{'
}

@test "sets come oldest first, copies of one set together" {
	two_sets
	run list-shadows --columns set_id,volume,tag,note,hold
	assert_equal "${#lines[@]}" 3
	assert_line --index 0 "{$both}"$'\t'"$(volume a)"$'\tdaily\ta note\tno'
	assert_line --index 1 "{$both}"$'\t'"$(volume b)"$'\tdaily\ta note\tno'
	assert_line --index 2 "{$alone}"$'\t'"$(volume a)"$'\t-\t-\tyes'
}

@test "the wishes combine" {
	two_sets
	run list-shadows --for "$(volume b)" --columns set_id
	assert_output "{$both}"
	run list-shadows --set "$alone" --columns volume
	assert_output "$(volume a)"
	run list-shadows --set "{${both^^}}" --for "$(volume a)" --columns set_id
	assert_output "{$both}"
	shadow=$(list-shadows --columns id | head -1)
	run list-shadows --shadow "${shadow:1:8}" --columns id
	assert_output "$shadow"
	run list-shadows --shadow "$shadow" --set "$alone"
	assert_success
	assert_output "No items found that satisfy the query."
}

@test "a volume is named by a path in it, by its ID, and as lists print it" {
	create-shadow -q "$(volume a)" "$(volume b)"
	mkdir "$(volume a)/sub"
	id=$(list-volumes --json | jq -r ".[] | select(.path == \"$(volume a)\").id")
	for word in "$(volume a)/sub" "$id" "{$id}" "\\\\?\\Volume{$id}\\" "($(volume a))\\\\?\\Volume{$id}\\"; do
		run list-shadows --for "$word" --columns volume
		assert_output "$(volume a)"
	done
}

@test "a volume that is gone is named by what it was" {
	create-shadow -q "$(volume a)"
	export VSS_FAKE_VOLUMES
	VSS_FAKE_VOLUMES=$(volume b)
	run list-shadows --for "$(volume a)/" --columns provider
	assert_output fake
}

@test "words that mean nothing are one sentence" {
	run --separate-stderr list-shadows --shadow frob
	assert_equal "$status" 2
	assert_sentence list-shadows "--shadow: 'frob' is not an ID"
	run --separate-stderr list-shadows --set 1234567
	assert_equal "$status" 2
	run --separate-stderr list-shadows --for "$T/nowhere"
	assert_equal "$status" 1
	assert_sentence list-shadows "$T/nowhere"
}

@test "JSON is a list of sets with their copies and writers" {
	two_sets
	run list-shadows --json
	assert_json length 2
	assert_json '.[0].set_id' "$both"
	assert_json '.[0].count' 2
	assert_json '.[0].instant' one
	assert_json '.[0].grade' crash
	assert_json '.[0].note' "a note"
	assert_json '.[0].context' app-rollback
	assert_json '.[1].hold'
	assert_json '.[0].created | fromdateiso8601? // test("T.*Z$")'
	assert_json '.[0].shadows | length' 2
	assert_json '.[0].shadows[0] | [has("id","volume","volume_id","provider","device","grade","proof","source","fs_type","type","attributes","exposed")] | all'
	assert_json '.[0].shadows[0].attributes | index("Persistent") != null'
}

@test "a list has rows or JSON" {
	assert_list list-shadows id
	assert_full list-shadows
	create-shadow -q "$(volume a)"
	assert_full list-shadows --json
	assert_full list-shadows --columns id
}

@test "anybody may look" {
	for_nobody
	fake_volumes a
	as_nobody create-shadow -q "$(volume a)"
	run as_nobody list-shadows --columns volume
	assert_success
	assert_output "$(volume a)"
}
