#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154,SC2030,SC2031 # run and common set stderr and started_pid; exports belong to one test
load ../lib/common
load ../lib/lists
load ../lib/stories

setup() {
	vss_setup
	export VSS_BLOCK_REVERT_PATH=$T/block-revert.d
	fake_volumes a
	v=$(volume a)
	furnish "$v"
	cp -a "$v" "$T/before"
}

# A tree with what a copy must bring back: holes, hard links, links, modes, times, attributes, odd names.
furnish() {
	mkdir -p "$1/dir/deep" "$1/empty" "$1/gone-later"
	seq 1000 >"$1/file"
	seq 10 >"$1/dir/deep/x"
	ln "$1/file" "$1/dir/second-name"
	ln -s ../file "$1/dir/link"
	truncate -s 1M "$1/hole"
	printf end >>"$1/hole"
	touch -d '2001-02-03 04:05:06.123456789' "$1/dir/deep/x"
	mkfifo "$1/fifo"
	chmod 4750 "$1/dir/deep/x"
	printf 'odd' >"$1/a"$'\n'"b"
	echo same >"$1/same"
	chmod 711 "$1/dir"
	touch -d '2002-02-03 04:05:06' "$1/dir" "$1/empty" "$1"
}

spoil() {
	seq 2000 >"$1/file"
	rm -r "$1/gone-later" "$1/dir/link" "$1/empty"
	echo in-the-way >"$1/empty"
	rm "$1/dir/deep/x"
	mkdir "$1/dir/deep/x" "$1/new" "$1/new/deep"
	echo new >"$1/new/deep/file"
	rm "$1/hole"
	head -c 1048579 /dev/zero >"$1/hole"
	chmod 777 "$1/dir" "$1/same"
}

create() { create-shadow --json "$v" | jq -r '.shadows[0].id'; }

