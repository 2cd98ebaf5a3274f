#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box OpenLDAP writer beside a slapd of the test's own: its configuration on one btrfs subvolume, its database on another, and a client
# that never stops adding.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what is in single quotes is for another shell; run and the helpers set variables
load ../lib/common
load ../lib/btrfs

SUFFIX=o=example

setup() {
	PATH=$PATH:/usr/sbin:/usr/local/sbin
	btrfs_setup
	requires slapd slapadd slapcat ldapadd ldapsearch setpriv stdbuf jq
	[ -x "$(in_box openldap)" ] || skip "needs the OpenLDAP writer"
	id openldap >/dev/null 2>&1 || skip "needs the user openldap"
	[ -e /etc/ldap/schema/core.ldif ] || skip "needs the schemas of slapd in /etc/ldap"
	export VSS_WRITER_OPENLDAP_CONF=$T/writer-openldap.conf
	register openldap "$(in_box openldap)"
	# slapd's user comes through.
	local dir
	for dir in "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"; do chmod a+x "$dir"; done
	uri=ldapi://$(printf %s "$T/run-slapd/socket" | sed 's|/|%2F|g')
}
teardown() { btrfs_teardown; }

as_openldap() { setpriv "${as[@]}" "$@"; }
as=(--reuid openldap --regid openldap --init-groups --)

# make_server [LINE]...: subvolumes etc and data, a configuration with one database, and more lines for that database.
make_server() {
	new_btrfs fs 1G etc data
	mkdir "$T/etc/slapd.d" "$T/data/ldap" "$T/run-slapd"
	chown openldap: "$T/etc/slapd.d" "$T/data/ldap" "$T/run-slapd"
	chmod 700 "$T/data/ldap"
	config_ldif "$@" >"$T/config.ldif"
	as_openldap slapadd -n0 -F "$T/etc/slapd.d" <"$T/config.ldif"
	from=(-F "$T/etc/slapd.d") its_config=$T/etc/slapd.d/cn=config.ldif
	configure
}

