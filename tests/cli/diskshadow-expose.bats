#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# EXPOSE and UNEXPOSE, of every kind of copy; what is shown of copies that go goes with them.
# shellcheck disable=SC2154 # run and common set stderr and started_pid
load ../lib/common
load ../lib/lists
load ../lib/samba
load ../lib/diskshadow

setup() {
	vss_setup
	fake_volumes a b
	echo before >"$(volume a)/file"
}

new_copy() { create-shadow --json "$@" | jq -r '.shadows[0].id'; }

assert_nothing_exposed() {
	run expose-shadow --list --json
	assert_output '[]'
	assert_equal "$(find "$VSS_STATE_DIR/exposed" -type f 2>/dev/null)" ""
}

@test "a copy is shown as it was typed, listed, and taken away by its ID or its directory" {
	id=$(new_copy "$(volume a)")
	echo after >"$(volume a)/file"
	run --separate-stderr shell "add alias Data {$id}" "expose %data% ./x"
	assert_success
	assert_equal "$stderr" ""
	assert_output "The shadow copy was successfully exposed as ./x."
	assert_equal "$(cat "$T/x/file")" before
	run shell "list shadows all"
	assert_line $'\t\t- Exposed locally as: '"$T/x"
	run --separate-stderr shell "unexpose {$id}"
	assert_success
	assert_output "Shadow copy ID {$id} is no longer exposed."
	assert_nothing_exposed
	mkdir -p "$T/empty dir"
	run --separate-stderr shell "expose $id \"$T/empty dir\"" "UNEXPOSE \"$T/empty dir/\""
	assert_success
	assert_output "The shadow copy was successfully exposed as $T/empty dir."$'\n'"Shadow copy ID {$id} is no longer exposed."
	assert_nothing_exposed
	run list-shadows --columns id
	assert_output "{$id}"
}

@test "a busy path, an exposed copy, an ID of nothing, a drive letter: one sentence, and all stays" {
	id=$(new_copy "$(volume a)") other=$(new_copy "$(volume b)")
	mkdir "$T/full"
	touch "$T/full/thing" "$T/a-file"
	expose-shadow -q "$other" "$T/taken"
	for words in "$id $T/full" "$id $T/a-file" "$id $T/taken" "$other $T/again" "12345678-9abc $T/x" \
		"$id $T/taken/x" "$id $(volume b)/.vss-shadows/$other/copy/x" "$id $VSS_RUN_DIR/shadows/$id/x"; do
		run --separate-stderr shell "expose $words"
		assert_equal "$status" 1
		assert_sentence diskshadow "$T/script:1: "
	done
	for words in "$id z:" "$id Z:\\" "frob $T/x" "$id \\\\elsewhere\\share" "$id \"no share\"" "$id \"\""; do
		run --separate-stderr shell "expose $words"
		assert_equal "$status" 2
		assert_sentence diskshadow "$T/script:1: "
	done
	assert_exist "$T/full/thing"
	assert_not_exist "$T/x"
	assert_not_exist "$T/again"
	run expose-shadow --list --json
	assert_json length 1
	assert_json '.[0].path' "$T/taken"
}

@test "nothing to take away is one sentence" {
	id=$(new_copy "$(volume a)")
	for words in "{$id}" "$T/nowhere" nobody "{00000000-0000-0000-0000-000000000001}"; do
		run --separate-stderr shell "unexpose $words"
		assert_equal "$status" 1
		assert_sentence diskshadow "(VSS_E_OBJECT_NOT_FOUND)"
	done
	run --separate-stderr shell "unexpose z:"
	assert_equal "$status" 2
}

@test "a volatile copy is shown while it lives, and its exposure goes with it" {
	run --separate-stderr shell "add volume $(volume a) alias A" "add volume $(volume b) alias B" create \
		"expose %A% $T/x" "expose %B% $T/y" "exec /bin/cp $T/x/file $T/seen" "unexpose %B%" "expose %B% $T/z"
	assert_equal "$stderr" ""
	assert_success
	assert_equal "$(cat "$T/seen")" before
	assert_nothing_exposed
	for at in x y z; do
		assert_not_exist "$T/$at/file"
		assert_not_symlink_to "$T/$at"
	done
	run list-shadows --json
	assert_output '[]'
}

# assert_not_symlink_to PATH: no link is left there, not even one that leads nowhere.
assert_not_symlink_to() { [ ! -L "$1" ] || fail "$1 is left"; }

@test "RESET and DELETE take it away, too" {
	run --separate-stderr shell "add volume $(volume a) alias A" create "expose %A% $T/x" reset \
		"add volume $(volume a) alias A" create "expose %A% $T/x" "delete shadows exposed $T/x" "exec /usr/bin/test ! -e $T/x/file"
	assert_equal "$stderr" ""
	assert_success
	assert_equal "$(grep -c "successfully exposed as $T/x\\.\$" <<<"$output")" 2
	assert_nothing_exposed
}

