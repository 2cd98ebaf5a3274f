#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Clusters that come back: what the in-box PostgreSQL writer allows, sets aside, stops and starts.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/postgresql

setup_file() { postgresql_setup_file; }
setup() { postgresql_setup; }
teardown() { postgresql_teardown; }

# note [VERSION]: the line of the component with what a backup of it noted.
note() { printf 'component filegroup "" main backup-metadata="cluster version=%s data=%s log=%s"' "${1:-15}" "$P" "$P/pg_wal"; }

# service: $T/services/pg starts and stops the server of $P, and notes that it did.
service() {
	export VSS_SERVICE_PATH=$T/services
	mkdir "$T/services"
	cat >"$T/services/pg" <<-END
		#!/bin/sh
		echo "\$1" >>"$T/service.log"
		exec setpriv --reuid=postgres --regid=postgres --init-groups $pg_bin/pg_ctl -D "$P" -l "$T/sockets/log" -w -t 120 -s -m fast "\$1" 3>&-
	END
	chmod 755 "$T/services" "$T/services/pg"
	configure "cluster main data=$P service=pg stop-service=yes"
}
service_did() { sed '/status/d' "$T/service.log" | tr '\n' ' '; }

backed_up() {
	new_btrfs fs 2G data
	P=$T/data/pg
	new_cluster
	start_server
	sql "CREATE TABLE t AS SELECT 1 AS n"
	backup -q -w postgresql -o "$T/x.tar.zst"
	sql "UPDATE t SET n = 2"
}

@test "a cluster whose server runs is not replaced" {
	backed_up
	run --separate-stderr restore -q --in-place "$T/x.tar.zst"
	assert_failure
	assert_sentence restore "its server runs (process "
	assert_equal "$(sql "SELECT n FROM t")" 2
}

@test "its service is stopped where that is allowed, its old data set aside, and it runs again" {
	backed_up
	service
	run --separate-stderr restore -q --in-place "$T/x.tar.zst"
	assert_success
	assert_equal "$(service_did)" "stop start "
	assert_equal "$(sql "SELECT n FROM t")" 1
	run find "$P" -maxdepth 2 -path '*/before-restore.*/PG_VERSION'
	assert_line --regexp "/before-restore\.[0-9TZ]+/PG_VERSION"
	# the next backup leaves that alone
	backup -q -w postgresql -o "$T/y.tar.zst"
	run tar --zstd -tf "$T/y.tar.zst"
	refute_line --regexp 'before-restore.*/PG_VERSION'
	refute_line --regexp 'postmaster\.(pid|opts)$'
	assert_line --regexp 'data/pg/pg_notify/$'
}

@test "the directory of a tablespace comes back as the server's own" {
	on_btrfs
	new_cluster
	start_server
	sql "CREATE TABLESPACE space LOCATION '$S'"
	backup -q -w postgresql -o "$T/x.tar.zst"
	stop_server
	rm -r "$P" "$W" "$S"
	restore -q --in-place -w postgresql "$T/x.tar.zst"
	assert_equal "$(stat -c '%U %a' "$P" "$W" "$S" | uniq)" "postgres 700"
	start_server
	sql "DROP TABLESPACE space"
}

@test "a service that stood still is not started" {
	backed_up
	stop_server
	service
	restore -q --in-place "$T/x.tar.zst"
	assert_not_exist "$T/service.log"
	start_server
	assert_equal "$(sql "SELECT n FROM t")" 1
}

@test "another version is refused: that of the directory, and that of the programs" {
	new_cluster
	open_writer
	ask identify
	ask pre-restore -- "$(note 99)"
	assert_line --partial 'fail 3 VSS_E_WRITERERROR_NONRETRYABLE "the backup is of PostgreSQL 99, which is not installed here: install it first, or restore with --target"'
	configure "cluster main data=$P bindir=$pg_bin"
	ask identify
	ask pre-restore -- "$(note 99)"
	assert_line --partial "and $pg_bin is not of that version"
	echo 14 >"$P/PG_VERSION"
	ask pre-restore -- "$(note)"
	assert_line --partial "$P: holds a cluster of version 14, the backup is of version 15: move it away"
	assert_file_exist "$P/global/pg_control"
}

@test "what is no cluster is not set aside" {
	mkdir "$P"
	echo letter >"$P/letter"
	configure "cluster main data=$P"
	open_writer
	ask identify
	ask pre-restore -- "$(note)"
	assert_line --partial "$P: holds something else than a cluster (letter): move it away"
	assert_file_exist "$P/letter"
}

@test "nothing was restored: all is as it was" {
	new_cluster
	start_server
	service
	open_writer
	ask identify
	ask pre-restore -- "$(note)"
	assert_line "ok 3"
	assert_not_exist "$P/PG_VERSION"
	ask post-restore -- 'component filegroup "" main status=none'
	assert_line "ok 4"
	assert_equal "$(service_did)" "stop start "
	assert_equal "$(sql "SELECT 1")" 1
	run find "$P" -name 'before-restore.*'
	assert_output ''
}

@test "half restored: its service stays stopped" {
	new_cluster
	start_server
	service
	open_writer
	ask identify
	ask pre-restore -- "$(note)"
	ask post-restore -- 'component filegroup "" main status=failed'
	assert_line "ok 4"
	assert_equal "$(service_did)" "stop "
}

@test "a note that says nothing of a cluster does nothing to it; one that cannot be read is refused" {
	new_cluster
	open_writer
	ask identify
	ask pre-restore -- 'component filegroup "" main backup-metadata=nothing'
	assert_line "ok 3"
	assert_file_exist "$P/PG_VERSION"
	ask pre-restore -- 'component filegroup "" main backup-metadata="gibberish"'
	assert_line --partial "fail 4 VSS_E_WRITERERROR_NONRETRYABLE \"the backup does not say what its cluster was"
	assert_file_exist "$P/PG_VERSION"
}
