#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# backup: what is chosen, where the archive goes, what is said, and writers that fail on the way.

# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a/dir" "$a/cache"
	echo one >"$a/dir/one.txt"
	echo two >"$a/dir/two.log"
	echo three >"$a/cache/three.txt"
	echo four >"$b/four"
}

# members [ARCHIVE]: its files and links as a stock tool lists them, in one line, without the volume's path.
members() { tar --zstd -tf "${1:-$x}" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/volumes/,," | LC_ALL=C sort | paste -sd' '; }

assert_no_trace() {
	assert_equal "$(find "$T" -maxdepth 1 -name '*.tar.zst*')" ''
	assert_nothing_left
}

# --- what ---

@test "paths are taken whole, each once" {
	backup -q -o "$x" "$a" "$a/dir" "$b/four"
	assert_equal "$(members)" 'a/cache/three.txt a/dir/one.txt a/dir/two.log b/four'
}

@test "a relative path is meant from here" {
	cd "$a"
	backup -q -o "$x" dir/one.txt ./cache
	assert_equal "$(members)" 'a/cache/three.txt a/dir/one.txt'
	backup -q -o "$T/y.tar.zst" .
	assert_equal "$(members "$T/y.tar.zst")" 'a/cache/three.txt a/dir/one.txt a/dir/two.log'
}

@test "--exclude leaves out what it matches, and what is below" {
	backup -q -o "$x" --exclude '*.log' --exclude "$a/cache" "$a"
	assert_equal "$(members)" 'a/dir/one.txt'
	printf '%s\n' '*.txt' 'four' >"$T/list"
	backup -q -o "$T/y.tar.zst" --exclude-from "$T/list" "$a" "$b"
	assert_equal "$(members "$T/y.tar.zst")" 'a/dir/two.log'
}

@test "--files-from reads lines, or parts that end in NUL" {
	printf '%s\n' "$a/dir/one.txt" "$b" >"$T/lines"
	backup -q -o "$x" --files-from "$T/lines"
	assert_equal "$(members)" 'a/dir/one.txt b/four'
	echo odd >"$a/new"$'\n'"line"
	find "$a" -name 'new*' -print0 | backup -q -o "$T/y.tar.zst" --files-from -
	assert_equal "$(tar --zstd -tf "$T/y.tar.zst" | grep -c 'new.nline')" 1
}

@test "the archive itself is not taken, nor is what these tools keep" {
	mkdir "$a/backups"
	backup -q -o "$a/backups/x.tar.zst" "$a"
	assert_equal "$(members "$a/backups/x.tar.zst")" 'a/cache/three.txt a/dir/one.txt a/dir/two.log'
	mkdir "$a/state" "$a/run"
	export VSS_STATE_DIR=$a/state VSS_RUN_DIR=$a/run
	backup -q -o "$x" "$a/state" "$a/run" "$a/dir"
	assert_equal "$(members)" 'a/dir/one.txt a/dir/two.log'
}

@test "the copy is what is archived, not what comes later" {
	test_writer One a <<<"at post-snapshot copy /etc/hostname $a/dir/one.txt"
	backup -q -o "$x" "$a"
	assert_equal "$(tar --zstd -xOf "$x" "${a#/}/dir/one.txt")" one
	[ "$(cat "$a/dir/one.txt")" != one ]
}

@test "-w takes all that a writer owns, without a path" {
	test_writer One "$a/dir" </dev/null
	backup -q -o "$x" -w One
	assert_equal "$(members)" 'a/dir/one.txt a/dir/two.log'
	backup -q -o "$T/y.tar.zst" -w one "$b"
	assert_equal "$(members "$T/y.tar.zst")" 'a/dir/one.txt a/dir/two.log b/four'
	run --separate-stderr backup -o "$T/z.tar.zst" -w Nobody
	[ "$status" != 0 ]
	assert_sentence backup Nobody
	[ ! -e "$T/z.tar.zst" ]
}

@test "a writer whose files lie below a path takes part; others do not" {
	test_writer One "$a/dir" </dev/null
	test_writer Two b </dev/null
	run backup --json -o "$x" "$a"
	assert_json '[.writers[].name] | join(" ")' One
	assert_equal "$(events Two)" ''
	run backup --json --no-writers -o "$T/y.tar.zst" "$a"
	assert_json '.writers | length' 0
	run backup --json --exclude-writer One -o "$T/z.tar.zst" "$a"
	assert_json '.writers | length' 0
}

# --- where ---

@test "a directory gets a name by host, time and set, mode 0600" {
	local name
	mkdir "$T/d"
	run backup --json -o "$T/d" "$a"
	name=$(jq -r .archive <<<"$output")
	assert_equal "$(ls "$T/d")" "${name##*/}"
	[[ ${name##*/} =~ ^$(hostname)-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.tar\.zst$ ]]
	[[ ${name##*/} == *-$(jq -r .set_id <<<"$output" | cut -c1-8).tar.zst ]]
	assert_equal "$(stat -c %a "$name")" 600
	backup -q -o "$T/d/" "$a"
	assert_equal "$(find "$T/d" -type f | wc -l)" 2
}

@test "--replace takes the place of the old one" {
	backup -q -o "$x" "$a"
	backup -q --replace -o "$x" "$b"
	assert_equal "$(members)" 'b/four'
}

@test "--level and --threads" {
	seq 100000 >"$a/dir/numbers"
	backup -q --level 1 --threads 1 -o "$x" "$a"
	backup -q --level 19 -o "$T/y.tar.zst" "$a"
	[ "$(stat -c %s "$T/y.tar.zst")" -lt "$(stat -c %s "$x")" ]
	verify-backup -q "$x"
	verify-backup -q "$T/y.tar.zst"
	run backup --level 23 -o "$T/z.tar.zst" "$a"
	assert_equal "$status" 2
}

# --- what is said ---

@test "--json reports" {
	test_writer One a </dev/null
	run --separate-stderr backup --json -o "$x" "$a" "$b"
	assert_equal "$status" 0
	assert_equal "$stderr" ''
	assert_json .archive "$x"
	assert_json .type full
	assert_json '.backup_id | test("^[0-9a-f-]{36}$")'
	assert_json '.created | test("^[0-9-]{10}T[0-9:]{8}([.][0-9]+)?Z$")'
	assert_json .failed 0
	assert_json .bytes 19
	assert_json .archive_bytes "$(stat -c %s "$x")"
	assert_json '[.volumes[] | "\(.volume) \(.grade)"] | join(" ")' "$a crash $b crash"
	writer_is One STABLE ''
	assert_json '.writers[0].grade' application
	assert_json '[.ledger[].what] | index("frozen") < index("committed") and index("committed") < index("thawed")'
	run list-backups --json "$x"
	assert_json '.[0].writers[0]' One
	assert_nothing_left
}

@test "-q says nothing, the default says what stands" {
	run --separate-stderr backup -q -o "$x" "$a"
	assert_equal "$output$stderr" ''
	run --separate-stderr backup -o "$T/y.tar.zst" "$a"
	assert_equal "$stderr" ''
	assert_line --partial 'Successfully backed up'
	assert_line --partial 'Consistency: crash (one instant)'
}

@test "--progress json is a line of JSON at a time, on stderr" {
	run --separate-stderr backup -q --progress json -o "$x" "$a"
	assert_equal "$status" 0
	run --separate-stderr backup --progress json -o "$T/y.tar.zst" "$a"
	[ -z "$stderr" ] || jq -es 'all(has("files") and has("bytes") and has("total_bytes"))' <<<"$stderr" >/dev/null
}

@test "a dry run shows the plan and changes nothing" {
	test_writer One a </dev/null
	run --separate-stderr backup -n -o "$x" "$a" "$b"
	assert_equal "$status" 0
	assert_line --partial "$a: provider fake, crash"
	assert_line "   Writer: 'One', its grade is known when it has frozen"
	assert_equal "$(events One)" ''
	assert_no_trace
}

# --- writers that fail ---

@test "a writer that fails before the set stands: no archive, the state in the report and in the list" {
	local event
	for event in prepare-backup prepare-snapshot freeze thaw post-snapshot; do
		forget
		test_writer One a <<<"at $event fail VSS_E_WRITERERROR_OUTOFRESOURCES \"no memory\""
		run --separate-stderr backup --json -o "$x" "$a" "$b"
		[ "$status" = 6 ] || fail "$event: status $status: $stderr"
		assert_sentence backup "writer \"One\": $event: no memory (VSS_E_WRITERERROR_OUTOFRESOURCES)"
		writer_is One "FAILED_AT_$(tr a-z- A-Z_ <<<"$event")" WRITERERROR_OUTOFRESOURCES
		listed_is One "FAILED_AT_$(tr a-z- A-Z_ <<<"$event")" WRITERERROR_OUTOFRESOURCES
		assert_thawed
		run -1 grep '^backup-complete' "$T/One.log"
		assert_no_trace
	done
}

@test "a writer that fails at backup-complete: the archive is good, status 3" {
	test_writer One a <<<'at backup-complete fail VSS_E_WRITERERROR_RETRYABLE "log is busy"'
	run --separate-stderr backup --json -o "$x" "$a" "$b"
	assert_equal "$status" 3
	assert_sentence backup 'writer "One": backup-complete: log is busy (VSS_E_WRITERERROR_RETRYABLE)'
	writer_is One FAILED_AT_BACKUP_COMPLETE WRITERERROR_RETRYABLE
	listed_is One FAILED_AT_BACKUP_COMPLETE WRITERERROR_RETRYABLE
	assert_json .archive "$x"
	verify-backup -q "$x"
	assert_nothing_left
}

@test "a veto with --skip-failed-writers: its files are taken as plain files, status 3" {
	test_writer One a <<<'at prepare-snapshot veto VSS_E_WRITERERROR_RETRYABLE "not now"'
	run --separate-stderr backup -q --skip-failed-writers -o "$x" "$a"
	assert_equal "$status" 3
	[[ $stderr == *'writer "One"'*'not now'* ]]
	verify-backup -q "$x"
	assert_equal "$(members)" 'a/cache/three.txt a/dir/one.txt a/dir/two.log'
}

@test "what a component needs and is not there fails that component, not the backup" {
	test_writer One a <<<"file \"\" data \"$a\" must-be-there"
	run --separate-stderr backup -q -o "$x" "$a"
	assert_equal "$status" 3
	[[ $stderr == *"$a/must-be-there"* ]]
	run grep -A3 '^backup-complete' "$T/One.log"
	assert_line --partial 'succeeded=no'
}

@test "a writer is told of success only for what is in the archive" {
	test_writer One a </dev/null
	backup -q -o "$x" "$a"
	run grep -A3 '^backup-complete' "$T/One.log"
	assert_line --partial 'component filegroup "" data'
	assert_line --partial 'succeeded=yes'
	run grep -A3 '^prepare-backup' "$T/One.log"
	assert_line --partial 'type=full'
	forget
	backup -o - "$a" >/dev/null
	run grep -A3 '^prepare-backup' "$T/One.log"
	assert_line --partial 'type=copy'
}

@test "a command that fails: no writer is told complete" {
	test_writer One a </dev/null
	run backup -q "$a" -- sh -c 'cat >/dev/null; exit 3'
	assert_equal "$status" 1
	assert_equal "$(events One)" 'prepare-backup prepare-snapshot freeze thaw post-snapshot backup-shutdown'
	assert_nothing_left
}

# --- interrupted ---

@test "interrupted at any phase: status 130, no archive, writers thawed and told, copies gone" {
	local point signal
	test_writer One a </dev/null
	for point in session.after-begin-prepare session.prepared session.frozen session.committed session.thawed session.before-save \
		session.saved provider.fake.copied; do
		for signal in int term; do
			forget
			run --separate-stderr stop_at "$point:$signal" backup -q -o "$x" "$a" "$b"
			[ "$status" = 130 ] || fail "$point: status $status: $stderr"
			assert_thawed
			run -1 grep '^backup-complete' "$T/One.log"
			assert_no_trace
		done
	done
}

@test "interrupted when the archive is durable: it stays, and the writers hear of it" {
	test_writer One a </dev/null
	run stop_at backup.durable:int backup -q -o "$x" "$a"
	verify-backup -q "$x"
	run grep -c '^backup-complete' "$T/One.log"
	assert_output 1
	assert_nothing_left
}
