#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# BEGIN, END and SIMULATE RESTORE: which writers hear of a restore that somebody else does, what each component comes to, and how it
# ends.
# shellcheck disable=SC2030,SC2031,SC2154 # exports belong to one test; run sets output and stderr
load ../lib/common
load ../lib/diskshadow
load ../lib/stories
load ../lib/methods

setup() {
	vss_setup
	fake_volumes v w
	m=$T/m.tar
	echo here >"$(volume v)/file"
}

# saved: the metadata file of a set of both volumes; what the writers heard of it is forgotten.
saved() {
	run --separate-stderr shell "set metadata $m" 'begin backup' "add volume $(volume v)" "add volume $(volume w)" create \
		'end backup'
	assert_success || fail "$stderr"
	forget
}

# restore LINE...: with it loaded.
restore() { run --separate-stderr shell "load metadata $m" "$@"; }

# status_of NAME: what its component's files are said to be at PostRestore.
status_of() { sed -n '/^post-restore /,$s/.* status=\([a-z]*\).*/\1/p' "$T/$1.log"; }
heard_nothing() { [ ! -e "$T/$1.log" ] || assert_equal "$(events "$1")" ''; }

@test "BEGIN RESTORE raises PreRestore, END RESTORE PostRestore, and between them files come back" {
	test_writer One v </dev/null
	test_writer Two w </dev/null
	saved
	printf '#!/bin/sh\n! grep -q post-restore %q && echo back >%q\n' "$T/One.log" "$(volume v)/file" >"$T/copy"
	chmod 755 "$T/copy"
	restore 'begin restore' "exec $T/copy" 'end restore'
	assert_success
	assert_line '* Writer "One":'
	assert_line $'\t+ Component: \\data'
	assert_line '2 components can be restored, 0 cannot.'
	assert_equal "$(events One)" 'pre-restore post-restore'
	assert_equal "$(events Two)" 'pre-restore post-restore'
	assert_equal "$(status_of One)" all
	assert_equal "$(cat "$(volume v)/file")" back
}

@test "a script that ends before END RESTORE, by failure or EXIT or RESET, ends it as failed" {
	test_writer One v </dev/null
	saved
	local end
	for end in "exec /bin/false" exit reset; do
		restore 'begin restore' "$end"
		assert_equal "$(events One)" 'pre-restore post-restore'
		assert_equal "$(status_of One)" failed
		forget
	done
}

@test "out of order they are refused, and nobody hears of it" {
	test_writer One v </dev/null
	saved
	local -A words=(
		['begin restore']='no metadata was loaded'
		['simulate restore']='no metadata was loaded'
		['import']='no metadata was loaded'
		['end restore']='no restore was begun'
	)
	local verb
	for verb in "${!words[@]}"; do
		run --separate-stderr shell "$verb"
		assert_failure
		assert_sentence diskshadow "${words[$verb]}"
	done
	heard_nothing One
	for verb in 'begin restore' 'simulate restore' "load metadata $m"; do
		restore 'begin restore' "$verb"
		assert_failure
		assert_sentence diskshadow 'a restore was begun'
		assert_equal "$(status_of One)" failed
		forget
	done
	restore 'begin restore' 'end restore' 'end restore'
	assert_failure
	assert_sentence diskshadow 'no restore was begun'
}

@test "SIMULATE RESTORE tells what would be and raises nothing" {
	test_writer One v </dev/null
	test_writer Two w </dev/null
	saved
	rm "$VSS_WRITERS_PATH/Two.writer"
	restore 'simulate restore'
	assert_success
	assert_line $'\t- Component: \\data: its writer is not here'
	assert_line '1 component can be restored, 1 cannot.'
	assert_equal "$(events One)" ''
}

@test "what cannot be restored by the rules is told, with its reason" {
	test_writer Own v <<<'restore-method CUSTOM writer-restore=always'
	test_writer Never w <<<'restore-method RESTORE_IF_CAN_REPLACE writer-restore=never'
	saved
	restore 'begin restore' 'end restore'
	assert_success
	assert_line --partial 'VSS_RME_CUSTOM: only its own tool knows how'
	assert_line --partial 'its writer takes no part in a restore'
	heard_nothing Own
	heard_nothing Never
}

