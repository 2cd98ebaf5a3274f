#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Scripts as people keep them, in each encoding that editors and shells write: they do the same, and print the same.
# shellcheck disable=SC2154,SC2030,SC2031 # run and common set variables; exports belong to one test
load ../lib/common
load ../lib/transcripts

setup() {
	vss_setup
	fake_volumes data log spare
	machine
}

# kept NAME [PARAMETER...]: the script prints its transcript.
kept() {
	play "published/$1" "${@:2}"
	assert_transcript "published/$1"
}

left() { list-shadows --json | jq '[.[].shadows[]] | length'; }

# All of them, in an encoding.
published_scripts_run() {
	export ENCODING=$1
	register_writers
	kept copy-and-forget
	kept exposed
	kept odd-blanks
	kept system-writers
	kept reset-between
	create-shadow -q "$(volume data)"
	kept client-accessible
	assert_equal "$(left)" 0
	kept rotate monday
	assert_equal "$(left)" 0
	kept leave-exposed
	assert_equal "$(cat "$T/mnt/tape/mail/letter")" 'a letter'
	kept cleanup-later
	assert_not_exist "$T/mnt/tape/mail"
	assert_equal "$(left)" 0
	kept transport
	export VSS_STATE_DIR=$T/state2 VSS_RUN_DIR=$T/run2
	fake_volumes spare
	kept transport-back
	assert_equal "$(left)" 0
}

@test "scripts with LF" { published_scripts_run plain; }
@test "scripts with CRLF" { published_scripts_run crlf; }
@test "scripts with CRLF and no end of the last line" { published_scripts_run unfinished; }
@test "scripts with blanks at the end of lines" { published_scripts_run trailing-blanks; }
@test "scripts in UTF-8 with a mark" { published_scripts_run utf8-mark; }
@test "scripts in UTF-16" { published_scripts_run utf16; }
@test "scripts in UTF-16 with LF" { published_scripts_run utf16-lf; }

@test "the encodings are different" {
	local how
	for how in plain crlf unfinished trailing-blanks utf8-mark utf16 utf16-lf; do
		adopt published/exposed.dsh | encode $how | sha256sum
	done | sort -u >"$T/sums"
	assert_equal "$(wc -l <"$T/sums")" 7
}
