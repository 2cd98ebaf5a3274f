#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# CREATE, BEGIN BACKUP, END BACKUP and WRITER of diskshadow: what writers hear and when, what is in the set and why, what a session
# that ends, fails, is interrupted or killed leaves behind.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b c
	echo one >"$(volume a)/file"
	echo two >"$(volume b)/file"
	test_writer One a </dev/null
	test_writer Two b </dev/null
	mkdir "$T/work"
	cd "$T/work" || return
}

# shadow [COMMAND...] <<<LINES: run the script, with the command in front; a, b and c stand for the volumes.
shadow() {
	script
	run --separate-stderr "$@" diskshadow /s "$T/script"
}
script() { sed -E "s|(add volume ) *([abc])\\b|\\1$T/volumes/\\2|I" >"$T/script"; }

# program NAME <<<TEXT: for EXEC, in the working directory.
program() {
	{
		echo '#!/bin/sh'
		cat
	} >"$T/work/$1"
	chmod 755 "$T/work/$1"
}

# The last sentence of a script that failed in LINE, with STATUS.
assert_failed() {
	local status_is=$1 line=$2 text=$3
	assert_equal "$status" "$status_is"
	[[ $stderr == *"diskshadow: $T/script:$line: "*"$text"* ]] || fail "not in line $line because of '$text': $stderr"
}

all_events='prepare-backup prepare-snapshot freeze thaw post-snapshot'
type_of() { sed -nE 's/^with backup type=([a-z]+).*/\1/p' "$T/$1.log"; }

# --- backups ---

@test "BEGIN BACKUP makes it a full one, and END BACKUP alone tells the writers that it is complete" {
	program heard <<<"cat $T/One.log >$T/before"
	shadow <<-'END'
		begin backup
		add volume a alias Data
		create
		exec heard
		end backup
	END
	assert_success
	assert_equal "$(type_of One)" full
	run ! grep -q backup-complete "$T/before"
	assert_equal "$(events One)" "$all_events backup-complete backup-shutdown"
	run -0 grep -x 'with component filegroup "" data succeeded=yes' "$T/One.log"
	assert_equal "$(events Two)" ''
	assert_nothing_left
}

@test "without it it is a copy, of which nobody is told that it was complete" {
	shadow <<-'END'
		add volume a
		create
		end backup
	END
	assert_success
	assert_line 'Note: BEGIN BACKUP was not commanded, writers not notified BackupComplete.'
	assert_equal "$(type_of One)" copy
	assert_equal "$(events One)" "$all_events backup-shutdown"
	assert_nothing_left
}

@test "END BACKUP without anything says so and goes on; before CREATE it is refused, and a second time" {
	shadow <<<'end backup'
	assert_success
	assert_line 'Note: BEGIN BACKUP was not commanded, writers not notified BackupComplete.'
	shadow <<<$'begin backup\nend backup'
	assert_failed 1 2 'END BACKUP: nothing was created'
	shadow <<<$'begin backup\nbegin backup'
	assert_failed 1 2 'BEGIN BACKUP: was given already'
	shadow <<<$'begin backup\nadd volume a\ncreate\nend backup\nend backup'
	assert_failed 1 5 'END BACKUP: was given already'
	shadow <<<$'add volume a\ncreate\nbegin backup'
	assert_failed 1 3 'RESET first'
	assert_nothing_left
}

@test "a program that fails keeps END BACKUP from being reached: the writers hear the end, and of no success" {
	program breaks <<<'exit 3'
	shadow <<-'END'
		begin backup
		add volume a
		create
		exec breaks
		end backup
	END
	assert_equal "$status" 1
	assert_line 'Note: END BACKUP was not commanded, writers not notified BackupComplete.'
	assert_equal "$(events One)" "$all_events backup-shutdown"
	assert_nothing_left
}

