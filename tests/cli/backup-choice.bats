#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# backup: which writers a path draws in, what excludes do to that, file sets that are not where one would think, results in part.

load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a/db" "$a/plain"
	echo data >"$a/db/main.db"
	echo log >"$a/db/main.log"
	echo text >"$a/plain/text"
}

members() { tar --zstd -tf "${1:-$x}" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/volumes/,," | LC_ALL=C sort | paste -sd' '; }
drawn_in() { jq -r '[.writers[].name] | join(" ")' <<<"$output"; }

# db_writer LINES: a writer with a component "data" of the files that the lines name.
db_writer() {
	{
		printf 'writer %s "Db" usage=USER_DATA source=OTHER\n' "$(id_of Db)"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'component filegroup "" data selectable=yes'
		echo 'hold files'
		printf 'log "%s"\n' "$T/Db.log"
		cat
	} >"$T/Db.script"
	register Db "$VSS_BUILD/bin/vss-test-writer $T/Db.script"
}
succeeded() { grep -A3 '^backup-complete' "$T/Db.log" | grep -o 'succeeded=[a-z]*'; }

@test "a file that is named draws in the writer that owns it" {
	db_writer <<<"file \"\" data \"$a/db\" main.*"
	run backup --json -o "$x" "$a/db/main.db"
	assert_equal "$(drawn_in)" Db
	assert_equal "$(members)" 'a/db/main.db a/db/main.log'
	run backup --json -o "$T/y.tar.zst" "$a/plain/text"
	assert_equal "$(drawn_in)" ''
}

@test "a directory that is excluded draws in nobody" {
	db_writer <<<"file \"\" data \"$a/db\" main.*"
	run backup --json --exclude db -o "$x" "$a"
	assert_equal "$(drawn_in)" ''
	assert_equal "$(members)" 'a/plain/text'
}

@test "an exclude leaves the files of a named writer, and no others beside them" {
	db_writer <<<"file \"\" data \"$a/db\" main.db"
	backup -q --exclude db -w Db -o "$x" "$a"
	assert_equal "$(members)" 'a/db/main.db a/plain/text'
}

@test "what was named below an excluded directory is taken" {
	backup -q --exclude db/ -o "$x" "$a" "$a/db/main.log"
	assert_equal "$(members)" 'a/db/main.log a/plain/text'
}

@test "a component's directory that is not there holds nothing, unless a file in it was named" {
	db_writer <<<"file \"\" data \"$a/later/on\" * recursive=yes"
	run --separate-stderr backup -q -o "$x" -w Db
	assert_equal "$status $stderr" '0 '
	assert_equal "$(succeeded)" succeeded=yes
	forget
	db_writer <<<"file \"\" data \"$a/later/on\" main.db"
	run --separate-stderr backup -q -o "$T/y.tar.zst" -w Db "$a/plain"
	assert_equal "$status" 3
	[[ $stderr == *"$a/later/on/main.db: not there"* ]]
	[[ $stderr == *"1 file and 0 writers failed"* ]]
	assert_equal "$(succeeded)" succeeded=no
}

@test "files with an alternate path are read there and archived under their own" {
	mkdir -p "$b/dump/deep"
	echo dumped >"$b/dump/main.db"
	echo deeper >"$b/dump/deep/part.db"
	db_writer <<-END
		file "" data "$a/db" *.db recursive=yes alternate="$b/dump"
		file "" data "$a/db" *.log
		exclude "$a/db" part.db recursive=yes
	END
	run backup --json -o "$x" "$a"
	assert_equal "$(drawn_in)" Db
	assert_equal "$(members)" 'a/db/main.db a/db/main.log a/plain/text'
	assert_equal "$(tar --zstd -xOf "$x" "${a#/}/db/main.db")" dumped
	assert_equal "$(succeeded)" succeeded=yes
	assert_json '[.volumes[].volume] | join(" ")' "$a $b"
	backup -q -o "$T/y.tar.zst" -w Db "$b/dump"
	assert_equal "$(members "$T/y.tar.zst")" 'a/db/main.db a/db/main.log b/dump/deep/part.db b/dump/main.db'
}

@test "a relative path where the current directory is gone is refused" {
	mkdir "$T/gone"
	cd "$T/gone"
	rmdir "$T/gone"
	run --separate-stderr backup -q -o "$x" .
	cd "$T"
	assert_equal "$status" 1
	assert_sentence backup '.: the current directory: No such file or directory'
	[ ! -e "$x" ]
}

@test "a link to a directory is kept as a link, and that is said; with a slash behind it is what it leads to" {
	ln -s db "$a/link"
	run --separate-stderr backup -o "$x" "$a/link"
	assert_equal "$status" 0
	assert_sentence backup "$a/link: a symbolic link, and kept as one: name $a/db"
	assert_equal "$(members)" a/link
	run --separate-stderr backup -o "$T/y.tar.zst" "$a/link/" "$a/link/main.db"
	assert_equal "$status $stderr" '0 '
	assert_equal "$(members "$T/y.tar.zst")" 'a/db/main.db a/db/main.log'
}

@test "/.vss of a volume is of no interest, unless it is that of the root" {
	mkdir "$a/.vss"
	echo mine >"$a/.vss/format"
	backup -q -o "$x" "$a"
	assert_equal "$(members)" 'a/.vss/format a/db/main.db a/db/main.log a/plain/text'
}

@test "a result in part for want of a writer does not take the place of an archive" {
	test_writer One a <<<'at prepare-snapshot veto VSS_E_WRITERERROR_RETRYABLE "not now"'
	backup -q --no-writers -o "$x" "$b"
	cp "$x" "$T/old"
	run --separate-stderr backup -q --replace --skip-failed-writers -o "$x" "$a"
	assert_equal "$status" 1
	[[ $stderr == *'kept as it was'* ]]
	cmp "$x" "$T/old"
	run -1 grep '^backup-complete' "$T/One.log"
	test_writer One a <<<'at identify fail VSS_E_WRITERERROR_RETRYABLE "cannot say"'
	run --separate-stderr backup -q --replace --skip-failed-writers -o "$x" "$a"
	assert_equal "$status" 1
	cmp "$x" "$T/old"
	backup -q --replace --exclude-writer One -o "$x" "$a"
	run -1 cmp -s "$x" "$T/old"
}

@test "a dry run finds storage where the backup will" {
	requires_root
	mkdir "$T/out" "$T/m"
	mount -t tmpfs -o size=1m none "$T/m" 2>/dev/null || skip "needs to mount a tmpfs"
	echo one >"$T/m/one"
	mount -o remount,ro "$T/m"
	run --separate-stderr backup -n --min-grade fuzzy -o "$T/out" "$T/m"
	umount "$T/m"
	assert_equal "$status $stderr" '0 '
	assert_line --partial 'provider clone'
	assert_equal "$(find "$T/out" -mindepth 1)" ''
}

@test "a dry run ends as the backup would when the grade is not enough, and shows the plan" {
	requires_root
	mkdir "$T/m"
	mount -t tmpfs -o size=1m none "$T/m" 2>/dev/null || skip "needs to mount a tmpfs"
	echo one >"$T/m/one"
	run --separate-stderr backup -n -o "$x" "$T/m"
	local fuzzy=$status said=$stderr shown=$output
	run --separate-stderr backup -n --min-grade ordered -o "$x" "$a" "$T/m"
	umount "$T/m"
	assert_equal "$fuzzy $status" '6 0' # if nothing changes meanwhile
	[[ $said == *"$T/m: its files can only be copied one after the other (fuzzy), and crash is wanted"* ]]
	[[ $shown == *"$T/m: provider clone, fuzzy"* ]]
	[[ $output == *"$a: provider fake, ordered"* ]]
}
