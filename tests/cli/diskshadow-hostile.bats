#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What must not be lost when a command of diskshadow or vssadmin fails or is given something odd: older copies, other files, services, programs.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories
load ../lib/diskshadow
load ../lib/methods

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

@test "SET METADATA takes the place of metadata files, and of nothing else" {
	local other=$T/other
	test_writer One a </dev/null
	echo dear >"$other"
	run --separate-stderr shell "set metadata $other" "add volume $(volume a)" create
	assert_failure 1
	assert_sentence diskshadow "$other: is there, and no metadata file"
	assert_equal "$(cat "$other")" dear
	tar -cf "$other" -C "$(volume a)" .
	run --separate-stderr shell "set metadata $other" "add volume $(volume a)" create
	assert_failure 1
	assert_equal "$(events One)" ''
	assert_equal "$(copies)" ''
	: >"$other"
	run -0 shell "set metadata $other" "add volume $(volume a)" create reset "set metadata $other" "add volume $(volume a)" create
	run -0 shell "load metadata $other"
}

# theirs: the metadata file $m, of which somebody else has the directory.
theirs() {
	mkdir "$T/share"
	mv "$m" "$T/share/m.tar"
	m=$T/share/m.tar
	chmod 777 "$T/share"
}

@test "a metadata file that others can write stops no service that the writer here does not name" {
	export VSS_SERVICE_PATH=$T/services m=$T/m.tar
	mkdir "$VSS_SERVICE_PATH"
	new_service demo
	new_service dear
	touch "$T/demo-runs" "$T/dear-runs" "$T/services-log"
	test_writer One a <<<'restore-method STOP_RESTORE_START service=dear writer-restore=always'
	run -0 shell "set metadata $m" 'begin backup' "add volume $(volume a)" create 'end backup'
	test_writer One a <<<'restore-method STOP_RESTORE_START service=demo writer-restore=always'
	run -0 shell "load metadata $m" 'begin restore' 'end restore'
	assert_equal "$(paste -sd' ' "$T/services-log")" 'stop dear start dear'
	: >"$T/services-log"
	theirs
	run -0 shell "load metadata $m" 'begin restore' 'end restore'
	assert_equal "$(cat "$T/services-log")" ''
	assert_line --partial 'names the service dear, its writer here does not'
	test_writer One a <<<'restore-method STOP_RESTORE_START service=dear writer-restore=always'
	run -0 shell "load metadata $m" 'begin restore' 'end restore'
	assert_equal "$(paste -sd' ' "$T/services-log")" 'stop dear start dear'
}

@test "a metadata file that others can write gives names to IDs, and puts no words into what programs find" {
	local m=$T/m.tar
	run -0 shell 'set context persistent' "set metadata $m" 'add alias RSYNC_RSH /evil' "add volume $(volume a) alias Data" create
	run -0 shell "load metadata $m" 'exec sh -c "echo found $RSYNC_RSH"'
	assert_line 'found /evil'
	theirs
	run --separate-stderr shell "load metadata $m"
	assert_failure
	assert_sentence diskshadow 'alias RSYNC_RSH'
	m=$T/plain.tar
	run -0 shell "set metadata $m" "add volume $(volume a) alias Data" create
	rm -r "$T/share"
	theirs
	run -0 shell "load metadata $m" 'exec sh -c "echo found $Data"'
	assert_line --regexp '^found \{.*\}$'
}

@test "an answer to vssadmin that is more than yes is none" {
	run -0 shell 'set context clientaccessible' "add volume $(volume a)" create
	local answer
	for answer in 'y\0no\n' '\0y\n' 'y y\n' 'yesyesyesyesyesyes\n' '' '\n' ' \n' '\xff\n'; do
		run -1 vssadmin delete shadows /all < <(printf '%b' "$answer")
		assert_output --partial 'Nothing was done.'
		assert_equal "$(copies | wc -l)" 1
	done
	run -1 vssadmin delete shadows /all < <(head -c 65536 /dev/zero | tr '\0' y)
	run -1 sh -c 'exec vssadmin delete shadows /all <&-'
	assert_equal "$(copies | wc -l)" 1
	run -0 vssadmin delete shadows /all <<<Yes
	assert_equal "$(copies)" ''
}

# names START: metadata files by default of all seconds since then, and of some to come.
names() {
	local second
	for ((second = $1 - 2; second < $(date +%s) + 60; second++)); do
		date -d "@$second" +"%Y-%m-%d_%H-%M-%S_$(hostname).tar"
	done
}

