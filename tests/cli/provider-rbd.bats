#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The provider for Ceph RBD against recorded sessions (tests/data/rbd-16.2): what it is told, what it says to rbd, what it answers.

# shellcheck disable=SC2154 # run sets output
load ../lib/common

setup() {
	vss_setup
	# Three images: data and log, one of them in a namespace, and a snapshot that is mapped; and a part of a disk.
	image 0 tank data - ''
	image 1 tank log - site
	image 5 tank data hourly ''
	mkdir -p "$T/sys/dev/block"
	ln -s ../../devices/rbd/0/block/rbd0 "$T/sys/dev/block/252:0"
	ln -s ../../devices/rbd/1/block/rbd1 "$T/sys/dev/block/252:16"
	ln -s ../../devices/rbd/0/block/rbd0/rbd0p1 "$T/sys/dev/block/252:1"
	ln -s ../../devices/rbd/5/block/rbd5 "$T/sys/dev/block/252:80"
	ln -s ../../devices/pci/block/sda "$T/sys/dev/block/8:0"
	stand_in
}

# image N POOL NAME SNAPSHOT NAMESPACE
image() {
	local dir=$T/sys/bus/rbd/devices/$1
	mkdir -p "$dir"
	echo "$2" >"$dir/pool"
	echo "$3" >"$dir/name"
	echo "$4" >"$dir/current_snap"
	echo "$5" >"$dir/pool_ns"
}

# rbd as it was recorded: each call has to be the next one of the session.
stand_in() {
	cat >"$T/rbd" <<-EOF
		#!/bin/sh
		at=\$(cat "$T/at")
		wanted=\$(sed -n "\${at}p" "$T/session")
		[ "\$wanted" = "> \$*" ] || { echo "rbd: not recorded: \$*; but: \$wanted" >&2; echo failed >"$T/at"; exit 99; }
		while at=\$((at + 1)); line=\$(sed -n "\${at}p" "$T/session"); [ -n "\$line" ]; do
			case \$line in
			'> '*) break ;;
			'! '*) status=\${line#! }; echo "\${status#* }" >&2; echo \$((at + 1)) >"$T/at"; exit "\${status%% *}" ;;
			*) echo "\$line" ;;
			esac
		done
		echo "\$at" >"$T/at"
	EOF
	chmod 755 "$T/rbd"
}

# session NAME [WORD]...: what the provider answers to the events on stdin, while rbd is as recorded; all of it is called for.
session() {
	local name=$1
	shift
	cp "$REPO/tests/data/rbd-16.2/$name" "$T/session"
	echo 1 >"$T/at"
	run "$VSS_BUILD/libexec/vss/providers/rbd" --rbd "$T/rbd" --sysfs "$T/sys" "$@"
	assert_success
	assert_equal "$(cat "$T/at")" $(($(wc -l <"$T/session") + 1))
}

set=00000000-0000-4000-8000-00000000000a
data=11111111-1111-4111-8111-111111111111
log=22222222-2222-4222-8222-222222222222
data_locator="tank/mail@vss-$set tank/data"
log_locator="tank/mail@vss-$set tank/site/log"

