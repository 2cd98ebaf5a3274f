#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# vssadmin's shadow copy storage, on fake volumes, whose copies lie on themselves.
# shellcheck disable=SC2154 # run and common set output and stderr
load ../lib/common
load ../lib/lists
load ../lib/vssadmin

setup() {
	vss_setup
	requires jq
	fake_volumes a b
	a=$(volume a)
	none=$'No items found that satisfy the query.\n'
}

# ids: of all shadow copies, the oldest first.
ids() { list-shadows --columns id | tr -d '{}'; }

# maximum: of volume a, exactly; storage FILTER: of list-storage --json for it.
maximum() { list-storage --columns maximum --for "$a"; }
storage() { list-storage --json --for "$a" | jq -r ".[0]$1"; }

@test "an association is added, listed, resized and deleted" {
	admin add shadowstorage "/for=$a" "/on=$a" /maxsize=500MB
	assert_admin 0 $'Successfully added the shadow copy storage association\n'
	admin list shadowstorage
	size=$(storage .size)
	percent=$((500 * 1024 * 1024 * 200 / size + 1 >> 1))
	assert_admin 0 'Shadow Copy Storage association
   For volume: (/V/a)\\?\Volume{ID}\
   Shadow Copy Storage volume: (/V/a)\\?\Volume{ID}\
   Used Shadow Copy Storage space: 0 bytes (0%)
   Allocated Shadow Copy Storage space: 0 bytes (0%)
   Maximum Shadow Copy Storage space: 500 MB ('"$percent"'%)

'
	assert_equal "$(storage '| [.maximum, .chosen] | tostring')" '[524288000,true]'
	admin list shadowstorage "/on=$(volume b)"
	assert_admin 1 "$none"
	admin resize shadowstorage "/for=$a" "/on=$a" /MaxSize=20%
	assert_admin 0 $'Successfully resized the shadow copy storage association\n'
	admin list shadowstorage "/for=$a"
	assert_output --regexp $'\n   Maximum Shadow Copy Storage space: [0-9.]+ [KMGTP]B \\(20%\\)\n'
	admin delete shadowstorage "/for=$a" "/on=$a"
	assert_admin 0 $'Successfully deleted the shadow copy storage association\n'
	admin list shadowstorage
	assert_admin 1 "$none"
	assert_equal "$(ls "$VSS_LIMITS_DIR")" ''
}

@test "sizes have units, a share, no bound; without one there is no limit" {
	admin add shadowstorage "/for=$a" "/on=$a"
	assert_equal "$(storage .maximum)" null
	while read -r word bytes; do
		admin resize shadowstorage "/for=$a" "/on=$a" "/maxsize=$word"
		assert_equal "$word $status" "$word 0"
		assert_equal "$word $(maximum)" "$word $bytes"
	done <<-END
		335544320 335544320
		335544320B 335544320
		327680K 335544320
		327680KB 335544320
		320M 335544320
		320mb 335544320
		2G 2147483648
		2GB 2147483648
		1T 1099511627776
		1TB 1099511627776
		1P 1125899906842624
		1PB 1125899906842624
		1E 1152921504606846976
		1EB 1152921504606846976
		100% $(storage .size)
		unbounded -
	END
	admin resize shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	admin resize shadowstorage "/for=$a" "/on=$a"
	assert_equal "$(storage .maximum)" null
	admin list shadowstorage
	assert_line '   Maximum Shadow Copy Storage space: UNBOUNDED (100%)'
}

@test "sizes that are none are one sentence, and change nothing" {
	admin add shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	for word in 319MB 335544319 1 1M 1%%; do
		case $word in
		*%) text="/MaxSize: '$word' is neither a size (40G), nor a share of the storage (20%), nor UNBOUNDED" ;;
		*) text="/MaxSize: '$word' is less than 320 MB, the least there is" ;;
		esac
		admin resize shadowstorage "/for=$a" "/on=$a" "/maxsize=$word"
		assert_usage 'Resize ShadowStorage' "$text"
	done
	for word in -1 0% 101% 5X big 1.5G '2 G' 0x40000000 18446744073709551616 99999999E; do
		admin resize shadowstorage "/for=$a" "/on=$a" "/maxsize=$word"
		assert_usage 'Resize ShadowStorage' "/MaxSize: '$word' is neither a size (40G), nor a share of the storage (20%), nor UNBOUNDED"
		admin add shadowstorage "/for=$(volume b)" "/on=$(volume b)" "/maxsize=$word"
		assert_usage 'Add ShadowStorage' "/MaxSize: '$word' is neither a size (40G), nor a share of the storage (20%), nor UNBOUNDED"
	done
	for word in 0 0GB; do
		admin resize shadowstorage "/for=$a" "/on=$a" "/maxsize=$word"
		assert_usage 'Resize ShadowStorage' "/MaxSize: '$word' is no room for a shadow copy"
	done
	admin resize shadowstorage "/for=$a" "/on=$a" /maxsize=
	assert_usage 'Resize ShadowStorage' '/MaxSize needs a value: /MaxSize=SIZE'
	assert_equal "$(storage .maximum)" 2147483648
	assert_equal "$(list-storage --columns volume)" "$a"
}

