#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box script writer under the real host: pairs of scripts that leave a line in $T/log for each run.
# shellcheck disable=SC2016,SC2154 # what is in single quotes is for another shell; start sets started_pid
load ../lib/common

setup() {
	vss_setup
	export VSS_WRITER_SCRIPT_CONF=$T/writer-script.conf
	register script "$(in_box script)"
	fake_volumes data
	D=$(volume data)
	mkdir "$T/hooks"
	: >"$T/log"
}

configure() { printf '%s\n' "$@" >"$VSS_WRITER_SCRIPT_CONF"; }

# script FILE LINE...: an executable that notes its name and arguments, and then does these lines.
script() {
	local file=$1
	shift
	printf '%s\n' '#!/bin/sh' "echo \"\${0##*/} \$*\" >>$T/log" "$@" >"$file"
	chmod 755 "$file"
}

assert_log() { assert_equal "$(cat "$T/log")" "$(printf '%s\n' "$@")"; }
component() { echo "with=component,filegroup,,$1"; }
# The life of a component to the freeze, and what follows.
drive() {
	local name=$1
	shift
	run writers_driver "$(component "$name")" prepare-backup with= prepare-snapshot freeze "$@"
}

@test "hooks are run in the order of their names, and thawed in the reverse" {
	for name in 20-b 10-a 30-c; do script "$T/hooks/$name"; done
	for name in 10-a.bak 10-a.dpkg-old 40-d~ .hidden; do script "$T/hooks/$name"; done
	script "$T/hooks/50-not"
	chmod 644 "$T/hooks/50-not"
	configure "qemu-hooks $D from=$T/hooks hold=log"
	drive qemu-hooks thaw post-snapshot
	assert_success
	assert_line "component script - qemu-hooks"
	assert_line "freeze script VSS_WS_WAITING_FOR_THAW none log "
	assert_line --regexp "^- evidence qemu-hooks scripts=3 ms=[0-9]+"
	assert_line "thaw script VSS_WS_WAITING_FOR_POST_SNAPSHOT none log "
	assert_log "10-a freeze" "20-b freeze" "30-c freeze" "30-c thaw" "20-b thaw" "10-a thaw"
	assert_file_not_exist "$VSS_RUN_DIR/undo/script"
}

@test "a hook that fails fails the freeze, and all that was begun is thawed" {
	script "$T/hooks/1"
	script "$T/hooks/2" '[ $1 = thaw ] || { echo first; echo it is locked; exit 7; } >&2'
	script "$T/hooks/3"
	configure "qemu-hooks $D from=$T/hooks hold=files"
	drive qemu-hooks
	assert_success
	assert_line "freeze script VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none qemu-hooks: $T/hooks/2 freeze: status 7: it is locked"
	assert_log "1 freeze" "2 freeze" "2 thaw" "1 thaw"
}

@test "a thaw that fails fails the set, all others are thawed, and the next start tries again" {
	script "$T/hooks/1"
	script "$T/hooks/2" "[ \$1 = freeze ] || test -e $T/ready"
	configure "qemu-hooks $D from=$T/hooks"
	drive qemu-hooks thaw
	assert_line "thaw script VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_NONRETRYABLE none could not be thawed: qemu-hooks: $T/hooks/2 thaw: status 1"
	assert_log "1 freeze" "2 freeze" "2 thaw" "1 thaw"
	run writers_driver
	assert_line --partial "identify script VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_RETRYABLE none left frozen by a run that was killed: $T/hooks/2 thaw"
	touch "$T/ready"
	run writers_driver
	assert_line "identify script VSS_WS_STABLE none none "
	assert_log "1 freeze" "2 freeze" "2 thaw" "1 thaw" "2 thaw" "2 thaw"
	run writers_driver
	assert_equal "$(grep -c 'thaw' "$T/log")" 4
}

@test "pairs of one's own: two scripts, or one for both" {
	script "$T/stop" && script "$T/go" && script "$T/both"
	configure "pair app $D freeze=$T/stop thaw=$T/go hold=files" "pair \"other app\" $D/x $D/y hook=$T/both hold=log"
	drive app thaw
	assert_line "component script - other app"
	assert_line "file $D/y *"
	assert_line "freeze script VSS_WS_WAITING_FOR_THAW none files "
	drive "other app" thaw
	assert_line "freeze script VSS_WS_WAITING_FOR_THAW none log "
	assert_log "stop " "go " "both freeze" "both thaw"
}

