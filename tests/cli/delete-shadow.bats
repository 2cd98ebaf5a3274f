#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	fake_volumes a b
	one=$(create-shadow --json "$(volume a)" "$(volume b)")
	two=$(create-shadow --json "$(volume a)")
	one_a=$(jq -r '.shadows[0].id' <<<"$one")
	one_b=$(jq -r '.shadows[1].id' <<<"$one")
	two_a=$(jq -r '.shadows[0].id' <<<"$two")
}

left() { list-shadows --columns id | tr -d '{}' | tr '\n' ' '; }

@test "an operand is a shadow copy or a set" {
	run --separate-stderr delete-shadow "$one_a"
	assert_success
	assert_output "Successfully deleted 1 shadow copy."
	assert_equal "$(left)" "$one_b $two_a "
	run delete-shadow "{$(jq -r .set_id <<<"$one")}" "${two_a:0:8}"
	assert_output "Successfully deleted 2 shadow copies."
	assert_equal "$(left)" ""
	assert_equal "$(find "$(volume a)" "$(volume b)" -mindepth 1)" ""
}

@test "--shadow and --set do the same" {
	delete-shadow -q --shadow "$two_a"
	assert_equal "$(left)" "$one_a $one_b "
	delete-shadow -q --set "$(jq -r .set_id <<<"$one")"
	assert_equal "$(left)" ""
}

@test "--for takes those of a volume, --oldest one of them" {
	delete-shadow -q --for "$(volume a)" --oldest
	assert_equal "$(left)" "$one_b $two_a "
	delete-shadow -q --for "$(volume b)"
	assert_equal "$(left)" "$two_a "
	run delete-shadow --for "$(volume b)"
	assert_success
	assert_output "No items found that satisfy the query."
}

@test "--all takes all, also out of one set" {
	run delete-shadow --all
	assert_output "Successfully deleted 3 shadow copies."
	assert_equal "$(left)" ""
}

@test "--dry-run only says it" {
	run delete-shadow -n --all
	assert_success
	assert_line "Would delete shadow copy {$one_b} of $(volume b)"
	assert_equal "${#lines[@]}" 3
	assert_equal "$(left)" "$one_a $one_b $two_a "
}

@test "--json lists what went" {
	run delete-shadow --json --for "$(volume a)"
	assert_json 'map(.id) | join(" ")' "$one_a $two_a"
	assert_json '.[0] | keys_unsorted | join(" ")' "id set_id volume"
	run delete-shadow --json --for "$(volume a)"
	assert_output "[]"
}

@test "what a running command uses is passed over unless it is named" {
	start create-shadow "$(volume a)" -- sh -c "echo \$VSS_SHADOW_1 >$T/used; exec sleep 60"
	wait_until 10 test -s "$T/used"
	delete-shadow -q --all
	assert_equal "{$(left | tr -d ' ')}" "$(cat "$T/used")"
	kill -TERM "$started_pid"
	ended
	assert_equal "$status" 130
	assert_equal "$(left)" ""
}

@test "an exposed copy is taken away first" {
	expose-shadow -q "$two_a" "$T/x"
	delete-shadow -q "$two_a"
	run expose-shadow --list
	assert_output "No items found that satisfy the query."
}

# made_on DAY NAME [OPTION]...: a copy of volume a that was made at noon of that day; its ID goes into the variable NAME.
made_on() {
	local day=$1 name=$2 json set
	shift 2
	json=$(create-shadow --json "$@" "$(volume a)")
	set=$(jq -r .set_id <<<"$json")
	sed -i "s|\(created=\)\"[^\"]*\"|\1\"${day}T12:00:00.000Z\"|" "$(volume a)/.vss-shadows/$set.xml"
	printf -v "$name" %s "$(jq -r '.shadows[0].id' <<<"$json")"
}

@test "rules keep some and delete the others, of each volume by itself" {
	delete-shadow -q --all
	made_on 2026-03-01 monday
	made_on 2026-02-20 old_held --hold
	made_on 2026-03-02 tuesday
	made_on 2026-03-03 wednesday
	other=$(create-shadow --json "$(volume b)" | jq -r '.shadows[0].id')
	run list-shadows --columns created,id
	assert_output --partial "2026-03-01"
	run delete-shadow -n --for "$(volume a)" --keep-last 1 --keep-monthly 1
	assert_success
	assert_line "Would keep shadow copy {$wednesday} of $(volume a) (last, monthly)"
	assert_line "Would delete shadow copy {$tuesday} of $(volume a)"
	assert_line "Would delete shadow copy {$monday} of $(volume a)"
	assert_equal "${#lines[@]}" 3
	run delete-shadow --for "$(volume a)" --keep-daily 2
	assert_output "Successfully deleted 1 shadow copy."
	assert_equal "$(left)" "$old_held $tuesday $wednesday $other "
	run delete-shadow --json --all --keep-last 1
	assert_json 'map(.id + (.kept_by | tostring)) | sort | join(" ")' "$(printf '%s\n' "${wednesday}[\"last\"]" "${other}[\"last\"]" \
		"${tuesday}[]" | sort | paste -sd ' ')"
	assert_equal "$(left)" "$old_held $wednesday $other "
}

