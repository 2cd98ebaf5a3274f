#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# list-storage and resize-storage, on fake volumes: what copies take, and that the oldest go when there are too many.
# shellcheck disable=SC2016,SC2154 # words for other shells; run and common set stderr and output
load ../lib/common
load ../lib/lists

setup() {
	vss_setup
	requires jq
	fake_volumes a b
}
teardown() { nobody_teardown; }

# make VOLUME [OPTION]...: a shadow copy of it; its ID is in $id.
make() {
	local v=$1
	shift
	id=$(create-shadow --json --no-writers "$@" "$(volume "$v")" 2>>"$T/err" | jq -r '.shadows[0].id')
}

# ids VOLUME: the IDs of its shadow copies, the oldest first.
ids() { list-shadows --columns id --for "$(volume "$1")" | tr -d '{}'; }

# storage FILTER: of list-storage --json for volume a.
storage() { list-storage --json --for "$(volume a)" | jq -r ".[0]$1"; }

@test "what copies take is listed with vssadmin's labels, and as rows and JSON" {
	run -0 list-storage
	assert_output 'No items found that satisfy the query.'
	head -c 1000000 /dev/urandom >"$(volume a)/file"
	make a
	run -0 list-storage
	assert_line --index 0 'Shadow Copy Storage association'
	assert_line --index 1 --regexp "^   For volume: \($(volume a)\)\\\\\\\\\?\\\\Volume\{[0-9a-f-]{36}\}\\\\$"
	assert_line --index 2 --regexp "^   Shadow Copy Storage volume: \($(volume a)\)"
	assert_line --index 3 --regexp '^   Used Shadow Copy Storage space: 9[0-9]{2} KB \([0-9]+%\)$'
	assert_line --index 4 --regexp '^   Allocated Shadow Copy Storage space: 9[0-9]{2} KB \([0-9]+%\)$'
	assert_line --index 5 '   Maximum Shadow Copy Storage space: UNBOUNDED (100%)'
	assert_equal "${#lines[@]}" 6
	make a
	make b
	run -0 list-storage --columns volume,copies,maximum
	assert_output "$(printf '%s\t2\t-\n%s\t1\t-' "$(volume a)" "$(volume b)")"
	assert_equal "$(storage .copies)" 2
	[ "$(storage .used)" -gt 2000000 ]
	assert_equal "$(storage .maximum)" null
	assert_equal "$(storage .storage)" "$(volume a)"
	run -0 list-storage --columns volume --on "$(volume b)"
	assert_output "$(volume b)"
	assert_list list-storage volume
	assert_full list-storage
}

@test "with --max-copies the oldest go at once, and after each creation; that is told" {
	make a && first=$id
	make a && second=$id
	make a && third=$id
	run -0 resize-storage -n --for "$(volume a)" --max-copies 2
	assert_output "Would delete shadow copy {$first} of $(volume a)"
	assert_equal "$(ids a)" "$(printf '%s\n' "$first" "$second" "$third")"
	assert_equal "$(storage .max_copies)" null
	run -0 resize-storage --for "$(volume a)" --max-copies 2
	assert_line "Deleting shadow copy {$first} of $(volume a)"
	assert_line 'Successfully resized the shadow copy storage association'
	assert_equal "$(storage .max_copies)" 2
	make b
	run -0 --separate-stderr create-shadow --json --no-writers "$(volume a)"
	assert_sentence create-shadow "the oldest shadow copy {$second} goes"
	fourth=$(jq -r '.shadows[0].id' <<<"$output")
	assert_equal "$(ids a)" "$(printf '%s\n' "$third" "$fourth")"
	assert_equal "$(ids b | wc -l)" 1
}

@test "what is held, exposed or used by a running command stays, and is named" {
	make a --hold
	held=$id
	make a --context nas-rollback
	exposed=$id
	expose-shadow -q "$exposed" "$T/shown"
	make a
	gone=$id
	run -0 --separate-stderr resize-storage --json --for "$(volume a)" --max-copies 1
	assert_json '.deleted[].id' "$gone"
	assert_sentence resize-storage '2 shadow copies are left where 1 may be: the others are in use'
	assert_equal "$(ids a)" "$(printf '%s\n' "$held" "$exposed")"
	# the one just made is never taken away for it
	make a
	assert_equal "$(ids a | tail -n 1)" "$id"
	# nor one that a command works with, which goes by itself
	run -0 --separate-stderr create-shadow -q --no-writers "$(volume a)" -- \
		sh -c 'resize-storage -q --for "$VSS_VOLUME_1" --max-copies 1; ls -d "$VSS_SHADOW_DEVICE_1/"'
	assert_output --partial "$VSS_RUN_DIR/shadows/"
}

