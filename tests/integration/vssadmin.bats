#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# vssadmin on btrfs, and with copied files that go to another file system.
# shellcheck disable=SC2154 # run and common set output, stderr and loop
load ../lib/common
load ../lib/btrfs
load ../lib/vssadmin

setup() {
	btrfs_setup
	requires jq
	export VSS_BLOCK_REVERT_PATH=$T/block-revert.d
}

teardown() {
	delete-shadow -q --all 2>/dev/null || true
	btrfs_teardown
}

# ids VOLUME: of its shadow copies, the oldest first.
ids() { list-shadows --columns id --for "$T/$1" | tr -d '{}'; }
storage() { list-storage --json --for "$T/$1" | jq -r ".[0]$2"; }

# new_ext4 NAME SIZE: a file system that is mounted at $T/NAME.
new_ext4() {
	new_loop "$1" "$2"
	mkfs.ext4 -q "$loop"
	mkdir -p "$T/$1"
	mount "$loop" "$T/$1"
}

@test "btrfs: created, listed, limited so that the oldest goes, put back and deleted" {
	new_btrfs disk 1G data other
	echo one >"$T/data/file"
	admin create shadow "/For=$T/data"
	assert_equal "$status" 0
	first=$(ids data)
	assert_equal "$output" "Successfully created shadow copy for '$T/data/'
    Shadow Copy ID: {$first}
    Shadow Copy Volume Name: $VSS_RUN_DIR/shadows/$first
"
	dd if=/dev/urandom of="$T/data/big" bs=1M count=340 status=none
	sync -f "$T/data"
	admin create shadow "/For=$T/data"
	second=$(ids data | tail -n 1)
	rm "$T/data/big"
	echo two >"$T/data/file"
	sync -f "$T/data"
	admin create shadow "/For=$T/data/"
	third=$(ids data | tail -n 1)

	admin list shadows "/For=$T/data"
	assert_equal "$(grep -c '^Contents of shadow copy set ID: {' <<<"$output")" 3
	assert_equal "$(grep -c '^         Type: ClientAccessibleWriters$' <<<"$output")" 3
	assert_equal "$(grep -c '^         Attributes: .*Differential' <<<"$output")" 3
	admin list shadowstorage "/For=$T/data"
	assert_line --regexp '^   Used Shadow Copy Storage space: 3[0-9]{2} MB \([0-9]+%\)$'
	assert_line '   Maximum Shadow Copy Storage space: UNBOUNDED (100%)'

	# the oldest goes, and then what is big, which is the second
	admin resize shadowstorage "/For=$T/data" "/On=$T/other" /MaxSize=320MB
	assert_equal "$output" "Deleting shadow copy {$first} of $T/data
Deleting shadow copy {$second} of $T/data
Successfully resized the shadow copy storage association
"
	assert_equal "$(ids data)" "$third"
	assert_equal "$(storage data .maximum)" 335544320

	echo three >"$T/data/file"
	answer $'n\n' revert shadow "/Shadow={$third}"
	assert_equal "$status" 1
	assert_equal "$(cat "$T/data/file")" three
	answer $'y\n' revert shadow "/Shadow={$third}"
	assert_equal "$status" 0
	assert_equal "$(cat "$T/data/file")" two
	# it has another ID now, and its limit has followed
	assert_equal "$(storage data .maximum)" 335544320
	assert_equal "$(find "$VSS_LIMITS_DIR" -type f | wc -l)" 1

	answer '' delete shadows "/For=$T/data"
	assert_equal "$status" 1
	assert_equal "$(ids data)" "$third"
	answer $'y\n' delete shadows "/For=$T/data"
	assert_equal "$status" 0
	[[ $output == *$'\n\nSuccessfully deleted 1 shadow copies.\n' ]]
	admin list shadows "/For=$T/data"
	assert_equal "$output" $'No items found that satisfy the query.\n'
	assert_nothing_left disk data other
}

@test "btrfs: the file system itself is the only storage" {
	new_btrfs disk 512M data other
	mkdir "$T/elsewhere"
	admin add shadowstorage "/For=$T/data" "/On=$T/elsewhere"
	assert_equal "$output" "Error: $T/data: its shadow copies stay where provider btrfs keeps them: name $T/data."$'\n'
	admin add shadowstorage "/For=$T/data" "/On=$T/other" /MaxSize=90%
	assert_equal "$status" 0
	admin list shadowstorage "/For=$T/data"
	assert_line '   Used Shadow Copy Storage space: 0 bytes (0%)'
	assert_line --regexp '^   Maximum Shadow Copy Storage space: 461 MB \(90%\)$'
	admin create shadow "/For=$T/data"
	admin delete shadowstorage "/For=$T/data" "/On=$T/data"
	[[ $output == *"(VSS_E_VOLUME_IN_USE)."$'\n' ]]
	admin delete shadows "/For=$T/data" /quiet
	admin delete shadowstorage "/For=$T/data" "/On=$T/data"
	assert_equal "$output" $'Successfully deleted the shadow copy storage association\n'
	admin list shadowstorage "/For=$T/data"
	assert_equal "$output" $'No items found that satisfy the query.\n'
}

