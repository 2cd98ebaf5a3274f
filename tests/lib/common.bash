# SPDX-License-Identifier: BSD-2-Clause
# What every bats file loads: `load ../lib/common`.  A file that needs no set-up of its own calls nothing more; one that does calls
# vss_setup in setup() and vss_teardown in teardown().
#
# Tools are those of $VSS_BUILD (build/release) and come first in PATH under their bare names.  Each test has folders of its own
# for state, runs, registrations and volumes below $T; nothing of the machine's is read or written.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are for the tests; run sets output and status

bats_require_minimum_version 1.5.0
for helper in support assert file; do
	for place in /usr/lib/bats /usr/lib/node_modules /usr/share/bats; do
		[ -e "$place/bats-$helper/load.bash" ] && load "$place/bats-$helper/load.bash" && break
	done
done

REPO=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
VSS_BUILD=${VSS_BUILD:-$REPO/build/release}
PATH=$VSS_BUILD/bin:$VSS_BUILD/tests/tools:$PATH
export VSS_BUILD PATH LC_ALL=C.UTF-8 TZ=UTC
unset "${!VSS_STOP@}" VSS_FAKE_VOLUMES

# A test's own places; called by setup() below, and by files with a setup() of their own.
vss_setup() {
	umask 022
	T=$BATS_TEST_TMPDIR
	export VSS_STATE_DIR=$T/state VSS_RUN_DIR=$T/run VSS_WRITERS_PATH=$T/writers.d VSS_EXCLUDE_PATH=$T/exclude.d \
		VSS_PROVIDERS_PATH=$T/providers.d VSS_LIMITS_DIR=$T/limits
	mkdir -p "$VSS_WRITERS_PATH" "$T/volumes"
	started=()
}

vss_teardown() {
	local pid
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	return 0
}

# mounts_below DIR: mount points, the last one first.
mounts_below() { awk -v T="$1/" 'index($5, T) == 1 { print $5 }' /proc/self/mountinfo | tac; }

# Before the test's folder is removed.  What a killed program had open may be busy for a moment still.
unmount_all() {
	local point
	for point in $(mounts_below "$T"); do
		wait_until 10 umount "$point"
	done
}

setup() { vss_setup; }
teardown() {
	vss_teardown
	unmount_all
}

# --- volumes and writers ---

# fake_volumes NAME...: plain directories that the tools take for volumes; $(volume NAME) is the path of one.
fake_volumes() {
	local name
	VSS_FAKE_VOLUMES=
	for name; do
		mkdir -p "$T/volumes/$name"
		VSS_FAKE_VOLUMES+=${VSS_FAKE_VOLUMES:+:}$T/volumes/$name
	done
	export VSS_FAKE_VOLUMES
}

volume() { echo "$T/volumes/$1"; }

# register NAME EXEC [KEY=VALUE]...: a registration file for a writer.
register() {
	local name=$1 exec=$2
	shift 2
	{
		printf '[Writer]\nExec=%s\n' "$exec"
		printf '%s\n' "$@"
	} >"$VSS_WRITERS_PATH/$name.writer"
}

# in_box NAME: the path of an in-box writer of this build.
in_box() { echo "$VSS_BUILD/libexec/vss/writers/$1"; }

# page_example PAGE SECTION: the first literal block in that section of one of our pages.
page_example() {
	mandoc -T markdown "$REPO/man/$1" | awk -v section="# $2" '
		$0 == section { inside = 1; next }
		inside && /^\t/ { print substr($0, 2); seen = 1; next }
		inside && (seen || /^# /) { exit }
	'
}

# --- needs ---

requires() {
	local command
	for command; do
		command -v "$command" >/dev/null || skip "needs $command"
	done
}

requires_root() { [ "$(id -u)" = 0 ] || skip "needs root"; }

# --- processes and waiting ---

# start COMMAND...: in the background, ended with the test; its id is in $started_pid.
start() {
	"$@" 3>&- &
	started_pid=$!
	started+=("$started_pid")
}

# wait_until SECONDS COMMAND...: as soon as the command succeeds; fails when the time is over, which is counted for a quiet
# machine and six times as long on any.
wait_until() {
	local end=$((SECONDS + $1 * 6))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -gt "$end" ]; then
			echo "waited in vain for: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

# is_gone PID, is_stopped PID, has_line FILE TEXT: conditions for wait_until.
is_gone() { ! kill -0 "$1" 2>/dev/null; }
is_stopped() { [ "$(sed 's/.*) //' "/proc/$1/stat" | cut -c1)" = T ]; }
has_line() { grep -qF -- "$2" "$1"; }

# stop_at POINT[:ACTION] COMMAND...: run it with a stop point armed (lib/base/STOPS); $T/stops has a line when it was reached.
stop_at() {
	local point=$1
	shift
	VSS_STOP_AT=$point VSS_STOP_LOG=$T/stops "$@"
}

# --- assertions ---

# After `run --separate-stderr TOOL ...`: stderr is one sentence of the tool's, "TOOL: ...", that contains TEXT.
assert_sentence() {
	local tool=$1 text=${2:-}
	if [ "${#stderr_lines[@]}" != 1 ] || [[ $stderr != "$tool: "* ]] || [[ $stderr == *. ]] || [[ $stderr != *"$text"* ]]; then
		batslib_print_kv_single_or_multi 6 tool "$tool" wanted "$text" stderr "$stderr" |
			batslib_decorate 'not one sentence of this tool' | fail
	fi
}

# assert_json FILTER [VALUE]: what jq finds in $output is VALUE (or not false and not null).
assert_json() {
	local got
	got=$(jq -er "$1" <<<"$output") || { [ $# = 2 ] && [ "$got" = "$2" ]; } || fail "jq $1: nothing in: $output"
	[ $# = 1 ] || assert_equal "$got" "$2"
}
