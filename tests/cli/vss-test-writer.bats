#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# vss-test-writer: its script, and what it does to those who trust it.
# shellcheck disable=SC2154 # start sets started_pid
load ../lib/common

# script NAME: a registered test writer; its rules come from stdin.
script() {
	{
		cat <<-END
			writer 3c1f5a70-5b1e-4a55-9a43-6f0f3f2c7b11 "$1 Writer" usage=USER_DATA
			restore-method RESTORE_IF_NOT_THERE
			component filegroup "" data
			file "" data $T/volumes/v * recursive=yes
			hold files
			log $T/log
			counts $T/counts
		END
		cat
	} >"$T/$1.script"
	register "$1" "$VSS_BUILD/bin/vss-test-writer $T/$1.script"
}

@test "a script with a fault is refused, with its line" {
	while IFS= read -r line; do
		printf '%s\n' "# first" "$line" >"$T/bad"
		run --separate-stderr vss-test-writer "$T/bad"
		assert_failure 1
		assert_sentence test-writer "$T/bad: line 2: "
	done <<-'END'
		nonsense
		at never fail RETRYABLE
		at freeze
		at freeze fly
		at freeze fail
		at freeze fail RETRYABLE first=0
		evidence a b
		log
		writer "open
	END
	run --separate-stderr vss-test-writer "$T/absent"
	assert_failure 1
	assert_sentence test-writer "$T/absent: "
	run --separate-stderr vss-test-writer
	assert_failure 2
	echo "at freeze fail RETRYABLE first=1" >"$T/bad"
	run --separate-stderr vss-test-writer "$T/bad"
	assert_sentence test-writer "counts FILE"
}

@test "it is started, says what it was told, and notes each event" {
	script one <<-'END'
		at freeze say evidence lsn 17
	END
	run writers_driver prepare-backup with=volume,/srv prepare-snapshot freeze thaw
	assert_success
	assert_line "component one - data"
	assert_line "freeze one VSS_WS_WAITING_FOR_THAW none files "
	assert_line "- evidence lsn 17"
	run cut -d' ' -f1 "$T/log"
	assert_output $'hello\nidentify\nprepare-backup\nprepare-snapshot\nwith\nfreeze\nwith\nthaw\nwith\nbye\nabort\nbackup-shutdown'
	assert_file_contains "$T/log" "thawed-by=event"
	assert_file_contains "$T/log" "with volume /srv"
}

@test "files stop and start another program" {
	script one <<-END
		at freeze touch $T/stop
		at freeze await $T/stopped
		at thaw remove $T/stop
		at post-snapshot copy $T/stopped $T/spit
	END
	start bash -c "until [ -e '$T/stop' ]; do read -rt 0.01 <> <(:); done; echo quiet >'$T/stopped'"
	run writers_driver prepare-backup freeze "run=ls $T/stop" thaw post-snapshot
	assert_success
	assert_line "$T/stop"
	assert_line "freeze one VSS_WS_WAITING_FOR_THAW none files "
	assert_file_not_exist "$T/stop"
	assert_equal "$(cat "$T/spit")" quiet
}

@test "waiting in vain for a file is a timeout of the handler" {
	script one <<-END
		at freeze await $T/never ms=50
	END
	run writers_driver freeze
	assert_line "freeze one VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_TIMEOUT none $T/never: did not appear"
}

@test "the first times only" {
	script one <<-'END'
		at prepare-backup veto RETRYABLE "come back later" first=2
	END
	for expected in VSS_E_WRITERERROR_RETRYABLE VSS_E_WRITERERROR_RETRYABLE none; do
		run writers_driver prepare-backup
		assert_line --partial " $expected "
	done
}

@test "parts, times and targets are said as the page shows them" {
	mkdir "$T/db"
	script one <<-END
		backup-schema incremental last-modify timestamped new-target
		at prepare-backup write-ranges $T/db/changed 0:4096,0x100000:512
		at prepare-backup write $T/db/note "one line\012"
		at post-snapshot say partial-file "" data $T/db main ranges=File=$T/db/changed
		at post-snapshot say differenced-file "" data $T/db *.log since=1700000000.5
		at pre-restore say restore-target "" data directed
		at pre-restore say directed-target "" data $T/db main 0:512 $T/new main 512:512
	END
	run writers_driver prepare-backup prepare-snapshot freeze thaw post-snapshot pre-restore
	assert_success
	assert_line "- partial-file  data $T/db main"
	refute_output --partial FAILED
	assert_equal "$(cat "$T/db/note")" "one line"
	run od -An -v -w8 -td8 --endian=little "$T/db/changed"
	assert_equal "${lines[*]// /}" "2 0 4096 1048576 512"
}

@test "what is excluded from the copy goes from the copy alone" {
	vss_setup
	fake_volumes a
	echo keep >"$(volume a)/keep"
	echo cache >"$(volume a)/cache"
	script one <<-END
		exclude-from-snapshot $(volume a) cache
		at post-snapshot remove-copied $(volume a)/cache
	END
	sed -i "s,$T/volumes/v,$(volume a)," "$T/one.script"
	run create-shadow --json "$(volume a)"
	assert_success
	local copy
	copy=$(jq -r ".shadows[0].device" <<<"$output")
	assert_equal "$(ls "$copy")" keep
	assert_equal "$(ls "$(volume a)")" $'cache\nkeep'
}

@test "a thaw happens also when the coordinator is killed" {
	script one <<-END
		at thaw touch $T/thawed
	END
	start writers_driver prepare-backup freeze wait=60000
	wait_until 10 has_line "$T/log" freeze
	kill -KILL "$started_pid"
	wait_until 10 test -e "$T/thawed"
	wait_until 10 has_line "$T/log" thawed-by=end-of-input
}
