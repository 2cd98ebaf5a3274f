#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box OpenLDAP writer beside a slapd of the test's own: its configuration on one btrfs subvolume, its database on another, and a client
# that never stops adding.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # what is in single quotes is for another shell; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/openldap

setup() { openldap_setup; }
teardown() { btrfs_teardown; }

@test "identify: what a server has" {
	make_server
	run writers_driver
	assert_success
	assert_line "component openldap test config"
	assert_line "component openldap test $SUFFIX"
	assert_line "file $T/etc/slapd.d cn=config.ldif"
	assert_line "file $T/data/ldap data.mdb"
	# asking has left nothing behind
	assert_equal "$(ls -A "$T/data/ldap")" ''
}

@test "copies of a held database are whole; the same copies without the hold are seen torn" {
	make_server
	start_slapd
	add_base
	start_client
	write_copier
	torn=0
	for ((i = 0; i < 20 && torn == 0; i++)); do
		"$T/copy-slowly" "$T/data/ldap/data.mdb" "$T/copy"
		[ -z "$(fault_of "$T/copy")" ] || torn=1
	done
	assert_equal "$torn" 1
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		run writers_driver "$(component)" prepare-backup with= prepare-snapshot freeze \
			"run=$T/copy-slowly $T/data/ldap/data.mdb $T/copy" thaw post-snapshot backup-shutdown
		assert_success
		assert_line "freeze openldap VSS_WS_WAITING_FOR_THAW none files "
		assert_line "backup-shutdown openldap VSS_WS_STABLE none files "
		assert_line --regexp "^- evidence $T/data/ldap txnid=[0-9]+ pages=[0-9]+ page_size=4096 entries=[0-9]+ sync=full"
		assert_equal "$(fault_of "$T/copy")" ''
		goes_on
	done
}

# --- with the tools ---

# A backup that stops while all is frozen: what was acknowledged until then is in $at_freeze.
backup_watched() {
	: >"$T/stops"
	start stop_at session.frozen:stop backup --json -o "$T/x.tar.zst" "$@" >"$T/report" 2>"$T/complaints"
	backup=$started_pid
	wait_until 60 has_line "$T/stops" session.frozen
	at_freeze=$(acknowledged)
	# reading goes on
	root_search -s base -b "$SUFFIX" >/dev/null
	kill -CONT "$(sed -n 's/^session.frozen //p' "$T/stops")"
	status=0
	wait "$backup" || status=$?
	output=$(cat "$T/report" "$T/complaints")
	assert_equal "$status" 0
	output=$(cat "$T/report")
}

lose_everything() {
	stop_client
	stop_slapd KILL
	find "$T/etc" "$T/data" -mindepth 1 -delete
}

# come_back: restored, whole, and with all that was acknowledged before the freeze; no more than one came after.
come_back() {
	local n
	run restore --in-place "$T/x.tar.zst"
	assert_success
	assert_equal "$(stat -c '%U %a' "$T/data/ldap" "$T/data/ldap/data.mdb" "$its_config")" \
		"$(printf '%s\n' 'openldap 700' 'openldap 600' 'openldap 600')"
	assert_equal "$(fault_of "$T/data/ldap")" ''
	n=$(entries_in_dump)
	if [ "$n" -lt "$at_freeze" ] || [ "$n" -gt $((at_freeze + 1)) ]; then
		fail "$at_freeze were acknowledged at freeze, $n came back"
	fi
	start_slapd
	[ "$(root_search -b "$SUFFIX" "(cn=$((n - 1)))" cn | grep -c '^cn:')" = 1 ]
}

story() {
	local i
	start_slapd
	add_base
	start_client
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		backup_watched -w "OpenLDAP Writer"
		assert_json '.writers[0].grade // .grade' application
		goes_on
		verify-backup -q "$T/x.tar.zst"
		lose_everything
		come_back
		start_client "$(entries_in_dump)"
		rm "$T/x.tar.zst"
	done
}

@test "backup under load, loss of everything, restore: all that was acknowledged is there" {
	make_server
	story
}

@test "the same with dbnosync: what is held and flushed needs no order" {
	make_server "olcDbNoSync: TRUE" "olcDbEnvFlags: writemap"
	REPEAT=1 story
	run writers_driver "$(component)" prepare-backup freeze thaw
	assert_line --partial "sync=dbnosync writemap"
}

@test "the same with a slapd.conf" {
	make_conf_server
	REPEAT=1 story
}

@test "a database on ext4, copied file by file, beside its configuration on btrfs: application all the same" {
	make_server
	new_loop plain 300M
	mkfs.ext4 -q "$loop"
	umount "$T/data"
	mount "$loop" "$T/data"
	install -d -o openldap -g openldap -m 700 "$T/data/ldap"
	REPEAT=1 story
}

