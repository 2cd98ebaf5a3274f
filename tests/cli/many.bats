#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Many copies and many volumes: what a command does grows with them, and no faster.  tests/slow/many.bats has all that are allowed.
# shellcheck disable=SC2154 # common sets VSS_FAKE_VOLUMES and T
load ../lib/common

# copies_of VOLUME FROM TO: copies number FROM to TO, their IDs in $T/ids.
copies_of() {
	local i
	for ((i = $2; i <= $3; i++)); do
		create-shadow --json --no-writers "$(volume "$1")" | jq -r '.shadows[].id' >>"$T/ids"
	done
}

# traced NAME COMMAND...: what it asks the kernel for, in $T/NAME.  Leaks cannot be looked for under strace.
traced() {
	local name=$1
	shift
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -f -o "$T/$name" "$@" >/dev/null
}

# calls NAME PATTERN: how many of them.
calls() { grep -cE "$2" "$T/$1"; }

WRITING='sync\(|sync_file_range|fork\(|clone[0-9]*\('

# assert_grown_by_less_than MOST FEW MANY: the calls between two traces, for each of the twenty copies that came in between.
assert_grown_by_less_than() {
	local grown=$((($(wc -l <"$T/$3") - $(wc -l <"$T/$2")) / 20))
	[ "$grown" -lt "$1" ] || fail "$3: $grown calls for each copy"
}

# trace_lists NAME
trace_lists() {
	traced "$1.text" list-shadows
	traced "$1.json" list-shadows --json
	traced "$1.columns" list-shadows --columns id,created
}

@test "with twenty copies more, lists and the deletion of the oldest look at each of them and at nothing else again" {
	local what
	requires strace jq
	fake_volumes a
	copies_of a 1 6
	traced few.delete delete-shadow -q --for "$(volume a)" --oldest
	trace_lists few
	copies_of a 7 26
	trace_lists many
	traced many.delete delete-shadow -q --for "$(volume a)" --oldest
	assert_equal "$(list-shadows --json | jq -r '.[].shadows[].id')" "$(tail -n +3 "$T/ids")"
	for what in text json columns; do
		assert_equal "$(calls "many.$what" 'openat\(.*[0-9a-f]{12}\.xml')" 50 # in the storage, and what is known from before
		assert_equal "$(calls "many.$what" "$WRITING|^[0-9]+ +(rename|link|unlink|mkdir).*$T|O_CREAT.*$T")" 0
		assert_grown_by_less_than 30 "few.$what" "many.$what"
	done
	for what in text json columns delete; do
		assert_equal "$(calls "many.$what" mountinfo)" "$(calls "few.$what" mountinfo)"
		assert_equal "$(calls "many.$what" "$WRITING")" "$(calls "few.$what" "$WRITING")"
	done
	assert_grown_by_less_than 90 few.delete many.delete
}

@test "a set has up to 64 volumes" {
	local names=()
	requires jq
	for ((i = 1; i <= 65; i++)); do names+=("v$i"); done
	fake_volumes "${names[@]}"
	mapfile -t volumes < <(tr : '\n' <<<"$VSS_FAKE_VOLUMES")
	run --separate-stderr create-shadow --json --no-writers "${volumes[@]:0:64}"
	assert_success
	assert_json '.shadows | length' 64
	assert_json .grade crash
	run --separate-stderr create-shadow --no-writers "${volumes[@]}"
	assert_failure
	list-shadows --json | jq -e '(length == 1) and (.[0].shadows | map(.volume) | unique | length == 64)'
	delete-shadow -q --all
	assert_equal "$(list-shadows --json | jq length)" 0
}
