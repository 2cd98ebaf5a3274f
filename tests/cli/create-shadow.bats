#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	fake_volumes a b
	echo "of a" >"$(volume a)/file"
	echo "of b" >"$(volume b)/file"
}
teardown() { nobody_teardown; }

@test "two volumes become one set that can be read" {
	run --separate-stderr create-shadow "$(volume a)" "$(volume b)"
	assert_success
	assert_equal "$stderr" ""
	assert_line "Successfully created shadow copy for '$(volume a)'"
	assert_line "Successfully created shadow copy for '$(volume b)'"
	assert_line --regexp '^    Shadow Copy ID: \{[0-9a-f-]{36}\}$'
	assert_line --regexp '^Shadow copy set ID: \{[0-9a-f-]{36}\}$'
	assert_line "    Consistency: crash (one instant)"
	device=$(sed -n 's/^    Shadow Copy Volume Name: //p' <<<"$output" | tail -1)
	echo changed >"$(volume b)/file"
	assert_equal "$(cat "$device/file")" "of b"
}

@test "--json prints exactly one object with the documented keys" {
	run --separate-stderr create-shadow --json "$(volume a)" "$(volume b)"
	assert_success
	assert_equal "$(jq -s length <<<"$output")" 1
	assert_json 'keys_unsorted | join(" ")' "set_id created grade freeze_ms skew_ms held_ms held_cgroups shadows writers ledger"
	assert_json '.created | test("^20..-..-..T..:..:..\\.[0-9]{3}Z$")'
	assert_json '.freeze_ms | type' number
	assert_json '.shadows | map(.volume) | join(" ")' "$(volume a) $(volume b)"
	assert_json '.shadows[0] | keys_unsorted | join(" ")' "id volume volume_id provider device grade held proof"
	assert_json '.shadows[0].device | test("shadows/[0-9a-f-]{36}$")'
	assert_json '.ledger[0] | keys_unsorted | join(" ")' "who what at_ns"
	assert_json '[.ledger[].at_ns] | . == sort'
}

@test "--dry-run says what would be made and makes nothing" {
	run --separate-stderr create-shadow -n "$(volume a)" "$(volume b)"
	assert_success
	assert_line "Would make a set of 2 shadow copies:"
	assert_line "   $(volume a): provider fake, crash"
	run list-shadows
	assert_output "No items found that satisfy the query."
	assert_equal "$(ls -A "$(volume a)")" file
}

@test "-v shows the ledger, -q nothing" {
	run create-shadow -v "$(volume a)"
	assert_line --regexp '^ +\+ +[0-9.]+ ms  set: '
	run create-shadow -q "$(volume a)"
	assert_success
	assert_output ""
}

@test "note, tag, hold and context are kept with the set" {
	create-shadow -q --note "before the upgrade" --tag weekly --hold --context client-accessible "$(volume a)"
	run list-shadows --columns note,tag,hold,type
	assert_output $'before the upgrade\tweekly\tyes\tClientAccessible'
}

@test "a command sees the copy, and the copy goes with it" {
	# shellcheck disable=SC2016 # the variables are the command's
	run --separate-stderr create-shadow "$(volume a)" "$(volume b)" -- \
		sh -c 'echo "$VSS_VOLUME_1 $VSS_VOLUME_2"; cat "$VSS_SHADOW_DEVICE_2/file"; echo "$VSS_SHADOW_SET $VSS_SHADOW_1" >'"$T/ids"
	assert_success
	assert_output "$(volume a) $(volume b)"$'\nof b'
	grep -qE '^\{[0-9a-f-]{36}\} \{[0-9a-f-]{36}\}$' "$T/ids"
	run list-shadows
	assert_output "No items found that satisfy the query."
}

@test "with --json the command's output goes to stderr" {
	run --separate-stderr create-shadow --json "$(volume a)" -- echo hello
	assert_success
	assert_json '.shadows | length' 1
	assert_equal "$stderr" hello
}

@test "--persistent keeps the copy behind the command" {
	create-shadow -q --persistent "$(volume a)" -- true
	run list-shadows --columns volume
	assert_output "$(volume a)"
	run --separate-stderr create-shadow --persistent "$(volume a)"
	assert_equal "$status" 2
	assert_sentence create-shadow "--persistent needs a command"
}

