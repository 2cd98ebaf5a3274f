#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What holds for every program in bin/, whatever it does.
load ../lib/common

tools() {
	find "$VSS_BUILD/bin" -type f -perm -u+x -printf '%f\n' | sort
}

@test "there are tools" {
	[ -n "$(tools)" ]
}

@test "--help goes to stdout and ends with 0" {
	for tool in $(tools); do
		run --separate-stderr "$tool" --help
		assert_success
		assert_output --partial "$tool"
		assert_equal "$stderr" ""
	done
}

@test "help fits a terminal of 100 columns" {
	for tool in $(tools); do
		run "$tool" --help
		for line in "${lines[@]}"; do
			[ "${#line}" -le 100 ] || fail "$tool: $line"
		done
	done
}

@test "--version goes to stdout, ends with 0 and is the same for all" {
	version=
	for tool in $(tools); do
		run --separate-stderr "$tool" --version
		assert_success
		assert_equal "$stderr" ""
		assert_regex "$output" "[0-9]+\\.[0-9]+\\.[0-9]+"
		assert_equal "${version:=${output##* }}" "${output##* }"
	done
}

@test "an unknown option is a usage error of one sentence" {
	for tool in $(tools); do
		run --separate-stderr "$tool" --no-such-option
		assert_equal "$tool $status" "$tool 2"
		assert_equal "$output" ""
		assert_sentence "${tool#vss-}" --no-such-option
	done
}

@test "help into a full device is a failure" {
	for tool in $(tools); do
		run bash -c "'$tool' --help >/dev/full"
		assert_equal "$tool $status" "$tool 1"
		run bash -c "'$tool' --version >/dev/full"
		assert_equal "$tool $status" "$tool 1"
	done
}

@test "what is printed where stdout is closed goes into no file of ours, and is told" {
	for tool in $(tools); do
		run bash -c "'$tool' --help >&-"
		assert_equal "$tool $status" "$tool 1"
	done
	fake_volumes a
	echo hello >"$(volume a)/file"
	run --separate-stderr bash -c "backup -o '$T/x.tar.zst' '$(volume a)' >&-"
	assert_failure 1
	assert_sentence backup 'standard output: Bad file descriptor'
	run -0 verify-backup "$T/x.tar.zst"
	run -1 bash -c "backup -o '$T/x.tar.zst' --replace '$(volume a)' <&- >&- 2>&-"
	run -0 verify-backup "$T/x.tar.zst"
}