@test "a size has a least, a share and no bound; 0 takes the limit back when there is no copy" {
	v=$(volume a)
	run --separate-stderr resize-storage --for "$v" --max-size 319M
	assert_equal "$status" 2
	assert_sentence resize-storage "'319M' is less than 320 MB, the least there is"
	for word in '' -1 0% 101% 5X big; do
		run --separate-stderr resize-storage --for "$v" --max-size "$word"
		assert_equal "$status" 2
		assert_sentence resize-storage "'$word' is neither a size (40G), nor a share of the storage (20%), nor UNBOUNDED"
	done
	resize-storage -q --for "$v" --max-size 400M
	assert_equal "$(storage .maximum)" 419430400
	resize-storage -q --for "$v" --max-copies 7
	assert_equal "$(storage .maximum) $(storage .max_copies)" '419430400 7'
	make a
	resize-storage -q --for "$v" --max-size 50%
	assert_equal "$(storage '|.maximum * 2 - .size | if . < 200 and . > -200 then "half" else . end')" half
	resize-storage -q --for "$v" --max-size UNBOUNDED
	assert_equal "$(storage .maximum)" null
	run --separate-stderr resize-storage --for "$v" --max-size 0
	assert_equal "$status" 1
	assert_sentence resize-storage VSS_E_VOLUME_IN_USE
	delete-shadow -q --all
	resize-storage -q --for "$v" --max-size 0
	assert_equal "$(list-storage --json)" '[]'
}

@test "above a size the oldest go until the rest fits" {
	dd if=/dev/zero of="$(volume a)/file" bs=1M count=120 status=none
	make a && first=$id
	make a && second=$id
	make a && third=$id
	run -0 resize-storage -n --for "$(volume a)" --max-size 320M
	assert_output "Would delete shadow copy {$first} of $(volume a)"
	run -0 resize-storage --for "$(volume a)" --max-size 320M
	assert_equal "$(ids a)" "$(printf '%s\n' "$second" "$third")"
}

@test "bad words and bad limits are one sentence each" {
	run --separate-stderr resize-storage --max-copies 3
	assert_equal "$status" 2
	assert_sentence resize-storage 'say whose storage: --for VOLUME'
	run --separate-stderr resize-storage --for "$(volume a)"
	assert_equal "$status" 2
	assert_sentence resize-storage 'say how much'
	run --separate-stderr resize-storage --for "$(volume a)" --max-copies 513
	assert_equal "$status" 2
	assert_sentence resize-storage 'at most 512'
	run --separate-stderr resize-storage --for "$T/nowhere" --max-copies 3
	assert_equal "$status" 1
	assert_sentence resize-storage "$T/nowhere"
	run --separate-stderr list-storage --for "$T/nowhere"
	assert_equal "$status" 1
	assert_sentence list-storage "$T/nowhere"
	resize-storage -q --for "$(volume a)" --max-copies 3
	echo nonsense >"$(echo "$VSS_LIMITS_DIR"/*.limit)"
	run -0 --separate-stderr list-storage
	assert_sentence list-storage "'nonsense' is no line of a limit; it limits nothing"
}

@test "the limit of a volume that is gone is listed and can be taken back" {
	resize-storage -q --for "$(volume a)" --max-copies 3
	v=$(volume a)
	rmdir "$v"
	run -0 --separate-stderr list-storage --columns volume,max_copies
	assert_output "$v"$'\t3'
	resize-storage -q --for "$v" --max-size 0
	assert_equal "$(list-storage --json)" '[]'
}

@test "sixty-four client-accessible copies of a volume, and no more" {
	for ((i = 0; i < 64; i++)); do
		create-shadow -q --context client-accessible "$(volume a)"
	done
	run --separate-stderr create-shadow --context client-accessible "$(volume a)"
	assert_equal "$status" 1
	# copies of one second tell, too, that only one of them can be a previous version
	[[ ${stderr_lines[-1]} == *VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED* ]]
	[[ ${stderr_lines[-1]} == *"delete-shadow --for $(volume a) --oldest"*"resize-storage --for $(volume a) --max-copies 64"* ]]
	run -0 create-shadow --context nas-rollback "$(volume a)"
	resize-storage -q --for "$(volume a)" --max-copies 64
	run -0 create-shadow --context client-accessible "$(volume a)"
	assert_equal "$(ids a | wc -l)" 64
}
