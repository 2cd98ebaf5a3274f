# SPDX-License-Identifier: BSD-2-Clause
# A requester that does what a small file says, against writers that do what it says, and looks at what came of it:
# `load ../lib/betest` behind common and stories.  tests/betest/README tells the language.
# shellcheck shell=bash disable=SC2034,SC2154 # T comes from common.bash; run sets output, stderr and status

betest_dir=$REPO/tests/betest

# betest NAME: play tests/betest/NAME.  When it fails, the last line that is shown is the one that did.
betest() {
	local line writer='' script=''
	local -a lines words
	x=$T/x.tar.zst
	mapfile -t lines <"$betest_dir/$1"
	for line in "${lines[@]}" ''; do
		[[ $line =~ ^[[:space:]]*# ]] && continue
		line=$(betest_places "$line")
		if [[ $line = $'\t'* ]]; then
			[ -n "$writer" ] || fail "no writer before: $line"
			script+=${line#$'\t'}$'\n'
			continue
		fi
		[ -z "$writer" ] || betest_register "$writer" "$script"
		writer='' script=''
		[ -n "$line" ] || continue
		echo "$1: $line"
		betest_split "$line"
		[ "${words[0]}" = rule ] || betest_step "${words[@]}"
	done
}

# {T}, {x} (the archive), {a} (a volume), {id NAME} (of a writer).
betest_places() {
	local text=$1 name
	text=${text//'{T}'/$T}
	text=${text//'{x}'/$x}
	while [[ $text =~ \{id\ ([A-Za-z]+)\} ]]; do
		name=${BASH_REMATCH[1]}
		text=${text//"{id $name}"/$(id_of "$name")}
	done
	while [[ $text =~ \{([a-z])\} ]]; do
		name=${BASH_REMATCH[1]}
		text=${text//"{$name}"/$(volume "$name")}
	done
	printf '%s\n' "$text"
}

# Words as a shell has them, but no wildcards.
betest_split() {
	set -f
	eval "words=($1)"
	set +f
}

# What a script does not say itself is as harmless as can be.
betest_register() {
	local name=$1 text=$2
	{
		grep '^writer ' <<<"$text" || printf 'writer %s "%s" usage=USER_DATA source=OTHER\n' "$(id_of "$name")" "$name"
		grep '^restore-method ' <<<"$text" || echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		grep -vE '^(writer|restore-method) ' <<<"$text"
		grep -q '^hold ' <<<"$text" || echo 'hold files'
		printf 'log "%s"\n' "$T/$name.log"
	} >"$T/$name.script"
	register "$name" "$VSS_BUILD/bin/vss-test-writer $T/$name.script" "${options[@]}"
}

# betest_service NAME WRITER: a service whose stops and starts stand among the events of the writer.
betest_service() {
	export VSS_SERVICE_PATH=$T/init.d
	mkdir -p "$VSS_SERVICE_PATH"
	: >"$T/$1.runs"
	{
		printf '#!/bin/sh\nruns=%q log=%q\n' "$T/$1.runs" "$T/$2.log"
		cat <<-'END'
			case $1 in
			status) [ -e "$runs" ] || exit 3 ;;
			stop) rm "$runs" && echo service-stop at=0 >>"$log" ;;
			start) : >"$runs" && echo service-start at=0 >>"$log" ;;
			esac
		END
	} >"$VSS_SERVICE_PATH/$1"
	chmod 755 "$VSS_SERVICE_PATH/$1"
}

# betest_step WORD...: one line that is no writer's.  Steps that look at something fail the test.
betest_step() {
	local step=$1
	shift
	case $step in
	writer) # NAME [KEY=VALUE]...
		writer=$1
		options=("${@:2}")
		;;
	service) betest_service "$@" ;;
	volumes) fake_volumes "$@" ;;
	dir) mkdir -p "$@" ;;
	file) # PATH [TEXT]
		mkdir -p "${1%/*}"
		printf '%s' "${2-some of ${1##*/}}" >"$1"
		;;
	remove) rm -r "$@" ;;
	sh) # TEXT: what has no word of its own
		bash -euc "$1"
		;;
	forget) forget ;;
	run) # STATUS COMMAND...
		run --separate-stderr "${@:2}"
		echo "status $status: $stderr"
		[ "$status" = "$1" ]
		;;
	start) start "$@" >"$T/started.out" 2>"$T/started.err" ;;
	until) wait_until 20 test -e "$1" ;;
	end) # STATUS: what was started last ends
		status=0
		wait "$started_pid" || status=$?
		output=$(cat "$T/started.out") stderr=$(cat "$T/started.err")
		echo "status $status: $stderr"
		[ "$status" = "$1" ]
		;;
	*) betest_look "$step" "$@" ;;
	esac
}

betest_look() {
	local step=$1
	shift
	case $step in
	says) [[ $stderr == *"$1"* ]] ;;
	silent) assert_equal "$stderr" '' ;;
	prints) [[ $output == *"$1"* ]] ;;
	json) assert_json "$1" "$2" ;;
	events) assert_equal "$(events "$1")" "${*:2}" ;; # NAME WORD...
	told) betest_told "$1" "$2" ;; # NAME TEXT: the beginning of an argument line
	untold) if betest_told "$1" "$2"; then fail "$1 was told: $2"; fi ;;
	members) assert_equal "$(betest_members)" "$*" ;; # all files of the archive, below the volumes
	member) assert_equal "$(tar --zstd -xOf "$x" "${1#/}")" "$2" ;; # PATH TEXT
	components) assert_equal "$(betest_components "$1")" "${*:2}" ;; # WRITER PATH...: those in the document
	holds) assert_equal "$(cat "$1")" "$2" ;;
	there) assert_exists "$1" ;;
	gone) assert_not_exists "$1" ;;
	*) fail "$step: not a step" ;;
	esac
}

betest_told() { [ -e "$T/$1.log" ] && awk -v text="with $2" 'index($0, text) == 1 { found = 1 } END { exit !found }' "$T/$1.log"; }

betest_members() {
	tar --zstd -tf "$x" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/volumes/,," | LC_ALL=C sort | paste -sd' '
}

# betest_components WRITER: its components in the archive's components document, one that did not succeed with '!'.
betest_components() {
	tar --zstd -xOf "$x" .vss/backup-components.xml | awk -v writer="vss:friendlyName=\"$1\"" '
		function value(key) { return match($0, key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 2, RLENGTH - length(key) - 3) : "" }
		/<WRITER_COMPONENTS / { inside = index($0, writer) }
		inside && /<COMPONENT / {
			path = value("logicalPath")
			print (path == "" ? "" : "/" path) "/" value("componentName") (value("backupSucceeded") == "no" ? "!" : "")
		}' | paste -sd' '
}
