#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box SQLite writer under the real host, beside a client that never stops writing.
# shellcheck disable=SC2016,SC2154 # what is in single quotes is for another shell; start sets started_pid
load ../lib/common

setup() {
	vss_setup
	requires sqlite3
	export VSS_WRITER_SQLITE_CONF=$T/writer-sqlite.conf
	register sqlite "$(in_box sqlite)"
	D=$T/data
	mkdir "$D"
}

# new_db NAME [JOURNAL-MODE]: 300 accounts with nothing in all, and row 0 that counts the transactions.
new_db() {
	db=$D/$1
	sqlite3 "$db" >/dev/null <<-END
		PRAGMA journal_mode=${2:-delete};
		CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, pad BLOB);
		WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 300)
		INSERT INTO t SELECT i, 0, randomblob(2000) FROM c;
	END
}

configure() { printf '%s\n' "$@" >"$VSS_WRITER_SQLITE_CONF"; }

# The client: one connection, transfer after transfer from one account to another, waiting its turn when it must.
start_client() {
	start bash -c 'exec sqlite3 -bail -cmd ".timeout 20000" -cmd "PRAGMA synchronous=off" -cmd "PRAGMA wal_autocheckpoint=20" \
		"$0" >"$0.out" 2>"$0.err" < <(yes "BEGIN IMMEDIATE;
			UPDATE t SET n = n + 1 WHERE id = 0;
			UPDATE t SET n = n + 1, pad = randomblob(2000) WHERE id = (SELECT 1 + abs(random()) % 150);
			UPDATE t SET n = n - 1, pad = randomblob(2000) WHERE id = (SELECT 151 + abs(random()) % 150);
			COMMIT;")' "$db"
	client=$started_pid
	wait_until 10 counts_more_than 2
}

# As a power cut would: what it left is there.
kill_client() {
	kill -KILL "$client"
	wait "$client" || :
}

# A client that does as it is told: order SQL returns when it is done.
start_shell() {
	mkfifo "$T/orders"
	exec 9<>"$T/orders"
	start bash -c 'exec sqlite3 "$0" <"$1"' "$db" "$T/orders"
}

order() {
	printf '%s\n.system touch %s\n' "$1" "$T/obeyed" >&9
	wait_until 10 test -e "$T/obeyed"
}

count() { sqlite3 -cmd ".timeout 20000" "$db" "SELECT n FROM t WHERE id = 0"; }
counts_more_than() { [ "$(count)" -gt "$1" ]; }

# Slow enough that transactions end meanwhile, if they can: piece by piece, the log last.
write_copier() {
	cat >"$T/copy" <<-'END'
		#!/bin/bash
		# copy DB TARGET
		size=$(stat -c %s "$1")
		rm -f "$2" "$2-wal" "$2-journal"
		for ((at = 0; at * 65536 < size; at++)); do
			dd if="$1" of="$2" bs=65536 count=1 skip=$at seek=$at conv=notrunc status=none
			sleep 0.01
		done
		for part in wal journal; do
			# Without a lock it may go at any moment.
			cp "$1-$part" "$2-$part" 2>/dev/null || rm -f "$2-$part"
		done
	END
	chmod 755 "$T/copy"
}

# What is wrong with a copy: nothing, or a line.
fault_of() {
	local check sum
	check=$(sqlite3 "$1" "PRAGMA integrity_check" 2>&1) || { echo "$check"; return; }
	[ "$check" = ok ] || { echo "$check"; return; }
	sum=$(sqlite3 "$1" "SELECT count(*), sum(n) FROM t WHERE id > 0" 2>&1)
	[ "$sum" = "300|0" ] || echo "accounts|sum: $sum"
}

component() { echo "with=component,database,${D#/},$1"; }

copies_of_a_held_database_are_whole() {
	new_db app.db "$1"
	configure "database $db"
	write_copier
	start_client
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		run writers_driver "$(component app.db)" prepare-backup with= prepare-snapshot freeze \
			"run=$T/copy $db $T/copy.db" thaw post-snapshot backup-complete backup-shutdown
		assert_success
		assert_line "freeze sqlite VSS_WS_WAITING_FOR_THAW none files "
		assert_line "backup-shutdown sqlite VSS_WS_STABLE none files "
		assert_equal "$(fault_of "$T/copy.db")" ""
	done
	before=$(count)
	wait_until 10 counts_more_than "$before"
	assert_equal "$(cat "$db.err")" ""
}

