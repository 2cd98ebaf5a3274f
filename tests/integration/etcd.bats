#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box etcd writer, which is in shell, with a real etcd, beside a client that notes what was acknowledged to it.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires etcd etcdctl python3 jq setpriv flock
	id etcd >/dev/null 2>&1 || skip "needs the user etcd"
	[ -x "$(in_box etcd)" ] || skip "needs the etcd writer"
	export VSS_WRITER_ETCD_CONF=$T/writer-etcd.conf ETCDCTL_API=3
	register etcd "$(in_box etcd)" Level=back-end
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$T"
	new_btrfs fs 1G v w
	D=$T/v/etcd
	chmod a+rwx "$T/v"
	mapfile -t port < <(free_ports)
	url=http://127.0.0.1:${port[0]} peer=http://127.0.0.1:${port[1]}
	configure "instance shop endpoint=$url data-dir=$D" "directory $T/w/snapshots"
	extra=()
	write_client
}
teardown() { btrfs_teardown; }

free_ports() {
	python3 -c 'import socket
s = [socket.socket() for i in range(2)]
for x in s: x.bind(("127.0.0.1", 0))
for x in s: print(x.getsockname()[1])'
}

configure() { printf '%s\n' 'ignore default' "$@" >"$VSS_WRITER_ETCD_CONF"; }
control() { etcdctl --endpoints="$url" "$@" 2>/dev/null; }
answers() { control get vss --command-timeout=1s; }

# start_etcd: it answers when this returns; its process is $server.
start_etcd() {
	install -d -m 700 -o etcd -g etcd "$D"
	start bash -c 'exec setpriv --reuid=etcd --regid=etcd --clear-groups etcd "$@" 2>"$0"' "$T/etcd.log" \
		--name shop --data-dir "$D" --listen-client-urls "$url" \
		--advertise-client-urls "$url" --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" \
		--initial-cluster "shop=$peer" --heartbeat-interval 20 --election-timeout 200 "${extra[@]}"
	server=$started_pid
	wait_until 60 answers
}

end_etcd() {
	kill "-${1:-KILL}" "$server"
	wait "$server" || :
} 2>/dev/null

# Key after key, k0000001 and so on; what was acknowledged is a line in the log.
write_client() {
	cat >"$T/client" <<-'END'
		import base64, http.client, os, sys
		c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
		log = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
		code = lambda text: base64.b64encode(text.encode()).decode()
		n = 0
		while True:
		    n += 1
		    c.request("POST", "/v3/kv/put", '{"key":"%s","value":"%s"}' % (code("k%07d" % n), code(str(n))))
		    answer = c.getresponse()
		    answer.read()
		    if answer.status != 200:
		        sys.exit(answer.status)
		    os.write(log, b"%d\n" % n)
	END
}

