#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The freezer on real file systems: whoever dies or is stopped, every file system takes writes again, and a hold that was broken
# is told.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # variables are the library's and of bats

load ../lib/common
load ../lib/freezer

setup_file() { freezer_setup_file; }
teardown_file() { freezer_teardown_file; }
setup() { freezer_setup; }
teardown() { freezer_teardown; }

BUDGET=700

@test "writes wait as long as it holds, reading goes on, and the release lets them through" {
	echo before >"$A/file"
	hold 20000 "$A" "$B"
	write_to "$A" "$B"
	assert_equal "$(cat "$A/file")" before
	assert_equal "$(records | wc -l)" 1
	assert_equal "$(stat -c %a "$(records)")" 600
	let_go
	assert_equal "$status" 0
	assert_line released
	wait_until 10 all_written
	assert_equal "$(wc -l <"$A/file")" 2
	assert no_records
}

@test "a killed or stopped tool, freezer or sentinel holds nothing" {
	for one in KILL:tool STOP:tool KILL:freezer STOP:freezer KILL:sentinel STOP:sentinel; do
		hold "$BUDGET" "$A" "$B"
		send "$one"
		assert_let_go "$one"
	done
}

@test "nor do two of them" {
	for pair in tool:freezer tool:sentinel freezer:sentinel; do
		for one in KILL STOP; do
			for other in KILL STOP; do
				hold "$BUDGET" "$A" "$B"
				send "$one:${pair%:*}" "$other:${pair#*:}"
				assert_let_go "$one $other $pair"
			done
		done
	done
}

