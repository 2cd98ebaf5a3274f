#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# --document: the documents of a backup outside of the archive, and a restore by them.

# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a/data" "$b/plain" "$T/docs"
	echo table >"$a/data/table"
	echo plain >"$b/plain/file"
	test_writer One "$a/data" </dev/null
}

inside() { tar --zstd -xOf "$x" ".vss/$1"; }

@test "a file is the final components document, with the archive's own bytes" {
	backup -q -o "$x" --document "$T/doc.xml" "$a" "$b"
	run diff <(inside backup-components.xml) "$T/doc.xml"
	assert_output ''
	grep -q 'backupSucceeded="yes"' "$T/doc.xml"
	assert_equal "$(stat -c %a "$T/doc.xml")" 600
	assert_not_exist "$T/doc.xml.partial"
	run list-writers --from "$T/doc.xml"
	assert_output --partial One
}

@test "a directory gets one of the backup's own, with the writers' documents" {
	mkdir "$T/out"
	backup -q -o "$T/out" --document "$T/docs" "$a" "$b"
	x=$(echo "$T"/out/*.tar.zst)
	own=$T/docs/$(basename "$x" .tar.zst)
	run diff <(inside backup-components.xml) "$own/backup-components.xml"
	assert_output ''
	run diff <(inside writers/One.xml) "$own/writers/One.xml"
	assert_output ''
	assert_equal "$(cd "$T/docs" && find . -type f | wc -l)" 2
	run list-writers --from "$own/writers/One.xml"
	assert_success
}

@test "also of an archive that goes to a command or to standard output" {
	backup -q --document "$T/doc.xml" "$b" -- cat >"$x"
	run diff <(inside backup-components.xml) "$T/doc.xml"
	assert_output ''
	rm "$T/doc.xml"
	backup -q -o - --document "$T/doc.xml" "$b" >"$x"
	run diff <(inside backup-components.xml) "$T/doc.xml"
	assert_output ''
	run --separate-stderr backup -q --document "$T/none.xml" "$b" -- false
	assert_equal "$status" 1
	assert_not_exist "$T/none.xml"
}

@test "what is there is kept, unless --replace; nothing is begun for a place that cannot be" {
	echo mine >"$T/doc.xml"
	run --separate-stderr backup -q -o "$x" --document "$T/doc.xml" "$a"
	assert_equal "$status" 1
	assert_sentence backup 'is there already; --replace takes its place'
	assert_equal "$(cat "$T/doc.xml")" mine
	run --separate-stderr backup -q -o "$x" --document "$T/none/doc.xml" "$a"
	assert_equal "$status" 1
	assert_sentence backup 'documents cannot be put there'
	run --separate-stderr backup -q -o "$x" --document "$T/none/" "$a"
	assert_equal "$status" 1
	assert_sentence backup 'no such directory'
	mkdir "$T/dir"
	run --separate-stderr backup -q -o "$T/dir/../x.tar.zst" --replace --document "$x" "$a"
	assert_equal "$status" 2
	assert_sentence backup '--output and --document name one file'
	assert_not_exist "$x"
	assert_equal "$(events One)" ''
	backup -q -o "$x" --replace --document "$T/doc.xml" "$a"
	run diff <(inside backup-components.xml) "$T/doc.xml"
	assert_output ''
}

@test "documents that cannot be kept at the end cost the status and no more" {
	stop_at backup.durable:stop start backup -q -o "$x" --document "$T/docs/doc.xml" "$a" 2>"$T/err"
	wait_until 10 is_stopped "$started_pid"
	rm -r "$T/docs"
	kill -CONT "$started_pid"
	status=0
	wait "$started_pid" || status=$?
	assert_equal "$status" 3
	grep -q 'the documents are in the archive alone' "$T/err"
	verify-backup -q "$x"
	grep -q '^backup-complete' "$T/One.log"
}

@test "a restore by the documents is the same as by those of the archive" {
	local from
	backup -q -o "$x" --document "$T/doc.xml" "$a" "$b"
	rm -r "$T/docs"
	mkdir -p "$T/docs/writers"
	cp "$T/doc.xml" "$T/docs/backup-components.xml"
	inside writers/One.xml >"$T/docs/writers/One.xml"
	for from in "$T/doc.xml" "$T/docs"; do
		rm -r "$a/data" "$b/plain"
		restore -q --in-place --document "$from" "$x"
		assert_equal "$(cat "$a/data/table" "$b/plain/file")" $'table\nplain'
		restore -q --document "$from" "$x" --target "$T/r"
		assert_equal "$(cat "$T/r$a/data/table")" table
		rm -r "$T/r"
	done
	restore -q --document "$T/doc.xml" --target "$T/r" - < <(cat "$x")
	assert_equal "$(cat "$T/r$b/plain/file")" plain
}

@test "the documents of the directory are used, not those of the archive" {
	backup -q -o "$x" --document "$T/docs" "$a" "$b"
	own=$(echo "$T"/docs/*)
	sed -i "s,path=\"$a/data\",path=\"$a/none\"," "$own/writers/One.xml"
	rm "$a/data/table"
	run --separate-stderr restore -q --in-place -w One --document "$own" "$x"
	assert_equal "$status" 1
	assert_not_exist "$a/data/table"
	restore -q --in-place -w One "$x"
	assert_equal "$(cat "$a/data/table")" table
	sed -i 's/<WRITER_METADATA/<NONSENSE/' "$own/writers/One.xml"
	run --separate-stderr restore -q --in-place -w One --document "$own" "$x"
	assert_equal "$status" 1
	assert_sentence restore "$own: One.xml"
}

# refused DOCUMENT TEXT: by every way of restoring, and nothing was written.
refused() {
	local way
	for way in "--in-place" "--target $T/r"; do
		# shellcheck disable=SC2086 # two words
		run --separate-stderr restore -q $way --existing replace --document "$1" "$x"
		[ "$status" = 1 ] || fail "$way: $status $stderr"
		assert_sentence restore "$2"
		assert_not_exist "$T/r"
		assert_equal "$(cat "$a/data/table" "$b/plain/file")" $'newer\nnewer'
	done
}

@test "a document of another backup, or one that names what the archive lacks, is refused and nothing written" {
	backup -q -o "$T/y.tar.zst" --document "$T/other.xml" "$a" "$b"
	backup -q -o "$x" --document "$T/doc.xml" "$a/data" "$b"
	echo newer >"$a/data/table"
	echo newer >"$b/plain/file"
	forget
	refused "$T/other.xml" 'is of another backup'
	sed 's/componentName="data"/componentName="more"/' "$T/doc.xml" >"$T/component.xml"
	refused "$T/component.xml" 'names component /more, which the archive has not'
	sed "s/$(id_of One)/$(id_of Two)/" "$T/doc.xml" >"$T/writer.xml"
	refused "$T/writer.xml" 'names writer "One", which the archive has not'
	sed "s,\"$b\",\"$T\"," "$T/doc.xml" >"$T/path.xml"
	refused "$T/path.xml" "names the path $T, which the archive has not"
	head -c 300 "$T/doc.xml" >"$T/cut.xml"
	refused "$T/cut.xml" "$T/cut.xml: "
	refused "$T/none.xml" 'No such file'
	refused "$T/docs" 'backup-components.xml'
	assert_equal "$(events One)" ''
}

@test "of a chain they are the documents of the last archive" {
	backup -q -o "$T/full.tar.zst" --document "$T/full.xml" "$b"
	echo second >"$b/plain/second"
	backup -q --type incremental --base "$T/full.tar.zst" -o "$x" --document "$T/doc.xml" "$b"
	restore -q --document "$T/doc.xml" "$T/full.tar.zst" "$x" --target "$T/r"
	assert_equal "$(cat "$T/r$b/plain/file" "$T/r$b/plain/second")" $'plain\nsecond'
	run --separate-stderr restore -q --document "$T/full.xml" "$T/full.tar.zst" "$x" --target "$T/s"
	assert_equal "$status" 1
	assert_sentence restore "$T/full.xml: is of another backup"
	assert_not_exist "$T/s"
}
