# SPDX-License-Identifier: BSD-2-Clause
# Clones of file systems on loop devices: `load ../lib/clone` after btrfs and provider.
# shellcheck shell=bash disable=SC2034,SC2154

# new_volume NAME SIZE TYPE [OPTION]...: a file system of that type at $T/NAME.
new_volume() {
	local name=$1 size=$2 type=$3
	shift 3
	new_loop "$name" "$size"
	"mkfs.$type" -q "$@" "$loop"
	mkdir "$T/$name"
	mount "$loop" "$T/$name"
	rm -rf "$T/$name/lost+found" # its times are whole seconds, as on a coarse file system
}

# copy_of I: the copy of volume I of the set made last.
copy_of() { echo "${place[$1]}/.vss-shadows/${shadow[$1]}/copy"; }

# effort_of I KEY: a figure of its last pass.
effort_of() { sed -E "s/(.*,)?$2=([0-9]+).*/\2/" <<<"${effort[$1]}"; }

# list_tree DIR: every entry with all that a copy must keep.
list_tree() {
	(cd "$1" && find . -mindepth 1 -name .vss-shadows -prune -o \
		-printf '%P %y %m %U %G %n %s %T@ %l\n' | LC_ALL=C sort)
}

# assert_same_tree DIR DIR: by two foreign tools: content, attributes, ACLs, hard links and directories, times to the nanosecond.
assert_same_tree() {
	assert_equal "$(diff <(list_tree "$1") <(list_tree "$2"))" ''
	assert_equal "$(rsync -aHAXSc --numeric-ids --delete --dry-run --itemize-changes --exclude /.vss-shadows "$1/" "$2/")" ''
}

# paused [OPTION]... VOLUME: a clone in the making that stands before its commit; go_on lets it go on, as driver_create does.
paused() {
	provider=clone
	start provider_driver create clone --pause commit "$@" >"$T/set" 2>"$T/why"
	wait_until 30 is_stopped "$started_pid"
}
go_on() {
	kill -CONT "$started_pid"
	wait "$started_pid" || fail "$(cat "$T/why")"
	driver_read
}
