#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Wrong words and a hostile world: one sentence on stderr, the right status, nothing left behind.

# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common
load ../lib/stories

setup() {
	vss_setup
	fake_volumes a
	a=$(volume a) x=$T/x.tar.zst
	echo one >"$a/one"
}

teardown() {
	vss_teardown
	local point
	for point in $(awk -v T="$T/" 'index($5, T) == 1 { print $5 }' /proc/self/mountinfo | tac); do
		umount "$point"
	done
}

# refused STATUS TEXT TOOL WORD...: that, and nothing on stdout.
refused() {
	local wanted=$1 text=$2
	shift 2
	run --separate-stderr "$@"
	[ "$status" = "$wanted" ] || fail "$*: status $status: $stderr"
	assert_sentence "$(basename "$1")" "$text"
	assert_equal "$output" ''
}

# A small file system of its own at $T/NAME.
small_disk() {
	requires_root
	mkdir "$T/$1"
	mount -t tmpfs -o "size=$2,mode=0755" none "$T/$1" 2>/dev/null || skip "needs to mount a tmpfs"
}

# as_user COMMAND...: without any privilege.
as_user() { setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all --bounding-set=-all "$@"; }

# --- paths and volumes ---

@test "a path that is not there" {
	refused 1 '/no/such/path: No such file or directory' backup -o "$x" /no/such/path
	refused 1 '/no/such/path: No such file or directory' backup -o "$x" "$a" /no/such/path
	refused 1 '/no/such/path' create-shadow /no/such/path
	refused 1 '/no/such/path' restore /no/such/path --target "$T/r"
	refused 1 '/no/such/path' list-backups /no/such/path
	refused 1 '/no/such/path' verify-backup /no/such/path
	refused 1 '/no/such' backup -o /no/such/directory/x.tar.zst "$a"
	run ls "$T"
	refute_line --partial x.tar.zst
	refute_line r
	assert_nothing_left
}

@test "a path of a pseudo file system" {
	refused 4 '/proc/self: a proc file system holds nothing that can be kept (VSS_E_VOLUME_NOT_SUPPORTED)' backup -o "$x" /proc/self
	refused 4 '/proc' create-shadow /proc
	[ ! -e "$x" ]
}

@test "a volume that no provider takes is named, with the way out" {
	small_disk m 1m
	echo two >"$T/m/two"
	refused 6 '--min-grade fuzzy' create-shadow "$T/m"
	mount -o remount,ro "$T/m"
	refused 4 "$T/m: " create-shadow --min-grade fuzzy "$T/m"
	[[ $stderr == *'--storage DIR'* ]]
	refused 4 "$a" create-shadow --provider btrfs "$a"
	refused 4 'no such provider' create-shadow --provider nonsense "$a"
	assert_nothing_left
}

@test "nothing to do" {
	refused 2 'nothing to back up' backup -o "$x"
	refused 2 '--output' backup "$a"
	refused 2 '' create-shadow
	refused 2 '' restore
	refused 2 '' delete-shadow
	refused 2 '' expose-shadow
	[ ! -e "$x" ]
}

# --- disks ---

@test "a full disk while the archive is written: nothing of it stays, no writer is told complete" {
	small_disk full 2m
	head -c 9000000 /dev/urandom >"$a/noise"
	test_writer One a </dev/null
	refused 1 'No space left on device' backup -q -o "$T/full/x.tar.zst" "$a"
	assert_equal "$(ls -A "$T/full")" ''
	assert_nothing_left
	assert_equal "$(events One)" 'prepare-backup prepare-snapshot freeze thaw post-snapshot backup-shutdown'
	listed_is One STABLE ''
}

@test "a full disk while an archive is replaced: the old one stays" {
	small_disk full 2m
	backup -q -o "$T/full/x.tar.zst" "$a"
	cp "$T/full/x.tar.zst" "$T/old"
	head -c 9000000 /dev/urandom >"$a/noise"
	refused 1 'No space left on device' backup -q --replace -o "$T/full/x.tar.zst" "$a"
	cmp "$T/old" "$T/full/x.tar.zst"
	assert_equal "$(ls -A "$T/full")" x.tar.zst
}

