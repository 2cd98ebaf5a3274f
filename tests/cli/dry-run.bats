#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# backup -n and create-shadow -n: what they foretell is what comes of it, and nothing is changed for it.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b c
	a=$(volume a) b=$(volume b) c=$(volume c) x=$T/x.tar.zst
	mkdir -p "$a/data/sub" "$b/log" "$b/other" "$c/plain"
	head -c 300000 /dev/urandom >"$a/data/table"
	echo deep >"$a/data/sub/deep"
	ln "$a/data/table" "$a/data/again"
	echo log >"$b/log/0001"
	echo other >"$b/other/file"
	echo plain >"$c/plain/file"
}

# Everything that a run could leave behind, to the time of change of each entry.
everything() {
	find "$T" -mindepth 1 -name '*.log' -prune -o -printf '%p %i %y %m %s %n %C@ %T@ %l\n' | LC_ALL=C sort
	grep -F "$T/" /proc/self/mountinfo || :
}

# engine: a component on two volumes with one below it, and another on one volume.
engine() {
	{
		echo "writer $(id_of Engine) Engine usage=USER_DATA source=TRANSACTION_DB"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		echo 'component filegroup "" db selectable=yes'
		echo "file \"\" db \"$a/data\" *"
		echo 'component filegroup db deep selectable=no'
		echo "file db deep \"$b/log\" *"
		echo 'component filegroup "" other selectable=yes'
		echo "file \"\" other \"$b/other\" *"
		echo 'hold files'
		echo "log \"$T/Engine.log\""
	} >"$T/Engine.script"
	register Engine "$VSS_BUILD/bin/vss-test-writer $T/Engine.script"
}

@test "nothing is changed: state, runs, volumes and mounts are the same to the last entry" {
	local before
	engine
	test_writer Broken "$c" <<<'at identify fail NONRETRYABLE "not today"'
	mkdir -p "$VSS_STATE_DIR" "$VSS_RUN_DIR"
	before=$(everything)
	backup -n -q -o "$x" --exclude-writer Broken "$a" "$b" >"/dev/null"
	backup -n --json -o "$x" --skip-failed-writers "$a" "$b" >/dev/null 2>&1 || [ $? = 3 ]
	backup -n -q -o "$T" -w Engine >/dev/null 2>&1 || [ $? = 6 ]
	create-shadow -n --exclude-writer Broken "$a" "$b" "$c" >/dev/null
	create-shadow -n "$a" >/dev/null 2>&1 || [ $? = 6 ]
	assert_equal "$(everything)" "$before"
	assert_equal "$(events Engine)" ''
	# the same look sees what a real run leaves
	create-shadow -q --exclude-writer Broken "$a"
	[ "$(everything)" != "$before" ]
}

@test "paths, writers and components lead to volumes, and those to instants" {
	engine
	run --separate-stderr backup -n --json -o "$x" -w Engine "$c/plain"
	assert_equal "$status" 0
	assert_json 'keys_unsorted | join(" ")' "dry_run from_shadow grade instant freeze_ms freezes paths volumes writers base_id files bytes \
counted_whole archive_dir archive_most archive_free storage_dir storage_most storage_free"
	assert_json '.paths | join(" ")' "$c/plain"
	assert_json '[.volumes[] | "\(.volume) \(.provider) \(.instant) \(.group) \(.plain)"] | sort | join(",")' \
		"$a fake one 0 false,$b fake one 0 false,$c fake one 0 true"
	assert_json '.writers[0].components | map(.component) | join(" ")' '/db /other /db/deep'
	assert_json '.writers[0].components[0] | "\(.brought_by) \(.volumes[0]) \(.instant) \(.best_grade)"' "null $a one application"
	assert_json '.writers[0].components[2] | "\(.brought_by) \(.volumes[0])"' "/db $b"
	run --separate-stderr backup -n -o "$x" -w Engine "$c/plain"
	assert_line "   Path: '$c/plain'"
	assert_line --regexp "^   One instant: '.*', '.*', '.*'$"
	assert_line "      Component: /db, at best application (one instant), on '$a'"
	assert_line "      Component: /db/deep, with /db, on '$b'"
	assert_line --partial "in '$T', where"
	run --separate-stderr create-shadow -n --json "$a" "$b"
	assert_json '.writers[0].components | map(.component) | join(" ")' '/db /other /db/deep'
	assert_json 'has("files")' false
}

@test "a set that would be torn is refused as the real one would be: the same status, the same sentence" {
	local instant args real
	for instant in many fuzzy; do
		for args in "backup -o $x $a $b" "create-shadow $a $b" "backup -o $x --min-grade ordered $a $b" \
			"create-shadow --min-grade fuzzy $a $b"; do
			# shellcheck disable=SC2086 # words
			VSS_FAKE_FAULTS=instant=$instant run --separate-stderr $args --json
			real="$status ${stderr#*: }"
			delete-shadow -q --all
			rm -f "$x"
			# shellcheck disable=SC2086 # words
			VSS_FAKE_FAULTS=instant=$instant run --separate-stderr $args -n --json
			# files that do not change while they are copied one by one are of one instant each: that cannot be foretold
			[ "$instant $args" = "fuzzy backup -o $x --min-grade ordered $a $b" ] || assert_equal "$args: $status ${stderr#*: }" "$args: $real"
			[ "$status" = 0 ] || assert_json '.error.message | length > 0'
		done
	done
	VSS_FAKE_FAULTS=instant=many run --separate-stderr backup -n -o "$x" "$a" "$b"
	assert_equal "$status" 6
	assert_sentence backup 'take them one at a time or accept it (--min-grade ordered)'
	assert_line "   $a: provider fake, ordered"
}

