#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The shell itself: its command line, scripts and their echo, settings, volumes, aliases, help, the log, how it ends.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what is for diskshadow or sh; a test is a subshell; run sets stderr
load ../lib/common

setup() {
	vss_setup
	fake_volumes data log
	cd "$T" || return
}

# script [FORMAT...]: printf them into $T/s.dsh, a line each.
script() { printf '%s\n' "$@" >"$T/s.dsh"; }

# body: what was printed behind the banner.
body() { sed 1,4d <<<"$output"; }

assert_body() { diff -u --label expected --label got <(printf '%s\n' "$@") <(body); }

# piped LINE: `run` it as a script that comes through a pipe.
piped() { run --separate-stderr bash -c 'echo "$1" | diskshadow' - "$1"; }

no_copies() { [ -z "$(list-shadows --columns id)" ] || fail "left: $(list-shadows)"; }

@test "the banner has three lines and an empty one" {
	script
	run --separate-stderr diskshadow /s s.dsh
	assert_success
	assert_equal "$stderr" ''
	assert_regex "${lines[0]}" '^vss-tools diskshadow version [0-9]+\.[0-9]+\.[0-9]+$'
	assert_equal "${lines[1]}" 'Copyright (C) 2026 The vss-tools authors'
	assert_regex "${lines[2]}" "^On computer:  $(uname -n),  [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
	[[ $output == *$'\n\n->'* ]]
}

@test "a script is named in every spelling" {
	script 'set verbose on'
	for option in /s -s /S --script -script /script; do
		run --separate-stderr diskshadow "$option" s.dsh
		assert_success
		assert_body '-> set verbose on' '->'
	done
	for word in --script=s.dsh -ss.dsh; do
		run diskshadow "$word" -v
		assert_success
		assert_body '-> set verbose on' '->'
	done
}

@test "help is given for every spelling, on stdout, without root's work" {
	for option in '/?' '-?' /help -help --help -h; do
		run --separate-stderr diskshadow "$option"
		assert_success
		assert_output --partial 'Usage: diskshadow [/s SCRIPT [PARAMETER]...] [/l LOG]'
		assert_equal "$stderr" ''
	done
}

@test "a command line that is wrong says so and does nothing" {
	script 'exec /bin/touch touched'
	for words in 's.dsh' '/s' '/l' '--no-such /s s.dsh' '/x /s s.dsh' '/s s.dsh /l' 'one /l log' '/s s.dsh /l ./s.dsh'; do
		# shellcheck disable=SC2086 # they are several words
		run --separate-stderr diskshadow $words
		assert_equal "$words: $status" "$words: 2"
		assert_equal "$output" ''
		assert_sentence diskshadow '--help'
		[ ! -e touched ]
	done
}

@test "parameters of a script may look like options, and the log may stand behind them" {
	script 'add alias all %DISKSH_PARAM_1%,%disksh_param_2%,%DISKSH_PARAM_3%,%DISKSH_PARAM_4%'
	run diskshadow /s s.dsh -v '/x y' --help 4 /l log
	assert_success
	assert_body '-> add alias all %DISKSH_PARAM_1%,%disksh_param_2%,%DISKSH_PARAM_3%,%DISKSH_PARAM_4%' \
		'-> %DISKSH_PARAM_1% = -v' '-> %disksh_param_2% = /x y' '-> %DISKSH_PARAM_3% = --help' \
		'-> %DISKSH_PARAM_4% = 4' '->'
	assert_file_exists log
	rm log
	script 'add alias all %DISKSH_PARAM_1%,%DISKSH_PARAM_2%'
	run diskshadow /s s.dsh -- /l log
	assert_success
	assert_output --partial '-> %DISKSH_PARAM_1% = /l'
	[ ! -e log ]
}

@test "a parameter that was not given is unknown, whatever the environment says" {
	script 'add alias x %DISKSH_PARAM_2%'
	DISKSH_PARAM_2='of another' run --separate-stderr diskshadow /s s.dsh one
	assert_equal "$status" 2
	assert_sentence diskshadow 's.dsh:1: %DISKSH_PARAM_2%'
}

@test "every line is echoed as it stands, with its variables behind it" {
	export PLACE='/some where'
	printf '%s\r\n' '# a comment' '' '   rem with C:\back\slashes' $'\tADD  Alias\tHere "%PLACE%/%%x" ' >s.dsh
	printf 'add' >>s.dsh
	run diskshadow /s s.dsh
	assert_success
	assert_body '-> # a comment' '-> ' '->    rem with C:\back\slashes' $'-> \tADD  Alias\tHere "%PLACE%/%%x" ' \
		'-> %PLACE% = /some where' '-> add' '0 volumes in Shadow Copy Set.' \
		'1 Diskshadow alias in the environment:' '   %Here% = /some where/%x' '->'
}

