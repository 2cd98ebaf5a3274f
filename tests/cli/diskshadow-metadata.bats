#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Metadata files (vss-metadata(5)): what CREATE writes, what LOAD METADATA brings back in another process, cabinets of Windows, and
# files that are neither.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for the shell; exports belong to one test; run sets output and stderr
load ../lib/common
load ../lib/diskshadow
load ../lib/stories

cabinet=$REPO/tests/data/windows/metadata.cab # gcab -cz: Manifest.xml BCDocument.xml WM0.xml DisE54E.tmp

setup() {
	vss_setup
	fake_volumes v w
	echo here >"$(volume v)/file"
	m=$T/nightly.cab
	mkdir "$T/snap"
}

create() {
	run --separate-stderr shell "set metadata $m" 'set context persistent' "add volume $(volume v) alias Data" \
		"add volume $(volume w)" "$@" create
	assert_success
}

# same_file: the metadata file is what it was when `keep_file` looked at it, and nothing lies beside it.
keep_file() { sha256sum "$m" >"$T/sum"; }
same_file() {
	sha256sum --quiet -c "$T/sum"
	assert_not_exist "$m.partial"
}

@test "the file of a set is a plain tar archive with its documents, for root alone" {
	test_writer One v </dev/null
	create
	assert_equal "$(stat -c %a "$m")" 600
	assert_equal "$(tar -tf "$m" | sort | paste -sd' ')" "BCDocument.xml Manifest.xml ShadowCopySet.xml WM0.xml"
	assert_equal "$(bsdtar -tf "$m" | wc -l)" 4
	mkdir "$T/x"
	tar -C "$T/x" -xf "$m"
	local kind
	for kind in Manifest:manifest BCDocument:backup-components ShadowCopySet:set WM0:writer-metadata; do
		xmllint --noout --relaxng "$REPO/lib/doc/${kind#*:}.rng" "$T/x/${kind%:*}.xml"
	done
	run xmllint --xpath 'string(//Alias[@Name="VSS_SHADOW_SET"]/@Value)' "$T/x/Manifest.xml"
	assert_output "{$(list-shadows --json | jq -r '.[0].set_id')}"
	run xmllint --xpath 'string(//ShadowCopy[@Alias="Data"]/@OriginalVolume)' "$T/x/Manifest.xml"
	assert_output "$(volume v)"
	run xmllint --xpath 'string(//Writer/@Name)' "$T/x/Manifest.xml"
	assert_output One
}

@test "without writers it has the set and its aliases" {
	create 'set context persistent nowriters'
	assert_equal "$(tar -tf "$m" | sort | paste -sd' ')" "Manifest.xml ShadowCopySet.xml"
}

@test "another process has the aliases of the file: it exposes, unexposes and deletes by them" {
	create 'add alias Place "/the place"'
	run --separate-stderr shell 'load metadata nightly.cab' "expose %Data% $T/snap"
	assert_success
	assert_line --regexp '^Alias Data for shadow ID \{[0-9a-f-]{36}\} set as environment variable\.$'
	assert_line --regexp '^Alias VSS_SHADOW_2 for shadow ID \{'
	assert_line --regexp '^Alias VSS_SHADOW_SET for shadow set ID \{'
	assert_line 'Alias Place for value /the place set as environment variable.'
	assert_equal "$(cat "$T/snap/file")" here
	run --separate-stderr shell "LOAD METADATA \"$m\"" 'unexpose %data%' 'delete shadows set %VSS_SHADOW_SET%'
	assert_success
	assert_line '2 shadow copies deleted.'
	assert_not_exist "$T/snap/file"
	run list-shadows --json
	assert_output '[]'
}

@test "programs that EXEC runs find the aliases of the file" {
	create
	printf '#!/bin/sh\nset | grep "^Data=" >"%s"\n' "$T/seen" >"$T/show"
	chmod 755 "$T/show"
	run --separate-stderr shell "load metadata $m" "exec $T/show"
	assert_success
	run cat "$T/seen"
	assert_output --regexp "^Data='?\{[0-9a-f-]{36}\}'?$"
}

