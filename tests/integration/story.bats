#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The main job from end to end on real input: two volumes that are written all the time, a database with a client, a tree with everything
# in it; a shadow copy, a backup, the loss of it all, the restore, and the proof.
# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/btrfs
load ../lib/trees

setup() {
	btrfs_setup
	requires jq sqlite3
	[ -x "$(in_box sqlite)" ] || skip "needs the SQLite writer"
	export VSS_WRITER_SQLITE_CONF=$T/writer-sqlite.conf
	register sqlite "$(in_box sqlite)" Level=back-end
}
teardown() { btrfs_teardown; }

# Ends when nobody listens any more.
transactions() {
	local n=0
	echo '.timeout 10000'
	while echo "BEGIN IMMEDIATE; INSERT INTO entry VALUES ($((++n)), hex(randomblob(200))); UPDATE total SET n = $n; COMMIT;"; do :; done 2>/dev/null
}
export -f transactions

# Each transaction adds a row and counts it in another table: a torn database shows it.
start_database() {
	db=$1
	echo "database $db" >"$VSS_WRITER_SQLITE_CONF"
	sqlite3 "$db" "PRAGMA journal_mode=$2; CREATE TABLE entry (n INTEGER PRIMARY KEY, t); CREATE TABLE total (n); INSERT INTO total VALUES (0)" >/dev/null
	start bash -c 'exec sqlite3 "$1" >/dev/null 2>&1 < <(transactions)' - "$db"
	clients+=("$started_pid")
	wait_until 10 has_rows
}
rows() { sqlite3 -readonly -cmd '.timeout 10000' "$db" 'SELECT count(*) FROM entry'; }
has_rows() { [ "$(rows)" -gt 3 ]; }
assert_database() {
	assert_equal "$(sqlite3 "$1" 'PRAGMA integrity_check')" ok
	assert_equal "$(sqlite3 "$1" 'SELECT (SELECT count(*) FROM entry) - (SELECT n FROM total)')" 0
}

begin() { # A B JOURNAL-MODE FILES
	clients=()
	mkdir "$1/db" "$2/tree"
	make_tree "$2/tree"
	mkdir "$2/files"
	(cd /usr && find include share -type f -size -64k 2>/dev/null | head -n "$4" | tar -cf - -T -) 2>/dev/null | tar -xf - -C "$2/files"
	describe "$2/tree" acl >"$T/want"
	(cd "$2/files" && find . -type f -print0 | sort -z | xargs -0r sha256sum) >"$T/want-files"
	start_database "$1/db/shop.db" "$3"
	start_counter "${1#"$T"/}" "${2#"$T"/}"
	clients+=("$started_pid")
}

end_clients() {
	local pid
	for pid in "${clients[@]}"; do
		kill -KILL "$pid" || :
		wait "$pid" || :
	done 2>/dev/null
}

is_as_before() { # A B: what stands below them, against what was noted before
	describe "$2/tree" acl >"$T/got"
	diff "$T/want" "$T/got" >"$T/diff" || fail "the trees differ: $(head -c 2000 "$T/diff")"
	(cd "$2/files" && sha256sum --quiet -c "$T/want-files")
	assert_database "$1/db/shop.db"
}