@test "a metadata file without a name of its own takes nobody else's, who was faster" {
	local at file pid others=0
	at=$(date +%s)
	echo "add volume $(volume a)"$'\nset verbose on\ncreate' >"$T/script"
	start stop_at job.before-metadata:stop diskshadow /s "$T/script" >"$T/out" 2>"$T/err"
	wait_until 10 grep -qs job.before-metadata "$T/stops"
	pid=$(cut -d' ' -f2 "$T/stops")
	wait_until 10 is_stopped "$pid"
	for file in $(names "$at"); do
		echo other >"$file"
		others=$((others + 1))
	done
	kill -CONT "$pid"
	wait "$started_pid"
	assert_equal "$(grep -lx other ./*.tar | wc -l)" "$others"
	run grep -Lx other ./*.tar
	assert_equal "${#lines[@]}" 1
	grep -qF "into .cab file ${lines[0]#./}" "$T/out"
	run -0 shell "load metadata $PWD/${lines[0]}"
}

# typed_with HOME: what a session on a terminal leaves there.
typed_with() {
	printf '%s\n' prompt 'enter set verbose on' prompt 'enter exit' 'end 0' |
		HOME=$1 "$REPO/tests/lib/terminal.py" diskshadow >&2 || fail "no conversation"
	find "$1" -mindepth 1
}

@test "lines are remembered in one's own home, not in that of whoever became root" {
	requires_root
	unset XDG_STATE_HOME
	mkdir "$T/mine" "$T/theirs"
	run typed_with "$T/mine"
	assert_line "$T/mine/.local/state/vss/diskshadow_history"
	chown 12345 "$T/theirs"
	run -0 --separate-stderr typed_with "$T/theirs"
	assert_output ''
	run --separate-stderr typed_with "$T/none"
	assert_not_exist "$T/none"
}

# bound_in HOME STATE: VERBOSE is ON or OFF once a key was typed that its .editrc binds to the line before.
bound_in() {
	echo 'bind ^G ed-prev-history' >"$1/.editrc"
	printf '%s\n' prompt 'enter set verbose on' prompt 'enter set verbose off' prompt 'type \x07\x07' 'enter ' prompt \
		'enter set' "see Verbose: $2" prompt 'enter exit' 'end 0' |
		HOME=$1 "$REPO/tests/lib/terminal.py" diskshadow
}

@test "keys are bound by one's own editrc, not by that of whoever became root" {
	requires_root
	mkdir "$T/mine" "$T/theirs"
	run -0 bound_in "$T/mine" ON
	chown 12345 "$T/theirs"
	run -0 bound_in "$T/theirs" OFF
}

# A program that leads a session of its own on a terminal, which goes when the file is there; its status.
on_terminal() {
	cat >"$T/on-terminal" <<-'END'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[2], sys.argv[2:])
		while not os.path.exists(sys.argv[1]):
		    os.read(fd, 4096)
		os.close(fd)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
	timeout 100 python3 "$T/on-terminal" "$@"
}

@test "a terminal that is closed ends the program that EXEC runs, and then the shell" {
	printf '#!/bin/sh\necho $$ >"%s"\necho begun\nexec sleep 1000\n' "$T/started" >"$T/waits"
	chmod 755 "$T/waits"
	printf '%s\n' "add volume $(volume a)" create "exec $T/waits" >"$T/script"
	run on_terminal "$T/started" diskshadow /s "$T/script"
	started+=("$(cat "$T/started")")
	assert_equal "$status" 130
	wait_until 10 is_gone "${started[-1]}"
	assert_equal "$(copies)" ''
}

@test "writers hear of no success of a backup whose program failed, also when END BACKUP is typed" {
	test_writer One a </dev/null
	TERM=dumb HOME=$T run "$REPO/tests/lib/terminal.py" diskshadow <<-END
		prompt
		enter begin backup
		prompt backup
		enter add volume $(volume a)
		prompt backup
		enter create
		see listed: 1
		prompt backup
		enter exec sh -c "touch $T/runs; exec sleep 1000"
		until test -e $T/runs
		type \\x03
		prompt backup
		enter end backup
		see diskshadow: END BACKUP: the last EXEC failed
		prompt backup
		do ! grep -q backup-complete $T/One.log
		enter exec nosuchprogram
		see command not found
		enter end backup
		see diskshadow: END BACKUP: the last EXEC failed
		prompt backup
		enter exec true
		prompt backup
		enter end backup
		prompt created
		do grep -q backup-complete $T/One.log
		enter reset
		prompt
		enter exit
		end 0
	END
	assert_success
}

@test "a volume that is not mounted any more is not the one that its empty directory lies on" {
	local outer gone
	fake_volumes p p/x
	outer=$(volume p) gone=$(volume p/x)
	create-shadow -q --context nas-rollback "$outer"
	create-shadow -q --context nas-rollback "$outer"
	create-shadow -q --context nas-rollback "$gone"
	resize-storage -q --for "$outer" --max-size 1G
	fake_volumes p
	resize-storage -q --for "$gone/" --max-copies 1
	assert_equal "$(copies | wc -l)" 3
	run -1 vssadmin add shadowstorage "/for=$gone" "/on=$outer"
	assert_output --partial "$gone: it is not mounted"
	run vssadmin delete shadowstorage "/for=$gone" /quiet
	delete-shadow -q --for "$gone"
	run vssadmin delete shadowstorage "/for=$gone" /quiet
	grep -qx "volume=$outer" "$VSS_LIMITS_DIR"/*.limit
}
