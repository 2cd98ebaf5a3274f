#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Providers that are programs of their own (vss-provider(7)), by vss-test-provider: they make copies, and whatever one of them does
# wrong, the set fails with the right words and nothing is left.

# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/external

setup() {
	vss_setup
	fake_volumes a b c
	echo first >"$(volume a)/file"
	echo second >"$(volume b)/file"
}

first_shadow() { list-shadows --json | jq -r '.[0].shadows[0].id'; }

@test "an external provider makes the copy, before those that are built in" {
	external array 1 Type=hardware <<<'can atomic-set=yes differential=yes'
	run create-shadow "$(volume a)" "$(volume b)"
	assert_success
	assert_output --partial "one instant"
	assert_equal "$(kept array)" 2
	run list-shadows
	assert_line --partial "Provider: 'Provider array'"
	assert_line --partial "Hardware assisted"
	local id
	id=$(first_shadow)
	assert_equal "$(cat "$VSS_RUN_DIR/shadows/$id/file")" first
	run delete-shadow --all
	assert_success
	assert_nothing_left array
}

@test "the phases come in their order, those of a set from one process" {
	external array 1 </dev/null
	create-shadow -q "$(volume a)"
	assert_equal "$(grep set= "$T/array.log" | cut -d' ' -f1 | paste -sd' ')" \
		"begin prepare pre-commit commit post-commit final-commit"
	assert_equal "$(grep set= "$T/array.log" | cut -d' ' -f2,3 | sort -u | wc -l)" 1
}

@test "it is listed with type, ID and what it says of itself" {
	external soft 2 Type=software <<<'can atomic-set=yes'
	external array 1 Type=hardware </dev/null
	run list-providers
	assert_line --index 0 "Provider name: 'Provider array'"
	assert_line --index 1 --partial "Hardware"
	assert_line --index 2 --partial "{b0ac6b5e-3b4e-4d58-8fb1-000000000001}"
	run list-providers --json
	assert_json '.[0].name' array
	assert_json '.[1] | .name == "soft" and .type == "Software" and .atomic_set'
	assert_json '.[0].atomic_set | not'
	assert_json '[.[].name] | index("fake") > 1'
}

@test "hardware is asked before software, of one kind the better bid wins, and what it does not take goes on" {
	external soft 1 <<<'bid 100'
	external big 2 Type=hardware <<<"bid 10
volume $(volume a)"
	external small 3 Type=hardware <<<"bid 5
volume $(volume a)"
	create-shadow -q "$(volume a)"
	create-shadow -q "$(volume b)"
	run list-shadows --columns volume,provider
	assert_equal "$(kept big) $(kept small) $(kept soft)" "1 0 1"
}

@test "a provider is chosen by name or ID; one that is unknown, or does not take it, is refused" {
	external array 1 <<<"volume $(volume a)"
	create-shadow -q --provider fake "$(volume a)"
	assert_equal "$(kept array)" 0
	create-shadow -q --provider '{B0AC6B5E-3B4E-4D58-8FB1-000000000001}' "$(volume a)"
	assert_equal "$(kept array)" 1
	run --separate-stderr create-shadow --provider array "$(volume b)"
	assert_failure 4
	assert_sentence create-shadow VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER
	run --separate-stderr create-shadow --provider nobody "$(volume a)"
	assert_sentence create-shadow VSS_E_PROVIDER_NOT_REGISTERED
}

@test "a registration that is not trusted, not whole or not unique is refused aloud, one that is masked silently" {
	external loose 1 </dev/null
	chmod 666 "$VSS_PROVIDERS_PATH/loose.provider"
	external twin 2 </dev/null
	external zwilling 2 </dev/null
	external masked 3 </dev/null
	ln -sf /dev/null "$VSS_PROVIDERS_PATH/masked.provider"
	external fake 4 </dev/null
	printf '[Provider]\nId=b0ac6b5e-3b4e-4d58-8fb1-000000000005\n' >"$VSS_PROVIDERS_PATH/empty.provider"
	printf '[Provider]\nColour=blue\n' >"$VSS_PROVIDERS_PATH/odd.provider"
	run --separate-stderr list-providers --columns name
	assert_success
	assert_line twin
	refute_line loose
	refute_line zwilling
	refute_line masked
	assert_equal "$(grep -c '^fake$' <<<"$output")" 1
	for wanted in "provider loose: not used: .*writable by others" "provider zwilling: not used: .*has the Id= of provider twin" \
		"provider fake: not used: .*a built-in provider has this name" "provider empty: not used: .*no Exec=" \
		"provider odd: not used: .*line 2: Colour= is not known"; do
		assert_regex "$stderr" "$wanted"
	done
	refute_regex "$stderr" masked
	run create-shadow --provider loose "$(volume a)"
	assert_failure
	assert_output --partial "loose: this provider is not used"
	assert_output --partial VSS_E_PROVIDER_NOT_REGISTERED
	[ ! -s "$T/loose.log" ] || fail "loose was run"
}

