#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# vssadmin's grammar, lists, creation and reverts, on fake volumes.
# shellcheck disable=SC2154 # run and common set output, stderr and started_pid
load ../lib/common
load ../lib/lists
load ../lib/stories
load ../lib/vssadmin

setup() {
	vss_setup
	requires jq
	export VSS_BLOCK_REVERT_PATH=$T/block-revert.d
	fake_volumes a b
	a=$(volume a)
}
teardown() { nobody_teardown; }

commands='---- Commands Supported ----

Add ShadowStorage     - Say where the shadow copies of a volume go.
Create Shadow         - Make a shadow copy of a volume, with its writers.
Delete Shadows        - Delete client-accessible shadow copies.
Delete ShadowStorage  - Forget where the shadow copies of a volume go, and their limit.
List Providers        - List those who make shadow copies.
List Shadows          - List shadow copies, set by set.
List ShadowStorage    - List what shadow copies take, and what they may take.
List Volumes          - List the volumes that shadow copies can be made of.
List Writers          - List the writers and how they are.
Resize ShadowStorage  - Limit what shadow copies may take; the oldest go.
Revert Shadow         - Put a volume back to a shadow copy of it.
Query Reverts         - List the reverts that are not over.
'

# ids: of all shadow copies, the oldest first.
ids() { list-shadows --columns id | tr -d '{}'; }

@test "no command, and none that there is: the commands, and status 2" {
	for words in '' frob list 'list frob' 'frob shadows' /For=x 'shadows list' 'help frob' 'listshadows x'; do
		# shellcheck disable=SC2086 # words
		admin $words
		assert_admin 2 "Error: Invalid command."$'\n \n'"$commands"
	done
}

@test "asked for help it gives that, with status 0" {
	for words in help HELP /? -? /help; do
		admin "$words"
		assert_admin 0 "$commands"
	done
	for words in 'list shadows /?' 'List SHADOWS -h' 'help list shadows' 'list shadows /For=/nowhere --help'; do
		# shellcheck disable=SC2086 # words
		admin $words
		assert_admin 0 'List Shadows [/For=VOLUME] [/Shadow=ID | /Set=ID]
    List shadow copies, set by set.

    /For=VOLUME           the volume: a mount point, a path on it, its ID
    /Shadow=ID            this shadow copy: its ID, or 8 or more of its digits
    /Set=ID               those of this shadow copy set

Example:  vssadmin list shadows /For=/srv
'
	done
}

@test "each command has help, and --help has a line for it" {
	run vssadmin --help
	usage=$output
	count=0
	while read -r first second _; do
		admin help "$first" "$second"
		assert_equal "$status" 0
		[[ $output == "$first $second"* ]] || fail "$output"
		[[ $usage == *"vssadmin ${output%%$'\n'*}"* ]] || fail "$first $second is not in --help"
		count=$((count + 1))
	done < <(grep ' - ' <<<"$commands")
	assert_equal "$count" 12
}

@test "commands and options are taken in any case, with each sign" {
	admin create shadow "/for=$a"
	assert_equal "$status" 0
	admin list shadows
	whole=$output
	for words in 'LIST SHADOWS /FOR=' 'list shadows /For=' 'List Shadows -for=' 'lisT shadowS --foR='; do
		# shellcheck disable=SC2086 # words
		admin $words"$a"
		assert_equal "$status" 0
		assert_equal "$output" "$whole"
	done
}

@test "shadow copies: a header for each set, an empty line behind it" {
	create-shadow -q "$a" "$(volume b)"
	create-shadow -q --context client-accessible "$a" 2>>"$T/err"
	admin list shadows
	assert_admin 0 'Contents of shadow copy set ID: {ID}
   Contained 2 shadow copies at creation time: TIME
      Shadow Copy ID: {ID}
         Original Volume: (/V/a)\\?\Volume{ID}\
         Shadow Copy Volume: /T/run/shadows/ID
         Originating Machine: HOST
         Service Machine: HOST
         Provider: '"'vss-tools fake provider (plain directories, for trials)'"'
         Type: ApplicationRollback
         Attributes: Persistent, No auto release, Plex
      Shadow Copy ID: {ID}
         Original Volume: (/V/b)\\?\Volume{ID}\
         Shadow Copy Volume: /T/run/shadows/ID
         Originating Machine: HOST
         Service Machine: HOST
         Provider: '"'vss-tools fake provider (plain directories, for trials)'"'
         Type: ApplicationRollback
         Attributes: Persistent, No auto release, Plex

Contents of shadow copy set ID: {ID}
   Contained 1 shadow copies at creation time: TIME
      Shadow Copy ID: {ID}
         Original Volume: (/V/a)\\?\Volume{ID}\
         Shadow Copy Volume: /T/run/shadows/ID
         Originating Machine: HOST
         Service Machine: HOST
         Provider: '"'vss-tools fake provider (plain directories, for trials)'"'
         Type: ClientAccessible
         Attributes: Persistent, Client-accessible, No auto release, No writers, Plex

'
}

