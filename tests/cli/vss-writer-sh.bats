#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# scripts/vss-writer.sh: shell writers under the real host.
# shellcheck disable=SC2154 # start sets started_pid
load ../lib/common

# writer NAME [KEY=VALUE]...: a writer whose handlers come from stdin.
writer() {
	local name=$1
	shift
	{
		echo "#!${WRITER_SHELL:-/bin/sh}"
		printf '. %q\n' "$REPO/scripts/vss-writer.sh"
		cat <<-'END'
			on_identify() {
				vss_say writer 0a1b2c3d-0000-4000-8000-000000000001 "Shell Writer" usage=USER_DATA source=OTHER
				vss_say restore-method RESTORE_IF_NOT_THERE writer-restore=never
				vss_say component filegroup "" data selectable=yes
				vss_say file "" data /srv/my "*" recursive=yes
				vss_say file "" data /srv/my -- "a=b"
			}
		END
		cat
		echo vss_run
	} >"$T/$name"
	chmod 755 "$T/$name"
	register "$name" "$T/$name" "$@"
}

@test "a page of shell goes through a backup" {
	writer one <<-END
		on_freeze() { echo frozen >>"$T/log" && vss_hold files; }
		on_thaw() { echo "thawed \$vss_thaw_reason" >>"$T/log"; }
		on_post_snapshot() { vss_answer confirmed=yes; vss_say evidence lsn "0/1 \"x\""; }
		on_backup_complete() { echo complete >>"$T/log"; }
	END
	run writers_driver prepare-backup prepare-snapshot freeze thaw post-snapshot backup-complete backup-shutdown
	assert_success
	assert_line "component one - data"
	assert_line "file /srv/my a=b"
	assert_line "freeze one VSS_WS_WAITING_FOR_THAW none files "
	assert_line '- evidence lsn 0/1 "x"'
	assert_line "backup-complete one VSS_WS_STABLE none files "
	assert_equal "$(cat "$T/log")" $'frozen\nthawed event\ncomplete'
}

@test "what a handler and its children read and print does not touch the protocol" {
	writer one <<-'END'
		on_prepare_backup() { echo "ok 3"; cat; head -c 10; ls -l /proc/self/fd; }
	END
	run writers_driver prepare-backup prepare-snapshot
	assert_line "prepare-backup one VSS_WS_STABLE none none "
	assert_line "prepare-snapshot one VSS_WS_WAITING_FOR_FREEZE none none "
}

@test "argument lines arrive byte for byte" {
	writer one <<-'END'
		show() { vss_say evidence "$2" "$3"; }
		on_prepare_snapshot() { vss_each show; }
	END
	run writers_driver $'with=volume,a "quoted" \\ name,tab\there' prepare-snapshot
	assert_line $'- evidence a "quoted" \\ name tab\there'
}

@test "what increments and restores need can be said" {
	writer one <<-'END'
		on_identify() {
			vss_say writer 0a1b2c3d-0000-4000-8000-000000000001 "Shell Writer" usage=USER_DATA source=OTHER
			vss_say restore-method RESTORE_IF_NOT_THERE writer-restore=always
			vss_say backup-schema incremental last-modify timestamped
			vss_say component filegroup "" data
		}
		stamp() {
			for word; do
				case $word in
				previous-stamp=*) vss_say backup-stamp "$3" "$4" "$((${word#*=} + 1))" ;;
				esac
			done
		}
		on_prepare_backup() { vss_each stamp; }
		on_post_snapshot() {
			vss_say partial-file "" data /srv/my db ranges=0:512 "metadata=two words"
			vss_say partial-file "" data /srv/my log ranges=File=/srv/my/changed
			vss_say differenced-file "" data /srv/my "*.d" recursive=yes since="$(date -d @1700000000.5 +%s.%N)"
		}
		on_pre_restore() {
			vss_say restore-target "" data directed
			vss_say directed-target "" data /srv/my db 0:512 /srv/new db 512:512
		}
	END
	run writers_driver with=component,filegroup,,data,previous-stamp=41 prepare-backup with= prepare-snapshot freeze thaw \
		post-snapshot pre-restore
	assert_success
	refute_output --partial FAILED
	assert_line "- backup-stamp  data 42"
	assert_line "- partial-file  data /srv/my db"
	assert_line "- partial-file  data /srv/my log"
	assert_line "- differenced-file  data /srv/my *.d"
	assert_line "- restore-target  data directed"
	assert_line "- directed-target  data /srv/my db 0:512 /srv/new db 512:512"
}

