#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Lists of the administrator (vss-exclude(5)), and what marks itself: --exclude-caches, --exclude-nodump.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x.tar.zst
	mkdir -p "$a"/{app/tmp/deep,db,home/ann/.cache/x,home/bob/.cache} "$VSS_EXCLUDE_PATH"
	for file in app/data app/core.1 app/tmp/one app/tmp/deep/two db/main.db db/main.tmp home/ann/text home/ann/.cache/x/c home/bob/.cache/d; do
		echo "$file" >"$a/$file"
	done
}

# list NAME LINE...
list() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$VSS_EXCLUDE_PATH/$name.conf"
}
db_writer() {
	test_writer Db "$a/db" <<<"${1:-hold files}"
}
members() { tar --zstd -tf "$x" | grep -v '^\.vss/' | grep -v '/$' | sed "s,^${T#/}/volumes/a/,," | LC_ALL=C sort | paste -sd' '; }
directories() { tar --zstd -tf "$x" | grep '/$' | sed -n "s,^${T#/}/volumes/a/,,p" | LC_ALL=C sort | paste -sd' '; }
took() {
	rm -f "$x"
	backup -q -o "$x" "$@"
}
succeeded() { grep -A3 '^backup-complete' "$T/Db.log" | grep -o 'succeeded=[a-z]*'; }

@test "a list names files, in a directory or also below it; directories stay" {
	list local '# what is made again' '' "  $a/app/core.?  " "$a/app/tmp/* /s"
	took "$a/app"
	assert_equal "$(members)" 'app/data'
	assert_equal "$(directories)" 'app/ app/tmp/ app/tmp/deep/'
	list local "$a/app/tmp/* /s"
	run --separate-stderr backup -v --replace --progress json -o "$x" "$a/app"
	assert_equal "$(grep -c "left out, because $VSS_EXCLUDE_PATH/local.conf lists it" <<<"$stderr")" 1
	list local "$a/app/tmp/*"
	took "$a/app"
	assert_equal "$(members)" 'app/core.1 app/data app/tmp/deep/two'
	list local "$a/app/two /s"
	took "$a/app"
	assert_equal "$(members)" 'app/core.1 app/data app/tmp/one'
}

@test "directories in a list may have wildcards, and links in front of these are resolved" {
	list local "$a/home/*/.cache/* /s"
	took "$a/home"
	assert_equal "$(members)" home/ann/text
	ln -s home "$a/people"
	list local "$a/people/an?/.cache/x/*"
	took "$a/home"
	assert_equal "$(members)" 'home/ann/text home/bob/.cache/d'
	list local "$a/home/*/* /s" "$a/home/*/*/y"
	took "$a/home" "$a/db"
	assert_equal "$(members)" 'db/main.db db/main.tmp'
}

@test "what was named below the list's directory is meant, and so is that directory when all of it is listed" {
	list local "$a/app/tmp/* /s" "$a/app/core.1"
	took "$a/app" "$a/app/tmp/deep"
	assert_equal "$(members)" 'app/data app/tmp/deep/two'
	took "$a/app/tmp" "$a/app/core.1"
	assert_equal "$(members)" 'app/core.1 app/tmp/deep/two app/tmp/one'
	list local "$a/app/o* /s"
	took "$a/app"
	assert_equal "$(members)" 'app/core.1 app/data app/tmp/deep/two'
	took "$a/app/tmp"
	assert_equal "$(members)" 'app/tmp/deep/two app/tmp/one'
}