@test "copies of a held database are whole: rollback journal" { copies_of_a_held_database_are_whole delete; }
@test "copies of a held database are whole: persistent journal" { copies_of_a_held_database_are_whole persist; }
@test "copies of a held database are whole: write-ahead log" { copies_of_a_held_database_are_whole wal; }

@test "the same copies without a lock are seen torn" {
	for mode in delete wal; do
		new_db "$mode.db" "$mode"
		write_copier
		start_client
		torn=0
		for ((i = 0; i < 20 && torn == 0; i++)); do
			"$T/copy" "$db" "$T/copy.db"
			[ -z "$(fault_of "$T/copy.db")" ] || torn=1
		done
		assert_equal "$mode $torn" "$mode 1"
	done
}

@test "from freeze to thaw nobody can write, and everybody can read" {
	new_db app.db wal
	configure "database $db"
	try="sqlite3 -cmd '.timeout 50' $db 'UPDATE t SET n = n + 1' 2>&1 || :"
	run writers_driver "$(component app.db)" prepare-backup "run=$try; echo before" freeze "run=$try" "run=sqlite3 $db 'SELECT max(n) FROM t'" \
		identify "run=$try; echo identified" thaw "run=$try; echo after" "run=sqlite3 $db 'SELECT max(n) FROM t'"
	assert_success
	assert_equal "$(grep -c 'database is locked' <<<"$output")" 2
	assert_line "1"
	assert_line "2"
}

@test "only what was chosen is held" {
	new_db one.db
	new_db two.db
	configure "directory $D"
	run writers_driver "$(component two.db)" prepare-backup freeze "run=sqlite3 $D/one.db 'UPDATE t SET n = 7'" thaw
	assert_success
	refute_line --partial "evidence $D/one.db"
	assert_line --partial "evidence $D/two.db journal_mode=delete page_size=4096 page_count="
}

@test "a writer that is killed while it holds lets go" {
	new_db app.db
	configure "database $db"
	run writers_driver "$(component app.db)" prepare-backup freeze "run=kill -KILL \$(pgrep -f '^$(in_box sqlite)\$' -P \$PPID)" wait=5000 \
		"run=sqlite3 $db 'UPDATE t SET n = 1'"
	assert_line "wait writer sqlite"
	assert_line --partial "wait sqlite VSS_WS_FAILED_AT_FREEZE VSS_E_WRITER_NOT_RESPONDING files was ended by signal 9"
	assert_success
}

@test "databases are found by what they begin with" {
	mkdir -p "$D/sub" "$D/skip"
	for name in a.db noext sub/deep.db skip/s.db z.db; do new_db "$name"; done
	echo "SQLite format 2" >"$D/text"
	ln -s "$D/a.db" "$D/link.db"
	configure "directory $D recursive=yes" "exclude $D/skip" "exclude $D/z.db" "# comment" ""
	run writers_driver
	assert_success
	assert_equal "$(grep -c ^component <<<"$output")" 3
	assert_line "component sqlite ${D#/} a.db"
	assert_line "component sqlite ${D#/} noext"
	assert_line "component sqlite ${D#/}/sub deep.db"
	assert_line "file $D a.db-wal*"
	configure "directory $D"
	run writers_driver
	refute_line --partial deep.db
	assert_line "component sqlite ${D#/} z.db"
}

@test "nothing configured: the writer is not there" {
	run writers_driver prepare-backup
	assert_success
	assert_output ""
	configure "# nothing yet"
	run writers_driver
	assert_output ""
}

@test "a configuration that cannot be read fails at identify, with its line" {
	for line in "database relative" "database" "colour red" "busy-timeout 99999" "quick-check maybe" 'database "/open'; do
		configure "# first" "$line"
		run writers_driver
		assert_line --partial "identify sqlite VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none $VSS_WRITER_SQLITE_CONF: line 2: "
	done
	new_db 'what?.db'
	configure "directory $D"
	run writers_driver
	assert_line --partial "a backslash, * or ? in the path"
}

@test "a database that is gone or is none fails alone" {
	new_db good.db
	echo "this is a text, and a long one, and no database at all" >"$D/text.db"
	configure "database $D/good.db" "database $D/gone.db" "database $D/text.db"
	run writers_driver "$(component gone.db)" prepare-backup
	assert_line --partial "prepare-backup sqlite VSS_WS_FAILED_AT_PREPARE_BACKUP VSS_E_WRITERERROR_PARTIAL_FAILURE none $D/gone.db: No such file"
	assert_line --partial "- component-failure ${D#/} gone.db VSS_E_WRITERERROR_NONRETRYABLE"
	run writers_driver "$(component text.db)" prepare-backup
	assert_line --partial "$D/text.db: file is not a database"
	run writers_driver "$(component good.db)" prepare-backup
	assert_line "prepare-backup sqlite VSS_WS_STABLE none none "
}

