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
	assert_line "        - File List: Path = $(volume a)/one, Filespec = *.db, Database"
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

# absent_writer NAME REASON: one whose application is not on this machine.
absent_writer() {
	cat >"$T/$1" <<-EOF
		#!/bin/sh
		while read -r word seq event rest; do
			case "\$word \$event" in
			'event identify') answer="ok \$seq absent=\"$2\"" ;;
			event*) answer="ok \$seq" ;;
			end*) echo "\$answer" ;;
			esac
		done
	EOF
	chmod +x "$T/$1"
	register "$1" "$T/$1"
}

@test "a writer without an application is not listed, and --all says why" {
	absent_writer gone "no cluster in /etc/gone"
	test_writer one
	ln -s /dev/null "$VSS_WRITERS_PATH/off.writer"
	run --separate-stderr list-writers --columns name
	assert_success
	assert_equal "$stderr" ""
	assert_output "one Writer"
	run list-writers --all
	assert_output --regexp "^Writer name: 'one Writer'.*Writer name: 'gone'.*Writer name: 'off'"
	assert_equal "${#lines[@]}" 15 # five each: the shape is that of the others
	assert_line "   State: [0] Absent (no cluster in /etc/gone)"
	assert_line "   State: [0] Absent (switched off by $VSS_WRITERS_PATH/off.writer)"
	run list-writers --all --json
	assert_json '.[0].absent == null'
	assert_json '.[1].absent' "no cluster in /etc/gone"
	assert_json '.[1].components' 0
	run list-writers --all --detailed
	assert_line '* WRITER "gone"'
	assert_line $'\t\t- Absent: no cluster in /etc/gone'
	run list-writers gone --all --columns absent
	assert_output "no cluster in /etc/gone"
	run --separate-stderr list-writers gone
	assert_equal "$status" 1
	assert_sentence list-writers "gone: not on this machine: no cluster in /etc/gone"
	run --separate-stderr backup -w gone -o "$T/x.tar.zst"
	assert_equal "$status" 1
	assert_sentence backup 'writer "gone": not on this machine: no cluster in /etc/gone'
	run --separate-stderr backup -w off -o "$T/x.tar.zst"
	assert_sentence backup 'writer "off": not on this machine: switched off by'
}

@test "an application that is there but does not answer is listed as failed, with its words" {
	test_writer down 'at identify fail NONRETRYABLE "cannot reach the server: password required"'
	run --separate-stderr list-writers
	assert_success
	assert_line "   State: [6] Failed"
	assert_line "   Last error: Non-retryable error (cannot reach the server: password required)"
}

@test "a registration that others can write to is listed as failed, with the reason" {
	test_writer one
	chmod 666 "$VSS_WRITERS_PATH/one.writer"
	run --separate-stderr list-writers --all
	assert_line "   State: [6] Failed"
	assert_line --partial "writable by others than its owner)"
	[ ! -e "$T/counts" ]
}

@test "a failure at identify is over as soon as identify goes well" {
	test_writer one "counts $T/counts" 'hold files' 'at identify fail VSS_E_WRITERERROR_RETRYABLE "starting up" first=1'
	run create-shadow "$(volume a)"
	assert_equal "$status" 6
	grep -q FAILED_AT_IDENTIFY "$VSS_STATE_DIR/writers/one"
	run list-writers
	assert_line "   State: [1] Stable"
	assert_line "   Last error: No error"
}

@test "what is remembered of a writer goes with its application" {
	test_writer one 'hold files' 'at freeze fail VSS_E_WRITERERROR_RETRYABLE "disk is sulking"'
	run create-shadow "$(volume a)"
	assert_equal "$status" 6
	[ -e "$VSS_STATE_DIR/writers/one" ]
	absent_writer one "taken off the machine"
	run list-writers --all --json
	assert_json '.[0].error == null'
	create-shadow -q "$(volume a)"
	[ ! -e "$VSS_STATE_DIR/writers/one" ]
	test_writer one
	run list-writers
	assert_line "   State: [1] Stable"
}

@test "documents that Windows made are read" {
	local samples=$REPO/tests/data/windows
	assert_equal "$(head -c 2 "$samples/writer-metadata.xml" | od -An -tx1)" " ff fe" # UTF-16 with a mark
	run list-writers --from "$samples/writer-metadata.xml" --columns name,id,state,components
	assert_output $'Ledger Größe Writer\t5c2c6f0e-4d53-47c5-9b7e-b0f4a1f26d10\tVSS_WS_UNKNOWN\t2'
	run list-writers --from "$samples/writer-metadata.xml" --detailed
	assert_success
	assert_line '* WRITER "Ledger Größe Writer"'
	assert_line $'\t\t- Restore method = VSS_RME_STOP_RESTORE_START'
	assert_line $'\t\t- Service to stop for the restore = LedgerSvc'
	assert_line '      - Exclude: Path = D:\Ledger, Filespec = *.tmp, Recursive'
	assert_line '      - Exclude from the copy: Path = D:\Ledger\Cache, Filespec = *, Recursive'
	assert_line '      - Mapping: Path = D:\Ledger\Data, Filespec = *.ldb, Alternate Location = D:\Ledger\Restore'
	assert_line '    + Component "Ledger Größe Writer:\Sites\North\Accounts & more"'
	assert_line '      - Caption: All of the accounts'
	assert_line '        - File List: Path = D:\Ledger\Data, Filespec = accounts.ldb, Database'
	assert_line '        - File List: Path = %LedgerLogs%, Filespec = *.log, Database log'
	assert_line '        - Dependency to "{9d21a7c4-5f0e-4a44-8f1c-21f0a6d1b3e7}:\Keys"'
	assert_line '        - File List: Path = %ProgramData%\Ledger, Filespec = *, Recursive, Alternate Location = %ProgramData%\Ledger.copy'
	refute_output --partial never # it stands below an element that nobody knows
	run list-writers --from "$samples/backup-components.xml" --columns id,components
	assert_output $'5c2c6f0e-4d53-47c5-9b7e-b0f4a1f26d10\t2\n9d21a7c4-5f0e-4a44-8f1c-21f0a6d1b3e7\t1'
	run list-writers --from "$samples/backup-components.xml" --detailed
	assert_line '    + Component "{5c2c6f0e-4d53-47c5-9b7e-b0f4a1f26d10}:\Sites\North\Accounts & more"'
	run list-writers --from "$samples/writer-metadata.xml" --metadata
	echo "$output" >"$T/ours.xml"
	run list-writers --from "$T/ours.xml" --metadata
	assert_output "$(cat "$T/ours.xml")"
	head -c 1001 "$samples/writer-metadata.xml" >"$T/cut.xml"
	run --separate-stderr list-writers --from "$T/cut.xml"
	assert_equal "$status" 1
	assert_sentence list-writers "$T/cut.xml"
}

@test "ten writers are asked at the same time" {
	# Each one waits at identify until all the others are there: asked one after the other, the first would never answer.
	local i k rules
	for i in {1..10}; do
		rules=("at identify touch $T/here.$i")
		for k in {1..10}; do
			rules+=("at identify await $T/here.$k ms=9000")
		done
		test_writer "w$i" "${rules[@]}"
	done
	run --separate-stderr list-writers --columns state
	assert_success
	assert_equal "${#lines[@]}" 10
	assert_equal "$(sort -u <<<"$output")" VSS_WS_STABLE
}

@test "a writer that waits for one that is not asked fails" {
	test_writer w1 "at identify touch $T/here.1" "at identify await $T/here.2 ms=50"
	run --separate-stderr list-writers --columns state
	assert_output VSS_WS_FAILED_AT_IDENTIFY
}
