#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What the shell cannot take: one sentence, a status, nothing done, nothing changed.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what is for diskshadow or sh; a test is a subshell; run sets stderr
load ../lib/common

setup() {
	vss_setup
	fake_volumes data log
	cd "$T" || return
}

script() { printf '%s\n' "$@" >"$T/s.dsh"; }

copies() { list-shadows --columns id | wc -l; }

# refused STATUS REASON LINE...: the last one of these lines fails, and the script tells where.
refused() {
	local code=$1 reason=$2
	shift 2
	script "$@" 'exec /bin/touch later'
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "${*: -1}: $status" "${*: -1}: $code"
	assert_sentence diskshadow "s.dsh:$#: $reason"
	[ ! -e later ]
	assert_equal "$(copies)" 0
}

@test "a quote that is not closed" {
	refused 2 'a quote is not closed' 'set verbose on' 'add alias x "one two'
	refute_line '-> set verbose on'
}

@test "an unknown alias" {
	refused 2 '%nobody_has_this%: there is no alias or environment variable of this name' "add volume $(volume data)" create \
		'delete shadows set %nobody_has_this%'
}

@test "aliases that stand for each other, or for themselves, are not followed" {
	script 'add alias A %%B%%' 'add alias B %%A%%' 'add alias C %A%' 'add'
	run diskshadow /s s.dsh
	assert_success
	assert_line '   %A% = %B%'
	assert_line '   %B% = %A%'
	assert_line '   %C% = %B%'
	refused 1 './%B%: No such file or directory' 'add alias A ./%%B%%' 'exec %A%'
}

@test "a line of 1 MiB" {
	{
		echo 'set verbose on'
		printf 'exec /bin/echo '
		head -c 1048576 /dev/zero | tr '\0' x
		printf '\nexec /bin/touch later\n'
	} >s.dsh
	for how in /s pipe; do
		if [ "$how" = pipe ]; then
			run --separate-stderr bash -c 'cat s.dsh | diskshadow'
		else
			run --separate-stderr diskshadow /s s.dsh
		fi
		assert_equal "$status" 1
		assert_sentence diskshadow ':2: the line is longer than 65536 bytes'
		[ ! -e later ]
	done
}

@test "NUL bytes" {
	printf 'set verbose on\nexec /bin/touch la\0ter\n' >s.dsh
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "$status" 1
	assert_sentence diskshadow 's.dsh:2: '
	refute_line '-> set verbose on'
	assert_equal "$(echo la*)" 'la*'
}

@test "half a character of UTF-16" {
	printf '\377\376s\0e\0t\0\n\0\0' >s.dsh
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "$status" 1
	assert_sentence diskshadow 's.dsh:2: '
}

@test "a script that is a directory, is not there, is not to be read" {
	run --separate-stderr diskshadow /s .
	assert_equal "$status" 1
	assert_sentence diskshadow '.: is a directory'
	run --separate-stderr diskshadow /s none.dsh
	assert_equal "$status" 1
	assert_sentence diskshadow 'none.dsh: No such file or directory'
	run --separate-stderr diskshadow </
	assert_equal "$status" 1
	assert_sentence diskshadow 'standard input: is a directory'
}

@test "a wrong verb in line 7 of a script that makes persistent copies before: nothing is done" {
	script '# nightly' 'set context persistent' "add volume $(volume data) alias Data" create '' 'exec /bin/touch later' 'creat' 'exit'
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "$status" 2
	assert_sentence diskshadow "s.dsh:7: 'creat': no such command (HELP lists them)"
	assert_equal "$(copies)" 0
	[ ! -e later ]
	refute_line --partial '->'
	for line in 'list shadow all' 'set option plex odd' 'end' 'exec' 'create now' 'add volume' '"'; do
		sed -i "7s|.*|$line|" s.dsh
		run --separate-stderr diskshadow /s s.dsh
		assert_equal "$line: $status" "$line: 2"
		assert_sentence diskshadow 's.dsh:7: '
		assert_equal "$(copies)" 0
	done
}

@test "a wrong verb behind a create that came through a pipe: the copies go" {
	script "add volume $(volume data)" create creat 'exec /bin/touch later'
	run --separate-stderr bash -c 'cat s.dsh | diskshadow'
	assert_equal "$status" 2
	assert_sentence diskshadow "standard input:3: 'creat'"
	assert_line '-> creat'
	assert_equal "$(copies)" 0
	[ ! -e later ]
}

@test "a script of too many lines" {
	yes '#' | head -n 100001 >s.dsh
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "$status" 1
	assert_sentence diskshadow 's.dsh: more than 100000 lines'
}

