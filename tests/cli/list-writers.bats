#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

# test_writer NAME [LINE]...: a test writer that owns volume a's folder of its name.
test_writer() {
	local name=$1 id
	id=$(printf '%s' "$name" | md5sum | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/\1-\2-\3-\4-\5/')
	mkdir -p "$(volume a)/$name"
	{
		echo "writer $id \"$name Writer\" usage=user-data source=other version=1.2"
		echo "restore-method RESTORE_IF_CAN_BE_REPLACED writer-restore=always"
		echo "component database /db main selectable=yes caption=\"all of it\""
		echo "database-file /db main $(volume a)/$name *.db"
		echo "component filegroup \"\" config notify=yes"
		echo "file \"\" config $(volume a)/$name/etc * recursive=yes"
		echo "exclude $(volume a)/$name *.tmp"
		shift
		printf '%s\n' "$@"
	} >"$T/$name.script"
	register "$name" "$VSS_BUILD/bin/vss-test-writer $T/$name.script"
}

setup() {
	vss_setup
	fake_volumes a b
}

@test "without writers nothing is listed" {
	run --separate-stderr list-writers
	assert_success
	assert_output "No items found that satisfy the query."
}

@test "a writer has the five lines of vssadmin and an empty one" {
	test_writer one
	test_writer two
	run --separate-stderr bash -c 'list-writers; echo end'
	assert_success
	assert_equal "$stderr" ""
	local id='\{[0-9a-f-]{36}\}'
	local rest=$'\n   Writer Id: '"$id"$'\n   Writer Instance Id: '"$id"$'\n   State: \\[1\\] Stable\n   Last error: No error\n\n'
	assert_regex "$output" "^Writer name: 'one Writer'${rest}Writer name: 'two Writer'${rest}end\$"
}

@test "a list has rows or JSON" {
	test_writer one
	assert_list list-writers name
	assert_full list-writers
	assert_full list-writers --json
	assert_full list-writers --detailed
	assert_full list-writers --metadata
	run list-writers --columns name,registration,state,error,components
	assert_output $'one Writer\tone\tVSS_WS_STABLE\t-\t2'
	run list-writers --json
	assert_json '.[0].name' "one Writer"
	assert_json '.[0].version' 1.2
	assert_json '.[0].error == null'
}

@test "operands choose by name, registration and ID" {
	test_writer one
	test_writer two
	id=$(list-writers two --json | jq -r '.[0].id')
	for word in two "two writer" "$id" "{$id}"; do
		run list-writers --columns name "$word"
		assert_output "two Writer"
	done
	run list-writers --columns name two one
	assert_output $'one Writer\ntwo Writer'
	run --separate-stderr list-writers nobody
	assert_equal "$status" 1
	assert_sentence list-writers "nobody: no such writer"
}

@test "details are those of diskshadow" {
	test_writer one
	run --separate-stderr list-writers --detailed
	assert_success
	assert_line '* WRITER "one Writer"'
	assert_line --regexp $'^\t\t- Writer ID   = \\{[0-9a-f-]{36}\\}$'
	assert_line $'\t\t- Supports restore events = TRUE'
	assert_line $'\t\t- Writer restore conditions = VSS_WRE_ALWAYS'
	assert_line $'\t\t- Restore method = VSS_RME_RESTORE_IF_CAN_REPLACE'
	assert_line "      - Exclude: Path = $(volume a)/one, Filespec = *.tmp"
	assert_line '    + Component "one Writer:\db\main"'
	assert_line '      - Caption: all of it'
	assert_line '      - Type: VSS_CT_DATABASE [1]'
	assert_line '      - Is selectable: TRUE'
	assert_line "        - File List: Path = $(volume a)/one, Filespec = *.db"
	assert_line "        - File List: Path = $(volume a)/one/etc, Filespec = *, Recursive"
	assert_line --regexp "^        - \\\\\\\\\\?\\\\Volume\\{[0-9a-f-]{36}\\}\\\\ \\[$(volume a)\\]\$"
	assert_line '    + Component "one Writer:\config"'
	assert_line '1 writer listed.'
}

@test "the document of one writer can be stored and read again" {
	test_writer one
	test_writer two
	run --separate-stderr list-writers --metadata
	assert_equal "$status" 2
	assert_sentence list-writers "there are 2 writers: name one"
	list-writers --metadata one >"$T/one.xml"
	head -c 100 "$T/one.xml" | grep -q '<WRITER_METADATA\|<?xml'
	rm "$VSS_WRITERS_PATH"/*.writer
	run list-writers --from "$T/one.xml" --columns name,state,components
	assert_output $'one Writer\tVSS_WS_UNKNOWN\t2'
	list-writers --from "$T/one.xml" --metadata | cmp - "$T/one.xml"
	run list-writers --from "$T/one.xml" --detailed
	assert_line '    + Component "one Writer:\db\main"'
}

@test "a file that is no document is one sentence" {
	echo "not xml" >"$T/bad"
	run --separate-stderr list-writers --from "$T/bad"
	assert_equal "$status" 1
	assert_sentence list-writers "$T/bad"
	run --separate-stderr list-writers --from "$T/nowhere"
	assert_equal "$status" 1
	assert_sentence list-writers "$T/nowhere"
}

@test "a failure is shown until a later success" {
	test_writer one "counts $T/counts" 'hold files' 'at freeze fail VSS_E_WRITERERROR_RETRYABLE "disk is sulking" first=1'
	run create-shadow "$(volume a)"
	assert_equal "$status" 6
	run list-writers
	assert_line --partial "State: [9] "
	assert_line --partial "Last error: Retryable error"
	run list-writers --json
	assert_json '.[0].state' VSS_WS_FAILED_AT_FREEZE
	assert_json '.[0].error' VSS_E_WRITERERROR_RETRYABLE
	assert_json '.[0].message | test("sulking")'
	assert_json '.[0].failed_at | test("Z$")'
	create-shadow -q "$(volume a)"
	run list-writers
	assert_line "   State: [1] Stable"
	assert_line "   Last error: No error"
}

@test "a writer that does not answer is listed all the same" {
	printf '#!/bin/sh\nexit 1\n' >"$T/dead"
	chmod +x "$T/dead"
	register dead "$T/dead"
	test_writer one
	run --separate-stderr list-writers
	assert_success
	assert_line "Writer name: 'dead'"
	assert_line "   Writer Id: {00000000-0000-0000-0000-000000000000}"
	assert_line --partial "State: [6] Failed"
	assert_line "Writer name: 'one Writer'"
	run --separate-stderr list-writers --metadata dead
	assert_equal "$status" 1
}
