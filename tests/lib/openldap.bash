# SPDX-License-Identifier: BSD-2-Clause
# A real slapd for tests: `load ../lib/openldap` after common and btrfs; openldap_setup in setup(), btrfs_teardown in teardown().
# shellcheck shell=bash disable=SC2016,SC2034,SC2119,SC2120,SC2154 # what is in single quotes is for another shell; variables of and for the tests

SUFFIX=o=example

openldap_setup() {
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