@test "an echo cannot play tricks on a terminal" {
	printf '# \033[2J and \302\205\n' >s.dsh
	run diskshadow /s s.dsh
	assert_success
	assert_body '-> # \033[2J and \302\205' '->'
}

@test "variables are aliases first, then the environment, in any case" {
	export Place=environment
	script 'add alias x "%PLACE%"' 'add alias place alias' 'add alias y %PLACE%' 'add'
	run diskshadow /s s.dsh
	assert_success
	assert_line '-> %PLACE% = environment'
	assert_line '-> %PLACE% = alias'
	assert_line '   %y% = alias'
}

@test "what a variable stands for is one word and is not looked at again" {
	export TWO='one two' REC='%TWO%'
	script 'add alias x %TWO%' 'add alias y %REC%' 'add alias z %y%' 'add'
	run diskshadow /s s.dsh
	assert_success
	assert_line '   %x% = one two'
	assert_line '   %y% = %TWO%'
	assert_line '   %z% = %TWO%'
}

@test "commands on standard input are a script, from a pipe line by line" {
	run bash -c 'echo "list writers" | diskshadow'
	assert_success
	assert_line --index 3 '-> list writers'
	assert_line --regexp '^[0-9]+ writers listed\.$'
	run bash -c 'printf "add\nbroken\n" | diskshadow'
	assert_equal "$status" 2
	assert_line '0 volumes in Shadow Copy Set.'
	assert_line "diskshadow: standard input:2: 'broken': no such command (HELP lists them)"
	script add broken
	run diskshadow <s.dsh
	assert_equal "$status" 2
	refute_line '0 volumes in Shadow Copy Set.'
	assert_line "diskshadow: standard input:2: 'broken': no such command (HELP lists them)"
}

@test "a pipe is a conversation" {
	coproc SHELL_ { exec diskshadow 3>&-; }
	local line pid=$SHELL__PID in=${SHELL_[1]} out=${SHELL_[0]}
	echo 'set verbose on' >&"$in"
	until [ "${line-}" = '-> set verbose on' ]; do read -r -t 60 line <&"$out"; done
	echo 'set' >&"$in"
	until [ "$line" = 'Verbose: ON' ]; do read -r -t 60 line <&"$out"; done
	exec {in}>&-
	wait "$pid"
}

@test "settings: defaults, every word, the last one counts" {
	script set 'SET Context Persistent NoWriters' 'set option DIFFERENTIAL transportable' 'set verbose on' 'set metadata sub/../m.cab' \
		set 'set context clientaccessible' 'set context volatile' 'set option plex rollbackrecover txfrecover' 'set verbose off' set
	run diskshadow /s s.dsh
	assert_success
	body | grep -v '^->' >got
	diff -u - got <<-END
		Context: VOLATILE
		Options: none
		Verbose: OFF
		Metadata file: in the working directory, named by time and host
		Context: PERSISTENT NOWRITERS
		Options: DIFFERENTIAL TRANSPORTABLE
		Verbose: ON
		Metadata file: $T/m.cab
		Context: VOLATILE
		Options: PLEX ROLLBACKRECOVER TXFRECOVER
		Verbose: OFF
		Metadata file: $T/m.cab
	END
}

@test "RESET forgets what was set and added, but not the parameters" {
	script 'set verbose on' 'set context persistent' "add volume $(volume data)" 'add alias x y' reset set add 'add alias p %DISKSH_PARAM_1%'
	run diskshadow /s s.dsh one
	assert_success
	assert_line 'Context: VOLATILE'
	assert_line 'Verbose: OFF'
	assert_line '0 volumes in Shadow Copy Set.'
	assert_line 'No Diskshadow aliases in the environment.'
	assert_line '-> %DISKSH_PARAM_1% = one'
}

@test "volumes are added by mount point, a path inside, ID, and with words in either order" {
	id=$(list-volumes --columns id,path | awk -v m="$(volume data)" '$2 == m { print $1 }')
	[ -n "$id" ]
	mkdir -p "$(volume log)/below"
	for word in "$(volume data)" volumes/data "$id" "{${id^^}}" "\\\\?\\Volume{$id}\\" "($(volume data))\\\\?\\Volume{$id}\\"; do
		script "add volume $word provider FAKE alias Data" "add volume $(volume log)/below ALIAS Log_1" 'add volume /dev/null' add
		sed -i 3d s.dsh
		run diskshadow /s s.dsh
		assert_success
		assert_line "Volume $(volume data) alias Data provider fake    GUID \\\\?\\Volume{$id}\\"
		assert_line --regexp "^Volume $(volume log) alias Log_1    GUID"
		assert_line '2 volumes in Shadow Copy Set.'
	done
	title=$(list-providers --columns name,title | sed -n 's/^fake\t//p')
	script "add volume $(volume data) provider \"$title\"" add
	run diskshadow /s s.dsh
	assert_success
	assert_line --partial ' provider fake '
}

