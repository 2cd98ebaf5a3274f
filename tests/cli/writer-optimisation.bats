#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The in-box optimisation writer, and what its words do to a backup.
# shellcheck disable=SC2016 # what is in single quotes is for another shell
load ../lib/common

TAG="Signature: 8a477f597d28d172789f06886806bc55"

setup() {
	vss_setup
	export VSS_WRITER_OPTIMISATION_CONF=$T/writer-optimisation.conf
	register optimisation "$(in_box optimisation)"
	fake_volumes data
	D=$(volume data)
}

configure() { printf '%s\n' "built-in no" "$@" >"$VSS_WRITER_OPTIMISATION_CONF"; }
identify() { "$(in_box optimisation)" < <(printf '%s\n' "event 1 identify" end); }

# files PATH...: below the volume, each with its own name in it.
files() {
	local path
	for path; do
		mkdir -p "$(dirname "$D/$path")"
		echo "$path" >"$D/$path"
	done
}

# What the archive holds of the volume, one a line.
archived() { tar --zstd -tf "$T/x.tar.zst" | sed -n "s|^${D#/}/||p" | grep . | LC_ALL=C sort; }
assert_archived() { assert_equal "$(archived)" "$(printf '%s\n' "$@" | LC_ALL=C sort)"; }

@test "files of a cache are left out, its directories stay, and it is told" {
	files cache/apt/list cache/top data/f
	configure "leave-out $D/cache"
	run backup -v "$D" -o "$T/x.tar.zst"
	assert_success
	assert_line --partial "$D/cache/* and all below: left out, says writer \"Optimisation Writer\"; --exclude-writer optimisation takes it"
	assert_archived cache/ cache/apt/ data/ data/f
	run verify-backup "$T/x.tar.zst"
	assert_success
	run tar --zstd -xOf "$T/x.tar.zst" .vss/writers/optimisation.xml
	assert_output --partial "$D/cache"
	run backup -n -v "$D" -o "$T/y.tar.zst"
	assert_line --partial "$D/cache/* and all below: left out"
	run restore "$T/x.tar.zst" --target "$T/back"
	assert_success
	assert_dir_exist "$T/back$D/cache/apt"
}

@test "what was named is meant" {
	files cache/apt/list cache/mine/f data/f
	configure "leave-out $D/cache"
	run backup "$D/cache" -o "$T/x.tar.zst"
	assert_archived cache/ cache/apt/ cache/apt/list cache/mine/ cache/mine/f
	rm "$T/x.tar.zst"
	run backup "$D" "$D/cache/mine" -o "$T/x.tar.zst"
	assert_archived cache/ cache/apt/ cache/mine/ cache/mine/f data/ data/f
	rm "$T/x.tar.zst"
	run backup "$D/cache/apt/list" -o "$T/x.tar.zst"
	assert_archived cache/apt/list
}

@test "who does not ask the writer gets everything" {
	files cache/f
	configure "leave-out $D/cache"
	for option in "--exclude-writer optimisation" "--exclude-writer Optimisation\ Writer" --no-writers; do
		eval "run backup $option -v $D -o $T/x.tar.zst"
		assert_success
		refute_line --partial "left out"
		assert_archived cache/ cache/f
		rm "$T/x.tar.zst"
	done
}

@test "a component in such a directory is whole" {
	export VSS_WRITER_SCRIPT_CONF=$T/writer-script.conf
	register script "$(in_box script)"
	printf '%s\n' '#!/bin/sh' >"$T/hook"
	chmod 755 "$T/hook"
	files cache/app/f cache/other
	configure "leave-out $D/cache"
	echo "pair app $D/cache/app hook=$T/hook hold=files" >"$VSS_WRITER_SCRIPT_CONF"
	run backup "$D" -o "$T/x.tar.zst"
	assert_success
	assert_archived cache/ cache/app/ cache/app/f
}

@test "a name with a wildcard, in one directory or in all below" {
	files core.1 core deep/core.2 deep/x.tmp x.tmp
	configure "leave-out $D core.* recursive=no" "leave-out $D *.tmp"
	run backup "$D" -o "$T/x.tar.zst"
	assert_archived core deep/ deep/core.2
}