@test "volumes that cannot be added" {
	local data
	data=$(volume data)
	refused 1 "$data: was added already (VSS_E_OBJECT_ALREADY_EXISTS)" "add volume $data" "add volume $data alias Other"
	refused 2 "'C:': drives have no letters here: give the mount point, or a path" 'add volume C:'
	refused 2 "'c:\mnt': drives have no letters here" 'add volume c:\mnt'
	refused 1 '/no/such/place' 'add volume /no/such/place'
	refused 1 '{00000000-1111-2222-3333-444444444444}: no such volume' 'add volume {00000000-1111-2222-3333-444444444444}'
	refused 4 '/proc: no provider takes a volume of type proc' 'add volume /proc'
	refused 4 "nobody: there is no such provider" "add volume $data provider nobody"
	refused 4 "/proc: the fake provider cannot copy a volume of type proc" 'add volume /proc provider fake'
	refused 2 "alias 'A B': a name has letters" "add volume $data alias \"A B\""
	refused 2 "alias 'LD_PRELOAD': programs would obey it" "add volume $data alias LD_PRELOAD"
	refused 2 "alias 'vss_shadow_set': is the name of the whole set" "add volume $data alias vss_shadow_set"
	refused 1 "alias 'dATA': is that of $data already" "add volume $data alias Data" "add volume $(volume log) alias dATA"
	refused 2 "alias: is said twice" "add volume $data alias A alias B"
	refused 2 "'as': behind a volume stand ALIAS and PROVIDER" "add volume $data as A"
	refused 2 "provider: needs a word behind it" "add volume $data alias A provider"
}

@test "settings that cannot be" {
	refused 2 'CLIENTACCESSIBLE: takes no NOWRITERS' 'set context clientaccessible nowriters'
	refused 2 "'NOWRITERS': no context has this word there" 'set context NOWRITERS'
	refused 2 "'volatile': no context has this word there" 'set context persistent volatile'
	refused 2 'PLEX and DIFFERENTIAL exclude each other' 'set option plex differential'
	refused 2 'TXFRECOVER and NOAUTORECOVER exclude each other' 'set option txfrecover noautorecover'
	refused 2 'ROLLBACKRECOVER and NOAUTORECOVER exclude each other' 'set option rollbackrecover noautorecover'
	refused 2 "'C:\backup.cab': drives have no letters here" 'set metadata C:\backup.cab'
	refused 2 "'here/': is no name of a file" 'set metadata here/'
	X=loud refused 2 "'loud': it is either ON or OFF" 'set verbose %X%'
	X=odd refused 2 "'odd': no such option" 'set option %X%'
	refused 2 "alias 'a=b': a name has letters" 'add alias a=b c'
	refused 1 '{00000000-1111-2222-3333-444444444444}' 'add shadow {00000000-1111-2222-3333-444444444444}'
	refused 2 'rubbish' 'add shadow rubbish'
}

@test "what has to be said before CREATE is refused behind it" {
	local data reason='a shadow copy set was created already: RESET first'
	data=$(volume data)
	for line in create "add volume $(volume log)" 'set context persistent' 'set option plex' 'writer exclude nobody' \
		'writer verify nobody' 'begin backup'; do
		refused 1 "$reason" "add volume $data" create "$line"
	done
}

@test "END BACKUP without anything to end" {
	refused 1 'END BACKUP: nothing was created' 'begin backup' "add volume $(volume data)" 'end backup'
	refused 1 'CREATE: no volume was added' 'create'
}

@test "EXPOSE on a path that is in use" {
	mkdir full
	touch full/file
	script 'set context persistent' "add volume $(volume data) alias X" create "expose %X% $T/full"
	run --separate-stderr diskshadow /s s.dsh
	assert_equal "$status" 1
	assert_sentence diskshadow "s.dsh:4: $T/full"
	assert_equal "$(ls full)" file
	assert_equal "$(copies)" 1
}

@test "a command that fails leaves the session as it was" {
	requires python3
	local data
	data=$(volume data)
	run "$REPO/tests/lib/terminal.py" diskshadow <<-END
		prompt
		enter set context persistent nowriters
		prompt
		enter set option plex
		prompt
		enter add volume $data alias Data
		prompt
		enter add alias Mine value
		prompt
		enter set context clientaccessible nowriters
		see CLIENTACCESSIBLE: takes no NOWRITERS
		prompt
		enter set option differential plex
		see exclude each other
		prompt
		enter add volume $data alias Again
		see was added already
		prompt
		enter add volume $(volume log) alias data
		see is that of .* already
		prompt
		enter add alias LD_PRELOAD x
		see would obey it
		prompt
		enter set metadata C:\\\\x
		see no letters here
		prompt
		enter set
		see Context: PERSISTENT NOWRITERS
		see Options: PLEX
		see Metadata file: in the working directory
		prompt
		enter add
		see Volume $data alias Data    GUID
		see 1 volume in Shadow Copy Set
		see 1 Diskshadow alias in the environment
		see %Mine% = value
		prompt
		enter exit
		end 0
	END
	assert_success
}