@test "a command that fails is named with its status" {
	run --separate-stderr create-shadow "$(volume a)" -- sh -c 'exit 7'
	assert_equal "$status" 1
	assert_sentence create-shadow "sh: ended with status 7"
	run --separate-stderr create-shadow "$(volume a)" -- "$T/nowhere"
	assert_equal "$status" 1
	assert_sentence create-shadow "$T/nowhere"
	run list-shadows
	assert_output "No items found that satisfy the query."
	run --separate-stderr create-shadow --persistent "$(volume a)" -- false
	assert_equal "$status" 3
	assert_sentence create-shadow "is there: false: ended with status 1"
	run list-shadows --columns volume
	assert_output "$(volume a)"
}

@test "a signal reaches the command, and the copy goes" {
	start create-shadow "$(volume a)" -- sh -c "trap 'echo term >$T/term; exit 0' TERM; echo >$T/ready; while :; do sleep 0.05; done"
	wait_until 10 test -e "$T/ready"
	kill -TERM "$started_pid"
	ended
	assert_equal "$status" 130
	assert_file_exists "$T/term"
	run list-shadows
	assert_output "No items found that satisfy the query."
}

@test "--write-env writes what a shell can read" {
	fake_volumes a "it's b"
	create-shadow -q --write-env "$T/env" "$(volume a)" "$(volume "it's b")"
	# shellcheck disable=SC1091 # it is made by the test
	. "$T/env"
	assert_equal "${VSS_VOLUME_2:-}" "$(volume "it's b")"
	assert_equal "${VSS_SHADOW_SET:-}" "$(list-shadows --columns set_id | head -1)"
	assert_dir_exists "${VSS_SHADOW_DEVICE_1:-}"
	run --separate-stderr create-shadow --write-env "$T/nowhere/env" "$(volume a)"
	assert_equal "$status" 3
	assert_sentence create-shadow "$T/nowhere"
}

@test "a failed creation still tells of its writers, and leaves nothing" {
	printf '%s\n' 'writer 11111111-2222-3333-4444-555555555555 "Bad Writer"' 'restore-method CUSTOM' \
		'component filegroup "" all' "file \"\" all $(volume a) * recursive=yes" \
		'at freeze fail VSS_E_WRITERERROR_NONRETRYABLE "no more"' >"$T/bad.script"
	register bad "$VSS_BUILD/bin/vss-test-writer $T/bad.script"
	run --separate-stderr create-shadow --json "$(volume a)"
	assert_equal "$status" 6
	assert_json '.shadows == []'
	assert_json '.writers[0].name' "Bad Writer"
	assert_json '.writers[0].state' VSS_WS_FAILED_AT_FREEZE
	assert_json '.writers[0].error' VSS_E_WRITERERROR_NONRETRYABLE
	assert_json '.writers[0].message | test("no more")'
	assert_json '.error.code | test("VSS_E_WRITERERROR_NONRETRYABLE|FAILED")'
	assert_json '.error.message | test("Bad Writer")'
	[[ $stderr == *"(VSS_E_WRITERERROR_NONRETRYABLE)"* ]]
	run list-shadows
	assert_output "No items found that satisfy the query."
	run create-shadow -q --no-writers "$(volume a)"
	assert_success
	run create-shadow -q --exclude-writer "bad writer" "$(volume a)"
	assert_success
}

@test "--skip-failed-writers goes on without one that fails before it is quiet, unless it was named" {
	printf '%s\n' 'writer 11111111-2222-3333-4444-555555555555 "Bad Writer"' 'restore-method CUSTOM' \
		'component filegroup "" all' "file \"\" all $(volume a) * recursive=yes" \
		'at prepare-snapshot fail VSS_E_WRITERERROR_OUTOFRESOURCES' >"$T/bad.script"
	register bad "$VSS_BUILD/bin/vss-test-writer $T/bad.script"
	run --separate-stderr create-shadow "$(volume a)"
	assert_equal "$status" 6
	run --separate-stderr create-shadow --skip-failed-writers "$(volume a)"
	assert_equal "$status" 3
	[[ $stderr == *"Bad Writer"* ]]
	assert_line --partial "Writer: 'Bad Writer': [8] Failed"
	run --separate-stderr create-shadow --skip-failed-writers -w bad "$(volume a)"
	assert_equal "$status" 6
	run list-shadows --columns volume
	assert_equal "${#lines[@]}" 1
}

@test "a writer that was named and cannot take part stops it; one that was not is passed over" {
	printf '%s\n' 'writer 11111111-2222-3333-4444-555555555555 "Wide Writer"' 'restore-method CUSTOM' \
		'component filegroup "" all' "file \"\" all $(volume a) * recursive=yes" \
		"file \"\" all $(volume b) * recursive=yes" 'hold files' >"$T/wide.script"
	register wide "$VSS_BUILD/bin/vss-test-writer $T/wide.script"
	run --separate-stderr create-shadow -w wide "$(volume a)"
	assert_equal "$status" 6
	[[ $stderr == *'writer "Wide Writer": none of its components lies on these volumes as a whole'* ]]
	run list-shadows --columns volume
	assert_output ""
	create-shadow -q "$(volume a)"
	create-shadow -q -w wide "$(volume a)" "$(volume b)"
}

