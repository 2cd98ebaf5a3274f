#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Writes held over the commits, on fake volumes, with a freezer that only pretends: tests/tools/fake_freezer.
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common

setup() {
	vss_setup
	fake_volumes a b c
	for v in a b c; do echo "$v" >"$(volume $v)/file"; done
	export VSS_FREEZER=$VSS_BUILD/tests/tools/fake_freezer VSS_FAKE_FREEZER_LOG=$T/freezer
}

create() { run --separate-stderr create-shadow --json --no-writers "$@" "$(volume a)" "$(volume b)" "$(volume c)"; }
asked() { tr '\n' ' ' <"$T/freezer"; }
assert_nothing_left() {
	local v
	for v in a b c; do assert_not_exist "$(volume $v)/.vss-shadows"; done
	assert_equal "$(find "$T/run/freeze" -type f 2>/dev/null)" ""
	run pgrep -f "^$VSS_FREEZER " # the sentinel is one of them
	assert_failure
}
stamps() { jq -r --arg who "volume $(volume "$1")" '[.ledger[] | select(.who == $who) | .what] | join(" ")' <<<"$output"; }

@test "what may be held is held where that makes a set one instant, and only then" {
	VSS_FAKE_FAULTS=instant=many create
	assert_equal "$status" 6
	assert_sentence create-shadow '--hold-cgroup'
	VSS_FAKE_FAULTS=instant=one,hold=may create
	assert_success
	assert_not_exist "$T/freezer"
	assert_json .held_ms null
	VSS_FAKE_FAULTS=instant=many,hold=may create
	assert_success
	assert_equal "$(asked)" "start hold release quit "
	assert_json .grade crash
	assert_json .skew_ms 0
	assert_json '.held_ms > 0'
	assert_json '.shadows | all(.held and .proof["held-us"] >= 0)'
	assert_equal "$(stamps a)" "held committed released"
}

@test "one volume that is not held goes into the hold of the others" {
	VSS_FAKE_FAULTS=instant=many,hold=may:$(volume a),hold=wants:$(volume c) create
	assert_success
	assert_json .skew_ms 0
	assert_json '[.shadows[].held] | join(" ")' "true false true"
	assert_equal "$(stamps b)" committed
	run list-shadows --json
	assert_json '.[0].instant' one
	assert_json '.[0].held_ms > 0'
	assert_json '[.[0].shadows[].held] | join(" ")' "true false true"
}

@test "two that are not held are two instants, their distance is measured, and the bar decides" {
	faults=instant=many,hold=wants:$(volume a)
	VSS_FAKE_FAULTS=$faults create
	assert_equal "$status" 6
	assert_not_exist "$T/freezer"
	VSS_FAKE_FAULTS=$faults create --min-grade ordered
	assert_success
	assert_json .grade ordered
	assert_json '.skew_ms >= 0'
	assert_json '.shadows[0].held'
}

@test "a dry run says what would be held and what is one instant then" {
	VSS_FAKE_FAULTS=instant=many,hold=may create -n
	assert_success
	assert_json '[.volumes[].held] | all'
	assert_json '[.volumes[].group] | unique | length' 1
	assert_json .instant one
	run --separate-stderr env VSS_FAKE_FAULTS=instant=many,hold=may create-shadow -n --no-writers "$(volume a)" "$(volume b)"
	assert_line --partial 'writes held'
	assert_not_exist "$T/freezer"
	VSS_FAKE_FAULTS=instant=many create -n
	assert_equal "$status" 6
	VSS_FAKE_FAULTS=instant=many create -n --hold-cgroup /sys/fs/cgroup/any
	assert_success
	assert_json .instant one
}

@test "a hold that is refused, broken, too long or not answered fails the set, and nothing is left" {
	local row
	for row in 'start|ended before it was ready' 'busy|frozen by somebody else' 'die|the freezer died' \
		'broken|somebody else thawed' 'over|its time was over'; do
		VSS_FAKE_FREEZER=${row%|*} VSS_FAKE_FAULTS=hold=wants create
		assert_equal "$status" 1
		assert_sentence create-shadow "${row#*|}"
		assert_nothing_left
	done
}

