#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Writers that fail, veto, stall, die and lie at each event: what the same run says of them, what the next list-writers says,
# what goes on and what does not, and what is left behind.

# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	echo one >"$(volume a)/file"
	echo two >"$(volume b)/file"
	test_writer Two b </dev/null
}

create() { run --separate-stderr create-shadow --json "$@" "$(volume a)" "$(volume b)"; }

# For every code, and for vetoes: make a set while One fails at EVENT; then CHECK.
with_each_failure() {
	local event=$1 check=$2 each code how
	for each in "${writer_codes[@]/#/fail }" "veto ${writer_codes[0]}" "veto ${writer_codes[3]}"; do
		how=${each% *} code=${each#* }
		forget
		test_writer One a <<<"at $event $how VSS_E_WRITERERROR_$code \"$how with $code\""
		create
		"$check" "$how" "WRITERERROR_$code"
		assert_thawed
	done
}

# STATUS STATE CODE HOW: what is the same at all events before the set stands.
stopped_the_set() {
	[ "$status" = "$1" ] || fail "status $status: $stderr"
	assert_sentence create-shadow "writer \"One\": $event: $4 with ${3#WRITERERROR_} (VSS_E_$3)"
	writer_is One "$2" "$3"
	listed_is One "$2" "$3"
	listed_is Two STABLE ''
	assert_json '.shadows | length' 0
	assert_json '.writers[] | select(.name == "One") | .message' "$4 with ${3#WRITERERROR_}"
	assert_nothing_left
}

# --- every event, every code ---

failed_identify() {
	[ "$status" = 6 ] || fail "status $status: $stderr"
	assert_sentence create-shadow 'writer "One": identify: '
	assert_equal "$output" ''
	listed_is One FAILED_AT_IDENTIFY "$2"
	assert_nothing_left
}

@test "a writer that fails at identify ends it before anything begins, with the way out" {
	with_each_failure identify failed_identify
	[[ $stderr == *"leave it out with --exclude-writer or --skip-failed-writers"* ]]
	create --exclude-writer One
	assert_equal "$status" 0
}

failed_prepare_backup() {
	stopped_the_set 6 FAILED_AT_PREPARE_BACKUP "$2" "$1"
	writer_is Two STABLE ''
	assert_equal "$(events One)" "prepare-backup backup-shutdown [abort]"
	assert_equal "$(events Two)" "prepare-backup backup-shutdown [abort]"
}

@test "a writer that fails at prepare-backup: no set, and nobody is told to abort" {
	with_each_failure prepare-backup failed_prepare_backup
}

failed_prepare_snapshot() {
	stopped_the_set 6 FAILED_AT_PREPARE_SNAPSHOT "$2" "$1"
	assert_equal "$(events One)" "prepare-backup prepare-snapshot backup-shutdown [abort]"
	assert_equal "$(events Two)" "prepare-backup prepare-snapshot backup-shutdown [abort]"
}

@test "Z18: a writer that fails at prepare-snapshot: no set, nobody freezes, nobody is told to abort" {
	with_each_failure prepare-snapshot failed_prepare_snapshot
}

failed_freeze() {
	stopped_the_set 6 FAILED_AT_FREEZE "$2" "$1"
	writer_is Two STABLE ''
	local thaw=thaw
	[ "$1" = veto ] || thaw='thaw[failed-freeze]'
	assert_equal "$(events One)" "prepare-backup prepare-snapshot freeze $thaw abort backup-shutdown"
	# nobody waits for an answer to freeze any more: the abort may come first
	assert_equal "$(events Two | sed 's/thaw\[abort\]/thaw/')" "prepare-backup prepare-snapshot freeze thaw abort backup-shutdown"
}

@test "Z18: a writer that fails at freeze aborts the set for all" {
	with_each_failure freeze failed_freeze
}

failed_thaw() {
	stopped_the_set 6 FAILED_AT_THAW "$2" "$1"
	assert_equal "$(events One)" "prepare-backup prepare-snapshot freeze thaw abort backup-shutdown"
	assert_equal "$(events Two)" "prepare-backup prepare-snapshot freeze thaw abort backup-shutdown"
}

@test "Z18: a writer that fails at thaw aborts the set for all" {
	with_each_failure thaw failed_thaw
}

failed_post_snapshot() {
	stopped_the_set 6 FAILED_AT_POST_SNAPSHOT "$2" "$1"
	assert_json '.writers[] | select(.name == "One") | .grade' crash
	assert_equal "$(events One)" "prepare-backup prepare-snapshot freeze thaw post-snapshot backup-shutdown"
	assert_equal "$(events Two)" "prepare-backup prepare-snapshot freeze thaw post-snapshot backup-shutdown"
}

@test "Z18: a writer that fails at post-snapshot aborts nobody, but its files are only crash-consistent" {
	with_each_failure post-snapshot failed_post_snapshot
}

failed_backup_complete() {
	[ "$status" = 3 ] || fail "status $status: $stderr"
	assert_sentence create-shadow "writer \"One\": backup-complete: $1 with ${2#WRITERERROR_} (VSS_E_$2)"
	writer_is One FAILED_AT_BACKUP_COMPLETE "$2"
	writer_is Two STABLE ''
	listed_is One FAILED_AT_BACKUP_COMPLETE "$2"
	assert_json '.shadows | length' 2
	delete-shadow -q --set "$(jq -r .set_id <<<"$output")"
	assert_nothing_left
	assert_equal "$(events One)" "prepare-backup prepare-snapshot freeze thaw post-snapshot backup-complete backup-shutdown"
}

@test "a writer that fails at backup-complete: the copies stay, done in part" {
	with_each_failure backup-complete failed_backup_complete
}

failed_backup_shutdown() {
	[ "$status" = 0 ] || fail "status $status: $stderr"
	listed_is One FAILED_AT_BACKUPSHUTDOWN "$2"
	listed_is Two STABLE ''
	delete-shadow -q --set "$(jq -r .set_id <<<"$output")"
	assert_nothing_left
}

@test "a writer that fails at backup-shutdown costs nothing, and is shown" {
	with_each_failure backup-shutdown failed_backup_shutdown
}

@test "a failure is shown until the writer succeeds again, and in vssadmin's words" {
	test_writer One a <<<'at freeze fail VSS_E_WRITERERROR_RETRYABLE'
	create
	assert_equal "$status" 6
	run list-writers
	assert_line --partial 'State: [9] Failed'
	assert_line --partial 'Last error: Retryable error'
	run list-writers
	assert_line --partial 'Last error: Retryable error'
	test_writer One a </dev/null
	listed_is One FAILED_AT_FREEZE WRITERERROR_RETRYABLE
	create
	assert_equal "$status" 0
	listed_is One STABLE ''
}

@test "the numbers of an application and its own words come through" {
	test_writer One a <<<'at post-snapshot veto VSS_E_WRITERERROR_NONRETRYABLE "disk \"x\" is full" app=28'
	create
	assert_json '.writers[] | select(.name == "One") | .message' 'disk "x" is full'
	run list-writers --json
	assert_json '.[] | select(.name == "One") | .message' 'disk "x" is full'
}

# --- going on without it ---

@test "Z19: --skip-failed-writers goes on without a writer that vetoes, and says so" {
	local event
	for event in prepare-backup prepare-snapshot freeze thaw post-snapshot; do
		forget
		test_writer One a <<<"at $event veto VSS_E_WRITERERROR_NONRETRYABLE \"not now\""
		create --skip-failed-writers
		[ "$status" = 3 ] || fail "$event: status $status: $stderr"
		[[ $stderr == *'writer "One"'*'not now'* ]]
		assert_json '.shadows | length' 2
		writer_is Two STABLE ''
		assert_json '.writers[] | select(.name == "Two") | .grade' application
		listed_is One "FAILED_AT_$(tr a-z- A-Z_ <<<"$event")" WRITERERROR_NONRETRYABLE
		assert_thawed
		assert_equal "$(events Two)" "prepare-backup prepare-snapshot freeze thaw post-snapshot backup-complete backup-shutdown"
		run -0 grep -c '^backup-shutdown' "$T/One.log"
		run -1 grep -c '^backup-complete' "$T/One.log"
		delete-shadow -q --all
	done
}

@test "--skip-failed-writers does not help against a failed freeze or thaw, nor for a writer that was named" {
	local event
	for event in freeze thaw; do
		test_writer One a <<<"at $event fail VSS_E_WRITERERROR_NONRETRYABLE"
		create --skip-failed-writers
		[ "$status" = 6 ] || fail "$event: status $status: $stderr"
		assert_nothing_left
		assert_thawed
	done
	test_writer One a <<<"at prepare-snapshot veto VSS_E_WRITERERROR_NONRETRYABLE"
	create --skip-failed-writers -w One
	assert_equal "$status" 6
	assert_nothing_left
}

@test "a lower bar takes what a writer that failed at post-snapshot leaves, in part" {
	test_writer One a <<<'at post-snapshot veto VSS_E_WRITERERROR_RETRYABLE'
	create --min-grade crash
	assert_equal "$status" 3
	writer_is One FAILED_AT_POST_SNAPSHOT WRITERERROR_RETRYABLE
	assert_json '.writers[] | select(.name == "One") | .grade' crash
	assert_json '.shadows | length' 2
}

@test "a writer that was left out by name hears nothing" {
	test_writer One a <<<'at identify fail VSS_E_WRITERERROR_RETRYABLE'
	create --exclude-writer One
	assert_equal "$status" 0
	assert_json '[.writers[].name] | join(" ")' Two
	assert_equal "$(events One)" ''
}

# --- levels ---

@test "Z17: levels freeze front-end first and thaw system first" {
	rm "$VSS_WRITERS_PATH"/*
	test_writer System a Level=system </dev/null
	test_writer Front a Level=front-end </dev/null
	test_writer Back a Level=back-end </dev/null
	create
	assert_equal "$status" 0
	when() { sed -nE "s/^$1 at=([0-9]+).*/\1/p" "$T/$2.log"; }
	[ "$(when freeze Front)" -lt "$(when freeze Back)" ]
	[ "$(when freeze Back)" -lt "$(when freeze System)" ]
	[ "$(when freeze System)" -lt "$(when thaw System)" ]
	[ "$(when thaw System)" -lt "$(when thaw Back)" ]
	[ "$(when thaw Back)" -lt "$(when thaw Front)" ]
}

@test "a back-end that fails to freeze thaws the front-end that has frozen; a lower level is not asked" {
	rm "$VSS_WRITERS_PATH"/*
	test_writer Front a Level=front-end </dev/null
	test_writer Back a Level=back-end <<<'at freeze fail VSS_E_WRITERERROR_RETRYABLE'
	test_writer System a Level=system </dev/null
	create
	assert_equal "$status" 6
	assert_equal "$(events Front)" "prepare-backup prepare-snapshot freeze thaw abort backup-shutdown"
	assert_equal "$(events System)" "prepare-backup prepare-snapshot abort backup-shutdown"
	assert_nothing_left
}

# --- clocks ---

# frozen_ms NAME: from its freeze to its thaw, by its own log.
frozen_ms() {
	local froze thawed
	froze=$(sed -nE 's/^freeze at=([0-9]+).*/\1/p' "$T/$1.log")
	thawed=$(sed -nE 's/^thaw at=([0-9]+).*/\1/p' "$T/$1.log")
	echo $(((thawed - froze) / 1000000))
}

@test "Z16: a writer with a limit of 2 s is thawed at it although the provider is stuck in its commit" {
	test_writer One a FreezeTimeout=2s </dev/null
	VSS_FAKE_FAULTS=commit=stall create
	[ "$status" = 1 ] || fail "status $status: $stderr"
	[[ $stderr == *'create-shadow: writer "One": freeze: '*'fake provider'*' was at commit'* ]]
	writer_is One FAILED_AT_FREEZE WRITERERROR_TIMEOUT
	listed_is One FAILED_AT_FREEZE WRITERERROR_TIMEOUT
	[ "$(frozen_ms One)" -ge 1900 ]
	[ "$(frozen_ms One)" -le 6000 ]
	[ "$(frozen_ms Two)" -le 6000 ]
	assert_thawed
	list-volumes >/dev/null
	delete-shadow -q --all
	assert_nothing_left
}

@test "Z16: a writer that stalls in freeze is ended at its limit of 2 s, and the others thaw at once" {
	local before after
	test_writer One a FreezeTimeout=2s <<<'at freeze stall'
	before=$(date +%s%N)
	VSS_FAKE_FAULTS=begin_prepare=nothing,commit=stall create
	after=$(date +%s%N)
	[ "$status" = 6 ] || fail "status $status: $stderr"
	assert_sentence create-shadow 'writer "One": freeze: '
	writer_is One FAILED_AT_FREEZE WRITERERROR_TIMEOUT
	listed_is One FAILED_AT_FREEZE WRITERERROR_TIMEOUT
	[ "$(frozen_ms Two)" -ge 1900 ]
	[ "$(frozen_ms Two)" -le 6000 ]
	[ $(((after - before) / 1000000)) -le 20000 ]
	run -1 pgrep -f "^[^ ]*vss-test-writer $T/"
	assert_nothing_left
}

@test "a writer that stalls at thaw is ended at its limit and fails the set" {
	test_writer One a FreezeTimeout=1s <<<'at thaw stall'
	create
	[ "$status" = 6 ] || fail "status $status: $stderr"
	writer_is One FAILED_AT_THAW WRITERERROR_TIMEOUT
	writer_is Two STABLE ''
	assert_thawed
	assert_nothing_left
}

@test "a writer may shorten its window itself" {
	test_writer One a <<<'at freeze shorten-window ms=500'
	VSS_FAKE_FAULTS=commit=stall create
	assert_equal "$status" 1
	writer_is One FAILED_AT_FREEZE WRITERERROR_TIMEOUT
	[ "$(frozen_ms One)" -ge 450 ]
	[ "$(frozen_ms One)" -le 6000 ]
	assert_thawed
}

# --- the dead, the liars, the babblers ---

@test "a writer that dies at an event has failed at it and does not respond" {
	local event state
	for event in prepare-backup prepare-snapshot freeze thaw post-snapshot backup-complete; do
		forget
		test_writer One a <<<"at $event die"
		create
		state=FAILED_AT_$(tr a-z- A-Z_ <<<"$event")
		writer_is One "$state" WRITER_NOT_RESPONDING
		listed_is One "$state" WRITER_NOT_RESPONDING
		assert_equal "$event: $status" "$event: $([ "$event" = backup-complete ] && echo 3 || echo 6)"
		[[ $stderr == *'writer "One": '"$event"': was ended by signal 9 (Killed) (VSS_E_WRITER_NOT_RESPONDING)'* ]]
		[ "$event" != backup-complete ] || delete-shadow -q --all
		assert_nothing_left
		assert_equal "$(grep -c '^freeze' "$T/Two.log")" "$(grep -c '^thaw' "$T/Two.log")"
	done
}

@test "a writer that dies while it is frozen fails the set, whatever the providers have made" {
	test_writer One a <<<"at freeze touch $T/frozen"
	mkfifo "$T/gate"
	start env VSS_FAKE_FAULTS="commit=stall:$T/gate" create-shadow --json "$(volume a)" "$(volume b)" >"$T/out" 2>"$T/err"
	wait_until 10 test -e "$T/frozen"
	wait_until 10 has_line "$T/Two.log" 'freeze at='
	kill -KILL "$(sed -nE 's/^freeze .*pid=([0-9]+).*/\1/p' "$T/One.log")"
	wait_until 10 has_line "$T/Two.log" 'thaw at='
	status=0
	dd if=/dev/null of="$T/gate" oflag=nonblock conv=notrunc 2>/dev/null || : # whoever opens it lets the provider go on
	wait "$started_pid" || status=$?
	assert_equal "$status" 6
	output=$(cat "$T/out")
	writer_is One FAILED_AT_FREEZE WRITER_NOT_RESPONDING
	assert_nothing_left
}

@test "what is not the protocol fails the writer at that event, and no more" {
	local what
	for what in 'at freeze raw "hello there\012"' 'at freeze raw "ok 999\012"' 'at freeze raw "\001\002\012"' \
		'at freeze raw "ok\012"' 'at freeze say component filegroup "" late selectable=yes' 'at freeze raw "x" times=3000000' \
		'at freeze raw "evidence a b\012" times=1100000'; do
		forget
		test_writer One a <<<"$what"
		create
		[ "$status" = 6 ] || fail "$what: status $status: $stderr"
		[[ $stderr == *'writer "One": freeze: '* ]] || fail "$what: $stderr"
		writer_is One FAILED_AT_FREEZE WRITER_NOT_RESPONDING
		writer_is Two STABLE ''
		assert_sentence create-shadow 'writer "One": freeze: '
		assert_equal "$(grep -c '^freeze' "$T/Two.log")" "$(grep -c '^thaw' "$T/Two.log")"
		assert_nothing_left
	done
}

@test "what a writer prints does not get into the protocol" {
	test_writer One a <<<'at freeze print "ok 1\012fail 2\012"'
	create
	assert_equal "$status" 0
	writer_is One STABLE ''
}

# --- providers ---

@test "a provider that fails at a phase: writers have thawed and heard abort once they had been prepared, nothing is left" {
	local phase want
	for phase in begin_prepare pre_commit commit post_commit post_final_commit; do
		forget
		test_writer One a </dev/null
		VSS_FAKE_FAULTS=$phase=fail create
		[ "$status" = 1 ] || fail "$phase: status $status: $stderr"
		assert_sentence create-shadow 'it was told to fail'
		case $phase in
		begin_prepare) want="prepare-backup backup-shutdown [abort]" ;;
		post_final_commit) want="prepare-backup prepare-snapshot freeze thaw post-snapshot backup-shutdown" ;;
		*) want="prepare-backup prepare-snapshot freeze thaw abort backup-shutdown" ;;
		esac
		assert_equal "$phase: $(events One)" "$phase: $want"
		writer_is One STABLE '' || [ "$phase" = post_final_commit ]
		listed_is One STABLE ''
		assert_thawed
		assert_nothing_left
	done
}

@test "the code of a provider comes through, with its status" {
	VSS_FAKE_FAULTS=commit=fail:VSS_E_INSUFFICIENT_STORAGE create
	assert_equal "$status" 1
	assert_json .error.code VSS_E_INSUFFICIENT_STORAGE
}

@test "what was promised as one instant and is not fails the set" {
	VSS_FAKE_FAULTS=commit=unequal create
	assert_equal "$status" 1
	assert_sentence create-shadow 'not one instant'
	assert_nothing_left
	assert_thawed
}

@test "a set below the bar is not kept, and the sentence names the way out" {
	VSS_FAKE_FAULTS=instant=fuzzy create
	assert_equal "$status" 6
	assert_sentence create-shadow '--min-grade'
	assert_nothing_left
	VSS_FAKE_FAULTS=instant=fuzzy create --min-grade fuzzy
	assert_equal "$status" 0
	assert_json .grade fuzzy
}
