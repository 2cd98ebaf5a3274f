#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box PostgreSQL writer with real servers under load.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/postgresql

setup_file() { postgresql_setup_file; }
setup() { postgresql_setup; }
teardown() { postgresql_teardown; }

# --- the oracle ---

@test "a torn copy is seen: the tablespace of one time, the rest of another" {
	new_cluster
	start_server
	new_bench
	start_load
	cp -a "$S" "$T/torn"
	more_is_noted
	sql CHECKPOINT
	before=$(noted)
	stop_server "$P" immediate
	find "$S" -mindepth 1 -delete
	cp -a "$T"/torn/. "$S/"
	start_server
	[ -n "$(faults "$before")" ]
}

# --- the stories ---

lose_all() {
	stop_server "$P" immediate
	find "$P" "$W" "$S" -mindepth 1 -delete
	rmdir "$P" "$W" "$S"
}

restore_by_tool() { restore -q --in-place "$T/x.tar.zst"; }
restore_by_tar() { tar --zstd --xattrs -xpf "$T/x.tar.zst" -C / --exclude=.vss; }

# story RESTORE GRADE: backup under load, loss of everything, the restore, the proof.
story() {
	new_cluster
	start_server
	new_bench
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		start_load
		backup_under_load
		assert_json '.writers[0].grade' "$2"
		echo "# freeze to thaw: $(jq .freeze_ms <<<"$output") ms" >&3
		lose_all
		"$1"
		start_server
		assert_equal "$(faults "$before")" ''
	done
}

@test "one instant: backup under load, everything lost, restore, proof" {
	on_btrfs
	story restore_by_tool recoverable
	assert_json '.writers[0].evidence["main"] | test("^mode=snapshot .*system_identifier=[0-9]+ timeline=1 checkpoint=")'
}

@test "a tablespace on ext4: a base backup under load, everything lost, restore, proof" {
	on_both
	story restore_by_tool recoverable
	assert_json '.writers[0].evidence["main"] | test("^mode=base-backup ")'
}

@test "a base backup comes back by stock tar alone" {
	on_both
	REPEAT=1 story restore_by_tar recoverable
}
