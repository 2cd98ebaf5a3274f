#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box Redis writer with real servers, beside a client that notes what was acknowledged to it.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires redis-server redis-cli python3 jq setpriv
	id redis >/dev/null 2>&1 || skip "needs the user redis"
	[ -x "$(in_box redis)" ] || skip "needs the Redis writer"
	export VSS_WRITER_REDIS_CONF=$T/writer-redis.conf
	register redis "$(in_box redis)" Level=back-end
	mkdir "$T/conf" "$T/sockets"
	chown redis: "$T/sockets"
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$T"
	echo "search $T/conf" >"$VSS_WRITER_REDIS_CONF"
	write_client
	fresh
}

teardown() { btrfs_teardown; }

# What each round of a test begins with.
fresh() { rm -f "$T/log" "$T/stops" "$T"/*.zst "$T/sockets"/*; }

# on_btrfs: where the data lie is $D, on a file system of its own.  on_disk: the same in a plain directory.
on_btrfs() {
	new_btrfs fs 1G v
	D=$T/v/redis
	install -d -o redis -g redis "$D"
}

on_disk() {
	D=$T/data
	install -d -o redis -g redis "$D"
}

# new_conf NAME [LINE]...: the configuration of a server; without lines it keeps an AOF.
new_conf() {
	local name=$1
	shift
	conf=$T/conf/$name.conf
	{
		printf '%s\n' 'port 0' "unixsocket $T/sockets/$name" "pidfile $T/sockets/$name.pid" "dir $D" \
			"logfile $T/sockets/$name.log" 'enable-debug-command local' 'save ""'
		if [ $# = 0 ]; then
			printf '%s\n' 'appendonly yes' 'appendfsync everysec'
		else
			printf '%s\n' "$@"
		fi
	} >"$conf"
}

# start_server NAME: it answers when this returns; its process is $server.
start_server() {
	start setpriv --reuid=redis --regid=redis --clear-groups redis-server "$T/conf/$1.conf"
	server=$started_pid
	wait_until 60 answers "$1"
}

cli() { redis-cli -s "$T/sockets/$1" "${@:2}"; }
answers() { [ "$(cli "$1" ping)" = PONG ]; }
setting() { cli "$1" config get "$2" | tail -n 1; }
field() { cli "$1" info | tr -d '\r' | sed -n "s/^$2://p"; }
is_field() { [ "$(field "$1" "$2")" = "$3" ]; }

end_server() {
	kill -KILL "$server"
	wait "$server" || :
	rm -f "$T/sockets/$1" "$T/sockets/$1.pid"
} 2>/dev/null

shut_down() {
	cli "$1" shutdown || :
	wait "$server" || :
}

# Transaction after transaction: the list gets number n, and "last" becomes n.  What was acknowledged is a line in the log.
write_client() {
	cat >"$T/client" <<-'END'
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.connect(sys.argv[1])
		log = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
		def bulk(*words):
		    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)
		n = 0
		while True:
		    n += 1
		    number = b"%d" % n
		    s.sendall(bulk(b"MULTI") + bulk(b"RPUSH", b"list", number) + bulk(b"SET", b"last", number) + bulk(b"EXEC"))
		    got = b""
		    while got.count(b"\r\n") < 6:
		        more = s.recv(4096)
		        if not more:
		            sys.exit(0)
		        got += more
		    if b"-" in got:
		        sys.exit(got)
		    os.write(log, number + b"\n")
	END
}

start_client() {
	start python3 "$T/client" "$T/sockets/$1" "$T/log"
	client=$started_pid
	wait_until 60 acknowledged_more_than 100
}

acknowledged() { if [ -s "$T/log" ]; then tail -n 1 "$T/log"; else echo 0; fi; }
acknowledged_more_than() { [ "$(acknowledged)" -gt "$1" ]; }
more_is_acknowledged() {
	local now
	now=$(acknowledged)
	wait_until 60 acknowledged_more_than "$now"
}

end_client() {
	kill -KILL "$client"
	wait "$client" || :
} 2>/dev/null

# What is wrong with the server's data: nothing, or a line.  Each number is in the list once and in its place, and the last is the last.
fault_of() {
	local last length sum
	last=$(cli "$1" get last)
	length=$(cli "$1" llen list)
	[ "$last" = "$length" ] || { echo "last $last, length $length"; return; }
	sum=$(cli "$1" eval 'local l = redis.call("lrange", "list", 0, -1)
		for i, v in ipairs(l) do if tonumber(v) ~= i then return i end end return 0' 0)
	[ "$sum" = 0 ] || echo "out of order at $sum"
}

# Slow rewrites and dumps: 100 keys besides, and so many microseconds for each.
slow_down() {
	cli "$1" debug populate 100 >/dev/null
	cli "$1" config set rdb-key-save-delay "$2" >/dev/null
}

# lose: all that the server had, and the server; what came after the backup must not come back either.
lose() {
	end_server "$1"
	find "$D" -mindepth 1 -delete
	rmdir "$D"
}

backup_stopped_at() {
	stop_at "$1:stop" start backup "${@:2}"
	coordinator=$started_pid
	wait_until 60 test -s "$T/stops"
	wait_until 60 is_stopped "$coordinator"
}

# --- the oracle ---

@test "a torn copy of an AOF is seen: base of one time, the rest of another" {
	on_disk
	new_conf shop
	start_server shop
	start_client shop
	mkdir "$T/torn"
	# Slower than a rewrite: the manifest and the increment first, the base when the next rewrite is done.
	cp -a "$D/appendonlydir" "$T/torn/"
	cli shop bgrewriteaof
	wait_until 60 is_field shop aof_rewrites 2 || :
	wait_until 60 is_field shop aof_rewrite_in_progress 0
	more_is_acknowledged
	cp -a "$D"/appendonlydir/*.base.rdb "$T/torn/appendonlydir/appendonly.aof.1.base.rdb"
	end_client
	shut_down shop
	rm -rf "$D/appendonlydir"
	cp -a "$T/torn/appendonlydir" "$D/"
	start_server shop
	[ -n "$(fault_of shop)" ]
}

# --- the story ---

# back_up_under_load EXTRA-LINE ARGUMENT...: with a rewrite forced just before freeze, which must be waited for.
back_up_under_load() {
	start_server shop
	slow_down shop 2000
	start_client shop
	backup_stopped_at session.before-freeze -w redis -o "$T/x.tar.zst" "$@"
	assert_equal "$(setting shop auto-aof-rewrite-percentage)" 0
	cli shop bgrewriteaof
	more_is_acknowledged
	before=$(acknowledged)
	kill -CONT "$coordinator"
	wait "$coordinator"
	assert_equal "$(setting shop auto-aof-rewrite-percentage)" 100
	assert_equal "$(setting shop appendfsync)" "$policy"
	assert_not_exist "$T/state/writer-redis/shop"
	more_is_acknowledged
	end_client
	sent=$(($(acknowledged) + 1))
}

all_is_back() {
	assert_equal "$(fault_of shop)" ""
	last=$(cli shop get last)
	[ "$last" -ge "$before" ] || fail "acknowledged before freeze: $before, restored: $last"
	[ "$last" -le "$sent" ]
}

story() {
	policy=$1
	for ((round = 0; round < ${REPEAT:-2}; round++)); do
		fresh
		[ -d "$D" ] || install -d -o redis -g redis "$D"
		new_conf shop 'appendonly yes' "appendfsync $policy"
		back_up_under_load "${@:2}"
		lose shop
		run --separate-stderr restore -q --in-place "$T/x.tar.zst"
		assert_success
		assert_equal "$stderr" ''
		start_server shop
		all_is_back
		lose shop
	done
}

@test "AOF under load on btrfs, fsync every second: lost, restored, nothing acknowledged before the freeze is missing" {
	on_btrfs
	story everysec
}

@test "AOF under load on btrfs, fsync always: the same" {
	on_btrfs
	REPEAT=1 story always
}

@test "AOF under load on ext4, file by file: the same" {
	new_loop disk 512M
	mkfs.ext4 -q "$loop"
	mkdir "$T/m"
	mount "$loop" "$T/m"
	D=$T/m/redis
	REPEAT=1 story everysec
}
