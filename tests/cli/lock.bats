#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# One set is in creation on a machine at a time (M25): what a second one is told, and how long it waits.

# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	echo one >"$(volume a)/file"
}

# hold POINT: a first create-shadow, standing still at this point; its id is in $first.
hold() {
	: >"$T/stops"
	start env VSS_STOP_AT="$1:stop" VSS_STOP_LOG="$T/stops" create-shadow --json "$(volume a)" >"$T/first" 2>"$T/first.err"
	holder=$started_pid
	wait_until 10 has_line "$T/stops" "$1 "
	first=$(sed -n 's/.* //p' "$T/stops")
	wait_until 10 is_stopped "$first"
}

let_go() {
	kill -CONT "$first"
	wait "$holder"
}

@test "Z22: a second set during creation is refused with --wait 0: the code, and status 5" {
	local point
	for point in session.after-begin-prepare session.prepared session.committed session.before-save; do
		hold "$point"
		run --separate-stderr create-shadow --wait 0 "$(volume b)"
		[ "$status" = 5 ] || fail "$point: status $status: $stderr"
		assert_sentence create-shadow '(VSS_E_SNAPSHOT_SET_IN_PROGRESS)'
		assert_equal "$output" ''
		let_go
		jq -e '.shadows | length == 1' "$T/first" >/dev/null
	done
	delete-shadow -q --all
	assert_nothing_left
}

@test "the one who waits is served when the first is done" {
	hold session.committed
	start create-shadow --wait 30 --json "$(volume b)" >"$T/second"
	let_go
	wait "$started_pid"
	jq -e '.shadows | length == 1' "$T/first" >/dev/null
	jq -e '.shadows | length == 1' "$T/second" >/dev/null
	assert_equal "$(list-shadows --json | jq length)" 2
}

@test "who waits in vain is told after its time" {
	local before
	hold session.prepared
	before=$SECONDS
	run --separate-stderr create-shadow --wait 1 "$(volume b)"
	assert_equal "$status" 5
	assert_sentence create-shadow '(VSS_E_SNAPSHOT_SET_IN_PROGRESS)'
	[ $((SECONDS - before)) -le 60 ]
	let_go
}

@test "a writer of the refused one has not been prepared" {
	test_writer One a </dev/null
	hold session.prepared
	forget
	run create-shadow --wait 0 "$(volume a)"
	assert_equal "$status" 5
	assert_equal "$(events One)" ''
	let_go
}

@test "backup is refused in the same way, and leaves nothing" {
	hold session.committed
	run --separate-stderr backup --wait 0 -o "$T/x.tar.zst" "$(volume b)"
	assert_equal "$status" 5
	assert_sentence backup '(VSS_E_SNAPSHOT_SET_IN_PROGRESS)'
	let_go
	run find "$T" -maxdepth 1 -name 'x.tar.zst*'
	assert_output ''
}

@test "lists and dry runs do not wait" {
	hold session.committed
	list-shadows >/dev/null
	list-writers >/dev/null
	run create-shadow -n "$(volume b)"
	assert_equal "$status" 0
	let_go
}

@test "Z22: a creator that was killed holds nobody up, nor does what it made stay" {
	run stop_at session.committed create-shadow "$(volume a)"
	assert_equal "$status" 137
	run create-shadow --wait 0 -q "$(volume b)"
	assert_equal "$status" 0
	assert_equal "$(list-shadows --json | jq length)" 1
	delete-shadow -q --all
	assert_nothing_left
}

@test "the lock is nobody else's: mode 0600 in a directory that only its owner enters" {
	create-shadow -q "$(volume a)"
	assert_equal "$(stat -c %a "$VSS_RUN_DIR/creation.lock")" 600
	[ $((0$(stat -c %a "$VSS_RUN_DIR") & 022)) = 0 ]
}

@test "CREATE of diskshadow waits for it, too" {
	hold session.committed
	printf '%s\n' 'set context persistent' "add volume $(volume b)" create >"$T/script"
	(cd "$T" && exec diskshadow /s "$T/script") >"$T/second" 3>&- &
	started+=($!)
	wait_until 10 has_line "$T/second" '-> create'
	let_go
	wait "${started[-1]}"
	grep -q '^Number of shadow copies listed: 1' "$T/second"
	assert_equal "$(list-shadows --json | jq length)" 2
}
