#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The provider that vss-provider(7) prints is run as it stands there, with a stand-in for zfs.

# shellcheck disable=SC2154 # run and the helpers set variables
load ../lib/common

# zfs snapshot -o KEY=VALUE DATASET@NAME... | destroy NAME | list: a dataset is a directory, its properties a file.
stand_in() {
	mkdir "$T/bin"
	cat >"$T/bin/zfs" <<-'EOF'
		#!/bin/sh
		set -eu
		where() { echo "${1%@*}/.zfs/snapshot/${1#*@}"; }
		case $1 in
		snapshot)
			property=$3
			shift 3
			for name; do
				[ ! -e "$REFUSE" ] || { echo "cannot create snapshot '$name': out of space" >&2; exit 1; }
				mkdir -p "$(where "$name")"
				cp -a "${name%@*}/file" "$(where "$name")"
				printf '%s\t%s\n' "$name" "${property#*=}" >>"$LIST"
			done ;;
		destroy)
			grep -q "^$2	" "$LIST"
			rm -r "$(where "$2")"
			grep -v "^$2	" "$LIST" >"$LIST.new" || :
			mv "$LIST.new" "$LIST" ;;
		list) cat "$LIST" ;;
		esac
	EOF
	chmod 755 "$T/bin/zfs"
	: >"$T/list"
}

setup() {
	vss_setup
	requires mandoc python3
	fake_volumes a b
	echo first >"$(volume a)/file"
	echo second >"$(volume b)/file"
	stand_in
	mkdir "$VSS_PROVIDERS_PATH"
	page_example vss-provider.7 "A PROVIDER IN PYTHON" >"$T/zfs-provider"
	[ -s "$T/zfs-provider" ]
	chmod 755 "$T/zfs-provider"
	sed 's/^FSTYPE = "zfs"/FSTYPE = "fake"/' "$T/zfs-provider" >"$T/for-trials"
	chmod 755 "$T/for-trials"
	cat >"$VSS_PROVIDERS_PATH/zfs.provider" <<-EOF
		[Provider]
		Exec=$T/for-trials
		Id=5f2f4f0e-58d6-49a8-8f6e-0f3e2c6e0c11
		Title=ZFS snapshots
		Environment=PATH=$T/bin:/usr/bin:/bin LIST=$T/list REFUSE=$T/refuse
	EOF
}

@test "the provider in Python makes, lists, shows and deletes a set" {
	run create-shadow "$(volume a)" "$(volume b)"
	assert_success
	assert_output --partial "crash (one instant)"
	assert_equal "$(wc -l <"$T/list")" 2
	run list-shadows
	assert_line --partial "Provider: 'ZFS snapshots'"
	id=$(list-shadows --json | jq -r '.[0].shadows[0].id')
	assert_equal "$(cat "$VSS_RUN_DIR/shadows/$id/file")" first
	run backup -o "$T/archive" "$(volume a)"
	assert_success
	run delete-shadow --all
	assert_success
	assert_equal "$(wc -l <"$T/list")" 0
}

@test "what it cannot do is told, and nothing is left" {
	touch "$T/refuse"
	run --separate-stderr create-shadow "$(volume a)" "$(volume b)"
	assert_failure 1
	assert_sentence create-shadow "out of space (VSS_E_PROVIDER_VETO)"
	assert_equal "$(wc -l <"$T/list")" 0
}

@test "what a killed run left of it goes" {
	run stop_at provider.external.committed:kill create-shadow "$(volume a)" "$(volume b)"
	assert_failure 137
	delete-shadow -q --for "$(volume b)"
	assert_equal "$(wc -l <"$T/list")" 0
	assert_equal "$(find "$VSS_STATE_DIR/external" -name '*.making')" ""
}

@test "the conversation is what it says" {
	page_example vss-provider.7 EXAMPLES >"$T/conversation"
	run bash -c "sed -n 's/^> //p' '$T/conversation' | PATH='$T/bin:$PATH' LIST=$T/list '$T/zfs-provider'"
	assert_success
	assert_output "$(grep -v '^>' "$T/conversation")"
}
