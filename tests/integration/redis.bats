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

# A server that is killed leaves its children to write on.
teardown() {
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

@test "a torn copy of an AOF is seen: base of one time, the rest of another" {
	on_disk
	new_conf shop
	start_server shop
	start_client shop
	mkdir "$T/torn"
	# Slower than a rewrite: the manifest and the increment first, the base when the next rewrite is done.
	cp -a "$D/appendonlydir" "$T/torn/"
	old=$(bases)
	more_is_acknowledged
	cli shop bgrewriteaof
	wait_until 60 is_another_base "$old"
	cp -a "$D"/appendonlydir/*.base.rdb "$T/torn/appendonlydir/$old"
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

# --- what it says ---

@test "the report names what the copy proves, and how" {
	on_btrfs
	new_conf shop
	start_server shop
	run --separate-stderr create-shadow --json --writer redis "$T/v"
	assert_success
	assert_json '.writers[0].name' 'Redis Writer'
	assert_json '.writers[0].grade' recoverable
	assert_json '.writers[0].evidence.shop | test("^mode=aof redis_version=[0-9.]+ run_id=[0-9a-f]{40} role=master master_repl_offset=[0-9]+")'
	assert_json '.writers[0].evidence.shop | test("appendfsync=everysec acknowledged_before_freeze=written aof-load-truncated=yes$")'
	run list-writers --detailed redis
	assert_success
	assert_line --partial "$D/appendonlydir"
	run list-writers
	assert_line "Writer name: 'Redis Writer'"
}

are_as_before() { [ "$(setting shop auto-aof-rewrite-percentage) $(setting shop appendfsync)" = '100 everysec' ]; }

# --- only dumps ---

@test "without AOF a dump is made, and is what comes back" {
	on_btrfs
	new_conf shop 'appendonly no' 'save 3600 1000000'
	start_server shop
	slow_down shop 1000
	start_client shop
	before=$(acknowledged)
	run --separate-stderr backup --json -w redis -o "$T/x.tar.zst"
	assert_success
	assert_json '.writers[0].grade' application
	assert_json '.writers[0].evidence.shop | test("^mode=rdb .*dump_finished=[0-9]+ rdb_changes_since_last_save=[0-9]+$")'
	end_client
	sent=$(($(acknowledged) + 1))
	lose shop
	restore -q --in-place "$T/x.tar.zst"
	start_server shop
	all_is_back
}

@test "a dump that cannot be made is a veto, with the reason" {
	on_btrfs
	new_conf shop 'appendonly no' 'save 3600 1000000'
	start_server shop
	cli shop set a b
	chmod 500 "$D"
	chown root: "$D"
	run --separate-stderr backup -w redis -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup 'could not save (rdb_last_bgsave_status)'
	assert_not_exist "$T/x.tar.zst"
}

@test "a server that keeps nothing on disk fails, and another one does not fail with it" {
	on_btrfs
	new_conf cache 'appendonly no'
	start_server cache
	run --separate-stderr backup -w redis -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup 'instance cache: keeps nothing on disk'
	new_conf shop
	start_server shop
	run writers_driver with=component,filegroup,,shop prepare-backup prepare-snapshot freeze thaw post-snapshot
	assert_line 'freeze redis VSS_WS_WAITING_FOR_THAW none bracket '
	run writers_driver with=component,filegroup,,cache prepare-backup
	assert_line --partial 'VSS_E_WRITERERROR_PARTIAL_FAILURE none instance cache: keeps nothing on disk'
	rm "$conf"
	echo "ignore cache" >>"$VSS_WRITER_REDIS_CONF"
	run list-writers
	refute_line --partial 'Redis Writer'
}

@test "a rewrite that does not end in time is a veto, and leaves the settings as they were" {
	on_btrfs
	new_conf shop
	start_server shop
	slow_down shop 1000000
	cli shop bgrewriteaof
	echo 'wait 1' >>"$VSS_WRITER_REDIS_CONF"
	run --separate-stderr backup -w redis -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup 'instance shop: an AOF rewrite did not end in time'
	are_as_before
	assert_not_exist "$T/state/writer-redis/shop"
}

# --- what is left behind ---

@test "interrupted while it waits for a rewrite: the settings are back" {
	on_btrfs
	new_conf shop
	start_server shop
	slow_down shop 1000000
	cli shop bgrewriteaof
	start env --default-signal=INT "$(command -v backup)" -w redis -o "$T/x.tar.zst"
	coordinator=$started_pid
	wait_until 60 test -e "$T/state/writer-redis/shop"
	kill -INT "$coordinator"
	ended=0
	wait "$coordinator" || ended=$?
	assert_equal "$ended" 130
	wait_until 60 are_as_before
	wait_until 60 test ! -e "$T/state/writer-redis/shop"
	assert_not_exist "$T/x.tar.zst"
}

@test "the coordinator is killed while it is frozen: the server writes, its settings are back" {
	on_btrfs
	new_conf shop
	start_server shop
	start_client shop
	backup_stopped_at session.frozen -w redis -o "$T/x.tar.zst"
	assert_equal "$(setting shop auto-aof-rewrite-percentage)" 0
	assert_exist "$T/state/writer-redis/shop"
	kill -KILL "$coordinator"
	wait_until 60 are_as_before
	wait_until 60 test ! -e "$T/state/writer-redis/shop"
	more_is_acknowledged
}

kill_writer() {
	local writer
	writer=$(pgrep -f "^$(in_box redis)\$" -P "$coordinator")
	kill -KILL "$writer"
}

@test "writer and coordinator are killed: the next session of any kind puts the settings back" {
	on_btrfs
	new_conf shop
	start_server shop
	for point in session.prepared session.frozen; do
		rm -f "$T/stops"
		backup_stopped_at $point -w redis -o "$T/x.tar.zst"
		# Somebody who looks meanwhile changes nothing: the settings are in hand.
		list-writers >/dev/null
		assert_equal "$(setting shop auto-aof-rewrite-percentage)" 0
		kill_writer
		kill -KILL "$coordinator"
		assert_equal "$(setting shop auto-aof-rewrite-percentage)" 0
		list-writers >/dev/null
		are_as_before
		assert_not_exist "$T/state/writer-redis/shop"
	done
	# A setting that somebody else has made since is his.
	rm -f "$T/stops"
	backup_stopped_at session.frozen -w redis -o "$T/x.tar.zst"
	kill_writer
	kill -KILL "$coordinator"
	cli shop config set auto-aof-rewrite-percentage 70
	list-writers >/dev/null
	assert_equal "$(setting shop auto-aof-rewrite-percentage)" 70
	assert_not_exist "$T/state/writer-redis/shop"
}

@test "settings of a server that is away are put back when it is there again" {
	on_btrfs
	new_conf shop
	start_server shop
	backup_stopped_at session.frozen -w redis -o "$T/x.tar.zst"
	kill_writer
	kill -KILL "$coordinator"
	cli shop config rewrite
	shut_down shop
	list-writers >/dev/null
	assert_exist "$T/state/writer-redis/shop"
	start_server shop
	assert_equal "$(setting shop auto-aof-rewrite-percentage)" 0
	list-writers >/dev/null
	are_as_before
}

@test "a rewrite that somebody begins while the copies are made fails the backup" {
	on_btrfs
	new_conf shop
	start_server shop
	backup_stopped_at session.frozen -w redis -o "$T/x.tar.zst"
	old=$(bases)
	cli shop bgrewriteaof
	wait_until 60 is_another_base "$old"
	kill -CONT "$coordinator"
	ended=0
	wait "$coordinator" || ended=$?
	assert_equal "$ended" 6
	assert_not_exist "$T/x.tar.zst"
	are_as_before
}

# --- servers that cannot be asked ---

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

listed_as() {
	run list-writers --json --all
	assert_success
	assert_json '.[] | select(.name == "Redis Writer" or .name == "redis") | "\(.state) \(.error)"' "$1"
}

@test "a server with a password: failed at identify; with the password in a file it takes part" {
	on_btrfs
	new_conf shop 'appendonly yes' 'requirepass secret' 'user backup on >other ~* &* +@all'
	start setpriv --reuid=redis --regid=redis --clear-groups redis-server "$T/conf/shop.conf"
	wait_until 60 test -S "$T/sockets/shop"
	fails_with 'instance shop: socket'
	fails_with 'wants a password: say password-file='
	listed_as 'VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE'
	echo secret >"$T/password"
	echo "instance shop password-file=$T/password" >>"$VSS_WRITER_REDIS_CONF"
	chmod 644 "$T/password"
	fails_with 'mode 600'
	chmod 600 "$T/password"
	backup -q -w redis -o "$T/x.tar.zst"
	sed -i 's/^instance.*/& user=backup/' "$VSS_WRITER_REDIS_CONF"
	rm "$T/x.tar.zst"
	fails_with 'does not take this user and password'
	echo other >"$T/password"
	backup -q -w redis -o "$T/x.tar.zst"
}

@test "a server that died, with its socket and pidfile left: failed at prepare-backup" {
	on_btrfs
	new_conf shop
	start_server shop
	kill -KILL "$server"
	wait "$server" || :
	fails_with 'instance shop: the server died'
}

@test "a server that hangs: failed at identify, in time" {
	on_btrfs
	new_conf shop
	start_server shop
	printf '%s\n' 'connect-timeout 500' 'command-timeout 500' >>"$VSS_WRITER_REDIS_CONF"
	kill -STOP "$server"
	fails_with 'does not answer in time'
	kill -CONT "$server"
	wait_until 60 answers shop
	printf '%s\n' "search $T/conf" >"$VSS_WRITER_REDIS_CONF"
	backup -q -w redis -o "$T/x.tar.zst"
}

@test "a server whose CONFIG was renamed: failed at identify" {
	on_btrfs
	new_conf shop 'appendonly yes' 'rename-command CONFIG ""'
	start_server shop
	fails_with 'knows no command CONFIG'
}

@test "a server that works elsewhere: failed at identify" {
	on_btrfs
	new_conf shop
	mkdir "$T/elsewhere"
	chown redis: "$T/elsewhere"
	start unshare -m sh -c 'mount --bind "$1" "$2" && exec setpriv --reuid=redis --regid=redis --clear-groups redis-server "$3"' \
		- "$T/elsewhere" "$D" "$conf"
	wait_until 60 answers shop
	fails_with "does not work in $D of this machine"
}

# --- stopped ones, and restores ---

@test "a server that is stopped is taken as it lies there" {
	on_btrfs
	new_conf shop
	start_server shop
	cli shop set last 7
	shut_down shop
	run --separate-stderr backup --json -w redis -o "$T/x.tar.zst"
	assert_success
	assert_json '.writers[0].evidence.stopped' clean
	assert_json '.writers[0].grade' application
	find "$D" -mindepth 1 -delete
	restore -q --in-place "$T/x.tar.zst"
	start_server shop
	assert_equal "$(cli shop get last)" 7
}

# A service of the name "shop", as /etc/init.d would have it.
new_service() {
	mkdir "$T/services"
	export VSS_SERVICE_PATH=$T/services
	cat >"$T/services/shop" <<-END
		#!/bin/sh
		echo "\$1" >>"$T/service-log"
		case \$1 in
		start) setpriv --reuid=redis --regid=redis --clear-groups redis-server "$T/conf/shop.conf" --daemonize yes ;;
		stop) redis-cli -s "$T/sockets/shop" shutdown ;;
		status) [ "\$(redis-cli -s "$T/sockets/shop" ping)" = PONG ] || exit 3 ;;
		esac
	END
	chmod 755 "$T/services/shop"
}