@test "directories with a tag are found; one that is none, and one too deep, is not" {
	files a/target/o b/target/o c/d/e/target/o f/target/o
	echo "$TAG" >"$D/a/target/CACHEDIR.TAG"
	echo "Signature: 0" >"$D/b/target/CACHEDIR.TAG"
	echo "$TAG and more" >"$D/c/d/e/target/CACHEDIR.TAG"
	ln -s "$D/a/target/CACHEDIR.TAG" "$D/f/target/CACHEDIR.TAG"
	configure "tagged $D depth=3"
	run identify
	assert_line "exclude $D/a/target * recursive=yes"
	refute_line --partial "$D/b"
	refute_line --partial "$D/c"
	refute_line --partial "$D/f"
	configure "tagged $D depth=4"
	run identify
	assert_line "exclude $D/c/d/e/target * recursive=yes"
	run backup "$D" -o "$T/x.tar.zst"
	assert_success
	run archived
	refute_line a/target/o
	assert_line b/target/o
}

@test "what is to be kept is kept, with all above it" {
	files cache/f var/keep/f
	configure "leave-out $D/cache" "leave-out $D/var" "keep $D/var/keep"
	run identify
	assert_line "exclude $D/cache * recursive=yes"
	refute_line --partial "$D/var"
	run backup "$D" -o "$T/x.tar.zst"
	assert_archived cache/ var/ var/keep/ var/keep/f
}

# in_stage COMMAND...: with /etc/passwd, /proc/swaps and the core pattern of the test's making.
in_stage() {
	unshare -rm sh -c 'mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/swaps" /proc/swaps &&
		mount --bind "$0/core" /proc/sys/kernel/core_pattern && exec "$@"' "$T" "$@"
}

stage() {
	unshare -rm true 2>/dev/null || skip "needs user namespaces"
	mkdir -p "$T/daemon/.cache" "$T/none"
	printf '%s\n' "d:x:1:1::$T/daemon:/bin/sh" "e:x:2:2::$T/gone:/bin/sh" "f:x:3:3::$T/none:/bin/sh" "g:x:4:4::/:/bin/sh" >"$T/passwd"
	printf '%s\n' "Filename Type Size Used Priority" "/swapfile                               file		1024 0 -2" \
		"/var/my\\040swap file 1 0 -3" "/dev/dm-1 partition 1024 0 -4" >"$T/swaps"
	echo "$1" >"$T/core"
}

@test "it knows by itself: temporary files, caches, core dumps, swap files" {
	stage "/var/cores/core.%e.%p%%"
	run in_stage "$(in_box optimisation)" < <(printf '%s\n' "event 1 identify" end)
	assert_line "exclude /tmp * recursive=yes"
	assert_line "exclude /var/tmp * recursive=yes"
	assert_line "exclude /var/cache * recursive=yes"
	assert_line "exclude /var/lib/systemd/coredump * recursive=yes"
	assert_line "exclude / swapfile"
	assert_line "exclude /var \"my swap\""
	assert_line "exclude /var/cores core.*.*%"
	refute_line --partial dm-1
	assert_line "ok 1"
	echo "keep $T/none" >"$VSS_WRITER_OPTIMISATION_CONF"
	run in_stage "$(in_box optimisation)" < <(printf '%s\n' "event 1 identify" end)
	refute_line "exclude /tmp * recursive=yes"
	assert_line "exclude / swapfile"
	assert_line "exclude $T/daemon/.cache * recursive=yes" # no longer covered by /tmp, where this test lives
	refute_line --partial "$T/gone"
	refute_line --partial "$T/none"
}

@test "core patterns that name no place of their own are passed over" {
	for pattern in core "|/lib/systemd/systemd-coredump %P" "/var/cores/%h/core" "/var/cores/%e.%p"; do
		stage "$pattern"
		run in_stage "$(in_box optimisation)" < <(printf '%s\n' "event 1 identify" end)
		assert_line "ok 1"
		refute_line --partial cores
		refute_line --partial "systemd-coredump"
	done
}

@test "nothing left out: the writer is not there, and says why" {
	configure
	run identify
	assert_output "ok 1 absent=\"$VSS_WRITER_OPTIMISATION_CONF leaves nothing out\""
}

@test "a mistake in the configuration is told with its line" {
	for line in "leave-out" "leave-out cache" "leave-out /a/* x" "leave-out /a b/c" "leave-out /a recursive=perhaps" "keep x" \
		"tagged /a depth=99" "built-in maybe" "colour red"; do
		configure "$line"
		run identify
		assert_output --partial "$VSS_WRITER_OPTIMISATION_CONF: line 2: "
		assert_output --regexp "^fail 1 VSS_E_WRITERERROR_NONRETRYABLE"
	done
}

@test "list-writers shows what is left out" {
	configure "leave-out $D/cache"
	run list-writers --detailed "Optimisation Writer"
	assert_success
	assert_output --partial "$D/cache"
}