@test "a database that cannot be locked in time is a veto, not a hang" {
	new_db app.db
	configure "database $db" "busy-timeout 200"
	start_shell
	order "BEGIN IMMEDIATE;"
	run writers_driver "$(component app.db)" prepare-backup freeze thaw
	exec 9>&-
	assert_success
	assert_line "freeze sqlite VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none $db: database is locked"
}

@test "a database that was replaced meanwhile is held under its name" {
	new_db app.db
	new_db new.db
	configure "database $D/app.db"
	run writers_driver "$(component app.db)" prepare-backup "run=mv $D/new.db $D/app.db" freeze \
		"run=sqlite3 -cmd '.timeout 50' $D/app.db 'UPDATE t SET n = 1' 2>&1 || :" thaw
	assert_success
	assert_line --partial "database is locked"
}

@test "a damaged database is caught by quick-check" {
	new_db app.db
	configure "database $db" "quick-check yes"
	run writers_driver "$(component app.db)" prepare-backup
	assert_line "prepare-backup sqlite VSS_WS_STABLE none none "
	dd if=/dev/zero of="$db" bs=4096 seek=20 count=40 conv=notrunc status=none
	run writers_driver "$(component app.db)" prepare-backup
	assert_line --partial "VSS_E_WRITERERROR_PARTIAL_FAILURE none $db: "
}

@test "before a restore, what a crash has left is finished" {
	new_db app.db wal
	configure "database $db"
	# A copy taken in the middle of a session has a log that nobody has closed.
	sqlite3 "$db" "UPDATE t SET n = 5" ".system cp $db $T/crashed.db; cp $db-wal $T/crashed.db-wal"
	rm -f "$db"*
	cp "$T/crashed.db" "$db"
	cp "$T/crashed.db-wal" "$db-wal"
	run writers_driver "$(component app.db)" pre-restore
	assert_line "pre-restore sqlite VSS_WS_STABLE none none "
	assert_file_not_exist "$db-wal"
	assert_equal "$(count)" 5
}

@test "before a restore, a database in use is refused" {
	new_db app.db wal
	configure "database $db" "busy-timeout 200"
	start_shell
	order "UPDATE t SET n = 3;"
	run writers_driver "$(component app.db)" pre-restore
	exec 9>&-
	assert_line "pre-restore sqlite VSS_WS_FAILED_AT_PRE_RESTORE VSS_E_WRITERERROR_NONRETRYABLE none $db: is in use: stop the application first"
}

@test "before a restore, the log of a database that is lost is put aside" {
	new_db app.db
	configure "database $db"
	echo "a log" >"$db-wal"
	rm "$db"
	run writers_driver "$(component app.db)" pre-restore
	assert_line "pre-restore sqlite VSS_WS_STABLE none none "
	assert_file_not_exist "$db-wal"
	assert_equal "$(cat "$db.before-restore-wal")" "a log"
}

# --- with the tools ---

@test "list-writers names the databases" {
	new_db app.db wal
	configure "directory $D"
	run list-writers
	assert_success
	assert_line "Writer name: 'SQLite Writer'"
	run list-writers --detailed "SQLite Writer"
	assert_line --partial "app.db-wal*"
}

# Backup of a database under load, loss, restore in place: on a volume of this provider's.
main_job() {
	new_db app.db "$2"
	configure "database $db"
	start_client
	run backup -w "SQLite Writer" -o "$T/x.tar.zst" --json
	assert_success
	assert_json '.writers[0].grade // .grade' application
	before=$(count)
	wait_until 10 counts_more_than "$before"
	kill_client
	# What the application wrote after the backup must not be applied to what comes back.
	"$1"
	run restore --in-place "$T/x.tar.zst"
	assert_success
	assert_equal "$(fault_of "$db")" ""
	[ "$(count)" -le "$before" ]
}

lose_all() { rm "$db"*; }
lose_the_file() { rm "$db"; }
lose_nothing() { :; }

@test "backup and restore of a busy database: all was lost" { main_job lose_all delete; }
@test "backup and restore of a busy database: its log is still there" { main_job lose_the_file wal; }
@test "backup and restore of a busy database: over what came later" { main_job lose_nothing wal; }
@test "backup and restore of a busy database: over what a crash has left" { main_job lose_nothing delete; }
