#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The writers that vss-writer(7) prints are run as they stand there: checked, and in real sessions.
load ../lib/common

setup() {
	vss_setup
	requires mandoc flock
	fake_volumes v
	engine=$(volume v)/engine
	mkdir "$engine"
	echo precious >"$engine/data"
	: >"$engine/lock"
}

# example SECTION: what the page prints there, with this test's directories.
example() {
	page_example vss-writer.7 "$1" | sed "s|/srv/my-engine|$engine|g; s|/usr/local/share/vss|$REPO/scripts|"
}

# writer NAME SECTION: the script of that section, registered.
writer() {
	example "$2" >"$T/$1"
	[ -s "$T/$1" ]
	chmod 755 "$T/$1"
	register "$1" "$T/$1"
}

check() {
	run vss-test-writer --check --patience 60 --probe flock --probe -sw1 --probe "$engine/lock" --probe true "$@"
	refute_output --partial "not ok"
	assert_line "ok deadline"
	assert_line "ok kill-freeze"
	assert_line --regexp "^# backup: while it is frozen the probe (waits|fails)"
	assert_success
}

# session NAME: its backup, restored.
session() {
	run backup -w "$1" --min-grade application -o "$T/archive"
	assert_success
	rm -r "$engine"
	run restore --in-place "$T/archive"
	assert_success
	assert_equal "$(cat "$engine/data")" precious
	flock -sw 10 "$engine/lock" true
}

@test "the writer in shell keeps to the protocol" {
	writer engine "A WRITER IN SHELL"
	check "$VSS_WRITERS_PATH/engine.writer"
}

@test "the writer in shell takes part in a backup" {
	writer engine "A WRITER IN SHELL"
	session "My Engine"
}

@test "the writer in Python keeps to the protocol" {
	writer engine "A WRITER IN PYTHON"
	check "$VSS_WRITERS_PATH/engine.writer"
}

@test "the writer in Python takes part in a backup" {
	writer engine "A WRITER IN PYTHON"
	session "My Engine"
}

@test "the conversation is what the writer in Python says" {
	writer engine "A WRITER IN PYTHON"
	example EXAMPLES >"$T/conversation"
	run bash -c "sed -n 's/^> //p' '$T/conversation' | '$T/engine'"
	assert_success
	assert_output "$(grep -v '^>' "$T/conversation")"
}

@test "without its application each of them is absent" {
	rm -r "$engine"
	for section in SHELL PYTHON; do
		writer engine "A WRITER IN $section"
		run list-writers --all
		assert_output --partial "no directory $engine"
	done
}