@test "a commit that outlasts the hold is named, and what it made goes" {
	mkfifo "$T/fifo" "$T/cue"
	VSS_STOP_AT=provider.fake.commit:note VSS_STOP_LOG=$T/stops VSS_FAKE_FREEZER=cue VSS_FAKE_FREEZER_CUE=$T/cue \
		VSS_FAKE_FAULTS=hold=wants,commit=stall:$T/fifo start create-shadow --no-writers "$(volume a)" 2>"$T/said"
	wait_until 10 test -s "$T/stops"
	: <>"$T/cue"
	wait_until 10 grep -q quit "$T/freezer"
	: <>"$T/fifo"
	status=0
	wait "$started_pid" || status=$?
	assert_equal "$status" 1
	run cat "$T/said"
	assert_output --partial 'fake provider'
	assert_output --partial 'was at commit'
	assert_output --partial VSS_E_HOLD_WRITES_TIMEOUT
	assert_nothing_left
}

@test "an interruption while held lets go first" {
	local signal
	for signal in int term; do
		rm -f "$T/freezer"
		run --separate-stderr env VSS_FAKE_FAULTS=hold=wants VSS_STOP_AT=hold.held:$signal create-shadow --no-writers "$(volume a)"
		assert_equal "$status" 130
		assert_regex "$(asked)" '^start hold (release )?quit $'
		assert_nothing_left
	done
}

@test "whoever is killed while held leaves a freezer that lets go by itself" {
	local point
	for point in hold.before hold.held hold.released; do
		rm -f "$T/freezer"
		VSS_FAKE_FAULTS=hold=wants stop_at "$point" run create-shadow --no-writers "$(volume a)"
		assert_equal "$status" 137
		wait_until 10 grep -q orphaned "$T/freezer"
		run create-shadow --no-writers "$(volume b)" -- true
		assert_success
		wait_until 10 assert_nothing_left
	done
}

@test "a writer that dies while writes are held fails the set, and nothing stays held" {
	mkfifo "$T/fifo"
	cat >"$T/script" <<-END
		writer 3c6f0f0e-6d1f-4f0e-9a52-5a1d0a2b7c11 "Mortal" usage=USER_DATA source=OTHER
		restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
		component filegroup "" data selectable=yes
		file "" data $(volume a) * recursive=yes
		hold files
		log $T/log
	END
	register Mortal "$VSS_BUILD/bin/vss-test-writer $T/script"
	VSS_FAKE_FAULTS=hold=wants,commit=stall:$T/fifo start create-shadow "$(volume a)" 2>"$T/said"
	wait_until 10 grep -q hold "$T/freezer"
	pkill -KILL -P "$started_pid" vss-test-writer
	wait_until 10 grep -q quit "$T/freezer"
	: <>"$T/fifo"
	status=0
	wait "$started_pid" || status=$?
	assert_equal "$status" 6
	assert_file_contains "$T/said" 'writer "Mortal": freeze'
	assert_nothing_left
}

@test "processes that the user names are stopped first, and then any set is one instant on his word" {
	[ -d /sys/fs/cgroup/unified ] || [ -e /sys/fs/cgroup/cgroup.controllers ] || skip "needs cgroup v2"
	requires_root
	top=/sys/fs/cgroup
	[ -d $top/unified ] && top=$top/unified
	group=$top/vss-test-$$
	mkdir "$group"
	VSS_FAKE_FAULTS=instant=many create --hold-cgroup "$group"
	rmdir "$group"
	assert_success
	assert_equal "$(asked)" "start processes release quit "
	assert_json .grade crash
	assert_json .skew_ms 0
	assert_json '.held_cgroups[0]' "$group"
	assert_json '[.ledger[] | select(.who | startswith("processes")) | .what] | join(" ")' "stopped released"
}

@test "a control group that cannot be stopped is refused in a sentence before anything is done" {
	local bad
	for bad in "$T/nowhere" "$T" /proc; do
		VSS_FAKE_FAULTS=instant=many create --hold-cgroup "$bad"
		assert_failure
		assert_sentence create-shadow "$bad"
		assert_nothing_left
	done
}
