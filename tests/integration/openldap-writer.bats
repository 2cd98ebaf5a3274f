#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box OpenLDAP writer: restores, faults, and what it finds.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what is in single quotes is for another shell; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/openldap

setup() { openldap_setup; }
teardown() { btrfs_teardown; }

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
	run vss-test-writer --check "${only[@]}" --patience 60 --window 5000 --probe ldapmodify --probe -QYEXTERNAL --probe "-H$uri" --probe "-f$T/change" \
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
