#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Writers as other users, and files that lie on the network: what needs root.
# shellcheck disable=SC2016,SC2154 # words for another shell; run sets stderr
load ../lib/common

setup() {
	requires_root
	vss_setup
	fake_volumes a
	a=$(volume a)
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$T"
	mkdir "$a/data"
	echo content >"$a/data/file"
}

# who_am_i NAME [KEY=VALUE]...: a writer of $a/data that leaves its name in its scratch directory.
who_am_i() {
	local name=$1
	shift
	{
		printf '#!/bin/sh\n. %q\ndata=%q\n' "$REPO/scripts/vss-writer.sh" "$a/data"
		cat <<-'END'
			on_identify() {
				vss_say writer 3b0c5f0e-6f5b-4f6e-8c3e-1d7a9e2b4c66 Who usage=USER_DATA source=OTHER
				vss_say restore-method RESTORE_IF_NOT_THERE
				vss_say component filegroup "" all
				vss_say file "" all "$data" "*"
				[ -z "$vss_scratch" ] || vss_say file "" all "$data" "who*" alternate="$vss_scratch"
			}
			on_freeze() { vss_hold files; }
			on_post_snapshot() {
				{ id -un; id -gn; id -G; echo "$HOME"; stat -c '%U %a' "$vss_scratch"; grep -E '^(CapEff|CapPrm)' /proc/self/status; } \
					>"$vss_scratch/who"
			}
			vss_run
		END
	} >"$T/$name"
	chmod 755 "$T/$name"
	register "$name" "$T/$name" "$@"
}

@test "a writer of another user is that user, without a right of root's, and has a scratch directory of its own" {
	chmod 755 "$T"
	who_am_i who User=nobody
	mkdir "$T/scratch"
	chmod 755 "$T/scratch"
	backup -q -w who --scratch "$T/scratch" -o "$T/x.tar.zst"
	run tar --zstd -xOf "$T/x.tar.zst" "${a#/}/data/who"
	assert_line --index 0 nobody
	assert_line --index 1 "$(id -gn nobody)"
	assert_line --index 2 "$(id -G nobody)"
	assert_line --index 3 /nonexistent
	assert_line --index 4 "nobody 700"
	assert_line --regexp $'^CapEff:\t0+$'
	assert_line --regexp $'^CapPrm:\t0+$'
}

@test "a writer of the caller is root, so the test above can tell" {
	who_am_i who
	mkdir "$T/scratch"
	backup -q -w who --scratch "$T/scratch" -o "$T/x.tar.zst"
	run tar --zstd -xOf "$T/x.tar.zst" "${a#/}/data/who"
	assert_line --index 0 root
	refute_line --regexp $'^CapEff:\t0+$'
}

@test "a user that does not exist" {
	who_am_i who User=no-such-user
	run --separate-stderr list-writers
	assert_line --partial "User=no-such-user: no such user"
	run --separate-stderr backup -w who -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_regex "$stderr" "User=no-such-user: no such user"
}

@test "without root nobody starts a writer as somebody else" {
	who_am_i who User=daemon
	# The tools by a path that others can go, too.
	cp "$VSS_BUILD/bin/list-writers" "$T/list-writers"
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups -- "$T/list-writers"
	assert_line --partial "User=daemon: only root can start it as another user"
	who_am_i who User=nobody # which is who asks
	cp "$REPO/scripts/vss-writer.sh" "$T/vss-writer.sh"
	sed -i "s,^\. .*,. $T/vss-writer.sh," "$T/who"
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups -- "$T/list-writers"
	assert_line "   State: [1] Stable"
}

# on_a_share COMMAND...: with $a/share a network file system whose server never answers, seen by the command alone.
on_a_share() {
	[ -c /dev/fuse ] || skip "needs FUSE"
	mkdir "$a/share"
	unshare -m python3 -c '
import ctypes, os, subprocess, sys
fd = os.open("/dev/fuse", os.O_RDWR)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fd
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"server:/share", sys.argv[1].encode(), b"fuse.sshfs", 0, options) != 0:
	sys.exit("mount: " + os.strerror(ctypes.get_errno()))
child = subprocess.Popen(sys.argv[2:])
try:
	status = child.wait(120)
except subprocess.TimeoutExpired:
	os.close(fd) # which ends whoever waits for the server
	child.wait()
	sys.exit("it waits for the server")
sys.exit(status)' "$a/share" "$@"
}

@test "a writer whose files lie on the network has failed, and their server is not asked" {
	who_am_i who
	sed -i "s,^data=.*,data=$a/share/data," "$T/who"
	run --separate-stderr on_a_share list-writers --json
	assert_success
	assert_json '.[0].state' VSS_WS_FAILED_AT_IDENTIFY
	assert_json '.[0].error' VSS_E_WRITERERROR_NONRETRYABLE
	assert_json '.[0].message' "component all: $a/share/data: on a network file system (fuse.sshfs at $a/share), which cannot be copied"
	rmdir "$a/share"
	run --separate-stderr on_a_share backup -w who -o "$T/x.tar.zst"
	assert_equal "$status" 6
	assert_regex "$stderr" "on a network file system"
	[ ! -e "$T/x.tar.zst" ]
}