# As the volume was, by tools of others.
assert_as_before() {
	local list='%P %y %m %U %G %n %l %T@ %s\n'
	run diff -r "$T/before" "$v" --exclude=.vss-shadows
	[[ -z ${output//File*is a fifo*/} ]] || fail "$output"
	run diff <(cd "$T/before" && find . -mindepth 1 -printf "$list" | grep -v ' d ' | LC_ALL=C sort) \
		<(cd "$v" && find . -mindepth 1 -path ./.vss-shadows -prune -o -printf "$list" | grep -v ' d ' | LC_ALL=C sort)
	assert_output ''
	run diff <(cd "$T/before" && find . -type d -mindepth 1 -printf '%P %m %T@\n' | LC_ALL=C sort) \
		<(cd "$v" && find . -mindepth 1 -path ./.vss-shadows -prune -o -type d -printf '%P %m %T@\n' | LC_ALL=C sort)
	assert_output ''
	[ "$v/file" -ef "$v/dir/second-name" ]
	[ "$(stat -c %b "$v/hole")" -lt 2048 ]
}

@test "a volume is put back to what it was: content, attributes, links, holes, and nothing else stays" {
	id=$(create)
	spoil "$v"
	run --separate-stderr revert-shadow "$id"
	assert_success
	assert_output "$v was put back to shadow copy {$id}."
	assert_as_before
	run find "$v/.vss-shadows" -name '*.revert'
	assert_output ''
	run list-shadows --columns id
	assert_output "{$id}"
}

@test "it is said as JSON, or not at all, and a dry run changes nothing" {
	id=$(create)
	spoil "$v"
	run revert-shadow -n "$id"
	assert_output "Would put $v back to shadow copy {$id}."
	[ -e "$v/new/deep/file" ]
	run revert-shadow -n --json "$id"
	assert_json .reverted false
	run revert-shadow --json "${id:0:8}"
	assert_json .id "$id"
	assert_json .volume "$v"
	assert_json .reverted true
	assert_json .pending false
	run revert-shadow -q "$id"
	assert_output ''
	assert_as_before
}

@test "only the older of two copies is what it is put back to, and the younger one stays" {
	id=$(create)
	spoil "$v"
	younger=$(create)
	revert-shadow -q "$id"
	assert_as_before
	revert-shadow -q "$younger"
	[ -e "$v/new/deep/file" ]
	[ "$(list-shadows --json | jq '[.[].shadows[]] | length')" = 2 ]
}

@test "a volume in use is refused with the names of who uses it, unless forced" {
	id=$(create)
	spoil "$v"
	start tail -f "$v/same"
	wait_until 10 test -e "/proc/$started_pid/fd/3"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "tail ($started_pid) (VSS_E_VOLUME_IN_USE)"
	[ -e "$v/new/deep/file" ]
	revert-shadow -q --force "$id"
	assert_as_before
}

@test "a working directory on it is a use as well" {
	id=$(create)
	cd "$v"
	run --separate-stderr revert-shadow "$id"
	cd "$T"
	assert_equal "$status" 1
	assert_sentence revert-shadow "VSS_E_VOLUME_IN_USE"
}

@test "a program does not put back the volume that it lies on" {
	cp "$VSS_BUILD/bin/revert-shadow" "$v/own"
	id=$(create)
	run --separate-stderr "$v/own" --force "$id"
	assert_equal "$status" 1
	assert_sentence own "this program itself"
}

@test "a copy that is not there, or goes with a command, is refused" {
	run --separate-stderr revert-shadow 12345678-1234-1234-1234-123456789abc
	assert_equal "$status" 1
	assert_sentence revert-shadow "(VSS_E_OBJECT_NOT_FOUND)"
	# shellcheck disable=SC2016 # the words are for that shell
	run --separate-stderr create-shadow "$v" -- sh -c 'revert-shadow "$VSS_SHADOW_1" || exit 7'
	[ "$status" != 0 ]
	[[ $stderr == *VSS_E_UNSUPPORTED_CONTEXT* ]]
}

@test "two at once: the second is refused" {
	id=$(create)
	spoil "$v"
	stop_at revert.begun:stop start revert-shadow -q "$id"
	wait_until 10 is_stopped "$started_pid"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "(VSS_E_REVERT_IN_PROGRESS)"
	run --separate-stderr create-shadow --wait 0 "$v"
	assert_equal "$status" 5
	kill -CONT "$started_pid"
	wait "$started_pid"
	assert_as_before
}

@test "a deletion waits until the revert is over" {
	id=$(create)
	spoil "$v"
	run stop_at revert.begun revert-shadow -q "$id"
	assert_equal "$status" 137
	run --separate-stderr delete-shadow "$id"
	assert_equal "$status" 1
	[[ $stderr == *VSS_E_REVERT_IN_PROGRESS* ]]
}

@test "killed at any point: others say so, the next one completes it" {
	for point in revert.begun restore.temporary revert.done copies.reverted; do
		id=$(create)
		spoil "$v"
		run stop_at "$point" revert-shadow -q "$id"
		assert_equal "$point $status" "$point 137"
		run --separate-stderr delete-shadow --for "$v" --oldest -n
		run --separate-stderr delete-shadow --set 12345678-1234-1234-1234-123456789abc
		[[ $stderr == *"was put back in part"* ]] || fail "$point: $stderr"
		revert-shadow -q "$id"
		assert_as_before
		run find "$v" -name '.vss-put-*' -o -name '*.revert'
		assert_output ''
		delete-shadow -q --all
		rm -rf "$v" && cp -a "$T/before" "$v"
	done
}

@test "what is left for the next start is done there and not before" {
	id=$(create)
	spoil "$v"
	start tail -f "$v/same"
	run revert-shadow --at-boot "$id"
	assert_success
	assert_output --partial "when the machine starts next"
	vss-restore-at-boot
	[ -e "$v/new/deep/file" ]
	run --separate-stderr revert-shadow "$id"
	VSS_BOOT_ID=$(cat /proc/sys/kernel/random/uuid) run vss-restore-at-boot
	assert_success
	assert_output "1 put back to their shadow copies"
	assert_as_before
}

@test "one that was cut short is completed when the machine starts" {
	id=$(create)
	spoil "$v"
	run stop_at restore.temporary revert-shadow -q "$id"
	VSS_BOOT_ID=$(cat /proc/sys/kernel/random/uuid) run vss-restore-at-boot -q
	assert_success
	assert_as_before
}

@test "what is not over is listed: while it runs, when it was cut short, and when it waits" {
	run -0 revert-shadow --list
	assert_output 'No items found that satisfy the query.'
	run -0 revert-shadow --list --json
	assert_output '[]'
	id=$(create)
	spoil "$v"
	stop_at revert.begun:stop start revert-shadow -q "$id"
	wait_until 10 is_stopped "$started_pid"
	run -0 revert-shadow --list
	assert_line --index 0 --regexp "^Revert of volume: \\($v\\)\\\\\\\\\\?\\\\Volume\\{[0-9a-f-]{36}\\}\\\\\$"
	assert_line --index 1 "   Shadow Copy ID: {$id}"
	assert_line --index 2 '   State: Running'
	assert_equal "${#lines[@]}" 3
	kill -KILL "$started_pid"
	wait "$started_pid" || true
	run -0 revert-shadow --list
	assert_line --index 2 '   State: Waiting'
	run -0 revert-shadow --list --json
	assert_json '.[0].running' false
	assert_json '.[0].id' "$id"
	assert_json '.[0].volume' "$v"
	revert-shadow -q "$id"
	run -0 revert-shadow --list
	assert_output 'No items found that satisfy the query.'
	revert-shadow -q --at-boot "$id"
	run -0 revert-shadow --list --json
	assert_json '.[0] | [.id, .running] | tostring' "[\"$id\",false]"
}

@test "either one copy or the list" {
	for words in '' '--list x' '--list --force' 'x y'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr revert-shadow $words
		assert_equal "$status" 2
		assert_sentence revert-shadow ''
	done
}

@test "writers of block-revert.d keep a volume from being put back" {
	id=$(create)
	test_writer One a </dev/null
	mkdir "$VSS_BLOCK_REVERT_PATH"
	printf '# those\nSomebody else\n' >"$VSS_BLOCK_REVERT_PATH/a.conf"
	revert-shadow -q "$id"
	echo One >>"$VSS_BLOCK_REVERT_PATH/a.conf"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 6
	[[ $stderr == *blocks\ putting\ volumes\ back* ]]
	chmod 666 "$VSS_BLOCK_REVERT_PATH/a.conf"
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
}

@test "a failure of the provider is told" {
	id=$(create)
	VSS_FAKE_FAULTS=revert=fail run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 1
	assert_sentence revert-shadow "(VSS_E_PROVIDER_VETO)"
}

@test "a full stdout is not a success" {
	id=$(create)
	assert_full revert-shadow "$id"
}
