#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# backup --from-shadow: an existing set becomes an archive, and no writer hears of it.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a/data/sub" "$a/plain" "$b/more"
	echo table >"$a/data/table"
	echo deep >"$a/data/sub/deep"
	echo plain >"$a/plain/file"
	echo other >"$b/more/file"
}

# shadow [OPTION]...: a set of both volumes; its ID is in $id.
shadow() {
	id=$(create-shadow --json "$@" "$a" "$b" | jq -r .set_id)
	[ -n "$id" ]
}

# spoil: after this the live volumes have nothing of what was copied.
spoil() {
	rm -r "$a/data" "$b/more"
	echo newer >"$a/plain/file"
	echo stray >"$a/stray"
}

members() { tar --zstd -tf "$x" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/volumes/,," | LC_ALL=C sort | paste -sd' '; }

refused() {
	local want=$1 text=$2
	shift 2
	run --separate-stderr backup -q -o "$x" "$@"
	[ "$status" = "$want" ] || fail "$*: status $status: $stderr"
	assert_sentence backup "$text"
	assert_not_exist "$x"
}

@test "what was copied is archived and restored, whatever became of the volumes" {
	shadow --no-writers
	cp -a "$T/volumes" "$T/want"
	rm -rf "$T"/want/*/.vss-shadows
	spoil
	run --separate-stderr backup --json -o "$x" --from-shadow "${id:0:8}"
	assert_equal "$status" 0
	assert_json .type copy
	assert_json .set_id "$id"
	assert_json .grade crash
	assert_json '.volumes | map(.grade) | join(" ")' 'crash crash'
	restore -q "$x" --target "$T/r"
	run diff -r "$T/want" "$T/r$T/volumes"
	assert_output ''
	run list-shadows --json
	assert_json '.[0].set_id' "$id"
	run verify-backup "$x"
	assert_success
}

@test "the time of the backup is that of the set, and so is its name in a directory" {
	shadow --no-writers
	created=$(list-shadows --json | jq -r '.[0].created')
	mkdir "$T/out"
	backup -q -o "$T/out" --from-shadow "$id"
	name=$(ls "$T/out")
	assert_equal "$name" "$(hostname)-$(sed -E 's/\..*//; s/[-:]//g' <<<"$created")Z-${id:0:8}.tar.zst"
	run list-backups --json "$T/out"
	assert_json '.[0].created' "$created"
	run --separate-stderr backup -q -o "$T/out" --from-shadow "$id"
	assert_equal "$status" 1
	assert_sentence backup "$name"
}

@test "a writer's components come with their document and grade, and it hears nothing" {
	test_writer One "$a/data" </dev/null
	shadow
	before=$(cat "$T/One.log")
	spoil
	run --separate-stderr backup --json -o "$x" --from-shadow "$id"
	assert_equal "$status" 0
	assert_json '.writers[0].grade' application
	assert_equal "$(cat "$T/One.log")" "$before"
	tar --zstd -xOf "$x" .vss/writers/One.xml | grep -q 'method="RESTORE_IF_CAN_BE_REPLACED"'
	tar --zstd -xOf "$x" .vss/backup-components.xml >"$T/doc"
	grep -q 'backupSucceeded="yes"' "$T/doc"
	grep -q 'grade="application"' "$T/doc"
	forget
	restore -q --in-place -w One "$x"
	assert_equal "$(cat "$a/data/table" "$a/data/sub/deep")" $'table\ndeep'
	assert_equal "$(cat "$a/plain/file")" newer
	grep -q '^post-restore at=' "$T/One.log"
}

@test "a writer that is switched off since does not matter" {
	test_writer One "$a/data" </dev/null
	shadow
	rm "$VSS_WRITERS_PATH/One.writer"
	backup -q -o "$x" --from-shadow "$id" -w One
	assert_equal "$(members)" 'a/data/sub/deep a/data/table'
}

@test "paths are looked up in the copies; a writer with files below one takes part with all it has" {
	test_writer One "$a/data" </dev/null
	shadow
	spoil
	backup -q -o "$x" --from-shadow "$id" "$b/more"
	assert_equal "$(members)" 'b/more/file'
	assert_equal "$(list-backups --json "$x" | jq -r '.[0].writers | length')" 0
	rm "$x"
	backup -q -o "$x" --from-shadow "$id" "$a/data/sub"
	assert_equal "$(members)" 'a/data/sub/deep a/data/table'
	assert_equal "$(list-backups --json "$x" | jq -r '.[0].writers | length')" 1
	rm "$x"
	backup -q -o "$x" --from-shadow "$id" --no-writers "$a/data/sub"
	assert_equal "$(members)" 'a/data/sub/deep'
	rm "$x"
	backup -q -o "$x" --from-shadow "$id" --exclude-writer One --exclude table "$a"
	assert_equal "$(members)" 'a/data/sub/deep a/plain/file'
}

@test "one component of several, and its set" {
	{
		echo "writer $(id_of Two) Two usage=USER_DATA source=OTHER"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'component filegroup "" db selectable=yes'
		echo "file \"\" db \"$a/data\" *"
		echo 'component filegroup db deep selectable=yes'
		echo "file db deep \"$a/data/sub\" *"
		echo 'component filegroup "" other selectable=yes'
		echo "file \"\" other \"$b/more\" *"
		echo 'hold files'
		echo "log \"$T/Two.log\""
	} >"$T/Two.script"
	register Two "$VSS_BUILD/bin/vss-test-writer $T/Two.script"
	shadow
	spoil
	backup -q -o "$x" --from-shadow "$id" -w Two:/db
	assert_equal "$(members)" 'a/data/sub/deep a/data/table'
	rm "$x"
	backup -q -o "$x" --from-shadow "$id" -w Two:/db/deep
	assert_equal "$(members)" 'a/data/sub/deep'
	rm "$x"
	backup -q -o "$x" --from-shadow "$id" -w Two --exclude-writer Two:/db
	assert_equal "$(members)" 'b/more/file'
	rm "$x"
	refused 1 'had no part in the set' --from-shadow "$id" -w Two:/none
	refused 1 'had no part in the set' --from-shadow "$id" -w Three
}

@test "what cannot be: types, unknown sets, paths that are not in the set" {
	shadow --no-writers
	for type in full incremental differential log; do
		refused 2 "--type $type and --from-shadow exclude each other" --from-shadow "$id" --type "$type"
	done
	refused 2 'not an ID' --from-shadow nonsense
	refused 1 'there is no such shadow copy set' --from-shadow 01234567
	refused 1 'lies on no volume of the set' --from-shadow "$id" "$T"
	echo later >"$a/later"
	refused 1 "$a/later: in the shadow copy" --from-shadow "$id" "$a/later"
	refused 2 '--provider and --from-shadow exclude each other' --from-shadow "$id" --provider fake
}

@test "a set of which a copy was deleted is refused with a sentence" {
	shadow --no-writers
	delete-shadow -q "$(list-shadows --for "$b" --columns id)"
	refused 1 'of its 2 shadow copies was deleted' --from-shadow "$id"
	delete-shadow -q --all
	refused 1 'there is no such shadow copy set' --from-shadow "$id"
}

@test "a copy that is below the bar is refused, or accepted by name" {
	VSS_FAKE_FAULTS=instant=many shadow --no-writers --min-grade ordered
	refused 6 'is only ordered' --from-shadow "$id"
	backup -q -o "$x" --from-shadow "$id" --min-grade ordered
	assert_equal "$(list-backups --json "$x" | jq -r '.[0].grade')" ordered
}

@test "what a copy has lost fails its component" {
	test_writer One "$a/data" <<<"file \"\" data \"$a/plain\" file"
	shadow
	rm "$(list-shadows --for "$a" --columns device)/plain/file"
	run --separate-stderr backup -q -o "$x" --from-shadow "$id"
	assert_equal "$status" 3
	tar --zstd -xOf "$x" .vss/backup-components.xml | grep -q 'backupSucceeded="no"'
}