@test "a full disk while copies are made: no set, and the writer has thawed" {
	small_disk full 6m
	mkdir "$T/full/v"
	head -c 4000000 /dev/urandom >"$T/full/v/noise"
	export VSS_FAKE_VOLUMES=$T/full/v
	test_writer One "$T/full/v" </dev/null
	refused 1 '(VSS_E_INSUFFICIENT_STORAGE)' create-shadow -q "$T/full/v"
	assert_equal "$(ls -A "$T/full/v")" noise
	assert_equal "$(events One)" 'prepare-backup prepare-snapshot freeze thaw abort backup-shutdown'
	assert_nothing_left
}

@test "a full disk while files are restored" {
	small_disk full 2m
	head -c 4000000 /dev/urandom >"$a/noise"
	backup -q -o "$x" "$a"
	refused 1 'No space left on device' restore -q "$x" --target "$T/full/r"
	assert_equal "$(find "$T/full" -type f -size +0 ! -name one)" ''
}

@test "an archive that goes to a full device" {
	[ -c /dev/full ] || skip 'needs /dev/full'
	run --separate-stderr bash -c 'backup -o - "$1" >/dev/full' - "$a"
	assert_equal "$status" 1
	assert_sentence backup 'No space left on device'
	assert_nothing_left
}

# --- files that cannot be read ---

@test "an unreadable file in the tree is named, status 3, the rest is kept" {
	local as=
	if [ "$(id -u)" = 0 ]; then
		requires setpriv
		as='setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all'
		chmod -R a+rX "$BATS_RUN_TMPDIR"
		mkdir -m 0777 "$T/o"
		chown -R 1000 "$a" "$T/volumes"
	else
		mkdir "$T/o"
	fi
	export VSS_STATE_DIR=$T/o/state VSS_RUN_DIR=$T/o/run
	mkdir "$a/closed-directory"
	echo secret >"$a/closed"
	chmod 0 "$a/closed" "$a/closed-directory"
	$as test ! -r "$a/closed" || skip 'needs a user who may not read everything'
	run --separate-stderr $as "$VSS_BUILD/bin/backup" -q -o "$T/o/x.tar.zst" "$a"
	[ "$status" = 3 ] || fail "status $status: $stderr"
	[[ $stderr == *"$a/closed: "*'Permission denied'* ]]
	[[ $stderr == *"$a/closed-directory"*'Permission denied'* ]]
	verify-backup -q "$T/o/x.tar.zst"
	restore -q "$T/o/x.tar.zst" --target "$T/r"
	assert_equal "$(cat "$T/r$a/one")" one
	[ ! -e "$T/r$a/closed" ]
	cp "$T/o/x.tar.zst" "$T/old"
	run --separate-stderr $as "$VSS_BUILD/bin/backup" -q --replace -o "$T/o/x.tar.zst" "$a"
	assert_equal "$status" 1
	[[ $stderr == *'kept as it was'* ]]
	cmp "$T/old" "$T/o/x.tar.zst"
}

# --- archives ---

@test "an archive that is not ours" {
	local what tool
	printf 'not at all\n' >"$T/text"
	: >"$T/empty"
	tar -cf "$T/plain.tar" -C "$a" one
	tar --zstd -cf "$T/foreign.tar.zst" -C "$a" one
	head -c 100000 /dev/urandom >"$T/noise"
	head -c 100000 /dev/zero | zstd -q >"$T/zeros.tar.zst"
	for what in text empty plain.tar foreign.tar.zst noise zeros.tar.zst; do
		refused 1 "$T/$what: " restore "$T/$what" --target "$T/r"
		[ $what = empty ] || refused 1 "$T/$what: " verify-backup "$T/$what" # that one may be all that was written
		refused 1 "$T/$what: " list-backups "$T/$what"
		run --separate-stderr bash -c 'restore - --target "$1" <"$2"' - "$T/r" "$T/$what"
		assert_equal "$what: $status" "$what: 1"
		assert_sentence restore
		[ ! -e "$T/r" ] || fail "$what: something was made"
	done
	refused 1 "$T" restore "$T" --target "$T/r"
	refused 4 "$T" verify-backup "$T"
	[ ! -e "$T/r" ]
}

