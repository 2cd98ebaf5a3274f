# SPDX-License-Identifier: BSD-2-Clause
# For tests that tell a story with writers: `load ../lib/stories` behind ../lib/common.
# shellcheck shell=bash disable=SC2034,SC2154 # T comes from common.bash

# The codes that a writer may fail with (vss-writer(7)).
writer_codes=(INCONSISTENTSNAPSHOT OUTOFRESOURCES TIMEOUT RETRYABLE NONRETRYABLE PARTIAL_FAILURE)

# id_of NAME: an ID that is the same for the same name.
id_of() { md5sum <<<"$1" | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/\1-\2-\3-\4-\5/'; }

# test_writer NAME VOLUME [KEY=VALUE]... <<<RULES: a writer that owns all of a fake volume, or of the directory VOLUME, in one component "data";
# it does what the rules say (vss-test-writer(8)), notes what it hears in $T/NAME.log, and KEY=VALUE goes into its registration.
# A rule `restore-method` or `hold` takes the place of the line that is there otherwise.  $test_writer_program: a copy of the program to use.
test_writer() {
	local name=$1 dir=$2 rules
	shift 2
	[[ $dir = /* ]] || dir=$(volume "$dir")
	rules=$(cat)
	{
		printf 'writer %s "%s" usage=USER_DATA source=OTHER\n' "$(id_of "$name")" "$name"
		grep '^restore-method ' <<<"$rules" || echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'component filegroup "" data selectable=yes'
		printf 'file "" data "%s" * recursive=yes\n' "$dir"
		grep -q '^hold ' <<<"$rules" || echo 'hold files'
		printf 'log "%s"\n' "$T/$name.log"
		grep -v '^restore-method ' <<<"$rules" || :
	} >"$T/$name.script"
	register "$name" "${test_writer_program:-$VSS_BUILD/bin/vss-test-writer} $T/$name.script" "$@"
}

# events NAME: what it has heard since the last forget, in one line, without hello, identify and bye.  What it did without being told is in
# brackets: [abort], [backup-shutdown], thaw[deadline].
events() {
	sed -nE '/^(hello|identify|bye) at=/d; s/^(thaw) at=.* thawed-by=(.*)/\1[\2]/p; s/^([a-z-]+) at=.*/\1/p; s/^with set .*/set/p' "$T/$1.log" |
		sed 's/^thaw\[event\]$/thaw/' |
		awk 'function out(w) { line = line (line == "" ? "" : " ") w }
			function alone(w) { out(w ~ /^(abort|backup-shutdown)$/ ? "[" w "]" : w) }
			$1 == "set" { if (held != "") out(held); held = ""; next }
			{ if (held != "") alone(held); held = $1 }
			END { if (held != "") alone(held); print line }'
}
forget() { rm -f "$T"/*.log; }

# After whatever happened: no writer is frozen, none is running, and nothing of a set is left.
assert_thawed() {
	local log froze thawed
	for log in "$T"/*.log; do
		[ -e "$log" ] || continue
		froze=$(grep -c '^freeze at=' "$log") || :
		thawed=$(grep -c '^thaw at=' "$log") || :
		[ "$froze" = "$thawed" ] || fail "${log##*/}: froze $froze times, thawed $thawed times: $(cat "$log")"
	done
	run -1 pgrep -f "^[^ ]*vss-test-writer $T/"
}

assert_nothing_left() {
	local left
	left=$(find "$T/volumes" -name .vss-shadows; find "$T/run/shadows" "$T/run/owners" "$T/state/sets" "$T/state/scratch" -mindepth 1 2>/dev/null) || :
	assert_equal "$left" ''
	list-shadows --json | jq -e '. == []' >/dev/null || fail "sets are left: $(list-shadows)"
}

# writer_is NAME STATE CODE [FILE]: what a report of create-shadow or backup says of it, $output by default; CODE '' is none.
writer_is() {
	local got
	got=$(jq -r --arg name "$1" '.writers[] | select(.name == $name) | "\(.state) \(.error // "")"' <<<"$output")
	assert_equal "$1: $got" "$1: VSS_WS_$2 ${3:+VSS_E_$3}"
}

# listed_is NAME STATE CODE: the same in list-writers.
listed_is() {
	local got
	got=$(list-writers --json | jq -r --arg name "$1" '.[] | select(.name == $name) | "\(.state) \(.error // "")"')
	assert_equal "list: $1: $got" "list: $1: VSS_WS_$2 ${3:+VSS_E_$3}"
}