@test "the next run replaces the file, whole or not at all" {
	create
	keep_file
	local set
	set=$(list-shadows --json | jq -r '.[0].set_id')
	# killed before the new one is in its place
	run stop_at job.before-metadata:kill diskshadow /s <(printf '%s\n' "set metadata $m" "add volume $(volume v)" create)
	assert_failure
	assert_exist "$T/stops"
	same_file
	create
	run sha256sum --quiet -c "$T/sum"
	assert_failure
	run --separate-stderr shell "load metadata $m" 'delete shadows set %VSS_SHADOW_SET%'
	assert_success
	run list-shadows --json
	assert_json '.[].set_id' "$set"
}

@test "where the file cannot be written, no set is made" {
	local where
	mkdir "$T/dir"
	mkfifo "$T/fifo"
	ln -s "$T/nowhere" "$T/link"
	for where in "$T/dir" "$T/absent/m.cab" "$T/fifo" "$T/link" /proc/m.cab "$T/snap/"; do
		run --separate-stderr shell "set metadata $where" "add volume $(volume v)" 'create'
		assert_failure
		assert_sentence diskshadow
		run list-shadows --json
		assert_output '[]'
	done
	assert_equal "$(find "$T/dir" "$T/snap" -mindepth 1)" ''
}

# elsewhere: another machine, with the volume c and what lies in $T/way.
elsewhere() {
	export VSS_STATE_DIR=$T/state2 VSS_RUN_DIR=$T/run2
	fake_volumes c
}

@test "a transportable set is imported on another machine, by the file that came with it" {
	mkdir "$T/way"
	run --separate-stderr shell "set metadata $T/way/t.cab" 'set option transportable' 'set context persistent nowriters' \
		"add volume $(volume v) alias Data" "add volume $(volume w)" create
	assert_success
	local set
	set=$(list-shadows --json | jq -r '.[0].set_id')
	run --separate-stderr shell "load metadata $T/way/t.cab" "import to $T"
	assert_failure
	assert_sentence diskshadow 'is here already'
	mkdir "$T/other"
	mv "$T/way" "$T/other/way"
	elsewhere
	run --separate-stderr shell "load metadata $T/other/way/t.cab" "import to"
	assert_failure 2
	assert_sentence diskshadow
	run --separate-stderr shell "load metadata $T/other/way/t.cab" "import to $(volume c)" 'expose %Import_2% '"$T/snap" \
		'expose %data% '"$T/data"
	assert_success
	assert_line --regexp '^Alias Import_1 for shadow ID \{.*\} set as environment variable\.$'
	assert_line --partial 'Imported'
	assert_line 'Number of shadow copies listed: 2'
	assert_equal "$(list-shadows --json | jq -r '.[0].set_id')" "$set"
	assert_equal "$(cat "$T/data/file")" here
	run --separate-stderr shell "load metadata $T/other/way/t.cab" 'delete shadows set %VSS_SHADOW_SET%'
	assert_success
	assert_line '2 shadow copies deleted.'
	cp "$T/other/way/t.cab.set.xml" "$T/other/way/good"
	echo >>"$T/other/way/t.cab.set.xml"
	run --separate-stderr shell "load metadata $T/other/way/t.cab" "import to $(volume c)"
	assert_failure
	assert_sentence diskshadow 'it is damaged'
	rm "$T/other/way/t.cab.set.xml"
	run --separate-stderr shell "load metadata $T/other/way/t.cab" "import to $(volume c)"
	assert_failure
	assert_sentence diskshadow "$T/other/way/t.cab.set.xml"
	run list-shadows --json
	assert_output '[]'
}

