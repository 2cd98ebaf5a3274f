#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Scripts of diskshadow on real file systems: they print what they print anywhere, and a database comes back.
# shellcheck disable=SC2154,SC2030,SC2031 # run and the helpers set variables; exports belong to one test
load ../lib/common
load ../lib/btrfs
load ../lib/samba
load ../lib/transcripts

setup() { btrfs_setup; }
teardown() { btrfs_teardown; }

# btrfs_machine: the machine of the scripts, /srv/data and /srv/log being subvolumes of one file system.
btrfs_machine() {
	mkdir "$T/fs"
	new_loop fs 512M
	mkfs.btrfs -q "$loop" >/dev/null 2>&1
	mount -o subvolid=5 "$loop" "$T/fs"
	for name in data log; do
		btrfs -q subvolume create "$T/fs/$name"
		mkdir -p "$T/volumes/$name"
		mount -o "subvol=$name" "$loop" "$T/volumes/$name"
	done
	machine
}

# plays NAME [PARAMETER...]: the script prints its transcript, with the copies of a btrfs in it.
plays() {
	play "$@"
	diff -u <(sed 's/ Plex$/ Differential/' "$SCRIPTS/$1.transcript") "$T/${1##*/}.played"
}

@test "a full backup, exposed and copied from, at one instant" {
	btrfs_machine
	register_writers
	plays corpus/full-backup
	has_line "$T/mail.log" backup-complete
	run list-shadows --for "$(volume data)" --columns type
	assert_output ApplicationRollback
	plays corpus/unfinished-restore
	delete-shadow -q --for "$(volume data)"
	delete-shadow -q --for "$(volume log)"
	assert_nothing_left fs data log
}

@test "volatile copies, exposed, with programs; two jobs" {
	btrfs_machine
	register_writers
	plays corpus/exec
	plays corpus/exec-fails
	plays published/system-writers
	plays published/reset-between
	assert_nothing_left fs data log
}

@test "copies that stay, exposed to another process, by the aliases of their metadata" {
	btrfs_machine
	register_writers
	plays published/copy-and-forget
	plays published/exposed
	plays published/leave-exposed
	assert_equal "$(findmnt -nro FSTYPE "$T/mnt/tape")" btrfs
	plays published/cleanup-later
	assert_equal "$(findmnt -nro FSTYPE "$T/mnt/tape")" ''
	create-shadow -q --no-writers "$(volume data)"
	plays published/client-accessible
	assert_nothing_left fs data log
}

@test "copies that share blocks with their volume are differential, and are asked for so" {
	btrfs_machine
	play published/differential
	assert_equal "$(tail -n 1 "$T/differential.played")" 'status: 0'
	assert_line_of differential $'\t\t- Attributes:  No_Auto_Release Persistent Differential'
	assert_nothing_left fs data log
}

# assert_line_of NAME LINE: the script has printed it.
assert_line_of() { grep -qxF -- "$2" "$T/$1.played" || fail "$(cat "$T/$1.played")"; }

@test "ext4, which makes no copies: files are copied, and the scripts need not know" {
	local name
	for name in data log; do
		new_loop $name 64M
		mkfs.ext4 -q "$loop"
		mkdir -p "$T/volumes/$name"
		mount "$loop" "$T/volumes/$name"
		rmdir "$T/volumes/$name/lost+found"
	done
	machine
	register_writers
	for script in copy-and-forget exposed system-writers leave-exposed cleanup-later; do
		play published/$script
		assert_transcript published/$script
	done
	run find "$T/volumes" -name .vss-shadows
	assert_output ''
}

@test "a volume is put back" {
	btrfs_machine
	plays corpus/revert
	delete-shadow -q --for "$(volume data)"
}

@test "a volume by its device" {
	mkdir -p "$T/volumes/data"
	new_loop fs 128M
	mkfs.btrfs -q "$loop" >/dev/null 2>&1
	mount "$loop" "$T/volumes/data"
	machine
	DEVICE=$loop play corpus/devices
	assert_line_of devices "VSS_VOLUME_1=/srv/data"
	assert_line_of devices 'status: 0'
}

@test "shares of Samba" {
	btrfs_machine
	samba_conf
	HOSTNAME=$(uname -n)
	export HOSTNAME
	play corpus/shares
	assert_transcript corpus/shares
	run net usershare list -s "$VSS_SMB_CONF"
	assert_output ''
	assert_nothing_left fs data log
}

