#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore --in-place: the methods of writers, their targets, their services; what users want elsewhere; what a dry run tells.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories
load ../lib/methods

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a)
	methods_setup "$a"
}

# Spec 6.2 with the readings Q3 and Q4: method, what is there, where the files go without and with alternate locations.
table='
RESTORE_IF_NOT_THERE                  none  original    original
RESTORE_IF_NOT_THERE                  same  refused     alternate
RESTORE_IF_NOT_THERE                  busy  refused     alternate
RESTORE_IF_NOT_THERE                  some  refused     alternate
RESTORE_IF_CAN_REPLACE                none  original    original
RESTORE_IF_CAN_REPLACE                same  original    original
RESTORE_IF_CAN_REPLACE                busy  refused     alternate
RESTORE_IF_CAN_REPLACE                some  original    original
STOP_RESTORE_START                    none  original    original
STOP_RESTORE_START                    same  original    original
STOP_RESTORE_START                    busy  refused     alternate
STOP_RESTORE_START                    some  original    original
RESTORE_TO_ALTERNATE_LOCATION         none  refused     alternate
RESTORE_TO_ALTERNATE_LOCATION         same  refused     alternate
RESTORE_TO_ALTERNATE_LOCATION         busy  refused     alternate
RESTORE_TO_ALTERNATE_LOCATION         some  refused     alternate
RESTORE_AT_REBOOT                     none  boot        boot
RESTORE_AT_REBOOT                     same  boot        boot
RESTORE_AT_REBOOT                     busy  boot        boot
RESTORE_AT_REBOOT                     some  boot        boot
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   none  original    original
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   same  original    original
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   busy  boot        boot
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   some  original    original
CUSTOM                                none  unsupported unsupported
CUSTOM                                same  unsupported unsupported
CUSTOM                                busy  unsupported unsupported
CUSTOM                                some  unsupported unsupported
RESTORE_STOP_START                    none  original    original
RESTORE_STOP_START                    same  original    original
RESTORE_STOP_START                    busy  refused     refused
RESTORE_STOP_START                    some  original    original
'

# rows WORD: check the rows of the table that begin with it.
rows() {
	local method state unmapped mapped n=0
	while read -r method state unmapped mapped; do
		[ "$method" = "$1" ] || continue
		check_row "$method" "$state" unmapped "$unmapped"
		check_row "$method" "$state" mapped "$mapped"
		n=$((n + 1))
	done <<<"$table"
	assert_equal "$n" 4
}

@test "R16, Z12: RESTORE_IF_NOT_THERE" { rows RESTORE_IF_NOT_THERE; }
@test "R16: RESTORE_IF_CAN_REPLACE" { rows RESTORE_IF_CAN_REPLACE; }
@test "R16: STOP_RESTORE_START" { rows STOP_RESTORE_START; }
@test "R16: RESTORE_TO_ALTERNATE_LOCATION" { rows RESTORE_TO_ALTERNATE_LOCATION; }
@test "R16: RESTORE_AT_REBOOT" { rows RESTORE_AT_REBOOT; }
@test "R16: RESTORE_AT_REBOOT_IF_CANNOT_REPLACE" { rows RESTORE_AT_REBOOT_IF_CANNOT_REPLACE; }
@test "R16: CUSTOM" { rows CUSTOM; }
@test "R16: RESTORE_STOP_START" { rows RESTORE_STOP_START; }

# --- services ---

services() { paste -sd' ' "$T/services-log" 2>/dev/null || :; }
# on_events TEXT: what the writer notes at pre-restore and at post-restore, into the log of the services.
note_events() {
	printf '%s\n' "at pre-restore copy \"$T/services-log\" \"$T/at-pre\"" "at post-restore copy \"$T/services-log\" \"$T/at-post\""
}

@test "Z14: a service is stopped after pre-restore and started before post-restore, or after that stopped and started" {
	touch "$T/demo-runs" "$T/services-log"
	method_writer STOP_RESTORE_START unmapped "$(note_events)"
	restore -q --in-place -w One "$x"
	assert_equal "$(services)" 'stop demo start demo'
	assert_equal "$(cat "$T/at-pre")" ''
	assert_equal "$(paste -sd' ' "$T/at-post")" 'stop demo start demo'
	: >"$T/services-log"
	method_writer RESTORE_STOP_START unmapped "$(note_events)"
	restore -q --in-place -w One "$x"
	assert_equal "$(services)" 'stop demo start demo'
	assert_equal "$(cat "$T/at-post")" ''
}

