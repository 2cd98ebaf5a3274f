#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# vssadmin delete shadows: what goes, what is asked, and that nothing goes without a yes.
# shellcheck disable=SC2154 # run and common set output, stderr and started_pid
load ../lib/common
load ../lib/lists
load ../lib/vssadmin

setup() {
	vss_setup
	fake_volumes a b
	a=$(volume a)
	none=$'No items found that satisfy the query.\n'
}

# made VOLUME [CONTEXT]: a copy of it, client-accessible; its ID is in $id.
made() {
	create-shadow -q --no-writers --context "${2:-client-accessible}" "$(volume "$1")" 2>>"$T/err"
	id=$(ids | tail -n 1)
}

# ids: of all shadow copies, the oldest first.
ids() { list-shadows --columns id | tr -d '{}'; }
left() { ids | paste -sd ' '; }

# question N: as it is printed, with the line behind it.
question() { printf 'Do you really want to delete %d shadow copies (Y/N): [N]? \n' "$1"; }
gone() { printf '%s\n\nSuccessfully deleted %d shadow copies.\n.' "$(question "$1")" "$1"; }
kept() { printf '%s\n\nNothing was done.\n.' "$(question "$1")"; }

@test "a volume, its oldest, one by its ID, all: in both forms" {
	made a && one=$id
	made a && two=$id
	made b && three=$id
	made a && four=$id
	answer $'y\n' delete shadows "/for=$a" /oldest
	text=$(gone 1)
	assert_admin 0 "${text%.}"
	assert_equal "$(left)" "$two $three $four"
	answer $'y\n' delete shadows "/for=$a" "/shadow={$two}"
	assert_admin 0 "${text%.}"
	assert_equal "$(left)" "$three $four"
	made a && five=$id
	answer $'y\n' delete shadows "/shadow=${four:0:8}"
	assert_equal "$(left)" "$three $five"
	answer $'y\n' delete shadows "/for=$a" /all
	assert_equal "$(left)" "$three"
	made a && six=$id
	made a
	answer $'y\n' delete shadows "/for=$a"
	text=$(gone 2)
	assert_admin 0 "${text%.}"
	assert_equal "$(left)" "$three"
	made a
	answer $'y\n' delete shadows /all
	assert_admin 0 "${text%.}"
	assert_equal "$(left)" ''
	assert_not_equal "$one" "$six"
}

@test "only y and yes are a yes" {
	made a
	text=$(kept 1)
	for words in n $'n\n' $'\n' '' $'no\n' $'Yes!\n' $'yy\n' $' y\n' $'n\ny\n' $'\ny\n' $'yesyesyesyesyesyesyesyes\n' $'0\n' $'\xff\n'; do
		answer "$words" delete shadows /all
		assert_admin 1 "${text%.}"
		assert_equal "$(left)" "$id"
	done
	text=$(gone 1)
	for words in y $'Y\n' $'yes\n' $'YES\n' yEs $'y\r\n' $'y\nn\n'; do
		answer "$words" delete shadows /all
		assert_admin 0 "${text%.}"
		made a
	done
}

@test "without anybody to answer nothing goes" {
	made a
	for end in '</dev/null' '<&-' '<.'; do
		run --separate-stderr --keep-empty-lines bash -c "exec vssadmin delete shadows /all $end"
		take_banner
		text=$(kept 1)
		assert_admin 1 "${text%.}"
		assert_equal "$(left)" "$id"
	done
}

@test "a question that cannot be printed is not answered" {
	made a
	run bash -c 'yes | vssadmin delete shadows /all >/dev/full'
	assert_equal "$status" 1
	assert_equal "$(left)" "$id"
}

@test "on a terminal it is asked as well" {
	requires script
	made a
	run bash -c 'printf "n\n" | script -qec "vssadmin delete shadows /all" /dev/null | tr -d "\r"'
	assert_output --partial 'delete 1 shadow copies (Y/N): [N]? '
	assert_line 'Nothing was done.'
	assert_equal "$(left)" "$id"
	run bash -c 'printf "y\n" | script -qec "vssadmin delete shadows /all" /dev/null | tr -d "\r"'
	assert_line 'Successfully deleted 1 shadow copies.'
	assert_equal "$(left)" ''
}

