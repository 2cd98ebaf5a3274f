#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# restore --in-place: the methods of writers, their targets, their services; what users want elsewhere; what a dry run tells.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories
load ../lib/methods

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a)
	methods_setup "$a"
}

# Spec 6.2 with the readings Q3 and Q4: method, what is there, where the files go without and with alternate locations.
table='
RESTORE_IF_NOT_THERE                  none  original    original
RESTORE_IF_NOT_THERE                  same  refused     alternate
RESTORE_IF_NOT_THERE                  busy  refused     alternate
RESTORE_IF_NOT_THERE                  some  refused     alternate
RESTORE_IF_CAN_REPLACE                none  original    original
RESTORE_IF_CAN_REPLACE                same  original    original
RESTORE_IF_CAN_REPLACE                busy  refused     alternate
RESTORE_IF_CAN_REPLACE                some  original    original
STOP_RESTORE_START                    none  original    original
STOP_RESTORE_START                    same  original    original
STOP_RESTORE_START                    busy  refused     alternate
STOP_RESTORE_START                    some  original    original
RESTORE_TO_ALTERNATE_LOCATION         none  refused     alternate
RESTORE_TO_ALTERNATE_LOCATION         same  refused     alternate
RESTORE_TO_ALTERNATE_LOCATION         busy  refused     alternate
RESTORE_TO_ALTERNATE_LOCATION         some  refused     alternate
RESTORE_AT_REBOOT                     none  boot        boot
RESTORE_AT_REBOOT                     same  boot        boot
RESTORE_AT_REBOOT                     busy  boot        boot
RESTORE_AT_REBOOT                     some  boot        boot
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   none  original    original
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   same  original    original
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   busy  boot        boot
RESTORE_AT_REBOOT_IF_CANNOT_REPLACE   some  original    original
CUSTOM                                none  unsupported unsupported
CUSTOM                                same  unsupported unsupported
CUSTOM                                busy  unsupported unsupported
CUSTOM                                some  unsupported unsupported
RESTORE_STOP_START                    none  original    original
RESTORE_STOP_START                    same  original    original
RESTORE_STOP_START                    busy  refused     refused
RESTORE_STOP_START                    some  original    original
'

# rows WORD: check the rows of the table that begin with it.
rows() {
	local method state unmapped mapped n=0
	while read -r method state unmapped mapped; do
		[ "$method" = "$1" ] || continue
		check_row "$method" "$state" unmapped "$unmapped"
		check_row "$method" "$state" mapped "$mapped"
		n=$((n + 1))
	done <<<"$table"
	assert_equal "$n" 4
}

@test "R16, Z12: RESTORE_IF_NOT_THERE" { rows RESTORE_IF_NOT_THERE; }
@test "R16: RESTORE_IF_CAN_REPLACE" { rows RESTORE_IF_CAN_REPLACE; }
@test "R16: STOP_RESTORE_START" { rows STOP_RESTORE_START; }
@test "R16: RESTORE_TO_ALTERNATE_LOCATION" { rows RESTORE_TO_ALTERNATE_LOCATION; }
@test "R16: RESTORE_AT_REBOOT" { rows RESTORE_AT_REBOOT; }
@test "R16: RESTORE_AT_REBOOT_IF_CANNOT_REPLACE" { rows RESTORE_AT_REBOOT_IF_CANNOT_REPLACE; }
@test "R16: CUSTOM" { rows CUSTOM; }
@test "R16: RESTORE_STOP_START" { rows RESTORE_STOP_START; }
