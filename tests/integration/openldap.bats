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
	configure
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

component() { echo "with=component,filegroup,test,${1:-$SUFFIX}"; }

start_slapd() {
	start setpriv "${as[@]}" slapd -d 0 -F "${1:-$T/etc/slapd.d}" -h "$uri" 2>"$T/slapd.err"
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
entries() {
	local n=0 pad
	pad=$(printf 'x%.0s' {1..900})
	while printf 'dn: cn=%d,%s\nobjectClass: person\ncn: %d\nsn: x\ndescription: %s\n\n' "$n" "$1" "$n" "$pad" && n=$((n + 1)); do :; done 2>/dev/null
}
export -f entries

start_client() {
	start bash -c 'exec stdbuf -oL ldapadd -Q -Y EXTERNAL -H "$0" >"$2" 2>"$2.err" < <(entries "$1")' "$uri" "$SUFFIX" "$T/added"
	client=$started_pid
	wait_until 30 has_added 20
}

# It says that it adds an entry before it sends it: the last one may be without an answer.
acknowledged() { echo $(($(grep -c '^adding' "$T/added") - 1)); }
has_added() { [ "$(acknowledged)" -ge "$1" ]; }

stop_client() {
	kill -KILL "$client" 2>/dev/null || :
	wait "$client" || :
} 2>/dev/null

# fault_of DIR [CONFIG-WORDS]: what is wrong with the database there: nothing, or a line.  The entries must be the first so many, each to be
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
		wait_until 30 has_added $(($(acknowledged) + 20))
	done
}
