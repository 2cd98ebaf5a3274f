#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Plain file systems under load, from the tools: source, storage, archive and state on one ext4; databases on one, their copy on another.
# shellcheck disable=SC2016,SC2154 # what is in single quotes is for another shell; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/provider
load ../lib/clone
load ../lib/postgresql

setup_file() { postgresql_setup_file; }
setup() {
	btrfs_setup
	requires mkfs.ext4 sqlite3 jq
	new_volume disk 1G ext4 -I 256 -i 8192
	D=$T/disk
	mkdir "$D/state" "$D/srv" "$D/etc" "$D/out"
}
teardown() {
	local data
	vss_teardown # clients before servers
	for data in "$T"/disk/pg "$T"/back*/pg; do
		[ ! -e "$data/postmaster.pid" ] || as_postgres pg_ctl -D "$data" -m immediate -t 60 -s stop || :
	done
	btrfs_teardown
}

# new_db NAME: row 0 counts the transactions, the sum of the others is nothing.
new_db() {
	sqlite3 "$1" >/dev/null <<-END
		PRAGMA journal_mode=wal;
		CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, pad BLOB);
		WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 300)
		INSERT INTO t SELECT i, 0, randomblob(500) FROM c;
	END
}

start_client() {
	start bash -c 'exec sqlite3 -bail -cmd ".timeout 20000" -cmd "PRAGMA wal_autocheckpoint=20" "$0" >"$0.out" 2>&1 \
		< <(yes "BEGIN IMMEDIATE;
			UPDATE t SET n = n + 1 WHERE id = 0;
			UPDATE t SET n = n + 1, pad = randomblob(500) WHERE id = (SELECT 1 + abs(random()) % 150);
			UPDATE t SET n = n - 1, pad = randomblob(500) WHERE id = (SELECT 151 + abs(random()) % 150);
			COMMIT;")' "$1"
	wait_until 10 counts_in "$1" 3
}

counts_in() { [ "$(sqlite3 -cmd '.timeout 20000' "$1" 'SELECT n FROM t WHERE id = 0')" -ge "$2" ]; }

# assert_sound DB AT-LEAST: whole, balanced, and not older than that.
assert_sound() {
	assert_equal "$(sqlite3 "$1" 'PRAGMA integrity_check')" ok
	assert_equal "$(sqlite3 "$1" 'SELECT sum(n) FROM t WHERE id > 0')" 0
	assert counts_in "$1" "$2"
}

count_of() { sqlite3 -cmd '.timeout 20000' "$1" 'SELECT n FROM t WHERE id = 0'; }

@test "one ext4 with source, storage, archive and state under load: application and crash, and no counter inverts" {
	export VSS_STATE_DIR=$D/state VSS_WRITER_SQLITE_CONF=$T/writer-sqlite.conf
	register sqlite "$(in_box sqlite)"
	echo "database $D/srv/db" >"$VSS_WRITER_SQLITE_CONF"
	mkdir "$D/srv/a" "$D/srv/b"
	for d in $(seq 20); do
		mkdir "$D/etc/$d"
		for f in $(seq 100); do echo "$f" >"$D/etc/$d/$f"; done
	done
	new_db "$D/srv/db"
	start_client "$D/srv/db"
	start_counter disk/srv/a disk/srv/b
	for ((round = 0; round < ${REPEAT:-2}; round++)); do
		before=$(count_of "$D/srv/db")
		run --separate-stderr backup --json -w sqlite -o "$D/out/$round.tar.zst" "$D/etc" "$D/srv/a" "$D/srv/b"
		assert_success
		assert_json '.writers[0].grade' application
		assert_json '.volumes[0].grade' crash
		assert_json '.ledger[] | select(.what == "released") | .who' "volume $D"
		echo "# $(jq -r '(.ledger[] | select(.what | startswith("last-pass")) | .what)' <<<"$output" | paste -sd' ')" >&3
		mkdir "$T/back$round"
		tar --zstd -xf "$D/out/$round.tar.zst" -C "$T/back$round"
		counter --read "$T/back$round$D/srv/a" "$T/back$round$D/srv/b"
		assert_equal "$(diff -r "$D/etc" "$T/back$round$D/etc")" ''
		assert_sound "$T/back$round$D/srv/db" "$before"
		assert_equal "$(find "$D" -name .vss-shadows)" ''
	done
}

@test "SQLite and PostgreSQL under load on ext4, their copy on another file system: both recover, every time" {
	find_programs && id postgres >/dev/null 2>&1 || skip "needs PostgreSQL's server and pgbench"
	export VSS_WRITERS_PATH=$T/none
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$T"
	mkdir -p "$T/none" "$T/elsewhere"
	install -d -o postgres -g postgres "$T/sockets"
	cp -a "$BATS_FILE_TMPDIR/template/pg" "$D/pg"
	as_postgres pg_ctl -D "$D/pg" -w -s -l "$T/sockets/log" -o "-k $T/sockets -c listen_addresses=" start 3>&-
	as_postgres pgbench -q -i -s 1 -h "$T/sockets" postgres >/dev/null 2>&1
	new_db "$D/srv/db"
	start_client "$D/srv/db"
	start as_postgres pgbench -n -c 2 -T 600 -h "$T/sockets" postgres >/dev/null 2>&1
	for ((round = 0; round < ${REPEAT:-2}; round++)); do
		before=$(count_of "$D/srv/db")
		run --separate-stderr create-shadow --json --no-writers --provider clone --storage "$T/elsewhere" "$D"
		assert_success
		assert_json '.grade' crash
		copy=$T/back$round
		cp -a "$(jq -r '.shadows[0].device' <<<"$output")/" "$copy"
		assert_sound "$copy/srv/db" "$before"
		rm -f "$copy/pg/postmaster.pid"
		as_postgres pg_ctl -D "$copy/pg" -w -s -l "$T/sockets/log$round" -o "-k $T/sockets -p 5433 -c listen_addresses=" start 3>&-
		run -0 as_postgres psql -Atq -p 5433 -h "$T/sockets" postgres -c \
			'SELECT (SELECT sum(delta) FROM pgbench_history) = (SELECT sum(abalance) FROM pgbench_accounts)'
		assert_output t
		as_postgres pg_ctl -D "$copy/pg" -w -s -m immediate stop
		delete-shadow -q --all
	done
}