@test "the LDIF beside the files: the configuration always, the entries with ldif=yes" {
	instance_options=ldif=yes
	make_server
	start_slapd
	add_base
	start_client
	backup_watched -w "OpenLDAP Writer"
	stop_client
	stop_slapd
	mkdir "$T/out"
	restore -q --target "$T/out" "$T/x.tar.zst"
	dumps=$T/out/var/backups/vss/openldap/test
	assert_equal "$(ls "$dumps")" "$(printf '%s\n' config.ldif "$SUFFIX.ldif")"
	# either is fit for slapadd
	mkdir "$T/again" "$T/again/slapd.d" "$T/again/ldap"
	sed -i "s|^olcDbDirectory: .*|olcDbDirectory: $T/again/ldap|" "$dumps/config.ldif"
	chown -R openldap: "$T/again"
	as_openldap slapadd -n0 -F "$T/again/slapd.d" <"$dumps/config.ldif"
	as_openldap slapadd -q -b "$SUFFIX" -F "$T/again/slapd.d" <"$dumps/$SUFFIX.ldif"
	assert_equal "$(fault_of "$T/again/ldap")" ''
	[ "$(entries_in_dump)" -ge "$at_freeze" ]
}

@test "the coordinator is killed while slapd is held: entries are added again" {
	make_server
	start_slapd
	add_base
	start_client
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		: >"$T/stops"
		run stop_at session.frozen:kill backup -q -w "OpenLDAP Writer" -o "$T/x.tar.zst"
		assert_equal "$status" 137
		assert_file_contains "$T/stops" session.frozen
		goes_on
	done
	run backup -q -w "OpenLDAP Writer" -o "$T/x.tar.zst"
	assert_success
}

@test "whoever holds is killed: slapd goes on, and the set fails" {
	make_server
	start_slapd
	add_base
	start_client
	run writers_driver "$(component)" prepare-backup freeze "run=pkill -KILL -f '[h]old $T/data/ldap'" thaw
	assert_line --partial "thaw openldap VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_RETRYABLE files $T/data/ldap: was let go of before its time"
	goes_on
	run writers_driver "$(component)" prepare-backup freeze "run=pkill -KILL -f '^$(in_box openldap)\$'" wait=30000
	assert_line --partial "wait openldap VSS_WS_FAILED_AT_FREEZE VSS_E_WRITER_NOT_RESPONDING"
	goes_on
}

@test "a database that somebody writes to for too long is a veto, not a hang" {
	make_server
	start_slapd
	add_base
	configure "hold-timeout 500"
	mkfifo "$T/orders"
	exec 9<>"$T/orders"
	start bash -c 'exec "$0" --hold "$1" <"$2" >"$3"' "$(in_box openldap)" "$T/data/ldap" "$T/orders" "$T/held"
	wait_until 30 has_line "$T/held" "held txnid="
	run writers_driver "$(component)" prepare-backup freeze thaw
	assert_line "freeze openldap VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none $T/data/ldap: somebody else is writing all the time"
	kill "$started_pid"
	exec 9>&-
	run writers_driver "$(component)" prepare-backup freeze thaw
	assert_line "freeze openldap VSS_WS_WAITING_FOR_THAW none files "
}

@test "a change of the configuration in between is seen" {
	make_server
	start_slapd
	printf 'dn: cn=config\nchangetype: modify\nreplace: olcIdleTimeout\nolcIdleTimeout: 77\n' >"$T/change"
	change="run=ldapmodify -Q -Y EXTERNAL -H $uri -f $T/change"
	run writers_driver "$(component config)" prepare-backup prepare-snapshot "$change" freeze thaw
	assert_line "freeze openldap VSS_WS_FAILED_AT_FREEZE VSS_E_WRITERERROR_RETRYABLE none the configuration of slapd was changed meanwhile"
	run writers_driver "$(component config)" prepare-backup prepare-snapshot freeze "$change" thaw
	assert_line "thaw openldap VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_RETRYABLE files the configuration of slapd was changed meanwhile"
}

@test "a slapd that is stopped, cleanly or by a crash: nothing to hold" {
	make_server
	start_slapd
	add_base
	start_client
	stop_client
	stop_slapd KILL
	run --separate-stderr backup --json -w "OpenLDAP Writer" -o "$T/x.tar.zst"
	assert_success
	assert_json '.writers[0].grade // .grade' application
	run writers_driver "$(component)" prepare-backup prepare-snapshot freeze thaw
	assert_line "- evidence stopped clean"
	assert_line "- evidence $T/data/ldap closed sync=full"
	# somebody starts it while it is being copied
	run writers_driver "$(component)" prepare-backup prepare-snapshot freeze \
		"run=setpriv ${as[*]} slapd -F $T/etc/slapd.d -h $uri >/dev/null 2>&1 </dev/null" thaw
	assert_line --partial "thaw openldap VSS_WS_FAILED_AT_THAW VSS_E_WRITERERROR_RETRYABLE files $T/data/ldap: was opened while it was copied"
	kill "$(cat "$T/run-slapd/pid")"
	wait_until 30 is_gone "$(cat "$T/run-slapd/pid")"
}
