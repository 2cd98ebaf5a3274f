#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# vss-test-writer --check: good writers pass; each fault is caught by the check that is there for it.
# shellcheck disable=SC2154 # start and run set variables
load ../lib/common

setup() {
	vss_setup
	mkdir "$T/engine"
	held=$T/engine/held
}

# check PATIENCE FAULT... -- OPTION...: the small writer with these faults.
check() {
	local patience=$1 faults=()
	shift
	while [ "$1" != -- ]; do
		faults+=("$1")
		shift
	done
	shift
	run vss-test-writer --check --patience "$patience" --window 300 --probe test --probe ! --probe -e --probe "$held" \
		"$@" -- "$REPO/tests/lib/broken-writer.py" "$held" "${faults[@]}"
}

# caught FAULT CHECK TEXT [impatient]: the check fails, and says TEXT.  That it goes well without the fault is the first test's.
# What ends with the patience is tried with little of it first; on a busy machine other things take longer, too.
caught() {
	local patience
	for patience in ${4:+1 8} 60; do
		rm -f "$held"
		check "$patience" "$1" -- --restore --only "$2"
		grep -q "^not ok $2: .*$3" <<<"$output" && break
	done
	assert_line --regexp "^not ok $2: .*$3"
	assert_failure 1
}

@test "a writer without faults passes, that of a script too" {
	check 60 -- --restore
	refute_output --partial "not ok"
	refute_line --regexp "^skip"
	assert_success
	assert_equal "$(grep -c '^ok' <<<"$output")" "$(vss-test-writer --list | wc -l)"
	printf '%s\n' 'writer 3c1f5a70-5b1e-4a55-9a43-6f0f3f2c7b11 "One Writer" usage=USER_DATA' \
		'restore-method RESTORE_IF_NOT_THERE' 'component filegroup "" data' "file \"\" data $T/engine *" \
		'hold bracket confirmed=yes' >"$T/script"
	run vss-test-writer --check --patience 60 --window 300 "$(command -v vss-test-writer)" "$T/script"
	refute_output --partial "not ok"
	assert_line "skip restore: a writer may move data away then: only when it is asked for"
	assert_success
}

@test "what it says" {
	caught counts-itself identify 'the event has the number 7, the answer 1'
	caught identify-is-odd identify 'relative/path: not an absolute path'
	caught identify-counts identify-again 'was exclude /tmp/2 \*, is now exclude /tmp/3'
	caught identify-when-frozen identify-frozen 'is now exclude /tmp/frozen'
	caught identify-thaws identify-frozen 'thaw: ok was expected'
	caught odd-hold backup 'an answer with a value that is not known'
	caught odd-statement backup 'backup-stamp of a component that it has not named'
	caught in-part backup 'partial-file in a backup with partial-files=no'
	caught prints backup-scratch 'frozen: not a statement'
	caught bracket confirmed 'hold=bracket, and not confirmed=yes'
}

@test "what it has to pass over, and what not" {
	caught any-version hello 'fail was expected, it said: ok 12'
	caught strict-lines unknown-words 'unknown line'
	caught any-event unknown-event 'fail was expected'
	caught needs-success backup-failed 'ended with status 3'
	caught needs-instant backup-fuzzy 'ended with status 3'
	caught needs-words no-words 'ended with status 3'
	caught needs-complete backup-not-complete 'ended with status 3'
	caught needs-freeze thaw-not-frozen 'ended with status 3'
	caught drops-answers slow-reader 'no answer within' impatient
}

@test "how it leaves" {
	caught stays end-prepare-backup 'does not leave within [0-9]* ms' impatient
	caught stays death-hello 'does not leave within [0-9]* ms' impatient
	caught end-leaves-frozen end-freeze 'does not take writes' impatient
	caught dies-of-pipe death-freeze 'ended by signal 13'
	caught stays-after-bye bye 'does not leave' impatient
	caught leaves-child children 'holds its [a-z]*put open' impatient
	caught chokes-on-term sigterm 'does not leave' impatient
	caught no-repair kill-freeze 'after the next start the application does not take writes' impatient
}

@test "how it thaws" {
	caught stays-frozen backup 'at the end the application does not take writes' impatient
	caught ignores-abort abort-freeze 'at the end the application does not take writes' impatient
	caught aborts-frozen-only abort-prepare-backup 'ended with status 3'
	caught aborts-frozen-only abort-prepare-snapshot 'ended with status 3'
	caught aborts-frozen-only abort-thaw 'ended with status 3'
	caught abort-once abort-twice 'abort: twice'
	caught ignores-abort overtaken 'does not take writes' impatient
	caught no-deadline deadline 'has not taken its freeze back' impatient
	caught silent-deadline tiny-window 'has not taken its freeze back' impatient
	caught late-thaw-ok deadline 'had taken its freeze back, and says ok'
}

