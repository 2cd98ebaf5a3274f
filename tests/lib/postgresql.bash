# SPDX-License-Identifier: BSD-2-Clause
# Real PostgreSQL servers on unix sockets below $T: `load ../lib/postgresql` behind ../lib/btrfs.  postgresql_setup_file in setup_file(), postgresql_setup
# in setup(), postgresql_teardown in teardown().
# shellcheck shell=bash disable=SC2034,SC2153,SC2154

find_programs() {
	local dir
	for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/bin; do
		[ -x "$dir/initdb" ] && [ -x "$dir/pgbench" ] && pg_bin=$dir
	done
	[ -n "${pg_bin:-}" ]
}

as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups env PATH="$pg_bin:$PATH" "$@"; }

# One cluster that all tests of the file copy.
postgresql_setup_file() {
	find_programs && [ "$(id -u)" = 0 ] && id postgres >/dev/null || return 0
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/file "$BATS_FILE_TMPDIR"
	install -d -o postgres -g postgres "$BATS_FILE_TMPDIR/template"
	as_postgres initdb -D "$BATS_FILE_TMPDIR/template/pg" -A peer -E UTF8 --locale=C --wal-segsize=1 --no-sync >/dev/null 3>&-
}

postgresql_setup() {
	btrfs_setup
	requires python3 jq setpriv
	find_programs || skip "needs PostgreSQL's server and pgbench"
	id postgres >/dev/null 2>&1 || skip "needs the user postgres"
	[ -x "$(in_box postgresql)" ] || skip "needs the PostgreSQL writer"
	export VSS_WRITER_POSTGRESQL_CONF=$T/writer-postgresql.conf
	register postgresql "$(in_box postgresql)" Level=back-end
	install -d -o postgres -g postgres "$T/sockets"
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$T"
	servers=()
	on_disk
}

# What a server that was killed leaves behind ends by itself; it may need a moment to let go of its directories.
postgresql_teardown() {
	local data status=0
	close_writer || status=1
	vss_teardown
	for data in "${servers[@]}"; do
		[ ! -e "$data/postmaster.pid" ] || as_postgres pg_ctl -D "$data" -m immediate -t 60 -s stop || end_server "$data"
	done
	btrfs_teardown
	return $status
}

# Where data, log and a tablespace lie, below $P, $W, $S: on_disk in plain directories; on_btrfs each on a subvolume of one file system; on_both
# with the tablespace on a tmpfs, which no provider can take at the instant of the others.
on_disk() {
	P=$T/cluster/pg W='' S=$T/cluster/space
	mkdir -p "$T/cluster"
	install -d -o postgres -g postgres "$S"
}

on_btrfs() {
	new_btrfs fs 3G data log space
	P=$T/data/pg W=$T/log/wal S=$T/space/here
	install -d -o postgres -g postgres "$W" "$S"
}

on_both() {
	new_btrfs fs 3G data log
	mkdir "$T/space"
	mount -t tmpfs -o size=1G tmpfs "$T/space"
	P=$T/data/pg W=$T/log/wal S=$T/space/here
	install -d -o postgres -g postgres "$W" "$S"
}

configure() { printf '%s\n' "discover no" "$@" >"$VSS_WRITER_POSTGRESQL_CONF"; }

# new_cluster [LINE]...: in $P, its log in $W if that is not empty; the lines go to its configuration.
new_cluster() {
	cp -a "$BATS_FILE_TMPDIR/template/pg" "$P"
	if [ -n "$W" ]; then
		mv "$P"/pg_wal/* "$W/"
		chmod 700 "$W"
		rmdir "$P/pg_wal"
		ln -s "$W" "$P/pg_wal"
	fi
	printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$T/sockets'" "shared_buffers = 16MB" \
		"max_connections = 40" "checkpoint_timeout = 60min" "max_wal_size = 200MB" "log_line_prefix = '%m [%p] '" "$@" >>"$P/postgresql.conf"
	configure "cluster main data=$P"
}

start_server() {
	local data=${1:-$P}
	servers+=("$data")
	as_postgres pg_ctl -D "$data" -l "$T/sockets/log" -w -t 120 -s start 3>&- || {
		tail -n 20 "$T/sockets/log"
		return 1
	}
}

stop_server() { as_postgres pg_ctl -D "${1:-$P}" -m "${2:-fast}" -w -t 120 -s stop; }

# As a power cut would.
end_server() {
	local pid
	read -r pid <"$1/postmaster.pid"
	kill -KILL "$pid" 2>/dev/null || :
	wait_until 60 has_nobody_in "$1"
}
has_nobody_in() {
	local link
	for link in /proc/[0-9]*/cwd; do
		[ "$(readlink "$link" 2>/dev/null)" != "$1" ] || return 1
	done
}

sql() { as_postgres psql -h "$T/sockets" -XAtq -v ON_ERROR_STOP=1 "${@:2}" -c "$1" postgres; }

# A bench of three tables in the tablespace, and a table that a client fills with numbers whose commits it notes.
new_bench() {
	sql "CREATE TABLESPACE space LOCATION '$S'"
	as_postgres pgbench -h "$T/sockets" -i -q -s 1 --tablespace=space --index-tablespace=space postgres >/dev/null 2>&1
	sql "CREATE TABLE noted (n integer PRIMARY KEY USING INDEX TABLESPACE space) TABLESPACE space"
	sql "CREATE EXTENSION amcheck"
}

