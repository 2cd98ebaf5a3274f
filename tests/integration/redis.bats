#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box Redis writer with real servers, beside a client that notes what was acknowledged to it.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/redis

setup() { redis_setup; }
teardown() { redis_teardown; }

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
	wait_until 10 is_dead "$writer"
}
# Its locks are free; its stopped parent has not been told yet.
is_dead() { [[ $(ps -o state= -p "$1") != [^ZX]* ]]; }

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