@test "a second creation is told to wait, or waits" {
	stop_at session.before-commit:stop create-shadow -q "$(volume a)" &
	first=$!
	started+=("$first")
	wait_until 10 test -s "$T/stops"
	read -r _ pid <"$T/stops"
	started+=("$pid")
	run --separate-stderr create-shadow --wait 0 "$(volume b)"
	assert_equal "$status" 5
	assert_sentence create-shadow "(VSS_E_SNAPSHOT_SET_IN_PROGRESS)"
	start create-shadow -q --wait 30 "$(volume b)"
	kill -CONT "$pid"
	wait "$first"
	wait "$started_pid"
	run list-shadows --columns volume
	assert_equal "${#lines[@]}" 2
}

@test "words that cannot be are one sentence" {
	run --separate-stderr create-shadow
	assert_equal "$status" 2
	assert_sentence create-shadow "missing operand"
	run --separate-stderr create-shadow "$T/nowhere"
	assert_equal "$status" 1
	assert_sentence create-shadow "$T/nowhere"
	run --separate-stderr create-shadow "$(volume a)" "$(volume a)"
	assert_failure
	assert_sentence create-shadow "(VSS_E_OBJECT_ALREADY_EXISTS)"
	run --separate-stderr create-shadow --provider nobody "$(volume a)"
	assert_equal "$status" 4
	assert_sentence create-shadow "(VSS_E_PROVIDER_NOT_REGISTERED)"
	run --separate-stderr create-shadow --context frob "$(volume a)"
	assert_equal "$status" 2
	assert_sentence create-shadow "'frob' is none of"
	run --separate-stderr create-shadow --context backup "$(volume a)"
	assert_equal "$status" 2
	assert_sentence create-shadow "behind --"
	for grade in best none; do
		run --separate-stderr create-shadow --min-grade "$grade" "$(volume a)"
		assert_equal "$status" 2
		assert_sentence create-shadow "'$grade' is none of its words"
	done
	run --separate-stderr create-shadow --wait soon "$(volume a)"
	assert_equal "$status" 2
	run --separate-stderr create-shadow --no-writers -w x "$(volume a)"
	assert_equal "$status" 2
	assert_sentence create-shadow "exclude each other"
	run --separate-stderr create-shadow -w nobody "$(volume a)"
	assert_equal "$status" 1
	assert_sentence create-shadow "nobody"
	run --separate-stderr create-shadow "$(volume a)" --
	assert_equal "$status" 2
}

@test "a grade that cannot be reached stops it with status 6 and leaves nothing" {
	run --separate-stderr create-shadow --min-grade application "$(volume a)"
	assert_equal "$status" 6
	assert_sentence create-shadow crash
	run list-shadows
	assert_output "No items found that satisfy the query."
}

@test "a full stdout is not a success" {
	assert_full create-shadow "$(volume a)"
	assert_full create-shadow --json "$(volume a)"
}

@test "the whole story without root, and no story without fake volumes" {
	for_nobody
	fake_volumes a b
	as_nobody create-shadow -q "$(volume a)" "$(volume b)"
	id=$(as_nobody list-shadows --columns id | head -1)
	as_nobody expose-shadow -q "$id" "$T/x"
	as_nobody expose-shadow -q --remove "$T/x"
	run --separate-stderr as_nobody delete-shadow --all
	assert_output "Successfully deleted 2 shadow copies."
	unset VSS_FAKE_VOLUMES
	for line in "create-shadow /" "delete-shadow --all" "expose-shadow --list" "backup -o $T/x.tar.zst /" "restore --in-place $T/x.tar.zst"; do
		# shellcheck disable=SC2086 # words of the line
		run --separate-stderr as_nobody $line
		assert_equal "$line: $status" "$line: 1"
		assert_sentence "${line%% *}" "only root may do this"
	done
}

@test "a size of storage is bytes or a share" {
	for size in 0 x 12Q 0% % 5000% -1; do
		run --separate-stderr create-shadow "--storage-size=$size" "$(volume a)"
		assert_failure 2
		assert_regex "$stderr" "'$size' is no size \\(500M, 2G\\) and no share \\(20%\\)"
	done
	for size in 512M 20%; do
		run --separate-stderr create-shadow "--storage-size=$size" "$(volume a)"
		assert_success
	done
}
