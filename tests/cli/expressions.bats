#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What monitoring and scripts take out of the lists of vssadmin and diskshadow: expressions as people write them, and a program that
# reads the lists as theirs do (lib/parse-lists.py), against each of our tools that promises the shape.
# shellcheck disable=SC2154,SC2086 # run and common set variables; commands are several words
load ../lib/common
load ../lib/transcripts

setup() {
	vss_setup
	requires python3
	fake_volumes data log
	machine
	register_writers
	cd "$T/work" || return
}

parse() { python3 "$REPO/tests/lib/parse-lists.py" "$@"; }

# A set of both volumes with writers, and an older one of the first; in $both and $alone.
two_sets() {
	alone=$(create-shadow --context client-accessible --json "$(volume data)" | jq -r .set_id)
	both=$(create-shadow --json "$(volume data)" "$(volume log)" | jq -r .set_id)
}

# finds N EXPRESSION: so many lines of $output match it, as grep -E has it.
finds() {
	assert_equal "$2: $(grep -cE -- "$2" <<<"$output")" "$2: $1"
}

# commands LINE...: what diskshadow prints for these commands, without the echo of them.
commands() { printf '%s\n' "$@" | diskshadow | grep -v '^->'; }

UUID='[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}'

@test "list writers: name, IDs, state and last error" {
	for command in 'vssadmin list writers' 'vssadmin LIST Writers' list-writers; do
		run $command
		assert_success
		finds 1 "^Writer name: 'Database Writer'$"
		finds 2 "^Writer name: '([^']+)'$"
		finds 2 "^ {3}Writer Id: \{$UUID\}$"
		finds 2 "^   Writer Instance Id: \{$UUID\}$"
		finds 2 '^\s+State: \[1\] Stable$'
		finds 2 '^\s+Last error: No error$'
		finds 0 'State: \[([^1]|1[0-9])'
	done
}

@test "list writers: blocks of six lines behind a banner of three" {
	for skip in 3 0; do
		output=$(if [ $skip = 3 ]; then vssadmin list writers; else list-writers; fi | parse stride $skip)
		assert_json length 2
		assert_json '[.[].name] | sort | join(", ")' 'Database Writer, Mail Writer'
		assert_json '[.[] | .state == 1 and .word == "Stable" and .error == "No error" and .rest == ""] | all'
		assert_json '.[] | select(.name == "Mail Writer").id' '{0b6c9a12-5f35-4c0e-8d3a-2f4e6b7c8d02}'
	done
}

@test "list writers: one expression over all of it, also when a writer has failed" {
	register broken /nowhere/broken
	for command in 'vssadmin list writers' list-writers; do
		run $command
		output=$(parse search <<<"$output")
		assert_json '[.[] | select(.word == "Stable")] | length' 2
		assert_json '[.[] | select(.error != "No error")] | length' 1
	done
}

@test "list writers: a colon between label and value" {
	for command in 'vssadmin list writers' list-writers; do
		run $command
		output=$(parse records 'Writer name' <<<"$output")
		assert_json length 2
		assert_json '.[0] | keys_unsorted | join(", ")' 'Writer name, Writer Id, Writer Instance Id, State, Last error'
		assert_json '[.[].State] | unique | join(" ")' '[1] Stable'
	done
}

@test "lists of writers, providers and storage: an empty line between two" {
	two_sets
	for list in writers:'Last error' providers:'Provider Id' shadowstorage:'Used Shadow Copy Storage space'; do
		for command in "vssadmin list ${list%%:*}" "list-$(sed 's/:.*//; s/shadow//' <<<"$list")"; do
			output=$($command | parse blocks)
			output=$(jq "map(select(has(\"${list#*:}\")))" <<<"$output")
			assert_json 'length >= 2'
			assert_json 'map(keys | length) | unique | length' 1
		done
	done
}

@test "list shadows: sets, and copies in them" {
	two_sets
	for command in 'vssadmin list shadows' list-shadows; do
		run $command
		assert_success
		finds 1 "^Contents of shadow copy set ID: \{$both\}$"
		finds 2 '^   Contained [0-9]+ shadow copies at creation time: .+$'
		assert_equal "$(grep -icE 'Creation Time: [0-9]' <<<"$output")" 2
		finds 3 "^      Shadow Copy ID: \{$UUID\}$"
		finds 2 "^ {9}Original Volume: \($(volume data)\)\\\\\\\\\?\\\\Volume\{$UUID\}\\\\$"
		finds 3 '^         Shadow Copy Volume: /[^ ]+$'
		finds 3 "^         (Originating|Service) Machine: $(uname -n)$" || finds 6 "Machine: $(uname -n)$"
		finds 1 '^         Type: ClientAccessible$'
		finds 3 '^         Attributes: Persistent, .*No auto release'
		output=$(parse sets <<<"$output")
		assert_json 'map(.count) | join(" ")' '1 2'
		assert_json 'map(.copies | length) | join(" ")' '1 2'
		assert_json '.[1].id' "{$both}"
		assert_json '.[0].id' "{$alone}"
		assert_json '[.[].copies[] | has("Original Volume") and has("Shadow Copy Volume") and has("Provider")] | all'
		assert_json '[.[].created | strptime("%Y-%m-%d %H:%M:%S")] | length' 2
	done
}

