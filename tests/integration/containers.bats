#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box containers writer with real containers of Podman, whose volumes lie on a btrfs of the test's own.  As root: loop devices, a
# mount namespace for a cgroup v2 of its own, storage below $T; all goes with the test.
# shellcheck disable=SC2016,SC2154 # what is in single quotes is for another shell; start sets started_pid
load ../lib/common
load ../lib/btrfs

setup() {
	btrfs_setup
	requires podman busybox nsenter unshare
	file -L "$(command -v busybox)" | grep -q static || skip "needs a static busybox"
	export VSS_WRITER_CONTAINERS_CONF=$T/writer-containers.conf
	register containers "$(in_box containers)"
	new_btrfs fs 256M vol
	D=$T/vol/data
	mkdir "$D"
	start_podman
	configure
}

teardown() {
	[ ! -e "$T/podman" ] || "$T/podman" rm --all --force --time 0 >/dev/null 2>&1
	btrfs_teardown
}

configure() { printf '%s\n' "podman $T/podman" "docker no" "$@" >"$VSS_WRITER_CONTAINERS_CONF"; }

# $T/podman: the real one, with storage below $T, in a mount namespace where /sys/fs/cgroup is version 2 whatever it is outside.
start_podman() {
	start unshare -m sh -c 'mount -t cgroup2 none /sys/fs/cgroup && touch "$0" && exec sleep 100000' "$T/ready"
	wait_until 10 test -e "$T/ready"
	printf '%s\n' '#!/bin/sh' "exec nsenter -m -t $started_pid $(command -v podman) --root $T/pods/root --runroot $T/pods/run \\" \
		"--tmpdir $T/pods/tmp --storage-driver vfs --events-backend file --cgroup-manager cgroupfs \"\$@\"" >"$T/podman"
	chmod 755 "$T/podman"
}

# container NAME [OPTION]... -- SCRIPT: busybox runs the script in a container with $D at /data.
container() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	mkdir -p "$T/$name.rootfs"/{bin,data,dev,etc,proc,run,sys,tmp}
	cp "$(command -v busybox)" "$T/$name.rootfs/bin/busybox"
	ln -sf busybox "$T/$name.rootfs/bin/sh"
	"$T/podman" run -d --name "$name" --privileged --pids-limit=-1 --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --network none \
		-v "$D:/data" "${options[@]}" --rootfs "$T/$name.rootfs" /bin/sh -c "alias sleep='busybox sleep' mv='busybox mv' rm='busybox rm' cat='busybox cat' touch='busybox touch'
		$2" >"$T/$name.id" || { "$T/podman" ps -a; return 1; }
}

# It writes a number into one file and then into another, and stands still between two rounds while somebody asks for that.
APP='trap "exit 0" TERM
n=0
while :; do
	while who=$(cat /run/pause 2>/dev/null); do echo $who >/run/paused; sleep 0.02; done
	n=$((n + 1))
	echo $n >/data/a.new; mv /data/a.new /data/a
	sleep 0.02
	echo $n >/data/b.new; mv /data/b.new /data/b
done'
FREEZE='["/bin/sh", "-c", "echo $$ >/run/pause; until [ \"$(busybox cat /run/paused)\" = $$ ]; do busybox sleep 0.01; done"]'
THAW='/bin/busybox rm /run/pause'

app() { container app -e PATH=/bin "$@" -- "$APP" && wait_until 10 test -e "$D/b"; }
quiet_app() { app --label "vss.freeze=$FREEZE" --label "vss.thaw=$THAW" "$@"; }
is_state() { [ "$("$T/podman" inspect --format '{{.State.Status}}' "$1")" = "$2" ]; }
number() { cat "$D/${1:-a}"; }
has_come_further() { [ "$(number "${2:-a}")" -gt "$1" ]; }
goes_on() { wait_until 10 has_come_further "$(number)"; }
component() { echo "with=component,filegroup,podman,$1"; }
drive() { run writers_driver "$(component app)" prepare-backup with= prepare-snapshot freeze "$@"; }