@test "a service that was stopped stays so, and one that runs is not touched by a dry run" {
	method_writer STOP_RESTORE_START unmapped
	restore -q --in-place -w One "$x"
	assert_equal "$(services)" ''
	method_writer RESTORE_STOP_START unmapped
	restore -q --in-place -w One "$x"
	assert_equal "$(services)" ''
	touch "$T/demo-runs"
	method_writer STOP_RESTORE_START unmapped
	restore -q -n --in-place -w One "$x"
	assert_equal "$(services)" ''
}

@test "R60: the service runs again after a restore that failed, and the writer hears of it then" {
	touch "$T/demo-runs" "$T/services-log"
	method_writer STOP_RESTORE_START unmapped "$(note_events)"
	find_state busy
	run --separate-stderr restore -q --in-place -w One "$x"
	assert_equal "$status" 6
	leave_state busy
	assert_equal "$(services)" 'stop demo start demo'
	assert_equal "$(paste -sd' ' "$T/at-post")" 'stop demo start demo'
	[ -e "$T/demo-runs" ]
}

@test "a restore that is killed while the service is stopped: the next one starts it" {
	touch "$T/demo-runs"
	method_writer STOP_RESTORE_START unmapped
	run stop_at restore.services-stopped restore -q --in-place -w One "$x"
	assert_equal "$status" 137
	assert_equal "$(services)" 'stop demo'
	test_writer One "$data" <<<'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
	run --separate-stderr restore --in-place --existing replace "$x" "$data/none"
	assert_equal "$status" 1
	assert_equal "$(services)" 'stop demo start demo'
	[[ $stderr == *'service demo: a restore that was killed had stopped it'* ]]
	run --separate-stderr restore --in-place -w One "$x"
	assert_equal "$(services)" 'stop demo start demo stop demo start demo'
}

@test "a restore that is interrupted while the service is stopped starts it" {
	touch "$T/demo-runs"
	method_writer STOP_RESTORE_START unmapped
	run stop_at restore.file-written:int restore -q --in-place -w One "$x"
	assert_equal "$status" 130
	assert_equal "$(services)" 'stop demo start demo'
	assert_equal "$(events One)" 'pre-restore post-restore'
}

@test "a service that is not there is refused before anybody is asked" {
	touch "$T/demo-runs"
	method_writer STOP_RESTORE_START unmapped
	rm "$VSS_SERVICE_PATH/demo"
	run --separate-stderr restore --in-place -w One "$x"
	assert_equal "$status" 6
	assert_sentence restore 'demo: no such service'
	assert_equal "$(heard)" ''
}

@test "a service that cannot be stopped ends it, nothing is changed, and it runs" {
	touch "$T/demo-runs"
	method_writer STOP_RESTORE_START unmapped
	sed -i 's/ stop) / stop) exit 1 ;; none) /' "$VSS_SERVICE_PATH/demo"
	find_state same
	run --separate-stderr restore -q --in-place -w One "$x"
	assert_equal "$status" 1
	assert_sentence restore 'demo: stop'
	assert_equal "$(content "$data")" 'old old'
	assert_equal "$(heard)" 'pre-restore post-restore none'
	[ -e "$T/demo-runs" ]
}

# --- the writers' part ---

@test "R24: writer-restore=if-replace-fails hears of the end only when its files could not go back" {
	method_writer RESTORE_IF_CAN_REPLACE mapped
	sed -i 's/writer-restore=always/writer-restore=if-replace-fails/' "$T/One.script"
	backup -q --replace -w One -o "$x"
	forget
	restore -q --in-place -w One "$x"
	assert_equal "$(events One)" pre-restore
	forget
	find_state busy
	restore -q --in-place -w One "$x"
	leave_state busy
	assert_equal "$(events One)" 'pre-restore post-restore'
}

@test "a reboot that a writer needs is told and not done" {
	method_writer RESTORE_IF_CAN_REPLACE mapped
	sed -i 's/writer-restore=always/writer-restore=always reboot=yes/' "$T/One.script"
	backup -q --replace -w One -o "$x"
	run --separate-stderr restore --in-place -w One "$x"
	assert_equal "$status" 0
	[[ $stderr == *'writer "One": the machine must be restarted'* ]]
}

@test "what a writer has to say of a component is shown" {
	local event
	for event in pre-restore post-restore; do
		method_writer RESTORE_IF_CAN_REPLACE unmapped "at $event say failure-message \"\" data \"its index is being rebuilt\""
		run --separate-stderr restore -q --in-place -w One "$x"
		assert_equal "$status" 0
		assert_sentence restore 'component /data: its index is being rebuilt'
	done
}

# --- targets ---

