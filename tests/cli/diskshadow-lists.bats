#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What diskshadow lists, whole: labels, order, tabs and blanks are those that scripts look for.
# shellcheck disable=SC2154 # run sets output and stderr
load ../lib/common
load ../lib/lists
load ../lib/diskshadow

setup() {
	vss_setup
	fake_volumes a b
	here=$(hostname)
	provider=$(list-providers --json | jq -r '.[] | select(.name == "fake") | .id')
}

# copy_of VOLUME COUNT ATTRIBUTES [LINE]: what is listed of one; ALIAS is behind its IDs where $alias and $set_alias say so.
copy_of() {
	cat <<-END
		<T>* Shadow copy ID = {ID}${alias:-}
		<T><T>- Shadow copy set: {ID}${set_alias:-}
		<T><T>- Original count of shadow copies = $2
		<T><T>- Original volume name: \\\\?\\Volume{ID}\\ [$1]
		<T><T>- Creation time: TIME
		<T><T>- Shadow copy device name: $VSS_RUN_DIR/shadows/ID
		<T><T>- Originating machine: $here
		<T><T>- Service machine: $here
		<T><T>- ${4:-Not exposed}
		<T><T>- Provider ID: {ID}
		<T><T>- Attributes:  $3

	END
}

listed() { echo "Number of shadow copies listed: $1"; }

@test "nothing to list is said, and no failure" {
	run --separate-stderr shell "list shadows all"
	assert_success
	assert_equal "$stderr" ""
	assert_output "No shadow copies found in system."
}

@test "a set after CREATE, and the same by ALL, SET and ID" {
	run --separate-stderr shell "set context persistent" "add volume $(volume a) alias Data" "add volume $(volume b)" create
	assert_success
	output=$(sed '1,/^Querying/d; 1{/^$/d}' <<<"$output")
	persistent="No_Auto_Release Persistent Plex"
	same_output < <(
		echo
		alias='<T><T>%Data%' set_alias='<T>%VSS_SHADOW_SET%' copy_of "$(volume a)" 2 "$persistent"
		alias='<T><T>%VSS_SHADOW_2%' set_alias='<T>%VSS_SHADOW_SET%' copy_of "$(volume b)" 2 "$persistent"
		listed 2
	)
	set=$(list-shadows --json | jq -r '.[0].set_id')
	id=$(list-shadows --json | jq -r '.[0].shadows[1].id')
	for words in all "set {$set}" "SET $set" "set ${set:0:8}"; do
		run --separate-stderr shell "LIST Shadows $words"
		assert_success
		same_output < <(
			copy_of "$(volume a)" 2 "$persistent"
			copy_of "$(volume b)" 2 "$persistent"
			listed 2
		)
	done
	run --separate-stderr shell "add alias mine {$id}" "list shadows id %MINE%"
	assert_success
	same_output < <(
		alias='<T><T>%mine%' copy_of "$(volume b)" 2 "$persistent"
		listed 1
	)
}

@test "the announcement of a new set is the one that is known" {
	run --separate-stderr shell "add volume $(volume a)" create
	assert_success
	same_output < <(
		echo 'Alias VSS_SHADOW_1 for shadow ID {ID} set as environment variable.'
		echo 'Alias VSS_SHADOW_SET for shadow set ID {ID} set as environment variable.'
		echo
		echo 'Querying all shadow copies with the shadow copy set ID {ID}'
		echo
		alias='<T><T>%VSS_SHADOW_1%' set_alias='<T>%VSS_SHADOW_SET%' copy_of "$(volume a)" 1 "Auto_Release Plex"
		listed 1
	)
}

@test "attributes are words in their order" {
	create-shadow -q --context client-accessible "$(volume a)"
	run shell "list shadows all"
	assert_line $'\t\t- Attributes:  No_Auto_Release Persistent Client_accessible No_Writers Plex'
	delete-shadow -q --all
	create-shadow -q --transportable --document "$T/set.xml" "$(volume a)"
	run shell "list shadows all"
	assert_line $'\t\t- Attributes:  Transportable No_Auto_Release Persistent Plex'
	delete-shadow -q --all
	import-shadow -q --to "$(volume b)" "$T/set.xml"
	run shell "list shadows all"
	assert_line $'\t\t- Attributes:  No_Auto_Release Persistent Imported Plex'
}

@test "an exposed copy says where, and a volume that is not there is not there" {
	id=$(create-shadow --json "$(volume a)" | jq -r '.shadows[0].id')
	expose-shadow -q "$id" "$T/x"
	run --separate-stderr shell "list shadows id $id"
	same_output < <(
		copy_of "$(volume a)" 1 "No_Auto_Release Persistent Plex" "Exposed locally as: $T/x"
		listed 1
	)
	expose-shadow -q --remove "$T/x"
	VSS_FAKE_VOLUMES=$(volume b) run shell "list shadows all"
	assert_line --partial ' [volume not on this machine]'
}

@test "IDs that name nothing, and words that are none, are one sentence" {
	for words in "id 12345678-9abc" "set {00000000-0000-0000-0000-000000000001}"; do
		run --separate-stderr shell "list shadows $words"
		assert_equal "$status" 1
		assert_sentence diskshadow "there is no such shadow copy"
		assert_sentence diskshadow "$T/script:1: "
		assert_sentence diskshadow "(VSS_E_OBJECT_NOT_FOUND)"
	done
	run --separate-stderr shell "list shadows id frob"
	assert_equal "$status" 2
	assert_sentence diskshadow "'frob' is not an ID"
	run --separate-stderr shell "list writers frob"
	assert_equal "$status" 2
	assert_sentence diskshadow "'frob'"
}

