#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# diskshadow on a terminal: prompts, completion, history, help, what Ctrl-C ends and what signals end, how it is left.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

# A dumb terminal shows the whole line anew for each change, so that patterns can be lines; others move their cursor.
setup() {
	vss_setup
	fake_volumes a b
	echo one >"$(volume a)/file"
	test_writer One a </dev/null
	mkdir "$T/work" "$T/home"
	export TERM=dumb HOME=$T/home
	unset XDG_STATE_HOME EDITRC
	cd "$T/work" || return
}

# terminal [ARGUMENT]... <<CONVERSATION: of a diskshadow (tests/lib/terminal.py); T/ and V/ stand for $T and the directory of the
# volumes.
terminal() {
	run "$REPO/tests/lib/terminal.py" diskshadow "$@" < <(sed "s|\bT/|$T/|g; s|\bV/|$T/volumes/|g")
	assert_success
}

# typed: the lines of the last session, from its log.
typed() { iconv -f UTF-16 -t UTF-8 "$T/log" | sed -n 's/^DISKSHADOW[^>]*> //p'; }

# A writer of b that is frozen once $T/frozen is there, and does not say so before $T/go is.
slow_writer() {
	printf 'at freeze %s\n' "touch $T/frozen" "await $T/go" | test_writer Two b
}

# --- prompts and leaving ---

@test "the prompt says whether a backup has begun, and whether a set stands" {
	terminal <<-'END'
		see diskshadow version
		see On computer:
		prompt
		enter add volume V/a
		prompt
		enter begin backup
		prompt backup
		enter create
		see Number of shadow copies listed: 1
		prompt backup
		enter end backup
		prompt created
		enter reset
		prompt
		enter exit
		end 0
		unseen exiting
	END
	assert_nothing_left
}

@test "the prompt says that a restore has begun" {
	terminal <<-'END'
		prompt
		enter set metadata m.tar
		prompt
		enter add volume V/a
		prompt
		enter begin backup
		prompt backup
		enter create
		prompt backup
		enter end backup
		prompt created
		enter reset
		prompt
		enter load metadata m.tar
		prompt
		enter begin restore
		prompt restore
		enter end restore
		prompt
		enter exit
		end 0
	END
}

@test "a failing command is told, changes nothing, and the prompt comes back; the shell ends with 0" {
	terminal <<-'END'
		prompt
		enter nonsense
		see \ndiskshadow: 'nonsense': no such command
		prompt
		enter add volume "V/a
		see \ndiskshadow: a quote is not closed
		prompt
		enter add volume %nobody%
		see \ndiskshadow: %nobody%: there is no alias
		prompt
		enter end backup
		prompt
		enter add
		see \n0 volumes in Shadow Copy Set
		prompt
		enter exit
		end 0
	END
}

@test "leaving with a volatile copy: warned once, whichever way; then it goes" {
	local way
	for way in 'enter exit' 'type \x04'; do
		terminal <<-END
			prompt
			enter add volume V/a
			prompt
			enter create
			prompt created
			$way
			see \n1 volatile shadow copy goes with this shell: EXIT again leaves.\n
			prompt created
			enter list shadows all
			see Number of shadow copies listed: 1
			prompt created
			$way
			see EXIT again leaves
			prompt created
			$way
			end 0
		END
		assert_nothing_left
		assert_thawed
	done
}

@test "leaving without a volatile copy, or when it was deleted before: no warning" {
	terminal <<-'END'
		prompt
		enter add volume V/a
		prompt
		enter create
		prompt created
		enter delete shadows set %VSS_SHADOW_SET%
		see 1 shadow copy deleted
		prompt created
		enter exit
		end 0
		unseen again
	END
	terminal <<-'END'
		prompt
		enter set context persistent
		prompt
		enter add volume V/a
		prompt
		enter create
		prompt created
		type \x04
		end 0
		unseen again
	END
	run list-shadows
	assert_output --partial "$(volume a)"
}

# --- completion ---

@test "TAB completes verbs word by word, in small letters or in capitals" {
	terminal /l "$T/log" <<-'END'
		prompt
		type he\tcre\t
		see help create $
		enter
		see Make the shadow copies
		prompt
		type LI\tSH\tA\t
		see LIST SHADOWS ALL $
		enter
		see No shadow copies found
		prompt
		# several: nothing in common, and the list of them at the second
		type se\t\t\t
		see \ncontext +metadata +option +verbose
		see DISKSHADOW> set $
		type v\ton\r
		prompt
		type exit\r
		end 0
	END
	run typed
	assert_output "$(printf '%s\n' 'help create ' 'LIST SHADOWS ALL ' 'set verbose on' exit)"
}