@test "list shadows: the newest one's device, by the last line that matches" {
	two_sets
	for command in 'vssadmin list shadows' list-shadows; do
		device=$($command | grep 'Shadow Copy Volume:' | tail -n 1 | awk '{ print $4 }')
		assert_equal "$(cat "$device/db/journal")" 'what happened'
	done
	for command in "vssadmin list shadows /for=$(volume data)" "list-shadows --for $(volume data)"; do
		device=$($command | sed -n 's/^ *Shadow Copy Volume: //p' | tail -n 1)
		assert_equal "$(cat "$device/db/accounts")" 'the accounts'
	done
}

@test "list shadowstorage: sizes with units and percent" {
	two_sets
	resize-storage -q --for "$(volume data)" --max-size 20%
	for command in 'vssadmin list shadowstorage' list-storage; do
		run $command
		assert_success
		finds 2 '^Shadow Copy Storage association$'
		finds 2 '^   Used Shadow Copy Storage space: ([0-9.]+ (bytes|KB|MB|GB|TB)) \([0-9]+%\)$'
		finds 2 '^   Allocated Shadow Copy Storage space: [0-9.]+ [a-zA-Z]+ \([0-9]+%\)$'
		finds 1 '^   Maximum Shadow Copy Storage space: UNBOUNDED \(100%\)$'
		finds 1 '^   Maximum Shadow Copy Storage space: [0-9.]+ [KMGTP]?B \((19|20)%\)$'
		output=$(parse storage <<<"$output")
		assert_json 'map(.for) | join(" ")' "$(volume data) $(volume log)"
		assert_json '[.[] | .used.bytes > 0 and .allocated.bytes >= .used.bytes and .for == .on] | all'
		assert_json '.[0].maximum.bytes > .[0].used.bytes'
	done
}

@test "list providers and list volumes" {
	for command in 'vssadmin list providers' list-providers; do
		run $command
		finds 1 "^Provider name: '.*fake provider.*'$"
		providers=$(parse records 'Provider name' <<<"$output")
		assert_equal "$(jq '[.[] | has("Provider type") and has("Provider Id") and has("Version")] | all' <<<"$providers")" true
	done
	for command in 'vssadmin list volumes' list-volumes; do
		run $command
		finds 1 "^Volume path: $(volume data)\\\\?$"
		finds "$(grep -c '^Volume path' <<<"$output")" "^    Volume name: \\\\\\\\\?\\\\Volume\{$UUID\}\\\\$"
	done
}

@test "create shadow: the ID and the device of the new one" {
	for command in "vssadmin create shadow /for=$(volume data)" "vssadmin Create Shadow --For=$(volume data)" \
		"create-shadow $(volume data)"; do
		run --separate-stderr $command
		assert_success
		finds 1 "^Successfully created shadow copy for '$(volume data)/?'$"
		id=$(sed -nE 's/^ +Shadow Copy ID: (\{.*\})$/\1/p' <<<"$output")
		device=$(awk -F': ' '/Shadow Copy Volume Name/ { print $2 }' <<<"$output")
		run list-shadows --shadow "$id" --columns device
		assert_output "$device"
	done
}

@test "what deletions say" {
	two_sets
	run vssadmin delete shadows "/for=$(volume data)" /oldest /quiet
	assert_success
	two_sets
	run bash -c "echo y | vssadmin delete shadows '/for=$(volume data)' /all"
	assert_success
	finds 1 'Successfully deleted 1 shadow copies\.$'
	finds 1 'Do you really want to delete 1 shadow copies \(Y/N\): \[N\]\? '
	run commands "delete shadows set {$both}"
	finds 2 "^Deleting shadow copy \{$UUID\}\.\.\.$"
	finds 1 '^2 shadow copies deleted\.$'
}

@test "nothing to list" {
	run vssadmin list shadows
	assert_equal "$status" 1
	finds 1 '^No items found that satisfy the query\.$'
	run list-shadows
	finds 1 '^No items found that satisfy the query\.$'
	run commands 'list shadows all'
	finds 1 '^No shadow copies found in system\.$'
}

