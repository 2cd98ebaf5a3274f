#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	fake_volumes a b
	v=$(volume a)
	echo before >"$v/file"
	echo b >"$(volume b)/file"
}

create() { create-shadow --json "$@" | jq -r '.shadows[0].id'; }
left() { list-shadows --json | jq '[.[].shadows[]] | length'; }

@test "a copy becomes a directory beside its origin, and is no shadow copy any more" {
	id=$(create "$v")
	expose-shadow -q "$id" "$T/x"
	echo after >"$v/file"
	run --separate-stderr break-shadow --writable --name kept "$id"
	assert_success
	assert_output "Shadow copy {$id} of $v is the volume $v/kept now."
	assert_equal "$(cat "$v/kept/file")" before
	echo changed >"$v/kept/file"
	assert_equal "$(left)" 0
	assert_not_exist "$v/.vss-shadows"
	assert_not_exist "$T/x/file"
	assert_not_exist "$VSS_RUN_DIR/shadows/$id"
}

@test "a set goes as a whole, with names by volume and time, and one copy leaves the others" {
	set=$(create-shadow --json "$v" "$(volume b)" | tee "$T/set" | jq -r .set_id)
	one=$(jq -r '.shadows[0].id' "$T/set")
	run break-shadow --json --writable --name one "$one"
	assert_json '.[0].where' "$v/one"
	assert_json '.[0].set_id' "$set"
	assert_equal "$(left)" 1
	run break-shadow --json --writable "$set"
	where=$(jq -r '.[0].where' <<<"$output")
	[[ $where == "$(volume b)/b-"????????T??????Z ]]
	assert_equal "$(cat "$where/file")" b
	assert_equal "$(left)" 0
}

@test "what is there already stays, and a dry run does nothing" {
	id=$(create "$v")
	mkdir "$v/taken"
	run --separate-stderr break-shadow --writable --name taken "$id"
	assert_equal "$status" 1
	assert_sentence break-shadow "File exists"
	run break-shadow -n --writable --name free "$id"
	assert_output "Would make shadow copy {$id} of $v the volume free."
	assert_not_exist "$v/free"
	assert_equal "$(left)" 1
}

@test "names that lead elsewhere, directories that cannot be read-only, one name for two" {
	id=$(create "$v")
	for name in ../x a/b .hidden '' ..; do
		run --separate-stderr break-shadow --writable --name "$name" "$id"
		assert_equal "$status" 2
		assert_sentence break-shadow "is no name for a volume"
	done
	run --separate-stderr break-shadow "$id"
	assert_equal "$status" 4
	assert_sentence break-shadow "break it writable"
	set=$(create-shadow --json "$v" "$(volume b)" | jq -r .set_id)
	run --separate-stderr break-shadow --writable --name x "$set"
	assert_equal "$status" 2
	assert_sentence break-shadow "cannot be the name of 2 volumes"
}

@test "client-accessible copies and those of a running command are refused" {
	id=$(create --context client-accessible "$v")
	run --separate-stderr break-shadow --writable "$id"
	assert_equal "$status" 4
	assert_sentence break-shadow "(VSS_E_UNSUPPORTED_CONTEXT)"
	# shellcheck disable=SC2016 # the words are for that shell
	run --separate-stderr create-shadow "$v" -- sh -c 'break-shadow --writable "$VSS_SHADOW_1"'
	[ "$status" != 0 ]
	[[ $stderr == *"is in use by a running operation"* ]]
}

@test "killed when the copy has left: the next run takes it out of the documents" {
	id=$(create "$v")
	run stop_at copies.detached break-shadow --writable --name kept "$id"
	assert_equal "$status" 137
	delete-shadow -q --for "$(volume b)"
	assert_equal "$(left)" 0
	assert_equal "$(cat "$v/kept/file")" before
	assert_not_exist "$v/.vss-shadows"
}

@test "a full stdout is not a success" {
	id=$(create "$v")
	assert_full break-shadow --writable "$id"
}
