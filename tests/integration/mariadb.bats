#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box writer of MariaDB against a real server, with InnoDB, Aria and MyISAM under clients that never stop.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/mariadb

setup_file() { mariadb_setup_file; }
teardown_file() { mariadb_teardown_file; }

setup() {
	btrfs_setup
	requires mariadbd mariadb-install-db mariadb-binlog jq
	[ -x "$(in_box mariadb)" ] || skip "needs the MariaDB writer"
	[ -e "$F/ready" ] || fail "no server: $(tail -n 20 "$F/install.log")"
	export VSS_WRITER_MARIADB_CONF=$T/writer-mariadb.conf
	register mariadb "$(in_box mariadb)" Level=back-end
	clients=()
	configure "instance main server-file=$F/my.cnf"
}

teardown() {
	mariadb_runs && kill -CONT "$(cat "$F/server")"
	btrfs_teardown
}

configure() { printf '%s\n' "ignore default" "lock-timeout 2" "$@" >"$VSS_WRITER_MARIADB_CONF"; }
main() { echo with=component,filegroup,,main; }
volumes() { local v; for v; do printf ' with=volume,%s,%s' "${v%%=*}" "${v#*=}"; done; }

# lose_all: the server as a power cut leaves it, and both its directories empty.
lose_all() {
	mariadb_kill
	find "$F/data/db" "$F/log" -mindepth 1 -delete
}
evidence() { jq -r --arg key "main $1" '.writers[0].evidence[$key]' <<<"$report"; }
freeze_to_thaw() {
	jq -r '[.ledger[] | select(.who == "writer MariaDB Writer")] | map({(.what): .at_ns}) | add | "\((.thawed - .frozen) / 1e6) ms from frozen to thawed, \((.frozen - .asked) / 1e6) ms to freeze"' <<<"$report"
}