@test "a failing command after EXPOSE leaves nothing" {
	run --separate-stderr shell "add volume $(volume a) alias A" create "expose %A% $T/x" "exec /bin/false"
	assert_equal "$status" 1
	assert_nothing_exposed
	assert_not_exist "$T/x/file"
	run list-shadows --json
	assert_output '[]'
}

@test "killed: the next tool takes copy and exposure away" {
	mkfifo "$T/hold"
	printf '%s\n' "add volume $(volume a) alias A" create "expose %A% $T/x" "exec /bin/cat $T/hold" >"$T/script"
	cd "$T"
	start diskshadow /s "$T/script" >"$T/out"
	wait_until 10 test -e "$T/x/file"
	run expose-shadow --list --json
	assert_json '.[0].path' "$T/x"
	kill -KILL "$started_pid"
	ended
	assert_equal "$status" 137
	timeout 10 tee "$T/hold" <<<"" >/dev/null || : # who reads it is not ours any more
	delete-shadow -q --for "$(volume b)"
	assert_nothing_exposed
	assert_not_exist "$T/x/file"
	run list-shadows --json
	assert_output '[]'
}

@test "ended by a signal: directory and share go before the shell does" {
	samba_conf
	mkfifo "$T/hold"
	printf '%s\n' "add volume $(volume a) alias A" "add volume $(volume b) alias B" create "expose %A% $T/x" "expose %B% passing" \
		"exec /bin/cat $T/hold" >"$T/script"
	cd "$T"
	start diskshadow /s "$T/script" >"$T/out" 2>&1
	wait_until 20 has_line "$T/out" "-> exec /bin/cat"
	kill -TERM "$started_pid"
	ended
	assert_equal "$status" 130
	assert_not_exist "$T/x/file"
	assert_nothing_exposed
	run net -s "$VSS_SMB_CONF" usershare info passing
	assert_output ''
	run list-shadows --json
	assert_output '[]'
}

@test "volatile copies of others are not shown" {
	mkfifo "$T/hold"
	start create-shadow "$(volume a)" -- sh -c "echo \$VSS_SHADOW_1 >$T/used; exec cat $T/hold"
	wait_until 10 test -s "$T/used"
	run --separate-stderr shell "expose $(cat "$T/used") $T/x"
	assert_equal "$status" 4
	assert_sentence diskshadow "only persistent shadow copies"
	assert_not_exist "$T/x"
	kill -TERM "$started_pid"
	ended
	assert_equal "$status" 130
}

@test "client-accessible copies are shown, also again when the machine has started" {
	run --separate-stderr shell "set context clientaccessible" "add volume $(volume a) alias A" create "expose %A% $T/x"
	assert_equal "$stderr" ""
	assert_success
	id=$(list-shadows --json | jq -r '.[0].shadows[0].id')
	assert_equal "$(cat "$T/x/file")" before
	run --separate-stderr expose-shadow "$id" "$T/y"
	assert_equal "$status" 4
	assert_sentence expose-shadow "client-accessible shadow copies cannot be exposed"
	run --separate-stderr shell "unexpose $id" "expose $id $T/y" "delete shadows exposed $T/y"
	assert_success
	assert_nothing_exposed
}

@test "a share: by its name, or \\\\HOST\\NAME of this host" {
	samba_conf
	id=$(new_copy "$(volume a)")
	run --separate-stderr shell "expose $id old_data" "list shadows all"
	assert_equal "$stderr" ""
	assert_success
	assert_line "The shadow copy was successfully exposed as old_data."
	assert_line $'\t\t- Exposed remotely as old_data'
	assert_line $'\t\t- Path exposed: '"$VSS_RUN_DIR/shares/old_data"
	run --separate-stderr shell "unexpose OLD_data"
	assert_output "Shadow copy ID {$id} is no longer exposed."
	name="\\\\$(hostname | tr '[:lower:]' '[:upper:]')\\old_data"
	run --separate-stderr shell "expose $id $name" "delete shadows exposed $name"
	assert_success
	assert_line "The shadow copy was successfully exposed as $name."
	assert_line "1 shadow copy deleted."
	run net -s "$VSS_SMB_CONF" usershare info old_data
	assert_output ''
	assert_nothing_exposed
}

@test "a share of a volatile copy goes with it" {
	samba_conf
	run --separate-stderr shell "add volume $(volume a) alias A" create "expose %A% passing"
	assert_equal "$stderr" ""
	assert_success
	run net -s "$VSS_SMB_CONF" usershare info passing
	assert_output ''
	assert_nothing_exposed
	assert_not_exist "$VSS_RUN_DIR/shares/passing"
}