@test "before a restore: a server that runs is refused, unless its service may be stopped; old files are set aside" {
	on_btrfs
	new_conf shop
	new_service
	start_server shop
	cli shop set last 1
	backup -q -w redis -o "$T/x.tar.zst"
	cli shop set last 2
	cli shop bgrewriteaof
	wait_until 60 is_field shop aof_rewrite_in_progress 0
	run --separate-stderr restore -q --in-place "$T/x.tar.zst"
	assert_failure
	[[ $stderr = *'instance shop: the server runs: stop it, or say service= and stop-service=yes'* ]]
	assert_equal "$(cli shop get last)" 2
	echo "instance shop service=shop stop-service=yes" >>"$VSS_WRITER_REDIS_CONF"
	run --separate-stderr restore -q --in-place "$T/x.tar.zst"
	assert_success
	wait_until 60 answers shop
	started+=("$(cat "$T/sockets/shop.pid")")
	assert_equal "$(cli shop get last)" 1
	assert_equal "$(grep -c '^st[ao][rp]' "$T/service-log")" 2
	aside=$(echo "$D"/before-restore.*)
	grep -q 'appendonly.aof.2.base.rdb' "$aside/appendonlydir/appendonly.aof.manifest"
	# It is no part of the next backup of the server.
	backup -q -w redis -o "$T/y.tar.zst"
	tar --zstd -tf "$T/y.tar.zst" >"$T/members" 2>/dev/null
	run -1 grep before-restore "$T/members"
	cli shop shutdown
}

