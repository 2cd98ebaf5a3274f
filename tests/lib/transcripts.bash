# SPDX-License-Identifier: BSD-2-Clause
# Scripts for the shell: `load ../lib/diskshadow` after common.
# shellcheck shell=bash disable=SC2154 # run sets output and stderr

# shell LINE...: the lines as one script; what its commands say is left in $output, without the banner and the echo.
shell() {
	printf '%s\n' "$@" >"$T/script"
	(cd "$T" && run_script /s "$T/script")
}

run_script() { diskshadow "$@" | sed -e 1,4d -e '/^->/d'; return "${PIPESTATUS[0]}"; }

# same_output: reads what is expected, with IDs and times as ID and TIME, and compares it with $output, tabs and blanks too.
same_output() {
	local guid='[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' time='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}'
	diff -u <(sed 's/<T>/\t/g') <(sed -E "s/$guid/ID/g; s/$time/TIME/" <<<"$output") || fail "not the expected output"
}