@test "options of the list of shadow copies combine" {
	for v in "$a" "$(volume b)" "$a"; do
		create-shadow -q "$v"
	done
	mapfile -t all < <(ids)
	set=$(list-shadows --columns set_id --shadow "${all[1]}")
	admin list shadows "/Set=$set"
	assert_equal "$(grep -c 'Shadow Copy ID:' <<<"$output")" 1
	[[ $output == *"Shadow Copy ID: {${all[1]}}"* ]]
	admin list shadows "/for=$a" "/shadow={${all[2]}}"
	[[ $output == *"Shadow Copy ID: {${all[2]}}"* ]]
	admin list shadows "/for=$a" "/set=$set"
	assert_admin 1 $'No items found that satisfy the query.\n'
	for word in "${all[0]:0:8}" "{${all[0]}}" "${all[0]^^}"; do
		admin list shadows "/shadow=$word"
		[[ $output == *"Shadow Copy ID: {${all[0]}}"* ]]
		assert_equal "$status" 0
	done
	admin list shadows /shadow=12345678-1234-1234-1234-123456789abc
	assert_admin 1 $'No items found that satisfy the query.\n'
}

@test "a volume that is gone has no path" {
	create-shadow -q "$a"
	export VSS_FAKE_VOLUMES=$T/volumes/b
	admin list shadows
	[[ $output == *$'\n         Original Volume: (?)\\\\?\\Volume{'* ]] || fail "$output"
}

@test "writers: five lines and an empty one each" {
	test_writer One a </dev/null
	test_writer Two b </dev/null
	admin list writers
	assert_admin 0 "Writer name: 'One'
   Writer Id: {ID}
   Writer Instance Id: {ID}
   State: [1] Stable
   Last error: No error

Writer name: 'Two'
   Writer Id: {ID}
   Writer Instance Id: {ID}
   State: [1] Stable
   Last error: No error

"
}

@test "the other lists are those of the single tools" {
	create-shadow -q "$a"
	for list in providers volumes; do
		want=$("list-$list"; echo .)
		admin list "$list"
		assert_equal "$output." "$want"
		assert_equal "$status" 0
	done
	want=$(list-storage; echo .)
	admin list shadowstorage
	assert_equal "$output." "$want"
}

@test "volumes: the path, and four blanks before the name" {
	admin list volumes
	assert_line "Volume path: $a"
	assert_line --regexp '^    Volume name: \\\\\?\\Volume\{[0-9a-f-]{36}\}\\$'
	[[ $output != *$'\n\n'* ]]
}

@test "nothing found is said, and status 1" {
	for words in 'list shadows' 'list shadowstorage' 'list writers' 'query reverts /All' 'delete shadows /all' \
		'delete shadows /all /quiet' "list shadows /for=$a" "list shadowstorage /On=$a" "delete shadowstorage /for=$a"; do
		# shellcheck disable=SC2086 # words
		admin $words
		assert_admin 1 $'No items found that satisfy the query.\n'
	done
}

@test "a volume that is not there is a failure of one sentence" {
	for words in 'list shadows' 'list shadowstorage' 'create shadow' 'delete shadows' 'query reverts' 'delete shadowstorage'; do
		# shellcheck disable=SC2086 # words
		admin $words "/for=$T/nowhere"
		assert_admin 1 $'Error: /T/nowhere: No such file or directory.\n'
	done
}