@test "what holds is what the weakest of the chosen pairs holds" {
	script "$T/a"
	configure "pair one $D hook=$T/a hold=files" "pair two $D hook=$T/a hold=log" "pair three $D hook=$T/a"
	for want in "one files" "two log" "three none"; do
		drive "${want% *}" thaw
		assert_line "freeze script VSS_WS_WAITING_FOR_THAW none ${want#* } "
	done
}

# say EVENT [LINE]...: the words of an event; number counts them.
say() {
	printf 'event %d %s\n' $((++number)) "$1"
	shift
	printf '%s\n' "$@" end
}

@test "without component mode all pairs are run, and the weakest counts" {
	script "$T/a" && script "$T/b"
	configure "pair one $D hook=$T/a hold=files" "pair two $D hook=$T/b hold=log"
	{ say "hello version=1" && say identify && say prepare-backup "backup type=full component-mode=no" &&
		say "freeze timeout-ms=60000" && say thaw && say bye; } >"$T/events"
	run "$(in_box script)" <"$T/events"
	assert_line "ok 4 hold=log"
	assert_log "a freeze" "b freeze" "b thaw" "a thaw"
}

@test "only what was chosen is run" {
	script "$T/a" && script "$T/b"
	configure "pair one $D hook=$T/a" "pair two $D hook=$T/b"
	drive two identify thaw
	assert_line "thaw script VSS_WS_WAITING_FOR_POST_SNAPSHOT none none "
	assert_log "b freeze" "b thaw"
}

@test "Google's pair: pre.sh and post.sh" {
	script "$T/hooks/pre.sh" && script "$T/hooks/post.sh"
	configure "google $D from=$T/hooks hold=files"
	drive google thaw
	assert_line "freeze script VSS_WS_WAITING_FOR_THAW none files "
	assert_log "pre.sh " "post.sh "
}

# azure KEY:VALUE...: the plug-in's file with these members beside the two scripts.
azure() {
	local IFS=,
	echo "{\"pluginName\":\"ScriptRunner\",\"preScriptLocation\":\"$T/pre\",\"postScriptLocation\":\"$T/post\"${1:+,}$*}" >"$T/azure.json"
	chmod 600 "$T/azure.json"
}

@test "Azure's pair: parameters and retries" {
	script "$T/pre" "[ \$(grep -c ^pre $T/log) = 3 ]" && script "$T/post"
	azure '"preScriptParams":["-f","two words"]' '"postScriptParams":["-t"]' '"preScriptNoOfRetries":2' \
		'"postScriptNoOfRetries":1' '"timeoutInSeconds":30' '"continueBackupOnFailure":true' '"fsFreezeEnabled":true'
	configure "azure $D from=$T/azure.json hold=files"
	drive azure thaw
	assert_line "freeze script VSS_WS_WAITING_FOR_THAW none files "
	assert_log "pre -f two words" "pre -f two words" "pre -f two words" "post -t"
}

@test "Azure's pair: a failure is one, unless both its file and the administrator say otherwise" {
	script "$T/pre" "exit 3" && script "$T/post"
	azure '"continueBackupOnFailure":true'
	configure "azure $D from=$T/azure.json hold=files"
	drive azure
	assert_line --partial "freeze script VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none azure: $T/pre: status 3"
	configure "azure $D from=$T/azure.json hold=files continue-on-failure=yes"
	drive azure thaw
	assert_line "freeze script VSS_WS_WAITING_FOR_THAW none none "
	assert_line --partial "- evidence azure failed, and the backup goes on: $T/pre: status 3"
	azure '"continueBackupOnFailure":false'
	drive azure
	assert_line --partial "freeze script VSS_WS_FAILED_AT_FREEZE"
	assert_log "pre " "post " "pre " "post " "pre " "post "
}

@test "Azure's file is refused when others can read it, and when it says something else" {
	script "$T/pre" && script "$T/post"
	configure "azure $D from=$T/azure.json"
	azure
	chmod 640 "$T/azure.json"
	run writers_driver
	assert_line --partial "identify script VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none azure: $T/azure.json: must not be open to anybody but its owner"
	for member in '"timeoutInSeconds":900' '"timeoutInSeconds":0' '"preScriptParams":[1]' '"preScriptNoOfRetries":-1'; do
		azure "$member"
		run writers_driver
		assert_line --partial "FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none azure: $T/azure.json: "
	done
	azure
	sed -i s/ScriptRunner/Other/ "$T/azure.json"
	run writers_driver
	assert_line --partial "$T/azure.json: pluginName: Other, and not ScriptRunner"
	azure '}'
	run writers_driver
	assert_line --partial "FAILED_AT_IDENTIFY"
}

