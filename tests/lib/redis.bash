# SPDX-License-Identifier: BSD-2-Clause
# Real Redis servers for tests: `load ../lib/redis` after common and btrfs; redis_setup in setup(), redis_teardown in teardown().
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # words for other shells; variables of and for the tests

redis_setup() {
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

# A server that is killed leaves its children to write on.
redis_teardown() {
	local pid
	for pid in "${started[@]}"; do
		pkill -KILL -P "$pid" || :
	done
	btrfs_teardown
}

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
	chown -R redis: "$T/conf"
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

bases() { (cd "$D/appendonlydir" && echo *.base.rdb); }
is_another_base() { [ "$(bases)" != "$1" ] && is_field shop aof_rewrite_in_progress 0; }

# fails_with TEXT: named 6, drawn in by a path 6, left out 3.
fails_with() {
	run --separate-stderr backup -w redis -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup "$1"
	run --separate-stderr backup -o "$T/x.tar.zst" "$D"
	assert_equal "$status" 6
	assert_sentence backup "$1"
	assert_not_exist "$T/x.tar.zst"
	run --separate-stderr backup --skip-failed-writers -o "$T/x.tar.zst" "$D"
	assert_equal "$status" 3
	[[ $stderr = *"$1"* ]]
	rm "$T/x.tar.zst"
}