back_up() { # of the busy server; what each client was told before is in $before
	local c
	before=()
	for ((c = 1; c <= ${#clients[@]}; c++)); do before[c]=$(done_by "$c"); done
	run --separate-stderr backup -w mariadb -o "$T/x.tar.zst" --replace --json
	[ "$status" = 0 ] || fail "status $status: $stderr; $output"
	report=$output
}

# Nothing that a client was told before the freeze is lost, in any of the three tables.
assert_has_all_of_before() {
	local c table
	for ((c = 1; c < ${#before[@]} + 1; c++)); do
		for table in first second third; do
			[ "$(sql "SELECT COUNT(*) FROM shop.$table WHERE c = $c AND n <= ${before[c]}")" = "${before[c]}" ] ||
				fail "client $c was told that ${before[c]} is done: $table has less"
		done
	done
}

# What the binary log of the lost server says from the recorded position on.
replay() { # DIRECTORY
	local file position log logs=()
	read -r file position <<<"$(evidence binlog)"
	for log in "$1"/bin.[0-9]*; do
		[[ ${log##*/} < $file ]] || logs+=("$log")
	done
	mariadb-binlog --no-defaults --start-position="$position" "${logs[@]}" |
		mariadb --no-defaults --protocol=socket --socket="$F/tmp/socket" -u root --init-command='SET sql_log_bin = 0'
}

@test "a torn copy is seen to be torn" {
	mariadb_start
	mariadb_make_tables
	mariadb_clients 2
	# The same directory at two moments, put together: each alone would be a crash that recovers.
	btrfs -q subvolume snapshot "$F/data" "$F/fs/one"
	all_go_on
	cp -a "$F"/data/db/shop/third.* "$F/fs/one/db/shop/"
	end_clients
	assert_equal "$(faults)" ""
	mariadb_kill
	find "$F/data/db" -mindepth 1 -delete
	cp -a "$F/fs/one/db/." "$F/data/db/"
	btrfs -q subvolume delete "$F/fs/one"
	mariadb_start
	found=$(faults)
	mariadb_renew
	[ -n "$found" ] || fail "the oracle sees nothing"
}

@test "backup of a busy server, loss of all, restore in place, replay of the binary log" {
	for ((round = 1; round <= ${REPEAT:-2}; round++)); do
		mariadb_stop
		mariadb_start
		mariadb_make_tables
		mariadb_clients 3
		back_up
		assert_equal "$(jq -r .grade <<<"$report")" application
		assert_equal "$(evidence lock)" "BACKUP STAGE BLOCK_COMMIT"
		echo "# $(freeze_to_thaw)" >&3
		all_go_on
		end_clients
		live=$(sums)
		mkdir "$T/logs-$round"
		sql "FLUSH BINARY LOGS"
		cp "$F"/log/bin.* "$T/logs-$round"
		lose_all
		run restore --in-place "$T/x.tar.zst"
		assert_success
		mariadb_start
		assert_equal "$(faults)" ""
		assert_has_all_of_before
		[ "$(sums)" != "$live" ] || fail "nothing came after the backup: it proves nothing"
		replay "$T/logs-$round"
		assert_equal "$(sums)" "$live"
	done
}

# With this setting the server has what it acknowledged in its memory, for a second at most.
@test "what was acknowledged and not yet written by the server is not lost, with either lock" {
	for lock in stage read-lock; do
		configure "instance main server-file=$F/my.cnf lock=$lock"
		mariadb_stop
		mariadb_start --innodb-flush-log-at-trx-commit=0
		mariadb_make_tables
		mariadb_clients 2
		back_up
		assert_equal "$(jq -r .grade <<<"$report")" application
		[ "$lock" = stage ] || assert_equal "$(evidence lock)" "FLUSH TABLES WITH READ LOCK"
		echo "# $lock: $(freeze_to_thaw)" >&3
		all_go_on
		end_clients
		lose_all
		run restore --in-place "$T/x.tar.zst"
		assert_success
		mariadb_start
		assert_equal "$(faults)" ""
		assert_has_all_of_before
	done
}

# Its copy has half of a table that is being made; a row takes a while, so it is half for long enough.
@test "an ALTER TABLE under way does not stop the backup, and nothing of it is left after a restore" {
	mariadb_start
	mariadb_make_tables
	sql "INSERT INTO first SELECT 1, seq, 'x' FROM seq_1_to_2000" shop
	start bash -c 'exec mariadb --no-defaults --protocol=socket --socket="$1" -u root -e "ALTER TABLE shop.first ADD COLUMN late CHAR(128) AS (SHA2(REPEAT(pad, 10000000), 512)) PERSISTENT, ALGORITHM=COPY"' \
		- "$F/tmp/socket"
	wait_until 5 alter_has_files
	back_up
	lose_all
	run restore --in-place "$T/x.tar.zst"
	assert_success
	alter_has_files || fail "the copy has nothing of it: this proves nothing"
	seen=$(wc -l <"$F/error.log")
	mariadb_start
	run bash -c "tail -n +$((seen + 1)) '$F/error.log' | grep -F '[ERROR]'"
	assert_output ""
	run alter_has_files
	assert_failure
	assert_equal "$(sql "SELECT COUNT(*) FROM shop.first")" 2000
	assert_equal "$(sql "CHECK TABLE shop.first" | cut -f 4)" OK
}
alter_has_files() { compgen -G "$F/data/db/shop/#sql*" >"$T/found"; }

# frozen_backup: a coordinator that is held between freeze and thaw, in $coordinator.
frozen_backup() {
	stop_at session.frozen:stop start backup -q -w mariadb -o "$T/x.tar.zst"
	coordinator=$started_pid
	wait_until 20 is_stopped "$coordinator"
}
refuses() { # STATEMENT: it cannot get its lock
	run sql "SET lock_wait_timeout = 1, innodb_lock_wait_timeout = 1; $1"
	assert_failure
	assert_output --partial "Lock wait timeout exceeded"
}
still_sums() { sql "CHECKSUM TABLE shop.first, shop.third, shop.account"; }
all_wait() { [ "$(sql "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'shop' AND STATE LIKE 'Waiting for % lock'")" = "${#clients[@]}" ]; }

@test "from freeze to thaw nobody writes, and when the coordinator is killed everybody does" {
	mariadb_start
	mariadb_make_tables
	mariadb_clients 2
	frozen_backup
	wait_until 20 all_wait
	state=$(still_sums)
	position=$(sql "SHOW MASTER STATUS")
	# Aria stops at the end of a statement only, which a crash undoes: one that gives up there would leave its row.
	for table in first third; do refuses "INSERT INTO shop.$table VALUES (9, 9, '')"; done
	refuses "CREATE TABLE shop.more (n INT)"
	# It may be asked what it has in the middle of it all.
	run list-writers --json
	assert_json '.[0].state' VSS_WS_STABLE
	assert_equal "$(still_sums)" "$state"
	assert_equal "$(sql "SHOW MASTER STATUS")" "$position"
	kill -KILL "$coordinator"
	all_go_on
	sql "CREATE TABLE shop.more (n INT)"
	end_clients
	assert_equal "$(faults)" ""
}

# A session that has a lock for as long as it is told: order STATEMENTS.
start_session() {
	mkfifo "$T/orders"
	exec 8<>"$T/orders"
	start bash -c 'exec mariadb --no-defaults --protocol=socket --socket="$1" -u root -N -B --unbuffered <"$2" >"$3"' - "$F/tmp/socket" "$T/orders" "$T/answers"
	session=$started_pid
}
order() {
	printf '%s; SELECT "obeyed";\n' "$1" >&8
	wait_until 20 has_line "$T/answers" obeyed
}

@test "a lock that cannot be had in time is a veto that names who has it, and blocks nobody afterwards" {
	mariadb_start
	mariadb_make_tables
	start_session
	order "SELECT 1"
	# A statement on a table without transactions that takes its time; it comes between prepare-snapshot and freeze.
	echo "INSERT INTO shop.third SELECT 9, 9, SLEEP(600);" >&8
	wait_until 20 statement_sleeps
	run writers_driver "$(main)" prepare-backup with=volume,/,instant=one,group=0 prepare-snapshot with= freeze "run=true" thaw
	assert_success
	assert_line --regexp "freeze mariadb VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none instance main: no lock within its time: it waited for session [0-9]+ of root, for [0-9]+ s at \"INSERT INTO shop.third"
	sql "SET lock_wait_timeout = 5; INSERT INTO shop.first VALUES (9, 9, ''); INSERT INTO shop.second VALUES (9, 9, ''); CREATE TABLE shop.more (n INT)"
	run backup -w mariadb -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_not_exist "$T/x.tar.zst"
	configure "instance main server-file=$F/my.cnf lock=read-lock" "lock-timeout 1"
	wait_until 20 statement_is_old
	run writers_driver "$(main)" prepare-backup freeze "run=true" thaw
	assert_line --partial "instance main: not locked behind session "
	sql "SET lock_wait_timeout = 5; INSERT INTO shop.first VALUES (9, 10, ''); INSERT INTO shop.second VALUES (9, 10, '')"
	sql "KILL $(sql "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT INTO shop.third%'")"
	exec 8>&-
}
statement_sleeps() { [ "$(sql "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'")" = 1 ]; }
statement_is_old() { [ "$(sql "SELECT TIME > 1 FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'")" = 1 ]; }

@test "another backup's stage is waited for, and named" {
	mariadb_start
	start_session
	order "BACKUP STAGE START"
	run writers_driver "$(main)" prepare-backup with=volume,/,instant=one,group=0 prepare-snapshot
	assert_line --partial "prepare-snapshot mariadb VSS_WS_FAILED_AT_PREPARE_SNAPSHOT VSS_E_WRITERERROR_RETRYABLE none instance main: no lock within its time: it waited for session"
	exec 8>&-
	kill "$session"
}

@test "whatever becomes of the coordinator, the server takes writes again" {
	mariadb_start
	mariadb_make_tables
	run vss-test-writer --check --patience 60 --window 5000 --only backup --only deadline --only 'kill-*' --only 'end-*' --probe mariadb --probe --no-defaults \
		--probe "--socket=$F/tmp/socket" --probe -uroot --probe shop --probe -e \
		--probe "SET lock_wait_timeout = 1; REPLACE INTO third VALUES (1, 1, '')" "$(in_box mariadb)"
	assert_success
	assert_line "ok backup"
	assert_line "ok kill-freeze"
}

@test "a hold that is lost is not trusted" {
	mariadb_start
	run writers_driver "$(main)" prepare-backup with=volume,/,instant=one,group=0 prepare-snapshot with= freeze \
		"run=mariadb --no-defaults --socket=$F/tmp/socket -u root -N -e 'SELECT CONCAT(\"KILL \", ID, \";\") FROM information_schema.PROCESSLIST WHERE COMMAND = \"Sleep\" ORDER BY ID LIMIT 1' | mariadb --no-defaults --socket=$F/tmp/socket -u root" thaw
	assert_line --partial "freeze mariadb VSS_WS_WAITING_FOR_THAW none log "
	assert_line --partial "thaw mariadb VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_RETRYABLE log its lock was lost: instance main: "
}

# fails_with CODE TEXT: named it is 6, drawn in by a path 6, left out 3; list-writers has the code and the sentence.
fails_with() {
	run list-writers --json
	assert_json '.[0].error' "$1"
	assert_json '.[0].message' "$2"
	run backup -w mariadb -o "$T/x.tar.zst"
	assert_equal "$status" 6
	run backup -o "$T/x.tar.zst" "$F/data"
	assert_equal "$status" 6
	assert_not_exist "$T/x.tar.zst"
	run backup --skip-failed-writers -o "$T/x.tar.zst" "$F/data"
	assert_equal "$status" 3
	rm "$T/x.tar.zst"
}

@test "a server that refuses us: which writer failed, with its sentence" {
	mariadb_start
	sql "CREATE USER IF NOT EXISTS keeper@localhost IDENTIFIED BY 'secret'; GRANT RELOAD, PROCESS, BINLOG MONITOR ON *.* TO keeper@localhost"
	configure "instance main server-file=$F/my.cnf user=keeper"
	fails_with VSS_E_WRITERERROR_NONRETRYABLE "instance main: Access denied for user 'keeper'@'localhost' (using password: NO)"
	# With the password, these rights are enough.
	printf '[client]\nuser=keeper\npassword=secret\n' >"$T/credentials"
	configure "instance main server-file=$F/my.cnf defaults-file=$T/credentials"
	back_up
	assert_equal "$(jq -r .grade <<<"$report")" application
	# A writer that cannot look whether the server runs must not be taken for one that is not here.
	configure "instance main server-file=$F/my.cnf user=keeper"
	run restore --in-place -w mariadb "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_output --partial "failed to identify itself"
}

@test "a server that does not answer: which writer failed" {
	mariadb_start
	configure "instance main server-file=$F/my.cnf" "connect-timeout 1"
	kill -STOP "$(cat "$F/server")"
	run list-writers --json
	assert_json '.[0].error' VSS_E_WRITERERROR_RETRYABLE
	message=$(jq -r '.[0].message' <<<"$output")
	fails_with VSS_E_WRITERERROR_RETRYABLE "$message"
	[[ $message == "instance main: "* ]]
	kill -CONT "$(cat "$F/server")"
}

@test "a server that has its data but listens nowhere is seen" {
	mariadb_start
	mv "$F/tmp/socket" "$F/tmp/elsewhere"
	run list-writers --json
	mv "$F/tmp/elsewhere" "$F/tmp/socket"
	assert_json '.[0].message' "instance main: process $(cat "$F/server") has its data, but nobody listens at $F/tmp/socket"
}

@test "data and logs that are not copied at one instant are refused, dumps are not" {
	mariadb_stop
	chmod a+x "$T"
	new_btrfs other 200M elsewhere
	chown mysql: "$T/elsewhere"
	mariadb_start --log-bin="$T/elsewhere/bin" --log-bin-index="$T/elsewhere/bin"
	mariadb_make_tables
	run backup -w mariadb -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_output --partial "$F/data/db and $T/elsewhere are not copied at one instant"
	assert_output --partial VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT
	# Also where one of the volumes is not in the set, or is copied file by file.
	run writers_driver "$(main)" prepare-backup "with=volume,$F/data,instant=one,group=0" prepare-snapshot
	assert_line --partial "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT none instance main: $T/elsewhere lies on no volume of the set"
	run writers_driver "$(main)" prepare-backup with=volume,/,instant=fuzzy,group=0 prepare-snapshot
	assert_line --partial "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT none instance main: $F/data/db is copied file by file while the server writes"
	configure "instance main server-file=$F/my.cnf dumps=only"
	run backup -w mariadb -o "$T/x.tar.zst" --json
	assert_success
	assert_json .grade application
	mariadb_stop
}

@test "a database is dumped, and comes back as a file" {
	mariadb_start
	mariadb_make_tables
	sql "CREATE DATABASE \`sh/op\`; CREATE TABLE \`sh/op\`.t (n INT); INSERT INTO \`sh/op\`.t VALUES (5); INSERT INTO shop.first VALUES (1, 1, 'kept')"
	configure "instance main server-file=$F/my.cnf dumps=yes"
	run writers_driver
	assert_line "component mariadb - main"
	assert_line "component mariadb dumps/main shop"
	assert_line "component mariadb dumps/main sh%2Fop"
	refute_line --partial information_schema
	run backup -w mariadb -o "$T/x.tar.zst" --json
	assert_success
	assert_json .grade application
	sql "DROP DATABASE shop; DROP DATABASE \`sh/op\`"
	run restore --target "$T/out" "$T/x.tar.zst"
	assert_success
	for name in shop sh%2Fop; do
		mariadb --no-defaults --socket="$F/tmp/socket" -u root <"$T/out/var/backups/vss/mariadb/main/$name.sql"
	done
	assert_equal "$(sql "SELECT pad FROM shop.first")" kept
	assert_equal "$(sql "SELECT n FROM \`sh/op\`.t")" 5
	sql "DROP DATABASE \`sh/op\`"
}

@test "a server that is stopped is held by its files, and one that has crashed is said to" {
	mariadb_start
	mariadb_make_tables
	mariadb_stop
	rm -f "$F/tmp/socket"
	back_up
	assert_equal "$(jq -r .grade <<<"$report")" application
	assert_equal "$(evidence stopped)" clean
	# Whoever starts it meanwhile waits.
	run writers_driver "$(main)" prepare-backup freeze "run=flock --fcntl -n $F/data/db/ibdata1 true 2>/dev/null || python3 -c '
import fcntl
try: fcntl.lockf(open(\"$F/data/db/ibdata1\", \"r+b\"), fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError: print(\"held\")'" thaw
	assert_line held
	assert_line "freeze mariadb VSS_WS_WAITING_FOR_THAW none files "
	mariadb_start
	mariadb_kill
	back_up
	assert_equal "$(evidence stopped)" "crashed: $F/log/bin.$(tail -n 1 "$F/log/bin.index" | sed 's/.*\.//') was not closed"
	find "$F/data/db" -mindepth 1 -delete
	run backup -w mariadb -o "$T/y.tar.zst"
	assert_equal "$status" 6
	assert_output --partial "there is no data in $F/data/db"
	run restore --in-place "$T/x.tar.zst"
	assert_success
	mariadb_start
	assert_equal "$(faults)" ""
}

@test "a restore does not touch a server that runs, nor go back to an older one; old content is set aside" {
	mariadb_start
	mariadb_make_tables
	back_up
	run restore --in-place "$T/x.tar.zst"
	assert_failure
	assert_output --partial "a server runs on $F/data/db: stop it first"
	sql "INSERT INTO shop.first VALUES (1, 1, 'later'); FLUSH BINARY LOGS"
	mariadb_stop
	printf '#!/bin/sh\necho "mariadbd  Ver 10.10.7-MariaDB for debian-linux-gnu"\n' >"$T/older"
	chmod 755 "$T/older"
	configure "instance main server-file=$F/my.cnf program=$T/older"
	run restore --in-place "$T/x.tar.zst"
	assert_failure
	assert_output --partial "the server here is 10.10.7-MariaDB: install that version or a later one"
	assert_exist "$F/data/db/ibdata1"
	configure "instance main server-file=$F/my.cnf"
	rm -rf "$F"/log/before-restore.*
	listed=$(ls "$F/log")
	run restore --in-place "$T/x.tar.zst"
	assert_success
	aside=("$F"/data/db/before-restore.*)
	assert_exist "${aside[0]}/ibdata1"
	assert_equal "$(ls "$F"/log/before-restore.*)" "$listed"
	mariadb_start
	assert_equal "$(sql "SELECT COUNT(*) FROM shop.first")" 0
	# What was set aside is in no later backup.
	back_up
	run bash -c 'zstd -dc "$1" | tar -t | grep "before-restore.*/ib"' - "$T/x.tar.zst"
	assert_output ""
	rm -r "$F"/data/db/before-restore.* "$F"/log/before-restore.*
}

@test "a service that may be stopped is stopped, and started when all has come back" {
	mariadb_start
	mariadb_make_tables
	mkdir "$T/services"
	export VSS_SERVICE_PATH=$T/services
	cat >"$T/services/shopdb" <<-END
		#!/bin/bash
		echo "\$1" >>"$T/asked"
		case \$1 in
		status) kill -0 \$(cat "$F/server") 2>/dev/null && ! grep -q '^State:.Z' /proc/\$(cat "$F/server")/status || exit 3 ;;
		stop) kill -TERM \$(cat "$F/server"); while kill -0 \$(cat "$F/server") 2>/dev/null && ! grep -q '^State:.Z' /proc/\$(cat "$F/server")/status; do sleep 0.05; done ;;
		start) setsid mariadbd --defaults-file="$F/my.cnf" >>"$F/error.log" 2>&1 </dev/null & echo \$! >"$F/server" ;;
		esac
	END
	chmod 755 "$T/services/shopdb"
	configure "instance main server-file=$F/my.cnf service=shopdb stop-service=yes"
	back_up
	sql "INSERT INTO shop.first VALUES (1, 1, 'later')"
	run restore --in-place "$T/x.tar.zst"
	assert_success
	assert_equal "$(grep -E '^(stop|start)$' "$T/asked" | tr '\n' ' ')" "stop start "
	wait_until 20 sql "SELECT 1"
	assert_equal "$(sql "SELECT COUNT(*) FROM shop.first")" 0
	rm -r "$F"/data/db/before-restore.* "$F"/log/before-restore.*
	# One instance that cannot come back keeps the other where it is, and its service is started again.
	: >"$T/asked"
	run bash -c 'printf "%s\n" "event 1 hello version=1" end "event 2 identify" end "event 3 pre-restore" \
		"component filegroup \"\" main" "component filegroup \"\" other backup-metadata=\"2 x\"" end "event 4 bye" end | "$0" 2>/dev/null' "$(in_box mariadb)"
	assert_line --partial 'fail 3 VSS_E_WRITERERROR_NONRETRYABLE "instance other: the metadata of the backup is not of this writer'
	assert_equal "$(grep -E '^(stop|start)$' "$T/asked" | tr '\n' ' ')" "stop start "
	wait_until 20 sql "SELECT 1"
	assert_exist "$F/data/db/ibdata1"
}

@test "tables elsewhere are found by their links; what belongs to others is not" {
	mariadb_start
	mariadb_make_tables
	install -d -o mysql "$F/data/far" "$F/data/linked"
	sql "CREATE TABLE shop.far (n INT) ENGINE=InnoDB DATA DIRECTORY='$F/data/far'; CREATE TABLE shop.mine (n INT) ENGINE=MyISAM DATA DIRECTORY='$F/data/far'"
	ln -s "$F/data/linked" "$F/data/db/linked"
	ln -s /etc "$F/data/db/etc"
	run writers_driver
	assert_line "file $F/data/far/shop far.ibd"
	assert_line "file $F/data/far mine.MYD"
	assert_line "file $F/data/linked *"
	refute_line "file /etc *"
	sql "DROP TABLE shop.far, shop.mine"
	rm "$F/data/db/linked" "$F/data/db/etc"
}

@test "a configuration that cannot be read fails at identify, with its line" {
	for line in "instance" "instance a/b socket=/x" "instance x" "instance x socket=y" "instance x socket=/y lock=none" "instance x socket=/y stop-service=yes" \
		"lock-timeout 0" "lock-timeout 51" "colour red" "instance default colour=red"; do
		printf '# first\n%s\n' "$line" >"$VSS_WRITER_MARIADB_CONF"
		run writers_driver
		assert_line --partial "identify mariadb VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none $VSS_WRITER_MARIADB_CONF: line 2: "
	done
	configure "instance main socket=$T/nobody"
	run writers_driver
	assert_line --partial "instance main: nobody listens at $T/nobody, and neither datadir= nor server-file= says where its data is"
	configure "# nothing"
	run list-writers
	refute_output --partial MariaDB
	run list-writers --all
	assert_output --partial "no server is configured, and none is at the usual place"
}