@test "a writer that dies while it waits is named by END BACKUP, and the others hear it" {
	program murder <<<"kill -KILL \$(sed -nE 's/^post-snapshot .*pid=([0-9]+).*/\\1/p' $T/One.log)"
	shadow <<-'END'
		set context persistent
		begin backup
		add volume a
		add volume b
		create
		exec murder
		end backup
	END
	assert_failed 3 7 'writer "One": backup-complete: '
	assert_equal "$(events Two)" "$all_events backup-complete backup-shutdown"
	assert_equal "$(list-shadows --json | jq '[.[].shadows[]] | length')" 2
	listed_is One FAILED_AT_BACKUP_COMPLETE WRITER_NOT_RESPONDING
}

@test "a writer that fails to complete is named, and the copies stay" {
	test_writer One a <<<'at backup-complete fail VSS_E_WRITERERROR_RETRYABLE "no room"'
	shadow <<<$'set context persistent\nbegin backup\nadd volume a\ncreate\nend backup'
	assert_failed 3 5 'writer "One": backup-complete: no room (VSS_E_WRITERERROR_RETRYABLE)'
	assert_equal "$(list-shadows --json | jq '[.[].shadows[]] | length')" 1
}

# --- CREATE ---

@test "two volumes, their aliases, and what programs find of them" {
	program show <<-'END'
		for name in Data VSS_SHADOW_1 VSS_SHADOW_2 VSS_SHADOW_SET VSS_VOLUME_1 VSS_VOLUME_2; do
			eval "echo $name=\$$name"
		done
		cat "$VSS_SHADOW_DEVICE_1/file" "$VSS_SHADOW_DEVICE_2/file"
	END
	shadow <<-'END'
		add volume a alias Data
		add volume b
		create
		exec show
	END
	assert_success
	local set data second
	set=$(sed -nE 's/^Alias VSS_SHADOW_SET for shadow set ID (\{[0-9a-f-]{36}\}) set as environment variable\.$/\1/p' <<<"$output")
	data=$(sed -nE 's/^Alias Data for shadow ID (\{[0-9a-f-]{36}\}) set as environment variable\.$/\1/p' <<<"$output")
	second=$(sed -nE 's/^Alias VSS_SHADOW_2 for shadow ID (\{[0-9a-f-]{36}\}) set as environment variable\.$/\1/p' <<<"$output")
	assert_line "Data=$data"
	assert_line 'VSS_SHADOW_1='
	assert_line "VSS_SHADOW_2=$second"
	assert_line "VSS_SHADOW_SET=$set"
	assert_line "VSS_VOLUME_1=$(volume a)"
	assert_line "VSS_VOLUME_2=$(volume b)"
	assert_line one
	assert_line two
	assert_line "Querying all shadow copies with the shadow copy set ID $set"
	assert_line $'\t* Shadow copy ID = '"$data"$'\t\t%Data%'
	assert_line 'Number of shadow copies listed: 2'
	refute_line --partial 'Including writer'
	refute_line --partial 'Inserted file'
	assert_nothing_left
}

@test "a volume is asked for, and two aliases of one name are refused before anything" {
	shadow <<<create
	assert_failed 1 1 'no volume was added'
	shadow <<<$'add volume a alias vss_shadow_2\nadd volume b\ncreate'
	assert_failed 2 3 'would both have the alias VSS_SHADOW_2'
	assert_equal "$(events One)" ''
	assert_nothing_left
}

@test "a second set, and what belongs before CREATE, need a RESET" {
	local line
	for line in create 'add volume b' 'set context persistent' 'set option differential' 'writer exclude One'; do
		shadow <<<$'add volume a\ncreate\n'"$line"
		assert_failed 1 3 'a shadow copy set was created already: RESET first'
		assert_nothing_left
	done
	forget
	rm -- *.tar
	shadow <<<$'add volume a\ncreate\nreset\nadd volume b alias Second\ncreate'
	assert_success
	assert_line --partial 'Alias Second for shadow ID'
	assert_equal "$(events One)" "$all_events backup-shutdown"
	assert_equal "$(events Two)" "$all_events backup-shutdown"
	assert_equal "$(find . -name '*.tar' | wc -l)" 2 # also when both were made in one second
	assert_nothing_left
}