@test "before a restore: a configuration under which Redis would not load it is refused" {
	on_btrfs
	new_conf shop 'appendonly no' 'save 3600 1'
	start_server shop
	cli shop set last 1
	backup -q -w redis -o "$T/x.tar.zst"
	shut_down shop
	new_conf shop
	run --separate-stderr restore -q --in-place "$T/x.tar.zst"
	assert_failure
	[[ $stderr = *'was backed up without AOF'* ]]
	start_server shop
	backup -q -w redis -o "$T/y.tar.zst"
	shut_down shop
	new_conf shop 'appendonly no' 'save 3600 1'
	run --separate-stderr restore -q --in-place "$T/y.tar.zst"
	assert_failure
	[[ $stderr = *'was backed up with an AOF'* ]]
}

# --- finding ---

@test "servers are found by their configurations; Sentinel's is none" {
	on_disk
	new_conf shop
	new_conf other 'appendonly no' 'dbfilename "other.rdb"'
	sed -i 's/^dir .*/&\ncluster-enabled yes/' "$T/conf/other.conf"
	printf 'port 26379\nsentinel monitor m 127.0.0.1 6379 2\n' >"$T/conf/watch.conf"
	run writers_driver
	assert_success
	assert_equal "$(grep -c '^component' <<<"$output")" 2
	assert_line "component redis - other"
	assert_line "file $D other.rdb*"
	assert_line "file $D nodes.conf*"
	assert_line "component redis - shop"
	assert_line "file $D/appendonlydir appendonly.aof*"
	assert_line "file $D appendonly.aof*"
	assert_line "file $D dump.rdb*"
	printf '%s\n' "search none" >"$VSS_WRITER_REDIS_CONF"
	run writers_driver
	assert_output ''
	printf '%s\n' "search none" "instance one socket=$T/sockets/one" >"$VSS_WRITER_REDIS_CONF"
	run writers_driver
	assert_line --partial 'no configuration says where its files are'
	printf '%s\n' "search none" "instance one config=$T/conf/shop.conf" >"$VSS_WRITER_REDIS_CONF"
	run writers_driver
	assert_line "component redis - one"
}