# at_point POINT:ACTION [SIGNAL:WHO]: the freezer does it there, then the other is sent a signal.
at_point() {
	VSS_STOP_AT=$1 VSS_STOP_LOG=$T/stops hold "$BUDGET" "$A" "$B"
	[[ $1 == freezer.thawing* ]] && echo >&8
	wait_until 10 has_line "$T/stops" "${1%:*}"
	[ $# = 1 ] || send "$2"
	assert_let_go "$@"
}

@test "killed or stopped halfway through freezing, alone or with another, it leaves nothing held" {
	for action in kill stop; do
		at_point "freezer.freezing:$action"
		for other in KILL:tool STOP:tool KILL:sentinel STOP:sentinel; do
			at_point "freezer.freezing:$action" "$other"
		done
	done
}

@test "killed or stopped halfway through thawing, alone or with another, it leaves nothing held" {
	may_succeed=yes
	for action in kill stop; do
		at_point "freezer.thawing:$action"
		for other in KILL:tool STOP:tool KILL:sentinel STOP:sentinel; do
			at_point "freezer.thawing:$action" "$other"
		done
	done
}

@test "killed or stopped where nothing is held yet, or all is and nobody knows" {
	for action in kill stop; do
		at_point "freezer.held:$action"
		may_succeed=yes at_point "freezer.armed:$action"
	done
}

@test "a terminal's stop of the job does not stop the clock" {
	set -m # the driver becomes a job with a group of its own, as at a prompt
	hold 5000 "$A" "$B"
	set +m
	kill -TSTP -- "-$driver"
	wait_until 10 is_stopped "$driver"
	assert_let_go ctrl-z
}

cgroup_tree() { awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo; }

new_job() {
	JOB=$(cgroup_tree)/vss-test-$$-$BATS_TEST_NUMBER
	mkdir "$JOB" 2>/dev/null || skip "needs cgroup v2"
	[ -e "$JOB/cgroup.kill" ] || skip "needs cgroup.kill"
}

drop_job() { wait_until 10 rmdir "$JOB"; }

@test "cgroup.kill of the job lets go" {
	new_job
	hold 20000 "$A" "$B"
	echo 1 >"$JOB/cgroup.kill"
	assert_let_go cgroup.kill
	drop_job
}

@test "cgroup.freeze of the job lets go in time" {
	new_job
	hold "$BUDGET" "$A" "$B"
	echo 1 >"$JOB/cgroup.freeze"
	write_to "$A" "$B"
	wait_until 20 all_written
	echo 0 >"$JOB/cgroup.freeze"
	assert_let_go cgroup.freeze
	drop_job
}

@test "where systemd runs the sentinel is a service of its own, which inherits nothing" {
	mkdir "$T/systemd"
	cat >"$T/systemd/systemd-run" <<-'END'
		#!/bin/bash
		# What a manager does: the command in a session of its own, without descriptors of the caller.
		printf '%s\n' "$@" >"${0%/*}/log"
		while [[ $1 == --* ]]; do shift; done
		for fd in /proc/self/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done
		setsid "$@" </dev/null >/dev/null 2>&1 &
	END
	chmod 755 "$T/systemd/systemd-run"
	export VSS_SERVICE_PATH=$T/systemd
	hold 20000 "$A" "$B"
	let_go
	assert_equal "$status" 0
	run cat "$T/systemd/log"
	assert_line --partial "--property=ExecStopPost=-$VSS_BUILD/bin/thaw-volumes"
	assert_line "--setenv=VSS_RUN_DIR=$VSS_RUN_DIR"
	for one in KILL:tool KILL:freezer STOP:freezer KILL:sentinel; do
		hold "$BUDGET" "$A" "$B"
		send "$one"
		assert_let_go "$one"
	done
}

@test "what stands on another is held before it, and both are let go" {
	truncate -s 32M "$A/inner.img"
	mkfs.ext4 -q "$A/inner.img"
	mkdir "$T/inner"
	mount -o loop "$A/inner.img" "$T/inner"
	dd if=/dev/zero of="$T/inner/dirty" bs=1M count=8 status=none
	hold 20000 "$A" "$T/inner" "$B"
	let_go
	assert_equal "$status" 0
	hold "$BUDGET" "$A" "$T/inner"
	send STOP:tool STOP:freezer
	write_to "$T/inner"
	wait_until 20 all_written
	assert_let_go stacked
	umount "$T/inner"
	rm "$A/inner.img"
}

@test "an idle splice of another user is interrupted, named, and goes on afterwards" {
	requires /usr/bin/python3 setpriv
	mkdir -m 777 "$A/open"
	cat >"$T/splice.py" <<-'END'
		import os, sys
		r, w = os.pipe()
		if os.fork() == 0:
		    os.close(w)
		    out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
		    os.splice(r, out, 5)
		    os._exit(0)
		sys.stdin.readline()
		os.write(w, b"hello")
		os.wait()
	END
	mkfifo "$T/go"
	exec 7<>"$T/go"
	cp "$T/splice.py" "$A/open"
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/file" "$F"
	setpriv --reuid 65534 --regid 65534 --clear-groups /usr/bin/python3 "$A/open/splice.py" "$A/open/out" <&7 3>&- 7>&- &
	python=$!
	started+=("$python")
	wait_until 10 is_splicing "$python"
	hold 20000 "$A" "$B"
	assert_equal "$(tail -n1 "$T/out")" held
	let_go
	assert_equal "$status" 0
	run cat "$T/err"
	assert_output --partial "(python3): was interrupted in a write that kept a file system from being held"
	echo >&7
	wait "$python"
	assert_equal "$(cat "$A/open/out")" hello
	exec 7>&-
}

is_splicing() {
	local child
	child=$(pgrep -P "$1") && [[ $(cat "/proc/$child/syscall") == 275\ * || $(cat "/proc/$child/syscall") == 76\ * ]]
}

@test "a hold that somebody else thawed fails" {
	hold 20000 "$A" "$B"
	fsfreeze -u "$A"
	let_go
	assert_equal "$status" 1
	assert_output --partial 'failed: VSS_E_HOLD_WRITES_TIMEOUT'
	assert_output --partial 'somebody else thawed'
	assert no_records
}

@test "what somebody else has frozen is not held, and stays frozen" {
	fsfreeze -f "$B"
	hold 20000 "$A" "$B"
	assert_equal "$(grep -c 'failed: -: .*: frozen by somebody else' "$T/out")" 1
	write_to "$A"
	wait_until 10 all_written
	run -0 thaw-volumes
	assert_output ''
	run -0 fsfreeze -u "$B"
}

@test "unmounting and mounting while it holds changes nothing" {
	hold 20000 "$A" "$B"
	umount -l "$B"
	let_go
	assert_equal "$status" 0
	wait_until 10 mount "$F/b.img" "$B"
	write_to "$A" "$B"
	wait_until 10 all_written
}

# strand WORD...: held, and all three dead.
strand() {
	hold 20000 "$@"
	send STOP:tool STOP:freezer STOP:sentinel
	# In this order: a stopped group whose parent dies is continued by the kernel.
	send KILL:freezer KILL:sentinel KILL:tool
	wait "$driver" || :
	wait_until 10 is_dead "$freezer"
	wait_until 10 is_dead "$sentinel"
	driver=
}

@test "after the death of all three it stays held, and thaw-volumes lets go" {
	strand "$A" "$B"
	write_to "$A" "$B"
	run -0 --separate-stderr thaw-volumes -n
	assert_equal "$(grep -c 'would be thawed' <<<"$stderr")" 2
	refute all_written
	assert_equal "$(records | wc -l)" 1
	run -0 --separate-stderr thaw-volumes
	assert_equal "$(grep -c 'was held by a run that was killed: thawed' <<<"$stderr")" 2
	wait_until 20 all_written
	assert no_records
}

@test "also where it was unmounted meanwhile" {
	strand "$B"
	umount -l "$B"
	run -0 --separate-stderr thaw-volumes
	assert_sentence thaw-volumes 'was held by a run that was killed: thawed'
	wait_until 10 mount "$F/b.img" "$B"
	write_to "$B"
	wait_until 20 all_written
}

@test "the next tool that changes something lets go as well" {
	strand "$A"
	write_to "$A"
	VSS_FAKE_VOLUMES='' run --separate-stderr delete-shadow --all
	assert_equal "$status" 0
	wait_until 20 all_written
	assert no_records
}

@test "a freezer that lives keeps what it holds" {
	hold 20000 "$A"
	run -0 --separate-stderr thaw-volumes
	assert_equal "$stderr" ''
	let_go
	assert_equal "$status" 0
}

@test "a record that cannot be read is told and left alone" {
	mkdir -p "$VSS_RUN_DIR/freeze"
	echo nonsense >"$VSS_RUN_DIR/freeze/x"
	run -1 --separate-stderr thaw-volumes
	assert_sentence thaw-volumes 'not a record of a freezer'
	assert_exist "$VSS_RUN_DIR/freeze/x"
}

@test "nothing is held when the record cannot be written, or would lie on what is held" {
	mkdir "$T/run"
	mount -t tmpfs -o size=16k none "$T/run"
	dd if=/dev/zero of="$T/run/full" bs=4k count=8 status=none 2>/dev/null || :
	VSS_RUN_DIR=$T/run run -1 freeze_driver 2000 "$A" </dev/null
	assert_output --partial 'No space left on device'
	assert_equal "$(find "$T/run/freeze" -type f)" ''
	VSS_RUN_DIR=$A/run run -1 freeze_driver 2000 "$A" </dev/null
	assert_output --partial 'lies on it: it cannot be held'
	run -1 freeze_driver 2000 "lock=$B/lock" "$A" "$B" </dev/null
	assert_output --partial 'the lock of creation lies on it'
	rm -rf "$A/run"
	write_to "$A" "$B"
	wait_until 10 all_written
}

@test "the lock of creation is free only when nothing is held any more" {
	hold 20000 "lock=$T/lock" "$A"
	send STOP:freezer STOP:sentinel
	kill -KILL "$driver"
	wait "$driver" || :
	run -1 freeze_driver 1000 "lock=$T/lock" "$B" </dev/null
	assert_output --partial 'locked by another process'
	kill -CONT "$freezer" "$sentinel"
	write_to "$A"
	wait_until 20 all_written
	wait_until 20 lock_is_free
	driver=
}

lock_is_free() { freeze_driver 5000 "lock=$T/lock" "$B" </dev/null; }