@test "the provider's own place is the only one" {
	mkdir "$T/elsewhere"
	for on in "$(volume b)" "$T/elsewhere" /; do
		admin add shadowstorage "/for=$a" "/on=$on"
		assert_refused '/V/a: its shadow copies stay where provider fake keeps them: name /V/a'
	done
	admin add shadowstorage "/for=$a" "/on=$T/nowhere"
	assert_refused '/T/nowhere: No such file or directory'
	assert_equal "$(list-storage --json)" '[]'
	admin add shadowstorage "/for=$a" "/on=$a/"
	assert_equal "$status" 0
}

@test "there is one to a volume" {
	admin add shadowstorage "/for=$a" "/on=$a"
	admin add shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	assert_refused '/V/a: it has a shadow copy storage association with /V/a: resize shadowstorage changes it, delete shadowstorage takes it away'
	assert_equal "$(storage .maximum)" null
	create-shadow -q "$(volume b)"
	admin add shadowstorage "/for=$(volume b)" "/on=$(volume b)"
	assert_refused '/V/b: it has a shadow copy storage association: resize shadowstorage changes it, delete shadowstorage takes it away'
}

@test "a limit alone is no association, and stays with one" {
	resize-storage -q --for "$a" --max-copies 5
	admin resize shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	assert_refused '/V/a: it has no such shadow copy storage association: add shadowstorage makes one'
	admin add shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	assert_equal "$status" 0
	assert_equal "$(storage '| [.maximum, .max_copies, .chosen] | tostring')" '[2147483648,5,true]'
	admin delete shadowstorage "/for=$a"
	assert_admin 0 $'Successfully deleted the shadow copy storage associations\n'
	assert_equal "$(list-storage --json)" '[]'
}

@test "what is not there is not resized" {
	admin resize shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	assert_refused '/V/a: it has no such shadow copy storage association: add shadowstorage makes one'
	create-shadow -q "$a"
	admin resize shadowstorage "/for=$a" "/on=$(volume b)" /maxsize=2G
	assert_refused '/V/a: it has no such shadow copy storage association: add shadowstorage makes one'
	assert_equal "$(ls "$VSS_LIMITS_DIR" 2>/dev/null)" ''
	admin resize shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	assert_equal "$status" 0
	assert_equal "$(storage .maximum)" 2147483648
}

@test "above the limit the oldest go, each named" {
	dd if=/dev/zero of="$a/file" bs=1M count=120 status=none
	for _ in 1 2 3; do
		create-shadow -q --no-writers "$a"
	done
	first=$(ids | head -n 1)
	rest=$(ids | tail -n 2)
	admin resize shadowstorage "/for=$a" "/on=$a" /maxsize=320MB
	assert_equal "$output" "Deleting shadow copy {$first} of $a
Successfully resized the shadow copy storage association
"
	assert_equal "$(ids)" "$rest"
}

@test "an association with copies is not deleted, whatever was said of it" {
	create-shadow -q "$a"
	admin delete shadowstorage "/for=$a"
	assert_refused '/V/a: 1 shadow copy is still in its storage: delete them first, or limit it to UNBOUNDED (VSS_E_VOLUME_IN_USE)'
	admin resize shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	create-shadow -q "$a"
	admin delete shadowstorage "/for=$a" "/on=$a" /quiet
	assert_refused '/V/a: 2 shadow copies are still in its storage: delete them first, or limit it to UNBOUNDED (VSS_E_VOLUME_IN_USE)'
	assert_equal "$(storage .maximum)" 2147483648
	delete-shadow -q --all
	admin delete shadowstorage "/for=$a" /quiet
	assert_admin 0 ''
	admin delete shadowstorage "/for=$a" /quiet
	assert_admin 1 "$none"
}

@test "the association of a volume that is gone can be deleted" {
	admin add shadowstorage "/for=$a" "/on=$a"
	rmdir "$a"
	admin list shadowstorage
	[[ $output == *$'\n   For volume: (?)\\\\?\\Volume{'* ]] || fail "$output"
	admin delete shadowstorage "/for=$a"
	assert_equal "$status" 0
	assert_equal "$(list-storage --json)" '[]'
}

@test "copies that are counted are listed by list-storage alone" {
	create-shadow -q "$a"
	resize-storage -q --for "$a" --max-copies 5
	run -0 list-storage
	assert_line '   Maximum number of shadow copies: 5'
	admin list shadowstorage
	[[ $output != *'Maximum number'* ]]
	admin resize shadowstorage "/for=$a" "/on=$a" /maxsize=2G
	assert_equal "$(storage .max_copies)" 5
}

@test "a limit of its own keeps its association, and 0 takes back both" {
	admin add shadowstorage "/for=$a" "/on=$a"
	resize-storage -q --for "$a" --on "$a" --max-size 2G
	assert_equal "$(storage '| [.maximum, .chosen] | tostring')" '[2147483648,true]'
	resize-storage -q --for "$a" --on "$a" --max-size 0
	assert_equal "$(list-storage --json)" '[]'
}

@test "a full stdout is not a success" {
	assert_full vssadmin add shadowstorage "/for=$a" "/on=$a"
	assert_full vssadmin list shadowstorage
	assert_full vssadmin delete shadowstorage "/for=$a"
}