@test "a set goes to another machine" {
	btrfs_machine
	register_writers
	plays published/transport
	umount "$T/volumes/data" "$T/volumes/log" "$T/fs"
	export VSS_STATE_DIR=$T/state2 VSS_RUN_DIR=$T/run2
	mkdir -p "$T/volumes/spare"
	new_loop other 512M
	mkfs.btrfs -q "$loop" >/dev/null 2>&1
	mount "$loop" "$T/volumes/spare"
	plays published/transport-back
	assert_equal "$(subvolumes volumes/spare)" ''
}

# Transfers from one account to another, one after the other, for ever; row 0 counts them.
start_client() {
	sqlite3 "$1" >/dev/null <<-END
		PRAGMA journal_mode=wal;
		CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, pad BLOB);
		WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 300) INSERT INTO t SELECT i, 0, randomblob(2000) FROM c;
	END
	# shellcheck disable=SC2016 # for the other shell
	start bash -c 'exec sqlite3 -bail -cmd ".timeout 20000" "$0" >/dev/null 2>"$1" < <(yes "BEGIN IMMEDIATE;
		UPDATE t SET n = n + 1 WHERE id = 0;
		UPDATE t SET n = n + 1, pad = randomblob(2000) WHERE id = (SELECT 1 + abs(random()) % 150);
		UPDATE t SET n = n - 1, pad = randomblob(2000) WHERE id = (SELECT 151 + abs(random()) % 150);
		COMMIT;")' "$1" "$T/client.err"
	client=$started_pid
	wait_until 10 counts_more_than "$1" 2
}

ask() { sqlite3 -cmd '.timeout 20000' "$1" "$2"; }
counts_more_than() { [ "$(ask "$1" 'SELECT n FROM t WHERE id = 0')" -gt "$2" ]; }
is_whole() { [ "$(ask "$1" 'PRAGMA integrity_check')" = ok ] && [ "$(ask "$1" 'SELECT count(*), sum(n) FROM t WHERE id > 0')" = '300|0' ]; }

# the_database_of_data: a database of the machine, with its writer, in $db.
the_database_of_data() {
	requires sqlite3 rsync
	btrfs_machine
	db=$(volume data)/grafana.db
	export VSS_WRITER_SQLITE_CONF=$T/writer-sqlite.conf
	echo "database $db" >"$VSS_WRITER_SQLITE_CONF"
	register sqlite "$(in_box sqlite)"
	mkdir "$T/target" "$T/mnt/nightly"
}

@test "a database that is written to all the time: backed up by the page's script, lost, and put back by the other" {
	the_database_of_data
	start_client "$db"
	run diskshadow /s "$SCRIPTS/examples/nightly-database.dsh" "$(volume data)" "$T/mnt/nightly" "$T/target"
	assert_success
	assert_nothing_left fs data log
	after=$(ask "$db" 'SELECT n FROM t WHERE id = 0')
	wait_until 10 counts_more_than "$db" "$after"
	kill -KILL "$client"
	wait "$client" || :
	assert_equal "$(cat "$T/client.err")" ''

	cp -a "$T/target/files" "$T/look"
	is_whole "$T/look/grafana.db"
	before=$(ask "$T/look/grafana.db" 'SELECT n FROM t WHERE id = 0')
	[ "$before" -gt 2 ]
	[ "$before" -le "$after" ]
	ask "$db" 'UPDATE t SET n = 1000; DELETE FROM t WHERE id % 2' >/dev/null
	run is_whole "$db"
	assert_failure
	run diskshadow /s "$SCRIPTS/examples/restore-component.dsh" "$(volume data)" "$T/target"
	assert_success
	is_whole "$db"
	assert_equal "$(ask "$db" 'SELECT n FROM t WHERE id = 0')" "$before"
}

@test "the page's script with the line of restic in the place of that of rsync" {
	requires restic
	the_database_of_data
	sqlite3 "$db" 'CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3)'
	export RESTIC_PASSWORD=of-the-test RESTIC_CACHE_DIR=$T/cache
	restic init -q --repo "$T/target/restic"
	sed -e '/^exec rsync/d' -e 's/^# or: //' "$SCRIPTS/examples/nightly-database.dsh" >"$T/nightly.dsh"
	run diskshadow /s "$T/nightly.dsh" "$(volume data)" "$T/mnt/nightly" "$T/target"
	assert_success
	refute_line --partial 'END BACKUP was not commanded'
	assert_nothing_left fs data log
	restic restore -q latest --repo "$T/target/restic" --target "$T/look"
	assert_equal "$(sqlite3 "$T/look$T/mnt/nightly/grafana.db" 'SELECT sum(n) FROM t')" 6
}