@test "restore without --target or --in-place, or with both" {
	backup -q -o "$x" "$a"
	refused 2 '--target DIR, or --in-place' restore "$x"
	refused 2 '' restore --in-place --target "$T/r" "$x"
	[ ! -e "$T/r" ]
}

@test "a target that is no directory" {
	backup -q -o "$x" "$a"
	echo file >"$T/file"
	refused 1 "$T/file" restore "$x" --target "$T/file"
	refused 1 '/no/such/r' restore "$x" --target /no/such/r
	assert_equal "$(cat "$T/file")" file
}

@test "an existing output file, or what is no plain file" {
	echo precious >"$x"
	refused 1 "$x: is there already; --replace takes its place" backup -o "$x" "$a"
	assert_equal "$(cat "$x")" precious
	ln -s x.tar.zst "$T/link"
	refused 1 "$T/link: not a plain file" backup --replace -o "$T/link" "$a"
	refused 1 "/dev/null: not a plain file" backup --replace -o /dev/null "$a"
	assert_equal "$(cat "$x")" precious
	assert_equal "$(find "$T" -name '*.partial')" ''
	assert_nothing_left
}

# --- who may what ---

@test "without root: refused before anything is done" {
	local tool as=
	unset VSS_FAKE_VOLUMES
	if [ "$(id -u)" = 0 ]; then
		requires setpriv
		as=as_user
		chmod a+rx "$BATS_RUN_TMPDIR"
	fi
	for tool in 'create-shadow /' "backup -o $T/x.tar.zst /etc" 'delete-shadow --all' 'expose-shadow 12345678 /mnt' \
		'restore --in-place x' 'diskshadow /s x'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr $as "$VSS_BUILD"/bin/$tool
		[ "$status" = 1 ] || fail "$tool: status $status: $stderr"
		assert_sentence "${tool%% *}" 'only root may do this'
	done
	[ ! -e "$x" ]
	# what changes nothing goes
	run $as "$VSS_BUILD/bin/list-volumes"
	assert_equal "$status" 0
	run $as "$VSS_BUILD/bin/list-writers"
	assert_equal "$status" 0
}

@test "a registration that others can write to is refused, and its writer is not started" {
	test_writer One a </dev/null
	chmod o+w "$VSS_WRITERS_PATH/One.writer"
	run --separate-stderr list-writers
	[[ $stderr == *'One.writer'* ]]
	assert_equal "$(grep -c . <<<"$stderr")" 1
	[ ! -e "$T/One.log" ]
	chmod 0644 "$VSS_WRITERS_PATH/One.writer"
	chmod o+w "$VSS_WRITERS_PATH"
	run --separate-stderr list-writers
	[ -n "$stderr" ]
	[ ! -e "$T/One.log" ]
	chmod o-w "$VSS_WRITERS_PATH"
	cp "$VSS_BUILD/bin/vss-test-writer" "$T/mine"
	chmod o+w "$T/mine"
	register One "$T/mine $T/One.script"
	run --separate-stderr list-writers
	[[ $stderr == *"$T/mine"* ]]
	[ ! -e "$T/One.log" ]
}

@test "a registration that makes no sense" {
	local line
	for line in 'Level=sideways' 'FreezeTimeout=61' 'FreezeTimeout=never' 'Nonsense=1' 'Exec=relative/path' 'Exec=/no/such/program'; do
		test_writer One a </dev/null
		register One "$VSS_BUILD/bin/vss-test-writer $T/One.script" "$line"
		run --separate-stderr list-writers
		[[ $stderr$output == *One* ]] || fail "$line: nothing is said: $output"
		[ ! -e "$T/One.log" ] || fail "$line: it was started"
	done
}

@test "a shadow copy that is not there" {
	local id=12345678-1234-1234-1234-123456789012
	refused 1 '(VSS_E_OBJECT_NOT_FOUND)' delete-shadow --shadow "$id"
	refused 1 '(VSS_E_OBJECT_NOT_FOUND)' delete-shadow --set "{$id}"
	refused 1 '(VSS_E_OBJECT_NOT_FOUND)' expose-shadow "$id" "$T/m"
	refused 2 '' delete-shadow --shadow 1234
	refused 2 '' expose-shadow nonsense "$T/m"
	[ ! -e "$T/m" ]
}
