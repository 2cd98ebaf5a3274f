#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore --in-place: which components come back, what their writers hear of it, and archives that lack what they name.

# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x.tar.zst
	db_files
	db_writer
	backup -q -o "$x" -w Db
	forget
}

db_files() {
	local file
	mkdir -p "$a"/{base,data,set1,jan,set2,query,usage,plain}
	for file in base data set1 jan set2 query usage plain; do echo "$file" >"$a/$file/$file"; done
}

# script NAME <<<LINES: a writer of that name with these components; what it hears is in $T/NAME.log.
script() {
	{
		printf 'writer %s "%s" usage=USER_DATA source=OTHER\n' "$(id_of "$1")" "$1"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		cat
		echo 'hold files'
		printf 'log "%s"\n' "$T/$1.log"
	} >"$T/$1.script"
	register "$1" "$VSS_BUILD/bin/vss-test-writer $T/$1.script"
}

# Of the set of data only Set1 and Usage can be restored alone; Jan comes with Set1, Query with the whole of data.
db_writer() {
	script Db <<-END
		component filegroup "" base selectable=no
		file "" base "$a/base" *
		component filegroup "" data selectable=yes
		file "" data "$a/data" *
		component filegroup data Set1 selectable=no selectable-for-restore=yes
		file data Set1 "$a/set1" *
		component filegroup data/Set1 Jan selectable=no
		file data/Set1 Jan "$a/jan" *
		component filegroup data Set2 selectable=no
		file data Set2 "$a/set2" *
		component filegroup data/Logs Query selectable=no
		file data/Logs Query "$a/query" *
		component filegroup data Usage selectable=yes selectable-for-restore=yes
		file data Usage "$a/usage" *
	END
}

lose() { find "$a" -type f -delete; }
there() { (cd "$a" && find . -type f ! -path '*/.vss-shadows*' -printf '%f\n' | LC_ALL=C sort | paste -sd' '); }
# selected [NAME]: the components that the writer was told at post-restore, each with its status, and what of them.
selected() {
	sed -nE '/^post-restore/,$s/^with (component|subcomponent|restore-subcomponent) (.*)/\1 \2/p' "$T/${1:-Db}.log" |
		sed -E 's/component filegroup "?([^" ]*)"? "?([^" ]*)"?.*status=(.*)/\1\/\2=\3/' | paste -sd' '
}
brought() {
	lose
	forget
	restore -q --in-place "$@" "$x"
}

@test "C15: a component that was chosen at backup comes back with all below it" {
	brought -w Db:/data
	assert_equal "$(there)" 'data jan query set1 set2 usage'
	assert_equal "$(selected)" /data=all
	brought -w Db:/base
	assert_equal "$(there)" base
	brought -w 'db:\base' -w Db:/data/Set1
	assert_equal "$(there)" 'base jan set1'
}

@test "C16, Z6: only the subcomponent that was named comes back, and its writer hears which" {
	brought -w Db:/data/Set1
	assert_equal "$(there)" 'jan set1'
	assert_equal "$(selected)" '/data=all subcomponent "" data data Set1'
}

@test "C16: what cannot be restored alone is refused" {
	run --separate-stderr restore -q --in-place -w Db:/data/Set2 "$x"
	assert_equal "$status" 2
	assert_sentence restore '/data/Set2'
	run --separate-stderr restore -q --in-place -w Db:/none "$x"
	assert_equal "$status" 1
	assert_sentence restore 'writer "Db": has no component /none'
	assert_equal "$(events Db)" ''
}

@test "R57: the rest of a set is not touched by a path while its writer is here" {
	lose
	run --separate-stderr restore -q --in-place -w Db:/data/Set1 "$x" "$a/set2"
	assert_equal "$status" 1
	assert_sentence restore 'set2/set2: belongs to a writer that is running here'
	assert_equal "$(there)" ''
}

@test "--exclude-writer leaves a component or a writer out, but not a part of what comes back whole" {
	brought --exclude-writer Db:/data
	assert_equal "$(there)" base
	brought -w Db --exclude-writer Db:/base
	assert_equal "$(there)" 'data jan query set1 set2 usage'
	run --separate-stderr restore -q --in-place -w Db --exclude-writer Db:/data/Set1 "$x"
	assert_equal "$status" 2
	assert_sentence restore 'component /data/Set1 cannot be left out, it comes back with /data'
	rm "$x"
	db_files
	backup -q -o "$x" -w Db "$a/plain"
	brought --exclude-writer Db
	assert_equal "$(there) $(events Db)" 'plain '
}

@test "C43: what a component depends on comes back with it" {
	mkdir "$a/front"
	echo front >"$a/front/front"
	script Front <<-END
		component filegroup "" front selectable=yes
		file "" front "$a/front" *
		dependency "" front $(id_of Db) "" base
	END
	rm "$x"
	backup -q -o "$x" -w Db -w Front
	brought -w Front
	assert_equal "$(there)" 'base front'
	assert_equal "$(selected) $(selected Front)" '/base=all /front=all'
	run --separate-stderr restore -q --in-place -w Front --exclude-writer Db:/base "$x"
	assert_equal "$status" 2
	assert_sentence restore 'component /base cannot be left out, others that come back depend on it: leave those out, too'
}

@test "R52, Z15: when one component cannot be restored none is, and that is what their writers hear" {
	lose
	mkdir "$a/base/base"
	run --separate-stderr restore -q --in-place -w Db "$x"
	assert_equal "$status" 6
	assert_sentence restore "base/base: a directory is in its place"
	assert_equal "$(selected)" '/base=none /data=none'
	assert_equal "$(there)" ''
	rmdir "$a/base/base" "$a/base"
	echo file >"$a/base"
	forget
	restore -q --in-place -w Db "$x"
	assert_equal "$(selected)" '/base=all /data=all'
	assert_equal "$(cat "$a/base/base")" base
}

# --- D3 ---

# with_documents: an archive of Db, and its documents in $d to be changed.
with_documents() {
	mkdir "$T/documents"
	backup -q --replace -o "$x" -w Db --document "$T/documents"
	d=$(echo "$T/documents"/*)
	forget
}
# refused TEXT: the restore by these documents, before anybody is asked.
refused() {
	lose
	run --separate-stderr restore -q --in-place --document "$d" "$x"
	assert_equal "$status" 1
	assert_sentence restore "$1"
	assert_equal "$(events Db)$(there)" ''
}

@test "D3: a component that its writer's document does not know is refused" {
	with_documents
	sed -i 's/componentName="data"/componentName="date"/g' "$d/backup-components.xml"
	refused 'component /date'
}

@test "D3: a file that a component names and the archive lacks is refused" {
	with_documents
	sed -i "s|path=\"$a/set2\" filespec=\"\*\"|path=\"$a/set2\" filespec=\"gone\"|" "$d/writers/Db.xml"
	grep -q gone "$d/writers/Db.xml"
	refused "names $a/set2/gone, which the archive does not hold"
}

@test "D3: a component whose writer's document is missing is refused" {
	with_documents
	rm "$d/writers/Db.xml"
	sed -i "s/writerId=\"{*$(id_of Db)}*\"/writerId=\"$(id_of Other)\"/g" "$d/backup-components.xml"
	refused 'names writer "Db", which the archive has not'
}