@test "what lies beside the file must be of its set" {
	mkdir "$T/one" "$T/two"
	local n
	for n in one two; do
		run --separate-stderr shell "set metadata $T/$n/t.cab" 'set option transportable' 'set context persistent nowriters' \
			"add volume $(volume v)" create
		assert_success
	done
	cp "$T/one/t.cab" "$T/two/t.cab"
	elsewhere
	run --separate-stderr shell "load metadata $T/two/t.cab" "import to $(volume c)"
	assert_failure
	assert_sentence diskshadow 'and not of'
	run list-shadows --json
	assert_output '[]'
}

@test "the example of the page is a manifest" {
	requires mandoc xmllint
	mandoc -T ascii -O indent=0,width=200 "$REPO/man/vss-metadata.5" | sed -n '/<?xml/,/<\/Manifest>/{s/^ *//;p}' >"$T/Manifest.xml"
	xmllint --noout --relaxng "$REPO/lib/doc/manifest.rng" "$T/Manifest.xml"
}

@test "a cabinet of Windows brings its aliases and writers" {
	run --separate-stderr shell "load metadata $cabinet" 'simulate restore' add
	assert_success
	assert_line 'Alias Data for shadow ID {7D1F0A52-3C4B-4B6E-9C1D-5E6F7A8B9C0D} set as environment variable.'
	assert_line '* Writer "Ledger Größe Writer":'
	assert_line $'\t- Component: \\Settings: its writer is not here'
	assert_line --partial 'VSS_SHADOW_SET'
	run --separate-stderr shell "load metadata $cabinet" import
	assert_failure
	assert_sentence diskshadow 'not transportable'
	run --separate-stderr list-writers --from "$cabinet" --json
	assert_success
	assert_json 'map(.name)[0]' 'Ledger Größe Writer'
}

@test "list-writers reads the writers of a metadata file" {
	test_writer One v </dev/null
	create
	run --separate-stderr list-writers --from "$m" --json
	assert_success
	assert_json 'map(.name) | join(" ")' One
	run --separate-stderr list-writers --from "$m" --detailed
	assert_success
	assert_output --partial "$(volume v)"
	head -c 2000 "$m" >"$T/cut.cab"
	run --separate-stderr list-writers --from "$T/cut.cab"
	assert_failure
	assert_sentence list-writers "$T/cut.cab"
}

# not_loaded FILE [TEXT]: one sentence, and nothing of it is taken.
not_loaded() {
	run --separate-stderr shell "load metadata $1"
	assert_failure
	assert_sentence diskshadow "${2-$1}"
	assert_output ''
}

@test "what is no metadata file is refused in one sentence" {
	test_writer One v </dev/null
	create
	local file=$T/bad
	not_loaded "$T/absent"
	not_loaded "$T"
	mkfifo "$T/fifo"
	not_loaded "$T/fifo"
	: >"$file"
	not_loaded "$file" empty
	echo 'no archive' >"$file"
	not_loaded "$file" 'neither a tar archive nor a cabinet'
	head -c 100K /dev/zero >"$file"
	not_loaded "$file"
	truncate -s 200M "$file"
	not_loaded "$file" 'longer than'
	tar -cf "$file" -C "$(volume v)" file
	not_loaded "$file" 'member "Manifest.xml": is missing'
	gzip <"$m" >"$file"
	not_loaded "$file"
}

@test "a file that was cut, at whatever place, is noticed" {
	test_writer One v </dev/null
	create
	local n size
	# the manifest is last, and behind it nothing but zeros
	size=$(tar -tvRf "$m" | sed -n 's/^block \([0-9]*\): .* Manifest.xml$/\1/p')
	for ((n = 0; n <= size * 512 + 512; n += 1000)); do
		head -c "$n" "$m" >"$T/cut"
		not_loaded "$T/cut"
	done
}

