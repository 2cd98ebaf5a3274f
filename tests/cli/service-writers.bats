#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Services that are their own writers: reached by Socket=, which a script writer stands behind here.
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common

setup() {
	vss_setup
	fake_volumes a
	mkdir -p "$(volume a)/d"
	cat >"$T/script" <<-EOF
		writer 6a1e4c07-35a2-4f1b-b9c8-2d7e5f901c3a Service
		restore-method RESTORE_IF_NOT_THERE
		component filegroup "" all
		file "" all $(volume a)/d *
		hold files
		log $T/log
	EOF
	printf '[Writer]\nSocket=%s\n' "$T/run/socket" >"$VSS_WRITERS_PATH/service.writer"
	mkdir "$T/run"
}

service() {
	rm -f "$T/run/socket" "$T/service.out"
	start serve_socket "$T/run/socket" "$VSS_BUILD/bin/vss-test-writer" "$T/script" >"$T/service.out"
	service_pid=$started_pid
	wait_until 10 has_line "$T/service.out" ready
}

is_thawed_by() { has_line "$T/log" "thawed-by=$1"; }

@test "a service takes part in one set after the other" {
	service
	run --separate-stderr list-writers
	assert_line "Writer name: 'Service'"
	assert_line "   State: [1] Stable"
	create-shadow -q "$(volume a)"
	create-shadow -q "$(volume a)"
	assert_equal "$(grep -c 'thawed-by=event' "$T/log")" 2
	assert_equal "$(grep -c '^bye ' "$T/log")" 3
	run ! is_gone "$service_pid"
}

@test "a service that does not run is listed as failed, and fails the set that its files may be in" {
	run --separate-stderr list-writers
	assert_line "   State: [6] Failed"
	assert_line --partial "($T/run/socket: No such file or directory)"
	run --separate-stderr create-shadow "$(volume a)"
	assert_equal "$status" 6
	service
	kill -KILL "$service_pid"
	wait "$service_pid" 2>/dev/null || :
	run --separate-stderr list-writers
	assert_line --partial "($T/run/socket: connect: Connection refused)"
}

@test "a service thaws when the coordinator is killed" {
	service
	run stop_at session.frozen:kill create-shadow "$(volume a)"
	assert_equal "$status" 137
	wait_until 10 is_thawed_by end-of-input
	run --separate-stderr list-writers
	assert_line "Writer name: 'Service'"
}

@test "a service that dies while it is frozen fails the set" {
	echo 'at freeze die' >>"$T/script"
	service
	run --separate-stderr create-shadow "$(volume a)"
	assert_equal "$status" 6
	assert_regex "$stderr" "the service ended the connection"
	[ -z "$(list-shadows --columns id)" ]
}

@test "a service that says too much is cut off while it says it" {
	printf '%s\n' 'at prepare-backup raw "evidence a b\012" times=1100000' >>"$T/script"
	service
	run --separate-stderr create-shadow "$(volume a)"
	assert_equal "$status" 6
	assert_regex "$stderr" "for one event"
}
