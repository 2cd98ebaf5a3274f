#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# EXEC: which program, what it finds, how it ends, and what becomes of the shell then.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what is for sh; a test is a subshell; run sets stderr
load ../lib/common

setup() {
	vss_setup
	fake_volumes data log
	cd "$T" || return
}

script() { printf '%s\n' "$@" >"$T/s.dsh"; }

# program PATH LINE...: a shell script that can be run.
program() {
	local path=$1
	shift
	printf '%s\n' '#!/bin/sh' "$@" >"$path"
	chmod 755 "$path"
}

no_copies() { [ -z "$(list-shadows --columns id)" ] || fail "left: $(list-shadows)"; }

@test "a program finds aliases, parameters, devices and volumes in its environment" {
	program show 'env | grep -E "^(VSS_SHADOW_|VSS_VOLUME_|DISKSH_|Mine=|Data=)" | LC_ALL=C sort'
	script "add volume $(volume data) alias Data" "add volume $(volume log)" 'add alias Mine "my own"' create 'exec show'
	VSS_SHADOW_9=stale VSS_VOLUME_9=stale DISKSH_PARAM_9=stale run diskshadow /s s.dsh 'first one' second
	assert_success
	sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/' <<<"$output" | sed '1,/^-> exec show/d' >got
	diff -u - got <<-END
		DISKSH_PARAM_1=first one
		DISKSH_PARAM_2=second
		Data={ID}
		Mine=my own
		VSS_SHADOW_2={ID}
		VSS_SHADOW_DEVICE_1=$VSS_RUN_DIR/shadows/ID
		VSS_SHADOW_DEVICE_2=$VSS_RUN_DIR/shadows/ID
		VSS_SHADOW_SET={ID}
		VSS_VOLUME_1=$(volume data)
		VSS_VOLUME_2=$(volume log)
		->
	END
	no_copies
}

@test "arguments are words, with variables in them" {
	program words 'printf "[%s]\n" "$@"'
	A='b c' run diskshadow <<<'exec words "one two" %A% $HOME "" * x"y z"'
	assert_success
	sed '1,/^-> %A%/d' <<<"$output" | head -n 6 >got
	printf '%s\n' '[one two]' '[b c]' '[$HOME]' '[]' '[*]' '[xy z]' | diff -u - got
}

@test "a name with a slash is a path, a bare one a file here or else a program in PATH" {
	mkdir sub bin
	program sub/tool 'echo in sub'
	program bin/tool 'echo in bin'
	PATH=$T/bin:$PATH
	script 'exec sub/tool' 'exec tool'
	run diskshadow /s s.dsh
	assert_success
	assert_line 'in sub'
	assert_line 'in bin'
	program tool 'echo here'
	script 'exec tool'
	run diskshadow /s s.dsh
	assert_success
	assert_line here
	refute_line 'in bin'
}

@test "a bare name is not run from where a stranger could have put it" {
	requires_root
	mkdir -m 777 open
	cd open
	program tool 'echo here'
	run --separate-stderr diskshadow <<<'exec tool'
	assert_failure
	refute_line here
	assert_sentence diskshadow "standard input:1: 'tool' is not run from here, it could be another user's: $T/open"
}

@test "what cannot be run is one sentence" {
	echo text >plain
	chmod 644 plain
	program odd
	echo 'not a program' >odd
	program lost
	echo '#!/no/such/interpreter' >lost
	mkfifo fifo
	check() {
		run --separate-stderr diskshadow <<<"exec $1"
		assert_equal "$1: $status" "$1: $2"
		assert_sentence diskshadow "standard input:1: $3"
	}
	check ./none 1 './none: No such file or directory'
	check no-such-program 1 'no-such-program: command not found'
	check ./plain 1 './plain: is not executable'
	check plain 1 "$T/plain: is not executable"
	check . 1 '.: command not found'
	check "$T" 1 "$T: is a directory"
	check ./fifo 1 './fifo: is no file'
	check odd 1 "$T/odd: is no program; a script needs a first line '#!' and its interpreter"
	check ./lost 1 './lost: the interpreter that its first line names is not there'
	check '""' 2 "'': is no name of a program"
	check 'C:\scripts\x.cmd' 2 "'C:\scripts\x.cmd': drives have no letters here"
}

@test "a program that fails ends the script; its set goes and END BACKUP is not reached" {
	script 'begin backup' "add volume $(volume data)" create 'exec /bin/sh -c "exit 7"' 'end backup'
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "$status" 1
	assert_sentence diskshadow 's.dsh:4: /bin/sh: ended with status 7'
	refute_line '-> end backup'
	assert_line 'Note: END BACKUP was not commanded, writers not notified BackupComplete.'
	no_copies
	script 'exec /bin/sh -c "kill -KILL $$"'
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "$status" 1
	assert_sentence diskshadow 's.dsh:1: /bin/sh: ended by signal 9'
}

@test "a program cannot read the script that comes through a pipe, but what a script file leaves to it" {
	run bash -c 'printf "exec /bin/cat\nset verbose on\n" | diskshadow'
	assert_success
	assert_line '-> set verbose on'
	refute_line 'set verbose on'
	script 'exec /bin/cat'
	run diskshadow /s s.dsh <<<'for the program'
	assert_success
	assert_line 'for the program'
}

@test "what a program prints comes where it belongs" {
	script 'set verbose on' 'exec /bin/echo between' set
	diskshadow /s s.dsh >out
	sed 1,4d out | head -n 4 >got
	printf '%s\n' '-> set verbose on' '-> exec /bin/echo between' between '-> set' | diff -u - got
}

@test "a signal to the shell is handed on to the program, whose end it waits for" {
	mkfifo gate
	program slow 'trap "echo told >told; exit 0" TERM' 'echo >gate' 'while :; do read -r line <gate; done'
	script "add volume $(volume data)" create 'exec ./slow' 'exec /bin/touch later'
	start diskshadow /s s.dsh >out 2>err
	read -r _ <gate
	kill -TERM "$started_pid"
	local status=0
	wait "$started_pid" || status=$?
	assert_equal "$status" 130
	assert_equal "$(cat told)" told
	assert_equal "$(tail -n 1 err)" 'diskshadow: s.dsh:3: interrupted'
	[ ! -e later ]
	no_copies
}

@test "Ctrl-C reaches the program from the terminal, once, and ends the script" {
	requires python3
	program slow 'n=0' 'trap "n=\$((n + 1)); echo told \$n" INT' 'trap "echo by TERM" TERM' 'echo ready' \
		'until read -r line; do :; done' 'echo "ends with $line"'
	script "add volume $(volume data)" create 'exec ./slow' 'exec /bin/touch later'
	run "$REPO/tests/lib/terminal.py" diskshadow /s s.dsh <<-'END'
		see \nready
		type \x03
		see told 1
		enter a line
		see ends with a line
		unseen TERM
		see \ndiskshadow: s.dsh:3: interrupted
		end 130
	END
	assert_success
	[ ! -e later ]
	no_copies
}