@test "HELP lists every command, and has one for each" {
	script help
	run diskshadow /s s.dsh
	assert_success
	for command in SET 'SET CONTEXT' 'LOAD METADATA' 'WRITER EXCLUDE' ADD 'ADD VOLUME' CREATE 'BEGIN BACKUP' 'END RESTORE' \
		'SIMULATE RESTORE' EXEC 'LIST SHADOWS ID' 'DELETE SHADOWS EXPOSED' IMPORT EXPOSE UNEXPOSE 'BREAK WRITABLE' MASK REVERT \
		RESYNC RESET EXIT HELP; do
		assert_line --regexp "^    $command  +[A-Z].*\\.\$"
	done
	body >list
	awk 'length > 100' list | diff - /dev/null
	sed -n 's/^    \([A-Z ]*[A-Z]\)  .*/\1/p' list >commands
	while read -r command; do
		script "help $command" "$command /?"
		run diskshadow /s s.dsh
		assert_success
		assert_equal "$(body | sed -n '/^-> help/,/^-> .*[/]?$/p' | sed '1d;$d')" "$(body | sed '1,/[/]?$/d;$d')"
		assert_line --regexp "^${command% *}"
	done <commands
}

@test "a verb that needs a word behind it shows which there are" {
	piped end
	assert_equal "$status" 2
	assert_sentence diskshadow 'standard input:1: END: needs a word behind it'
	assert_body '-> end' 'END { BACKUP | RESTORE }' '' '    BACKUP   Tell the writers that the backup is complete.' \
		'    RESTORE  Tell the writers that their files are back.'
	piped 'delete snapshots all'
	assert_equal "$status" 2
	assert_sentence diskshadow "'snapshots': no such word behind DELETE"
	assert_line 'DELETE SHADOWS { ALL | VOLUME | OLDEST | SET | ID | EXPOSED }'
	piped 'set context'
	assert_equal "$status" 2
	assert_sentence diskshadow 'SET CONTEXT: needs something behind it'
	assert_line 'SET CONTEXT { CLIENTACCESSIBLE | PERSISTENT [NOWRITERS] | VOLATILE [NOWRITERS] }'
	for line in 'set verbose loud' 'list writers all' 'set option plex tiny' 'set colour' 'list shadows' 'expose one' 'create now'; do
		piped "$line"
		assert_equal "$line: $status" "$line: 2"
		assert_sentence diskshadow "standard input:1: "
		first=${line%% *}
		assert_line --regexp "^${first^^}( |\$)"
	done
}

@test "a set is made, used and gone at the end; nothing of it stays" {
	echo content >"$(volume data)/file"
	script "add volume $(volume data) alias Data" create 'exec /bin/sh -c "cat $VSS_SHADOW_DEVICE_1/file"' 'list shadows id %data%'
	run diskshadow /s s.dsh
	assert_success
	assert_line content
	assert_line --regexp '^-> %data% = \{[0-9a-f-]{36}\}$'
	refute_output --partial 'DiskShadow is exiting.'
	no_copies
}

@test "where a copy can be read, and of what, are variables of commands, too; only while there is a set" {
	echo content >"$(volume data)/file"
	script "add volume $(volume data)" create 'exec /bin/cat %vss_shadow_device_1%/file' 'exec /bin/echo of %VSS_VOLUME_1%'
	run diskshadow /s s.dsh
	assert_success
	assert_line content
	assert_line "of $(volume data)"
	for name in VSS_SHADOW_DEVICE_2 VSS_VOLUME_0 VSS_VOLUME_x; do
		script "add volume $(volume data)" create "exec /bin/echo %$name%"
		run --separate-stderr diskshadow /s s.dsh
		assert_equal "$status" 2
		assert_sentence diskshadow "s.dsh:3: %$name%: there is no alias"
	done
	script 'exec /bin/echo %VSS_VOLUME_1%'
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "$status" 2
}

@test "persistent copies stay; RESET and EXIT end a job" {
	script 'set context persistent' "add volume $(volume data)" create reset "add volume $(volume data)" create exit 'exec /bin/false'
	run diskshadow /s s.dsh
	assert_success
	assert_equal "$(list-shadows --columns id | wc -l)" 1
	refute_line '->'
}

