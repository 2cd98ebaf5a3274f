#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Which components of which writers take part in backup and create-shadow: named, left out, brought along, needed by others.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a) b=$(volume b) x=$T/x.tar.zst
	mkdir -p "$a"/{base,data,jan,usage,feb,other,plain}
	for file in base data jan usage feb other plain; do echo "$file" >"$a/$file/$file"; done
	db_writer
}

# The components: base has part in everything; data brings data/jan, data/usage and what is in that, data/usage can be had alone.
db_writer() {
	script Db <<-END
		component filegroup "" base selectable=no
		file "" base "$a/base" *
		component filegroup "" data selectable=yes
		file "" data "$a/data" *
		component filegroup data jan selectable=no
		file data jan "$a/jan" *
		component filegroup data usage selectable=yes
		file data usage "$a/usage" *
		component filegroup data/usage feb selectable=no
		file data/usage feb "$a/feb" *
		component filegroup "" other selectable=yes
		file "" other "$a/other" *
	END
}

# script NAME <<<LINES: a writer of that name with these components; what it hears is in $T/NAME.log.
script() {
	{
		printf 'writer %s "%s Writer" usage=USER_DATA source=OTHER\n' "$(id_of "$1")" "$1"
		echo 'restore-method RESTORE_IF_CAN_REPLACE writer-restore=always'
		cat
		echo 'hold files'
		printf 'log "%s"\n' "$T/$1.log"
	} >"$T/$1.script"
	register "$1" "$VSS_BUILD/bin/vss-test-writer $T/$1.script"
}

# front_writer LINE...: a writer Front with a component front, and what the lines say of that.
front_writer() {
	mkdir -p "$a/front"
	echo front >"$a/front/front"
	{
		echo 'component filegroup "" front selectable=yes'
		printf 'file "" front "%s" *\n' "$a/front"
		printf '%s\n' "$@"
	} | script Front
}