@test "what is counted is what the backup takes, and the archive is no longer than was said" {
	local foretold
	mkdir "$c/empty"
	mkfifo "$c/fifo"
	for args in "$a $b $c" "-x $a" "--exclude table --exclude-writer x $a $c" "-w Engine" "-w Engine:/other $c/plain"; do
		engine
		# shellcheck disable=SC2086 # words
		foretold=$(backup -n --json -o "$x" $args)
		# shellcheck disable=SC2086 # words
		real=$(backup --json -o "$x" $args)
		assert_equal "$args: $(jq -c '[.files, .bytes]' <<<"$foretold")" "$args: $(jq -c '[.files, .bytes]' <<<"$real")"
		[ "$(jq .archive_most <<<"$foretold")" -ge "$(stat -c %s "$x")" ]
		rm "$x"
	done
}

@test "what an archive takes with many small files is not underestimated" {
	local i
	for ((i = 0; i < 1500; i++)); do
		head -c 40 /dev/urandom >"$c/plain/$(printf 'x%.0s' {1..60})$i"
	done
	foretold=$(backup -n --json -o "$x" "$c" | jq .archive_most)
	backup -q -o "$x" "$c"
	[ "$foretold" -ge "$(stat -c %s "$x")" ]
}

@test "how long it was frozen before is told, by the median, and of who is not known nothing" {
	engine
	test_writer One "$c" </dev/null
	run create-shadow -n --json "$a" "$b" "$c"
	assert_json '.freeze_ms' null
	create-shadow -q "$a" "$b"
	run create-shadow -n --json "$a" "$b"
	assert_json .freezes 1
	assert_json '.freeze_ms > 0'
	run create-shadow -n --json "$a" "$b" "$c"
	assert_json '.freeze_ms' null
	assert_json '.writers | map(select(.name == "Engine"))[0].freezes' 1
	printf '%s 9000 1000 5000\n%s 2000 4000\nprovider:fake 7000\n' "$(id_of Engine)" "$(id_of One)" >"$VSS_STATE_DIR/freezes"
	run create-shadow -n --json "$a" "$b" "$c"
	assert_json .freeze_ms 5
	assert_json .freezes 2
	assert_json '[.writers[] | "\(.name) \(.freeze_ms)"] | sort | join(",")' 'Engine 5,One 3'
	run create-shadow -n "$a" "$b" "$c"
	assert_line '   Time frozen: about 5.000 ms, by the last 2 sets'
	run create-shadow -n --json --no-writers "$a"
	assert_json .freeze_ms 7
}

@test "of each writer the last twenty are kept; a file that is none is no trouble" {
	local known
	engine
	mkdir -p "$VSS_STATE_DIR"
	echo "$(id_of Engine) $(seq -s ' ' 1000000 1000019)" >"$VSS_STATE_DIR/freezes"
	backup -q -o "$x" -w Engine
	known=$(cat "$VSS_STATE_DIR/freezes")
	assert_equal "$(wc -w <<<"$known")" 21
	[[ $known = "$(id_of Engine) 1000001 "* ]]
	head -c 5000 /dev/urandom >"$VSS_STATE_DIR/freezes"
	run create-shadow -n --json "$a" "$b"
	assert_success
	assert_json .freeze_ms null
	rm "$x"
	backup -q -o "$x" -w Engine
	grep -q "^$(id_of Engine) [0-9]*$" "$VSS_STATE_DIR/freezes"
}

@test "of an existing set it is told what the archive of it would hold" {
	engine
	id=$(create-shadow --json "$a" "$b" | jq -r .set_id)
	rm -r "$a/data"
	before=$(everything)
	foretold=$(backup -n --json -o "$x" --from-shadow "$id")
	assert_equal "$(everything)" "$before"
	assert_equal "$(jq -r .from_shadow <<<"$foretold")" "$id"
	assert_equal "$(jq -r '[.volumes[] | "\(.grade) \(.group)"] | join(",")' <<<"$foretold")" 'crash 0,crash 0'
	real=$(backup --json -o "$x" --from-shadow "$id")
	assert_equal "$(jq -c '[.files, .bytes]' <<<"$foretold")" "$(jq -c '[.files, .bytes]' <<<"$real")"
	run backup -n -o "$T/y.tar.zst" --from-shadow "$id" -w Engine
	assert_line "Would archive shadow copy set {$id}:"
	assert_line "   Writer: 'Engine'"
	assert_line "      Component: /db, application (one instant), on '$a'"
	refute_output --partial frozen
}

@test "of an increment it is told what it would build on" {
	backup -q -o "$x" "$c"
	base=$(list-backups --json "$x" | jq -r '.[0].backup_id')
	run --separate-stderr backup -n --json --type incremental --base "$x" -o "$T/y.tar.zst" "$c"
	assert_equal "$status" 0
	assert_json .base_id "$base"
	assert_not_exist "$T/y.tar.zst"
	run backup -n --type incremental --base "$x" -o "$T/y.tar.zst" "$c"
	assert_line "   Would build on '$x'"
}
