#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What takes shadow copies away, or makes something else of them: DELETE SHADOWS, MASK, BREAK, REVERT, RESYNC.
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists
load ../lib/diskshadow

setup() {
	vss_setup
	fake_volumes a b
}

# make NAME VOLUME... : a set that stays; the IDs of its copies go into NAME1, NAME2, its own into NAME.
make() {
	local name=$1 json i
	shift
	json=$(create-shadow --json "${@/#/"$T/volumes/"}")
	printf -v "$name" %s "$(jq -r .set_id <<<"$json")"
	for ((i = 1; i <= $#; i++)); do
		printf -v "$name$i" %s "$(jq -r ".shadows[$i - 1].id" <<<"$json")"
	done
}

left() { list-shadows --columns id | tr -d '{}' | tr '\n' ' '; }

deleting() { printf 'Deleting shadow copy {%s}...\n\n' "$@"; }

@test "DELETE SHADOWS ID and SET: each is named, then they are counted" {
	make one a b
	make two a
	run --separate-stderr shell "delete shadows id {$two1}"
	assert_success
	assert_equal "$stderr" ""
	assert_output "$(deleting "$two1"; echo '1 shadow copy deleted.')"
	assert_equal "$(left)" "$one1 $one2 "
	run --separate-stderr shell "DELETE Shadows SET ${one^^}"
	assert_success
	assert_output "$(deleting "$one1" "$one2"; echo '2 shadow copies deleted.')"
	assert_equal "$(left)" ""
	assert_equal "$(find "$(volume a)" "$(volume b)" -mindepth 1)" ""
}

@test "DELETE SHADOWS OLDEST and VOLUME: by mount point, or any path inside" {
	make one a b
	make two a
	make three a
	mkdir "$(volume a)/dir"
	run --separate-stderr shell "delete shadows oldest $(volume a)/"
	assert_output "$(deleting "$one1"; echo '1 shadow copy deleted.')"
	assert_equal "$(left)" "$one2 $two1 $three1 "
	run --separate-stderr shell "delete shadows volume $(volume a)/dir"
	assert_output "$(deleting "$two1" "$three1"; echo '2 shadow copies deleted.')"
	assert_equal "$(left)" "$one2 "
	run --separate-stderr shell "delete shadows volume $(volume a)" "delete shadows oldest $(volume a)"
	assert_success
	assert_output $'No shadow copies found in system.\nNo shadow copies found in system.'
}

@test "DELETE SHADOWS VOLUME with the alias of a copy deletes that copy alone" {
	run --separate-stderr shell 'set context persistent' "set metadata $T/set.tar" "add volume $(volume a) alias A" "add volume $(volume b) alias B" \
		create 'delete shadows volume %A%'
	assert_success
	assert_equal "$(list-shadows --columns volume)" "$(volume b)"
	run --separate-stderr shell 'delete shadows volume {00000000-0000-4000-8000-000000000001}'
	assert_equal "$status" 1
	[[ $stderr == *'(VSS_E_OBJECT_NOT_FOUND)' ]]
	assert_equal "$(list-shadows --columns volume)" "$(volume b)"
}

@test "DELETE SHADOWS ALL asks nothing" {
	make one a b
	make two a
	run --separate-stderr shell "delete shadows all" "delete shadows all"
	assert_success
	assert_output "$(deleting "$one1" "$one2" "$two1"; echo '3 shadow copies deleted.'; echo 'No shadow copies found in system.')"
	assert_equal "$(left)" ""
}

@test "DELETE SHADOWS EXPOSED: the directory is free then" {
	make one a b
	expose-shadow -q "$one2" "$T/with blanks"
	cd "$T"
	run --separate-stderr shell "delete shadows exposed \"./with blanks/\""
	assert_success
	assert_output "$(deleting "$one2"; echo '1 shadow copy deleted.')"
	assert_equal "$(left)" "$one1 "
	run --separate-stderr shell "delete shadows exposed \"$T/with blanks\""
	assert_equal "$status" 1
	assert_sentence diskshadow "$T/with blanks: no shadow copy is exposed there (VSS_E_OBJECT_NOT_FOUND)"
	run expose-shadow --list --json
	assert_output '[]'
}

@test "what is of this shell's own job goes, what another command uses stays" {
	mkfifo "$T/hold"
	start create-shadow "$(volume a)" -- sh -c "echo \$VSS_SHADOW_1 >$T/used; exec cat $T/hold"
	wait_until 10 test -s "$T/used"
	used=$(tr -d '{}' <"$T/used")
	make stays b
	run --separate-stderr shell "add volume $(volume b) alias Mine" create "delete shadows all" "list shadows all"
	assert_success
	assert_line "Deleting shadow copy {$stays1}..."
	assert_line "2 shadow copies deleted."
	assert_line --partial "* Shadow copy ID = {$used}"
	assert_line "Number of shadow copies listed: 1"
	run --separate-stderr shell "delete shadows id $used"
	assert_equal "$status" 1
	assert_sentence diskshadow "shadow copy {$used}: is in use by a running operation"
	for words in "set %VSS_SHADOW_SET%" "id %Mine%" "volume $(volume b)" "oldest $(volume b)"; do
		run --separate-stderr shell "add volume $(volume b) alias Mine" "begin backup" create "delete shadows $words" "end backup"
		assert_equal "$stderr" ""
		assert_success
		assert_line "1 shadow copy deleted."
	done
	assert_equal "$(left)" "$used "
	kill -TERM "$started_pid"
	ended
	assert_equal "$status" 130
}

@test "the rest of its job stays its own, also for who has another run directory" {
	run --separate-stderr shell "add volume $(volume a) alias A" "add volume $(volume b) alias B" create "delete shadows id %A%" \
		"exec /usr/bin/env VSS_RUN_DIR=$T/run2 VSS_STATE_DIR=$T/state2 $VSS_BUILD/bin/delete-shadow -q --for $(volume b)" \
		"list shadows all"
	assert_equal "$stderr" ""
	assert_success
	assert_line "Number of shadow copies listed: 1"
	assert_equal "$(left)" ""
	assert_equal "$(find "$(volume a)" "$(volume b)" -mindepth 1)" ""
}

@test "IDs that name nothing, other words, drive letters: one sentence, and all stays" {
	make one a b
	for words in "id 12345678-9abc" "set {00000000-0000-0000-0000-000000000001}" "id {$one}" "set {$one1}"; do
		run --separate-stderr shell "delete shadows $words"
		assert_equal "$status" 1
		assert_sentence diskshadow "no such shadow copy (VSS_E_OBJECT_NOT_FOUND)"
	done
	for words in "id frob" "set frob" "volume c:" "oldest C:\\" "exposed z:" "exposed \\\\elsewhere\\share"; do
		run --separate-stderr shell "delete shadows $words"
		assert_equal "$status" 2
		assert_sentence diskshadow "$T/script:1: "
	done
	for words in "volume $T/nowhere" "exposed nobody"; do
		run --separate-stderr shell "delete shadows $words"
		assert_equal "$status" 1
		assert_sentence diskshadow "${words#* }"
	done
	assert_equal "$(left)" "$one1 $one2 "
}

@test "MASK takes what was imported off this machine, and its files stay" {
	echo content >"$(volume a)/file"
	create-shadow -q --transportable --document "$T/set.xml" "$(volume a)"
	delete-shadow -q --all
	import-shadow -q --to "$(volume b)" "$T/set.xml"
	set=$(list-shadows --json | jq -r '.[0].set_id')
	id=$(list-shadows --json | jq -r '.[0].shadows[0].id')
	run --separate-stderr shell "mask {$set}"
	assert_success
	assert_output "$(deleting "$id"; echo '1 shadow copy deleted.')"
	assert_equal "$(left)" ""
	import-shadow -q --to "$(volume b)" "$T/set.xml"
	assert_equal "$(left)" "$id "
}

@test "MASK of a set that was made here is refused" {
	make one a b
	run --separate-stderr shell "mask $one"
	assert_equal "$status" 4
	assert_sentence diskshadow "'Imported'"
	assert_equal "$(left)" "$one1 $one2 "
	run --separate-stderr shell "mask {00000000-0000-0000-0000-000000000001}"
	assert_equal "$status" 1
	assert_sentence diskshadow "(VSS_E_OBJECT_NOT_FOUND)"
}

@test "BREAK WRITABLE makes volumes of all of a set" {
	echo content >"$(volume a)/file"
	make one a b
	make two a
	run --separate-stderr shell "add alias One {$one}" "BREAK writable %One%"
	assert_success
	assert_equal "${#lines[@]}" 2
	for name in a b; do
		assert_line --regexp "^Shadow copy \\{[0-9a-f-]{36}\\} of $(volume $name) is the volume $(volume $name)/$name-[0-9TZ]+ now\\.\$"
	done
	assert_equal "$(left)" "$two1 "
	broken=$(find "$(volume a)" -maxdepth 1 -name 'a-*')
	assert_equal "$(cat "$broken/file")" content
	echo more >>"$broken/file"
}

@test "BREAK alone makes read-only ones, where the provider can: plain directories cannot be" {
	make one a
	run --separate-stderr shell "break {$one}"
	assert_equal "$status" 4
	assert_sentence diskshadow "$T/script:1: shadow copy {$one1}: "
	assert_equal "$(left)" "$one1 "
}

@test "BREAK of nothing, and of what cannot be broken, is one sentence" {
	run --separate-stderr shell "break {00000000-0000-0000-0000-000000000001}"
	assert_equal "$status" 1
	assert_sentence diskshadow "(VSS_E_OBJECT_NOT_FOUND)"
	run --separate-stderr shell "set context clientaccessible" "add volume $(volume a)" create "break %VSS_SHADOW_SET%"
	assert_equal "$status" 4
	assert_sentence diskshadow "client-accessible shadow copies cannot be broken"
	delete-shadow -q --all
	run --separate-stderr shell "add volume $(volume a)" create "break %VSS_SHADOW_SET%"
	assert_failure
	assert_sentence diskshadow "goes with it"
}

@test "REVERT puts a volume back" {
	echo before >"$(volume a)/file"
	make one a
	echo after >"$(volume a)/file"
	run --separate-stderr shell "add alias Data {$one1}" "revert %Data%"
	assert_success
	assert_output "$(volume a) was put back to shadow copy {$one1}."
	assert_equal "$(cat "$(volume a)/file")" before
}

@test "REVERT refuses copies that go, and what is none" {
	echo before >"$(volume a)/file"
	run --separate-stderr shell "add volume $(volume a) alias Data" create "exec /bin/cp /dev/null $(volume a)/file" "revert %Data%"
	assert_failure
	assert_sentence diskshadow "$T/script:4: "
	run --separate-stderr shell "revert 12345678-9abc"
	assert_equal "$status" 1
	assert_sentence diskshadow "(VSS_E_OBJECT_NOT_FOUND)"
	assert_file_empty "$(volume a)/file"
}

@test "RESYNC says what to do instead" {
	make one a
	run --separate-stderr shell "resync"
	assert_failure
	assert_sentence diskshadow "ADD SHADOW"
	run --separate-stderr shell "add shadow {$one1}" "resync"
	assert_equal "$status" 4
	assert_sentence diskshadow "REVERT"
	assert_equal "$(left)" "$one1 "
}