@test "wrong options are one sentence, and the help of the command" {
	while IFS='|' read -r words command text; do
		# shellcheck disable=SC2086 # words
		admin $words
		assert_usage "$command" "$text"
	done <<-'END'
		list writers /all|List Writers|'/all' is no option of List Writers
		list shadows C:|List Shadows|'C:' is no option of List Shadows
		list shadows /srv|List Shadows|'/srv' is no option of List Shadows
		list shadows /for=C:|List Shadows|'C:': drives have no letters here: give the mount point, or a path
		create shadow /For=c:\|Create Shadow|'c:\': drives have no letters here: give the mount point, or a path
		add shadowstorage /for=/ /on=D:|Add ShadowStorage|'D:': drives have no letters here: give the mount point, or a path
		list shadows /for|List Shadows|/For needs a value: /For=VOLUME
		list shadows /for=|List Shadows|/For needs a value: /For=VOLUME
		list shadows /for=/ --FOR=/|List Shadows|/For is said twice
		list shadows /set=12345678 /shadow=12345678|List Shadows|/Shadow, /Set exclude each other
		list shadows /set=frob|List Shadows|/Set: 'frob' is not an ID, nor the first 8 or more digits of one
		list shadows /shadow=1234567|List Shadows|/Shadow: '1234567' is not an ID, nor the first 8 or more digits of one
		list shadowstorage /for=/ /on=/|List ShadowStorage|/For, /On exclude each other
		list shadowstorage /maxsize=1|List ShadowStorage|'/maxsize=1' is no option of List ShadowStorage
		create shadow|Create Shadow|Create Shadow needs /For
		create shadow /autoretry=5|Create Shadow|Create Shadow needs /For
		create shadow /for=/ /autoretry=soon|Create Shadow|/AutoRetry: 'soon' is not a number of minutes
		create shadow /for=/ /autoretry=-1|Create Shadow|/AutoRetry: '-1' is not a number of minutes
		create shadow /for=/ /autoretry=999999999999999999|Create Shadow|/AutoRetry: '999999999999999999' is not a number of minutes
		revert shadow|Revert Shadow|Revert Shadow needs /Shadow
		revert shadow /shadow=12345678 /forcedismount=yes|Revert Shadow|/ForceDismount takes no value
		query reverts|Query Reverts|Query Reverts needs one of /For, /All
		query reverts /for=/ /all|Query Reverts|/For, /All exclude each other
		add shadowstorage /for=/|Add ShadowStorage|Add ShadowStorage needs /On
		add shadowstorage|Add ShadowStorage|Add ShadowStorage needs /For, /On
		resize shadowstorage /for=/ /maxsize=40GB|Resize ShadowStorage|Resize ShadowStorage needs /On
		delete shadowstorage|Delete ShadowStorage|Delete ShadowStorage needs /For
		delete shadowstorage /for=/ /maxsize=1|Delete ShadowStorage|'/maxsize=1' is no option of Delete ShadowStorage
	END
}

@test "names in failures cannot disturb a terminal" {
	admin list shadows /for=$'/no\e[2Jwhere'
	assert_admin 1 $'Error: /no\\033[2Jwhere: No such file or directory.\n'
}

@test "a copy is client-accessible, made with writers, and told with the volume as it was typed" {
	test_writer One a </dev/null
	admin create shadow "/For=$a"
	assert_equal "$output" "Successfully created shadow copy for '$a/'
    Shadow Copy ID: {$(ids)}
    Shadow Copy Volume Name: $VSS_RUN_DIR/shadows/$(ids)
"
	assert_equal "$status" 0
	assert_equal "$(events One)" 'prepare-backup prepare-snapshot freeze thaw post-snapshot backup-complete backup-shutdown'
	assert_equal "$(list-shadows --columns type)" ClientAccessibleWriters
	admin create shadow "/For=$a/"
	[[ $output == "Successfully created shadow copy for '$a/'"$'\n'* ]]
	word="($a)$(list-volumes --columns path,name | awk -v a="$a" '$1 == a { print $2 }' | sed 's/\\134/\\/g')"
	admin create shadow "/For=$word"
	[[ $output == "Successfully created shadow copy for '$word'"$'\n'* ]] || fail "$output"
}

@test "a writer that fails leaves no copy" {
	test_writer One a <<<'at freeze fail NONRETRYABLE'
	admin create shadow "/For=$a"
	assert_equal "$status" 1
	[[ ${output%$'\n'} == "Error: "*"(VSS_E_WRITERERROR_NONRETRYABLE)." ]] || fail "$output"
	assert_equal "$(ids)" ''
}