@test "what is missing is kept in place of nothing" {
	delete-shadow -q --all
	made_on 2026-03-01 older
	made_on 2026-03-02 newer
	made_on 2026-03-03 missing
	rm -r "$(volume a)/.vss-shadows/$missing/copy"
	run delete-shadow -v --for "$(volume a)" --keep-last 1
	assert_success
	assert_output --partial "is missing: passed over"
	assert_equal "$(left)" "$newer $missing "
	delete-shadow -q "$missing"
	assert_equal "$(left)" "$newer "
	assert_not_exist "$(volume a)/.vss-shadows/$older"
}

@test "a document that came from elsewhere names no other file to be removed, and opens no other directory" {
	delete-shadow -q --all
	echo precious >"$T/victim"
	create-shadow -q --context client-accessible "$(volume a)"
	document=$(echo "$(volume a)"/.vss-shadows/*.xml)
	mkdir -m 700 "$T/private"
	delete-shadow -q --all -n
	sed -i "s|volumeId=\"[^\"]*\"|volumeId=\"../../private\"|" "$document"
	rm -rf "$VSS_STATE_DIR" "$VSS_RUN_DIR/samba"
	create-shadow -q "$(volume b)" -- true
	assert_equal "$(stat -c %a "$T/private")" 700
	sed -i "s|device=\"[^\"]*\"|device=\"$T/victim\"|" "$document"
	rm -rf "$VSS_STATE_DIR"
	run delete-shadow --all
	assert_output --partial "'$T/victim' is no device path of a shadow copy"
	assert_exist "$T/victim"
	assert_exist "$document.unreadable"
}

@test "rules touch one tag only, and nothing that is exposed" {
	delete-shadow -q --all
	made_on 2026-03-01 plain
	made_on 2026-03-02 one --tag nightly
	made_on 2026-03-03 two --tag nightly
	made_on 2026-03-04 three --tag nightly
	expose-shadow -q "$two" "$T/x"
	run delete-shadow -v --for "$(volume a)" --tag nightly --keep-last 1
	assert_success
	assert_output --partial "exposed at $T/x: passed over"
	assert_equal "$(left)" "$plain $two $three "
	run delete-shadow --for "$(volume a)" --tag hourly --keep-last 1
	assert_output "No items found that satisfy the query."
	run delete-shadow --for "$(volume a)" --keep-within 1d
	assert_output "Successfully deleted 0 shadow copies."
	expose-shadow -q --remove "$T/x"
}

@test "no rule keeps nothing" {
	for words in "--for $(volume a) --keep-last 0" "--keep-last 2" "--all --tag x" "--for $(volume a) --oldest --keep-daily 2" \
		"$one_a --keep-last 2" "--all --keep-daily -1" "--all --keep-within 0"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr delete-shadow $words
		assert_equal "$status" 2
		assert_sentence delete-shadow ""
	done
	assert_equal "$(left)" "$one_a $one_b $two_a "
}

@test "words that mean nothing are one sentence" {
	run --separate-stderr delete-shadow
	assert_equal "$status" 2
	assert_sentence delete-shadow "say which"
	run --separate-stderr delete-shadow frob
	assert_equal "$status" 2
	assert_sentence delete-shadow "'frob' is not an ID"
	for option in "" --shadow --set; do
		# shellcheck disable=SC2086 # no option, no word
		run --separate-stderr delete-shadow $option 12345678-9abc
		assert_equal "$status" 1
		assert_sentence delete-shadow "(VSS_E_OBJECT_NOT_FOUND)"
	done
	run --separate-stderr delete-shadow --all --for "$(volume a)"
	assert_equal "$status" 2
	assert_sentence delete-shadow "exclude each other"
	run --separate-stderr delete-shadow --all "$one_a"
	assert_equal "$status" 2
	run --separate-stderr delete-shadow --oldest --all
	assert_equal "$status" 2
	assert_sentence delete-shadow "--oldest needs --for"
	assert_equal "$(left)" "$one_a $one_b $two_a "
}

@test "a full stdout is not a success" {
	assert_full delete-shadow -n --all
	assert_full delete-shadow "$two_a"
}
