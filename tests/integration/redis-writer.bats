#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box Redis writer: servers that cannot be asked, that are stopped, that come back; and how they are found.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/redis

setup() { redis_setup; }
teardown() { redis_teardown; }

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
	run vss-test-writer --check --patience 60 --window 5000 "$(in_box redis)"
	assert_success
	refute_line --partial 'not ok'
	assert_equal "$(setting shop auto-aof-rewrite-percentage)" 100
	assert_not_exist "$T/state/writer-redis/shop"
}
