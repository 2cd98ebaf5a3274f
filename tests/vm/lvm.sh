# SPDX-License-Identifier: BSD-2-Clause
# For jobs with logical volumes:  . "${0%/*}/../lvm.sh" behind lib.sh
# shellcheck shell=bash

export LVM_SUPPRESS_FD_WARNINGS=1

# on_lvm COMMAND...: what it says goes to the console only.
on_lvm() { "$@" </dev/null >/dev/console 2>&1; }

# group NAME DISK: a volume group.
group() { on_lvm pvcreate -q -y "/dev/disks/$2" && on_lvm vgcreate -q "$1" "/dev/disks/$2"; }
# pool GROUP NAME SIZE
pool() { on_lvm lvcreate -q -y --type thin-pool -L "$3" --poolmetadatasize 8M -n "$2" "$1"; }

# volume GROUP NAME SIZE FSTYPE [POOL]: a logical volume with a file system, thin in a pool, mounted at /NAME.
volume() {
	if [ -n "${5:-}" ]; then
		on_lvm lvcreate -q -y -V "$3" --thinpool "$1/$5" -n "$2"
	else
		on_lvm lvcreate -q -y -W y -L "$3" -n "$2" "$1"
	fi
	on_lvm "mkfs.$4" -q "/dev/$1/$2"
	# That udev sees the new file system by itself is in nobody's queue yet, and nothing that settles.
	on_lvm udevadm trigger --settle --action=change "/dev/$1/$2"
	mkdir -p "/$2"
	mount "/dev/$1/$2" "/$2"
}

# our_lvs: the logical volumes that are copies; tags_of LV: its tags.
our_lvs() { lvs --noheadings -a -o lv_name | tr -d ' []' | grep '^vss-' | sort; }
tags_of() { lvs --noheadings -o lv_tags "$1" | tr -d ' ' | tr , '\n'; }
# shown: what the run directory tells of copies.
shown() { find /run/vss/lvm /run/vss/fs /run/vss/shadows -mindepth 1 ! -name '.*' 2>/dev/null; }
suspended() { dmsetup info -c --noheadings -o name,suspended | grep -c ':Suspended' || true; }
# nodes: what stands for disks and volumes in /dev, once udev has seen to all.
nodes() {
	udevadm settle
	find /dev/mapper /dev/vg /dev/disk ! -type d ! -path '*/by-diskseq/*' -printf '%p %y %l\n' | LC_ALL=C sort
}

counter=/usr/local/libexec/vss-tests/counter
load=/sys/fs/cgroup/load

# counting A B: a program counts across /A and /B, in a session and a control group of its own, until `counted`.
counting() {
	mkdir -p "$load"
	setsid "$counter" "/$1" "/$2" &
	echo $! >"$load/cgroup.procs"
	wait_until 10 test -s "/$2/counter"
}
counted() {
	kill %% 2>/dev/null
	wait 2>/dev/null
}

# compare SET: what the copies say of the counter: "ok A B" or "inverted A B".  A comes before B in the alphabet.
compare() {
	local devices
	read -r -a devices <<<"$(jq -r '[.shadows | sort_by(.volume) | .[].device] | join(" ")' <<<"$1")"
	"$counter" --read "${devices[@]}"
}