@test "nothing is run that others could have written" {
	script "$T/a"
	configure "pair app $D hook=$T/a"
	chmod 777 "$T/a"
	run writers_driver
	assert_line --partial "FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none app: $T/a: writable by others"
	chmod 755 "$T/a"
	drive app "run=chmod 777 $T/a"
	chmod 755 "$T/a"
	mkdir "$T/open"
	chmod 777 "$T/open"
	script "$T/open/a"
	configure "pair app $D hook=$T/open/a"
	run writers_driver
	assert_line --partial "app: $T/open: writable by others"
	assert_log "a freeze" "a thaw"
}

@test "a script that was opened to others after identify is not run either" {
	script "$T/a"
	configure "pair app $D hook=$T/a"
	run writers_driver "$(component app)" prepare-backup "run=chmod 777 $T/a" freeze
	assert_line --partial "freeze script VSS_WS_FAILED_AT_FREEZE"
	assert_log
}

@test "a script that hangs is killed with all it has started, and thawed" {
	mkfifo "$T/alive"
	script "$T/a" "[ \$1 = thaw ] || { sleep 1000 >$T/alive & echo started; sleep 1000; }"
	configure "pair app $D hook=$T/a timeout=1"
	start cat "$T/alive"
	drive app
	assert_line --partial "freeze script VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_TIMEOUT none app: $T/a: did not end in time"
	assert_log "a freeze" "a thaw"
	wait_until 10 is_gone "$started_pid" # nobody holds the other end
}

@test "what a script leaves running carries its lock to the thaw" {
	script "$T/a" "if [ \$1 = freeze ]; then sleep 1000 >/dev/null 2>&1 & echo \$! >$T/holder; else kill \$(cat $T/holder); fi"
	configure "pair app $D hook=$T/a"
	drive app "run=kill -0 \$(cat $T/holder) && echo held" thaw
	assert_line held
	wait_until 10 is_gone "$(cat "$T/holder")"
}

@test "an aborted set is thawed" {
	script "$T/a"
	configure "pair app $D hook=$T/a"
	drive app abort
	assert_success
	assert_log "a freeze" "a thaw"
}

@test "when its time is over it is thawed without being told" {
	script "$T/a"
	configure "pair app $D hook=$T/a"
	register script "$(in_box script)" FreezeTimeout=4s
	drive app wait=60000
	assert_line "wait writer script"
	assert_log "a freeze" "a thaw"
}

@test "when the coordinator is killed it is thawed" {
	script "$T/a"
	configure "pair app $D hook=$T/a"
	start writers_driver "$(component app)" prepare-backup freeze "run=touch $T/frozen; sleep 1000"
	wait_until 10 test -e "$T/frozen"
	assert_log "a freeze"
	kill -KILL "$started_pid"
	wait_until 10 has_line "$T/log" "a thaw"
}

@test "what a killed writer left frozen is thawed by the next start, and by no other while it lives" {
	script "$T/hooks/a" && script "$T/hooks/b"
	configure "qemu-hooks $D from=$T/hooks"
	drive qemu-hooks "run=writers_driver >/dev/null; echo looked" "run=kill -KILL \$(pgrep -f '^$(in_box script)\$' -P \$PPID)"
	assert_line looked
	assert_log "a freeze" "b freeze"
	run writers_driver
	assert_success
	assert_line "identify script VSS_WS_STABLE none none "
	assert_log "a freeze" "b freeze" "b thaw" "a thaw"
	assert_file_not_exist "$VSS_RUN_DIR/undo/script"
}

@test "what a killed writer left is never written over" {
	script "$T/a"
	configure "pair app $D hook=$T/a"
	run writers_driver "$(component app)" prepare-backup "run=mkdir -p $VSS_RUN_DIR/undo; echo 'thaw 1 $T/a again' >$VSS_RUN_DIR/undo/script" freeze
	assert_line "freeze script VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none a writer that was killed has left something frozen: try again"
	assert_log
	run writers_driver
	assert_success
	assert_log "a again"
}

@test "without a configuration the writer is not there, and says why" {
	run writers_driver prepare-backup
	assert_output ""
	run "$(in_box script)" < <(say identify)
	assert_output --partial "ok 1 absent=\"$VSS_WRITER_SCRIPT_CONF names no"
}

