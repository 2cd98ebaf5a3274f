#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore -n: what it says of each file is what the restore then does.

# shellcheck disable=SC2030,SC2031,SC2154 # run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x.tar.zst
	mkdir -p "$a/dir/deep" "$a/empty"
	local name
	for name in one two three dir/four dir/deep/five; do echo "archived $name" >"$a/$name"; done
	ln -s one "$a/link"
	ln "$a/one" "$a/hard"
	backup -q -o "$x" "$a"
}

# Some things are there still, some are something else, some are gone.
change() {
	rm -r "$a/three" "$a/dir/deep" "$a/link"
	echo mine >"$a/two"
	mkdir "$a/three"
	touch "$a/three/inside"
	echo mine >"$a/dir/deep"
	echo mine >"$a/link"
	rmdir "$a/empty"
}

# look: every path with what it is.
look() {
	local path
	while read -r path; do
		if [ -L "$path" ]; then
			echo "$path link $(readlink "$path")"
		elif [ -d "$path" ]; then
			echo "$path directory"
		else
			echo "$path $(cat "$path")"
		fi
	done < <(find "$a" ! -path '*/.vss-shadows*' | LC_ALL=C sort)
}

# plan: "ACTION NAME" of what the dry run in $output says.
plan() { jq -r --arg a "$a" '.plan[] | "\(.action) \(.path[($a | length) + 1:])"' <<<"$output" | LC_ALL=C sort | paste -sd,; }

@test "nothing is changed by it, and the words are those of the page" {
	change
	local before existing
	before=$(look)
	for existing in refuse skip replace keep-both; do
		run --separate-stderr restore -n --json --in-place --existing "$existing" "$x"
		assert_equal "$existing: $(jq '.plan | length' <<<"$output")" "$existing: 11"
		for word in $(jq -r '.plan[].action' <<<"$output" | sort -u); do
			grep -qx "\.It Cm $word" "$REPO/man/restore.8" || fail "$word"
		done
	done
	assert_equal "$(look)" "$before"
	run restore --simulate --in-place --existing skip "$x"
	assert_line "leaves      $a/two"
	run restore -n -q --in-place --existing replace "$x"
	assert_line --regexp '^Would restore 10 files \([^)]*\) in place$'
	assert_line '    Failed: 1'
}

@test "refuse: each file that is in the way is told, and the status is that of the restore" {
	change
	run --separate-stderr restore -n --json --in-place "$x"
	assert_equal "$status" 1
	local said=$stderr
	assert_equal "$(plan)" 'attributes ,attributes dir,new empty,refused dir/deep,refused dir/deep/five,refused dir/four,refused hard,refused link,refused one,refused three,refused two'
	run --separate-stderr restore -q --in-place "$x"
	assert_equal "$status $stderr" "1 $said"
}

# figures: status, counts and last sentence of what was run.
figures() { echo "$status $(jq -c '[.files, .skipped, .failed]' <<<"$output") ${stderr##*$'\n'}"; }

# agree EXISTING FIGURES: after the dry run the restore: what it said of each file, and of all of them, has come true.
agree() {
	local action name before=$T/before
	cp -a "$a" "$before"
	run --separate-stderr restore --json --in-place --existing "$1" "$x"
	assert_equal "$1: $(figures)" "$1: $2"
	while read -r action name; do
		[ -n "$name" ] || continue
		case $action in
		new) [ ! -e "$before/$name" ] && is_archived "$name" ;;
		replaces) is_archived "$name" ;;
		attributes) [ -d "$before/$name" ] && [ -d "$a/$name" ] ;;
		beside) is_same "$name" && [ -e "$a/$name.restored" ] ;;
		leaves) is_same "$name" ;;
		fails) [[ $stderr == *"/$name: "* ]] && { [ ! -e "$before/$name" ] || is_same "$name"; } ;;
		*) false ;;
		esac || fail "$1: $action $name: $stderr"
	done < <(tr , '\n' <<<"$plan")
}
is_archived() {
	case $1 in
	link) [ "$(readlink "$a/link")" = one ] ;;
	hard) [ "$a/hard" -ef "$a/one" ] ;;
	empty | dir/deep) [ -d "$a/$1" ] ;;
	*) [ "$(cat "$a/$1")" = "archived $1" ] ;;
	esac
}
is_same() { diff -r "$T/before/$1" "$a/$1" >/dev/null; }

@test "skip, replace and keep-both do of each file what was said" {
	local existing
	for existing in skip replace keep-both; do
		rm -rf "$a" "$T/before"
		restore -q --in-place "$x"
		change
		run --separate-stderr restore -n --json --in-place --existing "$existing" "$x"
		assert_equal "$status" 3
		plan=$(plan)
		echo "$existing: $plan" >>"$T/plans"
		agree "$existing" "$(figures)"
	done
	diff "$T/plans" - <<-END
		skip: attributes ,attributes dir,fails dir/deep,fails dir/deep/five,leaves dir/four,leaves hard,leaves link,leaves one,leaves three,leaves two,new empty
		replace: attributes ,attributes dir,fails three,new dir/deep/five,new empty,replaces dir/deep,replaces dir/four,replaces hard,replaces link,replaces one,replaces two
		keep-both: attributes ,attributes dir,beside dir/four,beside hard,beside link,beside one,beside three,beside two,fails dir/deep,fails dir/deep/five,new empty
	END
}
