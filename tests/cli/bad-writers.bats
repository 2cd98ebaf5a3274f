#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Writers that say anything: each becomes FAILED with a code and a sentence, and the coordinator lives on in bounded memory.
# shellcheck disable=SC2016,SC2154 # words for another shell; run sets stderr
load ../lib/common

setup() {
	vss_setup
	fake_volumes a
	mkdir -p "$(volume a)/d"
	good
}

# A writer that is well, beside the bad one: it must not notice.
good() {
	cat >"$T/good.script" <<-EOF
		writer 6a1e4c07-35a2-4f1b-b9c8-2d7e5f901c3a Good
		restore-method RESTORE_IF_NOT_THERE
		component filegroup "" all
		file "" all $(volume a)/d *
	EOF
	register good "$VSS_BUILD/bin/vss-test-writer $T/good.script"
}

# writer_in_shell LINE...: a writer `bad` with this code behind its answer to hello.
writer_in_shell() {
	{
		printf '#!/bin/bash\nread -r _; read -r _; echo "ok 1"\nread -r _; read -r _\n'
		printf '%s\n' "$@"
		echo 'read -r _ n _; read -r _; echo "ok $n"' # bye
	} >"$T/bad"
	chmod +x "$T/bad"
	register bad "$T/bad"
}

identity() {
	printf 'echo %q\n' 'writer 0d9ae5a5-22b4-4a5e-9a39-7c5d2f1b4b11 Bad' 'restore-method RESTORE_IF_NOT_THERE'
}

# expect_failed CODE TEXT: list-writers lives and tells of `bad`; the other writer is well.
expect_failed() {
	run --separate-stderr list-writers --json
	assert_success
	assert_json '.[0].registration' bad
	assert_json '.[0].state' VSS_WS_FAILED_AT_IDENTIFY
	assert_json '.[0].error' "$1"
	[[ $(jq -r '.[0].message' <<<"$output") == *"$2"* ]] || fail "no '$2' in: $output"
	assert_json '.[1].state' VSS_WS_STABLE
	assert_json '.[1].error == null'
}
breach() { expect_failed VSS_E_WRITER_NOT_RESPONDING "broke the protocol: $1"; }
refused() { expect_failed VSS_E_WRITERERROR_NONRETRYABLE "$1"; }

# statements LINE...: identity, these statements, and the answer.
statements() {
	writer_in_shell "$(identity)" "$(printf 'echo %q\n' "$@")" 'echo ok 2'
}

# peak COMMAND...: its peak resident set in MiB.
peak() {
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$@"
}

# less_than_limit MIB: what it is told is bounded, and not a gigabyte in a sanitized build either.
less_than_limit() { [ "$1" -lt 1000 ] || fail "$1 MiB"; }

@test "a writer whose lines amount to a gigabyte" {
	requires python3
	writer_in_shell 'yes "evidence key value" | head -c 1G'
	breach "evidence: not allowed at identify"
	writer_in_shell "$(identity)" "yes 'exclude /srv/x *.tmp' | head -c 1G"
	breach "more than"
	less_than_limit "$(peak list-writers)"
}

@test "a writer whose one line has a gigabyte" {
	requires python3
	writer_in_shell 'head -c 1G /dev/zero | tr "\0" x'
	breach "a line is longer than"
	less_than_limit "$(peak list-writers)"
}

@test "a writer that complains without end is heard all the same" {
	writer_in_shell 'head -c 32M /dev/zero | tr "\0" x >&2' "$(identity)" 'echo "exclude /srv *"; echo ok 2'
	run --separate-stderr list-writers bad
	assert_line "   State: [1] Stable"
}

@test "bytes that no line has" {
	writer_in_shell "printf 'writer \\0\\n'"
	breach ""
	writer_in_shell "printf 'writer \\001\\n'"
	breach ""
	writer_in_shell "head -c 4096 /dev/urandom"
	breach ""
}

@test "quotes that are not finished, words that are none" {
	statements 'component filegroup "" "all'
	breach "a quote is not closed"
	statements 'component filegroup "" "all"x'
	breach ""
	statements 'component filegroup  all'
	breach ""
	statements 'component filegroup "" all caption="\9"'
	breach ""
	statements 'component filegroup "" all caption=a caption=b'
	breach "caption= stands twice"
	statements "exclude /srv x $(printf ' k%d=' {1..64} | cut -c2-)"
	run --separate-stderr list-writers bad
	assert_line "   State: [1] Stable"
	statements "exclude /srv x $(printf ' k%d=' {1..65} | cut -c2-)" # each is compared with each: more would hold everybody up
	breach "more than 64 words with a key"
}

