#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What the in-box PostgreSQL writer does besides: dumps of single databases, backups of archived log.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/postgresql

setup_file() { postgresql_setup_file; }
setup() { postgresql_setup; }
teardown() { postgresql_teardown; }

# --- dumps ---

@test "dumps: a component for each database, from which one comes back" {
	new_cluster
	configure "cluster main data=$P" "dumps=yes"
	start_server
	sql "CREATE ROLE clerk"
	sql "CREATE DATABASE \"odd name=x\""
	sql "CREATE TABLE t AS SELECT 7 AS n"
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	assert_line --regexp '^component filegroup dumps/main postgres '
	assert_line --regexp "^file dumps/main postgres /var/backups/vss/postgresql/main postgres.dump alternate=$T/scratch/main/dumps"
	assert_line --regexp '^component filegroup dumps/main odd%20name%3Dx '
	ask prepare-backup -- "backup type=full component-mode=yes" "component filegroup dumps/main postgres" \
		"component filegroup dumps/main odd%20name%3Dx"
	assert_line "ok 3"
	assert_equal "$(cd "$T/scratch/main/dumps" && echo *)" "globals.sql odd%20name%3Dx.dump postgres.dump"
	grep -q 'CREATE ROLE clerk' "$T/scratch/main/dumps/globals.sql"
	sql "CREATE DATABASE again"
	as_postgres pg_restore -h "$T/sockets" -d again <"$T/scratch/main/dumps/postgres.dump"
	assert_equal "$(as_postgres psql -h "$T/sockets" -XAtqc 'SELECT n FROM t' again)" 7
}