@test "R26, Z13: a target beats the method" {
	method_writer RESTORE_IF_CAN_REPLACE mapped 'at pre-restore say restore-target "" data alternate'
	find_state same
	restore -q --in-place -w One "$x"
	assert_equal "$(content "$data") $(content "$alternate")" 'old old one two'
	run grep '^with used-location' "$T/One.log"
	assert_output "with used-location \"\" data $data * $alternate recursive=yes"
	method_writer RESTORE_TO_ALTERNATE_LOCATION mapped 'at pre-restore say restore-target "" data original-location'
	find_state same
	restore -q --in-place -w One "$x"
	assert_equal "$(content "$data") $(content "$alternate")" 'one two - -'
	run ! grep -q used-location "$T/One.log"
}

@test "target alternate without a location for each file is the writer's fault" {
	method_writer RESTORE_IF_CAN_REPLACE unmapped 'at pre-restore say restore-target "" data alternate'
	find_state same
	run --separate-stderr restore -q --in-place -w One "$x"
	assert_equal "$status" 6
	assert_sentence restore 'alternate location'
	assert_equal "$(content "$data")" 'old old'
}

@test "R28: a target says nothing to what waits for the next boot" {
	method_writer RESTORE_AT_REBOOT mapped 'at pre-restore say restore-target "" data alternate'
	restore -q --in-place -w One "$x"
	assert_equal "$(content "$alternate") $(waiting)" '- - one two'
}

@test "R37: directed files go as a whole, or range by range into what is there" {
	method_writer RESTORE_IF_CAN_REPLACE unmapped \
		'at pre-restore say restore-target "" data directed' \
		"at pre-restore say directed-target \"\" data \"$data\" one 0:4 \"$T/new\" uno 0:4" \
		"at pre-restore say directed-target \"\" data \"$data\" two 1:2,0:1 \"$T/new\" mixed 0:1,0x5:2"
	find_state same
	mkdir "$T/new"
	printf 'abcdefghij' >"$T/new/mixed"
	restore -q --in-place -w One "$x"
	assert_equal "$(content "$data")" 'old old'
	assert_equal "$(cat "$T/new/uno")" one
	assert_equal "$(cat "$T/new/mixed")" wbcdeothij
	assert_equal "$(heard)" 'pre-restore post-restore all'
}

@test "R39: directed targets that cannot be are refused, and nothing is written" {
	local target
	ln -s "$T" "$T/link"
	for target in "0:4 \"$T/new\" uno 0:3" "0:4 \"$T/link\" uno 0:4" "0:4 \"$T/new/../new\" uno 0:4" "x \"$T/new\" uno x"; do
		method_writer RESTORE_IF_CAN_REPLACE unmapped \
			'at pre-restore say restore-target "" data directed' \
			"at pre-restore say directed-target \"\" data \"$data\" one $target" \
			"at pre-restore say directed-target \"\" data \"$data\" two 0:4 \"$T/new\" due 0:4"
		find_state same
		run --separate-stderr restore -q --in-place -w One "$x"
		[ "$status" = 6 ] || fail "$target: $status $stderr"
		assert_equal "$(content "$data")" 'old old'
		[ ! -e "$T/new" ] && [ ! -e "$T/uno" ]
	done
}

# --- where the user wants it ---

@test "R34: --to moves the files of a writer that supports it, and it is told" {
	method_writer RESTORE_IF_NOT_THERE mapped 'backup-schema new-target'
	find_state same
	restore -q --in-place -w One --to "$a=$T/moved" "$x"
	assert_equal "$(content "$data") $(content "$T/moved/data")" 'old old one two'
	run grep '^with new-target' "$T/One.log"
	assert_line "with new-target \"\" data $data * $T/moved/data recursive=yes"
	# what is there already is not replaced by this method, wherever it is
	run --separate-stderr restore -q --in-place -w One --to "$a=$T/moved" "$x"
	assert_equal "$status" 6
	assert_sentence restore 'the place that --to names is not free'
}

@test "--to for a writer that does not support it, for a part of a file set, for nothing, and with --target" {
	method_writer RESTORE_IF_CAN_REPLACE mapped
	find_state same
	run --separate-stderr restore -q --in-place -w One --to "$data=$T/moved" "$x"
	assert_equal "$status" 4
	assert_sentence restore 'writer "One"'
	run --separate-stderr restore -q --in-place -w One --to "$data/sub=$T/moved" "$x"
	assert_equal "$status" 2
	run --separate-stderr restore -q --in-place -w One --to "$T/none=$T/moved" "$x"
	assert_equal "$status" 1
	assert_sentence restore "nothing of what is restored lies in $T/none"
	run --separate-stderr restore -q --in-place -w One --to "$data" "$x"
	assert_equal "$status" 2
	run --separate-stderr restore -q --target "$T/r" --to "$data=$T/moved" "$x"
	assert_equal "$status" 2
	assert_equal "$(content "$data") $(heard)" 'old old '
	[ ! -e "$T/r" ]
}