@test "in a trial only what the trial registers takes part" {
	external array 1 </dev/null
	(
		unset VSS_PROVIDERS_PATH
		list-providers --columns name
	) >"$T/names"
	run cat "$T/names"
	assert_line fake
	refute_line array
}

# wrong EVENT WHAT STATUS WORDS...: a set of a and b is made while the provider does that; it fails with these words.
wrong() {
	local event=$1 what=$2 wanted=$3
	shift 3
	external array 1 Timeout="${timeout:-1h}" <<<"can atomic-set=yes
at $event $what"
	run --separate-stderr create-shadow "$(volume a)" "$(volume b)"
	[ "$status" = "$wanted" ] || fail "$event $what: status $status, not $wanted: $stderr"
	for text; do
		[[ $stderr == *"$text"* ]] || fail "$event $what: no \"$text\" in: $stderr"
	done
	# On a machine that is slow it takes longer than the set waits to have it killed, which is told in a line of its own.
	stderr=$(grep -v ': a provider does not come back: ' <<<"$stderr")
	assert_sentence create-shadow "provider array"
	printf 'keep %s\nlog %s\n' "$T/keep/array" "$T/array.log" >"$T/array.script"
	assert_nothing_left array
}
events="hello volume check plan begin prepare pre-commit commit post-commit surface final-commit"

@test "its veto at any event fails the set with its words, and nothing is left" {
	for event in $events; do
		wrong "$event" 'fail VSS_E_PROVIDER_VETO "the array is being moved"' 1 "the array is being moved" VSS_E_PROVIDER_VETO
	done
}

@test "the codes that a provider may answer with are handed on, any other is unexpected" {
	wrong commit 'fail VSS_E_INSUFFICIENT_STORAGE "no room"' 1 "no room" VSS_E_INSUFFICIENT_STORAGE
	wrong check 'fail VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED' 1 VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED
	wrong begin 'fail VSS_E_UNSUPPORTED_CONTEXT' 4 VSS_E_UNSUPPORTED_CONTEXT
	wrong begin 'fail E_ACCESSDENIED "no login"' 1 "no login"
	for event in $events; do
		wrong "$event" 'fail VSS_E_WRITERERROR_TIMEOUT odd' 1 "odd (it failed with VSS_E_WRITERERROR_TIMEOUT)" \
			VSS_E_UNEXPECTED_PROVIDER_ERROR
	done
}

@test "when it dies at any event, before or after its work, the set fails with its last words, and nothing is left" {
	for event in $events; do
		wrong "$event" 'die "out of order" status=3' 1 "it ended with status 3 at $event: out of order" VSS_E_UNEXPECTED
		wrong "$event" 'die when=after' 1 "signal 9 (Killed) at $event" VSS_E_UNEXPECTED_PROVIDER_ERROR
	done
}

@test "when it talks nonsense at any event the set fails, and nothing is left" {
	for event in $events; do
		wrong "$event" 'raw "nonsense\012"' 1 VSS_E_UNEXPECTED_PROVIDER_ERROR
	done
	wrong begin 'raw "ok 999\012"' 1 "an answer to something else"
	wrong begin 'raw "fail 2\012"' 1 "a failure without a code"
	wrong begin 'raw "a  b\012"' 1 "separated by exactly one space"
	wrong commit 'answer instant many' 1 "stands twice"
	wrong volume 'answer bid none' 1 "stands twice"
	wrong surface 'answer device /dev/null' 1 "directory= or device= is expected, one of them"
	wrong commit 'copy nobody' 1 "a UUID is expected"
	wrong commit 'copy b0ac6b5e-3b4e-4d58-8fb1-000000000001 x' 1 "a copy that is not expected"
}

@test "when it stalls at any event it is given up in time, and nothing is left" {
	local event
	mkdir "$T/lanes"
	for event in $events; do
		(
			T=$T/lanes/$event
			export VSS_STATE_DIR=$T/state VSS_RUN_DIR=$T/run VSS_PROVIDERS_PATH=$T/p
			fake_volumes a b
			timeout=4s
			wrong "$event" 'stall stubborn=yes' 1 "no answer to $event in time" VSS_E_UNEXPECTED_PROVIDER_ERROR
			touch "$T/good"
		) 3>&- &
	done
	wait
	for event in $events; do
		[ -e "$T/lanes/$event/good" ] || fail "$event"
	done
}

@test "what was promised to be one instant and is not fails" {
	external array 1 <<<'can atomic-set=yes
instant many'
	run --separate-stderr create-shadow "$(volume a)" "$(volume b)"
	assert_failure 6
	run create-shadow --min-grade ordered "$(volume a)" "$(volume b)"
	assert_success
	assert_equal "$(kept array)" 2
}

