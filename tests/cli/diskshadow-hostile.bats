#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What must not be lost when a command of diskshadow fails or is given something odd: older copies, other files, services, programs.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories
load ../lib/diskshadow

setup() {
	vss_setup
	fake_volumes a
	mkdir "$T/work"
	cd "$T/work" || return
}

copies() { list-shadows --json | jq -r '.[].shadows[].id'; }

@test "a CREATE that fails in the end has let no older copy go" {
	local older context
	shell 'set context persistent' "add volume $(volume a)" create
	older=$(copies)
	resize-storage -q --for "$(volume a)" --max-copies 1
	for context in persistent 'persistent nowriters' clientaccessible; do
		run env VSS_STOP_AT=job.before-metadata:int diskshadow /s <(printf '%s\n' \
			"set context $context" "add volume $(volume a)" create)
		assert_failure 130
		assert_equal "$(copies)" "$older"
	done
	run -0 shell 'set context persistent' "add volume $(volume a)" create
	assert_equal "$(copies | wc -l)" 1
	assert_not_equal "$(copies)" "$older"
}
