# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034 # some variables are for the handlers
#
# vss-writer.sh: a writer as a page of POSIX shell.  The protocol is vss-writer(7).
#
#	#!/bin/sh
#	. /usr/local/share/vss/vss-writer.sh
#	on_identify() {
#		vss_say writer 0a1b2c3d-0000-4000-8000-000000000001 "My Writer" usage=USER_DATA source=OTHER
#		vss_say restore-method RESTORE_IF_NOT_THERE writer-restore=never
#		vss_say component filegroup "" data selectable=yes
#		vss_say file "" data /srv/my "*" recursive=yes
#	}
#	on_freeze() { command exec 9>>/srv/my/lock && flock -w 10 9 && vss_hold files; }
#	on_thaw() { exec 9>&-; }
#	vss_run
#
# Handlers are functions: on_hello, on_identify, on_prepare_backup, on_prepare_snapshot, on_freeze, on_thaw,
# on_post_snapshot, on_abort, on_backup_complete, on_backup_shutdown, on_pre_restore, on_post_restore, on_bye; one that is
# not there answers ok.  They run in this shell, so variables live from one to the next.  0 is ok, anything else is `fail`.
#
#	vss_say STATEMENT WORD... [key=value]...	a statement.  Words behind -- are never taken for keys
#	vss_hold files|log|bracket|export|none		at freeze: what is held
#	vss_answer key=value				another key of the answer: commits=stopped, confirmed=yes, absent="why"
#	vss_fail CODE MESSAGE [APP]; return 1		why this handler fails
#	vss_veto CODE MESSAGE [APP]			an objection, recorded; the handler goes on
#	vss_arg KEY					prints a value of the event's line (status 1: none)
#	vss_each FUNCTION				FUNCTION with the words of each argument line
#	$vss_event, $vss_scratch, $vss_thaw_reason	event | abort | deadline | end-of-input | failed-freeze
#
# on_thaw is called once for each freeze, whatever ends it, also for one that failed half-way.  on_abort and
# on_backup_shutdown are called when input ends in the middle of a backup.  Names that begin with vss_ belong to this file.

# Descriptors 3 and 4 are the protocol's; a child that reads or prints cannot get in between, and a coordinator that is
# gone cannot end the writer inside its thaw.
exec 3<&0 4>&1 </dev/null 1>&2
trap '' PIPE

LC_ALL=C # bytes are bytes, in this shell; children keep what they had
vss_event='' vss_scratch='' vss_thaw_reason=''
vss__seq='' vss__line='' vss__lines='' vss__said='' vss__answers='' vss__failure=''
vss__frozen='' vss__freeze_seq='' vss__alone='' vss__begun='' vss__opened='' vss__leave='' vss__alarm='' vss__watch=''
vss__reading='' vss__woken=''
vss__nl='
'

# vss__quote TEXT: $vss__q is the word as it stands in a line.
vss__quote() {
	vss__rest=$1 vss__q=
	while :; do
		case $vss__rest in
		*[\\\"[:cntrl:]]*) ;;
		*) break ;;
		esac
		vss__head=${vss__rest%%[\\\"[:cntrl:]]*}
		vss__rest=${vss__rest#"$vss__head"}
		vss__tail=${vss__rest#?}
		vss__c=${vss__rest%"$vss__tail"}
		vss__rest=$vss__tail
		case $vss__c in
		\\ | \") vss__q=$vss__q$vss__head\\$vss__c ;;
		*) vss__q=$vss__q$vss__head\\$(printf %03o "'$vss__c") ;;
		esac
	done
	vss__q=\"$vss__q$vss__rest\"
}

# vss__is_pair WORD: does it read key=value?
vss__is_pair() {
	case $1 in
	*=*) ;;
	*) return 1 ;;
	esac
	case ${1%%=*} in
	'' | *[!a-z-]*) return 1 ;;
	esac
}

vss_say() {
	vss__s=$1 vss__plain=
	shift
	for vss__w; do
		if [ -z "$vss__plain" ] && [ "$vss__w" = -- ]; then
			vss__plain=1
		elif [ -z "$vss__plain" ] && vss__is_pair "$vss__w"; then
			vss__quote "${vss__w#*=}"
			vss__s="$vss__s ${vss__w%%=*}=$vss__q"
		else
			vss__quote "$vss__w"
			vss__s="$vss__s $vss__q"
		fi
	done
	vss__said=$vss__said$vss__s$vss__nl
}

vss_answer() {
	vss__quote "${1#*=}"
	vss__answers="$vss__answers ${1%%=*}=$vss__q"
}