@test "a configuration that cannot be read fails at identify, with its line" {
	for line in 'instance' 'instance a/b' 'instance a socket=relative' 'instance a socket=/s port=1' 'instance a port=70000' 'colour red' \
		'instance a user=u' 'instance a stop-service=yes' 'instance a service=s stop-service=perhaps' 'search here' 'wait 0' \
		'command-timeout soon' 'instance a host=127.0.0.1' 'instance "a'; do
		printf '%s\n' "# first" "$line" >"$VSS_WRITER_REDIS_CONF"
		run writers_driver
		assert_line --partial "identify redis VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none $VSS_WRITER_REDIS_CONF: line 2: "
	done
	on_disk
	for line in 'dir relative' 'dbfilename a/b' 'appendfilename "what?"'; do
		new_conf shop "$line"
		echo "search $T/conf" >"$VSS_WRITER_REDIS_CONF"
		run writers_driver
		assert_line --partial 'VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none instance shop: '
	done
}

# --- the protocol ---

@test "whatever the coordinator does, the protocol is kept and the settings come back" {
	on_disk
	new_conf shop
	start_server shop
	run vss-test-writer --check --patience 60s "$(in_box redis)"
	assert_success
	refute_line --partial 'not ok'
	assert_equal "$(setting shop auto-aof-rewrite-percentage)" 100
	assert_not_exist "$T/state/writer-redis/shop"
}