@test "what was begun and not ended is told at the end" {
	script 'begin backup' "add volume $(volume data)" create
	run diskshadow /s s.dsh
	assert_success
	assert_equal "$(tail -n 2 <<<"$output")" $'Note: END BACKUP was not commanded, writers not notified BackupComplete.\nDiskShadow is exiting.'
	script 'begin backup' "add volume $(volume data)" create 'end backup'
	run diskshadow /s s.dsh
	assert_success
	assert_equal "$(tail -n 2 <<<"$output")" $'->\nDiskShadow is exiting.'
	script 'begin backup' "add volume $(volume data)" create reset
	run diskshadow /s s.dsh
	assert_success
	assert_equal "$(tail -n 3 <<<"$output")" \
		$'-> reset\nNote: END BACKUP was not commanded, writers not notified BackupComplete.\n->'
}

@test "a signal ends a script, with everything undone" {
	mkfifo gate
	script 'begin backup' "add volume $(volume data)" create 'exec /bin/cat gate' 'exec /bin/touch later'
	local signal status fd
	for signal in INT TERM HUP; do
		start env --default-signal=INT diskshadow /s s.dsh >out 2>err # a shell's & has it ignored
		exec {fd}>gate
		kill "-$signal" "$started_pid"
		wait "$started_pid" || status=$?
		exec {fd}>&-
		assert_equal "$signal: $status" "$signal: 130"
		assert_equal "$(cat err)" 'diskshadow: s.dsh:4: interrupted'
		has_line out 'Note: END BACKUP was not commanded'
		[ ! -e later ]
		no_copies
	done
}

@test "the log has what was shown, in UTF-16LE with a mark" {
	export PLACE=Käse
	script 'add alias x %PLACE%' 'exec /bin/echo from a program' 'set context wrong'
	sed -i 3d s.dsh
	echo 'delete shadows id {00000000-0000-0000-0000-000000000000}' >>s.dsh
	echo old >log
	for option in /l -l /log -LOG --log; do
		run --separate-stderr diskshadow "$option" log /s s.dsh
		assert_failure
		assert_equal "$(head -c 2 log | od -An -tx1)" ' ff fe'
		diff -u <(grep -vx 'from a program' <<<"$output"; echo "$stderr") <(tail -c +3 log | iconv -f UTF-16LE)
		assert_equal "$(stat -c %a log)" 600
	done
	has_line <(tail -c +3 log | iconv -f UTF-16LE) '-> %PLACE% = Käse'
}

@test "what is typed at a terminal is in the log, with its prompt" {
	requires python3
	run "$REPO/tests/lib/terminal.py" diskshadow -l log <<-'END'
		prompt
		enter begin backup
		prompt backup
		enter nonsense
		see no such command
		prompt backup
		enter exit
		see DiskShadow is exiting
		end 0
	END
	assert_success
	tail -c +3 log | iconv -f UTF-16LE | sed 1,4d >got
	diff -u - got <<-'END'
		DISKSHADOW> begin backup
		DISKSHADOW[backup]> nonsense
		diskshadow: 'nonsense': no such command (HELP lists them)
		DISKSHADOW[backup]> exit
		Note: END BACKUP was not commanded, writers not notified BackupComplete.
		DiskShadow is exiting.
	END
}

@test "a log that cannot be is told before anything is done" {
	script 'exec /bin/touch touched'
	mkfifo fifo
	for log in none/log . fifo /dev/null s.dsh/log; do
		run --separate-stderr diskshadow /s s.dsh /l "$log"
		assert_equal "$log: $status" "$log: 1"
		assert_equal "$output" ''
		assert_sentence diskshadow 'log'
		[ ! -e touched ]
	done
	[ -p fifo ]
}

@test "a log that does not fit fails the shell, and the one before stays" {
	requires_root
	mkdir small
	mount -t tmpfs -o size=16k none small
	echo old >small/log
	script 'help' 'help' 'help' 'help' 'help' 'help' 'help' 'help' 'help' 'help' 'exec /bin/touch touched'
	run --separate-stderr diskshadow /s s.dsh /l small/log
	local log left
	log=$(cat small/log) left=$(ls small)
	umount small
	assert_equal "$status" 1
	assert_sentence diskshadow 'log small/log'
	assert_equal "$log" old
	assert_equal "$left" log
	assert_file_exists touched
}

@test "descriptors that are closed are no others" {
	script set
	run --separate-stderr bash -c 'timeout 300 diskshadow <&-'
	assert_equal "$status" 1
	assert_sentence diskshadow 'Bad file descriptor'
	run --separate-stderr bash -c 'diskshadow /s s.dsh /l log >&-'
	assert_equal "$status" 1
	assert_sentence diskshadow 'standard output: Bad file descriptor'
	tail -c +3 log | iconv -f UTF-16LE | grep -x 'Verbose: OFF'
	run bash -c 'diskshadow /s s.dsh 2>&- <&-'
	assert_success
}

@test "a stdout that is full fails the shell" {
	script help
	run bash -c 'diskshadow /s s.dsh >/dev/full'
	assert_equal "$status" 1
	assert_output 'diskshadow: standard output: No space left on device'
}
