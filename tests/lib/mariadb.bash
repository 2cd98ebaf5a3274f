# SPDX-License-Identifier: BSD-2-Clause
# A real MariaDB server for tests: `load ../lib/mariadb` after common and btrfs.  One server for a file: mariadb_setup_file in setup_file(),
# mariadb_teardown_file in teardown_file().  Its place is $F; data and binary log are subvolumes of one btrfs, mounted at $F/data and $F/log.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154

mariadb_needs() {
	[ "$(id -u)" = 0 ] && command -v mariadbd mariadb-install-db mariadb mkfs.btrfs losetup btrfs >/dev/null && id mysql >/dev/null 2>&1 &&
		{ grep -qw btrfs /proc/filesystems || modprobe btrfs 2>/dev/null; } && losetup -f >/dev/null 2>&1
}

mariadb_setup_file() {
	export F=$BATS_FILE_TMPDIR
	mariadb_needs || return 0
	local T=$F loops=() at=$F
	# The server runs as mysql, and has to get there.
	while [ "$at" != "${BATS_RUN_TMPDIR%/*}" ]; do
		chmod a+x "$at"
		at=${at%/*}
	done
	new_btrfs fs 1G data log
	echo "$loop" >"$F/loops"
	install -d -o mysql "$F/tmp"
	chown mysql: "$F/data" "$F/log"
	install -d -o mysql "$F/data/db"
	cat >"$F/my.cnf" <<-END
		[mysqld]
		user=mysql
		datadir=$F/data/db
		socket=$F/tmp/socket
		pid-file=$F/tmp/pid
		tmpdir=$F/tmp
		skip-networking
		log-bin=$F/log/bin
		log-bin-index=$F/log/bin
		server-id=1
		gtid-domain-id=7
		binlog-format=row
		innodb-log-file-size=8M
		innodb-buffer-pool-size=24M
		aria-log-file-size=8M
		aria-pagecache-buffer-size=8M
		key-buffer-size=8M
		performance-schema=off
	END
	mariadb-install-db --no-defaults --user=mysql --datadir="$F/data/db" --tmpdir="$F/tmp" --auth-root-authentication-method=socket --skip-test-db \
		--innodb-log-file-size=8M --aria-log-file-size=8M --innodb-flush-log-at-trx-commit=0 >"$F/install.log" 2>&1 3>&- || return 1
	cp -a --reflink=auto "$F/data/db" "$F/fs/new"
	touch "$F/ready"
}

mariadb_teardown_file() {
	[ -e "$F/ready" ] || return 0
	local T=$F loops=() started=()
	mapfile -t loops <"$F/loops"
	mariadb_kill
	btrfs_teardown
}

# mariadb_start [OPTION]...: the server, unless it runs; mariadb_stop and mariadb_kill end it.
mariadb_start() {
	! mariadb_runs || return 0
	setsid mariadbd --defaults-file="$F/my.cnf" "$@" >>"$F/error.log" 2>&1 3>&- &
	echo $! >"$F/server"
	wait_until 20 sql 'SELECT 1' || { tail -n 30 "$F/error.log" >&2; return 1; }
}
mariadb_runs() { [ -e "$F/server" ] && kill -0 "$(cat "$F/server")" 2>/dev/null; }
mariadb_end() { # SIGNAL
	mariadb_runs || return 0
	kill -CONT "$(cat "$F/server")"
	kill "-$1" "$(cat "$F/server")"
	wait_until 20 server_is_gone
	rm -f "$F/server"
}
# As a child of another test it may stay a zombie for a while, but it has nothing open any more.
server_is_gone() { ! mariadb_runs || grep -q '^State:.Z' "/proc/$(cat "$F/server")/status"; }
mariadb_stop() { mariadb_end TERM; }
mariadb_kill() { mariadb_end KILL; }

# A server as it was when it was new; it does not run.
mariadb_renew() {
	mariadb_kill
	find "$F/data/db" "$F/log" -mindepth 1 -delete
	cp -a --reflink=auto "$F/fs/new/." "$F/data/db/"
}

# sql STATEMENTS [OPTION]...: tab-separated answers.
sql() { mariadb --no-defaults --protocol=socket --socket="$F/tmp/socket" --connect-timeout=20 -u root -N -B "${@:2}" -e "$1"; }

# Three tables of three engines.  A client writes its number n to InnoDB, then Aria, then MyISAM, and only then says that it is done; and moves
# something from one account to another.
mariadb_make_tables() {
	sql "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; USE shop;
		CREATE TABLE first (c INT, n INT, pad VARCHAR(400), PRIMARY KEY (c, n)) ENGINE=InnoDB;
		CREATE TABLE second (c INT, n INT, pad VARCHAR(400), PRIMARY KEY (c, n)) ENGINE=Aria;
		CREATE TABLE third (c INT, n INT, pad VARCHAR(400), PRIMARY KEY (c, n)) ENGINE=MyISAM;
		CREATE TABLE account (id INT PRIMARY KEY, v INT NOT NULL) ENGINE=InnoDB;
		INSERT INTO account SELECT seq, 0 FROM seq_1_to_200"
}
orders() {
	local c=$1 n=0
	while echo "BEGIN; INSERT INTO first VALUES ($c, $((++n)), REPEAT('a', 200 + $n % 200)); UPDATE account SET v = v + IF(id = $c, 1, -1) WHERE id IN ($c, 100 + $c); COMMIT;
		INSERT INTO second VALUES ($c, $n, REPEAT('b', 200)); INSERT INTO third VALUES ($c, $n, REPEAT('c', 100 + $n % 100)); SELECT $n; DO SLEEP(0.001);"; do :; done 2>/dev/null
}
export -f orders
mariadb_clients() { # HOW-MANY
	local c
	clients=()
	for ((c = 1; c <= $1; c++)); do
		start bash -c 'exec mariadb --no-defaults --protocol=socket --socket="$1" -u root -N -B --unbuffered shop >"$2" 2>"$2.err" < <(orders "$3")' - \
			"$F/tmp/socket" "$T/client-$c" "$c"
		clients+=("$started_pid")
	done
	for ((c = 1; c <= $1; c++)); do wait_until 20 client_is_at "$c" 5; done
}
# What client C was told to be done: it may know it before it is in its file, never later.
done_by() { local n; n=$(tail -n 2 "$T/client-$1" 2>/dev/null | grep -E '^[0-9]+$' | tail -n 1); echo "${n:-0}"; }
client_is_at() { [ "$(done_by "$1")" -ge "$2" ]; }
all_go_on() { # every client gets further than it is now
	local c
	for ((c = 1; c <= ${#clients[@]}; c++)); do wait_until 20 client_is_at "$c" $(($(done_by "$c") + 3)); done
}
end_clients() {
	local pid
	for pid in "${clients[@]}"; do
		kill -KILL "$pid" || :
		wait "$pid" || :
	done 2>/dev/null
	clients=()
	wait_until 20 no_statement_runs
}
no_statement_runs() { [ "$(sql "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'shop'")" = 0 ]; }

# What is wrong with what the clients wrote: nothing, or lines.
faults() {
	sql "CHECK TABLE shop.first, shop.second, shop.third, shop.account" | awk '$4 != "OK"'
	sql "SELECT CONCAT('sum of accounts ', s) FROM (SELECT SUM(v) AS s FROM shop.account) x WHERE s <> 0;
		SELECT CONCAT('client ', f.c, ': ', f.n, ' ', IFNULL(s.n, 0), ' ', IFNULL(t.n, 0)) FROM
			(SELECT c, MAX(k) AS k, MAX(m) AS n FROM (SELECT c, COUNT(*) AS k, MAX(n) AS m FROM shop.first GROUP BY c
				UNION SELECT DISTINCT c, 0, 0 FROM shop.second UNION SELECT DISTINCT c, 0, 0 FROM shop.third) u GROUP BY c) f
			LEFT JOIN (SELECT c, COUNT(*) AS k, MAX(n) AS n FROM shop.second GROUP BY c) s ON s.c = f.c
			LEFT JOIN (SELECT c, COUNT(*) AS k, MAX(n) AS n FROM shop.third GROUP BY c) t ON t.c = f.c
			WHERE NOT (f.k = f.n AND IFNULL(s.k, 0) = IFNULL(s.n, 0) AND IFNULL(t.k, 0) = IFNULL(t.n, 0)
				AND IFNULL(s.n, 0) IN (f.n, f.n - 1) AND IFNULL(t.n, 0) IN (f.n, f.n - 1) AND IFNULL(t.n, 0) <= IFNULL(s.n, 0))"
}
sums() { sql "CHECKSUM TABLE shop.first, shop.second, shop.third, shop.account"; }