@test "btrfs: list, create, expose, back up, lose, restore in place, compare" {
	new_btrfs fs 2G a b
	begin "$T/a" "$T/b" wal 2000

	# who takes part
	run list-writers
	assert_success
	assert_line --partial 'SQLite Writer'
	assert_line --partial 'State: [1] Stable'

	# a copy of both at one instant, as the report has it
	run --separate-stderr create-shadow --json "$T/a" "$T/b"
	assert_success
	assert_json '[keys[] | select(IN("set_id", "created", "grade", "freeze_ms", "shadows", "writers", "ledger"))] | length' 7
	assert_json '.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.][0-9]+)?Z$")'
	assert_json '[.shadows[] | keys[] | select(IN("id", "volume", "volume_id", "provider", "device", "grade", "proof"))] | length' 14
	assert_json '[.shadows[].proof.generation] | unique | length' 1
	assert_json '[.shadows[].provider] | unique | join(" ")' btrfs
	assert_json '.writers[] | select(.name == "SQLite Writer") | .grade' application
	assert_json '.writers[] | select(.name == "SQLite Writer") | .state' VSS_WS_STABLE
	local report=$output set device
	set=$(jq -r .set_id <<<"$report")
	mapfile -t device < <(jq -r '.shadows[].device' <<<"$report")
	counter --read "${device[@]}"
	cp "${device[0]}"/db/shop.db* "$T/"
	assert_database "$T/shop.db"

	# it is shown, read-only, while the volume goes on
	expose-shadow -q "$(jq -r '.shadows[1].id' <<<"$report")" "$T/shown"
	describe "$T/shown/tree" acl >"$T/got"
	diff "$T/want" "$T/got"
	run touch "$T/shown/new"
	assert_failure
	expose-shadow -q --remove "$T/shown"
	delete-shadow -q --set "$set"
	assert_nothing_left fs a b

	# the backup, while everything is being written
	run --separate-stderr backup --json -o "$T/x.tar.zst" "$T/a" "$T/b"
	assert_success
	assert_equal "$stderr" ''
	assert_json '.writers[] | select(.name == "SQLite Writer") | .grade' application
	local at_backup
	at_backup=$(rows)
	assert_nothing_left fs a b
	verify-backup -q "$T/x.tar.zst"
	wait_until 10 bash -c "[ \$(sqlite3 -readonly '$db' 'SELECT count(*) FROM entry') -gt $at_backup ]"

	# the loss
	end_clients
	find "$T/a" "$T/b" -mindepth 1 -delete

	# the restore, and the proof
	run --separate-stderr restore -q --in-place "$T/x.tar.zst"
	assert_success
	assert_equal "$stderr" ''
	is_as_before "$T/a" "$T/b"
	[ "$(rows)" -le "$at_backup" ]
	counter --read "$T/a" "$T/b"
	listed=$(list-writers --json | jq -r '.[] | select(.name == "SQLite Writer") | .state')
	assert_equal "$listed" VSS_WS_STABLE
}

@test "one ext4 without snapshots: the same main job, held for the moment of the copy" {
	new_loop disk 1G
	mkfs.ext4 -q "$loop"
	mkdir "$T/m"
	mount "$loop" "$T/m"
	mkdir "$T/m/a" "$T/m/b"
	begin "$T/m/a" "$T/m/b" delete 300
	run --separate-stderr backup --json -o "$T/x.tar.zst" "$T/m"
	assert_success
	assert_json '.volumes[0].provider' clone
	assert_json '[.ledger[].what] | index("held") != null' true
	assert_json '.grade' crash
	assert_json '.writers[] | select(.name == "SQLite Writer") | .grade' application
	end_clients
	find "$T/m" -mindepth 1 ! -path "$T/m/lost+found*" -delete
	run restore -q --in-place "$T/x.tar.zst" --existing skip
	assert_success
	is_as_before "$T/m/a" "$T/m/b"
	counter --read "$T/m/a" "$T/m/b"
	run find "$T" -name .vss-shadows
	assert_output ''
}

@test "where nothing can be held the files are fuzzy, and that is said" {
	mkdir "$T/m"
	mount -t tmpfs tmpfs "$T/m"
	mkdir "$T/m/a" "$T/m/b"
	begin "$T/m/a" "$T/m/b" delete 300
	run --separate-stderr backup -o "$T/x.tar.zst" "$T/m"
	assert_equal "$status" 6
	assert_sentence backup '--min-grade fuzzy'
	run --separate-stderr backup --json --min-grade fuzzy -o "$T/x.tar.zst" "$T/m"
	assert_success
	assert_json '.grade' fuzzy
	assert_json '.writers[] | select(.name == "SQLite Writer") | .grade' application
	end_clients
}

@test "the database alone, by its writer: over what the application wrote later" {
	new_btrfs fs 1G a b
	clients=()
	mkdir "$T/a/db"
	start_database "$T/a/db/shop.db" wal
	backup -q -w 'SQLite Writer' -o "$T/x.tar.zst"
	local at_backup
	at_backup=$(rows)
	run tar --zstd -tf "$T/x.tar.zst"
	assert_line --partial 'a/db/shop.db'
	refute_line --partial '/b/'
	end_clients
	sqlite3 "$db" 'DELETE FROM entry WHERE n > 1'
	run --separate-stderr restore -q --in-place -w 'SQLite Writer' "$T/x.tar.zst"
	assert_success
	assert_database "$db"
	[ "$(rows)" -le "$at_backup" ]
	[ "$(rows)" -gt 1 ]
}