@test "a database that cannot be dumped fails alone, and so does one that is gone" {
	new_cluster
	mkdir "$T/bin"
	ln -s "$pg_bin"/* "$T/bin/"
	rm "$T/bin/pg_dump"
	printf '%s\n' '#!/bin/sh' 'case "$*" in *broken*) echo "no luck with it" >&2; exit 1 ;; esac' "exec $pg_bin/pg_dump \"\$@\"" >"$T/bin/pg_dump"
	chmod 755 "$T/bin" "$T/bin/pg_dump"
	configure "cluster main data=$P dumps=yes bindir=$T/bin"
	start_server
	sql "CREATE DATABASE broken"
	sql "CREATE DATABASE gone"
	mkdir "$T/scratch"
	open_writer "scratch=$T/scratch"
	ask identify
	sql "DROP DATABASE gone"
	ask prepare-backup -- "backup type=full component-mode=yes" "component filegroup dumps/main broken" \
		"component filegroup dumps/main postgres" "component filegroup dumps/main gone"
	assert_line 'component-failure dumps/main gone VSS_E_WRITERERROR_NONRETRYABLE "the database is gone"'
	assert_line 'component-failure dumps/main broken VSS_E_WRITERERROR_NONRETRYABLE "pg_dump: no luck with it"'
	assert_line 'veto 3 VSS_E_WRITERERROR_PARTIAL_FAILURE "pg_dump: no luck with it"'
	refute_line --partial 'component-failure dumps/main postgres'
	assert_file_exist "$T/scratch/main/dumps/postgres.dump"
	ask backup-shutdown
	ask identify
	refute_line --partial ' gone'
}

@test "one database comes back from its dump, and the configuration from where it lay" {
	new_btrfs fs 2G data
	P=$T/data/pg
	install -d -o postgres -g postgres "$T/conf"
	new_cluster "hba_file = '$T/conf/hba.conf'"
	mv "$P/pg_hba.conf" "$T/conf/hba.conf"
	configure "cluster main data=$P" "dumps=yes dump-directory=$T/dumps"
	start_server
	sql "CREATE TABLE t AS SELECT 1 AS n"
	# who means the configuration does not mean all data
	backup -q --min-grade fuzzy -o "$T/conf.tar.zst" "$T/conf"
	run tar --zstd -tf "$T/conf.tar.zst"
	assert_line "${T#/}/conf/hba.conf"
	refute_line --partial "${P#/}"
	run --separate-stderr backup --json -w postgresql -o "$T/x.tar.zst"
	assert_success
	rm -r "$T/conf"
	run --separate-stderr restore -q --target "$T/out" "$T/x.tar.zst" "$T/dumps" "$T/conf"
	assert_success
	sql "DROP TABLE t"
	as_postgres pg_restore -h "$T/sockets" -d postgres <"$T/out$T/dumps/main/postgres.dump"
	assert_equal "$(sql "SELECT n FROM t")" 1
	assert_equal "$(stat -c %U "$T/out$T/conf/hba.conf")" postgres
	assert_file_exist "$T/out$T/dumps/main/globals.sql"
}

# --- archived log ---

archive_component='component database archive main'

# archived_log [OPTION]: a cluster with three segments in $A, and the conversation of a log backup up to post-snapshot.  Since the copy was made
# one segment has changed and two have come.
archived_log() {
	new_btrfs fs 1G archive
	A=$T/archive/main
	install -d -o postgres -g postgres "$A"
	new_cluster "archive_mode = on" "archive_command = 'cp %p $A/%f'"
	configure "cluster main data=$P archive=$A" "$@"
	start_server
	for ((i = 0; i < 3; i++)); do
		sql "CREATE TABLE t$i ()"
		last=$(sql "SELECT pg_walfile_name(pg_switch_wal())")
		wait_until 60 is_archived "$last"
	done
	mapfile -t segments < <(ls "$A")
	[ "${#segments[@]}" -ge 3 ]
	open_writer
	ask identify
	assert_line "backup-schema copy log"
	assert_line "log-file archive main $A * mask=2056"
	ask prepare-backup -- "backup type=log component-mode=yes" "$cluster_component" "$archive_component"
	assert_line 'backup-metadata "" main nothing'
	ask prepare-snapshot -- "$(one_volume "$T/archive" fuzzy)"
	ask freeze timeout-ms=60000
	assert_line "evidence main \"archived_to=$last\""
	assert_line "ok 5 hold=export"
	ask thaw
	: >"$A/0000000100000000000000FE"
	mkdir "$T/copy"
	cp -a "$A" "$T/copy/"
	: >"$A/0000000100000000000000FF"
	echo 1 >>"$A/${segments[0]}"
	ask post-snapshot -- "volume $T/archive $T/copy"
	assert_line "ok 7 confirmed=yes"
}

@test "a backup of type log takes archived segments, and removes none that it was not told to" {
	archived_log
	ls "$A" >"$T/before"
	ask backup-complete -- "$archive_component succeeded=yes"
	assert_line "ok 8"
	diff "$T/before" <(ls "$A")
}

@test "purge-logs=yes removes what the backup took and nothing else, once it is durable" {
	archived_log "purge-logs=yes"
	ls "$A" >"$T/before"
	ask backup-complete -- "$archive_component succeeded=no"
	diff "$T/before" <(ls "$A")
	ask backup-complete -- "$archive_component succeeded=yes"
	assert_line "ok 9"
	assert_equal "$(cd "$A" && echo *)" "${segments[0]} 0000000100000000000000FE 0000000100000000000000FF"
}

has_recovered() { [ "$(sql "SELECT pg_is_in_recovery()")" = f ]; }

@test "a backup of archived log carries the cluster on from a full one" {
	new_btrfs fs 3G data archive
	P=$T/data/pg
	local A=$T/archive/main segment
	install -d -o postgres -g postgres "$A"
	new_cluster "archive_mode = on" "archive_command = 'test ! -f $A/%f && cp %p $A/%f'"
	configure "cluster main data=$P archive=$A"
	start_server
	sql "CREATE TABLE t AS SELECT 1 AS n"
	backup -q -w postgresql -o "$T/full.tar.zst"
	sql "INSERT INTO t VALUES (2)"
	segment=$(sql "SELECT pg_walfile_name(pg_switch_wal())")
	wait_until 60 is_archived "$segment"
	run --separate-stderr backup --json --type log -w postgresql -o "$T/log.tar.zst"
	assert_success
	assert_json .type log
	tar --zstd -tf "$T/full.tar.zst" >"$T/in-full"
	run -1 grep -F "${A#/}/0" "$T/in-full"
	tar --zstd -tf "$T/log.tar.zst" >"$T/in-log"
	grep -qF "${A#/}/$segment" "$T/in-log"
	run -1 grep -F "${P#/}/base" "$T/in-log"
	stop_server "$P" immediate
	find "$P" "$A" -mindepth 1 -delete
	restore -q --in-place "$T/full.tar.zst"
	restore -q --in-place "$T/log.tar.zst"
	assert_file_exist "$P/PG_VERSION"
	echo "restore_command = 'cp $A/%f %p'" >>"$P/postgresql.conf"
	install -o postgres -g postgres -m 600 /dev/null "$P/recovery.signal"
	start_server
	wait_until 60 has_recovered
	assert_equal "$(sql "SELECT sum(n) FROM t")" 3
}
