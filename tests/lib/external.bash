# SPDX-License-Identifier: BSD-2-Clause
# Providers that are programs of their own, for tests: vss-test-provider with a script of the test's.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are for the tests; common sets T and run its own

# external NAME NUMBER [KEY=VALUE]... <<<SCRIPT: register NAME, whose copies lie in $T/keep/NAME; the script's first lines are given.
external() {
	local name=$1 number=$2
	shift 2
	mkdir -p "$T/keep/$name" "$VSS_PROVIDERS_PATH"
	{
		printf 'keep %s\nlog %s\n' "$T/keep/$name" "$T/$name.log"
		cat
	} >"$T/$name.script"
	{
		printf '[Provider]\nExec=%s %s\n' "$VSS_BUILD/bin/vss-test-provider" "$T/$name.script"
		printf 'Id=b0ac6b5e-3b4e-4d58-8fb1-%012d\nTitle=Provider %s\n' "$number" "$name"
		printf '%s\n' "$@"
	} >"$VSS_PROVIDERS_PATH/$name.provider"
	: >"$T/$name.log"
}

# What it keeps, and what it is marked to be keeping for a set in the making.
kept() { find "$T/keep/$1" -mindepth 1 -maxdepth 1 | wc -l; }
marks() { find "$VSS_STATE_DIR/external" -name '*.making' 2>/dev/null | wc -l; }
no_provider_runs() { ! pgrep -f "vss-test-provider $T/" >/dev/null; }

# Whatever went wrong, nothing of it is there.
assert_nothing_left() {
	local name
	for name; do
		[ "$(kept "$name")" = 0 ] || fail "$name keeps $(ls "$T/keep/$name")"
	done
	[ "$(marks)" = 0 ] || fail "a mark is left"
	[ "$(list-shadows --json | jq length)" = 0 ] || fail "a set is left"
	wait_until 5 no_provider_runs
}
