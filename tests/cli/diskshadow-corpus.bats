#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Scripts of diskshadow with what they print: each command, each of its forms, and scripts of the kind that people keep.
# VSS_TRANSCRIPTS=write writes the transcripts anew in place of comparing them: read every line then.
# shellcheck disable=SC2154,SC2030,SC2031 # run and common set variables; exports belong to one test
load ../lib/common
load ../lib/transcripts

setup() {
	vss_setup
	fake_volumes data log spare
	machine
	register_writers
	DATA_ID=$(volume_id data) LOG_ID=$(volume_id log)
	export DATA_ID LOG_ID
}

volume_id() { list-volumes --json | jq -r ".[] | select(.path == \"$(volume "$1")\").id"; }

# plays NAME [PARAMETER...]: the script of the corpus prints its transcript.
plays() {
	play "corpus/$1" "${@:2}"
	assert_transcript "corpus/$1"
}

# elsewhere: another machine, with another volume.
elsewhere() {
	export VSS_STATE_DIR=$T/state2 VSS_RUN_DIR=$T/run2
	fake_volumes spare
}

no_copies() {
	run list-shadows --json
	assert_output '[]'
}

@test "the smallest script there is" {
	plays smallest
	no_copies
}

@test "settings, and what SET says of them" { plays settings; }
@test "settings that cannot be" {
	plays contrary-options
	plays bad-context
}

@test "volumes in every form, and what ADD says of them" { plays volumes; }
@test "volumes that cannot be" {
	plays twice
	plays drive-letter
}
@test "CREATE when it cannot be" {
	plays nothing-to-create
	plays second-create
	plays late-volume
	no_copies
}

@test "a full backup, and its restore in another process" {
	plays full-backup
	plays unfinished-restore
	has_line "$T/mail.log" backup-complete
	plays restore
	has_line "$T/mail.log" post-restore
	no_copies
}

@test "writers and components that stay out" {
	plays excluded
	plays excluded-component
	MAIL_INSTANCE=$(list-writers | sed -n "/^Writer name: 'Mail/,/^\$/s/^   Writer Instance Id: //p") plays excluded-instance
	plays without-writers
}
@test "writers that must be there" {
	plays verify-fails
	plays verify-without-writers
	no_copies
}

@test "lists" { plays lists; }
@test "nothing to list is no failure" { plays empty-shadows; }
@test "deletions" {
	plays deletes
	no_copies
}

@test "RESET parts two jobs" { plays two-jobs; }
@test "END BACKUP forgotten, alone, too early" {
	plays no-end-backup
	plays end-backup-alone
	plays nothing-was-created
}

@test "EXEC: arguments and environment" { plays exec; }
@test "EXEC that fails: END BACKUP is not reached" {
	plays exec-fails
	run ! has_line "$T/mail.log" backup-complete
	no_copies
}

@test "the parameters of a script" { plays parameters one 'two words' "$(volume data)"; }
@test "aliases" {
	plays aliases
	plays unknown-alias
}

@test "EXPOSE" {
	plays expose-twice
	plays expose-letter
	delete-shadow -q --all
	plays expose-client-accessible
}

@test "REVERT" { plays revert; }
@test "BREAK" {
	plays break
	plays break-read-only
}
@test "RESYNC is refused, with the way that there is" { plays resync; }

@test "IMPORT on another machine, and MASK" {
	plays export
	elsewhere
	plays import
}
@test "MASK, IMPORT and restores with nothing to do it to" {
	plays mask-own
	plays import-nothing
	plays restore-nothing
	plays simulate-nothing
}

@test "HELP, and EXIT before the end" {
	plays help
	plays exit
}

@test "every command of the table is in the corpus" {
	local name
	sed -n 's/^\t{ "\([A-Z ]*\)", .*/\1/p' "$REPO/cmd/diskshadow/verbs.c" >"$T/names"
	[ "$(wc -l <"$T/names")" -gt 40 ]
	while read -r name; do
		grep -qixE -- "$name( .*)?" "$SCRIPTS"/corpus/*.dsh || fail "no script has $name"
	done <"$T/names"
}

@test "every word of the table is in the corpus" {
	local words word
	words=$(sed -n 's/^\t{ "[A-Z ]*", "\([^"]*\)".*/\1/p' "$REPO/cmd/diskshadow/verbs.c" | grep -oE '\b[A-Z]{2,}\b' | sort -u)
	[ "$(wc -w <<<"$words")" -gt 15 ]
	for word in $words; do
		[ "$word" = ID ] || grep -qiE -- "^[a-z]+ .*\b$word\b" "$SCRIPTS"/corpus/*.dsh || fail "no script has $word"
	done
}

@test "every script of the corpus is played" {
	local script
	for script in "$SCRIPTS"/corpus/*.dsh; do
		script=${script##*/}
		grep -qE "(plays |play corpus/)${script%.dsh}( |;|\$)" "$BATS_TEST_FILENAME" "$REPO/tests/integration/diskshadow.bats" ||
			fail "$script"
	done
}