@test "TAB completes options, each once, and values that they ask for" {
	terminal /l "$T/log" <<-'END'
		prompt
		enter set context per\tno\t
		prompt
		enter set option diff\tro\ttxf\t
		prompt
		# those that were given are not offered again
		type set option differential plex \t\t
		see \nnoautorecover +rollbackrecover +transportable +txfrecover\n
		type \x03
		prompt
		enter add volume V/a al\tData pro\tfa\t
		prompt
		enter add
		see Volume .* alias Data provider fake
		prompt
		enter exit
		end 0
	END
	run typed
	assert_line --index 0 'set context persistent nowriters '
	assert_line --index 1 'set option differential rollbackrecover txfrecover '
	assert_line --index 2 "add volume $T/volumes/a alias Data provider fake "
}

@test "TAB completes volumes, paths on them and files, in quotes where they need some" {
	mkdir -p "$T/work/some dir/100%"
	touch "$T/work/some dir/.hidden" "$T/work/some dir/file" "$T/volumes/a/inner"
	terminal /l "$T/log" <<-'END'
		prompt
		# several volumes: what they have in common, and a list without it
		type add volume V/../v\t\x15
		type add volume V/\t\t
		see \na +b\n
		type a/in\t alias Data\r
		prompt
		type set metadata so\t1\tm.tar\r
		prompt
		type load metadata some\t\t\t
		see \n100%%/ +file\n
		type f\t
		see load metadata "some dir/file" $
		type \x03
		prompt
		enter exit
		end 0
	END
	run typed
	assert_line --index 0 "add volume $T/volumes/a/inner  alias Data"
	assert_line --index 1 'set metadata "some dir/100%%/"m.tar'
}