@test "diskshadow's list writers status" {
	run commands 'list writers status'
	finds 1 '^Listing writer status \.\.\.$'
	finds 1 '^\* WRITER "Database Writer"$'
	finds 2 '- Status: 1 \(VSS_WS_STABLE\)$'
	finds 2 '- Writer Failure code: 0x00000000 \(S_OK\)$'
	finds 2 "- Writer ID: \{$UUID\}$"
	finds 2 "- Instance ID: \{$UUID\}$"
	finds 1 '^2 writers listed\.$'
	output=$(parse states <<<"$output")
	assert_json '[.[] | .state == 1 and .word == "VSS_WS_STABLE" and .code == "0x00000000"] | all'
	assert_json '.[] | select(.name == "Mail Writer").writer' '{0b6c9a12-5f35-4c0e-8d3a-2f4e6b7c8d02}'
}

@test "diskshadow waits for END BACKUP, and its list says so" {
	run commands 'begin backup' "add volume $(volume data)" create 'list writers status' 'end backup' 'list writers status'
	assert_success
	finds 1 '- Status: 5 \(VSS_WS_WAITING_FOR_BACKUP_COMPLETE\)$'
}

@test "diskshadow's list writers detailed: the ID from the 19th character on" {
	run commands 'list writers detailed'
	finds 1 '^2 writers listed\.$'
	id=$(grep -- '- Writer ID   = ' <<<"$output" | head -n 1 | cut -c 19-)
	assert_regex "$id" "^\{$UUID\}$"
	output=$(parse cut <<<"$output")
	assert_json '.[] | select(.name == "Mail Writer").id' '{0b6c9a12-5f35-4c0e-8d3a-2f4e6b7c8d02}'
	assert_json '[.[].components[]] | sort | join(", ")' 'Database Writer:\instance\accounts, Mail Writer:\mail'
}

@test "diskshadow's list shadows: the sixth word of the last line" {
	two_sets
	for words in "all 3" "set {$both} 2" "set $alone 1"; do
		run commands "list shadows ${words% *}"
		assert_equal "$(tail -n 1 <<<"$output" | cut -d ' ' -f 6)" "${words##* }"
		finds "${words##* }" '- Creation time: [0-9-]{10} [0-9:]{8}$'
		assert_equal "$(grep -ic 'Creation Time: ' <<<"$output")" "${words##* }"
		finds "${words##* }" "\* Shadow copy ID = \{$UUID\}"
		finds "${words##* }" '- Shadow copy device name: /'
		output=$(parse shadows <<<"$output")
		assert_json '[.[] | .["Original count of shadow copies"] | tonumber > 0] | all'
		assert_json '[.[] | has("Exposed") and has("Originating machine") and has("Attributes")] | all'
	done
}

@test "diskshadow's CREATE: aliases, the set, and its list" {
	run commands "add volume $(volume data) alias Data" "add volume $(volume log)" create
	finds 1 "^Alias Data for shadow ID \{$UUID\} set as environment variable\.$"
	finds 1 "^Alias VSS_SHADOW_2 for shadow ID \{$UUID\} set as environment variable\.$"
	finds 1 "^Alias VSS_SHADOW_SET for shadow set ID \{$UUID\} set as environment variable\.$"
	finds 1 "^Querying all shadow copies with the shadow copy set ID \{$UUID\}$"
	finds 1 '^Number of shadow copies listed: 2$'
	set=$(sed -n 's/^Alias VSS_SHADOW_SET for shadow set ID \(.*\) set as.*/\1/p' <<<"$output")
	output=$(sed '1,/^Querying/d' <<<"$output" | parse shadows)
	assert_json 'map(.alias) | join(" ")' 'Data VSS_SHADOW_2'
	assert_json 'map(.["Shadow copy set"]) | unique | join(" ")' "$set"
}

@test "diskshadow's words for what is exposed" {
	run commands 'set context persistent' "add volume $(volume data) alias Data" create "expose %Data% $T/mnt/x" 'unexpose %Data%'
	finds 1 "^The shadow copy was successfully exposed as $T/mnt/x/?\.$"
	finds 1 "^Shadow copy ID \{$UUID\} is no longer exposed\.$"
}

@test "diskshadow's list providers" {
	run commands 'list providers'
	finds 1 '^[0-9]+ providers registered\.$'
	finds "$(grep -c '^\* ProviderID: ' <<<"$output")" "^\* ProviderID: \{$UUID\}$"
	finds 1 '^\s+Name: .*fake provider'
	finds "$(grep -c '^\* ProviderID: ' <<<"$output")" '^\s+Version: [0-9.]+$'
}

@test "the log of a session is read as UTF-16" {
	echo 'list writers detailed' >"$T/s"
	diskshadow /s "$T/s" /l "$T/log" >"$T/out"
	run python3 -c 'import sys; sys.stdout.write(open(sys.argv[1], encoding="utf-16").read())' "$T/log"
	assert_output "$(<"$T/out")"
	run iconv -f UTF-16 -t UTF-8 "$T/log"
	finds 1 '\* WRITER "Mail Writer"$'
}