@test "a handler that fails, and one that objects" {
	writer one <<-'END'
		on_prepare_backup() { vss_veto OUTOFRESOURCES "not today" 5; }
		on_post_snapshot() { return 3; }
	END
	writer two <<-'END'
		on_prepare_snapshot() { false; }
	END
	run writers_driver prepare-backup prepare-snapshot
	assert_line "prepare-backup one VSS_WS_FAILED_AT_PREPARE_BACKUP VSS_E_WRITERERROR_OUTOFRESOURCES none not today"
	assert_line "prepare-snapshot two VSS_WS_FAILED_AT_PREPARE_SNAPSHOT VSS_E_WRITERERROR_NONRETRYABLE none prepare-snapshot failed"
}

@test "the end of input thaws and cleans up, an abort twice undoes once" {
	writer one <<-END
		on_freeze() { vss_hold files; }
		on_thaw() { echo "thawed \$vss_thaw_reason" >>"$T/log"; }
		on_abort() { echo abort >>"$T/log"; }
		on_backup_shutdown() { echo shutdown >>"$T/log"; }
	END
	run writers_driver prepare-backup freeze
	assert_equal "$(cat "$T/log")" $'thawed end-of-input\nabort\nshutdown'
	rm "$T/log"
	run writers_driver prepare-backup freeze abort abort backup-shutdown
	assert_equal "$(cat "$T/log")" $'thawed abort\nabort\nshutdown'
}

@test "a freeze that fails half-way is undone" {
	writer one <<-END
		on_freeze() { echo half >>"$T/log"; false; }
		on_thaw() { echo "thawed \$vss_thaw_reason" >>"$T/log"; }
	END
	run writers_driver freeze
	assert_line --partial "VSS_WS_FAILED_AT_FREEZE"
	assert_equal "$(cat "$T/log")" $'half\nthawed failed-freeze'
}

thaws_at_deadline() {
	writer one FreezeTimeout=10 <<-END
		vss_arg() { case \$1 in timeout-ms) echo 1000 ;; *) echo 1 ;; esac; }
		on_freeze() { vss_hold files; }
		on_thaw() { echo "thawed \$vss_thaw_reason" >>"$T/log"; }
	END
	run writers_driver freeze wait=5000 thaw
	assert_line "wait writer one"
	assert_line --partial "wait one VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_TIMEOUT"
	assert_equal "$(cat "$T/log")" "thawed deadline"
}

@test "it thaws by itself at its deadline (sh)" { thaws_at_deadline; }

@test "it thaws by itself at its deadline (bash)" {
	WRITER_SHELL=$(command -v bash) thaws_at_deadline
}

# frozen_by_hand: a writer that is frozen for a second, whose signals and children are noted; its input is descriptor 7.
frozen_by_hand() {
	writer one <<-END
		kill() { echo "kill \$*" >>"$T/log"; command kill "\$@"; }
		on_freeze() { vss_hold files; }
		on_thaw() { echo "thawed \$vss_thaw_reason" >>"$T/log"; }
	END
	mkfifo "$T/in"
	exec 7<>"$T/in"
	start bash -c "exec setsid '$T/one' <'$T/in' >'$T/out' 7>&-"
	printf '%s\n' "event 1 hello version=1" end "event 2 freeze timeout-ms=1000" end >&7
	wait_until 60 has_line "$T/out" "ok 2"
}

none_left() { ! pgrep -g "$1"; }

@test "its alarm wakes it at the deadline" {
	frozen_by_hand
	wait_until 60 has_line "$T/log" "thawed deadline"
	assert_file_contains "$T/log" "kill -ALRM $started_pid"
	exec 7>&-
}

@test "when it was killed its alarm rings for nobody" {
	frozen_by_hand
	kill -KILL "$started_pid"
	exec 7>&-
	wait_until 60 none_left "$started_pid"
	assert_file_not_exist "$T/log"
}