# event SEQ NAME [LINE]...
event() {
	echo "event $1 $2"
	shift 2
	[ $# = 0 ] || printf '%s\n' "$@"
	echo end
}

@test "it says what it can do, and takes images that are mapped whole" {
	: >"$T/empty"
	run "$VSS_BUILD/libexec/vss/providers/rbd" --rbd "$T/rbd" --sysfs "$T/sys" < <(
		event 1 "hello version=1 limit-ms=10000"
		event 2 volume "volume mount=/a device-number=252:0"
		event 3 volume "volume mount=/b device-number=252:1"
		event 4 volume "volume mount=/c device-number=252:80"
		event 5 volume "volume mount=/d device-number=8:0"
		event 6 volume "volume mount=/e device-number=9:9"
		event 7 volume "volume mount=/f"
		event 8 bye
	)
	assert_success
	assert_line --index 0 --regexp "^ok 1 provider-version=[^ ]+ atomic-set=yes differential=yes hold=wants$"
	assert_output --partial "ok 2 bid=80
ok 3 bid=0
ok 4 bid=0
ok 5 bid=0
ok 6 bid=0
ok 7 bid=0
ok 8"
}

@test "the images of a set are marked, and made one instant by a snapshot of their group" {
	session create < <(
		event 1 plan "volume device-number=252:0" "volume device-number=252:16"
		event 2 "begin set=$set limit-ms=10000 instant=one" "copy $data mount=/a device-number=252:0" \
			"copy $log mount=/b device-number=252:16"
		event 3 "prepare set=$set"
		event 4 "pre-commit set=$set"
		event 5 "commit set=$set"
		event 6 "post-commit set=$set"
		event 7 "final-commit set=$set"
		event 8 bye
	)
	assert_output "ok 1 instant=one
ok 2
ok 3
ok 4
copy $data locator=\"$data_locator\"
copy $log locator=\"$log_locator\"
ok 5 instant=one
ok 6
ok 7
ok 8"
}

@test "a set that another process began is found by its marks and goes, also half a snapshot; others stay" {
	session abort < <(
		event 1 "abort set=$set" "copy $data" "copy $log"
		event 2 list
		event 3 bye
	)
	assert_output "ok 1
copy 33333333-3333-4333-8333-333333333333
ok 2
ok 3"
}

@test "a copy is mapped by its own name of the snapshot, once, and unmapped" {
	session show < <(
		for n in 1 2; do
			event $n surface "copy $data locator=\"$data_locator\" mount=/a"
		done
		for n in 3 4; do
			event $n unsurface "copy $data locator=\"$data_locator\" mount=/a"
		done
		event 5 bye
	)
	assert_output "ok 1 device=/dev/rbd5
ok 2 device=/dev/rbd5
ok 3
ok 4
ok 5"
}

@test "the snapshot goes with the last of its copies" {
	session delete < <(
		event 1 exists "copy $data locator=\"$data_locator\""
		event 2 delete "copy $data locator=\"$data_locator\""
		event 3 delete "copy $log locator=\"$log_locator\""
		event 4 exists "copy $log locator=\"$log_locator\""
		event 5 delete "copy $log locator=elsewhere"
		event 6 bye
	)
	assert_output "ok 1 there=yes
ok 2
ok 3
ok 4 there=no
fail 5 E_INVALIDARG \"locator= is none of ours\"
ok 6"
}

@test "what rbd complains of is handed on, and what was begun is undone at the end of input" {
	session trouble < <(
		for n in 1 2 3; do
			event $n check "volume mount=/a device-number=252:0"
		done
		event 4 "begin set=$set limit-ms=10000 instant=many" "copy $data mount=/a device-number=252:0"
		event 5 "prepare set=$set"
		event 6 "pre-commit set=$set"
		event 7 "commit set=$set"
	)
	assert_line --index 0 --partial "fail 1 VSS_E_PROVIDER_VETO \"image tank/data is in no group: make one"
	assert_line --index 1 --partial "No such file or directory"
	assert_line --index 2 --partial "what rbd info printed"
	assert_line --index 6 --regexp "^fail 7 VSS_E_PROVIDER_VETO .*Device or resource busy"
}

@test "words behind -- come first in every call" {
	sed 's/^> /> --id backup /' "$REPO/tests/data/rbd-16.2/delete" >"$T/with-id"
	cp "$T/with-id" "$T/session"
	echo 1 >"$T/at"
	run "$VSS_BUILD/libexec/vss/providers/rbd" --rbd "$T/rbd" --sysfs "$T/sys" -- --id backup < <(
		event 1 exists "copy $data locator=\"$data_locator\""
	)
	assert_output "ok 1 there=yes"
}

@test "it is installed with a registration that takes no part before it is copied" {
	mkdir -p "$VSS_PROVIDERS_PATH"
	sed "s|^Exec=.*|Exec=$VSS_BUILD/libexec/vss/providers/rbd|" "$REPO/cmd/providers/rbd/rbd.provider" \
		>"$VSS_PROVIDERS_PATH/rbd.provider"
	run list-providers --json
	assert_json '.[0] | .name == "rbd" and .type == "Hardware" and .atomic_set and .differential'
	run "$VSS_BUILD/libexec/vss/providers/rbd" --colour
	assert_failure 2
}
