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
	mkdir -p "/$2"
	mount "/dev/$1/$2" "/$2"
}

# our_lvs: the logical volumes that are copies; tags_of LV: its tags.
our_lvs() { lvs --noheadings -a -o lv_name | tr -d ' []' | grep '^vss-' | sort; }
tags_of() { lvs --noheadings -o lv_tags "$1" | tr -d ' ' | tr , '\n'; }
suspended() { dmsetup info -c --noheadings -o name,suspended | grep -c ':Suspended' || true; }
