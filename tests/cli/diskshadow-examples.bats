#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The three scripts of diskshadow(8), as they are installed, run on real databases.
# shellcheck disable=SC2154 # run and common set variables
load ../lib/common

setup() {
	vss_setup
	requires rsync sqlite3
	export VSS_WRITER_SQLITE_CONF=$T/writer-sqlite.conf
	fake_volumes app
	V=$(volume app)
	register sqlite "$(in_box sqlite)"
	printf 'database %s\n' "$V/grafana.db" "$V/sessions.db" >"$VSS_WRITER_SQLITE_CONF"
	sqlite3 "$V/grafana.db" 'CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3)'
	sqlite3 "$V/sessions.db" 'CREATE TABLE t (n); INSERT INTO t VALUES (7)'
	mkdir "$T/mnt" "$T/target"
	cd "$T" || return
}

example() { diskshadow /s "$REPO/tests/data/diskshadow/examples/$1.dsh" "${@:2}"; }
sum() { sqlite3 "$V/$1" 'SELECT sum(n) FROM t'; }

@test "the page has each script as it is" {
	requires mandoc
	local script text
	for script in "$REPO"/tests/data/diskshadow/examples/*.dsh; do
		text=$(awk -v name="/s ${script##*/} " '
			/^\.Bd/ { block = ""; inside = 1; next }
			/^\.Ed/ { inside = 0; if (index(block, name)) printf "%s", block; next }
			inside { gsub(/\\e/, "\\"); block = block $0 "\n" }' "$REPO/man/diskshadow.8")
		[ -n "$text" ]
		diff -u <(echo "$text") "$script"
	done
}

@test "a nightly backup, and the restore of one component of it" {
	run example nightly-database "$V" "$T/mnt" "$T/target"
	assert_success
	assert_line '* Including writer "SQLite Writer":'
	assert_line 'DiskShadow is exiting.'
	refute_line --partial 'END BACKUP was not commanded'
	assert_equal "$(sqlite3 "$T/target/files/grafana.db" 'SELECT sum(n) FROM t')" 6
	tar -tf "$T/target/metadata.tar" | grep -qx Manifest.xml
	run list-shadows --json
	assert_output '[]'
	assert_equal "$(ls -A "$T/mnt")" ''

	sqlite3 "$V/grafana.db" 'DELETE FROM t WHERE n > 1'
	sqlite3 "$V/sessions.db" 'INSERT INTO t VALUES (8)'
	run example restore-component "$V" "$T/target"
	assert_success
	assert_equal "$(sum grafana.db)" 6
	assert_equal "$(sum sessions.db)" 15
}

@test "the nightly backup fails when the copy fails, and nothing is told that it is complete" {
	run --separate-stderr example nightly-database "$V" "$T/mnt" "$T/nowhere"
	assert_failure
	mkdir "$T/bin"
	printf '#!/bin/sh\nexit 23\n' >"$T/bin/rsync"
	chmod 755 "$T/bin/rsync"
	PATH=$T/bin:$PATH run --separate-stderr example nightly-database "$V" "$T/mnt" "$T/target"
	assert_equal "$status" 1
	assert_line --partial 'END BACKUP was not commanded'
	assert_equal "${stderr_lines[0]%%: rsync*}" "diskshadow: $REPO/tests/data/diskshadow/examples/nightly-database.dsh:20"
	run list-shadows --json
	assert_output '[]'
	assert_equal "$(ls -A "$T/mnt")" ''
}

@test "a component that the backup does not have is not restored" {
	mv "$V/grafana.db" "$V/other.db"
	printf 'database %s\n' "$V/other.db" "$V/sessions.db" >"$VSS_WRITER_SQLITE_CONF"
	example nightly-database "$V" "$T/mnt" "$T/target" >/dev/null
	run --separate-stderr example restore-component "$V" "$T/target"
	assert_equal "$status" 6
	assert_file_not_exist "$V/grafana.db"
}

@test "a file server keeps a week" {
	for ((i = 0; i < 2; i++)); do
		run example file-server "$V" "$T/target"
		assert_success
		assert_line --regexp '^	\* Shadow copy ID = \{.*\}		%Now%$'
	done
	run list-shadows --columns type
	assert_output $'ClientAccessible\nClientAccessible'
	old=$(list-shadows --json | jq -r '.[0].set_id')
	sed -i 's|\(created=\)"[^"]*"|\1"2026-01-01T12:00:00.000Z"|' "$V/.vss-shadows/$old.xml"
	run example file-server "$V" "$T/target"
	assert_success
	run list-shadows --json
	assert_json length 2
	assert_json "map(.set_id) | index(\"$old\") == null"
}