@test "copied files go where the association says, whoever makes the copy, and nowhere else" {
	requires mkfs.ext4
	new_ext4 data 64M
	new_ext4 second 512M
	mkdir "$T/second/copies"
	echo one >"$T/data/file"
	admin add shadowstorage "/For=$T/data" /On=/proc
	assert_equal "$output" $'Error: /proc: shadow copies cannot be kept there.\n'
	admin add shadowstorage "/For=$T/data" "/On=$T/data/file"
	assert_equal "$output" "Error: Storage $T/data/file: Not a directory."$'\n'
	admin add shadowstorage "/For=$T/data" "/On=$T/second/copies" /MaxSize=400MB
	assert_equal "$output" $'Successfully added the shadow copy storage association\n'
	assert_equal "$(storage data '| [.storage, .chosen, .maximum] | tostring')" "[\"$T/second/copies\",true,419430400]"
	admin create shadow "/For=$T/data"
	assert_equal "$status" 0
	create-shadow -q --no-writers "$T/data"
	assert_equal "$(ids data | wc -l)" 2
	assert_equal "$(find "$T/second/copies/.vss-shadows" -name '*.xml' | wc -l)" 2
	assert_not_exist "$T/data/.vss-shadows"
	run -0 create-shadow -n --json "$T/data"
	assert_output --partial "$T/second/copies"
	admin list shadowstorage "/On=$T/second/copies"
	assert_line --regexp "^   Shadow Copy Storage volume: \\($T/second/copies\\)"
	assert_line --regexp '^   Maximum Shadow Copy Storage space: 400 MB \([0-9]+%\)$'
	# what the user says goes before
	mkdir "$T/third"
	create-shadow -q --no-writers --storage "$T/third" "$T/data"
	assert_exist "$T/third/.vss-shadows"

	admin add shadowstorage "/For=$T/data" "/On=$T/third"
	[[ $output == "Error: $T/data: it has a shadow copy storage association with $T/second/copies: "* ]] || fail "$output"
	admin delete shadowstorage "/For=$T/data" "/On=$T/second/copies"
	[[ $output == *"(VSS_E_VOLUME_IN_USE)."$'\n' ]]
	delete-shadow -q --for "$T/data"
	admin delete shadowstorage "/For=$T/data" "/On=$T/second/copies"
	assert_equal "$status" 0
	create-shadow -q --no-writers "$T/data"
	assert_exist "$T/data/.vss-shadows"
}

@test "where the volume of the storage is not mounted, no copy is made, and nothing is filled" {
	requires mkfs.ext4
	new_ext4 data 64M
	new_ext4 second 128M
	admin add shadowstorage "/For=$T/data" "/On=$T/second"
	assert_equal "$status" 0
	umount "$T/second"
	admin create shadow "/For=$T/data"
	assert_equal "$status" 1
	assert_equal "$output" "Error: $T/data: its shadow copies go to $T/second, and the volume of that is not mounted there: mount it, or name another directory with --storage."$'\n'
	assert_equal "$(ls -A "$T/second")" ''
	mount "$loop" "$T/second"
	admin create shadow "/For=$T/data"
	assert_equal "$status" 0
}

@test "volumes of one set agree on their storage, or need a word" {
	requires mkfs.ext4
	new_ext4 one 64M
	new_ext4 two 64M
	mkdir "$T/x"
	admin add shadowstorage "/For=$T/one" "/On=$T/x"
	assert_equal "$status" 0
	run --separate-stderr create-shadow --no-writers "$T/one" "$T/two"
	assert_equal "$status" 1
	assert_sentence create-shadow "$T/one and $T/two have their shadow copies in different places"
	admin add shadowstorage "/For=$T/two" "/On=$T/x/"
	run -0 create-shadow --no-writers -q "$T/one" "$T/two"
	assert_equal "$(ids one | wc -l) $(ids two | wc -l)" '1 1'
	assert_exist "$T/x/.vss-shadows"
}