@test "--to moves plain paths, by the longest that fits" {
	mkdir -p "$a/plain/sub"
	echo p >"$a/plain/p"
	echo q >"$a/plain/sub/q"
	backup -q -o "$x" "$a/plain"
	restore -q --in-place --to "$a=$T/m" --to "$a/plain/sub=$T/s" "$x"
	assert_equal "$(cat "$T/m/plain/p" "$T/s/q")" $'p\nq'
	[ ! -e "$T/m/plain/sub" ]
	run --separate-stderr restore -q --in-place --to "$a=$T/m" --to "$a/plain/sub=$T/s" "$x"
	assert_equal "$status" 1
	assert_sentence restore 'is there already'
}

@test "directories on the way to places that nothing goes to are not made" {
	mkdir -p "$a/way"
	data=$a/way/data
	method_writer RESTORE_TO_ALTERNATE_LOCATION mapped
	rm -r "$a/way"
	restore -q --in-place -w One "$x"
	assert_equal "$(content "$alternate")" 'one two'
	[ ! -e "$a/way" ]
}

@test "files of a writer that is not here are plain: what is there is refused, unless the user says else" {
	method_writer RESTORE_IF_CAN_REPLACE unmapped
	rm "$VSS_WRITERS_PATH/One.writer"
	find_state some
	run --separate-stderr restore --in-place -w One "$x"
	assert_equal "$status" 1
	[[ $stderr == *'data/two: is there already'* ]]
	assert_equal "$(content "$data")" '- old'
	restore -q --in-place -w One --existing skip "$x"
	assert_equal "$(content "$data")" 'one old'
	restore -q --in-place -w One --existing replace "$x"
	assert_equal "$(content "$data")" 'one two'
}

# --- words for writers ---

@test "R42, R45: options and wishes reach the writer, each that it does not support is refused" {
	method_writer RESTORE_IF_CAN_REPLACE unmapped 'backup-schema AUTHORITATIVE_RESTORE ROLLFORWARD_RESTORE RESTORE_RENAME'
	restore -q --in-place -w One --restore-options 'One:/data="a"="b"' --authoritative One --roll-forward One=until-noon \
		--restore-name One:/data=other "$x"
	run grep '^with component' "$T/One.log"
	assert_line --index 0 --partial 'authoritative=yes'
	assert_line --index 0 --partial 'until-noon'
	assert_line --index 0 --partial 'other'
	assert_line --index 0 --partial '\"a\"=\"b\"'
	method_writer RESTORE_IF_CAN_REPLACE unmapped
	local wish
	for wish in --authoritative=One --roll-forward=One=all --restore-name=One=x; do
		run --separate-stderr restore -q --in-place -w One "${wish%%=*}" "${wish#*=}" "$x"
		assert_equal "$wish: $status" "$wish: 4"
	done
	run --separate-stderr restore -q --in-place -w One --restore-options 'One=no grammar' "$x"
	assert_equal "$status" 1
	run --separate-stderr restore -q --in-place -w One --restore-options 'One' "$x"
	assert_equal "$status" 2
	run --separate-stderr restore -q --in-place -w One --authoritative Two "$x"
	assert_equal "$status" 1
	assert_sentence restore 'writer "Two" is not asked to restore anything'
	assert_equal "$(heard)" ''
}

# --- writers that break the rules ---

@test "R16, R23: a document without a method, or without a word on taking part, is refused before anybody is asked" {
	local what
	mkdir "$T/documents"
	for what in 's/method="[A-Z_]*"/method="UNDEFINED"/' 's/writerRestore="[a-zA-Z]*"/writerRestore="undefined"/'; do
		method_writer RESTORE_IF_CAN_REPLACE mapped
		rm -rf "$T/documents"/*
		backup -q --replace -w One -o "$x" --document "$T/documents"
		forget
		sed -i "$what" "$T/documents"/*/writers/One.xml
		grep -qi 'undefined' "$T/documents"/*/writers/One.xml
		find_state same
		run --separate-stderr restore -q --in-place --document "$(echo "$T/documents"/*)" -w One "$x"
		[ "$status" != 0 ] || fail "$what"
		assert_sentence restore
		assert_equal "$(content "$data") $(heard)" 'old old '
	done
}

@test "a writer that speaks at pre-restore of a component that it never had: named, refused, nothing written" {
	method_writer RESTORE_IF_CAN_REPLACE mapped 'at pre-restore say restore-target "" never alternate'
	find_state same
	run --separate-stderr restore -q --in-place -w One "$x"
	assert_equal "$status" 6
	assert_sentence restore never
	assert_equal "$(content "$data") $(content "$alternate")" 'old old - -'
	run grep '^with component' "$T/One.log"
	assert_line --partial status=none
}