@test "two externals and a built-in one in a set" {
	external left 1 <<<"volume $(volume a)"
	external right 2 <<<"volume $(volume b)"
	run create-shadow --min-grade ordered "$(volume a)" "$(volume b)" "$(volume c)"
	assert_success
	assert_equal "$(kept left) $(kept right)" "1 1"
	run list-shadows --json
	assert_json '[.[0].shadows[].provider] | sort | join(" ")' "fake left right"
	assert_equal "$(find "$VSS_STATE_DIR/external" -name '*.xml' | wc -l)" 2
	run delete-shadow --all
	assert_success
	assert_nothing_left left right

	external right 2 <<<"volume $(volume b)
at commit fail VSS_E_PROVIDER_VETO"
	run create-shadow --min-grade ordered "$(volume a)" "$(volume b)" "$(volume c)"
	assert_failure 1
	assert_nothing_left left right
	assert_file_not_exist "$(volume c)/.vss-shadows"
}

@test "a copy is exposed, backed up and restored" {
	external array 1 <<<'can atomic-set=yes'
	create-shadow -q "$(volume a)"
	run expose-shadow "$(first_shadow)" "$T/shown"
	assert_success
	assert_equal "$(cat "$T/shown/file")" first
	run expose-shadow --remove "$T/shown"
	assert_success
	run backup -o "$T/archive" "$(volume a)"
	assert_success
	assert_equal "$(kept array)" 1 # that of the backup has gone
	run restore --target "$T/back" "$T/archive"
	assert_success
	assert_equal "$(cat "$T/back$(volume a)/file")" first
	delete-shadow -q --all
	assert_nothing_left array
}

@test "a copy that has gone behind our back is missing" {
	external array 1 </dev/null
	create-shadow -q "$(volume a)"
	rm -r "$T/keep/array/$(first_shadow)"
	run delete-shadow --all
	assert_success
	assert_nothing_left array
}

@test "what fails when a copy is deleted is told, and the copy stays known" {
	external array 1 <<<'at delete fail VSS_E_PROVIDER_VETO "it is being replicated"'
	create-shadow -q "$(volume a)"
	run delete-shadow --all
	assert_failure
	assert_output --partial "it is being replicated"
	assert_equal "$(list-shadows --json | jq '[.[].shadows[]] | length')" 1
	sed -i '/^at/d' "$T/array.script"
	delete-shadow -q --all
	assert_nothing_left array
}

@test "when its registration has gone its copies stay listed and are not deleted" {
	external array 1 </dev/null
	create-shadow -q "$(volume a)"
	mv "$VSS_PROVIDERS_PATH/array.provider" "$T"
	run delete-shadow --all
	assert_failure
	assert_output --partial VSS_E_PROVIDER_NOT_REGISTERED
	mv "$T/array.provider" "$VSS_PROVIDERS_PATH"
	delete-shadow -q --all
	assert_nothing_left array
}

points() { sed -nE 's/^(provider\.external\.[^ ]*) .*/\1/p' "$REPO/lib/base/STOPS"; }

@test "killed at any point of it: the next run leaves a whole set or none" {
	local point
	for point in $(points); do
		external array 1 <<<'can atomic-set=yes
at abort fail VSS_E_PROVIDER_VETO unless=/'
		case $point in
		*.abort) sed -i 's/^at abort.*/at commit fail VSS_E_PROVIDER_VETO/' "$T/array.script" ;;
		*.remove)
			create-shadow -q "$(volume a)" "$(volume b)"
			run stop_at "$point:kill" delete-shadow --all
			[ "$status" = 137 ] || fail "$point: status $status"
			delete-shadow -q --all
			assert_nothing_left array
			continue
			;;
		esac
		run stop_at "$point:kill" create-shadow "$(volume a)" "$(volume b)"
		[ "$status" = 137 ] || fail "$point: status $status: $output"
		sed -i '/^at/d' "$T/array.script"
		delete-shadow -q --for "$(volume c)"
		[ "$(marks)" = 0 ] || fail "$point: a mark is left"
		case $point in
		*.done)
			[ "$(kept array)" = 2 ] || fail "$point: $(kept array) copies"
			delete-shadow -q --all
			;;
		esac
		assert_nothing_left array
	done
}

@test "the copies of a dead run are aborted by the next one when the provider died with it" {
	external array 1 <<<"at commit touch $T/made when=after
at commit await $T/never when=after
at abort die"
	start create-shadow "$(volume a)"
	wait_until 10 test -e "$T/made"
	kill -KILL "$started_pid"
	sed -n 's/.*pid=\([0-9]*\).*/\1/p' "$T/array.log" | sort -u | while read -r pid; do
		kill -KILL "$pid" 2>/dev/null || :
	done
	wait_until 10 no_provider_runs
	assert_equal "$(kept array)" 1
	assert_equal "$(marks)" 1

	# While it cannot be asked the mark stays.
	run delete-shadow --for "$(volume c)"
	assert_equal "$(marks)" 1
	printf 'keep %s\n' "$T/keep/array" >"$T/array.script"
	delete-shadow -q --for "$(volume c)"
	assert_nothing_left array
}