start_client() {
	start python3 "$T/client" "${port[0]}" "$T/log"
	client=$started_pid
	wait_until 60 acknowledged_more_than 50
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

# What is wrong with the data: nothing, or a line.  All keys from the first to the last are there, and those that had been acknowledged.
fault_of() {
	local count last
	count=$(control get k --prefix --keys-only | grep -c '^k')
	last=$(control get k --prefix --keys-only | sed '/^$/d' | tail -n 1)
	last=$((10#${last#k}))
	[ "$count" = "$last" ] || { echo "$count keys, the last is $last"; return; }
	[ "$last" -ge "$before" ] || { echo "acknowledged $before, there are $last"; return; }
	[ "$last" -le "$sent" ] || echo "$last keys, $sent were sent"
}

# new_cluster [OPTION]...: as the page says: a cluster of its own out of the snapshot.
new_cluster() {
	setpriv --reuid=etcd --regid=etcd --clear-groups etcdctl snapshot restore "$snapshot" --data-dir "$D" --name shop \
		--initial-cluster "shop=$peer" --initial-advertise-peer-urls "$peer" "$@"
}

backup_stopped_at() {
	rm -f "$T/stops"
	stop_at "$1:stop" start backup "${@:2}"
	coordinator=$started_pid
	wait_until 60 test -s "$T/stops"
	wait_until 60 is_stopped "$coordinator"
}

@test "a copy of its database that is torn from its log is seen" {
	start_etcd
	start_client
	snapshot=$T/v/torn.db
	cp "$D/member/snap/db" "$snapshot"
	more_is_acknowledged
	end_client
	before=$(acknowledged) sent=$((before + 1))
	end_etcd
	rm -rf "$D"
	chown etcd: "$snapshot"
	new_cluster --skip-hash-check
	start_etcd
	[ -n "$(fault_of)" ]
}

@test "puts under load: all is lost, and nothing acknowledged before the freeze is missing in the cluster made of the snapshot" {
	for ((round = 0; round < ${REPEAT:-2}; round++)); do
		rm -rf "$T/log" "$T/x.tar.zst" "$D" "$T/w/snapshots"
		start_etcd
		start_client
		backup_stopped_at session.before-freeze --json -w etcd -o "$T/x.tar.zst" >"$T/report"
		more_is_acknowledged
		before=$(acknowledged)
		kill -CONT "$coordinator"
		wait "$coordinator"
		more_is_acknowledged
		end_client
		sent=$(($(acknowledged) + 1))
		output=$(cat "$T/report")
		assert_json '.writers[0].grade' application
		assert_json '.writers[0].evidence.shop | test("^mode=snapshot revision=[0-9]+ agreed_revision=[0-9]+ hash=[0-9]+ keys=[0-9]+ sha256=verified$")'
		end_etcd
		rm -rf "$D"
		restore -q --in-place "$T/x.tar.zst"
		snapshot=$T/w/snapshots/shop/snapshot.db
		# The directory has come back, as it was, and nothing in it.
		assert_equal "$(stat -c %U:%a "$D")" etcd:700
		assert_equal "$(ls "$D")" ''
		rmdir "$D"
		mv "$snapshot" "$T/v/snapshot.db"
		snapshot=$T/v/snapshot.db
		chown etcd: "$snapshot"
		new_cluster
		start_etcd
		assert_equal "$(fault_of)" ''
		end_etcd
	done
}

@test "who backs its directory up by the path gets the snapshot, and not its files" {
	start_etcd
	control put a b
	mkdir "$T/v/more"
	echo text >"$T/v/more/file"
	backup -q -o "$T/x.tar.zst" "$T/v"
	tar --zstd -tf "$T/x.tar.zst" >"$T/members" 2>/dev/null
	grep -q "${T#/}/w/snapshots/shop/snapshot.db" "$T/members"
	grep -q "${T#/}/v/more/file" "$T/members"
	run -1 grep 'member/.*[^/]$' "$T/members"
}

@test "a shadow copy alone holds its log, and recovers from it" {
	start_etcd
	start_client
	before=$(acknowledged)
	run --separate-stderr create-shadow --json --writer etcd "$T/v"
	assert_success
	assert_json '.writers[0].grade' recoverable
	assert_json '.writers[0].evidence.shop' mode=log
	more_is_acknowledged
	end_client
	sent=$(($(acknowledged) + 1))
	end_etcd
	rm -rf "$D"
	cp -a "$(jq -r '.shadows[0].device' <<<"$output")/etcd" "$D"
	start_etcd
	assert_equal "$(fault_of)" ''
}

@test "one that is stopped is taken as it lies there; before a restore the old log is set aside, and one that runs is refused" {
	install -d -m 700 -o etcd -g etcd "$T/v/logs" "$T/v/logs/wal"
	extra=(--wal-dir "$T/v/logs/wal")
	configure "instance shop endpoint=$url data-dir=$D wal-dir=$T/v/logs/wal"
	start_etcd
	control put a 1
	end_etcd TERM
	run --separate-stderr backup --json -w etcd -o "$T/x.tar.zst"
	assert_success
	assert_json '.writers[0].grade' application
	assert_json '.writers[0].evidence.shop' stopped=yes
	start_etcd
	control put a 2
	run --separate-stderr restore -q --in-place "$T/x.tar.zst"
	assert_failure
	[[ $stderr = *"instance shop: etcd works in $D: stop it first"* ]]
	assert_equal "$(control get a --print-value-only)" 2
	end_etcd
	restore -q --in-place "$T/x.tar.zst"
	start_etcd
	assert_equal "$(control get a --print-value-only)" 1
	assert_exist "$D"/before-restore.*.member/snap
	assert_exist "$T"/v/logs/before-restore.*.wal/0.tmp
}

@test "one that is started while its files are copied fails the backup" {
	start_etcd
	end_etcd
	backup_stopped_at session.frozen -w etcd -o "$T/x.tar.zst"
	start_etcd
	kill -CONT "$coordinator"
	ended=0
	wait "$coordinator" || ended=$?
	[ "$ended" = 1 ] || [ "$ended" = 6 ]
	assert_not_exist "$T/x.tar.zst"
}

@test "the coordinator is killed while it is frozen: etcd never knew" {
	start_etcd
	start_client
	backup_stopped_at session.frozen -w etcd -o "$T/x.tar.zst"
	writer=$(pgrep -P "$coordinator")
	kill -KILL "$coordinator"
	for pid in $writer; do
		wait_until 60 is_gone "$pid"
	done
	more_is_acknowledged
	backup -q -w etcd -o "$T/x.tar.zst"
}

# fails_with TEXT: named 6, drawn in by a path 6, left out 3.
fails_with() {
	run --separate-stderr backup -w etcd -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup "$1"
	run --separate-stderr backup -o "$T/x.tar.zst" "$T/v"
	assert_equal "$status" 6
	assert_sentence backup "$1"
	assert_not_exist "$T/x.tar.zst"
	run --separate-stderr backup --skip-failed-writers -o "$T/x.tar.zst" "$T/v"
	assert_equal "$status" 3
	[[ $stderr = *"$1"* ]]
	rm "$T/x.tar.zst"
}

@test "one that hangs: failed at identify" {
	start_etcd
	kill -STOP "$server"
	echo 'timeout 2' >>"$VSS_WRITER_ETCD_CONF"
	fails_with "instance shop: $url: "
	kill -CONT "$server"
	wait_until 60 answers
	sed -i '/^timeout/d' "$VSS_WRITER_ETCD_CONF"
	backup -q -w etcd -o "$T/x.tar.zst"
}

@test "one that wants a user: failed at identify; with the password in a file it takes part" {
	start_etcd
	control user add root:secret
	control user grant-role root root
	control auth enable
	fails_with 'user name is empty'
	echo secret >"$T/password"
	chmod 600 "$T/password"
	configure "instance shop endpoint=$url data-dir=$D user=root password-file=$T/password" "directory $T/w/snapshots"
	backup -q -w etcd -o "$T/x.tar.zst"
	rm "$T/x.tar.zst"
	echo wrong >"$T/password"
	fails_with 'invalid user ID or password'
	chmod 644 "$T/password"
	fails_with 'mode 600'
}

@test "another etcd at that address, and another directory: failed at identify" {
	start_etcd
	mkdir -p "$T/v/other/member"
	configure "instance shop endpoint=$url data-dir=$T/v/other"
	run writers_driver
	assert_line --partial "does not work in $T/v/other of this machine"
}

@test "a snapshot that is damaged on its way is refused" {
	start_etcd
	control put a b
	mkdir "$T/bin"
	cat >"$T/bin/etcdctl" <<-END
		#!/bin/sh
		$(command -v etcdctl) "\$@" || exit
		case \$* in
		*'snapshot save '*) for file; do :; done; printf x | dd of="\$file" bs=1 seek=5000 conv=notrunc 2>/dev/null ;;
		esac
	END
	chmod 755 "$T/bin/etcdctl"
	register etcd "$(in_box etcd)" Level=back-end "Environment=PATH=$T/bin:$PATH"
	run --separate-stderr backup -w etcd -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup 'the snapshot is damaged'
	assert_not_exist "$T/x.tar.zst"
}

@test "no etcd: absent; lines that cannot be read: failed at identify, with the line" {
	configure
	run list-writers --all
	assert_success
	assert_line --partial "no etcd in $VSS_WRITER_ETCD_CONF"
	for line in 'instance' 'instance a/b' 'instance a endpoint=x' 'instance a endpoint=x data-dir=relative' 'colour red' 'ignore' \
		'instance a endpoint=x data-dir=/a*' 'instance a endpoint="x" data-dir=/a' 'instance a where=x' 'directory here' 'timeout 9' 'timeout long'; do
		printf '%s\n' "# first" "$line" >"$VSS_WRITER_ETCD_CONF"
		run writers_driver
		assert_line --partial "identify etcd VSS_WS_FAILED_AT_IDENTIFY VSS_E_WRITERERROR_NONRETRYABLE none $VSS_WRITER_ETCD_CONF: line 2: "
	done
}

@test "whatever the coordinator does, the protocol is kept, by shell too" {
	start_etcd
	run vss-test-writer --check --restore --patience 60 --window 5000 "$(in_box etcd)"
	assert_success
	refute_line --partial 'not ok'
	answers
}
