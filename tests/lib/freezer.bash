# SPDX-License-Identifier: BSD-2-Clause
# Holds on ext4 and XFS of our own, each with a net below: `load ../lib/freezer` after common.  The file systems are made once a file
# (freezer_setup_file); whatever a test leaves held is thawed after a minute by a process that says so in $T/net, and every
# tear-down fails when it had to.
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154

freezer_setup_file() {
	requires_root
	requires mkfs.ext4 mkfs.xfs losetup fsfreeze pgrep
	export F=$BATS_FILE_TMPDIR
	modprobe -a ext4 xfs 2>/dev/null || :
	mkfs_at a ext4 64M
	mkfs_at b xfs 320M
}

# mkfs_at NAME TYPE SIZE: a new file system at $F/NAME.
mkfs_at() {
	truncate -s "$3" "$F/$1.img"
	"mkfs.$2" -q "$F/$1.img" >/dev/null 2>&1
	mkdir -p "$F/$1"
	mount -o loop "$F/$1.img" "$F/$1"
}

freezer_teardown_file() {
	local point
	[ -n "${F:-}" ] || return 0
	for point in $(mounts_below "$F"); do
		umount "$point" || umount -l "$point"
	done
}

freezer_setup() {
	vss_setup
	A=$F/a B=$F/b
	# Not below $T, which lies on a disk: where it may lie is one of the things that are tested.
	export VSS_RUN_DIR=/dev/shm/vss-freezer-$$-$BATS_TEST_NUMBER
	VSS_FREEZER=$VSS_BUILD/libexec/vss/freezer
	export VSS_FREEZER
	start net "$$"
}

net() {
	local point
	for ((i = 0; i < 600; i++)); do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.1
	done
	for point in $(mounts_below "$F"); do
		fsfreeze -u "$point" 2>/dev/null && echo "$point" >>"$T/net"
	done
}

freezer_teardown() {
	local pid point
	for pid in "${driver:-}" "${freezer:-}" "${sentinel:-}"; do
		[ -z "$pid" ] || kill -CONT "$pid" 2>/dev/null || :
	done
	[ -z "${driver:-}" ] || kill -KILL "$driver" 2>/dev/null || :
	for pid in $A $B; do
		wait_until 10 takes_no_time "$pid"
	done
	vss_teardown
	unmount_all
	rm -rf "$VSS_RUN_DIR"
	if [ -s "$T/net" ]; then
		echo "only the net of the test thawed: $(cat "$T/net")" >&2
		return 1
	fi
}

# Nothing of ours is held there any more (a stranger's freeze is not ours, and was ended by its test).
takes_no_time() { timeout -s KILL 5 touch "$1/end"; }

# --- holding ---

# hold BUDGET WORD...: a driver in the background that holds; returns once it has something to say or has reached a stop point.
# A short budget may be over before all is held, on a busy machine: then again.
hold() {
	local try
	for try in 1 2 3 4 5; do
		begin "$@"
		[ "$1" -lt 20000 ] && grep -q 'failed: .*its time was over' "$T/out" || return 0
		wait "$driver" || :
	done
}

begin() {
	rm -f "$T/in" "$T/stops"
	mkfifo "$T/in"
	exec 8<>"$T/in"
	sync -f "$A" "$B"
	# shellcheck disable=SC2086 # $IN is a command before it, in words
	${JOB:+in_job} ${IN:-} freeze_driver "$@" <&8 >"$T/out" 2>"$T/err" 3>&- 8>&- &
	driver=$!
	wait_until 20 has_begun
	freezer=$(process_of_ours vss-freezer)
	sentinel=$(process_of_ours vss-sentinel)
}

has_begun() { grep -qE '^(held|failed)' "$T/out" || [ -s "$T/stops" ]; }

# process_of_ours NAME: of this test, by its environment; nothing when it is dead.
process_of_ours() {
	local pid
	for pid in $(pgrep -x "$1"); do
		! grep -qzFx "VSS_RUN_DIR=$VSS_RUN_DIR" "/proc/$pid/environ" 2>/dev/null || echo "$pid"
	done
}

# The words of a command, in the cgroup $JOB.
in_job() {
	echo "$BASHPID" >"$JOB/cgroup.procs"
	exec "$@"
}

# let_go: the driver releases; its status is in $status, what it said in $output.
let_go() {
	echo >&8
	status=0
	wait "$driver" || status=$?
	output=$(cat "$T/out")
	mapfile -t lines <"$T/out"
	driver=
}

# write_to DIR...: writes to each in the background; all_written: they are through.
write_to() {
	local dir
	writing=()
	for dir; do
		start sh -c 'echo "$$" >>"$1/file" && sync -f "$1/file"' sh "$dir"
		writing+=("$started_pid")
	done
}

all_written() {
	local pid
	for pid in "${writing[@]}"; do
		is_dead "$pid" || return 1
	done
}

# is_dead PID: ended, reaped or not.
is_dead() { [ ! -e "/proc/$1" ] || [ "$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -c1)" = Z ]; }

# send SIGNAL:WHO...: WHO is tool, freezer or sentinel.
send() {
	local word pid
	for word; do
		case ${word#*:} in
		tool) pid=$driver ;;
		freezer) pid=$freezer ;;
		sentinel) pid=$sentinel ;;
		esac
		# One that a stop point has killed, or whose time was over before we came to it, is sent nothing.
		for pid in $pid; do
			kill "-${word%%:*}" "$pid" 2>/dev/null || :
		done
	done
}

records() { find "$VSS_RUN_DIR/freeze" -type f 2>/dev/null; }
no_records() { [ -z "$(records)" ]; }

# assert_let_go WHAT...: writes go through although nobody asked; the driver, if it lives, fails ($may_succeed: or is in time,
# because nothing was held yet or no more); nothing is left.
assert_let_go() {
	write_to "$A" "$B"
	wait_until 20 all_written || fail "$*: writes do not go through"
	send CONT:tool CONT:freezer CONT:sentinel
	let_go
	[ "$status" = 137 ] || [ "$status${may_succeed:-}" = 0yes ] || [[ $output == *"failed: VSS_E_HOLD_WRITES_TIMEOUT"* ]] || fail "$*: status $status, $output"
	wait_until 10 no_records || fail "$*: the record is left"
}
