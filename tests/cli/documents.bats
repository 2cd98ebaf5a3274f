#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Documents that others made, and those that somebody made to do harm.
# shellcheck disable=SC2154 # run and common set stderr
load ../lib/common
load ../lib/lists

SPACE=x-schema:#VssWriterMetadataInfo

setup() {
	vss_setup
	fake_volumes a
}

# refused FILE TEXT: list-writers says so in one sentence.
refused() {
	run --separate-stderr list-writers --from "$1"
	assert_equal "$status" 1
	assert_output ''
	assert_sentence list-writers "$2"
}

# refused_small FILE TEXT: the same, and never with half a gigabyte.
refused_small() {
	local peak
	refused "$1" "$2"
	peak=$(python3 -c 'import resource, subprocess, sys
subprocess.run(["list-writers", "--from", sys.argv[1]], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$1")
	[ "$peak" -lt 524288 ] || fail "$1 took $peak KiB"
}

# writer_document TEXT...: its head is whole.
writer_document() {
	printf '<WRITER_METADATA xmlns="%s" version="1.2">' "$SPACE"
	printf '%s' "$@"
}

@test "a writer document with a prefix on every name, and names that nobody knows" {
	local sample=$REPO/tests/data/windows/writer-metadata-1.2.xml
	run list-writers --from "$sample" --detailed
	assert_success
	assert_line '* WRITER "Orders – Writer"'
	assert_line $'\t\t- Writer restore conditions = VSS_WRE_IF_REPLACE_FAILS'
	assert_line $'\t\t- Restore method = VSS_RME_RESTORE_IF_CAN_REPLACE'
	assert_line '      - Mapping: Path = E:\Orders, Filespec = *, Recursive, Alternate Location = E:\Orders.alt'
	assert_line '      - Exclude: Path = E:\Orders, Filespec = *.bak'
	assert_line '        - File List: Path = E:\Orders, Filespec = orders.mdf, Database'
	assert_line '        - File List: Path = E:\Orders\Log, Filespec = orders.ldf, Database log'
	assert_line '    + Component "Orders – Writer:\orders\parts\A"'
	assert_line '        - File List: Path = \\?\Volume{11111111-2222-3333-4444-555555555555}\A\, Filespec = ?.dat'
	assert_line '    + Component "Orders – Writer:\empty"'
	refute_output --partial 'not this one'
	refute_output --partial 'nobody knows'
	list-writers --from "$sample" --metadata >"$T/ours.xml"
	list-writers --from "$T/ours.xml" --metadata | cmp - "$T/ours.xml"
	run list-writers --from "$T/ours.xml" --json
	assert_json '.[0].name == "Orders – Writer"'
}

@test "a components document of version 1.1 in UTF-16, the big end first" {
	local sample=$REPO/tests/data/windows/backup-components-1.1.xml
	assert_equal "$(head -c 2 "$sample" | od -An -tx1)" ' fe ff'
	run list-writers --from "$sample" --detailed
	assert_success
	assert_line '    + Component "{1f9d4c52-7c1b-4f3e-8d15-3b9a7e6c2d40}:\orders"'
	assert_line '    + Component "{1f9d4c52-7c1b-4f3e-8d15-3b9a7e6c2d40}:\orders\parts\A"'
	assert_line '      - Type: VSS_CT_UNDEFINED [0]'
	assert_line '1 writer listed.'
}

@test "entities that grow" {
	{
		echo '<!DOCTYPE a [<!ENTITY e0 "0123456789">'
		for i in {1..12}; do
			printf '<!ENTITY e%d "' "$i"
			printf "&e$((i - 1));%.0s" {1..10}
			echo '">'
		done
		echo ']>'
		writer_document '<IDENTIFICATION friendlyName="&e12;"/></WRITER_METADATA>'
	} >"$T/bomb.xml"
	refused_small "$T/bomb.xml" 'has a document type declaration'
}

@test "entities that name files" {
	{
		echo '<!DOCTYPE a [<!ENTITY x SYSTEM "/etc/passwd">]>'
		writer_document '<IDENTIFICATION friendlyName="&x;"/></WRITER_METADATA>'
	} >"$T/file.xml"
	refused "$T/file.xml" 'has a document type declaration'
}

@test "a document of 100 MB" {
	writer_document '<IDENTIFICATION friendlyName="' >"$T/long.xml"
	truncate -s 100M "$T/long.xml"
	refused_small "$T/long.xml" "$T/long.xml"
	assert_regex "$stderr" 'larger|longer'
}

@test "millions of elements within each other" {
	writer_document >"$T/deep.xml"
	yes '<x>' | head -c 60000000 | tr -d '\n' >>"$T/deep.xml"
	refused_small "$T/deep.xml" 'more than 256 elements within each other'
}

@test "another namespace, another document" {
	writer_document '</WRITER_METADATA>' | sed 's/x-schema:[^"]*/urn:other/' >"$T/other.xml"
	refused "$T/other.xml" 'not a writer metadata document: its root is WRITER_METADATA in the namespace urn:other'
	echo '<html/>' >"$T/html.xml"
	refused "$T/html.xml" 'its root is html'
}

@test "documents that are cut off" {
	local n sample=$REPO/tests/data/windows/writer-metadata-1.2.xml
	for n in 0 1 40 200 700 1500; do
		head -c "$n" "$sample" >"$T/cut.xml"
		refused "$T/cut.xml" "$T/cut.xml"
	done
	head -c 901 "$REPO/tests/data/windows/backup-components-1.1.xml" >"$T/cut.xml"
	refused "$T/cut.xml" "$T/cut.xml: backup components document"
}

@test "a components document that names a component twice" {
	local c='<COMPONENT componentName="c" componentType="filegroup"/>'
	{
		printf '<BACKUP_COMPONENTS xmlns="x-schema:#VssComponentMetadata"><WRITER_COMPONENTS '
		printf 'writerId="1f9d4c52-7c1b-4f3e-8d15-3b9a7e6c2d40">%s%s' "$c" "$c"
		printf '</WRITER_COMPONENTS></BACKUP_COMPONENTS>'
	} >"$T/twice.xml"
	refused "$T/twice.xml" 'backup components document: line 1: COMPONENT: component /c: added twice'
}
