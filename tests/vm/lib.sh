# SPDX-License-Identifier: BSD-2-Clause
# What every job in a guest begins with:  . "${0%/*}/../lib.sh"
#
# A job runs as root, our tools in PATH under their bare names.  It says what it finds with these, one test point each; what the
# commands of `ok` say is shown when they fail.  What a job prints besides goes to the console, the end of which is shown then too.
#   pass NAME; fail NAME [DETAIL]; ok NAME COMMAND...; no NAME COMMAND...; is GOT WANT NAME; like GOT PATTERN NAME; skip NAME WHY
# $BOOT counts the starts of the machine: after `power_cut` or `start_again` the job is run again with the next number, and has the
# same disks: root and those named in its first lines ("# vm: disks=NAME:SIZE,..."), which are /dev/disks/NAME.
# shellcheck shell=bash disable=SC2034 # variables are for the jobs

say() { echo "${1//$'\n'/ }" >/dev/ttyS1; }
details() { tail -n 40 <<<"$1" | sed 's/^/# /' >/dev/ttyS1; }

pass() {
	say "ok - $1"
	echo "ok - $1"
}

fail() {
	say "not ok - $1"
	echo "not ok - $1${2:+: $2}"
	[ -z "${2:-}" ] || details "$2"
	return 1
}

skip() { say "ok - $1 # SKIP $2"; }

# ok NAME COMMAND...: the command succeeds; no: it does not.
ok() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1 </dev/null); then
		pass "$name"
	else
		fail "$name" "$* left with $?: $said"
	fi
}

no() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1 </dev/null); then
		fail "$name" "$* succeeded: $said"
	else
		pass "$name"
	fi
}

is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" "got: $1"$'\n'"want: $2"
	fi
}

like() {
	if [[ $1 =~ $2 ]]; then
		pass "$3"
	else
		fail "$3" "got: $1"$'\n'"not like: $2"
	fi
}

# wait_until SECONDS COMMAND...: as soon as the command succeeds; the time is for a quiet machine, six times as long on any.
wait_until() {
	local end=$((SECONDS + $1 * 6))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -gt "$end" ]; then
			echo "waited in vain for: $*" >&2
			return 1
		fi
		sleep 0.05
	done
}

# halted POINT COMMAND...: start it in the background and return when it stands still at that stop point (lib/base/STOPS); which
# process it is, is in $halted_process then.
halted() {
	local point=$1 log
	shift
	log=$(mktemp /run/stop.XXXXXX)
	VSS_STOP_AT=$point:stop VSS_STOP_LOG=$log "$@" &
	if wait_until 20 test -s "$log"; then
		read -r _ halted_process <"$log"
	else
		fail "$1 comes to $point"
	fi
}

# power_cut: the machine loses its power now, and with it all that no disk was told to keep; it is started again.
power_cut() {
	echo "power cut" >/dev/ttyS1
	while :; do sleep 1; done
}

# start_again: shut down in order, and start again.
start_again() {
	: >/run/start-again
	exit 0
}
