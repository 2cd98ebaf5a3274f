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
		[ "$(sql "SELECT max(n) FROM noted")" -lt "$(noted)" ]
	done
}

@test "one instant: backup under load, everything lost, restore, proof" {
	on_btrfs
	story restore_by_tool recoverable
	assert_json '.writers[0].evidence["main"] | test("^mode=snapshot .*system_identifier=[0-9]+ timeline=1 checkpoint=")'
}

@test "a tablespace on a tmpfs: a base backup under load, everything lost, restore, proof" {
	on_both
	story restore_by_tool recoverable
	assert_json '.writers[0].evidence["main"] | test("^mode=base-backup ")'
}

@test "a base backup comes back by stock tar alone" {
	on_both
	REPEAT=1 story restore_by_tar recoverable
}

# frozen: a backup stands still while the writer is frozen, and the server takes writes.
frozen() {
	new_cluster
	start_server
	new_bench
	stop_at session.frozen:stop start backup -q -w postgresql -o "$T/x.tar.zst"
	wait_until 60 test -s "$T/stops"
	wait_until 60 is_stopped "$started_pid"
	assert_equal "$(connections)" 1
	sql "INSERT INTO noted VALUES (1)"
}

# coordinator_dies: nothing of it is left in the server.
coordinator_dies() {
	kill -KILL "$started_pid"
	wait_until 60 has_no_connection
	sql "INSERT INTO noted VALUES (2)"
	assert_equal "$(sql "SELECT count(*) FROM pg_replication_slots")" 0
	assert_not_exist "$T/x.tar.zst"
}

@test "one instant: while it is frozen the coordinator dies" {
	on_btrfs
	frozen
	coordinator_dies
}

@test "a base backup: while it is frozen the coordinator dies, and no backup is under way any more" {
	on_both
	frozen
	assert_equal "$(sql "SELECT count(*) FROM pg_replication_slots")" 1
	assert_not_exist "$P/backup_label"
	coordinator_dies
}

# --- servers that cannot be asked ---

statuses_are_6_6_3() {
	local other=$T/other
	mkdir "$other"
	echo text >"$other/file"
	run --separate-stderr list-writers --json
	assert_json '.[] | select(.name == "postgresql" or .name == "PostgreSQL Writer") | .state' VSS_WS_FAILED_AT_IDENTIFY
	assert_json '.[] | select(.name == "postgresql" or .name == "PostgreSQL Writer") | .error' VSS_E_WRITERERROR_NONRETRYABLE
	run --separate-stderr backup -w postgresql -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup "$1"
	run --separate-stderr backup --min-grade fuzzy -o "$T/x.tar.zst" "$other"
	assert_equal "$status" 6
	assert_sentence backup "$1"
	run --separate-stderr backup --min-grade fuzzy --skip-failed-writers -o "$T/x.tar.zst" "$other"
	assert_equal "$status" 3
	assert_file_exist "$T/x.tar.zst"
}

@test "a server that wants a password fails the writer, in the server's words" {
	new_cluster
	echo "local all all scram-sha-256" >"$P/pg_hba.conf"
	start_server
	statuses_are_6_6_3 'no password supplied'
}

@test "a server that runs and does not answer fails the writer" {
	new_cluster
	start_server
	rm "$T"/sockets/.s.PGSQL.*
	statuses_are_6_6_3 'No such file or directory'
}

@test "a shadow copy of a volume that is none of its own does not ask it to freeze" {
	new_btrfs fs 2G data other
	P=$T/data/pg
	new_cluster
	start_server
	run create-shadow --json "$T/other"
	assert_success
	assert_json '.writers | length' 0
	run create-shadow --json "$T/data"
	assert_success
	assert_json '.writers[0].grade' recoverable
	has_no_connection
}

@test "a log in a nested subvolume: the server is copied with that one, and else left out" {
	new_btrfs fs 2G data
	btrfs -q subvolume create "$T/data/nested"
	P=$T/data/pg W=$T/data/nested/wal
	install -d -o postgres -g postgres "$W"
	new_cluster
	start_server
	run --separate-stderr create-shadow -q -w postgresql "$T/data"
	assert_equal "$status" 6
	assert_sentence create-shadow "none of its components lies on these volumes as a whole"
	run --separate-stderr create-shadow --json --with-nested "$T/data"
	assert_success
	assert_json '.writers[0].grade' recoverable
}

@test "a shadow copy of volumes that are not one instant is refused, and says why" {
	on_both
	new_cluster
	start_server
	sql "CREATE TABLESPACE space LOCATION '$S'"
	mkdir "$T/storage"
	run --separate-stderr create-shadow --min-grade fuzzy --storage "$T/storage" "$T/data" "$T/log" "$T/space"
	assert_equal "$status" 6
	assert_sentence create-shadow 'its volumes do not become one instant, and a base backup needs an archive to put the log into'
}