@test "a cabinet that was cut or changed is noticed" {
	local n
	for n in 4 36 100 1000 1900 1959; do
		head -c "$n" "$cabinet" >"$T/cut"
		not_loaded "$T/cut"
	done
	cp "$cabinet" "$T/changed"
	printf '\377' | dd of="$T/changed" bs=1 seek=1500 conv=notrunc status=none
	not_loaded "$T/changed"
}

# repacked SED-EXPRESSION MEMBER: the file with one member changed.
repacked() {
	rm -rf "$T/x"
	mkdir "$T/x"
	tar -C "$T/x" -xf "$m"
	sed -i "$1" "$T/x/$2"
	(cd "$T/x" && tar -cf "$T/changed" -- *)
}

@test "documents that do not belong together, and members that are missing, are refused" {
	test_writer One v </dev/null
	create
	repacked '' Manifest.xml
	run --separate-stderr shell "load metadata $T/changed"
	assert_success
	repacked 's/ShadowCopySet GUID="{.\{8\}/ShadowCopySet GUID="{01234567/' Manifest.xml
	not_loaded "$T/changed" 'is of shadow copy set'
	repacked 's/ShadowCopy GUID="{.\{8\}/ShadowCopy GUID="{01234567/' Manifest.xml
	not_loaded "$T/changed" 'other shadow copies'
	repacked 's/snapshotSetId="......../snapshotSetId="01234567/' BCDocument.xml
	not_loaded "$T/changed" 'BCDocument.xml: is of shadow copy set'
	repacked 's/WM0.xml/WM7.xml/' Manifest.xml
	not_loaded "$T/changed" 'member "WM7.xml": is missing'
	repacked 's/vss:version="1"/vss:version="9"/' Manifest.xml
	not_loaded "$T/changed" 'format version 9'
	repacked 's/<COMPONENT/<COMP/' BCDocument.xml
	repacked 's/>//' WM0.xml
	not_loaded "$T/changed" WM0.xml
}

@test "aliases that would tell programs what to run are refused, and none of the others is taken" {
	create
	local name
	for name in PATH LD_PRELOAD 'a b' 'a=b' '' 'a&#10;b'; do
		repacked "s/Alias Name=\"VSS_SHADOW_SET\"/Alias Name=\"$name\"/" Manifest.xml
		not_loaded "$T/changed"
	done
}

@test "archives with more than plain files are refused" {
	create
	rm -rf "$T/x"
	mkdir "$T/x"
	tar -C "$T/x" -xf "$m"
	(cd "$T/x" && tar -cf "$T/changed" ./*)
	not_loaded "$T/changed" 'not the name of a file'
	ln -s /etc/passwd "$T/x/Link.xml"
	(cd "$T/x" && tar -cf "$T/changed" -- *)
	not_loaded "$T/changed" 'not a plain file'
	rm "$T/x/Link.xml"
	(cd "$T/x" && tar -cf "$T/changed" Manifest.xml ShadowCopySet.xml && tar -rf "$T/changed" Manifest.xml)
	not_loaded "$T/changed" 'is there twice'
	truncate -s 70M "$T/x/Huge.xml"
	(cd "$T/x" && tar -cSf "$T/changed" -- *)
	not_loaded "$T/changed" Huge.xml
}

@test "after a LOAD that failed the shell has what it had" {
	requires python3
	test_writer One v </dev/null
	create
	export TERM=dumb HOME=$T
	repacked "s/Alias Name=\"VSS_SHADOW_SET\"/Alias Name=\"PATH\"/" Manifest.xml
	run "$REPO/tests/lib/terminal.py" diskshadow <<-END
		prompt
		enter load metadata $cabinet
		prompt
		enter load metadata $T/changed
		see diskshadow: .*PATH
		prompt
		enter load metadata $T/absent
		see diskshadow: .*absent
		prompt
		enter add
		see %Data% = {7D1F0A52-3C4B-4B6E-9C1D-5E6F7A8B9C0D}
		prompt
		enter simulate restore
		see Ledger
		prompt
		enter exit
		end 0
	END
	assert_success
}
