#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Transportable copies: the document and the streams of one machine, read on another (another state and run directory, other volumes).
# shellcheck disable=SC2154,SC2030,SC2031 # run and common set variables; exports belong to one test
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	requires tar sha256sum
	fake_volumes a b
	seq 1000 >"$(volume a)/file"
	mkdir "$(volume a)/dir"
	ln "$(volume a)/file" "$(volume a)/dir/second"
	truncate -s 1M "$(volume a)/hole"
	touch -d '2001-02-03 04:05:06.123456789' "$(volume a)/dir/second"
	echo b >"$(volume b)/file"
	mkdir "$T/way"
}

# pack VOLUME...: the set, as $T/way/set.xml.
pack() { create-shadow --json --transportable --document "$T/way/set.xml" "$@" >"$T/made"; }

# elsewhere: another machine, with the volume c.
elsewhere() {
	export VSS_STATE_DIR=$T/state2 VSS_RUN_DIR=$T/run2
	fake_volumes c
	c=$(volume c)
}

# Nothing of an import is there.
assert_nothing() {
	run list-shadows --json
	assert_output '[]'
	delete-shadow -q --for "$c"
	assert_not_exist "$c/.vss-shadows"
}

@test "a set goes to another machine: content, IDs, time, origin and grade stay" {
	pack "$(volume a)" "$(volume b)"
	assert_equal "$(cd "$T/way" && sha256sum --quiet -c set.xml.sha256)" ''
	set=$(jq -r .set_id "$T/made")
	run list-shadows
	assert_line --partial 'Transportable'
	assert_not_exist "$VSS_RUN_DIR/shadows/$(jq -r '.shadows[0].id' "$T/made")"
	run --separate-stderr expose-shadow "$(jq -r '.shadows[0].id' "$T/made")" "$T/x"
	assert_equal "$status" 4
	assert_sentence expose-shadow "on the machine that imports it"
	elsewhere
	run import-shadow --to "$c" "$T/way/set.xml"
	assert_success
	assert_line --partial "Imported shadow copy set {$set}"
	run list-shadows --json
	assert_json '.[0].set_id' "$set"
	assert_json '.[0].created' "$(jq -r .created "$T/made")"
	assert_json '.[0].grade' crash
	assert_json '.[0].shadows | length' 2
	assert_json '.[0].shadows[0].attributes | index("Imported") != null' true
	device=$(jq -r '.[0].shadows[0].device' <<<"$output")
	diff -r --exclude=.vss-shadows "$T/volumes/a" "$device"
	[ "$device/file" -ef "$device/dir/second" ]
	assert_equal "$(stat -c %y "$device/dir/second")" "$(stat -c %y "$T/volumes/a/dir/second")"
	[ "$(stat -c %b "$device/hole")" -lt 1000 ]
	delete-shadow -q --all
	assert_not_exist "$c/.vss-shadows"
}

@test "once only, and not where it comes from" {
	pack "$(volume a)"
	run --separate-stderr import-shadow --to "$(volume b)" "$T/way/set.xml"
	assert_equal "$status" 1
	assert_sentence import-shadow "(VSS_E_OBJECT_ALREADY_EXISTS)"
	elsewhere
	import-shadow -q --to "$c" "$T/way/set.xml"
	run --separate-stderr import-shadow --to "$c" "$T/way/set.xml"
	assert_equal "$status" 1
	assert_sentence import-shadow "(VSS_E_OBJECT_ALREADY_EXISTS)"
	assert_equal "$(list-shadows --json | jq '[.[].shadows[]] | length')" 1
}

@test "an imported copy can be exposed and broken, and no volume is put back to it" {
	pack "$(volume a)"
	elsewhere
	import-shadow -q --to "$c" "$T/way/set.xml"
	id=$(jq -r '.shadows[0].id' "$T/made")
	run --separate-stderr revert-shadow "$id"
	assert_equal "$status" 4
	assert_sentence revert-shadow "another machine's"
	expose-shadow -q "$id" "$T/x"
	assert_equal "$(wc -l <"$T/x/file")" 1000
	expose-shadow -q --remove "$T/x"
	break-shadow -q --writable --name own "$id"
	assert_equal "$(wc -l <"$c/own/file")" 1000
}

@test "what is damaged, missing or not complete is refused before anything is made" {
	pack "$(volume a)" "$(volume b)"
	stream=$(echo "$T/way/$(jq -r '.shadows[0].id' "$T/made")".*)
	cp -a "$T/way" "$T/good"
	elsewhere
	for harm in "truncate -s -1 $stream" "truncate -s 0 $stream" "rm $stream" "rm $T/way/set.xml.sha256" \
		"sed -i s/host=/tsoh=/ $T/way/set.xml" "sed -i 2d $T/way/set.xml.sha256" "truncate -s 0 $T/way/set.xml.sha256"; do
		$harm
		run --separate-stderr import-shadow --to "$c" "$T/way/set.xml"
		assert_equal "$harm: $status" "$harm: 1"
		assert_sentence import-shadow
		assert_nothing
		rm -rf "$T/way" && cp -a "$T/good" "$T/way"
	done
	# Right digests of what is no stream.
	echo nonsense >"$stream"
	(cd "$T/way" && sha256sum ./*.fake set.xml | sed 's|\./||' >set.xml.sha256)
	run --separate-stderr import-shadow --to "$c" "$T/way/set.xml"
	assert_equal "$status" 1
	assert_nothing
}

@test "killed at any point: the next run leaves a whole set or none" {
	pack "$(volume a)" "$(volume b)"
	elsewhere
	for point in import.received import.before-save import.saved; do
		run stop_at $point import-shadow --to "$c" "$T/way/set.xml"
		assert_equal "$point $status" "$point 137"
		delete-shadow -q --for nowhere 2>/dev/null || :
		if [ $point = import.saved ]; then
			assert_equal "$(list-shadows --json | jq '[.[].shadows[]] | length')" 2
			delete-shadow -q --all
		fi
		assert_nothing
	done
}

@test "words that do not go together; names that are taken; a dry run" {
	run --separate-stderr create-shadow --transportable "$(volume a)"
	assert_equal "$status" 2
	assert_sentence create-shadow "--transportable needs --document FILE"
	run --separate-stderr create-shadow --document "$T/x" "$(volume a)"
	assert_equal "$status" 2
	run --separate-stderr create-shadow --context client-accessible --transportable --document "$T/x" "$(volume a)"
	assert_equal "$status" 4
	touch "$T/x"
	run --separate-stderr create-shadow --transportable --document "$T/x" "$(volume a)"
	assert_equal "$status" 1
	assert_sentence create-shadow "File exists"
	run list-shadows --json
	assert_output '[]'
	run create-shadow --transportable --document "$T/way/text.xml" "$(volume a)"
	assert_success
	refute_line --partial 'Shadow Copy Volume Name' # it is not shown here
	delete-shadow -q --all
	pack "$(volume a)"
	elsewhere
	run --separate-stderr import-shadow "$T/way/set.xml"
	assert_equal "$status" 2
	assert_sentence import-shadow "--to DIR"
	run import-shadow -n --to "$c" "$T/way/set.xml"
	assert_success
	assert_line --partial 'Would import'
	run import-shadow -n --json --to "$c" "$T/way/set.xml"
	assert_json '.[0].set_id' "$(jq -r .set_id "$T/made")"
	assert_nothing
}

@test "a full stdout is not a success" {
	pack "$(volume a)"
	elsewhere
	assert_full import-shadow -n --to "$c" "$T/way/set.xml"
}
