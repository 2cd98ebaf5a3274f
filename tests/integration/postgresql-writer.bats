#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What the in-box PostgreSQL writer says and does at each event, in conversations with it alone; its servers are real.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/postgresql

setup_file() { postgresql_setup_file; }
setup() { postgresql_setup; }
teardown() { postgresql_teardown; }

@test "what it says it is: directories, log, tablespaces, excludes" {
	W=$T/cluster/wal
	install -d -o postgres -g postgres "$W"
	new_cluster
	start_server
	sql "CREATE TABLESPACE space LOCATION '$S'"
	mkdir "$P/before-restore.20260101T000000Z"
	open_writer
	ask identify
	assert_line --partial 'writer 0e8f3a52-6d8e-4f7b-9c8a-51b7a2c4d913 "PostgreSQL Writer" usage=USER_DATA source=TRANSACTION_DB'
	assert_line "component filegroup \"\" main caption=\"PostgreSQL 15 in $P\""
	assert_line --partial "file \"\" main $P * recursive=yes"
	assert_line --partial "file \"\" main $W * recursive=yes"
	assert_line --regexp "^file \"\" main $S/PG_15_[0-9]+ \* recursive=yes"
	assert_line "exclude $P postmaster.pid"
	assert_line "exclude $P/pg_notify * recursive=yes"
	assert_line "exclude $P/before-restore.20260101T000000Z * recursive=yes"
	assert_line "ok 2"
}

@test "one instant or not: the volumes decide" {
	new_cluster
	start_server
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	prepare
	assert_line "ok 3"
	ask prepare-snapshot -- "$(one_volume /)"
	ask freeze timeout-ms=60000
	assert_line --regexp '^evidence main "mode=snapshot '
	assert_line "ok 5 hold=log"
	ask identify
	assert_line --partial 'component filegroup "" main'
	ask thaw
	assert_line "ok 7"
	ask post-snapshot
	assert_line "ok 8 confirmed=yes"
	[ ! -e "$T/scratch/main/data" ]
	ask backup-shutdown
	prepare
	ask prepare-snapshot -- "$(one_volume / fuzzy)"
	ask freeze timeout-ms=60000
	assert_line --regexp '^evidence main "mode=base-backup '
	assert_line "ok 12 hold=bracket"
	ask thaw
	ask post-snapshot
	assert_line --regexp '^evidence "main log" "log_from=00000001[0-9A-F]{16} log_to=00000001[0-9A-F]{16}"'
	assert_line "ok 14 confirmed=yes"
	assert_file_exist "$T/scratch/main/data/backup_label"
	cmp <(head -c 20 "$T/scratch/main/data/backup_label") <(printf 'START WAL LOCATION: ')
	assert_not_exist "$P/backup_label"
	assert_equal "$(stat -c '%U %a' "$T/scratch/main/data/backup_label")" "postgres 600"
	local copied=("$T"/scratch/main/wal/00000001????????????????)
	assert_file_exist "${copied[0]}"
}

@test "a volume that is missing in the set is an inconsistent snapshot" {
	new_cluster
	start_server
	open_writer
	ask identify
	prepare
	ask prepare-snapshot
	assert_line --partial 'fail 4 VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT "cluster main: '
}

@test "without an archive no base backup can be: a veto, and nothing is begun" {
	new_cluster "full_page_writes = off"
	start_server
	open_writer
	ask identify
	prepare
	ask prepare-snapshot -- "$(one_volume / fuzzy)"
	assert_line 'veto 4 VSS_E_WRITERERROR_NONRETRYABLE "cluster main: its volumes do not become one instant, and a base backup needs an archive to put the log into"'
	ask abort
	prepare
	ask prepare-snapshot -- "$(one_volume /)"
	assert_line --partial 'cluster main: full_page_writes is off, and a base backup needs an archive'
	ask abort
	has_no_connection
}

@test "fsync=off: its log proves nothing, so a base backup is made even of one instant" {
	new_cluster "fsync = off" "synchronous_commit = off"
	start_server
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	prepare
	ask prepare-snapshot -- "$(one_volume /)"
	ask freeze timeout-ms=60000
	assert_line --partial "synchronous_commit=off fsync=off"
	assert_line "ok 5 hold=bracket"
	ask thaw
	ask post-snapshot
	assert_line "ok 7 confirmed=yes"
}