@test "what a method asks of whoever brings the files back is told" {
	local method
	local -A says=(
		[RESTORE_IF_CAN_REPLACE]=''
		[RESTORE_IF_NOT_THERE]=': only where none of its files is there'
		[RESTORE_AT_REBOOT]=': only when the machine starts next'
		[RESTORE_AT_REBOOT_IF_CANNOT_REPLACE]=': when the machine starts next, if a file of it cannot be replaced now'
	)
	for method in "${!says[@]}"; do
		test_writer One v <<<"restore-method $method writer-restore=always"
		saved
		restore 'simulate restore'
		assert_success
		assert_line $'\t+ Component: \\data'"${says[$method]}"
	done
	test_writer One v <<-END
		restore-method RESTORE_TO_ALTERNATE_LOCATION writer-restore=always
		alternate-location "$(volume v)" * "$T/other" recursive=yes
	END
	saved
	restore 'simulate restore'
	assert_line $'\t+ Component: \\data: only to its alternate location'
	test_writer One v <<<'restore-method RESTORE_TO_ALTERNATE_LOCATION writer-restore=always'
	saved
	restore 'simulate restore'
	assert_line --partial 'not all of them have one'
}

# with_service METHOD: a writer whose method stops the service demo; it notes at its events what was asked of that.
with_service() {
	export VSS_SERVICE_PATH=$T/services
	mkdir -p "$VSS_SERVICE_PATH"
	new_service demo
	touch "$T/demo-runs" "$T/services-log"
	test_writer One v <<-END
		restore-method $1 service=demo writer-restore=always
		at pre-restore copy "$T/services-log" "$T/at-pre"
		at post-restore copy "$T/services-log" "$T/at-post"
	END
	saved
}
services() { paste -sd' ' "${1-$T/services-log}"; }

@test "a service is stopped while the files come back, or started anew behind that, as the method says" {
	with_service STOP_RESTORE_START
	printf '#!/bin/sh\n[ ! -e %q ]\n' "$T/demo-runs" >"$T/copy"
	chmod 755 "$T/copy"
	restore 'begin restore' "exec $T/copy" 'end restore'
	assert_success
	assert_equal "$(services)" 'stop demo start demo'
	assert_equal "$(services "$T/at-pre")" ''
	assert_equal "$(services "$T/at-post")" 'stop demo start demo'
	: >"$T/services-log"
	restore 'begin restore' 'exec /bin/false'
	assert_equal "$(services)" 'stop demo start demo'
	: >"$T/services-log"
	restore 'simulate restore'
	assert_equal "$(services)" ''
	with_service RESTORE_STOP_START
	: >"$T/services-log"
	restore 'begin restore' 'end restore'
	assert_success
	assert_equal "$(services "$T/at-post")" ''
	assert_equal "$(services)" 'stop demo start demo'
	rm "$VSS_SERVICE_PATH/demo"
	restore 'begin restore'
	assert_line --partial 'its restore method is VSS_RME_RESTORE_STOP_START: service: demo'
}

@test "IF_REPLACE_FAILS hears of the end only when it went wrong" {
	test_writer One v <<<'restore-method RESTORE_IF_CAN_REPLACE writer-restore=if-replace-fails'
	saved
	restore 'begin restore' 'end restore'
	assert_success
	assert_equal "$(events One)" pre-restore
	forget
	restore 'begin restore' 'exec /bin/false'
	assert_equal "$(events One)" 'pre-restore post-restore'
}

@test "a writer that refuses ends it: PostRestore says that nothing was written, to those who did not" {
	test_writer One v <<<'at pre-restore fail VSS_E_WRITERERROR_NONRETRYABLE "not while it is open"'
	test_writer Two w </dev/null
	saved
	restore 'begin restore' 'end restore'
	assert_failure 6
	assert_sentence diskshadow 'not while it is open'
	assert_equal "$(events Two)" 'pre-restore post-restore'
	assert_equal "$(status_of Two)" none
}

@test "a writer that fails at the end is named, and the restore is done in part" {
	test_writer One v <<<'at post-restore fail VSS_E_WRITERERROR_NONRETRYABLE "cannot open it"'
	saved
	restore 'begin restore' 'end restore'
	assert_failure 3
	assert_line --partial '1 component can be restored'
	[[ $stderr == *'cannot open it'* ]]
}

@test "WRITER EXCLUDE leaves out, by name, ID or component" {
	test_writer One v </dev/null
	test_writer Two w </dev/null
	saved
	local word
	for word in Two "{$(id_of Two)}" 'Two:\data'; do
		restore "writer exclude $word" 'writer exclude Nobody' 'begin restore' 'end restore'
		assert_success
		assert_line $'\t- Component: \\data: it is excluded'
		assert_equal "$(events One)" 'pre-restore post-restore'
		heard_nothing Two
		forget
	done
}

