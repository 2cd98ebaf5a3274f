#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The rules of VSS, one small file of tests/betest for each: a requester that does what it says, and what has to come of it.

# shellcheck disable=SC2154 # the helpers set variables
load ../lib/common
load ../lib/stories
load ../lib/betest

@test "Z1: identify comes in the middle of an operation and changes nothing" { betest mid-operation; }
@test "Z2: compulsory components come too, children of selectable ones never alone" { betest compulsory; }
@test "Z3: ancestors are found by elements" { betest by-elements; }
@test "Z4: a selectable child of a chosen component is implicit and not double" { betest not-double; }
@test "Z5: what holds for a set is said of its defining component" { betest set-wide; }
@test "Z5: a subcomponent is not spoken of as if it were in the document" { betest of-nobody; }
@test "Z6: of a component that is narrowed only the listed subcomponents come back" { betest narrowed; }
@test "Z7: masks beat selectability" { betest masked; }
@test "Z8: differenced files before partial ones before the mask" { betest differenced-first; }
@test "Z8: files that no file set takes are added, and come back" { betest added; }
@test "Z9: empty directories, named files, a bare star" { betest named-and-star; }
@test "Z10: excludes go by the default path, a restore knows no alternate path" { betest alternate-path; }
@test "Z12: one file in the way sends the whole set to its alternate locations" { betest all-or-nothing; }
@test "Z13: target original means to obey the method" { betest obey; }
@test "Z14: the service stops before the files and starts before post-restore, or restarts behind it" { betest service; }
@test "Z15: more will follow, said of all images but the last; nothing written is none" { betest more-to-come; }
@test "Z18: a failure at prepare-snapshot aborts nobody" { betest prepare-fails; }
@test "Z20: only what succeeded may be truncated" { betest succeeded-only; }
@test "Z21: the document is closed after post-snapshot and saved at the end" { betest document-closed; }
@test "Z24: only persistent copies that are not client-accessible are exposed" { betest exposing; }
@test "Z25: a ranges file is archived and comes first" { betest ranges-file; }
@test "Z25: a command that fails takes backup-complete away" { betest command-fails; }

# --- nothing is forgotten ---

# ids FILE...: the rules that tests are named after.
ids() { sed -nE 's/^@test "(Z[0-9]+): .*/\1/p' "$@" | sort -u; }

@test "each file of tests/betest says what it proves, and is one test named after that" {
	local file name rule
	for file in "$betest_dir"/*; do
		name=${file##*/}
		[ "$name" != README ] || continue
		rule=$(sed -nE "s/^@test \"(Z[0-9]+): .* \{ betest $name; \}\$/\1/p" "$BATS_TEST_FILENAME")
		assert_regex "$name: $rule" ': Z[0-9]+$'
		assert_regex "$(head -n 1 "$file")" "^# $rule: "
		assert_regex "$(sed -n 's/^rule //p' "$file") " "^$rule "
	done
}

@test "each of the 25 rules that are easily got wrong has a test named after it" {
	assert_equal "$(ids "$REPO"/tests/cli/*.bats "$REPO"/tests/integration/*.bats)" "$(printf 'Z%d\n' {1..25} | sort)"
}
