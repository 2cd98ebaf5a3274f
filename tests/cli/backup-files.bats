#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Which files of a component are taken: file sets, excludes, what is missing, empty, linked, or of two components.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a/db/sub/deep" "$b/alt/sub"
	for file in one.db two.db notes .hidden sub/three.db sub/deep/four.txt; do echo "$file" >"$a/db/$file"; done
}

# db_writer <<<LINES: a writer with two components, one and two, of the files that the lines name.
db_writer() {
	{
		printf 'writer %s "Db" usage=USER_DATA source=OTHER\n' "$(id_of Db)"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'component filegroup "" one selectable=yes'
		echo 'component filegroup "" two selectable=yes'
		echo 'hold files'
		printf 'log "%s"\n' "$T/Db.log"
		cat
	} >"$T/Db.script"
	register Db "$VSS_BUILD/bin/vss-test-writer $T/Db.script"
}
members() { tar --zstd -tf "$x" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/volumes/,," | LC_ALL=C sort | paste -sd' '; }
directories() { tar --zstd -tf "$x" | grep '/$' | sed -n "s,^${T#/}/volumes/,,p" | LC_ALL=C sort | paste -sd' '; }
succeeded() { sed -n '/^backup-complete/,$s/^with component .* \([a-z]*\) succeeded=\(.*\)/\1=\2/p' "$T/Db.log" | paste -sd' '; }
# taken: a backup that goes well, without a word; it is told which files it took.
taken() {
	rm -f "$x" "$T"/*.log
	run --separate-stderr backup -o "$x" -w Db
	assert_equal "$status $stderr" '0 '
	assert_equal "$(members)" "$1"
}

@test "names, wildcards and recursion say which files; *.* means all" {
	db_writer <<<"file \"\" one \"$a/db\" *.db"
	taken 'a/db/one.db a/db/two.db'
	db_writer <<<"file \"\" one \"$a/db\" ???.db"
	taken 'a/db/one.db a/db/two.db'
	db_writer <<<"file \"\" one \"$a/db/\" *.db recursive=yes"
	taken 'a/db/one.db a/db/sub/three.db a/db/two.db'
	db_writer <<<"file \"\" one \"$a/db\" *.*"
	taken 'a/db/.hidden a/db/notes a/db/one.db a/db/two.db'
	db_writer <<<"file \"\" one \"$a/db\" *.* recursive=yes"
	taken 'a/db/.hidden a/db/notes a/db/one.db a/db/sub/deep/four.txt a/db/sub/three.db a/db/two.db'
	db_writer <<<"file \"\" one \"$a/db\" notes"
	taken 'a/db/notes'
}

@test "Z9: empty directories of a recursive set come back, a named file that is missing fails its component, * may match nothing" {
	mkdir "$a/db/empty" "$a/none"
	db_writer <<<"file \"\" one \"$a/db\" *.db recursive=yes"
	taken 'a/db/one.db a/db/sub/three.db a/db/two.db'
	assert_equal "$(directories)" 'a/db/ a/db/empty/ a/db/sub/ a/db/sub/deep/'
	restore -q "$x" --target "$T/r"
	[ -d "$T/r$a/db/empty" ]
	[ -d "$T/r$a/db/sub/deep" ]
	db_writer <<-END
		file "" one "$a/none" *
		file "" one "$a/none" *.* recursive=yes
		file "" one "$a/never" *
	END
	taken ''
	db_writer <<-END
		file "" one "$a/none" here.db
		file "" two "$a/db" one.db
	END
	rm "$x" "$T/Db.log"
	run --separate-stderr backup -q -o "$x" -w Db
	assert_equal "$status" 3
	assert_equal "${stderr_lines[0]}" "backup: $a/none/here.db: not there, though component one of writer \"Db\" names it"
	assert_equal "$(succeeded)" 'one=no two=yes'
}

@test "another wildcard that matches nothing fails nothing: it is told, and warned of where nothing else of the component is there" {
	local said="$a/db/*.log: matches nothing, though component one of writer \"Db\" names it"
	db_writer <<<"file \"\" one \"$a/db\" *.log recursive=yes"
	run --separate-stderr backup -o "$x" -w Db
	assert_equal "$status" 0
	assert_sentence backup "$said"
	assert_equal "$(succeeded)" 'one=yes two=yes'
	db_writer <<-END
		file "" one "$a/db" *.log recursive=yes
		file "" one "$a/db" one.db
	END
	taken 'a/db/one.db'
	run --separate-stderr backup -v --replace -o "$x" -w Db
	[[ $stderr == *"$said"* ]]
}

@test "Z10: excludes are held against the default path of what is read from an alternate one" {
	echo alternate >"$b/alt/one.db"
	echo alternate >"$b/alt/sub/three.db"
	db_writer <<-END
		file "" one "$a/db" *.db recursive=yes alternate="$b/alt"
		exclude "$a/db/sub" three.db
		exclude "$b/alt" one.db
	END
	taken 'a/db/one.db'
	assert_equal "$(tar --zstd -xOf "$x" "${a#/}/db/one.db")" alternate
	# and a restore does not know the alternate path
	rm -r "$b/alt" "$a/db/one.db"
	restore -q --in-place "$x"
	assert_equal "$(cat "$a/db/one.db")" alternate
	[ ! -e "$b/alt" ]
}

@test "excludes win over every component, and what they take out is not missing" {
	db_writer <<-END
		file "" one "$a/db" * recursive=yes
		file "" two "$a/db/sub" three.db
		exclude "$a/db" three.db recursive=yes
		exclude "$a/db" .* recursive=no
	END
	taken 'a/db/notes a/db/one.db a/db/sub/deep/four.txt a/db/two.db'
	assert_equal "$(succeeded)" 'one=yes two=yes'
}

@test "a file of two components is warned of once, with both names" {
	db_writer <<-END
		file "" one "$a/db" *.db
		file "" two "$a/db" * recursive=yes
	END
	run --separate-stderr backup --progress json -o "$x" -w Db
	assert_equal "$status" 0
	run grep -v '^{' <<<"$stderr"
	assert_output "backup: $a/db/one.db: belongs to two components: /one of writer \"Db\" and /two of writer \"Db\""
	assert_equal "$(members)" 'a/db/.hidden a/db/notes a/db/one.db a/db/sub/deep/four.txt a/db/sub/three.db a/db/two.db'
}

@test "a file that is made while the copy is made is looked for in the copy" {
	local created=$((0xF0F + 0x10000))
	db_writer <<-END
		file "" one "$a/later" label mask=$created
		at prepare-snapshot copy "$a/db/notes" "$a/later/label"
	END
	mkdir "$a/later"
	taken 'a/later/label'
	rm "$a/later/label"
	sed -i '/^at /d' "$T/Db.script"
	run --separate-stderr backup -q -o "$T/y.tar.zst" -w Db
	assert_equal "$status" 3
}

@test "a file set that is not for this type of backup is not taken, one that needs no snapshot comes from the copy" {
	db_writer <<-END
		file "" one "$a/db" one.db mask=$((0xF0E))
		file "" one "$a/db" two.db mask=$((0x00F))
		file "" two "$b/alt" * recursive=yes mask=$((0x00F))
		at thaw copy "$a/db/notes" "$a/db/two.db"
		at thaw touch "$b/alt/late"
	END
	echo early >"$b/alt/early"
	run backup --json -o "$x" -w Db
	assert_equal "$(members)" 'a/db/two.db b/alt/early'
	assert_equal "$(tar --zstd -xOf "$x" "${a#/}/db/two.db")" two.db
	assert_json '[.volumes[].volume] | join(" ")' "$a $b"
	assert_json '.grade' application
}

@test "what the writer takes out of the copy is not complained of, nor taken where it is still there" {
	local said='exclude-from-snapshot'
	db_writer <<-END
		file "" one "$a/db" * recursive=yes
		file "" two "$a/db/sub" three.db
		$said "$a/db" *.db recursive=yes
		$said "$a/db" notes
	END
	taken 'a/db/.hidden a/db/sub/deep/four.txt'
	assert_equal "$(succeeded)" 'one=yes two=yes'
	backup -q --replace -o "$x" "$a"
	assert_equal "$(members)" 'a/db/.hidden a/db/sub/deep/four.txt'
	backup -q --replace --exclude-writer Db -o "$x" "$a/db/sub"
	assert_equal "$(members)" 'a/db/sub/deep/four.txt a/db/sub/three.db'
}

@test "a writer may take files out of the copy, and only there" {
	printf '[Writer]\nExec=/bin/sh %s\n' "$T/tidy.sh" >"$VSS_WRITERS_PATH/Tidy.writer"
	cat >"$T/tidy.sh" <<-END
		. "$REPO/scripts/vss-writer.sh"
		on_identify() {
			vss_say writer $(id_of Tidy) Tidy usage=USER_DATA source=OTHER
			vss_say restore-method RESTORE_IF_NOT_THERE
			vss_say component filegroup "" all
			vss_say file "" all "$a/db" "*" recursive=yes
			vss_say exclude-from-snapshot "$a/db" "*.db" recursive=yes
		}
		on_freeze() { vss_hold files; }
		tidy() { [ "\$1" != volume ] || find "\$3/db" -name '*.db' -delete; }
		on_post_snapshot() { vss_each tidy; }
		vss_run
	END
	create-shadow -q --write-env "$T/env" "$a"
	# shellcheck source=/dev/null
	device=$(. "$T/env" && echo "$VSS_SHADOW_DEVICE_1")
	run find "$device/db" -name '*.db'
	assert_output ''
	[ -e "$device/db/notes" ]
	[ -e "$a/db/one.db" ]
	run --separate-stderr backup -o "$x" -w Tidy
	assert_equal "$status $stderr" '0 '
	assert_equal "$(members)" 'a/db/.hidden a/db/notes a/db/sub/deep/four.txt'
}

@test "links are stored as links, and a file set whose own path is one lies where that leads" {
	ln -s db "$a/link"
	ln -s ../notes "$a/db/sub/notes"
	ln "$a/db/one.db" "$a/db/sub/again.db"
	ln -s /nowhere "$a/db/sub/dangling"
	db_writer <<-END
		file "" one "$a/link" * recursive=yes
		exclude "$a/link/sub" four.txt recursive=yes
	END
	taken 'a/db/.hidden a/db/notes a/db/one.db a/db/sub/again.db a/db/sub/dangling a/db/sub/notes a/db/sub/three.db a/db/two.db'
	restore -q "$x" --target "$T/r"
	assert_equal "$(readlink "$T/r$a/db/sub/notes") $(readlink "$T/r$a/db/sub/dangling")" '../notes /nowhere'
	assert_equal "$(stat -c %h "$T/r$a/db/one.db")" 2
	[ "$T/r$a/db/one.db" -ef "$T/r$a/db/sub/again.db" ]
}