# The same by a slapd.conf and a file that it includes.
make_conf_server() {
	make_server
	rm -r "$T/etc/slapd.d"
	printf '%s\n' "database mdb" "suffix $SUFFIX" "directory $T/data/ldap" "maxsize 268435456" "index cn eq" \
		"access to * by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage by * read" >"$T/etc/database.conf"
	printf '%s\n' "include /etc/ldap/schema/core.schema" "modulepath /usr/lib/ldap" "moduleload back_mdb" "pidfile $T/run-slapd/pid" \
		"include $T/etc/database.conf" >"$T/etc/slapd.conf"
	chown openldap: "$T"/etc/*.conf
	chmod 600 "$T"/etc/*.conf
	from=(-f "$T/etc/slapd.conf") its_config=$T/etc/database.conf
	printf '%s\n' "options discover=no" "instance test conf=$T/etc/slapd.conf" >"$VSS_WRITER_OPENLDAP_CONF"
}

config_ldif() {
	local root='dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth'
	cat <<-END
		dn: cn=config
		objectClass: olcGlobal
		cn: config
		olcPidFile: $T/run-slapd/pid

		dn: cn=module{0},cn=config
		objectClass: olcModuleList
		cn: module{0}
		olcModuleLoad: back_mdb

		dn: cn=schema,cn=config
		objectClass: olcSchemaConfig
		cn: schema

		$(cat /etc/ldap/schema/core.ldif)

		dn: olcDatabase={0}config,cn=config
		objectClass: olcDatabaseConfig
		olcDatabase: {0}config
		olcAccess: to * by $root manage by * break

		dn: olcDatabase={1}mdb,cn=config
		objectClass: olcDatabaseConfig
		objectClass: olcMdbConfig
		olcDatabase: {1}mdb
		olcSuffix: $SUFFIX
		olcDbDirectory: $T/data/ldap
		olcDbMaxSize: 268435456
		olcDbIndex: cn eq
		olcAccess: to * by $root manage by * read
		$(printf '%s\n' "$@")
	END
}

# configure [LINE]...: what the writer takes, and nothing of this machine's own.
configure() {
	printf '%s\n' "options discover=no" "instance test config=$T/etc/slapd.d ${instance_options:-}" "$@" >"$VSS_WRITER_OPENLDAP_CONF"
}

component() { echo "with=component,filegroup,test,\\${1:-$SUFFIX}"; }

start_slapd() {
	start setpriv "${as[@]}" slapd -d 0 "${from[@]}" -h "$uri" 2>"$T/slapd.err"
	slapd=$started_pid
	wait_until 30 root_search -s base -b ''
}

stop_slapd() {
	kill -"${1:-TERM}" "$slapd"
	wait "$slapd" || :
}

root_search() { ldapsearch -LLL -Q -Y EXTERNAL -H "$uri" "$@"; }

# add_base: the entry that all others stand below.
add_base() {
	printf 'dn: %s\nobjectClass: organization\no: example\n' "$SUFFIX" |
		ldapadd -Q -Y EXTERNAL -H "$uri" >/dev/null
}

# The client: one connection, entry after entry, each sent when the one before was acknowledged.
entries() { # SUFFIX FIRST
	local n=$2 pad
	pad=$(printf 'x%.0s' {1..900})
	while printf 'dn: cn=%d,%s\nobjectClass: person\ncn: %d\nsn: x\ndescription: %s\n\n' "$n" "$1" "$n" "$pad" && n=$((n + 1)); do :; done 2>/dev/null
}
export -f entries

# start_client [FIRST]
start_client() {
	first=${1:-0}
	start bash -c 'exec stdbuf -oL ldapadd -Q -Y EXTERNAL -H "$0" >"$2" 2>"$2.err" < <(entries "$1" "$3")' "$uri" "$SUFFIX" "$T/added" "$first"
	client=$started_pid
	wait_until 60 has_added $((first + 20))
}

# It says that it adds an entry before it sends it: the last one may be without an answer.
acknowledged() { echo $((first + $(grep -c '^adding' "$T/added") - 1)); }
goes_on() { wait_until 60 has_added $(($(acknowledged) + 20)); }
has_added() { [ "$(acknowledged)" -ge "$1" ]; }

stop_client() {
	kill -KILL "$client" 2>/dev/null || :
	wait "$client" || :
} 2>/dev/null

# fault_of DIR: what is wrong with the database there: nothing, or a line.  The entries must be the first so many, each to be
# found by its index.
fault_of() {
	local dir=$1 n
	printf '%s\n' "include /etc/ldap/schema/core.schema" "modulepath /usr/lib/ldap" "moduleload back_mdb" "database mdb" "suffix $SUFFIX" \
		"maxsize 268435456" "directory $dir" "index cn eq" >"$T/check.conf"
	chmod a+r "$T/check.conf"
	as_openldap slapcat -f "$T/check.conf" -b "$SUFFIX" >"$T/dump" 2>"$T/dump.err" || { echo "slapcat: $? $(tail -n1 "$T/dump.err")"; return; }
	sed -n 's/^cn: //p' "$T/dump" | sort -n >"$T/numbers"
	n=$(wc -l <"$T/numbers")
	[ "$n" -gt 0 ] || { echo "no entries"; return; }
	cmp -s "$T/numbers" <(seq 0 $((n - 1))) || { echo "the entries are not the first $n"; return; }
	[ "$(grep -c '^description: xxx' "$T/dump")" = "$n" ] || { echo "entries without content"; return; }
}
entries_in_dump() { wc -l <"$T/numbers"; }

# Slow enough that entries are added meanwhile.
write_copier() {
	cat >"$T/copy-slowly" <<-'END'
		#!/bin/bash
		# copy-slowly FILE DIR
		size=$(stat -c %s "$1")
		rm -rf "$2"
		mkdir "$2"
		for ((at = 0; at * 65536 < size; at++)); do
			dd if="$1" of="$2/data.mdb" bs=65536 count=1 skip=$at seek=$at conv=notrunc status=none
			sleep 0.005
		done
		chown -R openldap: "$2"
	END
	chmod 755 "$T/copy-slowly"
}

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

@test "a restore over a slapd that runs is refused, unless its service may be stopped" {
	make_server
	start_slapd
	add_base
	run backup -q -w "OpenLDAP Writer" -o "$T/x.tar.zst"
	assert_success
	run restore -q --in-place "$T/x.tar.zst"
	assert_failure
	assert_output --partial "$T/data/ldap: is in use by process $slapd: stop slapd first"
	root_search -s base -b "$SUFFIX" >/dev/null
	assert_equal "$(ls "$T/data/ldap")" "$(printf '%s\n' data.mdb lock.mdb)"
	stop_slapd
	make_service
	service test-slapd start
	instance_options="service=test-slapd stop-service=yes" configure
	printf 'dn: cn=later,%s\nobjectClass: person\ncn: later\nsn: x\n' "$SUFFIX" | ldapadd -Q -Y EXTERNAL -H "$uri" >/dev/null
	run restore -q --in-place "$T/x.tar.zst"
	assert_success
	assert_equal "$(cat "$T/service.log")" "$(printf '%s\n' start stop start)"
	wait_until 30 root_search -s base -b "$SUFFIX"
	assert_equal "$(root_search -b "$SUFFIX" '(cn=later)' dn)" ''
	# what was there is set aside, and no part of the next backup
	assert_equal "$(find "$T/data/ldap" "$T/etc/slapd.d" -maxdepth 1 -name '*.before-restore.*' | wc -l)" 3
	run backup -q -w "OpenLDAP Writer" -o "$T/y.tar.zst"
	assert_success
	refute tar_lists "$T/y.tar.zst" before-restore
	service test-slapd stop
}
tar_lists() { tar --zstd -tf "$1" | grep -q -- "$2"; }

# A service in the manner of /etc/init.d that runs the test's slapd.
make_service() {
	mkdir "$T/init.d"
	export VSS_SERVICE_PATH=$T/init.d
	cat >"$T/init.d/test-slapd" <<-END
		#!/bin/bash
		pid=\$(cat $T/run-slapd/pid 2>/dev/null)
		running() { [ "\$pid" ] && kill -0 "\$pid" 2>/dev/null; }
		case \$1 in
		start) echo start >>$T/service.log; setpriv ${as[*]} /usr/sbin/slapd -F $T/etc/slapd.d -h $uri </dev/null >/dev/null 2>&1 ;;
		stop) echo stop >>$T/service.log; kill "\$pid"; while running; do sleep 0.05; done ;;
		status) running || exit 3 ;;
		esac
	END
	chmod 755 "$T/init.d/test-slapd"
}
service() { "$T/init.d/$1" "$2"; }

@test "it keeps to the protocol, and lets go whatever happens while it is frozen" {
	only=() # of all checks those that have to do with it
	for check in backup abort-freeze abort-twice identify-frozen overtaken deadline tiny-window children end-freeze death-freeze kill-freeze sigterm; do
		only+=(--only "$check")
	done
	make_server
	start_slapd
	add_base
	printf 'dn: %s\nchangetype: modify\nreplace: description\ndescription: x\n' "$SUFFIX" >"$T/change"
	run vss-test-writer --check "${only[@]}" --patience 60 --window 300 --probe ldapmodify --probe -QYEXTERNAL --probe "-H$uri" --probe "-f$T/change" \
		"$(in_box openldap)"
	assert_success
}

# --- what can be wrong ---

writer_says() { # CODE TEXT
	run writers_driver
	assert_line --partial "identify openldap VSS_WS_FAILED_AT_IDENTIFY $1 none $2"
}

@test "a configuration of slapd that cannot be read: the writer failed, and so does what needs it" {
	make_server
	start_slapd
	add_base
	echo "no LDIF at all" >"$T/etc/slapd.d/cn=config.ldif"
	writer_says VSS_E_WRITERERROR_NONRETRYABLE "instance test: $T/etc/slapd.d: slapcat: "
	run list-writers --json
	assert_json '.[0].state' VSS_WS_FAILED_AT_IDENTIFY
	assert_json '.[0].error' VSS_E_WRITERERROR_NONRETRYABLE
	run --separate-stderr backup -w openldap -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_sentence backup "$T/etc/slapd.d: slapcat: "
	run --separate-stderr backup -o "$T/x.tar.zst" "$T/data"
	assert_equal "$status" 6
	run --separate-stderr backup --skip-failed-writers -o "$T/x.tar.zst" "$T/data"
	assert_equal "$status" 3
	root_search -s base -b "$SUFFIX" >/dev/null
}

@test "a database that is gone fails alone; a configuration that is gone fails the backup, not the list" {
	make_server
	start_slapd
	add_base
	stop_slapd
	rm "$T/data/ldap/data.mdb"
	run writers_driver "$(component)" prepare-backup
	assert_line --partial "prepare-backup openldap VSS_WS_FAILED_AT_PREPARE_BACKUP VSS_E_WRITERERROR_PARTIAL_FAILURE none $T/data/ldap/data.mdb: No such file"
	run writers_driver "$(component config)" prepare-backup
	assert_line "prepare-backup openldap VSS_WS_STABLE none none "
	rm -r "$T/etc/slapd.d"
	run writers_driver "$(component config)" prepare-backup
	assert_line --partial "VSS_E_WRITERERROR_PARTIAL_FAILURE none $T/etc/slapd.d: the configuration is not there"
	run backup -q -w openldap -o "$T/x.tar.zst"
	assert_equal "$status" 6
}

@test "the writer's own configuration: faults are named with their line" {
	local line
	for line in 'instance x' 'instance x config=relative' 'instance x config=/a conf=/b' 'instance a/b config=/a' 'hold-timeout 0' 'hold-timeout 99999' \
		'options ldif=maybe' 'colour red' 'instance x config=/a ldif=perhaps'; do
		printf '# first\n%s\n' "$line" >"$VSS_WRITER_OPENLDAP_CONF"
		writer_says VSS_E_WRITERERROR_NONRETRYABLE "$VSS_WRITER_OPENLDAP_CONF: line 2: "
	done
	printf 'options discover=no\n' >"$VSS_WRITER_OPENLDAP_CONF"
	run list-writers
	refute_output --partial OpenLDAP
	run list-writers --all
	assert_output --partial "no instance is configured"
}

@test "slapd.conf: included files, several databases, those that are ignored" {
	mkdir "$T/one" "$T/two"
	cat >"$T/slapd.conf" <<-END
		# a comment
		 that goes on
		include $T/more.conf
		database mdb
		suffix "o=one,
		  c=de"
		directory $T/one
		dbnosync
		envflags nometasync nordahead
	END
	printf 'database ldif\nsuffix o=files\ndirectory %s\ndatabase monitor\ndatabase mdb\nsuffix ""\ndirectory "%s"\n' "$T/three" "$T/two" >"$T/more.conf"
	printf '%s\n' "options discover=no" "instance old conf=$T/slapd.conf" >"$VSS_WRITER_OPENLDAP_CONF"
	writer_says VSS_E_WRITERERROR_NONRETRYABLE 'instance old: database {1}ldif (o=files): is not of the kind mdb: say `ignore "o=files"`'
	echo 'ignore "o=files"' >>"$VSS_WRITER_OPENLDAP_CONF"
	run writers_driver
	assert_line "component openldap old config"
	assert_line "file $T slapd.conf"
	assert_line "file $T more.conf"
	assert_line "component openldap old o=one,   c=de"
	assert_line "file $T/one data.mdb"
	assert_line "component openldap old {3}mdb"
	assert_line "file $T/two data.mdb"
	assert_equal "$(grep -c ^component <<<"$output")" 3
}

@test "cn=config: values in base64 and in folded lines, two databases in one directory above the other" {
	local long
	make_server
	long=$T/data/ldap/$(printf 'a%.0s' {1..90})
	as_openldap mkdir "$long"
	start_slapd
	add_base
	ldapadd -Q -Y EXTERNAL -H "$uri" <<-END
		dn: olcDatabase={2}mdb,cn=config
		objectClass: olcDatabaseConfig
		objectClass: olcMdbConfig
		olcDatabase: {2}mdb
		olcSuffix:: $(printf 'o=gr\303\274n' | base64)
		olcDbDirectory: $long
	END
	run writers_driver
	assert_line "component openldap test o=grün"
	assert_line "file $long data.mdb"
	assert_line "file $T/data/ldap data.mdb"
	# of two such directories only the one that is meant is touched, and what nothing takes the place of goes back
	stop_slapd
	run writers_driver "$(component)" pre-restore "run=find $T/data/ldap -name 'data.mdb*' | sort" post-restore
	assert_line --regexp "^$T/data/ldap/data.mdb.before-restore.[0-9]{8}T[0-9]{6}Z\$"
	assert_line "$long/data.mdb"
	assert_equal "$(find "$T/data/ldap" -name 'data.mdb*' | wc -l)" 2
	start_slapd
}
