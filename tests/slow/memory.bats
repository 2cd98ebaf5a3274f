#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Memory does not grow with the number of files: backup, restore and verify-backup stay under 96 MiB with 1,000,000 of them.
# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # words for other shells; run and the helpers set variables
load ../lib/common

FILES=${FILES:-1000000}
LIMIT=$((96 * 1024)) # KiB

# In memory where there is room: a disk takes an hour for so many files.
setup() {
	vss_setup
	requires jq
	[ -x /usr/bin/time ] || skip "needs GNU time"
	shm=
	if [ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt $((FILES * 5)) ] 2>/dev/null; then
		shm=$(mktemp -d /dev/shm/vss-test.XXXXXX)
		T=$shm
		mkdir "$T/volumes"
	fi
	fake_volumes v
	v=$(volume v)
}

teardown() {
	vss_teardown
	[ -z "$shm" ] || rm -rf "$shm"
}

# One in ten has content.
make_files() {
	local i
	for ((i = 0; i < FILES / 1000; i++)); do
		mkdir "$v/$i"
		(cd "$v/$i" && seq 900 | xargs touch && seq 100 | split -l 1 -a 3)
	done
}

# small COMMAND...: it succeeds, with less memory than the limit.
small() {
	/usr/bin/time -f %M -o "$T/kib" "$@" || fail "$*: failed"
	echo "# $(basename "$1"): $(tail -n 1 "$T/kib") KiB" >&3
	[ "$(tail -n 1 "$T/kib")" -lt $LIMIT ] || fail "$*: $(tail -n 1 "$T/kib") KiB"
}

@test "a million files take less than 96 MiB of memory, there and back" {
	make_files
	small backup -q -o "$T/x.tar.zst" "$v"
	small verify-backup -q "$T/x.tar.zst"
	small list-backups --json "$T/x.tar.zst" >"$T/list"
	assert_equal "$(jq '.[0].files' "$T/list")" $((FILES + FILES / 1000 + 1))
	small restore -q "$T/x.tar.zst" --target "$T/r"
	assert_equal "$(find "$T/r" -type f | wc -l)" "$FILES"
	rm -r "$T/r"
	head -c -100 "$T/x.tar.zst" >"$T/y.tar.zst" # its index is lost
	small restore -q "$T/y.tar.zst" --target "$T/r" "$v/1"
	assert_equal "$(find "$T/r" -type f | wc -l)" 1000
}

@test "a million files take less than 96 MiB of memory through a pipe" {
	make_files
	mkfifo "$T/pipe"
	start sh -c '/usr/bin/time -f %M -o "$1" backup -o - "$2" >"$3"' - "$T/kib-backup" "$v" "$T/pipe"
	small restore -q - --target "$T/r" <"$T/pipe"
	wait "$started_pid"
	[ "$(tail -n 1 "$T/kib-backup")" -lt $LIMIT ]
	assert_equal "$(find "$T/r" -type f | wc -l)" "$FILES"
}