members() { tar --zstd -tf "$x" | grep -v '^\.vss/' | grep -v '/$' | sed 's,.*/,,' | LC_ALL=C sort | paste -sd' '; }
# explicit [NAME]: the components that the writer was told, which are those in the document.
explicit() {
	sed -n '/^prepare-backup/,/^prepare-snapshot/s/^with component filegroup "*\([^" ]*\)"* "*\([^" ]*\)"*.*/\1\/\2/p' "$T/${1:-Db}.log" |
		LC_ALL=C sort | paste -sd' '
}
took() {
	rm -f "$x" "$T"/*.log
	backup -q -o "$x" "$@"
}
refused() {
	local want=$1 text=$2
	shift 2
	rm -f "$T"/*.log
	run --separate-stderr backup -q -o "$T/refused.tar.zst" "$@"
	assert_equal "$status" "$want"
	assert_sentence backup "$text"
	[ ! -e "$T/refused.tar.zst" ]
	[ ! -e "$T/Db.log" ] || assert_equal "$(events Db)" ''
}

@test "a component is named by writer and full path, with either separator, and brings what is compulsory and what is in it" {
	local word
	for word in Db:/data 'db:\data' "Db Writer:/data/" "$(id_of Db):/data" "{$(id_of Db)}:\\data"; do
		took -w "$word"
		assert_equal "$word: $(explicit)" "$word: /base /data"
		assert_equal "$(members)" 'base data feb jan usage'
	done
	took -w Db:/data/usage
	assert_equal "$(explicit)" '/base data/usage'
	assert_equal "$(members)" 'base feb usage'
}

@test "several components of a writer add up, also with the whole of it" {
	took -w Db:/data/usage -w Db:/other
	assert_equal "$(explicit)" '/base /other data/usage'
	took -w Db:/data/usage -w Db:/data
	assert_equal "$(explicit)" '/base /data'
	took -w Db -w Db:/other
	assert_equal "$(explicit)" '/base /data /other'
	took -w Db:/
	assert_equal "$(explicit)" '/base /data /other'
}

@test "a path draws in the nearest component that can be had by itself" {
	took "$a/feb"
	assert_equal "$(explicit)" '/base data/usage'
	took "$a/jan"
	assert_equal "$(explicit)" '/base /data'
	took "$a/plain" -w Db:/other
	assert_equal "$(explicit) $(members)" '/base /other base other plain'
	took "$a/plain"
	assert_equal "$(explicit) $(members)" ' plain'
}

@test "a component that comes only with another is refused by itself, one that is not there with what there is" {
	refused 2 'component /data/jan: cannot be chosen on its own, only with /data' -w Db:/data/jan
	refused 1 'writer "Db Writer": no component /nothing; it has /base, /data, /data/jan, /data/usage, /data/usage/feb, /other' \
		-w Db:/nothing
	refused 1 'no component /dat; it has' --exclude-writer Db:/dat "$a"
	refused 1 'writer "Nobody": there is none of that name' -w Nobody:/data
}

@test "a writer with many components shows some of them" {
	for i in $(seq 1 40); do
		printf 'component filegroup "" "c%d"\nfile "" "c%d" "%s" *\n' "$i" "$i" "$a/plain"
	done | script Many
	refused 1 'it has /c1, /c2, /c3, /c4, /c5, /c6, /c7, /c8 and 32 more' -w Many:/x
}

@test "a component that is left out takes its set with it, and its files are plain files then" {
	took -w Db --exclude-writer Db:/data
	assert_equal "$(explicit) $(members)" '/base /other base other'
	took "$a/data" "$a/usage" "$a/other" --exclude-writer 'db:\data'
	assert_equal "$(explicit) $(members)" '/base /other base data other usage'
	took "$a/data" "$a/usage" --exclude-writer Db
	assert_equal "$(explicit) $(members)" ' data usage'
	took -w Db --exclude-writer Db:/data --exclude-writer Nobody --exclude-writer Nobody:/x
	assert_equal "$(explicit)" '/base /other'
}

@test "what comes all the same cannot be left out: the sentence says what can" {
	refused 2 'component /data/jan comes with /data: leave out that (--exclude-writer Db:/data)' -w Db --exclude-writer Db:/data/jan
	refused 2 'component /data/usage comes with /data: leave out that' -w Db:/data --exclude-writer Db:/data/usage
	refused 2 'component /base has part in all that is done with its writer: leave out the writer (--exclude-writer Db)' \
		-w Db --exclude-writer Db:/base
	took "$a/base" --exclude-writer Db:/base
	assert_equal "$(explicit) $(members)" ' base'
}

@test "both wanted and excluded is refused" {
	refused 2 "writer 'Db' is both wanted and excluded" -w Db --exclude-writer Db
	refused 2 'writer "Db Writer": is both wanted and excluded' -w Db:/data --exclude-writer "$(id_of Db)"
	refused 2 'component /data/usage is both wanted and excluded' -w Db:/data/usage --exclude-writer Db:/data
}

@test "what a chosen component depends on takes part as if it had been named" {
	front_writer "dependency \"\" front $(id_of Db) data usage"
	took -w Front
	assert_equal "$(explicit Front)" /front
	assert_equal "$(explicit Db)" '/base data/usage'
	assert_equal "$(members)" 'base feb front usage'
	took "$a/front"
	assert_equal "$(explicit Db)" '/base data/usage'
	# what comes with a component brings that: nothing of it can be had alone
	front_writer "dependency \"\" front $(id_of Db) data jan"
	took -w Front
	assert_equal "$(explicit Db)" '/base /data'
	took -w Db:/other
	assert_equal "$(events Front)" ''
}

@test "circles between writers are followed once round" {
	mkdir "$a/third"
	script Third <<-END
		component filegroup "" third
		file "" third "$a/third" *
		dependency "" third $(id_of Front) "" front
	END
	front_writer "dependency \"\" front $(id_of Third) \"\" third" "dependency \"\" front $(id_of Db) \"\" other"
	took -w Third
	assert_equal "$(explicit Third) $(explicit Front) $(explicit Db)" '/third /front /base /other'
}

@test "a target that is not there refuses the whole, whoever may be skipped" {
	local missing=11111111-2222-4333-8444-555555555555
	front_writer "dependency \"\" front $missing some thing"
	refused 6 "writer \"Front Writer\": component /front depends on /some/thing of writer {$missing}, which is not there" \
		--skip-failed-writers "$a/front"
	[[ $stderr == *'leave out both (--exclude-writer Front:/front)'* ]]
	took "$a/front" --exclude-writer Front:/front
	assert_equal "$(members)" front
	front_writer "dependency \"\" front $(id_of Db) \"\" nothing"
	refused 6 'depends on /nothing of writer "Db Writer", which has no such component' -w Front
}

@test "a target that was left out is refused with both names" {
	front_writer "dependency \"\" front $(id_of Db) data usage"
	refused 2 'component /front depends on /data/usage of writer "Db Writer", which is left out' -w Front --exclude-writer Db
	refused 2 'component /data/usage is needed by /front of writer "Front Writer": leave out that, too (--exclude-writer Front:/front)' \
		-w Front --exclude-writer Db:/data/usage
	refused 2 'component /data/usage is needed by /front of writer "Front Writer"' -w Front --exclude-writer Db:/data
	# what is needed comes with what was left out
	front_writer "dependency \"\" front $(id_of Db) data jan"
	refused 2 'component /data is needed by /front of writer "Front Writer"' -w Front --exclude-writer Db:/data
}

@test "a needed writer that fails ends the backup, also where writers may be skipped" {
	front_writer "dependency \"\" front $(id_of Db) \"\" other"
	echo 'at prepare-backup fail NONRETRYABLE "said so"' >>"$T/Db.script"
	run --separate-stderr backup -q --skip-failed-writers -o "$x" "$a/front"
	assert_equal "$status" 6
	assert_sentence backup 'said so'
	[ ! -e "$x" ]
	run --separate-stderr backup -q --skip-failed-writers -o "$x" "$a/other"
	assert_equal "$status" 3
}

@test "what is needed on another machine is named, in path or name" {
	front_writer "dependency \"\" front $(id_of Db) \"\\\\\\\\far\\\\data\" usage"
	run --separate-stderr backup -o "$x" -w Front
	assert_equal "$status" 0
	assert_sentence backup 'component /front of writer "Front Writer" depends on \\far\data\usage, on another machine'
	front_writer "dependency \"\" front $(id_of Db) \"\" \"\\\\\\\\far\\\\usage\""
	run --separate-stderr backup -o "$T/y.tar.zst" -w Front
	assert_equal "$status" 0
	assert_sentence backup 'depends on \\far\usage, on another machine'
	[ ! -e "$T/Db.log" ] || assert_equal "$(events Db)" ''
}

@test "create-shadow: components are named and left out likewise" {
	create-shadow -q -w Db:/data "$a"
	assert_equal "$(explicit)" '/base /data /other'
	forget
	create-shadow -q --exclude-writer Db:/data "$a"
	assert_equal "$(explicit)" '/base /other'
	run --separate-stderr create-shadow -q --exclude-writer Db:/base "$a"
	assert_equal "$status" 2
	assert_sentence create-shadow 'leave out the writer (--exclude-writer Db)'
	run --separate-stderr create-shadow -q -w Db:/nothing "$a"
	assert_equal "$status" 1
	assert_sentence create-shadow 'no component /nothing'
}

@test "create-shadow: a component, or one that it needs, whose volume is not in the set is refused" {
	mkdir "$b/far"
	script Far <<-END
		component filegroup "" far
		file "" far "$b/far" *
		component filegroup "" top selectable=yes
		component filegroup top leaf selectable=no
		file top leaf "$b/far" leaf*
	END
	run --separate-stderr create-shadow -q -w Far:/far "$a"
	assert_equal "$status" 6
	assert_sentence create-shadow "component /far needs the volume of $b/far, which is not in the set: name it, too"
	run --separate-stderr create-shadow -q -w Far:/top "$a"
	assert_equal "$status" 6
	assert_sentence create-shadow 'component /top needs the volume'
	front_writer "dependency \"\" front $(id_of Far) \"\" far"
	run --separate-stderr create-shadow -q --skip-failed-writers "$a"
	assert_equal "$status" 6
	assert_sentence create-shadow 'component /front depends on /far of writer "Far Writer", which needs the volume of'
	assert_nothing_left
	create-shadow -q -w Far:/far "$a" "$b"
	assert_equal "$(explicit Far)" '/far /top'
}

@test "create-shadow: a compulsory component whose volume is not in the set is refused before anybody freezes" {
	sed -i "s,$a/base,$b/base," "$T/Db.script"
	local n
	for n in '' -n; do
		run --separate-stderr create-shadow -q $n "$a"
		assert_equal "$status" 6
		assert_sentence create-shadow "component /base has part in all that is done with its writer, and needs the volume of $b/base"
		[[ $stderr == *'(--exclude-writer Db)' ]]
		assert_equal "$(events Db)" ''
	done
	create-shadow -q "$a" "$b"
	assert_equal "$(explicit)" '/base /data /other'
	create-shadow -q --exclude-writer Db "$a"
}

@test "a dry run says the same" {
	front_writer "dependency \"\" front $(id_of Db) data usage"
	run backup -n --json -o "$x" -w Front
	assert_json '[.writers[].name] | sort | join(" ")' 'Db Writer Front Writer'
	run --separate-stderr backup -n -o "$x" -w Db --exclude-writer Db:/base
	assert_equal "$status" 2
	assert_sentence backup 'component /base has part in all'
}

@test "a component that is recovered in its copy needs one that can be written" {
	printf '[Writer]\nExec=/bin/sh %s\n' "$T/rec.sh" >"$VSS_WRITERS_PATH/Rec.writer"
	cat >"$T/rec.sh" <<-END
		. "$REPO/scripts/vss-writer.sh"
		on_identify() {
			vss_say writer $(id_of Rec) "Rec Writer" usage=USER_DATA source=OTHER
			vss_say restore-method RESTORE_IF_NOT_THERE
			vss_say component filegroup "" rec flags=backup-recovery,not-system-state
			vss_say file "" rec "$a/plain" "*"
		}
		on_freeze() { vss_hold files; }
		recover() { [ "\$1" != volume ] || echo recovered >"\$3/plain/plain"; }
		on_post_snapshot() { vss_each recover; }
		vss_run
	END
	backup -q -o "$x" -w Rec
	assert_equal "$(tar --zstd -xOf "$x" "${a#/}/plain/plain")" recovered
	assert_equal "$(cat "$a/plain/plain")" plain
	assert_equal "$(tar --zstd -xOf "$x" .vss/writers/Rec.xml | grep -o 'componentFlags="[0-9]*"')" 'componentFlags="5"'
	mkdir "$T/storage"
	run --separate-stderr backup -q --provider clone --storage "$T/storage" --min-grade fuzzy -o "$T/y.tar.zst" -w Rec
	assert_equal "$status" 4
	assert_sentence backup 'writer "Rec Writer": component /rec has to be recovered in its copy'
	run --separate-stderr backup -n --provider clone --storage "$T/storage" --min-grade fuzzy -o "$T/y.tar.zst" "$a/plain"
	assert_equal "$status" 4
	assert_sentence backup '(--exclude-writer Rec:/rec)'
}
