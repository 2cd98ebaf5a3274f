# SPDX-License-Identifier: BSD-2-Clause
# Restore methods: `load ../lib/methods` behind ../lib/common and ../lib/stories.  A writer owns the files one and two in $data; its alternate
# location, where it has one, is $alternate.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154

# methods_setup DIRECTORY: where data, alternate location and archives are.
methods_setup() {
	data=$1/data alternate=$1/alternate x=$T/x.tar.zst
	mkdir -p "$data"
	export VSS_SERVICE_PATH=$T/services
	mkdir -p "$VSS_SERVICE_PATH"
	new_service demo
}

# new_service NAME: one that runs as long as $T/NAME-runs is there; what is asked of it stands in $T/services-log.
new_service() {
	printf '#!/bin/sh\ncase $1 in status) [ -e "%s" ] || exit 3 ;; start) echo "start %s" >>"%s"; touch "%s" ;; stop) echo "stop %s" >>"%s"; rm -f "%s" ;; esac\n' \
		"$T/$1-runs" "$1" "$T/services-log" "$T/$1-runs" "$1" "$T/services-log" "$T/$1-runs" >"$VSS_SERVICE_PATH/$1"
	chmod 755 "$VSS_SERVICE_PATH/$1"
}

# method_writer METHOD mapped|unmapped [RULE]...: and the archive of it.
method_writer() {
	local method=$1 mapped=$2
	shift 2
	rm -rf "$data" "$alternate" "$x"
	mkdir -p "$data"
	echo one >"$data/one"
	echo two >"$data/two"
	{
		echo "restore-method $method service=demo writer-restore=always"
		[ "$mapped" = unmapped ] || printf 'alternate-location "%s" * "%s" recursive=yes\n' "$data" "$alternate"
		[ $# = 0 ] || printf '%s\n' "$@"
	} | test_writer One "$data"
	backup -q -w One -o "$x"
	forget
}

# find_state none|same|busy|immutable|some: what is in $data when the restore comes.
find_state() {
	echo old >"$data/one"
	echo old >"$data/two"
	case $1 in
	none) rm "$data/one" "$data/two" ;;
	same) ;;
	busy) start sleep 600 7>>"$data/two" ;;
	immutable) chattr +i "$data/two" ;;
	some) rm "$data/one" ;;
	esac
}
leave_state() {
	case $1 in
	busy)
		kill "$started_pid"
		wait "$started_pid" 2>/dev/null || :
		;;
	immutable) chattr -i "$data/two" ;;
	esac
}

# content DIRECTORY: of the two files, "-" for one that is not there.
content() {
	local name
	for name in one two; do
		cat "$1/$name" 2>/dev/null || echo -
	done | paste -sd' '
}

# heard: events of the writer, and the file restore status that it was told.
heard() {
	[ ! -e "$T/One.log" ] || echo "$(events One)$(sed -n 's/^with component .* status=/ /p' "$T/One.log")"
}

declare -gA found_as=([none]='- -' [same]='old old' [busy]='old old' [immutable]='old old' [some]='- old')

# check_row METHOD STATE mapped|unmapped PLACE: one row of spec 6.2.  PLACE: original, alternate, boot, refused, unsupported.
check_row() {
	local method=$1 state=$2 mapped=$3 place=$4 row="$1 $2 $3"
	method_writer "$method" "$mapped"
	find_state "$state"
	run -"$(row_status "$place")" --separate-stderr restore -n --json --in-place -w One "$x"
	[ "$place" = unsupported ] || check_plan "$row" "$place"
	assert_equal "$row: $(heard)" "$row: "
	assert_equal "$row: $(content "$data")" "$row: ${found_as[$state]}"
	run --separate-stderr restore -q --in-place -w One "$x"
	local said=$status
	leave_state "$state"
	assert_equal "$row: $said $stderr" "$row: $(row_status "$place") $stderr"
	assert_equal "$row: $(heard)" "$row: $(row_heard "$place")"
	assert_equal "$row: $(content "$data") $(content "$alternate")" "$row: $(row_content "$state" "$place")"
	assert_equal "$row: $(waiting)" "$row: $([ "$place" != boot ] || echo 'one two')"
	forget_boot
}

row_status() {
	case $1 in
	refused) echo 6 ;;
	unsupported) echo 4 ;;
	*) echo 0 ;;
	esac
}
row_heard() {
	case $1 in
	refused) echo 'pre-restore post-restore none' ;;
	unsupported) ;;
	*) echo 'pre-restore post-restore all' ;;
	esac
}
row_content() {
	case $2 in
	original) echo 'one two - -' ;;
	alternate) echo "${found_as[$1]} one two" ;;
	*) echo "${found_as[$1]} - -" ;;
	esac
}

# check_plan ROW PLACE: what the dry run in $output says of every file is what that place means.
check_plan() {
	local want
	case $2 in
	original) want='original new,replaces' ;;
	alternate) want='alternate new,replaces' ;;
	boot) want='original at-boot' ;;
	refused) want='original refused' ;;
	esac
	jq -e --arg data "$data" --arg alternate "$alternate" --arg where "${want% *}" --arg actions "${want#* }" '
		[.plan[] | select(.path == $data + "/one" or .path == $data + "/two")] | length == 2 and all(.[];
			(.destination == if $where == "alternate" then $alternate + .path[($data | length):] else .path end) and
			(.action | IN($actions | split(",")[])))' <<<"$output" >/dev/null || fail "$1: the plan is $output"
}

# What waits for the next boot, by name; and as if nothing had been.
waiting() { cat "$VSS_STATE_DIR"/at-boot/* 2>/dev/null | grep -aoE "${data}/(one|two)" | sed 's|.*/||' | sort -u | paste -sd' '; }
forget_boot() {
	rm -rf "$VSS_STATE_DIR/at-boot"
	find "$T" -depth -name .vss-at-boot -exec rm -rf {} +
}
