#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The freezer where it is hardest: the root file system that everything lies on, no memory, writers without a master, cgroups.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # variables are the library's and of bats

load ../lib/common
load ../lib/freezer

setup_file() { freezer_setup_file; }
teardown_file() { freezer_teardown_file; }
setup() { freezer_setup; }
teardown() { freezer_teardown; }

BUDGET=700

# --- the root ---

# new_root: an ext4 of its own at $T/root with the freezer, the driver and all that they and a shell need.
new_root() {
	local file
	truncate -s 128M "$T/root.img"
	mkfs.ext4 -q "$T/root.img"
	mkdir "$T/root"
	mount -o loop "$T/root.img" "$T/root"
	mkdir -p "$T/root"/{bin,proc,dev,run,tmp,libexec}
	cp "$VSS_FREEZER" "$T/root/libexec/freezer"
	cp "$VSS_BUILD/bin/thaw-volumes" "$(command -v freeze_driver)" /bin/sh "$T/root/bin"
	for file in $(ldd "$(command -v freeze_driver)" /bin/sh "$VSS_FREEZER" "$VSS_BUILD/bin/thaw-volumes" 2>/dev/null | grep -o '/[^ :]*' | sort -u); do
		[[ $file == *.so* ]] && mkdir -p "$T/root${file%/*}" && cp -L "$file" "$T/root$file"
	done
	mount -t proc proc "$T/root/proc"
	mount --bind /dev "$T/root/dev"
	mount -t tmpfs none "$T/root/run"
}

@test "the root file system, which our own programs and their libraries lie on" {
	new_root
	A=$T/root B=$T/root
	VSS_RUN_DIR=/run/vss-freezer-$$ VSS_FREEZER=/libexec/freezer
	IN="chroot $T/root"
	hold 20000 /
	write_to "$A"
	refute all_written
	let_go
	assert_equal "$status" 0
	wait_until 10 all_written
	for one in KILL:freezer STOP:freezer KILL:sentinel STOP:sentinel; do
		hold "$BUDGET" /
		send "$one"
		write_to "$A"
		wait_until 20 all_written || fail "$one"
		send CONT:freezer CONT:sentinel
		let_go
		assert_equal "$status" 1
		assert_output --partial 'failed: VSS_E_HOLD_WRITES_TIMEOUT'
	done
	hold 20000 /
	send STOP:tool STOP:freezer STOP:sentinel
	send KILL:freezer KILL:sentinel KILL:tool
	wait "$driver" || :
	driver=
	write_to "$A"
	$IN /bin/thaw-volumes
	wait_until 20 all_written
}

# --- memory ---

@test "when memory runs out around it" {
	requires /usr/bin/python3
	local tree=/sys/fs/cgroup/memory limit=memory.limit_in_bytes
	[ -e "$tree/$limit" ] || { tree=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo) limit=memory.max; }
	JOB=$tree/vss-test-$$
	mkdir "$JOB" 2>/dev/null || skip "needs a memory cgroup"
	[ -e "$JOB/$limit" ] || { rmdir "$JOB" && skip "needs a memory cgroup"; }
	echo 48M >"$JOB/$limit"
	hold 20000 "$A" "$B"
	# It takes what there is and is killed for it; freezer and driver live in the same cgroup.
	in_job /usr/bin/python3 -c 'b = [bytearray(1 << 20) for _ in range(400)]' 3>&- &
	local hog=$! end=0
	wait "$hog" || end=$?
	assert_equal "$end" 137
	let_go
	assert_equal "$status" 0
	write_to "$A" "$B"
	wait_until 10 all_written
	wait_until 10 rmdir "$JOB"
}

# --- writers ---