@test "interrupted at the question it deletes nothing" {
	made a
	mkfifo "$T/answer"
	exec 7<>"$T/answer"
	# shellcheck disable=SC2016 # words of that shell
	start bash -c 'exec vssadmin delete shadows /all <"$1" >"$2"' bash "$T/answer" "$T/asked"
	wait_until 10 has_line "$T/asked" 'Do you really want'
	kill -TERM "$started_pid"
	ended
	exec 7<&-
	assert_equal "$status" 130
	has_line "$T/asked" 'Error: Interrupted.'
	assert_equal "$(left)" "$id"
}

@test "quiet asks nothing and says nothing" {
	made a
	made a
	admin delete shadows "/for=$a" /oldest /QUIET
	assert_admin 0 ''
	assert_equal "$(left)" "$id"
	create-shadow -q "$a"
	admin delete shadows /all /Quiet
	assert_admin 0 ''
	assert_equal "$(ids | wc -l)" 1
}

@test "copies of other kinds stay, and are named with who deletes them" {
	made a app-rollback && other=$id
	made a
	answer $'y\n' delete shadows /all
	assert_equal "$status" 0
	assert_equal "$stderr" "vssadmin: shadow copy {$other} of $a stays: it is not 'Client-accessible' (delete-shadow deletes all kinds)"
	assert_equal "$(left)" "$other"
	for words in /all "/for=$a" "/for=$a /oldest"; do
		# shellcheck disable=SC2086 # words
		answer $'y\n' delete shadows $words
		assert_equal "$status" 1
		assert_equal "$output" "Error: Shadow copies were found, but none that this command may delete: delete-shadow deletes all kinds (VSS_E_UNSUPPORTED_CONTEXT)."$'\n'
		assert_equal "$(left)" "$other"
	done
	answer $'y\n' delete shadows "/shadow=$other"
	assert_refused "Shadow copy {ID}: it is not 'Client-accessible': delete-shadow deletes all kinds (VSS_E_UNSUPPORTED_CONTEXT)"
	assert_equal "$(left)" "$other"
	# the oldest is that of those that may go
	made a
	made a && last=$id
	admin delete shadows "/for=$a" /oldest /quiet
	assert_equal "$(left)" "$other $last"
}

@test "what is not there is not found" {
	admin delete shadows /shadow=12345678-1234-1234-1234-123456789abc
	assert_admin 1 "$none"
	made b
	admin delete shadows "/for=$a" "/shadow=$id"
	assert_admin 1 "$none"
	admin delete shadows "/for=$a"
	assert_admin 1 "$none"
	assert_equal "$(left)" "$id"
}

@test "a failure in the middle says how far it came" {
	export VSS_BLOCK_REVERT_PATH=$T/block-revert.d
	made a && made a
	revert-shadow -q --at-boot "$id"
	made b
	answer $'y\n' delete shadows /all
	assert_equal "$status" 1
	[[ $output == *"Error: 1 of 3 shadow copies were deleted."$'\n' ]] || fail "$output"
	[[ $stderr == *"(VSS_E_REVERT_IN_PROGRESS)"* || $stderr == *"put back"* ]] || fail "$stderr"
	assert_equal "$(ids | wc -l)" 2
}

@test "wrong options are one sentence, the help of the command, and no copy less" {
	made a
	while IFS='|' read -r words text; do
		# shellcheck disable=SC2086 # words
		answer $'y\n' delete shadows $words
		assert_usage 'Delete Shadows' "$text"
	done <<-'END'
		|Delete Shadows needs one of /For, /All, /Shadow
		/quiet|Delete Shadows needs one of /For, /All, /Shadow
		/oldest|Delete Shadows needs one of /For, /All, /Shadow
		/oldest /all|/Oldest, /All exclude each other
		/for=/ /oldest /all|/Oldest, /All exclude each other
		/for=/ /oldest /shadow=12345678|/Oldest, /Shadow exclude each other
		/all /shadow=12345678|/All, /Shadow exclude each other
		/all=yes|/All takes no value
		/all= |/All takes no value
		/all all|'all' is no option of Delete Shadows
		/set=12345678|'/set=12345678' is no option of Delete Shadows
		/shadow=|/Shadow needs a value: /Shadow=ID
		/shadow=all|/Shadow: 'all' is not an ID, nor the first 8 or more digits of one
		/on=/|'/on=/' is no option of Delete Shadows
		/all /all|/All is said twice
		/allq|'/allq' is no option of Delete Shadows
	END
	assert_equal "$(left)" "$id"
}