vss_hold() { vss_answer "hold=$1"; }

vss__record() {
	[ -z "$vss__failure" ] || return 0
	vss__quote "$3"
	vss__failure="$1 $vss__seq $2 $vss__q${4:+ app=$4}"
}

vss_fail() { vss__record fail "$@"; }
vss_veto() { vss__record veto "$@"; }

# vss__take: one word from $vss__rest into $vss__w; $vss__key is its key or empty.  The quotes and escapes are undone.
vss__take() {
	vss__key='' vss__w=''
	case $vss__rest in
	\"*) ;;
	*)
		vss__w=${vss__rest%%[ \"]*}
		case $vss__w in
		*=*)
			vss__key=${vss__w%%=*}
			vss__w=${vss__w#*=}
			vss__rest=${vss__rest#*=}
			;;
		esac
		;;
	esac
	case $vss__rest in
	\"*) vss__unquote ;;
	*)
		vss__w=${vss__rest%% *}
		vss__rest=${vss__rest#"$vss__w"}
		;;
	esac
	vss__rest=${vss__rest# }
}

vss__unquote() {
	vss__w='' vss__rest=${vss__rest#?}
	while :; do
		vss__head=${vss__rest%%[\\\"]*}
		vss__w=$vss__w$vss__head
		vss__rest=${vss__rest#"$vss__head"}
		case $vss__rest in
		\\[\\\"]*)
			vss__tail=${vss__rest#??}
			vss__c=${vss__rest%"$vss__tail"}
			vss__w=$vss__w${vss__c#?}
			;;
		\\*)
			vss__tail=${vss__rest#????}
			vss__c=${vss__rest%"$vss__tail"}
			# shellcheck disable=SC2059 # the escape is the format; the dot keeps a newline at the end
			vss__c=$(printf "$vss__c."; echo .)
			vss__w=$vss__w${vss__c%.*.}
			;;
		*)
			vss__rest=${vss__rest#?}
			return
			;;
		esac
		vss__rest=$vss__tail
	done
}

vss_arg() {
	vss__rest=$vss__line
	while [ -n "$vss__rest" ]; do
		vss__take
		[ "$vss__key" = "$1" ] || continue
		printf '%s\n' "$vss__w"
		return 0
	done
	return 1
}

vss_each() {
	vss__todo=$vss__lines
	while [ -n "$vss__todo" ]; do
		vss__rest=${vss__todo%%"$vss__nl"*}
		vss__todo=${vss__todo#*"$vss__nl"}
		vss__function=$1
		vss__call "$vss__function"
	done
}

# vss__call FUNCTION: with the words of $vss__rest; keys come as key=value.
vss__call() {
	while [ -n "$vss__rest" ]; do
		vss__take
		set -- "$@" "${vss__key:+$vss__key=}$vss__w"
	done
	"$@"
}

# vss__handle NAME: the handler of that name, if there is one.
vss__handle() {
	command -v "on_$1" >/dev/null 2>&1 || return 0
	"on_$1"
}

# vss__has_parent: in a child of this shell, is this shell still there?  When it was killed its number may be another's.
vss__has_parent() {
	read -r vss__stat </proc/self/stat
	vss__stat=${vss__stat##*") "}
	vss__stat=${vss__stat#* }
	[ "${vss__stat%% *}" = "$$" ]
}

# A shell has no timer of its own: a child of it wakes it up at the deadline of the freeze.
vss__arm() {
	(
		exec </dev/null >/dev/null 2>&1 3<&- 4>&-
		vss__sleep=
		trap 'kill "$vss__sleep"; exit' TERM
		sleep "$1" &
		vss__sleep=$!
		wait "$vss__sleep" && vss__has_parent && kill -ALRM "$$"
	) &
	vss__watch=$!
}

vss__disarm() {
	[ -n "$vss__watch" ] || return 0
	kill "$vss__watch" 2>/dev/null
	wait "$vss__watch" 2>/dev/null
	vss__watch='' vss__alarm=''
}

# vss__thaw REASON
vss__thaw() {
	vss__frozen=''
	vss__disarm
	vss_thaw_reason=$1 vss__event=$vss_event vss_event=thaw
	vss__handle thaw
	vss__status=$?
	vss_event=$vss__event
	return "$vss__status"
}

vss__freeze() {
	if [ -n "$vss__frozen" ]; then
		vss_fail VSS_E_WRITERERROR_NONRETRYABLE 'is frozen already'
		return 1
	fi
	vss__ms=$(vss_arg timeout-ms) || vss__ms=60000
	vss__frozen=1 vss__alone='' vss__freeze_seq=$vss__seq vss__alarm=''
	vss__arm "$((vss__ms >= 2000 ? vss__ms / 1000 : 1))"
	if ! vss__handle freeze; then
		vss_fail VSS_E_WRITERERROR_NONRETRYABLE 'freeze failed'
		vss__thaw failed-freeze
		return 1
	fi
	[ -n "$vss__alarm" ] || return 0
	vss__thaw deadline
	vss__failure=''
	vss_fail VSS_E_WRITERERROR_TIMEOUT 'could not freeze within its window'
	return 1
}

vss__deadline() {
	vss__alarm='' vss__woken=1
	[ -n "$vss__frozen" ] || return 0
	vss__thaw deadline
	vss__said='' vss__answers='' vss__failure='' vss__alone=1
	printf 'fail %s VSS_E_WRITERERROR_TIMEOUT "thawed by itself at its deadline"\n' "$vss__freeze_seq" >&4
}

vss__undo() {
	vss__r=0
	if [ -n "$vss__frozen" ]; then
		vss__thaw abort || vss__r=1
	fi
	if [ -n "$vss__begun" ]; then
		vss__begun=''
		vss__handle abort || vss__r=1
	fi
	return "$vss__r"
}

vss__do() {
	case $vss_event in
	hello)
		if [ "$(vss_arg version)" != 1 ]; then
			vss_fail VSS_E_WRITERERROR_NONRETRYABLE 'speaks version 1 of the protocol only'
			return 1
		fi
		vss_scratch=$(vss_arg scratch)
		vss__handle hello
		;;
	prepare-backup) vss__begun=1 vss__opened=1 && vss__handle prepare_backup ;;
	prepare-snapshot) vss__begun=1 vss__opened=1 && vss__handle prepare_snapshot ;;
	freeze) vss__begun=1 vss__opened=1 && vss__freeze ;;
	thaw)
		[ -z "$vss__frozen" ] || { vss__thaw event; return; }
		if [ -n "$vss__alone" ]; then
			vss_fail VSS_E_WRITERERROR_TIMEOUT 'had thawed by itself at its deadline'
		else
			vss_fail VSS_E_WRITERERROR_NONRETRYABLE 'was not frozen'
		fi
		return 1
		;;
	post-snapshot) vss__begun='' && vss__handle post_snapshot ;;
	abort) vss__undo ;;
	backup-shutdown) vss__opened='' && vss__handle backup_shutdown ;;
	identify | backup-complete | pre-restore | post-restore)
		vss__handle "$(printf %s "$vss_event" | tr - _)"
		;;
	bye)
		vss__leave=1
		[ -z "$vss__frozen" ] || vss__thaw end-of-input
		vss__handle bye
		;;
	*)
		vss_fail VSS_E_WRITERERROR_NONRETRYABLE "$vss_event: this event is not known"
		return 1
		;;
	esac
}

vss__event() {
	vss__said='' vss__answers='' vss__failure=''
	vss__do || vss_fail VSS_E_WRITERERROR_NONRETRYABLE "$vss_event failed"
	printf '%s%s\n' "$vss__said" "${vss__failure:-ok $vss__seq$vss__answers}" >&4 || vss__leave=1
}

# One line into $vss__text.  The alarm cuts the read of some shells short, others go on with it; either way it is kept
# here and not in the middle of a handler.
vss__read() {
	while :; do
		vss__reading=1
		[ -z "$vss__alarm" ] || vss__deadline
		if IFS= read -r vss__text <&3; then
			vss__reading=''
			return 0
		fi
		vss__reading=''
		[ -n "$vss__woken" ] || return 1
		vss__woken=''
	done
}

vss_run() {
	trap 'vss__alarm=1; [ -z "$vss__reading" ] || vss__deadline' ALRM
	while [ -z "$vss__leave" ] && vss__read; do
		case $vss__text in
		'event '*)
			vss__line=$vss__text vss__lines=''
			vss__rest=${vss__text#event }
			vss__take
			vss__seq=$vss__w
			vss__take
			vss_event=$vss__w
			;;
		end) vss__event ;;
		*) vss__lines=$vss__lines$vss__text$vss__nl ;;
		esac
	done
	[ -z "$vss__frozen" ] || vss__thaw end-of-input
	vss_event=abort
	vss__undo
	if [ -n "$vss__opened" ]; then
		vss_event=backup-shutdown
		vss__handle backup_shutdown
	fi
	exit 0
}
