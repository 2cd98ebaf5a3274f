#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	mkdir "$T/out" "$(volume a)/dir"
	echo "of a" >"$(volume a)/file"
	ln "$(volume a)/file" "$(volume a)/dir/hard"
	ln -s file "$(volume a)/soft"
	echo "of b" >"$(volume b)/file"
	backup -q -o "$T/out/one.tar.zst" "$(volume a)" "$(volume b)"
}

@test "an archive is listed with what its documents say" {
	run --separate-stderr list-backups "$T/out/one.tar.zst"
	assert_success
	assert_equal "$stderr" ""
	assert_line --regexp '^Backup time: [0-9-]{10} [0-9:]{8}$'
	assert_line "   Archive: $T/out/one.tar.zst"
	assert_line --regexp '^   Backup ID: \{[0-9a-f-]{36}\}$'
	assert_line "   Type: full"
	assert_line "   Consistency: crash"
	assert_line "   Volumes: $(volume a), $(volume b)"
	assert_line "   Writers: none"
	assert_line "   Content: 7 files, 10 bytes"
	assert_line "   State: good"
}

@test "the grade is that of the backup: a volume counts by the plain paths on it" {
	test_writer One "$(volume a)/dir" </dev/null
	backup -q -o "$T/out/w.tar.zst" -w One
	backup -q -o "$T/out/wb.tar.zst" -w One "$(volume b)/file"
	run list-backups --columns archive,grade "$T/out"
	assert_line "$T/out/w.tar.zst"$'\tapplication'
	assert_line "$T/out/wb.tar.zst"$'\tcrash'
}

@test "a directory is listed oldest first, other files are passed over" {
	touch "$T/out/note.txt"
	backup -q -o "$T/out/early.tar.zst" "$(volume b)"
	run list-backups --columns archive,files,good,volumes "$T/out"
	assert_equal "${#lines[@]}" 2
	assert_line --index 0 "$T/out/one.tar.zst"$'\t7\tyes\t'"$(volume a),$(volume b)"
	assert_line --index 1 "$T/out/early.tar.zst"$'\t2\tyes\t'"$(volume b)"
}

@test "JSON has numbers, lists and truths" {
	run list-backups --json "$T/out/one.tar.zst"
	assert_json length 1
	assert_json '.[0] | .good and .has_index and .problem == null'
	assert_json '.[0].volumes | join(" ")' "$(volume a) $(volume b)"
	assert_json '.[0].files' 7
	assert_json '.[0].bytes' 10
	assert_json '.[0].archive_bytes' "$(stat -c %s "$T/out/one.tar.zst")"
	assert_json '.[0].created | test("Z$")'
	assert_json '.[0].backup_id | test("^[0-9a-f-]{36}$")'
}

@test "an empty directory is no failure" {
	mkdir "$T/empty"
	run list-backups "$T/empty"
	assert_success
	assert_output "No items found that satisfy the query."
	run list-backups --json "$T/empty"
	assert_output "[]"
}

@test "--members lists the files as they were, and no documents" {
	run list-backups --members "$T/out/one.tar.zst"
	assert_success
	assert_equal "$output" "$(find "$(volume a)" "$(volume b)" | sort)"
	run list-backups --members --json "$T/out/one.tar.zst"
	assert_json "map(select(.path == \"$(volume a)/soft\"))[0] | .type + .target" symlinkfile
	assert_json 'map(select(.type == "hardlink"))[0].target | test("^/.*/(file|dir/hard)$")'
	assert_json "map(select(.path == \"$(volume b)/file\"))[0].sha256" "$(sha256sum <"$(volume b)/file" | cut -d' ' -f1)"
	assert_json "map(select(.path == \"$(volume b)/file\"))[0].size" 5
	assert_json "map(select(.path == \"$(volume a)\"))[0].mode" "0$(stat -c %a "$(volume a)")"
}

@test "--max-age is for monitoring" {
	run --separate-stderr list-backups --max-age 26h "$T/out"
	assert_success
	run --separate-stderr list-backups --max-age 0 "$T/out"
	assert_equal "$status" 1
	assert_sentence list-backups "no good backup"
	head -c 500 "$T/out/one.tar.zst" >"$T/cut"
	mv "$T/cut" "$T/out/one.tar.zst"
	run --separate-stderr list-backups --max-age 26h "$T/out"
	assert_equal "$status" 1
	run --separate-stderr list-backups --max-age 26h "$T/nowhere"
	assert_equal "$status" 1
	assert_sentence list-backups "$T/nowhere"
}

@test "what is no archive is refused by itself, and listed with its problem in a directory" {
	head -c 300 /dev/urandom >"$T/out/junk.tar.zst"
	run --separate-stderr list-backups "$T/out/junk.tar.zst"
	assert_equal "$status" 1
	assert_equal "$output" ""
	assert_sentence list-backups "$T/out/junk.tar.zst"
	run --separate-stderr list-backups --json "$T/out"
	assert_success
	assert_json 'map(select(.good)) | length' 1
	assert_json 'map(select(.good | not))[0].problem | length > 0'
}

@test "words that cannot be are one sentence" {
	run --separate-stderr list-backups
	assert_equal "$status" 2
	assert_sentence list-backups "missing operand"
	run --separate-stderr list-backups --members --columns files "$T/out/one.tar.zst"
	assert_equal "$status" 2
	assert_sentence list-backups "--members"
	run --separate-stderr list-backups --json --columns files "$T/out"
	assert_equal "$status" 2
	run --separate-stderr list-backups --columns frob "$T/out"
	assert_equal "$status" 2
	assert_sentence list-backups "'frob' is none of"
}

@test "a full stdout is not a success" {
	assert_full list-backups "$T/out"
	assert_full list-backups --json "$T/out"
	assert_full list-backups --members "$T/out/one.tar.zst"
}