@test "what lies below a component comes back with it: it can be verified, and not be left out" {
	cat >"$T/one.script" <<-END
		writer $(id_of One) One usage=USER_DATA source=OTHER
		restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
		component filegroup "" top selectable=yes
		component filegroup top sub selectable=no
		component filegroup "" other selectable=yes
		file "" top "$(volume v)" top
		file top sub "$(volume v)" sub
		file "" other "$(volume w)" *
		hold files
		log "$T/One.log"
	END
	register one "$VSS_BUILD/bin/vss-test-writer $T/one.script"
	touch "$(volume v)/top" "$(volume v)/sub"
	saved
	restore 'writer exclude One:\top\sub' 'begin restore'
	assert_failure 2
	assert_sentence diskshadow 'component \top\sub cannot be left out: it comes back with \top'
	heard_nothing One
	restore 'writer verify One:\top\sub' 'writer exclude One:\other' 'begin restore' 'end restore'
	assert_success
	assert_line $'\t+ Component: \\top'
	assert_line $'\t- Component: \\other: it is excluded'
	refute_line --partial '\top\sub'
	assert_equal "$(grep -c '^with component .* status=all' "$T/One.log")" 1
	restore 'writer verify One:\top\sub' 'writer exclude One:\top' 'simulate restore'
	assert_failure 6
	assert_sentence diskshadow 'component \top must take part, and cannot: it is excluded'
}

@test "WRITER VERIFY: without the writer or the component nobody hears of it" {
	test_writer One v </dev/null
	test_writer Two w </dev/null
	saved
	restore 'writer verify Two' 'writer verify One:\data' 'begin restore' 'end restore'
	assert_success
	forget
	local word
	for word in Three 'One:\other'; do
		restore "writer verify $word" 'begin restore'
		assert_failure 6
		assert_sentence diskshadow 'must take part'
	done
	rm "$VSS_WRITERS_PATH/Two.writer"
	for word in Two "{$(id_of Two)}" 'Two:\data'; do
		restore "writer verify $word" 'simulate restore'
		assert_failure 6
		assert_sentence diskshadow 'its writer is not here'
		restore "writer verify $word" 'begin restore'
		assert_failure 6
	done
	assert_equal "$(events One)" ''
}

@test "a set without writers has nobody to tell" {
	saved
	restore 'begin restore'
	assert_failure
	assert_sentence diskshadow 'no writer took part'
}

@test "a restore twice from one file hears the same twice" {
	test_writer One v </dev/null
	saved
	restore 'begin restore' 'end restore' 'begin restore' 'end restore'
	assert_success
	assert_equal "$(events One)" 'pre-restore post-restore pre-restore post-restore'
}

@test "on a terminal a refused command leaves the restore as it is, and EXIT ends it" {
	requires python3
	test_writer One v </dev/null
	saved
	export TERM=dumb HOME=$T
	run "$REPO/tests/lib/terminal.py" diskshadow <<-END
		prompt
		enter end restore
		see diskshadow: END RESTORE
		prompt
		enter load metadata $m
		prompt
		enter begin restore
		prompt restore
		enter begin restore
		see diskshadow: BEGIN RESTORE
		prompt restore
		enter load metadata $m
		see diskshadow: LOAD METADATA
		prompt restore
		enter end restore
		prompt
		enter begin restore
		prompt restore
		enter exit
		end 0
	END
	assert_success
	assert_equal "$(events One)" 'pre-restore post-restore pre-restore post-restore'
	assert_equal "$(status_of One | paste -sd' ')" 'all failed'
}

@test "Ctrl-C in the middle of BEGIN RESTORE: who had heard of it hears its end, and the shell stays" {
	requires python3
	test_writer One v <<-END
		at pre-restore touch "$T/reached"
		at pre-restore await "$T/go" ms=600000
	END
	test_writer Two w </dev/null
	saved
	export TERM=dumb HOME=$T
	run "$REPO/tests/lib/terminal.py" diskshadow <<-END
		prompt
		enter load metadata $m
		prompt
		enter begin restore
		until test -e $T/reached
		type \\x03
		see waiting for the writers
		do touch $T/go
		prompt
		enter end restore
		see diskshadow: END RESTORE: no restore
		prompt
		enter exit
		end 0
	END
	assert_success
	assert_equal "$(events Two)" 'pre-restore post-restore'
	assert_equal "$(status_of Two)" none
	assert_equal "$(events One)" 'pre-restore post-restore'
}