@test "a server that is stopped: clean is as good as frozen, crashed has to recover, started meanwhile is none" {
	new_cluster
	start_server
	stop_server
	open_writer
	ask identify
	prepare
	ask prepare-snapshot -- "$(one_volume / fuzzy)"
	ask freeze timeout-ms=60000
	assert_line "evidence stopped clean"
	assert_line --partial 'evidence main "mode=stopped stopped=clean version=15 system_identifier='
	assert_line "ok 5 hold=files"
	start_server
	ask thaw
	assert_line 'fail 6 VSS_E_WRITERERROR_RETRYABLE "cluster main: its server was started meanwhile"'
	ask abort
	stop_server "$P" immediate
	ask identify
	prepare
	ask prepare-snapshot -- "$(one_volume /)"
	ask freeze timeout-ms=60000
	assert_line --partial 'mode=stopped stopped=crashed'
	assert_line "ok 11 hold=log"
	ask abort
	prepare
	ask prepare-snapshot -- "$(one_volume / fuzzy)"
	assert_line --partial "veto 14 VSS_E_WRITERERROR_NONRETRYABLE \"cluster main: was not shut down in order"
}

@test "a standby is copied at one instant, and no base backup is made of it" {
	new_cluster "max_connections = 100"
	: >"$P/standby.signal"
	start_server
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	prepare
	ask prepare-snapshot -- "$(one_volume /)"
	ask freeze timeout-ms=60000
	assert_line --partial 'mode=snapshot version=15'
	assert_line --partial ' standby=yes '
	assert_line "ok 5 hold=log"
	ask abort
	prepare
	ask prepare-snapshot -- "$(one_volume / fuzzy)"
	assert_line --partial 'cluster main: its volumes do not become one instant, and of a standby no base backup is made'
}

@test "one cluster that needs a base backup brings the others along; only what was chosen is touched" {
	new_cluster
	start_server
	new_btrfs fs 1G data
	local first=$P
	P=$T/data/pg
	new_cluster "port = 5433"
	start_server
	configure "cluster first data=$first" "cluster second data=$P"
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	local both=("component filegroup \"\" first" "component filegroup \"\" second")
	ask prepare-backup -- "backup type=full component-mode=yes" "${both[@]}"
	ask prepare-snapshot -- "$(one_volume /)" "$(one_volume "$T/data" fuzzy 1)"
	ask freeze timeout-ms=60000
	assert_line --partial 'evidence first "mode=base-backup '
	assert_line --partial 'evidence second "mode=base-backup '
	assert_line "ok 5 hold=bracket"
	ask abort
	ask prepare-backup -- "backup type=full component-mode=yes" "${both[0]}"
	ask prepare-snapshot -- "$(one_volume /)"
	ask freeze timeout-ms=60000
	assert_line --partial 'evidence first "mode=snapshot '
	refute_line --partial 'evidence second'
	assert_line "ok 9 hold=log"
}

@test "a tablespace that came in between is not forgotten" {
	new_cluster
	start_server
	open_writer
	ask identify
	sql "CREATE TABLESPACE space LOCATION '$S'"
	prepare
	assert_line 'fail 3 VSS_E_WRITERERROR_RETRYABLE "cluster main: is not what it was a moment ago: try again"'
}

@test "all segments from start to stop are copied, also across a border of 4 GB" {
	new_cluster
	as_postgres pg_resetwal -l 000000010000000000000FFE -D "$P" >/dev/null
	start_server
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	prepare
	ask prepare-snapshot -- "$(one_volume / fuzzy)"
	for ((i = 0; i < 3; i++)); do sql "SELECT pg_switch_wal(); CREATE TABLE t$i ()" >/dev/null; done
	ask freeze timeout-ms=60000
	ask thaw
	ask post-snapshot
	assert_line "ok 7 confirmed=yes"
	run ls "$T/scratch/main/wal"
	assert_equal "${#lines[@]}" 4
	assert_line 000000010000000000000FFF
	assert_line 000000010000000100000000
	for name in "${lines[@]}"; do cmp "$P/pg_wal/$name" "$T/scratch/main/wal/$name"; done
}

@test "a pg_control that is damaged is no backup" {
	new_cluster
	start_server
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	prepare
	ask prepare-snapshot -- "$(one_volume / fuzzy)"
	ask freeze timeout-ms=60000
	ask thaw
	printf x | dd of="$P/global/pg_control" bs=1 seek=60 conv=notrunc status=none
	ask post-snapshot
	assert_line --partial 'fail 7 VSS_E_WRITERERROR_NONRETRYABLE "cluster main: '
	assert_line --partial 'global/pg_control is damaged'
	wait_until 60 has_no_connection
}