@test "what it does with nonsense" {
	caught chokes-on-garbage garbage-line 'does not leave within [0-9]* ms' impatient
	caught chokes-on-event garbage-word 'does not leave' impatient
	caught chokes-on-quote garbage-quote 'does not leave' impatient
	caught chokes-on-escape garbage-escape 'does not leave' impatient
	caught chokes-on-nul garbage-nul 'does not leave' impatient
	caught chokes-on-length garbage-long 'does not leave' impatient
	caught chokes-on-cut cut-line 'does not leave' impatient
	caught chokes-on-cut cut-event 'does not leave' impatient
}

@test "the SQLite writer passes" {
	requires sqlite3
	[ -x "$(in_box sqlite)" ] || skip "needs the SQLite writer"
	sqlite3 "$T/engine/x.db" 'pragma journal_mode = wal; create table t (a)' >"$T/out"
	echo "database $T/engine/x.db" >"$T/writer-sqlite.conf"
	VSS_WRITER_SQLITE_CONF=$T/writer-sqlite.conf run vss-test-writer --check --restore --patience 60 --probe sqlite3 \
		--probe -cmd --probe '.timeout 30000' --probe "$T/engine/x.db" --probe 'insert into t values (1)' "$(in_box sqlite)"
	refute_output --partial "not ok"
	assert_line "ok restore"
	assert_line "# backup: while it is frozen the probe waits"
	assert_success
}

@test "file sets that overlap are noted and no failure" {
	printf '%s\n' 'writer 3c1f5a70-5b1e-4a55-9a43-6f0f3f2c7b11 "One Writer" usage=USER_DATA' \
		'restore-method RESTORE_IF_NOT_THERE' 'component filegroup "" data' "file \"\" data $T/engine *.db" \
		'component filegroup "" logs' "file \"\" logs $T/engine a*" >"$T/script"
	run vss-test-writer --check --patience 60 --only identify-again "$(command -v vss-test-writer)" "$T/script"
	assert_line "# identify-again: file sets overlap: $T/engine *.db of component /data, $T/engine a* of component /logs"
	assert_line "ok identify-again"
	assert_success
}

@test "a restore" {
	caught lazy-restore restore 'no answer to pre-restore in time' impatient
	caught needs-restored restore-failed 'ended with status 3'
	caught stays end-pre-restore 'does not leave' impatient
}

@test "one that does not answer at all costs its patience once" {
	check 1 slow-start --
	assert_output "not ok identify: hello: no answer within 1000 ms"
	assert_failure 1
}

@test "a registration file says who it is and with what environment" {
	cat >"$T/env-writer" <<-'END'
		#!/bin/sh
		[ "$ENGINE" = "two words" ] || exit 1
		exec "$@"
	END
	chmod 755 "$T/env-writer"
	register engine "$T/env-writer $REPO/tests/lib/broken-writer.py $held" 'Environment="ENGINE=two words"'
	run vss-test-writer --check --only backup "$VSS_WRITERS_PATH/engine.writer"
	assert_output "ok backup"
	assert_success
}

@test "a writer that may not be run, a running service, a probe that fails before: none can be checked" {
	chmod 777 "$T/engine"
	cp "$REPO/tests/lib/broken-writer.py" "$T/engine/writer"
	run --separate-stderr vss-test-writer --check "$T/engine/writer" "$held"
	assert_failure 1
	assert_output ""
	assert_regex "$stderr" "engine: writable by others"
	printf '[Writer]\nSocket=/run/nobody\n' >"$T/service.writer"
	run --separate-stderr vss-test-writer --check "$T/service.writer"
	assert_failure 4
	: >"$held"
	check 1 --
	assert_failure 1
	assert_output --partial "before anything was done the probe fails"
}

@test "usage: what goes with what" {
	for line in --check "--check --only no-such-check /bin/true" "--list x" "--json x" "--restore x" \
		"--check --patience 0 /bin/true" "--check --window 70000 /bin/true" "--check --list"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr vss-test-writer $line
		assert_equal "$line: $status" "$line: 2"
		assert_sentence test-writer
	done
}

@test "JSON has what the lines have, and every check its sentence" {
	check 4 stays -- --json --only backup --only bye
	assert_json '[.[] | [.check, .result] | join(" ")] | join(", ")' \
		"backup note, backup ok, bye not ok"
	assert_json '.[2].reason' "it does not leave within 4000 ms"
	run vss-test-writer --list --json
	assert_json '[.[] | select(.what | length > 10)] | length' "$(vss-test-writer --list | wc -l)"
	assert_json '.[0].check' identify
}

@test "what passes for a copy can be looked at and not be written to" {
	requires_root
	check 60 looks-at-copy -- --only backup
	assert_line "ok backup"
	assert_success
}

has_begun() { [ -n "$(ls "$T/tmp")" ]; }

@test "nothing is left behind, also when it is interrupted" {
	mkdir "$T/tmp"
	export TMPDIR=$T/tmp
	check 60 -- --only backup-scratch --only kill-freeze
	assert_success
	assert_equal "$(ls "$T/tmp")" ""
	start vss-test-writer --check --patience 600 -- "$REPO/tests/lib/broken-writer.py" "$held" slow-start
	wait_until 60 has_begun
	kill -TERM "$started_pid"
	status=0
	wait "$started_pid" || status=$?
	assert_equal "$status" 130
	assert_equal "$(ls "$T/tmp")" ""
}