@test "a writer that vetoes: no set, no metadata file, nothing is left, and RESET begins anew" {
	test_writer One a <<<"at freeze veto VSS_E_WRITERERROR_RETRYABLE \"not now\""
	shadow <<<$'set context persistent\nset metadata m.tar\nbegin backup\nadd volume a\nadd volume b\ncreate'
	assert_failed 6 6 'writer "One": freeze: not now'
	assert_equal "$(events Two | sed 's/thaw\[abort\]/thaw/')" "prepare-backup prepare-snapshot freeze thaw abort backup-shutdown"
	assert_not_exist m.tar
	assert_thawed
	assert_nothing_left
}

@test "on a terminal a CREATE that failed leaves all as it was, and the next one succeeds" {
	test_writer One a <<-END
		counts $T/count
		at freeze veto VSS_E_WRITERERROR_RETRYABLE "not now" first=1
	END
	sed "s|V/|$T/volumes/|" >"$T/talk" <<-'END'
		prompt
		enter begin backup
		prompt backup
		enter add volume V/a alias Data
		prompt backup
		enter create
		see not now
		prompt backup
		enter add volume V/b
		prompt backup
		enter add
		see 2 volumes in Shadow Copy Set
		see No Diskshadow aliases
		prompt backup
		enter create
		prompt backup
		enter create
		see created already: RESET first
		enter end backup
		prompt created
		enter exit
		see volatile
		enter exit
		end 0
	END
	TERM=dumb HOME=$T run "$REPO/tests/lib/terminal.py" diskshadow <"$T/talk"
	assert_success
	assert_equal "$(find . -name '*.tar' | wc -l)" 1
	run -0 grep -c '^backup-complete' "$T/One.log"
	assert_nothing_left
}

@test "a writer that fails to say what it has ends CREATE, with the way out in the words of the shell" {
	test_writer One a <<<'at identify fail VSS_E_WRITERERROR_RETRYABLE'
	shadow <<<$'add volume a\ncreate'
	assert_failed 6 2 'writer "One": identify: '
	[[ $stderr == *'leave it out with WRITER EXCLUDE' ]]
	assert_nothing_left
	shadow <<<$'writer exclude One\nadd volume a\ncreate'
	assert_success
}

# The clone provider copies the files of a fake volume one after the other: that cannot be one instant with a copy of the fake one.
@test "the provider of one volume is its own, and that of the others is chosen" {
	shadow <<<$'add volume a provider fake\nadd volume b\ncreate'
	assert_success
	assert_equal "$(grep 'Provider ID: ' <<<"$output" | sort -u | wc -l)" 1
	shadow <<<$'add volume a\nadd volume b provider clone\ncreate'
	assert_failed 6 3 'the volumes of the set are not one instant'
	shadow <<<$'add volume a provider clone\nadd volume b\ncreate'
	assert_failed 6 3 "$(volume a): its files can only be copied one after the other"
	assert_nothing_left
}

# --- verbose ---

