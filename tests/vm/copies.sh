# SPDX-License-Identifier: BSD-2-Clause
# Volumes /data/KIND for jobs, one for each provider, on the disks of these names, and what must be true of them and their copies.
# shellcheck shell=bash

# make_all KIND...: file systems with some files; their digests are kept.
make_all() {
	local kind i
	for kind; do
		case $kind in
		btrfs) modprobe btrfs && mkfs.btrfs -q -m single /dev/disks/btrfs >/dev/null ;;
		clone) mkfs.ext4 -q /dev/disks/clone ;;
		esac
		mkdir -p "/data/$kind"
	done
	mount_all "$@"
	for kind; do
		mkdir "/data/$kind/dir"
		for i in {1..40}; do
			head -c $((i * 997)) /dev/urandom >"/data/$kind/dir/$i"
		done
		digests "/data/$kind" >"/etc/$kind.digests"
	done
	sync
}

mount_all() {
	local kind
	for kind; do
		mount "/dev/disks/$kind" "/data/$kind"
	done
}

digests() { (cd "$1" && find . -type f ! -path './.vss-shadows/*' -exec sha256sum {} + | LC_ALL=C sort -k2); }

# sets KIND: the IDs of its sets, the newest last; newest KIND: that one.
sets() { list-shadows --json | jq -r --arg mount "/data/$1" '.[] | select(.shadows[].volume == $mount) | .set_id'; }
newest() { sets "$1" | tail -n 1; }

# nothing_else KIND AFTER: its storage has the copies and documents that are listed, and nothing besides.
nothing_else() {
	local storage=/data/$1/.vss-shadows listed
	listed=$(list-shadows --json | jq -r --arg mount "/data/$1" '.[] | select(.shadows[].volume == $mount) |
		.set_id + ".xml", .shadows[].id' && echo .vss)
	if [ "$listed" = .vss ]; then
		no "$1: after a power cut $2, nothing is left" test -e "$storage"
	else
		is "$(ls -A "$storage")" "$(LC_ALL=C sort <<<"$listed")" "$1: after a power cut $2, nothing else is left"
	fi
	if [ "$1" = btrfs ]; then
		is "$(btrfs subvolume list "/data/$1" | wc -l)" "$(grep -vc -e '\.xml$' -e '^\.vss$' <<<"$listed")" \
			"$1: after a power cut $2, no other snapshot is left"
	fi
}

# whole KIND AFTER: the volume is as it was, and so is every copy of it.
whole() {
	local id
	is "$(digests "/data/$1")" "$(cat "/etc/$1.digests")" "$1: after a power cut $2, the volume is as it was"
	list-shadows --json | jq -r --arg mount "/data/$1" '.[].shadows[] | select(.volume == $mount) | .id' | while read -r id; do
		mkdir -p /tmp/copy
		expose-shadow -q "$id" /tmp/copy || fail "$1: a copy can be exposed"
		is "$(digests /tmp/copy)" "$(cat "/etc/$1.digests")" "$1: after a power cut $2, a copy has the volume's files"
		expose-shadow -q --remove /tmp/copy
	done
}
