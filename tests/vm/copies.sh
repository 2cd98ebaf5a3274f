# SPDX-License-Identifier: BSD-2-Clause
# For jobs with volumes of several providers:  . "${0%/*}/../copies.sh"  behind lib.sh and lvm.sh
# A volume KIND+NUMBER (btrfs1, clone2, lvm1) is mounted at /data/KIND+NUMBER; it is on the disk of that name, or a logical volume of
# group vg on the disk pv.  What must be true of it, its copies and its storage is asked of `look`'s list.
# shellcheck shell=bash

device_of_volume() {
	case $1 in
	lvm*) echo "/dev/vg/$1" ;;
	*) echo "/dev/disks/$1" ;;
	esac
}

# make_all VOLUME...: file systems with some files; their digests are kept in /etc.
make_all() {
	local v
	for v; do
		case $v in
		btrfs*) mkfs.btrfs -q -m single "$(device_of_volume "$v")" >/dev/null 2>&1 ;;
		clone*) mkfs.ext4 -q "$(device_of_volume "$v")" ;;
		lvm*)
			vgs vg >/dev/null 2>&1 || group vg pv
			on_lvm lvcreate -q -y -W y -L 64M -n "$v" vg
			mkfs.ext4 -q "$(device_of_volume "$v")"
			;;
		esac
		mkdir -p "/data/$v"
	done
	mount_all "$@"
	for v; do
		mkdir "/data/$v/dir"
		for size in 1 4095 70000 300000; do
			head -c "$size" /dev/urandom >"/data/$v/dir/$size"
		done
		digests "/data/$v" >"/etc/$v.digests"
	done
	sync
}

mount_all() {
	local v
	[[ $* != *lvm* ]] || on_lvm vgchange -q -ay vg
	for v; do
		mount "$(device_of_volume "$v")" "/data/$v"
	done
}

digests() { (cd "$1" && find . -type f ! -path './.vss-shadows/*' -exec sha256sum {} + | LC_ALL=C sort -k2); }

# look: take the list of shadow copies for what follows.
look() { listed=$(list-shadows --json); }
sets() { jq -r --arg mount "/data/$1" '.[] | select(.shadows[].volume == $mount) | .set_id' <<<"$listed"; }
shadows() { jq -r --arg mount "/data/$1" '.[].shadows[] | select(.volume == $mount) | .id' <<<"$listed"; }
newest() { list-shadows --json | jq -r --arg mount "/data/$1" '[.[] | select(.shadows[].volume == $mount) | .set_id] | last'; }

# nothing_else VOLUME WHEN: its storage has the copies and documents that are listed, and nothing besides.
nothing_else() {
	local storage=/data/$1/.vss-shadows
	case $1 in
	lvm*)
		is "$(lvs --noheadings -o lv_name -S "origin=$1" vg | tr -d ' ' | LC_ALL=C sort)" \
			"$(shadows "$1" | sed 's/^/vss-/' | LC_ALL=C sort)" "$1: $2: nothing else is left"
		return
		;;
	btrfs*)
		is "$(btrfs subvolume list "/data/$1" | wc -l)" "$(shadows "$1" | wc -l)" "$1: $2: no other snapshot is left"
		;;
	esac
	if [ -z "$(sets "$1")" ]; then
		no "$1: $2: nothing is left" test -e "$storage"
	else
		is "$(ls -A "$storage")" "$({ sets "$1" | sed 's/$/.xml/' && shadows "$1" && echo .vss; } | LC_ALL=C sort)" \
			"$1: $2: nothing else is left"
	fi
}

# intact VOLUME WHEN: the volume is as it was, and so is every copy of it.
intact() {
	local id
	is "$(digests "/data/$1")" "$(cat "/etc/$1.digests")" "$1: $2: the volume is as it was"
	for id in $(shadows "$1"); do
		ok "$1: $2: a copy can be exposed" expose-shadow "$id" /run/copy
		is "$(digests /run/copy)" "$(cat "/etc/$1.digests")" "$1: $2: the copy has the volume's files"
		ok "$1: $2: and taken away" expose-shadow --remove /run/copy
	done
}