@test "statements that nobody knows, at the wrong event, with too few words" {
	statements 'componant filegroup "" all'
	breach "componant: not a statement"
	statements 'backup-stamp "" all 1'
	breach "backup-stamp: not allowed at identify"
	statements 'component filegroup all'
	breach "component: has 2 words behind it"
}

@test "values that nobody knows" {
	statements 'component table "" all'
	refused "component: table: not a known component type"
	statements 'component filegroup "" all selectable=maybe'
	refused "component: selectable=maybe: neither yes nor no"
	statements 'component filegroup "" all' 'file "" all /srv * recursive=ja'
	refused "file: recursive=ja: neither yes nor no"
	statements 'component filegroup "" all' 'file "" all /srv * mask=0x10'
	refused "mask=0x10"
	statements 'component filegroup "" all' 'dependency "" all 1234 "" other'
	refused "1234: not a UUID"
	statements 'backup-schema sideways' 'component filegroup "" all'
	refused "sideways: not a known flag"
	writer_in_shell 'echo "writer 1234 Bad"; echo ok 2'
	refused "writer: 1234: not a UUID"
}

@test "paths that lead out, or lead nowhere" {
	statements 'component filegroup "" all' 'file "" all /srv/../etc *'
	refused "/srv/../etc: holds .."
	statements 'component filegroup "" all' 'file "" all /srv * alternate=/srv/x/..'
	refused "/srv/x/..: holds .."
	statements 'exclude /srv/.. *'
	refused "exclude: /srv/..: holds .."
	statements 'component filegroup "" all' 'alternate-location /srv * /srv/../x'
	refused "holds .."
	statements 'component filegroup "" all' 'file "" all srv *'
	refused "srv: not an absolute path"
	statements 'component filegroup "" all' 'file "" all /srv ../*'
	refused "file specification ../* holds a directory"
	statements 'component filegroup "" all' 'file "" all /srv ..'
	refused "file specification .. is no name"
	statements 'component filegroup "" all' 'file "" all /srv/* x'
	refused "wildcards"
	statements 'component filegroup "" "a/b"'
	refused "a separator in the name"
}

@test "things that stand twice, or for nothing" {
	statements 'component filegroup /a all' 'component database a/ all'
	refused "component: "
	statements 'writer 0d9ae5a5-22b4-4a5e-9a39-7c5d2f1b4b11 Bad' 'component filegroup "" all'
	refused "writer: stands twice"
	statements 'restore-method CUSTOM' 'component filegroup "" all'
	refused "restore-method: stands twice"
	statements 'file "" all /srv *'
	refused "file: /all: no such component was named before"
	statements 'component filegroup a c' 'file "" a/c /srv *'
	refused "file: /a/c: no such component was named before"
	statements 'component filegroup a c' 'file a C /srv *'
	refused "file: a/C: no such component was named before"
	writer_in_shell "$(identity)" 'echo ok 2'
	refused "no component"
	writer_in_shell 'echo "component filegroup \"\" all"; echo ok 2'
	refused "no writer id"
}

@test "answers that come twice, in another order, or to what was not asked" {
	# In one write: the host has both before it lists.
	writer_in_shell "$(identity)" "cat <<<\$'exclude /srv x\\nok 2\\nok 2'"
	breach "an answer to an event that is not its turn"
	writer_in_shell 'echo ok 3'
	breach "an answer to an event that is not its turn"
	writer_in_shell 'echo ok 1'
	breach "an answer to an event that is not its turn"
	writer_in_shell 'echo ok two'
	breach "an answer without a number"
	writer_in_shell 'echo ok -2'
	breach "an answer without a number"
	writer_in_shell 'echo fail 2 VSS_E_OF_MY_OWN'
	breach "an answer with a value that is not known"
	statements 'exclude /srv x' 'ok 2 absent=gone'
	breach "an answer with a value that is not known"
}

@test "a writer that speaks another version says so" {
	printf '#!/bin/sh\nread -r _; read -r _\necho "fail 1 NONRETRYABLE \\"speaks version 7 only\\""\ncat >/dev/null\n' >"$T/bad"
	chmod +x "$T/bad"
	register bad "$T/bad"
	refused "speaks version 7 only"
}