# A copy that takes its time: a, and a while later b.
COPY='cp $D/a $T/a; sleep 0.3; cp $D/b $T/b; cmp -s $T/a $T/b && echo whole || echo torn'
copy() { echo "D=$D; T=$T; $COPY"; }

@test "between freeze and thaw a container that was told to keep quiet is quiet" {
	quiet_app --label vss.hold=files
	for ((i = 0; i < ${REPEAT:-2}; i++)); do
		drive "run=$(copy)" thaw post-snapshot
		assert_success
		assert_line "component containers podman app"
		assert_line "file $D *"
		assert_line "freeze containers VSS_WS_WAITING_FOR_THAW none files "
		assert_line "- evidence app exec=yes paused=no"
		assert_line whole
		goes_on
	done
	# And one of a container that is not is seen torn.
	cp "$D/a" "$T/a"
	wait_until 10 has_come_further "$(cat "$T/a")" b
	cp "$D/b" "$T/b"
	refute cmp -s "$T/a" "$T/b"
}

@test "a container that can only be paused stands still, and is told from one that was asked" {
	app --label vss.mode=cgroup
	drive "run=cat $D/a; sleep 0.3; cat $D/a; $T/podman inspect --format '{{.State.Status}}' app" thaw
	assert_success
	assert_line "freeze containers VSS_WS_WAITING_FOR_THAW none none "
	assert_line "- evidence app exec=no paused=yes"
	assert_line paused
	assert_equal "$(grep -cE '^[0-9]+$' <<<"$output")" 2
	assert_equal "$(grep -E '^[0-9]+$' <<<"$output" | sort -u | wc -l)" 1
	goes_on
}

@test "backup of a busy container: whole in the archive, and its grade says why" {
	quiet_app --label vss.hold=files
	run backup "$D" -o "$T/x.tar.zst" --json
	assert_success
	assert_json '.writers[0].grade' application
	goes_on
	tar --zstd -xf "$T/x.tar.zst" -C "$T" "${D#/}"
	assert_equal "$(cat "$T$D/a")" "$(cat "$T$D/b")"
}

@test "one that is only paused is graded as a power cut would leave it, unless its log is vouched for" {
	app --label vss.mode=cgroup
	run backup "$D" -o "$T/x.tar.zst"
	assert_failure 6
	goes_on
	run backup "$D" --min-grade crash -o "$T/x.tar.zst" --json
	assert_success
	assert_json '.writers[0].grade' crash
	goes_on
	"$T/podman" rm -f -t 0 app
	app --label vss.mode=cgroup --label vss.hold=log
	run backup "$D" -o "$T/y.tar.zst" --json
	assert_success
	assert_json '.writers[0].grade' recoverable
	# A snapshot of one instant: the second number is never ahead of the first.
	tar --zstd -xf "$T/y.tar.zst" -C "$T" "${D#/}"
	[ "$(cat "$T$D/a")" -ge "$(cat "$T$D/b")" ]
}

@test "quiet and paused: first the one, then the other, and back" {
	quiet_app --label vss.mode=cgroup --label vss.hold=files
	drive "run=$(copy)" thaw
	assert_line "freeze containers VSS_WS_WAITING_FOR_THAW none files "
	assert_line "- evidence app exec=yes paused=yes"
	assert_line whole
	goes_on
}

@test "an aborted set, a window that is over, a coordinator that is killed: the container runs" {
	app --label vss.mode=cgroup
	drive abort
	goes_on
	register containers "$(in_box containers)" FreezeTimeout=6s
	drive wait=60000
	assert_line "wait writer containers"
	goes_on
	register containers "$(in_box containers)"
	start writers_driver "$(component app)" prepare-backup with= prepare-snapshot freeze "run=touch $T/frozen; sleep 1000"
	wait_until 20 test -e "$T/frozen"
	is_state app paused
	kill -KILL "$started_pid"
	wait_until 20 is_state app running
	goes_on
}

@test "a backup whose coordinator is killed leaves nothing quiet" {
	quiet_app --label vss.mode=cgroup --label vss.hold=log
	VSS_STOP_AT=session.frozen:stop VSS_STOP_LOG=$T/stops start backup "$D" -o "$T/x.tar.zst"
	wait_until 20 test -s "$T/stops"
	is_state app paused
	kill -KILL "$started_pid"
	wait_until 20 is_state app running
	goes_on
}