@test "providers" {
	run --separate-stderr shell "list providers"
	assert_success
	assert_equal "$stderr" ""
	count=$(list-providers --json | jq length)
	assert_equal "${lines[-1]}" "$count providers registered."
	assert_equal "${#lines[@]}" $((count * 5 + 1))
	output=$(grep -A4 -F "* ProviderID: {$provider}" <<<"$output")
	same_output <<-'END'
		* ProviderID: {ID}
		        Type: [2] VSS_PROV_SOFTWARE
		        Name: vss-tools fake provider (plain directories, for trials)
		        Version: 1.0
		        CLSID: {ID}
	END
}

# --- writers ---

# a_writer NAME [LINE]...: it owns volume a's folder of its name.
a_writer() {
	local name=$1 id
	id=$(printf '%s' "$name" | md5sum | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/\1-\2-\3-\4-\5/')
	mkdir -p "$(volume a)/$name"
	{
		printf '%s\n' "writer $id \"$name Writer\" usage=user-data source=other" \
			"restore-method CUSTOM writer-restore=never" \
			"component database /db main selectable=yes caption=\"all of it\"" \
			"database-file /db main $(volume a)/$name *.db" \
			"exclude $(volume a)/$name *.tmp"
		shift
		printf '%s\n' "$@"
	} >"$T/$name.script"
	register "$name" "$VSS_BUILD/bin/vss-test-writer $T/$name.script"
}

# writer_of NAME [LINE]: its metadata; the line stands where the file lists do.
writer_of() {
	local dir
	dir=$(volume a)/$1
	cat <<-END
		* WRITER "$1 Writer"
		<T><T>- Writer ID   = {ID}
		<T><T>- Writer Instance ID = {ID}
		<T><T>- Supports restore events = FALSE
		<T><T>- Writer restore conditions = VSS_WRE_NEVER
		<T><T>- Restore method = VSS_RME_CUSTOM
		<T><T>- Requires reboot after restore = FALSE
		    - Excluded files:
		      - Exclude: Path = $dir, Filespec = *.tmp
		    + Component "$1 Writer:\\db\\main"
		      - Name: main
		      - Logical path: db
		      - Full path: \\db\\main
		      - Caption: all of it
		      - Type: VSS_CT_DATABASE [1]
		      - Is selectable: TRUE
		      - Is top level: TRUE
		      - Notify on backup complete: FALSE
	END
	shift
	[ $# = 0 ] || printf '%s\n' "$@"
	cat <<-END
		      - Paths affected by this component:
		        - $dir
		      - Volumes affected by this component:
		        - \\\\?\\Volume{ID}\\ [$(volume a)]
		      - Component Dependencies:

	END
}

detailed_of() {
	local name
	for name; do
		writer_of "$name" "      - Components:" "        - File List: Path = $(volume a)/$name, Filespec = *.db, Database"
	done
	echo "$# writers listed."
}

@test "writers: what they own, by default and by METADATA without the file lists, by DETAILED with them" {
	a_writer one
	a_writer two
	for words in "" metadata; do
		run --separate-stderr shell "list writers $words"
		assert_success
		same_output < <(
			writer_of one
			writer_of two
			echo "2 writers listed."
		)
	done
	run --separate-stderr shell "List Writers DETAILED"
	same_output < <(detailed_of one two)
	run --separate-stderr list-writers --detailed
	same_output < <(detailed_of one two)
}

# status_of NAME NUMBER NAME CODE: one writer of LIST WRITERS STATUS.
status_of() {
	printf '%s\n' "* WRITER \"$1 Writer\"" "        - Status: $2 ($3)" "        - Writer Failure code: $4" \
		"        - Writer ID: {ID}" "        - Instance ID: {ID}"
}

@test "writers: how they are" {
	a_writer one
	run --separate-stderr shell "list writers status"
	assert_success
	same_output < <(
		echo "Listing writer status ..."
		status_of one 1 VSS_WS_STABLE '0x00000000 (S_OK)'
		echo "1 writer listed."
	)
	rm "$VSS_WRITERS_PATH"/*
	run shell "list writers status"
	assert_output $'Listing writer status ...\n0 writers listed.'
}

@test "writers: a failure is shown until a later success" {
	a_writer one 'at freeze fail VSS_E_WRITERERROR_RETRYABLE "disk is sulking" first=1' "counts $T/counts"
	run create-shadow "$(volume a)"
	assert_equal "$status" 6
	run --separate-stderr shell "list writers status"
	assert_success
	same_output < <(
		echo "Listing writer status ..."
		status_of one 9 VSS_WS_FAILED_AT_FREEZE '0x800423f3 (VSS_E_WRITERERROR_RETRYABLE)'
		echo "1 writer listed."
	)
}

@test "writers: those of the set that stands wait for its end" {
	a_writer one "hold files"
	run --separate-stderr shell "begin backup" "add volume $(volume a)" create "list writers status" "end backup" \
		"list writers status"
	assert_equal "$stderr" ""
	assert_success
	assert_equal "$(grep -F 'Status:' <<<"$output" | tr -s ' ')" \
		$' - Status: 5 (VSS_WS_WAITING_FOR_BACKUP_COMPLETE)\n - Status: 1 (VSS_WS_STABLE)'
}

@test "a writer that does not say who it is stands in the lists with its error" {
	register broken /bin/false
	run --separate-stderr shell "list writers" "list writers status"
	assert_success
	assert_equal "$(grep -c '^\* WRITER "broken"$' <<<"$output")" 2
	assert_line --regexp '^        - Status: 6 \(VSS_WS_FAILED_AT_IDENTIFY\)$'
	assert_line $'\t\t- Status: 6 (VSS_WS_FAILED_AT_IDENTIFY)'
	assert_line '        - Writer ID: {00000000-0000-0000-0000-000000000000}'
}