@test "TAB completes aliases, IDs of copies and sets, and where they are exposed" {
	mkdir "$T/exposed here"
	terminal /l "$T/log" <<-'END'
		prompt
		enter set context persistent
		prompt
		enter add volume V/a alias First
		prompt
		enter create
		prompt created
		enter list shadows id %f\t
		see Number of shadow copies listed: 1
		prompt created
		enter expose %Fi\t../expo\t
		see successfully exposed
		prompt created
		type unexpose \t\t
		see \n%First% +%VSS_SHADOW_SET% +/.*/exposed here +\{.*\}\n
		type /\t\r
		see is no longer exposed
		prompt created
		enter list shadows set {\t
		see Number of shadow copies listed: 1
		prompt created
		enter delete shadows id {\t
		see 1 shadow copy deleted
		prompt created
		enter exit
		end 0
	END
	assert_nothing_left
	run typed
	assert_line 'list shadows id %First% '
	assert_line 'expose %First% "../exposed here/"'
	assert_line "unexpose \"$T/exposed here\" "
}

@test "TAB completes names of writers and their components: each is asked once, and nothing is said" {
	sed -i 's/^\(writer [^ ]*\) "One"/\1 "My 100% Writer"/' "$T/One.script"
	register Broken /nonexistent/writer
	terminal /l "$T/log" <<-'END'
		prompt
		type writer exclude my\t\r
		prompt
		unseen diskshadow:
		type writer verify "my 100%% writer:\t\r
		prompt
		unseen nonexistent
		enter exit
		end 0
	END
	run typed
	assert_line 'writer exclude "My 100%% Writer" '
	assert_line 'writer verify "My 100%% Writer:\data" '
	assert_equal "$(grep -c '^identify' "$T/One.log")" 1
}

@test "Ctrl-C ends the asking of a writer that does not answer; it is asked again" {
	printf 'at identify %s\n' "touch $T/asked" "await $T/go" | test_writer Two b
	terminal <<-'END'
		prompt
		type writer exclude T\t
		until test -e T/asked
		type \x03
		do touch T/go
		prompt
		type writer exclude T\t
		see writer exclude Two $
		type \x03
		prompt
		enter exit
		end 0
	END
}

@test "TAB where nothing can stand, and within an unknown line, says nothing and changes nothing" {
	terminal /l "$T/log" <<-'END'
		prompt
		type nonsense\t here\t\t\r
		see no such command
		prompt
		type create\tx\t\t\x15exit\r
		end 0
	END
	run typed
	assert_output $'nonsense here\nexit'
}

# --- history ---

@test "the history lasts over sessions, for its owner only, and has no line twice in a row" {
	terminal <<-'END'
		prompt
		enter add alias first 1
		prompt
		enter add
		prompt
		enter add
		prompt
		enter
		prompt
		enter exit
		end 0
	END
	assert_equal "$(cat "$HOME/.local/state/vss/diskshadow_history")" $'add alias first 1\nadd\nexit'
	assert_equal "$(stat -c %a "$HOME/.local/state/vss/diskshadow_history" "$HOME/.local/state/vss" "$HOME/.local/state")" \
		$'600\n700\n700'
	terminal /l "$T/log" <<-'END'
		prompt
		# back over EXIT and ADD
		type \x10\x10\x10\r
		prompt
		enter add
		see %first% = 1
		prompt
		# the last one that has it
		type \x12exi\x1b
		type \r
		end 0
	END
	run typed
	assert_output $'add alias first 1\nadd\nexit'
}

@test "the history is bounded, and lies where XDG_STATE_HOME says" {
	export XDG_STATE_HOME=$T/elsewhere
	mkdir -p "$XDG_STATE_HOME/vss"
	seq -f 'add alias n %.0f' 1000 >"$XDG_STATE_HOME/vss/diskshadow_history"
	terminal <<-'END'
		prompt
		enter exit
		end 0
	END
	assert_equal "$(wc -l <"$XDG_STATE_HOME/vss/diskshadow_history")" 500
	assert_equal "$(tail -n 2 "$XDG_STATE_HOME/vss/diskshadow_history")" $'add alias n 1000\nexit'
	assert_not_exist "$HOME/.local"
}

@test "a history that is not there any more, cannot be made, or is none, is no failure" {
	terminal <<-'END'
		prompt
		do rm -r T/home/.local
		enter exit
		end 0
		unseen history
	END
	touch "$HOME/.local"
	terminal <<-'END'
		see \ndiskshadow: history: .*/home/.local
		prompt
		enter exit
		end 0
	END
	export XDG_STATE_HOME=$T/elsewhere
	mkdir -p "$XDG_STATE_HOME/vss"
	printf 'add\0x\n' >"$XDG_STATE_HOME/vss/diskshadow_history"
	terminal <<-'END'
		see \ndiskshadow: history: .*NUL byte
		prompt
		enter exit
		end 0
	END
	assert_equal "$(cat "$XDG_STATE_HOME/vss/diskshadow_history")" exit
	unset HOME XDG_STATE_HOME
	terminal <<-'END'
		prompt
		enter exit
		end 0
	END
}

# --- keys and terminals ---

@test "a line of 70,000 bytes is refused, and what is typed next is a line of its own" {
	terminal /l "$T/log" < <(
		echo prompt
		printf 'enter %070000d\n' 0
		cat <<-'END'
			see \ndiskshadow: the line is longer than 65536 bytes
			prompt
			enter exit
			end 0
		END
	)
	run typed
	assert_output exit
}

@test "characters of any script, a terminal that changes its size, and keys that would stop the program" {
	terminal /l "$T/log" <<-'END'
		prompt
		size 10 30
		type add volume /nowhere/Größe/\u65e5\u672c/and/so/on/for/more/than/a/line
		size 24 200
		type \x1a\x1c\x7f!\r
		see diskshadow: /nowhere/Größe/
		prompt
		enter exit
		end 0
	END
	run typed
	assert_line --index 0 'add volume /nowhere/Größe/日本/and/so/on/for/more/than/a/lin!'
}

@test "terminals that can move their cursor, that nobody knows, and none" {
	local TERM kind
	for kind in xterm nonsense ''; do
		export TERM=$kind
		[ -n "$kind" ] || unset TERM
		rm -f "$T/log"
		terminal /l "$T/log" <<-'END'
			prompt
			type he\tend\tba\t\r
			see Tell the writers that the backup is complete
			prompt
			type \x10\r
			see Tell the writers that the backup is complete
			prompt
			enter exit
			end 0
		END
		run typed
		assert_output $'help end backup \nhelp end backup\nexit'
	done
}

@test "results may go into a file; prompts and what is typed are shown all the same" {
	run "$REPO/tests/lib/terminal.py" sh -c "exec diskshadow >$T/results" <<-'END'
		prompt
		enter list shadows all
		see list shadows all
		prompt
		unseen No shadow copies
		type exi\tx
		see exit x
		type \x08\r
		end 0
	END
	assert_success
	has_line "$T/results" 'No shadow copies found in system.'
	run ! has_line "$T/results" DISKSHADOW
}

@test "HELP lists the commands, and says what one is for, with an example" {
	terminal <<-'END'
		prompt
		enter help
		see \n *WRITER VERIFY
		see \n *ADD VOLUME
		prompt
		enter help set context
		see CLIENTACCESSIBLE
		see Example: set context persistent
		prompt
		enter set
		prompt
		enter exit
		end 0
	END
}

# --- Ctrl-C and signals ---

@test "Ctrl-C at the prompt gives a new one, as does SIGINT; what stands goes on" {
	terminal <<-'END'
		prompt
		type add alias not typed\x03
		prompt
		enter begin backup
		prompt backup
		enter add volume V/a
		prompt backup
		enter create
		prompt backup
		type x\x03
		prompt backup
		type y
		see y$
		signal INT
		prompt backup
		enter end backup
		prompt created
		unseen diskshadow:
		enter add
		see 1 volume in
		unseen not
		prompt created
		enter reset
		prompt
		enter exit
		end 0
	END
	assert_equal "$(events One)" 'prepare-backup prepare-snapshot freeze thaw post-snapshot backup-complete backup-shutdown'
}

@test "Ctrl-C in the middle of CREATE undoes it, and the shell goes on: the next CREATE works" {
	slow_writer
	terminal <<-'END'
		prompt
		enter set context persistent
		prompt
		enter set metadata m.tar
		prompt
		enter begin backup
		prompt backup
		enter add volume V/a
		prompt backup
		enter add volume V/b
		prompt backup
		enter create
		until test -e T/frozen
		type \x03
		do touch T/go
		see \ndiskshadow: .*interrupted
		prompt backup
		do ! test -e m.tar
		enter list shadows all
		see No shadow copies found
		prompt backup
		do ! pgrep -f '[v]ss-test-writer T/'
		do sed -i '/^at freeze/d' T/Two.script
		enter create
		see Number of shadow copies listed: 2
		prompt backup
		enter end backup
		prompt created
		enter delete shadows all
		see 2 shadow copies deleted
		prompt created
		enter exit
		end 0
	END
	assert_thawed
	assert_nothing_left
}

@test "a program of EXEC has the terminal" {
	printf '#!/bin/sh\nprintf "name? "\nread -r name\necho "got $name"\n' >program
	chmod 755 program
	terminal <<-'END'
		prompt
		enter exec program
		see name\?
		enter somebody
		see \ngot somebody
		prompt
		enter exit
		end 0
	END
}

@test "Ctrl-C ends a program of EXEC, and not the shell" {
	printf '#!/bin/sh\ntouch %s/running\nexec sleep 1000\n' "$T" >program
	chmod 755 program
	terminal <<-'END'
		prompt
		enter exec program
		until test -e T/running
		type \x03
		see \ndiskshadow: .*interrupted
		prompt
		enter add
		see 0 volumes
		prompt
		enter exit
		end 0
	END
}

@test "SIGTERM and SIGHUP end the shell at the prompt: what is volatile goes, and the status is 130" {
	local name
	for name in TERM HUP; do
		terminal <<-END
			prompt
			enter add volume V/a
			prompt
			enter begin backup
			prompt backup
			enter create
			prompt backup
			type half
			see half$
			signal $name
			end 130
		END
		assert_nothing_left
		assert_thawed
	done
	assert_equal "$(tail -n 1 "$HOME/.local/state/vss/diskshadow_history")" create
}

@test "SIGTERM in the middle of CREATE ends it and the shell" {
	slow_writer
	terminal <<-'END'
		prompt
		enter add volume V/b
		prompt
		enter create
		until test -e T/frozen
		signal TERM
		do touch T/go
		end 130
	END
	assert_thawed
	assert_nothing_left
}

@test "a terminal that goes away ends the shell, and what is volatile goes" {
	start python3 - "$REPO/tests/lib" "$T/volumes/a" <<-'END'
		import os, sys
		sys.path.insert(0, sys.argv[1])
		from terminal import Terminal
		t = Terminal(["diskshadow"])
		t.prompt("")
		t.enter("add volume " + sys.argv[2])
		t.prompt("")
		t.enter("create")
		t.prompt("created")
		os.close(t.fd)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]) != 130)
	END
	wait "$started_pid"
	assert_thawed
	assert_nothing_left
}
