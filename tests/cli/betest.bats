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
@test "Z7: masks beat selectability" { betest masked; }
@test "Z9: empty directories, named files, a bare star" { betest named-and-star; }
@test "Z10: excludes go by the default path, a restore knows no alternate path" { betest alternate-path; }
@test "Z18: a failure at prepare-snapshot aborts nobody" { betest prepare-fails; }
@test "Z20: only what succeeded may be truncated" { betest succeeded-only; }
@test "Z21: the document is closed after post-snapshot and saved at the end" { betest document-closed; }
@test "Z25: a command that fails takes backup-complete away" { betest command-fails; }

# --- nothing is forgotten ---

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