@test "what it complains of is heard with -vv, also when it floods" {
	external loud 1 </dev/null
	cat >"$T/loud" <<-EOF
		#!/bin/sh
		seq 30000 >&2
		echo "the fan is loud" >&2
		exec $VSS_BUILD/bin/vss-test-provider $T/loud.script
	EOF
	chmod 755 "$T/loud"
	sed -i "s|^Exec=.*|Exec=$T/loud|" "$VSS_PROVIDERS_PATH/loud.provider"
	run create-shadow -vv "$(volume a)"
	assert_success
	assert_line --partial "provider loud: 1"
}

@test "a volume is described to it" {
	external array 1 </dev/null
	cat >"$T/listen" <<-EOF
		#!/bin/sh
		tee -a $T/said | $VSS_BUILD/bin/vss-test-provider $T/array.script
	EOF
	chmod 755 "$T/listen"
	sed -i "s|^Exec=.*|Exec=$T/listen|" "$VSS_PROVIDERS_PATH/array.provider"
	create-shadow -q "$(volume a)"
	run cat "$T/said"
	assert_line "event 1 hello version=1 limit-ms=10000"
	assert_line --regexp "^volume mount=$(volume a) id=[0-9a-f-]{36} source=[^ ]* fstype=fake"
	assert_line --regexp "^event [0-9]+ begin set=[0-9a-f-]{36} limit-ms=10000 instant=many$"
	assert_line --regexp "^copy [0-9a-f-]{36} mount=$(volume a) id="
}

# The library's part of the contract, with nobody but the provider.
@test "what it holds it releases by itself when its time is over, and the set fails from then on" {
	external array 1 </dev/null
	mkfifo "$T/events"
	exec 8<>"$T/events"
	start bash -c "exec vss-test-provider '$T/array.script' <'$T/events' >'$T/answers' 8>&-"
	printf 'event 1 hello version=1 limit-ms=10000\nend\nevent 2 begin set=x limit-ms=1 instant=many\nend\n' >&8
	printf 'event 3 prepare set=x\nend\nevent 4 pre-commit set=x\nend\n' >&8
	wait_until 10 grep -q ^release "$T/array.log"
	printf 'event 5 commit set=x\nend\n' >&8
	wait_until 10 grep -qx 'fail 5 VSS_E_PROVIDER_VETO "released what it held: the set took too long"' "$T/answers"
	exec 8>&-
	wait_until 10 is_gone "$started_pid"
	assert_equal "$(cut -d' ' -f1 "$T/array.log" | paste -sd' ')" "hello begin prepare pre-commit release abort"
}

@test "at the end of input it aborts the set that it began, and keeps one that is complete" {
	external array 1 </dev/null
	set=b0ac6b5e-3b4e-4d58-8fb1-0000000000aa shadow=b0ac6b5e-3b4e-4d58-8fb1-0000000000bb
	begin=$(printf 'event 1 begin set=%s\ncopy %s mount=%s\nend\n' $set $shadow "$(volume a)")
	run vss-test-provider "$T/array.script" <<<"$begin
event 2 commit set=$set
end"
	assert_success
	assert_line "copy $shadow locator=$T/keep/array/$shadow"
	assert_equal "$(kept array)" 0
	run vss-test-provider "$T/array.script" <<<"$begin
event 2 commit set=$set
end
event 3 final-commit set=$set
end"
	assert_equal "$(kept array)" 1
}

@test "what can be told of its copies is listed, and a volume goes back to one" {
	external array 1 <<<'can revert=yes use=yes'
	create-shadow -q "$(volume a)"
	run list-storage --json
	assert_success
	assert_json '[.. | .used? // empty] | index(4096) != null'
	echo spoilt >"$(volume a)/file"
	run revert-shadow "$(first_shadow)"
	assert_success
	assert_equal "$(cat "$(volume a)/file")" first
	delete-shadow -q --all

	external array 1 </dev/null
	create-shadow -q "$(volume a)"
	run revert-shadow "$(first_shadow)"
	assert_failure 4
	assert_output --partial "provider array: cannot revert volumes"
	run list-storage
	assert_success
}

@test "a dry run says who would make the copies, and begins nothing" {
	external array 1 <<<'can atomic-set=yes'
	run create-shadow -n "$(volume a)" "$(volume b)"
	assert_success
	assert_output --partial array
	assert_equal "$(kept array) $(marks)" "0 0"
	refute grep -q ^begin "$T/array.log"
}