@test "what a killed writer left paused is released by the next start, and by no other while it lives" {
	quiet_app --label vss.mode=cgroup
	drive "run=writers_driver >/dev/null; $T/podman inspect --format '{{.State.Status}}' app" \
		"run=kill -KILL \$(pgrep -f '^$(in_box containers)\$' -P \$PPID)"
	assert_line paused
	assert is_state app paused
	run list-writers
	assert_success
	goes_on
	assert_file_not_exist "$VSS_RUN_DIR/undo/containers"
}

@test "a command that fails, or takes too long, is a veto, and what it has begun is undone" {
	for freeze in '60 ["sh", "-c", "echo locked >&2; exit 3"]' '5 ["busybox", "sleep", "1000"]'; do
		app --label "vss.freeze=${freeze#* }" --label "vss.thaw=busybox touch /data/undone" --label "vss.timeout=${freeze%% *}"
		drive
		assert_line --partial "freeze containers VSS_WS_FAILED_AT_FREEZE"
		assert_line --regexp "VSS_E_WRITERERROR_(RETRYABLE none container app: exec: status 3: .*locked|TIMEOUT none container app: exec: .*did not end in time)"
		assert_file_exist "$D/undone"
		rm "$D/undone"
		"$T/podman" rm -f -t 0 app
	done
}

@test "one that is stopped is quiet as it is; one that somebody paused stays paused" {
	container app --label vss.mode=cgroup -- 'exit 0'
	wait_until 20 is_state app exited
	drive thaw
	assert_line "freeze containers VSS_WS_WAITING_FOR_THAW none files "
	assert_line "- evidence app stopped=clean"
	"$T/podman" rm app
	container app --label vss.mode=cgroup --label vss.hold=log -- 'exit 7'
	wait_until 20 is_state app exited
	drive thaw
	assert_line "freeze containers VSS_WS_WAITING_FOR_THAW none log "
	assert_line "- evidence app stopped=7"
	"$T/podman" rm app
	app --label vss.mode=cgroup
	"$T/podman" pause app
	drive thaw
	assert_line "- evidence app paused=before"
	is_state app paused
}

@test "only what was chosen is touched, and only what opts in is there" {
	app --label vss.mode=cgroup
	container other --label vss.mode=cgroup -- "$APP"
	container third -- "$APP"
	drive "run=$T/podman inspect --format '{{.Name}} {{.State.Status}}' app other third" thaw
	assert_line "component containers podman other"
	refute_line --partial "podman third"
	assert_line "app paused"
	assert_line "other running"
	assert_line "third running"
}

@test "a restore is refused while the container runs" {
	quiet_app --label vss.hold=files
	run backup -w containers -o "$T/x.tar.zst"
	assert_success
	run restore --in-place "$T/x.tar.zst"
	assert_failure
	assert_output --partial "container app: runs: stop it first"
	goes_on
}

@test "a volume that was lost comes back, and its container is started again" {
	quiet_app --label vss.hold=files
	run backup -w containers -o "$T/x.tar.zst"
	assert_success
	saved=$(tar --zstd -xOf "$T/x.tar.zst" "${D#/}/a")
	goes_on
	echo "of no use" >"$D/stale"
	configure "stop-containers yes"
	# Held after its start, so that what came back can be looked at.
	echo held >"$T/app.rootfs/run/pause"
	run restore --in-place "$T/x.tar.zst"
	assert_success
	is_state app running
	assert_equal "$(number a) $(number b)" "$saved $saved"
	assert_file_not_exist "$D/stale"
	assert_equal "$(cat "$D"/before-restore.*/stale)" "of no use"
	rm "$T/app.rootfs/run/pause"
	goes_on
	# What was set aside is not backed up for ever.
	run backup -w containers -o "$T/y.tar.zst"
	assert_success
	refute [ "$(tar --zstd -tf "$T/y.tar.zst" | grep -c stale)" != 0 ]
}
