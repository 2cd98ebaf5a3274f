#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# SIGKILL at every named stop point (lib/base/STOPS): nobody stays frozen, the next run takes away what was half-made, the destination
# holds the old archive or none, and BackupComplete has been sent only for an archive that is durable.  A new point is covered by its
# name; one that no story here reaches fails the last test.

# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/samba
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a b c
	seq 1000 >"$(volume a)/file"
	mkdir "$(volume b)/dir"
	seq 1000 >"$(volume b)/dir/file"
	test_writer One a </dev/null
	test_writer Two b Level=back-end </dev/null
}

# points PREFIX...: the names in STOPS that begin with one of them.
points() {
	local prefix
	for prefix; do
		sed -nE "s/^(${prefix//./\\.}[^ ]*) .*/\1/p" "$REPO/lib/base/STOPS"
	done
}

# kill_at POINT COMMAND...: run it; it is killed there, or fails the story: $reached says which.
kill_at() {
	local point=$1
	shift
	: >"$T/stops"
	forget
	run --separate-stderr stop_at "$point:kill" "$@"
	reached=no
	grep -qF "$point " "$T/stops" || return 0
	reached=yes
	[ "$status" = 137 ] || fail "$point: status $status: $stderr"
	wait_until 10 no_writer_runs
}
no_writer_runs() { ! pgrep -f "^[^ ]*vss-test-writer $T/" >/dev/null; }

# What the next run of any changing tool does first.
next_run() { delete-shadow -q --for "$(volume c)"; }

copies() { list-shadows --json | jq '[.[].shadows[]] | length'; }

noted() { echo "$1" >>"$BATS_FILE_TMPDIR/reached"; }

# --- create-shadow ---

@test "create-shadow killed at any point: thawed, and the next run leaves a whole set or none" {
	local point n
	for point in $(points session. provider.fake. copies.); do
		kill_at "$point" create-shadow -q "$(volume a)" "$(volume b)"
		if [ $reached = no ]; then
			delete-shadow -q --all
			continue
		fi
		noted "$point"
		assert_thawed
		next_run
		n=$(copies)
		case $point in
		session.saved | provider.fake.done | session.before-complete | session.completed) [ "$n" = 2 ] || fail "$point: $n copies" ;;
		*) [ "$n" = 0 ] || fail "$point: $n copies" ;;
		esac
		delete-shadow -q --all
		assert_nothing_left
	done
}

@test "create-shadow with a command, killed at any point: thawed, and the next run leaves nothing" {
	local point
	for point in $(points session. provider.fake. copies.); do
		kill_at "$point" create-shadow -q "$(volume a)" "$(volume b)" -- true
		[ $reached = yes ] || continue
		noted "$point"
		assert_thawed
		next_run
		assert_nothing_left
	done
}

@test "create-shadow killed while it gives up: thawed, and the next run leaves nothing" {
	local point
	export VSS_FAKE_FAULTS=post_commit=fail
	for point in $(points session. provider.fake.abort); do
		kill_at "$point" create-shadow -q "$(volume a)" "$(volume b)"
		[ $reached = yes ] || continue
		noted "$point"
		assert_thawed
		next_run
		assert_nothing_left
	done
}

@test "a command that is running when create-shadow is killed keeps the copy until it is reaped" {
	start create-shadow -q "$(volume a)" -- sh -c "echo \$\$ >$T/command; exec sleep 60"
	wait_until 10 test -s "$T/command"
	started+=("$(cat "$T/command")")
	assert_equal "$(copies)" 1
	next_run # its owner lives
	assert_equal "$(copies)" 1
	kill -KILL "$started_pid"
	wait "$started_pid" || :
	next_run
	assert_nothing_left
}

# --- diskshadow ---

@test "diskshadow killed at any point: thawed, and the next run leaves a whole persistent set or none, and no volatile one" {
	local context point n
	cd "$T" || return
	for context in volatile persistent; do
		printf '%s\n' "set context $context" 'begin backup' "add volume $(volume a)" "add volume $(volume b)" create 'end backup' >script
		for point in $(points session. job. provider.fake.); do
			kill_at "$point" diskshadow /s script
			if [ $reached = no ]; then
				delete-shadow -q --all
				continue
			fi
			noted "$point"
			assert_thawed
			next_run
			n=$(copies)
			case $context-$point in
			persistent-session.saved | persistent-provider.fake.done | persistent-job.* | persistent-session.*complete*)
				[ "$n" = 2 ] || fail "$context, $point: $n copies"
				;;
			*) [ "$n" = 0 ] || fail "$context, $point: $n copies" ;;
			esac
			delete-shadow -q --all
			assert_nothing_left
		done
	done
}

# --- backup ---

# The archive at its place is a good one that has what the volumes have now.
is_new() { verify-backup -q "$T/x.tar.zst" && [ "$(tar --zstd -xOf "$T/x.tar.zst" "$(volume a | cut -c2-)/file" | tail -n1)" = "$1" ]; }

told_complete() { grep -q '^backup-complete' "$T/One.log"; }