@test "a mistake in the configuration is told with its line" {
	script "$T/a"
	for line in "pair app" "pair app $D" "pair app $D freeze=$T/a" "pair app $D hook=$T/a thaw=$T/a" "pair a/b $D hook=$T/a" \
		"pair app relative hook=$T/a" "pair app $D/* hook=$T/a" "pair app $D hook=$T/a hold=all" "pair app $D hook=$T/a timeout=0" \
		"pair app $D hook=$T/a timeout=61" "qemu-hooks" "google $D from=x" "azure $D continue-on-failure=perhaps" "colour red"; do
		configure "# first" "$line"
		run writers_driver
		assert_line --partial "identify script VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none $VSS_WRITER_SCRIPT_CONF: line 2: "
	done
	configure "pair app $D hook=$T/a" "pair app $D hook=$T/a"
	run writers_driver
	assert_line --partial "line 2: app: named twice"
	configure "qemu-hooks $D from=$T/hooks"
	run writers_driver
	assert_line --partial "qemu-hooks: $T/hooks: holds no executable hook"
	configure "pair app $D hook=$T/none"
	run writers_driver
	assert_line --partial "app: $T/none: No such file"
}

# --- with the tools ---

# An application that writes a number into one file and then into another, and stands still while it is told to.
start_app() {
	cat >"$T/app" <<-END
		#!/bin/bash
		for ((n = 1; ; n++)); do
			while who=\$(cat $T/pause 2>/dev/null); do echo \$who >$T/paused; sleep 0.01; done
			echo \$n >$D/a.new && mv $D/a.new $D/a
			echo \$n >$D/b.new && mv $D/b.new $D/b
		done
	END
	chmod 755 "$T/app"
	start "$T/app"
	wait_until 10 test -e "$D/b"
}

# The numbers of the archived files: equal when the application stood between two rounds.
archived() { tar --zstd -xOf "$1" "${D#/}/$2"; }

@test "an application that is paused by its scripts is whole in the archive" {
	: >"$T/paused"
	script "$T/stop" "echo \$\$ >$T/pause.new; mv $T/pause.new $T/pause" "until [ \"\$(cat $T/paused)\" = \$\$ ]; do sleep 0.01; done"
	script "$T/go" "rm $T/pause"
	configure "pair app $D freeze=$T/stop thaw=$T/go hold=files"
	start_app
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		run backup "$D" -o "$T/$i.tar.zst" --json
		assert_success
		assert_json '.writers[0].grade' application
		assert_equal "$(archived "$T/$i.tar.zst" a)" "$(archived "$T/$i.tar.zst" b)"
		assert_file_not_exist "$T/pause"
	done
}

@test "the same application without them is seen torn" {
	start_app
	torn=0
	for ((i = 0; i < 50 && torn == 0; i++)); do
		run backup "$D" -o "$T/$i.tar.zst"
		[ "$(archived "$T/$i.tar.zst" a)" = "$(archived "$T/$i.tar.zst" b)" ] || torn=1
	done
	assert_equal "$torn" 1
}

@test "what a pair speaks for comes back in place" {
	script "$T/a"
	mkdir "$D/app"
	echo old >"$D/app/f"
	configure "pair app $D/app hook=$T/a hold=files"
	run backup -w script -o "$T/x.tar.zst"
	assert_success
	rm -r "$D/app"
	run restore --in-place "$T/x.tar.zst"
	assert_success
	assert_equal "$(cat "$D/app/f")" old
	assert_log "a freeze" "a thaw"
}

@test "a failing script stops a backup that it belongs to, and no other" {
	script "$T/a" '[ $1 = thaw ] || exit 1'
	fake_volumes data other
	echo x >"$D/f"
	configure "pair app $D hook=$T/a hold=files"
	run backup "$D" -o "$T/x.tar.zst"
	assert_failure 6
	assert_output --partial "status 1"
	run backup -w "Script Writer" -o "$T/x.tar.zst"
	assert_failure 6
	run backup --skip-failed-writers "$D" -o "$T/x.tar.zst"
	assert_failure 3
	assert_equal "$(grep -c freeze "$T/log")" "$(grep -c thaw "$T/log")"
	: >"$T/log"
	run backup "$(volume other)" -o "$T/y.tar.zst"
	assert_success
	assert_log
}

@test "what nobody has vouched for is not graded as consistent" {
	script "$T/a"
	echo x >"$D/f"
	configure "pair app $D hook=$T/a"
	run backup "$D" -o "$T/x.tar.zst"
	assert_failure 6
	assert_output --partial "--min-grade"
	run backup "$D" --min-grade crash -o "$T/x.tar.zst"
	assert_success
}