@test "writers whose coordinator has died get a second, then TERM, then KILL" {
	start setsid sh -c 'sleep 1000'
	patient=$started_pid
	hold 20000 "group=$patient" "$A"
	send KILL:tool
	wait_until 20 is_dead "$patient"
	wait "$driver" || :
	status=0
	wait "$patient" || status=$?
	assert_equal "$status" 143

	start setsid sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done' >"$T/ready"
	deaf=$started_pid
	wait_until 10 has_line "$T/ready" ready
	hold 20000 "group=$deaf" "$A"
	send KILL:tool KILL:freezer
	wait_until 20 is_dead "$deaf"
	wait "$driver" || :
	status=0
	wait "$deaf" || status=$?
	assert_equal "$status" 137
	wait_until 10 no_records
	driver=
}

# --- cgroups ---

# new_slice: a cgroup with a process in a session of its own, which counts in $T/count.
new_slice() {
	SLICE=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)/vss-slice-$$-$BATS_TEST_NUMBER
	mkdir "$SLICE" 2>/dev/null || skip "needs cgroup v2"
	echo 'echo $$ >"$1/cgroup.procs"; while :; do echo x; sleep 0.02; done' >"$T/worker"
	start setsid sh "$T/worker" "$SLICE" >"$T/count"
	worker=$started_pid
	wait_until 10 test -s "$T/count"
}

drop_slice() {
	kill -KILL "$worker"
	wait_until 10 rmdir "$SLICE"
}

@test "a slice stands still with the file systems, and goes on" {
	new_slice
	hold 20000 "cgroup=$SLICE" "$A"
	assert_equal "$(cat "$SLICE/cgroup.freeze")" 1
	run grep frozen "$SLICE/cgroup.events"
	assert_output 'frozen 1'
	let_go
	assert_equal "$status" 0
	assert_line still
	assert_equal "$(cat "$SLICE/cgroup.freeze")" 0
	for one in KILL:freezer STOP:freezer KILL:tool; do
		hold "$BUDGET" "cgroup=$SLICE" "$A" "$B"
		send "$one"
		assert_let_go "$one"
		assert_equal "$(cat "$SLICE/cgroup.freeze")" 0
	done
	drop_slice
}

@test "a slice that was frozen before is so afterwards" {
	new_slice
	echo 1 >"$SLICE/cgroup.freeze"
	hold 20000 "cgroup=$SLICE" "$A"
	let_go
	assert_equal "$status" 0
	assert_equal "$(cat "$SLICE/cgroup.freeze")" 1
	echo 0 >"$SLICE/cgroup.freeze"
	drop_slice
}

@test "thaw-volumes lets a slice go on as well" {
	new_slice
	hold 20000 "cgroup=$SLICE" "$A"
	send STOP:tool STOP:freezer STOP:sentinel
	send KILL:freezer KILL:sentinel KILL:tool
	wait "$driver" || :
	driver=
	wait_until 10 is_dead "$sentinel"
	assert_equal "$(cat "$SLICE/cgroup.freeze")" 1
	run -0 --separate-stderr thaw-volumes
	assert_equal "$(grep -c 'goes on$' <<<"$stderr")" 1
	assert_equal "$(cat "$SLICE/cgroup.freeze")" 0
	drop_slice
}

refused() {
	run -1 freeze_driver 2000 "${@:2}" "$A" </dev/null
	assert_output --partial "$1"
	assert no_records
}

@test "cgroups that must not stand still are refused by name" {
	new_slice
	local tree=${SLICE%/*}
	refused 'the whole tree cannot be frozen' "cgroup=$tree"
	refused 'not a cgroup' "cgroup=$T"
	refused 'No such file or directory' "cgroup=$SLICE/none"
	refused 'a writer, in a cgroup that is to be frozen' "cgroup=$SLICE" "group=$worker"
	mkdir "$SLICE/below" "$SLICE/init.scope"
	refused 'init.scope: must not be frozen' "cgroup=$SLICE"
	rmdir "$SLICE/init.scope"
	start sh -c 'echo $$ >"$1/cgroup.procs"; exec sleep 1000' sh "$SLICE/below"
	wait_until 10 grep -q . "$SLICE/below/cgroup.procs"
	refused 'one of this session' "cgroup=$SLICE"
	kill -KILL "$started_pid"
	wait_until 10 rmdir "$SLICE/below"
	drop_slice
}