@test "Z20: backup killed at any point: no archive or a good one, complete only when durable, thawed, nothing is left" {
	local point
	for point in $(points session. provider.fake. copies. backup.); do
		rm -f "$T"/x.tar.zst*
		kill_at "$point" backup -q -o "$T/x.tar.zst" "$(volume a)" "$(volume b)"
		[ $reached = yes ] || continue
		noted "$point"
		assert_thawed
		if [ -e "$T/x.tar.zst" ]; then
			is_new 1000 || fail "$point: the archive is there and not whole"
		elif told_complete; then
			fail "$point: complete was told without an archive"
		fi
		case $point in
		backup.durable | session.before-complete) [ -e "$T/x.tar.zst" ] && ! told_complete ;;
		session.completed | session.before-release) [ -e "$T/x.tar.zst" ] && told_complete ;;
		backup.before-durable) [ ! -e "$T/x.tar.zst" ] ;;
		esac
		next_run
		assert_nothing_left
	done
}

@test "backup --replace killed at any point: the old archive or a good new one" {
	local point now
	backup -q -o "$T/old.tar.zst" "$(volume a)" "$(volume b)"
	for point in $(points session. provider.fake.commit backup.); do
		cp "$T/old.tar.zst" "$T/x.tar.zst"
		now=$point
		echo "$now" >>"$(volume a)/file"
		kill_at "$point" backup -q --replace -o "$T/x.tar.zst" "$(volume a)" "$(volume b)"
		[ $reached = yes ] || continue
		if cmp -s "$T/old.tar.zst" "$T/x.tar.zst"; then
			! told_complete || fail "$point: complete was told for the old archive"
		else
			is_new "$now" || fail "$point: neither the old nor a good new archive"
		fi
		next_run
		assert_nothing_left
	done
	backup -q --replace -o "$T/x.tar.zst" "$(volume a)" "$(volume b)"
	is_new "$now"
	run find "$T" -name '*.partial'
	assert_output ''
}

# --- delete-shadow, expose-shadow ---

@test "delete-shadow killed at any point: the next run finishes it" {
	local point
	for point in $(points copies. provider.fake.remove); do
		create-shadow -q "$(volume a)" "$(volume b)"
		kill_at "$point" delete-shadow -q --all
		if [ $reached = yes ]; then
			noted "$point"
			next_run
			assert_equal "$point: $(copies)" "$point: $([ "$point" = copies.removed ] && echo 1 || echo 2)"
		fi
		delete-shadow -q --all
		assert_nothing_left
	done
}

@test "expose-shadow killed before the copy is shown: it can be exposed, removed and deleted" {
	local id
	create-shadow -q "$(volume a)"
	id=$(list-shadows --json | jq -r '.[0].shadows[0].id')
	kill_at copies.before-expose expose-shadow "$id" "$T/x"
	[ $reached = yes ]
	noted copies.before-expose
	expose-shadow -q "$id" "$T/x"
	[ -e "$T/x/file" ]
	expose-shadow -q --remove "$T/x"
	delete-shadow -q --all
	assert_nothing_left
}

@test "expose-shadow killed before the copy is shared: it can be shared, and deleted" {
	local id
	samba_conf
	create-shadow -q "$(volume a)"
	id=$(list-shadows --json | jq -r '.[0].shadows[0].id')
	kill_at copies.before-share expose-shadow --share data "$id"
	[ $reached = yes ]
	noted copies.before-share
	expose-shadow -q --unshare data
	expose-shadow -q --share data "$id"
	assert_equal "$(sed -n 's/^path=//p' "$T/samba/shares/data")" "$VSS_RUN_DIR/shares/data"
	delete-shadow -q --all
	assert_file_not_exist "$T/samba/shares/data"
	assert_nothing_left
}

# --- restore ---

@test "restore killed when a file's content is there: its name is not, and the next restore succeeds" {
	backup -q -o "$T/x.tar.zst" "$(volume a)" "$(volume b)"
	kill_at restore.file-written restore -q "$T/x.tar.zst" --target "$T/r"
	[ $reached = yes ]
	noted restore.file-written
	run find "$T/r" -type f
	assert_output ''
	restore -q "$T/x.tar.zst" --target "$T/r"
	diff -r --exclude=.vss-shadows "$T/volumes" "$T/r$T/volumes" | grep -v '^Only in .*: c$' && fail "not the same"
	kill_at restore.temporary restore -q --existing replace "$T/x.tar.zst" --target "$T/r"
	[ $reached = yes ]
	noted restore.temporary
	restore -q --existing replace "$T/x.tar.zst" --target "$T/r"
	run find "$T/r" -name '.vss-put-*'
	assert_output ''
}

# --- writers ---

@test "a writer killed inside its freeze or thaw: the set fails, the other has thawed, nothing is left" {
	local point
	for point in $(points sdk.); do
		: >"$T/stops"
		forget
		test_writer One a "Environment=VSS_STOP_AT=$point VSS_STOP_LOG=$T/stops" </dev/null
		run create-shadow -q "$(volume a)" "$(volume b)"
		[ "$status" = 6 ] || fail "$point: status $status: $output"
		has_line "$T/stops" "$point "
		noted "$point"
		assert_equal "$(grep -c '^freeze' "$T/Two.log")" "$(grep -c '^thaw' "$T/Two.log")"
		assert_nothing_left
	done
}

# --- and all of them ---

# restore.services-stopped has its story where services are: restore-methods.bats; copies.reverted and copies.detached in revert-shadow.bats and break-shadow.bats.
@test "every stop point of sessions, copies, backups, restores, writers and the fake provider was reached" {
	[ -e "$BATS_FILE_TMPDIR/reached" ] || skip "needs the tests before it"
	run comm -13 <(sort -u "$BATS_FILE_TMPDIR/reached") <(points sdk. session. job. provider.fake. copies. backup. restore. |
		grep -vxF -e restore.services-stopped -e copies.reverted -e copies.detached | sort -u)
	assert_output ''
}