@test "while another set is made it fails at once, with /AutoRetry it waits" {
	stop_at session.before-commit:stop create-shadow -q "$(volume b)" &
	first=$!
	started+=("$first")
	wait_until 10 test -s "$T/stops"
	read -r _ pid <"$T/stops"
	started+=("$pid")
	admin create shadow "/For=$a"
	assert_equal "$status" 1
	[[ $output == "Error: "*"(VSS_E_SNAPSHOT_SET_IN_PROGRESS)."$'\n' ]] || fail "$output"
	start vssadmin create shadow "/For=$a" /AutoRetry=10 >"$T/second"
	kill -CONT "$pid"
	wait "$first"
	ended
	assert_equal "$status" 0
	has_line "$T/second" "Successfully created shadow copy for '$a/'"
}

@test "a volume is put back when that is wanted, and told what waits" {
	echo before >"$a/file"
	admin create shadow "/For=$a"
	id=$(ids)
	echo after >"$a/file"
	question="Do you really want to revert '/V/a', and lose what was written to it since (Y/N): [N]? "$'\n\n'
	answer n$'\n' revert shadow "/Shadow={$id}"
	assert_admin 1 "${question}Nothing was done."$'\n'
	assert_equal "$(cat "$a/file")" after
	answer y$'\n' revert shadow "/Shadow={$id}"
	assert_admin 0 "${question}Successfully reverted volume '/V/a' to shadow copy {ID}."$'\n'
	assert_equal "$(cat "$a/file")" before
	echo after >"$a/file"
	admin revert shadow "/Shadow=$id" /Quiet
	assert_admin 0 ''
	assert_equal "$(cat "$a/file")" before
	admin revert shadow /Shadow=12345678-1234-1234-1234-123456789abc /Quiet
	assert_refused 'ID: there is no such shadow copy (VSS_E_OBJECT_NOT_FOUND)'
}

@test "a volume in use is not asked about, unless it is forced" {
	echo before >"$a/file"
	admin create shadow "/For=$a"
	id=$(ids)
	echo after >"$a/file"
	start tail -f "$a/file"
	wait_until 10 test -e "/proc/$started_pid/fd/3"
	admin revert shadow "/Shadow=$id" /quiet
	assert_equal "$status" 1
	[[ $output == *"(VSS_E_VOLUME_IN_USE)."$'\n' ]] || fail "$output"
	admin revert shadow "/Shadow=$id" /quiet /ForceDismount
	assert_admin 0 ''
	assert_equal "$(cat "$a/file")" before
}

@test "reverts that are not over are listed, of all or of one volume" {
	admin create shadow "/For=$a"
	echo after >"$a/file"
	revert-shadow -q --at-boot "$(ids)"
	for words in /All "/For=$a"; do
		admin query reverts "$words"
		assert_admin 0 'Revert of volume: (/V/a)\\?\Volume{ID}\
   Shadow Copy ID: {ID}
   State: Waiting

'
	done
	admin query reverts "/For=$(volume b)"
	assert_admin 1 $'No items found that satisfy the query.\n'
}

@test "the examples of the page run" {
	while read -r line; do
		# shellcheck disable=SC2086 # a line of words
		run -0 ${line//\/srv/$a}
	done < <(page_example vssadmin.8 EXAMPLES)
	assert_equal "$(page_example vssadmin.8 EXAMPLES | wc -l)" 5
	assert_equal "$(ids)" ''
	run -0 list-storage --columns volume,maximum
	assert_output --regexp "^$a"$'\t[0-9]+$'
}

@test "who is not root changes nothing" {
	for_nobody
	unset VSS_FAKE_VOLUMES
	[ "$(id -u)" = 0 ] || skip 'needs root, to be somebody else'
	for words in 'create shadow /for=/' 'delete shadows /all /quiet' 'revert shadow /shadow=12345678' \
		'add shadowstorage /for=/ /on=/' 'resize shadowstorage /for=/ /on=/' 'delete shadowstorage /for=/'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr --keep-empty-lines as_nobody vssadmin $words
		take_banner
		assert_refused 'Only root may do this'
	done
}

@test "options before the command are the program's, and wrong ones are told on stderr" {
	run --separate-stderr vssadmin --for=x list shadows
	assert_equal "$status" 2
	assert_output ''
	assert_sentence vssadmin "unknown option '--for'"
	create-shadow -q "$a"
	run --separate-stderr vssadmin -q list shadows
	assert_equal "$status" 0
	assert_output --partial 'Shadow Copy ID:'
}

@test "a full stdout is not a success" {
	create-shadow -q "$a"
	assert_full vssadmin list shadows
	assert_full vssadmin create shadow "/for=$a"
}