@test "a component is the same in every form of its path" {
	statements 'component filegroup "/a\\b/" all' 'file a/b all /srv *' 'file "\\a\\b" all /srv/x *' 'file //a//b all /srv/y *'
	run --separate-stderr list-writers bad --detailed
	assert_equal "$(grep -c 'File List' <<<"$output")" 3
}

@test "what is unknown but harmless is passed over" {
	writer_in_shell 'echo "writer 0d9ae5a5-22b4-4a5e-9a39-7c5d2f1b4b11 Bad colour=blue"' \
		'echo "restore-method RESTORE_IF_NOT_THERE mood=good"; echo "exclude /srv x"; echo "ok 2 answer=42"'
	run list-writers bad
	assert_line "   State: [1] Stable"
}

@test "what a writer says at a restore and cannot be meant stops it before anything is written" {
	local statement fault
	echo old >"$(volume a)/d/file"
	script() {
		cat >"$T/bad.script" <<-EOF
			writer 0d9ae5a5-22b4-4a5e-9a39-7c5d2f1b4b11 Bad
			restore-method RESTORE_IF_CAN_REPLACE writer-restore=always
			component filegroup "" all
			file "" all $(volume a)/d *
			hold files
			$1
		EOF
	}
	script ''
	register bad "$VSS_BUILD/bin/vss-test-writer $T/bad.script"
	rm "$VSS_WRITERS_PATH/good.writer"
	backup -q -w bad -o "$T/x.tar.zst"
	echo new >"$(volume a)/d/file"
	while IFS='|' read -r statement fault; do
		script "at pre-restore say $statement"
		run --separate-stderr restore "$T/x.tar.zst" --in-place -w bad
		assert_equal "$status" 6
		assert_regex "$stderr" "$fault"
		assert_equal "$(cat "$(volume a)/d/file")" new
	done <<-END
		restore-target "" all ALTERNATE|does not give every file an alternate location
		restore-target "" all elsewhere|restore-target: elsewhere: not a known restore target
		directed-target "" all $(volume a)/d file 0:1 /elsewhere file 0:2|ranges 0:1 and 0:2 are not equally long
		directed-target "" all $(volume a)/d file 0:1 /else/../where file 0:1|holds \.\.
		component filegroup "" extra|component: not allowed at pre-restore: /extra
		restore-metadata "" extra x|component /extra does not take part
	END
	script 'at pre-restore say restore-target "" all ORIGINAL'
	restore -q "$T/x.tar.zst" --in-place -w bad
	assert_equal "$(cat "$(volume a)/d/file")" old
}

@test "what a writer says at a backup and cannot be meant makes it fail there" {
	local statement fault
	while IFS='|' read -r statement fault; do
		cat >"$T/bad.script" <<-EOF
			writer 0d9ae5a5-22b4-4a5e-9a39-7c5d2f1b4b11 Bad
			restore-method RESTORE_IF_NOT_THERE
			component filegroup "" all
			file "" all $(volume a)/d *
			hold files
			at post-snapshot say $statement
		EOF
		register bad "$VSS_BUILD/bin/vss-test-writer $T/bad.script"
		run --separate-stderr create-shadow "$(volume a)"
		assert_equal "$status" 6
		assert_regex "$stderr" "writer \"Bad\": post-snapshot: .*$fault"
		[ -z "$(list-shadows --columns id)" ]
	done <<-END
		partial-file "" all $(volume a)/d f ranges=0:1|partial-file: component /all: this backup takes whole files only
		partial-file "" all $(volume a)/d f ranges=1|partial-file: .*1
		differenced-file "" all $(volume a)/d *|its backup schema is without last-modify
		backup-metadata "" extra x|component /extra does not take part
	END
}

@test "a writer that goes wrong in the middle of a set fails the set, and the coordinator tells why" {
	cat >"$T/bad.script" <<-EOF
		writer 0d9ae5a5-22b4-4a5e-9a39-7c5d2f1b4b11 Bad
		restore-method RESTORE_IF_NOT_THERE
		component filegroup "" all
		file "" all $(volume a)/d *
		at freeze raw "component filegroup \"\" late\012"
	EOF
	register bad "$VSS_BUILD/bin/vss-test-writer $T/bad.script"
	run --separate-stderr create-shadow "$(volume a)"
	assert_equal "$status" 6
	assert_regex "$stderr" "component: not allowed at freeze"
	[ -z "$(list-shadows --columns id)" ]
}