@test "Z11: a list with the name of a writer is in force only while that writer takes no part" {
	local name
	db_writer
	for name in Db db; do
		rm -f "$VSS_EXCLUDE_PATH"/*
		list "$name" "$a/db/*.tmp" "$a/app/data"
		took "$a"
		[[ $(members) == *db/main.tmp* ]]
		[[ $(members) == *app/data* ]]
		run --separate-stderr backup -v --replace -o "$x" "$a"
		[[ $stderr == *"$VSS_EXCLUDE_PATH/$name.conf: not in force while writer \"Db\" takes part"* ]]
		took --exclude-writer Db "$a/db"
		assert_equal "$(members)" db/main.db
		took --no-writers "$a/db"
		assert_equal "$(members)" db/main.db
		took "$a/app/tmp" "$a/app"
		assert_equal "$(members)" 'app/core.1 app/tmp/deep/two app/tmp/one'
	done
	rm "$VSS_WRITERS_PATH/Db.writer"
	took "$a/db"
	assert_equal "$(members)" db/main.db
}

@test "a list is in force again for a writer that failed and was skipped" {
	db_writer 'at prepare-backup fail NONRETRYABLE "said so"'
	list Db "$a/db/*.tmp"
	run --separate-stderr backup -q --skip-failed-writers -o "$x" "$a/db" --min-grade crash
	assert_equal "$status" 3
	assert_equal "$(members)" db/main.db
}

@test "other lists hold for what writers own, too, which is said once for each; and the component has not failed" {
	db_writer
	list local "$a/db/* /s"
	list more "$a/app/*"
	run --separate-stderr backup --progress json -o "$x" -w Db
	assert_equal "$status" 0
	run grep -v '^{' <<<"$stderr"
	assert_output "backup: $a/db/main.db: left out of component /data of writer \"Db\", because $VSS_EXCLUDE_PATH/local.conf lists it"
	assert_equal "$(members)" ''
	assert_equal "$(succeeded)" succeeded=yes
}

@test "a file that is named and listed is not missing" {
	sed 's/ \* recursive=yes/ main.tmp/' < <(db_writer; cat "$T/Db.script") >"$T/script"
	cp "$T/script" "$T/Db.script"
	list local "$a/db/main.tmp"
	run --separate-stderr backup -o "$x" -w Db
	assert_equal "$status" 0
	assert_sentence backup 'db/main.tmp: left out of component /data'
	assert_equal "$(succeeded)" succeeded=yes
}

@test "shadow copies hold what is listed" {
	list local "$a/* /s"
	create-shadow -q --no-writers --write-env "$T/env" "$a"
	# shellcheck source=/dev/null
	device=$(. "$T/env" && echo "$VSS_SHADOW_DEVICE_1")
	[ -e "$device/app/data" ]
}

@test "lists hold for what is archived from a shadow copy, and their writers' exceptions too" {
	db_writer
	list local "$a/app/* /s" "$a/home/* /s"
	list Db "$a/db/*.tmp"
	set_id=$(create-shadow --json "$a" | jq -r .set_id)
	took --from-shadow "$set_id" "$a"
	assert_equal "$(members)" 'db/main.db db/main.tmp'
	took --from-shadow "$set_id" --exclude-writer Db "$a/db"
	assert_equal "$(members)" 'db/main.db'
}

@test "a list that is wrong, or that others can write to, fails the backup before anything is done" {
	local line
	db_writer
	for line in 'relative/*' "$a/app/" "$a/app/../db/*" "$a//app/*"; do
		list local '# first' "$line"
		run --separate-stderr backup -q -o "$x" "$a"
		assert_equal "$status" 1
		assert_sentence backup "$VSS_EXCLUDE_PATH/local.conf:2: '$line'"
	done
	list local "$a/app/*"
	chmod o+w "$VSS_EXCLUDE_PATH/local.conf"
	run --separate-stderr backup -q -o "$x" "$a"
	assert_equal "$status" 1
	assert_sentence backup 'list of excludes'
	[ ! -e "$x" ]
	assert_equal "$(events Db)" ''
	rm "$VSS_EXCLUDE_PATH/local.conf"
	list local.conf.old "$a/*" # is none
	mv "$VSS_EXCLUDE_PATH/local.conf.old.conf" "$VSS_EXCLUDE_PATH/local.conf.old"
	took "$a/app"
	[[ $(members) == *app/data* ]]
}

@test "of two directories of lists the first counts for a name" {
	mkdir "$T/second"
	list one "$a/app/data"
	printf '%s\n' "$a/app/core.1" >"$T/second/one.conf"
	printf '%s\n' "$a/app/tmp/* /s" >"$T/second/two.conf"
	VSS_EXCLUDE_PATH=$VSS_EXCLUDE_PATH:$T/second:$T/none took "$a/app"
	assert_equal "$(members)" 'app/core.1'
}

# --- what marks itself ---

tag() { printf 'Signature: 8a477f597d28d172789f06886806bc55\n# %s\n' "$1" >"$1/CACHEDIR.TAG"; }

@test "--exclude-caches keeps a marked directory and its tag, at any depth, and nothing else" {
	tag "$a/app/tmp"
	tag "$a/home/ann/.cache/x"
	echo 'Signature: of something else' >"$a/db/CACHEDIR.TAG"
	took "$a"
	[[ $(members) == *app/tmp/one* ]]
	took --exclude-caches "$a"
	assert_equal "$(members)" \
		'app/core.1 app/data app/tmp/CACHEDIR.TAG db/CACHEDIR.TAG db/main.db db/main.tmp home/ann/.cache/x/CACHEDIR.TAG home/ann/text home/bob/.cache/d'
	[[ " $(directories) " == *' app/tmp/ '* ]]
	[[ " $(directories) " != *' app/tmp/deep/ '* ]]
}

@test "a tag that is a link, a pipe or too short is none" {
	tag "$a/app/tmp"
	mv "$a/app/tmp/CACHEDIR.TAG" "$a/tag"
	ln -s "$a/tag" "$a/app/tmp/CACHEDIR.TAG"
	mkfifo "$a/db/CACHEDIR.TAG"
	printf 'Signature: 8a47' >"$a/home/CACHEDIR.TAG"
	took --exclude-caches "$a"
	[[ $(members) == *app/tmp/one*db/main.db*home/ann/text* ]]
}

@test "--exclude-caches is not for components, nor for what was named in a cache" {
	tag "$a/db"
	tag "$a/app"
	mkdir "$a/app/x"
	tag "$a/app/x"
	echo more >"$a/app/x/more"
	echo more >"$a/app/zz"
	db_writer
	took --exclude-caches "$a/db" "$a/app" "$a/home/bob"
	assert_equal "$(members)" \
		'app/CACHEDIR.TAG app/core.1 app/data app/tmp/deep/two app/tmp/one app/x/CACHEDIR.TAG app/zz db/CACHEDIR.TAG db/main.db db/main.tmp home/bob/.cache/d'
	took --exclude-caches "$a" "$a/app/x/more"
	[[ $(members) == *'app/CACHEDIR.TAG app/x/more db/'* ]]
	rm "$a/app/x/CACHEDIR.TAG"
	mkdir "$a/app/x/y"
	tag "$a/app/x/y"
	echo y >"$a/app/x/y/y"
	took --exclude-caches "$a" "$a/app/x"
	[[ $(members) == *'app/CACHEDIR.TAG app/x/more app/x/y/CACHEDIR.TAG db/'* ]]
}

@test "--exclude-nodump leaves out files and directories that chattr +d marks, and reads that in the copy" {
	chattr +d "$a/app/data" 2>/dev/null || skip "needs a file system with chattr +d"
	chattr +d "$a/app/tmp" "$a/db"
	db_writer 'at thaw remove /nowhere'
	took "$a/app"
	assert_equal "$(members)" 'app/core.1 app/data app/tmp/deep/two app/tmp/one'
	took --exclude-nodump "$a/app" "$a/db"
	assert_equal "$(members)" 'app/core.1 db/main.db db/main.tmp'
	assert_equal "$(directories)" 'app/ db/'
	took --exclude-nodump "$a/app" "$a/app/data" "$a/app/tmp/deep"
	assert_equal "$(members)" 'app/core.1 app/data app/tmp/deep/two'
	took --exclude-nodump --exclude-caches "$a/home"
	assert_equal "$(members)" 'home/ann/.cache/x/c home/ann/text home/bob/.cache/d'
}

@test "--exclude-nodump holds for copies by provider clone" {
	chattr +d "$a/app/data" 2>/dev/null || skip "needs a file system with chattr +d"
	mkdir "$T/storage"
	unset VSS_FAKE_VOLUMES
	took --provider clone --storage "$T/storage" --min-grade fuzzy --exclude-nodump "$a/app"
	assert_equal "$(members)" 'app/core.1 app/tmp/deep/two app/tmp/one'
}