@test "log that is gone is no backup" {
	new_cluster "max_replication_slots = 0" "min_wal_size = 2MB" "max_wal_size = 2MB"
	start_server
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	prepare
	ask prepare-snapshot -- "$(one_volume / fuzzy)"
	for ((i = 0; i < 8; i++)); do sql "SELECT pg_switch_wal(); CREATE TABLE t$i (); CHECKPOINT" >/dev/null; done
	ask freeze timeout-ms=60000
	ask thaw
	ask post-snapshot
	assert_line --regexp '^fail 7 VSS_E_WRITERERROR_NONRETRYABLE "cluster main: log segment 0000000100000000000000[0-9A-F]{2}: is gone'
}

@test "the check of writers finds nothing: whatever a coordinator does to it, the server takes writes again" {
	new_cluster
	start_server
	sql "CREATE TABLE t (n integer)"
	local word probe=()
	for word in setpriv --reuid=postgres --regid=postgres --init-groups "$pg_bin/psql" -h "$T/sockets" -XAtqc 'INSERT INTO t VALUES (1)' postgres; do
		probe+=(--probe "$word")
	done
	run vss-test-writer --check --patience 60 --window 5000 "${probe[@]}" -- "$(in_box postgresql)"
	assert_success
	has_no_connection
}

# --- where clusters are found ---

# debian_tree: $T/etc/15/main as Debian has it, for the cluster in $P.
debian_tree() {
	tree=$T/etc/15/main
	mkdir -p "$tree/conf.d"
	mv "$P"/postgresql.conf "$P"/pg_hba.conf "$P"/pg_ident.conf "$tree/"
	cat >>"$tree/postgresql.conf" <<-END
		data_directory = '/nowhere'
		hba_file = '$tree/pg_hba.conf'
		ident_file = '$tree/pg_ident.conf'
		include_dir 'conf.d'
	END
	echo "data_directory='$P'	# where it is" >"$tree/conf.d/place.conf"
	echo auto >"$tree/start.conf"
	chown -R postgres: "$T/etc"
}

@test "clusters are found as Debian has them, with their configuration" {
	new_cluster
	debian_tree
	echo "discover $T/etc" >"$VSS_WRITER_POSTGRESQL_CONF"
	servers+=("$P")
	as_postgres pg_ctl -D "$P" -o "-c config_file=$tree/postgresql.conf" -l "$T/sockets/log" -w -t 120 -s start 3>&-
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	assert_line --partial 'component filegroup 15 main caption='
	assert_line --partial "file configuration/15 main $tree * recursive=yes alternate=$T/scratch/15-main/conf"
	ask prepare-backup -- "component filegroup configuration/15 main" "component filegroup 15 main"
	ask prepare-snapshot -- "$(one_volume /)"
	ask freeze timeout-ms=60000
	ask thaw
	ask post-snapshot
	assert_line "ok 7 confirmed=yes"
	diff -r "$tree" "$T/scratch/15-main/conf"
	assert_equal "$(stat -c '%U %a' "$T/scratch/15-main/conf/pg_hba.conf")" "postgres 600"
	echo "ignore 15/main" >>"$VSS_WRITER_POSTGRESQL_CONF"
	ask backup-shutdown
	ask identify
	assert_equal "${lines[0]}" "ok 9 absent=\"no cluster in $T/etc, and none in $VSS_WRITER_POSTGRESQL_CONF\""
}

@test "single files of the configuration that lie elsewhere come along" {
	new_cluster "hba_file = '$T/cluster/hba.conf'"
	cp -p "$P/pg_hba.conf" "$T/cluster/hba.conf"
	start_server
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	assert_line --regexp "^file configuration main $T/cluster hba.conf alternate=$T/scratch/main/conf-files/0"
}

@test "a configuration that cannot be understood fails at identify, with its line" {
	new_cluster
	for line in "cluster" "cluster ../x data=/x" "cluster x data=relative" "cluster x colour=red" "cluster x stop-service=yes" \
		"cluster x port=0" "dumps=maybe" "discover here" "cluster x"; do
		configure "$line"
		run writers_driver
		assert_line --partial "identify postgresql VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none "
		[ "$line" = "cluster x" ] || assert_line --partial "$VSS_WRITER_POSTGRESQL_CONF: line 2: "
	done
}

@test "a cluster that is lost can still be told what comes back, and not be backed up" {
	configure "cluster main data=$T/gone"
	open_writer
	ask identify
	assert_line --partial 'component filegroup "" main'
	prepare
	assert_line --partial 'component-failure "" main VSS_E_WRITERERROR_NONRETRYABLE'
	assert_line --partial "veto 3 VSS_E_WRITERERROR_PARTIAL_FAILURE \"cluster main: $T/gone: No such file or directory; ignore main"
}