# Each number in a transaction of its own; it is in the log once its commit was acknowledged.
write_client() {
	cat >"$T/client" <<-'END'
		import os, subprocess, sys
		log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
		n = int(sys.argv[2])
		psql = subprocess.Popen(sys.argv[3:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
		while True:
		    n += 1
		    try:
		        psql.stdin.write(b"INSERT INTO noted VALUES (%d) RETURNING n;\n" % n)
		        psql.stdin.flush()
		    except BrokenPipeError:
		        break
		    if psql.stdout.readline() != b"%d\n" % n:
		        break
		    os.write(log, b"%d\n" % n)
	END
}

# start_load: pgbench with four clients, and the client that notes its commits, going on behind what is in the table.
start_load() {
	local from
	from=$(sql "SELECT coalesce(max(n), 0) FROM noted")
	write_client
	rm -f "$T/noted"
	start setpriv --reuid=postgres --regid=postgres --init-groups env PATH="$pg_bin:$PATH" \
		pgbench -h "$T/sockets" -n -c 4 -T 3600 postgres >/dev/null 2>&1
	start python3 "$T/client" "$T/noted" "$from" setpriv --reuid=postgres --regid=postgres --init-groups \
		"$pg_bin/psql" -h "$T/sockets" -XAtq postgres
	wait_until 60 noted_more_than "$((from + 20))"
}

noted() { if [ -s "$T/noted" ]; then tail -n 1 "$T/noted"; else echo 0; fi; }
noted_more_than() { [ "$(noted)" -gt "$1" ]; }
more_is_noted() { wait_until 60 noted_more_than "$(($(noted) + 20))"; }

# What is wrong with the running cluster: nothing, or lines.  Every number up to $1 is there; the sums of the bench agree; every page and index is sound.
faults() {
	local got
	got=$(sql "SELECT count(*) FROM noted WHERE n <= $1") || { echo "noted: $got"; return; }
	[ "$got" = "$1" ] || echo "of $1 commits that were acknowledged $got are there"
	got=$(sql "SELECT (SELECT sum(abalance) FROM pgbench_accounts) || ' ' || (SELECT sum(tbalance) FROM pgbench_tellers) || ' ' ||
		(SELECT sum(bbalance) FROM pgbench_branches) || ' ' || (SELECT coalesce(sum(delta), 0) FROM pgbench_history)") || { echo "sums: $got"; return; }
	[ "$(tr ' ' '\n' <<<"$got" | sort -u | wc -l)" = 1 ] || echo "sums: $got"
	as_postgres pg_amcheck -h "$T/sockets" --heapallindexed postgres 2>&1 || echo "pg_amcheck: status $?"
}

# backup_under_load ARGUMENT...: its report is in $output; $before is what had been acknowledged when freeze was asked for, and more was afterwards.
backup_under_load() {
	rm -f "$T/stops" "$T/x.tar.zst"
	stop_at session.before-freeze:stop start backup -w postgresql --json -o "$T/x.tar.zst" "$@" >"$T/report" 2>"$T/complaints"
	local coordinator=$started_pid
	wait_until 60 test -s "$T/stops" || { cat "$T/complaints"; return 1; }
	wait_until 60 is_stopped "$coordinator"
	more_is_noted
	before=$(noted)
	kill -CONT "$coordinator"
	wait "$coordinator" || { cat "$T/complaints"; return 1; }
	output=$(<"$T/report")
	more_is_noted
}

# --- conversations with the writer alone ---

connections() { sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vss-writer-postgresql'"; }
has_no_connection() { [ "$(connections)" = 0 ]; }

open_writer() {
	seq=0
	coproc WRITER { exec "$(in_box postgresql)" 2>"$T/writer.log"; }
	writer_pid=$WRITER_PID writer_in=${WRITER[1]}
	started+=("$writer_pid")
	ask hello version=1 "$@"
}

# The end of input: it leaves in order.
close_writer() {
	[ -n "${writer_pid:-}" ] || return 0
	exec {writer_in}>&-
	wait "$writer_pid" || { cat "$T/writer.log"; return 1; }
}

# ask EVENT [WORD=VALUE]... [-- LINE...]: its answer is in $output and $lines.
ask() {
	local line words=()
	seq=$((seq + 1))
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	printf '%s\n' "event $seq ${words[*]}" "${@:2}" end >&"${WRITER[1]}"
	output=
	while IFS= read -r line <&"${WRITER[0]}"; do
		output+=$line$'\n'
		[[ $line =~ ^(ok|fail|veto)\ $seq ]] && break
	done
	mapfile -t lines <<<"${output%$'\n'}"
}

cluster_component='component filegroup "" main'
prepare() { ask prepare-backup -- "backup type=${1:-full} component-mode=yes" "$cluster_component"; }
one_volume() { echo "volume ${1:-/} instant=${2:-one} group=${3:-0}"; }

is_archived() { [ "$(sql "SELECT last_archived_wal >= '$1' FROM pg_stat_archiver")" = t ]; }