# three_writers: one on a alone, one that needs c too, one that must have all of itself, one that owns nothing.
three_writers() {
	rm "$VSS_WRITERS_PATH"/*
	cat >"$T/odd" <<-END
		writer 11111111-1111-4111-8111-111111111111 "Odd Writer" usage=USER_DATA
		restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
		component filegroup "" data selectable=yes
		file "" data $(volume a) * recursive=yes
		component filegroup "x/y" both selectable=yes
		file x/y both $(volume a) * recursive=yes
		file x/y both $(volume c) * recursive=yes
		hold files
		log $T/odd.log
	END
	cat >"$T/far" <<-END
		writer 33333333-3333-4333-8333-333333333333 "Far Writer" usage=USER_DATA
		restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
		component filegroup "" all selectable=no
		file "" all $(volume c) * recursive=yes
		hold files
		log $T/far.log
	END
	cat >"$T/bare" <<-END
		writer 44444444-4444-4444-8444-444444444444 "Bare Writer" usage=USER_DATA
		restore-method RESTORE_IF_CAN_REPLACE writer-restore=never
		exclude $(volume c) *.tmp
		log $T/bare.log
	END
	register odd "$VSS_BUILD/bin/vss-test-writer $T/odd"
	register far "$VSS_BUILD/bin/vss-test-writer $T/far"
	register bare "$VSS_BUILD/bin/vss-test-writer $T/bare"
}

@test "verbose: who is in, who is not and why, and which files the metadata file has" {
	three_writers
	shadow <<<$'set verbose on\nset metadata m.cab\nadd volume a\ncreate'
	assert_success
	assert_equal "$stderr" ''
	assert_output --partial "Component \"\\x\\y\\both\" from writer \"Odd Writer\" is excluded from backup,
because it requires volume $(volume c) which is not in the shadow copy set."
	assert_output --partial 'The writer "Far Writer" is now entirely excluded from the backup because the top-level
non selectable component "\all" is excluded.'
	assert_line 'Excluding writer "Bare Writer", because all of its components have been excluded.'
	assert_output --partial $'* Including writer "Odd Writer":\n\t+ Adding component: \\data\nAlias VSS_SHADOW_1 for shadow ID {'
	assert_line 'Inserted file Manifest.xml into .cab file m.cab'
	assert_line 'Inserted file BCDocument.xml into .cab file m.cab'
	assert_line 'Inserted file WM0.xml into .cab file m.cab'
	refute_line --partial WM1.xml
}

@test "not verbose: what a writer lacks is a warning, and verbose with all excluded says that" {
	three_writers
	shadow <<<$'add volume a\ncreate'
	assert_success
	[[ $stderr == *'component /x/y/both of writer "Odd Writer" is left out: it needs the volume of '* ]]
	shadow <<<$'set verbose on\nadd volume a\nwriter exclude Odd Writer\ncreate'
	assert_success
	assert_line 'Excluding writer "Odd Writer", because all of its components have been excluded.'
	refute_line --partial 'Including writer'
	assert_equal "$(events odd)" "$all_events backup-shutdown" # of the first script
}

# --- WRITER ---

# instance REGISTRATION: the ID of the writer's instance, as lists show it.
instance() { list-writers --json "$1" | jq -r '.[0].instance_id'; }

@test "WRITER EXCLUDE by name, registration, ID, instance and component; what is not there is no failure" {
	three_writers
	local word
	for word in 'Odd Writer' '"odd writer"' odd '{11111111-1111-4111-8111-111111111111}' "$(instance odd)"; do
		forget
		shadow <<<"writer exclude $word"$'\nadd volume a\nadd volume c\ncreate'
		assert_success
		assert_equal "$word: $(events odd)" "$word: "
		assert_equal "$(events far)" "$all_events backup-shutdown"
	done
	forget
	shadow <<-'END'
		writer exclude "Odd Writer:\x\y\both"
		writer exclude {99999999-9999-4999-8999-999999999999}
		writer exclude Odd Writer:\nothing
		writer exclude No Such Writer
		writer exclude No Such Writer
		add volume a
		add volume c
		create
	END
	assert_success
	assert_equal "$stderr" ''
	assert_equal "$(grep '^with component' "$T/odd.log" | sort -u)" 'with component filegroup "" data'
}

@test "WRITER VERIFY asks for a writer or a component, by any of its names, and nobody else is left out for that" {
	three_writers
	shadow <<-END
		writer verify Odd Writer
		writer verify odd:/x/y/both
		writer verify "{11111111-1111-4111-8111-111111111111}:\data"
		writer verify {$(instance odd)}
		add volume a
		add volume c
		create
	END
	assert_success
	assert_equal "$(events odd)" "$all_events backup-shutdown"
	assert_equal "$(events far)" "$all_events backup-shutdown"
}

@test "WRITER VERIFY of what is not in the set ends CREATE before anybody is asked, and says why" {
	three_writers
	refused() {
		forget
		shadow <<<"$1"$'\nadd volume a\ncreate'
		assert_failed 6 "$2" "$3: has no part in the shadow copy set, as is required: $4"
		assert_equal "$(events odd)$(events far)" ''
		assert_nothing_left
	}
	refused 'writer verify No Such Writer' 3 'No Such Writer' 'there is no such writer here'
	refused 'writer verify Far Writer' 3 'Far Writer' "component /all requires volume $(volume c), which is not in the set"
	refused 'writer verify "Odd Writer:\x\y\both"' 3 'Odd Writer:\x\y\both' "component /x/y/both requires volume $(volume c)"
	refused 'writer verify odd:/nothing' 3 'odd:/nothing' 'the writer has no such component'
	refused 'writer verify Bare Writer' 3 'Bare Writer' 'it owns nothing'
	refused $'writer exclude odd\nwriter verify Odd Writer' 4 'Odd Writer' 'it is excluded'
	refused $'writer exclude odd:/data\nwriter verify "Odd Writer:\\data"' 4 'Odd Writer:\data' 'component /data is excluded'
}

@test "WRITER and a context without writers exclude each other, whichever comes first" {
	local line
	for line in 'writer verify One' 'writer exclude One'; do
		shadow <<<$'set context volatile nowriters\n'"$line"
		assert_failed 2 2 'no writer takes part in this context'
		shadow <<<"$line"$'\nset context persistent nowriters'
		assert_failed 2 2 'exclude each other'
	done
	shadow <<<$'writer verify One\nwriter exclude One'
	assert_failed 2 2 'One: must take part and is excluded'
	forget
	shadow <<<$'set context volatile nowriters\nbegin backup\nadd volume a\ncreate\nend backup'
	assert_success
	assert_equal "$(events One)" ''
}

# --- metadata ---

@test "a metadata file that cannot be written is told before anybody is asked" {
	shadow <<<$'set metadata /nowhere/m.tar\nadd volume a\ncreate'
	assert_failed 1 3 '/nowhere'
	assert_equal "$(events One)" ''
	mkdir m.tar
	shadow <<<$'set metadata m.tar\nadd volume a\ncreate'
	assert_equal "$status" 1
	assert_equal "$(events One)" ''
	assert_nothing_left
}

# lost_metadata CONTEXT [LINE]: its directory goes when the set is there.
lost_metadata() {
	mkdir "$T/meta"
	script <<<"set context $1"$'\n'"set metadata $T/meta/m.tar"$'\nadd volume a\n'"${2:-}"$'\ncreate'
	rm -f "$T/stops"
	start stop_at job.before-metadata:stop diskshadow /s "$T/script" >"$T/out" 2>"$T/err"
	wait_until 10 grep -qs job.before-metadata "$T/stops"
	local pid
	pid=$(cut -d' ' -f2 "$T/stops")
	wait_until 10 is_stopped "$pid"
	"${spoil[@]}"
	kill -CONT "$pid"
	status=0
	wait "$started_pid" || status=$?
}

@test "one that cannot be written when the set is there takes the set with it, also a persistent one" {
	local context spoil=(rm -r "$T/meta")
	create-shadow -q "$(volume a)"
	for context in volatile persistent clientaccessible; do
		lost_metadata "$context"
		assert_equal "$status" 1
		run cat "$T/err"
		assert_output --partial ':5: metadata file: '
		assert_equal "$context: $(list-shadows --json | jq '[.[].shadows[]] | length')" "$context: 1"
	done
	delete-shadow -q --all
	assert_nothing_left
}

@test "of a transportable set the streams go with it, too" {
	local spoil=(mkdir "$T/meta/m.tar")
	lost_metadata persistent 'set option transportable'
	assert_equal "$status" 1
	assert_equal "$(ls "$T/meta")" m.tar
	assert_nothing_left
}

@test "a transportable set: streams and document beside the metadata file, which must have a name" {
	shadow <<<$'set context persistent\nset option transportable\nadd volume a\ncreate'
	assert_failed 2 4 'TRANSPORTABLE needs SET METADATA'
	assert_equal "$(events One)" ''
	mkdir way
	shadow <<<$'set context persistent\nset option transportable\nset metadata way/m.cab\nadd volume a\ncreate'
	assert_success
	(cd way && sha256sum --quiet -c m.cab.set.xml.sha256)
	run tar -xOf way/m.cab Manifest.xml
	assert_success
	shadow <<<$'set context persistent\nset option transportable\nset metadata way/m.cab\nadd volume a\ncreate'
	assert_failed 1 5 'm.cab.set.xml'
	assert_equal "$(list-shadows --json | jq '[.[].shadows[]] | length')" 1
}

# --- how it ends ---

@test "an interruption in the middle of CREATE: thawed, nothing is left, no metadata file" {
	local point
	for point in session.prepared session.frozen provider.fake.committed session.saved job.before-metadata; do
		forget
		shadow env VSS_STOP_AT=$point:int <<<$'set context persistent\nset metadata m.tar\nbegin backup\nadd volume a\ncreate\nend backup'
		assert_equal "$point: $status" "$point: 130"
		assert_thawed
		assert_not_exist m.tar
		assert_nothing_left
	done
}

@test "copies that were deleted meanwhile, by the session or by others, offend nobody" {
	program others <<<'delete-shadow -q --shadow "$VSS_SHADOW_1"'
	shadow <<-'END'
		set context persistent
		begin backup
		add volume a
		add volume b
		create
		exec others
		delete shadows id %VSS_SHADOW_2%
		end backup
	END
	assert_success
	assert_equal "$stderr" ''
	assert_nothing_left
	shadow <<-'END'
		begin backup
		add volume a
		add volume b
		create
		delete shadows id %VSS_SHADOW_1%
		delete shadows id %VSS_SHADOW_2%
		end backup
	END
	assert_success
	assert_equal "$stderr" ''
	assert_nothing_left
}

@test "what the session deletes besides does not take its own volatile set along" {
	create-shadow -q "$(volume a)"
	program look <<<'cat "$VSS_SHADOW_DEVICE_1/file"; delete-shadow -q --for "$1"; cat "$VSS_SHADOW_DEVICE_1/file"'
	shadow <<-END
		add volume b
		create
		delete shadows oldest $(volume a)
		exec look $(volume c)
	END
	assert_success
	assert_equal "$(grep -cx two <<<"$output")" 2
	assert_nothing_left
}

@test "a session that was killed: its writers end, and the next tool takes its volatile set away" {
	mkfifo "$T/lines"
	start sh -c "exec diskshadow <$T/lines >$T/out"
	exec 9>"$T/lines"
	printf 'begin backup\nadd volume %s\ncreate\n' "$(volume a)" >&9
	wait_until 10 grep -qs '^post-snapshot' "$T/One.log"
	wait_until 10 test -n "$(find "$T/run/shadows" -mindepth 1)"
	delete-shadow -q --for "$(volume c)" # another tool: its owner lives
	wait_until 10 compgen -G '*.tar'
	assert_equal "$(list-shadows --json | jq '[.[].shadows[]] | length')" 1
	kill -KILL "$started_pid"
	wait "$started_pid" || :
	exec 9>&-
	wait_until 10 grep -qs '^bye\|^backup-shutdown\|^abort' "$T/One.log"
	delete-shadow -q --for "$(volume c)"
	assert_nothing_left
}

@test "an exposed volatile set is taken away with its session" {
	mkdir "$T/shown"
	program look <<<"cat $T/shown/file"
	shadow <<-END
		add volume a
		create
		expose %VSS_SHADOW_1% $T/shown
		exec look
	END
	assert_success
	assert_line one
	assert_nothing_left
	assert_equal "$(find "$T/shown" "$T/state/exposed" 2>/dev/null | grep -c -v -x -e "$T/shown" -e "$T/state/exposed")" 0
}
